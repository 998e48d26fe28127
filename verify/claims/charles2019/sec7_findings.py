r"""Sections 7 and 8: The five findings of the experiments, and noise against attacks

Printed: Both SVMs and neural networks are relatively robust to random perturbations. … SVMs are
    often susceptible to adversarial examples generated from other SVMs trained on different subsets
    of the data. … Similarly, neural network adversarial examples transfer to other neural networks.
    … adversarial examples generated from SVMs need not transfer to neural networks. SVM adversaries
    only do slightly better than random perturbations at fooling neural networks. … We confirm all
    of our findings experimentally on MNIST.
Statement: Let a linear rule with $w\neq0$ give $x$ the label $y$, with margin $m>0$. Noise that
    adds $\epsilon$ or $-\epsilon$ to each entry, either with probability $\frac12$ and
    independently, changes the label with probability at most
    $\epsilon^2|w|^2/(\epsilon^2|w|^2+m^2)$. The perturbation $-y\epsilon\,\mathrm{sign}(w)$ of the
    same size changes it as soon as $\epsilon|w|_1>m$.
Verdict: not a statement. Relatively, often and slightly have no meaning until they have numbers.
    With numbers fixed beforehand the experiment says of each finding at which radii it holds, fails
    or stays open. What is a theorem is the contrast between noise and an attack on
    the same linear rule.
Reading: The findings are read off Figure 4; to confirm them is to find them again there. Random
    perturbations are as large in each entry as the attacks.
Needs independent entries: The entries of the noise are independent.
    Without it: Noise with the same sign in all entries changes $x_1+x_2+\frac32$ at the origin half
        of the time for $\epsilon=1$, and $8/17$ is less.
Sharp: For $\epsilon>0$ the bound is attained exactly when one weight alone is not 0,
    $m=\epsilon|w_i|$ and the boundary does not have the label of the point: then half of the noise
    changes it.
    Rests on: Coq in part sec7_findings. Equality in the inequality of Cantelli needs a change of
        the value that has two values, one of them $-m$. It is as often $m$ as $-m$, so each half of
        the time; and the sums of two or more weights with signs have more values.
    Overstated: It is not attained where the boundary has the label of the point.
Quantifier: over all signs of the noise, one by one, for sampled rules and points
Uses: charles-linear-same-label
The idea: Random noise and an attack may change each pixel by the same amount. The attack adds all
    changes up, and noise lets them cancel.
Why it is true: The noise moves the value by a sum of independent numbers with mean 0 and variance
    $\epsilon^2|w|^2$; Cantelli's inequality bounds how often the margin falls by $m$ or more. The
    attack lowers it by $\epsilon|w|_1$, which for $d$ weights of one size is $\sqrt d$ times the
    standard deviation $\epsilon|w|$ of the noise.
Before you use it: This explains the first finding for linear rules, no more. The five are: both
    kinds of classifier are robust to noise (F1); examples made against SVMs fool other SVMs (F2);
    those made against networks do much better on SVMs than noise (F3), and fool other networks
    (F4); those made against SVMs fool networks only slightly better than noise (F5). [The
    experiment](experiments.html#transfer) says of each at which radii it holds, fails or stays
    open, with what each word is taken to mean fixed beforehand, over other classifiers and other
    images. Its answers are measured in floating point, and say nothing of other data.
"""

from fractions import Fraction
from functools import partial
from itertools import product
from random import Random

import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.claim import Proof, Refutation, step
from verify.claims.language import Given, Symbolic, identity, products, theorem
from verify.claims.relation import Named, computed, named, number, told
from verify.drawing import numbers, small
from verify.objects import LinearRule, square

GENERIC, EVEN, ALONE = "generic", "weights of one size", "one weight alone"
CASES = (GENERIC, EVEN, ALONE)
LARGEST_DIMENSION = 4
MOST_LISTED = 8  # perturbations that are written out


