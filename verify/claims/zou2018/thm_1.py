r"""Theorem 1: A linear space of directions changes no softmax output

Printed: $\forall h\in\mathcal{H},\ \exists V\subseteq\mathbb{R}^l$ with $\mathrm{dim}(V)\geq l-m$,
    s.t. $\forall d\in V,\ \forall\theta\in\mathbb{R}$, $S(h+\theta d)=S(h)$.
Statement: For every layer with weights $W\in\mathbb{R}^{l\times m}$, $m\ge2$, and any bias there is
    a linear space $V$ of dimension at least $l-m$ such that moving any features $h$ along any
    $d\in V$, by any $\theta$, leads to features $h+\theta d$ with the same softmax output.
Verdict: true. As printed softmax is applied to the features themselves; with the affine map put in,
    the statement holds, and one space serves all features at once.
Reading: $S(h)$ is the output of the layer at the features $h$, $S(W^Th+b)$ in Definition 1: taken
    literally, softmax of a vector with $l$ entries, the symbols have the wrong types.
Needs full feature space: Features range over all of $\mathbb{R}^l$.
    Without it: On features that are never negative, as behind a ReLU, every direction of the space
        can lead out of them although $l>m$: to numbers with the same output that are no features.
Needs more features than classes: $l>m$.
    Without it: For $l\le m$ the bound $l-m$ says nothing and the proof still runs.
Sharp: The space is exactly $D=\{d:W^\top d\in\mathbb{R}\mathbf{1}\}$, of dimension $l-r$ with
    $r=\mathrm{rank}(w_1-w_m,\dots,w_{m-1}-w_m)$: at least $l-m+1$, one more than stated. No bound
    in $l$ and $m$ beats $\max(0,l-m+1)$, which is attained exactly when $r=\min(l,m-1)$.
    Rests on: Coq in part def_1, thm_1. The dimension is $l-r$ by elimination, $r\le\min(l,m-1)$;
        that the bound is attained is worked out for all $l$ and $m$ in step 1.
Quantifier: for all features and all steps at once; the dimension exactly, from both sides
Uses: zou-def-1
The idea: Count equations and unknowns. A direction has $l$ entries, and it must satisfy $m-1$
    equations $(w_i-w_m)\cdot d=0$. When there are more features than classes, something is left
    over.
Why it is true: The solutions of $m-1$ homogeneous equations in $l$ unknowns form a space of
    dimension $l-r$, where $r\leq m-1$ counts the equations that do not follow from the ones before
    them. Along each solution $d$ all $w_i\cdot d$ are one number $\kappa$: all logits rise by the
    same amount $\theta\kappa$, so softmax gives the same probabilities. One space serves every $h$,
    every bias and every step.
Before you use it: The paper promises $l-m$ dimensions. There are at least $l-m+1$, because softmax
    ignores a common shift of the logits: that freedom is worth one dimension. In a trained network
    the features often come out of a ReLU and are never negative; then a direction of the space may
    lead out of the set of features that can occur at all.
"""

from fractions import Fraction
from random import Random

import sympy

from certify import invariant_directions, null_space, rank
from certify.numbers.elimination import NullSpace
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    computed,
    identity,
    matrices,
    mixture,
    multiples,
    named,
    rank_of,
    step,
    theorem,
)
from verify.claims.zou2018.shared import figures, regions
from verify.claims.zou2018.sharp.directions import DIMENSION, unit_layer
from verify.claims.zou2018.without import orthant
from verify.drawing import heads, numbers
from verify.objects import SoftmaxHead


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, Vector, Fraction]:
    """Return a head of the named case with a sampled feature vector and factor."""
    head = heads.softmax_head(rng, case)
    return head, numbers.vector(rng, head.features), numbers.number(rng)


