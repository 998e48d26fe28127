"""When a rule is right on the common set of Theorem 9, and how often it is not, on drawn rules."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import certificates, max_margin
from certify.certificates import facts
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass_samples
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import numbers
from verify.objects import ArgmaxRule, LabelledSet, MulticlassSet, is_adversarial

ALL_RIGHT, THIRD = "right wherever right between the two", "a third class wins somewhere"
TIED = "a third class ties with the right one"


@dataclass(frozen=True)
class Judged:
    """Points of the classes k = 0 and l = 1, and a rule of two to four classes without offsets."""

    data: MulticlassSet
    rule: ArgmaxRule

    @property
    def ordered(self) -> list[tuple[Vector, int]]:
        """The points at which the logit of the label exceeds that of the other class."""
        pairs = self.data.pairs
        return [(x, y) for x, y in pairs if multiclass_samples.margin(self.rule, 0, 1, x, y) > 0]


def draw(rng: Random, case: str) -> Judged:
    """Return a rule that is right at all points of S, or that a third class beats or meets."""
    while True:
        d, classes = rng.randint(1, 3), rng.randint(2 if case == ALL_RIGHT else 3, 4)
        rows = list(numbers.vectors(rng, classes, d))
        points = numbers.vectors(rng, rng.randint(1, 5), d)
        labels = tuple(rng.randrange(2) for _ in points)
        if case == TIED and any(points[0]):  # the third logit is that of the label at one point
            own, x = rows[labels[0]], points[0]
            away = combine((1, rows[2]), (-1, own))
            rows[2] = combine((1, rows[2]), (-dot(away, x) / dot(x, x), x))
        rule = through_origin(rows)
        drawn = Judged(MulticlassSet(points, labels, classes), rule)
        right = [rule.label(x) == y for x, y in drawn.ordered]
        tied = any(rule.label(x) is None for x, _ in drawn.ordered)
        if right and all(right) == (case == ALL_RIGHT) and tied >= (case == TIED):
            return drawn


def decide(instance: Judged) -> Proof:
    """Compare labels with margins over all rivals, and errors with the sum of the losses."""
    data, rule = instance.data, instance.rule
    if rule.lowest:
        raise InputError("rule", expected="ties that are errors", got="ties to the lowest class")
    rivals = {
        (x, y): [multiclass_samples.margin(rule, y, i, x, y) for i in range(data.classes) if i != y]
        for x, y in data.pairs
    }
    wrong = [rule.label(x) != y for x, y in data.pairs]
    beaten = [sum(m <= 0 for m in rivals[p]) for p in data.pairs]  # fmt: skip
    steps = (
        step(r"The rule is right at a point of $S$ exactly when its class has a margin over all "
             r"$K-1$ others there, ties being errors (1 for yes, 0 for no).",
             *((int(rule.label(x) == y), "=", int(min(rivals[x, y]) > 0))
               for x, y in instance.ordered)),
        step(r"The wrong points number at most the sum of the losses to each rival, and exactly "
             "that when none is beaten by two.",
             (sum(wrong), "<=", sum(beaten)),
             (int(sum(wrong) == sum(beaten)), "=", int(max(beaten) <= 1))),
    )  # fmt: skip
    stated = [facts.label(0, x, rule.label(x)) for x in data.points]
    margins = [
        ("0", "<", multiclass_samples.margin_expression(rule, 0, 1, x, y))
        for x, y in instance.ordered
    ]
    return Proof.of(*steps, facts.certificate([rule], stated), facts.arithmetic({}, margins))


def draw_two_points(rng: Random) -> tuple[Rows, ArgmaxRule]:
    """Return two points and three rows with small integers."""

    def small() -> Vector:
        return tuple(Fraction(rng.randint(-2, 2)) for _ in range(2))

    return (small(), small()), through_origin([small() for _ in range(3)])


def refute_everywhere(points: Rows, rule: ArgmaxRule) -> Refutation | None:
    """Refute that the direction changes the label at each point of S: a third class stays."""
    if min(multiclass_samples.margin(rule, 0, 1, x, 0) for x in points) <= 0:
        return None
    data = LabelledSet(points, (1, 1))
    answer = max_margin(data.points, data.labels, bias=False)
    if not isinstance(answer, MaxMargin):
        raise InputError("points", expected="points on one side of the origin", got="others")
    v = combine((answer.margin_squared, answer.w))
    weights = tuple(answer.margin_squared * a for a in answer.multipliers)
    back = combine((-1, v))
    x = next((x for x in data.points if rule.label(x) == 2), None)
    if x is None or is_adversarial(rule, x, back):
        return None
    return Refutation.of(
        "A point is right between the two classes, a third class wins there, and it wins for ever "
        "along the direction of Theorem 9.",
        step("Both points are right between the two classes, and $u$ falls along "
             "the direction.",
             ([multiclass_samples.margin(rule, 0, 1, p, 0) for p in data.points], ">", 0),
             (dot(multiclass_samples.difference(rule, 0, 1), v), ">", 0)),
        certificates.every_separator(data, v, sum(weights, Fraction(0)), weights),
        facts.certificate([rule], [facts.label(0, x, 2), facts.keeps(0, x, back)]),
    )  # fmt: skip


RIVALS = SharpForm((ALL_RIGHT, THIRD, TIED), draw, decide, Counterexample(
    "The direction need not change the label where a third class wins.",
    (
        (vector([1, 1]), vector([1, -1])),
        through_origin([vector([1, 0]), vector([0, 0]), vector([0, 2])]),
    ),
    refute_everywhere, draw_two_points,
))  # fmt: skip
