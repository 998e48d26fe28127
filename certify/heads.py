"""Softmax-invariant directions of heads: all of them, how many there are, or one of them.

:func:`invariant_directions` writes down a whole basis, whose numbers grow with the head until they
fill the memory. For heads at the size of papers the dimension is decided without a basis, and one
direction is computed by lifting a solution modulo a prime to the exact one. Both take a head with
thousands of features and a thousand classes, as float32 arrays, in seconds.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

import flint
import numpy as np

from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.elimination import NullSpace, kernel, nonempty, nonsingular_block, primes
from certify.numbers.rationals import Vector
from certify.shown import Shown

Array: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True, repr=False)
class InvariantDimension(Shown):
    """How many independent directions leave a softmax head unchanged.

    ``rank`` is that of the differences w_i - w_m and ``dimension`` is l - ``rank``.
    """

    rank: int
    dimension: int
    certificate: Certificate = field(repr=False)


@dataclass(frozen=True, repr=False)
class InvariantDirection(Shown):
    """One direction that leaves a softmax head unchanged, or None when there is none.

    ``direction`` has coprime integer coordinates and is positive at its free coordinate. The
    certificate is of kind "invariant-direction", or of kind "invariant-dimension" stating 0.
    """

    direction: Vector | None
    certificate: Certificate = field(repr=False)


def invariant_directions(weights: Any) -> NullSpace:
    """Return all directions d along which a softmax layer does not change: W^T d = kappa * 1.

    ``weights`` is W with shape (l, m): column i holds the weights of class i, so a torch
    ``Linear.weight``, which has shape (m, l), is passed transposed. Moving the features along d
    adds the same constant to every logit, so the softmax output stays exactly the same, and no
    other direction does that (Zou et al., Definition 1 and Theorem 1). The dimension is
    l - rank(w_1 - w_m, ..., w_(m-1) - w_m), at least l - m + 1. For heads with hundreds of classes
    see :func:`certify.invariant_dimension` and :func:`certify.invariant_direction`.

    >>> import certify
    >>> certify.invariant_directions([[1, 1], [2, 2], [0, 1]]).dimension
    2
    """
    exact = nonempty(rationals.flint_matrix(weights, "weights"), "weights")
    features, last = exact.nrows(), exact.ncols() - 1
    differences = [exact[k, i] - exact[k, last] for i in range(last) for k in range(features)]
    space = kernel(flint.fmpq_mat(last, features, differences))
    certificate = Certificate(
        "invariant-space",
        {"weights": rationals.matrix_texts(exact)},
        {"dimension": space.dimension, **space.certificate.statement},
        space.certificate.evidence,
    )
    return replace(space, certificate=certificate)


def invariant_dimension(weights: Any) -> InvariantDimension:
    """Return the exact rank of the class differences and the dimension of the invariant space.

    ``weights`` is W with shape (l, m), column i for class i; a torch ``Linear.weight`` is passed
    transposed. Both inequalities are certified: the rank is at least r by an r x r minor that is
    nonzero modulo a prime, and at most r because there are no more features or differences, or by
    explicit independent dependencies among those of the two that are fewer (Zou et al., Theorem 1).
    Raises :class:`InputError` when W is empty or holds something other than finite numbers.

    A head whose rank is far below both counts, and whose dependencies have no short coefficients,
    needs a certificate of (missing rank) x r numbers of some 40 r bits each.

    >>> import certify
    >>> certify.invariant_dimension([[1, 1], [2, 2], [0, 1]])
    InvariantDimension(rank=1, dimension=2)
    """
    integers, instance = _head(weights)
    features, classes = integers.shape
    tall = integers[:, :-1] - integers[:, -1:]
    if features < classes - 1:
        tall = tall.T
    n = tall.shape[1]
    for prime in primes():
        # Almost always the first n rows have the rank of all of them.
        rows, columns = nonsingular_block(_modulo(tall[:n], prime))
        if len(columns) < n and _modulo(tall, prime).rank() > len(columns):
            rows, columns = nonsingular_block(_modulo(tall, prime))
        free = _complement(columns, n)
        solution = _null_vectors(tall, rows, columns, free)
        if solution is None:
            continue  # the prime divides every larger minor, so it sees too small a rank
        rank = len(columns)
        evidence = {
            "prime": prime,
            "rows": rows,
            "columns": columns,
            "dependencies": _with_units(solution, columns, free, n),
            "free": free,
        }
        statement = {"rank": rank, "dimension": features - rank}
        certificate = Certificate("invariant-dimension", instance, statement, evidence)
        return InvariantDimension(rank, features - rank, certificate)
    raise AssertionError("only finitely many primes divide a nonzero minor")


def invariant_direction(weights: Any) -> InvariantDirection:
    """Return one explicit direction d with W^T d = kappa * 1, certified, if there is one.

    ``weights`` is W with shape (l, m), column i for class i. The direction lives on as few
    coordinates as the rank r of the class differences allows in general, r + 1; its integers have
    up to about 40 r bits for float32 weights. Raises :class:`InputError` as
    :func:`invariant_dimension` does.

    >>> import certify
    >>> certify.invariant_direction([[1, 1], [2, 3], [0, 2]]).direction
    (Fraction(1, 1), Fraction(0, 1), Fraction(0, 1))
    >>> certify.invariant_direction([[1, 0], [0, 1]]).direction
    (Fraction(1, 1), Fraction(1, 1))
    """
    integers, instance = _head(weights)
    features, classes = integers.shape
    odd, shifts = _without_powers_of_two(integers)
    # As many features as classes suffice: they outnumber the differences. Short ones give a short
    # direction, and lifting takes time in proportion.
    used = np.argsort(abs(odd).max(axis=1), kind="stable")[: min(features, classes)]
    differences = (odd[used, :-1] - odd[used, -1:]).T
    for prime in primes():
        rows, columns = nonsingular_block(_modulo(differences, prime))
        free = _complement(columns, len(used))[:1]
        if not free:
            return InvariantDirection(None, invariant_dimension(weights).certificate)
        solution = _null_vectors(differences, rows, columns, free)
        if solution is None:
            continue  # an unlucky prime
        numerators, denominator = solution.numer_denom()
        found = dict(zip([free[0], *columns], [denominator, *numerators.entries()], strict=True))
        direction, shown = [Fraction(0)] * features, ["0"] * features
        for j, value in _coprime(found, shifts[used].tolist()).items():
            direction[used[j]], shown[used[j]] = Fraction(int(value)), str(value)
        certificate = Certificate("invariant-direction", instance, {"direction": shown}, {})
        return InvariantDirection(tuple(direction), certificate)
    raise AssertionError("only finitely many primes divide a nonzero minor")


def _without_powers_of_two(integers: Array) -> tuple[Array, Array]:
    """Return the rows without the powers of two that divide them, and the exponents of these.

    In floats every row has such a power, as long as the smallest of all weights is not in it.
    """
    bits = np.bitwise_or.reduce(integers, axis=1)
    exponents = [(int(x) & -int(x)).bit_length() - 1 if x else 0 for x in bits]
    shifts = np.array(exponents, dtype=np.int64)
    return integers >> shifts[:, None], shifts


def _coprime(found: dict[int, flint.fmpz], shifts: list[int]) -> dict[int, flint.fmpz]:
    """Return coprime integers proportional to found[j] / 2**shifts[j], for coprime ``found``."""
    nonzero = {j: value for j, value in found.items() if value}
    # Only powers of two can be common to all of them after the division.
    powers = {j: (int(v) & -int(v)).bit_length() - 1 - shifts[j] for j, v in nonzero.items()}
    least = min(powers.values())
    result = {}
    for j, value in nonzero.items():
        raised = -shifts[j] - least
        result[j] = value << raised if raised >= 0 else value >> -raised
    return result


def _head(weights: Any) -> tuple[Array, dict[str, Any]]:
    """Return W times a positive number, in integers, and W itself as the certificate states it."""
    dyadic = rationals.dyadic_array(weights, "weights")
    if dyadic is not None:
        integers = dyadic.integers
        stated: Any = {"exponent": dyadic.exponent, "integers": _written(integers)}
    else:
        exact = rationals.flint_matrix(weights, "weights")
        shape = exact.nrows(), exact.ncols()
        entries = [int(x) for x in exact.numer_denom()[0].entries()]
        integers = np.array(entries, dtype=object).reshape(shape)
        stated = rationals.matrix_texts(exact)
    if 0 in integers.shape:
        got = f"{integers.shape[0]} rows and {integers.shape[1]} columns"
        raise InputError("weights", expected="at least one row and one column", got=got)
    return integers, {"weights": stated}


def _written(integers: Array) -> list[list[Any]]:
    if integers.size and abs(integers).max() < 2**53:
        return integers.tolist()  # type: ignore[no-any-return]
    # Longer integers are numerals, since not every reader of JSON keeps them exactly.
    return [[str(flint.fmpz(x)) for x in row] for row in integers.tolist()]


def _modulo(integers: Array, prime: int) -> flint.nmod_mat:
    return flint.nmod_mat(rationals.integer_matrix(integers), prime)


def _null_vectors(
    matrix: Array, rows: list[int], columns: list[int], free: list[int]
) -> flint.fmpq_mat | None:
    """Return X with matrix[:, columns] X = -matrix[:, free], or None when there is no such X.

    ``rows`` and ``columns`` meet in a nonsingular block.
    """
    right = rationals.integer_matrix(-matrix[:, free])
    if not free or not columns:
        # Nothing to solve for: trivially right, or a nonzero matrix that vanishes modulo the prime.
        return flint.fmpq_mat(len(columns), len(free)) if right.is_zero() else None
    left = rationals.integer_matrix(matrix[:, columns])
    block = rationals.integer_matrix(matrix[np.ix_(rows, columns)])
    wanted = rationals.integer_matrix(-matrix[np.ix_(rows, free)])
    # Lifting modulo powers of a prime ends as soon as the solution is exact: short ones are cheap.
    solution = flint.fmpq_mat(block).solve(flint.fmpq_mat(wanted), algorithm="dixon")  # type: ignore[call-arg]
    numerators, denominator = solution.numer_denom()
    return solution if left * numerators == right * denominator else None


def _with_units(
    solution: flint.fmpq_mat, columns: list[int], free: list[int], n: int
) -> list[list[str]]:
    """Return the vectors with the solution at ``columns`` and one unit each at ``free``."""
    vectors = [["0"] * n for _ in free]
    entries = iter(solution.entries())
    for j in columns:
        for vector in vectors:
            vector[j] = str(next(entries))
    for vector, j in zip(vectors, free, strict=True):
        vector[j] = "1"
    return vectors


def _complement(indices: list[int], n: int) -> list[int]:
    present = set(indices)
    return [j for j in range(n) if j not in present]
