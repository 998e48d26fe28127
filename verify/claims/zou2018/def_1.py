r"""Definition 1: Adversarial directions are the null directions of the weight differences

Printed: An adversarial direction is defined on any $h\in\mathcal{H}$ as a direction $d$ such that
    $\forall\theta\in\mathbb{R}$, $S(W^T(h+\theta d)+b)=S(W^Th+b)$, i.e., arbitrarily traversing
    along d preserves the softmax output.
Statement: Let $m\ge2$ and let the features range over $\mathbb{R}^l$. A direction $d\neq0$ is
    adversarial at $h$ exactly when $w_1\cdot d=\dots=w_m\cdot d$. The condition mentions neither
    $h$ nor $b$, and one $\theta\neq0$ decides for all. The adversarial directions and $0$ form the
    linear space $D=\{d:W^\top d\in\mathbb{R}\mathbf{1}\}$, so there is one exactly when
    $D\neq\{0\}$.
Verdict: true. A sound definition, whose condition depends on neither $h$ nor $b$. Only that a
    direction is not $0$ must be read into it: $0$ meets the condition in every layer.
Reading: A direction is not zero, and $\mathcal{H}=\mathbb{R}^l$, to which the paper restricts its
    results in the sentence before.
Needs direction not zero: $d\neq0$.
    Without it: The zero direction is adversarial in every layer, also where $D=\{0\}$.
Needs full feature space: Features range over all of $\mathbb{R}^l$.
    Without it: Features behind a ReLU are never negative, and every direction of $D$ can lead out
        of them.
Sharp: $D$ is the exact set, of dimension $l-\mathrm{rank}(w_1-w_m,\dots,w_{m-1}-w_m)$, the same for
    every $h$, every $b$ and every class: a direction outside $D$ changes the output at every $h$,
    by every step $\theta\neq0$. It may well keep the class.
    Rests on: Coq in part def_1, def_1_one_step, def_1_space. The dimension is that of a null space,
        by elimination; that the class may stay is shown by the counterexample below.
Quantifier: for all features, steps and directions at once, by a complete basis of $D$; also
    evaluated at sampled features
The idea: A softmax head looks at a feature vector $h$ through $m$ numbers only, the logits
    $z_i=w_i\cdot h+b_i$. Softmax then forgets one more thing: adding the same constant to every
    logit changes nothing. So if a move $d$ adds the same amount to all logits, no probability
    notices it, however far we go.
Why it is true: The move from $h$ to $h+\theta d$ adds $\theta\,w_i\cdot d$ to logit $i$. Outputs
    stay equal exactly when these $m$ additions are equal, that is when all $w_i\cdot d$ agree. The
    features $h$ and the biases have dropped out of the condition, and a factor $\theta\neq0$ cannot
    make unequal numbers equal. What is left is a system of linear equations for $d$, and its
    solutions form a linear space.
Before you use it: Zero solves every linear system, so a direction has to be read as one that is not
    $0$. And the space is exact: there is no direction outside it that works by luck at some special
    $h$. Keeping the *class* is a weaker thing: along a direction outside $D$ the class may stay for
    ever while the probabilities change.
"""

from fractions import Fraction
from functools import partial
from random import Random

import sympy

from certify import certificates, invariant_directions
from certify.numbers.elimination import NullSpace
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    SymbolicStep,
    computed,
    inner,
    mixture,
    multiples,
    named,
    step,
    theorem,
)
from verify.claims.relation import within
from verify.claims.zou2018.shared import figures, regions
from verify.claims.zou2018.sharp.directions import DIRECTIONS
from verify.claims.zou2018.without import orthant
from verify.drawing import heads, layers, numbers
from verify.objects import SoftmaxHead


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, Vector, Rows, Vector]:
    """Return a layer of the named case with a direction that is invariant in half the draws."""
    head = heads.softmax_head(rng, case)
    direction = numbers.vector(rng, head.features)
    space = invariant_directions(head.weights)
    if space.dimension and rng.random() < 0.5:
        direction = combine(*((numbers.number(rng), v) for v in space.basis))
    thetas = (-numbers.positive(rng), numbers.positive(rng))
    return head, direction, numbers.vectors(rng, 2, head.features), thetas


