r"""Section 2, before Figure 1: The normal is the direction of the shortest perturbation

Printed: For any linear classifier, the most natural adversarial direction is the normal vector to
    the decision boundary.
Statement: Let $h$ be linear with $w\neq0$, $h(x)=y$ and $m=y(w\cdot x+b)$. A perturbation $d$ with
    $h(x+d)\neq y$ has Euclidean length at least $m/|w|$. Along $-yw$ the label is another one for
    all steps beyond $m/|w|^2$, where $m/|w|$ is reached; if $m>0$, along no other direction is the
    boundary as near.
Verdict: true. Read as the direction of the least Euclidean step, which is $-yw$. In another norm
    another direction is nearest.
Reading: Natural means nearest: the direction along which the least Euclidean step changes the
    label. The normal points away from the label, $-yw$, and a boundary exists, so that $w\neq0$.
Needs Euclidean norm: Lengths are Euclidean.
    Without it: In the maximum norm the signs of $-yw$ lead to the boundary of $2x_1+x_2$ with steps
        of $m/3$ in each entry, and the normal needs $2m/5$ in one of them.
Needs some boundary: $w\neq0$.
    Without it: A constant rule keeps its label along every direction.
Sharp: Among the perturbations of length at most $m/|w|$, $m>0$, exactly one can change the label,
    $d=-ym\,w/|w|^2$, and it does exactly when the boundary does not have the label $y$.
    Rests on: Coq in part normal_direction. A perturbation of at most this length that changes the
        label meets the boundary, so it is $d$; and there the label is that of the boundary.
    Overstated: The perturbation that reaches the boundary need not change the label: that of $1$
        under the sign of $x$ ends at $0$, which may be labelled +1.
Quantifier: for all directions at once by an identity for all dimensions, also evaluated on sampled
    ones; the labels are certified
Uses: charles-linear-same-label
The idea: How far is it to the boundary? Straight ahead, along the normal, it is nearest.
Why it is true: Along $d$ the margin falls by $-y(w\cdot d)$, which is at most $|w||d|$ by the
    inequality of Cauchy and Schwarz, and it has to fall by $m$ at least. So $|d|\geq m/|w|$. The
    inequality is an equation for multiples of $w$ only. Along $-yw$ the margin falls at the rate
    $|w|^2$, and beyond the step $m/|w|^2$ it is negative.
Before you use it: Nearest depends on how lengths are measured. Attacks on pictures bound each pixel
    by itself, and there the direction of the signs of $-yw$ is nearest, at $m/|w|_1$. And what is
    nearest for one rule need not turn another: [Figure 1](charles-fig-1.html) shows two rules, and
    to go against the normal of one turns no +1 point of the other.
"""

from dataclasses import replace
from fractions import Fraction
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.claim import Proof, Refutation, step
from verify.claims.language import Given, Symbolic, greatest, identity, matrices, theorem
from verify.claims.relation import Named, computed, inner, named, products
from verify.drawing import numbers, small
from verify.objects import LinearRule, changed_step, square

GENERIC, BOUNDARY, ALIGNED = "generic", "point on the boundary", "directions along the normal"
CASES = (GENERIC, BOUNDARY, ALIGNED)
LARGEST_DIMENSION, DIRECTIONS = 4, 3


def draw(rng: Random, case: str) -> tuple[LinearRule, Vector, Rows]:
    """Return a rule, a point with a label, and directions."""
    d = rng.randint(1, LARGEST_DIMENSION)
    rule = LinearRule(numbers.nonzero_vector(rng, d), numbers.number(rng), rng.choice((-1, 1)))
    x = numbers.vector(rng, d)
    if case == BOUNDARY:
        x = foot(rule, x)
    directions = numbers.vectors(rng, DIRECTIONS, d)
    if case == ALIGNED:
        directions = tuple(combine((rng.choice((-2, -1, 1)), rule.normal)) for _ in directions)
    return rule, x, directions


def foot(rule: LinearRule, x: Vector) -> Vector:
    """Return the point of the boundary that is nearest to x."""
    return combine((1, x), (-rule.value(x) / square(rule.normal), rule.normal))


