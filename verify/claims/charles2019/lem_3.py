r"""Lemma 3: The max-margin normal is a signed combination of the data

Printed: There are $\alpha_i\ge0$ such that (1) $w^*=\sum_{i=1}^N\alpha_iy_ix_i$ and (2)
    $\sum_{i=1}^N\alpha_iy_i=0$.
Statement: Let $S$ be finite, linearly separable and have both labels. Then the max-margin rule
    exists and is unique, and there are $\alpha\ge0$ with $w^*=\sum\alpha_iy_ix_i$ and
    $\sum\alpha_iy_i=0$.
Verdict: true. The section takes existence of the max-margin rule from the literature; it and
    uniqueness are proved here. The two printed identities do not determine the multipliers, not
    even their sum.
Reading: $S=\{(x,y)\}_{i=1}^N$ is finite and linearly separable, as Section 3 says, and has both
    labels, since it speaks of a max-margin rule, $w^*$, with $|w^*|=1$.
Needs both labels: Some point is labelled +1 and some point -1.
    Without it: With one label the margin grows with the offset and none is the largest; the
        identities would force $\alpha=0$ and $w^*=0$.
Needs finite: The set is finite.
Needs separable: Some linear rule is right on every point.
    Without it: One point with both labels: no rule is right, so none has the largest margin.
Sharp: Every $\alpha\ge0$ with both identities has $\sum\alpha_i\le1/\gamma^*$ when $|w^*|=1$, with
    equality exactly when only points of minimal margin carry multipliers; such an $\alpha$ exists.
    Rests on: written proof. $1=|w^*|^2=\sum\alpha_im_i\ge\gamma^*\sum\alpha_i$, since
        $\sum\alpha_iy_i=0$; equality means $m_i=\gamma^*$ wherever $\alpha_i>0$. The nearest points
        of the hulls give such an $\alpha$, step 7 of the proof.
    Overstated: The identities do not determine $\sum\alpha_i$: on $-1$ labelled -1 and $1$, $3$
        labelled +1 the point $3$ can carry the multipliers, half as much.
Quantifier: optimal among all separators at once, by the KKT conditions; also compared with sampled
    and extreme separators
The idea: The max-margin rule puts the widest possible strip between the two classes. Equivalently:
    find the two nearest points of the two convex hulls; the strip stands at right angles to the
    segment between them.
Why it is true: The hulls of finitely many points are compact, so there are nearest points $p$ and
    $q$. If a point $x$ of the first hull had $u\cdot x<u\cdot p$ with $u=p-q$, a small step from
    $p$ towards $x$ would come nearer to $q$; so none has, and the other way round. Hence the rule
    with normal $u$ through the middle separates with margin $|u|/2$. No rule can do better, because
    $p$ and $q$ themselves are only $|u|$ apart.

    And no other rule does as well. Scale every rule so that its least margin is $1$; the largest
    margin then belongs to the shortest normal, $\hat w=2u/|u|^2$. Another normal $w'$ of that kind
    gains at least $2$ from $q$ to $p$, that is $\hat w\cdot w'\geq|\hat w|^2$, and therefore
    $|w'|^2\geq|\hat w|^2+|w'-\hat w|^2$: it is longer unless it is $\hat w$. Finally $p$ and $q$
    are mixtures of data points; the weights of the mixtures are the multipliers $\alpha$.
Before you use it: With one label there is no second hull, and a rule can have any margin it likes
    by moving away. With infinitely many points the nearest points need not exist. And the two
    printed identities do not determine the multipliers: their sum is at most $1/\gamma^*$, and it
    is that exactly when only points of minimal margin carry weight.
"""

from fractions import Fraction
from functools import partial
from random import Random

import sympy

from certify import certificates, linear_program, max_margin
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.programs.linear_program import LinearProgramResult
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.without import infinite_sets
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    products,
    step,
    symmetric,
    theorem,
    total,
)
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, LinearRule


