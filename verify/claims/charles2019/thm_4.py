"""Theorem 4: the max-margin direction is adversarial for every separator at every point."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared import separators as separation
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.sharp import thm_4 as thm_4_sharp
from verify.claims.charles2019.without import infinite_sets, one_label
from verify.claims.claim import (
    Claim,
    Counterexample,
    Hypothesis,
    Paper,
    Proof,
    Refutation,
    SymbolicStep,
    Verdict,
    step,
)
from verify.drawing import labelled_sets
from verify.objects import Cell, CellRule, LabelledSet, LinearRule


def prove(instance: Instance) -> Proof:
    """Evaluate w.u as a combination of margins, and the label beyond the boundary."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    rules = instance.separators
    slopes = [separation.slope(rule, largest) for rule in rules]
    smallest = [separation.smallest_margins(rule, data) for rule in rules]
    crossings = [
        (rule, x, y, y * rule.value(x) / slope)
        for rule, slope in zip(rules, slopes, strict=True)
        for queries in (separation.labelled_queries(rule, instance),)
        for x, y in zip(queries.points, queries.labels, strict=True)
    ]
    steps = (
        step(r"The multipliers balance the classes, $\sum\alpha_iy_i=0$, so the offset drops out: "
             r"$w\cdot u=\sum\alpha_iy_i(w\cdot x_i+b)=\sum\alpha_im_i$.",
             (sum((m * y for m, y in zip(a, data.labels, strict=True)), Fraction(0)), "=", 0),
             *((s, "=", separation.weighted_margins(rule, largest))
               for rule, s in zip(rules, slopes, strict=True))),
        step(r"Every margin $m_i$ of an accurate rule is at least $0$, and positive on the class "
             r"that does not own the boundary; both classes carry some of $\alpha$. Hence "
             r"$w\cdot u>0$.",
             *((min(least), ">=", 0) for least in smallest),
             *((max(least), ">", 0) for least in smallest),
             (min(separation.class_totals(data, a)), ">", 0), *((s, ">", 0) for s in slopes)),
        step(r"From any $x$ with label $y$ the value $y(w\cdot x+b)$ falls along $-yu$ at the rate "
             r"$w\cdot u$ and is $0$ at $c=y(w\cdot x+b)/(w\cdot u)$.",
             *((rule.value(combine((1, x), (-y * c, u))), "=", 0) for rule, x, y, c in crossings)),
        step(r"Beyond that step, for instance at $c+1$, the label is $-y$.",
             *((rule.label(combine((1, x), (-y * (c + 1), u))), "=", -y)
               for rule, x, y, c in crossings)),
    )  # fmt: skip
    return Proof(steps, accurate_rules.growing(data, u, a))


# The running data set of the ledger of claims, with a steep separator and a point off the set.
EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    (LinearRule.of([3, 1], "-1/2"),),
    ((Fraction(2), Fraction(-1)),),
)


@dataclass(frozen=True)
class Boxed:
    """A separable set in the unit square and a separator that is defined on the square only."""

    data: LabelledSet
    rule: LinearRule


def draw_boxed(rng: Random) -> Boxed:
    """Return corners and midpoints of the unit square with labels by a random rule."""
    rule = LinearRule(
        tuple(Fraction(rng.randint(-2, 2)) for _ in range(2)), Fraction(rng.randint(-3, 3), 2)
    )
    points = tuple(
        tuple(Fraction(rng.randint(0, 2), 2) for _ in range(2)) for _ in range(rng.randint(2, 4))
    )
    return Boxed(LabelledSet(points, tuple(1 if rule.value(x) > 0 else -1 for x in points)), rule)


