"""The sharp form on transferred examples: which perturbations turn two rules, and cubes."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from certify.programs.linear_program import LinearProgramResult
from verify.claims.charles2019.shared import cube_attacks
from verify.claims.charles2019.shared.separators import LargestMargin, draw_data
from verify.claims.claim import Counterexample, Proof, SharpForm, Step, step
from verify.drawing import numbers
from verify.drawing.separators import separators, touching
from verify.objects import LabelledSet, LinearRule

COMMON, ANY, EVEN = "against both rules", "any perturbation", "entries of one size"


@dataclass(frozen=True)
class Perturbed:
    """A separable set, two rules that are right on it, a perturbation, and a label."""

    data: LabelledSet
    rules: tuple[LinearRule, LinearRule]
    perturbation: Vector
    label: int


def draw(rng: Random, case: str) -> Perturbed:
    """Return a set with two accurate rules, one of which may own its boundary, and a vector.

    In the last case the two nearest points differ by entries of one absolute value, or by 0.
    """
    data = draw_data(rng)
    if case == EVEN:
        signs = [Fraction(rng.randint(-1, 1)) for _ in range(rng.randint(1, 4))]
        signs[0] = Fraction(1)
        x = numbers.vector(rng, len(signs))
        data = LabelledSet((x, combine((1, x), (numbers.positive(rng), tuple(signs)))), (-1, 1))
    best = LargestMargin(data).rule
    drawn = separators(rng, data, best, 3)
    rules = (drawn[1], touching(drawn[2], data, rng.choice((1, -1))))
    y, d = rng.choice((1, -1)), numbers.vector(rng, data.dimension)
    if case == COMMON:
        d = combine((-y, best.normal), (Fraction(1, rng.randint(1, 20)), d))
    return Perturbed(data, rules, d, y)


def decide(instance: Perturbed) -> Proof:
    """Look for a length of the perturbation that turns both rules, and for the smallest cube."""
    data, rules, d, y = instance.data, instance.rules, instance.perturbation, instance.label
    slopes = [y * dot(rule.normal, d) for rule in rules]
    steps: list[Step] = []
    proofs: list[Certificate] = []
    for x, label in data.pairs:
        if label != y:
            continue
        # The least t >= 0 with y (w.(x + t d) + b) <= -1 for both.
        rows = ([[s] for s in slopes], [-1 - y * rule.value(x) for rule in rules])
        length = linear_program([1], rows, nonnegative=True)
        steps.append(
            step(r"Some length of $d$ changes both labels exactly when both slopes are negative.",
                 (int(length.x is not None), "=", int(max(slopes) < 0)))
        )  # fmt: skip
        proofs.append(length.certificate)
        if length.x is not None:
            moved = combine((1, x), (length.x[0], d))
            stated = [fact for k in (0, 1)
                      for fact in (facts.label(k, x, y), facts.label(k, moved, -y))]  # fmt: skip
            proofs.append(facts.certificate(rules, stated))
    largest = LargestMargin(data)
    best, u = largest.rule, largest.direction
    margins = best.margins(data)
    support = margins.index(1)
    radius = least_cube(best, data.points[support], data.labels[support])
    sizes = {abs(c) for c in u if c}
    assert radius.value is not None
    steps += [
        step(r"The least cube is as large as the largest entry of half of $u$ exactly when the "
             "entries of $u$ that are not 0 have one size; otherwise it is smaller.",
             (int(radius.value == cube_attacks.largest_entry(u) / 2), "=", int(len(sizes) == 1)),
             (radius.value, "<=", cube_attacks.largest_entry(u) / 2)),
        step("All support vectors are reached at half of $u$.",
             (min(margins), "=", Fraction(1, 2) * dot(best.normal, u))),
    ]  # fmt: skip
    proofs += [radius.certificate, largest.answer.certificate]
    return Proof.of(*steps, *proofs)


def least_cube(rule: LinearRule, x: Vector, y: int) -> LinearProgramResult:
    """Minimise r over all d with |d_k| <= r and y (w.(x + d) + b) <= 0; the unknowns are d, r."""
    n = len(x)
    rows = [[Fraction(sign * (i == k)) for i in range(n)] + [Fraction(-1)]
            for k in range(n) for sign in (1, -1)]  # fmt: skip
    rows.append([*(y * c for c in rule.normal), Fraction(0)])
    return linear_program([0] * n + [1], (rows, [0] * (2 * n) + [-y * rule.value(x)]))


SHARP = SharpForm((COMMON, ANY, EVEN), draw, decide, Counterexample(
    "That an example transfers does not say that the max-margin direction turns the rules: "
    "here it turns neither of them.",
    cube_attacks.Transfer(
        LabelledSet.of([[0], [1]], [-1, 1]),
        (LinearRule.of([-1], 2), LinearRule.of([-1], 2)),
        Fraction(2),
    ),
    cube_attacks.refute_evidence, cube_attacks.draw_transfer,
))  # fmt: skip
