r"""Theorem 4: The max-margin direction fools every separator at every point

Printed: For all $h\in\mathcal{H}_S$ and $(x,y)\in S$, $-yw^*$ is an adversarial direction for $h$
    at $x$.
Statement: Let $S$ be finite and separable with both labels, and let $h$ be right on all of $S$,
    whatever label its boundary has. For each $(x,y)$ with $h(x)=y$, in $S$ or not, $-yw^*$ is
    adversarial for $h$ at $x$.
Verdict: true. True for each reading of the sign of zero, and at all points that $h$ labels
    correctly, not only those of $S$. None of the assumptions in the reading can go.
Reading: $S$ is the finite list $\{(x,y)\}_{i=1}^N$ of Section 3, with both labels, since a
    max-margin rule $w^*$ with $|w^*|=1$ is spoken of; rules are defined on all of $\mathbb{R}^d$,
    and the sign of $0$ is fixed for each rule.
Needs both labels: Some point is labelled +1 and some point -1.
Needs finite: The set is finite.
Needs whole space: The rule is defined on all of $\mathbb{R}^d$.
    Without it: On a box the direction can lead out of the domain while the label stays.
Sharp: Max-margin is not special: if some rule is right on $S$, then $-yv$ does this for all rules
    that are right on $S$ exactly when $v\neq0$ lies in the cone of differences $x_+-x_-$, which is
    $0$ alone if one label occurs.
Quantifier: for all separators and all points at once, by the multipliers; also evaluated on sampled
    and extreme separators
Uses: charles-lem-3, charles-linear-same-label
The idea: There is one direction that fools *every* linear rule that is right on the data, at every
    point: the max-margin direction. You need not know the rule.
Why it is true: Write $u=\sum\alpha_iy_ix_i$ with weights $\alpha_i\geq0$ that balance the classes.
    Then for any rule $(w,b)$ the offset cancels, and $w\cdot u=\sum\alpha_iy_i(w\cdot x_i+b)$ is a
    weighted sum of the margins on the data. An accurate rule has no negative margin. Points of the
    label that owns the boundary may lie on it and have margin $0$, but then those of the other
    label may not; both labels carry weight, so $w\cdot u>0$. Hence from any point with label $y$
    the margin falls steadily along $-yu$, and it must cross zero.
Before you use it: The proof uses of max-margin only that $u$ is a balanced combination of the data.
    So every difference $x_+-x_-$ does the same, and so does every point of the cone of differences
    except $0$; if there is an accurate rule at all, nothing else does. The step can be arbitrarily
    long, and on a pixel box it may lead out first.
"""

from fractions import Fraction
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, rows, vector
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.sharp.thm_4 import SHARP
from verify.claims.charles2019.without import infinite_sets, one_label
from verify.claims.language import Proof, Refutation, Symbolic, identity, step, theorem, unknowns
from verify.drawing import labelled_sets
from verify.objects import Cell, CellRule, LabelledSet, LinearRule


def prove(instance: Instance) -> Proof:
    """Evaluate w.u as a combination of margins, and the label beyond the boundary."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    rules = instance.separators
    slopes = [separators.slope(rule, largest) for rule in rules]
    smallest = [separators.smallest_margins(rule, data) for rule in rules]
    queries = [separators.labelled_queries(rule, instance) for rule in rules]
    crossings = [
        (rule, x, y, y * rule.value(x) / slope)
        for rule, slope, asked in zip(rules, slopes, queries, strict=True)
        for x, y in asked.pairs
    ]
    return Proof.of(
        step(r"The multipliers balance the classes, $\sum\alpha_iy_i=0$, so the offset drops out: "
             r"$w\cdot u=\sum\alpha_iy_i(w\cdot x_i+b)=\sum\alpha_im_i$.",
             (dot(a, data.labels), "=", 0),
             (slopes, "=", [separators.weighted_margins(rule, largest) for rule in rules])),
        step(r"Every margin $m_i$ of an accurate rule is at least $0$, and positive on the class "
             r"that does not own the boundary; both classes carry some of $\alpha$. Hence "
             r"$w\cdot u>0$.",
             ([min(least) for least in smallest], ">=", 0),
             ([max(least) for least in smallest], ">", 0),
             (min(separators.class_totals(data, a)), ">", 0), (slopes, ">", 0)),
        step(r"From any $x$ with label $y$ the value $y(w\cdot x+b)$ falls along $-yu$ at the rate "
             r"$w\cdot u$ and is $0$ at $c=y(w\cdot x+b)/(w\cdot u)$.",
             ([rule.value(combine((1, x), (-y * c, u))) for rule, x, y, c in crossings], "=", 0)),
        step(r"Beyond that step, for instance at $c+1$, the label is $-y$.",
             *((rule.label(combine((1, x), (-y * (c + 1), u))), "=", -y)
               for rule, x, y, c in crossings)),
        *accurate_rules.growing(data, u, a),
    )  # fmt: skip


# The running data set of the ledger of claims, with a steep separator and a point off the set.
EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    (LinearRule.of([3, 1], "-1/2"),),
    rows([[2, -1]]),
)


def draw_boxed(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return corners and midpoints of the unit square with labels by a random rule."""
    rule = LinearRule(
        tuple(Fraction(rng.randint(-2, 2)) for _ in range(2)), Fraction(rng.randint(-3, 3), 2)
    )
    points = tuple(
        tuple(Fraction(rng.randint(0, 2), 2) for _ in range(2)) for _ in range(rng.randint(2, 4))
    )
    return LabelledSet(points, tuple(1 if rule.value(x) > 0 else -1 for x in points)), rule


