"""Section 7 and the theorems: attacks within a cube measure something else than directions."""

from __future__ import annotations

from fractions import Fraction

import sympy

from certify.rationals import combine
from verify.claims.charles2019 import certificates, separation
from verify.claims.charles2019 import cube_attacks as cube
from verify.claims.charles2019.separation import Instance, LargestMargin
from verify.claims.claim import (
    Claim,
    Counterexample,
    Hypothesis,
    Paper,
    Proof,
    SymbolicStep,
    Verdict,
    step,
)
from verify.objects import LabelledSet, LinearRule
from verify.sampling import labelled_sets

HALF = Fraction(1, 2)


def prove(instance: Instance) -> Proof:
    """Compute, for every separator and point, the step along u and the radius of the cube."""
    data, largest = instance.data, LargestMargin(instance.data)
    u = largest.direction
    cases = [
        (rule, x, y, margin)
        for rule in instance.separators
        for x, y, margin in zip(data.points, data.labels, rule.margins(data), strict=True)
    ]
    radii = [cube.radius_needed(rule, margin) for rule, _, _, margin in cases]
    steps = (
        step(r"Along $-yu$ the value falls from the margin $m$ at the rate $w\cdot u$: the label "
             r"changes just beyond $c=m/(w\cdot u)$.",
             *((rule.value(combine((1, x), (-y * cube.step_along(rule, u, m), u))), "=", 0)
               for rule, x, y, m in cases)),
        step(r"In the cube of radius $\epsilon$ the value falls at most by $\epsilon|w|_1$, at the "
             r"corner $-y\epsilon\,\mathrm{sign}(w)$: the label can change just beyond "
             r"$\epsilon=m/|w|_1$.",
             *((rule.value(combine((1, x), (-y * radius, cube.signs(rule.normal)))), "=", 0)
               for (rule, x, y, _), radius in zip(cases, radii, strict=True))),
        step(r"The cube is the weaker demand: $m/|w|_1\leq c|u|_\infty$.",
             *((radius, "<=", cube.step_along(rule, u, m) * cube.largest_entry(u))
               for (rule, _, _, m), radius in zip(cases, radii, strict=True))),
        step(r"In units of $u$, where $\gamma^*$ is $1/2$: some point is at its boundary by the "
             "step 1/2, and some point of each label by the step 1 (Corollary 6).",
             *((min(cube.step_along(rule, u, m) for m in rule.margins(data)), "<=", HALF)
               for rule in instance.separators),
             *((min(cube.step_along(rule, u, m)
                    for m, y in zip(rule.margins(data), data.labels, strict=True) if y == label),
                "<=", 1)
               for rule in instance.separators for label in (1, -1))),
    )  # fmt: skip
    return Proof(
        steps,
        (
            *(
                certificates.separator_steps(
                    data, rule, data, u, largest.multipliers,
                    tuple(cube.step_along(rule, u, m) for m in rule.margins(data)),
                )
                for rule in instance.separators
            ),
            certificates.some_point_flips(data, u, largest.multipliers, largest.rule),
            *(cube.certificate(data, rule) for rule in instance.separators),
        ),
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    (LinearRule.of([0, 2], -1), LinearRule.of([3, 1], "-1/2")),
    (),
)
LINE = LabelledSet.of([[-1], [1]], [-1, 1])


def sharpness() -> Proof:
    """Evaluate that the demands of the cube and of the direction agree for the max-margin rule."""
    data = EXAMPLE.data
    rule, largest = EXAMPLE.separators[0], LargestMargin(data)
    margins, u = rule.margins(data), largest.direction
    return Proof(
        (
            step(r"For the max-margin rule of the example, whose normal lies along an axis, the "
                 r"cube and the direction agree: $m/|w|_1=c|u|_\infty$.",
                 *((cube.radius_needed(rule, m), "=",
                    cube.step_along(rule, u, m) * cube.largest_entry(u))
                   for m in margins)),
            step(r"All its points are at the boundary exactly at $c=1/2$, that is $\gamma^*$.",
                 *((cube.step_along(rule, u, m), "=", HALF) for m in margins)),
        ),
        (
            certificates.some_point_flips(data, u, largest.multipliers, rule),
            cube.certificate(data, rule),
        ),
    )  # fmt: skip


def symbolic() -> tuple[SymbolicStep, ...]:
    """Prove how the value falls along a direction."""
    return tuple(_falling(d) for d in (1, 2, 3))


def _falling(d: int) -> SymbolicStep:
    w, x, u = (sympy.symbols(f"{name}:{d}") for name in "wxu")
    y, b, c = sympy.symbols("y b c")
    value = y * (sum(p * (q - c * y * r) for p, q, r in zip(w, x, u, strict=True)) + b)
    margin = y * (sum(p * q for p, q in zip(w, x, strict=True)) + b)
    fall = c * sum(p * r for p, r in zip(w, u, strict=True))
    return SymbolicStep(
        r"Along $-yu$ the value falls at the rate $w\cdot u$, because $y^2=1$.",
        r"y(w\cdot(x-cyu)+b)=m-c\,w\cdot u",
        f"dimension {d}",
        sympy.expand((value - margin + fall).subs(y, 1)) == 0
        and sympy.expand((value - margin + fall).subs(y, -1)) == 0,
    )


CLAIM = Claim(
    id="charles-sec7-link",
    paper=Paper.CHARLES,
    number="Section 7, discussion of Figure 4",
    title="What attacks within a cube say about transferable directions",
    literal="That linear models are susceptible to bounded adversarial examples generated from "
    "other ones supports the result that they are jointly susceptible to some adversarial "
    "direction.",
    statement=r"For a separator $(w,b)$ of $S$ and a point with margin $m>0$ the label changes "
    r"along $-yw^*$ just beyond the step $m/(w\cdot w^*)$, and within a cube just beyond the "
    r"radius $m/|w|_1$. The theorems bound no step, so the number to measure is "
    r"$m/(w\cdot w^*)$ relative to $\gamma^*$: some point of $S$ is reached by $\gamma^*$ and some "
    r"point of each label by $2\gamma^*$.",
    verdict=Verdict.FALSE,
    verdict_reason="Success of an attack within a cube is neither implied by the theorems, which "
    "put no bound on the step, nor evidence for them: it can transfer between two rules that the "
    "max-margin direction does not turn.",
    hypotheses=(
        Hypothesis(
            "no bound on the step",
            "The perturbation along the direction may be of any length.",
            Counterexample(
                "A common direction does not show in a cube that is too small.",
                cube.Budget(LINE, LinearRule.of([1], 0), HALF),
                cube.refute_bounded,
                cube.draw_budget,
            ),
        ),
    ),
    sharp_form=r"For the max-margin rule all support vectors are reached exactly at $\gamma^*$; if "
    r"$w^*$ lies along an axis, the cube needs the same length.",
    quantifier="exact steps and radii for the sampled separators; that some point is reached by "
    "the step of Corollary 6 is certified for all separators at once",
    cases=labelled_sets.CASES,
    draw=separation.draw,
    example=EXAMPLE,
    prove=prove,
    sharpness=sharpness,
    symbolic=symbolic,
    as_printed=Counterexample(
        "Bounded examples can transfer between two rules although the max-margin direction of the "
        "data turns neither of them.",
        cube.Transfer(
            LabelledSet.of([[0], [1]], [-1, 1]),
            (LinearRule.of([-1], 2), LinearRule.of([-1], 2)),
            Fraction(2),
        ),
        cube.refute_evidence,
        cube.draw_transfer,
    ),
    uses=("charles-thm-5", "charles-cor-6"),
)
