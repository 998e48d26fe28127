r"""Assumptions B1, B2, B3: What the assumptions on multi-class rules must say

Printed: Assumption B1. With probability 1 over the training procedure, for $i\in\{1,...,K\}$,
    $\Vert w_i^{(j)}\Vert_2\leq B$. Assumption B2. The probability that $W^{(1)}$ correctly
    classifies any point in $S^{(1)}$ is independent from $S^{(2)}$ and $W^{(2)}$, and vice-versa.
    Assumption B3. There is a label $l$ such that at least a $(1-\rho)$ fraction of points
    $(x,y)\in S^{(j)}[k,l]$ satisfy $h_j(x)=y$ and
    $|\langle w_k^{(j)},x\rangle-\langle w_l^{(j)},x\rangle|>1$. … B3 is a kind of multi-class
    generalization of A3. It says that our classifier is approximately accurate on a fraction of
    samples with label $k$ or $l$, and moreover, that for such samples, $W^{(j)}$ is much more
    confident about the label $k$ than the label $l$.
    Refuted: A point of class $l$ that B3 counts has the larger logit at $l$.
Statement: Fix $B$ and two classes $k\neq l$ before sampling, the same for $j=1,2$. If
    $|w_i^{(j)}|\leq B$ and all but $n\rho_j$ of the $n$ points of $S^{(j)}[k,l]$ satisfy $h_j(x)=y$
    and $|u_j\cdot x|>1$ for $u_j=w_k^{(j)}-w_l^{(j)}$, then $|u_j|\leq2B$, and all but $n\rho_j$ of
    them have a signed margin above $1$: $u_j\cdot x>1$ for label $k$ and $-u_j\cdot x>1$ for label
    $l$. So on the points of these two classes $u_1$ and $u_2$ satisfy A1, with $2B$, and A3, and
    for $\rho_j<1$ that can be met.
Verdict: true after repair. As printed $l$ may equal $k$, may depend on $j$ and may be chosen after
    looking (then the failure probability grows by up to the factor $K-1$), and the gloss on
    confidence is right for points of class $k$ only. B2 is not needed.
Reading: The class $k$ is the one that Theorem 9 fixes, and $S^{(j)}[k,l]$ holds the points of
    sample $j$ with the labels $k$ and $l$; there is a label, in B3, means one for each rule.
Needs right label: The points that B3 counts satisfy $h_j(x)=y$.
    Without it: $|u\cdot x|>1$ alone leaves the sign open.
Needs two different classes: $l\neq k$.
    Without it: With $l=k$ the difference of the logits is $0$ at every point: B3 counts none, and
        cannot be met with $\rho_j<1$.
Needs one class for both rules: The class $l$ is the same for $j=1$ and $j=2$.
    Without it: Each rule satisfies B3 for a class of its own, and no class serves both.
Needs class fixed in advance: The class $l$ is fixed before the samples are drawn.
    Without it: Two equally likely outcomes, each bad for one class, are always bad for some.
Sharp: $|u_j|=2B$, with $B$ the larger of both norms, exactly when the weights are opposite; a
    counted point needs $2BR>1$, not $BR>1$. Choosing $l$ afterwards costs at most the factor $K-1$
    in the failure probability, and exactly that when the bad events are disjoint and equally
    likely.
    Rests on: algebra. In the identity $|u|=2B$ leaves $w+v=0$ only. A union of $K-1$ events is at
        most as likely as the sum, and exactly so if they are disjoint.
Quantifier: sampled rules and samples; for each of them all rows and all points
The idea: What do we have to assume of two multi-class rules so that the binary Theorem 7 applies to
    the comparison of two classes? The difference of the two weight vectors must behave like the
    weight vector there.
Why it is true: Put $u_j=w_k-w_l$. Rows of length at most $B$ give $|u_j|\leq2B$, by the triangle
    inequality. At a point that is labelled correctly $u_j\cdot x$ has the sign of its label or is
    $0$, so confidence $|u_j\cdot x|>1$ becomes a signed margin above 1. That is A3 for $u_j$.
Before you use it: The second class $l$ must be chosen before looking at the samples, be different
    from $k$, and be the same for both rules. Each of these can fail as printed, and each has its
    counterexample below.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass_samples
from verify.claims.charles2019.shared.multiclass import ONE
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.charles2019.sharp.assumptions import TWICE_AS_LONG
from verify.claims.charles2019.without import assumptions
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    matrices,
    named,
    products,
    step,
    theorem,
    told,
)
from verify.claims.relation import number
from verify.drawing import numbers
from verify.objects import ArgmaxRule, MulticlassSet, square

GENERIC, TWO, OPPOSITE, ONE_CLASS = "generic", "two classes", "opposite weights", "one label"
CASES = (GENERIC, TWO, OPPOSITE, ONE_CLASS)


@dataclass(frozen=True)
class Instance:
    """Two samples and the rules trained on them, the classes k and l, and the bound B^2."""

    samples: tuple[MulticlassSet, MulticlassSet]
    rules: tuple[ArgmaxRule, ArgmaxRule]
    k: int
    l: int
    bound_squared: Fraction


def draw(rng: Random, case: str) -> Instance:
    """Return two rules in the ball of radius B, and samples whose labels mostly follow them."""
    d, classes = rng.randint(1, 3), 2 if case == TWO else rng.randint(3, 4)
    k, l = rng.sample(range(classes), 2)
    bound_squared = numbers.positive(rng) ** 2

    def rule() -> ArgmaxRule:
        rows = list(multiclass_samples.rows_in_ball(rng, classes, d, bound_squared))
        if case == OPPOSITE:
            rows[l] = combine((-1, rows[k]))
        return through_origin(rows)

    def sample(own: ArgmaxRule) -> MulticlassSet:
        points = numbers.vectors(rng, rng.randint(2, 6), d)
        usual = [k if y is None else y for y in map(own.label, points)]
        labels = [y if rng.random() < 0.8 else rng.choice((k, l)) for y in usual]
        return MulticlassSet(points, tuple(k if case == ONE_CLASS else y for y in labels), classes)

    first, second = rule(), rule()
    return Instance((sample(first), sample(second)), (first, second), k, l, bound_squared)


def prove(instance: Instance) -> Proof:
    """Evaluate the norms, the signed margins and the error counts that Theorem 9 needs."""
    k, l, bound = instance.k, instance.l, instance.bound_squared
    pairs = list(zip(instance.samples, instance.rules, strict=True))
    sure = [
        (j, rule, x, y) for j, (data, rule) in enumerate(pairs, 1)
        for x, y in dict.fromkeys(counted(data, rule, k, l))
    ]  # fmt: skip
    radius = radius_squared(instance)
    differences = [multiclass_samples.difference(rule, k, l) for rule in instance.rules]
    lengths = [inner("|u_#|^2", u, u) for u in differences]
    steps = (
        step(r"B1: every row has $|w_i|^2\leq B^2$, with $B$ fixed in advance.",
             ([inner(f"|w_{i}^{{({j})}}|^2", w, w) for j, rule in enumerate(instance.rules, 1)
               for i, w in enumerate(rule.weights, 1)], "<=",
              named("B^2", bound))),
        step(r"Hence $|u_j|^2=2|w_k|^2+2|w_l|^2-|w_k+w_l|^2\leq4B^2$ for $u_j=w_k-w_l$.",
             (lengths, "=", [named("2|w_k|^2+2|w_l|^2-|w_k+w_l|^2", parallelogram(rule, k, l))
                             for rule in instance.rules]),
             (lengths, "<=", computed("4B^2", "4 * b", b=bound))),
        step(r"At a point that B3 counts, $h_j(x)=y$ gives $u_j\cdot x$ the sign of the label and "
             r"$|u_j\cdot x|>1$ its size: the signed margin exceeds $1$.",
             ([told(rf"\pm u_{j}\cdot{number(x)}", multiclass_samples.margin(rule, k, l, x, y),
                    ("" if y == k else "-")
                    + f"({products(differences[j - 1], x)()})")
               for j, rule, x, y in sure], ">", 1)),
        step(r"So at most $n\rho_j$ of the $n$ points with labels $k,l$ have a signed margin below "
             r"$1$, as Assumption A3 asks of $u_j$.",
             *((named(r"|\{\pm u_j\cdot x<1\}|", low(data, rule, k, l)), "<=",
                computed(r"n-\text{counted}", "n - c", n=size(data, k, l),
                         c=len(counted(data, rule, k, l)))) for data, rule in pairs)),
        step(r"A point that is counted forces $1<|u_j\cdot x|\leq2BR$.",
             ([computed(rf"(u_{j}\cdot{number(x)})^2", "u**2",
                        u=dot(multiclass_samples.difference(rule, k, l), x))
               for j, rule, x, _ in sure], "<=",
              computed("4B^2R^2", "4 * b * r", b=bound, r=radius))),
    )  # fmt: skip
    norms = [multiclass_samples.norm_certificate(rule, k, l, bound) for rule in instance.rules]
    labels = facts.certificate(
        instance.rules, [facts.label(instance.rules.index(rule), x, y) for _, rule, x, y in sure]
    )
    margins = facts.arithmetic(
        {},
        [
            ("1", "<", multiclass_samples.margin_expression(rule, k, l, x, y))
            for _, rule, x, y in sure
        ],
    )
    # Without confident points there is nothing to say about them.
    objects = (
        *(Named(f"u_{j}", u) for j, u in enumerate(differences, 1)),
        greatest(r"R^2=\max|x|^2", [square(x) for x in dict.fromkeys(
            x for data in instance.samples for x in data.points)]),
    )  # fmt: skip
    return Proof.of(*objects, *steps, *norms, *((labels, margins) if sure else ()))


def radius_squared(instance: Instance) -> Fraction:
    """Return R^2 for the longest point of both samples."""
    return max(square(x) for data in instance.samples for x in data.points)


def counted(data: MulticlassSet, rule: ArgmaxRule, k: int, l: int) -> list[tuple[Vector, int]]:
    """Return the points with labels k and l that B3 counts: right, and with |u.x| > 1."""
    return [
        (x, y) for x, y in data.pairs
        if y in (k, l) and multiclass_samples.confident(rule, k, l, x, y)
    ]  # fmt: skip


def low(data: MulticlassSet, rule: ArgmaxRule, k: int, l: int) -> int:
    """Return how many points with labels k and l have a signed margin below 1."""
    pairs = data.pairs
    return sum(multiclass_samples.margin(rule, k, l, x, y) < 1 for x, y in pairs if y in (k, l))


def size(data: MulticlassSet, k: int, l: int) -> int:
    """Return the number n of points with labels k and l."""
    return sum(y in (k, l) for y in data.labels)


def parallelogram(rule: ArgmaxRule, k: int, l: int) -> Fraction:
    """Return 2 |w_k|^2 + 2 |w_l|^2 - |w_k + w_l|^2."""
    w, v = rule.weights[k], rule.weights[l]
    return 2 * square(w) + 2 * square(v) - square(combine((1, w), (1, v)))


def sharpness() -> Proof:
    """Attain the two bounds: opposite weights, and one bad outcome for each class."""
    rule = through_origin([vector([1]), vector([-1])])
    u, one = multiclass_samples.difference(rule, 0, 1), vector([1])
    apart = assumptions.BadOutcomes(3, ((0,), (1,), (2,)))
    return Proof.of(
        Given("rule", rule), Named("u", u), Named("x", one), named("B", 1), named("R", 1),
        Given("outcomes", apart),
        step(r"$w_l=-w_k$ attains $|u|^2=4B^2$, and at $x=u/(2B)$ also $u\cdot x=2BR$.",
             (inner("|u|^2", u, u), "=", computed("4|w_k|^2", "4 * w", w=square(rule.weights[0]))),
             (inner(r"u\cdot x", u, one), "=", computed("2BR", "2 * b * r", b=1, r=1))),
        step(r"With one bad outcome of three for each of $K-1=3$ classes, choosing $l$ "
             r"afterwards multiplies the failure probability by exactly $K-1$.",
             (named(r"P(\text{some is bad})", apart.afterwards), "=",
              computed(r"(K-1)\max_lP(l\text{ is bad})", "3 * p", p=apart.fixed))),
        multiclass_samples.norm_certificate(rule, 0, 1, ONE),
        facts.arithmetic(
            {}, [(multiclass_samples.margin_expression(rule, 0, 1, one, 0), "=", "2")]
        ),
        assumptions.union_certificate(apart),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the identity behind |w_k - w_l| <= 2B for all vectors of a few sizes."""
    w, v = matrices("w v", "d")
    yield identity(
        "The squares of the difference and of the sum add up to twice the two squares.",
        r"|w-v|^2=2|w|^2+2|v|^2-|w+v|^2\leq4\max(|w|,|v|)^2",
        "all dimensions",
        (w - v).T * (w - v) + (w + v).T * (w + v),
        2 * w.T * w + 2 * v.T * v,
    )


