r"""Theorem 8: All accurate multi-class rules can be led out of a class along one direction

Printed: Fix $k\in\{1,\ldots,K\}$. There is a vector $v_k^*$ such that for all $h\in\mathcal{M}_S$
    and for all $(x,y)\in S[k]$, $v_k^*$ is an adversarial direction for $h$ at $x$.
Statement: Let some class $l\neq k$ occur in $S$ beside $k$, and let ties count as errors or go to
    the lowest class. There is $v$ such that every multi-class rule that is right on $S$ leaves
    class $k$ along $v$ from every $x$ with $h(x)=k$, for example
    $v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])$, the difference of the class means.
Verdict: true. True, and from every point that a rule gives the class $k$. With one label only, or
    with ties that are decided point by point, it fails.
Reading: Another label than $k$ occurs in $S$, since max-margin classifiers are to construct
    $v_k^*$, and the argmax has a fixed rule for ties. Both are said of the section's setting, not
    of the theorem.
Needs another label: Some point of $S$ has a label other than $k$.
Needs tie rule: A tie for the largest logit is an error, or goes to the lowest class.
Sharp: If $S$ is finite, ties are errors, $k$ and some other class occur and some multi-class rule
    is right on $S$, then all that are right on it leave class $k$ along $v$ exactly when
    $\sum\alpha_{ij}(e_{y_i}-e_j)\otimes(x_i,1)=\sum_l\mu_l(e_l-e_k)\otimes(v,0)$ for some
    $\alpha,\mu\ge0$, $\alpha\neq0$ (over $j\neq y_i$ and $l\neq k$; row $j$ of $e_j\otimes u$ is
    $u$, its others are $0$). Each $v\neq0$ in the cone of $S[l]-S[k]$ for one $l$ does, and each
    that does lies in the cone of the differences to all other classes; neither is an equivalence.
    At $x\in S[k]$ the step $c>0$ has led all of them out of class $k$ exactly when
    $\sum\alpha_{ij}(e_{y_i}-e_j)\otimes(x_i,1)=\sum_l\mu_l(e_l-e_k)\otimes(x+cv,1)$ for some
    $\alpha,\mu\ge0$, $\mu\neq0$, and then all longer steps have; the least for one $l$ alone is a
    linear program, but the least for several may be shorter, or the only one there is. The step
    $n_k=|S[k]|$ along the difference of the means serves all rules and all of $S[k]$.
    Rests on: Coq in part thm_8, thm_8_means. Both equivalences are Motzkin's theorem: without
        multipliers some accurate rule has no $l$ with $(w_l-w_k)\cdot v>0$, or with $z_l\ge z_k$ at
        the end of the step. Outside of the cone of all differences some $g$ has
        $g\cdot(x_l-x_k)\ge0$ and $g\cdot v<0$; a large multiple of $g\cdot x-\max_{S[k]}g$, added
        to all logits but $z_k$, keeps a rule accurate and the class along $v$. Regions are convex,
        so what has been left stays left. On the step $n_k$ see step 5 of the proof.
    Overstated: Not every mixture of differences to other classes does: with $(0,0)$, $(1,1)$,
        $(1,-1)$ in classes 1, 2, 3 an accurate rule keeps class 1 along $(1,0)$.
Quantifier: for all rules that are right without ties and all starting points at once, by the
    multipliers; where ties go to the lowest class by the steps; also evaluated on sampled and
    extreme rules, with ties and without
Uses: charles-lem-3, charles-thm-4
The idea: Theorem 4 for more than two classes: for each class there is a direction that leads out of
    it for every accurate linear rule.
Why it is true: Choose another class $l$ that occurs in the data and look at the gap $z_l-z_k$ only.
    It is an affine function that is positive on the points of class $l$ and negative on those of
    class $k$; where ties go to the lowest class, it may be $0$ on one of the two. So it grows along
    the difference of the two class means, at a constant rate, and overtakes zero. From then on
    class $k$ is not the largest.
Before you use it: Other directions do the same, and which ones is decided by linear programming:
    either some multiples of the gaps on the data add up to the growth of other logits over $z_k$,
    or an accurate rule keeps class $k$. An average of directions towards two classes need not do.
    The same question decides for each step whether all rules have left the class by then.

    The direction leads *out of* class $k$; it does not promise to lead *into* class $l$. Some other
    class must occur in the data. And ties need a rule: if all logits are equal and each tie is
    decided as it pleases, such a rule can be accurate, and along each direction some point keeps
    class $k$.
"""

