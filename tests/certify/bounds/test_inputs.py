"""Boxes of few inputs are split until each is closed exactly; what is left open is told."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certify.bounds import decision, input_search, inputs, pool, work
from certify.bounds.decision import Verdict, decided, no_counterexample
from certify.bounds.input_trees import Place
from certify.bounds.question import Box, Property, Question
from certify.checking import checker
from certify.networks.graph import Network, Node
from certify.networks.operations import Dense, Maximum, Relu

THIRD = Fraction(1, 3)


def distance(shift: Fraction | int = 0, between: int = 0) -> Network:
    """Return |x - shift| + |y|, by two layers or more."""
    maps: list[Any] = [
        Dense.of([[1, 0], [-1, 0], [0, 1], [0, -1]], [-shift, shift, 0, 0]), Relu(),
        Dense.of([[1, 1, 1, 1], [0, 0, 1, 1]], [0, 0]),
    ]  # fmt: skip
    for _ in range(between):
        maps += [Relu(), Dense.of([[1, 0], [0, 1]], [0, 0])]
    return Network.chain(*maps)


def accepted(verdict: Verdict) -> None:
    assert verdict.answer == "certified"
    for certificate in verdict.certificates:
        checker.check(checker.parse(certificate.line()))


def test_a_box_is_closed_with_a_certificate_that_the_checker_accepts() -> None:
    # The sum is at least 1/2 where x >= 1/2: only |x| + |y| <= 1/3 is excluded.
    found = no_counterexample(
        distance(between=1), ["1/2", -1], [1, 1], [([[1, 0]], [THIRD]), ([[0, -1]], ["-1.01"])]
    )
    accepted(found)
    assert found.certificate is not None
    assert len(found.certificate.evidence["trees"]) == 2


def test_rows_are_weighed_where_none_excludes_a_box_alone() -> None:
    # Neither a >= 1/2 nor b >= 1/2 on all of the box, but their sum is 1.
    network = Network.chain(
        Dense.of([[1], [-1]], [0, 1]), Relu(), Dense.of([[1, 0], [0, 1]], [0, 0])
    )
    found = no_counterexample(network, [0], [1], [([[1, 0], [0, 1]], ["0.49", "0.49"])])
    accepted(found)
    assert found.parts == 1
    assert found.certificate is not None
    (weights,) = (tree["weights"] for tree in found.certificate.evidence["trees"])
    assert weights[0] == weights[1]


def test_maxima_are_bounded_too() -> None:
    pairs = Node(Dense.of([[1, 0], [0, 1], [-1, -1]], [0, 0, 0]), (0,))
    last = Node(Dense.of([[1], [-1]], [0, 0]), (2,))
    network = Network((pairs, Node(Maximum(((0, 1, 2),)), (1,)), last), 2)
    accepted(no_counterexample(network, ["1/8", -1], [1, 1], [([[1, 0]], ["1/20"])]))


def test_a_counterexample_is_exact() -> None:
    found = no_counterexample(distance(), [-1, -1], [1, 1], [([[1, 0]], ["-1/9"]), ([[1, 0]], [0])])
    assert (found.answer, found.counterexample, found.refuted) == ("refuted", (0, 0), 1)


def test_small_margins_take_a_finer_grid() -> None:
    first = Dense.of([["1/7"], [1]], [0, 0])
    zero = Network.chain(first, Relu(), Dense.of([["1/3", "-1/21"]], [0]))
    found = no_counterexample(zero, [1], [2], [([[1]], ["-1/10000000"])])
    accepted(found)
    assert found.certificate is not None
    assert found.certificate.evidence["grid"] == input_search.COARSEST + input_search.FINER


def test_small_boxes_have_a_fine_grid_from_the_start() -> None:
    width = Fraction(1, 10**9)
    close = [([[-1, 0]], [-3 * width])]
    found = no_counterexample(distance(), [0, 0], [width, width], close)
    accepted(found)
    assert found.certificate is not None
    assert found.certificate.evidence["grid"] > 30


def test_a_tie_is_met_at_one_point_exactly() -> None:
    met = no_counterexample(distance(THIRD), [0, 0], [1, 0], [([[1, 0]], [0])])
    assert met.counterexample == (THIRD, 0)
    long = Fraction(10**9, 3 * 10**9 + 1)
    found = no_counterexample(distance(long), [0, 0], [1, 0], [([[1, 0]], [0])])
    assert found.counterexample == (long, 0)


def test_no_time_leaves_the_whole_box() -> None:
    found = no_counterexample(distance(), [-1, -1], [1, 1], [([[1, 0]], [-1])], seconds=0)
    assert (found.answer, found.open_parts) == ("undecided", 1)


def test_long_proofs_are_divided_into_boxes_that_cover_the_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = Box.of([-1, "3/4"], [1, 1])
    asked = [Property.of([[1, 0]], [limit]) for limit in ("1/2", "0.6")]
    question = Question(distance(THIRD, between=1), box, asked)
    whole = decided(question)
    monkeypatch.setattr(work, "MOST", 1)
    divided = decided(question)
    accepted(whole)
    accepted(divided)
    assert whole.certificate is not None
    assert divided.certificate is None
    areas = []
    for certificate in divided.certificates:
        lower, upper = (
            [Fraction(x) for x in certificate.instance[end]] for end in ("lower", "upper")
        )
        areas.append((upper[0] - lower[0]) * (upper[1] - lower[1]))
        assert len(certificate.statement["properties"]) == 1
    assert len(areas) > 2
    assert sum(areas) == 2 * Fraction(1, 2)


def test_splits_are_at_numbers_of_few_bits() -> None:
    at = inputs.middle(0.679857769, 0.68)
    assert at.denominator <= 2**20
    assert 0.679857769 < at < 0.68


# Of |x - 1/3| + |y|, some of which take many boxes.
SEVERAL = [([[1, -2]], ["-1.0001"]), ([[-1, 0]], ["-2.34"]), ([[1, 0], [-1, 1]], ["1", "-1.4"])]


def test_boxes_that_are_handed_out_give_the_same_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = distance(THIRD, between=2), [-1, -1], [1, 1], SEVERAL
    monkeypatch.setattr(decision, "BOXES", 500)
    alone = no_counterexample(*asked)
    monkeypatch.setattr(input_search, "ALONE", 10)
    monkeypatch.setattr(input_search, "TASKS", 2)
    monkeypatch.setattr(input_search, "CONFIRMED", 16)
    here = no_counterexample(*asked)
    monkeypatch.setattr(pool, "FEWEST", 1)
    shared = no_counterexample(*asked, workers=2)
    accepted(shared)
    assert shared.parts > 50
    assert alone == here == shared


def test_a_counterexample_in_boxes_that_are_handed_out_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(input_search, "ALONE", 1)
    monkeypatch.setattr(input_search, "TASKS", 2)
    found = no_counterexample(distance(THIRD), [-1, -1], [1, "0.9"], [([[1, 0]], [0])])
    assert (found.counterexample, found.refuted) == ((THIRD, 0), 0)


def test_boxes_of_which_floats_say_too_much_are_split_where_they_are_handed_out() -> None:
    local = pool.Local(
        Question(distance(), Box.of([1, 1], [2, 2]), [Property.of([[1, 0]], [1])]), "cpu"
    )
    ends = tuple(np.array(x) for x in ([[1.0, 1.0]], [[2.0, 2.0]], [0.0]))
    task = pool.Task([Place(0, ())], [], ends, 0.0, math.inf, math.inf)
    assert not local.searched(task).splits
    assert local.searched(task._replace(failed=[0])).splits
