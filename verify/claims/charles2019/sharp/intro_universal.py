"""The sharp form on universal perturbations: along which directions one step serves all points.

One linear program looks for multipliers that are all positive. Others look, for each point, for a
rule that is level or worse along the direction and has the point strictly on its side: more and
more of it in an accurate rule keeps the point at any step.
"""

from fractions import Fraction
from random import Random

from certify import certificates, linear_program
from certify.certificates.certificate import Certificate
from certify.margins.steps import StepPrograms
from certify.numbers.rationals import Vector, combine, vector
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.sharp.cor_6_remark import balanced
from verify.claims.charles2019.sharp.thm_4 import per_point
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import numbers, small
from verify.objects import LabelledSet

WITHIN, EDGE, ANY = "all multipliers positive", "one difference", "any direction"


def draw(rng: Random, case: str) -> tuple[LabelledSet, Vector]:
    """Return a set and a balanced combination of all its points or of two, or any vector."""
    data = separators.draw_data(rng)
    rays = accurate_rules.differences(data)
    if case == WITHIN:
        v = combine(*((numbers.positive(rng), ray) for ray in rays))
    else:
        v = rng.choice(rays) if case == EDGE else numbers.vector(rng, data.dimension)
    return data, v


def level_rule(data: LabelledSet, v: Vector, point: int) -> tuple[bool, Certificate]:
    """Return whether some rule has margins >= 0, slope <= 0 and margin >= 1 at one point."""
    rows = [[*(-y * c for c in x), -y] for x, y in data.pairs]
    bounds = [-int(i == point) for i in range(len(rows))]
    answer = linear_program([0] * (data.dimension + 1), ([*rows, [*v, 0]], [*bounds, 0]))
    return answer.x is not None, answer.certificate


def decide(data: LabelledSet, vector: Vector) -> Proof:
    """Compare positive multipliers with level rules, and test the step 1 / min a."""
    v = vector
    every = balanced(data, v)
    unserved = [level_rule(data, v, k) for k in range(len(data.labels))]
    positive = every.value is not None and every.value > 0
    steps = [
        step("All multipliers can be positive exactly when no point is kept at every step.",
             (int(positive), "=", int(not any(found for found, _ in unserved)))),
    ]  # fmt: skip
    proofs = [every.certificate, *(certificate for _, certificate in unserved)]
    if positive:
        assert every.x is not None
        a = tuple(excess + every.x[-1] for excess in every.x[:-1])
        shift = combine((1 / min(a), v))
        lost = [accurate_rules.keeping(data, shift, [k]) for k in range(len(data.labels))]
        steps.append(
            step(r"At the step $1/\min\alpha_i$ no accurate rule keeps any point.",
                 (data.signed_sum(a), "=", v), ([int(rule is None) for rule, _ in lost], "=", 1))
        )  # fmt: skip
        proofs += [certificate for _, found in lost for certificate in found]
    return Proof.of(*steps, *proofs)


def refute_some_positive(data: LabelledSet, vector: Vector) -> Refutation | None:
    """Refute that multipliers >= 0, not all 0, are enough for a step that serves all points."""
    v = vector
    best = LargestMargin(data).rule  # raises InputError when no rule is right
    inside = accurate_rules.combination(accurate_rules.differences(data), v)
    if inside.found is None or not any(v):
        return None
    programs = StepPrograms(data.points, data.labels, v)
    answers = [programs.solve(k) for k in range(len(data.labels))]
    endless = next((answer for answer in answers if answer.step is None), None)
    if endless is None:
        return None
    a = per_point(data, inside.found)
    return Refutation.of(
        f"The direction is a balanced combination of the data, but however long the step, some "
        f"rule that is right on all points keeps point {endless.point + 1}.",
        step("The multipliers are nonnegative and give the direction.",
             (min(a), ">=", 0), (data.signed_sum(a), "=", v)),
        step("The multiplier of that point is 0 at most.",
             (endless.multipliers[endless.point], "=", 0)),
        certificates.every_separator(data, v, Fraction(0), a),
        programs.certificate(endless, best.normal, best.offset),
    )  # fmt: skip


SHARP = SharpForm((WITHIN, EDGE, ANY), draw, decide, Counterexample(
    r"Multipliers that are not all positive are not enough: on $(0,0)$ labelled -1 and "
    r"$(0,1)$, $(1,1)$ labelled +1 no step along $(0,1)$ serves all points.",
    (
        LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), vector([0, 1])
    ),
    refute_some_positive,
    lambda rng: (small.both_labels(rng, 2, rng.randint(2, 3)), small.vector(rng, 2)),
))  # fmt: skip
