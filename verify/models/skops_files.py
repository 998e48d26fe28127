"""Estimators of scikit-learn in .skops files, of which only known types are opened."""

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

from certify.errors import InputError, absent, said, shortened
from verify.data.memory import Budget
from verify.models.model import Model
from verify.models.sklearn_models import of_estimator

# Types and functions of scikit-learn that skops does not know: plain data, and what fitting called.
_KNOWN = [
    f"sklearn.{module}.{name}"
    for module, names in {
        "neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
        "model_selection._split": "GroupKFold KFold LeaveOneOut RepeatedKFold "
        "RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold "
        "StratifiedShuffleSplit TimeSeriesSplit",
        "metrics._scorer": "_PassthroughScorer _Scorer",
        "metrics._classification": "accuracy_score balanced_accuracy_score f1_score "
        "jaccard_score log_loss matthews_corrcoef precision_score recall_score",
        "metrics._ranking": "average_precision_score roc_auc_score top_k_accuracy_score",
        "feature_selection._univariate_selection": "chi2 f_classif",
        "feature_selection._mutual_info": "mutual_info_classif",
    }.items()
    for name in names.split()
] + ["numpy.dtype"]


def read_skops(path: Path, budget: Budget) -> Model:
    """Return the estimator of a ``.skops`` file, of which only known types are opened."""
    try:
        from skops.io import get_untrusted_types, load
    except ImportError:
        raise absent(str(path), "skops") from None
    budget.take_archive(path)
    expected = "an estimator saved by skops.io.dump, of scikit-learn's own types"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _check_references(path)
            strange = sorted(set(get_untrusted_types(file=path)) - set(_KNOWN))
            if strange:  # such as the distributions of a random search
                wanted = f"{expected} (of a search, save its best_estimator_)"
                got = shortened(f"types that are not opened: {', '.join(strange)}")
                raise InputError(str(path), expected=wanted, got=got)
            estimator = load(path, trusted=_KNOWN)
    except InputError:
        raise
    except Exception as error:
        raise InputError(str(path), expected=expected, got=said(error)) from None
    return of_estimator(estimator, path.stem, f"skops file {path.name}", budget)


def _check_references(path: Path) -> None:
    """Raise InputError for a member that skops would load several times.

    It saves an array once, and gives every place where it stands the same number, by which it
    knows it again; the members of the archive are no bound for what is loaded otherwise.
    """
    with zipfile.ZipFile(path) as archive:
        left: list[Any] = [[json.loads(archive.read("schema.json"))]]
    numbers: dict[str, Any] = {}
    while left:
        part = left.pop()
        if isinstance(part, dict) and isinstance(file := part.get("file"), str):
            number = part.get("__id__")
            if file in numbers and (number is None or numbers[file] != number):
                raise InputError(str(path), expected="each array once", got=f"{file!r} again")
            numbers[file] = number
        inner = part.values() if isinstance(part, dict) else part
        left += [value for value in inner if isinstance(value, dict | list)]
