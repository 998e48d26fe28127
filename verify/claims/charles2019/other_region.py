r"""Section 5, before Theorem 11: The other region need not be convex

Printed: We will analyze $h$ such that $h^{-1}(\alpha)$ is convex (note that $h^{-1}(\beta)$ is not
    necessarily convex).
Statement: Let the closed polyhedron $A=\{h=\alpha\}$ be nonempty, and let two or more inequalities
    describe it, none of which can be dropped. Then some two points labelled $\beta$ have a point
    labelled $\alpha$ between them.
Verdict: true. Where $h^{-1}(\alpha)$ is a closed polyhedron, $h^{-1}(\beta)$ is convex only if the
    polyhedron is empty, a half-space or the whole space.
Reading: Not necessarily convex means that for some $h$ with a convex $h^{-1}(\alpha)$ it is not.
Needs two inequalities: $A$ needs two inequalities or more, none of which can be dropped.
    Without it: The other side of a half-space is a half-space, and convex.
Sharp: For a closed polyhedron $A$ that is not empty the region $\{h=\beta\}$ is convex exactly when
    one inequality is enough to describe $A$, or none.
    Rests on: Coq in part other_region. Outside of one inequality lies a half-space, outside of none
        nothing, and both are convex.
    Overstated: Two different inequalities are not enough: $x\leq0$ and $x\leq1$ leave a half-line,
        whose other side is convex.
Quantifier: on sampled polyhedra, by two points and one between them; that a half-space or all of
    the space has a convex complement by the symbolic step
The idea: Outside a bowl there are points on both sides of it.
Why it is true: Take two of the inequalities, $a\cdot x\leq c$ and $a'\cdot x\leq c'$. Neither
    normal is $0$ or a positive multiple of the other one, or the inequality that follows could be
    dropped. So $t=a/|a|-a'/|a'|$ has $a\cdot t=|a|-a\cdot a'/|a'|>0$, and likewise $a'\cdot t<0$:
    far enough along $t$ the first inequality fails, and backwards the second. From a point of $A$
    both ways lead out of $A$, and the point is between. With one inequality the outside is an open
    half-space.
Before you use it: The theorems of Section 5 turn the points with one label only, those of the
    convex region. Where that region is a closed polyhedron, the other one is convex as well for
    linear and for constant rules only.
"""

from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.without.convexity import ALPHA, BETA
from verify.claims.claim import Proof, Refutation, step
from verify.claims.language import Given, Symbolic, identity, inner, matrices, theorem
from verify.claims.relation import Named, mixture, named
from verify.drawing import numbers, small
from verify.objects import Cell, CellRule, square

GENERIC, OPPOSITE, POINT = "generic", "between two parallel walls", "a single point"
CASES = (GENERIC, OPPOSITE, POINT)
HALF = Fraction(1, 2)


def draw(rng: Random, case: str) -> tuple[Cell, Vector]:
    """Return a closed polyhedron that needs two inequalities or more, and a point of it."""
    while True:
        d = rng.randint(1, 3)
        x = numbers.vector(rng, d)
        if case == POINT:
            return Cell.point(x), x
        rows = [numbers.nonzero_vector(rng, d) for _ in range(rng.randint(2, 4))]
        if case == OPPOSITE:
            rows = [rows[0], combine((-numbers.positive(rng), rows[0]))]
        cell = Cell.of(rows, [dot(a, x) + rng.choice((0, 1)) * numbers.positive(rng) for a in rows])
        if len(needed(cell)) > 1:
            return cell, x


def needed(cell: Cell) -> tuple[int, ...]:
    """Return the indices of inequalities that describe the closed cell, none to spare."""
    return polyhedron(cell).irredundant().rows


def polyhedron(cell: Cell) -> Polyhedron:
    """Return the closed cell as a polyhedron."""
    return Polyhedron.of(cell.matrix, cell.right_side)


def climbing(a: Vector, b: Vector) -> Vector:
    """Return t with a.t > 0 > b.t, for vectors that are no positive multiples of each other."""
    rest = combine((1, a), (-dot(a, b) / square(b), b))
    if not any(rest):
        return a
    return combine((1, rest), (-1, combine((1, b), (-dot(a, b) / square(a), a))))


def outer(cell: Cell, inside: Vector) -> tuple[Vector, Vector, Vector]:
    """Return t and two points outside, at equal steps along t from the inner one and back."""
    i, k = needed(cell)[:2]
    a, b = cell.matrix[i], cell.matrix[k]
    t = climbing(a, b)
    gaps = [
        (cell.right_side[n] - dot(row, inside)) / abs(dot(row, t)) for n, row in ((i, a), (k, b))
    ]
    c = max(gaps) + 1
    return t, combine((1, inside), (c, t)), combine((1, inside), (-c, t))