from fractions import Fraction
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.multiclass import Instance
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import accurate_models, accurate_rules, left_steps, mixtures
from verify.claims.charles2019.without.classes import NO_OTHER_LABEL, POINTWISE_TIES
from verify.claims.language import (
    Given,
    Named,
    Operator,
    Proof,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    mixture,
    named,
    step,
    theorem,
)
from verify.drawing import multiclass as drawn
from verify.drawing import numbers
from verify.objects import ArgmaxRule, LabelledSet, LinearRule, MulticlassSet


def prove(instance: Instance) -> Proof:
    """Follow every rule along the difference of class means, from all its points of class k."""
    data, k, l, rules = instance.data, instance.k, instance.l, instance.rules
    v, gaps = multiclass.mean_difference(data, k, l), multiclass.mean_gaps(data, k, l)
    lines = [multiclass.between(rule, l, k) for rule in rules]
    slopes = [dot(line.normal, v) for line in lines]
    named_slopes = [inner(r"(w_l-w_k)\cdot v", line.normal, v) for line in lines]
    runs = [
        (number, x, crossing(lines[number], x, v))
        for number, rule in enumerate(rules)
        if slopes[number]
        for x in multiclass.starts(rule, instance, k)
    ]
    named_runs = [(*run, f"x_{{{multiclass.place(instance, run[1])}}}") for run in runs]
    crossings = [
        computed(f"c({at})" if len(rules) == 1 else f"c({at})\\text{{ of rule }}{n + 1}", "-z / s",
                 z=lines[n].value(x), s=slopes[n])
        for n, x, _, at in named_runs
    ]  # fmt: skip
    steps = (
        step(r"An accurate rule has $z_l>z_k$ on $S[l]$ and $z_k>z_l$ on $S[k]$; where ties go to "
             r"the lowest class, one of the two may be an equality.",
             *(_advantage(rule, data, i, k, l)
               for rule in rules for i in (*data.members(l), *data.members(k)))),
        step(r"For $v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])$, the difference of the class means, "
             r"the offsets cancel and $(w_l-w_k)\cdot v$ is a positive combination of these gaps: "
             r"with $a_i=1/|S[l]|$ at points of $S[l]$, $1/|S[k]|$ at those of $S[k]$, and $j_i$ "
             "the other of these two classes.",
             (named_slopes, "=", [multiclass.named_gaps(rule, data, gaps) for rule in rules]),
             (named_slopes, ">", 0)),
        step(r"From any $x$ with $h(x)=k$ the gap $z_l-z_k$ grows linearly along $v$ and is $0$ at "
             r"$c=(z_k-z_l)/((w_l-w_k)\cdot v)$.",
             *((multiclass.named_line(f"(z_l-z_k)({at}+c({at})v)", lines[n],
                                      combine((1, x), (c, v))),
                "=", 0) for n, x, c, at in named_runs)),
        step(r"Beyond that step class $k$ is not the largest, for instance at $c+1$ (at a tie the "
             "label counts as $0$).",
             *((labelled(f"h({at}+(c({at})+1)v)", rules[n],
                         combine((1, x), (c + 1, v))),
                "!=", named("k", k + 1)) for n, x, c, at in named_runs)),
        step(r"One step serves all: at $x+n_kv$ with $n_k=|S[k]|$ every point of $S[k]$ has left "
             r"class $k$ under every accurate rule. For $z_k-z_l\ge0$ on $S[k]$, so at $x$ it is "
             r"at most $n_k$ times its mean there, which is $(w_l-w_k)\cdot v$ less the mean of "
             r"$z_l-z_k$ on $S[l]$. So $z_k\le z_l$ at the end, and equality takes ties that go "
             "to the lowest class and $l<k$.",
             # A tie already leaves class k where ties go to a lower class.
             *((multiclass.named_line(rf"(z_l-z_k)(x_{{{i + 1}}}+n_kv)", line, landing(data, i, v)),
                ">=" if rule.lowest and l < k else ">", 0)
               for rule, line in zip(rules, lines, strict=True) for i in data.members(k))),
    )  # fmt: skip
    moved = data.certificate(
        rules,
        [facts.accurate(number) for number in range(len(rules))]
        + [facts.changes(number, x, v, c + 1) for number, x, c in runs],
    )
    leaving = certificates.class_left(data, k, v, gaps, multiclass.target(l, data.classes))
    v_named = Named(r"v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])", v)
    others = (nearest_points(data, k, l), left_at_once(data, k, l))
    return Proof.of(v_named, *crossings, *steps, leaving, *others, moved)


