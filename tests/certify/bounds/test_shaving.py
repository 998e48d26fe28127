"""Tests of the search for cuts where outputs are given exactly."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from certify.bounds import decision
from certify.bounds import shaving as module
from certify.bounds.evaluation import Floats
from certify.bounds.multipliers import Multipliers
from certify.bounds.proof import SHORT, Proof
from certify.bounds.question import Box, Property, Question, softmax_property
from certify.bounds.shaving import Place, Shaving, Sought, equalities
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
    assert "curve" in next(x for x in tree["cuts"][0]["parts"] if x is not None)
    ellipsoid = proof.evidence.pop("ellipsoid")
    with pytest.raises(checker.Malformed, match="unknown field 'curve'"):
        checker.check(proof.to_json())
    proof.evidence["ellipsoid"], proof.evidence["trees"] = ellipsoid, [tree["rest"]]
    with pytest.raises(checker.Rejected, match="bound is positive"):
        checker.check(proof.to_json())


def test_groups_of_values_are_cut_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 2)
    search = shaving(question(0, Fraction(3), Fraction(5, 8)), 60)
    made: list[Place] = []
    cuts = search._cuts
    monkeypatch.setattr(search, "_cuts", lambda place, j: (made.append(place), cuts(place, j))[1])
    with torch.no_grad():
        tree = search.tree()
    assert tree is not None
    assert checker.check(search.proof.certificate(tree).to_json())
    groups = {group for place in made for group in place.found}
    assert groups >= {(search.nodes[-1], 0), (search.nodes[-1], 1)}


def test_cuts_end_between_two_steps_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    search = shaving(question(0, Fraction(3), Fraction(1, 2)), 60)
    node = search.nodes[-1]
    lower, upper = (
        {j: side[j][0].clone() for j in search.nodes}
        for side in (search.floats.root.lower, search.floats.root.upper)
    )
    steps: list[int] = []
    made = torch.optim.Adam.step
    monkeypatch.setattr(torch.optim.Adam, "step", lambda *own: (steps.append(1), made(*own)))
    with torch.no_grad():
        for end, expected in ((0.0, 0), (math.inf, module.FIRST_STEPS)):
            search.end = end
            steps.clear()
            value, sought = search._ascended(Place((), lower, upper), [(node, 0, True)], None)
            assert len(steps) == expected
            assert value.isfinite().all()
            assert len(sought.multipliers.weights) == 1
        search.end = 0.0
        monkeypatch.setattr(search, "_narrowed", lambda *_: pytest.fail("time is up"))
        assert search._cuts(Place((), lower, upper), node) == []


def test_the_sign_is_split_that_all_bounds_lose_most_by() -> None:
    search = shaving(question(0, Fraction(3), Fraction(1, 2)), 40)
    first, second = search.nodes
    lower, upper = (
        {j: torch.full((SIZES[n],), x) for n, j in enumerate(search.nodes, start=1)}
        for x in (-1.0, 1.0)
    )
    lower[first][2] = 0.0  # only one sign
    place = Place((), lower, upper)
    none = Multipliers(torch.empty(0), {}, {}, torch.empty(0), torch.empty(0))
    for group, worth in (((first, 0), 1.0), ((second, 0), 2.0)):
        effects = {j: torch.zeros(len(lower[j])) for j in search.nodes}
        effects[first][2], effects[first][5], effects[second][3] = 9.0, worth, 2.5
        place.found[group] = Sought([], none, none.bends, effects)
    assert search._split(place) == (second, 3)  # 5.0, and 3.0 of the fifth of the first
    del place.found[first, 0]
    place.found[second, 0].effects[first][5] = 2.75
    assert search._split(place) == (first, 5)
    for j in search.nodes:
        lower[j].clamp_(min=0)
    assert search._split(place) is None


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


def test_nothing_is_prepared_for_cuts_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    monkeypatch.setattr(decision, "Shaving", lambda *_: pytest.fail("an ellipsoid takes long"))
    found = decision.decided(question(1, Fraction(3), Fraction(1, 2)), seconds=0)
    assert found.answer == "undecided"


def test_a_row_and_its_negative_are_an_equality() -> None:
    net = network(0)
    box = Box.of([0] * SIZES[0], [1] * SIZES[0])
    row = [1, -1, 0]
    other = [-x for x in row]
    assert equalities(Question(net, box, (Property.of([row, other], [2, -2]),)))
    assert not equalities(Question(net, box, (Property.of([row, other], [2, 2]),)))
    assert not equalities(Question(net, box, (Property.of([row], [2]),)))
    nearly = [-x - (k == 0) / Fraction(10**30) for k, x in enumerate(map(Fraction, row))]
    assert not equalities(Question(net, box, (Property.of([row, nearly], [2, -2]),)))
    two = Property.of([row, other], [2, -2])
    assert not equalities(Question(net, box, (two, two)))
