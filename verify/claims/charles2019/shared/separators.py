"""What the claims on linear rules share: data, the max-margin direction and tested separators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from random import Random

from certify import max_margin
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.claims.relation import Named, least, multiples, products, total
from verify.drawing import labelled_sets, numbers
from verify.drawing.separators import separators, touching
from verify.objects import LabelledSet, LinearRule

SEPARATORS, QUERIES = 3, 2
SHOWN = 4  # points whose margins are written with their terms


@dataclass(frozen=True)
class Instance:
    """A separable labelled set, rules that are right on it, and points to start from.

    A rule may give its boundary one of the labels and have points with that label on it.
    """

    data: LabelledSet
    separators: tuple[LinearRule, ...]
    queries: Rows


def draw(rng: Random, case: str) -> Instance:
    """Return a set of the named case with separators and free query points.

    The rules are sampled and extreme ones, and one that touches the points that own its boundary.
    """
    data = labelled_sets.separable_set(rng, case)
    rules = separators(rng, data, LargestMargin(data).rule, SEPARATORS)
    edge = touching(rng.choice(rules), data, rng.choice((1, -1)))
    return Instance(data, (*rules, edge), numbers.vectors(rng, QUERIES, data.dimension))


def draw_rules(rng: Random, data: LabelledSet) -> tuple[LinearRule, ...]:
    """Return sampled and extreme separators, and two that touch the points that own their boundary.

    One of these gives its boundary the label +1, the other one -1.
    """
    rules = separators(rng, data, LargestMargin(data).rule, SEPARATORS)
    return (*rules, *(touching(rng.choice(rules), data, owner) for owner in (1, -1)))


def draw_data(rng: Random) -> LabelledSet:
    """Return a separable set with both labels, degenerate or not, with short numbers."""
    return labelled_sets.separable_set(
        rng, rng.choice([case for case in labelled_sets.CASES if case != labelled_sets.SCALED])
    )


@dataclass(frozen=True)
class LargestMargin:
    """The max-margin rule in the scale of u = p - q, the difference of the nearest points.

    The paper normalises |w*| = 1, which is irrational; u = |u| w* is not, and |u| = 2 gamma*. A
    step c along u is the step c |u| along w*, so gamma* is c = 1/2.
    """

    data: LabelledSet

    @cached_property
    def answer(self) -> MaxMargin:
        """The exact maximum-margin separator; raises InputError when there is none."""
        result = max_margin(self.data.points, self.data.labels)
        if not result.separable:
            raise InputError("data", expected="linearly separable points", got="inseparable ones")
        return result

    @property
    def rule(self) -> LinearRule:
        """The rule in the canonical scale: margins at least 1."""
        return LinearRule(self.answer.w, self.answer.b)

    @cached_property
    def direction(self) -> Vector:
        """The vector u = p - q."""
        return combine((2 * self.answer.margin_squared, self.answer.w))

    @cached_property
    def multipliers(self) -> Vector:
        """The multipliers of u: convex weights of p and of q, with sum a_i y_i x_i = u."""
        return tuple(2 * self.answer.margin_squared * a for a in self.answer.multipliers)

    @cached_property
    def nearest_points(self) -> tuple[Vector, Vector]:
        """The nearest points p of the positive and q of the negative hull."""
        return tuple(  # type: ignore[return-value]
            combine(
                *(
                    (a, x)
                    for a, x, y in zip(
                        self.multipliers, self.data.points, self.data.labels, strict=True
                    )
                    if y == side
                )
            )
            for side in (1, -1)
        )


def objects(largest: LargestMargin) -> tuple[Named, ...]:
    """Return the max-margin objects by the names under which proofs speak of them."""
    return (
        Named(r"\alpha", largest.multipliers),
        Named(r"u=\sum\alpha_iy_ix_i=|u|w^*", largest.direction),
        Named(r"\gamma^{*2}=|u|^2/4", largest.answer.margin_squared),
    )


def smallest_margins(rule: LinearRule, data: LabelledSet) -> tuple[Fraction, Fraction]:
    """Return the least margins of the points labelled +1 and of those labelled -1."""
    margins = list(zip(rule.margins(data), data.labels, strict=True))
    first, second = (min(m for m, y in margins if y == side) for side in (1, -1))
    return first, second


def class_totals(data: LabelledSet, multipliers: Vector) -> tuple[Fraction, Fraction]:
    """Return the sums of the multipliers of the points labelled +1 and of those labelled -1."""
    pairs = list(zip(multipliers, data.labels, strict=True))
    first, second = (sum((a for a, y in pairs if y == side), Fraction(0)) for side in (1, -1))
    return first, second


def named_totals(
    names: tuple[str, str], data: LabelledSet, multipliers: Vector
) -> tuple[Named, Named]:
    """Return the sums of both classes by name, with the multipliers."""
    plus, minus = (
        total(name, [a for a, y in zip(multipliers, data.labels, strict=True) if y == side]).numbers
        for name, side in zip(names, (1, -1), strict=True)
    )
    first, second = class_totals(data, multipliers)
    return Named(names[0], first, plus), Named(names[1], second, minus)


def signed_sum(name: str, data: LabelledSet, multipliers: Vector) -> Named:
    """Return sum a_i y_i x_i by name, with its terms."""
    terms = ((a * y, x) for a, (x, y) in zip(multipliers, data.pairs, strict=True))
    return Named(name, data.signed_sum(multipliers), multiples(*terms))


def slope(rule: LinearRule, largest: LargestMargin) -> Fraction:
    """Return w.u, the rate at which the rule's value grows along the max-margin direction."""
    return dot(rule.normal, largest.direction)


