r"""not in the paper: For class R' a direction works for the whole label -1

Printed: Not printed. The paper says of linear rules that a direction serves all points with one
    label, and then: This need not hold for neural networks.
Statement: Let $h$ be of class $R'$ and $h(x)=-1$. Then $u$ is adversarial for $h$ at $x$ exactly
    when some $i$ has $v_i>0$ and $w_i\cdot u>0$, which does not depend on $x$. So $u$ is
    adversarial at all points that $h$ labels $-1$ or at none.
Verdict: true. A unit that rises wins in the end from everywhere; if none does, $f$ rises nowhere
    along $u$.
Reading: A statement of ours, next to the sentence of the paper that it qualifies.
Needs nonnegative output weights: $f$ adds its units with weights $v_i\geq0$.
    Without it: For $\mathrm{relu}(x+2)-2\,\mathrm{relu}(x)\geq1$ the direction $+1$ turns $-2$ and
        never turns $2$.
Needs points labelled -1: The points are labelled -1.
    Without it: For $|x|\geq1$ the direction $+1$ turns $-1$ and never turns $1$.
Needs positive threshold: The threshold is positive.
    Without it: The proof works at any threshold for which there are points labelled -1.
Sharp: At a point labelled $-1$, with all $v_i\geq0$ and any threshold, $u$ is adversarial exactly
    when some $v_iw_i\cdot u>0$: so a statement about all steps $c>0$, and about all such points, is
    a finite check of the weights.
    Rests on: Coq in part relu_same_label, relu_same_label_all. The proof does not look at the
        threshold.
Quantifier: along the whole ray from each sampled point; for all points at once by the signs of
    $v_iw_i\cdot u$, in which no point occurs
Uses: charles-def-adv, charles-lem-14
The idea: For a linear rule a direction works for all points of a label or for none. For class $R'$
    the same is true of the label $-1$.
Why it is true: Along $u$ a unit with $w_i\cdot u>0$ grows beyond every bound in the end; a unit
    with $w_i\cdot u\leq0$ never grows. If one with positive weight grows, it wins in the end, from
    everywhere. If none does, $f$ never rises along $u$, from anywhere. The starting point has
    dropped out.
Before you use it: It is a statement on the label $-1$. For $|x|\geq1$ and the label $+1$ the
    direction $+1$ turns the point $-1$ and never the point $1$. The claim is not in the paper; it
    turns *for all steps* into a finite look at the weights.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled, turned
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.without import relu
from verify.claims.claim import Counterexample, Proof, Refutation, step
from verify.claims.language import Given, Symbolic, greatest, least, theorem, total
from verify.claims.relation import Named, Relations, number, told
from verify.drawing import networks, numbers, relu_rules, small
from verify.objects import LinearRule, TwoLayerNetwork, changed_step, is_adversarial

FALLING, LEVEL, ZERO = "direction of no rise", "level direction", "zero direction"
CASES = (networks.GENERIC, FALLING, LEVEL, ZERO, relu_rules.UNUSED, relu_rules.ATTAINED)
STEPS = vector(["1/3", 1, 100])


@dataclass(frozen=True)
class Instance:
    """A rule of class R', points that it labels -1, and a direction."""

    network: TwoLayerNetwork
    points: Rows
    u: Vector


def draw(rng: Random, case: str) -> Instance:
    """Return a rule, points labelled -1 from a set and from elsewhere, and a direction."""
    data = networks.surrounded_set(rng, networks.GENERIC)
    network = relu_rules.network_of_class_r_prime(rng, data, case)
    u = numbers.vector(rng, data.dimension)
    if case == FALLING:
        network = relu_directions.silent_network(data, u) or network
    if case == LEVEL:
        w = rng.choice(network.weights)
        u = combine((1, u), (-dot(w, u) / (dot(w, w) or 1), w))
    if case == ZERO:
        u = combine((0, u))
    queries = numbers.vectors(rng, 2, data.dimension)
    return Instance(network, (*data.negative, *(x for x in queries if network.label(x) == -1)), u)


def rise(network: TwoLayerNetwork, direction: Vector) -> Fraction:
    """Return the largest v_i w_i.u, the fastest growth of a unit along the direction."""
    return max(growth(network, direction))


def growth(network: TwoLayerNetwork, direction: Vector) -> list[Fraction]:
    """Return v_i w_i.u for every unit."""
    units = zip(network.output, network.weights, strict=True)
    return [v * dot(w, direction) for v, w in units]


def draw_zero_threshold(rng: Random) -> Instance:
    """Return a rule f > 0 with any weights v >= 0 and points labelled -1, and a direction."""
    instance = thm_10.draw(rng, networks.GENERIC)
    shares = tuple(abs(numbers.number(rng)) for _ in instance.network.output)
    network = replace(instance.network, output=shares)
    return Instance(network, instance.data.negative, numbers.vector(rng, instance.data.dimension))


