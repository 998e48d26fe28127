"""ONNX's operators for classical models, as scikit-learn's are exported."""

from collections.abc import Callable
from math import isnan
from typing import Any, NamedTuple

import numpy as np

from certify.errors import InputError
from certify.numbers import rationals
from verify.models.builder import Builder
from verify.models.model import Label
from verify.models.nodes import unsupported
from verify.models.onnx_call import Call, Operator, operator
from verify.models.onnx_ends import listed
from verify.models.rules import LARGEST, Rule, Votes
from verify.models.values import Value

_NAMED = {"classlabels_ints", "classlabels_strings", "coefficients", "post_transform"}
LINEAR = {*_NAMED, "intercepts", "multi_class"}
VECTORS = {
    *_NAMED, "kernel_params", "kernel_type", "prob_a", "prob_b", "rho", "support_vectors",
    "vectors_per_class",
}  # fmt: skip
# Transformations of a LinearClassifier's scores, none of which changes its label.
_TRANSFORMS = (b"NONE", b"SOFTMAX", b"LOGISTIC", b"SOFTMAX_ZERO")


class Classifier(NamedTuple):
    """What a classical classifier makes of a value.

    scores     as many as the rule takes, or one alone, of the second of two classes
    labels     in the order of the classes
    rule       by which the label follows
    told       whether the operator's second output are the scores, or keep their order
    named      whether its first output alone tells the label, and no largest of the second
    way        makes the same scores by the numbers that are computed on the way to them
    """

    scores: Value
    labels: list[Label]
    rule: Rule
    told: bool
    named: bool
    way: Callable[[], Value] | None = None


def linear_classifier(
    builder: Builder, options: dict[str, Any], value: Value, where: str
) -> Classifier:
    """Read W x + b, of which the largest tells the label, or one row for the second of two."""
    intercepts = np.array(options.get("intercepts", []), np.float32)
    coefficients = np.array(options.get("coefficients", []), np.float32)
    labels = listed(options, "classlabels_ints")
    # One row is the score of the second of two labels; two rows need not be each other's
    # negatives.
    rows = len(intercepts)
    if not rows or coefficients.size % rows or len(labels) != max(2, rows):
        got = f"{coefficients.size} coefficients, {rows} intercepts, {len(labels)} labels"
        expected = "as many intercepts and labels as there are rows of coefficients"
        raise InputError("model", expected=expected, got=got, where=where)
    transform = options.get("post_transform", b"NONE")
    if transform not in _TRANSFORMS:
        raise unsupported(f"LinearClassifier with {transform.decode()}", where)
    _check_row(value, "LinearClassifier", where)
    found = builder.dense(value, coefficients.reshape(rows, -1), intercepts, where)
    # The one row's scores are 1 - s and s, and sigmoids of large scores are all 1: their
    # largest need not have the label.
    return Classifier(found, labels, LARGEST, True, rows == 1 or transform == b"LOGISTIC")


def vector_classifier(
    builder: Builder, options: dict[str, Any], value: Value, where: str
) -> Classifier:
    """Read a support vector machine with a linear kernel: pairs vote for its label.

    A score of 0 votes for the second of a pair, also of the only one of two classes. Beside
    probabilities the label is by votes all the same.
    """
    kernel = options.get("kernel_type", b"LINEAR")
    if kernel != b"LINEAR":
        raise unsupported(f"SVMClassifier with the kernel {kernel.decode()}", where)
    _check_row(value, "SVMClassifier", where)
    labels = listed(options, "classlabels_ints")
    counts = [int(n) for n in options.get("vectors_per_class", [])]
    vectors, dual = (np.array(options.get(n, [])) for n in ("support_vectors", "coefficients"))
    rho, size, pairs = options.get("rho", []), value.entries.size, Votes(len(labels)).pairs
    wanted = (len(labels), sum(counts) * size, sum(counts) * (len(labels) - 1), len(pairs))
    found = (len(counts), vectors.size, dual.size, len(rho))
    if found != wanted or len(labels) < 2 or min(counts) < 0 or not sum(counts):
        raise InputError(
            "model", expected=f"vectors of classes, their numbers, coefficients, rho: {wanted}",
            got=f"{found}", where=where,
        )  # fmt: skip
    vectors = vectors.reshape(-1, size)
    table = Votes(len(labels)).coefficients(dual.reshape(len(labels) - 1, -1), counts)
    shift = np.array(rho)
    rule: Rule = LARGEST
    if len(labels) == 2:
        table, shift, labels = np.vstack([-table, table]), np.append(-shift, shift), labels[::-1]
    else:
        rule = Votes(len(labels))
    builder.budget.take(table.size + len(table) * size, where)
    scores = builder.dense(value, _product(table, vectors, where), shift, where)

    def way() -> Value:
        products = builder.dense(value, vectors, None, where)
        return builder.dense(products, table, shift, where)

    return Classifier(scores, labels, rule, not options.get("prob_a"), True, way)


def _check_row(value: Value, what: str, where: str) -> None:
    if len(value.shape) != 2 or value.shape[0] != 1:
        raise unsupported(f"{what} of shape {value.shape}", where)


def _product(first: np.ndarray, second: np.ndarray, where: str) -> np.ndarray:
    """Return the product of two matrices of floats as Fractions, exactly."""
    left, right = (rationals.dyadic_array(table, "coefficients") for table in (first, second))
    if left is None or right is None:
        raise unsupported("numbers that are not finite", where)
    whole = rationals.integer_matrix(left.integers) * rationals.integer_matrix(right.integers)
    made = np.array([rationals.rational(int(n)) for n in whole.entries()], dtype=object)
    scale = rationals.rational(2) ** (left.exponent + right.exponent)
    return np.asarray(made.reshape(len(first), -1) * scale)


def _extracted(call: Call) -> Value:
    """Read columns that are taken by their numbers."""
    value, places = call.value(), call.constant(1, "numbers of columns")
    if places is None or places.dtype.kind not in "iu" or len(value.shape) != 2:
        raise call.refusal("ArrayFeatureExtractor without numbers of columns")
    if places.size and not 0 <= places.min() <= places.max() < value.shape[1]:
        raise call.refusal(f"ArrayFeatureExtractor of columns up to {places.max()}")
    return value.moved(value.entries[:, places.reshape(-1)])


def _imputed(call: Call) -> Value:
    """Read columns of which what is missing is replaced: no number is NaN."""
    missing = call.options.get("replaced_value_float", 0.0)
    if "imputed_value_floats" not in call.options or not isnan(missing):
        raise call.refusal(f"Imputer, which replaces each {missing:g}")
    if np.dtype(call.kind) != np.float32:
        raise call.refusal(f"Imputer of {np.dtype(call.kind)}, which onnxruntime does not compute")
    return call.value()


OPERATORS: dict[str, Operator] = {
    "ml.ArrayFeatureExtractor": operator(_extracted),
    "ml.Imputer": operator(_imputed, "imputed_value_floats replaced_value_float"),
}
