"""The nearest twins of a point in the norms 1 and 2, for a small ReLU network, cell by cell.

In the norm 2 a point of a polyhedron is the nearest one to x exactly when no other point is ahead
of it in the direction to x: a linear program shows that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations

from certify import linear_program, solve
from certify.certificates.certificate import Certificate
from certify.networks.relu import AffineLayer, ReluNetwork
from certify.numbers.rationals import Vector, combine, dot
from certify.programs.linear_program import LinearProgramResult
from verify.claims.relation import Named, computed
from verify.claims.zou2018.shared.twins import System, distance, twins_by_cell
from verify.drawing.pairs import Pair

ZERO, ONE = Fraction(0), Fraction(1)
SHOWN = 6  # entries of a distance that are written out


@dataclass(frozen=True)
class Cell:
    """The nearest twin within one closed cell, None where there is none, and a linear program.

    In the norm 1 ``size`` is the distance and the value of the program, whose first variables are
    the twin. In the norm 2 ``size`` is the square of the distance; with the twin p the program is
    the least (p - x).z over the twins z of the cell, which is (p - x).p.
    """

    point: Vector | None
    size: Fraction | None
    program: LinearProgramResult


@dataclass(frozen=True)
class Near:
    """The nearest twin of all cells, its distance (norm 1) or the square of it (norm 2)."""

    point: Vector
    size: Fraction
    cells: tuple[Cell, ...]

    @property
    def found(self) -> list[tuple[Vector, Fraction]]:
        """The nearest twin and the size of each cell that has a twin."""
        return [(c.point, c.size) for c in self.cells if c.point is not None and c.size is not None]

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of all cells."""
        return tuple(cell.program.certificate for cell in self.cells)


def cells_in_1(network: ReluNetwork, origin: Vector, target: Vector) -> tuple[Cell, ...]:
    """Return the nearest twin of the target in [0, 1]^n in the norm 1, for each closed cell.

    Raises :class:`InputError` as :func:`twins.twins_by_cell` does.
    """
    return tuple(_in_1(origin, *system) for system in twins_by_cell(network, target))


def cells_in_2(network: ReluNetwork, origin: Vector, target: Vector) -> tuple[Cell, ...]:
    """Return the same in the norm 2."""
    return tuple(_in_2(origin, *system) for system in twins_by_cell(network, target))


def nearest(cells: Sequence[Cell]) -> Near:
    """Return the nearest twin of all cells, of which one at least has a twin."""
    size, point = min(
        (c.size, c.point) for c in cells if c.size is not None and c.point is not None
    )
    return Near(point, size, tuple(cells))


def near_1(pair: Pair) -> Near:
    """Return the nearest twin in the norm 1, for a target in the box, which is one."""
    return nearest(cells_in_1(pair.network, pair.origin, pair.target))


def near_2(pair: Pair) -> Near:
    """Return the nearest twin in the norm 2, for a target in the box, which is one."""
    return nearest(cells_in_2(pair.network, pair.origin, pair.target))


def length_1(name: str, x: Vector, y: Vector) -> Named:
    """Return |x - y|_1 by name, with the entries."""
    size = sum((abs(a - b) for a, b in zip(x, y, strict=True)), ZERO)
    return Named(name, size, partial(_joined, "+", x, y))


def length_infinity(name: str, x: Vector, y: Vector) -> Named:
    """Return the largest |x_k - y_k| by name, with the entries."""
    return Named(name, distance(x, y), partial(_largest, x, y))


def _largest(x: Vector, y: Vector) -> str:
    parts = _joined(",", x, y)
    return rf"\max({parts})" if len(x) > 1 and parts else parts


def _joined(sign: str, x: Vector, y: Vector) -> str:
    """Return the |x_k - y_k| with a sign between them; nothing for too many entries."""
    if len(x) > SHOWN:
        return ""
    apart = (computed("", "a - b", a=a, b=b).formula[0] for a, b in zip(x, y, strict=True))
    return sign.join(f"|{one}|" for one in apart)


def length_2(name: str, x: Vector, y: Vector) -> Named:
    """Return the square of |x - y|_2 by name, with the entries."""
    step = combine((1, x), (-1, y))
    return Named(name, dot(step, step), partial(_squares, x, y))


