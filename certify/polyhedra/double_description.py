"""The double description method: between inequalities and generators, in integers.

The cone {x : a·x >= 0 for every row a} equals span(lines) + cone(rays). Rows are taken one at a
time; the generators of the cone so far are split by the sign of a·x, and each *adjacent* pair of
rays with opposite signs meets the new hyperplane in a new ray. Two extreme rays are adjacent when
no third one lies on all the hyperplanes on which both lie, which holds in degenerate cones too
(K. Fukuda and A. Prodon, "Double description method revisited", 1996).
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain
from math import gcd, lcm
from operator import mul
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from flint import fmpz_mat
from numpy.typing import NDArray

from certify import shown
from certify.numbers.digits import one_thread
from certify.numbers.rationals import Rows, Vector

Integers: TypeAlias = tuple[int, ...]
# Arrays of Python integers, which never overflow; NumPy only saves the loops.
_Table: TypeAlias = NDArray[np.object_]
_Incidence: TypeAlias = NDArray[np.bool_]

# Up to so many rays, loops in Python take less time than the calls of NumPy that save them.
_FEW = 12
# Bounds the memory of one adjacency test: this many pairs x rays are compared at a time.
_COMPARED_AT_ONCE = 4_000_000


class ConeGenerators(NamedTuple):
    """Minimal generators of a cone, all primitive integer vectors, sorted.

    ``lines`` is the reduced echelon basis of the lineality space. ``rays`` has one vector for each
    extreme ray modulo the lines, namely the one that is zero at their pivot coordinates.
    """

    lines: tuple[Integers, ...]
    rays: tuple[Integers, ...]


class Generators(NamedTuple):
    """The set conv(``vertices``) + cone(``rays``) + span(``lines``), each list minimal and sorted.

    Rays and lines are primitive integer vectors, and lines a reduced echelon basis. When there are
    lines, vertices and rays are those of the slice in which the pivot coordinates are zero. The
    empty set has no generators at all.
    """

    vertices: Rows
    rays: Rows
    lines: Rows

    def __repr__(self) -> str:
        return shown.line(self)

    def _repr_html_(self) -> str:
        return shown.table(self)


def cone_generators(rows: Iterable[Sequence[int]], dimension: int) -> ConeGenerators:
    """Return the generators of {x : a·x >= 0 for every a in ``rows``}, x of length ``dimension``.

    Rows are integer vectors in any number and of any rank, repetitions and zeros included.

    >>> cone_generators([(1, 0), (1, 1)], 2)
    ConeGenerators(lines=(), rays=((0, 1), (1, -1)))
    >>> cone_generators([(1, 1)], 2)
    ConeGenerators(lines=((1, -1),), rays=((0, 1),))
    """
    # Sorted rows keep the intermediate cones small on most inputs (Fukuda and Prodon, section 3).
    distinct = sorted({primitive(row) for row in rows if any(row)})
    lines = _table([[int(i == j) for j in range(dimension)] for i in range(dimension)], dimension)
    rays = _table([], dimension)
    tight: _Incidence = np.zeros((0, len(distinct)), dtype=bool)
    k = 0
    # The float products below are small and many: waking further threads costs more than they do.
    with one_thread():
        while k < len(distinct):
            if not len(lines) and len(rays) <= _FEW:
                rays, tight, k = _cut_few(rays, tight, distinct, k)
                continue
            a = np.array(distinct[k], dtype=object)
            crossing = np.flatnonzero(lines @ a)
            if crossing.size:
                lines, rays = _bend_line(lines, rays, a, int(crossing[0]))
                # The line became the last ray; it was tight for every row so far, and the other
                # rays were moved along it onto the new hyperplane.
                tight = np.vstack([tight, np.arange(len(distinct)) < k])
                tight[:-1, k] = True
            else:
                rays, tight = _cut(rays, tight, a, k, dimension - len(lines))
            k += 1
    return _canonical(lines, rays)


def generators(matrix: Rows, right_side: Vector, d: int) -> Generators:
    """Return the minimal generators of {x : A x <= b} for A (n x d) and b (n)."""
    # {(x, t) : b t - A x >= 0, t >= 0}: points of the set at t = 1, directions at t = 0. With t
    # last, the pivots of the lines are coordinates of x.
    cone = [primitive((*(-x for x in a), b)) for a, b in zip(matrix, right_side, strict=True)]
    lines, rays = cone_generators([*cone, (0,) * d + (1,)], d + 1)
    vertices = _ascending([r for r in rays if r[d]], d)
    if not vertices:
        return Generators((), (), ())
    directions = [r for r in rays if not r[d]]
    return Generators(vertices, *(_fractions(v, d) for v in (directions, lines)))


def inequalities(given: Generators, d: int) -> tuple[Rows, Vector]:
    """Return irredundant A, b with {x : A x <= b} = conv + cone + span of the generators in R^d.

    The generators may be redundant. Without vertices the set is empty.
    """
    if not given.vertices:
        return ((Fraction(0),) * d,), (Fraction(-1),)
    # The inequalities y·x + s >= 0 that hold on the set form a cone of vectors (y, s), which has
    # one inequality for each generator.
    polar = [primitive((*v, 1)) for v in given.vertices]
    polar += [primitive((*r, 0)) for r in given.rays]
    polar += [primitive((*(c * x for x in l), 0)) for l in given.lines for c in (1, -1)]
    equations, facets = cone_generators(polar, d + 1)
    valid = [y for y in facets if any(y[:d])]  # (0, 1) says only 1 >= 0
    valid += [tuple(c * x for x in y) for y in equations for c in (1, -1)]
    outward = [tuple(-x for x in y) for y in valid]
    return _fractions(outward, d), tuple(Fraction(y[d]) for y in valid)


def primitive(vector: Sequence[Fraction | int]) -> Integers:
    """Return the integer vector without common divisor in the direction of ``vector``.

    >>> primitive([Fraction(2, 3), -2])
    (1, -3)
    """
    scale = lcm(*(x.denominator for x in vector))
    whole = [x.numerator * (scale // x.denominator) for x in vector]
    divisor = gcd(*whole) or 1
    return tuple(x // divisor for x in whole)


def _bend_line(lines: _Table, rays: _Table, a: _Table, chosen: int) -> tuple[_Table, _Table]:
    """Turn the chosen line into a ray with a·x > 0 and move all else along it onto a·x = 0."""
    line = lines[chosen]
    height = a @ line
    if height < 0:
        line, height = -line, -height
    others = np.delete(lines, chosen, axis=0)
    lines = _primitive_rows(height * others - np.outer(others @ a, line))
    rays = _primitive_rows(height * rays - np.outer(rays @ a, line))
    return lines, np.vstack([rays, line])


def _cut(
    rays: _Table, tight: _Incidence, a: _Table, k: int, rank: int
) -> tuple[_Table, _Incidence]:
    """Intersect a cone, ``rank`` dimensions modulo its lines, with a·x >= 0, row number k."""
    values = rays @ a
    signs = (values > 0).astype(int) - (values < 0).astype(int)
    tight[signs == 0, k] = True
    up, down = _adjacent(tight, np.flatnonzero(signs > 0), np.flatnonzero(signs < 0), rank)
    new = _primitive_rows(values[up, None] * rays[down] - values[down, None] * rays[up])
    new_tight = tight[up] & tight[down]
    new_tight[:, k] = True
    kept = signs >= 0
    return np.vstack([rays[kept], new]), np.vstack([tight[kept], new_tight])


def _cut_few(
    rays: _Table, tight: _Incidence, rows: Sequence[Integers], k: int
) -> tuple[_Table, _Incidence, int]:
    """Cut a cone without lines by the rows from number k on, while it has few rays.

    As :func:`_cut` does, and adjacent are those that :func:`_adjacent` finds; the hyperplanes on
    which a ray lies are the bits of an integer. Also returns the number of the next row.
    """
    dimension = rays.shape[1]
    cone = [
        (ray, int.from_bytes(packed.tobytes(), "little"))
        for ray, packed in zip(rays.tolist(), np.packbits(tight, 1, "little"), strict=True)
    ]
    while k < len(rows) and len(cone) <= _FEW:
        kept, up, down = [], [], []
        for ray, planes in cone:
            value = sum(map(mul, rows[k], ray))
            if value < 0:
                down.append((value, ray, planes))
                continue
            if value:
                up.append((value, ray, planes))
            kept.append((ray, planes if value else planes | 1 << k))
        for p, one, first in up:
            for n, other, second in down:
                common = first & second
                if (
                    common.bit_count() < dimension - 2
                    or sum(common & planes == common for _, planes in cone) > 2
                ):
                    continue
                new = [p * y - n * x for x, y in zip(one, other, strict=True)]
                divisor = gcd(*new)
                kept.append(([x // divisor for x in new], common | 1 << k))
        cone, k = kept, k + 1
    packed = [planes.to_bytes(-(-len(rows) // 8), "little") for _, planes in cone]
    bits = np.frombuffer(b"".join(packed), np.uint8).reshape(len(cone), -(-len(rows) // 8))
    tight = np.unpackbits(bits, 1, len(rows), "little").astype(bool)
    return _table([ray for ray, _ in cone], dimension), tight, k


def _adjacent(
    tight: _Incidence, positive: NDArray[Any], negative: NDArray[Any], rank: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the pairs, one ray from each list, that span a two-dimensional face."""
    # On a two-dimensional face hyperplanes of rank (rank - 2) meet, and all of them have rays from
    # both lists. Dropping first what cannot take part makes the products below small.
    both = np.flatnonzero(tight[positive].any(axis=0) & tight[negative].any(axis=0))
    # Products of 0/1 matrices count common hyperplanes; floats hold such small integers exactly.
    counts = tight[:, both].astype(np.float32)
    enough = counts.sum(axis=1) >= rank - 2
    positive, negative = positive[enough[positive]], negative[enough[negative]]
    shared = counts[positive] @ counts[negative].T
    p, n = np.nonzero(shared >= rank - 2)
    up, down = positive[p], negative[n]
    # The hyperplanes at an extreme ray have rank (rank - 1). When there are no more of them they
    # are independent, so any (rank - 2) of them do meet in a two-dimensional face.
    sizes = tight.sum(axis=1)
    adjacent = (sizes[up] == rank - 1) | (sizes[down] == rank - 1)
    open_pairs = np.flatnonzero(~adjacent)
    step = max(1, _COMPARED_AT_ONCE // max(1, len(tight)))
    for start in range(0, len(open_pairs), step):
        part = open_pairs[start : start + step]
        common = counts[up[part]] * counts[down[part]]
        on_all = common @ counts.T == common.sum(axis=1, keepdims=True)
        adjacent[part] = on_all.sum(axis=1) == 2
    return up[adjacent], down[adjacent]


def _canonical(lines: _Table, rays: _Table) -> ConeGenerators:
    """Return generators that depend on the cone alone, not on how its rows were given."""
    dimension = lines.shape[1]
    if len(lines):
        reduced, _, rank = fmpz_mat(lines.tolist()).rref()
        lines = _table([[int(x) for x in row] for row in reduced.tolist()[:rank]], dimension)
        for i, line in enumerate(lines):
            pivot = int(np.flatnonzero(line)[0])
            if line[pivot] < 0:
                lines[i] = line = -line
            rays = line[pivot] * rays - np.outer(rays[:, pivot], line)
    return ConeGenerators(_sorted(_primitive_rows(lines)), _sorted(_primitive_rows(rays)))


def _primitive_rows(table: _Table) -> _Table:
    # Of a single number, a reduction returns the number itself, which may be negative.
    return table // np.gcd.reduce(abs(table), axis=1, keepdims=True) if len(table) else table


def _ascending(homogeneous: Sequence[Integers], d: int) -> Rows:
    """Return the points x_1/x_d, ..., x_(d-1)/x_d in lexicographic order."""
    points = [tuple(Fraction(x, r[d]) for x in r[:d]) for r in homogeneous]
    try:
        # Division of integers rounds monotonically, so that floats settle nearly all comparisons
        # and the fractions beside them the others, in the same order.
        rounded = [tuple(x / r[d] for x in r[:d]) for r in homogeneous]
    except OverflowError:
        return tuple(sorted(points))
    keys = [tuple(chain(*zip(f, x, strict=True))) for f, x in zip(rounded, points, strict=True)]
    return tuple(key[1::2] for key in sorted(keys))  # type: ignore[misc]


def _sorted(table: _Table) -> tuple[Integers, ...]:
    return tuple(sorted(map(tuple, table.tolist())))


def _table(rows: list[list[int]], columns: int) -> _Table:
    return np.array(rows, dtype=object).reshape(len(rows), columns)


def _fractions(vectors: Sequence[Integers], d: int) -> Rows:
    return tuple(tuple(map(Fraction, v[:d])) for v in vectors)
