"""Windows of torch: convolutions, pools, means over axes, and batch normalisation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from verify.models.torch_rules import At, rule
from verify.models.values import BEYOND, Sides, Value, along


def each(numbers: Any, axes: int) -> tuple[int, ...]:
    """Return one number for each axis of an image, from one for all or one each."""
    listed = list(numbers) if isinstance(numbers, list | tuple) else [numbers]
    return tuple(listed * axes if len(listed) == 1 else listed)


# Convolutions


@rule("conv1d.default", "conv2d.default", "conv1d.padding", "conv2d.padding")
def _convolution(
    at: At, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any,
    groups: int,
) -> Value:  # fmt: skip
    kernel = at.numbers(weight, "weights")
    biases = None if bias is None else at.numbers(bias, "biases")
    window = kernel.shape[2:]
    axes = len(window)
    steps, spread = each(stride, axes), each(dilation, axes)
    if padding == "same":
        total = [(k - 1) * d for k, d in zip(window, spread, strict=True)]
        before, after = tuple(n // 2 for n in total), tuple(n - n // 2 for n in total)
    else:
        before = after = each(0 if padding == "valid" else padding, axes)
    sides = Sides(window, steps, spread, before, after)
    value = at.value(input, "images")
    return at.builder.convolution(value, kernel, biases, sides, groups, at.where)


@rule("conv_transpose1d.default", "conv_transpose2d.input")
def _transposed(
    at: At, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, output_padding: Any,
    groups: int, dilation: Any,
) -> Value:  # fmt: skip
    kernel = at.numbers(weight, "weights")
    biases = None if bias is None else at.numbers(bias, "biases")
    axes = kernel.ndim - 2
    sides = Sides(
        kernel.shape[2:], each(stride, axes), each(dilation, axes), each(padding, axes),
        each(padding, axes), each(output_padding, axes),
    )  # fmt: skip
    value = at.value(input, "images")
    return at.builder.transposed_convolution(value, kernel, biases, sides, groups, at.where)


@rule("convolution.default")
def _any_convolution(
    at: At, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any,
    transposed: bool, output_padding: Any, groups: int,
) -> Value:  # fmt: skip
    if transposed:
        return _transposed(
            at, input, weight, bias, stride, padding, output_padding, groups, dilation
        )
    return _convolution(at, input, weight, bias, stride, padding, dilation, groups)


# Pools


def _windows(
    at: At, axes: int, value: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
    *, ceil_mode: bool,
) -> tuple[Value, np.ndarray]:  # fmt: skip
    """Return images, and the flat places of their windows, an array (..., places of one)."""
    images = at.value(value, "images")
    window = each(kernel_size, axes)
    steps = window if stride in ([], None) else each(stride, axes)
    sides = Sides(window, steps, each(dilation, axes), each(padding, axes), each(padding, axes))
    if ceil_mode:
        sides = sides.rounded_up(images.shape[-axes:])
    places = sides.places(images.shape)
    return images, places.reshape(*places.shape[:-axes], -1)


def _max_pool(axes: int) -> Any:
    def pool(
        at: At, self: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
        ceil_mode: bool,
    ) -> Value:  # fmt: skip
        found = _windows(
            at, axes, self, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode
        )
        return at.builder.maxima(*found, at.where)

    return pool


def _average_pool(axes: int) -> Any:
    def pool(
        at: At, self: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
        count_include_pad: bool, divisor_override: int | None = None,
    ) -> Value:  # fmt: skip
        images, places = _windows(
            at, axes, self, kernel_size, stride, padding, 1, ceil_mode=ceil_mode
        )
        counts = (places != BEYOND if count_include_pad else places >= 0).sum(axis=-1)
        if divisor_override is not None:
            counts = np.full_like(counts, divisor_override)
        return at.builder.means(images, places, counts, at.where)

    return pool


for _axes in (1, 2):
    rule(f"max_pool{_axes}d.default", f"max_pool{_axes}d_with_indices.default")(_max_pool(_axes))
    rule(f"avg_pool{_axes}d.default")(_average_pool(_axes))


def _adaptive(value: Value, sizes: Sequence[int]) -> np.ndarray:
    """Return the places of windows from floor(i n / o) to ceil((i + 1) n / o) along last axes."""
    axes = len(sizes)
    flat = np.arange(value.entries.size).reshape(value.shape)
    places = np.pad(flat, [(0, 0)] * (flat.ndim - axes) + [(0, 1)] * axes, constant_values=-1)
    rows = []
    for n, o in zip(value.shape[-axes:], sizes, strict=True):
        ends = [(i * n // o, -(-(i + 1) * n // o)) for i in range(o)]
        longest = max(last - first for first, last in ends)
        # Place n is the one behind the last, which stands for none.
        rows.append([[min(k, n) if k < last else n for k in range(first, first + longest)]
                     for first, last in ends])  # fmt: skip
    index: list[Any] = []
    for axis, row in enumerate(rows):
        shape = [1] * (2 * axes)
        shape[axis], shape[axes + axis] = len(row), len(row[0])
        index.append(np.array(row).reshape(shape))
    found = places[(..., *index)]
    return found.reshape(*found.shape[: flat.ndim], -1)


@rule("adaptive_avg_pool1d.default", "adaptive_avg_pool2d.default", "_adaptive_avg_pool2d.default")
def _adaptive_average(at: At, self: Any, output_size: list[int]) -> Value:
    value = at.value(self, "images")
    places = _adaptive(value, output_size)
    return at.builder.means(value, places, (places >= 0).sum(axis=-1), at.where)


@rule("adaptive_max_pool1d.default", "adaptive_max_pool2d.default")
def _adaptive_maximum(at: At, self: Any, output_size: list[int]) -> Value:
    value = at.value(self, "images")
    return at.builder.maxima(value, _adaptive(value, output_size), at.where)


# Over axes


def _along(value: Value, dim: Any, keepdim: bool) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return the flat places of entries along axes, (..., n), and the shape of what is left."""
    rank = len(value.shape)
    dims = range(rank) if dim in (None, []) else dim if isinstance(dim, list) else [dim]
    axes = sorted({axis % rank for axis in dims})
    places = along(value.shape, axes)
    shape = [1 if axis in axes else value.shape[axis] for axis in range(rank)]
    return places, tuple(shape) if keepdim else places.shape[:-1]


