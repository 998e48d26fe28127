"""Sets of directions that are nearly the right ones, and data that tell them apart.

The exact set leads from the hull of the points with one label to one point with the other. It is
larger than the differences of two points, and smaller than their sums.
"""

from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labels, turned
from verify.claims.charles2019.shared.separators import signed_sum
from verify.claims.charles2019.sharp import direction_decisions, relu_directions
from verify.claims.charles2019.sharp.direction_decisions import Family, Query, sum_of_differences
from verify.claims.claim import Counterexample, Given, Refutation, step
from verify.claims.relation import Named, computed, greatest, inner, least, mixture, named, number
from verify.drawing import small
from verify.objects import LabelledSet

# The points inside come first: two of them, or two outside, with the direction (0, 1) between.
BELOW = LabelledSet.of([[-1, 0], [1, 0], [0, 1]], [-1, -1, 1])
BESIDE = LabelledSet.of([[0, 0], [-1, 1], [1, 1]], [-1, 1, 1])
UP = vector([0, 1])


def draw(rng: Random) -> Query:
    """Return two to four points on a line or in the plane with any labels, and a direction."""
    d = rng.randint(1, 2)
    data = small.labelled_set(rng, d, rng.randint(2, 4), 2)
    return Query(data, small.vector(rng, d, 2))


def only_differences(family: Family, text: str) -> Counterexample[Query]:
    """Overstate: a direction that serves the class is a positive multiple of a difference."""

    def refute(query: Query) -> Refutation | None:
        data, v = query.data, query.direction
        path = relu_directions.universal_path(family.inward(data), v)
        differences = _differences(data, family.inside)
        if path is None or any(_along(w, v) for w in differences):
            return None
        start = path.start(data)
        mixed = [(a, x) for a, x in zip(path.combination, data.points, strict=True) if a]
        return Refutation.of(
            "The direction leads from a mixture of points to the other label, and along no "
            "difference of two points.",
            *(Named(f"w_{{{n}}}", w) for n, w in enumerate(differences, 1)),
            Named("z", start), named("s", path.scale),
            step("It serves all rules: from a mixture $z$ of points with one label it leads to a "
                 "point with the other one.",
                 (mixture("z", *mixed), "=", start),
                 (mixture("z+sv", (1, start), (path.scale, v)), "=",
                  named(f"x_{{{path.positive + 1}}}", data.points[path.positive]))),
            step(r"It is a positive multiple of no difference $w$: $(w\cdot v)|w\cdot v|$ is "
                 r"less than $|w|^2|v|^2$.",
                 ([computed(r"(w_#\cdot v)|w_#\cdot v|", "p * a", p=dot(w, v), a=abs(dot(w, v)))
                   for w in differences], "<",
                  [computed("|w_#|^2|v|^2", "p * q", p=dot(w, w), q=dot(v, v))
                   for w in differences])),
            family.serves(data, v, path),
        )  # fmt: skip

    return Counterexample(text, Query(family.inward(BELOW), UP), refute, draw)


def all_sums(family: Family, text: str) -> Counterexample[Query]:
    """Overstate: every sum of differences serves the class, as it serves the linear rules."""

    def refute(query: Query) -> Refutation | None:
        data, v = query.data, query.direction
        inward = family.inward(data)
        relu_directions.require_accurate_rules(inward)  # raises InputError
        sums = sum_of_differences(inward, v)
        rules = direction_decisions.level_rules(family, data, v)
        if sums is None or not rules:
            return None
        starts = data.labelled(family.inside)
        labelled_inside = rf"labelled ${family.inside:+d}$"
        return Refutation.of(
            "The direction is a combination of differences, and rules that are right on the set "
            "keep all labels along it.",
            Named(r"\alpha", sums),
            *(Given(f"rule $h_{n}$", h) for n, h in enumerate(rules, 1)),
            step("It is a combination of differences of two points with different labels.",
                 (signed_sum(r"\sum\alpha_iy_ix_i", inward, sums), "=", named("v", v)),
                 (inner(r"\sum\alpha_iy_i", sums, inward.labels), "=", 0),
                 (least(r"\min_i\alpha_i", sums), ">=", 0),
                 (greatest(r"\max_i\alpha_i", sums), ">", 0)),
            step(f"Each rule is right on the set, and a point {labelled_inside} keeps its label "
                 "along $v$ (1 for a change, 0 for none).",
                 *((labels(f"h_{i}", h, data.points), "=", [*data.labels])
                   for i, h in enumerate(rules, 1)),
                 *((turned(rf"[h_{{{i}}}\text{{ changes along }}{number(x)}+cv]", h, x, v), "=", 0)
                   for i, h in enumerate(rules, 1) for x in starts)),
            direction_decisions.rules_certificate(
                rules, data, [facts.keeps(i, x, v) for i in range(len(rules)) for x in starts]
            ),
        )  # fmt: skip

    return Counterexample(text, Query(family.inward(BESIDE), UP), refute, draw)


def _differences(data: LabelledSet, inside: int) -> list[Vector]:
    """Return all differences of a point outside and a point inside."""
    return [combine((1, x), (-1, z)) for x in data.labelled(-inside) for z in data.labelled(inside)]


def _along(w: Vector, v: Vector) -> bool:
    """Return whether v is a positive multiple of w, by the case of equality in Cauchy-Schwarz."""
    return dot(w, v) > 0 and dot(w, v) ** 2 == dot(w, w) * dot(v, v)
