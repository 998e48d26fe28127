"""The nearest twin of a point for a small ReLU network, by a linear program for each cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from certify import linear_program
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.networks.relu import Pattern, ReluNetwork
from certify.numbers.rationals import Rows, Vector, combine, dot, texts
from certify.programs.linear_program import LinearProgramResult
from verify.claims.relation import Named, inner

System = tuple[Rows, Vector]  # the left and the right sides of inequalities or equations
LARGEST = 8  # hidden units; there is one linear program for each sign pattern


@dataclass(frozen=True)
class Nearest:
    """A twin of the target at the least l_inf distance ``radius`` from the origin, in [0, 1]^n.

    ``cells`` has the answer for every sign pattern of the hidden units, whose closed cells cover
    the whole space: infeasible, or the least radius in that cell.
    """

    point: Vector
    radius: Fraction
    cells: tuple[LinearProgramResult, ...]

    @property
    def values(self) -> Vector:
        """The least radius in each cell that has a twin."""
        return tuple(cell.value for cell in self.cells if cell.value is not None)

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of all cells."""
        return tuple(cell.certificate for cell in self.cells)


def patterns(network: ReluNetwork) -> list[Pattern]:
    """Return all sign patterns of the hidden units, in R^n or not."""
    layers = [list(product((1, -1), repeat=layer.units)) for layer in network.layers[:-1]]
    return list(product(*layers))


def names(network: ReluNetwork) -> list[str]:
    """Return the name of each cell: + for an active hidden unit and - for another."""
    return [
        ",".join("+" if sign > 0 else "-" for layer in pattern for sign in layer)
        for pattern in patterns(network)
    ]


# What a step says of the cells that it names.
NAMES = (
    r"(A cell is named by the signs of the hidden units: in $(+,-)$ the first is active and the "
    r"second is not. Where a cell has no twin, a combination of its inequalities, of those of the "
    r"box and of the equations of a twin says $0\le\beta$ with a $\beta<0$.)"
)


def contradictions(
    network: ReluNetwork, target: Vector, programs: Sequence[LinearProgramResult]
) -> list[Named]:
    r"""Return beta < 0 by name for each cell without a twin, with the terms that are not 0.

    A bound on the distance takes no part: it can always be as large as need be.
    """
    found = []
    systems = zip(names(network), twins_by_cell(network, target), programs, strict=False)
    for name, ((_, right_side), (_, right)), program in systems:
        if program.status == "infeasible" and program.multipliers:
            shares, weights = program.multipliers
            terms = [*zip(shares, right_side, strict=False), *zip(weights, right, strict=True)]
            used = [(y, b) for y, b in terms if y]
            found.append(inner(rf"\beta({name})", [y for y, _ in used], [b for _, b in used]))
    return found


def nearest(network: ReluNetwork, origin: Vector, target: Vector) -> Nearest:
    """Return the nearest point of [0, 1]^n with exactly the softmax output of the target.

    There is one, since the target qualifies: ``target`` must lie in [0, 1]^n. Raises
    :class:`InputError` as :func:`twins_by_cell` does.
    """
    if not all(0 <= t <= 1 for t in target):
        raise InputError("target", expected="a point of the unit box", got=str(texts(target)))
    cells = tuple(_program(origin, *system) for system in twins_by_cell(network, target))
    best = min((c for c in cells if c.value is not None), key=lambda c: c.value or Fraction(0))
    assert best.x is not None
    assert best.value is not None
    return Nearest(best.x[:-1], best.value, cells)


def twins_by_cell(network: ReluNetwork, target: Vector) -> list[tuple[System, System]]:
    """Return, for each closed cell, the inequalities and equations of the twins in [0, 1]^n.

    They are A x <= b and C x = d, for every sign pattern of the hidden units, whether it has points
    or not. Raises :class:`InputError` for more than 8 hidden units, which would take too many
    programs, and for one output only.
    """
    if network.outputs < 2:
        raise InputError("network", expected="two outputs or more", got="one")
    units = sum(layer.units for layer in network.layers[:-1])
    if units > LARGEST:
        raise InputError("network", expected=f"at most {LARGEST} hidden units", got=str(units))
    n, wanted = network.dimension, phi(network.values(target))
    box = [tuple(Fraction(sign * (j == k)) for j in range(n)) for sign in (1, -1) for k in range(n)]
    found: list[tuple[System, System]] = []
    for pattern in patterns(network):
        matrix, right_side = network.cell(pattern)
        slopes, offsets = network.affine_on(pattern)
        right = tuple(a - b for a, b in zip(wanted, phi(offsets), strict=True))
        bounds = (*right_side, *[Fraction(1)] * n, *[Fraction(0)] * n)
        found.append((((*matrix, *box), bounds), (gap_rows(slopes), right)))
    return found


def _program(origin: Vector, inequalities: System, equations: System) -> LinearProgramResult:
    """Minimise the radius over the twins in one closed cell; the variables are (x*, radius)."""
    n = len(origin)
    (matrix, right_side), (slopes, right) = inequalities, equations
    rows = [(*a, Fraction(0)) for a in matrix]
    bounds = list(right_side)
    for k, x in enumerate(origin):
        for sign in (1, -1):
            rows.append((*(Fraction(sign * (j == k)) for j in range(n)), Fraction(-1)))
            bounds.append(sign * x)
    objective = [*([0] * n), 1]
    return linear_program(objective, (rows, bounds), ([(*row, 0) for row in slopes], right))


def gap_rows(rows: Rows) -> Rows:
    """Return the differences of all rows but the last to the last."""
    return tuple(combine((1, row), (-1, rows[-1])) for row in rows[:-1])


def phi(logits: Vector) -> Vector:
    """Return (z_1 - z_m, ..., z_(m-1) - z_m): equal exactly when the softmax outputs are."""
    return tuple(z - logits[-1] for z in logits[:-1])


def features(network: ReluNetwork, x: Vector) -> Vector:
    """Return g(x): what the last layer, the softmax layer, receives."""
    *hidden, _ = network.layers
    for layer in hidden:
        x = tuple(
            max(dot(w, x) + b, Fraction(0))
            for w, b in zip(layer.weights, layer.biases, strict=True)
        )
    return x


def distance(x: Vector, y: Vector) -> Fraction:
    """Return the l_inf distance."""
    return max(abs(a - b) for a, b in zip(x, y, strict=True))


def label(network: ReluNetwork, x: Vector) -> int | None:
    """Return the class with the largest logit, None on a tie."""
    z = network.values(x)
    return z.index(max(z)) if z.count(max(z)) == 1 else None