def prove(rule: LinearRule, point: Vector, directions: Rows) -> Proof:
    """Compare the length to the boundary along each direction with that along the normal."""
    x, w, y = point, rule.normal, rule.label(point)
    m = named("m", y * rule.value(x))
    margin, length = y * rule.value(x), square(w)
    falling = [v for v in directions if y * dot(w, v) < 0]
    normal = combine((-y, w))
    beyond = margin / length + 1
    ends = combine((1, x), (margin / length, normal)), combine((1, x), (beyond, normal))
    found = [facts.label(0, x, y), facts.changes(0, x, normal, beyond)]
    for v in directions:
        c = changed_step(rule, x, v)
        found.append(facts.keeps(0, x, v) if c is None else facts.changes(0, x, v, c))
    return Proof.of(
        Named("y", y), Named("m", margin, products(combine((y, w)), x, y * rule.offset)),
        Named("c_0=m/|w|^2", margin / length),
        step(r"The margin is not negative: the label is that of the side, or of the boundary.",
             (m, ">=", 0)),
        step(r"Cauchy and Schwarz: $|w\cdot v|\le|w||v|$, and less unless $v$ is a multiple "
             r"of $w$.",
             *((computed(rf"(w\cdot v_{i})^2", "s**2", s=dot(w, v)),
                "=" if _parallel(w, v) else "<",
                computed(rf"|w|^2|v_{i}|^2", "a * b", a=length, b=square(v)))
               for i, v in enumerate(directions, 1))),
        step(r"So along $v$ with $y(w\cdot v)<0$ the boundary is reached at "
             r"$c=m/(-y(w\cdot v))$, at the distance $c|v|\ge m/|w|$; along $-yw$ at "
             r"$c_0=m/|w|^2$, at the distance $m/|w|$.",
             *((computed(rf"c_{i}^2|v_{i}|^2", "(m / s)**2 * q",
                         m=margin, s=-y * dot(w, v), q=square(v)),
                ">=", computed("m^2/|w|^2", "m**2 / q", m=margin, q=length))
               for i, v in enumerate(falling, 1)),
             (computed("c_0^2|w|^2", "c**2 * q", c=margin / length, q=length), "=",
              computed("m^2/|w|^2", "m**2 / q", m=margin, q=length))),
        step(r"There the value is $0$, and beyond it, for instance at $c_0+1$, the label is $-y$.",
             (Named(r"w\cdot(x-c_0yw)+b", rule.value(ends[0]),
                    products(w, ends[0], rule.offset)), "=", 0),
             (labelled("h(x-(c_0+1)yw)", rule, ends[1]), "=", named("-y", -y))),
        facts.certificate([rule], found),
    )  # fmt: skip


def _parallel(w: Vector, v: Vector) -> bool:
    return not any(combine((1, v), (-dot(w, v) / square(w), w)))


EXAMPLE = (LinearRule.of([3, 4], -5), vector([3, 4]), (vector([-1, 0]), vector([-3, -4])))


def draw_small(rng: Random) -> tuple[LinearRule, Vector, Vector]:
    """Return a small rule in the plane or on a line, a point, and a perturbation, in tenths."""
    d = rng.randint(1, 2)
    rule = replace(small.rule(rng, d), zero=rng.choice((-1, 1)))
    return rule, small.vector(rng, d), combine((Fraction(1, 2), small.vector(rng, d, 6)))


@theorem.without(
    "Euclidean norm", (LinearRule.of([2, 1], 0, -1), vector([1, 1]), vector([-1, -1])), draw_small
)
def refute_maximum_norm(rule: LinearRule, point: Vector, perturbation: Vector) -> Refutation | None:
    """Refute for the maximum norm: the perturbation is shorter than that along the normal."""
    x, w, d = point, rule.normal, perturbation
    y = rule.label(x)
    if not any(w) or not y or rule.label(combine((1, x), (1, d))) == y:
        return None
    straight = combine((1, foot(rule, x)), (-1, x))
    mine, normal = (max(map(abs, z)) for z in (d, straight))
    if mine >= normal:
        return None
    return Refutation.of(
        "The perturbation changes the label, and its largest entry is smaller than that of the one "
        "which reaches the boundary along the normal.",
        step("The largest entries.",
             (greatest(r"\max_i|d_i|", [*map(abs, d)]), "<",
              computed(r"\max_i|m\,w_i|/|w|^2", "m * w / s", m=abs(rule.value(x)),
                       w=max(map(abs, w)), s=dot(w, w)))),
        facts.certificate([rule], [facts.label(0, x, y), facts.changes(0, x, d, Fraction(1))]),
    )  # fmt: skip


@theorem.without("some boundary", (LinearRule.of([0], 1, 1), vector([0]), vector([1])), draw_small)
def refute_constant(rule: LinearRule, point: Vector, perturbation: Vector) -> Refutation | None:
    """Refute for a constant rule: no direction changes its label."""
    if any(rule.normal):
        return None
    return Refutation.of(
        r"The rule is constant: its normal is $0$ and no direction changes its label.",
        step("The normal.", (named("w", rule.normal), "=", vector([0] * len(point)))),
        facts.certificate([rule], [facts.keeps(0, point, perturbation)]),
    )


# The sharp form: which perturbations that are no longer than to the boundary change the label.
AT_FOOT, ON_SPHERE, WITHIN = "to the boundary along the normal", "as long, elsewhere", "shorter"


