"""The attack of Section 7: faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from certify.rationals import Rows, Vector
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


def test_projection_stops_at_the_cube() -> None:
    ascent = Ascent(((F(3),), (F(-1),)), 2, STEP, F(1, 50))
    assert sec7_steps.path(ascent, ascent.gradients, 0) == [F(1, 50), F(1, 100)] * 2


@pytest.mark.parametrize("gradient", [F(1), F(-2), F(0)])
def test_gradients_of_one_or_more_reach_the_radius(gradient: F) -> None:
    assert sec7_steps.refute_gradient_steps(Ascent(((gradient,),), 1, STEP, STEP)) is None


def test_steady_signs_reach_the_radius() -> None:
    ascent = Ascent(((F(1, 2),), (F(3),)), 1, STEP, 2 * STEP)
    assert sec7_steps.refute_changing_signs(ascent) is None
