"""Decision regions of softmax layers as exact polyhedra: shape, interior, common facets, boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations

from certify import linear_program, null_space, solve
from certify.errors import InputError
from certify.numbers.elimination import NullSpace
from certify.numbers.rationals import Rows, Vector, combine, dot
from certify.polyhedra.polyhedron import Boundedness, Polyhedron
from verify.claims.relation import Named, computed, multiples, within
from verify.drawing import layers
from verify.objects import ArgmaxRule, SoftmaxHead, units


def require_two_classes(head: SoftmaxHead) -> None:
    """Raise :class:`InputError` for a layer with one class, which has nothing to decide."""
    if head.classes < 2:
        raise InputError("head", expected="two classes or more", got="one")


def columns(head: SoftmaxHead) -> Rows:
    """Return w_1, ..., w_m as rows."""
    return tuple(head.class_weights(i) for i in range(head.classes))


def differences(head: SoftmaxHead) -> Rows:
    """Return w_1 - w_m, ..., w_(m-1) - w_m as rows."""
    *others, last = columns(head)
    return tuple(combine((1, w), (-1, last)) for w in others)


def gaps(head: SoftmaxHead, i: int, h: Vector) -> Vector:
    """Return z_i(h) - z_j(h) for the other classes j in order; all >= 0 in the region of i."""
    z = head.logits(h)
    return tuple(z[i] - z[j] for j in range(head.classes) if j != i)


def named_logits(name: str, head: SoftmaxHead, h: Vector) -> Named:
    """Return the logits at h by name, with the terms of W^T h + b."""
    terms: list[tuple[Fraction | int, Vector]] = [*zip(h, head.weights, strict=True)]
    if any(head.bias):
        terms.append((1, head.bias))
    return Named(name, head.logits(h), multiples(*terms))


EVERY = slice(None)


def named_gaps(name: str, head: SoftmaxHead, i: int, h: Vector, others: slice = EVERY) -> Named:
    """Return z_i(h) - z_j(h) for the other classes j, or some of them, by name, with the logits."""
    return Named(name, gaps(head, i, h)[others], partial(_differences, head.logits(h), i, others))


def _differences(z: Vector, i: int, others: slice = EVERY) -> str:
    values = (*z[:i], *z[i + 1 :])[others]
    entries = (computed("", "a - b", a=z[i], b=other) for other in values)
    return f"({','.join(entry.formula[0] for entry in entries)})"


def named_class(name: str, head: SoftmaxHead, i: int, h: Vector) -> Named:
    """Return the class i of h by name, from 1, with the logits."""
    return Named(name, i + 1, partial(_at_logits, head.logits(h)))


def holds_at(name: str, head: SoftmaxHead, h: Vector, answer: int) -> Named:
    """Return 1 for yes or 0 for no by name, with the logits at h that decide it."""
    return Named(name, answer, partial(_at_logits, head.logits(h)))


def _at_logits(z: Vector) -> str:
    return f"[z={within(z)}]"


def smallest_gap(name: str, head: SoftmaxHead, i: int, h: Vector) -> Named:
    """Return the least of z_i(h) - z_j(h) by name, with the logits; >= 0 in the region of i."""
    return Named(name, min(gaps(head, i, h)), partial(_least_difference, head.logits(h), i))


def least_gap(i: int | str, at: str) -> str:
    """Return how the least gap of class i, from 1, to the others at some features is written."""
    return rf"\min_{{j\neq {i}}}(z_{{{i}}}-z_j)({at})"


def _least_difference(z: Vector, i: int) -> str:
    found = _differences(z, i)
    return found[1:-1] if len(z) == 2 else rf"\min{found}"


def free_dimension(head: SoftmaxHead, space: NullSpace) -> Named:
    """Return the dimension of D by name, with the number of features and the rank."""
    free = computed("", "l - r", l=head.features, r=space.rank)
    return Named(r"\dim D=l-r", space.dimension, free.numbers)


def full_dimension(head: SoftmaxHead, i: int, dimension: int) -> Named:
    """Return the dimension of the region of class i by name: l less its independent equations."""
    l = head.features
    return computed(rf"\dim R_{{{i + 1}}}=l-e", "l - e", l=l, e=l - dimension)


def wins(head: SoftmaxHead, points: Rows) -> list[Named]:
    """Return the least gap of each class in order at its own point, by name."""
    return [
        smallest_gap(least_gap(i + 1, f"h_{{{i + 1}}}"), head, i, h) for i, h in enumerate(points)
    ]


def polyhedron(head: SoftmaxHead, i: int) -> Polyhedron:
    """Return the closed region {h : (w_j - w_i).h <= b_i - b_j for the other j} of class i."""
    w, b = columns(head), head.bias
    others = [j for j in range(head.classes) if j != i]
    return Polyhedron(
        tuple(combine((1, w[j]), (-1, w[i])) for j in others),
        tuple(b[i] - b[j] for j in others),
        head.features,
    )


def boundary_piece(head: SoftmaxHead, i: int, j: int) -> Polyhedron:
    """Return {h : z_i = z_j, z_i >= z_k for the other k}; its first two rows are the equation."""
    w, b = columns(head), head.bias
    normal = combine((1, w[i]), (-1, w[j]))
    others = [k for k in range(head.classes) if k not in (i, j)]
    return Polyhedron(
        (normal, combine((-1, normal)), *(combine((1, w[k]), (-1, w[i])) for k in others)),
        (b[j] - b[i], b[i] - b[j], *(b[i] - b[k] for k in others)),
        head.features,
    )


def argmax_rule(head: SoftmaxHead, *, lowest: bool) -> ArgmaxRule:
    """Return the rule of the layer; ties go to the lowest index or stay open."""
    return ArgmaxRule(columns(head), head.bias, lowest)


@dataclass(frozen=True)
class Border:
    """What two classes with different weights have in common.

    ``height`` is the largest number <= 1 such that z_i = z_j >= z_k + height somewhere, for all
    other k. It is attained at ``point``. When it is not positive, the functions sum share_k z_k and
    t z_i + (1 - t) z_j - height are the same, with ``share`` convex and t = ``parameter``.
    """

    height: Fraction
    point: Vector
    share: Vector
    parameter: Fraction

    @property
    def facet(self) -> bool:
        """Whether some point has z_i = z_j above all other logits."""
        return self.height > 0


def border(head: SoftmaxHead, i: int, j: int) -> Border:
    """Find a point between two classes that is as far from all others as possible.

    The dual of the linear program is the mixture of other logits that covers the border otherwise.
    """
    w, b = columns(head), head.bias
    others = [k for k in range(head.classes) if k not in (i, j)]
    rows = [(*combine((1, w[k]), (-1, w[i])), 1) for k in others]
    limits = [b[i] - b[k] for k in others]
    ceiling = (*([0] * head.features), 1)
    equation = (*combine((1, w[i]), (-1, w[j])), 0)
    answer = linear_program(
        ceiling, ([*rows, ceiling], [*limits, 1]), ([equation], [b[j] - b[i]]), maximize=True
    )
    # z_i = z_j has solutions, and t is bounded above and free below.
    assert answer.x is not None
    assert answer.value is not None
    assert answer.multipliers is not None
    share = [Fraction(0)] * head.classes
    for k, y in zip(others, answer.multipliers.inequalities, strict=False):
        share[k] = y
    return Border(answer.value, answer.x[:-1], tuple(share), 1 - answer.multipliers.equalities[0])


def excess(name: str, head: SoftmaxHead, i: int, j: int, found: Border) -> Named:
    """Return the height of a border by name, with the logits at its point."""
    return Named(name, found.height, partial(_excess, head.logits(found.point), (i, j)))


def _excess(z: Vector, pair: tuple[int, int]) -> str:
    others = [value for k, value in enumerate(z) if k not in pair]
    if not others:
        return ""
    own, most = z[pair[0]], max(others)
    above = computed("", "a - b", a=own, b=most).formula[0]
    return above if own - most <= 1 else rf"\min(1,{above})"


@dataclass(frozen=True)
class ParallelPair:
    """Two pairs of classes with w_i - w_j = factor (w_k - w_l), neither difference being zero."""

    first: tuple[int, int]
    second: tuple[int, int]
    factor: Fraction


def parallel_pairs(head: SoftmaxHead) -> list[ParallelPair]:
    """Return all parallel pairs of bisectors (Zou et al., Definition 2, bisector reading)."""
    w = columns(head)
    normals = {
        (i, j): combine((1, w[i]), (-1, w[j])) for i, j in combinations(range(head.classes), 2)
    }
    found = []
    for (first, p), (second, q) in combinations(normals.items(), 2):
        factor = next((a / b for a, b in zip(p, q, strict=True) if b), None)
        if factor and combine((factor, q)) == p:
            found.append(ParallelPair(first, second, factor))
    return found


# The interval [-1, 1] between two classes that win further out.
INTERVAL = SoftmaxHead.of([[-1, 0, 1]], [0, 1, 0])


def shapes(head: SoftmaxHead) -> list[Boundedness]:
    """Return the shape of every region in order."""
    return [polyhedron(head, i).bounded() for i in range(head.classes)]


@dataclass(frozen=True)
class Side:
    """One side of a box: outward.h <= bound, by nonnegative shares of the inequalities."""

    outward: Vector
    shares: Vector
    bound: Fraction


def box(region: Polyhedron) -> list[Side]:
    """Return the sides of the smallest box around a bounded region, by exact linear programs."""
    sides = []
    for e in units(region.ambient_dimension):
        for sign in (1, -1):
            outward = combine((sign, e))
            best = linear_program(outward, (region.matrix, region.right_side), maximize=True)
            assert best.multipliers is not None
            assert best.value is not None
            sides.append(Side(outward, best.multipliers.inequalities, best.value))
    return sides


def open_direction(rows: Rows) -> list[Vector]:
    """Return a d != 0 with a.d <= 0 for all rows, in a list; none when there are too many rows.

    At most l rows either fail to span R^l, and d is a null vector, or they are independent, and
    d solves a.d = -1.
    """
    if len(rows) > len(rows[0]):
        return []
    kernel = null_space(rows).basis
    if kernel:
        return [kernel[0]]
    solution = solve(rows, [-1] * len(rows)).solution
    return [] if solution is None else [solution]


def simplex_layer(l: int, extra: int) -> SoftmaxHead:
    """Return the layer 0, e_1, ..., e_l, -(1, ..., 1), the last ``1 + extra`` times, b = e_1."""
    columns = [(Fraction(0),) * l, *units(l), *[(Fraction(-1),) * l] * (1 + extra)]
    return layers.of_columns(columns, [Fraction(1), *[Fraction(0)] * (len(columns) - 1)])


def circle_layer() -> SoftmaxHead:
    """Return the twelve integer points of length 5 as weights, with biases of different size."""
    columns = [
        (Fraction(x), Fraction(y))
        for x in range(-5, 6)
        for y in range(-5, 6)
        if x * x + y * y == 25
    ]
    return layers.of_columns(columns, [Fraction(7 * k % 12 - 5) for k in range(len(columns))])


def nearest(weights: Sequence[Vector], i: int) -> int:
    """Return the place of the other weight whose product with weight i is largest."""
    others = (j for j in range(len(weights)) if j != i)
    return max(others, key=lambda j: dot(weights[i], weights[j]))
