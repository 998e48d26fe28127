"""ONNX operators that move numbers, take some of them, or repeat them; none computes anything."""

from math import prod

import numpy as np

from verify.models.onnx_call import Call, Operator, operator
from verify.models.values import Value

_END = 2**31 - 1  # an end of slices that means the last place, whatever it is


def _reshape(call: Call) -> Value:
    """Read a reshape: 0 keeps a size, -1 is what is left; examples stay in front."""
    value = call.value()
    target = call.integers("shape", 1)
    if target is None:
        raise call.refusal("Reshape without a shape")
    wanted = f"a reshape to {target}"
    if min(target, default=1) < -1 or (0 in target and call.options.get("allowzero", 0)):
        raise call.refusal(wanted)
    if any(n == 0 and k >= len(value.shape) for k, n in enumerate(target)):
        raise call.refusal(wanted)
    kept = [value.shape[k] if n == 0 else n for k, n in enumerate(target)]
    if call.examples:
        # Only examples one by one, or as many as there are, keep what belongs together.
        if not target or target[0] not in (0, -1, call.examples):
            raise call.refusal(wanted)
        if target[0] == -1 and -1 in kept[1:]:
            raise call.refusal(wanted)
        kept[0] = 1
    if kept.count(-1) > 1:
        raise call.refusal(wanted)
    left = prod(value.shape) // max(prod(n for n in kept if n != -1), 1)
    shape = tuple(left if n == -1 else n for n in kept)
    return value.moved(_shaped(call, value, shape))


def _shaped(call: Call, value: Value, shape: tuple[int, ...]) -> np.ndarray:
    if prod(shape) != prod(value.shape):
        raise call.refusal(f"{prod(value.shape)} values in shape {shape}")
    return value.entries.reshape(shape)


def _flatten(call: Call) -> Value:
    value = call.value()
    axis, rank = call.options.get("axis", 1), len(value.shape)
    axis += rank if axis < 0 else 0
    if not 0 <= axis <= rank:
        raise call.refusal(f"Flatten at axis {axis} of {rank}")
    if call.examples and (axis == 0 or prod(value.shape[1:axis]) != 1):
        raise call.refusal("Flatten across examples")
    shape = prod(value.shape[:axis]), prod(value.shape[axis:])
    return value.moved(value.entries.reshape(shape))


def _squeeze(call: Call) -> Value:
    value = call.value()
    axes = call.integers("axes", 1)
    if axes is None and not call.examples:
        axes = [k for k, n in enumerate(value.shape) if n == 1]
    if not axes:
        raise call.refusal("Squeeze without axes")
    found = call.inner(axes, len(value.shape))
    if any(value.shape[k] != 1 for k in found):
        raise call.refusal(f"Squeeze of axes {axes} of {value.shape}")
    return value.moved(value.entries.squeeze(tuple(found)))


def _unsqueeze(call: Call) -> Value:
    value = call.value()
    axes = call.integers("axes", 1) or []
    found = call.inner(axes, len(value.shape) + len(axes))
    return value.moved(np.expand_dims(value.entries, tuple(found)))


def _transpose(call: Call) -> Value:
    value = call.value()
    order = call.options.get("perm", list(range(len(value.shape)))[::-1])
    if sorted(order) != list(range(len(value.shape))):
        raise call.refusal(f"Transpose with {order}")
    if call.examples and order[0] != 0:
        raise call.refusal("Transpose across examples")
    return value.moved(value.entries.transpose(order))


def _concat(call: Call) -> Value:
    values = call.values()
    if len({len(v.shape) for v in values}) > 1:
        raise call.refusal("Concat of values of different rank")
    (axis,) = call.inner([call.options.get("axis", 1)], len(values[0].shape))
    return call.builder.concatenate(values, axis, call.where)


