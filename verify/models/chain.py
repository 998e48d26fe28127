"""A user's classifier as exact layers, whatever file or library it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import nn

from certify.errors import InputError, shortened
from certify.heads import InvariantDimension, invariant_dimension
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense, MaxPool, Operation, Relu, Scale
from certify.numbers import rationals
from certify.numbers.rationals import DyadicArray
from verify.attack.networks import Normalise
from verify.data.tables import float_table, in_range
from verify.objects import SoftmaxHead

UNSUPPORTED = (
    "one of these layers: dense, convolution (stride 1, no padding, one group), ReLU, max-pooling "
    "(windows side by side, no padding), flatten or reshape, dropout, one factor or offset for all "
    "values, softmax at the end"
)


Label: TypeAlias = int | float | str | bool
DEEPEST = 500  # layers; exact numbers grow with each
LONGEST_LABEL = 100  # characters, all of which can be printed


@dataclass(frozen=True)
class Runtime:
    """A model as the library that it is made for runs it.

    name     of the library, with its version, for reports
    answer   from flat points (n, d) of type ``dtype`` to n labels, of the kinds of the model's
             labels, and scores (n, classes) in the order of the model's labels, or None where
             there are none; scores are logits, or logarithms of probabilities, never probabilities
    dtype    the type in which it takes points
    unit     the distance of 1 from the next number of the type in which it computes
    softmax  whether its labels are chosen after a softmax or sigmoid, which rounds once more
    live     whether ``answer`` takes points of other types as they are, as a module in memory does
    """

    name: str
    answer: Callable[[np.ndarray], tuple[Sequence[Any] | np.ndarray, np.ndarray | None]]
    dtype: np.dtype = np.dtype(np.float32)  # noqa: RUF009 (types do not change)
    unit: float = 2.0**-23
    softmax: bool = False
    live: bool = False


@dataclass(frozen=True)
class Model:
    """A classifier with at least two logits, exactly as its weights are.

    name     for reports
    origin   what it was read from, in a few words
    network  from flat inputs to logits; the class with the largest logit is the answer, the first
             of several
    labels   the label that each logit stands for
    runtime  the model as its own library runs it, None where only arrays of weights are there
    shape    of one input, where the model says it: channels come before rows and columns
    alone    why there is no runtime, and what of the file was left out, in sentences
    """

    name: str
    origin: str
    network: Network
    labels: tuple[Label, ...]
    runtime: Runtime | None = None
    shape: tuple[int, ...] | None = None
    alone: str = "the model is given by its weights alone."

    @property
    def _last(self) -> Dense:
        last = self.network.nodes[-1].operation
        assert isinstance(last, Dense), "chains end in a dense layer"
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
    def module(self) -> nn.Sequential:
        """The same layers in float32, for what floats are good for: to guess."""
        return self.floating(torch.float32)

    def floating(self, kind: torch.dtype) -> nn.Sequential:
        """Return the same layers as a torch module of a floating-point type."""
        made: list[nn.Module] = []
        flat = True
        for layer, _ in self.network.nodes:
            if isinstance(layer, Convolution | MaxPool) and flat:
                made.append(nn.Unflatten(1, layer.shape))
                flat = False
            if isinstance(layer, Dense) and not flat:
                made.append(nn.Flatten())
                flat = True
            made.append(_module(layer, kind))
        return nn.Sequential(*made).eval().requires_grad_(False)

    def classes_of(self, y: np.ndarray) -> np.ndarray:
        """Return for each label the index of its logit; raises InputError for another label."""
        index = {label: k for k, label in enumerate(self.labels)}
        strange = sorted(set(y.tolist()) - set(index), key=str)
        if strange:
            raise InputError(
                "y", expected=f"labels of the model, {list(self.labels)}", got=f"{strange}"
            )
        return np.array([index[label] for label in y.tolist()], dtype=np.int64)


def _scaled(layer: Dense, factor: Fraction, offset: Fraction) -> Dense:
    """Return factor * (W x + b) + offset as one layer, exactly."""
    biases = tuple(factor * b + offset for b in layer.biases)
    table, down = layer.weights, factor.denominator.bit_length() - 1
    if not isinstance(table, DyadicArray) or factor.denominator != 1 << down:
        rows = ([factor * Fraction(x) for x in row] for row in float_table(layer).tolist())
        return Dense(tuple(map(tuple, rows)), biases)
    if factor.numerator in (1, -1):
        return Dense(DyadicArray(table.integers * factor.numerator, table.exponent - down), biases)
    integers = table.integers.astype(object) * factor.numerator
    return Dense(DyadicArray(integers, table.exponent - down), biases)


def _behind(scales: Iterable[Scale], layer: Dense) -> Dense:
    """Return a dense layer that does what it does behind scales, exactly."""
    factor, offset = Fraction(1), Fraction(0)
    for scale in scales:
        ((own,), (added,)) = scale.factors, scale.offsets
        factor, offset = own * factor, own * offset + added
    if factor == 1 and offset == 0:
        return layer
    sums = [sum(map(Fraction, row), Fraction(0)) for row in float_table(layer).tolist()]
    biases = tuple(b + offset * total for b, total in zip(layer.biases, sums, strict=True))
    return Dense(_scaled(layer, factor, Fraction(0)).weights, biases)


def _module(layer: Operation, kind: torch.dtype) -> nn.Module:
    if isinstance(layer, Dense):
        # Made without memory first: initialising it would move torch's global generator.
        dense = nn.Linear(layer.inputs, len(layer.biases), dtype=kind, device="meta")
        return _filled(dense.to_empty(device="cpu"), layer)
    if isinstance(layer, Convolution):
        channels, made = layer.shape[0], len(layer.kernel.biases)
        blank = nn.Conv2d(channels, made, layer.window, dtype=kind, device="meta")
        return _filled(blank.to_empty(device="cpu"), layer.kernel)
    if isinstance(layer, MaxPool):
        side, other = layer.window
        return nn.MaxPool2d(side if side == other else layer.window)
    if isinstance(layer, Scale):
        scale = Normalise(0.0, 0.0).to(kind)
        scale.factor.fill_(float(layer.factors[0]))
        scale.offset.fill_(float(layer.offsets[0]))
        return scale
    return nn.ReLU()


def _filled(module: nn.Linear | nn.Conv2d, kernel: Dense) -> nn.Module:
    weights = torch.tensor(float_table(kernel).astype(np.float64))
    with torch.no_grad():
        module.weight.copy_(weights.reshape(module.weight.shape))
        assert module.bias is not None
        module.bias.copy_(torch.tensor([float(b) for b in kernel.biases], dtype=torch.float64))
    return module


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Name the place in a model at which a layer does not fit."""
    try:
        yield
    except InputError as error:
        raise InputError("model", expected=error.expected, got=error.got, where=where) from None


