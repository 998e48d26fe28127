r"""Section 5, after the definition of class R: Label +1 where at least one unit is positive

Printed: Intuitively, such ReLU classifiers compute $L$ functions of the form
    $\sigma(w_i^Tx+b_i)$ and then return $1$ if at least one of these is positive.
Statement: For a rule of class $R$, $h(x)=+1$ exactly when $w_i\cdot x+b_i>0$ for some $i$. So
    $\{h=-1\}$ is the polyhedron $\{Wx+b\leq0\}$.
Verdict: true. In both directions: a sum of numbers that are not negative is positive exactly when
    one of them is.
Reading: Such classifiers are those of class $R$; return $1$ if means exactly if, and $-1$
    otherwise.
Needs weights one: The output weights are $1$.
    Without it: Any positive output weights do as well.
Needs no negative weight: No output weight is negative.
    Without it: With $\mathrm{relu}(x)-2\,\mathrm{relu}(x)$ the units are positive at $1$ and the
        label is $-1$.
Needs threshold zero: The label is $+1$ for $f>0$.
    Without it: With $f>1$ the unit $x$ is positive at $1/2$, and the label is $-1$.
Sharp: With positive output weights and $f>a$, $a>0$, it holds exactly for the networks with $f=0$
    everywhere or $f>a$ everywhere, whose labels are constant.
    Rests on: written proof. $f$ is continuous, so its values are an interval; the words fail
        exactly where $0<f\le a$, and an interval of numbers $\ge0$ without these is $\{0\}$ or lies
        above $a$.
    Overstated: The label need not be constant with $a=0$: $\mathrm{relu}(x)>0$.
Quantifier: for all points at once, since only signs of numbers occur; on sampled networks and
    points
The idea: A sum of bent lines is zero only where all of them are flat.
Why it is true: $\mathrm{relu}$ is never negative, and neither is a sum of such numbers. It is $0$
    exactly when each of them is, which says $w_i\cdot x+b_i\leq0$ for all units.
Before you use it: It is particular to the threshold $0$. Class $R'$ asks for $f>a$ with $a>0$, and
    there one positive unit is not enough: the units have to add up. [Two units of class $R'$ cannot
    make the corner that two units of class $R$ make](charles-R-in-Rprime.html).
"""

from dataclasses import replace
from fractions import Fraction
from random import Random

from certify import linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.charles2019 import class_C
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.without import relu
from verify.claims.claim import Proof, Refutation, step
from verify.claims.language import Given, Named, mixture, theorem, told
from verify.claims.relation import least, named, number, total
from verify.drawing import numbers, relu_rules, small
from verify.objects import TwoLayerNetwork, changed_step

GENERIC, EDGE, SILENT = "generic", "points where a unit is zero", "silent units"
CASES = (GENERIC, EDGE, SILENT)


def draw(rng: Random, case: str) -> tuple[TwoLayerNetwork, Rows]:
    """Return a rule of class R and points, by case on the edge of a unit or with silent units."""
    d, count = rng.randint(1, 3), rng.randint(1, 4)
    weights = [numbers.nonzero_vector(rng, d) for _ in range(count)]
    biases = [numbers.number(rng) for _ in weights]
    points = list(numbers.vectors(rng, 3, d))
    if case == SILENT:
        weights[0], biases[0] = (Fraction(0),) * d, -numbers.positive(rng)
    if case == EDGE:
        w, x = weights[0], points[0]
        height = sum(a * b for a, b in zip(w, x, strict=True)) + biases[0]
        points[0] = combine((1, x), (-height / sum(a * a for a in w), w))
    return TwoLayerNetwork.sum_of_units(weights, biases), tuple(points)


def draw_positive(rng: Random) -> tuple[TwoLayerNetwork, Rows]:
    """Return a network as for the claim, with any positive output weights."""
    network, points = draw(rng, rng.choice(CASES))
    return replace(network, output=tuple(numbers.positive(rng) for _ in network.output)), points


def outputs(network: TwoLayerNetwork, x: Vector) -> Vector:
    """Return v_i relu(w_i.x + b_i) for each unit."""
    heights = network.preactivations(x)
    return tuple(v * max(t, Fraction(0)) for v, t in zip(network.output, heights, strict=True))


def _holds(name: str, value: Fraction) -> Named:
    """Return 1 by name if a number is positive, else 0, with the number."""
    sign = ">" if value > 0 else r"\leq "
    return told(name, int(value > 0), f"[{number(value)}{sign}0]")


