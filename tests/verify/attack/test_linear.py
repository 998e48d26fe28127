"""Linear machines in balls and along normals: against enumeration, and where floats cannot tell."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from certify.numbers.rationals import Vector, vector
from verify.attack import linear
from verify.attack.linear import (
    Linear,
    kept,
    margins,
    moved,
    nearest_boundaries,
    right_along_normals,
)
from verify.attack.models import Classifier
from verify.models.torch_graph import of_classifier
from verify.questions.certified_band import _ends

RADII = tuple(Fraction(k, 10) for k in (1, 3, 5))
K, D = 3, 3


def machines(seed: int, *, whole: bool) -> Linear:
    """Two machines of three classes; with whole weights there are ties."""
    rng = np.random.default_rng(seed)
    shape = (2, D, K)
    weights = rng.integers(-2, 3, shape) if whole else rng.normal(size=shape)
    bias = rng.integers(-1, 2, (2, K)) if whole else rng.normal(size=(2, K)) / 4
    return Linear(weights.astype(np.float64), bias.astype(np.float64))


def images(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images whose entries are tenths, as nearly as float32 has them, 0 or 1."""
    rng = np.random.default_rng(seed + 100)
    return (rng.integers(0, 11, (30, D)) / 10).astype(np.float32), rng.integers(0, K, 30)


def exact(row: np.ndarray) -> Vector:
    return vector(row.astype(np.float64).tolist())


def corners(x: Vector, radius: Fraction, box: bool) -> list[Vector]:
    ends = ((a - radius, a + radius) for a in x)
    found = product(*ends)
    if not box:
        return list(found)
    return [tuple(min(max(v, Fraction(0)), Fraction(1)) for v in corner) for corner in found]


def reads(machine: Linear, j: int, point: Vector) -> int:
    """The first of the largest scores, by rational numbers alone."""
    scores = [
        sum(
            (Fraction(float(w)) * a for w, a in zip(column, point, strict=True)), Fraction(float(b))
        )
        for column, b in zip(machine.weights[j].T, machine.bias[j], strict=True)
    ]
    return scores.index(max(scores))


@pytest.mark.parametrize("box", [True, False])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_labels_are_kept_where_no_corner_of_the_ball_has_another(
    seed: int, whole: bool, box: bool
) -> None:
    machine, (points, labels) = machines(seed, whole=whole).one(0), images(seed)
    found = kept(machine, points, labels, RADII, box=box)
    for x, y, count in zip(points, labels.tolist(), found.tolist(), strict=True):
        held = [
            all(reads(machine, 0, c) == y for c in corners(exact(x), radius, box))
            for radius in RADII
        ]
        assert held == [k < count for k in range(len(RADII))]


def test_a_label_on_the_boundary_goes_to_the_first_class() -> None:
    # Scores 1/2 and x: at x = 1/2 they are equal, and class 0 is read.
    machine = Linear(np.array([[[0.0, 1.0]]]), np.array([[0.5, 0.0]]))
    points = np.array([[0.25], [0.75]], np.float32)
    radii = (Fraction(1, 4), Fraction(1, 2))
    assert kept(machine, points, np.array([0, 1]), radii, box=True).tolist() == [1, 0]
    # Unmoved it is misread, so no radius keeps it.
    assert kept(machine, points, np.array([1, 0]), radii, box=True).tolist() == [0, 0]


def test_the_certified_band_finds_the_same_ends() -> None:
    rng = np.random.default_rng(5)
    machine = Classifier.of_svm("svm", rng.normal(size=(4, K)), rng.normal(size=K) / 4)
    points = rng.random((6, 4)).astype(np.float32)
    network, labels = of_classifier(machine, 4), np.array([
        reads(Linear.of([machine]), 0, exact(x)) for x in points
    ])  # fmt: skip
    found = kept(Linear.of([machine]), points, labels, RADII, box=True)
    for x, y, count in zip(points, labels.tolist(), found.tolist(), strict=True):
        still = np.tile(x, (len(RADII), 1))
        band = _ends(network, x, y, still, tuple(map(float, RADII)), 200, box=True)
        assert band.kept == count
        assert band.lost == (count if count < len(RADII) else None)


