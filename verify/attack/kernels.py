"""Two layers of 5 x 5 convolution, 2 x 2 pooling and ReLU, compiled by numba, with their gradient.

Forward, sixteen images go side by side through every instruction. An output of the pooling needs
four neighbouring outputs of the convolution, which read a window of 6 x 6: their sums stay in
registers for a whole window, those of one channel in 8 of 16 that have eight numbers each, those of
two channels where the processor has AVX-512, and with it twice as many registers.
Backward, images go one by one, for only the place that won the pooling, another in every image,
passes its gradient on.

Sums run in one fixed order for each image, so what an image gets does not depend on the others.
Where several places tie the first in reading order wins, and a ReLU at 0 passes nothing on: as
torch chooses.
"""

from typing import Any

import numpy as np

try:
    from llvmlite import ir
    from llvmlite.binding import get_host_cpu_features
    from numba import njit, types
    from numba.core import cgutils
    from numba.extending import intrinsic
except ImportError:  # then nothing here is called, see `fused`

    def _unchanged(*functions: Any, **options: Any) -> Any:
        return functions[0] if functions else _unchanged

    njit = intrinsic = _unchanged
    get_host_cpu_features = dict

LANES = 16
"""Images side by side."""

GROUP = 2 if get_host_cpu_features().get("avx512f") else 1
"""Channels whose sums stay in registers. What an image gets does not depend on it."""

NONE = 4
"""The choice where the ReLU gives 0; the others are the places 0..3 in the square of a pool."""

_compiled = njit(fastmath={"contract"}, error_model="numpy", nogil=True, cache=True)


def _places(builder: Any, address: Any, count: int) -> list[Any]:
    """Return the addresses of consecutive vectors of LANES numbers."""
    start = builder.bitcast(address, ir.VectorType(ir.FloatType(), LANES).as_pointer())
    return [cgutils.gep_inbounds(builder, start, k) for k in range(count)]


def _loaded(builder: Any, places: list[Any]) -> list[Any]:
    return [builder.load(place, align=4) for place in places]


def _everywhere(builder: Any, number: Any) -> Any:
    """Return the vector whose every entry is the number."""
    vector = ir.Constant(ir.VectorType(ir.FloatType(), LANES), ir.Undefined)
    alone = builder.insert_element(vector, number, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), LANES), None)
    return builder.shuffle_vector(alone, alone, places)


def _plus_product(builder: Any, total: Any, one: Any, other: Any) -> Any:
    """Return total + one * other, of one rounding where the processor has such an instruction."""
    product = builder.fmul(one, other, flags=("contract",))
    return builder.fadd(total, product, flags=("contract",))


def _arrays(context: Any, builder: Any, kinds: Any, values: Any) -> list[Any]:
    return [context.make_array(k)(context, builder, v) for k, v in zip(kinds, values, strict=True)]


@intrinsic  # type: ignore[untyped-decorator]
def _add_window(typing_context: Any, sums: Any, window: Any, kernels: Any) -> Any:
    """Add to sums (GROUP, 4, LANES) what kernels (25, GROUP) make of a window (6, 6, LANES).

    The window's last two axes, the kernels and the sums are contiguous.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        to, source, factors = _arrays(context, builder, signature.args, arguments)
        stride = cgutils.unpack_tuple(builder, source.strides, 3)[0]

        def row(i: int) -> list[Any]:
            offset = builder.mul(stride, ir.Constant(stride.type, i))
            address = cgutils.pointer_add(builder, source.data, offset)
            return _loaded(builder, _places(builder, address, 6))

        places = _places(builder, to.data, 4 * GROUP)
        totals = _loaded(builder, places)
        above = row(0)
        for i in range(5):
            below = row(i + 1)
            for j in range(5):
                square = (above[j], above[j + 1], below[j], below[j + 1])
                for channel in range(GROUP):
                    address = cgutils.gep_inbounds(
                        builder, factors.data, (5 * i + j) * GROUP + channel
                    )
                    weight = _everywhere(builder, builder.load(address))
                    for k, pixels in enumerate(square, 4 * channel):
                        totals[k] = _plus_product(builder, totals[k], weight, pixels)
            above = below
        for total, place in zip(totals, places, strict=True):
            builder.store(total, place, align=4)
        return context.get_dummy_value()

    return types.void(sums, window, kernels), generate


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def _add_multiple(typing_context: Any, sums: Any, factor: Any, line: Any, count: Any) -> Any:
    """Add to the first numbers of sums a factor times those of a line: ``count`` times LANES."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        to, source = _arrays(context, builder, (sums, line), (arguments[0], arguments[2]))
        multiple = _everywhere(builder, arguments[1])
        places = _places(builder, to.data, count.literal_value)
        others = _loaded(builder, _places(builder, source.data, count.literal_value))
        for place, other in zip(places, others, strict=True):
            total = _plus_product(builder, builder.load(place, align=4), multiple, other)
            builder.store(total, place, align=4)
        return context.get_dummy_value()

    return types.void(sums, factor, line, count), generate


