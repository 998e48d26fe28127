"""A user's classifier as an exact network, and as the library that it is made for runs it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from certify.errors import InputError
from certify.heads import InvariantDimension, invariant_dimension
from certify.networks.graph import Network
from certify.networks.operations import Dense
from certify.numbers.rationals import Vector, combine
from verify.data.tables import float_table
from verify.models.rules import LARGEST, Rule, Votes
from verify.objects import SoftmaxHead

if TYPE_CHECKING:  # loaded when it is asked for: most files that are refused need no torch
    import torch
    from torch import nn

Label: TypeAlias = int | float | str | bool
Answer: TypeAlias = Literal["largest", "least"]  # score, which tells the label
Behind: TypeAlias = Literal["nothing", "order", "labels"]
ONE_NUMBER = "one number for each example, as a regression gives"
LONGEST_LABEL = 100  # characters, all of which can be printed


@dataclass(frozen=True)
class Runtime:
    """A model as the library that it is made for runs it.

    name     of the library, with its version, for reports
    answer   from flat points (n, d) of type ``dtype`` to n labels, of the kinds of the model's
             labels, and scores (n, ...) in the order of the network's, or None where there are
             none; scores are logits, or logarithms of probabilities, never probabilities
    dtype    the type in which it takes points
    unit     the distance of 1 from the next number of the type in which it computes
    softmax  whether its labels are chosen after a softmax or sigmoid, which rounds once more
    logits   whether scores are those of the network, and not only in their order
    live     whether ``answer`` takes points of other types as they are, as a module in memory does
    way      a network that gives the same as the model's by the numbers that the library computes
             on its way, where these are others than the model's: they tell how it rounds
    """

    name: str
    answer: Callable[[np.ndarray], tuple[Sequence[Any] | np.ndarray, np.ndarray | None]]
    dtype: np.dtype = np.dtype(np.float32)  # noqa: RUF009 (types do not change)
    unit: float = 2.0**-23
    softmax: bool = False
    logits: bool = False
    live: bool = False
    way: Callable[[], Network] | None = None


class Root(NamedTuple):
    """Where factors were read as doubles, of batch normalisation g (x - mean) + offset.

    With the true factors node ``node`` gives y + e (y - fixed) instead of y, entry by entry, with
    each abs(e) at most 2^-51; several roots of one node add up, up to products of their e. Node 0
    is the input, whose one reader then takes y + e (y - fixed). As in a scale, each number of
    ``fixed`` stands for an equally long run of entries.
    """

    node: int
    fixed: Vector


@dataclass(frozen=True)
class Model:
    """A classifier of at least two classes, or a map to numbers, exactly as its weights are.

    name     for reports
    origin   what it was read from, in a few words
    network  from flat inputs to scores, of which the rule makes a class
    labels   the label that each class stands for
    runtime  the model as its own library runs it, None where only arrays of weights are there
    shape    of one input, where the model says it: channels come before rows and columns
    alone    why there is no runtime, and what of the file was left out, in sentences
    rounded  which numbers of what was read are not the model's own, and by how much
    rule     how a class follows from the scores: mostly it is that of the largest logit
    columns  the names of the inputs, in their order, where the model knows them
    roots    where in the network, one or more for each of its nodes in question
    notes    what else reports say about how it was read, in sentences
    numbers  what its outputs are, where they are no scores of classes: it is no classifier
    behind   what the model itself makes of its network's outputs: "nothing", other numbers in the
             same "order", such as probabilities, or "labels", or whatever else
    """

    name: str
    origin: str
    network: Network
    labels: tuple[Label, ...]
    runtime: Runtime | None = None
    shape: tuple[int, ...] | None = None
    alone: str = "the model is given by its weights alone."
    rounded: str = ""
    rule: Rule = LARGEST
    columns: tuple[str, ...] = ()
    roots: tuple[Root, ...] = ()
    notes: tuple[str, ...] = ()
    numbers: str = ""
    behind: Behind = "order"

    @property
    def _last(self) -> Dense:
        last = self.network.nodes[-1].operation
        assert isinstance(last, Dense), "networks of models end in a dense layer"
        return last

    @cached_property
    def weights(self) -> np.ndarray:
        """The weights of the last layer (features, classes), exactly: see :func:`float_table`."""
        return float_table(self._last).T

    @cached_property
    def dimension(self) -> InvariantDimension:
        """The exact dimension of the space that no softmax output notices."""
        return invariant_dimension(self.weights)

    @cached_property
    def head(self) -> SoftmaxHead:
        """The last layer, from features to logits."""
        return SoftmaxHead.of(self.weights, self._last.biases)

    @property
    def linear(self) -> bool:
        """Whether the inputs are the features: there is no other layer."""
        return len(self.network.nodes) == 1

    @cached_property
    def module(self) -> "nn.Module":
        """The same layers in float32, for what floats are good for: to guess."""
        import torch

        from verify.models.floating import floating

        return floating(self.network, torch.float32)

    def in_floats(self, kind: "torch.dtype") -> "nn.Module":
        """Return the model in a floating-point type, with scores whose largest tells the class."""
        from torch import nn

        from verify.models.floating import floating
        from verify.models.voting import ByClass

        module = floating(self.network, kind)
        return nn.Sequential(module, ByClass(self.rule)) if self.voting else module

    @property
    def voting(self) -> bool:
        """Whether pairs of classes vote, so that there are no logits, and no softmax of them."""
        return isinstance(self.rule, Votes)

    def between(self, i: int, j: int) -> tuple[Vector, Fraction]:
        """Return w and b of the last layer's rule for two classes: w.h + b > 0 says j, < 0 says i.

        It is the difference of their logits, or the score of the pair, asked alone.
        """
        biases = self._last.biases
        if not isinstance(self.rule, Votes):
            return combine((1, self._column(j)), (-1, self._column(i))), biases[j] - biases[i]
        column, sign = self.rule.pairs.index((min(i, j), max(i, j))), -1 if i < j else 1
        return combine((sign, self._column(column))), sign * biases[column]

    def _column(self, k: int) -> Vector:
        """Return the weights of one output of the last layer."""
        return tuple(map(Fraction, self.weights[:, k].tolist()))

    def classes_of(self, y: np.ndarray) -> np.ndarray:
        """Return for each label the index of its logit; raises InputError for another label."""
        index = {label: k for k, label in enumerate(self.labels)}
        strange = sorted(set(y.tolist()) - set(index), key=str)
        if strange:
            raise InputError(
                "y", expected=f"labels of the model, {list(self.labels)}", got=f"{strange}"
            )
        return np.array([index[label] for label in y.tolist()], dtype=np.int64)


def check_labels(
    labels: Iterable[Label] | None, count: int, rule: Rule, where: str
) -> tuple[Label, ...]:
    """Return the labels of which a rule gives one for so many scores, 0, 1, ... for none.

    Raises InputError for another number of labels, for a label twice, and for long words.
    """
    named: tuple[Label, ...] = tuple(range(count) if labels is None else labels)
    if rule.scores(len(named)) != count:
        wanted = f"{count} labels, one for each logit"
        if rule != LARGEST:
            wanted = f"labels that take {count} scores"
        raise InputError("model", expected=wanted, got=f"{len(named)}", where=where)
    if len(set(named)) != len(named):
        raise InputError("model", expected="different labels", got=f"{named}", where=where)
    for label in named:
        if isinstance(label, str) and (len(label) > LONGEST_LABEL or not label.isprintable()):
            wanted = f"words of at most {LONGEST_LABEL} characters as labels"
            raise InputError("model", expected=wanted, got=repr(label), where=where)
    return named