def slopes(rules: Iterable[LinearRule], largest: LargestMargin) -> list[Named]:
    """Return w.u for each rule, by name."""
    u = largest.direction
    return [Named(r"w_#\cdot u", slope(r, largest), products(r.normal, u)) for r in rules]


def weighted_margins(rule: LinearRule, largest: LargestMargin) -> Fraction:
    """Return sum a_i m_i, the margins of a rule weighted by the max-margin multipliers."""
    return dot(largest.multipliers, rule.margins(largest.data))


def sums_of_margins(rules: Iterable[LinearRule], largest: LargestMargin) -> list[Named]:
    """Return sum a_i m_i for each rule, by name."""
    a = largest.multipliers
    return [
        Named(
            r"\sum\alpha_im_i", weighted_margins(r, largest), products(a, r.margins(largest.data))
        )
        for r in rules
    ]


def shortest_step(multipliers: Vector) -> Named:
    """Return 1 / sum a_i by name, with the multipliers."""
    value = 1 / sum(multipliers, Fraction(0))
    return Named(r"1/\sum\alpha_i", value, partial(_reciprocal, multipliers))


def _reciprocal(multipliers: Vector) -> str:
    return f"1/({total('', multipliers).formula[0]})"


def least_margin(name: str, rule: LinearRule, data: LabelledSet) -> Named:
    """Return the least margin of some points under a rule, with the terms of each of them."""
    return Named(name, min(rule.margins(data)), partial(_least_margin, rule, data))


def named_margins(name: str, rule: LinearRule, data: LabelledSet) -> list[Named]:
    """Return the margin of each point under a rule, by name, with its terms."""
    pairs = zip(rule.margins(data), data.pairs, strict=True)
    return [Named(name, m, partial(_margin, rule, x, y)) for m, (x, y) in pairs]


def _least_margin(rule: LinearRule, data: LabelledSet) -> str:
    if len(data.points) > SHOWN:
        return least("", rule.margins(data)).formula[0]
    terms = [_margin(rule, x, y) for x, y in data.pairs]
    return terms[0] if len(terms) == 1 else rf"\min({','.join(terms)})"


def _margin(rule: LinearRule, x: Vector, y: int) -> str:
    terms = products(rule.normal, x, rule.offset)()
    return terms if y > 0 else f"-({terms})"


def label_sum(name: str, labels: Sequence[int]) -> Named:
    """Return the size of the sum of labels by name, with them."""
    return Named(name, abs(sum(labels)), partial(_label_sum, labels))


def _label_sum(labels: Sequence[int]) -> str:
    return f"|{total('', labels).formula[0]}|"


def value_at(name: str, rule: LinearRule, x: Vector) -> Named:
    """Return w.x + b with its terms, under the name that it has in a proof."""
    return Named(name, rule.value(x), products(rule.normal, x, rule.offset))


def labelled_queries(rule: LinearRule, instance: Instance) -> LabelledSet:
    """Return the data and the query points off the boundary, each with the rule's own label."""
    pairs = [*instance.data.pairs, *((x, rule.label(x)) for x in instance.queries if rule.label(x))]
    return LabelledSet(tuple(x for x, _ in pairs), tuple(y for _, y in pairs))
