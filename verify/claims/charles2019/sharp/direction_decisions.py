"""Which directions serve every accurate rule of a class, decided twice over.

A direction turns all points with one label, for every accurate rule, *exactly when* it leads from
the hull of the points with that label to a point with the other one; for linear rules, when it is a
sum of differences. One linear program looks for such a path among the data, another one, in the
weights, for a rule that is right on the data and does not turn. Neither uses the other's answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.sharp.relu_directions import Path, sum_of_units
from verify.claims.claim import Counterexample, Proof, SharpForm, Step, step
from verify.drawing import labelled_sets, networks, numbers
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork
from verify.objects.rays import Rule, changed_step, is_adversarial

PATH, SUM = "from the hull to a point", "sum of differences"
BESIDE, OPPOSITE, ANY = "beside a path", "opposite of a difference", "any direction"
BETWEEN = "between two points with the other label"
CASES = (PATH, SUM, BESIDE, OPPOSITE, BETWEEN, ANY)


@dataclass(frozen=True)
class Query:
    """A labelled set for which some rule of the class is right, and a direction."""

    data: LabelledSet
    direction: Vector


@dataclass(frozen=True)
class Family:
    """A class of rules whose region with the label ``inside`` is convex.

    ``rules`` makes rules of the class from units that are at most 0 at the points with that label,
    one unit for each of the others, which is at least 1 there: the points where no unit is positive
    get the label. ``serves`` certifies that the direction of a path turns every accurate rule.
    """

    inside: int
    rules: Callable[[Sequence[LinearRule]], tuple[Rule, ...]]
    serves: Callable[[LabelledSet, Vector, Path], Certificate]

    def inward(self, data: LabelledSet) -> LabelledSet:
        """Return the set with the label of the convex region called -1."""
        return data if self.inside == -1 else mirrored(data)


def _of_class_r(units: Sequence[LinearRule]) -> tuple[Rule, ...]:
    return (replace(sum_of_units(units), threshold=Fraction(0), strict=True),)


def _of_class_r_prime(units: Sequence[LinearRule]) -> tuple[Rule, ...]:
    rule = sum_of_units(units)
    return rule, replace(rule, threshold=Fraction(1, 2), strict=True)


def convex_direction(inside: int) -> Callable[[LabelledSet, Vector, Path], Certificate]:
    """Return what certifies a path for all rules with a convex region, open or closed."""
    return lambda data, v, path: certificates.convex_direction(
        data, inside, v, path.positive, path.combination, path.scale
    )


R = Family(-1, _of_class_r, relu_directions.path_certificate)
R_PRIME = Family(-1, _of_class_r_prime, relu_directions.path_certificate)


def mirrored(data: LabelledSet) -> LabelledSet:
    """Return the set with all labels changed."""
    return LabelledSet(data.points, tuple(-y for y in data.labels))


def draw(rng: Random, case: str, family: Family) -> Query:
    """Return a set for which the class is not empty, and a direction of the named case."""
    if case == BETWEEN:
        level = level_query(rng)
        return Query(family.inward(level.data), level.direction)
    data = networks.surrounded_set(rng, rng.choice(networks.CASES))
    return Query(family.inward(data), _direction(rng, data, case))


def draw_separable(rng: Random, case: str) -> Query:
    """Return a linearly separable set and a direction of the named case."""
    if case == BETWEEN:
        return level_query(rng)
    data = labelled_sets.separable_set(rng, rng.choice(labelled_sets.CASES))
    return Query(data, _direction(rng, data, case))


def level_query(rng: Random) -> Query:
    """Return points in two parallel hyperplanes, and the way up from the one labelled -1.

    Those labelled +1 are on both sides of its end, so the direction is a sum of differences.
    """
    d = rng.randint(2, 3)
    up, across = numbers.nonzero_vector(rng, d), numbers.nonzero_vector(rng, d)
    across = combine((1, across), (-dot(across, up) / dot(up, up), up))
    low = numbers.vector(rng, d)
    high = combine((1, low), (1, up))
    sides = [combine((1, high), (s * numbers.positive(rng), across)) for s in (1, -1)]
    return Query(LabelledSet((low, *sides), (-1, 1, 1)), up)


def _direction(rng: Random, data: LabelledSet, case: str) -> Vector:
    """Return a direction; the convex region is the one labelled -1."""
    if case == ANY:
        return numbers.vector(rng, data.dimension)
    if case == OPPOSITE:
        return combine((1, rng.choice(data.negative)), (-1, rng.choice(data.positive)))
    if case == SUM:
        pairs = [(rng.choice(data.positive), rng.choice(data.negative)) for _ in range(3)]
        terms = [(numbers.positive(rng), combine((1, x), (-1, z))) for x, z in pairs]
        return combine(*terms)
    shares = numbers.convex_weights(rng, len(data.negative))
    start = combine(*zip(shares, data.negative, strict=True))
    path = combine((1, rng.choice(data.positive)), (-1, start))
    aside = numbers.vector(rng, data.dimension) if case == BESIDE else path
    return combine((numbers.positive(rng), path), (Fraction(case == BESIDE, 1000), aside))


def level_unit(points: Sequence[Vector], target: Vector, direction: Vector) -> LinearRule | None:
    """Return w.x + b, at most 0 at the points, at least 1 at the target, with w.v <= 0; or None."""
    rows = [(*z, Fraction(1)) for z in points]
    rows += [(*combine((-1, target)), Fraction(-1)), (*direction, Fraction(0))]
    bounds = [Fraction(0)] * len(points) + [Fraction(-1), Fraction(0)]
    return _rule(rows, bounds)


def level_separator(data: LabelledSet, direction: Vector) -> LinearRule | None:
    """Return a rule with margins at least 1 and w.v <= 0, or None if there is none."""
    rows = [(*combine((-y, x)), Fraction(-y)) for x, y in data.pairs] + [(*direction, Fraction(0))]
    return _rule(rows, [Fraction(-1)] * len(data.points) + [Fraction(0)])


def _rule(rows: Sequence[Vector], bounds: Sequence[Fraction]) -> LinearRule | None:
    found = linear_program([0] * len(rows[0]), inequalities=(rows, bounds)).x
    return None if found is None else LinearRule(found[:-1], found[-1])


def level_rules(family: Family, data: LabelledSet, direction: Vector) -> tuple[Rule, ...]:
    """Return accurate rules of the class no unit of which grows along v, or none."""
    inner = family.inward(data)
    units = [level_unit(inner.negative, x, direction) for x in dict.fromkeys(inner.positive)]
    found = [unit for unit in units if unit is not None]
    return family.rules(found) if len(found) == len(units) else ()


def sum_of_differences(data: LabelledSet, direction: Vector) -> Vector | None:
    """Return a >= 0, not all 0, with sum a_i y_i x_i = v and sum a_i y_i = 0; None without any.

    A vector that is 0 is no sum of differences of a separable set.
    """
    if not any(direction):
        return None
    columns = [(*combine((y, x)), Fraction(y)) for x, y in data.pairs]
    found = linear_program(
        [0] * len(columns),
        equalities=(list(zip(*columns, strict=True)), (*direction, Fraction(0))),
        nonnegative=True,
    )
    return found.x


def decide(family: Family, query: Query) -> Proof:
    """Decide whether the direction turns every accurate rule, by a path and by rules without."""
    data, v = query.data, query.direction
    path = relu_directions.universal_path(family.inward(data), v)
    keeping = level_rules(family, data, v)
    alternative = step(
        "Either $v$ leads from a mixture of points with the label of the convex region to a point "
        "with the other one, or some rule that is right on the set keeps that label along $v$; "
        "never both.",
        (int(path is not None) + int(bool(keeping)), "=", 1),
    )
    if path is None:
        kept = _kept(keeping, data, family.inside, v)
        return Proof.of(alternative, *kept.steps, *kept.certificates)
    turned = _turned(level_rules(family, data, combine((0, v))), data, family.inside, v)
    end = combine((1, path.start(data)), (path.scale, v))
    led = step(
        "The mixture has nonnegative weights with sum 1, and $v$ leads on to the point.",
        (sum(path.combination, Fraction(0)), "=", 1),
        (min(path.combination), ">=", 0),
        (path.scale, ">", 0),
        (end, "=", data.points[path.positive]),
    )
    return Proof.of(
        alternative, led, *turned.steps, family.serves(data, v, path), *turned.certificates
    )


def sharp_form(family: Family, overstated: Counterexample[Any]) -> SharpForm:
    """Return how the directions that serve a family are decided, on both sides."""
    return SharpForm(CASES, partial(draw, family=family), partial(decide, family), overstated)


def decide_linear(query: Query) -> Proof:
    """Decide whether v turns every linear rule at the points labelled -1, by a sum and by a rule.

    The certificates of a sum count rules whose boundary goes through points of one label.
    """
    data, v = query.data, query.direction
    multipliers, level = sum_of_differences(data, v), level_separator(data, v)
    alternative = step(
        r"Either $v=\sum_i\alpha_iy_ix_i$ with $\alpha\ge0$ and $\sum_i\alpha_iy_i=0$, or some "
        "linear rule that is right on the set does not grow along $v$; never both.",
        (int(multipliers is not None) + int(level is not None), "=", 1),
    )
    if multipliers is None:
        kept = _kept((level,) if level else (), data, -1, v)
        return Proof.of(alternative, *kept.steps, *kept.certificates)
    other = level_separator(data, combine((0, v)))
    turned = _turned((other,) if other else (), data, -1, v)
    summed = step(
        "The sum is $v$, and the multipliers of the two classes have the same sum.",
        (data.signed_sum(multipliers), "=", v),
        (min(multipliers), ">=", 0),
        (dot(multipliers, tuple(map(Fraction, data.labels))), "=", 0),
    )
    every = every_linear_rule(data, v, multipliers)
    return Proof.of(alternative, summed, *turned.steps, *every, *turned.certificates)


def every_linear_rule(
    data: LabelledSet, v: Vector, multipliers: Vector
) -> tuple[Certificate, Certificate]:
    """Certify that w.v > 0 for every linear rule that is right, whichever label owns its boundary.

    A rule that gives its boundary to one label may be 0 at the points with it, which are the weak
    ones of one of the two certificates.
    """
    one, other = (
        certificates.every_separator(data, v, Fraction(0), multipliers, weak)
        for weak in ([i for i, y in enumerate(data.labels) if y == side] for side in (1, -1))
    )
    return one, other


def decide_both(query: Query) -> Proof:
    """Decide for networks of class R' of any width, for linear rules, and compare the two."""
    one, wide = decide_linear(query), decide(R_PRIME, query)
    serves_linear = sum_of_differences(query.data, query.direction) is not None
    serves_wide = not level_rules(R_PRIME, query.data, query.direction)
    compared = step(
        "What serves all networks serves all linear rules, and with one point labelled +1 also the "
        "other way round.",
        (int(serves_wide), "<=", int(serves_linear)),
        *((int(serves_wide), "=", int(serves_linear)) for _ in range(1)
          if len(set(query.data.positive)) == 1),
    )  # fmt: skip
    return Proof.of(*one.steps, *wide.steps, compared, *one.certificates, *wide.certificates)