def prove(head: SoftmaxHead, direction: Vector, points: Rows, thetas: Vector) -> Proof:
    """Evaluate the change of the logits along d, and compare it with membership in D."""
    d = direction
    regions.require_two_classes(head)
    space = invariant_directions(head.weights)
    slopes = tuple(dot(w, d) for w in regions.columns(head))
    moves = [(h, theta) for h in points for theta in thetas]
    steps = (
        step(r"The logits change by $\theta W^\top d$, whatever $h$ and $b$ are.",
             *((mixture(r"z(h+\theta d)-z(h)", (1, head.logits(combine((1, h), (theta, d)))),
                        (-1, head.logits(h))),
                "=", mixture(r"\theta W^\top d", (theta, slopes))) for h, theta in moves)),
        step(r"Outputs are equal exactly when logits differ by a constant, that is when the "
             r"spread $\max-\min$ of the change is $0$. It is $|\theta|$ times the spread of "
             r"$W^\top d$, so one $\theta\neq0$ is as good as all.",
             *((named_spread(r"(\max-\min)(\theta W^\top d)", combine((theta, slopes))), "=",
                computed(r"|\theta|(\max-\min)(W^\top d)", "t * s", t=abs(theta), s=spread(slopes)))
               for theta in thetas)),
        step(r"So $d$ qualifies exactly when $(w_i-w_m)\cdot d=0$ for every $i$, that is when $d$ "
             r"lies in $D$, the combinations of the $d_k$ (1 for yes, 0 for no).",
             (Named(r"[(\max-\min)(W^\top d)=0]", int(spread(slopes) == 0),
                    partial(_no_spread, slopes)), "=",
              Named(r"[d\in D]", int(in_space(space, d)), partial(_membership, space, d)))),
    )  # fmt: skip
    if in_space(space, d):
        members = [(i, h) for h in points for i in _largest(head, h)]
        proofs = (certificates.invariant_regions(head, d, members),) if any(d) else ()
    else:
        proofs = (certificates.logits_differ(head, d),)
    change = Named(r"W^\top d", slopes, multiples(*zip(d, head.weights, strict=True)))
    basis = (Named(f"d_{{{k}}}", v) for k, v in enumerate(space.basis, 1))
    return Proof.of(*basis, change, *steps, space.certificate, *proofs)


def named_spread(name: str, values: Vector) -> Named:
    """Return max - min by name, with both."""
    both = computed("", "a - b", a=max(values), b=min(values))
    return Named(name, spread(values), both.numbers)


def _no_spread(values: Vector) -> str:
    return f"[{computed('', 'a - b', a=max(values), b=min(values)).formula[0]}=0]"


def _membership(space: NullSpace, d: Vector) -> str:
    sign = "=" if in_space(space, d) else r"\neq "
    terms = multiples(*((d[k], v) for k, v in zip(space.free, space.basis, strict=True)))()
    return f"[{within(d)}{sign}{terms or 0}]"


def spread(values: Vector) -> Fraction:
    """Return max - min."""
    return max(values) - min(values)


def in_space(space: NullSpace, d: Vector) -> bool:
    """Return whether d is a combination of the basis, whose coordinates are its free entries."""
    return combine((0, d), *((d[k], v) for k, v in zip(space.free, space.basis, strict=True))) == d


def _largest(head: SoftmaxHead, h: Vector) -> list[int]:
    z = head.logits(h)
    return [i for i, value in enumerate(z) if value == max(z)]


EXAMPLE = (
    SoftmaxHead.of([[1, 0], [2, 0], [0, 0]], [0, 1]),
    vector([2, -1, 5]),
    (vector([1, 0, 3]),),
    vector([-1, 2]),
)


