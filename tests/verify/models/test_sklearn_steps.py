"""Pipelines of affine steps are read as scikit-learn runs them; other steps are refused by name."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import preprocessing as scaling
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA, FastICA, IncrementalPCA, TruncatedSVD
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection
from sklearn.svm import SVC, LinearSVC

from certify.errors import InputError
from verify import audit
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model
from verify.models.sklearn_models import of_estimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (90, 5)) / 16 * [1, 100, 0.01, 3, 1]
X[:, 4] = 2  # a column without variance
Y = np.argmax(X[:, :3] / [1, 100, 0.01] + 0.1 * RNG.random((90, 3)), axis=1)
POINTS = np.vstack([X, X + RNG.normal(size=X.shape), 30 * RNG.normal(size=(60, 5))])
LINEAR = LogisticRegression(max_iter=300)
HOLES = np.where(RNG.random(X.shape) < 0.1, np.nan, X)


def same(fitted: Any, points: np.ndarray = POINTS) -> Model:
    """Assert that what is read answers as scikit-learn does, and return it."""
    model = of_estimator(fitted)
    found = [model.labels[model.rule.answer(z)] for z in model.network.outputs(points)]
    assert found == fitted.predict(points).tolist()
    assert compare(model, points).ties == 0
    return model


STEPS: dict[str, Any] = {
    "standard": StandardScaler(),
    "not centred": StandardScaler(with_mean=False),
    "not scaled": StandardScaler(with_std=False),
    "neither": StandardScaler(with_mean=False, with_std=False),
    "min and max": MinMaxScaler((-1, 2)),
    "clipped": MinMaxScaler(clip=True),
    "max abs": MaxAbsScaler(),
    "robust": RobustScaler(),
    "robust, not centred": RobustScaler(with_centering=False),
    "robust, not scaled": RobustScaler(with_scaling=False),
    "components": PCA(3),
    "whitened": PCA(4, whiten=True),
    "incremental": IncrementalPCA(2),
    "SVD": TruncatedSVD(2),
    "projection": GaussianRandomProjection(3, random_state=0),
    "sparse projection": SparseRandomProjection(3, random_state=0, density=0.5),
    "some variance": VarianceThreshold(),
    "best": SelectKBest(k=2),
    "important": SelectFromModel(LINEAR),
    "eliminated": RFE(LINEAR, n_features_to_select=2),
    "identity": FunctionTransformer(),
    "passthrough": "passthrough",
    "none": None,
    "imputed": SimpleImputer(),
    "union": FeatureUnion([("a", StandardScaler()), ("b", PCA(1)), ("c", "drop")]),
    "weighted union": FeatureUnion(
        [("a", StandardScaler()), ("b", "passthrough")], transformer_weights={"a": 0.1}
    ),
    "columns": ColumnTransformer(
        [("a", StandardScaler(), [2, 0]), ("b", "drop", [1]), ("c", "passthrough", [3]),
         ("d", make_pipeline(MinMaxScaler(clip=True), PCA(1)), [1, 3]), ("e", "passthrough", [])],
    ),
    "columns and the rest": ColumnTransformer(
        [("a", MaxAbsScaler(), slice(1, 3))], remainder=RobustScaler(),
        transformer_weights={"a": 3},
    ),
    "columns chosen": make_column_transformer((PCA(2), [True, True, False, True, False])),
    "several": Pipeline([("a", StandardScaler()), ("b", PCA(3)), ("c", MinMaxScaler())]),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_affine_steps_before_a_linear_model(name: str) -> None:
    step = STEPS[name]
    held = clone(step) if hasattr(step, "fit") else step
    model = same(Pipeline([("step", held), ("last", clone(LINEAR))]).fit(X, Y))
    mixing = ("components", "whitened", "incremental", "SVD", "projection", "several", "union")
    mixed = name in (*mixing, "clipped", "columns", "columns chosen", "sparse projection")
    assert model.linear != mixed


@pytest.mark.parametrize("name", ["standard", "clipped", "whitened", "columns", "union", "best"])
def test_affine_steps_before_a_perceptron(name: str) -> None:
    network = MLPClassifier((6,), max_iter=100, random_state=0)
    for y in (Y, Y > 0):
        same(make_pipeline(clone(STEPS[name]), clone(network)).fit(X, y))


def test_affine_steps_before_votes_and_inside_of_them() -> None:
    scaled = make_pipeline(StandardScaler(), SVC(kernel="linear"))
    parts = make_pipeline(MinMaxScaler(), LinearSVC(random_state=0))
    for fitted in (
        clone(scaled).fit(X, Y), clone(scaled).fit(X, Y > 0),
        OneVsOneClassifier(parts).fit(X, Y), OneVsRestClassifier(parts).fit(X, Y),
        OneVsRestClassifier(scaled).fit(X, Y > 0),
        GridSearchCV(scaled, {"svc__C": [0.1, 1]}, cv=2).fit(X, Y),
        make_pipeline(StandardScaler(), GridSearchCV(LINEAR, {"C": [1]}, cv=2)).fit(X, Y),
        Pipeline([("last", clone(LINEAR))]).fit(X, Y),
    ):  # fmt: skip
        assert same(fitted).linear


def test_scales_divide_exactly() -> None:
    """Not by the rounded 1 / scale_, with which scikit-learn scales sparse examples."""
    fitted = make_pipeline(StandardScaler(), clone(LINEAR)).fit(X, Y)
    (scaler, last), (x,) = (s for _, s in fitted.steps), POINTS[100:101]
    moved = [
        (Fraction(a) - Fraction(m)) / Fraction(s)
        for a, m, s in zip(x.tolist(), scaler.mean_.tolist(), scaler.scale_.tolist(), strict=True)
    ]
    wanted = tuple(
        sum((Fraction(w) * v for w, v in zip(row, moved, strict=True)), Fraction(b))
        for row, b in zip(last.coef_.tolist(), last.intercept_.tolist(), strict=True)
    )
    assert of_estimator(fitted).network.outputs([x]) == [wanted]
    assert scaler.scale_[4] == 1  # of the column without variance
    sparse = make_pipeline(StandardScaler(with_mean=False), clone(LINEAR)).fit(csr_matrix(X), Y)
    same(sparse)


def test_clipping_bends_and_the_order_of_columns_is_that_of_the_list() -> None:
    transformer = ColumnTransformer(
        [("a", "passthrough", [2]), ("b", "passthrough", [0])], remainder="passthrough"
    )
    fitted = make_pipeline(transformer, clone(LINEAR)).fit(X, Y)
    assert clone(transformer).fit_transform(np.arange(4.0)[None]).tolist() == [[2, 0, 1, 3]]
    weights = same(fitted).weights
    assert weights[[2, 0, 1, 3, 4]].tolist() == fitted[-1].coef_.T.tolist()
    clipped = make_pipeline(MinMaxScaler(clip=True), clone(LINEAR)).fit(X, Y)
    inside, outside = X.max(axis=0), X.max(axis=0) + 1
    model = same(clipped, np.vstack([X, inside, outside]))
    first, second = model.network.outputs([inside, outside])
    assert first == pytest.approx(second, abs=1e-9)


def test_a_constant_column_is_moved_but_not_stretched() -> None:
    fitted = make_pipeline(MinMaxScaler(), clone(LINEAR)).fit(X, Y)
    assert fitted[0].transform([[0, 0, 0, 0, 5.0]])[0, 4] == 3
    fitted[1].coef_[:, 4] = [1, 2, 3]
    same(fitted)


def test_numbers_that_are_not_missing_are_not_imputed() -> None:
    fitted = make_pipeline(SimpleImputer(strategy="median"), clone(LINEAR)).fit(HOLES, Y)
    same(fitted)
    marked = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler(), clone(LINEAR))
    same(marked.fit(HOLES, Y))
    empty = HOLES.copy()
    empty[:, 1] = np.nan
    same(make_pipeline(SimpleImputer(), clone(LINEAR)).fit(empty, Y))
    kept = SimpleImputer(keep_empty_features=True)
    same(make_pipeline(kept, clone(LINEAR)).fit(empty, Y))
    zeros = make_pipeline(SimpleImputer(missing_values=0), clone(LINEAR)).fit(X, Y)
    with pytest.raises(InputError, match="got SimpleImputer, which replaces each 0"):
        of_estimator(zeros)


class Own(StandardScaler):
    """A scaler that does something else."""

    def transform(self, X: Any, copy: Any = None) -> Any:
        """Transform."""
        return np.clip(super().transform(X, copy), -8, 8)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (scaling.PolynomialFeatures(2), "PolynomialFeatures, which multiplies features with each"),
        (scaling.Normalizer(), "got Normalizer, which divides each example by its length (step)"),
        (scaling.OneHotEncoder(handle_unknown="ignore"), "compares features with categories"),
        (scaling.OrdinalEncoder(), "OrdinalEncoder, which compares features with categories"),
        (scaling.KBinsDiscretizer(2), "KBinsDiscretizer, whose numbers change in steps"),
        (scaling.Binarizer(), "got Binarizer, which compares numbers with a threshold"),
        (scaling.QuantileTransformer(n_quantiles=5), "which looks numbers up in tables"),
        (scaling.PowerTransformer(), "got PowerTransformer, whose numbers are powers"),
        (FunctionTransformer(np.log1p), "FunctionTransformer of a function, whose code is not"),
        (KNNImputer(), "got KNNImputer, of which only SimpleImputer is read"),
        (RBFSampler(random_state=0), "got RBFSampler"),
        (FastICA(2, random_state=0, max_iter=1000), "got FastICA"),
        (Own(), "got transform of Own, which is not scikit-learn's own code"),
        (
            ColumnTransformer([("words", scaling.OneHotEncoder(handle_unknown="ignore"), [0])]),
            "got OneHotEncoder, which compares features with categories (step, words)",
        ),
    ],
    ids=lambda v: type(v).__name__ if not isinstance(v, str) else "",
)
def test_other_steps_are_refused_by_name(step: Any, message: str) -> None:
    fitted = Pipeline([("step", step), ("last", clone(LINEAR))]).fit(X, Y)
    with pytest.raises(InputError) as caught:
        of_estimator(fitted)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pipeline_without_a_classifier_is_refused() -> None:
    for steps in ([("a", StandardScaler())], [("a", StandardScaler()), ("b", "passthrough")]):
        with pytest.raises(InputError, match=r"StandardScaler, no classifier|without a cla"):
            of_estimator(Pipeline(steps).fit(X, Y))


class Table:
    """What a table has: columns with names, and an array of them."""

    def __init__(self, columns: list[str], values: Any) -> None:
        self.columns, self.values = columns, values

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.values, dtype)


def test_columns_have_to_come_in_the_order_of_the_model() -> None:
    names = list("abcde")
    fitted = make_pipeline(StandardScaler(), clone(LINEAR)).fit(X, Y)
    fitted[0].feature_names_in_ = np.array(names, dtype=object)
    assert of_estimator(fitted).columns == tuple(names)
    assert audit(fitted, Table(names, X), Y, radii=[0.5]).count("certified") > 0
    with pytest.raises(InputError, match=r"'b' here, got 'd' \(column 1\)"):
        audit(fitted, Table(list("adcbe"), X), Y)


def test_saved_pipelines_and_searches_are_read(tmp_path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SelectKBest(k=3), SVC(kernel="linear")),
        {"svc__C": [0.1, 1]}, cv=2, scoring="accuracy",
    )  # fmt: skip
    steps = ColumnTransformer([("a", SimpleImputer(), [1, 2]), ("b", MinMaxScaler(), [0])])
    for k, fitted in enumerate([search, make_pipeline(steps, MLPClassifier((4,), max_iter=20))]):
        skops.dump(fitted.fit(X, Y), tmp_path / f"{k}.skops")
        model = read_model(tmp_path / f"{k}.skops")
        assert compare(model, POINTS).ties == 0
        found = [model.labels[model.rule.answer(z)] for z in model.network.outputs(POINTS)]
        assert found == fitted.predict(POINTS).tolist()


def test_a_saved_search_of_distributions_is_refused_with_what_to_do(tmp_path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    from scipy.stats import loguniform
    from sklearn.model_selection import RandomizedSearchCV

    search = RandomizedSearchCV(LINEAR, {"C": loguniform(0.1, 1)}, n_iter=2, cv=2, random_state=0)
    skops.dump(search.fit(X, Y), tmp_path / "m.skops")
    with pytest.raises(InputError, match=r"save its best_estimator_\), got types .*reciprocal_gen"):
        read_model(tmp_path / "m.skops")
    same(search)


def test_float32_in_which_scaling_loses_what_tells_labels_is_counted_or_refused() -> None:
    """Seconds since 1970 keep some hundred seconds in float32, in which scaling stays."""
    seconds = 1.7e9 + np.round(400 * RNG.normal(size=(300, 1)))
    table = np.hstack([np.float32(seconds), RNG.normal(size=(300, 1))]).astype(np.float32)
    y = (table[:, 0] - 1.7e9 + 200 * table[:, 1] > 0).astype(int)
    fitted = make_pipeline(StandardScaler(), clone(LINEAR)).fit(table.astype(np.float64), y)
    wide = fitted.predict(table.astype(np.float64))
    turned = int(np.count_nonzero(fitted.predict(table) != wide))
    assert turned > 3
    model = of_estimator(fitted)
    assert compare(model, table.astype(np.float64), given=np.dtype(np.float64)).ties == 0
    with pytest.raises(InputError, match=r"not decide by its rounding.*\(as float32, example"):
        compare(model, table, given=np.dtype(np.float32))
    few = table[np.abs(model_scores(model, table)) > 0.5]
    assert compare(model, few, given=np.dtype(np.float32)).ties == 0


def model_scores(model: Model, points: np.ndarray) -> np.ndarray:
    return np.array([float(z[1]) for z in model.network.outputs(points)])