def prove(region: Cell, inside: Vector) -> Proof:
    """Find a point of the region between two that are outside."""
    rule = CellRule((region,), ALPHA, BETA)
    t, p, q = outer(region, inside)
    first, second = (region.matrix[i] for i in needed(region)[:2])
    return Proof.of(
        Named("a", first), Named("a'", second), Named("t", t), Named("p", p), Named("q", q),
        step(r"Along $t$ the left side of the first inequality grows, and of the second it falls.",
             (inner(r"a\cdot t", first, t), ">", 0), (inner(r"a'\cdot t", second, t), "<", 0)),
        step(r"So beyond the first, along $t$ from $x$, lies $p$, and as far back, beyond the "
             r"second, $q$, with the label $\beta$.",
             (labelled("h(p)", rule, p), "=", named(r"\beta", BETA)),
             (labelled("h(q)", rule, q), "=", named(r"\beta", BETA))),
        step("The point $x$ of the region is in the middle of them.",
             (mixture(r"\tfrac12p+\tfrac12q", (HALF, p), (HALF, q)), "=", named("x", inside))),
        step(r"Its label is $\alpha$.",
             (labelled("h(x)", rule, inside), "=", named(r"\alpha", ALPHA))),
        facts.certificate([rule], [facts.label(0, z, rule.label(z)) for z in (p, inside, q)]),
    )  # fmt: skip


EXAMPLE = (Cell.of([[1, 0], [0, 1]], [1, 1]), vector([0, 0]))


def draw_small(rng: Random) -> tuple[Cell, Vector]:
    """Return one or two small inequalities on a line or in the plane, and a point."""
    d = rng.randint(1, 2)
    rows = [small.vector(rng, d) for _ in range(rng.randint(1, 2))]
    return Cell.of(rows, small.vector(rng, len(rows))), small.vector(rng, d)


def _complement(cell: Cell, text: str) -> Refutation | None:
    """Return why the other side of one inequality is convex: an open half-space."""
    if polyhedron(cell).is_empty():
        return None
    (kept, *others) = needed(cell) or (None,)
    if kept is None or others or not any(cell.matrix[kept]):
        return None
    a, c = cell.matrix[kept], cell.right_side[kept]
    both = (
        CellRule((cell,), ALPHA, BETA),
        CellRule((Cell.of([combine((-1, a))], [-c], strict=True),), BETA, ALPHA),
    )
    ends = [combine(((c + s) / square(a), a)) for s in (-1, 0, 1)]
    values = [inner(rf"a\cdot x_{i}", a, z) for i, z in enumerate(ends, 1)]
    return Refutation.of(
        text,
        Named("a", a), named("c", c), *(Named(f"x_{i}", z) for i, z in enumerate(ends, 1)),
        step(r"One inequality $a\cdot x\leq c$ describes $A$. So the label is $\beta$ exactly in "
             r"the open half-space $a\cdot x>c$; here below, on and above $a\cdot x=c$.",
             (values[:2], "<=", named("c", c)), (values[2], ">", named("c", c)),
             ([labelled("h(x_#)", both[0], z) for z in ends[:2]], "=", named(r"\alpha", ALPHA)),
             (labelled("h(x_3)", both[0], ends[2]), "=", named(r"\beta", BETA))),
        polyhedron(cell).irredundant().certificates[kept],
        facts.certificate(both, [facts.label(i, z, both[0].label(z)) for i in (0, 1)
                                 for z in ends]),
    )  # fmt: skip


@theorem.without("two inequalities", (Cell.of([[1]], [0]), vector([0])), draw_small)
def refute_one_inequality(region: Cell, inside: Vector) -> Refutation | None:
    """Refute for one inequality: its complement is an open half-space."""
    if len(region.matrix) > 1:
        return None
    return _complement(region, "The other region is an open half-space, which is convex.")


# The sharp form: what is needed by linear programs, against points outside with one inside between.
NONE, ONE, MORE = "none or one inequality", "several of which one is enough", "several needed"


def draw_region(rng: Random, case: str) -> tuple[Cell, Vector]:
    """Return a closed polyhedron of the named case and a point of it."""
    if case == MORE:
        return draw(rng, rng.choice(CASES))
    d = rng.randint(1, 3)
    x, a = numbers.vector(rng, d), numbers.nonzero_vector(rng, d)
    if rng.random() < 0.3:
        a = combine((0, a))
    factors = [Fraction(1)] if case == NONE else [numbers.positive(rng) for _ in range(3)]
    rows = [combine((f, a)) for f in factors]
    return Cell.of(rows, [dot(row, x) + numbers.positive(rng) for row in rows]), x