def draw_any_layer(rng: Random) -> SoftmaxHead:
    """Return a layer of any small shape."""
    return layers.small_head(rng, rng.randint(1, 2), rng.randint(2, 3))


@theorem.without("direction not zero", SoftmaxHead.of([[1, 0]], [0, 0]), draw_any_layer)
def refute_existence(head: SoftmaxHead) -> Refutation | None:
    """Refute "an adversarial direction exists" as a statement: only d = 0 qualifies."""
    space = invariant_directions(head.weights)
    if space.dimension:
        return None
    zero = (Fraction(0),) * head.features
    return Refutation.of(
        "The direction $0$ meets the condition in every layer. Here it is the only one, so that "
        "there is an adversarial direction would say nothing unless $0$ is excluded.",
        step(r"Along $0$ no logit changes.",
             (Named(r"W^\top0", tuple(dot(w, zero) for w in regions.columns(head)),
                    multiples(*zip(zero, head.weights, strict=True))), "=",
              (Fraction(0),) * head.classes)),
        step(r"No other direction qualifies: $\mathrm{dim}\,D=0$.",
             (regions.free_dimension(head, space), "=", 0)),
        space.certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate that D is cut out exactly: a basis qualifies, and each vector off D changes more."""
    head = EXAMPLE[0]
    space = invariant_directions(head.weights)
    off, free = vector([1, 0, 0]), named(r"\dim D", space.dimension)
    w = regions.columns(head)
    return Proof.of(
        Given("layer", head),
        *(Named(f"d_{k}", d) for k, d in enumerate(space.basis, 1)),
        step(r"Two dimensions and no more are free: $\mathrm{dim}\,D=l-r=3-1$, since the one "
             r"difference is not $0$. Both basis vectors give the logits the same slope.",
             (free, "=", computed("l-r", "l - r", l=head.features, r=space.rank)),
             (mixture("w_1-w_2", (1, w[0]), (-1, w[1])), "!=", vector([0, 0, 0])),
             *((inner(rf"w_1\cdot d_{k}", w[0], d), "=", inner(rf"w_2\cdot d_{k}", w[1], d))
               for k, d in enumerate(space.basis, 1))),
        step(r"A direction off $D$ changes outputs at every $h$, by every $\theta\neq0$.",
             (inner(r"w_1\cdot(1,0,0)", w[0], off), "!=", inner(r"w_2\cdot(1,0,0)", w[1], off))),
        space.certificate, certificates.logits_differ(head, off),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that softmax forgets a constant, and that quotients of outputs give differences."""
    z, c = sympy.IndexedBase("z"), sympy.Symbol("c")
    i, k = sympy.symbols("i k", integer=True)
    m = sympy.Symbol("m", integer=True, positive=True)
    total, moved = (sympy.Sum(sympy.exp(x), (k, 1, m)) for x in (z[k], z[k] + c))
    moved = sympy.factor_terms(moved.expand())  # e^c stands before the sum
    yield SymbolicStep(
        "Softmax does not change when a constant is added to all logits.",
        r"S(z+c\mathbf{1})=S(z)",
        "any number of classes",
        sympy.simplify(sympy.exp(z[i] + c) / moved - sympy.exp(z[i]) / total) == 0,
    )
    quotient = (sympy.exp(z[i]) / total) / (sympy.exp(z[m]) / total)
    yield SymbolicStep(
        "Quotients of outputs give back the differences of logits, because exp is injective.",
        r"S(z)_i/S(z)_m=e^{z_i-z_m}",
        "any number of classes",
        sympy.simplify(quotient - sympy.exp(z[i] - z[m])) == 0,
    )


CLAIM = theorem(
    __name__,
    without={
        "full feature space": (
            SoftmaxHead.of([[1, 0], [1, 0]], [0, 0]),
            orthant.refute,
            orthant.draw_any_layer,
        )
    },
    sharp=DIRECTIONS,
    cases=heads.CASES,
    pictures=figures.invariant_lines,
)