@theorem.not_needed(
    "more features than classes", lambda rng: draw(rng, rng.choice((heads.NARROW, heads.SQUARE)))
)
def prove(head: SoftmaxHead, features: Vector, theta: Fraction) -> Proof:
    """Evaluate rank, dimension and the constant shift of the logits along every basis direction."""
    h = features
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    space = invariant_directions(head.weights)
    last = head.class_weights(m - 1)
    directions: Rows = space.basis or ((Fraction(0),) * l,)  # 0 lies in D, also alone
    shifts: Rows = tuple(tuple(dot(head.class_weights(i), d) for i in range(m)) for d in directions)
    before = head.logits(h)
    r, free = named("r", space.rank), named(r"\dim D", space.dimension)
    bound = computed("l-m+1", "l - m + 1", l=l, m=m)
    return Proof.of(
        regions.named_logits("z(h)", head, h),
        *(Named(f"d_{{{k}}}", d) for k, d in enumerate(directions, 1)),
        step(r"Elimination gives the rank $r$ of $w_1-w_m,\dots,w_{m-1}-w_m$.",
             (rank_of(r"\mathrm{rank}(w_1-w_m,\dots,w_{m-1}-w_m)",
                      rank(regions.differences(head)).value, regions.differences(head)), "=", r)),
        step(r"Rank and nullity: $D=\{d:(w_i-w_m)\cdot d=0\}$ has dimension $l-r$.",
             (free, "=", computed("l-r", "l - r", l=l, r=space.rank))),
        step(r"For $d\in D$ put $\kappa=w_m\cdot d$; then $w_i\cdot d=\kappa$ for every class.",
             ([Named(r"W^\top d_#", row, multiples(*zip(d, head.weights, strict=True)))
               for d, row in zip(directions, shifts, strict=True)],
              "=", named(r"\kappa_#\mathbf{1}", [(dot(last, d),) * m for d in directions]))),
        step(r"So the logits at $h+\theta d$ are those at $h$ plus the constant $\theta\kappa$, "
             r"and the softmax output is the same.",
             ([regions.named_logits(r"z(h+\theta d_#)", head, combine((1, h), (theta, d)))
               for d in directions],
              "=", [mixture(r"z(h)+\theta\kappa_#\mathbf{1}", (1, before), (theta, row))
                    for row in shifts])),
        step(r"There are $m-1$ differences, so $r\le m-1$ and "
             r"$\mathrm{dim}\,D=l-r\ge l-m+1\ge l-m$.",
             (r, "<=", computed("m-1", "m - 1", m=m)), (free, ">=", bound),
             (bound, ">=", computed("l-m", "l - m", l=l, m=m))),
        space.certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Attain dimension max(0, l - m + 1) in every small shape, and l - m for all logits at once."""
    shapes = [(l, m) for l in range(1, 5) for m in range(2, 6)]
    spaces = [(l, m, invariant_directions(unit_layer(l, m).weights)) for l, m in shapes]
    # The columns e_1, ..., e_m: only directions that leave every single logit alone.
    fixed = [
        (l, m, null_space([[int(i == k) for k in range(l)] for i in range(m)]))
        for l, m in shapes if l >= m
    ]  # fmt: skip
    shown = [(4, 3), (2, 3)]
    return Proof.of(
        *(Given(f"$l={l}$, $m={m}$", unit_layer(l, m)) for l, m in shown),
        step(r"With $w=e_1,\dots,e_{\min(m-1,l)},0,\dots,0$ a $d$ has equal products with all "
             r"weights, the last of which is $0$, exactly when $d_k=0$ for $k\le\min(m-1,l)$. So "
             r"$D$ is spanned by the other $e_k$, and its dimension is $l-\min(m-1,l)="
             r"\max(0,l-m+1)$, for all $l$ and $m$: the best bound in them. By elimination for "
             "two of them:",
             *((_dimension(l, m, space), "=",
                computed(r"l-\min(m-1,l)", "l - r", l=l, r=min(m - 1, l)))
               for l, m, space in spaces if (l, m) in shown)),
        step(r"In particular $l=m-1$ can leave no direction, since $0=e_k\cdot d=d_k$ for all $k$, "
             r"and $l\ge m$ always leaves one: $e_l$ in this layer.",
             ([_dimension(l, m, space) for l, m, space in spaces if (l, m) == (2, 3)], "=", 0),
             ([_dimension(l, m, space) for l, m, space in spaces if (l, m) == (4, 3)], ">", 0)),
        step(r"For $l\ge m$ and $w=e_1,\dots,e_m$ the logits themselves stay along the $d$ of "
             r"$K=\{d:W^\top d=0\}$ only, which $e_{m+1},\dots,e_l$ span: the printed bound is "
             "sharp for outputs each of which depends on one logit, not for softmax.",
             *((_dimension(l, m, space, "K"), "=", computed("l-m", "l - m", l=l, m=m))
               for l, m, space in fixed)),
        *(space.certificate for *_, space in spaces), *(s.certificate for *_, s in fixed),
    )  # fmt: skip


def _dimension(l: int, m: int, space: NullSpace, name: str = "D") -> Named:
    return named(rf"\dim {name}_{{l={l},m={m}}}", space.dimension)


def symbolic() -> Symbolic:
    """Prove how far the differences of logits move, for all layers of all sizes at once."""
    v, w, h, d = matrices("v w h d", "l")
    a, b, theta = *matrices("a b"), sympy.Symbol("theta")
    before, after = ((v.T * x + a) - (w.T * x + b) for x in (h, h + theta * d))
    yield identity(
        "A difference of logits moves by the difference of weights.",
        r"(z_i-z_m)(h+\theta d)-(z_i-z_m)(h)=\theta(w_i-w_m)\cdot d",
        "all numbers of features", after - before, theta * (v - w).T * d,
    )  # fmt: skip


EXAMPLE = (SoftmaxHead.of([[1, 0], [2, 0], [0, 0]], [0, 1]), vector([1, 0, 3]), Fraction(2))


CLAIM = theorem(
    __name__,
    without={"full feature space": (orthant.EXAMPLE, orthant.refute, orthant.draw)},
    sharp=DIMENSION,
    cases=heads.CASES,
    pictures=figures.invariant_lines,
)