def _reshaped(value: Value, shape: tuple[int, ...]) -> Value:
    return value.moved(value.entries.reshape(shape))


@rule("mean.dim", "mean.default")
def _mean(at: At, self: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Value:
    places, shape = _along(self, dim, keepdim)
    counts = np.full(places.shape[:-1], places.shape[-1])
    return _reshaped(at.builder.means(self, places, counts, at.where), shape)


@rule("sum.dim_IntList", "sum.default")
def _sum(at: At, self: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Value:
    places, shape = _along(self, dim, keepdim)
    return _reshaped(at.builder.sums(self, places, at.where), shape)


@rule("amax.default", "max.dim")
def _largest(at: At, self: Any, dim: Any, keepdim: bool) -> Value:
    places, shape = _along(self, dim, keepdim)
    return _reshaped(at.builder.maxima(self, places, at.where), shape)


@rule("amin.default", "min.dim")
def _least(at: At, self: Any, dim: Any, keepdim: bool) -> Value:
    places, shape = _along(self, dim, keepdim)
    return _reshaped(at.builder.minima(self, places, at.where), shape)


# Batch normalisation


@rule("batch_norm.default", "_native_batch_norm_legit_no_training.default",
      "instance_norm.default")  # fmt: skip
def _batch_norm(
    at: At, input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, eps: float,
    training: bool = False, use_input_stats: bool = False, **_: Any,
) -> Value:  # fmt: skip
    if training or use_input_stats or running_mean is None or running_var is None:
        raise at.unsupported(
            "a normalisation by what the examples themselves are, as in training mode or without "
            "running statistics: a division by computed values"
        )
    numbers = [
        None if n is None else at.numbers(n, "statistics")
        for n in (weight, bias, running_mean, running_var)
    ]
    return at.builder.batch_norm(at.value(input, "examples"), numbers, eps, at.where)