def draw_perturbation(rng: Random, case: str) -> tuple[LinearRule, Vector, Vector]:
    """Return a rule, a point off its boundary and a perturbation no longer than to the boundary."""
    d = rng.randint(1, LARGEST_DIMENSION)
    rule = LinearRule(numbers.nonzero_vector(rng, d), numbers.number(rng), rng.choice((-1, 0, 1)))
    x = numbers.vector(rng, d)
    if not rule.value(x):
        rule = replace(rule, offset=rule.offset + 1)
    straight = combine((1, foot(rule, x)), (-1, x))
    if case == AT_FOOT:
        return rule, x, straight
    mirror = numbers.nonzero_vector(rng, d)
    other = combine((1, straight), (-2 * dot(straight, mirror) / square(mirror), mirror))
    return rule, x, combine((1 if case == ON_SPHERE else Fraction(rng.randint(0, 99), 100), other))


@theorem.sharp((AT_FOOT, ON_SPHERE, WITHIN), draw_perturbation)
def decide(rule: LinearRule, point: Vector, perturbation: Vector) -> Proof:
    """Compare the label at the end with whether it is the foot, and with who owns the boundary."""
    x, d, y = point, perturbation, rule.label(point)
    end = combine((1, x), (1, d))
    straight = combine((1, foot(rule, x)), (-1, x))
    changed = rule.label(end) != y
    return Proof.of(
        step(r"The perturbation is no longer than $m/|w|$.",
             (named("|d|^2", square(d)), "<=", named("m^2/|w|^2", square(straight)))),
        step(r"The label is another one exactly when $d=-ym\,w/|w|^2$ and the boundary does not "
             "have the label.",
             (named("[h(x+d)\\neq y]", int(changed)), "=", int(d == straight and rule.zero != y))),
        facts.certificate([rule], [facts.label(0, x, y), facts.label(0, end, rule.label(end))]),
    )  # fmt: skip


@theorem.overstated((LinearRule.of([1], 0, 1), vector([1]), vector([-1])), draw_small)
def refute_reaching(rule: LinearRule, point: Vector, perturbation: Vector) -> Refutation | None:
    """Refute that the perturbation to the boundary changes the label."""
    x, d, y = point, perturbation, rule.label(point)
    if not any(rule.normal) or rule.zero != y or not rule.value(x):
        return None
    if combine((1, x), (1, d)) != foot(rule, x):
        return None
    return Refutation.of(
        "The perturbation leads to the boundary, which has the label of the point.",
        step("The value there.",
             (inner(r"w\cdot(x+d)+b", rule.normal, foot(rule, x), rule.offset), "=", 0)),
        facts.certificate([rule], [facts.label(0, x, y), facts.label(0, foot(rule, x), y)]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the perturbation to the boundary for both owners of the boundary."""
    rule, x, _ = EXAMPLE
    rules = [replace(rule, zero=zero) for zero in (1, -1)]
    end = foot(rule, x)
    d = combine((1, end), (-1, x))
    return Proof.of(
        *(Given(f"rule $h_{k}$", h) for k, h in enumerate(rules, 1)),
        Named("x", x), Named("d", d),
        step(r"$|d|=m/|w|=20/5$.",
             (inner(r"|d|^2", d, d), "=",
              computed("m^2/|w|^2", "m**2 / q", m=rule.value(x), q=square(rule.normal)))),
        step("It changes the label exactly when the boundary is labelled $-1$.",
             ([labelled("h_#(x+d)", h, end) for h in rules], "=", [1, -1])),
        facts.certificate(rules, [facts.label(i, z, h.label(z)) for i, h in enumerate(rules)
                                  for z in (x, end)]),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the inequality of Cauchy and Schwarz by the square of what is left of v."""
    w, v = matrices("w v", "d")
    t, a, b, c = sympy.symbols("t a b c")
    rest, half = v - t * w, v.T * w + w.T * v  # twice w.v
    yield identity(
        "What is left of $v$ has this square.",
        r"|v-tw|^2=|v|^2-2t\,(w\cdot v)+t^2|w|^2",
        "all numbers of features", rest.T * rest, v.T * v - t * half + t**2 * w.T * w,
    )  # fmt: skip
    s = b / a
    yield identity(
        r"With $t=(w\cdot v)/|w|^2$ it is the gap in the inequality of Cauchy and Schwarz, divided "
        r"by $|w|^2$.",
        r"|v|^2-2t\,(w\cdot v)+t^2|w|^2=\left(|v|^2|w|^2-(w\cdot v)^2\right)/|w|^2",
        "all numbers $|w|^2$, which is not 0, $w\\cdot v$ and $|v|^2$",
        c - 2 * s * b + s**2 * a, (c * a - b**2) / a,
    )  # fmt: skip


CLAIM = theorem(__name__)
