"""Every step of every proof can fail: each sabotage spoils one ingredient, and a step notices.

A step that no wrong number could break would say nothing.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify import invariant_directions
from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.registry import CLAIMS
from verify.claims.zou2018 import thm_1, thm_2
from verify.objects import LinearRule, SoftmaxHead, TwoLayerNetwork

F = Fraction

SABOTAGE: dict[str, Callable[[pytest.MonkeyPatch, Any], Any]] = {}


def sabotage(function: Callable[[pytest.MonkeyPatch, Any], Any]) -> Any:
    SABOTAGE[function.__name__] = function
    return function


def change_property(patch: pytest.MonkeyPatch, owner: type, name: str, change: Any) -> None:
    """Replace a property of a class by a changed value of it."""
    before = inspect.getattr_static(owner, name)
    read = before.func if isinstance(before, functools.cached_property) else before.fget
    patch.setattr(owner, name, property(lambda self: change(read(self))))


def change_method(patch: pytest.MonkeyPatch, owner: type, name: str, change: Any) -> None:
    """Replace a method of a class by one whose result is changed, given the same arguments."""
    before = getattr(owner, name)
    patch.setattr(owner, name, lambda self, *a: change(before(self, *a), self, *a))


def change_answer(patch: pytest.MonkeyPatch, **changes: Callable[[Any], Any]) -> None:
    change_property(
        patch,
        LargestMargin,
        "answer",
        lambda found: replace(found, **{k: f(getattr(found, k)) for k, f in changes.items()}),
    )


def change_space(patch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    for module in (thm_1, thm_2):
        patch.setattr(module, "invariant_directions", lambda w: change(invariant_directions(w)))


def scaled(factor: int) -> Callable[[Vector], Vector]:
    return lambda v: combine((factor, v))


def bent(v: Vector) -> Vector:
    return (v[0] + 1, *v[1:])


@sabotage
def multipliers_doubled(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_property(patch, LargestMargin, "multipliers", scaled(2))
    return instance


@sabotage
def multipliers_negated(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_property(patch, LargestMargin, "multipliers", scaled(-1))
    return instance


@sabotage
def direction_reversed(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_property(patch, LargestMargin, "direction", scaled(-1))
    return instance


@sabotage
def nearest_points_moved(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_property(patch, LargestMargin, "nearest_points", lambda pq: tuple(map(bent, pq)))
    return instance


@sabotage
def best_rule_shifted(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_property(
        patch, LargestMargin, "rule", lambda rule: LinearRule(rule.normal, rule.offset + F(1, 2))
    )
    return instance


@sabotage
def far_labels_reversed(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    given = set(instance.queries) | set(instance.data.points)
    change_method(patch, LinearRule, "label", lambda y, _, x: y if x in given else -y)
    return instance


@sabotage
def far_values_shifted(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    given = set(instance.queries) | set(instance.data.points)
    value = LinearRule.value
    patch.setattr(LinearRule, "value", lambda r, x: value(r, x) + 10**6 * (x not in given))
    patch.setattr(LinearRule, "label", lambda r, x: (value(r, x) > 0) - (value(r, x) < 0) or r.zero)
    return instance


@sabotage
def one_margin_overstated(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_method(patch, LinearRule, "margins", lambda m, *_: (*m[:-1], m[-1] + 10**6))
    return instance


@sabotage
def separators_reversed(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    turned = tuple(
        LinearRule(scaled(-1)(rule.normal), -rule.offset) for rule in instance.separators
    )
    return replace(instance, separators=turned)


@sabotage
def margin_squared_wrong(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    u = LargestMargin.direction.func
    a = LargestMargin.multipliers.func
    kept = LargestMargin(instance.data)
    directions, multipliers = u(kept), a(kept)
    change_answer(patch, margin_squared=lambda square: square + 1)
    patch.setattr(LargestMargin, "direction", property(lambda _: directions))
    patch.setattr(LargestMargin, "multipliers", property(lambda _: multipliers))
    return instance


@sabotage
def slopes_understated(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    slope = separators.slope
    patch.setattr(separators, "slope", lambda *a: slope(*a) / 10**6)
    return instance


# Softmax heads.


@sabotage
def rank_too_large(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_space(patch, lambda s: replace(s, rank=s.rank + 10))
    return instance


@sabotage
def directions_missing(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_space(patch, lambda s: replace(s, basis=s.basis[:1]))
    return instance


@sabotage
def no_directions(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    zero = (F(0),) * len(instance.head.weights)
    change_space(patch, lambda s: replace(s, basis=(zero,)))
    return instance


@sabotage
def another_direction(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_space(patch, lambda s: replace(s, basis=tuple(map(bent, s.basis))))
    return instance


@sabotage
def logits_drift_alike(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_method(
        patch, SoftmaxHead, "logits",
        lambda z, _, h: tuple(v + sum(x**2 for x in h) for v in z),
    )  # fmt: skip
    return instance


# Two-layer networks.


@sabotage
def output_weight_negative(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    v = instance.network.output
    return replace(instance, network=replace(instance.network, output=(*v[:-1], F(-1))))


@sabotage
def units_not_affine(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    change_method(
        patch, TwoLayerNetwork, "preactivations",
        lambda a, _, x: (a[0] - sum(c**2 for c in x), *a[1:]),
    )  # fmt: skip
    return instance


@sabotage
def units_not_convex(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    ends = {instance.start, instance.end}
    change_method(
        patch, TwoLayerNetwork, "preactivations",
        lambda a, _, x: a if x in ends else tuple(v + 10**6 for v in a),
    )  # fmt: skip
    return instance


@sabotage
def value_far_too_small(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    given = set(instance.data.points)
    change_method(patch, TwoLayerNetwork, "value", lambda f, _, x: f if x in given else -f - 1)
    change_method(patch, TwoLayerNetwork, "label", lambda *_: 1)
    return instance


@sabotage
def network_label_stuck(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    patch.setattr(TwoLayerNetwork, "label", lambda *_: -1)
    return instance


@sabotage
def ends_outside_the_region(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    network = instance.network
    lifted = tuple(b + 10**6 for b in network.biases)
    return replace(instance, network=replace(network, biases=lifted))


@sabotage
def pair_exchanged(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    return replace(instance, positive=instance.negative, negative=instance.positive)


@sabotage
def unit_without_output_weight(patch: pytest.MonkeyPatch, instance: Any) -> Any:
    network = instance.network
    unit = thm_10.rising_unit(
        network, instance.data.points[instance.negative], instance.data.points[instance.positive]
    )
    patch.setattr(thm_10, "rising_unit", lambda *_: unit)
    patch.setattr(thm_10, "escape_step", lambda *_: F(1))
    output = tuple(F(0) if k == unit else v for k, v in enumerate(network.output))
    return replace(instance, network=replace(network, output=output))


def failing(claim_id: str, name: str, index: int) -> set[int]:
    claim = CLAIMS[claim_id]
    _, instance = claim.instance(7, index)
    with pytest.MonkeyPatch.context() as patch:
        proof = claim.prove(SABOTAGE[name](patch, instance))
    return {number for number, step in enumerate(proof.steps, 1) if not step.holds}


ALONE = [
    ("zou-thm-1", 2, "no_directions"),
    ("zou-thm-1", 3, "another_direction"),
    ("zou-thm-1", 4, "logits_drift_alike"),
    ("zou-thm-2", 1, "no_directions"),
    ("zou-thm-2", 2, "another_direction"),
    ("charles-lem-3", 3, "nearest_points_moved"),
    ("charles-lem-3", 4, "slopes_understated"),
    ("charles-lem-3", 5, "margin_squared_wrong"),
    ("charles-lem-3", 8, "one_margin_overstated"),
    ("charles-thm-4", 1, "multipliers_doubled"),
    ("charles-thm-4", 3, "far_values_shifted"),
    ("charles-thm-4", 4, "far_labels_reversed"),
    ("charles-thm-5", 3, "far_labels_reversed"),
    ("charles-cor-6", 1, "margin_squared_wrong"),
    ("charles-cor-6", 2, "separators_reversed"),
    ("charles-cor-6", 3, "far_values_shifted"),
    ("charles-cor-6", 4, "best_rule_shifted"),
    ("charles-lem-13", 1, "units_not_affine"),
    ("charles-lem-13", 3, "output_weight_negative"),
    ("charles-lem-13", 4, "ends_outside_the_region"),
    ("charles-thm-10", 1, "pair_exchanged"),
    ("charles-thm-10", 3, "value_far_too_small"),
    ("charles-thm-10", 4, "network_label_stuck"),
]
# These follow from the numbers of another step, so they can fail only together with it.
TOGETHER = [
    ("zou-thm-1", 1, "rank_too_large"),
    ("zou-thm-1", 5, "directions_missing"),
    ("zou-thm-2", 3, "another_direction"),
    ("charles-lem-3", 1, "multipliers_doubled"),
    ("charles-lem-3", 2, "multipliers_doubled"),
    ("charles-lem-3", 6, "direction_reversed"),
    ("charles-lem-3", 7, "multipliers_doubled"),
    ("charles-thm-4", 2, "separators_reversed"),
    ("charles-thm-5", 1, "direction_reversed"),
    ("charles-thm-5", 2, "multipliers_negated"),
    ("charles-lem-13", 2, "units_not_convex"),
    ("charles-thm-10", 2, "unit_without_output_weight"),
]


@pytest.mark.parametrize(("claim_id", "number", "name"), ALONE)
def test_a_step_fails_alone(claim_id: str, number: int, name: str) -> None:
    assert any(failing(claim_id, name, index) == {number} for index in range(18))


@pytest.mark.parametrize(("claim_id", "number", "name"), TOGETHER)
def test_a_step_fails_together_with_another(claim_id: str, number: int, name: str) -> None:
    found = [failing(claim_id, name, index) for index in range(18)]
    assert any(number in steps for steps in found)
    assert {number} not in found


def test_no_step_is_left_out() -> None:
    listed = {(claim_id, number) for claim_id, number, _ in [*ALONE, *TOGETHER]}
    for claim_id in {claim_id for claim_id, _ in listed}:
        claim = CLAIMS[claim_id]
        steps = claim.prove(claim.instance(7, 0)[1]).steps
        assert {number for name, number in listed if name == claim_id} == set(
            range(1, len(steps) + 1)
        )
    assert {name for _, _, name in [*ALONE, *TOGETHER]} == set(SABOTAGE)