def _squares(x: Vector, y: Vector) -> str:
    if len(x) > SHOWN:
        return ""
    apart = (computed("", "(a - b)**2", a=a, b=b).formula[0] for a, b in zip(x, y, strict=True))
    return "+".join(apart)


def named_phi(name: str, value: Vector, network: ReluNetwork, x: Vector) -> Named:
    """Return the value of phi(x) by name, with the logits."""
    return Named(name, value, partial(_gaps, network, x))


def _gaps(network: ReluNetwork, x: Vector) -> str:
    *others, last = network.values(x)
    return f"({','.join(computed('', 'a - b', a=a, b=last).formula[0] for a in others)})"


def functionals(pair: Pair) -> tuple[Vector, Vector]:
    """Return the signs of x' - x, and x' - x: their level sets through x' have no nearer point."""
    way = combine((1, pair.target), (-1, pair.origin))
    return tuple(Fraction((c > 0) - (c < 0)) for c in way), way


def copied(pair: Pair, q: Vector) -> Pair:
    """Return the same inputs with the network that copies them, and the logits q.x and a number.

    The number is the middle of q.x and q.x'.
    """
    n = pair.network.dimension
    zero = (Fraction(0),) * n
    middle = dot(q, combine((Fraction(1, 2), pair.origin), (Fraction(1, 2), pair.target)))
    copy = AffineLayer(tuple(unit(n, k) for k in range(n)), zero)
    last = AffineLayer((q, zero), (Fraction(0), middle))
    return Pair(ReluNetwork((copy, last)), pair.origin, pair.target)


def _in_1(origin: Vector, inequalities: System, equations: System) -> Cell:
    """Minimise the sum of t over the twins z of one cell with |z_k - x_k| <= t_k."""
    n, (matrix, right_side), (slopes, right) = len(origin), inequalities, equations
    zeros = (ZERO,) * n
    rows, bounds = [(*a, *zeros) for a in matrix], list(right_side)
    for k, x in enumerate(origin):
        for sign in (1, -1):
            rows.append((*unit(n, k, sign), *unit(n, k, -1)))
            bounds.append(sign * x)
    equal = ([(*row, *zeros) for row in slopes], right)
    program = linear_program((*zeros, *[ONE] * n), (rows, bounds), equal)
    return Cell(program.x and program.x[:n], program.value, program)


def _in_2(origin: Vector, inequalities: System, equations: System) -> Cell:
    """Find the foot of the origin on a face of one cell that no twin is ahead of."""
    zero = (ZERO,) * len(origin)
    empty = linear_program(zero, inequalities, equations)
    if empty.x is None:
        return Cell(None, None, empty)
    step = next(_steps_to_feet(origin, inequalities, equations))
    point = combine((1, origin), (1, step))
    return Cell(point, dot(step, step), linear_program(step, inequalities, equations))


def _steps_to_feet(origin: Vector, inequalities: System, equations: System) -> Iterator[Vector]:
    """Yield the step to the nearest twin of the cell, more than once where it is degenerate.

    It is a combination of the equations and of at most n inequalities that are equations there,
    against their normals (Karush, Kuhn, Tucker).
    """
    (matrix, right_side), (slopes, right) = inequalities, equations
    for count in range(len(origin) + 1):
        for chosen in combinations(range(len(matrix)), count):
            rows = (*slopes, *(matrix[i] for i in chosen))
            wanted = (*right, *(right_side[i] for i in chosen))
            lacking = [b - dot(a, origin) for a, b in zip(rows, wanted, strict=True)]
            weights = solve([[dot(a, b) for b in rows] for a in rows], lacking).solution
            if weights is None or any(w > 0 for w in weights[len(slopes) :]):
                continue
            step = combine(*zip(weights, rows, strict=True))
            foot = combine((1, origin), (1, step))
            if all(dot(a, foot) <= b for a, b in zip(matrix, right_side, strict=True)):
                yield step


def unit(n: int, k: int, factor: int = 1) -> Vector:
    """Return a multiple of the k-th unit vector of length n."""
    return tuple(Fraction(factor * (j == k)) for j in range(n))
