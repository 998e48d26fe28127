"""Labelled images in the unit box, and scikit-learn's digits."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from certify.errors import InputError
from verify.data.checks import check_images, check_labels, check_whole
from verify.data.ranges import AS_GIVEN, Ranges


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images; the arrays are private copies and read-only.

    images       float32 (n, d), flat pixels in [0, 1]
    labels       int64 (n,)
    image_shape  the shape of one image; its product is d
    scale        what was done to the pixels before, in words
    ranges       of the numbers that the pixels were made of
    names        the labels that the classes 0, 1, ... have elsewhere, () where they are the same
    sha256       of the pixels, the labels and the image shape, not of the name

    Raises InputError for anything else: NaN, pixels outside [0, 1], unequal lengths, no image, or
    an image shape with another number of pixels.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    image_shape: tuple[int, ...]
    scale: str = "as they were given"
    ranges: Ranges = AS_GIVEN
    names: tuple[int | str, ...] = ()
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        images = check_images(self.images).copy()
        labels = check_labels(self.labels, len(images))
        shape = tuple(check_whole("image_shape", side, 1) for side in self.image_shape)
        if int(np.prod(shape)) != images.shape[1]:
            raise InputError(
                "image_shape", expected=f"{images.shape[1]} pixels per image", got=f"{shape}"
            )
        for array in (images, labels):
            array.setflags(write=False)
        digest = hashlib.sha256(repr((images.shape, shape)).encode())
        digest.update(images.astype("<f4").tobytes())
        digest.update(labels.astype("<i8").tobytes())
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "image_shape", shape)
        object.__setattr__(self, "sha256", digest.hexdigest())

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    @property
    def classes(self) -> tuple[int, ...]:
        """The labels that occur, in increasing order."""
        return tuple(np.unique(self.labels).tolist())

    @property
    def said(self) -> str:
        """How the examples were read, and what was done to pixels and labels, in words."""
        kind = "a table"
        if len(self.image_shape) > 1:
            kind = f"images of {' x '.join(map(str, self.image_shape))}"
        read = f"read as {kind}, {self.scale}"
        if not self.names:
            return read
        more = ", ..." if len(self.names) > 10 else ""
        return f"{read}; labels from 0: {', '.join(map(str, self.names[:10]))}{more}"

    def versus(self, negative: int, positive: int) -> str:
        """Return a pair of classes in words, by the labels that they had."""
        first, second = (self.names[k] if self.names else k for k in (negative, positive))
        return f"{first} vs {second}"

    def _take(self, suffix: str, rows: np.ndarray) -> "Dataset":
        return Dataset(
            f"{self.name}/{suffix}", self.images[rows], self.labels[rows], self.image_shape,
            self.scale, self.ranges, self.names,
        )  # fmt: skip

    def random_subset(self, n: int, seed: int) -> "Dataset":
        """Return n images drawn uniformly *without* replacement, in the order drawn."""
        return self._take("subset", self.subset_rows(n, seed))

    def subset_rows(self, n: int, seed: int) -> np.ndarray:
        """Return the rows of the images of :meth:`random_subset`: int64 (n,)."""
        if check_whole("n", n, 1) > len(self):
            raise InputError("n", expected=f"at most {len(self)}, the images there are", got=f"{n}")
        return np.random.default_rng(check_whole("seed", seed)).permutation(len(self))[:n]

    def split(self, test_fraction: float, seed: int) -> "tuple[Dataset, Dataset]":
        """Return a random (training, test) partition; the test part has round(fraction * n)."""
        if not 0.0 < test_fraction < 1.0:
            raise InputError(
                "test_fraction", expected="a number between 0 and 1", got=f"{test_fraction}"
            )
        train, test = self.split_rows(test_fraction, seed)
        return self._take("train", train), self._take("test", test)

    def split_rows(self, test_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which images `split` puts into the training and the test part."""
        held_out = round(test_fraction * len(self))
        rows = np.random.default_rng(check_whole("seed", seed)).permutation(len(self))
        return rows[held_out:], rows[:held_out]

    def pair(self, negative: int, positive: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the images of two classes and their signs, in this order of the data.

        X is float32 (m, d); y is int64 (m,), -1 for the class `negative`, +1 for `positive`.
        """
        for argument, label in (("negative", negative), ("positive", positive)):
            if label not in self.classes:
                wanted = f"a class of these {len(self)} examples, of {self.classes}"
                raise InputError(argument, expected=wanted, got=f"{label}")
        if negative == positive:
            raise InputError(
                "positive", expected="a class other than `negative`", got=f"{positive}"
            )
        rows = np.isin(self.labels, (negative, positive))
        return self.images[rows], np.where(self.labels[rows] == positive, 1, -1)


def digits() -> "Dataset":
    """Return scikit-learn's 1797 handwritten digits, 8 by 8 pixels, ten classes.

    The pixels are the stored integers 0..16 divided by 16: exact dyadic numbers.

    >>> data = digits()
    >>> data.images.shape, data.classes[-1], float(data.images.max())
    ((1797, 64), 9, 1.0)
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images, labels = (bunch.data / 16).astype(np.float32), bunch.target.astype(np.int64)
    return Dataset("digits", images, labels, (8, 8), "divided by 16")
