"""The attack of Section 7: faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from random import Random

import pytest
from support import failing

from certify.numbers.rationals import Rows, Vector
from verify.claims.charles2019 import sec7_steps
from verify.claims.charles2019.sec7_steps import Ascent
from verify.claims.claim import Proof

Patch = pytest.MonkeyPatch
STEP = F(1, 100)
EXAMPLE = sec7_steps.CLAIM.example
CHANGING = Ascent(((F(1),), (F(2),)), 1, STEP, F(1))


def patched(patch: Patch, owner: object, name: str, value: object, of: Ascent = EXAMPLE) -> Proof:
    patch.setattr(owner, name, value)
    return sec7_steps.prove(of)


def short_gradient_steps(patch: Patch) -> Proof:
    true = sec7_steps.displacement

    def halved(ascent: Ascent, directions: Rows) -> Vector:
        factor = F(1, 2) if directions == ascent.gradients else F(1)
        return tuple(factor * c for c in true(ascent, directions))

    return patched(patch, sec7_steps, "displacement", halved)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lambda p: patched(p, Ascent, "steepest", F(0)),
    2: lambda p: patched(p, sec7_steps, "signs", lambda g: tuple(c + 1 for c in g), CHANGING),
    3: lambda p: patched(p, sec7_steps, "signs", lambda g: tuple(F(1, 2) for c in g)),
    4: short_gradient_steps,
    5: lambda p: patched(p, sec7_steps, "STEP", F(1, 50)),
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    assert [k for k, step in enumerate(steps, 1) if not step.holds] == [number]


def test_the_number_of_steps_counts_every_round_through_the_list() -> None:
    assert Ascent(((F(1),), (F(-1),)), 3, STEP, F(1)).named_iterations.formula == [
        "T", r"3\cdot 2", "6",
    ]  # fmt: skip


def test_projection_stops_at_the_cube() -> None:
    ascent = Ascent(((F(3),), (F(-1),)), 2, STEP, F(1, 50))
    assert sec7_steps.path(ascent, ascent.gradients, 0) == [F(1, 50), F(1, 100)] * 2


@pytest.mark.parametrize("gradient", [F(1), F(-2), F(0)])
def test_gradients_of_one_or_more_reach_the_radius(gradient: F) -> None:
    assert sec7_steps.refute_gradient_steps(Ascent(((gradient,),), 1, STEP, STEP)) is None


def test_steady_signs_reach_the_radius() -> None:
    ascent = Ascent(((F(1, 2),), (F(3),)), 1, STEP, 2 * STEP)
    assert sec7_steps.refute_changing_signs(ascent) is None


def test_gradient_steps_along_large_entries_get_further_than_sign_steps() -> None:
    """A cube beyond the reach and an entry above 1: at least as far, and not the same."""
    large = Ascent(((F(2),),), 1, STEP, 2 * STEP)
    assert sec7_steps.displacement(large, large.gradients) == (2 * STEP,)
    assert sec7_steps.displacement(large, ((F(1),),)) == (STEP,)
    assert failing(sec7_steps.decide_constant(large)) == []


def test_the_draws_find_equality_claimed_of_all_large_entries_false() -> None:
    """The words "the same exactly when |g| >= min(1, eps / (T gamma))" fail in wide cubes."""

    def same_when_large(ascent: Ascent) -> bool:
        raw = sec7_steps.displacement(ascent, ascent.gradients)
        signed = sec7_steps.displacement(ascent, (sec7_steps.signs(ascent.gradients[0]),))
        least = min(F(1), ascent.radius / ascent.reach)
        return (raw == signed) == (abs(ascent.gradients[0][0]) >= least)

    for case in (sec7_steps.LARGE, sec7_steps.OUTSIDE):
        drawn = [sec7_steps.draw_constant(Random(seed), case) for seed in range(60)]
        assert not all(map(same_when_large, drawn)), case


@pytest.mark.parametrize(("name", "number"), [("signs", 2), ("ONE", 1)])
def test_a_fault_in_the_constant_case_is_noticed(
    name: str, number: int, monkeypatch: Patch
) -> None:
    large = Ascent(((F(2),),), 1, STEP, 4 * STEP)
    faults = {"signs": lambda g: g, "ONE": F(3)}
    monkeypatch.setattr(sec7_steps, name, faults[name])
    assert number in failing(sec7_steps.decide_constant(large))