def refute_boxed(instance: Boxed) -> Refutation | None:
    """Refute when a point of the set leaves the square along -y u before its label changes."""
    data, rule = instance.data, instance.rule
    if not rule.separates(data):
        return None
    u = LargestMargin(data).direction
    for x, y in zip(data.points, data.labels, strict=True):
        away = combine((-y, u))
        inside = CellRule((_square(), ), 1, -1)  # fmt: skip
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
            return Refutation(
                f"At step {last} along $-yu$ the point leaves the square with its label; the label "
                "would change outside only.",
                (
                    step("The boundary is reached later than the edge of the square.",
                         (last, "<", margin / slope)),
                ),
                (
                    certificates.every_separator(
                        data, u, Fraction(0), LargestMargin(data).multipliers
                    ),
                    facts.certificate(
                        [rule, inside],
                        [
                            facts.accurate(0),
                            facts.label(1, x, 1),
                            facts.label(1, combine((1, x), (after, away)), -1),
                            facts.label(0, combine((1, x), (after, away)), y),
                        ],
                        data.points, data.labels,
                    ),
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
    multipliers = (Fraction(1), Fraction(0), Fraction(1))
    u = LargestMargin(data).direction
    return Proof(
        (
            step(r"The single difference $v=x_+-x_-$ is a combination with $\alpha\ge0$.",
                 (data.signed_sum(multipliers), "=", v)),
            step(r"It is not a multiple of $u$.", (v[0] * u[1] - v[1] * u[0], "!=", 0)),
        ),
        (certificates.every_separator(data, v, Fraction(0), multipliers),),
    )  # fmt: skip


def symbolic() -> tuple[SymbolicStep, ...]:
    """Prove the multiplier identity for all data of a few sizes at once."""
    return tuple(_multiplier_identity(n, d) for n, d in ((2, 1), (3, 2), (4, 3)))


def _multiplier_identity(n: int, d: int) -> SymbolicStep:
    w, b = sympy.symbols(f"w:{d}"), sympy.Symbol("b")
    x = [sympy.symbols(f"x{i}_:{d}") for i in range(n)]
    y, free = sympy.symbols(f"y:{n}"), sympy.symbols(f"alpha:{n}")
    balance = sum(a * s for a, s in zip(free, y, strict=True))
    direction = [sum(a * s * p[k] for a, s, p in zip(free, y, x, strict=True)) for k in range(d)]
    left = sum(wk * uk for wk, uk in zip(w, direction, strict=True))
    margins = [
        s * (sum(wk * pk for wk, pk in zip(w, p, strict=True)) + b)
        for s, p in zip(y, x, strict=True)
    ]
    right = sum(a * m for a, m in zip(free, margins, strict=True))
    return SymbolicStep(
        "The multiplier identity holds up to the offset times the balance of the classes.",
        r"w\cdot\sum\alpha_iy_ix_i=\sum\alpha_iy_i(w\cdot x_i+b)-b\sum\alpha_iy_i",
        f"{n} points in dimension {d}",
        sympy.expand(left - right + b * balance) == 0,
    )


CLAIM = Claim(
    id="charles-thm-4",
    paper=Paper.CHARLES,
    number="Theorem 4",
    title="The max-margin direction fools every separator at every point",
    literal=r"For all $h\in\mathcal{H}_S$ and $(x,y)\in S$, $-yw^*$ is an adversarial direction "
    r"for $h$ at $x$.",
    statement=r"Let $S$ be finite and separable with both labels, and let $h$ be right on all of "
    r"$S$, whatever label its boundary has. For each $(x,y)$ with $h(x)=y$, in $S$ or not, $-yw^*$ "
    r"is adversarial for $h$ at $x$.",
    verdict=Verdict.TRUE,
    reading=r"$S$ is the finite list $\{(x,y)\}_{i=1}^N$ of Section 3, with both labels, since a "
    r"max-margin rule $w^*$ with $|w^*|=1$ is spoken of; rules are defined on all of "
    r"$\mathbb{R}^d$, and the sign of $0$ is fixed for each rule.",
    verdict_reason=r"True for each reading of the sign of zero, and at all points that $h$ labels "
    "correctly, not only those of $S$. None of the assumptions in the reading can go.",
    hypotheses=(
        Hypothesis(
            "both labels",
            "Some point is labelled +1 and some point -1.",
            one_label.COUNTEREXAMPLE,
        ),
        Hypothesis("finite", "The set is finite.", infinite_sets.SHARED_DIRECTION),
        Hypothesis(
            "whole space",
            r"The rule is defined on all of $\mathbb{R}^d$.",
            Counterexample(
                "On a box the direction can lead out of the domain while the label stays.",
                Boxed(EXAMPLE.data, LinearRule.of([1, 1], "-1/2")),
                refute_boxed,
                draw_boxed,
            ),
        ),
    ),
    sharp_form=r"Max-margin is not special: if some rule is right on $S$, then $-yv$ does this for "
    r"all rules that are right on $S$ exactly when $v\neq0$ lies in the cone of differences "
    r"$x_+-x_-$, which is $0$ alone if one label occurs.",
    sharp=thm_4_sharp.SHARP,
    quantifier="for all separators and all points at once, by the multipliers; also evaluated on "
    "sampled and extreme separators",
    cases=labelled_sets.CASES,
    draw=separation.draw,
    example=EXAMPLE,
    prove=prove,
    sharpness=sharpness,
    symbolic=symbolic,
    uses=("charles-lem-3", "charles-linear-same-label"),
)
