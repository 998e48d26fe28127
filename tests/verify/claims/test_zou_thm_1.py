from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify import invariant_directions
from certify.numbers.elimination import NullSpace
from certify.numbers.rationals import Vector, rows, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import thm_1
from verify.claims.zou2018.sharp import directions
from verify.claims.zou2018.without import orthant
from verify.objects import SoftmaxHead

EXAMPLE = thm_1.CLAIM.example
EQUAL = replace(EXAMPLE, head=SoftmaxHead.of([[0, 0], [0, 0], [0, 0]], [0, 1]))


class Bent(SoftmaxHead):
    """A layer whose first logit is not affine."""

    def logits(self, h: Vector) -> Vector:
        first, *rest = super().logits(h)
        return (first + h[0] ** 2, *rest)


def fake_space(patch: pytest.MonkeyPatch, head: SoftmaxHead, **changes: object) -> None:
    space = replace(invariant_directions(head.weights), **changes)  # type: ignore[arg-type]
    patch.setattr(thm_1, "invariant_directions", lambda weights: space)


def miscounted_rank(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(thm_1, "rank", lambda matrix: SimpleNamespace(value=2))
    return thm_1.CLAIM.prove(EXAMPLE)


def missing_basis_vector(patch: pytest.MonkeyPatch) -> Proof:
    fake_space(patch, EQUAL.head, basis=rows([[1, 0, 0], [0, 1, 0]]))
    return thm_1.CLAIM.prove(EQUAL)


def vector_off_the_space(patch: pytest.MonkeyPatch) -> Proof:
    fake_space(patch, EXAMPLE.head, basis=rows([[1, 0, 0], [0, 0, 1]]))
    return thm_1.CLAIM.prove(EXAMPLE)


def curved_logits(patch: pytest.MonkeyPatch) -> Proof:
    return thm_1.CLAIM.prove(replace(EXAMPLE, head=Bent(EXAMPLE.head.weights, EXAMPLE.head.bias)))


def rank_beyond_the_classes(patch: pytest.MonkeyPatch) -> Proof:
    # Both computations of the rank have to agree on the impossible number.
    patch.setattr(thm_1, "rank", lambda matrix: SimpleNamespace(value=2))
    fake_space(patch, EXAMPLE.head, rank=2, basis=rows([[0, 0, 1]]))
    return thm_1.CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: miscounted_rank,
    2: missing_basis_vector,
    3: vector_off_the_space,
    4: curved_logits,
    5: rank_beyond_the_classes,
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = FAULTS[number](monkeypatch)
    assert [n for n, step in enumerate(proof.steps, 1) if not step.holds] == [number]


@given(l=st.integers(1, 6), m=st.integers(2, 6))
def test_unit_layers_attain_the_sharp_bound(l: int, m: int) -> None:
    space: NullSpace = invariant_directions(directions.unit_layer(l, m).weights)
    assert space.dimension == max(0, l - m + 1)


def test_the_logits_themselves_stay_on_one_dimension_less_than_the_outputs() -> None:
    assert all(r"\dim K_" in formula for formula in thm_1.sharpness().steps[2].formulas)
    for relation in thm_1.sharpness().steps[2].relations:
        assert r"\dim D" not in relation.formula
    units = SoftmaxHead.of([[1, 0], [0, 1]], [0, 0])
    assert invariant_directions(units.weights).dimension == 1  # where K is {0}


def test_the_space_of_a_typical_shape_is_one_larger_than_printed() -> None:
    # l = 4, m = 3, independent differences.
    head = SoftmaxHead.of([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [0, 0, 0])
    assert invariant_directions(head.weights).dimension == 2


def test_one_negative_entry_opens_a_direction_in_the_orthant() -> None:
    assert orthant.refute(SoftmaxHead.of([[1, 0], [1, 0], [-1, 0]], [0, 0])) is None
    assert orthant.refute(SoftmaxHead.of([[1, 0], [1, 0], [0, 0]], [0, 0])) is None


def test_step_four_names_the_shift() -> None:
    proof = thm_1.prove(SoftmaxHead.of([[2, 2]], [0, 3]), vector([1]), Fraction(5))
    relation = proof.steps[3].relations[0]
    assert relation.left == relation.right == vector([12, 15])
