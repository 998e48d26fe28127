"""From features to inputs: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from types import SimpleNamespace

import pytest
from support import failing, refuted

from certify.numbers.rationals import rows, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import input_manipulation
from verify.claims.zou2018.input_manipulation import CLAIM, EXAMPLE, FIRST
from verify.objects import SoftmaxHead

Patch = pytest.MonkeyPatch
_, ONTO, POINT, DIRECTION, DEGREE = EXAMPLE
UP, RIGHT = vector([0, 1]), vector([1, 0])


def prove(head: SoftmaxHead = FIRST) -> Proof:
    return input_manipulation.prove(head, ONTO, POINT, DIRECTION, DEGREE)


def direction_that_is_seen(patch: Patch) -> Proof:
    return prove(SoftmaxHead.of([[1, 0], [1, 0]], [0, 0]))


def solution_of_another_system(patch: Patch) -> Proof:
    true = input_manipulation.solve(ONTO, DIRECTION)
    wrong = SimpleNamespace(solution=vector([1, 1]), certificate=true.certificate)
    patch.setattr(input_manipulation, "solve", lambda *_: wrong)
    return prove()


def degree_that_is_lost(patch: Patch) -> Proof:
    true = input_manipulation.mixture
    patch.setattr(
        input_manipulation,
        "mixture",
        lambda name, one, two: true(name, one, (F(1), two[1]) if "d" in name else two),
    )
    return prove()


def logits_with_an_error(patch: Patch) -> Proof:
    true = SoftmaxHead.logits
    patch.setattr(SoftmaxHead, "logits", lambda head, h: (true(head, h)[0] + h[1], F(0)))
    return prove()


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: direction_that_is_seen,
    2: solution_of_another_system,
    3: degree_that_is_lost,
    4: logits_with_an_error,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert number in failing(FAULTS[number](monkeypatch))


def test_a_line_of_features_that_no_input_has() -> None:
    weak = CLAIM.counterexamples()["onto"]
    x = vector([1])
    assert refuted(weak, FIRST, rows([[1], [0]]), x, UP)
    assert not refuted(weak, FIRST, rows([[0], [1]]), x, UP)  # followed
    assert not refuted(weak, FIRST, rows([[0], [1]]), x, RIGHT)  # no direction of the layer


def test_only_a_map_onto_all_features_says_that_the_direction_is_needed() -> None:
    weak, x = CLAIM.counterexamples()["adversarial direction"], vector([1])
    assert refuted(weak, SoftmaxHead.of([[1, 0]], [0, 0]), rows([[1]]), x, x)
    assert refuted(weak, FIRST, ONTO, POINT, RIGHT)
    assert not refuted(weak, FIRST, ONTO, POINT, UP)  # a direction of the layer
    assert not refuted(weak, FIRST, rows([[1], [0]]), x, RIGHT)  # followed, but not onto


@pytest.mark.parametrize(
    ("mapping", "followed", "free"),
    [([[0], [1]], 1, 1), ([[1], [0]], 0, 0), ([[1, 1], [1, 2]], 1, 1), ([[0, 0], [0, 0]], 0, 2)],
)
def test_image_and_kernel_decide(mapping: list[list[int]], followed: int, free: int) -> None:
    proof = input_manipulation.decide(FIRST, rows(mapping), UP)
    assert failing(proof) == []
    assert proof.steps[0].relations[0].left == followed
    assert proof.steps[1].relations[0].left == free


def test_a_solution_that_is_not_found_is_noticed(monkeypatch: Patch) -> None:
    true = input_manipulation.solve(rows([[1], [0]]), UP)
    monkeypatch.setattr(input_manipulation, "solve", lambda *_: true)
    assert failing(input_manipulation.decide(FIRST, ONTO, UP)) == [1]
