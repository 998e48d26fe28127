"""Theorem 2: every decision region extends to infinity with constant probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from certify import invariant_directions, rationals
from certify.certificates import Certificate
from certify.rationals import Rows, Vector, combine
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.objects import SoftmaxHead
from verify.sampling import heads, numbers

POINTS = 6


@dataclass(frozen=True)
class Instance:
    """A head with an invariant direction, feature vectors, and factors theta to move them by."""

    head: SoftmaxHead
    points: Rows
    thetas: Vector


def draw(rng: Random, case: str) -> Instance:
    """Return a head of the named case that has an invariant direction, with sampled points."""
    head = heads.head_with_directions(rng, case)
    return Instance(
        head,
        numbers.vectors(rng, POINTS, head.features),
        (-numbers.positive(rng), numbers.positive(rng)),
    )


def prove(instance: Instance) -> Proof:
    """Follow each point along one invariant direction; its region and outputs stay the same."""
    head = instance.head
    space = invariant_directions(head.weights)
    d = combine(*((k + 1, v) for k, v in enumerate(space.basis)))
    logits = [head.logits(h) for h in instance.points]
    # A point on a boundary belongs to each class that attains the maximum.
    members = [
        (i, h, z)
        for h, z in zip(instance.points, logits, strict=True)
        for i in range(head.classes)
        if z[i] == max(z)
    ]
    moved = [
        (i, _gaps(z, i), _gaps(head.logits(combine((1, h), (theta, d))), i))
        for i, h, z in members
        for theta in instance.thetas
    ]
    steps = (
        step(r"The space of invariant directions has dimension $l-r>0$, so it contains some "
             r"$d\neq0$.", (space.dimension, ">", 0), (d, "!=", (rationals.rational(0),) * len(d))),
        step(r"Along $d$ every difference of logits is constant: "
             r"$z_i(h+\theta d)-z_j(h+\theta d)=z_i(h)-z_j(h)$.",
             *((after, "=", before) for _, before, after in moved)),
        step(r"If class $i$ attains the maximum at $h$, ties included, it does so at "
             r"$h+\theta d$: the region contains the whole line.",
             *((min(after), ">=", 0) for _, _, after in moved)),
    )  # fmt: skip
    certificate = region_certificate(head, d, [(i, h) for i, h, _ in members])
    return Proof(steps, (certificate,))


def region_certificate(
    head: SoftmaxHead, direction: Vector, members: Sequence[tuple[int, Vector]]
) -> Certificate:
    """Certify that whole lines along the direction stay in the region of each (class, point)."""
    return Certificate(
        "invariant-regions",
        {
            "weights": [rationals.texts(row) for row in head.weights],
            "bias": rationals.texts(head.bias),
        },
        {
            "direction": rationals.texts(direction),
            "regions": [{"class": i, "point": rationals.texts(h)} for i, h in members],
        },
        {},
    )


def _gaps(logits: Vector, i: int) -> Vector:
    return tuple(logits[i] - z for z in logits)


CLAIM = Claim(
    id="zou-thm-2",
    paper=Paper.ZOU,
    number="Theorem 2",
    title="Every decision region extends to infinity with constant probabilities",
    statement=r"If $l>m$ and the region of class $i$ is not empty, some $d\neq0$ has: for all $h$ "
    r"in the region and all real $\theta$, the point $h+\theta d$ lies in the region and has the "
    r"same softmax output.",
    verdict=Verdict.TRUE,
    verdict_reason="True once a region is understood to be nonempty and a direction to be nonzero.",
    hypotheses=(
        Hypothesis("more features than classes", r"$l>m$."),
        Hypothesis("nonempty region", "Some point belongs to the class."),
        Hypothesis("full feature space", r"Features range over all of $\mathbb{R}^l$."),
    ),
    sharp_form=r"It holds for one, equivalently every, nonempty region exactly when "
    r"$\operatorname{rank}(w_1-w_m,\dots,w_{m-1}-w_m)<l$. The shape guarantees that when "
    r"$l\ge m$, not only when $l>m$.",
    quantifier="for all points of every region and all steps at once; sampled points show which "
    "regions are nonempty",
    cases=heads.CASES,
    draw=draw,
    prove=prove,
)
