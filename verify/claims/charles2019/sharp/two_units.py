"""Rules of class R with one or two units: which of them are rules of class R' with no more units.

Two units with independent normals make a wedge, and no rule of class R' with two units is equal to
it. Otherwise the region labelled -1 is a half-space, a slab, a hyperplane, everything or nothing,
and an explicit rule of class R' with as many units has the same one.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from random import Random

from certify import certificates, null_space, rank, solve
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labels
from verify.claims.claim import Counterexample, Given, Proof, Refutation, SharpForm, Step, step
from verify.claims.relation import (
    computed,
    counted,
    inner,
    least,
    mixture,
    named,
    rank_of,
    within,
)
from verify.drawing import numbers, relu_rules
from verify.objects import Rule, TwoLayerNetwork, critical_steps

ONE_UNIT, INDEPENDENT, PARALLEL = "one unit", "independent normals", "normals of one direction"
OPPOSITE, TOUCHING, FLAT = "opposite normals", "opposite normals that touch", "a normal that is 0"
CASES = (ONE_UNIT, INDEPENDENT, PARALLEL, OPPOSITE, TOUCHING, FLAT)
FAR, NEAR = 1000, Fraction(1, 1000)


def draw(rng: Random, case: str) -> TwoLayerNetwork:
    """Return a rule of class R with one or two units in dimension 1 to 3."""
    d = rng.randint(2 if case == INDEPENDENT else 1, 3)
    w, b = numbers.nonzero_vector(rng, d), numbers.number(rng)
    if case == ONE_UNIT:
        share = rng.choice((0, 1, 1))  # a constant unit, or not
        return TwoLayerNetwork.sum_of_units([combine((share, w))], [b])
    c = numbers.positive(rng)
    second, offset = combine((c, w)), numbers.number(rng)
    if case == INDEPENDENT:
        second = numbers.nonzero_vector(rng, d)
        while dot(w, second) ** 2 == dot(w, w) * dot(second, second):
            second = numbers.nonzero_vector(rng, d)
    elif case in (OPPOSITE, TOUCHING):
        second = combine((-c, w))
        offset = -c * b if case == TOUCHING else offset
    elif case == FLAT:
        second = combine((0, w))
    return TwoLayerNetwork.sum_of_units([w, second], [b, offset])


@dataclass(frozen=True)
class Wedge:
    """The region of two units with independent normals: corner, edges, and its directions.

    Unit i is 0 along edge i and falls along the other one; both stay as they are along ``flat``.
    """

    corner: Vector
    edges: Rows
    flat: Rows

    def at(self, first: Fraction | int, second: Fraction | int) -> Vector:
        """Return the corner moved by so many first and second edges."""
        return combine((1, self.corner), (first, self.edges[0]), (second, self.edges[1]))


def wedge(network: TwoLayerNetwork) -> Wedge | None:
    """Return the wedge of two units, or None unless both can have any two values at once."""
    if len(network.weights) != 2:
        return None
    wanted = (combine((-1, network.biases)), *((Fraction(i - 1), Fraction(-i)) for i in (0, 1)))
    found = [solve(network.weights, values).solution for values in wanted]
    corner, second, first = found
    if corner is None or first is None or second is None:
        return None
    return Wedge(corner, (first, second), null_space(network.weights).basis)


def impossible(network: TwoLayerNetwork, shape: Wedge) -> tuple[Step, ...]:
    """Return the argument that no rule of class R' with two units has the region of the wedge."""
    units, edges = network.weights, shape.edges
    on = [shape.at(0, 0), shape.at(FAR, 0), shape.at(0, FAR)]
    off = [shape.at(s, -NEAR) for s in (0, FAR)] + [shape.at(-NEAR, s) for s in (0, FAR)]
    beside = shape.at(1, -1), shape.at(-1, 1)
    d = network.dimension
    return (
        step("The region labelled -1 is a wedge with a corner $p$ and two edges: both units are 0 "
             "at $p$; along the edge $e_k$ unit $k$ stays 0 and the other falls, without end; "
             r"along all $u$ with $w_1\cdot u=w_2\cdot u=0$ nothing changes.",
             ([two_layer.unit(rf"w_{k + 1}\cdot p+b_{k + 1}", network, k, shape.corner)
               for k in (0, 1)], "=", 0),
             ([inner(r"w_#\cdot e_#", units[k], edges[k]) for k in (0, 1)], "=", 0),
             ([inner(rf"w_{2 - k}\cdot e_{k + 1}", units[1 - k], edges[k]) for k in (0, 1)],
              "=", -1),
             ([inner(rf"w_{i}\cdot u_{k}", w, u) for i, w in enumerate(units, 1)
               for k, u in enumerate(shape.flat, 1)], "=", 0)),
        step(r"Let $f>a$ with two terms $v_i\,\mathrm{relu}(w_i'\cdot x+b_i')$, $v\geq0$, $a>0$ "
             r"have the same region. (The region of $f\geq a$ is open, and this one holds its "
             "edges.) Then $f=a$ at $p$, along both edges and along all $u$, since $f$ is "
             "continuous and points as near as you like are labelled +1.",
             (labels("h", network, on), "=", -1), (labels("h", network, off), "=", 1)),
        step("Along an edge both terms are convex and have a constant sum, so they are affine; "
             "they are nonnegative without end, so neither falls, and as their sum does not grow, "
             "both are constant. One of them is positive at $p$, because $a>0$: it has "
             r"$w_i'\cdot e_1=w_i'\cdot e_2=w_i'\cdot u=0$. These vectors span the space, so "
             "$w_i'=0$ and the term is constant everywhere.",
             (computed(r"\text{edges}+\text{flat directions}", "e + u",
                       e=len(edges), u=len(shape.flat)), "=", named("d", d)),
             (rank_of(r"\mathrm{rank}(e_1,e_2,u_1,\ldots)", rank((*edges, *shape.flat)).value,
                      (*edges, *shape.flat)), "=", named("d", d))),
        step("The other term alone decides, so the points labelled +1 are a half-space, everything "
             "or nothing, and convex. But halfway between $p+e_1-e_2$ and $p-e_1+e_2$, both "
             "labelled +1, lies $p$, labelled -1.",
             (labels("h", network, beside), "=", 1),
             (mixture(r"\tfrac12(p+e_1-e_2)+\tfrac12(p-e_1+e_2)",
                      *((Fraction(1, 2), x) for x in beside)), "=", named("p", shape.corner)),
             (labels("h", network, (shape.corner,)), "=", -1)),
    )  # fmt: skip