def crossing(line: LinearRule, x: Vector, v: Vector) -> Fraction:
    """Return the step along v at which the line through x has the value 0."""
    return -line.value(x) / dot(line.normal, v)


def landing(data: MulticlassSet, i: int, v: Vector) -> Vector:
    """Return x + n v for data point i, n being the number of points of its class."""
    return combine((1, data.points[i]), (len(data.members(data.labels[i])), v))


def nearest_points(data: MulticlassSet, k: int, l: int) -> Certificate:
    """Certify that the max-margin direction from S[k] to S[l] also leads out of class k."""
    chosen = (*data.members(l), *data.members(k))
    pair = LabelledSet(
        tuple(data.points[i] for i in chosen),
        tuple(1 if data.labels[i] == l else -1 for i in chosen),
    )
    largest = LargestMargin(pair)
    gaps = [
        (i, k if data.labels[i] == l else l, a)
        for i, a in zip(chosen, largest.multipliers, strict=True)
    ]
    targets = multiclass.target(l, data.classes)
    return certificates.class_left(data, k, largest.direction, gaps, targets)


def left_at_once(data: MulticlassSet, k: int, l: int) -> Certificate:
    """Certify z_l > z_k at x + n_k v for every accurate rule, x being the first point of S[k].

    x + n_k mean(S[l]) - sum S[k] weighs the gaps of S[l] by n_k / n_l and those of the other points
    of S[k] by 1.
    """
    first, *others = data.members(k)
    share = Fraction(len(others) + 1, len(data.members(l)))
    gaps = [*((i, k, share) for i in data.members(l)), *((i, l, multiclass.ONE) for i in others)]
    point = (*landing(data, first, multiclass.mean_difference(data, k, l)), multiclass.ONE)
    form = tuple(combine(((j == l) - (j == k), point)) for j in range(data.classes))
    return certificates.every_model(data, form, gaps)


def _advantage(
    rule: ArgmaxRule, data: MulticlassSet, i: int, k: int, l: int
) -> tuple[Named, Operator, int]:
    """Return that the label of point i beats the other of the two classes, strictly if it must."""
    y = data.labels[i]
    other = k if y == l else l
    name = f"(z_{'l' if y == l else 'k'}-z_{'k' if y == l else 'l'})(x_{{{i + 1}}})"
    value = multiclass.named_line(name, multiclass.between(rule, y, other), data.points[i])
    return value, ">=" if rule.lowest and y < other else ">", 0


# The multiples of gaps that prove that all rules leave class 0 along the unexpected direction.
UNEXPECTED_GAPS = [
    (i, j, Fraction(a, 2)) for i, j, a in ((0, 2, 2), (1, 0, 1), (2, 2, 1), (3, 1, 2), (4, 0, 1))
]
# For each other class a vector that its differences do not go against, and the direction does.
SIDES = ((1, vector([-1, 2])), (2, vector([0, 1])))
# Averaging over two other classes fails: the rule keeps class 0 along the average of the two
# differences.
FORK = MulticlassSet.of([[0, 0], [1, 1], [1, -1]], [0, 1, 2], 3)
FORK_RULE = ArgmaxRule.of([[0, 0], [0, 1], [0, -1]], [0, "-1/2", "-1/2"])


