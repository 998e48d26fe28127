from __future__ import annotations

import hashlib

import numpy as np
import pytest

from certify.errors import InputError
from verify.data.digits import Dataset, digits


def small(**changes: object) -> Dataset:
    fields: dict[str, object] = {
        "name": "small",
        "images": np.array([[0.0, 0.5], [1.0, 0.25], [0.75, 0.75]], dtype=np.float32),
        "labels": np.array([0, 1, 1]),
        "image_shape": (1, 2),
    }
    return Dataset(**(fields | changes))  # type: ignore[arg-type]


def test_dataset_keeps_its_own_read_only_copy() -> None:
    images = np.array([[0.0, 0.5], [1.0, 0.25], [0.75, 0.75]], dtype=np.float32)
    data = small(images=images)
    images[0, 0] = 1.0
    assert data.images[0, 0] == 0.0
    assert not data.images.flags.writeable
    assert not data.labels.flags.writeable
    assert data.labels.dtype == np.int64


def test_pairs_of_classes_have_the_users_words() -> None:
    assert small().versus(0, 1) == "0 vs 1"
    assert small(names=("benign", "malignant")).versus(1, 0) == "malignant vs benign"


def test_sha256_speaks_of_contents_not_of_the_name() -> None:
    data = small()
    assert data.sha256 == small(name="other").sha256
    assert data.sha256 != small(labels=np.array([1, 0, 0])).sha256
    assert data.sha256 != small(image_shape=(2, 1)).sha256
    assert data.sha256 != small(images=np.full((3, 2), 0.5, dtype=np.float32)).sha256
    header = repr(((3, 2), (1, 2))).encode()
    expected = hashlib.sha256(header + data.images.tobytes() + data.labels.tobytes()).hexdigest()
    assert data.sha256 == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"images": np.array([[0, 0], [0, np.nan], [0, 0]], dtype=np.float32)},
            "images: expected pixels in [0, 1], got nan (image 1, pixel 1)",
        ),
        (
            {"images": np.array([[0, 0], [0, 0], [1.5, 0]], dtype=np.float32)},
            "images: expected pixels in [0, 1], got 1.5 (image 2, pixel 0)",
        ),
        (
            {"images": np.array([[0, 0], [0, 0], [-0.5, 0]], dtype=np.float32)},
            "images: expected pixels in [0, 1], got -0.5 (image 2, pixel 0)",
        ),
        (
            {"images": np.zeros((3, 2))},
            "images: expected a float32 array of shape (n, d), got float64 of shape (3, 2)",
        ),
        (
            {"images": [[0.0, 0.0]]},
            "images: expected a float32 array of shape (n, d), got list",
        ),
        (
            {"images": np.zeros((0, 2), dtype=np.float32)},
            "images: expected at least one pixel, got shape (0, 2)",
        ),
        (
            {"labels": np.array([0, 1])},
            "labels: expected 3 labels, one per image, got 2",
        ),
        (
            {"labels": np.array([0.0, 1.0, 1.0])},
            "labels: expected an integer array of shape (n,), got float64 of shape (3,)",
        ),
        ({"labels": np.array([0, -1, 1])}, "labels: expected labels >= 0, got -1 (label 1)"),
        ({"image_shape": (2, 2)}, "image_shape: expected 2 pixels per image, got (2, 2)"),
        ({"image_shape": (0, 2)}, "image_shape: expected an integer >= 1, got 0"),
    ],
)
def test_malformed_data_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        small(**changes)
    assert str(caught.value) == message


def test_digits_are_sixteenths() -> None:
    data = digits()
    assert data.images.shape == (1797, 64)
    assert data.image_shape == (8, 8)
    assert data.classes == tuple(range(10))
    assert np.array_equal(16 * data.images, np.rint(16 * data.images))


def test_random_subset_is_without_replacement_and_seeded() -> None:
    data = small()
    subset = data.random_subset(3, seed=4)
    assert sorted(map(tuple, subset.images)) == sorted(map(tuple, data.images))
    whole = digits()
    assert whole.random_subset(50, 1).sha256 == whole.random_subset(50, 1).sha256
    assert whole.random_subset(50, 1).sha256 != whole.random_subset(50, 2).sha256
    with pytest.raises(InputError, match="n: expected at most 3, the images there are, got 4"):
        data.random_subset(4, seed=0)
    with pytest.raises(InputError, match="seed: expected an integer >= 0, got -1"):
        data.random_subset(2, seed=-1)
    with pytest.raises(InputError, match="seed: expected an integer >= 0, got True"):
        data.random_subset(2, seed=True)


def test_split_is_a_partition() -> None:
    data = digits()
    train, test = data.split(0.25, seed=3)
    assert (len(train), len(test)) == (1797 - 449, 449)
    together = np.vstack([train.images, test.images])
    assert sorted(map(bytes, together)) == sorted(map(bytes, data.images))
    for fraction in (0.0, 1.0, float("nan")):
        with pytest.raises(InputError, match="test_fraction: expected a number between 0 and 1"):
            data.split(fraction, seed=0)


def test_pair_gives_signs_in_the_order_of_the_data() -> None:
    data = small(labels=np.array([5, 2, 9]))
    points, signs = data.pair(negative=9, positive=5)
    assert np.array_equal(points, data.images[[0, 2]])
    assert signs.tolist() == [1, -1]
    with pytest.raises(InputError, match=r"positive: expected a class of these 3 .*, got 3"):
        data.pair(negative=9, positive=3)
    with pytest.raises(InputError, match="positive: expected a class other than `negative`, got 9"):
        data.pair(negative=9, positive=9)
