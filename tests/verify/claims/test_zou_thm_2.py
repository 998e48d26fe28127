from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from certify import invariant_directions
from certify.numbers.elimination import NullSpace
from certify.numbers.rationals import rows, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import thm_2
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.without import empty_class, orthant
from verify.objects import SoftmaxHead

EXAMPLE = thm_2.CLAIM.example
LINE = SoftmaxHead.of([[1, 0]], [0, 0])


def space_with(head: SoftmaxHead, basis: list[list[int]]) -> Callable[[object], NullSpace]:
    space = replace(invariant_directions(head.weights), basis=rows(basis))
    return lambda weights: space


def zero_direction(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(thm_2, "invariant_directions", space_with(EXAMPLE.head, [[0, 0, 0]]))
    return thm_2.CLAIM.prove(EXAMPLE)


def direction_that_moves_logits(patch: pytest.MonkeyPatch) -> Proof:
    # Far inside the region a small move changes the gaps and not the class.
    patch.setattr(thm_2, "invariant_directions", space_with(LINE, [[1]]))
    return thm_2.prove(LINE, (vector([10]),), vector([-1, 1]))


def point_of_another_class(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(thm_2, "members", lambda head, points: [(i, h) for h in points for i in range(2)])
    return thm_2.CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: zero_direction,
    2: direction_that_moves_logits,
    3: point_of_another_class,
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = FAULTS[number](monkeypatch)
    assert [n for n, step in enumerate(proof.steps, 1) if not step.holds] == [number]


def test_ties_belong_to_every_tied_class() -> None:
    head = SoftmaxHead.of([[1, 0, 1]], [0, 0, 0])
    assert [i for i, _ in thm_2.members(head, (vector([0]), vector([-1])))] == [0, 1, 2, 1]


def test_a_square_layer_keeps_a_direction() -> None:
    assert thm_2.refute_narrow(thm_2.SQUARE) is None
    assert thm_2.refute_narrow(SoftmaxHead.of([[1, 0]], [0, 0])) is not None


def test_lines_of_a_nonempty_region_are_the_invariant_space() -> None:
    space = invariant_directions(thm_2.SQUARE.weights)
    for i in range(2):
        assert regions.polyhedron(thm_2.SQUARE, i).lineality() == space.basis


def test_the_class_that_never_wins() -> None:
    # w_1 = w_2 and b = (1, 0): class 2 is empty although l = 3 > m = 2.
    never = SoftmaxHead.of([[0, 0], [0, 0], [0, 0]], [1, 0])
    assert thm_2.refute_nonempty(never, 1) is not None
    assert thm_2.refute_nonempty(never, 0) is None
    tied = SoftmaxHead.of([[0, 0], [0, 0], [0, 0]], [1, 1])
    assert empty_class.refute(tied, 1) is None
    two = SoftmaxHead.of([[0, 0], [0, 0]], [1, 0])
    assert thm_2.refute_nonempty(two, 1) is None


def test_refuted_region_holds_the_zero_features() -> None:
    refutation = orthant.refute(orthant.EXAMPLE)
    assert refutation is not None
    assert refutation.steps[2].relations[0].left == Fraction(0)
