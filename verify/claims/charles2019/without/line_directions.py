"""Rules on a line that share no adversarial direction: all directions are +1 and -1 up to length.

A theorem "some direction is adversarial for every accurate rule at every point of one label" fails
on a labelled set as soon as one accurate rule keeps a point of that label along +1 and one, the
same or another, keeps such a point along -1. The direction 0 changes nothing anyway.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.claim import Refutation, step
from verify.claims.relation import named, number
from verify.objects import LabelledSet, Rule, is_adversarial

FAR = 1000


@dataclass(frozen=True)
class OnALine:
    """A labelled set on a line, rules, and points to start from besides those of the set."""

    data: LabelledSet
    rules: tuple[Rule, ...]
    starts: Rows = ()


@dataclass(frozen=True)
class Kept:
    """Rule number ``rule`` keeps the label of x along v for ever."""

    rule: int
    x: Vector
    v: Vector


def kept(rules: Sequence[Rule], starts: Rows, v: Vector, label: int) -> Kept | None:
    """Return a rule and a start with the label that the rule keeps along v, if there is one."""
    for i, rule in enumerate(rules):
        for x in starts:
            if rule.label(x) == label and not is_adversarial(rule, x, v):
                return Kept(i, x, v)
    return None


def refute(instance: OnALine, label: int, member: Callable[[Rule], bool]) -> Refutation | None:
    """Refute that one direction turns every point with the label, for all accurate rules.

    ``member`` says whether a rule is in the class of the theorem, without the dropped hypothesis.
    """
    data, rules = instance.data, instance.rules
    if data.dimension != 1 or not all(map(member, rules)):
        return None
    if not all(rule.label(x) == y for rule in rules for x, y in data.pairs):
        return None
    starts = (*data.points, *instance.starts)
    right, left = (kept(rules, starts, (Fraction(sign),), label) for sign in (1, -1))
    if right is None or left is None:
        return None
    found = [
        *(facts.accurate(i) for i in range(len(rules))),
        *(facts.label(k.rule, k.x, label) for k in (right, left)),
        *(facts.keeps(k.rule, k.x, k.v) for k in (right, left)),
    ]
    return Refutation.of(
        "Every direction on a line is $+1$ or $-1$ up to its length, and each of them leaves the "
        "label of a point for ever as it is, under a rule that is right on the whole set.",
        step("The rules are right on the set.",
             *((labelled(f"h_{{{i}}}({number(x[0])})", rule, x), "=", y)
               for i, rule in enumerate(rules, 1) for x, y in data.pairs)),
        step(f"One point keeps its label at all steps to the right, one at all steps to the left: "
             f"here at the step {FAR}.",
             *((labelled(rf"h_{{{k.rule + 1}}}({number(end[0])})", rules[k.rule], end),
                "=", named(rf"h_{{{k.rule + 1}}}({number(k.x[0])})", label))
               for k in (right, left) for end in [combine((1, k.x), (FAR, k.v))])),
        data.certificate(rules, found),
    )  # fmt: skip
