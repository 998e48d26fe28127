"""scikit-learn's estimators of every kind that people fit: in memory, by skops, and by skl2onnx."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import (
    calibration,
    decomposition,
    dummy,
    ensemble,
    frozen,
    gaussian_process,
    model_selection,
    multioutput,
    naive_bayes,
    neighbors,
    preprocessing,
    semi_supervised,
    tree,
)
from sklearn import feature_selection as selection
from sklearn import linear_model as linear
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (it has to be asked for)
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import RBFSampler
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.random_projection import GaussianRandomProjection
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, OneClassSVM

from benchmarks.model_sweep import POINTS, Case, NotMade, Route, Truth
from benchmarks.model_sweep.onnx_files import answers
from verify.models.model import Model
from verify.models.readers import of_object, read_model

_X, _THREE = load_iris(return_X_y=True)
X = _X.astype(np.float32).astype(np.float64)  # numbers that ONNX's float32 holds as well
TWO, SEVERAL = (_THREE > 0).astype(int), np.eye(3, dtype=int)[_THREE]
TARGETS = {"two": TWO, "three": _THREE}
LABELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "words": lambda y: np.array(["b", "a", "Z"])[y],
    "objects": lambda y: np.array(["yes", "no", "10"], dtype=object)[y],
    "truth values": lambda y: y > 0,
    "floats": lambda y: y - 1.0,
    "signs": lambda y: 2 * y.astype(np.int8) - 1,
    "other numbers": lambda y: 9 - 2 * y,
}


@dataclass(frozen=True)
class Fitted:
    """A fitted estimator of the sweep.

    single  whether it gives one label to each example
    whole   whether it is compared on points of small whole numbers, where scores often tie
    """

    name: str
    estimator: Any
    single: bool = True
    whole: bool = False


def _linear_kinds() -> dict[str, Any]:
    some = {"random_state": 0}
    return {
        "logistic regression": linear.LogisticRegression(),
        "logistic regression, l1": linear.LogisticRegression(
            l1_ratio=1, solver="saga", max_iter=50
        ),
        "logistic regression, no intercept": linear.LogisticRegression(fit_intercept=False),
        "logistic regression, balanced": linear.LogisticRegression(class_weight="balanced"),
        "LogisticRegressionCV": linear.LogisticRegressionCV(Cs=3, cv=3),
        "linear SVC": LinearSVC(**some),
        "linear SVC, no intercept": LinearSVC(fit_intercept=False, **some),
        "linear SVC, crammer_singer": LinearSVC(multi_class="crammer_singer", **some),
        "ridge": linear.RidgeClassifier(),
        "ridge, no intercept": linear.RidgeClassifier(fit_intercept=False),
        "RidgeClassifierCV": linear.RidgeClassifierCV(),
        "SGD, hinge": linear.SGDClassifier(**some),
        "SGD, log_loss": linear.SGDClassifier(loss="log_loss", **some),
        "SGD, modified_huber": linear.SGDClassifier(loss="modified_huber", **some),
        "SGD, averaged": linear.SGDClassifier(average=True, **some),
        "perceptron": linear.Perceptron(**some),
        "passive-aggressive": linear.PassiveAggressiveClassifier(**some),
        "LDA": LinearDiscriminantAnalysis(),
        "LDA, lsqr with shrinkage": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        "LDA, eigen": LinearDiscriminantAnalysis(solver="eigen"),
        "SVC": SVC(kernel="linear"),
        "SVC, ovo": SVC(kernel="linear", decision_function_shape="ovo"),
        "SVC, break_ties": SVC(kernel="linear", break_ties=True),
        "SVC, probability": SVC(kernel="linear", probability=True, **some),
        "NuSVC": NuSVC(kernel="linear", nu=0.1),
        "NuSVC, ovo": NuSVC(kernel="linear", nu=0.1, decision_function_shape="ovo"),
    }


def _networks() -> dict[str, Any]:
    some = {"random_state": 0, "max_iter": 100}
    return {
        "MLP": MLPClassifier((8,), **some),
        "MLP of three layers": MLPClassifier((6, 5), **some),
        "MLP without hidden layers": MLPClassifier((), **some),
        "MLP, identity": MLPClassifier((6,), activation="identity", **some),
        "MLP, tanh": MLPClassifier((6,), activation="tanh", **some),
        "MLP, logistic": MLPClassifier((6,), activation="logistic", **some),
        "MLP, sgd": MLPClassifier((6,), solver="sgd", **some),
        "MLP, lbfgs": MLPClassifier((6,), solver="lbfgs", **some),
        "MLP, early stopping": MLPClassifier((6,), early_stopping=True, **some),
    }


def _meta() -> dict[str, Any]:
    """Return estimators that hold others."""
    lr, svc = linear.LogisticRegression(), LinearSVC(random_state=0)
    pair = [("a", lr), ("b", svc)]
    mlp = MLPClassifier((3,), max_iter=50, random_state=0)
    return {
        "one against one": OneVsOneClassifier(svc),
        "one against the rest": OneVsRestClassifier(lr),
        "one against the rest of SVC": OneVsRestClassifier(SVC(kernel="linear")),
        "one against one of SVC": OneVsOneClassifier(SVC(kernel="linear")),
        "one against one of MLP": OneVsOneClassifier(mlp),
        "one against the rest of MLP": OneVsRestClassifier(mlp),
        "one against the rest, scaled": OneVsRestClassifier(make_pipeline(StandardScaler(), svc)),
        "one against one, scaled": OneVsOneClassifier(make_pipeline(StandardScaler(), svc)),
        "output codes": OutputCodeClassifier(lr, random_state=0),
        "calibrated, sigmoid": calibration.CalibratedClassifierCV(svc, cv=3),
        "calibrated, isotonic": calibration.CalibratedClassifierCV(svc, cv=3, method="isotonic"),
        "calibrated, one fit": calibration.CalibratedClassifierCV(lr, cv=3, ensemble=False),
        "voting, hard": ensemble.VotingClassifier(pair, flatten_transform=False),
        "voting, soft": ensemble.VotingClassifier(
            [("a", lr), ("b", linear.LogisticRegression(C=0.01))],
            voting="soft",
            flatten_transform=False,
        ),
        "voting of one": ensemble.VotingClassifier([("a", lr)], flatten_transform=False),
        "bagging": ensemble.BaggingClassifier(lr, n_estimators=3, random_state=0),
        "bagging of one": ensemble.BaggingClassifier(lr, n_estimators=1, random_state=0),
        "bagging of SVC": ensemble.BaggingClassifier(svc, n_estimators=4, random_state=0),
        "stacking": ensemble.StackingClassifier(pair),
        "boosting": ensemble.AdaBoostClassifier(lr, n_estimators=5, random_state=0),
        "pipeline, scaled": make_pipeline(StandardScaler(), lr),
        "pipeline of one": make_pipeline(lr),
        "pipeline of SVC": make_pipeline(StandardScaler(), SVC(kernel="linear")),
        "pipeline of a kernel": make_pipeline(RBFSampler(random_state=0), lr),
        "grid search": model_selection.GridSearchCV(lr, {"C": [0.1, 1]}, cv=3),
        "grid search of SVC": model_selection.GridSearchCV(SVC(kernel="linear"), {"C": [1]}, cv=3),
        "frozen": frozen.FrozenEstimator(lr),
        "frozen SVC": frozen.FrozenEstimator(SVC(kernel="linear")),
        "features eliminated": selection.RFE(lr, n_features_to_select=2),
        "self-trained": semi_supervised.SelfTrainingClassifier(lr),
    }


def _pipelines() -> dict[str, Any]:
    """Return pipelines of one step, or of several, before classifiers of each kind."""
    lr = linear.LogisticRegression()
    parts = [("a", StandardScaler(), [2, 0]), ("b", "passthrough", [1]), ("c", "drop", [3])]
    steps = {
        "standard scaler, not centred": StandardScaler(with_mean=False),
        "standard scaler, not scaled": StandardScaler(with_std=False),
        "min-max scaler": preprocessing.MinMaxScaler((-1, 1)),
        "min-max scaler, clipped": preprocessing.MinMaxScaler(clip=True),
        "max-abs scaler": preprocessing.MaxAbsScaler(),
        "robust scaler": preprocessing.RobustScaler(),
        "PCA": decomposition.PCA(3),
        "PCA, whitened": decomposition.PCA(2, whiten=True),
        "truncated SVD": decomposition.TruncatedSVD(2),
        "random projection": GaussianRandomProjection(3, random_state=0),
        "variance threshold": selection.VarianceThreshold(0.3),
        "best features": selection.SelectKBest(k=2),
        "features of a model": selection.SelectFromModel(lr),
        "identity": preprocessing.FunctionTransformer(),
        "passthrough": "passthrough",
        "imputer": SimpleImputer(),
        "columns": ColumnTransformer(parts),
        "columns and the rest": ColumnTransformer(parts[:1], remainder="passthrough"),
        "union": FeatureUnion([("a", StandardScaler()), ("b", decomposition.PCA(1))]),
        "polynomials": preprocessing.PolynomialFeatures(2),
        "normalizer": preprocessing.Normalizer(),
        "quantiles": preprocessing.QuantileTransformer(n_quantiles=10),
        "bins": preprocessing.KBinsDiscretizer(3),
        "one-hot": preprocessing.OneHotEncoder(handle_unknown="ignore"),
    }
    found = {name: Pipeline([("step", step), ("last", lr)]) for name, step in steps.items()}
    lasts = {
        "linear SVC": LinearSVC(random_state=0), "SVC": SVC(kernel="linear"),
        "SGD": linear.SGDClassifier(random_state=0), "ridge": linear.RidgeClassifier(),
        "MLP": MLPClassifier((6,), max_iter=100, random_state=0),
        "nearest centroid": neighbors.NearestCentroid(), "LDA": LinearDiscriminantAnalysis(),
    }  # fmt: skip
    for name, last in lasts.items():
        found[f"scaled {name}"] = make_pipeline(StandardScaler(), last)
        found[f"whitened {name}"] = make_pipeline(decomposition.PCA(3, whiten=True), last)
    found["grid search of pipelines"] = model_selection.GridSearchCV(
        make_pipeline(StandardScaler(), SVC(kernel="linear")), {"svc__C": [0.1, 1]}, cv=3
    )
    found["halving search"] = model_selection.HalvingGridSearchCV(lr, {"C": [0.1, 1]}, cv=3)
    found["random search"] = model_selection.RandomizedSearchCV(lr, {"C": [0.1, 1]}, n_iter=2, cv=3)
    return found


def _thresholds() -> dict[str, Any]:
    """Return what is asked of two classes alone."""
    lr = linear.LogisticRegression()
    fixed = model_selection.FixedThresholdClassifier
    return {
        "threshold 0.9": fixed(lr, threshold=0.9),
        "threshold, other label": fixed(lr, pos_label=0),
        "threshold tuned": model_selection.TunedThresholdClassifierCV(lr, cv=3),
    }


def _others() -> dict[str, Any]:
    """Return classifiers that are no linear ones."""
    return {
        "nearest centroid": neighbors.NearestCentroid(),
        "nearest centroid, shrunken": neighbors.NearestCentroid(shrink_threshold=0.2),
        "nearest centroid, Manhattan": neighbors.NearestCentroid(metric="manhattan"),
        "nearest centroid, priors": neighbors.NearestCentroid(priors="empirical"),
        "naive Bayes, Gauss": naive_bayes.GaussianNB(),
        "naive Bayes, Bernoulli": naive_bayes.BernoulliNB(binarize=2.0),
        "naive Bayes, multinomial": naive_bayes.MultinomialNB(),
        "naive Bayes, complement": naive_bayes.ComplementNB(),
        "QDA": QuadraticDiscriminantAnalysis(),
        "tree": tree.DecisionTreeClassifier(random_state=0),
        "forest": ensemble.RandomForestClassifier(5, random_state=0),
        "extra trees": ensemble.ExtraTreesClassifier(5, random_state=0),
        "gradient boosting": ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0),
        "histogram boosting": ensemble.HistGradientBoostingClassifier(max_iter=3),
        "nearest neighbours": neighbors.KNeighborsClassifier(),
        "SVC, rbf": SVC(),
        "SVC, polynomial of degree 1": SVC(kernel="poly", degree=1),
        "Gaussian process": gaussian_process.GaussianProcessClassifier(),
        "dummy": dummy.DummyClassifier(),
    }


def _no_labels() -> Iterator[tuple[str, Any, np.ndarray]]:
    """Yield what gives no single label: regressors, and several labels at once."""
    column, lr = X[:, 3], linear.LogisticRegression()
    regressors = {
        "linear regression": linear.LinearRegression(), "ridge regression": linear.Ridge(),
        "lasso": linear.Lasso(), "SGD regressor": linear.SGDRegressor(random_state=0),
        "linear SVR": LinearSVR(random_state=0), "SVR": SVR(kernel="linear"),
        "MLP regressor": MLPRegressor(hidden_layer_sizes=(6,), max_iter=100, random_state=0),
        "one class": OneClassSVM(kernel="linear"),
    }  # fmt: skip
    for name, estimator in regressors.items():
        yield name, estimator, column
    for name in ("linear regression", "ridge regression", "MLP regressor"):
        yield f"{name} of three", regressors[name], X[:, [3, 1, 0]]
    several = {
        "MLP, several labels": MLPClassifier((6,), max_iter=100, random_state=0),
        "ridge, several labels": linear.RidgeClassifier(),
        "RidgeClassifierCV, several labels": linear.RidgeClassifierCV(),
        "one against the rest, several labels": OneVsRestClassifier(lr),
        "MultiOutputClassifier": multioutput.MultiOutputClassifier(lr),
        "chain of classifiers": multioutput.ClassifierChain(lr),
        "forest, several labels": ensemble.RandomForestClassifier(3, random_state=0),
    }
    for name, estimator in several.items():
        yield name, estimator, SEVERAL
    # One label or two or none: each column stands for a label, and a row of one column is a choice.
    yield "MLP, two labels at once", several["MLP, several labels"], SEVERAL[:, :2]


def _edges() -> Iterator[Fitted]:
    """Yield estimators on which rules of ties, types and shapes show."""
    kinds = _linear_kinds()
    names = (
        "logistic regression", "linear SVC", "ridge", "SGD, hinge", "perceptron", "LDA",
        "linear SVC, crammer_singer",
    )  # fmt: skip
    for name in names:
        for target, y in TARGETS.items():
            fitted = clone(kinds[name]).fit(X, y)
            shape, rows = np.shape(fitted.coef_), len(np.atleast_2d(fitted.coef_))
            fitted.coef_ = np.resize([1.0, -1.0, 0.0, 2.0, -2.0, 1.0, 1.0], shape)
            fitted.intercept_ = np.zeros(rows)
            yield Fitted(f"{name}, whole weights, {target}", fitted, whole=True)
    sides = np.array([[-1.0, 0, 0, 0], [1, 0, 0, 0]])
    voting = SVC(kernel="linear").fit(sides, [0, 1]), NuSVC(kernel="linear").fit(sides, [8, 3])
    for fitted in voting:
        name = type(fitted).__name__
        yield Fitted(f"{name} of two points", fitted, whole=True)
        yield Fitted(f"{name} of two points, frozen", frozen.FrozenEstimator(fitted), whole=True)
    for target, y in TARGETS.items():
        network = MLPClassifier((3,), max_iter=3, random_state=0).fit(X, y)
        for table in (*network.coefs_, *network.intercepts_):
            table[:] = table.round()
        yield Fitted(f"MLP, whole weights, {target}", network, whole=True)
        short = MLPClassifier((6,), max_iter=60, random_state=0).fit(X.astype(np.float32), y)
        yield Fitted(f"MLP fitted in float32, {target}", short)
        for name in ("logistic regression", "SGD, log_loss", "perceptron"):
            sparse = clone(kinds[name]).fit(X, y).sparsify()
            yield Fitted(f"{name}, sparse coefficients, {target}", sparse)
        short = linear.LogisticRegression().fit(X.astype(np.float32), y)
        yield Fitted(f"logistic regression in float32, {target}", short)
    from scipy.sparse import csr_matrix

    yield Fitted("SVC of sparse examples, two", SVC(kernel="linear").fit(csr_matrix(X), TWO))
    one = np.full(len(X), 3)
    yield Fitted("MLP of one class", MLPClassifier((2,), max_iter=3).fit(X, one))
    yield Fitted("ridge of one class", linear.RidgeClassifier().fit(X, one))
    yield Fitted("equal weights", _equal(linear.LogisticRegression().fit(X, _THREE)))


def _equal(fitted: Any) -> Any:
    fitted.coef_[:], fitted.intercept_[:] = 0.5, 0
    return fitted


def estimators() -> list[Fitted]:
    """Return all estimators, fitted on iris."""
    found = []
    groups = (_linear_kinds(), _networks(), _meta(), _pipelines(), _others())
    for name, estimator in [item for group in groups for item in group.items()]:
        for target, y in TARGETS.items():
            found.append(Fitted(f"{name}, {target}", _fit(estimator, y)))
    for name, estimator in _thresholds().items():
        found.append(Fitted(name, _fit(estimator, TWO)))
    kinds = _linear_kinds() | _networks()
    for name in ("logistic regression", "linear SVC", "ridge", "perceptron", "LDA", "MLP", "SVC"):
        for label, spelled in LABELS.items():
            two = name == "SVC" or label in ("truth values", "signs")
            found.append(
                Fitted(f"{name}, {label}", _fit(kinds[name], spelled(TWO if two else _THREE)))
            )
    for name, estimator, y in _no_labels():
        found.append(Fitted(name, _fit(estimator, y), single=False))
    return [*found, *_edges()]


def _fit(estimator: Any, y: np.ndarray) -> Any:
    if isinstance(estimator, frozen.FrozenEstimator):
        return frozen.FrozenEstimator(clone(estimator.estimator).fit(X, y))
    return clone(estimator).fit(X, y)


def cases() -> list[Case]:
    """Return all estimators as cases of the sweep."""
    rng = np.random.default_rng(0)
    near = X[rng.integers(len(X), size=POINTS - len(X))]
    points = np.vstack([X, near + rng.normal(size=near.shape) / 2])
    points = points.astype(np.float32).astype(np.float64)
    grid = rng.integers(-3, 4, points.shape).astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = estimators()
    return [
        Case(e.name, e, grid if e.whole else points, _truth(e.estimator) if e.single else None)
        for e in found
    ]


def _truth(estimator: Any) -> Callable[[np.ndarray], Truth]:
    def told(points: np.ndarray) -> Truth:
        scores = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            labels = estimator.predict(points)
            if hasattr(estimator, "decision_function"):
                scores = np.asarray(estimator.decision_function(points))
            elif hasattr(estimator, "predict_proba"):
                scores = np.asarray(estimator.predict_proba(points))
        if scores is not None and scores.ndim == 1:
            scores = np.stack([np.zeros_like(scores), scores], axis=1)
        return Truth(labels, scores, 2.0**-52)

    return told


# Routes


def _memory(case: Case, folder: Path) -> Model:
    return of_object(case.model.estimator, case.points)


def _skops(case: Case, folder: Path) -> Model:
    import skops.io

    try:
        skops.io.dump(case.model.estimator, folder / "m.skops")
    except Exception as error:
        raise NotMade(type(error).__name__) from None
    return read_model(folder / "m.skops")


def _onnx(kind: Any = np.float32, **options: bool) -> Callable[[Case, Path], Model]:
    """Return a route of skl2onnx, for examples of a type and with options of a classifier's."""

    def read(case: Case, folder: Path) -> Model:
        from skl2onnx import to_onnx

        estimator = case.model.estimator
        last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                proto = to_onnx(
                    estimator, X[:1].astype(kind), options={id(last): options} if options else None
                )
        except Exception as error:
            raise NotMade(type(error).__name__) from None
        (folder / "m.onnx").write_bytes(proto.SerializeToString())
        return read_model(folder / "m.onnx")

    return read


def _file_answers(case: Case, folder: Path, points: np.ndarray) -> Truth:
    return answers(folder / "m.onnx", points)


def _single(case: Case) -> bool:
    """Tell whether a case gives one label: with raw scores, skl2onnx writes one for several."""
    return bool(case.model.single)


_NEEDED = ("onnx", "skl2onnx", "onnxruntime")
ROUTES = (
    Route("in memory", _memory),
    Route(".skops", _skops, ("skops",)),
    Route("ONNX", _onnx(), _NEEDED, truth=_file_answers),
    Route("ONNX, arrays", _onnx(zipmap=False), _NEEDED, truth=_file_answers),
    Route("ONNX, scores", _onnx(zipmap=False, raw_scores=True), _NEEDED, _single, _file_answers),
    Route("ONNX, float64", _onnx(np.float64, zipmap=False), _NEEDED, truth=_file_answers),
)