@_compiled
def _layer(inputs, kernels, bias, sums, outputs, choices, keep):  # type: ignore[no-untyped-def]
    """Fill outputs (channels, side, side, LANES) and, to ``keep`` them, choices of that shape.

    inputs are (inputs, 2 * side + 4, 2 * side + 4, LANES), kernels (channels / GROUP, inputs, 25,
    GROUP), bias (channels,), and sums (GROUP, 4, LANES) is for use meanwhile.
    """
    for row in range(outputs.shape[1]):
        for column in range(outputs.shape[2]):
            for group in range(len(kernels)):
                for k in range(GROUP):
                    sums[k] = bias[group * GROUP + k]
                for i in range(len(inputs)):
                    _add_window(sums, inputs[i, 2 * row :, 2 * column :], kernels[group, i])
                for k in range(GROUP):
                    channel = group * GROUP + k
                    for lane in range(LANES):
                        most, best = sums[k, 0, lane], np.uint8(0)
                        for place in range(1, 4):
                            value = sums[k, place, lane]
                            # Not a number wins, as in torch: it must not be lost on the way.
                            wins = (value > most) | (value != value)
                            most = value if wins else most
                            best = np.uint8(place) if wins else best
                        dead = most <= 0
                        outputs[channel, row, column, lane] = np.float32(0) if dead else most
                        if keep:
                            choices[channel, row, column, lane] = np.uint8(NONE) if dead else best


@_compiled
def forward(  # type: ignore[no-untyped-def]
    pixels, kernels1, bias1, kernels2, bias2, sums, block, middle, top, features, choices1, choices2
):
    """Fill features (n, channels * side ** 2) of pixels (n, d), and choices if there is room.

    choices1 and choices2 are uint8 (blocks, channels, side, side, LANES), or without blocks. sums,
    block, middle and top are for LANES images on their way.
    """
    side, keep = block.shape[1], len(choices1) > 0
    unused = np.empty((0, 0, 0, LANES), np.uint8)
    for start in range(0, len(pixels), LANES):
        count = min(LANES, len(pixels) - start)
        for lane in range(LANES):
            # The last block is filled up with its last image.
            image = pixels[start + min(lane, count - 1)]
            for i in range(side):
                for j in range(side):
                    block[0, i, j, lane] = image[i * side + j]
        number = start // LANES
        won1 = choices1[number] if keep else unused
        won2 = choices2[number] if keep else unused
        _layer(block, kernels1, bias1, sums, middle, won1, keep)
        _layer(middle, kernels2, bias2, sums, top, won2, keep)
        size = top.shape[1]
        for lane in range(count):
            place = 0
            for channel in range(len(top)):
                for i in range(size):
                    for j in range(size):
                        features[start + lane, place] = top[channel, i, j, lane]
                        place += 1


@_compiled
def backward(  # type: ignore[no-untyped-def]
    rising, rows2, squares1, choices1, choices2, middle, image, window, gradient
):
    """Fill gradient (n, d) from rising (n, channels * side ** 2), that of the features.

    rows2 (channels2, 5, 5 * LANES) has the second layer's kernels by their rows, channels1 filled
    up with zeros to LANES; squares1 (channels1, NONE + 1, 6 * 8) has the first layer's kernels
    where each choice puts them in the window of a pool, and zeros. middle (side1, side1 * LANES),
    image (d ** .5, d ** .5 + 4) and window (6 * 8,) are for the gradients of one image meanwhile.
    """
    channels1, channels2 = len(squares1), len(rows2)
    side1, side2 = choices1.shape[2], choices2.shape[2]
    size = len(image)
    for number in range(len(gradient)):
        block, lane = number // LANES, number % LANES
        middle[:] = 0
        for channel in range(channels2):
            for row in range(side2):
                for column in range(side2):
                    choice = choices2[block, channel, row, column, lane]
                    if choice == NONE:
                        continue
                    value = rising[number, (channel * side2 + row) * side2 + column]
                    top = 2 * row + (choice >> 1)
                    left = (2 * column + (choice & 1)) * LANES
                    for i in range(5):
                        _add_multiple(middle[top + i, left:], value, rows2[channel, i], 5)
        image[:] = 0
        for row in range(side1):
            for column in range(side1):
                window[:] = 0
                for channel in range(channels1):
                    choice = choices1[block, channel, row, column, lane]
                    value = middle[row, column * LANES + channel]
                    _add_multiple(window, value, squares1[channel, choice], 3)
                for i in range(6):
                    for j in range(8):
                        image[2 * row + i, 2 * column + j] += window[8 * i + j]
        for i in range(size):
            for j in range(size):
                gradient[number, i * size + j] = image[i, j]
