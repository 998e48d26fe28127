"""Matrices of planted rank, and softmax heads of which the invariant space is known.

A product of two factors with unit triangular blocks has the rank that the factors share. Adding a
power of two times another such product, on factors that continue the first ones, adds its rank.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np

import certify
from certify.certificates.certificate import Certificate
from verify.trust.planted.instances import (
    EASY,
    Array,
    Family,
    Instance,
    Json,
    Row,
    cycled,
    exact,
    floats,
    mapped,
    nonzero,
    require_same,
    shuffled_columns,
    stated,
)

_DEPENDENT = "dependent, of long floats"
_NEARLY = {"nearly dependent by 2^-45": 45, "nearly dependent by 2^-60": 60}
_SCALED = "units far apart"
_MIXED = 45  # the largest exponent at which a float holds a sum of both products
_CASES = [EASY, _DEPENDENT, *_NEARLY, _SCALED]


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix, for a softmax head the weights with one column for each class."""

    entries: Array


def _planted(
    rng: Random, rows: int, columns: int, case: str, turn: int
) -> tuple[list[list[Fraction]], int]:
    """Return a matrix and its rank, which is full in every other turn of most cases."""
    full, exponent = min(rows, columns), _NEARLY.get(case, 0)
    least = 2 if exponent else 1
    deficient = turn % 2 == 1 or case == _DEPENDENT
    rank = rng.randint(least, max(least, full - 1)) if deficient else full
    first = rank - (rng.randint(1, min(2, rank - 1)) if exponent else 0)
    left, right = _triangular(rng, rows, rank), _triangular(rng, columns, rank)
    if case == _DEPENDENT:
        # Long entries off the diagonal; those on the right are short, so products are floats.
        left = [
            [a * (1 + Fraction(rng.getrandbits(40), 2**40) * (i > j)) for j, a in enumerate(u)]
            for i, u in enumerate(left)
        ]
    if exponent > _MIXED:
        # No float holds the sum of both parts, so the faint one has rows of its own.
        strong = [i < first or i >= rank for i in range(rows)]
        left = [
            [a * ((j < first) == own) for j, a in enumerate(u)]
            for u, own in zip(left, strong, strict=True)
        ]
    weights = [Fraction(1, 2 ** (exponent * (j >= first))) for j in range(rank)]
    weighted = [[w * a for w, a in zip(weights, u, strict=True)] for u in left]
    return [mapped(right, u) for u in weighted], rank


def _triangular(rng: Random, rows: int, columns: int) -> list[list[Fraction]]:
    """Return a matrix that is unit lower triangular in its first rows, of full column rank."""
    return [
        [Fraction(nonzero(rng, 2) if i > j else i == j) for j in range(columns)]
        for i in range(rows)
    ]


def _rank(rng: Random, number: int) -> Instance[Matrix]:
    case, turn = cycled(number, _CASES)
    rows, columns = rng.randint(3, 8), rng.randint(3, 7)
    planted, rank = _planted(rng, rows, columns, case, turn)
    units = _units(rng, columns, case)
    scaled = [[s * x for s, x in zip(units, row, strict=True)] for row in planted]
    matrix = shuffled_columns(rng, scaled)
    rng.shuffle(matrix)
    return Instance(Matrix(floats(matrix)), rank, rank == columns, case)


def _head(rng: Random, number: int) -> Instance[Matrix]:
    """Plant the differences w_i - w_m of the classes, l x (m - 1), and add w_m to each."""
    case, turn = cycled(number, _CASES)
    features, classes = rng.randint(3, 9), rng.randint(4 if case in _NEARLY else 2, 7)
    differences, rank = _planted(rng, features, classes - 1, case, turn)
    rows: list[Row] = []
    for unit, row in zip(_units(rng, features, case), differences, strict=True):
        faint = any(row) and max(map(abs, row)) < Fraction(1, 2**_MIXED)
        last = rng.randint(-3, 3) * Fraction(1, 2 ** _NEARLY[case] if faint else 1)
        rows.append([unit * last, *(unit * (last + x) for x in row)])
    weights = shuffled_columns(rng, rows)
    rng.shuffle(weights)
    entries = floats(weights, "float32" if case == EASY and turn % 4 < 2 else "float64")
    promised = max(0, features - classes + 1)
    return Instance(Matrix(entries), features - rank, features - rank == promised, case)


def _units(rng: Random, count: int, case: str) -> list[Fraction]:
    spread = 30 if case == _SCALED else 0
    return [Fraction(2) ** rng.randint(-spread, spread) for _ in range(count)]


def _ranks(data: Matrix) -> Iterator[Certificate]:
    yield certify.rank(data.entries).certificate
    yield certify.null_space(exact(data.entries)).certificate


def _dimensions(data: Matrix) -> Iterator[Certificate]:
    yield certify.invariant_dimension(data.entries).certificate
    yield certify.invariant_directions(exact(data.entries)).certificate


def _read_rank(document: Json, data: Matrix) -> int:
    require_same(stated(document["instance"]["matrix"]), exact(data.entries))
    statement = document["statement"]
    if document["kind"] == "rank":
        return int(statement["rank"])
    require_same(document["kind"], "null-space")
    return int(data.entries.shape[1]) - len(statement["basis"])


def _read_dimension(document: Json, data: Matrix) -> int:
    require_same(stated(document["instance"]["weights"]), exact(data.entries))
    require_same(document["kind"] in ("invariant-dimension", "invariant-space"), True)
    return int(document["statement"]["dimension"])


def _float_rank(data: Matrix) -> int:
    return int(np.linalg.matrix_rank(data.entries))


def _float_dimension(data: Matrix) -> int:
    W = data.entries
    return int(len(W) - np.linalg.matrix_rank(W[:, :-1] - W[:, -1:]))


FAMILIES = (
    Family(
        "rank", "the columns are independent; asked is the rank", _rank, _ranks,
        _read_rank, _float_rank, "NumPy: matrix_rank",
    ),
    Family(
        "softmax heads",
        "no more directions than promised are invariant; asked is the dimension", _head,
        _dimensions, _read_dimension, _float_dimension, "NumPy: matrix_rank of the differences",
    ),
)  # fmt: skip