def draw(rng: Random, case: str) -> tuple[LinearRule, Vector, Fraction]:
    """Return a rule, a point off its boundary, and a radius near the point's distance."""
    d = rng.randint(1, LARGEST_DIMENSION)
    w = numbers.nonzero_vector(rng, d)
    if case == EVEN:
        w = tuple(Fraction(rng.choice((-1, 1))) for _ in w)
    if case == ALONE:
        w = (numbers.positive(rng), *((Fraction(0),) * (d - 1)))
    x = numbers.vector(rng, d)
    margin = rng.choice((-1, 1)) * numbers.positive(rng)
    rule = LinearRule(w, margin - dot(w, x), rng.choice((-1, 0, 1)))
    return rule, x, abs(margin) * Fraction(rng.randint(1, 12), 4) / sum(map(abs, w))


def noise(radius: Fraction, dimension: int) -> Rows:
    """Return all vectors with entries plus or minus the radius."""
    return tuple(product((radius, -radius), repeat=dimension))


def changed(rule: LinearRule, x: Vector, moves: Rows) -> list[bool]:
    """Return for each perturbation whether it changes the label of x."""
    y = rule.label(x)
    return [rule.label(combine((1, x), (1, move))) != y for move in moves]


def bound(rule: LinearRule, x: Vector, radius: Fraction) -> Fraction:
    """Return the bound of the statement on the share of noise that changes the label of x."""
    spread = radius**2 * square(rule.normal)
    return spread / (spread + rule.value(x) ** 2)


def _listed(moves: Rows) -> str:
    """Return the perturbations by name; of many only what they are."""
    if len(moves) > MOST_LISTED:
        return rf"$\eta_1,\dots,\eta_{{{len(moves)}}}$: all vectors of entries $\pm\epsilon$"
    return "; ".join(rf"$\eta_{{{i}}}={number(move)}$" for i, move in enumerate(moves, 1))


def _mean(terms: list[tuple[Fraction | int, Fraction]]) -> str:
    """Return the mean of products with their factors; nothing for many of them."""
    text = products([c for c, _ in terms], [t for _, t in terms])() if len(terms) > 1 else ""
    return f"({text})/{len(terms)}" if text else ""


def prove(rule: LinearRule, point: Vector, radius: Fraction) -> Proof:
    """Evaluate the attack, and the inequality for each of the signs that the noise can have."""
    x, w, y = point, rule.normal, rule.label(point)
    m, spread = y * rule.value(x), radius**2 * square(w)
    aim = tuple(-y * radius * ((t > 0) - (t < 0)) for t in w)
    end = combine((1, x), (1, aim))
    moves = noise(radius, len(x))
    falls = [-y * dot(w, move) for move in moves]
    lost = changed(rule, x, moves)
    share, weight = Fraction(sum(lost), len(moves)), spread / m
    after = y * rule.value(end)
    return Proof.of(
        Named("y", y), Named("m", m), Named(r"\sigma^2=\epsilon^2|w|^2", spread),
        Named(r"\lambda=\sigma^2/m", weight), Named("x'", end),
        Given("noise", _listed(moves)),
        step(r"At $x'=x-y\epsilon\,\mathrm{sign}(w)$ the margin is less by $\epsilon|w|_1$, and "
             "the label is another one where it is negative.",
             (Named(r"y(w\cdot x'+b)", after, products(combine((y, w)), end, y * rule.offset)), "=",
              computed(r"m-\epsilon|w|_1", "m - e * s", m=m, e=radius, s=sum(map(abs, w)))),
             (named(r"[y(w\cdot x'+b)<0]", int(after < 0)), "<=",
              told(r"[h(x')\neq y]", int(rule.label(end) != y),
                   rf"[{labelled('', rule, end).formula[-1]}\neq{y}]"))),
        step(r"The fall $t_i=-y(w\cdot\eta_i)$ of the margin has the mean $0$ and the mean square "
             r"$\sigma^2$.",
             (Named(r"\mathrm{mean}\,t", sum(falls, Fraction(0)) / len(moves),
                    partial(_mean, [(1, t) for t in falls])), "=", 0),
             (Named(r"\mathrm{mean}\,t^2", dot(falls, falls) / len(moves),
                    partial(_mean, [(t, t) for t in falls])), "=", named(r"\sigma^2", spread))),
        step(r"Where the label changes $t\ge m$, so $\left((t+\lambda)/(m+\lambda)\right)^2\ge1$; "
             "elsewhere it is not negative.",
             ([computed(r"\left((t_#+\lambda)/(m+\lambda)\right)^2", "((t + l) / (m + l))**2",
                        t=t, l=weight, m=m) for t in falls], ">=",
              [named(r"[h(x+\eta_#)\neq y]", int(one)) for one in lost])),
        step(r"So the share of the noise that changes the label is at most the mean of these, "
             r"$(\sigma^2+\lambda^2)/(m+\lambda)^2=\sigma^2/(\sigma^2+m^2)$.",
             (named(r"\text{share}", share), "<=",
              computed(r"\sigma^2/(\sigma^2+m^2)", "s / (s + m**2)", s=spread, m=m))),
        *_labels(rule, x, (*moves, aim)), _inequality(rule, x, radius, share),
    )  # fmt: skip