@theorem.not_needed("weights one", draw_positive)
def prove(network: TwoLayerNetwork, points: Rows) -> Proof:
    """Compare the sign of the sum with the signs of the units."""
    sums = [
        total(rf"\sum_iv_i\,\mathrm{{relu}}(w_i\cdot x_{k}+b_i)", outputs(network, x))
        for k, x in enumerate(points, 1)
    ]
    highest = [
        two_layer.highest(rf"\max_i(w_i\cdot x_{k}+b_i)", network, x)
        for k, x in enumerate(points, 1)
    ]
    return Proof.of(
        step(r"$f$ adds numbers that are not negative.",
             ([least(rf"\min_iv_i\,\mathrm{{relu}}(w_i\cdot x_{k}+b_i)", outputs(network, x))
               for k, x in enumerate(points, 1)], ">=", 0),
             (sums, "=", [named("f(x_#)", network.value(x)) for x in points])),
        step(r"So $f>0$ exactly when some unit is positive.",
             ([_holds(rf"[f(x_{k})>0]", network.value(x)) for k, x in enumerate(points, 1)],
              "=",
              [_holds(r"[\max_i(w_i\cdot x+b_i)>0]", max(network.preactivations(x)))
               for x in points])),
        step(r"The label is $+1$ exactly then: where the largest $w_i\cdot x+b_i$ is positive.",
             *((top, ">" if network.label(x) == 1 else "<=", 0)
               for top, x in zip(highest, points, strict=True))),
        facts.certificate([network], [facts.convex(0), *(facts.label(0, x, network.label(x))
                                                         for x in points)]),
    )  # fmt: skip


EXAMPLE = (
    TwoLayerNetwork.sum_of_units([[1, 0], [1, 1]], [-1, 0]),
    (vector([0, 1]), vector([0, -1]), vector([1, -1])),
)


def draw_small(rng: Random, output: tuple[int, int], threshold: tuple[int, int]) -> tuple[
    TwoLayerNetwork, Vector
]:  # fmt: skip
    """Return a small network on a line, f > a, and a point in halves."""
    network = relu_rules.small_network(rng, 1, output, threshold)
    return replace(network, strict=True), combine((Fraction(1, 2), small.vector(rng, 1)))


def _silent_although(network: TwoLayerNetwork, x: Vector, text: str) -> Refutation | None:
    heights = network.preactivations(x)
    if max(heights) <= 0 or network.label(x) == 1:
        return None
    return Refutation.of(
        text,
        step("A unit is positive and the label is $-1$.",
             (two_layer.highest(r"\max_i(w_i\cdot x+b_i)", network, x), ">", 0),
             (labelled("h(x)", network, x), "=", -1)),
        facts.certificate([network], [facts.label(0, x, -1)]),
    )  # fmt: skip


@theorem.without(
    "no negative weight",
    (TwoLayerNetwork(((Fraction(1),),) * 2, vector([0, 0]), vector([1, -2]), Fraction(0), True),
     vector([1])),
    lambda rng: draw_small(rng, (-2, 2), (0, 0)),
)  # fmt: skip
def refute_signed(network: TwoLayerNetwork, point: Vector) -> Refutation | None:
    """Refute with weights of either sign and threshold 0."""
    if network.threshold:
        return None
    return _silent_although(network, point, "Units with negative weights outweigh the others.")


@theorem.without(
    "threshold zero",
    (TwoLayerNetwork(((Fraction(1),),), vector([0]), vector([1]), Fraction(1), True),
     vector(["1/2"])),
    lambda rng: draw_small(rng, (1, 1), (1, 1)),
)  # fmt: skip
def refute_threshold(network: TwoLayerNetwork, point: Vector) -> Refutation | None:
    """Refute with weights that are not negative and a positive threshold."""
    if min(network.output) < 0:
        return None
    return _silent_although(network, point, "The units do not add up to the threshold.")


# The sharp form: with a positive threshold the words hold for constant labels only.
ABOVE, CROSSING, CONSTANT = "above the threshold", "values on both sides", "constant units"


def draw_threshold(rng: Random, case: str) -> TwoLayerNetwork:
    """Return a network with positive output weights and f > a, a > 0."""
    d, count = rng.randint(1, 2), rng.randint(1, 3)
    weights = [numbers.nonzero_vector(rng, d) for _ in range(count)]
    biases = [numbers.number(rng) for _ in weights]
    threshold = numbers.positive(rng)
    if case == CONSTANT:
        weights = [(Fraction(0),) * d for _ in weights]
        biases = [rng.choice((-1, 0, 1, 3)) * numbers.positive(rng) for _ in weights]
    output = tuple(numbers.positive(rng) for _ in weights)
    network = TwoLayerNetwork(tuple(weights), tuple(biases), output, threshold, strict=True)
    if case == ABOVE:  # two opposite units add up to at least a constant
        opposite = (weights[0], combine((-1, weights[0])))
        least_sum = numbers.positive(rng)
        network = TwoLayerNetwork(
            opposite, (least_sum, Fraction(0)), vector([1, 1]), least_sum / rng.choice((1, 2)), True
        )
    return network


