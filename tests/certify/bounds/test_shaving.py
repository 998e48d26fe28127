"""Tests of the search for cuts where outputs are given exactly."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from certify.bounds import decision
from certify.bounds.evaluation import Floats
from certify.bounds.proof import SHORT, Proof
from certify.bounds.question import Box, Property, Question, softmax_property
from certify.bounds.shaving import Shaving, equalities
from certify.checking import checker
from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu

SIZES = (12, 10, 8, 3)


def network(seed: int) -> Network:
    """Return a dense network of small dyadic weights."""
    r = np.random.default_rng(seed)
    layers: list[Any] = []
    for d, n in pairwise(SIZES):
        W, b = (r.integers(-16, 17, size).tolist() for size in ((n, d), n))
        rows = [[Fraction(x, 16) for x in row] for row in W]
        layers += [Dense.of(rows, [Fraction(x, 16) for x in b]), Relu()]
    return Network.chain(*layers[:-1])


def question(seed: int, at: Fraction, radius: Fraction) -> Question:
    """Ask for the softmax output of the point (at, ..., at) within a radius of 0."""
    net = network(seed)
    zero, there = ((x,) * SIZES[0] for x in (Fraction(0), at))
    wanted = softmax_property(net.outputs([there])[0])
    return Question(net, Box.around(zero, radius), (wanted,))


def shaving(asked: Question, parts: float) -> Shaving:
    floats = Floats(asked, torch.float32, "cpu", SHORT.bits)
    proof = Proof(asked, floats.relaxation, SHORT)
    floats.start(proof.bounds)
    return Shaving(floats, proof, math.inf, parts)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_cut_away_to_nothing_is_a_proof(seed: int) -> None:
    asked = question(seed, Fraction(3), Fraction(1, 2))
    search = shaving(asked, 40)
    with torch.no_grad():
        tree = search.tree()
    assert tree is not None
    proof = search.proof.certificate(tree)
    assert search.work < search.most
    assert checker.check(proof.to_json())
    proof.evidence["trees"] = [tree["rest"]]
    with pytest.raises(checker.Rejected, match="bound is positive"):
        checker.check(proof.to_json())


def test_what_is_there_is_not_cut_away() -> None:
    search = shaving(question(0, Fraction(1, 4), Fraction(1, 2)), 20)
    with torch.no_grad():
        assert search.tree() is None
    assert search.leaves


def test_cuts_are_sought_where_splits_alone_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question(1, Fraction(3), Fraction(1, 2))
    monkeypatch.setattr(decision, "FEW", 0)
    monkeypatch.setattr(decision, "UNSHAVED", 1)
    found = decision.decided(asked)
    assert found.answer == "certified"
    assert found.certificate is not None
    assert "cuts" in found.certificate.evidence["trees"][0]
    assert decision.decided(asked, parts=2).answer == "undecided"


def test_a_row_and_its_negative_are_an_equality() -> None:
    net = network(0)
    box = Box.of([0] * SIZES[0], [1] * SIZES[0])
    row = [1, -1, 0]
    other = [-x for x in row]
    assert equalities(Question(net, box, (Property.of([row, other], [2, -2]),)))
    assert not equalities(Question(net, box, (Property.of([row, other], [2, 2]),)))
    assert not equalities(Question(net, box, (Property.of([row], [2]),)))
    two = Property.of([row, other], [2, -2])
    assert not equalities(Question(net, box, (two, two)))
