"""Linear programs to measure: drawn by size, number type and outcome, and a set of hard ones."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Literal

import numpy as np

Kind = Literal["optimal", "infeasible", "unbounded"]
SEEDS = range(3)


@dataclass(frozen=True)
class Program:
    """Minimise ``objective``·x subject to ``matrix`` x <= ``right_side`` and equalities.

    Arrays of integers, of floats (read as the dyadic rationals that they are) or of Fractions; the
    matrices are m x n and k x n. Variables listed in ``free`` have no sign, all others are >= 0.
    """

    objective: Any
    matrix: Any
    right_side: Any
    equal_matrix: Any = None
    equal_right_side: Any = None
    free: tuple[int, ...] = ()

    @property
    def nonnegative(self) -> tuple[int, ...]:
        """The indices of the variables that are not free."""
        return tuple(sorted(set(range(len(self.objective))) - set(self.free)))


@functools.cache
def drawn(kind: Kind, rows: int, columns: int, numbers: str, seed: int = 0) -> Program:
    """Draw a dense program in x >= 0 with that outcome, in "integers" or "float32"."""
    draw = np.random.default_rng([seed, rows, columns])
    whole = numbers == "integers"
    if whole:
        matrix = draw.integers(-99, 100, (rows, columns)).astype(object)
        point, multipliers = (
            (draw.integers(1, 5, size) * (draw.random(size) < 0.5)).astype(object)
            for size in (columns, rows)
        )
        slack, reduced = (draw.integers(1, 50, size).astype(object) for size in (rows, columns))
    else:
        matrix = draw.standard_normal((rows, columns)).astype(np.float32).astype(float)
        point, multipliers = (
            draw.random(size) * (draw.random(size) < 0.5) for size in (columns, rows)
        )
        slack, reduced = (0.1 + draw.random(size) for size in (rows, columns))
    # With room in every inequality, primal and dual, rounding to float32 changes no outcome.
    right_side = matrix @ point + slack
    objective = reduced - multipliers @ matrix
    if kind == "infeasible":
        matrix[-1] = reduced - multipliers[:-1] @ matrix[:-1]
        right_side[-1] = -(multipliers[:-1] @ right_side[:-1]) - slack[-1]
    if kind == "unbounded":
        direction = np.zeros(columns, dtype=matrix.dtype)
        chosen = draw.choice(columns, max(1, columns // 3), replace=False)
        direction[chosen] = 1
        matrix[:, chosen[0]] -= matrix @ direction + slack
        right_side = matrix @ point + slack
        objective[chosen[0]] -= objective @ direction + reduced[0]
    stored = np.int64 if whole else np.float32
    return Program(objective.astype(stored), matrix.astype(stored), right_side.astype(stored))


def hard() -> Iterator[tuple[str, Program]]:
    """Yield the hard set: a name with the seed, and the program."""
    for (name, make), seed in product(_HARD.items(), SEEDS):
        yield f"{name}, seed {seed}", make(np.random.default_rng([seed, len(name)]))
    for name, program in _CLASSICS.items():
        yield name, program


@functools.cache
def hard_program(name: str) -> Program:
    """Return one program of the hard set."""
    return dict(hard())[name]


def _nearly_equal_rows(draw: np.random.Generator) -> Program:
    """Draw 100 rows and each again, changed by 2^-40: every vertex is nearly degenerate."""
    matrix = draw.integers(-9, 10, (100, 64)).astype(float)
    right_side = matrix @ draw.integers(0, 4, 64) + draw.integers(1, 9, 100)
    twins = matrix + draw.integers(-1, 2, matrix.shape) * 2.0**-40
    objective = -(draw.integers(0, 3, 100) @ matrix) + draw.integers(1, 5, 64)
    return Program(objective, np.vstack([matrix, twins]), np.tile(right_side, 2))


def _infeasible_by_a_hair(draw: np.random.Generator) -> Program:
    """Draw 40 rows of which a combination says 0 <= -2^-38."""
    matrix = draw.integers(-9, 10, (40, 20)).astype(float)
    right_side = matrix @ draw.integers(-3, 4, 20) + draw.integers(0, 5, 40)
    multipliers = draw.integers(1, 4, 40)
    matrix = np.vstack([matrix, -(multipliers @ matrix)])
    right_side = np.append(right_side, -(multipliers @ right_side) - 2.0**-38)
    return Program(np.zeros(20), matrix, right_side, free=tuple(range(20)))


def _feasible_in_one_point(draw: np.random.Generator) -> Program:
    """Draw the same system without the gap: all rows hold with equality, at one point."""
    matrix = draw.integers(-9, 10, (40, 20)).astype(float)
    right_side = matrix @ draw.integers(-3, 4, 20)
    multipliers = draw.integers(1, 4, 40)
    matrix = np.vstack([matrix, -(multipliers @ matrix)])
    right_side = np.append(right_side, -(multipliers @ right_side))
    return Program(draw.integers(-9, 10, 20), matrix, right_side, free=tuple(range(20)))


def _hilbert(draw: np.random.Generator) -> Program:
    """Draw the Hilbert matrix of order 20, with fractions, and costs that make (1, ..., 1) best."""
    size = 20
    matrix = np.array([[Fraction(1, i + j + 1) for j in range(size)] for i in range(size)])
    weights = np.array([int(w) for w in draw.integers(1, 9, size)], dtype=object)
    return Program(-(weights @ matrix), matrix, matrix.sum(axis=1), free=tuple(range(size)))


def _many_magnitudes(draw: np.random.Generator) -> Program:
    """Draw coefficients from 1e-6 to 1e6 in both rows and columns: 24 orders together."""
    rows, columns = 60, 30
    scale = 10.0 ** draw.integers(-6, 7, columns)
    units = 10.0 ** draw.integers(-6, 7, rows)
    matrix = draw.integers(-9, 10, (rows, columns)) * scale * units[:, None]
    right_side = draw.integers(1, 10, rows) * units
    objective = -((draw.integers(0, 3, rows) / units) @ matrix)
    return Program(objective, matrix, right_side, free=tuple(range(columns)))


def _many_ties(draw: np.random.Generator) -> Program:
    """Draw an assignment of 10 to 10: every vertex is degenerate, one equation is redundant."""
    size = 10
    places = range(size * size)
    sums = [[int(k // size == i) for k in places] for i in range(size)]
    sums += [[int(k % size == i) for k in places] for i in range(size)]
    ones = np.ones(2 * size, dtype=int)
    costs = draw.integers(0, 20, size * size)
    return Program(costs, np.zeros((0, size * size), dtype=int), [], np.array(sums), ones)


def _cone(draw: np.random.Generator) -> Program:
    """Draw 200 halfspaces through the origin, which is the optimum: no pivot makes progress."""
    matrix = draw.integers(-4, 5, (200, 12))
    return Program(-matrix.sum(axis=0), matrix, np.zeros(200, dtype=int), free=tuple(range(12)))


def _full_dimensional(draw: np.random.Generator) -> Program:
    """Draw 120 halfspaces around a ball, floats, in free variables."""
    matrix = draw.standard_normal((120, 30))
    return Program(
        draw.standard_normal(30), matrix, np.linalg.norm(matrix, axis=1), free=tuple(range(30))
    )


_HARD: dict[str, Callable[[np.random.Generator], Program]] = {
    "rows twice up to 2^-40, 200 x 64": _nearly_equal_rows,
    "infeasible by 2^-38, 41 x 20": _infeasible_by_a_hair,
    "a single point, 41 x 20": _feasible_in_one_point,
    "Hilbert, 20 x 20": _hilbert,
    "24 orders of magnitude, 60 x 30": _many_magnitudes,
    "assignment, 20 x 100": _many_ties,
    "cone, 200 x 12": _cone,
    "full-dimensional, 120 x 30": _full_dimensional,
}

_F = Fraction
_CLASSICS = {
    "Beale": Program(
        np.array([_F(-3, 4), 150, _F(-1, 50), 6]),
        np.array([[_F(1, 4), -60, _F(-1, 25), 9], [_F(1, 2), -90, _F(-1, 50), 3], [0, 0, 1, 0]]),
        np.array([0, 0, 1]),
    ),
    "Kuhn": Program(
        np.array([-2, -3, 1, 12]),
        np.array([[-2, -9, 1, 9], [_F(1, 3), 1, _F(-1, 3), -2], [2, 3, -1, -12]]),
        np.array([0, 0, 2]),
    ),
    "Marshall and Suurballe": Program(
        np.array([-10, 57, 9, 24]),
        np.array([[_F(1, 2), _F(-11, 2), _F(-5, 2), 9], [_F(1, 2), _F(-3, 2), _F(-1, 2), 1],
                  [1, 0, 0, 0]]),
        np.array([0, 0, 1]),
    ),
    "no rows": Program(np.array([1, 0, 2]), np.zeros((0, 3), dtype=int), []),
    "no columns": Program([], np.zeros((2, 0), dtype=int), [0, 1]),
}  # fmt: skip