_POINT = vector([1])
_RIVALS = assumptions.Rivals(
    1,
    (
        through_origin([vector([0]), vector(["5/4"]), vector([0])]),
        through_origin([vector([0]), vector([0]), vector(["5/4"])]),
    ),
)

EXAMPLE = Instance(
    (
        MulticlassSet.of([[1, 0], [0, 1], [-1, 1]], [0, 1, 1], 3),
        MulticlassSet.of([[2, 0], [0, 1], [1, 2]], [0, 1, 0], 3),
    ),
    (
        through_origin([vector([1, 0]), vector([-1, 1]), vector([0, 0])]),
        through_origin([vector([1, -1]), vector([0, 1]), vector([0, -1])]),
    ),
    0,
    1,
    Fraction(2),
)


CLAIM = theorem(
    __name__,
    without={
        "as printed": (
            (_POINT, 1, through_origin([vector([0]), vector([2])])),
            assumptions.refute_gloss,
            assumptions.draw_one_point,
        ),
        "right label": (
            (_POINT, 0, through_origin([vector([0]), vector([2])])),
            assumptions.refute_size_alone,
            assumptions.draw_one_point,
        ),
        "two different classes": (
            (_POINT, 0, through_origin([vector([1]), vector([0])])),
            assumptions.refute_same_class,
            assumptions.draw_one_point,
        ),
        "one class for both rules": (_RIVALS, assumptions.refute_rivals, assumptions.draw_rivals),
        "class fixed in advance": (
            assumptions.BadOutcomes(2, ((0,), (1,))),
            assumptions.refute_bad_outcomes,
            assumptions.draw_bad_outcomes,
        ),
    },
    sharp=TWICE_AS_LONG,
)
