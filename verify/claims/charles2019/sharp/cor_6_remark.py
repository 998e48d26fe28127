"""The sharp form of the remark after Corollary 6: when one constant serves all points, and which.

A linear program looks for multipliers that are all positive; others ask of each point how large its
own multiplier can be. The constant is then confronted with all accurate rules.
"""

from fractions import Fraction
from random import Random

from certify import linear_program
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine
from certify.programs.linear_program import LinearProgramResult
from verify.claims.charles2019.shared.separators import LargestMargin, signed_sum
from verify.claims.charles2019.shared.steps import UniversalStep, universal_step
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import Named, counted, greatest, named
from verify.drawing import labelled_sets, small
from verify.objects import LabelledSet

SHORTER, FAR = Fraction(9, 10), Fraction(1000)
CASES = (
    labelled_sets.GENERIC, labelled_sets.SINGLE, labelled_sets.COLLINEAR, labelled_sets.REPEATED,
)  # fmt: skip


def draw(rng: Random, case: str) -> LabelledSet:
    """Return a set of the named case; points on a line always have a constant."""
    return labelled_sets.separable_set(rng, case)


def balanced(data: LabelledSet, v: Vector) -> LinearProgramResult:
    """Maximise t over all a >= t with sum a_i y_i x_i = v and sum a_i y_i = 0.

    The unknowns are the excesses a_i - t and, free, t itself.
    """
    signed = [(*(y * c for c in x), y) for x, y in data.pairs]
    columns = list(zip(*signed, strict=True))
    rows = [(*column, sum(column)) for column in columns]
    n = len(signed)
    return linear_program(
        [0] * n + [1], equalities=(rows, [*v, 0]), nonnegative=range(n), maximize=True
    )


def decide(data: LabelledSet) -> Proof:
    """Compare the program for all multipliers with those of the points, and test the constant."""
    largest = LargestMargin(data)
    u, best = largest.direction, largest.rule
    every = balanced(data, u)
    found = [universal_step(data, u, k) for k in range(len(data.labels))]
    steps = [s.step for s in found]
    constant = None if None in steps else max(c for c in steps if c is not None)
    positive = every.value is not None and every.value > 0
    relations = [
        step("All multipliers can be positive exactly when each of them can be.",
             (int(positive), "=", int(constant is not None))),
    ]  # fmt: skip
    proofs: list[Certificate] = [every.certificate, *(s.certificate(best) for s in found)]
    if constant is None:
        point = next(s.point for s in found if s.step is None)
        kept, shown = accurate_rules.keeping(data, combine((FAR, u)), [point])
        relations.append(
            step("A rule keeps a point at a step of 1000.", (int(kept is None), "=", 0))
        )
        return Proof.of(*relations, *proofs, *shown)
    lost = [accurate_rules.keeping(data, combine((constant, u)), [s.point]) for s in found]
    last = next(s.point for s in found if s.step == constant)
    kept, shown = accurate_rules.keeping(data, combine((SHORTER * constant, u)), [last])
    relations += [
        step(r"At $\max_k(1/a_k)$ no accurate rule keeps any point.",
             ([int(rule is None) for rule, _ in lost], "=", 1)),
        step("At nine tenths of it one does.", (int(kept is None), "=", 0)),
        step(r"It is at least $2\gamma^*$, which is $1$ in units of $u$.", (constant, ">=", 1)),
    ]  # fmt: skip
    return Proof.of(*relations, *proofs, *shown, *(proof for _, proofs in lost for proof in proofs))


def refute_support(data: LabelledSet) -> Refutation | None:
    """Refute that a constant exists exactly when every point has the least margin."""
    largest = LargestMargin(data)  # raises InputError when no rule is right
    margins = largest.rule.margins(data)
    found: list[UniversalStep] = [
        universal_step(data, largest.direction, k) for k in range(len(margins))
    ]
    exists = all(s.step is not None for s in found)
    if exists == (max(margins) == 1):
        return None
    have = "have" if exists else "do not have"
    return Refutation.of(
        f"The points {have} a constant in common, but " + (
            "not all of them have the least margin." if exists else "all have the least margin."
        ),
        *(Named(rf"\alpha^{{({s.point + 1})}}", s.multipliers) for s in found),
        step("The largest margin of the max-margin rule, scaled to least margin 1, is "
             + ("larger." if exists else "1 as well."),
             (greatest(r"\max_im_i", margins), ">" if exists else "=", 1)),
        step(r"With $\alpha^{(k)}$ the point $x_k$ carries as much as it can, and "
             + ("every $a_k$ is positive: each point has a finite step." if exists
                else "some $a_k$ is 0: that point has no finite step."),
             ([signed_sum(r"\sum\alpha^{(#)}_iy_ix_i", data, s.multipliers) for s in found], "=",
              named("u", largest.direction)),
             (counted(r"\text{points without a step}",
                      [f"x_{k}" for k, s in enumerate(found, 1) if s.step is None]),
              "=" if exists else ">", 0)),
        largest.answer.certificate, *(s.certificate(largest.rule) for s in found),
    )  # fmt: skip


SHARP = SharpForm(CASES, draw, decide, Counterexample(
    "That all points have the least margin is not the condition: on a line a constant exists "
    "for $0$ labelled -1 and $1$, $2$ labelled +1, although $2$ has a larger margin.",
    LabelledSet.of([[0], [1], [2]], [-1, 1, 1]), refute_support,
    lambda rng: small.both_labels(rng, rng.randint(1, 2), rng.randint(2, 4)),
))  # fmt: skip
