"""Labelled points as integers over one denominator, and exact extreme points along a direction."""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from operator import sub
from typing import Any, TypeAlias

import flint
import numpy as np

from certify.errors import InputError
from certify.numbers import rationals

# From so many coordinates on a soft margin in floats costs less than the exact steps that it saves,
# and from so many on deciding in floats which exact products are needed less than all of them.
LARGE, FILTERED = 20_000, 1_000

Vertex: TypeAlias = tuple[int, ...]  # (i,) is the vertex y_i x_i and (i, j) is x_i - x_j


class LabelledSet:
    """Points x_i with labels y_i = -1 or +1; x_i is ``rows[i]`` divided by ``denominator``.

    The vertices of its polytope are the differences x_i - x_j of a point labelled +1 and one
    labelled -1 when there is a ``bias``, and the points y_i x_i when there is none: a rule without
    and with a bias, respectively, is right on all points when it is positive on all vertices.
    """

    def __init__(self, X: Any, y: Any, bias: bool) -> None:
        self.labels, self.bias = check_labels(y, "y"), bias
        array = rationals.dyadic_array(X, "X")
        self.instance: dict[str, Any] = {"labels": list(self.labels)}
        if array is None:
            points = _exact_rows(X)
            count, self.dimension = len(points), len(points[0]) if points else 0
            self.denominator = math.lcm(*(x.denominator for row in points for x in row))
            self.rows: list[list[int]] = [
                [x.numerator * (self.denominator // x.denominator) for x in row] for row in points
            ]
            self._array = None
            self.instance["points"] = [[str(x) for x in row] for row in points]
        else:
            count, self.dimension = array.integers.shape
            self.denominator = 1 << max(0, -array.exponent)
            self.rows = array.integers.tolist()
            self.instance["points"] = {"exponent": array.exponent, "integers": self.rows}
            if array.exponent > 0:
                self.rows = [[x << array.exponent for x in row] for row in self.rows]
            self._array = array.integers if array.exponent <= 0 else None
        self._flint: dict[int, list[flint.fmpz]] = {}
        self._last: tuple[tuple[Vertex, ...], flint.fmpz_mat] | None = None
        if count != len(self.labels):
            raise InputError("y", expected=f"{count} labels", got=f"{len(self.labels)} labels")
        if not self.labels:
            raise InputError("X", expected="at least one point", got="none")
        if self.dimension == 0:
            raise InputError("X", expected="at least one coordinate", got="points without any")
        if bias and len(set(self.labels)) == 1:
            raise InputError("y", expected="both labels -1 and +1", got=f"only {self.labels[0]:+d}")

    @property
    def large(self) -> bool:
        """Whether a float proposal costs less than the exact steps that it saves."""
        return len(self.labels) * self.dimension >= LARGE

    @cached_property
    def array(self) -> np.ndarray[Any, Any]:
        """The integers ``rows``, as int64 where they fit, else as Python's."""
        if self._array is not None:
            return self._array
        return np.array(self.rows, dtype=np.int64 if self._largest.bit_length() < 63 else object)

    @cached_property
    def floats(self) -> np.ndarray[Any, Any]:
        """The integers ``rows`` over one power of two, each rounded to the nearest float.

        For guesses, and for bounds that allow for the rounding.
        """
        try:
            rounded: np.ndarray[Any, Any] = self.array.astype(np.float64)
        except OverflowError:  # beyond floats; Python rounds quotients rightly
            scale = 1 << self._largest.bit_length()
            return np.array([[x / scale for x in row] for row in self.rows])
        if self.array.dtype == object:
            rounded = np.ldexp(rounded, -np.frexp(np.abs(rounded).max())[1])  # exactly
        return rounded

    @property
    def _largest(self) -> int:
        return max(max(max(row), -min(row)) for row in self.rows)

    def row(self, i: int) -> list[flint.fmpz]:
        """Return x_i, times the denominator; kept, as long integers take time to convert."""
        if i not in self._flint:
            self._flint[i] = list(map(flint.fmpz, self.rows[i]))
        return self._flint[i]

    def signed(self, i: int) -> list[flint.fmpz]:
        """Return y_i x_i, times the denominator."""
        return self.row(i) if self.labels[i] == 1 else [-x for x in self.row(i)]

    def vertex(self, v: Vertex) -> list[flint.fmpz]:
        """Return a vertex, times the denominator."""
        if len(v) == 1:
            return self.signed(v[0])
        return list(map(sub, self.row(v[0]), self.row(v[1])))

    def vertices(self, chosen: Iterable[Vertex]) -> flint.fmpz_mat:
        """Return vertices, at least one, times the denominator, as the rows of a matrix.

        The last one is kept, as a guess is looked at twice.
        """
        wanted = tuple(chosen)
        if self._last is None or self._last[0] != wanted:
            self._last = wanted, flint.fmpz_mat([self.vertex(v) for v in wanted])
        return self._last[1]

    def any_vertex(self) -> Vertex:
        """Return the first vertex."""
        return (self.labels.index(1), self.labels.index(-1)) if self.bias else (0,)

    def lowest(self, direction: list[flint.fmpz]) -> tuple[Vertex, flint.fmpz]:
        """Return the vertex with the smallest inner product with integers, and that product.

        The product is that of the vertex times the denominator. Exact, whatever the size.
        """
        candidates = list(range(len(self.labels)))
        if len(self.labels) * self.dimension >= FILTERED:
            candidates = self._candidates(direction)
        if len(candidates) == len(self.labels):
            matrix = self._matrix
        else:
            # Those on the margin are converted already; of others there may be too many to keep.
            matrix = flint.fmpz_mat([self._flint.get(i, self.rows[i]) for i in candidates])
        products = (matrix * flint.fmpz_mat(self.dimension, 1, direction)).entries()
        best: dict[int, tuple[flint.fmpz, int]] = {}
        for i, value in zip(candidates, products, strict=True):
            label = self.labels[i]
            key, side = label if self.bias else 0, value if label > 0 else -value
            if key not in best or side < best[key][0]:
                best[key] = side, i
        if not self.bias:
            return (best[0][1],), best[0][0]
        return (best[1][1], best[-1][1]), best[1][0] + best[-1][0]

    @cached_property
    def _matrix(self) -> flint.fmpz_mat:
        return flint.fmpz_mat(self.rows)

    @cached_property
    def _norms(self) -> np.ndarray[Any, Any]:
        norms: np.ndarray[Any, Any] = np.sqrt(np.einsum("ij,ij->i", *[self.floats] * 2))
        return norms

    def _candidates(self, direction: list[flint.fmpz]) -> list[int]:
        """Return indices among which the lowest points are, by floats with a bound on their error.

        An inner product of d terms in any order errs by less than (d + 3) u |x||z| for entries of
        x and z that are rounded (Higham, Accuracy and Stability of Numerical Algorithms, section
        3.1; u = 2^-53); 8 (d + 2) u also covers the error in the norms themselves. What underflows
        is less than 2^-900 after scaling.
        """
        integers = list(map(int, direction))
        scale = 1 << max(z.bit_length() for z in integers)
        z = np.array([x / scale for x in integers])  # Python rounds this quotient correctly
        values = self.floats @ z * np.array(self.labels)
        errors = (self.dimension + 2) * 2.0**-50 * self._norms * np.linalg.norm(z) + 2.0**-900
        keep = np.zeros(len(values), dtype=bool)
        signs = np.array(self.labels)
        for side in [signs == 1, signs == -1] if self.bias else [signs != 0]:
            keep |= side & (values - errors <= np.min((values + errors)[side]))
        found: list[int] = np.flatnonzero(keep).tolist()
        return found


def _exact_rows(X: Any) -> Sequence[Sequence[Fraction | int]]:
    """Return points given as lists; those that are exact already are taken as they are."""
    if (
        isinstance(X, list | tuple)
        and all(isinstance(row, list | tuple) for row in X)
        and {type(x) for row in X for x in row} <= {int, Fraction}
        and len({len(row) for row in X}) == 1
    ):
        return X
    return rationals.rows(X, "X")


def check_labels(y: Any, name: str = "y") -> tuple[int, ...]:
    """Return labels as a tuple of -1 and +1; raise :class:`InputError` for any other value."""
    if isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind == "i":
        y = y.tolist()
    labels = list(y) if isinstance(y, list | tuple) else None
    if labels is not None and set(map(type, labels)) <= {int} and set(labels) <= {-1, 1}:
        return tuple(labels)
    exact = rationals.vector(y, name)
    for i, label in enumerate(exact):
        if abs(label) != 1:
            raise InputError(name, expected="labels -1 or +1", got=str(label), where=f"entry {i}")
    return tuple(int(label) for label in exact)
