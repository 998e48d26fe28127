"""The steps at which a model changes its answer along the directions of the widest margins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, zip_longest

import numpy as np
import torch

from certify import certificates, max_margin
from certify.bounds.threads import one_thread
from certify.certificates.certificate import Certificate
from certify.certificates.facts import Fact
from certify.certificates.networks import network_points, segment
from certify.margins.max_margin import MaxMargin
from certify.networks.graph import Network
from certify.networks.operations import Maximum, MaxPool, Relu
from certify.networks.rays import FirstChange, first_change
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.attack.models import predict
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.models.agreement import confirm
from verify.models.effort import products
from verify.objects import LabelledSet, LinearRule
from verify.questions.hulls import Pair, rounded
from verify.questions.question import Subject

WALKED = 5  # examples of a pair that are moved until a network changes its answer
PRODUCTS = 10_000_000  # of numbers, in what certificates ask for of a network, or little more
LONGEST = 64.0  # steps, in multiples of the direction, at which walking ends
BITS = 61  # of the numbers of points at which a linear model is asked
BESIDE = Fraction(1, 16)  # of a step, before and behind its end, where a linear model is asked
TOO_MUCH = "more work than"  # why a checker refuses a certificate that asks for too much
HALVINGS = 20  # of the interval in which a network changes its answer
FURTHER = 1 + Fraction(1, 1024)  # of the way on which floats see a change, how far it is followed


@dataclass(frozen=True)
class Steps:
    """Steps of a model's answer on the examples of a pair, in multiples of the direction.

    ``first`` are exact: up to them the answer stays. By ``later`` ones it has changed, perhaps
    before. ``tried`` counts the examples that were followed, and ``width`` is the margin, for
    reading, along whose direction they were, about twice as long as it.
    """

    pair: Pair
    width: str
    tried: int
    first: tuple[Fraction, ...]
    later: tuple[Fraction, ...] = ()


def linear_steps(subject: Subject, p: Pair) -> tuple[Steps, list[Decision]]:
    """Return the exact steps of the examples that the model's rule for the pair reads right.

    The theorem speaks of rules that are right on a set, so the set is what the rule reads right.
    """
    rule = LinearRule.of(*subject.model.between(*p.classes))
    data = LabelledSet.of(subject.X[p.rows], p.signs)
    right = np.array([m > 0 for m in rule.margins(data)])
    if len(set(p.signs[right].tolist())) < 2:
        return Steps(p, "none", len(p.rows), ()), []
    kept = LabelledSet.of(subject.X[p.rows][right], p.signs[right])
    found = p.margin if right.all() else max_margin(subject.X[p.rows][right], p.signs[right])
    assert isinstance(found, MaxMargin), "a rule separates the points that it reads right"
    scale = 2 * found.margin_squared
    direction = tuple(scale * c for c in found.w)
    multipliers = tuple(scale * a for a in found.multipliers)
    rate = dot(rule.normal, direction)
    steps = tuple(margin / rate for margin in rule.margins(kept))
    # At a step itself two scores are equal: the model is asked on both sides of it. As it is asked
    # in floats, points next to those will do, of short numbers.
    near = _short(direction)
    beside = [
        combine((1, x), (-y * move * share, near))
        for x, y, move in zip(kept.points, kept.labels, _short(steps), strict=True)
        for share in (1 - BESIDE, 1 + BESIDE)
    ]
    confirm(subject.model, beside, "end of a step")
    certificate = certificates.separator_steps(kept, rule, kept, direction, multipliers, steps)
    decision = Decision.by_checker(f"{p.name}: steps of this model", certificate)
    kept_steps = steps if decision.grade is Grade.CERTIFIED else ()
    return Steps(p, rounded(found), len(p.rows), kept_steps), [decision]


def _short(values: Vector) -> Vector:
    """Return numbers of few bits, each within 2^-60 of itself."""
    found = []
    for value in values:
        n, d = value.as_integer_ratio()
        # As many bits of the quotient as are asked for, and perhaps one more.
        shift = BITS + d.bit_length() - n.bit_length()
        found.append(Fraction((n << max(0, shift)) // (d << max(0, -shift))) / Fraction(2) ** shift)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Walk:
    """An example x and where a network's answer has changed: at x + end v, ``end`` of few bits.

    ``found`` is the first change, None where it was not decided.
    """

    pair: Pair
    x: Vector
    v: Vector
    end: Fraction
    found: FirstChange | None

    @property
    def ends(self) -> tuple[Vector, Vector]:
        return self.x, combine((1, self.x), (self.end, self.v))


def walked_steps(subject: Subject, pairs: Sequence[Pair]) -> tuple[list[Steps], list[Decision]]:
    """Follow a few examples of each pair that a network reads right until its answer changes.

    The direction is that of points next to the nearest ones, so that the numbers at each kink of
    the network on the way stay short. How many are followed exactly, one of each pair after the
    other, depends on how much there is to compute in order to check it; one is in any case. Of as
    many more only both ends of the way are decided.
    """
    network = subject.model.network
    total, behind = products(network), _behind(network)
    left, more = PRODUCTS, PRODUCTS
    walks: list[_Walk] = []
    tried = dict.fromkeys((p.name for p in pairs), 0)
    ways = {p.name: p.beside(subject.X)[0] for p in pairs}
    for p, k in _in_turn(subject, pairs):
        if more <= 0:
            break
        tried[p.name] += 1
        pieces = PRODUCTS // max(behind, 1) if left > 0 else 0
        walk = _walk(subject, p, k, ways[p.name], pieces)
        if walk is None:
            continue
        walks.append(walk)
        if walk.found:
            left -= 2 * total + behind * len(walk.found.steps)
        else:
            more -= 2 * total
    confirm(subject.model, [x for walk in walks for x in walk.ends], "end of a step")
    first, decisions = _decided(network, [(walk, walk.found) for walk in walks if walk.found])
    exact = [walk for walk, _ in first]
    others = [walk for walk in walks if walk not in exact]
    later, certificate_ = _changes(subject, others)
    if certificate_:
        decisions.append(Decision.by_checker("changes of this model", certificate_))
        if decisions[-1].grade is not Grade.CERTIFIED:
            later = []
    steps = [
        Steps(
            p, p.width, tried[p.name],
            tuple(found.step for walk, found in first if walk.pair is p),
            tuple(walk.end for walk in later if walk.pair is p),
        )
        for p in pairs
    ]  # fmt: skip
    return steps, decisions


def _behind(network: Network) -> int:
    """Return how many products are behind the first maxima: what is before them is linear."""
    bent = {
        k for k, (f, _) in enumerate(network.nodes, 1) if isinstance(f, Relu | Maximum | MaxPool)
    }
    for k, (_, reads) in enumerate(network.nodes, 1):
        if bent.intersection(reads):
            bent.add(k)
    return products(network, bent)


def _in_turn(subject: Subject, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, int]]:
    """Yield the places in pairs of examples that the model reads right, drawn, pair by pair."""
    drawn = []
    for p in pairs:
        right = np.flatnonzero(subject.answers[p.rows] == subject.y[p.rows])
        order = subject.rng("walk", *p.classes).permutation(right)[:WALKED]
        drawn.append([(p, int(k)) for k in np.sort(order)])
    turns = chain.from_iterable(zip_longest(*drawn))
    return (found for found in turns if found is not None)


def _walk(subject: Subject, p: Pair, k: int, direction: Vector, pieces: int) -> _Walk | None:
    """Follow an example; None where floats see no change of answer on its way."""
    x, v = subject.X[p.rows[k]], combine((-int(p.signs[k]), direction))
    answer = int(subject.answers[p.rows[k]])
    seen = _change(subject, x.astype(np.float64), np.array([float(c) for c in v]), answer)
    if seen is None:
        return None
    start, found = vector(x.tolist()), None
    if pieces and not subject.model.voting:
        reach = Fraction(seen) * FURTHER
        found = first_change(subject.model.network, start, v, reach, pieces=pieces)
        if found and not (found.changes and found.label == answer):
            found = None
    end = _between(found.step, found.steps[-1]) if found else Fraction(seen)
    return _Walk(p, start, v, end, found)


def _between(low: Fraction, high: Fraction) -> Fraction:
    """Return a number between, a multiple of as large a power of two as there is."""
    power = 0
    while True:
        number = Fraction((low.numerator << power) // low.denominator + 1, 1 << power)
        if number < high:
            return number
        power += 1


def _decided(
    network: Network, walks: list[tuple[_Walk, FirstChange]]
) -> tuple[list[tuple[_Walk, FirstChange]], list[Decision]]:
    """Return the walks whose first change a checker accepted, and its decisions.

    A certificate may ask for so much work for each of its characters: one that asks for more is
    made again in two parts, and a single walk that does is left out.
    """
    if not walks:
        return [], []
    certificate = _first_changes(network, walks)
    decision = Decision.by_checker("first changes of this model", certificate)
    if decision.grade is Grade.CERTIFIED:
        return walks, [decision]
    if decision.grade is not Grade.MALFORMED or TOO_MUCH not in decision.reason:
        return [], [decision]
    if len(walks) == 1:
        return [], []
    half = len(walks) // 2
    parts = [_decided(network, part) for part in (walks[:half], walks[half:])]
    return [w for kept, _ in parts for w in kept], [d for _, made in parts for d in made]


def _first_changes(network: Network, walks: Sequence[tuple[_Walk, FirstChange]]) -> Certificate:
    """Certify up to which step each example keeps its answer."""
    facts: list[Fact] = []
    points: list[Vector] = []
    for n, (walk, found) in enumerate(walks):
        steps = [c / walk.end for c in found.steps[:-1]]
        facts.append(segment(2 * n, 2 * n + 1, found.label, [*steps, Fraction(1)], changes=True))
        points += walk.ends
    return network_points(network, points, facts)


def _changes(subject: Subject, walks: Sequence[_Walk]) -> tuple[list[_Walk], Certificate | None]:
    """Return the walks whose ends have exactly different answers, and a certificate for them."""
    rule, network = subject.model.rule, subject.model.network
    points = [x for walk in walks for x in walk.ends]
    answers = [rule.decide(scores) for scores in network.outputs(points)]
    kept = [n for n in range(len(walks)) if _differ(answers[2 * n], answers[2 * n + 1])]
    ends = [k for n in kept for k in (2 * n, 2 * n + 1)]
    facts = [rule.fact(n, k) for n, k in enumerate(answers[e] for e in ends) if k is not None]
    if not facts:
        return [], None
    return [walks[n] for n in kept], network_points(network, [points[e] for e in ends], facts)


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def _change(subject: Subject, x: np.ndarray, v: np.ndarray, answer: int) -> float | None:
    """Return a step behind which floats answer otherwise, close to one where they do not."""
    with one_thread():
        low, high = 0.0, _seen(subject, x, v, answer)
        if high is None:
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if _answer(subject, x + middle * v) == answer:
                low = middle
            else:
                high = middle
    return high


def _seen(subject: Subject, x: np.ndarray, v: np.ndarray, answer: int) -> float | None:
    """Return one of ever longer steps behind which floats answer otherwise."""
    step = 1 / 16
    while step <= LONGEST:
        if _answer(subject, x + step * v) != answer:
            return step
        step *= 2
    return None


def _answer(subject: Subject, x: np.ndarray) -> int:
    return int(predict(subject.precise, torch.tensor(x[None]))[0])
