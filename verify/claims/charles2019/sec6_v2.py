r"""Section 6, remark on Figure 3: Which directions serve all networks

Printed: The vector $v_2$ is constructed in the proof of Theorem 11 in Appendix ??, and can be any
    vector $v_2$ in the direction of $x_\beta-x_\alpha$ for any $x_\beta\in S[1],x_\alpha\in S[-1]$.
Statement: Let both labels occur in $S$. For a point $x_+$ of $S$ labelled +1 and $s>0$ let
    $p=x_+-sv$ be a mixture of points of $S$ labelled -1, for instance one of them. Then $v$ is
    adversarial for every $h\in\mathcal{R}'_S$ at every $x$ with $h(x)=-1$.
Verdict: true. Any such difference does, and so do other directions.
Reading: Both labels occur in $S$; $v_2$ is to do what Theorem 15 says of it, for all of
    $\mathcal{R}'_S$.
Needs starts among the points labelled -1: $x_+-sv$ is a mixture of points labelled -1, for some
    $x_+$ in $S$ labelled +1 and $s>0$.
    Without it: For every other direction some accurate network, if there is any, keeps all its
        labels -1.
Sharp: These are all: if $S$ is finite and $\mathcal{R}'_S$ is not empty, $v$ serves the whole class
    exactly when $x_+-sv$ lies in the hull of the points labelled -1, for some $x_+$ and $s>0$. The
    set can be larger than the differences: it holds $(1,0)$ for $(0,0),(0,2)$ labelled -1 and
    $(1,1)$ labelled +1.
    Rests on: Coq in part sec6_v2, sec6_nontransfer. For a set that no linear rule separates see
        Theorem 15.
Quantifier: for all accurate networks and all points labelled -1 at once, by one convex combination;
    explicit steps on a sampled network
Uses: charles-thm-15
The idea: Which directions turn *every* accurate network of class $R'$ at its points labelled $-1$?
    Those that lead from the hull of the negative points to a positive point; and no others, if
    there is any accurate network.
Why it is true: A mixture $p$ of negative points is labelled $-1$ too, because the region is convex.
    So $sv$ is the difference of a positive point and one labelled $-1$, and Theorem 15 applies.
    Conversely, if $v$ leads from the hull to no positive point, put one unit at each positive point
    that is active there, not in the hull, and does not rise along $v$, as in the [remark after
    Corollary 17](charles-sec6-nontransfer.html): an accurate network that keeps its labels $-1$
    along $v$.
Before you use it: Differences of data points work; they are not the only ones. Two points labelled
    $-1$, one above the other, and a positive point to their right at half the height have the
    horizontal direction.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.shared.two_layer import value
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.sharp.direction_decisions import R_PRIME, sharp_form
from verify.claims.charles2019.sharp.direction_overstatements import all_sums
from verify.claims.charles2019.sharp.relu_directions import Path
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    inner,
    least,
    mixture,
    named,
    products,
    step,
    theorem,
    total,
)
from verify.claims.relation import number
from verify.drawing import networks, numbers, relu_rules, small
from verify.objects import LabelledSet, TwoLayerNetwork

PAIR, MIXTURE, LINE = "difference of two points", "from a mixture of -1 points", "on a line"
REPEATED, SCALED = networks.REPEATED, networks.SCALED
CASES = (PAIR, MIXTURE, LINE, REPEATED, SCALED)


@dataclass(frozen=True)
class Instance:
    """Data, an accurate rule of class R', and v = (x_+ - sum_j mu_j x_j) / s with points to test.

    ``combination`` has one entry for each data point, zero at points labelled +1.
    """

    data: LabelledSet
    network: TwoLayerNetwork
    positive: int
    combination: Vector
    scale: Fraction
    queries: Rows

    @property
    def path(self) -> Path:
        """The way from the mixture to x_+."""
        return Path(self.positive, self.combination, self.scale)

    @property
    def start(self) -> Vector:
        """The mixture of points labelled -1."""
        return self.path.start(self.data)

    @property
    def direction(self) -> Vector:
        """The direction v from the mixture to x_+."""
        return self.path.direction(self.data)


def draw(rng: Random, case: str) -> Instance:
    """Return surrounded data with a direction from one -1 point, or from a mixture of them."""
    kinds = {LINE: networks.COLLINEAR, REPEATED: networks.REPEATED, SCALED: networks.SCALED}
    data = networks.surrounded_set(rng, kinds.get(case, networks.GENERIC))
    low = [i for i, y in enumerate(data.labels) if y == -1]
    high = rng.choice([i for i, y in enumerate(data.labels) if y == 1])
    if case == PAIR:
        chosen = rng.choice(low)
        weights = tuple(Fraction(i == chosen) for i in low)
    else:
        weights = numbers.convex_weights(rng, len(low))
    kind = rng.choice((relu_rules.ATTAINED, relu_rules.UNUSED, networks.GENERIC))
    network = relu_rules.network_of_class_r_prime(rng, data, kind)
    queries = numbers.vectors(rng, 2, data.dimension)
    combination = relu_directions.spread(weights, data)
    return Instance(data, network, high, combination, numbers.positive(rng), queries)


def prove(instance: Instance) -> Proof:
    """Show that the mixture is labelled -1, then follow the unit that rises towards x_+."""
    data, network, v = instance.data, instance.network, instance.direction
    high, low, share = data.points[instance.positive], instance.start, instance.combination
    values = [network.value(x) for x in data.points]
    mixed = Named(r"\sum_j\mu_jf(x_j)", dot(share, values), products(share, values))
    unit = thm_10.rising_unit(network, low, high)
    i = unit + 1
    starts = [x for x in (*data.points, *instance.queries) if network.label(x) == -1]
    flips = [(x, thm_10.escape_step(network, unit, x, v)) for x in starts]
    ends = [combine((1, x), (c, v)) for x, c in flips]
    return Proof.of(
        Named("v", v), Named("p", low), Named("x_+", high), Named("s", instance.scale),
        Named("i", i),
        step(r"$v$ leads from a mixture $p$ of points labelled -1 to $x_+$: $p+sv=x_+$, $s>0$.",
             (total(r"\sum_j\mu_j", share), "=", 1), (least(r"\min_j\mu_j", share), ">=", 0),
             (mixture("p+sv", (1, low), (instance.scale, v)), "=", named("x_+", high)),
             (named("s", instance.scale), ">", 0)),
        step(r"$f$ is convex, so $f(p)\le\sum_j\mu_jf(x_j)$ and $p$ is labelled -1 as well.",
             (value("f(p)", network, low), "<=", mixed),
             (labelled("h(p)", network, low), "=", -1)),
        step(r"So $f(p)<f(x_+)$, and some unit with $v_i>0$ has $w_i\cdot v>0$.",
             (value("f(p)", network, low), "<", value("f(x_+)", network, high)),
             (named(f"v_{i}", network.output[unit]), ">", 0),
             (inner(rf"w_{i}\cdot v", network.weights[unit], v), ">", 0)),
        step(r"From any $x$ with label -1 that unit alone lifts $f$ above the threshold $a$: at "
             r"the step $c=\max(0,(a/v_i-w_i\cdot x-b_i)/(w_i\cdot v))+1$.",
             ([thm_10.alone(network, unit, f"{number(x)}+{number(c)}v", x, c, v)
               for x, c in flips], ">", named("a", network.threshold)),
             (labels("h", network, ends), "=", 1)),
        relu_directions.path_certificate(data, v, instance.path),
        certificates.network_flip(data, network, v, flips),
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 2], [1, 1]], [-1, -1, 1]),
    TwoLayerNetwork((vector([1, 0]),), vector([0]), vector([1]), Fraction(1), strict=False),
    2,
    vector(["1/2", "1/2", 0]),
    Fraction(1),
    (vector([-3, 5]),),
)


def draw_any(rng: Random) -> tuple[LabelledSet, Vector]:
    """Return two or three points on a line or in the plane, and a small direction."""
    d = rng.randint(1, 2)
    return small.labelled_set(rng, d, rng.randint(2, 3)), small.vector(rng, d, 2)


@theorem.without(
    "starts among the points labelled -1",
    (LabelledSet.of([[0], [1]], [-1, 1]), vector([-1])),
    draw_any,
)
def refute_any(data: LabelledSet, direction: Vector) -> Refutation | None:
    """Refute when an accurate network keeps every label -1 along the direction."""
    v = direction
    network = relu_directions.silent_network(data, v)  # InputError when no network is accurate
    if network is None or not any(v):
        return None
    return Refutation.of(
        "No unit of an accurate network grows along the direction, so no label -1 ever changes.",
        Given("network", network),
        step(
            r"$w_i\cdot v\le0$ for every unit.",
            ([inner(r"w_#\cdot v", w, v) for w in network.weights], "<=", 0),
        ),
        relu_directions.refusal_certificate(data, network, v),
    )


def sharpness() -> Proof:
    """Evaluate both sides of the exact set: a direction that is no difference, and one outside."""
    data, v = EXAMPLE.data, EXAMPLE.direction
    outside = vector([1, 2])
    network = relu_directions.silent_network(data, outside)
    assert network is not None
    differences = [combine((1, x), (-1, z)) for x in data.positive for z in data.negative]
    return Proof.of(
        Given("data", data), Given("network", network),
        step(r"$v=(1,0)$ is a multiple of neither difference $(1,1)$, $(1,-1)$, and it is "
             "universal.",
             *((computed(rf"{number(w)}_1v_2-{number(w)}_2v_1", "a * d - b * c",
                         a=w[0], b=w[1], c=v[0], d=v[1]), "!=", 0) for w in differences)),
        step(r"$(1,2)$ lies outside: an accurate network has no unit that grows along it.",
             ([inner(r"w_#\cdot(1,2)", w, outside) for w in network.weights], "<=", 0)),
        relu_directions.path_certificate(data, v, EXAMPLE.path),
        relu_directions.refusal_certificate(data, network, outside),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that a multiple of a difference is the case of one point in the mixture."""
    p, q, t = sympy.symbols("p q t")
    yield identity(
        r"A multiple $t(x_+-x_-)$, $t>0$, leads from $x_-$ to $x_+$ with $s=1/t$.",
        r"x_-+\frac1tt(x_+-x_-)=x_+",
        "any dimension, coordinate by coordinate", q + 1 / t * (t * (p - q)), p,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    sharp=sharp_form(
        R_PRIME,
        all_sums(
            R_PRIME,
            "Overstated: $v_2$ can be any vector from the hull of the points labelled $-1$ to the "
            "hull of those labelled $+1$. From $(0,0)$ to the middle of $(-1,1)$ and $(1,1)$ it is "
            "not.",
        ),
    ),
)
