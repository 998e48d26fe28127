"""How the statements on multi-class rules fail: a single label, and ties decided point by point."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector, vector
from verify.claims.charles2019.shared.multiclass import ONE, ZERO, accurate, between, named_line
from verify.claims.claim import Counterexample, Refutation, step
from verify.claims.relation import computed, greatest, least
from verify.objects import ArgmaxRule, Cell, CellRule, MulticlassSet, is_adversarial


def draw_one_label(rng: Random) -> tuple[MulticlassSet, tuple[ArgmaxRule, ArgmaxRule]]:
    """Return points on a line of class 0, and two rules with two classes and small numbers."""
    points = tuple((Fraction(rng.randint(-3, 3)),) for _ in range(rng.randint(1, 3)))
    first, second = (
        ArgmaxRule.of(
            [[rng.randint(-3, 3)] for _ in range(2)], [rng.randint(-3, 3) for _ in range(2)]
        )
        for _ in range(2)
    )
    return MulticlassSet(points, (0,) * len(points), 2), (first, second)


def refute_one_label(
    data: MulticlassSet, rules: tuple[ArgmaxRule, ArgmaxRule]
) -> Refutation | None:
    """Refute when both rules are accurate and neither direction of the line leaves class 0."""
    if set(data.labels) != {0} or not all(accurate(rule, data) for rule in rules):
        return None
    x, kept = data.points[0], []
    for v in ((ONE,), (-ONE,)):
        loyal = next((i for i, r in enumerate(rules) if not is_adversarial(r, x, v)), None)
        if loyal is None:
            return None
        kept.append(facts.keeps(loyal, x, v))
    slopes = [between(rule, 1, 0).normal[0] for rule in rules]
    return Refutation.of(
        "Both rules give all points the class 1. Along each of the two directions of the line one "
        "of them keeps it, so no direction leaves class 1 for both.",
        step("Class 2 gains on class 1 in opposite directions, or nowhere: the slopes $s$ of "
             "$z_2-z_1$ under the two rules.",
             (computed(r"s_1s_2", "s * t", s=slopes[0], t=slopes[1]), "<=", 0)),
        step("Class 1 wins at every point, under both rules.",
             ([named_line(rf"(z_1-z_2)(x_{{{i}}})\text{{ of rule }}{n}", between(rule, 0, 1), p)
               for n, rule in enumerate(rules, 1) for i, p in enumerate(data.points, 1)], ">", 0)),
        data.certificate(rules, [facts.accurate(0), facts.accurate(1), *kept]),
    )  # fmt: skip


NO_OTHER_LABEL = Counterexample(
    "When all points have class 1, two accurate rules can need opposite directions.",
    (
        MulticlassSet(((ZERO,),), (0,), 2),
        (ArgmaxRule.of([[1], [0]], [1, 0]), ArgmaxRule.of([[-1], [0]], [1, 0])),
    ),
    refute_one_label,
    draw_one_label,
)


@dataclass(frozen=True)
class Tied:
    """Data of two classes on a line, the logits (0, slope x + offset), and a further point.

    A tie goes to class 1 exactly at the data points of class 1, and to class 0 elsewhere.
    """

    data: MulticlassSet
    slope: Fraction
    offset: Fraction
    query: Vector

    @property
    def logits(self) -> ArgmaxRule:
        """The rule that leaves ties open."""
        return ArgmaxRule(((ZERO,), (self.slope,)), (ZERO, self.offset))

    @property
    def rule(self) -> CellRule:
        """The rule that decides ties point by point."""
        beyond = Cell(((-self.slope,),), (self.offset,), (True,))
        single = [
            Cell.of([[1], [-1]], [x[0], -x[0]])
            for x, y in self.data.pairs
            if y == 1 and self.logits.label(x) is None
        ]
        return CellRule((beyond, *single), 1, 0)


def draw_tied(rng: Random) -> Tied:
    """Return two or three points on a line with classes 0 and 1, and logits with small numbers."""
    count = rng.randint(2, 3)
    data = MulticlassSet.of(
        [[rng.randint(-3, 3)] for _ in range(count)], [rng.randint(0, 1) for _ in range(count)], 2
    )
    slope, offset = (Fraction(rng.randint(-1, 1)) for _ in range(2))
    return Tied(data, slope, offset, (Fraction(rng.randint(-3, 3)),))


def refute_tied(instance: Tied) -> Refutation | None:
    """Refute when the rule is accurate and each direction keeps some point in class 0."""
    data, rule = instance.data, instance.rule
    if set(data.labels) != {0, 1} or not accurate(rule, data):
        return None
    kept = []
    for v in ((ONE,), (-ONE,)):
        starts = [x for x in (*data.points, instance.query) if rule.label(x) == 0]
        loyal = next((x for x in starts if not is_adversarial(rule, x, v)), None)
        if loyal is None:
            return None
        kept.append(facts.keeps(1, loyal, v))
    classes = [y + 1 for y in data.labels]
    ties = [facts.label(0, x, None) for x in data.points if instance.logits.label(x) is None]
    return Refutation.of(
        "The logits are equal at every point, and the ties are decided point by point: the rule is "
        "right on the data, and each direction of the line keeps some point in class 1.",
        step("Class 2 gains nothing on class 1 along the line.",
             (computed("w_2-w_1", "s - 0", s=instance.slope), "=", 0)),
        step("Both classes occur.", (least(r"\min_iy_i", classes), "=", 1),
             (greatest(r"\max_iy_i", classes), "=", 2)),
        data.certificate([instance.logits, rule], [facts.accurate(1), *ties, *kept]),
    )  # fmt: skip


POINTWISE_TIES = Counterexample(
    "Let all logits be equal, and let the ties go to class 2 at $1$ and to class 1 elsewhere. The "
    r"rule is right on $0$ and $1$; along $v\ge0$ it keeps class 1 from $2$, along $v<0$ from $0$.",
    Tied(MulticlassSet.of([[0], [1]], [0, 1], 2), ZERO, ZERO, vector([2])),
    refute_tied,
    draw_tied,
)
