"""Why a decision region is bounded or not: open directions, boxes, and layers that show either."""

from dataclasses import dataclass
from fractions import Fraction

from certify import linear_program, null_space, solve
from certify.numbers.rationals import Rows, Vector
from certify.polyhedra.polyhedron import Boundedness, Polyhedron
from verify.claims.zou2018.shared import regions
from verify.drawing import layers
from verify.objects import SoftmaxHead, units

# The interval [-1, 1] between two classes that win further out.
INTERVAL = SoftmaxHead.of([[-1, 0, 1]], [0, 1, 0])


def shapes(head: SoftmaxHead) -> list[Boundedness]:
    """Return the shape of every region in order."""
    return [regions.polyhedron(head, i).bounded() for i in range(head.classes)]


@dataclass(frozen=True)
class Side:
    """One side of a box: outward.h <= bound, by nonnegative shares of the inequalities."""

    outward: Vector
    shares: Vector
    bound: Fraction


def box(region: Polyhedron) -> list[Side]:
    """Return the sides of the smallest box around a bounded region, by exact linear programs."""
    sides = []
    for k in range(region.ambient_dimension):
        for sign in (1, -1):
            outward = tuple(Fraction(sign * (j == k)) for j in range(region.ambient_dimension))
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