@theorem.without("whole space", (EXAMPLE.data, LinearRule.of([1, 1], "-1/2")), draw_boxed)
def refute_boxed(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute when a point of the set leaves the square along -y u before its label changes."""
    if not rule.separates(data):
        return None
    u = LargestMargin(data).direction
    for x, y in data.pairs:
        away = combine((-y, u))
        inside = CellRule((_square(),), 1, -1)
        margin, slope = y * rule.value(x), dot(rule.normal, u)
        # The last step inside the square, if it is finite, must not reach the boundary.
        exits = [
            (Fraction(t) - c) / v
            for c, v in zip(x, away, strict=True) if v
            for t in (0, 1) if (Fraction(t) - c) / v >= 0
        ]  # fmt: skip
        last = min((e for e in exits if _leaves(inside, x, away, e)), default=None)
        if last is not None and last * slope < margin:
            after = last + (margin / slope - last) / 2
            return Refutation.of(
                f"At step {last} along $-yu$ the point leaves the square with its label; the label "
                "would change outside only.",
                step("The boundary is reached later than the edge of the square.",
                     (last, "<", margin / slope)),
                certificates.every_separator(data, u, Fraction(0), LargestMargin(data).multipliers),
                data.certificate(
                    [rule, inside],
                    [
                        facts.accurate(0),
                        facts.label(1, x, 1),
                        facts.label(1, combine((1, x), (after, away)), -1),
                        facts.label(0, combine((1, x), (after, away)), y),
                    ]
                ),
            )  # fmt: skip
    return None


def _square() -> Cell:
    return Cell.of([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 0, 1, 0])


def _leaves(inside: CellRule, x: Vector, v: Vector, at: Fraction) -> bool:
    return inside.label(combine((1, x), (at + 1, v))) == -1


def sharpness() -> Proof:
    """Evaluate U-lin: a difference of two data points also turns every separator, and 0 does not.

    The difference $x_+-x_-$ of the example is not a multiple of the max-margin direction.
    """
    data = EXAMPLE.data
    v = combine((1, data.points[2]), (-1, data.points[0]))
    multipliers = vector([1, 0, 1])
    u = LargestMargin(data).direction
    return Proof.of(
        step(r"The single difference $v=x_+-x_-$ is a combination with $\alpha\ge0$.",
             (data.signed_sum(multipliers), "=", v)),
        step(r"It is not a multiple of $u$.", (v[0] * u[1] - v[1] * u[0], "!=", 0)),
        certificates.every_separator(data, v, Fraction(0), multipliers),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the multiplier identity for all data of a few sizes at once."""
    for n, d in ((2, 1), (3, 2), (4, 3)):
        w, b = unknowns("w", d, "b")
        y, alpha = unknowns("y alpha", n)
        points = unknowns(" ".join(f"x{i}_" for i in range(n)), d)
        margins = [s * (w.dot(x) + b) for s, x in zip(y, points, strict=True)]
        direction = w.hstack(*points) * y.multiply_elementwise(alpha)
        yield identity(
            "The multiplier identity holds up to the offset times the balance of the classes.",
            r"w\cdot\sum\alpha_iy_ix_i=\sum\alpha_iy_i(w\cdot x_i+b)-b\sum\alpha_iy_i",
            f"{n} points in dimension {d}", w.dot(direction), alpha.dot(margins) - b * alpha.dot(y),
        )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": one_label.COUNTEREXAMPLE, "finite": infinite_sets.SHARED_DIRECTION},
    sharp=SHARP,
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
