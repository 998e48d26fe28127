from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from certify.checking import checker
from certify.errors import InputError
from certify.numbers.rationals import vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import def_2
from verify.claims.zou2018.def_2 import FIGURE, Instance
from verify.claims.zou2018.shared import borders, regions
from verify.claims.zou2018.without import parallel
from verify.claims.zou2018.without.parallel import ASKEW, DOUBLED, PINCHED, SQUEEZED_PLANE
from verify.objects import SoftmaxHead

EXAMPLE = Instance(FIGURE)
# w_1 - w_2 = w_3 - w_4: the diagonals tie where they cross, so neither pair shares a facet.
SQUARE = SoftmaxHead.of([[0, 1, 0, 1], [0, 0, 1, 1]], [0, 0, 0, 0])


def interior_points_of_others(patch: pytest.MonkeyPatch) -> Proof:
    points = borders.interior_points(FIGURE) or ()
    patch.setattr(borders, "interior_points", lambda head: points[::-1])
    return def_2.prove(EXAMPLE)


def wrong_factor(patch: pytest.MonkeyPatch) -> Proof:
    found = [replace(p, factor=2 * p.factor) for p in regions.parallel_pairs(FIGURE)]
    patch.setattr(def_2, "parallel_pairs", lambda head: found)
    return def_2.prove(EXAMPLE)


def changed_cover(patch: pytest.MonkeyPatch, **changes: Fraction) -> Proof:
    cover = borders.cover(FIGURE, regions.parallel_pairs(FIGURE)[0])
    patch.setattr(borders, "cover", lambda head, pair: replace(cover, **changes))  # type: ignore[arg-type]
    return def_2.prove(EXAMPLE)


def wrong_mixture(patch: pytest.MonkeyPatch) -> Proof:
    return changed_cover(patch, parameter=Fraction(1, 3))


def lower_mixture(patch: pytest.MonkeyPatch) -> Proof:
    return changed_cover(patch, rise=Fraction(-1))


def readings_exchanged(patch: pytest.MonkeyPatch) -> Proof:
    found = regions.parallel_pairs(FIGURE)
    patch.setattr(def_2, "effective_pairs", lambda head, facets: found * 2)
    return def_2.prove(EXAMPLE)


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: interior_points_of_others,
    2: wrong_factor,
    3: wrong_mixture,
    4: lower_mixture,
    5: readings_exchanged,
}


def failing(proof: Proof) -> list[int]:
    return [n for n, step in enumerate(proof.steps, 1) if not step.holds]


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_borders_that_are_not_shared_break_the_second_half(monkeypatch: pytest.MonkeyPatch) -> None:
    head = SoftmaxHead.of([[1, 0, 0], [0, 1, 0]], [0, 0, 0])
    assert failing(def_2.prove(Instance(head))) == []
    shared = borders.borders(head)
    low = {pair: replace(border, height=Fraction(0)) for pair, border in shared.items()}
    monkeypatch.setattr(borders, "borders", lambda head: low)
    assert failing(def_2.prove(Instance(head))) == [4]


def test_the_figure_has_three_stripes_at_distance_two() -> None:
    facets = [pair for pair, border in borders.borders(FIGURE).items() if border.facet]
    assert facets == [(0, 1), (1, 2)]
    assert regions.border(FIGURE, 0, 2).height == -1


def test_the_recorded_layers() -> None:
    assert len(regions.parallel_pairs(SQUEEZED_PLANE)) == 3
    assert regions.border(SQUEEZED_PLANE, 0, 2).facet
    assert regions.polyhedron(SQUEEZED_PLANE, 1).is_empty()
    assert regions.parallel_pairs(ASKEW) == []
    assert borders.interior_points(ASKEW) is not None
    assert regions.border(ASKEW, 0, 2).height < 0


def test_diagonals_that_tie_share_no_facet() -> None:
    proof = def_2.prove(Instance(SQUARE))
    assert failing(proof) == []
    assert regions.border(SQUARE, 0, 3).height == regions.border(SQUARE, 1, 2).height == 0
    apart = next(c for c in proof.certificates if c.statement.get("adjacent") is False)
    assert (
        "classes 0 and 3, where their logits are largest, ties included, share no facet"
        in (checker.check(checker.parse(apart.line()))[1])
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_dual_of_a_border_covers_it(seed: int) -> None:
    head = def_2.draw(Random(seed), def_2.CASES[seed % len(def_2.CASES)]).head
    w = regions.columns(head)
    for pair, border in borders.borders(head).items():
        logits = head.logits(border.point)
        others = [z for k, z in enumerate(logits) if k not in pair]
        assert logits[pair[0]] == logits[pair[1]]
        if not border.facet:
            share = borders.Cover(pair, border.share, border.parameter, -border.height)
            ours, theirs = share.sides(w)
            assert ours == theirs
            assert logits[pair[0]] - max(others) == border.height


def test_layers_of_neither_kind_are_refused() -> None:
    with pytest.raises(InputError, match="independent weights"):
        def_2.prove(Instance(ASKEW))
    with pytest.raises(InputError):
        def_2.prove(Instance(PINCHED))


def test_near_misses_refute_nothing() -> None:
    interior, different, independent = (
        parallel.refute_interior,
        parallel.refute_different,
        parallel.refute_independent,
    )
    assert interior(SoftmaxHead.of([[0, 1, 2]], [0, "1/10", 0])) is None  # the middle class wins
    # It is empty: regions 1 and 2 do not meet.
    assert interior(SoftmaxHead.of([[0, 1, 2]], [0, -1, 0])) is None
    assert interior(SoftmaxHead.of([[0, 0, 0]], [0, 0, 0])) is None  # equal weights
    assert interior(PINCHED) is not None
    assert interior(SoftmaxHead.of([[0, 1]], [0, 0])) is None  # one bisector only
    assert different(SoftmaxHead.of([[0, 0, 1]], [0, "-1/10", 0])) is None  # one never wins
    assert different(SoftmaxHead.of([[-1, 0, 1]], [0, 1, 0])) is None
    # With b = 0 all four regions meet at 0: classes 0 and 2 touch.
    assert independent(SoftmaxHead.of([[0, 3, 2, 0], [0, 0, 2, 1]], [0, 0, 0, 0])) is None
    assert independent(SQUARE) is None  # parallel
    assert different(DOUBLED) is not None


def test_features_between_the_stripes() -> None:
    assert regions.gaps(FIGURE, 1, vector([0, 7])) == vector([1, 1])