class Chain:
    """Layers one after the other, checked as they are added; every reader builds one.

    ``shape`` is that of one value on the way, without the batch, None until something tells it.
    Raises InputError naming the place for what does not fit or cannot be decided exactly.
    """

    def __init__(self, shape: tuple[int, ...] | None = None) -> None:
        self.shape = self.declared = shape
        self.layers: list[Operation] = []
        self.ended = False

    def unsupported(self, got: str, where: str) -> InputError:
        """Return the error of a layer that cannot be decided exactly."""
        return InputError("model", expected=UNSUPPORTED, got=got, where=where)

    def dense(self, weights: Any, biases: Any, where: str) -> None:
        """Append x -> W x + b, W of shape (outputs, inputs); no biases are zeros."""
        self._open(where)
        table = np.asarray(weights)
        if table.ndim != 2:
            raise InputError(
                "model", expected="a matrix of weights", got=f"shape {table.shape}", where=where
            )
        self._flat(table.shape[1], where)
        shift = np.zeros(len(table)) if biases is None else np.asarray(biases).reshape(-1)
        with _at(where):
            self._append(Dense.of(table, shift), (len(table),))

    def shift(self, biases: np.ndarray, where: str) -> None:
        """Append x -> x + b, into the layer before, which is a dense one, or for one number any.

        The caller makes sure that b has the shape of one value, or is one number.
        """
        self._open(where)
        with _at(where):
            added = rationals.vector(biases.reshape(-1), "biases")
        if biases.size == 1:
            self.scale(Fraction(1), added[0], where)
            return
        last = self.layers[-1] if self.layers else None
        if not isinstance(last, Dense) or biases.size != len(last.biases):
            raise self.unsupported("an addition that does not follow a dense layer", where)
        sums = tuple(a + b for a, b in zip(last.biases, added, strict=True))
        self.layers[-1] = Dense(last.weights, sums)

    def scale(self, factor: Fraction, offset: Fraction, where: str) -> None:
        """Append x -> factor * x + offset in every value, into a dense layer before."""
        self._open(where)
        last = self.layers[-1] if self.layers else None
        if factor == 1 and offset == 0:
            return
        if isinstance(last, Dense):
            self.layers[-1] = _scaled(last, factor, offset)
        else:
            self.layers.append(Scale((factor,), (offset,)))

    def number(self, operation: str, value: Fraction | float, where: str) -> None:
        """Append x + v, x - v, x * v or x / v, by the name "add", "sub", "mul" or "div"."""
        with _at(where):
            exact = rationals.rational(value)
        if operation in ("add", "sub"):
            self.scale(Fraction(1), exact if operation == "add" else -exact, where)
        elif operation == "mul" or exact:
            self.scale(exact if operation == "mul" else 1 / exact, Fraction(0), where)
        else:
            raise self.unsupported("a division by 0", where)

    def relu(self, where: str) -> None:
        """Append max(x, 0) in every value."""
        self._open(where)
        self.layers.append(Relu())

    def convolution(self, kernel: Any, biases: Any, where: str) -> None:
        """Append a cross-correlation, kernel of shape (made, channels, height, width)."""
        self._open(where)
        table = np.asarray(kernel)
        if table.ndim != 4:
            raise self.unsupported(f"a convolution with a kernel of shape {table.shape}", where)
        made, channels, height, width = table.shape
        image = self._image(channels, where)
        shift = np.zeros(made) if biases is None else np.asarray(biases)
        after = (made, image[1] - height + 1, image[2] - width + 1)
        with _at(where):
            weights = Dense.of(table.reshape(made, -1), shift)
            self._append(Convolution(image, (height, width), weights), after)

    def max_pool(self, window: tuple[int, int], where: str) -> None:
        """Append the maxima over windows side by side."""
        self._open(where)
        image = self._image(None, where)
        after = (image[0], image[1] // window[0], image[2] // window[1])
        with _at(where):
            self._append(MaxPool(image, window), after)

    def reshape(self, shape: tuple[int, ...], where: str) -> None:
        """Give one value another shape, in the same order."""
        if self.shape is not None and prod(shape) != prod(self.shape):
            raise InputError(
                "model", expected=f"{prod(self.shape)} values", got=f"{shape}", where=where
            )
        self.shape = shape

    def end(self) -> None:
        """Note a softmax: it keeps the order of the logits, and nothing may follow it."""
        self.ended = True

    def model(
        self,
        name: str,
        origin: str,
        labels: Iterable[Label] | None = None,
        runtime: Runtime | None = None,
    ) -> Model:
        """Return the finished model; one logit f becomes the two logits 0 and f."""
        last = self.layers[-1] if self.layers else None
        if not isinstance(last, Dense):
            got = "none" if last is None else type(last).__name__
            raise InputError("model", expected="a dense last layer", got=got, where=origin)
        if all(isinstance(layer, Scale) for layer in self.layers[:-1]):
            last = _behind([s for s in self.layers if isinstance(s, Scale)], last)
            self.layers = [last]  # a linear model, whose features are its inputs
        if len(last.biases) == 1:
            row = float_table(last)
            weights = Dense.of(np.vstack([np.zeros_like(row), row]), [0, 0]).weights
            last = self.layers[-1] = Dense(weights, (Fraction(0), *last.biases))
        named: tuple[Label, ...] = tuple(range(len(last.biases)) if labels is None else labels)
        if len(named) != len(last.biases):
            raise InputError(
                "model",
                expected=f"{len(last.biases)} labels, one for each logit",
                got=f"{len(named)}",
                where=origin,
            )
        if len(set(named)) != len(named):
            raise InputError("model", expected="different labels", got=f"{named}", where=origin)
        for label in named:
            if isinstance(label, str) and (len(label) > LONGEST_LABEL or not label.isprintable()):
                raise InputError(
                    "model",
                    expected=f"words of at most {LONGEST_LABEL} characters as labels",
                    got=repr(label),
                    where=origin,
                )
        if not all(map(in_range, self.layers)):
            raise InputError(
                "model", expected="numbers in the range of float64", got="larger ones", where=origin
            )
        network = Network.chain(*self.layers)
        shown = shortened(name), shortened(origin)
        return Model(*shown, network, named, runtime, self.declared)

    def _open(self, where: str) -> None:
        if self.ended:
            raise self.unsupported("a layer behind the softmax", where)
        if len(self.layers) == DEEPEST:
            raise self.unsupported(f"more than {DEEPEST} layers", where)

    def _append(self, layer: Operation, shape: tuple[int, ...]) -> None:
        self.layers.append(layer)
        self.shape = shape

    def _flat(self, size: int, where: str) -> None:
        if self.shape is not None and prod(self.shape) != size:
            raise InputError(
                "model", expected=f"{size} values", got=f"shape {self.shape}", where=where
            )
        self.shape = (size,)

    def _image(self, channels: int | None, where: str) -> tuple[int, int, int]:
        shape = self.shape
        if shape is None or len(shape) != 3 or channels not in (None, shape[0]):
            wanted = "an image" if channels is None else f"an image of {channels} channels"
            raise InputError("model", expected=wanted, got=f"shape {shape}", where=where)
        return shape[0], shape[1], shape[2]
