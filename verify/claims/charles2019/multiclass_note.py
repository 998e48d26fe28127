r"""Section 4, note before Theorem 8: Accuracy compares logits; their signs do not matter

Printed: For the multi-class case, $S$-accuracy does not require positivity of any classifier.
    Suppose $x$ has label $k$, and let $z=Wx+b$. To classify $x$ accurately we do not require
    $z_j<0$ for $j\neq k$. In fact, all of $z$ can be positive as long as the largest entry is
    $z_k$.
Statement: Adding the same function $a\cdot x+\beta$ to all logits, $W\to W+\mathbf{1}a^T$ and
    $b\to b+\beta\mathbf{1}$, does not change which points are classified correctly. A rule with
    $z_y>0>z_j$ for all $j\neq y$ on $S$ is right on $S$, but not conversely.
Verdict: true. Holds as printed.
Reading: The largest entry is the only one, or ties have a fixed rule.
Needs same shift: The function that is added is the same for every class.
    Without it: A constant added to one logit alone changes the label of a point.
Sharp: If each class can be separated from all others together, an accurate rule exists; with two
    classes that both occur this is an equivalence. With three it is not: the points 0, 1, 2 have an
    accurate rule although the middle class cannot be separated from the rest.
    Rests on: Coq in part multiclass_note_signs. With two classes $z_1-z_2$ separates the first from
        the second and its negative the other way; the three points are below.
    Overstated: With three classes it is not necessary: on the points 0, 1, 2 some rule is right,
        and the middle class cannot be separated from the rest.
Quantifier: gaps for all rules at once by a form that shifts do not see; labels on sampled and
    extreme rules
The idea: Accuracy compares logits with each other. Adding the same function to all of them changes
    every logit and no comparison.
Why it is true: Each gap $z_y-z_j$ contains the added function twice, with opposite signs. So the
    gaps stay, and with them the labels. A large constant makes all logits positive, whatever they
    were.
Before you use it: A multi-class rule is therefore not a collection of one-against-rest rules. On a
    line with three classes in a row the middle one cannot be cut off by one threshold, and yet a
    linear multi-class rule is right on all three.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from random import Random

from certify import certificates, max_margin
from certify.certificates import facts
from certify.margins.max_margin import MaxMargin, NotSeparable
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.charles2019.shared.multiclass import (
    ONE,
    STEEP,
    THREE,
    ZERO,
    Gap,
    accurate,
    between,
    named_line,
)
from verify.claims.charles2019.sharp import accurate_models
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    computed,
    greatest,
    identity,
    least,
    matrices,
    mixture,
    named,
    products,
    step,
    theorem,
)
from verify.drawing import multiclass, numbers, small
from verify.objects import ArgmaxRule, MulticlassSet

RULES = 2


SHOWN = 12  # logits whose gaps are written out


def draw(rng: Random, case: str) -> tuple[MulticlassSet, tuple[ArgmaxRule, ...], Vector, Fraction]:
    """Return data of the named case, accurate rules, and any affine function."""
    planted = multiclass.planted_set(rng, case)
    rules = multiclass.accurate_rules(rng, planted, RULES)
    slope = numbers.vector(rng, planted.data.dimension)
    return planted.data, tuple(rules), slope, numbers.number(rng)


def prove(data: MulticlassSet, rules: tuple[ArgmaxRule, ...], a: Vector, beta: Fraction) -> Proof:
    """Compare the gaps of every rule before and after adding the same function to all logits."""
    form = gap_form(data)
    moved = [shifted(rule, a, beta) for rule in rules]
    raised = [raise_above_zero(rule, data) for rule in rules]
    parts = [
        part
        for n, rule in enumerate(rules, 1)
        for part in _one_versus_rest(rule, data, f"{n}," if len(rules) > 1 else "")
    ]
    certified = data.certificate(
        [*rules, *moved, *raised], [facts.accurate(number) for number in range(3 * len(rules))]
    )
    return Proof.of(
        Given("$h'$", r"the rule $h$ with $a\cdot x+\beta$ added to all logits"),
        Given("$F_k$", r"the vectors with $\sum_{i,j}(z_{y_i}-z_j)(x_i)=\sum_k(w_k,b_k)\cdot F_k$"),
        step(r"Adding $a\cdot x+\beta$ to every logit leaves each gap $z_y-z_j$ as it is. So their "
             r"sum, to which it adds $(a,\beta)\cdot\sum_kF_k$, weighs the classes with total $0$.",
             (mixture(r"\sum_kF_k", *((1, row) for row in form)), "=",
              (ZERO,) * (data.dimension + 1)),
             ([Named(r"(z_{y_i}-z_j)(x_i)_{i,j\neq y_i}\text{ of }h_#", gaps(rule, data),
                     partial(_gaps, rule, data)) for rule in rules], "=",
              [Named(r"(z_{y_i}-z_j)(x_i)_{i,j\neq y_i}\text{ of }h'_#", gaps(other, data),
                     partial(_gaps, other, data)) for other in moved])),
        step(r"Accuracy speaks of gaps only, so the new rule is accurate as well.",
             ([least(r"\min(z_{y_i}-z_j)(x_i)\text{ of }h'_#", gaps(rule, data))
               for rule in moved], ">", 0)),
        step(r"Where one-versus-rest is right, $z_y>0>z_j$, the gap is $z_y+|z_j|>0$. It is right "
             r"at $x_i$ once the constant $c_i$ is added that makes the two largest logits there "
             "opposite.", *parts),
        step(r"Not conversely: with $C=1-\min_{i,j}z_j(x_i)$ added all logits are positive, and "
             "one-versus-rest is wrong at every point, without a changed label.",
             ([computed("C_#", "1 - z", z=lowest_logit(rule, data)) for rule in rules], "=",
              [other.bias[-1] - rule.bias[-1] for rule, other in zip(rules, raised, strict=True)]),
             *((least(rf"\min_jz_j(x_{{{i}}})+C{n}", rule.logits(x)), ">", 0)
               for n, rule in enumerated(raised) for i, x in enumerate(data.points, 1))),
        certificates.every_model(data, form, all_gaps(data)), certified,
    )  # fmt: skip


def enumerated(rules: Sequence[ArgmaxRule]) -> list[tuple[str, ArgmaxRule]]:
    """Return rules with their place as an index, which an only one does not need."""
    return [(f"_{{{n}}}" if len(rules) > 1 else "", rule) for n, rule in enumerate(rules, 1)]


def _one_versus_rest(rule: ArgmaxRule, data: MulticlassSet, first: str) -> Relations:
    """Return for each point that with its constant added one-versus-rest is right, by how much."""
    found: Relations = []
    for i, (x, y) in enumerate(data.pairs, 1):
        middle, place = halfway(rule, x, y), f"{{{first}{i}}}"
        own, rest = rule.logits(x)[y] - middle, max(others(rule, x, y)) - middle
        line = products(rule.weights[y], x, rule.bias[y] - middle)
        found += [
            (computed(f"c_{place}", "-(a + b) / 2", a=rule.logits(x)[y], b=max(others(rule, x, y))),
             "=", -middle),
            (Named(rf"z_y(x_{place})+c_{place}", own, line), ">", 0),
            (greatest(rf"\max_{{j\neq y}}z_j(x_{place})+c_{place}",
                      [z - middle for z in others(rule, x, y)]), "<", 0),
            (computed(rf"(z_y-\max_{{j\neq y}}z_j)(x_{place})", "a - b", a=own, b=rest), ">", 0),
        ]  # fmt: skip
    return found


def shifted(rule: ArgmaxRule, slope: Vector, offset: Fraction) -> ArgmaxRule:
    """Return the rule with slope.x + offset added to every logit."""
    return ArgmaxRule(
        tuple(combine((1, w), (1, slope)) for w in rule.weights),
        tuple(b + offset for b in rule.bias),
        rule.lowest,
    )


def raise_above_zero(rule: ArgmaxRule, data: MulticlassSet) -> ArgmaxRule:
    """Return the rule with a constant added that makes all its logits on the data positive."""
    return shifted(rule, (ZERO,) * data.dimension, 1 - lowest_logit(rule, data))


def lowest_logit(rule: ArgmaxRule, data: MulticlassSet) -> Fraction:
    """Return the least logit of all classes at all points."""
    return min(z for x in data.points for z in rule.logits(x))


def others(rule: ArgmaxRule, x: Vector, y: int) -> Vector:
    """Return the logits at x of all classes but y."""
    z = rule.logits(x)
    return z[:y] + z[y + 1 :]


def halfway(rule: ArgmaxRule, x: Vector, y: int) -> Fraction:
    """Return the middle between the logit of y at x and the largest other one."""
    return (rule.logits(x)[y] + max(others(rule, x, y))) / 2


def _gaps(rule: ArgmaxRule, data: MulticlassSet) -> str:
    """Return the gaps of all points with their logits; nothing for many of them."""
    if len(data.points) * data.classes > SHOWN:
        return ""
    z = [(rule.logits(x), y) for x, y in data.pairs]
    parts = [
        computed("", "a - b", a=row[y], b=row[j]).formula[0]
        for row, y in z for j in range(data.classes) if j != y
    ]  # fmt: skip
    return f"({','.join(parts)})"


def gaps(rule: ArgmaxRule, data: MulticlassSet) -> Vector:
    """Return z_y - z_j for every point and every other class."""
    return tuple(
        between(rule, y, j).value(x) for x, y in data.pairs for j in range(data.classes) if j != y
    )


def all_gaps(data: MulticlassSet) -> list[Gap]:
    """Return every gap of every point, with multiplier 1."""
    return [(i, j, ONE) for i, y in enumerate(data.labels) for j in range(data.classes) if j != y]


def gap_form(data: MulticlassSet) -> Rows:
    """Return the sum of all gaps as a linear form in (W, b), of shape (K, d + 1)."""
    return tuple(
        combine(*(
            ((y == k) - (j == k), (*data.points[i], ONE))
            for i, j, _ in all_gaps(data) for y in (data.labels[i],)
        ))
        for k in range(data.classes)
    )  # fmt: skip


def draw_uneven(rng: Random) -> tuple[MulticlassSet, ArgmaxRule, Vector]:
    """Return one or two points, a rule and constants with small numbers, for two classes."""
    count = rng.randint(1, 2)
    data = MulticlassSet.of(
        [[rng.randint(-3, 3)] for _ in range(count)], [rng.randint(0, 1) for _ in range(count)], 2
    )
    weights = [[rng.randint(-3, 3)] for _ in range(2)]
    bias, constants = ([rng.randint(-3, 3) for _ in range(2)] for _ in range(2))
    return data, ArgmaxRule.of(weights, bias), vector(constants)


@theorem.without(
    "same shift",
    (MulticlassSet.of([[0]], [0], 2), ArgmaxRule.of([[0], [0]], [1, 0]), vector([0, 1])),
    draw_uneven,
)
def refute_uneven(data: MulticlassSet, rule: ArgmaxRule, constants: Vector) -> Refutation | None:
    """Refute when the rule is accurate and some point has another label afterwards."""
    moved = ArgmaxRule(rule.weights, combine((1, rule.bias), (1, constants)))
    if not accurate(rule, data) or accurate(moved, data):
        return None
    wrong = next(i for i, (x, y) in enumerate(data.pairs) if moved.label(x) != y)
    x, y = data.points[wrong], data.labels[wrong]
    return Refutation.of(
        "Different constants for different classes change the gaps, and here a label.",
        step("The constants differ.",
             (named("c_1", constants[0]), "!=", named("c_2", constants[1]))),
        step("The gap of the point is positive before, and not after.",
             (named_line("(z_y-z_j)(x)", between(rule, y, 1 - y), x), ">", 0),
             (named_line("(z'_y-z'_j)(x)", between(moved, y, 1 - y), x), "<=", 0)),
        data.certificate([rule, moved], [facts.accurate(0), facts.label(1, x, moved.label(x))]),
    )  # fmt: skip


RIGHT, ANY, TWO = "some rule is right", "any labels", "two classes"


def draw_any(rng: Random, case: str) -> MulticlassSet:
    """Return data in which every class occurs: planted, with any labels, or of two classes."""
    if case == RIGHT:
        return multiclass.planted_set(rng, rng.choice((multiclass.GENERIC, multiclass.SINGLE))).data
    classes, d = 2 if case == TWO else 3, rng.randint(1, 2)
    count = classes + rng.randint(0, 3)
    labels = [*range(classes), *(rng.randrange(classes) for _ in range(count - classes))]
    points = tuple(small.vector(rng, d) for _ in labels)
    return MulticlassSet(points, tuple(labels), classes)


def against_rest(data: MulticlassSet) -> list[MaxMargin | NotSeparable]:
    """Return for each class whether a line separates it from all others, with the proof."""
    return [
        max_margin(data.points, [1 if y == k else -1 for y in data.labels])
        for k in range(data.classes)
    ]


@theorem.sharp((RIGHT, ANY, TWO), draw_any)
def decide_rest(data: MulticlassSet) -> Proof:
    """Separate each class from the rest, and look for an accurate rule by a linear program."""
    answers = against_rest(data)
    rule, none = accurate_models.model(data)
    every = all(answer.separable for answer in answers)
    steps = [
        step("If every class can be separated from the rest, an accurate rule exists.",
             (named(r"[\text{every class}]", int(every)), "<=",
              named(r"[\text{accurate rule}]", int(rule is not None)))),
    ]  # fmt: skip
    if data.classes == 2:
        steps.append(
            step("With two classes, exactly then.",
                 (named(r"[\text{every class}]", int(every)), "=",
                  named(r"[\text{accurate rule}]", int(rule is not None))))
        )  # fmt: skip
    known = [
        data.certificate([found], [facts.accurate(0)])
        for found in (rule, stacked(answers))
        if found is not None
    ]
    if every:
        joined = stacked(answers)
        assert joined is not None
        steps.append(
            step("The separating rules together are one.",
                 (least(r"\min(z_{y_i}-z_j)(x_i)", gaps(joined, data)), ">", 0))
        )  # fmt: skip
    return Proof.of(*steps, *(known or [none]), *(answer.certificate for answer in answers))


def stacked(answers: Sequence[MaxMargin | NotSeparable]) -> ArgmaxRule | None:
    """Return the rule with the separating rules as its logits, if there is one for each class."""
    found = [answer for answer in answers if isinstance(answer, MaxMargin)]
    if len(found) < len(answers):
        return None
    return ArgmaxRule(tuple(answer.w for answer in found), tuple(answer.b for answer in found))


def draw_small(rng: Random) -> MulticlassSet:
    """Return three small points on a line, one of each class."""
    return MulticlassSet(tuple(small.vector(rng, 1) for _ in range(3)), (0, 1, 2), 3)


@theorem.overstated(THREE, draw_small)
def refute_rest(data: MulticlassSet) -> Refutation | None:
    """Refute that an accurate rule exists only if each class can be separated from the rest."""
    rule, _ = accurate_models.model(data)
    lost = next((answer for answer in against_rest(data) if not answer.separable), None)
    if rule is None or lost is None:
        return None
    return Refutation.of(
        "A rule is right on all points, and some class cannot be separated from the rest.",
        Given("rule", rule),
        step("The gaps of the rule are positive.",
             (least(r"\min(z_{y_i}-z_j)(x_i)", gaps(rule, data)), ">", 0)),
        data.certificate([rule], [facts.accurate(0)]),
        lost.certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate three points on a line whose middle class no line through it can set apart."""
    middle = tuple(1 if y == 1 else -1 for y in THREE.labels)
    answer = max_margin(THREE.points, middle)
    return Proof.of(
        Given("data", THREE), Given("rule", STEEP),
        step("The rule with logits 0, x - 1/2, 2x - 2 is right on the points 0, 1, 2.",
             (least(r"\min(z_{y_i}-z_j)(x_i)", gaps(STEEP, THREE)), ">", 0)),
        step("The middle point is the mean of the two others, so no one-versus-rest rule has "
             "it alone on its positive side.",
             (mixture(r"\frac12(x_1+x_3)", (Fraction(1, 2), THREE.points[0]),
                      (Fraction(1, 2), THREE.points[2])), "=", named("x_2", THREE.points[1]))),
        THREE.certificate([STEEP], [facts.accurate(0)]),
        answer.certificate,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that every gap is unchanged by a shift, for all numbers."""
    x, a, w, v = matrices("x a w v", "d")
    b, c, beta = matrices("b c beta")
    yield identity(
        "A function added to all logits cancels in every gap.",
        r"(w_y+a)\cdot x+b_y+\beta-(w_j+a)\cdot x-b_j-\beta=(w_y-w_j)\cdot x+b_y-b_j",
        "all dimensions; each gap is one of two classes",
        (w + a).T * x + b + beta - (v + a).T * x - c - beta,
        (w - v).T * x + b - c,
    )


EXAMPLE = (THREE, (STEEP,), vector([1]), Fraction(3))


CLAIM = theorem(__name__, cases=multiclass.CASES)
