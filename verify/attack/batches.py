"""How many images go through a model at once, and how precisely their products are taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor

from certify.errors import InputError
from verify.data.checks import check_whole

Precision = Literal["float32", "tf32", "bfloat16"]

# On a processor the activations of small networks then stay in its cache; a GPU wants many images.
_ON_CPU, _ON_GPU = 250, 40_000


def images_per_batch(device: torch.device, asked: int | None = None) -> int:
    """Return how many images a batch has: as many as asked for, or what suits the device."""
    if asked is not None:
        return check_whole("batch_size", asked, 1)
    return _ON_CPU if device.type == "cpu" else _ON_GPU


def in_batches(function: Callable[[slice], Tensor], count: int, size: int) -> list[Tensor]:
    """Return what ``function`` makes of 0..count-1, in consecutive ranges of at most ``size``.

    When a range runs out of memory it is halved and done again, and later ranges keep the new
    size. Raises InputError when there is not even memory for one.
    """
    results: list[Tensor] = []
    start = 0
    while start < count:
        stop = min(start + size, count)
        if (found := _attempt(function, slice(start, stop))) is not None:
            results.append(found)
            start = stop
        elif stop - start == 1:
            raise InputError("device", expected="memory for one image", got="out of memory")
        else:
            size = (stop - start + 1) // 2
    return results


def _attempt(function: Callable[[slice], Tensor], rows: slice) -> Tensor | None:
    """Return function(rows), or None when the memory of the device is too small for it."""
    try:
        return function(rows)
    except torch.OutOfMemoryError:
        pass
    # Only now, when the error no longer holds the tensors of the failed attempt.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def check_precision(precision: Precision, device: torch.device) -> None:
    """Raise InputError when the device has no products of that precision."""
    if precision == "tf32" and device.type != "cuda":
        raise InputError("precision", expected=f"float32 or bfloat16 on {device}", got="'tf32'")


@contextmanager
def products_in(precision: Precision, device: torch.device) -> Iterator[None]:
    """Hold matrix products and convolutions of float32 numbers to a precision, and restore it.

    Torch's own default lets convolutions on NVIDIA GPUs round to "tf32", with 10 bits after the
    leading one; here that happens where it is asked for alone. "bfloat16" has 7.
    """
    check_precision(precision, device)
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = precision == "tf32"
    try:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
