"""Nearest twins in the norms 1 and 2: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random
from types import SimpleNamespace

import pytest
from support import failing, refuted

from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import conj_norms
from verify.claims.zou2018.conj import FOLD, IDENTITY, THRESHOLD, gaps
from verify.claims.zou2018.conj_norms import CLAIM, EXAMPLE
from verify.claims.zou2018.shared import twin_norms, twins
from verify.claims.zou2018.shared.twin_norms import Cell, Near
from verify.claims.zou2018.sharp import twins as sharp_twins
from verify.drawing import pairs
from verify.drawing.pairs import Pair

Patch = pytest.MonkeyPatch


def patched(patch: Patch, name: str, value: object) -> Proof:
    patch.setattr(conj_norms, name, value)
    return conj_norms.prove(EXAMPLE)


def with_first_cell(true: Callable[[Pair], Near], **changes: object) -> Callable[[Pair], Near]:
    """Return the nearest twins with other contents in the first cell."""

    def near(pair: Pair) -> Near:
        found = true(pair)
        first: Cell = replace(found.cells[0], **changes)  # type: ignore[arg-type]
        return replace(found, cells=(first, *found.cells[1:]))

    return near


def one_ahead(patch: Patch) -> Proof:
    true = twin_norms.near_2(EXAMPLE).cells[0].program
    wrong = SimpleNamespace(value=F(0), certificate=true.certificate)
    return patched(patch, "near_2", with_first_cell(twin_norms.near_2, program=wrong))


def farther_in_the_maximum_norm(patch: Patch) -> Proof:
    found = twins.nearest(EXAMPLE.network, EXAMPLE.origin, EXAMPLE.target)
    patch.setattr(twins, "nearest", lambda *_: replace(found, radius=F(2)))
    return conj_norms.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lambda p: patched(p, "gaps", lambda network, x: x),
    2: lambda p: patched(p, "length_1", lambda name, x, y: F(9)),
    3: lambda p: patched(p, "near_1", with_first_cell(twin_norms.near_1, size=F(0))),
    4: one_ahead,
    5: lambda p: patched(p, "near_2", with_first_cell(twin_norms.near_2, size=F(0))),
    6: farther_in_the_maximum_norm,
    7: lambda p: patched(p, "functionals", lambda pair: (None, vector([0, 0]))),
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_three_norms_have_three_nearest_twins() -> None:
    one, two = twin_norms.near_1(EXAMPLE), twin_norms.near_2(EXAMPLE)
    assert (one.point, one.size) == (vector([1, 0]), F(1))
    assert (two.point, two.size) == (vector(["4/5", "2/5"]), F(4, 5))


def test_on_a_line_all_norms_agree() -> None:
    assert twin_norms.near_1(FOLD).size == F(3, 8)
    assert twin_norms.near_2(FOLD).size == F(9, 64)
    assert twin_norms.near_2(IDENTITY).size == twin_norms.near_1(IDENTITY).size == 1


@pytest.mark.parametrize("seed", range(20))
def test_no_grid_point_is_a_nearer_twin(seed: int) -> None:
    pair = pairs.draw_plane(Random(seed))
    wanted = gaps(pair.network, pair.target)
    one, two = twin_norms.near_1(pair), twin_norms.near_2(pair)
    for a in range(9):
        for b in range(9):
            x = (F(a, 8), F(b, 8))
            if gaps(pair.network, x) == wanted:
                step = sharp_twins.between(x, pair.origin)
                assert sharp_twins.size(step) >= one.size
                assert sharp_twins.square(step) >= two.size


def test_near_misses_refute_nothing() -> None:
    printed = CLAIM.counterexamples()["as printed"]
    assert refuted(printed, THRESHOLD)
    assert not refuted(printed, replace(THRESHOLD, target=vector(["3/4"])))  # the same class
    assert not refuted(printed, replace(THRESHOLD, target=vector(["1/2"])))  # a tie
    assert not refuted(printed, EXAMPLE)  # l = m
    folded = ReluNetwork.of(
        [([[1], [-1], [0]], ["-1/2", "1/2", 0]), ([[1, 1, 0], [0, 0, 0]], [0, "1/4"])]
    )
    assert not refuted(printed, replace(FOLD, network=folded))  # 0 is a nearer twin of 1


def test_points_outside_that_have_twins_refute_nothing() -> None:
    weak = CLAIM.counterexamples()["input of the box"]
    assert refuted(weak, replace(THRESHOLD, target=vector([2])))
    assert not refuted(weak, THRESHOLD)
    found = conj_norms.refute_outside(replace(THRESHOLD, target=vector([2])))
    assert found is not None
    assert [str(r) for r in found.steps[-1].relations] == ["(1/2) < (3/2)"]
    # Behind the ReLU -1 is 0.
    assert not refuted(weak, replace(THRESHOLD, target=vector([-1])))