def _labels(rule: LinearRule, x: Vector, moves: Rows) -> tuple[Certificate, ...]:
    ends = [x, *(combine((1, x), (1, move)) for move in moves)]
    return (facts.certificate([rule], [facts.label(0, z, rule.label(z)) for z in ends]),)


def _inequality(rule: LinearRule, x: Vector, radius: Fraction, share: Fraction) -> Certificate:
    spread = radius**2 * square(rule.normal)
    return facts.arithmetic(
        {"share": share, "spread": spread, "margin": rule.value(x)},
        [(["*", "share", ["+", "spread", ["^", "margin", "2"]]], "<=", "spread")],
    )


EXAMPLE = (LinearRule.of([1, 1], 0), vector([1, "1/2"]), Fraction(1))


def draw_small(rng: Random) -> tuple[LinearRule, Vector, Fraction]:
    """Return a small rule on a line or in the plane, a point, and a radius in halves."""
    d = rng.randint(1, 2)
    rule = LinearRule(small.vector(rng, d), Fraction(rng.randint(-6, 6), 2), rng.choice((-1, 1)))
    return rule, small.vector(rng, d), Fraction(rng.randint(1, 4), 2)


@theorem.without(
    "independent entries",
    (LinearRule.of([1, 1], "3/2", 1), vector([0, 0]), Fraction(1)),
    draw_small,
)
def refute_equal_signs(rule: LinearRule, point: Vector, radius: Fraction) -> Refutation | None:
    """Refute for noise that has the same sign in all entries."""
    if not rule.value(point) or not any(rule.normal):
        return None
    y = rule.label(point)
    moves: Rows = tuple((sign * radius,) * len(point) for sign in (1, -1))
    lost = changed(rule, point, moves)
    share, most = Fraction(sum(lost), 2), bound(rule, point, radius)
    if share <= most:
        return None
    return Refutation.of(
        "Half of the noise changes the label, and the bound is less.",
        named("y", y), named("m", y * rule.value(point)), Given("noise", _listed(moves)),
        step("One of the two perturbations changes the label.",
             *((labelled(rf"h(x+\eta_{i})", rule, combine((1, point), (1, move))),
                "!=" if one else "=", named("y", y))
               for i, (move, one) in enumerate(zip(moves, lost, strict=True), 1))),
        step("The share and the bound.",
             (named(r"\text{share}", share), ">",
              computed(r"\epsilon^2|w|^2/(\epsilon^2|w|^2+m^2)", "s / (s + m**2)",
                       s=radius**2 * square(rule.normal), m=abs(rule.value(point))))),
        *_labels(rule, point, moves),
    )  # fmt: skip


# The sharp form: equality, by counting all signs, against its three conditions.
ATTAINED, OWNED, NEARLY, SEVERAL = (
    "attained", "boundary with the label", "another margin", "several weights"
)  # fmt: skip


