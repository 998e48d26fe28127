"""How many directions leave a softmax head unchanged: from 16 classes to those of ImageNet."""

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from benchmarks.measure import OURS, Case, Job

Head: TypeAlias = np.ndarray[Any, Any]  # l x m float32, column i for class i
Integers: TypeAlias = list[list[int]]


@functools.cache
def drawn(features: int, classes: int) -> Head:
    """Return a head as it is initialised: normal weights of variance 1 / l in single precision."""
    rng = np.random.default_rng([features, classes])
    return (rng.standard_normal((features, classes)) / features**0.5).astype(np.float32)


def differences(weights: Head) -> Integers:
    """Return the rows w_i - w_m times a power of two that makes integers of them."""
    table = weights.T.astype(np.float64).tolist()
    scale = max(x.as_integer_ratio()[1] for row in table for x in row)
    # A power of two scales a double without rounding.
    exact = [[int(x * scale) for x in row] for row in table]
    return [[x - y for x, y in zip(row, exact[-1], strict=True)] for row in exact[:-1]]


def certify_dimension(weights: Head) -> int:
    """Decide the dimension with this package, certificate included."""
    from certify import invariant_dimension

    return invariant_dimension(weights).dimension


def flint_dimension(weights: Head) -> int:
    """Compute the rank alone, without a certificate."""
    from flint import fmpz_mat

    return len(weights) - int(fmpz_mat(differences(weights)).rank())


def domain_matrix_dimension(weights: Head) -> int:
    """Compute the rank in SymPy's matrices over the integers, as its fastest users do."""
    return len(weights) - int(domain_matrix(weights).rank())


def sympy_dimension(weights: Head) -> int:
    """Count the null vectors of ``Matrix.nullspace``."""
    from sympy import Matrix

    return len(Matrix(differences(weights)).nullspace())


def fractions_dimension(weights: Head) -> int:
    """Eliminate with ``fractions.Fraction``."""
    return len(weights) - len(eliminated(differences(weights))[1])


def domain_matrix(weights: Head) -> Any:
    """Return the differences as a dense SymPy matrix over the rationals."""
    from sympy import QQ, ZZ
    from sympy.polys.matrices import DomainMatrix

    rows = differences(weights)
    shape = (len(rows), len(rows[0]))
    return DomainMatrix([[ZZ(x) for x in row] for row in rows], shape, ZZ).convert_to(QQ)


def eliminated(rows: Integers) -> tuple[list[list[Fraction]], list[int]]:
    """Return independent rows in echelon form and their pivot columns."""
    left = [[Fraction(x) for x in row] for row in rows]
    done: list[list[Fraction]] = []
    pivots: list[int] = []
    for j in range(len(rows[0])):
        k = next((i for i, row in enumerate(left) if row[j]), None)
        if k is None:
            continue
        pivot = left.pop(k)
        for i, row in enumerate(left):
            if row[j]:
                factor = row[j] / pivot[j]
                left[i] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        done.append(pivot)
        pivots.append(j)
    return done, pivots


# Public, so that tests can verify what each contender finds.
DIMENSION: dict[str, Callable[[Head], int]] = {
    OURS: certify_dimension,
    "flint rank": flint_dimension,
    "sympy domain matrix": domain_matrix_dimension,
    "sympy matrix": sympy_dimension,
    "fractions": fractions_dimension,
}


def dimension(contender: str, features: int, classes: int) -> int:
    """Return the dimension of the invariant space of a drawn head."""
    return DIMENSION[contender](drawn(features, classes))


def cases_of(
    job: str, run: Callable[[str, int, int], object], largest: dict[str, int]
) -> list[Case]:
    """Return the cases of every contender on heads with up to its largest number of classes."""
    shapes = [(4 * m, m) for m in (8, 16, 32, 64, 128, 256, 512)] + [(2048, 1000), (4096, 1000)]
    return [
        Case(
            job,
            f"{features} x {classes}",
            classes,
            contender,
            functools.partial(run, contender, features, classes),
        )
        for features, classes in shapes
        for contender, limit in largest.items()
        if classes <= limit
    ]


# The number of classes beyond which a contender would not end within the limit.
_LARGEST = {
    OURS: 1000,
    "flint rank": 1000,
    "sympy domain matrix": 256,
    "sympy matrix": 128,
    "fractions": 128,
}

JOB = Job(
    "heads",
    "How long does the exact dimension of the space of softmax-invariant directions take?",
    "A minor modulo one word-sized prime decides a head of full rank, so that time grows as that "
    "of reading the weights and of one elimination in machine words, between the second and the "
    "third power of the number of classes. Elimination over the integers or rationals works with "
    "numbers that grow by some forty bits with each row, which costs at least one power more.",
    functools.partial(cases_of, "heads", dimension, _LARGEST),
    counted="number of classes m, with l = 4 m up to 4,096 features",
)