def between(cell: Cell) -> tuple[Vector, Vector, Vector] | None:
    """Return two points outside with one inside between, from pairs of inequalities, or None.

    On the plane {a.x = c} of an inequality, moved out a little, each other one is tried.
    """
    found = polyhedron(cell).is_empty().point
    assert found is not None
    rule = CellRule((cell,), ALPHA, BETA)
    for i, a in enumerate(cell.matrix):
        for k, b in enumerate(cell.matrix):
            parallel = (
                any(a) and any(b) and dot(a, b) > 0 and (dot(a, b) ** 2 == square(a) * square(b))
            )
            if i == k or parallel or not any(a) or not any(b):
                continue
            t = climbing(a, b)
            far = [(cell.right_side[n] - dot(r, found)) / abs(dot(r, t)) for n, r in
                   ((i, a), (k, b))]  # fmt: skip
            c = max(far) + 1
            p, q = combine((1, found), (c, t)), combine((1, found), (-c, t))
            if [rule.label(z) for z in (p, found, q)] == [BETA, ALPHA, BETA]:
                return p, found, q
    return None


@theorem.sharp((NONE, ONE, MORE), draw_region)
def decide(region: Cell, inside: Vector) -> Proof:
    """Compare how many are needed with a search for a point of the region between two outside."""
    rule = CellRule((region,), ALPHA, BETA)
    kept = polyhedron(region).irredundant()
    found = between(region)
    points = found or (inside,)
    return Proof.of(
        step("Two points outside with one inside between are found exactly when two inequalities "
             "or more are needed.",
             (int(found is not None), "=", int(len(kept.rows) > 1)),
             (rule.label(inside), "=", ALPHA)),
        facts.certificate([rule], [facts.label(0, z, rule.label(z)) for z in points]),
        *kept.certificates.values(),
    )  # fmt: skip


@theorem.overstated((Cell.of([[1], [1]], [0, 1]), vector([0])), draw_small)
def refute_two(region: Cell, inside: Vector) -> Refutation | None:
    """Refute that two different inequalities always leave an outside that is not convex."""
    if len(region.matrix) < 2:
        return None
    return _complement(region, "One of the two inequalities implies the other.")


def sharpness() -> Proof:
    """Evaluate a quadrant, a half-plane, and the point between two points."""
    quadrant, half = EXAMPLE[0], Cell.of([[1, 0]], [0])
    point = Cell.point(vector([0]))
    rules = [CellRule((cell,), ALPHA, BETA) for cell in (quadrant, half, point)]
    _, p, q = outer(*EXAMPLE)
    return Proof.of(
        *(Given(f"region {k}", rule) for k, rule in enumerate(rules, 1)),
        Named("z_1", p), Named("z_2", q), named("t_1", -1), named("t_2", 1),
        step("A quadrant needs two inequalities: the middle of two points outside can be inside.",
             ([labelled("h_1(z_#)", rules[0], z) for z in (p, q)], "=", BETA),
             (labelled(r"h_1(\frac12(z_1+z_2))", rules[0],
                       combine((Fraction(1, 2), p), (Fraction(1, 2), q))), "=", ALPHA)),
        step("So does a single point of the line, region 3.",
             ([labelled("h_3(t_#)", rules[2], vector([t])) for t in (-1, 1)], "=", BETA),
             (labelled(r"h_3(\frac12(t_1+t_2))", rules[2], vector([0])), "=", ALPHA)),
        step("A half-plane, region 2, needs one, and what is outside is an open half-plane, which "
             "is convex: a mixture of two numbers above $0$ is above $0$. At two points and their "
             "middle:",
             *((inner(rf"(1,0)\cdot {name}", half.matrix[0], z), ">", 0) for name, z in (
                 ("(1,-1)", vector([1, -1])), ("(3,1)", vector([3, 1])),
                 ("(2,0)", vector([2, 0]))))),
        facts.certificate(rules[:2], [*(facts.label(0, z, BETA) for z in (p, q)),
                                      facts.label(1, p, rules[1].label(p))]),
        facts.certificate(rules[2:], [facts.label(0, vector([t]), BETA) for t in (-1, 1)]),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the outside of a half-space is convex."""
    a, p, q = matrices("a p q", "d")
    s, c = *matrices("s"), *matrices("c")
    yield identity(
        r"Beyond $a\cdot x=c$ a mixture of two points is as far beyond as they are on average.",
        r"a\cdot(sp+(1-s)q)-c=s(a\cdot p-c)+(1-s)(a\cdot q-c)",
        "all numbers of features",
        a.T * (p * s + q - q * s) - c, (a.T * p - c) * s + a.T * q - c - (a.T * q - c) * s,
    )  # fmt: skip


CLAIM = theorem(__name__)
