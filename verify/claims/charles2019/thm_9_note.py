r"""Section 4, note after Theorem 9: Theorem 9 does not make the rules right on its set

Printed: Condition 2 of Theorem 9 is slightly weaker than condition 2 of Theorem 7. While the
    adversarial direction still transfers, we do not require $h_1$ to correctly classify
    $S\cap S^{(2)}[k,l]$.
Statement: Let $S$ hold points of the classes $k,l$ at which both rules have $z_y>z_{y'}$, where
    $y'$ is the other of the two. If $h_j(x)\neq y$ at a point of $S$, a third class has the largest
    logit there, alone or with $y$. If $h_j(x)=y$, class $y$ is left along the direction of Theorem
    9. With $K=2$ both rules are right on all of $S$.
Verdict: true. A third class can win at a point of the set.
Reading: The direction transfers to a rule at the points of $S$ that this rule gets right, which is
    what condition 2 of Theorem 9 says.
Needs two classes: For both rules to be right on $S$ there must be no third class, $K=2$.
    Without it: A third class wins at a point that is right between the two.
Sharp: Let ties be errors. A rule is right at a point of $S$ exactly when its class has a margin
    over all $K-1$ others there. The points it gets wrong number at most the sum of the $K-1$ losses
    to the single rivals, and exactly that when no point is beaten by two. Where a third class wins,
    the direction need not change the label.
    Rests on: written proof. A rule is wrong at a point exactly when $z_y\le z_j$ for some rival
        $j$; each such point is counted once for each of them. A third class that wins is shown
        below.
    Overstated: The direction need not change the label where a third class wins.
Quantifier: sampled rules and points; the direction for all rules that are right between the two
    classes at once, by its convex weights
Uses: charles-thm-9
The idea: Being right between two classes is not being right.
Why it is true: On the common part $z_y$ beats the other of the two logits. So if the label is
    wrong, it is a third class that wins. Where the label is right, the direction leads away from
    it.
Before you use it: A rule for which ties are errors is right at a point exactly when its class has a
    margin against all other classes there; one that gives ties to the lowest class may be right
    without. Asking for that adds a loss for each of them. And where a third class wins, it may go
    on winning along the direction.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates, max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass, multiclass_samples
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    SymbolicStep,
    computed,
    inner,
    mixture,
    named,
    products,
    step,
    theorem,
    told,
    total,
)
from verify.claims.relation import number
from verify.drawing import numbers
from verify.objects import ArgmaxRule, LabelledSet, MulticlassSet, is_adversarial

CLASSES = Given("classes", "$k$ is class $1$, $l$ is class $2$")
TWO, THREE, FOUR, STRONG = "two classes", "three classes", "four classes", "a dominant third class"
CASES = (TWO, THREE, FOUR, STRONG)
COUNT = {TWO: 2, THREE: 3, FOUR: 4, STRONG: 3}


def draw(rng: Random, case: str) -> tuple[MulticlassSet, tuple[ArgmaxRule, ArgmaxRule]]:
    """Return points that both rules order correctly between k and l, and some that they do not."""
    classes, d = COUNT[case], rng.randint(1, 3)
    first = [numbers.nonzero_vector(rng, d), *numbers.vectors(rng, classes - 1, d)]
    # The second rule differs from the first by a third of a random one, so that they often agree.
    second = [combine((1, w), (Fraction(1, 3), numbers.vector(rng, d))) for w in first]
    if case == STRONG:
        for rows in (first, second):
            rows[2] = combine((3, rows[rng.randrange(2)]))
    rules = (through_origin(first), through_origin(second))
    u = multiclass_samples.difference(rules[0], 0, 1)
    points = [x for x in numbers.vectors(rng, rng.randint(3, 8), d) if dot(u, x)]
    labels = [0 if dot(u, x) > 0 else 1 for x in points] + [rng.randrange(2)]
    points.append(numbers.vector(rng, d))
    return MulticlassSet(tuple(points), tuple(labels), classes), rules


def prove(data: MulticlassSet, rules: tuple[ArgmaxRule, ArgmaxRule]) -> Proof:
    """Sort the points of S by whether a third class wins, and follow the others along v."""
    ordered = ordered_points(data, rules)
    pairs = [(j, x, y) for j in range(2) for x, y in ordered]
    right = [(j, x, y) for j, x, y in pairs if rules[j].label(x) == y]
    wrong = [(j, x, y) for j, x, y in pairs if rules[j].label(x) != y]
    v, weights = nearest_point(ordered) if ordered else ((), ())
    steps = (
        step(r"On $S$ both rules have $z_y>z_{y'}$, where $y'$ is the other of the two classes.",
             ([margin(f"h_{j + 1}", rules[j], x, y) for j, x, y in pairs], ">", 0)),
        step(r"So where $h_j(x)\neq y$ the label is not $y'$ either: a third class, from 3 on, has "
             "the largest logit, at a tie together with $y$.",
             ([told(rf"\text{{top class of }}h_{j + 1}{number(x)}", top(rules[j], x) + 1,
                    f"[z={number(rules[j].logits(x))}]")
               for j, x, y in wrong], ">=", 3),
             (computed(r"\text{right}+\text{wrong}", "r + w", r=len(right), w=len(wrong)), "=",
              computed("2|S|", "2 * s", s=len(ordered)))),
        step(r"Where $h_j(x)=y$, class $y$ is left along $-v$ or $v$, since $u_j\cdot v>0$.",
             ([Named(r"u_#\cdot v", dot(u, v), products(u, v))
               for u in (multiclass_samples.difference(rule, 0, 1) for rule in rules if ordered)],
              ">", 0),
             *((multiclass.last_label(
                    rf"h_{j + 1}({number(x)}{'-' if y == 0 else '+'}\infty v)",
                    rules[j], x, way(v, y)), "!=", named("y", y + 1))
               for j, x, y in right)),
        step(r"The points that a rule gets wrong number at most the sum over the other $K-1$ "
             r"classes of those with $z_y\leq z_i$.",
             *((named(rf"\text{{errors of }}h_{j}", errors(rule, data)), "<=",
                total(r"\sum_i|\{z_y\leq z_i\}|", losses(rule, data)))
               for j, rule in enumerate(rules, 1))),
    )  # fmt: skip
    labels = [facts.label(j, x, rule.label(x)) for j, rule in enumerate(rules) for x in data.points]
    moved = [
        facts.changes(j, x, way(v, y), multiclass.after(rules[j], x, way(v, y)))
        for j, x, y in right
    ]
    stated = facts.certificate(rules, [*labels, *moved])
    if not ordered:  # S is empty: only the labels can be stated
        return Proof.of(*steps, stated)
    places = ", ".join(f"$x_{{{i}}}$" for i, pair in enumerate(data.pairs, 1) if pair in ordered)
    objects = (
        Named("v", v), *(Named(f"u_{j}", multiclass_samples.difference(rule, 0, 1))
                         for j, rule in enumerate(rules, 1)),
    )  # fmt: skip
    margins = facts.arithmetic(
        {},
        [
            ("0", "<", multiclass_samples.margin_expression(rules[j], 0, 1, x, y))
            for j, x, y in pairs
        ],
    )
    common = (margins, stated, _universal(ordered, v, weights))
    return Proof.of(CLASSES, Given("$S$", places), *objects, *steps, *common)


def margin(name: str, rule: ArgmaxRule, x: Vector, y: int) -> Named:
    """Return z_y - z_y' of the classes k = 0 and l = 1 at x by name, with both logits."""
    z = rule.logits(x)
    terms = computed("", "a - b", a=z[y], b=z[1 - y]).numbers
    value = multiclass_samples.margin(rule, 0, 1, x, y)
    return Named(rf"z_y-z_{{y'}}\text{{ of }}{name}\text{{ at }}{number(x)}", value, terms)