def _kept(rules: Sequence[Rule], data: LabelledSet, inside: int, v: Vector) -> Proof:
    """Evaluate that the rules are right and turn no point with the label along v."""
    starts = data.labelled(inside)
    found = [facts.keeps(i, x, v) for i in range(len(rules)) for x in starts]
    return Proof.of(
        _right(rules, data),
        step("No step along $v$ changes the label of one of the points.",
             ([int(is_adversarial(rule, x, v)) for rule in rules for x in starts], "=", 0)),
        *((rules_certificate(rules, data, found),) if rules else ()),
    )  # fmt: skip


def _turned(rules: Sequence[Rule], data: LabelledSet, inside: int, v: Vector) -> Proof:
    """Evaluate that the rules are right and turn every point with the label along v."""
    flips = [
        (i, x, changed_step(rule, x, v))
        for i, rule in enumerate(rules)
        for x in data.labelled(inside)
    ]
    found = [facts.changes(i, x, v, c) for i, x, c in flips if c is not None]
    return Proof.of(
        _right(rules, data),
        step("They are turned along $v$ at each of the points.",
             ([int(c is not None) for _, _, c in flips], "=", 1)),
        *((rules_certificate(rules, data, found),) if rules else ()),
    )  # fmt: skip


def _right(rules: Sequence[Rule], data: LabelledSet) -> Step:
    return step(
        "There are such rules, and they are right on the set.",
        (len(rules), ">", 0),
        *((rule.label(x) or 0, "=", y) for rule in rules for x, y in data.pairs),
    )


def rules_certificate(
    rules: Sequence[Rule], data: LabelledSet, found: Sequence[facts.Fact]
) -> Certificate:
    """Certify that the rules are right on the set, networks with v >= 0, and the given facts."""
    known = [facts.accurate(i) for i in range(len(rules))]
    known += [facts.convex(i) for i, r in enumerate(rules) if isinstance(r, TwoLayerNetwork)]
    return data.certificate(rules, [*known, *found])
