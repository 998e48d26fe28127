"""ReLU networks as exact piecewise-linear maps: values, activation cells, traces along rays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

from flint import fmpq, fmpq_mat

from certify.errors import InputError
from certify.networks.operations import Dense
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector

Pattern: TypeAlias = tuple[tuple[int, ...], ...]
# A table has one row for each unit and one column for each point; the last row is homogeneous: 1
# where the column is a point and 0 where it is a direction.
Table: TypeAlias = list[list[fmpq]]

_ZERO, _ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True)
class AffineLayer(Dense):
    """The map x -> W x + b; ``weights`` has shape (units, inputs), ``biases`` (units,)."""

    weights: Rows

    @property
    def units(self) -> int:
        """The dimension of W x + b."""
        return len(self.biases)

    def extended(self, table: Table) -> Table:
        """Return W x + b for every column that is a point, and W v for every direction v.

        ``table`` has ``inputs`` + 1 rows, the last of which is 1 for points and 0 for directions;
        the result has ``units`` rows.
        """
        flat = [entry for row in table for entry in row]
        product = self._extended * fmpq_mat(len(table), len(table[0]), flat)
        return list(product.tolist())

    @cached_property
    def _extended(self) -> fmpq_mat:
        """The matrix [W | b]."""
        rows = zip(self.weights, self.biases, strict=True)
        flat = [rationals.as_flint(x) for row, b in rows for x in (*row, b)]
        return fmpq_mat(self.units, self.inputs + 1, flat)


@dataclass(frozen=True)
class RayTrace:
    """The outputs along x + c v, c >= 0: linear between consecutive ``steps`` and after the last.

    ``steps`` increase from 0, and no hidden unit changes sign between two of them or after the
    last; the outputs need not bend at every step. ``values[k]`` are the outputs at ``steps[k]``,
    and ``final_slope`` is their change per unit of c after the last step.
    """

    steps: Vector
    values: Rows
    final_slope: Vector

    def at(self, step: Any) -> Vector:
        """Return the outputs at any step c >= 0."""
        c = rationals.rational(step, "step")
        if c < 0:
            raise InputError("step", expected="a number >= 0", got=rationals.text(c))
        k = bisect_right(self.steps, c) - 1
        passed = c - self.steps[k]
        if k + 1 == len(self.steps):
            return rationals.combine((1, self.values[k]), (passed, self.final_slope))
        part = passed / (self.steps[k + 1] - self.steps[k])
        return rationals.combine((1 - part, self.values[k]), (part, self.values[k + 1]))


@dataclass(frozen=True)
class ReluNetwork:
    """Affine layers with a ReLU after each but the last, whose outputs are the logits.

    With one layer the map is affine; a scalar function has one output. Build a network with
    :meth:`of`, which converts the numbers. Raises :class:`InputError` when layers do not fit.
    """

    layers: tuple[AffineLayer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise InputError("layers", expected="at least one layer", got="none")
        for k, (below, above) in enumerate(pairwise(self.layers), start=1):
            if above.inputs != below.units:
                raise InputError(
                    "layers", expected=f"{below.units} columns", got=f"{above.inputs} columns",
                    where=f"layer {k}",
                )  # fmt: skip

    @classmethod
    def of(cls, layers: Iterable[tuple[Any, Any]]) -> ReluNetwork:
        """Return the network with the given pairs (weights, biases), in any accepted numbers.

        >>> distance = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
        >>> distance.values(["-2/3"])
        (Fraction(2, 3),)
        """
        exact = []
        for k, layer in enumerate(layers):
            if not isinstance(layer, tuple | list) or len(layer) != 2:
                raise InputError(
                    "layers", expected="pairs (weights, biases)", got=type(layer).__name__,
                    where=f"layer {k}",
                )  # fmt: skip
            weights = rationals.rows(layer[0], f"weights of layer {k}")
            exact.append(AffineLayer(weights, rationals.vector(layer[1], f"biases of layer {k}")))
        return cls(tuple(exact))

    @property
    def dimension(self) -> int:
        """The dimension d of the input."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.layers[-1].units

    def values(self, x: Iterable[Any]) -> Vector:
        """Return the outputs at x, d numbers."""
        return _column(self._forward(self._point(x))[-1])

    def preactivations(self, x: Iterable[Any]) -> Rows:
        """Return, for each hidden layer, what its units receive at x before the ReLU."""
        return tuple(_column(table) for table in self._forward(self._point(x))[:-1])

    def activation_pattern(self, x: Iterable[Any]) -> Pattern:
        """Return the sign -1, 0 or 1 of every preactivation at x, for each hidden layer.

        >>> ReluNetwork.of([([[1], [-1]], [0, 2]), ([[1, 1]], [0])]).activation_pattern([2])
        ((1, 0),)
        """
        return tuple(tuple(_sign(a) for a in layer) for layer in self.preactivations(x))

    def cell(self, pattern: Sequence[Sequence[int]]) -> tuple[Rows, Vector]:
        """Return A, b such that {x : A x <= b} is the closed activation cell of ``pattern``.

        The pattern may stop after any hidden layer; units of later layers then do not matter. These
        are the x whose preactivations are >= 0, <= 0 or = 0 where the pattern says 1, -1 or
        0, unit by unit; a 0 gives two opposite rows. Redundant and zero rows are kept, and a
        pattern that no x has may leave the set empty.
        """
        matrix, right_side = [], []
        signs = self._checked(pattern)
        for layer, table in zip(signs, self._maps(signs), strict=False):
            for sign, row in zip(layer, table, strict=True):
                *slope, offset = rationals.from_flint(fmpq_mat(1, len(row), row))[0]
                for s in (sign,) if sign else (1, -1):
                    matrix.append(tuple(-s * a for a in slope))
                    right_side.append(s * offset)
        return tuple(matrix), tuple(right_side)

    def affine_on(self, pattern: Sequence[Sequence[int]]) -> tuple[Rows, Vector]:
        """Return D (outputs x d) and e such that the outputs are D x + e on the closed cell.

        For a pattern that stops after k hidden layers, D x + e is what layer k receives there,
        counted from 0: the preactivations of the next hidden layer.
        """
        table = rationals.from_flint(fmpq_mat(self._maps(self._checked(pattern))[-1]))
        return tuple(row[:-1] for row in table), tuple(row[-1] for row in table)

    def trace_ray(self, x: Iterable[Any], v: Iterable[Any]) -> RayTrace:
        """Return the outputs along x + c v for all c >= 0, in finitely many numbers.

        >>> distance = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
        >>> distance.trace_ray([-2], [1])
        RayTrace(steps=(Fraction(0, 1), Fraction(2, 1)), \
values=((Fraction(2, 1),), (Fraction(0, 1),)), final_slope=(Fraction(1, 1),))
        """
        start = rationals.vector(x, "x", length=self.dimension)
        direction = rationals.vector(v, "v", length=self.dimension)
        # One column for each step so far, and last the direction in which the ray goes on.
        pairs = [*zip(start, direction, strict=True), (Fraction(1), Fraction(0))]
        table = [[rationals.as_flint(p) for p in pair] for pair in pairs]
        steps = [_ZERO]
        for layer in self.layers[:-1]:
            steps, table = _refined(steps, layer.extended(table))
            table = [*(_rectified(row) for row in table), [_ONE] * len(steps) + [_ZERO]]
        outputs = rationals.from_flint(fmpq_mat(self.layers[-1].extended(table)))
        *values, slope = zip(*outputs, strict=True)
        exact = rationals.from_flint(fmpq_mat(1, len(steps), steps))[0]
        return RayTrace(exact, tuple(values), slope)

    def _point(self, x: Iterable[Any]) -> Table:
        given = rationals.vector(x, "x", length=self.dimension)
        return [[rationals.as_flint(p)] for p in given]

    def _forward(self, table: Table) -> list[Table]:
        """Return the preactivations of every layer, the outputs last."""
        received = []
        for layer in self.layers:
            received.append(layer.extended([*table, [_ONE]]))
            table = [[max(a, _ZERO) for a in row] for row in received[-1]]
        return received

    def _maps(self, pattern: Pattern) -> list[Table]:
        """Return [A | c] such that each layer up to the first without signs receives A x + c."""
        columns = self.dimension + 1
        units = [[fmpq(int(i == j)) for j in range(columns)] for i in range(columns)]
        one = units[-1]
        maps = []
        for layer, signs in zip(self.layers, (*pattern, ()), strict=False):
            maps.append(layer.extended(units))
            # The last of these layers has no signs; what it sends is used nowhere.
            active = zip(signs, maps[-1], strict=False)
            units = [*(row if sign > 0 else [_ZERO] * columns for sign, row in active), one]
        return maps

    def _checked(self, pattern: Sequence[Sequence[int]]) -> Pattern:
        widths = [layer.units for layer in self.layers[:-1]]
        expected = f"signs for the first hidden layers of {widths} units"
        if not all(isinstance(signs, Sequence) for signs in pattern):
            raise InputError("pattern", expected=expected, got="a flat list")
        given = tuple(tuple(signs) for signs in pattern)
        if [len(signs) for signs in given] != widths[: len(given)]:
            got = f"layers of {[len(signs) for signs in given]}"
            raise InputError("pattern", expected=expected, got=got)
        for k, signs in enumerate(given):
            for i, sign in enumerate(signs):
                if sign not in (-1, 0, 1):
                    raise InputError(
                        "pattern", expected="-1, 0 or 1", got=repr(sign),
                        where=f"layer {k}, unit {i}",
                    )  # fmt: skip
        return given


