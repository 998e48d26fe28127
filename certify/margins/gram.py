"""The shortest vector of an affine hull from inner products, by lifting modulo several primes.

The weights a of the shortest combination of vertices with the Gram matrix G solve S x = e for
x = (-r, a), S = [[0, 1], [1, G]] and the first unit vector e; r is the square of the length. All of
x has one denominator, about as long as its numerators. A solver for any matrix needs as many digits
of x modulo a prime as both have together. S is symmetric, so half of them do: if x = u + q S^-1 v
with integers u and v, then e.x = e.u + q v.u modulo q^2, since v S^-1 e = v.x. That is enough for
the denominator of the first entry, and with it u modulo q for all numerators.
"""

import math
from itertools import islice
from typing import Any

import flint

from certify.numbers.elimination import primes

_LARGE = 60  # vertices; for fewer the solver for any matrix takes less time
_PRIMES = 4  # whose product is one digit
_SPARE = 64  # bits that the denominators of other entries may have beyond that of the first


def affine_weights(gram: flint.fmpz_mat) -> tuple[list[flint.fmpz], flint.fmpz]:
    """Return (-r, a) for affinely independent vertices: integers, and their least denominator."""
    size = gram.nrows()
    ones = [flint.fmpz(1)] * size
    system = flint.fmpz_mat([[flint.fmpz(0), *ones], *([ones[0], *row] for row in gram.tolist())])
    if size >= _LARGE:
        # No minor of a Gram matrix is larger than the product of its diagonal.
        bits = sum((gram[i, i].bit_length() for i in range(size)), 2 * size.bit_length())
        found = _lifted(system, bits)
        if found is not None:
            return found
    solution: Any = system.solve(_unit(size + 1))
    numerators, denominator = solution.numer_denom()
    return numerators.entries(), denominator


def _lifted(system: flint.fmpz_mat, bits: int) -> tuple[list[flint.fmpz], flint.fmpz] | None:
    """Return the solution, checked; None if a number has more bits, or a prime cannot be used."""
    digits = _digits(system, bits + _SPARE + 2)
    if digits is None:
        return None
    modulus, solution, rest = digits
    first = solution[0, 0] + modulus * (solution.transpose() * rest)[0, 0]
    denominator = _denominator(first, modulus**2, 1)
    numerators: list[flint.fmpz] = []
    for x in solution.entries():
        numerator = _centred(x * denominator, modulus)
        if abs(numerator) >> bits:
            more = _denominator(numerator, modulus, 1 << max(0, bits - _SPARE))
            denominator *= more
            numerators = [more * n for n in numerators]
            numerator = _centred(x * denominator, modulus)
        numerators.append(numerator)
    n = len(numerators)
    right = denominator > 0 and system * _column(numerators) == denominator * _unit(n)
    return (numerators, denominator) if right else None


def _digits(
    system: flint.fmpz_mat, bits: int
) -> tuple[flint.fmpz, flint.fmpz_mat, flint.fmpz_mat] | None:
    """Return q of so many bits, u and v with S (x - u) = q v; None when q has no inverse of S."""
    n, moduli = system.nrows(), list(islice(primes(), _PRIMES))
    base = flint.fmpz(math.prod(moduli))
    shares = flint.fmpz_mat(1, _PRIMES, [base // p for p in moduli])
    try:
        inverses = [flint.nmod_mat(system, p).inv() * pow(int(base) // p, -1, p) for p in moduli]
    except ZeroDivisionError:
        return None
    rest, found = _unit(n), []
    count = -(-bits // (base.bit_length() - 1))
    for _ in range(count):
        residues: list[int] = []
        for p, inverse in zip(moduli, inverses, strict=True):
            residues += map(int, (inverse * flint.nmod_mat(rest, p)).entries())
        found.append((shares * flint.fmpz_mat(_PRIMES, n, residues)).transpose())
        rest = _column([x // base for x in (rest - system * found[-1]).entries()])
    solution = found.pop()
    while found:
        solution = base * solution + found.pop()
    return base**count, solution, rest


def _denominator(residue: flint.fmpz, modulus: flint.fmpz, weight: int) -> flint.fmpz:
    """Return d > 0 for which d residue modulo the modulus and d weight are smallest together."""
    lattice: Any = flint.fmpz_mat([[modulus, 0], [residue, weight]]).lll()
    denominator: flint.fmpz = abs(lattice[0, 1]) // weight
    return denominator


def _centred(number: flint.fmpz, modulus: flint.fmpz) -> flint.fmpz:
    """Return the number modulo the modulus that is closest to 0."""
    residue = number % modulus
    return residue - modulus if 2 * residue > modulus else residue


def _column(entries: list[flint.fmpz]) -> flint.fmpz_mat:
    return flint.fmpz_mat(len(entries), 1, entries)


def _unit(n: int) -> flint.fmpz_mat:
    return flint.fmpz_mat(n, 1, [1] + [0] * (n - 1))
