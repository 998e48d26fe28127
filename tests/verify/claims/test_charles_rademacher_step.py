"""The uniform bound on ramp losses: enumerations against brute force, and faults in each step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from itertools import product

import pytest

from verify.claims.charles2019 import rademacher_step
from verify.claims.charles2019.shared import rademacher
from verify.claims.charles2019.shared.independent_samples import ramp
from verify.claims.charles2019.shared.rademacher import Instance
from verify.claims.charles2019.without import fixed_rules
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.charles2019.without.memorisers import NORM, RADIUS, Memorisers
from verify.claims.claim import Proof
from verify.drawing.laws import FiniteLaw

Patch = pytest.MonkeyPatch
EXAMPLE = rademacher_step.EXAMPLE
TIMID = Instance(EXAMPLE.law, 4, F(1, 64), ((F(1, 8), F(0)), (F(0), F(1, 8))), (0, 1))


def proof_with(patch: Patch, owner: object, name: str, value: object) -> Proof:
    patch.setattr(owner, name, value)
    return rademacher_step.prove(TIMID)


def constant(value: object) -> Callable[..., object]:
    return lambda *arguments: value


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lambda p: proof_with(p, rademacher_step, "ramp", lambda t: 2 * ramp(t)),
    2: lambda p: proof_with(p, rademacher, "expected_supremum", constant(F(0))),
    3: lambda p: proof_with(p, rademacher, "supremum_chain", constant([F(2), F(1)])),
    4: lambda p: proof_with(p, rademacher, "linear_suprema", constant([(F(9), F(2))] * 4)),
    5: lambda p: proof_with(p, rademacher, "linear_suprema", constant([(F(0), F(3))] * 4)),
    6: lambda p: proof_with(p, Instance, "norms", F(0)),
    7: lambda p: proof_with(
        p, rademacher, "widest_step", constant((rademacher.widest_step(TIMID)[0], F(1)))
    ),
    8: lambda p: proof_with(p, rademacher_step, "exponential_below", constant(F(0))),
    9: lambda p: proof_with(p, rademacher, "exceeding", constant(F(1))),
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    assert [k for k, step in enumerate(steps, 1) if not step.holds] == [number]


def test_enumeration_by_counts_agrees_with_enumeration_of_lists() -> None:
    law = FiniteLaw.of([[1], [2]], [1, -1], [1, 3])
    instance = Instance(law, 2, F(1), ((F(1),), (F(-1, 2),)), (0,))
    mean = signed = F(0)
    for draws in product(range(2), repeat=4):
        p = law.probabilities[draws[0]] * law.probabilities[draws[1]]
        q = law.probabilities[draws[2]] * law.probabilities[draws[3]]
        mean += (
            p
            * q
            * max(
                F(row[draws[2]] + row[draws[3]] - row[draws[0]] - row[draws[1]]) / 2
                for row in instance.ramps
            )
        )
        if draws[2:] == (0, 0):
            signed += (
                p
                * sum(
                    max(F(s * row[draws[0]] + t * row[draws[1]]) / 2 for row in instance.ramps)
                    for s, t in product((1, -1), repeat=2)
                )
                / 4
            )
    assert rademacher.widest_step(instance)[0] == mean
    assert sum(p.probability * p.gap for p in rademacher.pairs(instance)) == mean
    assert rademacher.expected_supremum(instance) == signed
    assert sum(p.probability for p in rademacher.pairs(instance)) == 1


def test_ramps_become_margins_one_coordinate_at_a_time() -> None:
    law = FiniteLaw.of([[1]], [1], [1])
    instance = Instance(law, 1, F(4), ((F(2),), (F(-2),)), (0,))
    # ramps 0 and 1 give (1 + 0) / 2; margins 2 and -2 give 2.
    assert rademacher.supremum_chain(instance) == [F(1, 2), F(2)]
    assert rademacher.linear_suprema(instance) == [(F(2), F(1)), (F(2), F(1))]


@pytest.mark.parametrize(
    ("dropped", "instance"),
    [
        (NORM, Memorisers(9, 121, F(1), F(1), F(0))),
        (NORM, Memorisers(8, 122, F(1), F(1), F(0))),
        (RADIUS, Memorisers(9, 122, F(5, 2), F(1), F(0))),
    ],
)
def test_memorisers_that_refute_nothing(dropped: str, instance: Memorisers) -> None:
    assert rademacher_step.CLAIM.counterexamples()[dropped].refute(instance) is None


@pytest.mark.parametrize(("label", "size"), [(-1, 8), (1, 9)])
def test_a_small_sample_or_one_law_refutes_nothing(label: int, size: int) -> None:
    laws = FiniteLaw.of([[1]], [1], [1]), FiniteLaw.of([[1]], [label], [1])
    instance = FixedRules(laws, size, ((F(1),), (F(1),)))
    assert fixed_rules.refute_uniform_bound(instance, F(1, 2)) is None
