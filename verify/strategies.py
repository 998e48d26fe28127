"""Hypothesis strategies for the objects of the two papers, for test suites of your own.

Everything is exact, small, and shrinks: numbers towards 0, sizes towards the smallest that is
allowed, and each object towards the simplest of its kind, which its strategy names. What is planted
(a margin, a common point, dependent weights) stays planted while an example shrinks. Objects of up
to 1,000 numbers, such as a head of 100 x 10 weights, or 50 points in 20 dimensions or 1,000 on a
line, are drawn at Hypothesis' default settings; it calls those of many thousand numbers too slow,
or too large.

A test of the multipliers of maximum-margin separators, as it could stand in another project:

>>> from hypothesis import given, settings
>>> import certify
>>> from verify import strategies
>>> @settings(max_examples=20, database=None)
... @given(strategies.separable_sets())
... def test_multipliers_sum_to_the_squared_norm(planted):
...     found = certify.max_margin(planted.data.points, planted.data.labels)
...     assert found.margin_squared == planted.margin_squared
...     assert sum(found.multipliers) == 1 / planted.margin_squared
>>> test_multipliers_sum_to_the_squared_norm()
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain
from typing import Literal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from certify import max_margin
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Vector, combine, dot
from verify.objects import LabelledSet, LinearRule, SoftmaxHead, TwoLayerNetwork

__all__ = [
    "PlantedSet",
    "inseparable_sets",
    "rationals",
    "separable_sets",
    "separators",
    "softmax_heads",
    "two_layer_networks",
    "vectors",
]

LARGEST = 9  # of numerators and denominators, unless asked otherwise
_BLOCK = 4  # numbers of a vector by one choice: small enough to shrink well
_DIMENSIONS, _POINTS, _CLASSES, _UNITS = (1, 4), (2, 8), (2, 5), (1, 4)
Range = tuple[int, int]
NetworkClass = Literal["R", "R'", "any"]


def rationals(largest: int = LARGEST) -> SearchStrategy[Fraction]:
    """Fractions of at most ``largest`` in size and denominator; shrinks towards 0."""
    return st.fractions(-largest, largest, max_denominator=largest)


@cache
def vectors(dimension: int, *, nonzero: bool = False) -> SearchStrategy[Vector]:
    """Vectors of :func:`rationals`; shrinks towards 0, or towards a unit vector if ``nonzero``."""
    blocks = [min(_BLOCK, dimension - k) for k in range(0, dimension, _BLOCK)]
    found = st.tuples(*map(_block, blocks)).map(lambda parts: tuple(chain(*parts)))
    return found.map(_nonzero) if nonzero else found


@cache
def _block(size: int) -> SearchStrategy[Vector]:
    """Numbers drawn by one choice, their places in the list as digits: 0 stands for zeros."""
    numbers = _simplest_first()

    def decoded(code: int) -> Vector:
        return tuple(numbers[code // len(numbers) ** k % len(numbers)] for k in range(size))

    return st.integers(0, len(numbers) ** size - 1).map(decoded)


def _simplest_first() -> tuple[Fraction, ...]:
    """Return 0 and all other numbers that vectors have."""
    reach = [(p, q) for q in range(1, LARGEST + 1) for p in range(-LARGEST * q, LARGEST * q + 1)]
    found = {Fraction(p, q) for p, q in reach}
    return tuple(sorted(found, key=lambda x: (x.denominator, abs(x), x < 0)))


@cache
def _points(count: int, dimension: int) -> SearchStrategy[tuple[Vector, ...]]:
    """Points, or weights, drawn by few choices, so that large sets are quick."""
    return vectors(count * dimension).map(
        lambda v: tuple(v[k * dimension : (k + 1) * dimension] for k in range(count))
    )


@cache
def _labels(count: int) -> SearchStrategy[tuple[int, ...]]:
    """Labels drawn by one choice, whose binary digits they are; shrinks towards +1."""
    return st.integers(0, 2**count - 1).map(
        lambda code: tuple(-1 if code >> k & 1 else 1 for k in range(count))
    )


def _nonzero(v: Vector) -> Vector:
    return v if any(v) else (*v[:-1], Fraction(1))


@st.composite
def softmax_heads(
    draw: DrawFn,
    *,
    features: Range = (1, 6),
    classes: Range = _CLASSES,
    dependent: bool = False,
) -> SoftmaxHead:
    """Heads W, b with W of shape (features, classes), within the two ranges.

    ``dependent`` plants a class whose weights are a mixture of those of the first two, so that the
    weight differences have less than full rank: it takes three classes at least. Shrinks towards a
    head of the smallest shape with all weights 0.
    """
    fewest = max(classes[0], 3) if dependent else classes[0]
    if fewest > classes[1]:
        raise InputError("classes", expected="three at least", got=f"{classes}", where="dependent")
    l, m = draw(st.integers(*features)), draw(st.integers(fewest, classes[1]))
    columns = [*draw(_points(m, l))]
    if dependent:
        share = draw(rationals())
        columns[-1] = combine((1 - share, columns[0]), (share, columns[1]))
    return SoftmaxHead(tuple(zip(*columns, strict=True)), draw(vectors(m)))


@dataclass(frozen=True)
class PlantedSet:
    """A separable set whose maximum-margin rule is known, in the canonical scale."""

    data: LabelledSet
    rule: LinearRule
    margin_squared: Fraction


@st.composite
def separable_sets(
    draw: DrawFn,
    *,
    dimension: Range = _DIMENSIONS,
    points: Range = _POINTS,
    degenerate: bool = False,
) -> PlantedSet:
    """Labelled sets with a planted maximum-margin rule.

    Two points p + w and p - w are planted, and every other point keeps its distance |w| from the
    hyperplane through p: so w is the normal and |w| the margin, whatever the others are.
    ``degenerate`` puts all points at that very distance: all are support vectors, most of them
    more than are needed, and some may be equal. Shrinks towards the points +e_d and -e_d.
    """
    d = draw(st.integers(*dimension))
    w, p = draw(vectors(d, nonzero=True)), draw(vectors(d))
    square, height = dot(w, w), dot(w, p)
    rows, labels = [combine((1, p), (1, w)), combine((1, p), (-1, w))], [1, -1]
    others = draw(st.integers(*points)) - 2
    found, sides = draw(_points(others, d)), draw(_labels(others))
    slacks = draw(vectors(0 if degenerate else others)) or (Fraction(0),) * others
    for x, y, slack in zip(found, sides, map(abs, slacks), strict=True):
        # Move x along w to the wanted side, at the wanted distance.
        rows.append(combine((1, x), ((y * (square + slack) + height - dot(w, x)) / square, w)))
        labels.append(y)
    normal = tuple(c / square for c in w)
    return PlantedSet(
        LabelledSet(tuple(rows), tuple(labels)), LinearRule(normal, -height / square), square
    )


@st.composite
def inseparable_sets(
    draw: DrawFn, *, dimension: Range = _DIMENSIONS, points: Range = (3, 8)
) -> LabelledSet:
    """Labelled sets that no rule w.x + b separates: both hulls hold one planted point.

    The point is labelled +1 and lies halfway between two points labelled -1; others are anywhere.
    Shrinks towards three equal points.
    """
    d = draw(st.integers(*dimension))
    p, v = draw(vectors(d)), draw(vectors(d))
    rows, labels = [p, combine((1, p), (1, v)), combine((1, p), (-1, v))], [1, -1, -1]
    others = draw(st.integers(*points)) - 3
    return LabelledSet((*rows, *draw(_points(others, d))), (*labels, *draw(_labels(others))))


@st.composite
def separators(draw: DrawFn, data: LabelledSet) -> LinearRule:
    """Rules that are strictly right on a separable set; shrinks towards the maximum-margin rule.

    Raises InputError for a set that no rule separates.
    """
    best = max_margin(data.points, data.labels)
    if not isinstance(best, MaxMargin):
        raise InputError("data", expected="a separable set", got="an inseparable one")
    change, shift = draw(vectors(data.dimension)), draw(rationals())
    # Margins are 1 at least, so a change that takes less than 1 from each leaves them positive.
    taken = max(abs(dot(change, x) + shift) for x in data.points)
    share = draw(st.fractions(0, 1, max_denominator=LARGEST)) / (taken + 1)
    return LinearRule(combine((1, best.w), (share, change)), best.b + share * shift)


@st.composite
def two_layer_networks(
    draw: DrawFn,
    kind: NetworkClass = "any",
    *,
    dimension: Range = _DIMENSIONS,
    units: Range = _UNITS,
) -> TwoLayerNetwork:
    """Two-layer ReLU rules of a class of Charles et al. (2019), Section 5.

    "R": f is the sum of its units and the label is +1 where f > 0. "R'": output weights >= 0 and a
    positive threshold. "any": output weights and thresholds of any sign. Shrinks towards one unit
    whose weights are 0.
    """
    d, k = draw(st.integers(*dimension)), draw(st.integers(*units))
    weights, biases = draw(_points(k, d)), draw(vectors(k))
    if kind == "R":
        return TwoLayerNetwork(weights, biases, (Fraction(1),) * k, Fraction(0), strict=True)
    output, threshold, strict = draw(vectors(k)), draw(rationals()), draw(st.booleans())
    if kind == "R'":
        output, threshold = tuple(map(abs, output)), abs(threshold) or Fraction(1)
    elif kind != "any":
        raise InputError("kind", expected="R, R' or any", got=repr(kind))
    return TwoLayerNetwork(weights, biases, output, threshold, strict)
