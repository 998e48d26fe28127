from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from certify.errors import InputError
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import Vector, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import conj
from verify.claims.zou2018.conj import FOLD, IDENTITY, THRESHOLD
from verify.claims.zou2018.shared import twins
from verify.drawing import pairs


def features_off_the_space(patch: pytest.MonkeyPatch) -> Proof:
    features = twins.features

    def wrong(network: ReluNetwork, x: Vector) -> Vector:
        first, *rest = features(network, x)
        return (first + x[0], *rest)

    patch.setattr(twins, "features", wrong)
    return conj.prove(FOLD)


def different_outputs(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(conj, "gaps", lambda network, x: x)
    return conj.prove(FOLD)


def changed_nearest(patch: pytest.MonkeyPatch, **changes: object) -> Proof:
    found = replace(conj.nearest(FOLD), **changes)  # type: ignore[arg-type]
    patch.setattr(conj, "nearest", lambda pair: found)
    return conj.prove(FOLD)


def radius_too_small(patch: pytest.MonkeyPatch) -> Proof:
    return changed_nearest(patch, radius=Fraction(1, 100))


def farther_twin(patch: pytest.MonkeyPatch) -> Proof:
    return changed_nearest(patch, point=FOLD.target, radius=conj.reach(FOLD))


def nearer_target(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(conj, "reach", lambda pair: Fraction(1, 100))
    return conj.prove(FOLD)


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: features_off_the_space,
    2: different_outputs,
    3: radius_too_small,
    4: farther_twin,
    5: nearer_target,
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = FAULTS[number](monkeypatch)
    assert [n for n, step in enumerate(proof.steps, 1) if not step.holds] == [number]


def test_a_cell_that_is_left_out_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = conj.nearest(FOLD)
    fewer = replace(found, cells=found.cells[1:])
    monkeypatch.setattr(conj, "nearest", lambda pair: fewer)
    assert not conj.prove(FOLD).steps[3].holds


def test_a_cell_without_a_twin_says_what_contradicts_one() -> None:
    found = conj.nearest(FOLD)
    said = twins.contradictions(FOLD.network, FOLD.target, found.cells)
    assert [(one.name, one.value) for one in said] == [
        (r"\beta(+,+)", Fraction(-1, 2)),
        (r"\beta(-,-)", Fraction(-1, 2)),
    ]


def test_the_fold_has_a_twin_nearer_than_the_target() -> None:
    found = conj.nearest(FOLD)
    assert (found.point, found.radius) == (vector([0]), Fraction(3, 8))
    assert conj.reach(FOLD) == Fraction(5, 8)


def test_the_identity_has_no_twin_but_at_the_full_distance() -> None:
    # n = l = 3, m = 2, w_1 = e_1, w_2 = 0: equality forces the first coordinate.
    found = conj.nearest(IDENTITY)
    assert found.radius == conj.reach(IDENTITY) == 1
    assert found.point[0] == 0


def test_a_shifted_hidden_layer_changes_nothing() -> None:
    # g = (relu(x_1 + 2), relu(x_2), relu(x_3)) never clips on the box.
    network = ReluNetwork.of(
        [
            ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [2, 0, 0]),
            ([[1, 0, 0], [0, 0, 0]], ["-5/2", 0]),
        ]
    )
    assert conj.nearest(replace(IDENTITY, network=network)).radius == 1


def test_large_networks_and_targets_off_the_box_are_refused() -> None:
    wide = ReluNetwork.of([([[1]] * 9, [0] * 9), ([[1] * 9] * 2, [0, 0])])
    with pytest.raises(InputError, match="at most 8 hidden units"):
        conj.nearest(replace(THRESHOLD, network=wide))
    with pytest.raises(InputError, match="unit box"):
        conj.nearest(replace(THRESHOLD, target=vector([2])))


@pytest.mark.parametrize("seed", range(30))
def test_no_grid_point_is_a_nearer_twin(seed: int) -> None:
    pair = pairs.draw(Random(seed), pairs.CASES[seed % len(pairs.CASES)])
    if pair.network.dimension > 1:
        return
    found = conj.nearest(pair)
    wanted = conj.gaps(pair.network, pair.target)
    for k in range(25):
        x = (Fraction(k, 24),)
        if conj.gaps(pair.network, x) == wanted:
            assert twins.distance(x, pair.origin) >= found.radius


def test_near_misses_refute_nothing() -> None:
    refute = conj.refute_every_network
    assert refute(THRESHOLD) is not None
    assert refute(replace(THRESHOLD, target=vector(["3/4"]))) is None  # the same class
    assert refute(replace(THRESHOLD, target=vector(["1/2"]))) is None  # a tie
    assert refute(FOLD) is None  # l = m
    folded = ReluNetwork.of(
        [([[1], [-1], [0]], ["-1/2", "1/2", 0]), ([[1, 1, 0], [0, 0, 0]], [0, "1/4"])]
    )
    # The classes differ, and 0 is a nearer twin of 1.
    assert refute(replace(FOLD, network=folded)) is None
