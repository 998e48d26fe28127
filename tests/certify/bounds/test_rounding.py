from fractions import Fraction

import pytest
import torch

from certify.bounds.question import Box, Property, Question
from certify.bounds.rounding import Witness
from certify.networks.graph import Network
from certify.networks.operations import Dense
from certify.numbers.rationals import Vector


def test_points_in_floats_are_decided_with_simple_ones_near_them_and_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    computed = []
    decided = Question.refuted_by

    def counted(question: Question, x: Vector) -> int | None:
        computed.append(x)
        return decided(question, x)

    monkeypatch.setattr(Question, "refuted_by", counted)
    network = Network.chain(Dense.of([[1]], [0]))
    equal = Property.of([[1], [-1]], ["1/3", "-1/3"])
    witness = Witness(Question(network, Box.of([0], [1]), [equal]))
    point = torch.tensor([0.25], dtype=torch.float64)
    assert not witness(point)
    assert not witness(point)
    assert computed == [(Fraction(1, 4),)]
    assert witness(torch.tensor([1 / 3], dtype=torch.float64))
    assert witness.found == (Fraction(1, 3),)