def ordered_points(
    data: MulticlassSet, rules: tuple[ArgmaxRule, ArgmaxRule]
) -> list[tuple[Vector, int]]:
    """Return the points at which both rules have the logit of the label above the other one."""
    return [
        (x, y)
        for x, y in data.pairs
        if all(multiclass_samples.margin(rule, 0, 1, x, y) > 0 for rule in rules)
    ]


def nearest_point(ordered: list[tuple[Vector, int]]) -> tuple[Vector, Vector]:
    """Return the point of the hull of the signed points nearest to 0, and its convex weights."""
    data = _signed(ordered)
    answer = max_margin(data.points, data.labels, bias=False)
    if not isinstance(answer, MaxMargin):  # u_1 separates the points, so this cannot happen
        raise InputError("data", expected="points ordered by both rules", got="others")
    scale = answer.margin_squared
    return combine((scale, answer.w)), tuple(scale * a for a in answer.multipliers)


def _signed(ordered: list[tuple[Vector, int]]) -> LabelledSet:
    return LabelledSet(tuple(x for x, _ in ordered), tuple(1 - 2 * y for _, y in ordered))


def _universal(ordered: list[tuple[Vector, int]], v: Vector, weights: Vector) -> Certificate:
    data = _signed(ordered)
    balance = dot(weights, data.labels)
    return certificates.every_separator(data, v, balance, weights)


def way(v: Vector, y: int) -> Vector:
    """Return -v for class k = 0 and v for class l = 1."""
    return combine((-1 if y == 0 else 1, v))


def top(rule: ArgmaxRule, x: Vector) -> int:
    """Return the highest class among those with the largest logit."""
    z = rule.logits(x)
    return max(i for i, value in enumerate(z) if value == max(z))


def errors(rule: ArgmaxRule, data: MulticlassSet) -> int:
    """Return how many points do not get their label."""
    return sum(rule.label(x) != y for x, y in data.pairs)


def losses(rule: ArgmaxRule, data: MulticlassSet) -> list[int]:
    """Return for each class i how many points of other classes have z_y <= z_i."""
    return [
        sum(i != y and rule.logits(x)[y] <= rule.logits(x)[i] for x, y in data.pairs)
        for i in range(data.classes)
    ]


def draw_one_rule(rng: Random) -> tuple[Vector, ArgmaxRule]:
    """Return a point and a rule without offsets, with small numbers."""
    weights = [vector([rng.randint(-3, 3)]) for _ in range(3)]
    return vector([rng.randint(-3, 3)]), through_origin(weights)