@theorem.not_needed("positive threshold", draw_zero_threshold)
def prove(instance: Instance) -> Proof:
    """Turn every point by the unit that rises; or see f fall from every point."""
    network, points, u = instance.network, instance.points, instance.u
    rising = next((i for i, g in enumerate(growth(network, u)) if g > 0), None)
    if rising is None:
        # Every unit with weight falls or stays level, and so does f.
        flips: Relations = [(two_layer.value(f"f(x_{{{k}}}+{number(c)}u)", network,
                                              combine((1, x), (c, u))), "<=",
                              two_layer.value(f"f(x_{{{k}}})", network, x))
                             for k, x in enumerate(points, 1) for c in STEPS]  # fmt: skip
        found = [facts.keeps(0, x, u) for x in points]
    else:
        late = [(x, thm_10.escape_step(network, rising, x, u)) for x in points]
        flips = [([labelled(f"h(x_#+{number(c)}u)", network, combine((1, x), (c, u)))
                   for x, c in late], "=", 1)]  # fmt: skip
        found = [facts.changes(0, x, u, c) for x, c in late]
    return Proof.of(
        *(Named(f"x_{{{k}}}", x) for k, x in enumerate(points, 1)), Named("u", u),
        *(Named(rf"v_{{{i}}}w_{{{i}}}\cdot u", g) for i, g in enumerate(growth(network, u), 1)),
        step("The output weights are nonnegative, and the points are labelled -1.",
             (least(r"\min_iv_i", network.output), ">=", 0),
             ([labelled("h(x_#)", network, x) for x in points], "=", -1)),
        step(r"If $v_iw_i\cdot u>0$ for some $i$, this unit alone lifts $f$ over the threshold "
             r"from every $x$, at the step $c=\max(0,(a/v_i-w_i\cdot x-b_i)/(w_i\cdot u))+1$ with "
             r"the threshold $a$. Otherwise no term of $f$ grows along $u$, so "
             r"$f(x+cu)\leq f(x)$.", *flips),
        step("So $u$ is adversarial at each of the points or at none, as the units say.",
             ([turned(r"[u\text{ adversarial at }x_#]", network, x, u) for x in points], "=",
              told(r"[\max_iv_iw_i\cdot u>0]", int(rise(network, u) > 0),
                   rf"[\max_iv_iw_i\cdot u={number(rise(network, u))}]"))),
        facts.certificate([network], [facts.convex(0), *found]),
    )  # fmt: skip


# |x_1| >= 1 seen from two points of the band; the direction rises in the first unit only.
EXAMPLE = Instance(
    relu_directions.sum_of_units([LinearRule.of([1, 0], 0), LinearRule.of([-1, 0], 0)]),
    (vector([0, 0]), vector(["-1/2", 3])),
    vector([1, -2]),
)


@dataclass(frozen=True)
class Pair:
    """A rule on a line, two points, and a direction."""

    network: TwoLayerNetwork
    points: tuple[Vector, Vector]
    u: Vector


def draw_pair(rng: Random) -> Pair:
    """Return a rule of class R', two points and a direction."""
    return _pair(rng, relu.R_PRIME.draw(rng))


def _pair(rng: Random, network: TwoLayerNetwork) -> Pair:
    points = small.vector(rng, 1, 2), small.vector(rng, 1, 2)
    return Pair(network, points, (Fraction(rng.choice((1, -1))),))


@theorem.without(
    "nonnegative output weights",
    Pair(relu.R_PRIME.network([1, 1], [2, 0], [1, -2]), (vector([-2]), vector([2])), vector([1])),
    lambda rng: _pair(rng, relu.R_PRIME.draw(rng, (-2, 2))),
)
def refute_signed(instance: Pair) -> Refutation | None:
    """Refute when the direction turns the first of two -1 points and not the second."""
    return _refute(instance, -1)


@theorem.without(
    "points labelled -1",
    Pair(relu.R_PRIME.network([1, -1], [0, 0], [1, 1]), (vector([-1]), vector([1])), vector([1])),
    draw_pair,
)
def refute_positive(instance: Pair) -> Refutation | None:
    """Refute when the direction turns the first of two +1 points and not the second."""
    return _refute(instance, 1) if min(instance.network.output) >= 0 else None


def _refute(instance: Pair, label: int) -> Refutation | None:
    network, (x, z), u = instance.network, instance.points, instance.u
    c = changed_step(network, x, u)
    if c is None or is_adversarial(network, z, u) or network.threshold <= 0:
        return None
    if {network.label(x), network.label(z)} != {label}:
        return None
    found = [
        facts.label(0, x, label), facts.label(0, z, label),
        facts.changes(0, x, u, c), facts.keeps(0, z, u),
    ]  # fmt: skip
    return Refutation.of(
        "Two points have the same label; the direction turns the first and never the second.",
        step("Both points have the label.",
             (labelled(f"h({number(x[0])})", network, x), "=", label),
             (labelled(f"h({number(z[0])})", network, z), "=", label)),
        step(f"At step {c} the first has the other one.",
             (labelled(f"h({number(x[0] + c * u[0])})", network, combine((1, x), (c, u))),
              "=", -label)),
        facts.certificate([network], found),
    )  # fmt: skip