def wedge_certificates(network: TwoLayerNetwork, shape: Wedge) -> tuple[Certificate, ...]:
    """Certify the rank of the normals, the region, and the labels that the argument uses."""
    corner, beside = shape.corner, (shape.at(1, -1), shape.at(-1, 1))
    ends = [(shape.at(FAR, 0), corner), (corner, shape.at(0, FAR))]
    labels = [facts.label(0, corner, -1), *(facts.label(0, x, 1) for x in beside)]
    return (
        rank(network.weights).certificate,
        certificates.convex_negative_region(network, [(x, z, Fraction(1, 2)) for x, z in ends]),
        facts.certificate([network], labels),
    )


def same_width(network: TwoLayerNetwork) -> TwoLayerNetwork | None:
    """Return the rule of class R' with as many units and the same labels; None for a wedge.

    All normals are multiples of one n; in t = n.x the region labelled -1 is an interval.
    """
    d = network.dimension
    n = next((w for w in network.weights if any(w)), (Fraction(1),) + (Fraction(0),) * (d - 1))
    slopes = [dot(w, n) / dot(n, n) for w in network.weights]
    if any(combine((c, n)) != w for c, w in zip(slopes, network.weights, strict=True)):
        return None
    pairs = list(zip(slopes, network.biases, strict=True))
    low = max((-b / c for c, b in pairs if c < 0), default=None)
    high = min((-b / c for c, b in pairs if c > 0), default=None)
    empty = any(b > 0 for c, b in pairs if not c) or (
        low is not None and high is not None and low > high
    )
    zero, one = Fraction(0), Fraction(1)
    # Terms v relu(c t + b) as (v, c, b), with f > 1 exactly outside the interval.
    terms = [(one, zero, zero)]
    if empty:
        terms = [(one, zero, Fraction(2))]
    elif low is not None and high is not None:
        middle, half = (low + high) / 2, (high - low) / 2
        terms = [(1 / half, one, -middle), (1 / half, -one, middle)] if half else [
            (Fraction(2), one, -low), (one, -one, one + low)
        ]  # fmt: skip
    elif high is not None:
        terms = [(one, one, one - high)]
    elif low is not None:
        terms = [(one, -one, one + low)]
    terms += [(zero, zero, zero)] * (len(network.weights) - len(terms))
    return TwoLayerNetwork(
        tuple(combine((c, n)) for _, c, _ in terms),
        tuple(b for *_, b in terms),
        tuple(v for v, *_ in terms),
        one,
        strict=True,
    )


