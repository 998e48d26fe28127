"""Mixtures of differences to several classes, along which an accurate rule may keep a class."""

from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, vector
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.sharp import accurate_models, accurate_rules
from verify.claims.claim import Given, Refutation, step
from verify.claims.relation import inner, least, mixture, named
from verify.drawing import small
from verify.objects import ArgmaxRule, MulticlassSet


def keeps(data: MulticlassSet, rule: ArgmaxRule, k: int, v: Vector) -> Certificate:
    """Certify that a rule is right on the data and keeps all points of class k along v."""
    stated = [facts.keeps(0, data.points[i], v) for i in data.members(k)]
    return data.certificate([rule], [facts.accurate(0), *stated])


def draw_small(rng: Random) -> tuple[MulticlassSet, int, Vector]:
    """Return three small points of the plane with one class each, and a small direction."""
    points = tuple(small.vector(rng, 2) for _ in range(3))
    return MulticlassSet(points, (0, 1, 2), 3), 0, small.vector(rng, 2)


def refute(data: MulticlassSet, k: int, direction: Vector) -> Refutation | None:
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
        Given("rule", kept),
        step("The mixture gives the direction.",
             (mixture(r"\sum_j\lambda_jd_j", *zip(mixed.found, rays, strict=True)), "=",
              named("v", v)),
             (least(r"\min_j\lambda_j", mixed.found), ">=", 0)),
        step("The rule is right on all points, and along the direction no other logit gains on "
             "that of class $k$.",
             ([labelled(f"h(x_{{{i}}})", kept, x) for i, x in enumerate(data.points, 1)], "=",
              [y + 1 for y in data.labels]),
             ([inner(rf"(w_{{{j + 1}}}-w_k)\cdot v", multiclass.between(kept, j, k).normal, v)
               for j in range(data.classes) if j != k], "<=", 0)),
        mixed.certificate, keeps(data, kept, k, v),
    )  # fmt: skip


MIXTURE = (
    (MulticlassSet.of([[0, 0], [1, 1], [1, -1]], [0, 1, 2], 3), 0, vector([1, 0])),
    refute,
    draw_small,
)