def _slice(call: Call) -> Value:
    value = call.value()
    starts, ends = (call.integers(name, k) for name, k in (("starts", 1), ("ends", 2)))
    if starts is None or ends is None:
        raise call.refusal("Slice without starts and ends")
    axes = call.integers("axes", 3)
    chosen = call.axes(range(len(starts)) if axes is None else axes, len(value.shape))
    steps = call.integers("steps", 4) or [1] * len(starts)
    # NumPy counts and cuts off as ONNX does.
    cuts = [slice(None)] * len(value.shape)
    for axis, start, end, step in zip(chosen, starts, ends, steps, strict=True):
        cuts[axis] = slice(start, end, step)
        if axis == 0 and ((start, step) != (0, 1) or end < _END):
            call.inner([0], 1)  # of any number of examples some would be cut off, or turned over
    return value.moved(value.entries[tuple(cuts)])


def _split(call: Call) -> list[Value]:
    value = call.value()
    (axis,) = call.inner([call.options.get("axis", 0)], len(value.shape))
    size = value.shape[axis]
    parts = call.integers("split", 1)
    if parts is None:
        count = call.options.get("num_outputs", call.outputs)
        each = -(-size // count)
        if (call.opset < 18 and size % count) or (count - 1) * each > size:
            raise call.refusal(f"Split of {size} values into {count}")
        parts = [each] * (count - 1) + [size - (count - 1) * each]
    if sum(parts) != size or min(parts, default=0) < 0 or len(parts) != call.outputs:
        raise call.refusal(f"Split of {size} values into {parts}")
    places = np.cumsum(parts)[:-1].tolist()
    return [value.moved(part) for part in np.split(value.entries, places, axis)]


def _gather(call: Call) -> Value:
    value, found = call.value(), call.constant(1, "indices")
    if found is None or found.dtype.kind not in "iu":
        raise call.refusal(f"{call.operator} without whole numbers as indices")
    (axis,) = call.inner([call.options.get("axis", 0)], len(value.shape))
    if call.operator == "GatherElements":
        if call.examples:
            raise call.refusal("GatherElements across examples")
        return value.moved(np.take_along_axis(value.entries, found, axis))
    call.builder.check_size(
        (prod(value.shape) // max(value.shape[axis], 1), found.size), call.where
    )
    return value.moved(np.take(value.entries, found, axis))


def _gather_nd(call: Call) -> Value:
    value, found = call.value(), call.constant(1, "indices")
    if found is None or found.dtype.kind not in "iu" or call.options.get("batch_dims", 0):
        raise call.refusal("GatherND with computed indices, or batches of them")
    if call.examples:
        raise call.refusal("GatherND across examples")
    return value.moved(value.entries[tuple(np.moveaxis(found, -1, 0))])


def _pad(call: Call) -> Value:
    """Read padding with a number, or with the numbers inside."""
    value = call.value()
    pads, rank = call.integers("pads", 1), len(value.shape)
    if pads is None:
        raise call.refusal("Pad without pads")
    axes = call.integers("axes", 3)
    chosen = call.axes(range(rank) if axes is None else axes, rank)
    if len(pads) != 2 * len(chosen):
        raise call.refusal(f"Pad with {len(pads)} pads of {len(chosen)} axes")
    before, after = [0] * rank, [0] * rank
    for k, axis in enumerate(chosen):
        before[axis], after[axis] = pads[k], pads[k + len(chosen)]
    if before[0] or after[0]:
        call.inner([0], 1)
    call.builder.check_size(
        [n + b + a for n, b, a in zip(value.shape, before, after, strict=True)], call.where
    )
    mode = call.options.get("mode", b"constant").decode()
    if mode == "constant":
        found = value.padded(before, after)
        if "value" in call.options or call.opset < 11:
            number = np.array(call.options.get("value", 0.0))
        else:
            number = np.zeros(()) if call.given(2) is None else call.floats(2)
        if number.size != 1:
            raise call.refusal(f"Pad with numbers of shape {number.shape}")
        inside = Value(0, np.zeros(value.shape, np.int64)).padded(before, after).entries
        shift = np.where(inside < 0, number.reshape(()), 0)
        return call.builder.affine(found, 1, shift, call.where)
    far = mode == "reflect" and any(
        max(b, a) > max(n - 1, 0) for n, b, a in zip(value.shape, before, after, strict=True)
    )
    if mode not in ("reflect", "edge", "wrap") or far or min(*before, *after) < 0:
        raise call.refusal(f"Pad in mode {mode} with {pads}")
    widths = list(zip(before, after, strict=True))
    return value.moved(np.pad(value.entries, widths, mode=mode))


def _expand(call: Call) -> Value:
    value, shape = call.value(), call.integers("shape", 1)
    if shape is None or min(shape, default=1) < 1:
        raise call.refusal(f"Expand to {shape}")
    if call.examples and len(shape) == len(value.shape) and shape[0] == call.examples:
        shape[0] = 1
    call.fitting(value, shape)
    after = np.broadcast_shapes(value.shape, tuple(shape))
    call.builder.check_size(after, call.where)
    return value.moved(np.broadcast_to(value.entries, after))


def _tile(call: Call) -> Value:
    value, times = call.value(), call.integers("repeats", 1)
    if times is None or len(times) != len(value.shape) or min(times, default=1) < 1:
        raise call.refusal(f"Tile with {times}")
    if call.examples and times[0] != 1:
        raise call.refusal("Tile across examples")
    call.builder.check_size((*value.shape, *times), call.where)
    return value.moved(np.tile(value.entries, times))


def _depth_to_space(call: Call) -> Value:
    value, size = call.value(), call.options.get("blocksize", 0)
    if len(value.shape) != 4 or size < 1:
        raise call.refusal(f"{call.operator} of shape {value.shape} with blocks of {size}")
    n, c, h, w = value.shape
    if call.operator == "SpaceToDepth":
        if h % size or w % size:
            raise call.refusal(f"SpaceToDepth of shape {value.shape} with blocks of {size}")
        blocks = value.entries.reshape(n, c, h // size, size, w // size, size)
        moved = blocks.transpose(0, 3, 5, 1, 2, 4)
        return value.moved(moved.reshape(n, c * size * size, h // size, w // size))
    if c % (size * size):
        raise call.refusal(f"DepthToSpace of shape {value.shape} with blocks of {size}")
    if call.options.get("mode", b"DCR") == b"DCR":
        blocks = value.entries.reshape(n, size, size, c // size**2, h, w)
        moved = blocks.transpose(0, 3, 4, 1, 5, 2)
    else:
        blocks = value.entries.reshape(n, c // size**2, size, size, h, w)
        moved = blocks.transpose(0, 1, 4, 2, 5, 3)
    return value.moved(moved.reshape(n, c // size**2, h * size, w * size))


def _where(call: Call) -> Value:
    """Read a choice between two values by a constant."""
    mask = call.constant(0, "conditions")
    if mask is None or mask.dtype != bool or len(call.inputs) != 3:
        raise call.refusal("Where without constant conditions")
    build, where = call.builder, call.where
    computed = [call.value(k) for k in (1, 2) if isinstance(call.given(k), Value)]
    for value in computed:
        call.fitting(value, mask.shape)
        for k in (1, 2):
            given = call.given(k)
            if given is not None:
                call.fitting(value, given.shape)
    one, two = (
        v if isinstance(v, Value) else build.constant(call.floats(k), where)
        for k, v in enumerate(call.inputs[1:], start=1)
    )
    shape = np.broadcast_shapes(mask.shape, one.shape, two.shape)
    both = [v.moved(np.broadcast_to(v.entries, shape)[None]) for v in (one, two)]
    joined = build.concatenate(both, 0, where)
    return joined.moved(np.where(mask, *joined.entries))


OPERATORS: dict[str, Operator] = {
    "Reshape": operator(_reshape, "allowzero"), "Flatten": operator(_flatten, "axis"),
    "Squeeze": operator(_squeeze, "axes"), "Unsqueeze": operator(_unsqueeze, "axes"),
    "Transpose": operator(_transpose, "perm"), "Concat": operator(_concat, "axis"),
    "Slice": operator(_slice, "axes starts ends"),
    "Split": operator(_split, "axis split num_outputs"),
    "Gather": operator(_gather, "axis"), "GatherElements": operator(_gather, "axis"),
    "GatherND": operator(_gather_nd, "batch_dims"),
    "Pad": operator(_pad, "mode pads value"), "Expand": operator(_expand),
    "Tile": operator(_tile), "Where": operator(_where),
    "DepthToSpace": operator(_depth_to_space, "blocksize mode"),
    "SpaceToDepth": operator(_depth_to_space, "blocksize"),
}  # fmt: skip
