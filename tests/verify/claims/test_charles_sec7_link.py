"""Attacks within a cube: faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import bumped, failing

from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019 import sec7_link
from verify.claims.charles2019.sec7_link import Perturbed
from verify.claims.charles2019.shared import cube_attacks
from verify.claims.charles2019.shared.cube_attacks import Transfer
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch
LINE = LabelledSet.of([[-1], [1]], [-1, 1])


def patched(patch: Patch, name: str, value: object) -> Proof:
    patch.setattr(cube_attacks, name, value)
    return sec7_link.prove(sec7_link.EXAMPLE)


def with_bump(point: tuple[F, ...], value: int) -> Proof:
    """One rule of the example gets another value at one point."""
    first, second = sec7_link.EXAMPLE.separators
    rules = (first, bumped(second, {point: value}))
    return sec7_link.prove(replace(sec7_link.EXAMPLE, separators=rules))


def label_that_stays(patch: Patch) -> Proof:
    """At the end of the perturbation along the max-margin direction from (0, 1)."""
    example = [t for t in sec7_link.transfers(sec7_link.EXAMPLE) if t.y == 1][-1]
    return with_bump(combine((1, example.x), (1, example.d)), 1)


def level_slope(patch: Patch) -> Proof:
    patch.setattr(sec7_link, "slope", lambda *_: F(0))
    patch.setattr(sec7_link, "witness", lambda *_: None)
    return sec7_link.prove(sec7_link.EXAMPLE)


def label_that_returns_elsewhere(patch: Patch) -> Proof:
    """At the other point labelled +1, where the perturbation leads beyond the boundary."""
    example = next(t for t in sec7_link.transfers(sec7_link.EXAMPLE) if t.y == 1)
    rule, x = example.rules[1], (F(1), F(1))
    c = (rule.value(x) + 1) / -sec7_link.slope(example, 1)
    return with_bump(combine((1, x), (c, example.d)), 1)


def short_steps(patch: Patch) -> Proof:
    """Steps of points far away stop just before the boundary, still beyond the cube."""
    true = cube_attacks.step_along
    return patched(
        patch, "step_along", lambda rule, u, m: true(rule, u, m) - F(1, 1000) * (m > F(3, 2))
    )


def long_steps(patch: Patch) -> Proof:
    """Steps that lead one unit too far."""
    true = cube_attacks.step_along

    def late(rule: LinearRule, u: Vector, m: F) -> F:
        return true(rule, u, m) + 1

    return patched(patch, "step_along", late)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: label_that_stays,
    2: level_slope,
    3: label_that_returns_elsewhere,
    4: short_steps,
    5: lambda p: patched(p, "signs", lambda w: tuple(F(0) for _ in w)),
    6: lambda p: patched(p, "largest_entry", lambda v: F(0)),
    7: long_steps,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    found = [k for k, step in enumerate(steps, 1) if not step.holds]
    # Steps that lead beyond the boundary are not those to the boundary either.
    assert found == ([4, 7] if number == 7 else [number])


def test_steps_and_radii_of_the_example() -> None:
    rule, data = sec7_link.EXAMPLE.separators[1], sec7_link.EXAMPLE.data
    margins = rule.margins(data)
    assert margins == (F(1, 2), F(1, 2), F(7, 2))
    assert [cube_attacks.step_along(rule, (F(0), F(1)), m) for m in margins] == list(margins)
    assert [cube_attacks.radius_needed(rule, m) for m in margins] == [F(1, 8), F(1, 8), F(7, 8)]


@pytest.mark.parametrize(("normal", "radius"), [(1, F(1)), (-1, F(1, 2)), (0, F(1, 2))])
def test_a_large_cube_or_no_separator_refutes_nothing(normal: int, radius: F) -> None:
    budget = (LINE, LinearRule.of([normal], 0), radius)
    assert cube_attacks.refute_bounded(*budget) is None


@pytest.mark.parametrize(("normal", "radius"), [(-1, F(1)), (1, F(2))])
def test_a_small_cube_or_a_rule_that_turns_refutes_nothing(normal: int, radius: F) -> None:
    rule = LinearRule.of([normal], 2)
    data = LabelledSet.of([[0], [1]], [-1, 1])
    assert cube_attacks.refute_evidence(Transfer(data, (rule, rule), radius)) is None


def test_a_transferred_example_is_a_common_direction_at_every_point_of_the_label() -> None:
    """Two equal rules that are wrong on a set: what fools one fools the other along +1."""
    rule = LinearRule.of([-1], 2)
    assert [rule.label((F(x),)) for x in (1, 3)] == [1, -1]
    example = sec7_link.Example((rule, rule), (F(1),), 1, (F(2),))
    assert sec7_link.slope(example, 0) == sec7_link.slope(example, 1) == -2


def test_examples_made_in_a_cube_transfer_or_are_left_out() -> None:
    found = sec7_link.transfers(sec7_link.EXAMPLE)
    for t in found:
        moved = combine((1, t.x), (1, t.d))
        assert [rule.label(t.x) for rule in t.rules] == [t.y] * 2
        assert [rule.label(moved) for rule in t.rules] == [-t.y] * 2
    opposed = replace(
        sec7_link.EXAMPLE, separators=(LinearRule.of([9, 1], "-1/2"), LinearRule.of([-2, 9], -4))
    )
    assert not failing(sec7_link.prove(opposed))
    assert len(sec7_link.transfers(opposed)) == 2  # along u only


def test_a_rule_that_was_right_before_refutes_nothing() -> None:
    weak = sec7_link.CLAIM.counterexamples()["right before"]
    assert weak.refute(weak.example) is not None
    first, second = weak.example.rules
    assert weak.refute(replace(weak.example, rules=(first, first))) is None
    assert weak.refute(replace(weak.example, rules=(second, first))) is None


def test_the_least_cube_is_compared_by_entries_and_not_by_lengths() -> None:
    """With u = (1, 1) the step along w* has length sqrt(2)/2, its entries and the cube are 1/2."""
    data = LabelledSet.of([[0, 0], [1, 1]], [-1, 1])
    largest = LargestMargin(data)
    assert largest.direction == (1, 1)
    radius = sec7_link.least_cube(largest.rule, data.points[1], 1).value
    assert radius == F(1, 2)
    assert largest.answer.margin_squared == F(1, 2)


def test_the_draws_find_equal_lengths_false() -> None:
    """Read as lengths, radius = gamma* would need a normal along an axis."""

    def same_length(drawn: Perturbed) -> bool:
        largest = LargestMargin(drawn.data)
        k = largest.rule.margins(drawn.data).index(1)
        cube = sec7_link.least_cube(largest.rule, drawn.data.points[k], drawn.data.labels[k]).value
        assert cube is not None
        one_size = len({abs(c) for c in largest.direction if c}) == 1
        return (cube**2 == largest.answer.margin_squared) == one_size

    drawn = [sec7_link.draw_perturbed(Random(seed), sec7_link.EVEN) for seed in range(30)]
    assert not all(map(same_length, drawn))
