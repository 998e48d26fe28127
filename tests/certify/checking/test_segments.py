"""Facts about segments and votes: accepted where they are true, never where they are false."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations, pairwise
from math import comb
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from certify.certificates.certificate import Certificate
from certify.certificates.networks import network_points, segment, votes
from certify.checking import checker
from certify.checking import fast as fast_checker
from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    Relu,
    Selection,
    Sum,
)
from certify.networks.rays import first_change
from verify.trust.second import available, second_checker

F = Fraction
small = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=3)


def vectors(n: int) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(small, min_size=n, max_size=n)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Three outputs of six inputs, through every node that bends or joins."""
    kernel = Dense.of([draw(vectors(4)) for _ in range(2)], draw(vectors(2)))
    last = Dense.of([draw(vectors(6)) for _ in range(3)], draw(vectors(3)))
    image = Convolution((1, 2, 3), (2, 2), kernel, padding=(0, 1, 1, 0), strides=(1, 2))
    nodes = [
        Node(image, (0,)), Node(Relu(), (1,)), Node(Maximum(((0, 1), (2,), (5, 4, 3))), (0,)),
        Node(Concatenation(), (2, 3)), Node(Selection((0, 8, 2, -1, 9, 5)), (4,)),
        Node(Sum(), (5, 0)), Node(Relu(), (6,)), Node(last, (7,)),
    ]  # fmt: skip
    return Network(tuple(nodes), 6)


def step_of(certificate: Certificate) -> str:
    """Return the failing step of the checkers, which agree, or nothing."""
    text = certificate.line()
    found = set()
    for check in (checker.check, fast_checker.check):
        try:
            check(json.loads(text))
            found.add("")
        except checker.Rejected as rejected:
            found.add(rejected.step)
    (step,) = found
    return step


def places(x: Any, y: Any, steps: Iterable[Fraction]) -> list[Any]:
    return [tuple(a + c * (b - a) for a, b in zip(x, y, strict=True)) for c in steps]


def holds(network: Network, x: Any, y: Any, k: int, steps: list[Fraction], changes: bool) -> bool:
    """Tell whether what a fact says is true at its steps, and at three others between any two."""
    between = [a + (b - a) * t for a, b in pairwise(steps) for t in (F(1, 99), F(1, 2), F(98, 99))]
    tried = [*steps, *between]
    for c, z in zip(tried, network.outputs(places(x, y, tried)), strict=True):
        lead = z[k] - max(z[:k] + z[k + 1 :])
        if lead <= 0 and (not changes or c < steps[-2]):
            return False
        if lead >= 0 and changes and c > steps[-2]:
            return False
    return True


@given(networks(), vectors(6), vectors(6), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_first_changes_are_certified_and_nothing_false_is(
    network: Network, x: list[Fraction], v: list[Fraction], data: st.DataObject
) -> None:
    assume(any(v))
    found = first_change(network, x, v, 4)
    assume(found is not None)
    assert found is not None
    end = found.steps[-1]
    y = [a + end * b for a, b in zip(x, v, strict=True)]
    steps = [c / end for c in found.steps]
    right = segment(0, 1, found.label, steps, changes=found.changes)
    assert step_of(network_points(network, [x, y], [right])) == ""
    assert holds(network, x, y, found.label, steps, found.changes)
    # Anything close to it is refused, or true as well.
    k = data.draw(st.sampled_from([found.label, 0, 1, 2]))
    changes = data.draw(st.booleans())
    kept = data.draw(st.lists(st.sampled_from(steps), unique=True))
    new = data.draw(st.lists(st.fractions(0, 1, max_denominator=5), max_size=2))
    other = sorted({F(0), *kept, *new, F(1)})
    fact = segment(0, 1, k, other, changes=changes)
    if not step_of(network_points(network, [x, y], [fact])):
        assert holds(network, x, y, k, other, changes)


def test_who_ties_has_to_become_larger() -> None:
    """A third output may pass later: until then the label is the largest again."""
    network = Network.chain(
        Dense.of([[1], [-1], [1]], ["-1/2", "1/2", "-3/4"]),
        Maximum(((0, 1), (2,))),
        Dense.of([[0, 0], [-1, 0], [0, 1]], [0, 0, 0]),
    )
    steps = [F(0), F(1, 2), F(1)]
    assert not holds(network, [F(0)], [F(1)], 0, steps, True)
    fact = segment(0, 1, 0, steps, changes=True)
    refused = step_of(network_points(network, [["0"], ["1"]], [fact]))
    assert refused == "one that is as large becomes larger"


@given(st.integers(2, 6), st.data())
def test_votes_are_counted_as_one_against_one_classifiers_do(m: int, data: st.DataObject) -> None:
    scores = data.draw(vectors(comb(m, 2)))
    counts = [0] * m
    for (i, j), d in zip(combinations(range(m), 2), scores, strict=True):
        counts[i if d > 0 else j] += 1
    first = counts.index(max(counts))
    network = Network((), len(scores))
    for k in range(m):
        expected = "" if k == first else "no lower class has as many"
        expected = expected if counts[k] == max(counts) else "no class has more votes"
        assert step_of(network_points(network, [scores], [votes(0, k)])) == expected


@pytest.mark.skipif(not available(), reason="needs Node.js (node)")
def test_the_second_checker_agrees() -> None:
    texts: list[str] = []

    @given(networks(), vectors(6), vectors(6), st.booleans(), st.integers(1, 4))
    @settings(max_examples=60, deadline=None, database=None)
    def collect(network: Network, x: Any, y: Any, changes: bool, n: int) -> None:
        (z,) = network.outputs([x])
        found = first_change(network, x, [b - a for a, b in zip(x, y, strict=True)], 1)
        several = [[F(k, n) for k in range(n + 1)], list(found.steps) if found else [F(0), F(1)]]
        for steps in several:
            fact = segment(0, 1, z.index(max(z)), steps, changes=changes)
            texts.append(network_points(network, [x, y], [fact]).line())

    collect()
    own = []
    for text in texts:
        try:
            checker.check(json.loads(text))
            own.append("accepted")
        except checker.Rejected:
            own.append("rejected")
    assert {"accepted", "rejected"} == set(own)
    assert [verdict for verdict, _ in second_checker(texts)] == own
