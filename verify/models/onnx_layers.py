"""Single ONNX operators: which of their spellings are layers of a chain."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.models.chain import Chain

_FLOATS = (1, 11)  # ONNX's numbers of float and double, to which a value may be converted
_PLAIN = {"strides": 1, "pads": 0, "dilations": 1}


def leaves_values(kind: str, options: dict[str, Any], others: list[np.ndarray | None]) -> bool:
    """Tell whether an operator leaves all values as they are."""
    if kind == "Dropout":
        training = others[2] if len(others) > 2 else None
        return training is None or not training.any()
    return kind == "Identity" or (kind == "Cast" and options["to"] in _FLOATS)


def times(array: np.ndarray, factor: float, chain: Chain, where: str) -> np.ndarray:
    """Return an array times a float32 number, exactly."""
    if factor == 1:
        return array
    # Products of two float32 are float64; of longer floats they need not be.
    if array.dtype.itemsize > 4 or not np.isfinite(factor):
        raise chain.unsupported(f"a factor of {factor} in float64", where)
    return array.astype(np.float64) * factor


def convolution(
    chain: Chain,
    kernel: np.ndarray,
    biases: np.ndarray | None,
    options: dict[str, Any],
    where: str,
) -> None:
    """Append a convolution, if it is a plain one."""
    for name, plain in _PLAIN.items():
        if any(value != plain for value in options.get(name, [])):
            raise chain.unsupported(f"a convolution with {name} {options[name]}", where)
    padded = options.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID")
    if options.get("group", 1) != 1 or padded or kernel.ndim != 4:
        raise chain.unsupported("a convolution in groups, padded, or not of images", where)
    if list(options.get("kernel_shape", kernel.shape[2:])) != list(kernel.shape[2:]):
        raise chain.unsupported(f"a kernel of another shape than {kernel.shape}", where)
    chain.convolution(kernel, biases, where)


def max_pool(chain: Chain, options: dict[str, Any], where: str) -> None:
    """Append max-pooling, if its windows lie side by side."""
    window = list(options.get("kernel_shape", []))
    plain = (
        list(options.get("strides", [1] * len(window))) == window
        and len(window) == 2
        and not any(options.get("pads", []))
        and all(value == 1 for value in options.get("dilations", []))
        and not options.get("ceil_mode", 0)
        and options.get("auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
    )
    if not plain:
        raise chain.unsupported(f"max-pooling with {options}", where)
    chain.max_pool((window[0], window[1]), where)


def batch_norm(
    chain: Chain, others: list[np.ndarray | None], options: dict[str, Any], where: str
) -> None:
    """Append batch normalisation by stored means and variances."""
    if options.get("training_mode", 0) or options.get("spatial", 1) != 1 or len(others) != 5:
        raise chain.unsupported("batch normalisation by the examples themselves", where)
    x, factor, offset, mean, variance = others
    if x is not None or mean is None or variance is None or factor is None or offset is None:
        raise chain.unsupported("batch normalisation by computed numbers", where)
    chain.batch_norm(factor, offset, mean, variance, options.get("epsilon", 1e-5), where)
