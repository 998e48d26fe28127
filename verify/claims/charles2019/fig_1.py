r"""Figure 1: The normal of one rule need not fool another

Printed: The decision boundary of two linear classifiers, $h_1$ (red) and $h_2$ (blue). … For the
    $+1$ data, $v_1$ and $v_2$ give adversarial directions for $h_1$ and $h_2$, respectively. …
    However, $v_1$ is not an adversarial direction for $h_2$, as moving in that direction does not
    change any labels. Similarly, $v_2$ is adversarial for $h_2$ but not for $h_1$.
Statement: Let $d\ge2$ and let $S$ with both labels be linearly separable and lie in a hyperplane.
    Then there are linear rules $h_1,h_2$ that are right on $S$, such that at all points labelled +1
    the direction $-w_1$ is adversarial for $h_1$ and not for $h_2$, and $-w_2$ for $h_2$ and not
    for $h_1$.
Verdict: true. Such data and rules exist in every dimension from two on.
Reading: The caption and its text say that there are such data and such rules; both rules are right
    on all data, which have both labels, and $v_j$ is $-w_j$, the direction against the normal.
Needs two dimensions: $d\ge2$.
    Without it: On a line with both labels all accurate rules grow the same way, so no two disagree.
Sharp: If $S$ is finite, some linear rule is right on it and both labels occur, such rules exist
    exactly when some accurate normal lies outside the cone of the differences $x_+-x_-$, that is,
    when two normals with $w\cdot(x_+-x_-)\ge0$ for all pairs meet at an obtuse angle. On a line
    they never exist; two points of the plane are enough.
    Rests on: Coq in part fig_1. Let $C$ be the cone of differences. Accurate normals are the $w$
        with $w\cdot x>0$ for $0\neq x\in C$; their limits the $w$ with $w\cdot x\ge0$. For an
        accurate $n$ outside $C$ some such limit $k$ has $k\cdot n<0$ (Farkas), and accurate normals
        near $k$ are still at an obtuse angle to $n$. If all accurate normals are in $C$, all their
        products are positive.
    Overstated: The points need not lie in a hyperplane: $(0,0)$ labelled -1 and $(0,1)$, $(1,1)$
        labelled +1 do not, and have such rules.
Quantifier: on sampled data in a hyperplane, along whole rays; that on a line all rules grow the
    same way, for all rules at once on the points 0 and 1 and on each set that is drawn
Uses: charles-linear-same-label
The idea: Two rules can agree on all the data and still lean in different directions. Walking
    against the normal of the first may lead further into the safe side of the second.
Why it is true: Let the data lie in a hyperplane $z\cdot x=e$. Adding a multiple of $z$ to the
    normal, and correcting the offset, changes nothing on the data. Tilt one way to get $w_1$ and
    the other way to get $w_2$; with enough tilt $w_1\cdot w_2<0$. Then a step along $-w_1$ raises
    the value of the second rule.

    The hyperplane makes it easy, but is not needed. What counts is the cone of all normals that
    accurate rules can have: if two of them meet at an obtuse angle, these two do. Otherwise, as on
    a line, every normal works for every rule.
Before you use it: This is why a direction taken from one model need not transfer to another, and
    why Theorem 4 is worth having: it names a direction that works for all accurate linear rules at
    once.
"""

from fractions import Fraction
from random import Random

import sympy

from certify import certificates, rank
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, vector
from certify.polyhedra.double_description import cone_generators, primitive
from verify.claims.charles2019.shared import figures, separators
from verify.claims.charles2019.shared.labelled import turned
from verify.claims.charles2019.shared.separators import LargestMargin, least_margin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.thm_4 import per_point
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    mixture,
    named,
    step,
    symmetric,
    theorem,
)
from verify.claims.picture import Picture
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, LinearRule, changed_step, square

CASES = (labelled_sets.GENERIC, labelled_sets.REPEATED, labelled_sets.SINGLE, labelled_sets.TIED)


