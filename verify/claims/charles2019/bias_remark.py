r"""Section 3, remark before Assumption A1: Theorem 7 with bias terms

Printed: For notational simplicity, we assume no bias terms, though the same result can be derived
    in this setting.
Statement: Let the rules be $\mathrm{sign}(w\cdot x+b)$ with $|(w,b)|\leq B$, and let $S$ hold the
    drawn points that are strictly right under both. The count of Theorem 7 holds with
    $\sqrt{R^2+1}$ for $R$. When it holds, each label with more than $(\rho_1+\rho_2)n$ plus the
    loss many points in a sample occurs in $S$. If both labels occur in $S$, then $-yu$ is
    adversarial for both rules at every point of $S$, where $u$ is the max-margin direction of $S$
    with bias.
Verdict: true after repair. The count carries over as it is, and so does the direction once both
    labels occur in S. When S has one label only, two rules with bias can need opposite directions
    although the bound is positive.
Reading: The same result is Theorem 7 for rules $\mathrm{sign}(w\cdot x+b)$, with the lengths of
    $(w,b)$ and $(x,1)$ for those of $w$ and $x$.
Needs both labels in S: Both labels occur among the points of S.
Sharp: Two rules with bias that are strictly right on a nonempty $S$ have a $u$ in common such that
    $-yu$ is adversarial for both at every point of $S$ exactly when neither normal is 0 or a
    negative multiple of the other. Such normals occur only when $S$ has one label.
    Rests on: Coq in part two_linear_trivial, two_linear_trivial_only. With both labels in $S$ both
        rules grow along $x_+-x_-$.
Quantifier: for each sampled trial the counts, from how often each point was drawn, and the bound
    are certified, and the direction for all separators of S at once; the counts of each label are
    computed; the probability is that of Theorem 7 and has no certificate for a single draw
Uses: charles-thm-4, charles-thm-7
The idea: A bias is a weight on a feature that is always 1. So add that feature, and Theorem 7 seems
    to carry over.
Why it is true: The counting part does carry over, with $\sqrt{R^2+1}$ for $R$. The direction part
    does not: the extra feature is constant, and a perturbation cannot move along it. When both
    labels occur in the common part, the balanced combinations of Theorem 4 have no component along
    it, and all is well.
Before you use it: When the common part has one label only, two rules with bias can need opposite
    directions. To exclude that, each label must occur more often in a sample than there are points
    that can be lost.
"""

from fractions import Fraction
from random import Random

import sympy

from certify import certificates, max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.claims.charles2019.shared import independent_samples, sample_losses
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, Trial
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.sample_losses import two_sample_loss
from verify.claims.charles2019.shared.separators import (
    LargestMargin,
    label_sum,
    least_margin,
    value_at,
)
from verify.claims.charles2019.shared.training_procedures import ORDINARY
from verify.claims.charles2019.sharp.labels import BIASED
from verify.claims.language import (
    Counterexample,
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    named,
    products,
    step,
    theorem,
)
from verify.drawing.laws import FiniteLaw
from verify.objects import LabelledSet, LinearRule, is_adversarial

ONE = Fraction(1)
LOSS = Given("allowed loss", r"$2B\sqrt{R^2+1}\sqrt n+\sqrt{2n\ln n}$")
GENERIC, UNEVEN, SHIFTED = "generic", "one label much rarer", "hyperplane far from the origin"
CASES = (GENERIC, UNEVEN, SHIFTED)


def draw(rng: Random, case: str) -> Experiment:
    """Return one trial on points (x, 1) of a law with both labels, split by an affine rule."""
    d, offset = rng.randint(1, 2), Fraction(rng.randint(-3, 3), 2)
    normal = tuple(Fraction(rng.choice((1, -1, 2))) for _ in range(d))
    if case == SHIFTED:
        offset += rng.choice((6, -6))
    drawn: list[Vector] = [
        tuple(Fraction(rng.randint(-3, 3)) for _ in range(d)) for _ in range(rng.randint(0, 3))
    ]
    # One point on either side, at the distance of the offset and a little more.
    feet = [combine(((sign - offset) / dot(normal, normal), normal)) for sign in (2, -2)]
    points = [*feet, *(x for x in drawn if dot(normal, x) + offset)]
    labels = [1 if dot(normal, x) + offset > 0 else -1 for x in points]
    weights = [rng.randint(1, 4) * (8 if case == UNEVEN and y > 0 else 1) for y in labels]
    law = FiniteLaw.of([(*x, ONE) for x in points], labels, weights)
    answer = max_margin(law.atoms.points, law.atoms.labels, bias=False)
    procedures = rng.choice(ORDINARY), rng.choice(ORDINARY)
    bound_squared = dot(answer.w, answer.w) if answer.separable else ONE
    return independent_samples.experiment(rng, law, bound_squared, rng.randint(60, 200), procedures)


