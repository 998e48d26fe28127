"""Lemma 13: the region labelled -1 by a two-layer rule of class R is convex."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.rationals import Vector, combine
from verify.claims.charles2019 import certificates
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.objects import TwoLayerNetwork
from verify.sampling import networks


@dataclass(frozen=True)
class Instance:
    """A rule of class R with two points labelled -1 and a parameter between 0 and 1."""

    network: TwoLayerNetwork
    start: Vector
    end: Vector
    parameter: Fraction


def draw(rng: Random, case: str) -> Instance:
    """Return an accurate rule on a set of the named case and a segment between -1 points."""
    data = networks.surrounded_set(rng, case)
    network = networks.network_of_class_r(rng, data)
    start, end = rng.choice(data.negative), rng.choice(data.negative)
    return Instance(network, start, end, Fraction(rng.randint(0, 8), 8))


def prove(instance: Instance) -> Proof:
    """Evaluate convexity unit by unit along the segment, and the label between its ends."""
    network, x, z, t = instance.network, instance.start, instance.end, instance.parameter
    middle = combine((1 - t, x), (t, z))
    between = [
        tuple(max(a, Fraction(0)) for a in network.preactivations(point))
        for point in (x, z, middle)
    ]
    mixed = combine((1 - t, between[0]), (t, between[1]))
    affine = combine((1 - t, network.preactivations(x)), (t, network.preactivations(z)))
    steps = (
        step(r"The affine parts satisfy $a_i((1-t)x+tz)=(1-t)a_i(x)+ta_i(z)$.",
             (network.preactivations(middle), "=", affine)),
        step(r"Each unit is convex: $\mathrm{relu}$ of the mixture is at most the mixture of the "
             r"$\mathrm{relu}$s.", (between[2], "<=", mixed)),
        step(r"The output weights are nonnegative, so $f$ is convex: "
             r"$f((1-t)x+tz)\le(1-t)f(x)+tf(z)$.",
             (min(network.output), ">=", 0),
             (network.value(middle), "<=", (1 - t) * network.value(x) + t * network.value(z))),
        step(r"Both ends are labelled $-1$, that is $f\le0$, and so is the point between.",
             (network.value(x), "<=", 0), (network.value(z), "<=", 0),
             (network.value(middle), "<=", 0), (network.label(middle), "=", -1)),
    )  # fmt: skip
    return Proof(steps, (certificates.convex_negative_region(network, [(x, z, t)]),))


CLAIM = Claim(
    id="charles-lem-13",
    paper=Paper.CHARLES,
    number="Lemma 13",
    title="The -1 region of a class R rule is convex",
    statement=r"For $f(x)=\sum_i\mathrm{relu}(w_i\cdot x+b_i)$ and the rule $+1$ exactly where "
    r"$f>0$, the set $\{h=-1\}$ is convex.",
    verdict=Verdict.TRUE,
    verdict_reason="A sum of convex functions is convex, and the set is one of its sublevel sets.",
    hypotheses=(
        Hypothesis("nonnegative output weights", r"$f$ adds its units with weights $v_i\ge0$."),
    ),
    sharp_form=r"The set is the closed polyhedron $\{w_i\cdot x+b_i\le0\text{ for all }i\}$; with "
    r"any threshold and any $v\ge0$ it is still convex.",
    quantifier="for all pairs of points at once, by the half-spaces; also evaluated on a segment",
    cases=networks.CASES,
    draw=draw,
    prove=prove,
)
