"""The exact set of universal directions of two-layer rules: one certificate or the other."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from certify.numbers.rationals import combine
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.sharp.relu_directions import Mixture
from verify.drawing import networks, numbers
from verify.objects import LabelledSet, LinearRule
from verify.objects.rays import is_adversarial

TRIANGLE = LabelledSet.of([[1, 1], [-1, 1], [0, 0]], [1, 1, -1])


def accepted(certificate: Certificate) -> None:
    checker.check(checker.parse(certificate.line()))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(networks.CASES))
def test_exactly_one_of_path_and_network_exists(seed: int, case: str) -> None:
    rng = Random(seed)
    data = networks.surrounded_set(rng, case)
    v = numbers.vector(rng, data.dimension)
    path = relu_directions.universal_path(data, v)
    network = relu_directions.silent_network(data, v)
    assert (path is None) != (network is None)
    if path is not None:
        accepted(relu_directions.path_certificate(data, v, path))
        # A path along v is one along every positive multiple of it.
        assert relu_directions.universal_path(data, combine((F(7, 3), v))) is not None
    if network is not None:
        accepted(relu_directions.refusal_certificate(data, network, v))
        for rule in (network, replace(network, threshold=F(0), strict=True)):
            assert rule.is_accurate(data)
            assert not any(is_adversarial(rule, x, v) for x in data.negative)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_differences_of_points_are_universal(seed: int) -> None:
    rng = Random(seed)
    data = networks.surrounded_set(rng, networks.GENERIC)
    v = combine((1, rng.choice(data.positive)), (-1, rng.choice(data.negative)))
    path = relu_directions.universal_path(data, v)
    assert path is not None
    end = combine((1, path.start(data)), (path.scale, v))
    assert end == data.points[path.positive]


@pytest.mark.parametrize(
    ("direction", "universal"),
    [((1, 1), True), ((-2, 2), True), ((0, 1), False), ((-1, -1), False), ((0, 0), False)],
)
def test_the_universal_directions_of_three_points(
    direction: tuple[int, int], universal: bool
) -> None:
    v = tuple(map(F, direction))
    assert (relu_directions.universal_path(TRIANGLE, v) is not None) == universal


def test_a_direction_from_within_the_hull_is_universal() -> None:
    data = LabelledSet.of([[0, 0], [2, 0], [1, 1]], [-1, -1, 1])
    path = relu_directions.universal_path(data, (F(0), F(2)))
    assert path == relu_directions.Path(2, (F(1, 2), F(1, 2), F(0)), F(1, 2))


def test_the_least_scale_is_found() -> None:
    answer = relu_directions.mixture(((F(0),), (F(1),)), (F(3),), (F(1),))
    assert answer == Mixture((F(0), F(1)), F(2))


def test_the_half_space_is_silent_along_the_ray() -> None:
    answer = relu_directions.mixture(TRIANGLE.negative, (F(1), F(1)), (F(0), F(1)))
    assert answer == LinearRule.of([1, 0], 0)


def test_sets_without_accurate_rules_are_refused() -> None:
    with pytest.raises(InputError, match="both labels"):
        relu_directions.universal_path(LabelledSet.of([[0]], [1]), (F(1),))
    inside = LabelledSet.of([[0], [1], [2]], [-1, 1, -1])
    with pytest.raises(InputError, match="outside the hull"):
        relu_directions.silent_network(inside, (F(1),))