def prove(instance: Instance) -> Proof:
    """Evaluate nearest points, support inequalities, optimality and the two identities."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    p, q = largest.nearest_points
    square, rules = dot(u, u), instance.separators
    slopes = [
        computed(r"(w_#\cdot u)^2", "s**2", s=separators.slope(rule, largest)) for rule in rules
    ]
    w, b = largest.answer.w, largest.answer.b
    margins = separators.named_margins("", largest.rule, data)
    rivals = [scaled for rule in rules for scaled in canonical(rule, data)]
    return Proof.of(
        *separators.objects(largest),
        Named("p", p),
        Named("q", q),
        Named(r"\hat w", w),
        Named(r"\hat b", b),
        step(r"The hulls of finitely many points are compact, being images of all convex weights, "
             r"so they have nearest points $p=\sum\mu_ix_i$, labelled +1, and $q=\sum\nu_jx_j$.",
             (list(separators.named_totals((r"\sum\mu_i", r"\sum\nu_j"), data, a)), "=", 1),
             (least(r"\min_i\alpha_i", a), ">=", 0)),
        step(r"An accurate rule has a larger value at $p$ than at $q$, hence $u=p-q\neq0$.",
             ([inner(r"w_#\cdot p", rule.normal, p) for rule in rules], ">",
              [inner(r"w_#\cdot q", rule.normal, q) for rule in rules]),
             (mixture("p-q", (1, p), (-1, q)), "=", named("u", u)),
             (Named("|u|^2", square, products(u, u)), ">", 0)),
        step(r"For $x$ in the first hull $p+t(x-p)$ is in it, $0\le t\le1$, and no nearer to $q$: "
             r"$|u|^2\le|u|^2+2t\,u\cdot(x-p)+t^2|x-p|^2$. Divide by $t$ and let it go to $0$: "
             r"$u\cdot x\ge u\cdot p$ on positive points; likewise $u\cdot x\le u\cdot q$ on "
             "negative ones.",
             (least(r"\min_{y_i=1}u\cdot x_i", [dot(u, x) for x in data.positive]), ">=",
              inner(r"u\cdot p", u, p)),
             (greatest(r"\max_{y_i=-1}u\cdot x_i", [dot(u, x) for x in data.negative]), "<=",
              inner(r"u\cdot q", u, q))),
        step(r"A separator with margin $\gamma$ has $2\gamma|w|\le w\cdot p-w\cdot q=w\cdot "
             r"u\le|w||u|$; squared, $4\gamma^2|w|^2\le(w\cdot u)^2\le|w|^2|u|^2$.",
             ([computed(r"4\gamma_#^2|w_#|^2", "4 * m**2", m=min(rule.margins(data)))
               for rule in rules], "<=", slopes),
             (slopes, "<=", [computed(r"|w_#|^2|u|^2", "w * u", w=dot(rule.normal, rule.normal),
                                      u=square) for rule in rules])),
        step(r"The rule with normal $u$ through the middle of $p$ and $q$ attains "
             r"$\gamma^*=|u|/2$: scaled to $\hat w=2u/|u|^2$ and $\hat b=-\hat w\cdot(p+q)/2$ its "
             r"least margin is $1$, and $1/|\hat w|=|u|/2$.",
             (separators.least_margin(r"\min_i\hat m_i", largest.rule, data), "=", 1),
             (computed(r"4\gamma^{*2}", "4 * g", g=largest.answer.margin_squared), "=",
              named("|u|^2", square))),
        step("It is the only one: another rule $(w',b')$ that is scaled to least margin $1$ "
             r"has $w'\cdot u\ge2$ by step 4, that is $\hat w\cdot w'\ge|\hat w|^2$, so $|w'|^2-"
             r"|\hat w|^2=|w'-\hat w|^2+2(\hat w\cdot w'-|\hat w|^2)\ge|w'-\hat w|^2$. If $w'=\hat "
             r"w$ then $1-\hat w\cdot x_+\le b'\le-1-\hat w\cdot x_-$ for all points, and the "
             r"tightest ends are both $\hat b$. Here $w'$ is $w$ over its least margin.",
             (named(r"\hat w", w), "=", mixture("2u/|u|^2", (2 / square, u))),
             ([inner(r"\hat w\cdot w'_#", w, r.normal) for r in rivals], ">=",
              inner(r"|\hat w|^2", w, w)),
             ([computed(r"|w'_#|^2-|\hat w|^2", "a - b", a=dot(r.normal, r.normal), b=dot(w, w))
               for r in rivals], ">=",
              named(r"|w'_#-\hat w|^2", [square_of_difference(r.normal, w) for r in rivals])),
             (Named(r"\max_{y_i=1}(1-\hat w\cdot x_i)", max(1 - dot(w, x) for x in data.positive),
                    partial(_ends, r"\max", 1, w, data.positive)), "=", named(r"\hat b", b)),
             (Named(r"\min_{y_i=-1}(-1-\hat w\cdot x_i)",
                    min(-1 - dot(w, x) for x in data.negative),
                    partial(_ends, r"\min", -1, w, data.negative)), "=", named(r"\hat b", b))),
        step(r"With $\alpha=(\mu,\nu)$: $\sum\alpha_iy_ix_i=u$ and $\sum\alpha_iy_i=0$.",
             (separators.signed_sum(r"\sum\alpha_iy_ix_i", data, a), "=", named("u", u)),
             (inner(r"\sum\alpha_iy_i", a, data.labels), "=", 0)),
        step(r"Points with $\alpha_i>0$ have minimal margin, since $p$ is a mixture of points with "
             r"$u\cdot x\ge u\cdot p$ and $q$ one of points with $u\cdot x\le u\cdot q$. And "
             r"$\sum\alpha_i=2$ in the scale of $u$, which is $1/\gamma^*$ in the scale $|w^*|=1$.",
             ([Named(rf"\hat m_{{{i}}}", m.value, m.numbers)
               for i, (m, weight) in enumerate(zip(margins, a, strict=True), 1) if weight > 0],
              "=", 1),
             (total(r"\sum\alpha_i", a), "=", 2)),
        largest.answer.certificate,
    )  # fmt: skip


def _ends(function: str, bound: int, w: Vector, points: Rows) -> str:
    ends = [computed("", "y - s", y=bound, s=dot(w, x)).formula[0] for x in points]
    return f"{function}({','.join(ends)})" if len(ends) > 1 else ends[0]


def canonical(rule: LinearRule, data: LabelledSet) -> list[LinearRule]:
    """Return the rule scaled to least margin 1, if its margins are positive, in a list."""
    smallest = min(rule.margins(data))
    if smallest <= 0:
        return []
    return [LinearRule(combine((1 / smallest, rule.normal)), rule.offset / smallest, rule.zero)]


def square_of_difference(v: Vector, w: Vector) -> Fraction:
    """Return |v - w|^2."""
    difference = combine((1, v), (-1, w))
    return dot(difference, difference)


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), (LinearRule.of([3, 1], "-1/2"),), ()
)


def draw_normal(rng: Random) -> tuple[LabelledSet, Vector]:
    """Return up to three points with any labels and a normal, all small."""
    d = rng.randint(1, 2)
    return small.labelled_set(rng, d, rng.randint(1, 3)), small.vector(rng, d)


@theorem.without("both labels", (LabelledSet.of([[0]], [1]), vector([1])), draw_normal)
def refute_largest(data: LabelledSet, normal: Vector) -> Refutation | None:
    """Refute when rules with this normal have margins beyond all bounds, by a linear program.

    Its unknowns are the offset b and a common lower bound of the margins, which is maximised.
    """
    w = normal
    if not any(w):
        return None
    rows = [[-y, 1] for y in data.labels]
    bounds = [y * dot(w, x) for x, y in data.pairs]
    answer = linear_program([0, 1], (rows, bounds), maximize=True)
    if answer.status != "unbounded" or answer.ray is None:
        return None
    offset = answer.ray[0]
    return Refutation.of(
        "Moving the offset raises the margin beyond every bound, so no margin is the largest.",
        Named(r"\Delta b", offset),
        step("The normal is not zero.", (inner("|w|^2", w, w), ">", 0)),
        step("The margin grows along the ray: by this much for each unit of it.",
             (inner(r"\Delta\min_im_i=y\,\Delta b", data.labels[:1], [offset]), ">", 0)),
        answer.certificate,
    )  # fmt: skip


@theorem.without(
    "separable",
    LabelledSet.of([[0], [0]], [1, -1]),
    lambda rng: small.both_labels(rng, rng.randint(1, 2), rng.randint(2, 4)),
)
def refute_exists(data: LabelledSet) -> Refutation | None:
    """Refute when no rule is right on the set, so that there is none of largest margin."""
    answer = max_margin(data.points, data.labels)
    if answer.separable:
        return None
    zero = (Fraction(0),) * data.dimension
    return Refutation.of(
        "A mixture of the points labelled +1 is a mixture of those labelled -1, so no rule is "
        "right on all of them.",
        step("The signed mixture cancels.",
             (separators.signed_sum(r"\sum\alpha_iy_ix_i", data, answer.multipliers), "=", zero)),
        step("The weights are a mixture.",
             (least(r"\min_i\alpha_i", answer.multipliers), ">=", 0),
             (total(r"\sum\alpha_i", answer.multipliers), "=", 1)),
        answer.certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate that the identities leave the multipliers open, and the scale of their sum.

    On -1 labelled -1 and 1, 3 labelled +1 two multiplier vectors represent $w^*=1$.
    """
    data = LabelledSet.of([[-1], [1], [3]], [-1, 1, 1])
    best = LargestMargin(data)
    w = vector([1])
    support, spread = vector(["1/2", "1/2", 0]), vector(["1/4", 0, "1/4"])
    largest = LargestMargin(EXAMPLE.data)
    square, textbook = largest.answer.margin_squared, largest.answer.multipliers
    normal = largest.answer.w
    return Proof.of(
        Given("data", data), Named(r"\alpha", support), Named(r"\alpha'", spread),
        Given("data of step 3", EXAMPLE.data),
        Named("w^*/\\gamma^*\\text{ of step 3}", normal), Named("u\\text{ of step 3}",
                                                             largest.direction),
        step("Both multiplier vectors satisfy both identities.",
             ([separators.signed_sum(rf"\sum\alpha{p}_iy_ix_i", data, a)
               for p, a in (("", support), ("'", spread))], "=", named("w^*", w)),
             ([inner(rf"\sum\alpha{p}_iy_i", a, data.labels)
               for p, a in (("", support), ("'", spread))], "=", 0)),
        step(r"Their sums differ: $1=1/\gamma^*$ on points of minimal margin, else less.",
             (computed(r"\gamma^*=\frac12(x_2-x_1)", "(b - a) / 2", a=data.points[0][0],
                       b=data.points[1][0]), "=", 1),
             (total(r"\sum\alpha_i", support), "=", 1),
             (total(r"\sum\alpha'_i", spread), "=", Fraction(1, 2))),
        step(r"With the textbook vector $w^*/\gamma^*$ the sum is $1/\gamma^{*2}$, with $u$ it "
             r"is $2$; $|w|/\sum\alpha_i=\gamma^*$ in every scale.",
             (total(r"\sum\alpha_i\text{ of }w^*/\gamma^*", textbook), "=",
              computed(r"1/\gamma^{*2}", "1 / g", g=square)),
             (total(r"\sum\alpha_i\text{ of }u", largest.multipliers), "=", 2),
             (computed(r"|w^*/\gamma^*|^2/(\sum\alpha_i)^2", "w / s**2", w=dot(normal, normal),
                       s=sum(textbook, Fraction(0))), "=", named(r"\gamma^{*2}", square)),
             (computed(r"|u|^2/2^2", "u / 2**2", u=dot(largest.direction, largest.direction)), "=",
              named(r"\gamma^{*2}", square))),
        best.answer.certificate,
        largest.answer.certificate,
        *(certificates.every_separator(data, w, Fraction(0), a) for a in (support, spread)),
    )  # fmt: skip


