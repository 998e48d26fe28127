"""Perturbations within a cube: the radius that they need, and when two rules share one."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.claim import Refutation, step
from verify.claims.relation import (
    Named,
    computed,
    inner,
    mixture,
    named,
    number,
    products,
    told,
)
from verify.objects import LabelledSet, LinearRule, is_adversarial


def step_along(rule: LinearRule, u: Vector, margin: Fraction) -> Fraction:
    """Return the step along -y u at which a point with this margin reaches the boundary."""
    return margin / dot(rule.normal, u)


def radius_needed(rule: LinearRule, margin: Fraction) -> Fraction:
    """Return the least radius of a cube around a point with this margin that meets the boundary."""
    return margin / sum((abs(c) for c in rule.normal), Fraction(0))


def ratio(rule: LinearRule, x: Vector, y: int) -> Callable[[], str]:
    """Return how the margin of a point over the sum of the absolute entries of w is written."""
    return partial(_ratio, rule, x, y)


def _ratio(rule: LinearRule, x: Vector, y: int) -> str:
    size = sum((abs(c) for c in rule.normal), Fraction(0))
    return computed("", "m / s", m=y * rule.value(x), s=size).formula[0]


def signs(w: Vector) -> Vector:
    """Return the sign of every entry."""
    return tuple(Fraction((c > 0) - (c < 0)) for c in w)


def largest_entry(v: Vector) -> Fraction:
    """Return the largest absolute value of an entry."""
    return max(abs(c) for c in v)


def certificate(data: LabelledSet, rule: LinearRule) -> Certificate:
    """Certify the radius at which the cube around each point meets the boundary of a rule."""
    entries: dict[str, Fraction | int] = {f"w{k}": c for k, c in enumerate(rule.normal)}
    entries["offset"] = rule.offset
    size = ["+", *(["abs", f"w{k}"] for k in range(len(rule.normal)))]
    relations = []
    for i, (x, y, margin) in enumerate(
        zip(data.points, data.labels, rule.margins(data), strict=True)
    ):
        entries |= {f"x{i}_{k}": c for k, c in enumerate(x)}
        entries |= {f"y{i}": y, f"radius{i}": radius_needed(rule, margin)}
        terms = [["*", f"w{k}", f"x{i}_{k}"] for k in range(len(x))]
        value = ["*", f"y{i}", ["+", "offset", *terms]]
        relations.append((["*", f"radius{i}", size], "=", value))
    return facts.arithmetic(entries, relations)


def draw_budget(rng: Random) -> tuple[LabelledSet, LinearRule, Fraction]:
    """Return points with both labels, a rule, and a radius, with small numbers."""
    d = rng.randint(1, 2)
    return _points(rng, d), _rule(rng, d), Fraction(rng.randint(1, 4), rng.randint(1, 4))


def refute_bounded(data: LabelledSet, rule: LinearRule, radius: Fraction) -> Refutation | None:
    """Refute that a common direction shows in a cube: no perturbation within it changes a label."""
    if not rule.separates(data):
        return None
    largest = LargestMargin(data)
    radii = [radius_needed(rule, m) for m in rule.margins(data)]
    if min(radii) <= radius:
        return None
    relations: list[tuple[str, str, str]] = [
        ("radius", "<", f"needed{i}") for i in range(len(radii))
    ]
    entries: dict[str, Fraction | int] = {f"needed{i}": r for i, r in enumerate(radii)}
    return Refutation.of(
        f"The direction turns the rule at every point, but no perturbation within the radius "
        f"{radius} changes any label.",
        Named("u", largest.direction),
        step("The rule turns along the max-margin direction.",
             (inner(r"w\cdot u", rule.normal, largest.direction), ">", 0)),
        step("Every point needs a larger cube.",
             ([Named("m_#/|w|_1", r, ratio(rule, x, y))
               for r, (x, y) in zip(radii, data.pairs, strict=True)], ">",
              named(r"\epsilon", radius))),
        certificates.every_separator(data, largest.direction, Fraction(0), largest.multipliers),
        certificate(data, rule),
        facts.arithmetic({**entries, "radius": radius}, relations),
    )  # fmt: skip


@dataclass(frozen=True)
class Transfer:
    """A separable set, two rules that need not be right on it, and the radius of a cube."""

    data: LabelledSet
    rules: tuple[LinearRule, LinearRule]
    radius: Fraction


def draw_transfer(rng: Random) -> Transfer:
    """Return points with both labels, two rules and a radius, with small numbers."""
    d = rng.randint(1, 2)
    data, first, second = _points(rng, d), _rule(rng, d), _rule(rng, d)
    return Transfer(data, (first, second), Fraction(rng.randint(1, 3)))


def refute_evidence(instance: Transfer) -> Refutation | None:
    """Refute that the max-margin direction turns two rules when some example transfers.

    At some point one perturbation changes the labels of both rules, and the direction of neither.
    """
    data, rules = instance.data, instance.rules
    u = LargestMargin(data).direction
    for x, y in data.pairs:
        away = combine((-y, u))
        if any(rule.label(x) != y or is_adversarial(rule, x, away) for rule in rules):
            continue
        for corner in product((instance.radius, -instance.radius), repeat=len(x)):
            moved = combine((1, x), (1, corner))
            if all(rule.label(moved) == -y for rule in rules):
                return _transferred(instance, x, y, moved, away)
    return None


def _transferred(instance: Transfer, x: Vector, y: int, moved: Vector, away: Vector) -> Refutation:
    stated, d = [], combine((1, moved), (-1, x))
    for k in range(2):
        stated += [facts.label(k, x, y), facts.label(k, moved, -y), facts.keeps(k, x, away)]
    return Refutation.of(
        "One perturbation within the cube changes the labels of both rules at a point that both "
        "get right, and the max-margin direction of the set changes neither.",
        mixture("d", (1, moved), (-1, x)), Named("u", combine((-y, away))), named("y", y),
        step("The example $x+d$ is transferred.",
             ([labelled(f"h_#{number(x)}", rule, x) for rule in instance.rules], "=",
              named("y", y)),
             ([labelled(f"h_#{number(moved)}", rule, moved) for rule in instance.rules], "=",
              named("-y", -y))),
        step("The perturbation stays in the cube.",
             (told(r"|d|_\infty", largest_entry(d), rf"\max{number(tuple(map(abs, d)))}"), "<=",
              named(r"\epsilon", instance.radius))),
        step("Neither rule turns along the max-margin direction.",
             ([Named(r"y(w_#\cdot(-yu))", dot(rule.normal, away) * y,
                     products(combine((y, rule.normal)), away)) for rule in instance.rules],
              ">=", 0)),
        LargestMargin(instance.data).answer.certificate,
        facts.certificate(instance.rules, stated),
    )  # fmt: skip


def draw_pair(rng: Random) -> tuple[tuple[LinearRule, LinearRule], Vector, int, Vector]:
    """Return two rules on a line, a labelled point and a perturbation, with small numbers."""
    x, d = ((Fraction(rng.randint(-2, 2)),) for _ in range(2))
    return (_rule(rng, 1), _rule(rng, 1)), x, rng.choice((1, -1)), d


def refute_wrong_before(
    rules: tuple[LinearRule, LinearRule], x: Vector, y: int, d: Vector
) -> Refutation | None:
    """Refute when both rules are wrong at x + d, and the second was so before and stays so."""
    (first, second) = rules
    moved = combine((1, x), (1, d))
    if first.label(x) != y or first.label(moved) != -y or second.label(moved) != -y:
        return None
    if second.label(x) != -y or is_adversarial(second, x, d):
        return None
    stated = [facts.label(0, x, y), facts.label(0, moved, -y),
              facts.label(1, x, -y), facts.label(1, moved, -y), facts.keeps(1, x, d)]  # fmt: skip
    return Refutation.of(
        "Both rules are wrong at the perturbed point, but the second was wrong before, and the "
        "perturbation never changes its label: it is adversarial for the first rule alone.",
        step("Both labels are wrong at the perturbed point.",
             ([labelled("h_#(x+d)", rule, moved) for rule in rules], "=", named("-y", -y))),
        step("The second rule was wrong before.",
             (labelled("h_2(x)", second, x), "=", named("-y", -y))),
        facts.certificate(rules, stated),
    )  # fmt: skip


def _points(rng: Random, d: int) -> LabelledSet:
    labels = [1, -1, *(rng.choice((1, -1)) for _ in range(rng.randint(0, 1)))]
    return LabelledSet.of([[rng.randint(-2, 2) for _ in range(d)] for _ in labels], labels)


def _rule(rng: Random, d: int) -> LinearRule:
    return LinearRule.of([rng.randint(-2, 2) for _ in range(d)], rng.randint(-2, 2))