def line_points(rules: tuple[Rule, ...], x: Vector, v: Vector) -> Rows:
    """Return points of the line x + c v at and between all steps where a label can change."""
    back = combine((-1, v))
    ends = sorted({
        Fraction(0),
        *(c for rule in rules for c in critical_steps(rule, x, v)),
        *(-c for rule in rules for c in critical_steps(rule, x, back)),
    })  # fmt: skip
    between = [(a + b) / 2 for a, b in pairwise(ends)]
    return tuple(combine((1, x), (c, v)) for c in (*ends, *between, ends[0] - 1, ends[-1] + 1))


def compared(
    network: TwoLayerNetwork, other: TwoLayerNetwork, region: str = ""
) -> tuple[Step, Certificate]:
    """Compare two rules that depend on n.x alone on the whole line along n; name the region."""
    rows = (*network.weights, *other.weights)
    names = [f"w_{i}" for i in range(1, len(network.weights) + 1)]
    others = [f"w_{i}'" for i in range(1, len(other.weights) + 1)]
    n = next((w for w in rows if any(w)), combine((0, rows[0])))
    origin = combine((0, n))
    direction = n if any(n) else (Fraction(1), *origin[1:])
    points = line_points((network, other), origin, direction)
    ends = (points[-2], combine((-1, direction))), (points[-1], direction)
    found = [
        fact
        for i, rule in enumerate((network, other))
        for fact in (
            *(facts.label(i, x, rule.label(x)) for x in points),
            *(facts.keeps(i, x, v) for x, v in ends),
        )
    ]
    return (
        step(f"{region}All normals are multiples of ${within(direction)}=n$, so both labels depend "
             r"on $n\cdot x$ alone, and along $n$ they agree at and between all steps at which one "
             "of them can change.",
             (counted("L'", others), "=", counted("L", names)),
             (least(r"\min_iv_i'", other.output), ">=", 0), (named("a'", other.threshold), ">", 0),
             *((computed(f"|{name}|^2|n|^2", "p * q", p=dot(w, w), q=dot(direction, direction)),
                "=", computed(rf"({name}\cdot n)^2", "p**2", p=dot(w, direction)))
               for name, w in zip((*names, *others), rows, strict=True)),
             (labels("h'", other, points), "=", labels("h", network, points))),
        facts.certificate([network, other], [facts.convex(1), *found]),
    )  # fmt: skip


def decide(network: TwoLayerNetwork) -> Proof:
    """Decide whether one more unit is needed: by a wedge, by a rule, and by the rank."""
    shape, other = wedge(network), same_width(network)
    normals = rank(network.weights)
    needed = int(shape is not None)
    steps = [
        step("Either the region is a wedge, which is so exactly if there are two independent "
             "normals, or a rule of class $R'$ with as many units has the same labels; never both.",
             (needed + int(other is not None), "=", 1), (needed, "=", int(normals.value == 2))),
        step("One unit is no wedge.", (needed, "<=", int(len(network.weights) == 2))),
    ]  # fmt: skip
    if shape is not None:
        return Proof.of(*steps, *impossible(network, shape), *wedge_certificates(network, shape))
    if other is None:
        return Proof.of(*steps, normals.certificate)
    comparison, certificate = compared(network, other)
    return Proof.of(*steps, comparison, normals.certificate, certificate)


def draw_two_units(rng: Random) -> TwoLayerNetwork:
    """Return a small rule of class R on the line or in the plane."""
    rule = relu_rules.small_network(rng, rng.randint(1, 2), (1, 1), (0, 0))
    return TwoLayerNetwork.sum_of_units(rule.weights, rule.biases)


def refute_same_width(network: TwoLayerNetwork) -> Refutation | None:
    """Refute when the two units have independent normals: no class R' rule of width 2 is equal."""
    shape = wedge(network)
    if shape is None:
        return None
    return Refutation.of(
        "The region labelled -1 is a wedge: two units of class $R'$ cannot make it, because along "
        "both edges each of their terms would have to be constant.",
        *impossible(network, shape),
        *wedge_certificates(network, shape),
    )


def refute_third(network: TwoLayerNetwork) -> Refutation | None:
    """Refute that two different units, neither of them constant, always need a third one."""
    units = set(zip(network.weights, network.biases, strict=True))
    other = same_width(network)
    if len(units) != 2 or not all(any(w) for w, _ in units) or other is None:
        return None
    comparison, certificate = compared(network, other)
    return Refutation.of(
        "A rule of class $R'$ with two units has the same labels.",
        Given("rule $h'$", other),
        comparison,
        certificate,
    )


SHARP = SharpForm(CASES, draw, decide, Counterexample(
    "Overstated: two different units that are not constant always need a third one. Those of "
    r"the half-line $x\leq0$, with weights 1 and 2, do not.",
    TwoLayerNetwork.sum_of_units([[1], [2]], [0, 0]), refute_third, draw_two_units,
))  # fmt: skip
