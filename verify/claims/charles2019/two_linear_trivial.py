r"""not in the paper: When linear rules share an adversarial direction

Printed: Not printed. It says how little of Theorems 1 and 7 is about the direction: their content
    is the number of points.
Statement: Let $0$ not be in the hull of the normals $w_1,\ldots,w_J$ of linear rules. Then some $v$
    has $w_j\cdot v>0$ for all $j$, and $-yv$ is adversarial for $h_j$ at every point that $h_j$
    labels $y$.
Verdict: true. Two rules have such a direction unless their normals are opposite or one is 0.
    Neither is so once both are strictly right on one point of each label, or on one point at all if
    their boundaries pass through the origin.
Reading: Not printed, so the statement here is all there is to read.
Needs hull without zero: $0$ is not in the convex hull of the normals; for two rules: $w_1$ is no
    negative multiple of $w_2$, and neither is $0$.
    Without it: Opposite normals: what lowers one value raises the other.
Sharp: A $v$ with $w_j\cdot v>0$ for all $j$ exists exactly when $0$ is not in the hull of the
    normals. Three rules can have none although no two normals are opposite.
    Rests on: Coq in part two_linear_trivial, two_linear_trivial_only. The three rules are below.
    Overstated: That no two normals are opposite is not enough: $(1,0)$, $(-1,1)$, $(-1,-1)$ share
        no direction.
Quantifier: the direction for all rules at once by the nearest point of the hull; the flips at
    sampled points
Uses: charles-linear-same-label
The idea: How surprising is it that two linear rules share an adversarial direction? Not at all,
    unless their normals are exactly opposite or one of them is $0$.
Why it is true: Take the point $u$ of the convex hull of the normals that is nearest to $0$; there
    is one, since the hull is compact. From $u$ a small step $t$ towards a normal $w_j$ stays in the
    hull, so $|u|^2\le|u+t(w_j-u)|^2=|u|^2+2t\,u\cdot(w_j-u)+t^2|w_j-u|^2$. For small $t$ that is
    false if $u\cdot(w_j-u)<0$. So $w_j\cdot u\ge|u|^2$, and if $u$ is not $0$ every normal has a
    positive product with it: $-yu$ lowers the margin under all rules at once.
Before you use it: This claim is not in the paper. It is here because it says what the paper's
    Theorem 7 is about: not the existence of a common direction, which is nearly free, but the
    *number of points* on which both rules are right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Literal

from certify import linear_program, max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.language import (
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    computed,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    step,
    symmetric,
    theorem,
    total,
)
from verify.drawing import numbers, small
from verify.objects import LinearRule

TWO, SEVERAL, PARALLEL, OBTUSE = "two rules", "several rules", "equal directions", "nearly opposite"
LARGEST_DIMENSION, MOST, POINTS = 4, 5, 3
TINY = Fraction(1, 1000)


def draw(rng: Random, case: str) -> tuple[tuple[LinearRule, ...], Rows]:
    """Return rules that all grow along one planted vector, and points anywhere."""
    d = rng.randint(1, LARGEST_DIMENSION)
    planted = numbers.nonzero_vector(rng, d)
    count = 2 if case in (TWO, OBTUSE) else rng.randint(1, MOST)
    normals = [_growing(numbers.vector(rng, d), planted) for _ in range(count)]
    if case == PARALLEL:
        normals = [combine((numbers.positive(rng), normals[0])) for _ in normals]
    if case == OBTUSE:
        normals[1] = combine((-1, normals[0]), (TINY + _excess(normals[0], planted), planted))
    rules = tuple(LinearRule(w, numbers.number(rng)) for w in normals)
    return rules, numbers.vectors(rng, POINTS, d)


def _growing(w: Vector, v: Vector) -> Vector:
    """Return w, reflected or moved if necessary such that w.v > 0."""
    slope = dot(w, v)
    return combine((1 if slope > 0 else -1, w)) if slope else combine((1, w), (1, v))


def _excess(w: Vector, v: Vector) -> Fraction:
    return dot(w, v) / dot(v, v)


def prove(rules: tuple[LinearRule, ...], points: Rows) -> Proof:
    """Evaluate the point of the hull of the normals nearest to 0, and the flips along it."""
    normals = [rule.normal for rule in rules]
    nearest, weights, certificate = nearest_point(normals)
    square = inner("|u|^2", nearest, nearest)
    crossings = [
        (i, rule, x, rule.label(x), abs(rule.value(x)) / dot(rule.normal, nearest))
        for i, rule in enumerate(rules) for x in points if rule.label(x)
    ]  # fmt: skip
    steps = (
        step(r"The point $u=\sum\mu_jw_j$ of the hull of the normals nearest to $0$ has "
             r"$\mu\ge0$, $\sum\mu_j=1$.",
             (_mixed(weights, normals), "=", named("u", nearest)), *_convex(weights)),
        step(r"$0$ is not in the hull, so $w_j\cdot u\ge|u|^2>0$ for all $j$.", (square, ">", 0),
             ([inner(r"w_#\cdot u", w, nearest) for w in normals], ">=", square)),
        step(r"From $x$ with label $y$ under $h_j$ the value reaches $0$ along $-yu$ at the step "
             r"$c=y(w_j\cdot x+b_j)/(w_j\cdot u)$, and the label is $-y$ beyond it, here at $c+1$.",
             *((labelled(rf"h_{{{i + 1}}}(x_{{{points.index(x) + 1}}}-y(c+1)u)", rule,
                         combine((1, x), (-y * (c + 1), nearest))), "=", named("-y", -y))
               for i, rule, x, y, c in crossings)),
        step(r"No two normals are opposite: $w_i\cdot w_j>-|w_i||w_j|$, or both sides squared.",
             *(not_opposite(normals[j], normals[i], f"{i + 1}", f"{j + 1}")
               for i, j in combinations(range(len(normals)), 2))),
    )  # fmt: skip
    flips = [facts.changes(i, x, combine((-y, nearest)), c + 1) for i, _, x, y, c in crossings]
    return Proof.of(Named("u", nearest), Named(r"\mu", weights), *steps, certificate,
                    facts.certificate(rules, flips))  # fmt: skip


def _mixed(weights: Vector, normals: Sequence[Vector]) -> Named:
    return mixture(r"\sum_j\mu_jw_j", *zip(weights, normals, strict=True))


def _convex(weights: Vector) -> Relations:
    return [
        (least(r"\min_j\mu_j", weights), ">=", 0),
        (total(r"\sum_j\mu_j", weights), "=", 1),
    ]


def not_opposite(
    a: Vector, b: Vector, i: str = "i", j: str = "j"
) -> tuple[Named, Literal["<"], Named]:
    """Return the relation a.b > -|a||b| with the negative part of a.b and both sides squared."""
    return (
        computed(rf"\max(-w_{i}\cdot w_{j},0)^2", "s**2", s=max(-dot(a, b), Fraction(0))),
        "<",
        computed(f"|w_{i}|^2|w_{j}|^2", "a * b", a=dot(a, a), b=dot(b, b)),
    )


def nearest_point(normals: Sequence[Vector]) -> tuple[Vector, Vector, Certificate]:
    """Return the point of conv{w_j} nearest to 0, its convex weights and the certificate.

    The certificate is a homogeneous max-margin rule on the normals, or the proof that there is
    none, because 0 is in the hull.
    """
    answer = max_margin(normals, [1] * len(normals), bias=False)
    if not answer.separable:
        return (Fraction(0),) * len(normals[0]), answer.multipliers, answer.certificate
    weights = tuple(answer.margin_squared * a for a in answer.multipliers)
    return combine((answer.margin_squared, answer.w)), weights, answer.certificate


EXAMPLE = (
    (LinearRule.of([2, 1], -1), LinearRule.of([-2, 1], 0)),
    (vector([0, 3]), vector([1, -2])),
)


@dataclass(frozen=True)
class Opposed:
    """Rules on a line or in the plane."""

    rules: tuple[LinearRule, ...]


def draw_opposed(rng: Random) -> Opposed:
    """Return two or three rules with small weights."""
    d = rng.randint(1, 2)
    return Opposed(tuple(small.rule(rng, d) for _ in range(rng.randint(2, 3))))


@theorem.without(
    "hull without zero", Opposed((LinearRule.of([1], 0), LinearRule.of([-1], 0))), draw_opposed
)
def refute_opposed(instance: Opposed) -> Refutation | None:
    """Refute when no vector has a positive product with all normals, none of which is zero."""
    normals = [rule.normal for rule in instance.rules]
    nearest, weights, certificate = nearest_point(normals)
    if any(nearest) or not all(map(any, normals)):
        return None
    return Refutation.of(
        r"A mixture of the normals is $0$, so along every $v$ some $w_j\cdot v\le0$, and that rule "
        r"does not fall along $-v$.",
        step("The mixture vanishes.", (_mixed(weights, normals), "=", nearest)),
        step("Its weights are convex.", *_convex(weights)),
        certificate,
    )  # fmt: skip


SHARED, SPREAD, MIXTURE = "one planted direction", "any normals", "a planted mixture"
CONSTANT = "one rule is constant"


def draw_normals(rng: Random, case: str) -> Opposed:
    """Return rules of which a direction is shared, or a mixture of normals vanishes, or any.

    In the last case a direction is shared by all of them but one, whose normal is 0.
    """
    d = rng.randint(1, 3)
    planted = numbers.nonzero_vector(rng, d)
    normals = [numbers.vector(rng, d) for _ in range(rng.randint(1, 4))]
    if case in (SHARED, CONSTANT):
        normals = [_growing(w, planted) for w in normals]
    if case == CONSTANT:
        normals.insert(rng.randint(0, len(normals)), (Fraction(0),) * d)
    if case == MIXTURE:
        normals.append(combine(*((-numbers.positive(rng), w) for w in normals)))
    return Opposed(tuple(LinearRule(w, numbers.number(rng)) for w in normals))


@theorem.sharp((SHARED, SPREAD, MIXTURE, CONSTANT), draw_normals)
def decide_normals(instance: Opposed) -> Proof:
    """Look for a common direction, and for a mixture that is 0, by two linear programs."""
    normals = [rule.normal for rule in instance.rules]
    n, d = len(normals), len(normals[0])
    shared = linear_program([0] * d, ([combine((-1, w)) for w in normals], [-1] * n))
    rows = [*zip(*normals, strict=True), [1] * n]
    vanishing = linear_program([0] * n, equalities=(rows, [0] * d + [1]), nonnegative=True)
    steps = [
        step(r"A common direction exists exactly when no mixture of the normals is $0$.",
             (named(r"[\text{common}]", int(shared.x is not None)), "=",
              named(r"[\text{none is }0]", int(vanishing.x is None)))),
    ]  # fmt: skip
    if shared.x is not None:
        v = shared.x
        steps.append(
            step(
                "All values grow along it.", ([inner(r"w_#\cdot v", w, v) for w in normals], ">", 0)
            )
        )
    return Proof.of(*steps, shared.certificate, vanishing.certificate)


@theorem.overstated(
    Opposed((LinearRule.of([1, 0], 0), LinearRule.of([-1, 1], 0), LinearRule.of([-1, -1], 0))),
    draw_opposed,
)
def refute_pairwise(instance: Opposed) -> Refutation | None:
    """Refute that rules share a direction as soon as no two normals are opposite and none is 0."""
    normals = [rule.normal for rule in instance.rules]
    nearest, weights, certificate = nearest_point(normals)
    pairs = [
        not_opposite(normals[j], normals[i], f"{i + 1}", f"{j + 1}")
        for i, j in combinations(range(len(normals)), 2)
    ]
    if any(nearest) or not all(map(any, normals)) or not step("", *pairs).holds:
        return None
    return Refutation.of(
        "No two normals are opposite, and a mixture of all of them is 0.",
        Named(r"\mu", weights),
        step("No two normals are opposite.", *pairs),
        step("A mixture of all of them is 0, so they share no direction: $v$ with all products "
             "positive would have a positive product with $0$.",
             (_mixed(weights, normals), "=", nearest), *_convex(weights)),
        certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate three rules, no two of them opposite, that share no direction."""
    normals = [rationals.vector(w) for w in ([1, 0], [-1, 1], [-1, -1])]
    _, weights, certificate = nearest_point(normals)
    pairs = [(i, j, normals[i], normals[j]) for i, j in combinations(range(3), 2)]
    shared = {(i, j): nearest_point([a, b]) for i, j, a, b in pairs}
    return Proof.of(
        *(Named(f"w_{{{i}}}", w) for i, w in enumerate(normals, 1)),
        *(Named(f"u_{{{i + 1}{j + 1}}}", u) for (i, j), (u, *_) in shared.items()),
        step("No two of the three normals are opposite.",
             ([computed(rf"\det(w_{i + 1},w_{j + 1})", "a * d - c * b",
                        a=a[0], b=b[0], c=a[1], d=b[1]) for i, j, a, b in pairs], "!=", 0)),
        step("Each two have a direction in common.",
             ([inner(rf"w_{n + 1}\cdot u_{{{i + 1}{j + 1}}}", normals[n], u)
               for (i, j), (u, *_) in shared.items() for n in (i, j)], ">", 0)),
        step(r"$0$ is in the hull of the three, so all three have none.",
             (_mixed(weights, normals), "=", (Fraction(0),) * 2),
             (total(r"\sum\mu_i", weights), "=", 1), (least(r"\min_i\mu_i", weights), ">=", 0)),
        certificate, *(found for *_, found in shared.values()),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the sum of two unit normals serves for both unless they are opposite."""
    w, z = matrices("w z", "d")
    yield identity(
        r"For unit normals $w\cdot v$ with $v=w+z$ is half of $|w+z|^2$, positive unless "
        "$z=-w$.",
        r"w\cdot(w+z)=\frac12|w+z|^2+\frac12(|w|^2-|z|^2)",
        "all dimensions",
        symmetric(w, w + z),
        ((w + z).T * (w + z) + w.T * w - z.T * z) / 2,
    )


CLAIM = theorem(__name__, cases=(TWO, SEVERAL, PARALLEL, OBTUSE))
