"""Points under deep networks for the fast checker: layers are matrices of rationals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice, product
from typing import Any, TypeAlias

import flint

from certify.checking import fast_reading as reading
from certify.checking.fast_reading import Read, malformed_unless, require

MOST_VALUES, MOST_BITS = 10**6, 5 * 10**8  # of the values that one layer yields
LONGEST = 10**5  # of one of them, in bits
WINDOW, PARTS = 20, 25  # for a value in a window: (20 + rows) / 25
MOST_IN_WINDOWS = 10**7  # of the values in all windows of a layer
AT_ONCE, BITS_AT_ONCE = 10**6, 10**8  # of those values, copied

Values: TypeAlias = list[Any]  # of int, fmpz and fmpq
Step: TypeAlias = Callable[[Values], Values]
Places: TypeAlias = Callable[[], Iterator[list[int]]]  # the indices in each window


def layers(value: Any, where: str) -> list[list[Any]]:
    """Read layers, each its type and then its other fields."""
    items = enumerate(reading.listed(value, where))
    return [reading.variant(x, f"{where}[{i}]", "type", _LAYERS) for i, x in items]


def facts(value: Any, where: str) -> list[list[Any]]:
    """Read facts, each its name and then its other fields."""
    items = enumerate(reading.listed(value, where))
    return [reading.variant(x, f"{where}[{i}]", "fact", _FACTS) for i, x in items]


def points(value: Any, where: str) -> tuple[list[Values], int]:
    """Read at least one point; all have one dimension, which is not 0.

    The second is the length of the longest, as written.
    """
    read = [
        reading.scaled_vector(x, f"{where}[{i}]")
        for i, x in enumerate(reading.listed(value, where))
    ]
    malformed_unless(bool(read) and bool(read[0][0]), where, "no point or no coordinate")
    equal = all(len(x) == len(read[0][0]) for x, _ in read)
    malformed_unless(equal, where, "points differ in dimension")
    lengths = [length(x) + abs(exponent) for x, exponent in read]
    moderate(len(read[0][0]), max(lengths), where)
    shifted = sum(len(x) * max(exponent, 0) for x, exponent in read)
    malformed_unless(shifted <= MOST_BITS, where, "the points are too long together")
    powers = [flint.fmpq(2) ** exponent for _, exponent in read]
    found = [[v * unit for v in x] for (x, _), unit in zip(read, powers, strict=True)]
    return found, max(lengths)


def network_points_rule(
    network: list[list[Any]], read: tuple[list[Values], int], stated: Any, budget: reading.Budget
) -> str:
    """Labels, distances and equal softmax outputs of points under a deep network."""
    given, long = read
    size, steps, effort = len(given[0]), [], 0
    for i, layer in enumerate(network):
        where = f"certificate.instance.layers[{i}]"
        step, size, work, longer = prepared(layer, size, where, budget)
        effort, long = effort + work, long + longer
        moderate(size, long, where)
        steps.append(step)
    moderate(size, long, "outputs", len(given))

    @cache
    def outputs(k: int) -> Values:
        budget.spend(effort // PARTS)
        values = given[k]
        for step in steps:
            values = step(values)
        return values

    malformed_unless(bool(stated), "certificate.statement.facts", "no fact")
    says = {}
    for i, (name, k, *rest) in enumerate(stated):
        where = f"certificate.statement.facts[{i}]"
        malformed_unless(k < len(given), where, "there is no such point")
        if name == "label":
            malformed_unless(rest[0] < size, where, "there is no such output")
            z = outputs(k)
            largest = max(z)
            require(z[rest[0]] == largest, "no output is larger", f"fact {i}: one is larger")
            require(z.count(largest) == 1, "no output is as large", f"fact {i}: a tie")
            says[f"output {rest[0]} of {size} is the largest, alone, at point {k}"] = True
        elif name == "box":
            inside = all(0 <= x <= 1 for x in given[k])
            require(inside, "point lies in the unit box", f"fact {i}: it does not")
            says[f"point {k} has all coordinates in [0, 1]"] = True
        else:
            other, *radius = rest
            malformed_unless(other < len(given), where, "there is no such point")
            malformed_unless(other != k, where, "a point and itself")
            moves = differences(given[k], given[other])
            if name == "within":
                near = all(abs(move) <= radius[0] for move in moves)
                require(near, "points are near", f"fact {i}: they are not")
                far = reading.number_text(radius[0])
                says[f"no coordinate of points {k} and {other} differs by more than {far}"] = True
            else:
                require(any(moves), "points differ", f"fact {i}: they are the same")
                gaps = differences(outputs(k), outputs(other))
                constant = all(gap == gaps[0] for gap in gaps)
                require(constant, "outputs differ by a constant", f"fact {i}: they do not")
                same = f"points {k} and {other} differ and have the same softmax({size} outputs)"
                says[same] = True
    first, more = list(says)[:4], len(says) - 4
    words = "; ".join(first) + (f"; and {more} more" if more > 0 else "")
    return f"of a network of {len(network)} layers on {len(given)} points: {words}"


def differences(x: Values, y: Values) -> Values:
    """Return x - y."""
    return [a - b for a, b in zip(x, y, strict=True)]


def moderate(count: int, length: int, where: str, copies: int = 1) -> None:
    """Refuse numbers that would fill the memory."""
    fits = 0 < count <= MOST_VALUES and count * length * copies <= MOST_BITS
    fits = fits and length <= LONGEST
    malformed_unless(fits, where, f"{count} values of {length} bits")


def bits(values: Values) -> int:
    """Return the length of the longest numerator or denominator."""
    return max(int(flint.fmpq(x).height_bits()) for x in values)


def length(values: Values) -> int:
    """Return the bits of the common denominator and of the longest numerator, together."""
    common, longest = flint.fmpz(1), 0
    for x in values:
        if isinstance(x, flint.fmpq):
            common, x = common.lcm(x.q), x.p
        longest = max(longest, x.bit_length())
    return int(common.bit_length()) + longest


def prepared(
    layer: list[Any], size: int, where: str, budget: reading.Budget
) -> tuple[Step, int, int, int]:
    """Return what a layer does to so many values, and how many it yields.

    Then come the effort that it takes, and by how much longer the values may become, in bits.
    """
    kind, *rest = layer
    if kind == "relu":
        return (lambda values: [max(x, 0) for x in values]), size, size * (WINDOW + 1), 0
    if kind == "scale":
        each = lambda: ([i] for i in range(size))  # noqa: E731
        return weighted([[rest[0]]], 1, [rest[1]], each, size, where, budget)
    if kind == "affine":
        (rows, unit), biases = rest
        every = list(range(size))
        return weighted(rows, unit, biases, lambda: iter([every]), 1, where, budget)
    (channels, height, width), (down, right), *kernel = rest
    fits = channels * height * width == size and down <= height and right <= width
    malformed_unless(fits, where, "the shape or the window does not fit")
    pool = kind == "max-pool"
    tops = range(0, height - down + 1, down if pool else 1)
    lefts = range(0, width - right + 1, right if pool else 1)
    groups = [range(c, c + 1) for c in range(channels)] if pool else [range(channels)]

    def places() -> Iterator[list[int]]:
        for group, top, left in product(groups, tops, lefts):
            yield [
                (c * height + top + i) * width + left + j
                for c, i, j in product(group, range(down), range(right))
            ]

    count = len(groups) * len(tops) * len(lefts)
    if pool:
        largest: Step = lambda values: [max(values[i] for i in place) for place in places()]  # noqa: E731
        return largest, count, count * down * right * (WINDOW + 1), 0
    (rows, unit), biases = kernel
    return weighted(rows, unit, biases, places, count, where, budget)


def weighted(
    rows: list[Values],
    unit: Any,
    biases: Values,
    places: Places,
    count: int,
    where: str,
    budget: reading.Budget,
) -> tuple[Step, int, int, int]:
    """Return the map to the products of rows with the values at ``count`` places, plus biases."""
    width = len(next(places()))
    fits = len(rows) == len(biases) and all(len(row) == width for row in rows)
    malformed_unless(fits, where, "weights, biases and inputs do not fit")
    total = len(rows) * count
    moderate(total, 1, where)
    fits = count * width <= MOST_IN_WINDOWS
    malformed_unless(fits, where, "the windows hold too many values")
    flat = [x for row in rows for x in row]
    own = length(flat) + int(flint.fmpq(unit).height_bits()) - 1
    budget.spend(len(flat) * own // 64)
    matrix = flint.fmpq_mat(len(rows), width, flat)
    matrix = (matrix * flint.fmpq(unit)).transpose()

    def step(values: Values) -> Values:
        longest = bits(values)
        copied = max(1, min(AT_ONCE, BITS_AT_ONCE // longest) // width)
        windows, table = places(), []
        while block := list(islice(windows, copied)):
            flat = [values[i] for place in block for i in place]
            table += (flint.fmpq_mat(len(block), width, flat) * matrix).tolist()
        columns = zip(*table, strict=True)
        return [x + bias for column, bias in zip(columns, biases, strict=True) for x in column]

    effort = count * width * (WINDOW + len(rows))
    return step, total, effort, own + length(biases) + width.bit_length()


_POOL: dict[str, Read] = {"shape": reading.sizes(3), "window": reading.sizes(2)}
_AFFINE: dict[str, Read] = {"weights": reading.scaled, "biases": reading.vector}
_LAYERS: dict[str, Mapping[str, Read]] = {
    "affine": _AFFINE,
    "scale": {"factor": reading.number, "offset": reading.number},
    "relu": {},
    "convolution": {**_POOL, **_AFFINE},
    "max-pool": _POOL,
}
_FACTS: dict[str, Mapping[str, Read]] = {
    "label": {"point": reading.natural, "label": reading.natural},
    "within": {"point": reading.natural, "of": reading.natural, "radius": reading.number},
    "box": {"point": reading.natural},
    "same softmax": {"point": reading.natural, "as": reading.natural},
}
