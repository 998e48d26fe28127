from __future__ import annotations

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.models import Classifier
from verify.attack.projected_gradient import Attack
from verify.attack.universal import (
    UniversalDirections,
    margin_directions,
    mean_differences,
    mean_perturbations,
    nearest_classes,
    universal_perturbations,
)
from verify.data.digits import Dataset

# Three classes on a line, two of them close together.
IMAGES = np.array([[0.0, 0.5], [0.125, 0.5], [0.25, 0.25], [0.25, 0.75], [1.0, 0.5]], np.float32)
LINE = Dataset("line", IMAGES, np.array([0, 0, 1, 1, 2]), (2,))


def test_each_class_has_the_nearest_other_one() -> None:
    assert nearest_classes(LINE) == [(0, 1), (1, 0), (2, 1)]


def test_differences_of_means() -> None:
    expected = [[0.1875, 0.0], [-0.1875, 0.0], [-0.75, 0.0]]
    np.testing.assert_allclose(mean_differences(LINE).directions, expected)


def test_margin_directions_are_exact_normals_of_the_pairs() -> None:
    # Between the point (1/8, 1/2) and the side x = 1/4 the normal is horizontal, exactly.
    np.testing.assert_array_equal(margin_directions(LINE).directions, [[1, 0], [-1, 0], [-1, 0]])


def test_for_inseparable_classes_means_stand_in_and_are_listed() -> None:
    mixed = Dataset("mixed", IMAGES[[0, 1, 1, 4]], np.array([0, 0, 1, 1]), (2,))
    found = margin_directions(mixed)
    assert found.replaced == (0, 1)
    np.testing.assert_array_equal(found.directions, mean_differences(mixed).directions)
    assert margin_directions(LINE).replaced == ()


def test_without_the_box_directions_leave_it_too() -> None:
    source = UniversalDirections("u", np.array([[-1.0, 1.0]]))
    images, labels = np.array([[0.0, 1.0]], np.float32), np.array([0])
    kept, free = (
        universal_perturbations(source, images, labels, (0.25,), box=box)[0, 0].tolist()
        for box in (True, False)
    )
    assert (kept, free) == ([0.0, 1.0], [-0.25, 1.25])


def test_mean_perturbations_follow_the_attack() -> None:
    rule = Classifier.of_svm("rule", np.array([[-1.0, 1.0], [0.0, 0.0]]), np.array([0.5, -0.5]))
    data = Dataset("pair", IMAGES[[2, 4]], np.array([0, 1]), (2,))
    attack = Attack(radii=(0.1, 0.2), steps=20)
    found = mean_perturbations(rule, data, attack).directions
    np.testing.assert_allclose(found, [[0.2, 0.0], [-0.2, 0.0]], atol=1e-6)


def test_images_move_by_the_radius_along_their_class_and_stay_in_the_box() -> None:
    source = UniversalDirections("u", np.array([[3.0, 0.0], [-1e-9, 5.0]]))
    images, labels = IMAGES[[0, 2]], np.array([0, 1])
    moved = universal_perturbations(source, images, labels, (0.25, 1.0)).numpy()
    np.testing.assert_array_equal(moved[0], [[0.25, 0.5], [0.0, 0.5]])
    np.testing.assert_array_equal(moved[1], [[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(InputError, match="labels: expected below 2, the classes, got 2"):
        universal_perturbations(source, images, np.array([0, 2]), (0.25,))
