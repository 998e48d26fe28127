"""Rank, null space and linear systems, certified from both sides.

"Rank at least r" is certified by an r x r minor that is nonzero modulo a named prime: the minor is
then nonzero over the rationals. "Rank at most r" is certified by explicit independent vectors that
the matrix sends to zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import flint

from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector
from certify.shown import Shown

# Word-sized, so that arithmetic modulo it is one machine operation.
LARGEST_PRIME_BELOW = 2**61


@dataclass(frozen=True, repr=False)
class Rank(Shown):
    """The exact rank of a matrix, with the certificate for both inequalities."""

    value: int
    certificate: Certificate = field(repr=False)

    def __index__(self) -> int:
        return self.value


@dataclass(frozen=True, repr=False)
class NullSpace(Shown):
    """A basis of a linear space given by equations, with the certificate that it is complete.

    ``basis[i]`` is 1 at coordinate ``free[i]`` and 0 at the other free coordinates.
    """

    basis: Rows
    free: tuple[int, ...]
    rank: int
    certificate: Certificate = field(repr=False)

    @property
    def dimension(self) -> int:
        """The number of basis vectors."""
        return len(self.basis)


@dataclass(frozen=True, repr=False)
class LinearSystemResult(Shown):
    """Either ``solution`` (A x = b) or ``contradiction`` (y A = 0 and y b = 1), never both."""

    solution: Vector | None
    contradiction: Vector | None
    certificate: Certificate = field(repr=False)

    @property
    def solvable(self) -> bool:
        """Whether the system has a solution."""
        return self.solution is not None


def rank(matrix: Any) -> Rank:
    """Return the exact rank of a matrix (rows x columns) with a certificate for both sides.

    >>> import certify
    >>> certify.rank([[1, 2], ["1/2", 1]]).value
    1
    """
    space = kernel(nonempty(rationals.flint_matrix(matrix, "matrix"), "matrix"))
    found = space.certificate
    certificate = Certificate(
        "rank", found.instance, {"rank": space.rank}, {**found.statement, **found.evidence}
    )
    return Rank(space.rank, certificate)


def null_space(matrix: Any) -> NullSpace:
    """Return a basis of {x : A x = 0} for A (rows x columns), certified to be complete.

    >>> import certify
    >>> certify.null_space([[1, 2, 3]]).basis[0]
    (Fraction(-2, 1), Fraction(1, 1), Fraction(0, 1))
    """
    return kernel(nonempty(rationals.flint_matrix(matrix, "matrix"), "matrix"))


def kernel(matrix: flint.fmpq_mat) -> NullSpace:
    """Return the null space of a matrix that may be without rows."""
    reduced, pivots = _reduce(matrix)
    n = matrix.ncols()
    free = tuple(sorted(set(range(n)) - set(pivots)))
    basis = []
    for j in free:
        v = [Fraction(0)] * n
        v[j] = Fraction(1)
        for row, column in enumerate(pivots):
            v[column] = rationals.rational(-reduced[row, j])
        basis.append(tuple(v))
    certificate = Certificate(
        "null-space",
        {"matrix": rationals.matrix_texts(matrix)},
        {"basis": [rationals.texts(v) for v in basis]},
        {**minor_evidence(matrix, len(pivots)), "free": list(free)},
    )
    return NullSpace(tuple(basis), free, len(pivots), certificate)


def solve(matrix: Any, right_side: Any) -> LinearSystemResult:
    """Solve A x = b exactly: one solution, or the combination of equations that reads 0 = 1.

    ``matrix`` is rows x columns, ``right_side`` has one entry for each row. Raises
    :class:`InputError` when the shapes differ.

    >>> import certify
    >>> certify.solve([[1, 1], [1, -1]], [3, 1]).solution
    (Fraction(2, 1), Fraction(1, 1))
    >>> certify.solve([[1], [2]], [1, 1]).contradiction
    (Fraction(2, 1), Fraction(-1, 1))
    """
    exact = nonempty(rationals.flint_matrix(matrix, "matrix"), "matrix")
    b = rationals.vector(right_side, "right_side", length=exact.nrows())
    instance = {"matrix": rationals.matrix_texts(exact), "right_side": rationals.texts(b)}
    n = exact.ncols()
    augmented = _augment(exact, rationals.flint_column(b))
    reduced, pivots = _reduce(augmented)
    if n not in pivots:
        x = [rationals.rational(0)] * n
        for row, column in enumerate(pivots):
            x[column] = rationals.rational(reduced[row, n])
        certificate = Certificate(
            "linear-system-solution", instance, {"solution": rationals.texts(x)}, {}
        )
        return LinearSystemResult(tuple(x), None, certificate)
    # b lies outside the column space, so some y annihilates the columns but not b.
    for y in kernel(exact.transpose()).basis:
        value = rationals.dot(y, b)
        if value != 0:
            y = tuple(entry / value for entry in y)
            certificate = Certificate(
                "linear-system-inconsistent", instance, {}, {"combination": rationals.texts(y)}
            )
            return LinearSystemResult(None, y, certificate)
    raise AssertionError("an inconsistent system has a left null vector that meets b")


def _reduce(matrix: flint.fmpq_mat) -> tuple[flint.fmpq_mat, list[int]]:
    """Return the reduced row echelon form and its pivot columns."""
    reduced, r = matrix.rref()
    return reduced, pivot_columns(reduced, r)


def pivot_columns(reduced: Any, r: int) -> list[int]:
    """Return the pivot columns of a matrix of rank ``r`` in reduced row echelon form."""
    columns: list[int] = []
    j = 0
    for row in range(r):
        while reduced[row, j] == 0:
            j += 1
        columns.append(j)
        j += 1
    return columns


def independent_columns(matrix: flint.fmpq_mat | flint.nmod_mat) -> list[int]:
    """Return the first independent columns; modulo a prime they are independent as rationals."""
    return pivot_columns(*matrix.rref())


def nonsingular_block(matrix: flint.nmod_mat) -> tuple[list[int], list[int]]:
    """Return rows and columns of a largest minor that is nonzero modulo the matrix's prime."""
    columns = independent_columns(matrix)
    if len(columns) in (0, matrix.nrows()):
        return list(range(len(columns))), columns
    # Independent rows and columns of full rank meet in a nonsingular block.
    return independent_columns(matrix.transpose()), columns


