"""A user's classifier as exact layers, whatever file or library it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from certify.errors import InputError, shortened
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense, MaxPool, Operation, Relu, Scale
from certify.numbers import rationals
from verify.data.tables import float_table, in_range
from verify.models.model import Label, Model, Runtime
from verify.models.scaling import dyadic, followed, preceded, runs, spread

UNSUPPORTED = (
    "one of these layers: dense, convolution (stride 1, no padding, one group), ReLU, max-pooling "
    "(windows side by side, no padding), flatten or reshape, dropout, factors and "
    "offsets, batch normalisation, softmax at the end"
)


DEEPEST = 500  # steps; exact numbers grow with each, a layer or not
ROUNDED = (
    "Batch normalisation divides by a root: its factors are read as doubles, within 2^-51 of the "
    "true ones relatively, and all else is exact."
)
LONGEST_LABEL = 100  # characters, all of which can be printed


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
        self.steps = 0
        self.rounded = ""

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

    def entrywise(self, factors: Any, offsets: Any, where: str) -> None:
        """Append x -> f x + o with numbers of the shape of one value, exact or floats.

        Behind a dense layer they become part of it, as far as its weights stay floats times powers
        of two, or one factor serves all; else one number for all entries, one for each channel or
        one for each entry make a layer of their own.
        """
        self._open(where)
        with _at(where):
            rows = [
                rationals.vector(np.asarray(v).reshape(-1), "numbers") for v in (factors, offsets)
            ]
        before = self.layers[-1] if self.layers else None
        if isinstance(before, Scale):
            self.layers.pop()
            n = max(len(rows[0]), len(before.factors), prod(self.shape or (1,)))
            parts = (spread(v, n) for v in (*rows, before.factors, before.offsets))
            pairs = [(f * g, f * o + a) for f, a, g, o in zip(*parts, strict=True)]
            rows = [tuple(f for f, _ in pairs), tuple(a for _, a in pairs)]
        few, added = runs(rows, self.shape or (1,))
        if all(f == 1 for f in few) and not any(added):
            return
        last = self.layers[-1] if self.layers else None
        if isinstance(last, Dense) and (len(few) == 1 or all(map(dyadic, few))):
            n = len(last.biases)
            self.layers[-1] = followed(last, spread(few, n), spread(added, n))
        else:
            self.layers.append(Scale(few, added))

    def scale(self, factor: Fraction, offset: Fraction, where: str) -> None:
        """Append x -> factor * x + offset in every value."""
        self.entrywise([factor], [offset], where)

    def arithmetic(self, operation: str, values: np.ndarray, where: str) -> None:
        """Append x + v, x - v, x * v or x / v, v of the shape of one value; see :meth:`number`."""
        with _at(where):
            exact = np.array([rationals.rational(v) for v in values.reshape(-1)], dtype=object)
        one, zero = np.full(exact.shape, Fraction(1)), np.full(exact.shape, Fraction(0))
        if operation in ("add", "sub"):
            self.entrywise(one, exact if operation == "add" else -exact, where)
        elif operation == "mul" or exact.all():
            self.entrywise(exact if operation == "mul" else one / exact, zero, where)
        else:
            raise self.unsupported("a division by 0", where)

    def batch_norm(
        self,
        factor: Any,
        offset: Any,
        mean: np.ndarray,
        variance: np.ndarray,
        eps: float,
        where: str,
    ) -> None:
        """Append x -> g (x - mean) + offset in each channel, g = factor / sqrt(variance + eps).

        The root is irrational: g is the double that floats compute, which is within a few 2^-53 of
        it relatively, and everything else is exact.
        """
        shape = self.shape or ()
        count = shape[0] if shape else 0
        ones, zeros = np.ones(count), np.zeros(count)
        weights = ones if factor is None else np.asarray(factor, np.float64)
        shift = zeros if offset is None else np.asarray(offset, np.float64)
        sizes = {np.asarray(v).shape for v in (weights, shift, mean, variance)}
        if sizes != {(count,)} or not count:
            raise self.unsupported(f"batch normalisation of {sizes} numbers of {shape}", where)
        total = np.asarray(variance, np.float64) + eps
        if not (total > 0).all():
            raise self.unsupported("batch normalisation by a root of no positive number", where)
        with _at(where):
            factors, centres, added = (
                rationals.vector(v, "numbers") for v in (weights / np.sqrt(total), mean, shift)
            )
        rows = zip(factors, centres, added, strict=True)
        offsets = tuple(a - f * c for f, c, a in rows)
        n = prod(shape)
        self.entrywise(spread(factors, n), spread(offsets, n), where)
        self.rounded = ROUNDED

    def number(self, operation: str, value: Fraction | float, where: str) -> None:
        """Append x + v, x - v, x * v or x / v, by the name "add", "sub", "mul" or "div"."""
        self.arithmetic(operation, np.array([value], dtype=object), where)

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
        if len(self.layers) > 1 and isinstance(self.layers[-1], Scale):
            before, scale = self.layers[-2:]
            if isinstance(before, Dense) and isinstance(scale, Scale):
                rows = (spread(v, len(before.biases)) for v in (scale.factors, scale.offsets))
                self.layers[-2:] = [followed(before, *rows)]
        last = self.layers[-1] if self.layers else None
        if not isinstance(last, Dense):
            got = "none" if last is None else type(last).__name__
            raise InputError("model", expected="a dense last layer", got=got, where=origin)
        if len(self.layers) == 2 and isinstance(first := self.layers[0], Scale):
            last = preceded(first, last)
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
        whole = f"{origin}, its batch normalisation in doubles" if self.rounded else origin
        shown = shortened(name), shortened(whole)
        return Model(*shown, network, named, runtime, self.declared, rounded=self.rounded)

    def _open(self, where: str) -> None:
        if self.ended:
            raise self.unsupported("a layer behind the softmax", where)
        self.steps += 1
        if self.steps > DEEPEST:
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
