"""Multi-class data that some linear rule classifies correctly, and accurate rules for it.

A planted rule "the nearest centre wins" gives the labels, so every draw has an accurate rule.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import linear_program
from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.drawing import numbers
from verify.objects import ArgmaxRule, MulticlassSet

GENERIC = "generic"
TWO = "two classes"
ABSENT = "a class without points"
REPEATED = "repeated points"
COLLINEAR = "points on a line"
SINGLE = "one-point classes"
SCALED = "coordinates of very different size"
CASES = (GENERIC, TWO, ABSENT, REPEATED, COLLINEAR, SINGLE, SCALED)

LARGEST_DIMENSION, LARGEST_CLASSES, EXTRA_POINTS = 3, 4, 3
SCALE = 10**6
BOX = 1_000  # extreme rules are sought among entries up to BOX times the size of the planted rule


@dataclass(frozen=True)
class Planted:
    """Data with a rule whose gaps z_y - z_j are at least 1 at every point."""

    data: MulticlassSet
    rule: ArgmaxRule


def planted_set(rng: Random, case: str) -> Planted:
    """Return data of the named case with at least two labels, in dimension 1 to 3."""
    d = rng.randint(1, LARGEST_DIMENSION)
    k = 2 if case == TWO else rng.randint(3, LARGEST_CLASSES)
    centres = _centres(rng, k, d, case)
    rule = ArgmaxRule(centres, tuple(-dot(c, c) / 2 for c in centres))
    radius = min(
        dot(u, u)
        for i, p in enumerate(centres)
        for q in centres[:i]
        for u in [combine((1, p), (-1, q))]
    )
    present = range(k - 1) if case == ABSENT else range(k)
    pairs = [(_near(rng, centres[y], radius, case), y) for y in present]
    if case not in (SINGLE, COLLINEAR):
        for x in numbers.vectors(rng, EXTRA_POINTS, d):
            y = rule.label(x)
            if y is not None and y in present:
                pairs.append((x, y))
    if case == REPEATED:
        pairs += [rng.choice(pairs) for _ in range(rng.randint(1, 3))]
    rng.shuffle(pairs)
    data = MulticlassSet(tuple(x for x, _ in pairs), tuple(y for _, y in pairs), k)
    return _scaled(rng, data, rule) if case == SCALED else Planted(data, _stretched(rule, data))


def accurate_rules(
    rng: Random, planted: Planted, count: int, ties: bool = False
) -> list[ArgmaxRule]:
    """Return accurate rules: the planted one, vertices of the set of all of them, and mixtures.

    With ``ties`` the rules give a tie to the lowest class, and vertices do tie at some points.
    """
    best = ArgmaxRule(planted.rule.weights, planted.rule.bias, ties)
    rules = [best]
    while len(rules) < count:
        extreme = extreme_rule(rng, planted.data, best)
        rules += [extreme, _mixture(best, extreme, numbers.positive(rng))]
    return rules[:count]


def extreme_rule(rng: Random, data: MulticlassSet, start: ArgmaxRule) -> ArgmaxRule:
    """Return a vertex of the accurate rules with gaps at least 1 and bounded entries.

    ``start`` is one such rule and says how ties count: where the lowest class wins, the gap to a
    higher class need only be nonnegative. The last class is taken as the zero of all logits before
    the same random affine function is added to each.
    """
    k, d = data.classes, data.dimension
    reference = [combine((1, (*w, b)), (-1, (*start.weights[-1], start.bias[-1])))
                 for w, b in zip(start.weights[:-1], start.bias[:-1], strict=True)]  # fmt: skip
    size = (k - 1) * (d + 1)
    rows, bounds = [], []
    for x, y in data.pairs:
        lifted = (*x, Fraction(1))
        for j in range(k):
            if j != y:
                rows.append(_block(lifted, j, y, k))
                bounds.append(Fraction(0 if start.lowest and j > y else -1))
    for place, centre in enumerate(entry for row in reference for entry in row):
        for sign in (1, -1):
            rows.append([Fraction(sign * (place == column)) for column in range(size)])
            bounds.append(BOX * (abs(centre) + 1))
    vertex = linear_program(numbers.nonzero_vector(rng, size), inequalities=(rows, bounds)).x
    assert vertex is not None
    table = [vertex[i * (d + 1) : (i + 1) * (d + 1)] for i in range(k - 1)] + [
        (Fraction(0),) * (d + 1)
    ]
    shift = numbers.vector(rng, d + 1)
    moved = [combine((1, row), (1, shift)) for row in table]
    return ArgmaxRule(
        tuple(row[:-1] for row in moved), tuple(row[-1] for row in moved), start.lowest
    )


def _block(lifted: Vector, plus: int, minus: int, classes: int) -> list[Fraction]:
    """Return the row of z_plus - z_minus at a point, the last class being zero."""
    return [
        c * ((block == plus) - (block == minus)) for block in range(classes - 1) for c in lifted
    ]


def _centres(rng: Random, count: int, d: int, case: str) -> Rows:
    """Return distinct centres, on one line in the collinear case."""
    origin, direction = numbers.vector(rng, d), numbers.nonzero_vector(rng, d)
    centres: dict[Vector, None] = {}
    while len(centres) < count:
        on_line = combine((1, origin), (numbers.number(rng), direction))
        centres[on_line if case == COLLINEAR else numbers.vector(rng, d)] = None
    return tuple(centres)


def _near(rng: Random, centre: Vector, radius: Fraction, case: str) -> Vector:
    """Return a point nearer to a centre than half the least distance of two centres.

    ``radius`` is that distance squared; t |v| < sqrt(radius) / 2 for t = r / (2 (r + |v|^2)).
    """
    if case == COLLINEAR:
        return centre
    v = numbers.vector(rng, len(centre))
    return combine((1, centre), (radius / (2 * (radius + dot(v, v))), v))


def _stretched(rule: ArgmaxRule, data: MulticlassSet) -> ArgmaxRule:
    """Return the rule scaled so that the least gap is 1."""
    least = min(
        z[y] - z[j]
        for x, y in data.pairs
        for z in [rule.logits(x)]
        for j in range(data.classes)
        if j != y
    )
    return ArgmaxRule(
        tuple(tuple(c / least for c in w) for w in rule.weights),
        tuple(b / least for b in rule.bias),
    )


def _scaled(rng: Random, data: MulticlassSet, rule: ArgmaxRule) -> Planted:
    factors = [Fraction(SCALE) ** rng.randint(-1, 1) for _ in range(data.dimension)]
    points = tuple(tuple(f * c for f, c in zip(factors, x, strict=True)) for x in data.points)
    weights = tuple(tuple(c / f for f, c in zip(factors, w, strict=True)) for w in rule.weights)
    scaled = MulticlassSet(points, data.labels, data.classes)
    return Planted(scaled, _stretched(ArgmaxRule(weights, rule.bias), scaled))


def _mixture(first: ArgmaxRule, second: ArgmaxRule, share: Fraction) -> ArgmaxRule:
    weights = tuple(
        combine((share, v), (1, w)) for v, w in zip(first.weights, second.weights, strict=True)
    )
    return ArgmaxRule(weights, combine((share, first.bias), (1, second.bias)), first.lowest)