def prove(instance: Experiment) -> Proof:
    """Read points and rules without their last coordinate, count, and use both labels of S."""
    n, readings = instance.size, instance.readings
    loss = two_sample_loss(n, instance.norms)
    both = [(r, largest_margin(r)) for r in readings if two_labels(r)]
    steps = (
        step(r"With $\tilde x=(x,1)$ and $\tilde w=(w,b)$: $w\cdot x+b=\tilde w\cdot\tilde x$ and "
             r"$|\tilde x|^2=|x|^2+1\leq R^2+1$.",
             *((value_at(rf"w_{k}\cdot x_{{{i}}}+b_{k}", affine(rule), x[:-1]), "=",
                inner(rf"\tilde w_{k}\cdot\tilde x_{{{i}}}", rule.normal, x))
               for r in readings for k, rule in enumerate(r.rules, 1)
               for i, x in enumerate(r.atoms.points, 1)),
             ([inner("|x_#|^2+1", x[:-1], x[:-1], 1) for x in instance.law.atoms.points], "<=",
              named(r"\max_i|\tilde x_i|^2", instance.law.radius_squared))),
        *independent_samples.overlap_steps(readings, n, loss),
        step(r"At most $(\rho_1+\rho_2)n+\Delta_j$ points of sample $j$ are outside $S$, so a "
             r"label with more points there occurs in $S$; with more than $(\rho_1+\rho_2)n$ plus "
             r"the loss it does where $\Delta_j$ is at most the loss.",
             *((named(rf"|S\cap S^{{({j + 1})}}|_{{y={y}}}", common_with(r, j, y)), ">=",
                computed(rf"|S^{{({j + 1})}}|_{{y={y}}}-n\rho_1-n\rho_2-\Delta_{j + 1}",
                         "c - e - f - g", c=label_count(r, j, y), e=r.errors[0], f=r.errors[1],
                         g=r.gaps[j])) for r in readings for j in (0, 1) for y in (1, -1))),
        step(r"When $S$ has both labels, Theorem 4 applies: $u=\sum\alpha_iy_ix_i$ with "
             r"$\alpha\geq0$ and $\sum\alpha_iy_i=0$, so $w\cdot u>0$ for both rules.",
             *((label_sum(r"|\sum_{x_i\in S}y_i|", r.data.labels), "<",
                named(r"\text{different points in }S", len(r.data.labels))) for r, _ in both),
             *((_slope(k, rule, m), "=", Named(
                 rf"\sum\alpha_iy_i(w_{k}\cdot x_i+b_{k})",
                 dot(m.multipliers, rule.margins(r.data)),
                 products(m.multipliers, rule.margins(r.data))))
               for r, m in both for k, rule in enumerate(r.rules, 1)),
             ([_slope(k, rule, m) for r, m in both for k, rule in enumerate(r.rules, 1)], ">", 0)),
        step(r"From each point of $S$ the step $c=y(w\cdot x+b)/(w\cdot u)+1$ along $-yu$ changes "
             "the label of both rules.",
             *((labelled(f"h_{k}(x-ycu)", affine(rule),
                         combine((1, x[:-1]), (-y * beyond, m.direction))),
                "=", named("-y", -y))
               for r, m in both for k, rule in enumerate(r.rules, 1) for x, y in r.data.pairs
               for beyond in (y * dot(rule.normal, x) / dot(rule.normal[:-1], m.direction) + 1,))),
    )  # fmt: skip
    return Proof.of(
        Given(
            "lifted",
            r"in the law and the trials $x_i$ stands for $\tilde x_i=(x_i,1)$, and "
            r"$w_j$ for $\tilde w_j=(w_j,b_j)$",
        ),
        Given("points", plain(readings[0].atoms)),
        Given("rules", tuple(affine(rule) for rule in readings[0].rules)),
        named("n", n),
        named("R^2+1", instance.law.radius_squared),
        LOSS,
        sample_losses.RAMP_LOSS,
        *(
            one
            for _, m in both[:1]
            for one in (Named("u", m.direction), Named(r"\alpha", m.multipliers))
        ),
        *steps,
        independent_samples.overlap_certificate(readings, n, instance.norms, loss),
        *(c for r, m in both for c in direction_certificates(r, m)),
    )


