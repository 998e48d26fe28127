"""Separators of a labelled set: ordinary ones, and vertices of the set of all of them."""

from fractions import Fraction
from random import Random

from certify import linear_program
from certify.numbers import rationals
from certify.numbers.rationals import Vector, combine
from verify.drawing import numbers
from verify.objects import LabelledSet, LinearRule

# Extreme separators are sought among |w_k|, |b| <= BOX times the size of the max-margin rule.
BOX = 1_000


def extreme_separator(rng: Random, data: LabelledSet, start: LinearRule) -> LinearRule:
    """Return a vertex of {(w, b) : every margin at least 1, entries bounded}, by an exact LP.

    ``start`` is one rule with margins at least 1; it keeps the linear program feasible.
    """
    d = data.dimension
    rows = [[*(-y * c for c in x), Fraction(-y)] for x, y in data.pairs]
    bounds = [Fraction(-1)] * len(rows)
    for k, centre in enumerate((*start.normal, start.offset)):
        for sign in (1, -1):
            row = [Fraction(0)] * (d + 1)
            row[k] = Fraction(sign)
            rows.append(row)
            bounds.append(BOX * (abs(centre) + 1))
    objective = numbers.nonzero_vector(rng, d + 1)
    x = linear_program(objective, inequalities=(rows, bounds)).x
    assert x is not None
    return LinearRule(x[:-1], x[-1])


def separators(
    rng: Random, data: LabelledSet, best: LinearRule, count: int
) -> tuple[LinearRule, ...]:
    """Return the max-margin rule ``best``, extreme separators, and mixtures of both."""
    rules = [best]
    while len(rules) < count:
        extreme = extreme_separator(rng, data, best)
        rules.append(extreme)
        share = numbers.positive(rng)
        rules.append(_mixture(best, extreme, share))
    return tuple(rules[:count])


def touching(rule: LinearRule, data: LabelledSet, owner: int) -> LinearRule:
    """Return a separator moved up to the points labelled ``owner``, which then own its boundary.

    It is right on all points, with margin 0 at some of them: accurate, but no strict separator.
    """
    margins = zip(rule.margins(data), data.labels, strict=True)
    least = min(margin for margin, y in margins if y == owner)
    return LinearRule(rule.normal, rule.offset - owner * least, owner)


def _mixture(first: LinearRule, second: LinearRule, share: Fraction) -> LinearRule:
    normal: Vector = combine((share, first.normal), (1, second.normal))
    return LinearRule(normal, rationals.rational(share * first.offset + second.offset))