def lowest(network: TwoLayerNetwork) -> tuple[Vector, Fraction, Certificate]:
    """Return a point where f is least, that value, and the certificate of the linear program."""
    d, units = network.dimension, len(network.output)
    rows = [
        (*w, *(Fraction(-(i == k)) for k in range(units))) for i, w in enumerate(network.weights)
    ]
    found = linear_program(
        [0] * d + list(network.output),
        inequalities=(rows, [-b for b in network.biases]),
        nonnegative=list(range(d, d + units)),
    )
    assert found.x is not None  # bounded from below, and every x has its values
    return found.x[:d], network.value(found.x[:d]), found.certificate


def exception(network: TwoLayerNetwork, x: Vector) -> Vector | None:
    """Return a point with 0 < f <= a, seen from a lowest one along the units, or None."""
    if 0 < network.value(x) <= network.threshold:
        return x
    if network.value(x) > network.threshold:
        return None
    for w in network.weights:
        # f is convex and not bounded along a unit, so it meets a on the way to the first +1.
        c = changed_step(network, x, w)
        if c is not None:
            edge = class_C.jump(network, x, combine((c, w)))
            return combine((1, x), (edge * c, w))
    return None


@theorem.sharp((ABOVE, CROSSING, CONSTANT), draw_threshold)
def decide(network: TwoLayerNetwork) -> Proof:
    """Compare the least value of f, by a linear program, with a search for an exception."""
    x, value, program = lowest(network)
    constant = not any(any(w) for w in network.weights)
    holds = value > network.threshold or (constant and value == 0)
    found = exception(network, x)
    shown = [facts.convex(0), facts.label(0, x, network.label(x))]
    if found is not None:
        shown.append(facts.label(0, found, -1))
    return Proof.of(
        step("Some point has a positive unit and the label $-1$ exactly when $f$ is neither $0$ "
             "nor above $a$ everywhere.",
             (int(found is None), "=", int(holds))),
        step("At such a point a unit is positive.",
             *((max(network.preactivations(z)), ">", 0) for z in (found,) if z is not None),
             (value, ">=", 0)),
        facts.certificate([network], shown), program,
    )  # fmt: skip


@theorem.overstated(
    (TwoLayerNetwork.sum_of_units([[1]], [0]), vector([-1])),
    lambda rng: (relu.R.draw(rng), small.vector(rng, 1)),
)
def refute_constant(network: TwoLayerNetwork, point: Vector) -> Refutation | None:
    """Refute that the words hold for constant labels only, whatever the threshold."""
    if network.threshold or min(network.output) < 0:
        return None
    ways = [vector([1]), vector([-1])]
    c = next(((v, s) for v in ways if (s := changed_step(network, point, v)) is not None), None)
    if c is None:
        return None
    other = combine((1, point), (c[1] + 1, c[0]))
    return Refutation.of(
        "With the threshold $0$ the words hold, and the label changes.",
        Named("z", other),
        step("The threshold.", (named("a", network.threshold), "=", 0)),
        step("One of the labels is -1, and at the other point a unit is positive.",
             (labelled("h(x)", network, point), "!=", labelled("h(z)", network, other))),
        facts.certificate([network], [facts.convex(0), facts.changes(0, point, *c)]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the smallest networks with a threshold: one that keeps to the words, one not."""
    above = TwoLayerNetwork(
        (vector([1]), vector([-1])), vector([2, 0]), vector([1, 1]), Fraction(1), True
    )
    unit = replace(TwoLayerNetwork.sum_of_units([[1]], [0]), threshold=Fraction(1))
    x, value, program = lowest(above)
    half = vector(["1/2"])
    return Proof.of(
        Given("network", above), Given("one unit", unit), Named("x", x),
        step(r"$f=\mathrm{relu}(x+2)+\mathrm{relu}(-x)\ge(x+2)+(-x)=2$ for all $x$, so $f$ is "
             "above $a=1$ everywhere; at this $x$ it is $2$.",
             (mixture("w_1+w_2", *((1, w) for w in above.weights)), "=", vector([0])),
             (total("b_1+b_2", above.biases), "=", 2),
             (two_layer.value("f(x)", above, x), "=", value)),
        step(r"$\mathrm{relu}(x)$ is $1/2$ at $1/2$: a positive unit and the label $-1$.",
             (two_layer.unit("w_1x+b_1", unit, 0, half), ">", 0),
             (labelled("h(1/2)", unit, half), "=", -1)),
        facts.certificate([above, unit], [facts.label(0, x, 1), facts.label(1, half, -1)]),
        program,
    )  # fmt: skip


CLAIM = theorem(__name__)