def _slope(k: int, rule: LinearRule, largest: LargestMargin) -> Named:
    return inner(rf"w_{k}\cdot u", rule.normal[:-1], largest.direction)


def affine(rule: LinearRule) -> LinearRule:
    """Return the rule on x that a rule on (x, 1) is."""
    return LinearRule(rule.normal[:-1], rule.normal[-1], rule.zero)


def two_labels(reading: Reading) -> bool:
    """Return whether S has points of both labels."""
    return len({reading.atoms.labels[i] for i in reading.common}) == 2


def largest_margin(reading: Reading) -> LargestMargin:
    """Return the max-margin rule, with bias, of S without the last coordinate."""
    return LargestMargin(plain(reading.data))


def plain(lifted: LabelledSet) -> LabelledSet:
    """Return labelled points without the last coordinate."""
    points: Rows = tuple(x[:-1] for x in lifted.points)
    return LabelledSet(points, lifted.labels)


def label_count(reading: Reading, j: int, y: int) -> int:
    """Return how many points of sample j have the label y."""
    pairs = zip(reading.trial.samples[j], reading.atoms.labels, strict=True)
    return sum(count for count, label in pairs if label == y)


def common_with(reading: Reading, j: int, y: int) -> int:
    """Return how many points of sample j are in S and have the label y."""
    return sum(reading.trial.samples[j][i] for i in reading.common if reading.atoms.labels[i] == y)


def direction_certificates(reading: Reading, largest: LargestMargin) -> tuple[Certificate, ...]:
    """Certify u as the max-margin direction of S and that all separators turn along it."""
    data, u = plain(reading.data), largest.direction
    rules = [affine(rule) for rule in reading.rules]
    stated = [facts.accurate(k) for k in range(2)]
    for k, rule in enumerate(rules):
        for x, y, margin in zip(data.points, data.labels, rule.margins(data), strict=True):
            beyond = margin / dot(rule.normal, u) + 1
            stated.append(facts.changes(k, x, combine((-y, u)), beyond))
    return (
        largest.answer.certificate,
        certificates.every_separator(data, u, Fraction(0), largest.multipliers),
        data.certificate(rules, stated),
    )


def draw_shifts(rng: Random) -> tuple[LabelledSet, tuple[LinearRule, LinearRule], int]:
    """Return one or two points, two rules that are not constant, and a sample size."""
    count = rng.randint(1, 2)
    data = LabelledSet.of(
        [[rng.randint(-2, 2)] for _ in range(count)], [rng.choice((1, -1)) for _ in range(count)]
    )
    first, second = (
        LinearRule.of([rng.choice((1, -1, 2, -2))], rng.randint(-2, 2)) for _ in range(2)
    )
    return data, (first, second), rng.randint(1, 400)


