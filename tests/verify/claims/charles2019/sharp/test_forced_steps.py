"""The least step from which all accurate networks have turned a point, beside near misses."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random

import pytest
from support import failing

from certify.numbers.rationals import vector
from verify.claims.charles2019.sharp import forced_labels, forced_steps
from verify.claims.charles2019.sharp.forced_steps import Forcing
from verify.objects import LabelledSet

TWO = LabelledSet.of([[0, 0], [0, 2], [2, 0], [1, 1]], [-1, -1, 1, 1])


@pytest.mark.parametrize(
    ("start", "direction", "steps"),
    [
        ((0, 0), (1, 0), [2, 2]),
        ((0, 2), (1, -1), [2, 1]),
        ((0, 0), (1, 1), [None, 1]),
        ((0, 2), (1, 0), [None, 2]),
        ((0, 0), (-1, 0), [None, None]),
    ],
)
def test_the_least_steps(
    start: tuple[int, int], direction: tuple[int, int], steps: list[int | None]
) -> None:
    found = forced_steps.leasts(TWO, vector(start), vector(direction))
    assert [one.found[0] if one.found else None for one in found] == steps


@pytest.mark.parametrize(("step", "forced"), [(F(1), 1), (F(1023, 1024), 0), (F(10**6), 1)])
def test_a_step_below_the_least_leaves_a_network(step: F, forced: int) -> None:
    proof = forced_steps.decide(Forcing(TWO, 1, vector([1, -1]), step))
    assert failing(proof) == []
    assert proof.steps[1].relations[0].left == forced
    assert proof.certificates[0].kind == ("relu-label-forced" if forced else "rule-facts")


@pytest.mark.parametrize(("name", "number"), [("forced", [1, 2]), ("refusing", [1])])
def test_a_side_that_finds_nothing_is_noticed(
    name: str, number: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forced_labels, name, lambda *_: None)
    step = F(1) if name == "forced" else F(1, 2)
    assert failing(forced_steps.decide(Forcing(TWO, 1, vector([1, -1]), step))) == number


def test_both_sides_are_drawn() -> None:
    for case in forced_steps.CASES:
        drawn = [forced_steps.draw(Random(seed), case) for seed in range(30)]
        answers = {forced_steps.decide(one).steps[1].relations[0].left for one in drawn}
        assert answers == {0, 1}, case