ANY, FEWEST, MOST = "any multipliers", "smallest sum", "largest sum"


def draw_costs(rng: Random, case: str) -> tuple[LabelledSet, Vector]:
    """Return a set and costs for the multipliers: any ones, or 1 or -1 for all."""
    data = separators.draw_data(rng)
    n = len(data.labels)
    equal = {FEWEST: (Fraction(1),) * n, MOST: (Fraction(-1),) * n}
    return data, equal.get(case) or numbers.vector(rng, n)


def representation(data: LabelledSet, costs: Vector) -> LinearProgramResult:
    """Return the cheapest a >= 0 with sum a_i y_i x_i = u and sum a_i y_i = 0."""
    signed = [(*(y * c for c in x), y) for x, y in data.pairs]
    columns = tuple(zip(*signed, strict=True))
    target = [*LargestMargin(data).direction, 0]
    return linear_program(costs, equalities=(columns, target), nonnegative=True)


@theorem.sharp((ANY, FEWEST, MOST), draw_costs)
def decide_costs(data: LabelledSet, costs: Vector) -> Proof:
    """Compare the sum of the cheapest multipliers with the largest, and look at their points."""
    largest = LargestMargin(data)
    cheapest = representation(data, costs)
    most = representation(data, (Fraction(-1),) * len(data.labels))
    assert cheapest.x is not None
    assert most.value is not None
    size = total(r"\sum\alpha_i", cheapest.x)
    margins = largest.rule.margins(data)
    at_the_margin = all(m == 1 for m, a in zip(margins, cheapest.x, strict=True) if a)
    return Proof.of(
        step(r"The sum is $1/\gamma^*$, which is $2$ in the scale of $u$, exactly when the "
             "points that carry multipliers have the least margin.",
             (named(r"[\sum\alpha_i=2]", int(size.value == 2)), "=",
              named(r"[m_i=1\text{ where }\alpha_i>0]", int(at_the_margin)))),
        step("The largest sum of all, by a linear program, is that one.",
             (named(r"\max\sum\alpha_i", -most.value), "=", 2), (size, "<=", 2)),
        cheapest.certificate, most.certificate, largest.answer.certificate,
    )  # fmt: skip