def _refined(steps: list[fmpq], table: Table) -> tuple[list[fmpq], Table]:
    """Add a column at every step where some row passes through zero between two columns."""
    last = len(steps) - 1
    zeros = set()
    for row in table:
        for k, (a, b) in enumerate(pairwise(row)):
            if a * b < 0:
                zeros.add((k, a / (a - b) if k < last else -a / b))
    if not zeros:
        return steps, table
    # A place (k, part) lies at steps[k] + part * (length of piece k); the last piece, which has no
    # end, counts as one of length 1 with the slope as its difference.
    places = sorted({(k, _ZERO) for k in range(last + 1)} | zeros)
    lengths = [b - a for a, b in pairwise(steps)] + [_ONE]
    finer = []
    for row in table:
        rises = [b - a for a, b in pairwise(row[:-1])] + [row[-1]]
        finer.append([*(row[k] + part * rises[k] for k, part in places), row[-1]])
    return [steps[k] + part * lengths[k] for k, part in places], finer


def _rectified(row: list[fmpq]) -> list[fmpq]:
    """Apply ReLU to values that keep their sign between columns, and to the slope at the end."""
    *values, slope = row
    end = values[-1]
    slope = slope if end > 0 else max(slope, _ZERO) if end == 0 else _ZERO
    return [*(max(a, _ZERO) for a in values), slope]


def _column(table: Table) -> Vector:
    flat = [row[0] for row in table]
    return rationals.from_flint(fmpq_mat(1, len(flat), flat))[0]


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)
