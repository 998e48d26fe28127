"""Cubes in decision regions: the largest one, by a linear program, and why none is larger."""

from fractions import Fraction

from certify import linear_program
from certify.numbers.rationals import Vector, combine
from certify.programs.linear_program import LinearProgramResult
from verify.claims.claim import Step, step
from verify.claims.relation import Named, computed, inner, least, mixture, named
from verify.claims.zou2018.shared import regions
from verify.objects import SoftmaxHead, units


def largest_cube(
    head: SoftmaxHead, region: int, *, nonnegative: bool = False
) -> LinearProgramResult:
    """Maximise t over the h with h + u in the region for all |u_k| <= t; the variables are (h, t).

    A negative t asks for less than that h is in the region. With ``nonnegative`` no point of the
    cube may have a negative entry.
    """
    polyhedron, l = regions.polyhedron(head, region), head.features
    rows = [(*a, size_1(a)) for a in polyhedron.matrix]
    bounds = list(polyhedron.right_side)
    if nonnegative:
        rows += [(*(-c for c in e), Fraction(1)) for e in units(l)]
        bounds += [Fraction(0)] * l
    return linear_program((*[0] * l, 1), (rows, bounds), maximize=True)


def rivals(head: SoftmaxHead, i: int) -> dict[int, Vector]:
    """Return w_i - w_j for the other classes j."""
    own = head.class_weights(i)
    others = (j for j in range(head.classes) if j != i)
    return {j: combine((1, own), (-1, head.class_weights(j))) for j in others}


def size_1(w: Vector) -> Fraction:
    """Return the sum of the absolute values of the entries."""
    return sum(map(abs, w), Fraction(0))


def difference(head: SoftmaxHead, i: int, j: int, h: Vector) -> Fraction:
    """Return z_i - z_j at h."""
    z = head.logits(h)
    return z[i] - z[j]


def gap(head: SoftmaxHead, i: int, j: int, at: str, h: Vector) -> Named:
    """Return z_i - z_j at h by name, with both logits."""
    z = head.logits(h)
    return computed(f"(z_i-z_{{{j + 1}}})({at})", "a - b", a=z[i], b=z[j])


def reach(name: str, w: Vector, size: Fraction) -> Named:
    """Return the size times the norm 1 of w, by name."""
    return computed(name, "r * a", r=size, a=size_1(w))


def cube(head: SoftmaxHead, region: int, found: LinearProgramResult) -> tuple[Named | Step, ...]:
    """Return the largest cube, and multipliers of its walls that show that none is larger.

    Where no point of it may have a negative entry these are walls as well, h_k >= r.
    """
    *h, r = found.x or ()
    walls = rivals(head, region)
    y = (found.multipliers or ((), ()))[0]
    shares, corners = y[: len(walls)], y[len(walls) :]
    room = [head.bias[region] - head.bias[j] for j in walls]
    terms = [(-a, w) for a, w in zip(shares, walls.values(), strict=True)]
    floor = [(-c, e) for c, e in zip(corners, units(len(h)), strict=bool(corners))]
    lengths = [*map(size_1, walls.values()), *(Fraction(1) for _ in corners)]
    more = r"-y'" if corners else ""
    sums = r"+\sum_ky'_k" if corners else ""
    return (
        Named("h", tuple(h)), Named("r", r), Named(r"(y_j)_{j\neq i}", shares),
        *([Named("y'", corners)] if corners else []),
        step(r"The cube around $h$ with half the side $r$ fits into the region: $z_i-z_j\ge "
             r"r|w_i-w_j|_1$ at $h$ for all $j$"
             + (", and $h_k\\ge r$ for all $k$." if corners else "."),
             *((gap(head, region, j, "h", tuple(h)), ">=", reach(f"r|w_i-w_{{{j + 1}}}|_1", w, r))
               for j, w in walls.items()),
             ([least(r"\min_kh_k", h)] if corners else [], ">=", named("r", r))),
        step("No larger one does: multiply these inequalities by $y$"
             + (" and $y'$" if corners else "")
             + " and add them; $h$ drops out, and what is left is $r$ at most.",
             (mixture(rf"\sum_jy_j(w_j-w_i){more}", *terms, *floor), "=",
              (Fraction(0),) * len(h)),
             (inner(rf"\sum_jy_j|w_i-w_j|_1{sums}", y, lengths), "=", 1),
             (inner(r"\sum_jy_j(b_i-b_j)", shares, room), "=", named("r", r)),
             (least(r"\min y", y), ">=", 0)),
    )  # fmt: skip
