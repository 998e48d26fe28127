"""Room in decision regions: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.errors import InputError
from certify.numbers.rationals import Vector, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import unconstrained
from verify.claims.zou2018.shared.regions import INTERVAL
from verify.claims.zou2018.unconstrained import CLAIM, SMALL, STRIP
from verify.objects import SoftmaxHead

Patch = pytest.MonkeyPatch
HEAD = SoftmaxHead.of([[0, 1, 0], [0, 0, 1]], [0, 0, 0])


def patched(patch: Patch, name: str, value: object, size: F = F(2)) -> Proof:
    patch.setattr(unconstrained, name, value)
    return unconstrained.prove(HEAD, 0, size)


def other_corner(patch: Patch) -> Proof:
    true = unconstrained.corner
    return patched(patch, "corner", lambda w, h, size: true(w, h, -size))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lambda p: unconstrained.prove(INTERVAL, 1, F(1, 2)),
    2: lambda p: patched(p, "reach", lambda name, w, size: size * 10**6),
    3: other_corner,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert number in failing(FAULTS[number](monkeypatch))


@pytest.mark.parametrize("number", [2, 3])
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_corner_of_a_cube_is_the_least_of_all() -> None:
    w, h = vector([2, -1]), vector([1, 1])

    def value(x: Vector) -> F:
        return 2 * x[0] - x[1]

    corners = [(h[0] + a, h[1] + b) for a in (-3, 3) for b in (-3, 3)]
    assert value(unconstrained.corner(w, h, F(3))) == min(map(value, corners))
    assert unconstrained.corner(vector([0, 1]), h, F(3)) == vector([1, -2])


def test_largest_cubes() -> None:
    assert unconstrained.largest_cube(INTERVAL, 1).value == 1
    assert unconstrained.largest_cube(STRIP, 1).value == 1
    assert unconstrained.largest_cube(STRIP, 0).value is None
    assert unconstrained.largest_cube(SMALL, 0, nonnegative=True).value == F(1, 4)
    empty = SoftmaxHead.of([[-1, 0, 1]], [0, -1, 0])
    found = unconstrained.largest_cube(empty, 1).value
    assert found is not None
    assert found < 0


def test_near_misses_refute_nothing() -> None:
    between = CLAIM.counterexamples()["weight between no others"]
    assert refuted(between, INTERVAL, 1)
    assert not refuted(between, INTERVAL, 0)
    # The middle class never wins, and equal weights leave room to the larger bias.
    assert not refuted(between, SoftmaxHead.of([[-1, 0, 1]], [0, -1, 0]), 1)
    assert not refuted(between, SoftmaxHead.of([[0, 0, 1]], [1, 0, 0]), 0)
    corner = CLAIM.counterexamples()["full feature space"]
    assert refuted(corner, SMALL, 0)
    assert not refuted(corner, SMALL, 1)
    assert not refuted(corner, INTERVAL, 1)  # no room without the walls either
    strip = CLAIM.counterexamples()["sharp form, overstated"]
    assert refuted(strip, STRIP, 1)
    assert not refuted(strip, STRIP, 0)
    assert not refuted(strip, INTERVAL, 1)  # bounded


def test_equal_weights_are_refused_where_mixtures_decide() -> None:
    with pytest.raises(InputError, match="expected different weights"):
        unconstrained.decide(SoftmaxHead.of([[0, 0, 1]], [1, 0, 0]), 0)
