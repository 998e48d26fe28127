"""ONNX operators over windows of images: convolutions, pools, and nearest resizing."""

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from verify.models.onnx_affine import reduced
from verify.models.onnx_call import Call, Operator, operator
from verify.models.values import BEYOND, PADDED, Sides, Value, along


def _sides(call: Call, window: list[int], sizes: tuple[int, ...]) -> Sides:
    """Return where windows lie, as strides, dilations and pads or auto_pad say."""
    options, axes = call.options, len(window)
    strides, dilations = (list(options.get(name, [1] * axes)) for name in ("strides", "dilations"))
    pads = list(options.get("pads", [0] * 2 * axes))
    if {len(strides), len(dilations), len(sizes)} != {axes} or len(pads) != 2 * axes:
        raise call.refusal(f"{call.operator} with numbers for other axes than {axes}")
    if min(*window, *strides, *dilations, 1) < 1 or min(pads, default=0) < 0:
        raise call.refusal(f"{call.operator} with {options}")
    automatic = options.get("auto_pad", b"NOTSET")
    before, after = pads[:axes], pads[axes:]
    if automatic != b"NOTSET":
        if any(pads) or (automatic != b"VALID" and max(dilations) > 1):
            raise call.refusal(f"{call.operator} with auto_pad beside pads or dilations")
        before, after = [0] * axes, [0] * axes
        if automatic in (b"SAME_UPPER", b"SAME_LOWER"):
            totals = [
                (-(-n // s) - 1) * s + k - n for n, s, k in zip(sizes, strides, window, strict=True)
            ]
            if min(totals) < (0 if call.operator.endswith("Pool") else -2):
                # onnxruntime 1.32 cuts from the front for averages, from -3 on for convolutions,
                # and fails for maxima; onnx's rule for convolutions never cuts.
                raise call.refusal(f"{call.operator} with auto_pad and strides beyond its windows")
            totals = [max(0, t) for t in totals]
            fewer, more = [t // 2 for t in totals], [t - t // 2 for t in totals]
            upper = automatic == b"SAME_UPPER"
            before, after = (fewer, more) if upper else (more, fewer)
        elif automatic != b"VALID":
            raise call.refusal(f"{call.operator} with auto_pad {automatic.decode()}")
    return Sides(tuple(window), tuple(strides), tuple(dilations), tuple(before), tuple(after))


def _kernel(call: Call) -> tuple[np.ndarray, np.ndarray | None, int]:
    """Return the kernel, the biases and the number of groups of a convolution."""
    kernel = call.floats(1, "weights")
    if list(call.options.get("kernel_shape", kernel.shape[2:])) != list(kernel.shape[2:]):
        raise call.refusal(f"a kernel of another shape than {kernel.shape}")
    biases = None if call.given(2) is None else call.floats(2, "biases")
    groups = call.options.get("group", 1)
    if kernel.ndim < 3 or groups < 1 or len(call.value().shape) != kernel.ndim:
        got = f"{call.operator} of shape {call.value().shape} with a kernel of {kernel.shape}"
        raise call.refusal(f"{got} in {groups} groups")
    return kernel, biases, groups


def _convolution(call: Call) -> Value:
    kernel, biases, groups = _kernel(call)
    value = call.value()
    sides = _sides(call, list(kernel.shape[2:]), value.shape[2:])
    return call.builder.convolution(value, kernel, biases, sides, groups, call.where)


def _transposed(call: Call) -> Value:
    """Read a transposed convolution, cut off as pads, auto_pad or output_shape say."""
    kernel, biases, groups = _kernel(call)
    value, options = call.value(), call.options
    axes, window = kernel.ndim - 2, list(kernel.shape[2:])
    if value.shape[1] != len(kernel) or len(kernel) % groups:
        raise call.refusal(f"ConvTranspose of {value.shape[1]} channels with {len(kernel)}")
    automatic, strides, dilations = (
        options.get("auto_pad", b"NOTSET"), options.get("strides", [1] * axes),
        options.get("dilations", [1] * axes),
    )  # fmt: skip
    more = list(options.get("output_padding", [0] * axes))
    wanted = list(options.get("output_shape", []))[-axes:]
    cut = wanted or automatic in (b"SAME_UPPER", b"SAME_LOWER")
    plain = {k: v for k, v in options.items() if k != "auto_pad" and not (cut and k == "pads")}
    sides = _sides(replace(call, options=plain), window, value.shape[2:])
    if automatic not in (b"NOTSET", b"VALID", b"SAME_UPPER", b"SAME_LOWER"):
        raise call.refusal(f"ConvTranspose with auto_pad {automatic.decode()}")
    if automatic != b"NOTSET" and any(options.get("pads", [])):
        raise call.refusal("ConvTranspose with auto_pad beside pads")
    if len(more) != axes or any(
        not 0 <= m < max(s, d) for m, s, d in zip(more, strides, dilations, strict=True)
    ):
        raise call.refusal(f"ConvTranspose with output_padding {more}")
    before, after = sides.before, sides.after
    if cut:
        rows = zip(value.shape[2:], strides, sides.reach, more, strict=True)
        natural = [s * (n - 1) + e + m for n, s, e, m in rows]
        wanted = wanted or [n * s for n, s in zip(value.shape[2:], strides, strict=True)]
        totals = [n - w for n, w in zip(natural, wanted, strict=True)]
        if min(totals) < 0:
            # Runtimes differ about where the zeros go.
            raise call.refusal(f"ConvTranspose to {wanted}, more than the {natural} that it makes")
        fewer, others = [t // 2 for t in totals], [t - t // 2 for t in totals]
        upper = automatic == b"SAME_UPPER"
        before, after = (tuple(v) for v in ((fewer, others) if upper else (others, fewer)))
    sides = Sides(sides.window, sides.strides, sides.dilations, before, after, tuple(more))
    return call.builder.transposed_convolution(value, kernel, biases, sides, groups, call.where)


def _pool(call: Call) -> Value:
    """Read MaxPool and AveragePool."""
    value, options = call.value(), call.options
    window = list(options.get("kernel_shape", []))
    if not window or len(window) != len(value.shape) - 2:
        raise call.refusal(f"{call.operator} over {window} of shape {value.shape}")
    sides = _sides(call, window, value.shape[2:])
    if any(
        p >= k for k, *both in zip(window, sides.before, sides.after, strict=True) for p in both
    ):
        raise call.refusal(f"{call.operator} over {window} with more padding than that")
    if options.get("ceil_mode", 0):
        sides = sides.rounded_up(value.shape[2:])
    rows = zip(value.shape[2:], sides.before, sides.after, strict=True)
    call.builder.check_size([*value.shape[:2], *(n + b + a for n, b, a in rows)], call.where)
    places = sides.places(value.shape)
    call.builder.check_size(places.shape, call.where)
    if not places.size:
        raise call.refusal(f"{call.operator} over {window} of shape {value.shape}")
    places = places.reshape(*places.shape[: len(value.shape)], -1)
    if call.operator == "MaxPool":
        return call.builder.maxima(value, places, call.where)
    least = PADDED if options.get("count_include_pad", 0) else PADDED + 1
    assert BEYOND < PADDED
    counts = (places >= least).sum(axis=-1)
    return call.builder.means(value, places, counts, call.where)


def _global_pool(call: Call) -> Value:
    value = call.value()
    if len(value.shape) < 3:
        raise call.refusal(f"{call.operator} of shape {value.shape}")
    found = reduced(call, value, along(value.shape, range(2, len(value.shape))))
    axes = (1,) * (len(value.shape) - 2)
    return found.moved(found.entries.reshape(*value.shape[:2], *axes))


# Nearest resizing

_NEAR = Fraction(1, 10**5)  # to a place between two numbers: there runtimes round differently
_SAFE = {Fraction(n) for n in (2, 3, 4, 5, 6, 7, 8, 16, 32)} | {
    Fraction(1, n) for n in (2, 3, 4, 5, 8)
}  # factors of asymmetric resizing of which all runtimes make the same


def _resize(call: Call) -> Value:
    """Read Resize and Upsample by the nearest number, where there is no doubt about which it is."""
    value, options = call.value(), call.options
    rank = len(value.shape)
    mode = options.get("mode", b"nearest").decode()
    if mode != "nearest":
        raise call.refusal(f"{call.operator} in mode {mode}")
    first = call.operator == "Upsample" or call.opset < 11
    scales, sizes = _factors(call, first=first)
    chosen = call.axes(options.get("axes", range(rank)), rank)
    if len(scales or sizes or []) != len(chosen) or (scales and sizes):
        raise call.refusal(f"{call.operator} with numbers for other axes than {rank}")
    rule = "asymmetric" if first else options.get(
        "coordinate_transformation_mode", b"half_pixel"
    ).decode()  # fmt: skip
    nearest = "floor" if first else options.get("nearest_mode", b"round_prefer_floor").decode()
    stretched = options.get("keep_aspect_ratio_policy", b"stretch") == b"stretch"
    if (
        options.get("antialias", 0)
        or not stretched
        or rule not in _COORDINATES
        or nearest not in _NEAREST
    ):
        raise call.refusal(f"{call.operator} with {rule}, {nearest}")
    entries = value.entries
    for k, axis in enumerate(chosen):
        n = value.shape[axis]
        if scales:
            factor = Fraction(float(scales[k]))
            made = floor(n * factor)
        else:
            assert sizes is not None
            made = sizes[k]
            factor = Fraction(made, n)
        if made < 1 or (made == n and factor != 1):
            raise call.refusal(f"{call.operator} of {n} values by {float(factor):g}")
        if factor != 1:
            call.inner([axis], rank)
            call.builder.check_size((entries.size, made), call.where)
            entries = entries.take(_nearest(call, n, made, factor, rule, nearest), axis)
    return value.moved(entries)


def _factors(call: Call, *, first: bool) -> tuple[list[float] | None, list[int] | None]:
    """Return the scales, or the sizes, of which one is given."""
    if "scales" in call.options:
        return list(call.options["scales"]), None
    k = 1 if first else 2
    scales = call.constant(k, "scales")
    if scales is not None and scales.size:
        if scales.dtype.kind != "f" or not np.isfinite(scales).all() or not (scales > 0).all():
            raise call.refusal(f"{call.operator} by {scales.tolist()}")
        return scales.reshape(-1).tolist(), None
    return None, None if first else call.integers("sizes", 3)


_COORDINATES: dict[str, Any] = {
    "asymmetric": lambda i, n, made, f: i / f,
    "half_pixel": lambda i, n, made, f: (i + Fraction(1, 2)) / f - Fraction(1, 2),
    "pytorch_half_pixel": lambda i, n, made, f: (
        (i + Fraction(1, 2)) / f - Fraction(1, 2) if made > 1 else Fraction(0)
    ),
    "align_corners": lambda i, n, made, f: (
        Fraction(i * (n - 1), made - 1) if made > 1 else Fraction(0)
    ),
}
_NEAREST: dict[str, Any] = {
    "floor": floor, "ceil": ceil,
    "round_prefer_floor": lambda x: ceil(x - Fraction(1, 2)),
    "round_prefer_ceil": lambda x: floor(x + Fraction(1, 2)),
}  # fmt: skip


def _nearest(call: Call, n: int, made: int, factor: Fraction, rule: str, nearest: str) -> list[int]:
    """Return from which of n places each number comes; raises InputError where that is doubtful."""
    found = [_COORDINATES[rule](Fraction(i), n, made, factor) for i in range(made)]
    safe = rule == "asymmetric" and nearest == "floor" and factor in _SAFE
    binary = {factor.numerator, factor.denominator} <= {2**k for k in range(24)}
    if not safe and not (binary and rule != "align_corners"):
        half = Fraction(1, 2) if nearest.startswith("round") else Fraction(0)
        for i, x in enumerate(found):
            # The first place is exact, and what is below it is cut off.
            exact = x == 0 and (i == 0 or nearest == "floor")
            if abs(x - half - round(x - half)) < _NEAR and not exact:
                got = f"{call.operator} of {n} values to {made}, where runtimes differ in rounding"
                raise call.refusal(got)
    return [min(max(_NEAREST[nearest](x), 0), n - 1) for x in found]


_PLACES = "auto_pad dilations kernel_shape pads strides"
OPERATORS: dict[str, Operator] = {
    "Conv": operator(_convolution, f"{_PLACES} group"),
    "ConvTranspose": operator(_transposed, f"{_PLACES} group output_padding output_shape"),
    "MaxPool": operator(_pool, f"{_PLACES} ceil_mode storage_order"),
    "AveragePool": operator(_pool, f"{_PLACES} ceil_mode count_include_pad"),
    "GlobalAveragePool": operator(_global_pool), "GlobalMaxPool": operator(_global_pool),
    "Upsample": operator(_resize, "mode scales"),
    "Resize": operator(
        _resize,
        "antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside "
        "extrapolation_value keep_aspect_ratio_policy mode nearest_mode",
    ),
}  # fmt: skip
