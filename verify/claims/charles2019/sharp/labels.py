"""When one direction serves two rules at points of one label or of both, with and without bias."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import linear_program, max_margin
from certify.certificates import facts
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.programs.linear_program import LinearProgramResult
from verify.claims.charles2019.shared.separators import label_sum, least_margin
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import named
from verify.drawing import numbers
from verify.objects import LabelledSet, LinearRule, is_adversarial

ONE_LABEL, BOTH_LABELS = "common points of one label", "common points of both labels"
SERVED, OPPOSITE = "one label and a direction", "one label and opposite rules"
BOTH = "both labels"
LARGEST = 2


@dataclass(frozen=True)
class Common:
    """Points that two rules, with bias or without, are strictly right on."""

    data: LabelledSet
    rules: tuple[LinearRule, LinearRule]


def one_vector(common: Common, labels: set[int]) -> LinearProgramResult:
    """Look for v with -y w.v >= 1 for both normals and all the labels: adversarial everywhere."""
    rows = [combine((y, rule.normal)) for rule in common.rules for y in sorted(labels)]
    return linear_program([0] * common.data.dimension, (rows, [-1] * len(rows)))


def served(common: Common, v: Vector) -> bool:
    """Return whether v is adversarial for both rules at every point, by following each ray."""
    return all(is_adversarial(rule, x, v) for rule in common.rules for x in common.data.points)


def draw_common(rng: Random, case: str) -> Common:
    """Return two rules through the origin and points that both get right."""
    while True:
        d = rng.randint(1, 3)
        rules = [LinearRule(numbers.nonzero_vector(rng, d), Fraction(0)) for _ in range(2)]
        drawn = numbers.vectors(rng, 8, d)
        points = [x for x in drawn if rules[0].value(x) * rules[1].value(x) > 0]
        labels = [1 if rules[0].value(x) > 0 else -1 for x in points]
        if case == ONE_LABEL:
            side = rng.choice((1, -1))
            points = [x for x, y in zip(points, labels, strict=True) if y == side]
            labels = [side] * len(points)
        if len(set(labels)) == (1 if case == ONE_LABEL else 2):
            return Common(LabelledSet(tuple(points), tuple(labels)), (rules[0], rules[1]))


def decide_common(common: Common) -> Proof:
    """Compare a linear program for one vector with the labels, and follow the rays along -yu."""
    data, rules = common.data, common.rules
    answer, labels = one_vector(common, set(data.labels)), set(data.labels)
    nearest = max_margin(data.points, data.labels, bias=False)
    if not isinstance(nearest, MaxMargin):
        raise InputError("points", expected="points that a rule gets right", got="others")
    u = nearest.w
    first = combine((-data.labels[0], u))
    steps = (
        step("Both rules are strictly right on all the points.",
             ([min(rule.margins(data)) for rule in rules], ">", 0)),
        step("One vector is adversarial for both rules at all of them exactly when they have one "
             r"label: by a linear program, and by following the rays along $-yu$ for the first "
             "label (1 for yes, 0 for no).",
             (int(answer.x is not None), "=", int(len(labels) == 1)),
             (int(served(common, first)), "=", int(len(labels) == 1))),
        step(r"Along $-yu$, with the label of each point, both rules always turn.",
             ([int(is_adversarial(rule, x, combine((-y, u))))
               for rule in rules for x, y in data.pairs], "=", 1)),
    )  # fmt: skip
    turned = [facts.accurate(k) for k in range(2)]
    for k, rule in enumerate(rules):
        for x, y, m in zip(data.points, data.labels, rule.margins(data), strict=True):
            turned.append(facts.changes(k, x, combine((-y, u)), m / dot(rule.normal, u) + 1))
    stated = data.certificate(rules, turned)
    return Proof.of(*steps, answer.certificate, nearest.certificate, stated)


def draw_any(rng: Random) -> Common:
    """Return up to three points of the line or the plane, any labels, and two rules."""
    d, size = rng.randint(1, 2), rng.randint(1, 3)

    def small() -> Vector:
        return tuple(Fraction(rng.randint(-LARGEST, LARGEST)) for _ in range(d))

    points: Rows = tuple(small() for _ in range(size))
    labels = tuple(rng.choice((1, -1)) for _ in range(size))
    rules = LinearRule(small(), Fraction(0)), LinearRule(small(), Fraction(0))
    return Common(LabelledSet(points, labels), rules)


def refute_one_vector(common: Common) -> Refutation | None:
    """Refute that one vector is adversarial at all common points: they have both labels."""
    data, rules = common.data, common.rules
    if min(min(rule.margins(data)) for rule in rules) <= 0:
        return None
    answer = one_vector(common, set(data.labels))
    if answer.x is not None:
        return None
    return Refutation.of(
        r"Both rules are right at a point of either label. $v$ is adversarial where the label is "
        r"$+1$ only if $w\cdot v<0$, and where it is $-1$ only if $w\cdot v>0$.",
        step("Both labels occur.",
             (label_sum(r"|\sum_iy_i|", data.labels), "<", named("n", len(data.labels)))),
        step("Both rules are strictly right.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">", 0)),
        answer.certificate,
        data.certificate(rules, [facts.accurate(0), facts.accurate(1)]),
    )  # fmt: skip


LABELS = SharpForm((ONE_LABEL, BOTH_LABELS), draw_common, decide_common, Counterexample(
    "One vector cannot serve common points of both labels.",
    Common(LabelledSet.of([[1], [-1]], [1, -1]), (LinearRule.of([1], 0), LinearRule.of([1], 0))),
    refute_one_vector, draw_any,
))  # fmt: skip


def draw_biased(rng: Random, case: str) -> Common:
    """Return two rules with bias, neither constant, and points that both get right."""
    while True:
        d = rng.randint(1, 3)
        normals = [numbers.nonzero_vector(rng, d) for _ in range(2)]
        if case == OPPOSITE:  # or 0, which gives a constant rule
            normals[1] = combine((-numbers.positive(rng) * rng.choice((0, 1, 1)), normals[0]))
        rules = [LinearRule(w, 2 * numbers.number(rng)) for w in normals]
        drawn = numbers.vectors(rng, 8, d)
        points = [x for x in drawn if rules[0].value(x) * rules[1].value(x) > 0]
        labels = [1 if rules[0].value(x) > 0 else -1 for x in points]
        if not labels:
            continue
        if case != BOTH:
            side = rng.choice(labels)
            points = [x for x, y in zip(points, labels, strict=True) if y == side]
            labels = [side] * len(points)
        found = Common(LabelledSet(tuple(points), tuple(labels)), (rules[0], rules[1]))
        if len(set(labels)) == (2 if case == BOTH else 1) and opposite(found) == (case == OPPOSITE):
            return found


def opposite(common: Common) -> bool:
    """Return whether one normal is 0, or a negative multiple of the other."""
    v, w = (rule.normal for rule in common.rules)
    product = dot(v, w)
    return not any(v) or not any(w) or (product < 0 and product**2 == dot(v, v) * dot(w, w))


def decide_biased(common: Common) -> Proof:
    """Compare a linear program for a direction u with w.u > 0 with the place of both normals."""
    data, rules = common.data, common.rules
    rows = [combine((-1, rule.normal)) for rule in rules]
    answer = linear_program([0] * data.dimension, (rows, [-1] * 2))
    both = len(set(data.labels)) == 2
    u = answer.x
    return Proof.of(
        step("Both rules are strictly right on all the points.",
             ([min(rule.margins(data)) for rule in rules], ">", 0)),
        step(r"Some $u$ has both rules turn along $-yu$ at every point exactly when the normals "
             "are not opposite; with both labels they never are (1 for yes, 0 for no).",
             (int(u is not None), "=", int(not opposite(common))),
             (int(both), "<=", int(u is not None))),
        step("Where there is one, both turn, by following the rays.",
             (int(u is None or all(is_adversarial(rule, x, combine((-y, u))) for rule in rules
                                   for x, y in data.pairs)),
              "=", 1)),
        data.certificate(rules, [facts.accurate(0), facts.accurate(1)]), answer.certificate,
    )  # fmt: skip


def draw_line(rng: Random) -> Common:
    """Return one point of the line and two rules that are not constant."""
    data = LabelledSet.of([[rng.randint(-LARGEST, LARGEST)]], [rng.choice((1, -1))])
    first, second = (
        LinearRule.of([rng.choice((1, -1, 2, -2))], rng.randint(-LARGEST, LARGEST))
        for _ in range(2)
    )
    return Common(data, (first, second))


def refute_not_constant(common: Common) -> Refutation | None:
    """Refute that rules which are not constant share a direction: on the line neither way does."""
    data, rules = common.data, common.rules
    (x,) = data.points
    if min(min(rule.margins(data)) for rule in rules) <= 0:
        return None
    kept = []
    for v in (vector([1]), vector([-1])):
        k = next((k for k, rule in enumerate(rules) if not is_adversarial(rule, x, v)), None)
        if k is None:
            return None
        kept.append(facts.keeps(k, x, v))
    return Refutation.of(
        "Both rules are right at the point and not constant, and each of the two directions of "
        "the line leaves one label as it is.",
        step("Neither is constant.",
             (named("w_#", [rule.normal for rule in rules]), "!=", vector([0]))),
        step("Both are strictly right.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">", 0)),
        data.certificate(rules, [facts.accurate(0), facts.accurate(1), *kept]),
    )  # fmt: skip


BIASED = SharpForm((SERVED, OPPOSITE, BOTH), draw_biased, decide_biased, Counterexample(
    "With one label it is not enough that no rule is constant: opposite rules.",
    Common(LabelledSet.of([[0]], [1]), (LinearRule.of([1], 1), LinearRule.of([-1], 1))),
    refute_not_constant, draw_line,
))  # fmt: skip
