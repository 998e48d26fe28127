"""What rounded factors of batch normalisation change is bounded, and the bound is small."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import pytest

from certify.networks.graph import Network
from certify.networks.operations import Dense
from verify import audit
from verify.models.builder import Builder
from verify.models.model import Model, Root
from verify.models.rounding import FACTOR, Moved, largest_scores, moved
from verify.models.values import Sides, Value

RNG = np.random.default_rng(0)
EPS = 1e-3
PRECISE = 300  # bits behind the point of roots that stand for the true ones


def normalised(builder: Builder, value: Value, numbers: list[Any], *, true: bool) -> Value:
    """Return g (x - mean) + offset with the factors that are read, or with almost the true ones."""
    if not true:
        return builder.batch_norm(value, numbers, EPS, "norm")
    weights, offsets, means, variances = (list(map(Fraction, v.tolist())) for v in numbers)
    roots = [isqrt(int((v + Fraction(EPS)) * 4**PRECISE)) for v in variances]
    factors = [w * 2**PRECISE / r for w, r in zip(weights, roots, strict=True)]
    rows = zip(factors, means, offsets, strict=True)
    added = np.array([o - f * m for f, m, o in rows])
    along = (len(factors), *(1,) * (len(value.shape) - 2))
    return builder.affine(value, np.array(factors).reshape(along), added.reshape(along), "norm")


def numbers(count: int) -> list[np.ndarray]:
    rows = [RNG.normal(size=count) for _ in range(3)]
    return [*rows, RNG.random(count) + 0.1]


FIRST, SECOND, THIRD, CHANNELS = numbers(5), numbers(6), numbers(3), numbers(2)
WEIGHTS = [RNG.normal(size=s) for s in ((6, 5), (6, 6), (3, 6), (2, 1, 2, 2), (3, 8))]
PLAIN = Sides((2, 2), (1, 1), (1, 1), (0, 0), (0, 0))


def residual(*, true: bool) -> Model:
    """Norms of the input, of hidden units beside a skip, and of the scores."""
    builder = Builder((1, 5))
    first = normalised(builder, builder.input, FIRST, true=true)
    hidden = builder.relu(builder.dense(first, WEIGHTS[0], None, "a"), "b")
    inner = normalised(builder, builder.dense(hidden, WEIGHTS[1], None, "c"), SECOND, true=true)
    joined = builder.sum([hidden, builder.relu(inner, "d")], "e")
    scores = normalised(builder, builder.dense(joined, WEIGHTS[2], None, "f"), THIRD, true=true)
    return builder.model(scores, "m", "here")


def convolutional(*, true: bool) -> Model:
    """A norm of channels between a convolution and maxima."""
    builder = Builder((1, 1, 4, 4))
    value = builder.convolution(builder.input, WEIGHTS[3], np.ones(2), PLAIN, 1, "a")
    value = normalised(builder, value, CHANNELS, true=true)
    places = PLAIN.places(value.shape)
    value = builder.maxima(value, places.reshape(*places.shape[:-2], 4), "b")
    flat = value.moved(value.entries.reshape(1, 8))
    return builder.model(builder.dense(flat, WEIGHTS[4], None, "c"), "m", "here")


def linear(*, true: bool) -> Model:
    """A norm that becomes part of the only layer."""
    builder = Builder((1, 5))
    value = normalised(builder, builder.input, FIRST, true=true)
    return builder.model(builder.dense(value, WEIGHTS[0], np.arange(6), "a"), "m", "here")


@pytest.mark.parametrize("make", [residual, convolutional, linear])
def test_the_bound_holds_and_is_small(make: Any) -> None:
    read, true = make(true=False), make(true=True)
    assert read.roots
    assert not true.roots
    points = RNG.normal(size=(300, read.network.inputs))
    found = moved(read, points)
    few = points[:40]
    pairs = zip(read.network.outputs(few), true.network.outputs(few), strict=True)
    worst = max(abs(a - b) for z, w in pairs for a, b in zip(z, w, strict=True))
    assert 0 < worst <= found.most < 300 * worst
    assert found.points == 300
    gaps = [sorted(z)[-1] - sorted(z)[-2] for z in read.network.outputs(points)]
    assert found.gap <= min(gaps)
    assert found.gap == pytest.approx(float(min(gaps)), rel=1e-6)
    assert found.unsure == ()
    assert "so that the labels are those of the true factors" in str(found)


def test_every_root_counts() -> None:
    model = residual(true=False)
    points = RNG.normal(size=(10, 5))
    whole = moved(model, points).most
    assert {root.node for root in model.roots} > {len(model.network.nodes)}
    for root in model.roots:
        others = tuple(other for other in model.roots if other is not root)
        assert moved(replace(model, roots=others), points).most < whole
    assert moved(replace(model, roots=()), points).most == pytest.approx(0, abs=1e-250)
    # Where a node is its fixed number, its factor does not matter.
    (z,) = model.network.outputs(points[:1])
    fixed = replace(model, roots=(Root(len(model.network.nodes), z),))
    assert moved(fixed, points[:1]).most < 1e-25


def test_an_example_whose_scores_nearly_tie_is_named() -> None:
    builder = Builder((1, 2))
    value = builder.batch_norm(builder.input, [None, None, np.zeros(2), np.ones(2)], EPS, "a")
    model = builder.model(value, "m", "here")
    points = np.array([[1.0, 2.0], [1.0, 1.0], [1.0, 1.0 + 2.0**-52], [3.0, -1.0]])
    found = moved(model, points)
    assert found.unsure == (1, 2)
    assert found.gap == 0
    assert str(found).endswith("the labels of 2 examples may be another with the true factors.")
    assert "the label of 1 example may be another" in str(moved(model, points[1:2]))
    assert moved(model, points[[0, 3]]).unsure == ()


def test_bounds_are_of_the_factor_that_is_promised() -> None:
    """Relatively, the factor that floats compute is nearer to the true one than is promised."""
    for variance in np.concatenate([RNG.random(200), 10.0 ** RNG.integers(-9, 9, 200)]):
        weight = float(RNG.normal())
        read = Fraction(weight / np.sqrt(variance + EPS))
        square = Fraction(weight) ** 2 / (Fraction(variance) + Fraction(EPS))
        for sign in (-1, 1):
            edge = abs(read) * (1 + sign * Fraction(FACTOR))
            assert (edge**2 > square) == (sign == 1)


def test_the_sentence_rounds_no_bound_to_its_good() -> None:
    assert str(Moved(7, 3.14e-13, 0.00129, ())) == (
        "Its batch normalisation is read with factors rounded to doubles, which moves no score of "
        "the 7 examples by more than 3.2e-13; the smallest gap between two best scores is 0.0012, "
        "so that the labels are those of the true factors."
    )


def test_an_audit_says_what_the_factors_change() -> None:
    points = RNG.normal(size=(12, 5))
    model = residual(true=False)
    labels = [model.rule.answer(z) for z in model.network.outputs(points)]
    found = audit(model, points, labels, radii=["0.1"])
    assert str(moved(model, points)) in found.notes
    twice = np.vstack([points, np.zeros((1, 5))])
    tied = Network.chain(Dense.of(np.zeros((6, 5)), [0] * 6))
    near = replace(linear(true=False), network=tied)
    assert str(moved(near, twice)) in audit(near, twice, [0] * 13, radii=["0.1"]).warnings


def test_largest_scores_are_those_of_exact_arithmetic_or_not_sure() -> None:
    # Two scores of one sum, in another order: floats differ by rounding, exact numbers do not.
    W = np.array([[1.0, 2.0**-60, 0.0], [1.0, 0.0, 2.0**-60]])
    network = Network.chain(Dense.of(W, [0, 0]))
    model = Model("near", "a test", network, (0, 1))
    X = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    best, sure = largest_scores(model, X)
    assert sure.tolist() == [False, True, True, False]
    assert best[sure].tolist() == [0, 1]
