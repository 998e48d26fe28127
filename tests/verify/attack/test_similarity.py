from __future__ import annotations

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.similarity import similarity


def test_equal_opposite_and_orthogonal_perturbations() -> None:
    one = np.eye(3, 6) * np.array([[1.0], [2.0], [5.0]])
    other = np.roll(one, 3, axis=1)
    found = similarity([one, -3.0 * one, other], dimension=3)
    np.testing.assert_allclose(found.cosines, [[1, -1, 0], [-1, 1, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(found.angles, [[0, 0, 90], [0, 0, 90], [90, 90, 0]], atol=1e-5)


def test_a_zero_perturbation_has_cosine_zero() -> None:
    one = np.ones((2, 4))
    none = np.vstack([np.zeros(4), np.ones(4)])
    assert similarity([one, none], dimension=1).cosines[0, 1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(3, 4), (3, 5)], r"with at least 2 rows and columns, got \(3, 4\), \(3, 5\)"),
        ([(1, 4)], r"with at least 2 rows and columns, got \(1, 4\)"),
    ],
)
def test_shapes_that_cannot_be_compared(shapes: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        similarity([np.ones(shape) for shape in shapes], dimension=2)
