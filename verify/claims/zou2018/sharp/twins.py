"""The bounds on the distance of a twin in the norms 1 and 2, decided in the plane by two ways.

One way is a program for each cell; the other takes the corners of what the twins of a cell fill,
and the distance to the segments between them.
"""

from fractions import Fraction
from itertools import combinations_with_replacement
from math import isqrt
from random import Random

from certify import certificates
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import Named, computed, named
from verify.claims.zou2018.shared import twins
from verify.claims.zou2018.shared.twin_norms import copied, functionals, length_2, near_1, near_2
from verify.drawing import pairs
from verify.drawing.pairs import Pair

NEARER, NONE_NEARER = "a twin nearer than x' in the norm 2", "nothing nearer than x'"
ZERO, ONE = Fraction(0), Fraction(1)


def draw(rng: Random, case: str) -> Pair:
    """Return a network on two inputs with two hidden units, and two different inputs."""
    while True:
        pair = pairs.draw_plane(rng)
        if pair.origin == pair.target:
            continue
        nearer = min(map(square, candidates(pair))) < square(between(pair.target, pair.origin))
        if nearer == (case == NEARER):
            return pair


def between(x: Vector, y: Vector) -> Vector:
    """Return x - y."""
    return combine((1, x), (-1, y))


def size(step: Vector) -> Fraction:
    """Return the norm 1."""
    return sum(map(abs, step), ZERO)


def square(step: Vector) -> Fraction:
    """Return the square of the norm 2."""
    return dot(step, step)


def corners(inequalities: twins.System, equations: twins.System) -> Rows:
    """Return the corners of the twins of one cell; none where it has no twin."""
    (matrix, right), (slopes, equal) = inequalities, equations
    rows = [*matrix, *slopes, *(combine((-1, a)) for a in slopes)]
    return Polyhedron.of(rows, [*right, *equal, *(-c for c in equal)]).vertices_and_rays().vertices


def candidates(pair: Pair) -> list[Vector]:
    """Return steps from x to twins, among them the shortest one in each of the norms 1 and 2.

    On a segment these are to an end, to where an entry is that of x, or to the foot of x.
    """
    x, found = pair.origin, []
    for inequalities, equations in twins.twins_by_cell(pair.network, pair.target):
        ends = corners(inequalities, equations)
        if ends and _holds(x, inequalities, equations):
            found.append(between(x, x))
        for a, b in combinations_with_replacement(ends, 2):
            start, way = between(a, x), between(b, a)
            places = [ZERO, ONE, *(-c / d for c, d in zip(start, way, strict=True) if d)]
            places += [-dot(start, way) / dot(way, way)] if any(way) else []
            found += [combine((1, start), (min(max(t, ZERO), ONE), way)) for t in places]
    return found


def _holds(x: Vector, inequalities: twins.System, equations: twins.System) -> bool:
    return all(dot(a, x) <= b for a, b in zip(*inequalities, strict=True)) and all(
        dot(a, x) == b for a, b in zip(*equations, strict=True)
    )


def slopes(network: ReluNetwork, i: int, j: int) -> list[Vector]:
    """Return the gradients of z_i - z_j on the cells of the unit square that have interior."""
    n = network.dimension
    box = [*(tuple(Fraction(s * (k == h)) for h in range(n)) for s in (1, -1) for k in range(n))]
    found = []
    for pattern in twins.patterns(network):
        matrix, right = network.cell(pattern)
        cell = Polyhedron.of([*matrix, *box], [*right, *[1] * n, *[0] * n])
        if cell.dimension() == n:
            rows, _ = network.affine_on(pattern)
            found.append(between(rows[i], rows[j]))
    return found


def decide(pair: Pair) -> Proof:
    """Compare the least distances by cells with those by corners, and with both bounds."""
    network, x, target = pair.network, pair.origin, pair.target
    one, two = near_1(pair), near_2(pair)
    steps, reach = candidates(pair), between(target, x)
    before, after = network.values(x), network.values(target)
    i, j = after.index(max(after)), before.index(max(before))
    gain = (after[i] - after[j]) - (before[i] - before[j])
    gradients = slopes(network, i, j)
    q_1, q_2 = functionals(pair)
    first, second = near_1(copied(pair, q_1)), near_2(copied(pair, q_2))
    return Proof.of(
        step("The least distances by a program for each cell are those by corners.",
             (one.size, "=", min(map(size, steps))), (two.size, "=", min(map(square, steps)))),
        step(r"$u(x')-u(x)\le\Lambda_p\varepsilon^*_p$: $\Lambda_1$ is the largest entry of a "
             r"gradient, $\Lambda_2$ the largest length of one.",
             (gain, "<=", max(abs(c) for g in gradients for c in g) * one.size),
             (gain**2, "<=", max(map(square, gradients)) * two.size)),
        step(r"$\varepsilon^*_p\le|x-x'|_p$.",
             (one.size, "<=", size(reach)), (two.size, "<=", square(reach))),
        step("For a copy of the input with the signs of $x'-x$ both are equations in the norm 1.",
             (first.size, "=", size(reach)),
             (dot(q_1, reach), "=", max(map(abs, q_1)) * first.size)),
        step("For a copy of the input with $x'-x$ both are in the norm 2, at $x'$ alone.",
             (second.size, "=", square(reach)), (second.point, "=", target),
             (dot(q_2, reach) ** 2, "=", square(q_2) * second.size)),
        certificates.twin(network, x, one.point, target),
        certificates.twin(network, x, two.point, target),
        *one.certificates, *two.certificates, *first.certificates, *second.certificates,
    )  # fmt: skip


def refute_rational(pair: Pair) -> Refutation | None:
    """Refute that the least distance in the norm 2 is always rational."""
    two = near_2(pair)
    # In lowest terms a/b is the square of a rational number exactly when a b is a square.
    product = two.size.numerator * two.size.denominator
    root = isqrt(product)
    if root**2 == product:
        return None
    return Refutation.of(
        "The least distance is the root of a rational number that is no square.",
        Named("x^*_2", two.point),
        step(r"The square of the distance is $a/b$ in lowest terms, and $ab$ is no square.",
             (Named(r"(\varepsilon^*_2)^2=|x^*_2-x|_2^2", two.size,
                    length_2("", two.point, pair.origin).numbers), "=",
              computed("a/b", "a / b", a=two.size.numerator, b=two.size.denominator)),
             (computed("r^2", "r**2", r=root), "<", named("ab", product)),
             (named("ab", product), "<", computed("(r+1)^2", "(r + 1)**2", r=root))),
        certificates.twin(pair.network, pair.origin, two.point, pair.target),
        *two.certificates,
    )  # fmt: skip


DIAGONAL = Pair(
    ReluNetwork.of([([[1, 0], [0, 1]], [0, 0]), ([[1, 1], [0, 0]], [0, "1/2"])]),
    vector([0, 0]),
    vector([1, 0]),
)
SHARP = SharpForm((NEARER, NONE_NEARER), draw, decide, Counterexample(
    "In the norm 2 the least distance need not be rational: it is the root of $1/2$ from $(0,0)$ "
    "to the points with $x_1+x_2=1$.", DIAGONAL, refute_rational, pairs.draw_plane,
))  # fmt: skip
