"""Points that every accurate network labels +1, decided twice: by a mixture, and by a network.

A point y is labelled +1 by all rules with a convex -1 region that are right on the data exactly
when some x_+ is a mixture of y and of -1 points in which y has a share; otherwise one unit for each
x_+ makes a network that is right and labels y as -1.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.sharp.direction_decisions import level_unit
from verify.claims.claim import Counterexample, Proof, Refutation, step
from verify.claims.relation import Named, mixture, named
from verify.drawing import networks, numbers, small
from verify.objects import LabelledSet, TwoLayerNetwork

ONE, BEYOND, SHORT = "step 1", "step beyond 1", "step below 1"
NEARER, SINGLE = "another +1 point on the way", "one point labelled +1"
OTHER = "from another point labelled -1"
CASES = (ONE, BEYOND, SHORT, NEARER, SINGLE, OTHER)


@dataclass(frozen=True)
class Move:
    """A step c > 0 along x_+ - x_- from a point x labelled -1, all three by index."""

    data: LabelledSet
    positive: int
    negative: int
    start: int
    step: Fraction

    @property
    def end(self) -> Vector:
        """The point x + c (x_+ - x_-)."""
        points = self.data.points
        low, high, start = points[self.negative], points[self.positive], points[self.start]
        return combine((1, start), (self.step, high), (-self.step, low))


@dataclass(frozen=True)
class Forced:
    """x_+ = weight y + sum_j combination_j x_j: a mixture of y and of points labelled -1."""

    positive: int
    weight: Fraction
    combination: Vector


def draw(rng: Random, case: str) -> Move:
    """Return a set for which some network is right, two points, and a step of the named case."""
    data = networks.surrounded_set(rng, rng.choice(networks.CASES))
    if case == SINGLE:
        chosen = rng.choice(data.positive)
        data = LabelledSet((chosen, *data.negative), (1, *(-1 for _ in data.negative)))
    low, high = rng.choice(data.negative), rng.choice(data.positive)
    c = Fraction(rng.randint(1, 7), 8)
    if case == NEARER:
        while not relu_directions.outside(data.negative, combine((1 - c, low), (c, high))):
            c = (1 + c) / 2
        data = LabelledSet((*data.points, combine((1 - c, low), (c, high))), (*data.labels, 1))
        c += (1 - c) * Fraction(rng.randint(-2, 4), 4)
    elif case == ONE:
        c = Fraction(1)
    elif case in (BEYOND, OTHER) or (case == SINGLE and rng.random() < 0.5):
        c = 1 + numbers.positive(rng)
    first = rng.choice(data.negative) if case == OTHER else low
    to, away = _index(data, high, 1), _index(data, low, -1)
    return Move(data, to, away, _index(data, first, -1), max(c, Fraction(1, 100)))


def _index(data: LabelledSet, x: Vector, y: int) -> int:
    return data.pairs.index((x, y))


def forced(data: LabelledSet, y: Vector) -> Forced | None:
    """Return why every accurate network labels y as +1, or None, by one program for each x_+."""
    low = [i for i, label in enumerate(data.labels) if label == -1]
    for k, label in enumerate(data.labels):
        if label == -1:
            continue
        columns = [(*x, Fraction(1)) for x in (y, *(data.points[i] for i in low))]
        found = linear_program(
            [-1] + [0] * len(low),
            equalities=(list(zip(*columns, strict=True)), (*data.points[k], Fraction(1))),
            nonnegative=True,
        ).x
        if found is not None and found[0] > 0:
            shares = dict(zip(low, found[1:], strict=True))
            combination = tuple(shares.get(i, Fraction(0)) for i in range(len(data.labels)))
            return Forced(k, found[0], combination)
    return None


def refusing(data: LabelledSet, y: Vector) -> TwoLayerNetwork | None:
    """Return an accurate rule of class R' that labels y as -1, or None if there is none."""
    still = combine((0, y))
    units = [level_unit((*data.negative, y), x, still) for x in dict.fromkeys(data.positive)]
    found = [unit for unit in units if unit is not None]
    return relu_directions.sum_of_units(found) if len(found) == len(units) else None


