"""The sharp form of Figure 1: on which sets two accurate rules have normals that do not transfer.

The normals of accurate rules are the interior of the cone dual to that of the differences. Its
generators are found by the double description method; products of two of them decide one side of
the words, membership of each in the cone of differences, by a linear program, the other.
"""

from fractions import Fraction
from random import Random

from certify import certificates, rank
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from certify.polyhedra.double_description import cone_generators, primitive
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.sharp.thm_4 import per_point
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import labelled_sets, small
from verify.objects import LabelledSet, LinearRule, changed_step

LINE, WEDGE, ANY = "on a line", "a wide cone of differences", "any set"


def draw(rng: Random, case: str) -> LabelledSet:
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
             (int(pair is not None), "=", int(any(a.found is None for a in inside)))),
        step("They do generate an accurate normal.", (int(spanned.found is not None), "=", 1)),
    ]  # fmt: skip
    if pair is None:
        steps.append(
            step("Any two accurate normals have a positive product, since they are mixtures of "
                 "these.", ([dot(v, w) for v in normals for w in normals], ">=", 0))
        )  # fmt: skip
        proofs = [
            certificates.every_separator(data, w, Fraction(0), per_point(data, a.found))
            for w, a in zip(normals, inside, strict=True) if a.found is not None
        ]  # fmt: skip
        return Proof.of(*steps, spanned.certificate, *proofs)
    rules = disagreeing(data, pair)
    steps.append(
        step("Tilted towards them, two accurate rules have normals with a negative product.",
             (dot(rules[0].normal, rules[1].normal), "<", 0),
             ([min(rule.margins(data)) for rule in rules], ">", 0))
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
    return facts.certificate(rules, stated, data.points, data.labels)


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
        step("The points with a 1 appended have full rank.",
             (spanned.value, "=", data.dimension + 1)),
        step("The normals have a negative product.",
             (dot(rules[0].normal, rules[1].normal), "<", 0)),
        spanned.certificate, figure(data, rules),
    )  # fmt: skip


SHARP = SharpForm((LINE, WEDGE, ANY), draw, decide, Counterexample(
    r"The points need not lie in a hyperplane: $(0,0)$ labelled -1 and $(0,1)$, $(1,1)$ "
    "labelled +1 do not, and have such rules.",
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), refute_hyperplane,
    lambda rng: small.both_labels(rng, 2, rng.randint(3, 4)),
))  # fmt: skip
