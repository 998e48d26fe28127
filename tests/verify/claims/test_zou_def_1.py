from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from certify import invariant_directions
from certify.numbers.rationals import Vector, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import def_1
from verify.claims.zou2018.without import orthant
from verify.objects import SoftmaxHead

EXAMPLE = def_1.CLAIM.example


class Bent(SoftmaxHead):
    """A layer whose first logit is not affine."""

    def logits(self, h: Vector) -> Vector:
        first, *rest = super().logits(h)
        return (first + h[0] ** 2, *rest)


def curved_logits(patch: pytest.MonkeyPatch) -> Proof:
    head = Bent(EXAMPLE.head.weights, EXAMPLE.head.bias)
    return def_1.CLAIM.prove(replace(EXAMPLE, head=head))


def squared_spread(patch: pytest.MonkeyPatch) -> Proof:
    spread = def_1.spread
    patch.setattr(def_1, "spread", lambda values: spread(values) ** 2)
    return def_1.CLAIM.prove(replace(EXAMPLE, direction=vector([1, 0, 0])))


def wrong_membership(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(def_1, "in_space", lambda space, d: True)
    return def_1.CLAIM.prove(replace(EXAMPLE, direction=vector([1, 0, 0])))


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: curved_logits,
    2: squared_spread,
    3: wrong_membership,
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = FAULTS[number](monkeypatch)
    assert [n for n, step in enumerate(proof.steps, 1) if not step.holds] == [number]


def test_a_direction_with_equal_slopes_is_adversarial_and_another_is_not() -> None:
    space = invariant_directions(EXAMPLE.head.weights)
    assert space.dimension == 2
    assert def_1.in_space(space, vector([2, -1, 5]))
    assert not def_1.in_space(space, vector([2, -1, 5])[::-1])


def test_adversarial_directions_of_the_ledger_leave_the_orthant() -> None:
    # w_1 = (1, 1, 1), w_2 = 0: the difference itself has positive entries only.
    refutation = orthant.refute(orthant.EXAMPLE)
    assert refutation is not None
    assert refutation.certificates[0].statement["dimension"] == 2
    assert refutation.certificates[1].kind == "lp-infeasible"


@pytest.mark.parametrize(
    "head",
    [
        SoftmaxHead.of([[1, 0], [0, 0]], [0, 0]),  # e_2 stays inside
        SoftmaxHead.of([[1, 0], [-1, 0]], [0, 0]),  # (1, 1) stays inside
        SoftmaxHead.of([[1, 0]], [0, 0]),  # no direction at all
    ],
)
def test_layers_with_an_open_direction_or_none_refute_nothing(head: SoftmaxHead) -> None:
    assert orthant.refute(head) is None


def test_one_invariant_direction_makes_the_literal_existence_true() -> None:
    assert def_1.refute_existence(SoftmaxHead.of([[1, 1]], [0, 5])) is None
    assert def_1.refute_existence(SoftmaxHead.of([[1, "9/10"]], [0, 5])) is not None


def test_spread_ignores_constants() -> None:
    assert def_1.spread(vector([3, -1, 2])) == def_1.spread(vector([5, 1, 4])) == Fraction(4)