def sharpness() -> Proof:
    """Show that both bounds on the directions are strict, and a step towards no single class."""
    data, v, targets = UNEXPECTED, UNEXPECTED_DIRECTION, vector([0, "1/4", 0])
    cones = [accurate_rules.combination(accurate_models.differences(data, 0, l), v) for l in (1, 2)]
    halves = [(Fraction(1, 2), u) for l in (1, 2) for u in accurate_models.differences(FORK, 0, l)]
    forms = [certificates.class_left(data, 0, v, UNEXPECTED_GAPS, targets)]
    kept = FORK.certificate(
        [FORK_RULE], [facts.accurate(0), facts.keeps(0, FORK.points[0], combine(*halves))]
    )
    both, end = left_steps.BOTH, left_steps.END
    shares, certificate = left_steps.multipliers_at(both, 0, end)
    first, second = both.points[:2]
    gaps, mu = shares or ([], vector([0, 0, 0]))
    behind = [
        (l, rule)
        for l in (1, 2)
        if (rule := accurate_models.model(both, 0, [combine((1, end), (-1, first))], (l,))[0])
    ]
    later = left_steps.least_towards(both, 0, 1, second, combine((1, end), (-1, second)))
    c, *rest = later.found or (multiclass.ONE,)
    past = [(i, j, a) for (i, j), a in zip(accurate_models.pairs(both), rest, strict=True) if a]
    late, alone = combine((1 - c, second), (c, end)), vector([0, 1, 0])
    return Proof.of(
        Given("five points", data), Given("a rule right on them", UNEXPECTED_RULE),
        Named("v", v), Named(r"\mu\text{ for }v", targets),
        *(named(rf"\alpha_{{{i + 1}{j + 1}}}", a) for i, j, a in UNEXPECTED_GAPS),
        *(Named(f"n_{l + 1}", n) for l, n in SIDES),
        Given("three points", FORK), Given("their rule", FORK_RULE),
        Given("six points", both), Named("p", end), Named(r"\mu\text{ for }p", mu),
        Named(r"\mu\text{ for }c", alone),
        *(Given(f"rule $h_{{{l + 1}}}$", rule) for l, rule in behind),
        step("Some rule is right on the five points.",
             ([labelled(f"h(x_{{{i + 1}}})", UNEXPECTED_RULE, x)
               for i, x in enumerate(data.points)], "=", [y + 1 for y in data.labels])),
        step(r"Every rule that is right on the five points leaves the first class along "
             r"$v=(-2,-2)$. In each row of the identity $\alpha_{ij}(x_i,1)$ stands with $+$ where "
             "$y_i$ is the row, with $-$ where $j$ is.",
             *left_steps.rows_of(data, 0, UNEXPECTED_GAPS, targets, ("(v,0)", (*v, Fraction(0))))),
        step(r"Yet $v$ lies in neither cone of differences: $n\cdot v$ is negative for an $n$ with "
             r"$n\cdot(x_i-x_1)\ge0$ at all points of the class.",
             *(relation for l, n in SIDES for relation in (
                 ([inner(rf"n_{{{l + 1}}}\cdot(x_{{{i + 1}}}-x_1)", n,
                         combine((1, data.points[i]), (-1, data.points[0])))
                   for i in data.members(l)], ">=", 0),
                 (inner(rf"n_{{{l + 1}}}\cdot v", n, v), "<", 0)))),
        step("On the three points the average of the two differences is $(1,0)$. Along it their "
             "rule never leaves class 1: no other logit grows.",
             (mixture(r"\frac12(x_2-x_1)+\frac12(x_3-x_1)", *halves), "=", vector([1, 0])),
             ([labelled(f"h(x_{{{i + 1}}})", FORK_RULE, x) for i, x in enumerate(FORK.points)],
              "=", [y + 1 for y in FORK.labels]),
             ([inner(rf"(w_{{{l + 1}}}-w_1)\cdot(1,0)",
                     multiclass.between(FORK_RULE, l, 0).normal, vector([1, 0]))
               for l in (1, 2)], "<=", 0)),
        step("No rule that is right on the six points gives class 1 to $p=(-4,7,12)$, the end of "
             "the step 1 along $p-x_1$ from $x_1$ and along $p-x_2$ from $x_2$: such multipliers.",
             *left_steps.rows_of(both, 0, gaps, mu, ("(p,1)", (*end, multiclass.ONE)))),
        step("From $x_1$ class 2 is not ahead under all rules at any step, nor is class 3: each "
             "of these two rules is right, and that class gains nothing on class 1 along $p-x_1$.",
             *(relation for l, rule in behind for relation in (
                 ([labelled(f"h_{{{l + 1}}}(x_{{{i + 1}}})", rule, x)
                   for i, x in enumerate(both.points)], "=", [y + 1 for y in both.labels]),
                 (inner(rf"(w_{{{l + 1}}}-w_1)\cdot(p-x_1)\text{{ of }}h_{{{l + 1}}}",
                        multiclass.between(rule, l, 0).normal, combine((1, end), (-1, first))),
                  "<=", 0)))),
        step(r"From $x_2$ class 2 is ahead at the step $c=11/7$, but not at the step $1$, which "
             "ends in $p$ as well.",
             *left_steps.rows_of(both, 0, past, alone,
                                 ("(x_2+c(p-x_2),1)", (*late, multiclass.ONE))),
             *((multiclass.named_line(r"(z_2-z_1)(p)\text{ of }h_2",
                                      multiclass.between(rule, 1, 0), end), "<", 0)
               for l, rule in behind if l == 1)),
        *forms, *(cone.certificate for cone in cones), kept, certificate, later.certificate,
        data.certificate([UNEXPECTED_RULE], [facts.accurate(0)]),
        both.certificate([rule for _, rule in behind],
                         [facts.accurate(i) for i in range(len(behind))]),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the slope identity for all rules and points of all sizes at once."""
    (u,), (b,) = matrices("u", "d"), matrices("b")
    (p,), (q,) = matrices("P", "n", "d"), matrices("Q", "m", "d")
    (mu,), (nu,), (one,), (other,) = (
        matrices(name, size) for name, size in (("mu", "n"), ("nu", "m"), ("1", "n"), ("1'", "m"))
    )
    slope = (p.T * mu - q.T * nu).T * u
    gaps = mu.T * (p * u + one * b) - nu.T * (q * u + other * b)
    yield identity(
        r"The slope along a difference of mixtures of the points of $S[l]$, in the rows of $P$, "
        r"and of $S[k]$, in the rows of $Q$, is the difference of the mixed gaps, up to the offset "
        r"times the difference of the sums of the weights; for the means these sums are $1$.",
        r"(P^\top\mu-Q^\top\nu)\cdot u=\mu\cdot(Pu+b\mathbf 1)-\nu\cdot(Qu+b\mathbf 1)"
        r"-b(\mu\cdot\mathbf 1-\nu\cdot\mathbf 1)",
        "any numbers of points, all dimensions",
        slope, gaps - (mu.T * one - nu.T * other) * b,
    )  # fmt: skip


EXAMPLE = Instance(multiclass.THREE, 0, 1, (multiclass.STEEP,), (vector(["-1/2"]),))


# The sharp form of Theorem 8: along which directions every accurate rule leaves a class.
ONE, MIXED, ANY = "towards one class", "towards several classes", "any direction"
BETWEEN = "in no cone of one class"

# A direction in no cone of differences to one class along which all rules leave class 0.
UNEXPECTED = MulticlassSet.of([[1, 0], [-1, -1], [-2, 2], [-1, 1], [2, 0]], [0, 1, 1, 2, 2], 3)
UNEXPECTED_DIRECTION = vector([-2, -2])
UNEXPECTED_RULE = ArgmaxRule.of([[0, 0], [-6, -1], [2, 6]], [0, "-9/2", -3])


def draw_directions(rng: Random, case: str) -> tuple[MulticlassSet, int, Vector]:
    """Return data with a mixture of differences to one class or to all others, or any vector.

    In the last case they are an image of the unexpected ones, at times with the direction moved.
    """
    if case == BETWEEN:
        return draw_between(rng)
    planted = drawn.planted_set(rng, rng.choice(drawn.CASES))
    data = planted.data
    k = rng.choice(sorted(set(data.labels)))
    others = [l for l in sorted(set(data.labels)) if l != k]
    chosen = [rng.choice(others)] if case == ONE else others
    rays = [d for l in chosen for d in accurate_models.differences(data, k, l)]
    if case == ANY:
        return data, k, numbers.vector(rng, data.dimension)
    weights = numbers.convex_weights(rng, len(rays))
    return data, k, combine(*zip(weights, rays, strict=True))


def draw_between(rng: Random) -> tuple[MulticlassSet, int, Vector]:
    """Return the image of the unexpected data and direction under an injective affine map."""
    first = numbers.nonzero_vector(rng, rng.randint(2, 3))
    second = numbers.nonzero_vector(rng, len(first))
    while dot(first, second) ** 2 == dot(first, first) * dot(second, second):  # parallel
        second = numbers.nonzero_vector(rng, len(first))
    origin = numbers.vector(rng, len(first))

    def image(x: Vector) -> Vector:
        return combine((x[0], first), (x[1], second))

    classes = rng.sample(range(3), 3)
    pairs = [(combine((1, origin), (1, image(x))), classes[y]) for x, y in UNEXPECTED.pairs]
    pairs += [rng.choice(pairs)] * rng.randint(0, 1)
    rng.shuffle(pairs)
    v = combine((numbers.positive(rng), image(UNEXPECTED_DIRECTION)))
    if rng.random() < 0.3:
        v = combine((1, v), (Fraction(1, 50), numbers.vector(rng, len(v))))
    data = MulticlassSet(tuple(x for x, _ in pairs), tuple(y for _, y in pairs), 3)
    return data, classes[0], v


@theorem.sharp((ONE, MIXED, ANY, BETWEEN), draw_directions)
def decide(data: MulticlassSet, k: int, direction: Vector) -> Proof:
    """Look for multipliers, for rules that keep the class, for ever or up to a step, and cones."""
    v = direction
    proved = accurate_models.left(data, k, v)
    either, onwards, found = left_steps.decided(data, k, v)
    kept, none = accurate_models.model(data, k, [v])
    others = [l for l in sorted(set(data.labels)) if l != k]
    cones = [accurate_models.differences(data, k, l) for l in others]
    single = any(v) and any(accurate_rules.combination(rays, v).found is not None for rays in cones)
    joint = accurate_rules.combination([d for rays in cones for d in rays], v)
    return Proof.of(
        step("The multipliers exist exactly when no accurate rule keeps the class.",
             (named(r"[\text{proved}]", int(proved.proved)), "=",
              named(r"[\text{none keeps}]", int(kept is None)))),
        step("A direction towards one class does it; what does it leads towards all others.",
             (named(r"[\text{towards one}]", int(single)), "<=",
              named(r"[\text{proved}]", int(proved.proved))),
             (named(r"[\text{proved}]", int(proved.proved)), "<=",
              named(r"[\text{towards all}]", int(joint.found is not None)))),
        either, onwards,
        proved.certificate, none if kept is None else mixtures.keeps(data, kept, k, v), *found,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={
        "another label": NO_OTHER_LABEL,
        "tie rule": POINTWISE_TIES,
        "sharp form, overstated": mixtures.MIXTURE,
    },
    cases=multiclass.CASES,
    draw=multiclass.draw,
)