@theorem.without(
    "two classes",
    (vector([1]), through_origin([vector([1]), vector([0]), vector([2])])),
    draw_one_rule,
)
def refute_correct(point: Vector, rule: ArgmaxRule) -> Refutation | None:
    """Refute when the point is right between the classes 0 and 1 and the third class wins."""
    x = point
    if multiclass_samples.margin(rule, 0, 1, x, 0) <= 0 or rule.label(x) != 2:
        return None
    return Refutation.of(
        "The point is right between the two classes, and the rule gives it the third.", CLASSES,
        step(r"The point is of class $k$, and its margin over $l$ is positive.",
             (margin("h", rule, x, 0), ">", 0)),
        step("The third logit is larger than that of the right class.",
             (multiclass_samples.named_margin("z_k-z_3", rule, 0, 2, x, 0), "<", 0)),
        facts.arithmetic({}, [("0", "<", multiclass_samples.margin_expression(rule, 0, 1, x, 0))]),
        facts.certificate([rule], [facts.label(0, x, 2)]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Follow a rule whose third class wins at a point of S: it keeps that label along -v."""
    rule = through_origin([vector([1, 0]), vector([0, 0]), vector([0, 3])])
    ordered = [(vector([1, 1]), 0), (vector([1, -1]), 0)]
    v, weights = nearest_point(ordered)
    x = ordered[0][0]
    return Proof.of(
        *(Named(f"x_{i}", point) for i, (point, _) in enumerate(ordered, 1)),
        Given("rule", rule), CLASSES, Named("v", v), Named(r"\lambda", weights),
        step(r"Both points, of class $k$, have $z_k>z_l$, and $v=(1,0)$ is the point of their hull "
             "nearest to $0$.",
             ([margin("h", rule, x, y) for x, y in ordered], ">", 0),
             (mixture(r"\sum\lambda_ix_i",
                      *zip(weights, (z for z, _ in ordered), strict=True)), "=", named("v", v)),
             ([inner(f"v\\cdot x_{i}", v, z) for i, (z, _) in enumerate(ordered, 1)], ">=",
              inner("|v|^2", v, v))),
        step(r"At $(1,1)$ the third class wins, and it stays along $-v$: without $h_j(x)=y$ "
             r"the direction need not change the label.",
             (labelled("h(1,1)", rule, x), "=", 3),
             (multiclass.last_label(r"h((1,1)-\infty v)", rule, x, way(v, 0)), "=", 3)),
        _universal(ordered, v, weights),
        facts.certificate([rule], [facts.label(0, x, 2), facts.keeps(0, x, way(v, 0))]),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the union bound for indicators of two rival classes."""
    a, b = sympy.symbols("a b", nonnegative=True)
    rest = a + b - (1 - (1 - a) * (1 - b))
    yield SymbolicStep(
        "Being beaten by one of the rivals counts at most the sum of being beaten by each.",
        r"a+b-(1-(1-a)(1-b))=ab\geq0",
        "two rivals, with indicators a and b; more follow by repetition",
        sympy.expand(rest - a * b) == 0 and bool((a * b).is_nonnegative),
    )


EXAMPLE = (
    MulticlassSet.of([[1, 0], [1, 2], [-1, 1], [0, 1]], [0, 0, 1, 1], 3),
    (
        through_origin([vector([1, 0]), vector([-1, 0]), vector([0, 1])]),
        through_origin([vector([2, 0]), vector([-1, 1]), vector([0, 0])]),
    ),
)


# When a rule is right on the common set of Theorem 9, and how often it is not, on drawn rules.
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


def draw_judged(rng: Random, case: str) -> Judged:
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


@theorem.sharp((ALL_RIGHT, THIRD, TIED), draw_judged)
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
    beaten = [sum(m <= 0 for m in rivals[p]) for p in data.pairs]
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


@theorem.overstated(
    (
        (vector([1, 1]), vector([1, -1])),
        through_origin([vector([1, 0]), vector([0, 0]), vector([0, 2])]),
    ),
    draw_two_points,
)
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
        CLASSES, Named("v", v), Named("u=w_k-w_l", multiclass_samples.difference(rule, 0, 1)),
        step(r"Both points, of class $k$, are right between the two classes; $z_k-z_l=u\cdot x$ "
             "falls along $-v$, $v$ being the point of their hull nearest to $0$.",
             ([margin("h", rule, p, 0) for p in data.points], ">", 0),
             (inner(r"u\cdot v", multiclass_samples.difference(rule, 0, 1), v), ">", 0)),
        step("At one of them a third class wins, and it stays along $-v$.",
             (labelled(f"h{number(x)}", rule, x), "=", 3),
             (multiclass.last_label(rf"h({number(x)}-\infty v)", rule, x, back), "=", 3)),
        certificates.every_separator(data, v, sum(weights, Fraction(0)), weights),
        facts.certificate([rule], [facts.label(0, x, 2), facts.keeps(0, x, back)]),
    )  # fmt: skip


CLAIM = theorem(__name__)
