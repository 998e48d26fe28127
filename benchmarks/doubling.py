"""How time grows when one size doubles and the others stay: N, d, l and m, each by itself."""

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from benchmarks.heads import drawn
from benchmarks.measure import OURS, Case, Job


def _margin(points: int, dimension: int) -> Fraction:
    from certify import max_margin

    rng = np.random.default_rng([points, dimension])
    y = np.where(rng.integers(0, 2, points) == 1, 1, -1)
    X = rng.integers(-(10**6), 10**6 + 1, (points, dimension))
    X[:, 0] = y * (10**5 + np.abs(X[:, 0]))
    answer = max_margin(X, y)
    assert answer.separable
    return answer.margin_squared


def _dimension(features: int, classes: int) -> int:
    from certify import invariant_dimension

    return invariant_dimension(drawn(features, classes)).dimension


def _direction(features: int, classes: int) -> None:
    from certify import invariant_direction

    assert invariant_direction(drawn(features, classes)).direction is not None


def _steps(points: int, dimension: int) -> tuple[str, ...]:
    from certify import universal_step

    rng = np.random.default_rng([points, dimension])
    X = rng.integers(-20, 21, (points, dimension))
    X[:, 0] = np.where(X[:, 0] == 0, 1, X[:, 0])
    answer = universal_step(X, np.where(X[:, 0] > 0, 1, -1))
    return tuple(str(p.step) for p in answer.points)


def _job(
    name: str,
    question: str,
    counted: str,
    run: Callable[[int, int], object],
    shapes: Sequence[tuple[int, int]],
    explanation: str,
) -> Job:
    """Return the job that runs on all shapes; the side of them that changes is what grows."""
    grows = 0 if shapes[0][0] != shapes[1][0] else 1
    cases = [
        Case(name, f"{a} x {b}", (a, b)[grows], OURS, functools.partial(run, a, b))
        for a, b in shapes
    ]
    return Job(name, question, explanation, lambda: cases, counted=counted)


JOBS = [
    _job(
        "doubling_margin_points",
        "The exact maximum margin: twice as many points in 50 dimensions?",
        "number of points N, at d = 50",
        _margin,
        [(n, 50) for n in (500, 1000, 2000, 4000, 8000)],
        "Only reading the points, the passes of the guess and the comparison with every point see "
        "more of them, each in linear time. The exact system has the size of the support, which "
        "the dimension bounds.",
    ),
    _job(
        "doubling_margin_dimension",
        "The exact maximum margin: twice as many coordinates of 1,000 points?",
        "dimension d, at N = 1,000",
        _margin,
        [(1000, d) for d in (25, 50, 100, 200, 400)],
        "The support grows with the dimension, the exact system with the support, and its numbers "
        "by some bits for each row: between the third and the fourth power of the support. At "
        "these sizes that outweighs reading the points, which is linear.",
    ),
    _job(
        "doubling_head_features",
        "The dimension of the invariant space: twice as many features for 250 classes?",
        "number of features l, at m = 250",
        _dimension,
        [(l, 250) for l in (512, 1024, 2048, 4096, 8192)],
        "The first m features almost always show the whole rank, so that one elimination of fixed "
        "size decides. More features are only read and written down: linear growth.",
    ),
    _job(
        "doubling_head_classes",
        "The dimension of the invariant space: twice as many classes for 4,096 features?",
        "number of classes m, at l = 4,096",
        _dimension,
        [(4096, m) for m in (64, 128, 256, 512, 1024)],
        "Reading l m weights is linear in m and the elimination modulo a prime takes a time of "
        "order m^3 in machine words. Reading outweighs it up to several hundred classes.",
    ),
    _job(
        "doubling_direction_classes",
        "One exact direction: twice as many classes for 1,024 features?",
        "number of classes m, at l = 1,024",
        _direction,
        [(1024, m) for m in (64, 128, 256, 512)],
        "The numbers of a direction have some 40 m bits, and lifting them takes about m steps of "
        "products of an m x m matrix and a vector: the third power. Below a hundred classes "
        "reading the weights shows, above that only lifting.",
    ),
    _job(
        "doubling_step_points",
        "The universal step of every point: twice as many points in 10 dimensions?",
        "number of points N, at d = 10",
        _steps,
        [(n, 10) for n in (50, 100, 200, 400)],
        "There is one program for each point and each confirms N multipliers, so at least the "
        "second power is needed to write the answer down. Starting from the last basis keeps the "
        "number of pivots small.",
    ),
    _job(
        "doubling_step_dimension",
        "The universal step of every point: twice as many coordinates of 200 points?",
        "dimension d, at N = 200",
        _steps,
        [(200, d) for d in (5, 10, 20, 40)],
        "Each program solves exact systems of d + 1 rows, whose numbers grow with d as well. For "
        "few coordinates the N multipliers of each point weigh more, so that the exponent rises "
        "with the dimension.",
    ),
]
