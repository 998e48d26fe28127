from fractions import Fraction

import pytest

from benchmarks import decided_networks
from certify.bounds.decision import decided
from certify.bounds.question import Box, Property
from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu
from verify.trust.second import available, second_checker

DISTANCE = Network.chain(Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1]], [0]))


def test_two_bends_make_three_pieces_and_one_between_them() -> None:
    bends = Network.chain(Dense.of([[1], [1]], [0, -1]), Relu(), Dense.of([[1, 1]], [0]))
    assert len(list(decided_networks.pieces(bends, Box.of([-1], [2])))) == 3
    assert len(list(decided_networks.pieces(bends, Box.of(["1/4"], ["3/4"])))) == 1


def test_the_least_miss_is_that_of_the_best_point() -> None:
    box = Box.of(["-1/2"], [2])
    pieces = list(decided_networks.pieces(DISTANCE, box))
    for row, bound, least in (([1], -1, 1), ([-1], -3, 1), ([-1], 0, -2)):
        found = decided_networks.least_miss(pieces, box, Property.of([row], [bound]))
        assert found == Fraction(least)
    both = Property.of([[1], [-1]], [1, -1])
    assert decided_networks.least_miss(pieces, box, both) == 0


@pytest.mark.parametrize("seed", range(12))
def test_small_networks_are_decided_as_all_of_their_pieces_say(seed: int) -> None:
    question, _, answer = decided_networks.drawn(seed)
    verdict = decided(question)
    assert decided_networks.wrong(question, verdict, answer) == []
    if available():
        documents = [certificate.line() for certificate in verdict.certificates]
        assert {told for told, _ in second_checker(documents)} <= {"accepted"}


def test_an_answer_that_is_not_right_is_told() -> None:
    question, _, answer = decided_networks.drawn(0)
    verdict = decided(question)
    other = {"certified": "refuted", "refuted": "certified"}[answer]
    assert decided_networks.wrong(question, verdict, other) == [f"{answer}, not {other}"]