def draw(rng: Random, case: str) -> tuple[LabelledSet, LinearRule, Vector, Fraction, Fraction]:
    """Return a separable set that is put on a hyperplane of one dimension more, and two tilts."""
    flat = labelled_sets.separable_set(rng, case)
    best = LargestMargin(flat).rule
    level, amount = numbers.number(rng), numbers.positive(rng)
    data = LabelledSet(tuple((*x, level) for x in flat.points), flat.labels)
    rule = LinearRule((*best.normal, Fraction(0)), best.offset)
    tilt = (*(Fraction(0) for _ in best.normal), Fraction(1))
    while amount**2 <= square(rule.normal):  # far enough for an obtuse angle
        amount *= 2
    return data, rule, tilt, level, amount


def tilted(rule: LinearRule, tilt: Vector, level: Fraction, amount: Fraction) -> LinearRule:
    """Return the rule with normal w + t z and the values of ``rule`` on z.x = e."""
    return LinearRule(combine((1, rule.normal), (amount, tilt)), rule.offset - amount * level)


def prove(
    data: LabelledSet, rule: LinearRule, tilt: Vector, level: Fraction, amount: Fraction
) -> Proof:
    """Tilt a separator both ways about the hyperplane of the data until the normals disagree."""
    z, e, t = tilt, level, amount
    rules = [tilted(rule, z, e, t), tilted(rule, z, e, -t)]
    away = [combine((-1, rule.normal)) for rule in rules]
    product = inner(r"w_1\cdot w_2", rules[0].normal, rules[1].normal)
    own, kept = [], []
    for i, j in ((0, 1), (1, 0)):
        for x in data.positive:
            kept.append(facts.keeps(j, x, away[i]))
            beyond = (rules[i].value(x) + 1) / square(rules[i].normal)
            own.append(facts.changes(i, x, away[i], beyond))
    known = [facts.accurate(0), facts.accurate(1), *kept, *own]
    return Proof.of(
        step(r"The data lie in the hyperplane $z\cdot x=e$.",
             ([inner(r"z\cdot x_#", z, x) for x in data.points], "=", named("e", e))),
        step(r"So the rules with normals $w_{1,2}=w\pm tz$ and offsets $b\mp te$ are right on $S$.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">", 0)),
        step(r"Their normals have $w_1\cdot w_2=|w|^2-t^2|z|^2<0$.",
             (product, "=", computed("|w|^2-t^2|z|^2", "w - t**2 * z", w=square(rule.normal), t=t,
                                     z=square(z))), (product, "<", 0)),
        step(r"So $-w_1$ raises the value of $h_2$ and is not adversarial for $h_2$ at any point "
             r"labelled +1; nor is $-w_2$ for $h_1$.",
             ([turned(rf"[-w_{i + 1}\text{{ adversarial for }}h_{j + 1}]", rules[j], x, away[i])
               for i, j in ((0, 1), (1, 0)) for x in data.positive], "=", 0)),
        step(r"Each is adversarial for its own rule.",
             ([turned(rf"[-w_{i}\text{{ adversarial for }}h_{i}]", rule, x, v)
               for i, (rule, v) in enumerate(zip(rules, away, strict=True), 1)
               for x in data.positive], "=", 1)),
        data.certificate(rules, known),
        *(Named(f"(w_{i},b_{i})", (*rule.normal, rule.offset)) for i, rule in enumerate(rules, 1)),
    )  # fmt: skip


# One point of each label: w_1 = (2, 1) and w_2 = (-2, 1) meet at an obtuse angle.
EXAMPLE = (
    LabelledSet.of([[0, 1], [0, -1]], [1, -1]),
    LinearRule.of([0, 1], 0),
    vector([1, 0]),
    Fraction(0),
    Fraction(2),
)


@theorem.without(
    "two dimensions",
    LabelledSet.of([[0], [1]], [-1, 1]),
    lambda rng: small.labelled_set(rng, 1, rng.randint(1, 4)),
)
def refute_on_a_line(data: LabelledSet) -> Refutation | None:
    """Refute when all rules that are right on the set grow in one direction of the line."""
    if data.dimension != 1 or len(set(data.labels)) < 2:
        return None
    largest = LargestMargin(data)  # raises InputError when no rule is right
    u = largest.direction
    return Refutation.of(
        r"All accurate rules on a line with both labels have $w$ of the same sign, so $w_1w_2>0$ "
        r"and $-w_1$ is adversarial for $h_2$ at every point labelled +1.",
        step(
            r"The direction in which all of them grow is not zero.",
            (separators.signed_sum(r"u=\sum\alpha_iy_ix_i", data, largest.multipliers), "!=",
             vector([0])),
        ),
        *accurate_rules.growing(data, u, largest.multipliers),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate two points, a set that spans the plane, one that has no such rules, and a line."""
    smallest, two = prove(*EXAMPLE), EXAMPLE[0]
    wide = LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])
    narrow = LabelledSet.of([[0, 0], [3, 1], [-3, 1]], [-1, 1, 1])
    line, one = LabelledSet.of([[0], [1]], [-1, 1]), vector([1, 1])
    rays, steep = (accurate_rules.differences(data) for data in (wide, narrow))
    pair = obtuse(generators(wide))
    assert pair is not None
    rules = disagreeing(wide, pair)
    outside = next(w for w in pair if accurate_rules.combination(rays, w).found is None)
    (against,) = [w for w in generators(wide) if dot(w, outside) < 0]
    edges = generators(narrow)
    mixed = [accurate_rules.combination(steep, w).found or () for w in edges]
    return Proof.of(
        Given("two points", two), Given("rule", EXAMPLE[1]), Named("z", EXAMPLE[2]),
        Named("e", EXAMPLE[3]), Named("t", EXAMPLE[4]), *smallest.objects,
        Given("spanning set", wide), Named("n", outside), Named("k", against),
        *(Given(f"rule $g_{i}$", rule) for i, rule in enumerate(rules, 1)),
        Given("narrow set", narrow), *(Named(f"n_{i}", w) for i, w in enumerate(edges, 1)),
        *smallest.steps,
        step("The spanning set has such rules: $n$ is a limit of accurate normals outside the cone "
             r"of the differences $x_+-x_-$, since $k\cdot(x_+-x_-)\ge0$ for all of them and "
             r"$k\cdot n<0$. Rules with normals near $n$ and $k$ are right and meet at an obtuse "
             "angle.",
             ([inner(rf"n\cdot(x_{i}-x_1)", outside, d)
               for i, d in enumerate(rays, 2)], ">=", 0),
             ([inner(rf"k\cdot(x_{i}-x_1)", against, d)
               for i, d in enumerate(rays, 2)], ">=", 0),
             (inner(r"k\cdot n", against, outside), "<", 0),
             *((inner(rf"{'-' if y < 0 else ''}g_{i}(x_{j})", combine((y, g.normal)), x,
                      y * g.offset), ">", 0)
               for i, g in enumerate(rules, 1) for j, (x, y) in enumerate(wide.pairs, 1)),
             (inner(r"w_{g_1}\cdot w_{g_2}", rules[0].normal, rules[1].normal),
              "<", 0)),
        step("The narrow set has none: every accurate normal is a mixture of $n_1$ and $n_2$, the "
             r"edges of the cone $w\cdot(x_+-x_-)\ge0$, and these are mixtures of the differences. "
             "So every accurate rule grows along every accurate normal.",
             *((inner(rf"n_{i}\cdot(x_{j}-x_1)", w, d), ">=", 0)
               for i, w in enumerate(edges, 1) for j, d in enumerate(steep, 2)),
             *((mixture(rf"n_{i}\text{{ from differences}}",
                        *zip(a, steep, strict=True)), "=", named(f"n_{i}", w))
               for i, (a, w) in enumerate(zip(mixed, edges, strict=True), 1)),
             (inner(r"n_1\cdot n_2", edges[0], edges[1]), ">", 0)),
        step(r"On a line with both labels $w\cdot(x_+-x_-)>0$ for every accurate rule, and "
             r"$x_+-x_-$ is a number: all $w$ have its sign. Here for $0$ labelled -1 and $1$ "
             "labelled +1.",
             (separators.signed_sum("x_+-x_-", line, one), "=", vector([1]))),
        *smallest.certificates, figure(wide, rules),
        *(certificates.every_separator(narrow, w, Fraction(0), per_point(narrow, a))
          for w, a in zip(edges, mixed, strict=True)),
        *accurate_rules.growing(line, vector([1]), one),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the product of the tilted normals for all vectors."""
    w, z = matrices("w z", "d")
    t = sympy.Symbol("t")
    yield identity(
        "The normals meet at an obtuse angle as soon as the tilt is large.",
        r"(w+tz)\cdot(w-tz)=|w|^2-t^2|z|^2",
        "all dimensions",
        symmetric(w + t * z, w - t * z),
        w.T * w - t**2 * z.T * z,
    )


def pictures() -> tuple[Picture, ...]:
    """Return the paper's figure, drawn from the example."""
    data, rule, tilt, level, amount = EXAMPLE
    rules = tilted(rule, tilt, level, amount), tilted(rule, tilt, level, -amount)
    return figures.figure_1(data, rules)


# The sharp form of Figure 1: on which sets two accurate rules have normals that do not transfer.
# The normals of accurate rules are the interior of the cone dual to that of the differences. Its
# generators are found by the double description method; products of two of them decide one side
# of the words, membership of each in the cone of differences, by a linear program, the other.
LINE, WEDGE, ANY = "on a line", "a wide cone of differences", "any set"


def draw_sets(rng: Random, case: str) -> LabelledSet:
    """Return a separable set; by case on a line, or with differences about one axis."""
    if case == ANY:
        return separators.draw_data(rng)
    d = 1 if case == LINE else rng.randint(2, 3)
    if case == LINE:
        flat = labelled_sets.separable_set(rng, labelled_sets.COLLINEAR)
        return LabelledSet(tuple(x[:1] for x in _straight(flat)), flat.labels)
    points = [(Fraction(0),) * d]
    for k in range(d - 1):
        for sign in (1, -1):
            width = Fraction(rng.randint(1, 4), rng.randint(1, 4))
            points.append((*(sign * width * (i == k) for i in range(d - 1)), Fraction(1)))
    return LabelledSet(tuple(points), (-1, *(1 for _ in points[1:])))


def _straight(data: LabelledSet) -> list[Vector]:
    """Return the points by their value under the max-margin rule, which keeps them separable."""
    rule = LargestMargin(data).rule
    return [(rule.value(x),) for x in data.points]


def generators(data: LabelledSet) -> list[Vector]:
    """Return generators of the cone of all w with w.(x_+ - x_-) >= 0."""
    rows = [primitive(d) for d in accurate_rules.differences(data) if any(d)]
    found = cone_generators(rows, data.dimension)
    both = [tuple(sign * c for c in line) for line in found.lines for sign in (1, -1)]
    return [tuple(map(Fraction, v)) for v in (*found.rays, *both)]


def obtuse(normals: list[Vector]) -> tuple[Vector, Vector] | None:
    """Return two of the vectors with a negative product, if there are any."""
    return next(((v, w) for v in normals for w in normals if dot(v, w) < 0), None)


@theorem.sharp((LINE, WEDGE, ANY), draw_sets)
def decide(data: LabelledSet) -> Proof:
    """Compare the angles of the generators with their membership, and build the rules or not."""
    rays, normals = accurate_rules.differences(data), generators(data)
    inside = [accurate_rules.combination(rays, w) for w in normals]
    pair = obtuse(normals)
    best = LargestMargin(data).rule
    spanned = accurate_rules.combination(normals, best.normal)
    steps = [
        step("Two of the generators meet at an obtuse angle exactly when one of them is outside "
             "the cone of differences.",
             (named(r"[\text{obtuse}]", int(pair is not None)), "=",
              named(r"[\text{one outside}]", int(any(a.found is None for a in inside))))),
        step("They do generate an accurate normal.",
             (named(r"[\text{generated}]", int(spanned.found is not None)), "=", 1)),
    ]  # fmt: skip
    if pair is None:
        steps.append(
            step("Any two accurate normals have a positive product, since they are mixtures of "
                 "these.", ([inner(r"v\cdot w", v, w) for v in normals for w in normals], ">=", 0))
        )  # fmt: skip
        proofs = [
            certificates.every_separator(data, w, Fraction(0), per_point(data, a.found))
            for w, a in zip(normals, inside, strict=True) if a.found is not None
        ]  # fmt: skip
        return Proof.of(*steps, spanned.certificate, *proofs)
    rules = disagreeing(data, pair)
    steps.append(
        step("Tilted towards them, two accurate rules have normals with a negative product.",
             (inner(r"w_1\cdot w_2", rules[0].normal, rules[1].normal), "<", 0),
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">", 0))
    )  # fmt: skip
    outside = [a.certificate for a in inside if a.found is None]
    return Proof.of(*steps, spanned.certificate, *outside, figure(data, rules))


def disagreeing(data: LabelledSet, pair: tuple[Vector, Vector]) -> tuple[LinearRule, LinearRule]:
    """Return accurate rules with normals so near to the pair that their product is negative."""
    best, share = LargestMargin(data).rule.normal, Fraction(1)
    while True:
        first, second = (combine((1, w), (share, best)) for w in pair)
        if dot(first, second) < 0:
            return between(data, first), between(data, second)
        share /= 2


def between(data: LabelledSet, normal: Vector) -> LinearRule:
    """Return the rule with this normal half-way between the two classes."""
    low = max(dot(normal, x) for x in data.negative)
    high = min(dot(normal, x) for x in data.positive)
    return LinearRule(normal, -(low + high) / 2)


def figure(data: LabelledSet, rules: tuple[LinearRule, LinearRule]) -> Certificate:
    """Certify that each rule falls against its own normal and the other rule does not."""
    stated = [facts.accurate(0), facts.accurate(1)]
    for i, j in ((0, 1), (1, 0)):
        away = combine((-1, rules[i].normal))
        for x in data.positive:
            c = changed_step(rules[i], x, away)
            assert c is not None
            stated += [facts.changes(i, x, away, c), facts.keeps(j, x, away)]
    return data.certificate(rules, stated)


@theorem.overstated(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    lambda rng: small.both_labels(rng, 2, rng.randint(3, 4)),
)
def refute_hyperplane(data: LabelledSet) -> Refutation | None:
    """Refute that such rules exist only for sets in a hyperplane."""
    LargestMargin(data).answer  # noqa: B018  raises InputError when no rule is right
    spanned = rank([[*x, 1] for x in data.points])
    pair = obtuse(generators(data))
    if spanned.value != data.dimension + 1 or pair is None:
        return None
    rules = disagreeing(data, pair)
    return Refutation.of(
        "The points lie in no hyperplane, and two accurate rules have normals that do not "
        "transfer.",
        *(Given(f"rule $h_{i}$", rule) for i, rule in enumerate(rules, 1)),
        step("The points with a 1 appended have full rank.",
             (named(r"\mathrm{rank}(x_i,1)_i", spanned.value), "=",
              computed("d+1", "d + 1", d=data.dimension))),
        step("Both rules are right on the points.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">", 0)),
        step("Their normals have a negative product.",
             (inner(r"w_1\cdot w_2", rules[0].normal, rules[1].normal), "<", 0)),
        spanned.certificate, figure(data, rules),
    )  # fmt: skip


CLAIM = theorem(__name__)
