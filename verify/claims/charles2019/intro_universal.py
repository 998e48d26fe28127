r"""Section 1: Universal perturbations for all separators of a set

Printed: We also show that for all linear separators of a given dataset, there are universal
    adversarial perturbations (that is, perturbations which are adversarial for all points with a
    given label) whose norm depends only on the max-margin classifier.
    Refuted: On $0$ labelled -1 and $1$, $2$ labelled +1 every perturbation that is universal for
        the points labelled +1 has length at least $2$; without $2$ the max-margin rule $2x-1$ is
        the same and $1$ is enough for them. With $M>1$ in place of $2$ it is $M$, so no function of
        the rule bounds it.
Statement: Let $S$ be finite and separable with both labels, $v$ the difference of the class means
    and $n_y$ the number of points labelled $y$. Then for every linear rule $h$ that is right on $S$
    and every $(x,y)\in S$: $h(x-cyv)\neq y$ for all $c\ge n_y$. Along $w^*$ a step for all points
    exists among unit-norm rules of margin at least $\kappa>0$: any $c>|x-z|/(\kappa\sum\alpha_i)$
    with $z$ of the other class.
Verdict: false as stated. Universal perturbations exist, but their length is not a function of the
    max-margin rule: leaving out a point can keep the rule and change the least length for its
    label, and along $w^*$ none need exist.
Reading: The data set is finite, separable and has both labels. The sentence announces the remark
    after Corollary 6; that the norm depends only on the max-margin classifier means that it is a
    function of that classifier.
Needs both labels: Some point is labelled +1 and some point -1.
Sharp: If $S$ is finite, some linear rule is right on it and both labels occur, then for any vector
    $v$ one step along $-yv$ serves all points and all accurate linear rules exactly when
    $v=\sum\alpha_iy_ix_i$ with all $\alpha_i>0$ and $\sum\alpha_iy_i=0$; $1/\min\alpha_i$ is then
    such a step. On $(0,0)$ labelled -1 and $(0,1)$, $(1,1)$ labelled +1 the class means give
    $-(1,2)$, the shortest perturbation there that serves both points labelled +1.
    Rests on: Coq in part cor_6_remark, cor_6_remark_exact. These say of any $v=\sum\alpha_iy_ix_i$
        what the step for each point is; if all have one, the mean of their multipliers is positive.
        That $-(1,2)$ is the shortest is steps 2 and 3.
    Overstated: Multipliers that are not all positive are not enough: on $(0,0)$ labelled -1 and
        $(0,1)$, $(1,1)$ labelled +1 no step along $(0,1)$ serves all points.
Quantifier: for all separators at once, at every point of sampled sets: at the step $n_y$ for strict
    ones and for those whose boundary has the label of the point, at $n_y+1$ for those whose
    boundary has the other one, which reach $n_y$ by step 3; the bound along the max-margin
    direction on sampled and extreme separators
Uses: charles-thm-4, charles-thm-5, charles-cor-6-remark
The idea: Is there one perturbation that works for all accurate linear rules and all points of a
    label, and does its length depend on the max-margin rule only? Yes to the first half, no to the
    second.
Why it is true: Take the difference of the class means. It is a balanced combination of the data in
    which *every* point has positive weight, at least one over the size of its class. And only such
    combinations will do: if some point must have weight zero, some accurate rules keep it as long
    as you like. By the argument of [the remark after Corollary 6](charles-cor-6-remark.html) a step
    of $n_y$ along it turns every point labelled $y$, for every accurate rule.
Before you use it: The length cannot be read off the max-margin rule: on a line, moving a far point
    further out changes the needed length and leaves the rule alone. And along $w^*$ itself there
    may be no universal step at all.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates, linear_program
from certify.certificates.certificate import Certificate
from certify.margins.steps import StepPrograms
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.least_perturbation import least_perturbation
from verify.claims.charles2019.shared.separators import Instance, LargestMargin, least_margin
from verify.claims.charles2019.shared.steps import serving, universal_step
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.sharp.cor_6_remark import balanced
from verify.claims.charles2019.thm_4 import per_point
from verify.claims.charles2019.without import one_label
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    step,
    theorem,
)
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, LinearRule, square


def mean(points: tuple[Vector, ...]) -> Vector:
    """Return the mean of some points."""
    return combine(*((Fraction(1, len(points)), x) for x in points))


def prove(instance: Instance) -> Proof:
    """Evaluate that n_y times the difference of class means changes every label."""
    data, largest = instance.data, LargestMargin(instance.data)
    size = {y: data.labels.count(y) for y in (1, -1)}
    means = {1: mean(data.positive), -1: mean(data.negative)}
    v = combine((1, means[1]), (-1, means[-1]))
    shares = tuple(Fraction(1, size[y]) for y in data.labels)
    weight = sum(largest.multipliers, Fraction(0))
    sums, signs, flips, bounds = Relations(), Relations(), Relations(), Relations()
    for rule in instance.separators:
        margins, slope = rule.margins(data), dot(rule.normal, v)
        kappa = min(margins)  # 0 for a rule with points on its boundary: no bound then
        for k, (x, y) in enumerate(data.pairs):
            own = sum((m for m, s in zip(margins, data.labels, strict=True) if s == y), Fraction(0))
            other = -y * rule.value(means[-y])
            point = f"x_{{{k + 1}}}"
            left = computed(
                rf"m_h({point})-n_y(w\cdot v)", "m - n * s", m=margins[k], n=size[y], s=slope
            )
            right = computed(
                r"-\sum_{\text{others of }y}m_i-n_y\,\mathrm{mean}_{y_i=-y}m_i", "-r - n * o",
                r=own - margins[k], n=size[y], o=other,
            )  # fmt: skip
            sums.append((left, "=", right))
            signs.append((left, "<=", 0))
            flips += [(labelled(f"h({point}-{c}yv)", rule, combine((1, x), (-y * c, v))), "=",
                       named("-y", -y)) for c in (size[y], size[y] + 1)]  # fmt: skip
            # Both sides squared: the steps in units of w*, for the rule scaled to unit normal.
            if not kappa:
                continue
            needed = computed(
                rf"(m_h({point})/(w\cdot u))^2", "(m / s)**2",
                m=margins[k], s=separators.slope(rule, largest),
            )  # fmt: skip
            opposite = data.negative if y == 1 else data.positive
            nearest = min(square(combine((1, x), (-1, z))) for z in opposite)
            enough = computed(
                rf"\min_z|{point}-z|^2|w|^2/(\min_im_h(x_i)\sum\alpha_i)^2", "d * w / (k * a)**2",
                d=nearest, w=square(rule.normal), k=kappa, a=weight,
            )  # fmt: skip
            bounds.append((needed, "<=", enough))
    points = range(len(data.labels))
    return Proof.of(
        *separators.objects(largest),
        Named("v", v),
        step(r"The difference of the class means is $v=\sum\beta_iy_ix_i$, $\beta_i=1/n_y>0$.",
             (separators.signed_sum(r"\sum\beta_iy_ix_i", data, shares), "=", named("v", v)),
             (least(r"\min_i\beta_i", shares), ">", 0)),
        step(r"$m_h(x)-n_y(w\cdot v)$ is minus the other margins of the class of $x$, minus $n_y$ "
             r"times the mean margin of the other class.", *sums),
        step(r"All these margins are at least $0$, so it is at most $0$; and $0$ only if the other "
             r"class lies on the boundary and owns it.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in instance.separators],
              ">=", 0), *signs),
        step(r"So the step $n_y$, and every longer one, changes the label of every point of $S$, "
             r"whatever label the boundary has.", *flips),
        step(r"Along $w^*$ a bound needs a margin: if $|w|=1$ and $\min_im_h(x_i)\ge\kappa>0$, "
             r"then $m_h(x)\le|x-z|$ for all $z$ of the other class, and $w\cdot w^*="
             r"\sum\alpha_im_h(x_i)\ge\kappa\sum\alpha_i$: the step $|x-z|/(\kappa\sum\alpha_i)$ "
             r"is enough. For a $w$ of another length $\kappa=\min_im_h(x_i)/|w|$. Here both sides "
             r"are squared, and the steps are along $u$, to which the $\alpha$ above belong.",
             *bounds),
        *(c for k in points for c in serving(data, v, shares, k)),
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), (LinearRule.of([3, 1], "-1/2"),), ()
)


@dataclass(frozen=True)
class Dropped:
    """A labelled set and the index of a point to leave out."""

    data: LabelledSet
    point: int

    @property
    def rest(self) -> LabelledSet:
        """The set without the point; raises InputError when nothing is left."""
        keep = [i for i in range(len(self.data.labels)) if i != self.point]
        return LabelledSet(
            tuple(self.data.points[i] for i in keep), tuple(self.data.labels[i] for i in keep)
        )


def draw_dropped(rng: Random) -> Dropped:
    """Return three or four small points with both labels, and one of them."""
    data = small.both_labels(rng, rng.randint(1, 2), rng.randint(3, 4))
    return Dropped(data, rng.randrange(len(data.labels)))


@theorem.as_printed(Dropped(LabelledSet.of([[0], [1], [2]], [-1, 1, 1]), 2), draw_dropped)
def refute_length(instance: Dropped) -> Refutation | None:
    """Refute when leaving out the point keeps the max-margin rule and changes the least length."""
    sets = (instance.data, instance.rest)
    largest = [LargestMargin(data) for data in sets]  # raises InputError when inseparable
    if largest[0].rule != largest[1].rule:
        return None
    shortest = [least_perturbation(data) for data in sets]
    if shortest[0].square == shortest[1].square:
        return None
    best, ways = largest[0].rule, ("", r"\text{ without the point}")
    return Refutation.of(
        "Both sets have the same max-margin rule, but the shortest perturbation that works for all "
        f"points labelled +1 and all separators has squared length {shortest[0].square} on one and "
        f"{shortest[1].square} on the other.",
        Named("w", best.normal), named("b", best.offset),
        *(Named(rf"u{one}", m.direction) for one, m in zip(ways, largest, strict=True)),
        *(Named(rf"v{one}", s.vector) for one, s in zip(ways, shortest, strict=True)),
        step("The max-margin rules, scaled to least margin 1, are equal.",
             *((mixture(rf"w{one}=2u/|u|^2", (2 / square(m.direction), m.direction)), "=",
                named("w", best.normal)) for one, m in zip(ways, largest, strict=True)),
             *((computed(rf"b{one}=y_i-w\cdot x_i", "y - s", y=y, s=dot(m.rule.normal, x)), "=",
                named("b", best.offset))
               for one, m in zip(ways, largest, strict=True) for x, y in [m.data.pairs[0]])),
        step("The squared lengths of the shortest $v$ differ for which $-v$ serves the points "
             "labelled +1.",
             (inner("|v|^2", shortest[0].vector, shortest[0].vector), "!=",
              inner(r"|v|^2\text{ without the point}", shortest[1].vector, shortest[1].vector))),
        *(one.answer.certificate for one in largest),
        *(certificate for one in shortest for certificate in one.certificates(best)),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the least perturbation of the example, which n_y times the means attains."""
    data = EXAMPLE.data
    rest = Dropped(data, 2).rest
    best = LargestMargin(data).rule
    v = combine((1, mean(data.positive)), (-1, mean(data.negative)))
    shortest, smaller = least_perturbation(data), least_perturbation(rest)
    far = LabelledSet.of([[0], [1], [10**6]], [-1, 1, 1])
    longest, line = least_perturbation(far), LargestMargin(far).rule
    found = [universal_step(data, v, k) for k in (1, 2)]
    lone = combine((1, far.points[2]), (-1, far.points[0]))
    return Proof.of(
        Given("data", data), Named(r"w=w^*/\gamma^*", best.normal), Named("v", v),
        *(Named(rf"\alpha\text{{ for }}x_{s.point + 1}", s.multipliers) for s in found),
        Named("p", shortest.vector),
        *(Given(f"weak separator {j}", rule) for j, rule in enumerate(shortest.rules, 1)),
        Named(r"\lambda", shortest.multipliers), Given("data of step 5", far),
        step(r"Along $v$ both points labelled +1 need the step $n_+=2$ exactly: "
             r"$v=\sum\alpha_iy_ix_i$, $\sum\alpha_iy_i=0$ leave one $\alpha$ only, and the step "
             r"is $1/\alpha_k$.",
             *((separators.signed_sum(rf"\sum\alpha_iy_ix_i\text{{ for }}x_{s.point + 1}", data,
                                      s.multipliers), "=", named("v", v)) for s in found),
             *((computed(rf"1/\alpha_{s.point + 1}", "1 / a", a=s.multipliers[s.point]), "=",
                named("n_+", 2)) for s in found)),
        step(r"$-p$ with $p=2v$ is the shortest perturbation for these two and all separators; it "
             r"is not a multiple of $w=(0,2)$, as its first entry is not $0$.",
             (mixture("2v", (2, v)), "=", named("p", shortest.vector)),
             (inner(r"|p|^2", shortest.vector, shortest.vector), "=", 5),
             (inner("p_1", (2,), v[:1]), "!=", named("w_1", best.normal[0]))),
        step(r"It is $p=\sum\lambda_jw_j$, $\lambda\ge0$, for weak separators $w_j$, limits of "
             r"separators, whose largest margin at a point labelled +1 is $w_j\cdot p$: a "
             r"universal $-p'$ has $w_j\cdot p'\ge w_j\cdot p$, so $p'\cdot p\ge|p|^2$, and "
             r"$|p'|\ge|p|$.",
             (mixture(r"\sum_j\lambda_jw_j", *zip(shortest.multipliers,
                                                  (r.normal for r in shortest.rules), strict=True)),
              "=", named("p", shortest.vector)),
             (least(r"\min_j\lambda_j", shortest.multipliers), ">=", 0),
             ([inner(r"w_#\cdot p", rule.normal, shortest.vector) for rule in shortest.rules], "=",
              [greatest(r"\max_{y_i=1}m_#(x_i)", [rule.value(x) for x in data.positive])
               for rule in shortest.rules])),
        step(r"Without $x_3=(1,1)$ the nearest points are $x_1$, $x_2$ as before: the max-margin "
             r"rule is the same, and $-p'$ with $p'=x_2-x_1$ is the shortest for the label +1: it "
             r"leads from $x_2$ to $x_1$, and separators with the normal $w$ can have their "
             r"boundary as near to $x_1$ as one likes.",
             (mixture("p'=x_2-x_1", (1, data.points[1]), (-1, data.points[0])), "=",
              smaller.vector),
             (mixture(r"w\text{ without }x_3=2p'/|p'|^2",
                      (2 / square(smaller.vector), smaller.vector)), "=", named("w", best.normal))),
        step(r"No bound by the rule $2x-1$ alone, which is that of $0$ and $1$: with $10^6$ "
             r"labelled +1 as well the shortest $-p$ for the label +1 must lead from there past "
             "all separators, to $0$.",
             ([inner(f"2x_{{{i}}}-1", line.normal, x, line.offset)
               for i, x in enumerate(far.points[:2], 1)], "=", [-1, 1]),
             (mixture("p=x_3-x_1", (1, far.points[2]), (-1, far.points[0])), "=", lone),
             (computed("|p|^2", "p**2", p=lone[0]), "=", named(r"|p|^2\text{ by the program}",
                                                               longest.square))),
        *(s.certificate(best) for s in found),
        *shortest.certificates(best),
        *smaller.certificates(best),
        LargestMargin(far).answer.certificate,
        *longest.certificates(line),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the identity of the class means for all margins of all class sizes."""
    n, m = sympy.symbols("n n'", positive=True)
    (first,) = matrices("m_1")
    (rest, one), (other, ones) = matrices("m 1", "p"), matrices("m' 1'", "q")
    slope = (first + one.T * rest) / n + ones.T * other / m
    yield identity(
        "The slope along the difference of the means is the sum of the mean margins.",
        r"m_1-n(w\cdot v)=-\sum_{i>1}m_i-n\,\frac{1}{n'}\sum_jm'_j",
        "any numbers of points",
        first - n * slope, -one.T * rest - n / m * ones.T * other,
    )  # fmt: skip


# The sharp form on universal perturbations: along which directions one step serves all points.
# One linear program looks for multipliers that are all positive. Others look, for each point, for
# a rule that is level or worse along the direction and has the point strictly on its side: more
# and more of it in an accurate rule keeps the point at any step.
WITHIN, EDGE, ANY = "all multipliers positive", "one difference", "any direction"


def draw_directions(rng: Random, case: str) -> tuple[LabelledSet, Vector]:
    """Return a set and a balanced combination of all its points or of two, or any vector."""
    data = separators.draw_data(rng)
    rays = accurate_rules.differences(data)
    if case == WITHIN:
        v = combine(*((numbers.positive(rng), ray) for ray in rays))
    else:
        v = rng.choice(rays) if case == EDGE else numbers.vector(rng, data.dimension)
    return data, v


def level_rule(data: LabelledSet, v: Vector, point: int) -> tuple[bool, Certificate]:
    """Return whether some rule has margins >= 0, slope <= 0 and margin >= 1 at one point."""
    rows = [[*(-y * c for c in x), -y] for x, y in data.pairs]
    bounds = [-int(i == point) for i in range(len(rows))]
    answer = linear_program([0] * (data.dimension + 1), ([*rows, [*v, 0]], [*bounds, 0]))
    return answer.x is not None, answer.certificate


@theorem.sharp((WITHIN, EDGE, ANY), draw_directions)
def decide(data: LabelledSet, vector: Vector) -> Proof:
    """Compare positive multipliers with level rules, and test the step 1 / min a."""
    v = vector
    every = balanced(data, v)
    unserved = [level_rule(data, v, k) for k in range(len(data.labels))]
    positive = every.value is not None and every.value > 0
    steps = [
        step("All multipliers can be positive exactly when no point is kept at every step.",
             (named(r"[\alpha>0\text{ exists}]", int(positive)), "=",
              named(r"[\text{no point is kept}]", int(not any(found for found, _ in unserved))))),
    ]  # fmt: skip
    proofs = [every.certificate, *(certificate for _, certificate in unserved)]
    if positive:
        assert every.x is not None
        a = tuple(excess + every.x[-1] for excess in every.x[:-1])
        shift = combine((1 / min(a), v))
        lost = [accurate_rules.keeping(data, shift, [k]) for k in range(len(data.labels))]
        steps.append(
            step(r"At the step $1/\min\alpha_i$ no accurate rule keeps any point.",
                 (separators.signed_sum(r"\sum\alpha_iy_ix_i", data, a), "=", named("v", v)),
                 (named(r"[x_#\text{ is lost}]", [int(rule is None) for rule, _ in lost]), "=", 1))
        )  # fmt: skip
        proofs += [certificate for _, found in lost for certificate in found]
    return Proof.of(*steps, *proofs)


@theorem.overstated(
    (LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), vector([0, 1])),
    lambda rng: (small.both_labels(rng, 2, rng.randint(2, 3)), small.vector(rng, 2)),
)
def refute_some_positive(data: LabelledSet, vector: Vector) -> Refutation | None:
    """Refute that multipliers >= 0, not all 0, are enough for a step that serves all points."""
    v = vector
    best = LargestMargin(data).rule  # raises InputError when no rule is right
    inside = accurate_rules.combination(accurate_rules.differences(data), v)
    if inside.found is None or not any(v):
        return None
    programs = StepPrograms(data.points, data.labels, v)
    answers = [programs.solve(k) for k in range(len(data.labels))]
    endless = next((answer for answer in answers if answer.step is None), None)
    if endless is None:
        return None
    a = per_point(data, inside.found)
    return Refutation.of(
        f"The direction is a balanced combination of the data, but however long the step, some "
        f"rule that is right on all points keeps point {endless.point + 1}.",
        Named("a", endless.multipliers),
        step("The multipliers are nonnegative and give the direction.",
             (least(r"\min_i\alpha_i", a), ">=", 0),
             (separators.signed_sum(r"\sum\alpha_iy_ix_i", data, a), "=", named("v", v))),
        step(f"The multiplier of $x_{{{endless.point + 1}}}$ is 0 at most: the largest one is in "
             "$a$.",
             (separators.signed_sum(r"\sum a_iy_ix_i", data, endless.multipliers), "=",
              named("v", v)),
             (named(f"a_{{{endless.point + 1}}}", endless.multipliers[endless.point]), "=", 0)),
        certificates.every_separator(data, v, Fraction(0), a),
        programs.certificate(endless, best.normal, best.offset),
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": one_label.COUNTEREXAMPLE},
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