@theorem.overstated(
    LabelledSet.of([[-1], [1], [3]], [-1, 1, 1]),
    lambda rng: small.both_labels(rng, 1, rng.randint(2, 4)),
)
def refute_sum(data: LabelledSet) -> Refutation | None:
    """Refute that the two identities determine the sum of the multipliers."""
    largest = LargestMargin(data)  # raises InputError when no rule is right
    cheapest = representation(data, (Fraction(1),) * len(data.labels))
    if cheapest.value is None or cheapest.x is None or cheapest.value == 2:
        return None
    return Refutation.of(
        "Other multipliers satisfy both identities as well and have a smaller sum.",
        step("In the scale of $u$ the sum is less than $2$.",
             (Named(r"\sum\alpha_i", cheapest.value, total("", cheapest.x).numbers), "<", 2)),
        largest.answer.certificate,
        cheapest.certificate,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the expansion behind the support inequalities, Cauchy-Schwarz, and the excess."""
    u, e, w, v = matrices("u e w v", "d")
    t = sympy.Symbol("t")
    yield identity(
        r"With $e=x-p$ and $u\cdot e<0$ a small step towards $x$ would shorten $u$.",
        r"|u+te|^2=|u|^2+2t\,(u\cdot e)+t^2|e|^2",
        "all dimensions",
        (u + t * e).T * (u + t * e), u.T * u + 2 * t * symmetric(u, e) + t**2 * e.T * e,
    )  # fmt: skip
    yield identity(
        r"A normal $w'$ with $w\cdot w'\ge|w|^2$ is longer than $w$, by their distance at "
        "least.",
        r"|w'|^2-|w|^2=|w'-w|^2+2(w\cdot w'-|w|^2)",
        "all dimensions",
        v.T * v - w.T * w, (v - w).T * (v - w) + 2 * (symmetric(w, v) - w.T * w),
    )  # fmt: skip
    r, s = sympy.symbols("r s")
    yield identity(
        r"The Cauchy-Schwarz inequality: with $s=|u|^2$ and $r=w\cdot u$ this square is "
        r"$|u|^2(|w|^2|u|^2-(w\cdot u)^2)$.",
        r"|sw-ru|^2=s^2|w|^2-2sr\,(w\cdot u)+r^2|u|^2",
        "all dimensions", (s * w - r * u).T * (s * w - r * u),
        s**2 * w.T * w - 2 * s * r * symmetric(w, u) + r**2 * u.T * u,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"finite": infinite_sets.UNIQUE},
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
