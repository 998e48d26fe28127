"""Features and classes of popular networks: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from support import failing, refuted

from verify.claims.claim import Proof
from verify.claims.zou2018 import popular_networks
from verify.claims.zou2018.popular_networks import CLAIM, CLASSES, RESNET_18, RESNET_50, WIDE
from verify.objects import SoftmaxHead

Patch = pytest.MonkeyPatch


def channels_that_are_lost(patch: Patch) -> Proof:
    true = popular_networks.total
    patch.setattr(popular_networks, "total", lambda name, parts: true(name, parts[1:]))
    return popular_networks.prove(RESNET_50, CLASSES)


def too_few_features(patch: Patch) -> Proof:
    return popular_networks.prove(RESNET_18, CLASSES)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: channels_that_are_lost,
    2: too_few_features,
    3: too_few_features,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert number in failing(FAULTS[number](monkeypatch))


def test_the_widths_are_those_of_the_sentence() -> None:
    assert {sum(channels) for channels in WIDE.values()} == {4096, 2048}


@pytest.mark.parametrize("name", ["as printed", "best network"])
def test_only_narrow_networks_refute(name: str) -> None:
    weak = CLAIM.counterexamples()[name]
    assert refuted(weak, RESNET_18, CLASSES)
    assert not refuted(weak, RESNET_18, 512)
    assert not refuted(weak, RESNET_50, CLASSES)


def test_fewer_features_and_a_direction() -> None:
    weak = CLAIM.counterexamples()["sharp form, overstated"]
    assert refuted(weak, SoftmaxHead.of([[0, 1, 2], [0, 0, 0]], [0, 0, 0]))
    assert not refuted(weak, SoftmaxHead.of([[0, 1, 0], [0, 0, 1]], [0, 0, 0]))
    assert not refuted(weak, SoftmaxHead.of([[0, 1], [0, 0]], [0, 0]))


def test_directions_that_are_not_found_are_noticed(monkeypatch: Patch) -> None:
    head = SoftmaxHead.of([[0, 1], [0, 0]], [0, 0])
    found = popular_networks.invariant_directions(head.weights)
    none = SimpleNamespace(dimension=0, certificate=found.certificate)
    monkeypatch.setattr(popular_networks, "invariant_directions", lambda _: none)
    assert failing(popular_networks.decide(head)) == [1]