def decide(move: Move) -> Proof:
    """Decide whether all accurate networks and linear rules have been turned after the step."""
    data, c, y = move.data, move.step, move.end
    relu_directions.require_accurate_rules(data)
    reason, network = forced(data, y), refusing(data, y)
    is_forced = int(reason is not None)
    steps = [
        step(
            "Either some point labelled +1 is a mixture of $x+cv$, which has a share in it, and "
            "of points labelled -1, or some network that is right on the set labels $x_-+cv$ as "
            "-1; never both.",
            (is_forced + int(network is not None), "=", 1),
        )
    ]
    if data.points[move.start] == data.points[move.negative]:
        text = r"From $x_-$ all are turned for every $c\ge1$."
        steps.append(step(text, (int(c >= 1), "<=", is_forced)))
        if len(set(data.positive)) == 1:
            text = "With one point labelled +1 they are turned for no other $c$."
            steps.append(step(text, (int(c >= 1), "=", is_forced)))
    if reason is None:
        rules = () if network is None else (network,)
        steps.append(
            step("The network is right on the set and labels the point as -1.",
                 (len(rules), "=", 1), ([rule.label(y) for rule in rules], "=", -1),
                 *((rule.label(x), "=", label) for x, label in data.pairs for rule in rules))
        )  # fmt: skip
        found = [facts.accurate(0), facts.convex(0), facts.label(0, y, -1)]
        return Proof.of(*steps, *(data.certificate([r], found) for r in rules))
    mixture = combine((reason.weight, y), *zip(reason.combination, data.points, strict=True))
    steps.append(
        step("The mixture is that point, and the share of $x+cv$ in it is positive.",
             (mixture, "=", data.points[reason.positive]), (reason.weight, ">", 0),
             (reason.weight + sum(reason.combination), "=", 1), (min(reason.combination), ">=", 0))
    )  # fmt: skip
    return Proof.of(*steps, of_networks(data, y, reason), *of_linear_rules(data, y, reason))


def of_networks(data: LabelledSet, y: Vector, reason: Forced) -> Certificate:
    """Every accurate rule with nonnegative output weights labels y as +1."""
    return certificates.relu_label_forced(
        data, y, reason.positive, reason.weight, reason.combination
    )


def of_linear_rules(data: LabelledSet, y: Vector, reason: Forced) -> tuple[Certificate, ...]:
    """Every accurate linear rule is positive at y, also those that are 0 at points labelled -1."""
    multipliers = tuple(
        ((i == reason.positive) + a) / reason.weight for i, a in enumerate(reason.combination)
    )
    weak = [i for i, label in enumerate(data.labels) if label == -1]
    return (certificates.every_separator(data, y, Fraction(1), multipliers, weak),)


def draw_move(rng: Random) -> Move:
    """Return two or three points on a line with any labels, two of them, and a step below 1."""
    count = rng.randint(2, 3)
    data = small.labelled_set(rng, 1, count)
    high, low = rng.randrange(count), rng.randrange(count)
    return Move(data, high, low, low, Fraction(rng.randint(1, 3), 4))


def refute_least(move: Move) -> Refutation | None:
    """Refute that no step below 1 turns all accurate rules at x_-."""
    data, y = move.data, move.end
    pair = data.labels[move.positive], data.labels[move.negative]
    if pair != (1, -1) or move.start != move.negative or not 0 < move.step < 1:
        return None
    relu_directions.require_accurate_rules(data)  # raises InputError
    reason = forced(data, y)
    if reason is None:
        return None
    return Refutation.of(
        "Another point labelled +1 comes first, so every rule that is right on the set has been "
        "turned at a step below 1.",
        Named("x+cv", y), named(r"\lambda", reason.weight),
        Named(r"(\lambda_i)_i", reason.combination),
        step("The step is below 1.", (named("c", move.step), "<", 1)),
        step("A point labelled +1 is a mixture of the end and of points labelled -1.",
             (mixture(r"\lambda(x+cv)+\sum\lambda_ix_i", (reason.weight, y),
                      *zip(reason.combination, data.points, strict=True)),
              "=", named(f"x_{reason.positive + 1}", data.points[reason.positive])),
             (named(r"\lambda", reason.weight), ">", 0)),
        of_networks(data, y, reason), *of_linear_rules(data, y, reason),
    )  # fmt: skip


LEAST = Counterexample(
    "Overstated: no step below 1 works at $x_-$ for all rules. With $0$ labelled $-1$, $1$ and $2$ "
    "labelled $+1$ and $x_+=2$ the step $1/2$ does, since it leads to $1$.",
    Move(LabelledSet.of([[0], [1], [2]], [-1, 1, 1]), 2, 0, 0, Fraction(1, 2)),
    refute_least,
    draw_move,
)
