"""From scores to classes: the largest score, and votes of pairs with their rules of ties."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch
from sklearn.utils.multiclass import _ovr_decision_function

from verify.models.rules import Largest, Rule, Votes

F = Fraction
GRID = [tuple(map(F, z)) for z in product((-2, -1, 0, 1, 2), repeat=3)]
MORE = [tuple(map(F, z)) for z in np.random.default_rng(0).integers(-2, 3, (300, 6)).tolist()]


@pytest.mark.parametrize(
    ("rule", "scores", "answer", "decided"),
    [
        (Largest(), (1, 3, 3), 1, None),
        (Largest(), (1, 3, 2), 1, 1),
        (Largest(), (0, 0), 0, None),
        (Largest(), (0, F(1, 10**30)), 1, 1),
        # libsvm: a score of 0 votes for the second class of the pair, and the first class wins.
        (Votes(3), (0, 1, 1), 1, 1),
        (Votes(3), (0, 0, 0), 2, 2),
        (Votes(3), (1, -1, 1), 0, 0),
        (Votes(3), (1, -9, 1), 0, 0),
        (Votes(3, summed=True), (0, 1, 1), 1, 1),
        (Votes(3, first=True), (0, 1, 1), 0, None),
        # one against one: a score of 0 votes for the first, and sums decide between equal votes.
        (Votes(3, summed=True, first=True), (0, 1, 1), 0, None),
        (Votes(3, summed=True), (1, 1, 1), 0, 0),
        (Votes(3, summed=True), (1, -1, 1), 0, None),
        (Votes(3, summed=True), (1, -9, 1), 2, None),
        (Votes(3, summed=True), (9, -1, 1), 0, None),
        (Votes(3, summed=True), (1, -2, 9), 1, None),
    ],
)
def test_answers(rule: Rule, scores: tuple[int, ...], answer: int, decided: int | None) -> None:
    exact = tuple(map(F, scores))
    assert (rule.answer(exact), rule.decide(exact)) == (answer, decided)
    assert rule.scores(3) == 3


def test_facts_name_the_class() -> None:
    assert Largest().fact(2, 1) == {"fact": "label", "point": 2, "label": 1}
    assert Votes(3).fact(2, 1) == {"fact": "votes", "point": 2, "label": 1}
    assert Votes(3, summed=True).fact(2, 1) == Votes(3).fact(2, 1)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_floats_answer_as_exact_numbers_do(kind: torch.dtype) -> None:
    for scores in (GRID, MORE):
        classes = 3 if scores is GRID else 4
        table = torch.tensor([list(map(float, z)) for z in scores], dtype=kind)
        for rule in (Votes(classes), Votes(classes, summed=True), Votes(classes, True, True)):
            found = rule.by_class(table)
            assert found.dtype == kind
            exact = [rule.answer(z) for z in scores]
            sums = [sorted(row)[-2:] for row in found.tolist()]
            for mine, theirs, (second, first) in zip(
                exact, found.argmax(dim=1).tolist(), sums, strict=True
            ):
                assert mine == theirs or (rule.summed and first - second < 1e-6)


def test_sums_are_those_of_scikit_learn() -> None:
    for scores, classes in ((GRID, 3), (MORE, 4)):
        d = np.array([list(map(float, z)) for z in scores])
        theirs = _ovr_decision_function(d < 0, -d, classes)
        own = Votes(classes, summed=True, first=True)
        assert own.by_class(torch.tensor(d)).numpy() == pytest.approx(theirs, abs=1e-12)
        assert [own.answer(z) for z in scores] == theirs.argmax(axis=1).tolist()


def test_there_is_a_way_to_climb() -> None:
    scores = torch.tensor([[0.5, 1.0, -2.0]], requires_grad=True)
    for rule in (Votes(3), Votes(3, summed=True)):
        found = rule.by_class(scores)
        (gradient,) = torch.autograd.grad(found[0, 1] - found[0, 0], scores)
        assert gradient[0, 0] < 0
        assert gradient[0, 2] > 0


@pytest.mark.parametrize(
    ("rule", "scores", "mine", "other", "near"),
    [
        (Largest(), (1.0, 1.0 + 1e-12), 0, 1, True),
        (Largest(), (1.0, 1.1), 0, 1, False),
        (Votes(3), (1e-12, 1.0, 1.0), 0, 1, True),
        (Votes(3), (1e-12, 1.0, 1.0), 0, 2, False),
        (Votes(3), (0.1, 1.0, 1.0), 0, 1, False),
        (Votes(3), (0.1, 1.0, 1.0), 1, 0, False),
        # 1, 1, 1: a tie goes to the first, whatever the sums
        (Votes(3), (1.0, -1.0, 1.0), 1, 0, False),
        (Votes(3), (1.0, -1.0, 1e-12), 0, 2, True),
        (Votes(3, summed=True), (1.0, -1.0, 1.0), 1, 0, True),
        (Votes(3, summed=True), (1.0, -1.5, 1.0), 0, 2, False),
        (Votes(3, summed=True), (1.0, -1.5, 1.0), 2, 0, False),
    ],
)
def test_what_rounding_may_turn(
    rule: Rule, scores: tuple[float, ...], mine: int, other: int, near: bool
) -> None:
    assert rule.near(np.array(scores), mine, other, 1e-9) == near
