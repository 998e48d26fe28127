"""The sharp form on continuous rules: on a line, exactly the constant ones."""

from fractions import Fraction
from itertools import pairwise
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import small
from verify.objects import Cell, CellRule, LabelledSet, LinearRule

COVERING, GAPS, POINTS = "cells that cover the line", "cells with gaps", "single points"
NEAR = Fraction(1, 2**40)


def draw(rng: Random, case: str) -> tuple[CellRule, LabelledSet]:
    """Return intervals that meet, or with gaps, or single points, and up to three points."""
    ends = sorted(rng.sample(range(-6, 7), rng.randint(1, 4)))
    open_ends = rng.random() < 0.5
    if case == POINTS:
        cells = [_between(end, end, False) for end in ends]
    else:
        cells = [Cell.of([[1]], [ends[0]], open_ends)]
        cells += [_between(low, high, False) for low, high in pairwise(ends)]
        cells.append(Cell.of([[-1]], [-ends[-1]], False))
        if case == GAPS:
            cells.pop(rng.randrange(len(cells)))
    labels = (1, -1) if rng.random() < 0.5 else (-1, 1)
    return CellRule(tuple(cells), *labels), small.labelled_set(rng, 1, rng.randint(1, 3))


def _between(low: int, high: int, strict: bool) -> Cell:
    return Cell.of([[1], [-1]], [high, -low], strict)


def edges(rule: CellRule) -> list[Fraction]:
    """Return the places at which the label can change, in order."""
    return sorted(
        {c / a[0] for cell in rule.cells for a, c in zip(cell.matrix, cell.right_side, strict=True)}
    )


def decide(rule: CellRule, data: LabelledSet) -> Proof:
    """Compare the label at each edge with those beside it, and with those everywhere."""
    places = edges(rule)
    apart = min([b - a for a, b in pairwise(places)], default=Fraction(1))
    near = min(NEAR, apart / 2)  # the label is constant between two edges
    beside = [(z - near, z, z + near) for z in places]
    continuous = all(len({rule.label((x,)) for x in around}) == 1 for around in beside)
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    everywhere = [places[0] - 1, *places, *middles, places[-1] + 1]
    constant = len({rule.label((x,)) for x in everywhere}) == 1
    found = [accurate_rules.rule(data, owner, constant=True) for owner in accurate_rules.OWNERS]
    right = next((one for one, _ in found if one is not None), None)
    stated = [facts.label(0, (x,), rule.label((x,))) for around in beside for x in around]
    if constant:
        start: Vector = (places[0] - 1,)
        stated += [facts.keeps(0, start, (Fraction(sign),)) for sign in (1, -1)]
    shown = [facts.certificate([rule], stated)]
    if right is not None:
        shown.append(facts.certificate([right], [facts.accurate(0)], data.points, data.labels))
    else:
        shown += [certificate for _, certificate in found]
    return Proof.of(
        step("The label is the same on both sides of each edge and at it exactly when it is "
             "the same everywhere.", (int(continuous), "=", int(constant))),
        step("A constant rule is right on the set exactly when it has one label.",
             (int(right is not None), "=", int(len(set(data.labels)) == 1))),
        *shown,
    )  # fmt: skip


def draw_separated(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return two or three small points on a line and a small rule."""
    rule = LinearRule(small.vector(rng, 1), Fraction(rng.randint(-6, 6), 2))
    return small.labelled_set(rng, 1, rng.randint(2, 3)), rule


def refute_locally(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute that a rule that is continuous at all points of the set cannot have both labels."""
    if not rule.separates(data) or len(set(data.labels)) < 2:
        return None
    return Refutation.of(
        "The rule is constant around each point of the set, since none is on the boundary, and "
        "right on both labels.",
        step("Every margin is positive.", (min(rule.margins(data)), ">", 0)),
        step("Both labels occur.", (min(data.labels), "=", -1), (max(data.labels), "=", 1)),
        facts.certificate([rule], [facts.accurate(0)], data.points, data.labels),
    )


SHARP = SharpForm((COVERING, GAPS, POINTS), draw, decide, Counterexample(
    "A rule that is continuous at the points of the set only can be right on both labels: "
    r"$\mathrm{sign}(2x-1)$ on $0$ and $1$.",
    (LabelledSet.of([[0], [1]], [-1, 1]), LinearRule.of([2], -1)), refute_locally, draw_separated,
))  # fmt: skip