def draw_any_threshold(rng: Random, case: str) -> Instance:
    """Return an instance of the named case, some with the threshold at a value of the rule."""
    instance = draw(rng, case)
    network = instance.network
    if rng.random() < 0.5:
        level = network.value(rng.choice(instance.points))
        network = replace(network, threshold=level, strict=True)
    points = tuple(x for x in instance.points if network.label(x) == -1)
    return Instance(network, points, instance.u)


@theorem.sharp(CASES, draw_any_threshold)
def decide(instance: Instance) -> Proof:
    """Follow the label along the whole ray from every point, and compare with the weights."""
    network, u = instance.network, instance.u
    flips = [(x, changed_step(network, x, u)) for x in instance.points]
    rises = int(rise(network, u) > 0)
    found = [facts.keeps(0, x, u) if c is None else facts.changes(0, x, u, c) for x, c in flips]
    known = [facts.convex(0), *(facts.label(0, x, -1) for x in instance.points)]
    return Proof.of(
        step(r"The label changes along the ray exactly if $v_iw_i\cdot u>0$ for some $i$.",
             ([int(c is not None) for _, c in flips], "=", rises)),
        step("The points are labelled -1, and the output weights are nonnegative.",
             (len(flips), ">", 0), (min(network.output), ">=", 0),
             ([network.label(x) for x, _ in flips], "=", -1)),
        facts.certificate([network], [*known, *found]),
    )  # fmt: skip


def refute_total(instance: Pair) -> Refutation | None:
    """Refute that a direction must raise the sum of all units: one of them is enough."""
    network, x, u = instance.network, instance.points[0], instance.u
    rises, c = growth(network, u), changed_step(network, x, u)
    if min(network.output) < 0 or network.label(x) != -1 or c is None or sum(rises) > 0:
        return None
    return Refutation.of(
        "All units together do not grow along the direction, and one of them turns the point.",
        step(r"$\sum_iv_iw_i\cdot u\le0$.", (total(r"\sum_iv_iw_i\cdot u", rises), "<=", 0)),
        step("The label changes.",
             (labelled(f"h({number(x[0])})", network, x), "=", -1),
             (labelled(f"h({number(x[0] + c * u[0])})", network, combine((1, x), (c, u))),
              "=", 1)),
        facts.certificate(
           [network], [facts.convex(0), facts.label(0, x, -1), facts.changes(0, x, u, c)]
       ),
    )  # fmt: skip


TOTAL_GROWTH = Counterexample(
    r"Overstated: exactly when $\sum_iv_iw_i\cdot u>0$. For $|x|\geq1$ the sum is 0 and the "
    "direction $+1$ turns $0$.",
    Pair(relu.R_PRIME.network([1, -1], [0, 0], [1, 1]), (vector([0]), vector([0])), vector([1])),
    refute_total,
    draw_pair,
)


def sharpness() -> Proof:
    """Evaluate the border of the condition: level, hardly rising, and rising without weight."""
    network = TwoLayerNetwork(
        (vector([1, 0]), vector([0, 1])), vector([0, 0]), vector([1, 0]), Fraction(1), strict=True
    )
    x, slight = vector([0, 0]), Fraction(1, 1000)
    level, hardly, idle = vector([0, -1]), vector([slight, -1]), vector([0, 1])
    found = [
        facts.convex(0), facts.label(0, x, -1), facts.keeps(0, x, level), facts.keeps(0, x, idle),
        facts.changes(0, x, hardly, Fraction(1001)),
    ]  # fmt: skip
    return Proof.of(
        Given("network", network),
        step("A direction along which the only unit with weight is level turns nothing, even "
             "if a unit without weight rises.",
             ([_highest(network, v) for v in (level, idle)], "=", 0),
             ([turned(rf"[{number(v)}\text{{ adversarial at }}{number(x)}]", network, x, v)
               for v in (level, idle)], "=", 0)),
        step("The smallest rise is enough, at a late step.",
             (_highest(network, hardly), "=", slight),
             (labelled(f"h({number(x)}+1001{number(hardly)})", network,
                       combine((1, x), (1001, hardly))), "=", 1)),
        facts.certificate([network], found),
    )  # fmt: skip


def _highest(network: TwoLayerNetwork, v: Vector) -> Named:
    found = greatest("", growth(network, v))
    return Named(rf"\max_iv_iw_i\cdot {number(v)}", rise(network, v), found.numbers)


def symbolic() -> Symbolic:
    """Prove the height of the rising unit, which turns every point, for all numbers."""
    return thm_10.symbolic("u")


CLAIM = theorem(__name__, without={"sharp form, overstated": TOTAL_GROWTH})
