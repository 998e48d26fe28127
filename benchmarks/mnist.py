"""The MNIST images as raw integers, read from the four files of its distribution."""

import gzip
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import NotInstalled

FOLDER = "MNIST"  # the environment variable that names the folder of the .gz files


@cache
def training_images() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return images (60000 x 784, uint8) and digits; raises NotInstalled without the files."""
    return _read("train")


@cache
def test_images() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return images (10000 x 784, uint8) and digits; raises NotInstalled without the files."""
    return _read("t10k")


def _read(part: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    folder = Path(os.environ.get(FOLDER, "data/mnist"))
    try:
        images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
        digits = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    except OSError:
        raise NotInstalled(f"no MNIST files in {folder}; set {FOLDER}") from None
    # IDX: a header of 4 + 4 * dimensions bytes, then the bytes themselves.
    return (
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28 * 28),
        np.frombuffer(digits, np.uint8, offset=8),
    )


def pair(first: int, second: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return all images of two digits and their labels, +1 for ``first`` and -1 for ``second``."""
    images, digits = training_images()
    chosen = (digits == first) | (digits == second)
    return images[chosen], np.where(digits[chosen] == first, 1, -1)
