"""The sharp form of Theorem 8: along which directions every accurate rule leaves a class."""

from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.multiclass import number
from verify.claims.charles2019.sharp import accurate_models, accurate_rules
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import multiclass, numbers, small
from verify.objects import ArgmaxRule, MulticlassSet

ONE, MIXED, ANY = "towards one class", "towards several classes", "any direction"
BETWEEN = "in no cone of one class"

# A direction in no cone of differences to one class along which all rules leave class 0.
UNEXPECTED = MulticlassSet.of([[1, 0], [-1, -1], [-2, 2], [-1, 1], [2, 0]], [0, 1, 1, 2, 2], 3)
UNEXPECTED_DIRECTION = vector([-2, -2])


def draw(rng: Random, case: str) -> tuple[MulticlassSet, int, Vector]:
    """Return data with a mixture of differences to one class or to all others, or any vector.

    In the last case they are an image of the unexpected ones, at times with the direction moved.
    """
    if case == BETWEEN:
        return draw_between(rng)
    planted = multiclass.planted_set(rng, rng.choice(multiclass.CASES))
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
    pairs = [(combine((1, origin), (1, image(x))), classes[y])
             for x, y in zip(UNEXPECTED.points, UNEXPECTED.labels, strict=True)]  # fmt: skip
    pairs += [rng.choice(pairs)] * rng.randint(0, 1)
    rng.shuffle(pairs)
    v = combine((numbers.positive(rng), image(UNEXPECTED_DIRECTION)))
    if rng.random() < 0.3:
        v = combine((1, v), (Fraction(1, 50), numbers.vector(rng, len(v))))
    data = MulticlassSet(tuple(x for x, _ in pairs), tuple(y for _, y in pairs), 3)
    return data, classes[0], v


def decide(data: MulticlassSet, k: int, direction: Vector) -> Proof:
    """Look for the multipliers, for a rule that keeps the class, and for both cones."""
    v = direction
    proved = accurate_models.left(data, k, v)
    kept, none = accurate_models.model(data, k, [v])
    others = [l for l in sorted(set(data.labels)) if l != k]
    cones = [accurate_models.differences(data, k, l) for l in others]
    single = any(v) and any(accurate_rules.combination(rays, v).found is not None for rays in cones)
    joint = accurate_rules.combination([d for rays in cones for d in rays], v)
    return Proof.of(
        step("The multipliers exist exactly when no accurate rule keeps the class.",
             (int(proved.proved), "=", int(kept is None))),
        step("A direction towards one class does it; what does it leads towards all others.",
             (int(single), "<=", int(proved.proved)),
             (int(proved.proved), "<=", int(joint.found is not None))),
        proved.certificate, none if kept is None else keeps(data, kept, k, v),
    )  # fmt: skip


def keeps(data: MulticlassSet, rule: ArgmaxRule, k: int, v: Vector) -> Certificate:
    """Certify that a rule is right on the data and keeps all points of class k along v."""
    stated = [facts.keeps(0, data.points[i], v) for i in data.members(k)]
    return facts.certificate([rule], [facts.accurate(0), *stated], data.points, data.labels)


def draw_small(rng: Random) -> tuple[MulticlassSet, int, Vector]:
    """Return three small points of the plane with one class each, and a small direction."""
    points = tuple(small.vector(rng, 2) for _ in range(3))
    return MulticlassSet(points, (0, 1, 2), 3), 0, small.vector(rng, 2)


def refute_mixture(data: MulticlassSet, k: int, direction: Vector) -> Refutation | None:
    """Refute that a mixture of differences to several classes does it for every accurate rule."""
    v = direction
    rays = [
        d for l in range(data.classes) if l != k for d in accurate_models.differences(data, k, l)
    ]
    mixed = accurate_rules.combination(rays, v)
    if mixed.found is None or not any(v):
        return None
    kept, _ = accurate_models.model(data, k, [v])
    if kept is None:
        return None
    return Refutation.of(
        "The direction is a mixture of differences to other classes, and a rule that is right on "
        "all points keeps the class along it.",
        step("The mixture gives the direction.",
             (combine(*zip(mixed.found, rays, strict=True)), "=", v),
             (min(mixed.found), ">=", 0)),
        step("The rule gives the points of the class their label.",
             ([number(kept.label(data.points[i])) for i in data.members(k)], "=", k)),
        mixed.certificate, keeps(data, kept, k, v),
    )  # fmt: skip


SHARP = SharpForm((ONE, MIXED, ANY, BETWEEN), draw, decide, Counterexample(
    r"Not every mixture of differences to other classes does: with $(0,0)$, $(1,1)$, $(1,-1)$ "
    r"in classes 1, 2, 3 an accurate rule keeps class 1 along $(1,0)$.",
    (
        MulticlassSet.of([[0, 0], [1, 1], [1, -1]], [0, 1, 2], 3), 0,
        vector([1, 0]),
    ),
    refute_mixture, draw_small,
))  # fmt: skip
