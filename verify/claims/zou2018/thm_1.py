"""Theorem 1: directions that leave every softmax output unchanged form a large linear space."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import invariant_directions
from certify.rationals import Rows, Vector, combine, dot
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.objects import SoftmaxHead
from verify.sampling import heads, numbers


@dataclass(frozen=True)
class Instance:
    """A head, a feature vector h and a factor theta to move it by."""

    head: SoftmaxHead
    features: Vector
    theta: Fraction


def draw(rng: Random, case: str) -> Instance:
    """Return a head of the named case with a sampled feature vector and factor."""
    head = heads.softmax_head(rng, case)
    return Instance(head, numbers.vector(rng, head.features), numbers.number(rng))


def prove(instance: Instance) -> Proof:
    """Evaluate rank, dimension and the constant shift of the logits along every basis direction."""
    head, h, theta = instance.head, instance.features, instance.theta
    l, m = head.features, head.classes
    space = invariant_directions(head.weights)
    last = head.class_weights(m - 1)
    shifts: Rows = tuple(
        tuple(dot(head.class_weights(i), d) for i in range(m)) for d in space.basis
    )
    before = head.logits(h)
    steps = (
        step(r"Elimination gives the rank $r$ of $w_1-w_m,\dots,w_{m-1}-w_m$; there are $m-1$ of "
             r"them in $\mathbb{R}^l$, so $r\le\min(l,m-1)$.", (space.rank, "<=", min(l, m - 1))),
        step(r"Rank and nullity: $D=\{d:(w_i-w_m)\cdot d=0\}$ has dimension $l-r$.",
             (space.dimension, "=", l - space.rank)),
        step(r"For $d\in D$ put $\kappa=w_m\cdot d$; then $w_i\cdot d=\kappa$ for every class.",
             *((s, "=", (dot(last, d),) * m) for s, d in zip(shifts, space.basis, strict=True))),
        step(r"So the logits at $h+\theta d$ are those at $h$ plus the constant $\theta\kappa$, "
             r"and the softmax output is the same.",
             *((head.logits(combine((1, h), (theta, d))), "=",
                tuple(z + theta * s for z, s in zip(before, row, strict=True)))
               for d, row in zip(space.basis, shifts, strict=True))),
        step(r"Hence $\dim D=l-r\ge l-m+1\ge l-m$.",
             (space.dimension, ">=", l - m + 1), (l - m + 1, ">=", l - m)),
    )  # fmt: skip
    return Proof(steps, (space.certificate,))


CLAIM = Claim(
    id="zou-thm-1",
    paper=Paper.ZOU,
    number="Theorem 1",
    title="A linear space of directions changes no softmax output",
    statement=r"For every layer with weights $W\in\mathbb{R}^{l\times m}$ and any bias there is a "
    r"linear space $V$ of dimension at least $l-m$ such that moving any features $h$ along any "
    r"$d\in V$, by any $\theta$, leaves the softmax output unchanged.",
    verdict=Verdict.TRUE,
    verdict_reason="As printed softmax is applied to the features themselves; with the affine map "
    "put in, the statement holds, and one space serves all features at once.",
    hypotheses=(Hypothesis("full feature space", r"Features range over all of $\mathbb{R}^l$."),),
    sharp_form=r"The space is exactly $D=\{d:W^\top d\in\mathbb{R}\mathbf{1}\}$, of dimension "
    r"$l-r$ with $r=\operatorname{rank}(w_1-w_m,\dots,w_{m-1}-w_m)$: at least $l-m+1$, one more "
    r"than stated.",
    quantifier="for all features and all steps at once; the dimension exactly, from both sides",
    cases=heads.CASES,
    draw=draw,
    prove=prove,
)
