"""Theorem 10: a difference of two data points fools every accurate class R rule at -1 points."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.rationals import Vector, combine, dot
from verify.claims.charles2019 import certificates
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.objects import LabelledSet, TwoLayerNetwork
from verify.sampling import networks


@dataclass(frozen=True)
class Instance:
    """A labelled set, a rule of class R that is right on it, and one point of each label."""

    data: LabelledSet
    network: TwoLayerNetwork
    positive: int
    negative: int


def draw(rng: Random, case: str) -> Instance:
    """Return a set of the named case, an accurate rule and a pair of points, by index."""
    data = networks.surrounded_set(rng, case)
    network = networks.network_of_class_r(rng, data)
    sides = [[i for i, y in enumerate(data.labels) if y == side] for side in (1, -1)]
    return Instance(data, network, rng.choice(sides[0]), rng.choice(sides[1]))


def escape_step(network: TwoLayerNetwork, unit: int, x: Vector, direction: Vector) -> Fraction:
    """Return a positive step after which the unit alone lifts f above the threshold.

    Needs a positive output weight and w_i.v > 0 at the unit (Charles et al., Theorem 10).
    """
    level = network.threshold / network.output[unit] - network.preactivations(x)[unit]
    reach = level / dot(network.weights[unit], direction)
    return max(reach, Fraction(0)) + 1


def rising_unit(network: TwoLayerNetwork, low: Vector, high: Vector) -> int:
    """Return the unit with the largest weighted growth from ``low`` to ``high``."""
    before, after = (network.preactivations(x) for x in (low, high))
    growth = [
        v * (max(b, Fraction(0)) - max(a, Fraction(0)))
        for v, a, b in zip(network.output, before, after, strict=True)
    ]
    return max(range(len(growth)), key=growth.__getitem__)


def prove(instance: Instance) -> Proof:
    """Find the unit that rises from the -1 to the +1 point and the step at which it wins."""
    data, network = instance.data, instance.network
    high, low = data.points[instance.positive], data.points[instance.negative]
    v = combine((1, high), (-1, low))
    unit = rising_unit(network, low, high)
    activity = [max(network.preactivations(x)[unit], Fraction(0)) for x in (high, low)]
    starts = data.negative
    flips = [(x, escape_step(network, unit, x, v)) for x in starts]
    ends = [combine((1, x), (c, v)) for x, c in flips]
    steps = (
        step(r"The rule is right on both points, so $f(x_+)>f(x_-)$ and some unit $i$ is more "
             r"active at $x_+$.",
             (network.value(high), ">", network.value(low)), (activity[0], ">", activity[1])),
        step(r"Its output weight is positive and $w_i\cdot(x_+-x_-)>0$.",
             (network.output[unit], ">", 0), (dot(network.weights[unit], v), ">", 0)),
        step(r"From any $x$ with label $-1$ the unit alone gives "
             r"$f(x+cv)\ge v_i(w_i\cdot x+b_i+c\,w_i\cdot v)$, above the threshold at an explicit "
             r"$c$.",
             *((network.output[unit] * network.preactivations(end)[unit], ">", network.threshold)
               for end in ends),
             *((network.value(end), ">=", network.output[unit] * network.preactivations(end)[unit])
               for end in ends)),
        step(r"So the label there is $+1$.", *((network.label(end), "=", 1) for end in ends)),
    )  # fmt: skip
    share = tuple(Fraction(i == instance.negative) for i in range(len(data.points)))
    return Proof(
        steps,
        (
            certificates.relu_universal_direction(data, v, instance.positive, share, Fraction(1)),
            certificates.network_flip(data, network, v, flips),
        ),
    )


CLAIM = Claim(
    id="charles-thm-10",
    paper=Paper.CHARLES,
    number="Theorem 10",
    title="A difference of data points fools every accurate class R rule",
    statement=r"Let both labels occur in $S$ and $v=x_+-x_-$ for any $x_+$, $x_-$ in $S$ with "
    r"these labels. Then for every rule $h$ of class $R$ that is right on $S$, and every $x$ with "
    r"$h(x)=-1$, some $c>0$ has $h(x+cv)=+1$.",
    verdict=Verdict.TRUE,
    verdict_reason="The statement holds, by three lines without topology; the paper's own route "
    "through Theorem 11 is broken.",
    hypotheses=(
        Hypothesis("both labels", "Some point is labelled +1 and some point -1."),
        Hypothesis("nonnegative output weights", r"$f$ adds its units with weights $v_i\ge0$."),
        Hypothesis("points labelled -1", "Only points with label -1 are claimed to flip."),
    ),
    sharp_form=r"$v$ does this for every accurate rule exactly when $x_+-sv$ lies in the hull of "
    r"the points labelled $-1$, for some $x_+$ in $S$ and $s>0$.",
    quantifier="for all accurate networks and all their -1 points at once, by one convex "
    "combination; explicit steps on a sampled network",
    cases=networks.CASES,
    draw=draw,
    prove=prove,
)
