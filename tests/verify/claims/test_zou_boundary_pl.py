from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest

from certify.certificates import heads
from certify.checking import checker
from certify.numbers.rationals import rows
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.claim import Proof
from verify.claims.zou2018 import boundary_pl
from verify.claims.zou2018.shared import regions
from verify.objects import SoftmaxHead

EXAMPLE = boundary_pl.CLAIM.example


def repeated_row(patch: pytest.MonkeyPatch) -> Proof:
    piece = regions.boundary_piece

    def longer(head: SoftmaxHead, i: int, j: int) -> Polyhedron:
        p = piece(head, i, j)
        return replace(
            p, matrix=(*p.matrix, p.matrix[0]), right_side=(*p.right_side, p.right_side[0])
        )

    patch.setattr(regions, "boundary_piece", longer)
    return boundary_pl.CLAIM.prove(EXAMPLE)


def misjudged_tie(patch: pytest.MonkeyPatch) -> Proof:
    is_tie = boundary_pl.is_tie
    patch.setattr(boundary_pl, "is_tie", lambda head, h: not is_tie(head, h))
    return boundary_pl.CLAIM.prove(EXAMPLE)


def equal_logits_that_never_win(patch: pytest.MonkeyPatch) -> Proof:
    return boundary_pl.prove(SoftmaxHead.of([[0, 0, 0]], [0, 0, 1]), rows([[0], [1]]))


def pieces_that_are_everything(patch: pytest.MonkeyPatch) -> Proof:
    everything = Polyhedron.of([[0, 0]] * 3, [0] * 3)
    patch.setattr(regions, "boundary_piece", lambda head, i, j: everything)
    # The one point is a tie, so that it may well lie in a piece.
    return boundary_pl.CLAIM.prove(replace(EXAMPLE, points=EXAMPLE.points[1:]))


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: repeated_row,
    2: misjudged_tie,
    3: equal_logits_that_never_win,
    4: pieces_that_are_everything,
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = FAULTS[number](monkeypatch)
    assert [n for n, step in enumerate(proof.steps, 1) if not step.holds] == [number]


def test_the_example_has_a_tie_and_a_point_that_is_none() -> None:
    assert [boundary_pl.is_tie(EXAMPLE.head, h) for h in EXAMPLE.points] == [False, True]


def test_every_piece_of_a_simplex_layer_has_dimension_one_less() -> None:
    head = SoftmaxHead.of([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], [0, 0, 0, 0])
    for i, j in combinations(range(4), 2):
        assert regions.boundary_piece(head, i, j).dimension() == 2


@pytest.mark.parametrize(
    ("weights", "bias"),
    [
        ([[0, 0]], [0, 1]),  # parallel logits never tie
        ([[0, 1]], [0, 0]),
        ([[0, 0, 1, -1]], [0, 0, 0, 0]),  # the equal logits tie with the others at 0 only
        ([[0, 0, 0]], [0, 0, 1]),  # they never win
    ],
)
def test_thin_boundaries_refute_nothing(weights: list[list[int]], bias: list[int]) -> None:
    assert boundary_pl.refute_equal(SoftmaxHead.of(weights, bias)) is None


def test_equal_logits_that_win_somewhere_make_it_thick() -> None:
    refutation = boundary_pl.refute_equal(SoftmaxHead.of([[0, 0, 1]], [0, 0, 0]))
    assert refutation is not None
    assert all(step.holds for step in refutation.steps)


def test_an_empty_region_is_certified_by_some_of_its_rows() -> None:
    head = SoftmaxHead.of([[0, 0, 0]], [0, 0, 1])  # the first two classes never exceed the third
    written = heads.decision_region(head, 0, regions.polyhedron(head, 0).bounded()).line()
    assert json.loads(written)["evidence"] == {"combination": ["0", "1"]}
    checker.check(checker.parse(written))
    with pytest.raises(checker.Rejected, match="combination leaves a contradiction"):
        checker.check(checker.parse(written.replace('["0","1"]', '["1","0"]')))