def minor_evidence(matrix: flint.fmpq_mat, r: int) -> dict[str, Any]:
    """Return rows and columns of an r x r minor that does not vanish modulo the named prime.

    ``r`` has to be the rank of ``matrix``; there is no such minor, or no need for it, otherwise.
    """
    numerators, denominator = matrix.numer_denom()
    for prime in primes():
        if int(denominator) % prime == 0:
            continue
        rows, columns = nonsingular_block(flint.nmod_mat(numerators, prime))
        if len(rows) == r:
            return {"prime": prime, "rows": rows, "columns": columns}
    raise AssertionError("only finitely many primes divide a nonzero minor")


@cache
def _prime_before(bound: int) -> int:
    candidate = bound - 1
    while not flint.fmpz(candidate).is_prime():
        candidate -= 1
    return candidate


def primes() -> Iterator[int]:
    """Yield the word-sized primes, the largest first."""
    bound = LARGEST_PRIME_BELOW
    while True:
        bound = _prime_before(bound)
        yield bound


def _augment(matrix: flint.fmpq_mat, column: flint.fmpq_mat) -> flint.fmpq_mat:
    n = matrix.ncols()
    flat = matrix.entries()
    entries = [
        x
        for i in range(matrix.nrows())
        for x in (*flat[i * n : (i + 1) * n], column[i, 0])
    ]  # fmt: skip
    return flint.fmpq_mat(matrix.nrows(), n + 1, entries)


def nonempty(matrix: flint.fmpq_mat, name: str) -> flint.fmpq_mat:
    """Return the matrix; raise :class:`InputError` when it has no entries."""
    if matrix.nrows() == 0 or matrix.ncols() == 0:
        got = f"{matrix.nrows()} rows and {matrix.ncols()} columns"
        raise InputError(name, expected="at least one row and one column", got=got)
    return matrix