def refute_shifts(
    data: LabelledSet, rules: tuple[LinearRule, LinearRule], size: int
) -> Refutation | None:
    """Refute that a positive bound gives a common direction: at no point is there any.

    Both rules are confident on all points, so S is not empty; on the line the directions are +1
    and -1 up to length, and at each point each of them fails for one of the rules.
    """
    n = size
    longest = max(dot(rule.normal, rule.normal) + rule.offset**2 for rule in rules)
    norms = longest * max(dot(x, x) + 1 for x in data.points)
    loss = sample_losses.printed_loss(n, norms)
    if min(min(rule.margins(data)) for rule in rules) < 1 or loss.covers(Fraction(n)):
        return None
    kept = []
    for x in data.points:
        for v in ((ONE,), (-ONE,)):
            k = next((k for k, r in enumerate(rules) if not is_adversarial(r, x, v)), None)
            if k is None:
                return None
            kept.append(facts.keeps(k, x, v))
    return Refutation.of(
        "Both rules have margin at least 1 everywhere and the bound is positive, but no direction "
        "changes the labels of both rules at any point.",
        named("B^2(R^2+1)", norms),
        Given("loss", r"$2B\sqrt{R^2+1}\sqrt n+4\sqrt{n\ln n}$"),
        step("Both rules are confident on every point.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">=", 1)),
        step("The printed bound, for the augmented points and rules, is positive.",
             (named("n", n), ">",
              loss.above(r"\text{loss}", [Fraction(n)]))),
        step("At every point each of the two directions leaves one label as it is.",
             (named(r"\text{labels that stay}", len(kept)), "=",
              computed(r"2|S|", "2 * n", n=len(data.points)))),
        data.certificate(rules, [facts.accurate(0), facts.accurate(1), *kept]),
        loss.certificate(
            {"size": n, "norms": norms},
            sample_losses.shape(sample_losses.PRINTED),
            beyond=["size"],
        ),
    )  # fmt: skip


SHIFTS = Counterexample(
    "All points have one label, and the rules turn in opposite directions. (Two constant rules "
    "share no direction either, from n = 115 on.)",
    (
        LabelledSet.of([[0]], [1]),
        (LinearRule.of([1], 1), LinearRule.of([-1], 1)),
        sample_losses.smallest_positive_size(Fraction(0), Fraction(2), sample_losses.PRINTED),
    ),
    refute_shifts,
    draw_shifts,
)

EXAMPLE = Experiment(
    FiniteLaw.of([[0, 1], [2, 1]], [-1, 1], [1, 1]),
    Fraction(2),
    (Trial(((55, 45), (52, 48)), ((ONE, -ONE), (ONE, -ONE))),),
)


def sharpness() -> Proof:
    """Evaluate the repaired condition on the example: each label has more points than is lost."""
    large = Experiment(
        EXAMPLE.law, ONE * 2, (Trial(((550, 450), (520, 480)), EXAMPLE.trials[0].normals),)
    )
    (reading,) = large.readings
    loss = two_sample_loss(large.size, large.norms)
    counts = [label_count(reading, j, y) for j in (0, 1) for y in (1, -1)]
    decided = [Fraction(c) for c in counts]
    high, small = loss.decisive_bounds(decided)[1], two_sample_loss(100, large.norms)
    entries: dict[str, Fraction | int] = {"size": large.size, "norms": large.norms}
    entries |= {f"count{k}": c for k, c in enumerate(counts)}
    named_counts = [
        named(f"|S^{{({j})}}|_{{y={y}}}", c)
        for (j, y), c in zip(((1, 1), (1, -1), (2, 1), (2, -1)), counts, strict=True)
    ]
    lost = computed(r"n\rho_1+n\rho_2+\text{loss}", "e + f + l", e=reading.errors[0],
                    f=reading.errors[1], l=high)  # fmt: skip
    return Proof.of(
        named("n", large.size), named("B^2(R^2+1)", large.norms),
        named(r"n\rho_1", reading.errors[0]), named(r"n\rho_2", reading.errors[1]),
        step("Each label has more points in each sample than the errors and the loss, so when the "
             "count holds both labels occur in S.", (named_counts, ">", lost)),
        step("For $n=100$ the count alone does not decide it: it allows that all points of a "
             "label are among those that are lost.",
             (named("|S^{(1)}|_{y=1}", label_count(EXAMPLE.readings[0], 0, 1)), "<=",
              small.below(r"\text{loss}", [Fraction(45)]))),
        loss.certificate(
            entries, sample_losses.shape(sample_losses.TWO_SAMPLE), beyond=list(entries)[2:]
        ),
        *direction_certificates(reading, largest_margin(reading)), LOSS,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the lifted rule has the same values, and that the offset drops out of w.u."""
    w, x = matrices("w x", "d")
    (b,), one = matrices("b"), sympy.Identity(1)
    lifted, point = sympy.BlockMatrix([[w], [b]]), sympy.BlockMatrix([[x], [one]])
    for left, right, formula in (
        (lifted.T * point, w.T * x + b.T, r"(w,b)\cdot(x,1)=w\cdot x+b"),
        (point.T * point, x.T * x + one, "|(x,1)|^2=|x|^2+1"),
    ):
        yield identity(
            "A rule with offset is a rule through the origin on points with one more coordinate.",
            formula,
            "all dimensions",
            sympy.block_collapse(left),
            right,
        )


CLAIM = theorem(__name__, without={"as printed": SHIFTS, "both labels in S": SHIFTS}, sharp=BIASED)