@pytest.mark.parametrize("box", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_steps_along_normals_are_read_as_exact_points_are(whole: bool, box: bool) -> None:
    both, (points, labels) = machines(7, whole=whole), images(7)
    for source in (0, 1):
        towards = nearest_boundaries(both.one(source), points, labels)
        assert (towards != labels).all()
        for radius in RADII:
            found = right_along_normals(both, source, points, labels, towards, radius, box=box)
            for i, (x, y, l) in enumerate(
                zip(points, labels.tolist(), towards.tolist(), strict=True)
            ):
                point = moved(exact(x), both.lead(source, l, y)[0], radius, box=box)
                assert found[i].tolist() == [reads(both, j, point) == y for j in (0, 1)]


def test_a_step_ends_at_the_radius_or_at_the_limits_of_pixels() -> None:
    x, normal = vector(["1/2", "1/4", 1]), vector([2, -4, 1])
    assert moved(x, normal, Fraction(1, 2), box=False) == vector(["3/4", "-1/4", "9/8"])
    assert moved(x, normal, Fraction(1, 2), box=True) == vector(["3/4", 0, 1])
    assert moved(x, normal, Fraction(1, 4), box=True, corner=True) == vector(["3/4", 0, 1])
    assert moved(x, vector([0, 0, 0]), Fraction(1, 4), box=True) == x


def test_the_normal_that_is_followed_is_that_of_the_least_step() -> None:
    # The boundary to class 1 is 1/4 away, that to class 2 is 1/8 away.
    machine = Linear(np.array([[[0.0, 1.0, -2.0]]]), np.array([[0.0, -0.75, 0.75]]))
    points = np.array([[0.5], [0.625]], np.float32)
    assert nearest_boundaries(machine, points, np.array([0, 0])).tolist() == [2, 1]


@pytest.mark.parametrize("whole", [True, False])
def test_margins_are_those_of_each_class_against_the_rest(whole: bool) -> None:
    both, (points, labels) = machines(9, whole=whole), images(9)
    right, confident = margins(both, points, labels)
    for i, j, k in product(range(len(points)), (0, 1), range(K)):
        w, b = both.affine(j, k)
        score = sum((a * c for a, c in zip(w, exact(points[i]), strict=True)), b)
        margin = score if k == labels[i] else -score
        assert (right[i, j, k], confident[i, j, k]) == (margin > 0, margin >= 1)


def test_floats_only_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """With bounds so wide that floats decide nothing, all answers are the same."""
    both, (points, labels) = machines(11, whole=False), images(11)
    towards = nearest_boundaries(both.one(1), points, labels)

    def answers() -> list[np.ndarray]:
        along = right_along_normals(both, 1, points, labels, towards, RADII[1], box=True)
        return [kept(both.one(0), points, labels, RADII, box=True), along,
                *margins(both, points, labels)]  # fmt: skip

    by_floats = answers()
    monkeypatch.setattr(linear, "UNIT", 1e9)
    for one, other in zip(by_floats, answers(), strict=True):
        assert np.array_equal(one, other)


def test_bounds_cover_what_rounding_loses() -> None:
    """Sums that cancel are off by more than one unit, and by less than the slack."""
    rng = np.random.default_rng(0)
    machine = Linear(rng.normal(size=(1, 400, 2)) * 1e6, rng.normal(size=(1, 2)))
    points = rng.random((20, 400))
    found = machine.scores(points)[:, 0]
    errors = []
    for x, scores in zip(points, found, strict=True):
        for k, score in enumerate(scores.tolist()):
            w, b = machine.affine(0, k)
            true = sum((a * c for a, c in zip(w, vector(x.tolist()), strict=True)), b)
            errors.append(abs(float(Fraction(score) - true)))
    assert 0 < max(errors) < machine.slack(1.0).min()
