#!/usr/bin/env bash
# scikit-learn 1.9.1: a fitted pipeline labels the same rows differently when they come sparse.
#
# StandardScaler(with_mean=False) divides the entries of a dense matrix by scale_ and multiplies those
# of a sparse one by 1 / scale_, which rounds twice: more than a quarter of the values come out
# different in the last place. Behind it, LinearSVC and LogisticRegression answer differently for two
# neighbouring doubles at the border, of which one feature is enough to rule out another order of
# sums: a bisection of the dense labels finds the border, and for about a third of 50 fits the sparse
# label of one neighbour is the other class. The same scaler behaves so for float32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

for dtype in (np.float64, np.float32):
    X = np.random.default_rng(0).normal(size=(200, 4)).astype(dtype)
    scaler = StandardScaler(with_mean=False).fit(X)
    dense, sparse = scaler.transform(X), scaler.transform(csr_array(X)).toarray()
    print(f"{dtype.__name__}: {(dense != sparse).sum()} of {X.size} scaled values differ")
    assert dense.dtype == sparse.dtype == dtype
    assert (dense != sparse).any()
    assert np.array_equal(dense, X / scaler.scale_.astype(dtype))
    if dtype == np.float64:
        assert np.array_equal(sparse, X * (1 / scaler.scale_))


def neighbours(pipeline, low, high):
    """Return two neighbouring doubles, the first with the dense label 0, the second with 1."""
    while np.nextafter(low, high) < high:
        middle = (low + high) / 2
        low, high = (low, middle) if pipeline.predict([[middle]])[0] else (middle, high)
    return np.array([[low], [high]])


for model in (LinearSVC(random_state=0), LogisticRegression()):
    differing = []
    for seed in range(50):
        X = np.random.default_rng(seed).normal(1.0, 1.0, (40, 1))
        pipeline = make_pipeline(StandardScaler(with_mean=False), model).fit(X, X[:, 0] > 1)
        pair = neighbours(pipeline, X.min(), X.max())
        dense, sparse = pipeline.predict(pair), pipeline.predict(csr_array(pair))
        assert dense.tolist() == [False, True]
        if (dense != sparse).any():
            differing.append((pair.ravel().tolist(), sparse.tolist()))
    print(f"{model}: {len(differing)} of 50 fits, first {differing[:1]}")
    assert differing
PYTHON