def draw_equality(rng: Random, case: str) -> tuple[LinearRule, Vector, Fraction]:
    """Return a rule, a point and a radius that meet all conditions, or all but one of them."""
    d = rng.randint(2 if case == SEVERAL else 1, 3)
    x, radius = numbers.vector(rng, d), numbers.positive(rng)
    size = rng.choice((-1, 1)) * numbers.positive(rng)
    w = (size, *(Fraction(0) if case != SEVERAL else numbers.positive(rng) for _ in range(d - 1)))
    y = rng.choice((-1, 1))
    margin = radius * abs(size) + (case == NEARLY) * numbers.positive(rng) * radius / 8
    owner = y if case == OWNED else rng.choice((-y, 0))
    return LinearRule(w, y * margin - dot(w, x), owner), x, radius


@theorem.sharp((ATTAINED, OWNED, NEARLY, SEVERAL), draw_equality)
def decide(rule: LinearRule, point: Vector, radius: Fraction) -> Proof:
    """Count the noise that changes the label, and compare equality with the conditions."""
    x, y = point, rule.label(point)
    moves = noise(radius, len(x))
    share = Fraction(sum(changed(rule, x, moves)), len(moves))
    weights = [abs(t) for t in rule.normal if t]
    meets = weights == [abs(rule.value(x)) / radius] and rule.zero != y
    return Proof.of(
        step("The share is at most the bound, and the bound exactly under the three conditions.",
             (share, "<=", bound(rule, x, radius)),
             (int(share == bound(rule, x, radius)), "=", int(meets))),
        *_labels(rule, x, moves), _inequality(rule, x, radius, share),
    )  # fmt: skip


@theorem.overstated((LinearRule.of([1], 0, 1), vector([1]), Fraction(1)), draw_small)
def refute_owned(rule: LinearRule, point: Vector, radius: Fraction) -> Refutation | None:
    """Refute that the bound is attained whatever label the boundary has."""
    x, y = point, rule.label(point)
    if [abs(t) for t in rule.normal if t] != [abs(rule.value(x)) / radius] or rule.zero != y:
        return None
    moves = noise(radius, len(x))
    share = Fraction(sum(changed(rule, x, moves)), len(moves))
    return Refutation.of(
        "Half of the noise ends on the boundary, which has the label of the point.",
        step("The share and the bound.",
             (named(r"\text{share}", share), "<",
              computed(r"\sigma^2/(\sigma^2+m^2)", "s / (s + m**2)",
                       s=radius**2 * square(rule.normal), m=rule.value(x)))),
        *_labels(rule, x, moves),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate one weight alone, and how far apart noise and attack are for four equal ones."""
    alone, four = LinearRule.of([1], 0), LinearRule.of([1, 1, 1, 1], "-7/2", -1)
    one, zero, radius = vector([1]), vector([0] * 4), Fraction(1)
    moves = noise(radius, 4)
    share = Fraction(sum(changed(four, zero, moves)), len(moves))
    return Proof.of(
        Given("one weight", alone), Given("four weights", four),
        Named(r"x\text{ of step 1}", one), Named(r"x\text{ of step 2}", zero),
        step("For the sign of $x$ at $1$ and noise of size 1 the bound is attained.",
             (named(r"\text{share}",
                    Fraction(sum(changed(alone, one, noise(radius, 1))), 2)), "=",
              computed(r"\sigma^2/(\sigma^2+m^2)", "s / (s + m**2)", s=1, m=1))),
        step(r"For four weights 1 and $m=7/2$ the attack of size 1 changes the label, and of the "
             "noise one in 16.",
             (computed(r"\epsilon|w|_1-m", "e * s - m", e=1, s=4, m=Fraction(7, 2)), ">", 0),
             (named(r"\text{share}", share), "=", Fraction(1, 16))),
        *_labels(alone, one, noise(radius, 1)), *_labels(four, zero, moves),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove what the best choice in Cantelli's inequality gives, for all numbers."""
    s, m = sympy.symbols("s m")
    best = s / m
    yield identity(
        r"With $\lambda=\sigma^2/m$ the mean of the squares is the bound.",
        r"(\sigma^2+\lambda^2)/(m+\lambda)^2=\sigma^2/(\sigma^2+m^2)",
        "all numbers, with $m$ and $m^2+\\sigma^2$ not 0",
        (s + best**2) / (m + best) ** 2, s / (s + m**2),
    )  # fmt: skip


CLAIM = theorem(__name__)
