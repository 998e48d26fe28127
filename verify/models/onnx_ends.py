"""What an ONNX graph makes of its scores: probabilities, numbers of classes, labels."""

from math import prod
from typing import Any

import numpy as np

from certify.errors import InputError
from verify.models.model import Label
from verify.models.nodes import unsupported

_REAL, _WHOLE = (1, 11), (6, 7)  # ONNX's numbers of types: float, double; int32, int64
_SHAPES = {"Flatten", "Reshape", "Squeeze", "Unsqueeze"}

# What a value behind the scores is. For each example there are
SCORES = "scores"  # one number for each class, in the order of the scores
NUMBER = "number"  # the number of the class with the largest score, the first of several
LABEL = "label"  # its label
MAP = "map"  # a dictionary of scores by label
ONE = "one"  # the probability of the second of two classes
REST = "rest"  # and that of the first
PART = "part"  # some of the scores, or what is rounded of them: of it no label can be told
LOGITS, LOGIT = "logits", "logit"  # the scores themselves; the one before a sigmoid

TELLING = (LABEL, NUMBER, MAP, SCORES, ONE, LOGITS, LOGIT)
"""What tells labels, the surest first."""


class Ends:
    """The values behind the scores, by name; only what keeps the order of the scores is let in.

    ``labels`` are the labels in the order of the scores, None until a node tells them; ``named``
    is whether only a label that the graph gives tells it, and no largest score.
    """

    def __init__(self) -> None:
        self.roles: dict[str, str] = {}
        self.labels: list[Label] | None = None
        self.classes, self.flat, self.named = 0, True, False
        self.axes: dict[str, set[int]] = {}

    def begin(self, role: str, name: str, classes: int, shape: tuple[int, ...]) -> None:
        """Note a value of scores, or the first behind them, and the axis along which they lie."""
        self.classes = classes
        self.flat = prod(shape) == max(shape, default=1)
        self.roles[name] = role
        rank = len(shape)
        long = [k for k, n in enumerate(shape) if n > 1] or [rank - 1]
        self.axes[name] = {long[0], long[0] - rank}

    def name_labels(self, labels: list[Label], where: str) -> None:
        """Note the labels, which must be the same wherever they are told."""
        if len(labels) != self.classes or (self.labels is not None and self.labels != labels):
            wanted = f"{self.classes} labels, the same in the whole graph"
            got = f"{labels if self.labels is None else [*self.labels, 'and', *labels]}"
            raise InputError("model", expected=wanted, got=got, where=where)
        self.labels = labels

    def step(
        self,
        node: Any,
        kind: str,
        options: dict[str, Any],
        constants: dict[str, np.ndarray],
        where: str,
    ) -> None:
        """Note what one more node makes of the scores.

        Raises InputError for everything that might give another label than they do.
        """
        names = [name for name in node.input if name]
        found = [self.roles.get(name) for name in names]
        others = [constants.get(name) for name in names]
        if any(r is None and c is None for r, c in zip(found, others, strict=True)):
            raise self._behind(f"{kind} of an earlier value", where)
        axes = self.axes.get(names[0], {1, -1})
        role = self._role(kind, options, found, others, axes, where)
        if role is None:
            raise self._behind(kind, where)
        self.roles[node.output[0]] = role
        self.axes[node.output[0]] = {1, -1} if kind in ("Flatten", "Concat") else axes

    def _role(
        self,
        kind: str,
        options: dict[str, Any],
        found: list[str | None],
        others: list[np.ndarray | None],
        axes: set[int],
        where: str,
    ) -> str | None:
        """Return what a node makes of what it takes, None where that is not known."""
        first, constant = found[0], others[-1]
        if kind == "Identity":
            return first
        if kind == "Cast":
            whole = options["to"] in _WHOLE and first in (NUMBER, LABEL)
            return first if whole or (options["to"] in _REAL and first != MAP) else None
        if not self.flat:
            return None
        if kind in _SHAPES and first in (NUMBER, LABEL):
            return first
        if kind == "Flatten" and first in (SCORES, ONE) and options.get("axis", 1) == 1:
            return first
        if kind == "ArgMax" and first == SCORES and largest(options, axes) and not self.named:
            return NUMBER
        if kind in ("ml.ArrayFeatureExtractor", "Gather") and others[0] is not None:
            if found[-1] == NUMBER and options.get("axis", 0) == 0:
                self.name_labels(others[0].reshape(-1).tolist(), where)
                return LABEL
            return None
        if kind == "ml.ArrayFeatureExtractor" and first == SCORES and constant is not None:
            return PART
        if kind in ("Softmax", "LogSoftmax") and first == SCORES:
            return PART  # rounded once more: scores that differ may be equal here
        if kind == "ml.Normalizer" and first == SCORES:
            return SCORES if options.get("norm", b"MAX") in (b"L1", b"L2") else None
        if kind == "ml.ZipMap" and first == SCORES:
            self.name_labels(listed(options, "classlabels_int64s"), where)
            return MAP
        return self._complement(kind, options, found, others)

    def _complement(
        self,
        kind: str,
        options: dict[str, Any],
        found: list[str | None],
        others: list[np.ndarray | None],
    ) -> str | None:
        """Return what becomes of the probability p of two classes: 1 - p, and both together."""
        one = others[0]
        if kind == "Sub" and found[1:] == [ONE] and one is not None:
            return REST if one.size == 1 and one.reshape(-1)[0] == 1 else None
        if kind == "Concat" and found == [REST, ONE] and options.get("axis") in (1, -1):
            return SCORES
        return None

    def _behind(self, what: str, where: str) -> InputError:
        return unsupported(f"{what} behind the scores of the classes", where)


def listed(options: dict[str, Any], whole: str) -> list[Label]:
    """Return the labels that a node of a classical model names."""
    words = options.get("classlabels_strings")
    if words:
        return [word.decode(errors="backslashreplace") for word in words]
    return list(options.get(whole, ()))


def largest(options: dict[str, Any], axes: set[int]) -> bool:
    """Tell whether an ArgMax takes the first of the largest along one of the axes."""
    return options.get("axis", 0) in axes and not options.get("select_last_index", 0)
