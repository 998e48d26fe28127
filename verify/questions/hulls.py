"""Pairs of classes: which are asked about, and what is exactly true of their examples."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice, permutations
from math import comb

import numpy as np

from certify import max_margin
from certify.certificates.certificate import Certificate
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Vector, dyadic_array
from verify.models.model import Model
from verify.questions.question import Subject, generator
from verify.reporting.summary import quantity, root

PAIRS = 4  # of many classes, those that the model confuses most
POINTS = 70  # of each class in a pair, at most
BITS = 20  # of weights of points


@dataclass(frozen=True)
class Pair:
    """The examples of two classes as a labelled set, -1 for the first, and what is true of it."""

    name: str
    classes: tuple[int, int]
    rows: np.ndarray
    signs: np.ndarray
    margin: MaxMargin | None
    certificate: Certificate

    @property
    def width(self) -> str:
        """Return the widest margin, rounded for reading, in units of the data."""
        return "none" if self.margin is None else rounded(self.margin)

    @property
    def direction(self) -> Vector:
        """Return p - q of the nearest points of the two hulls, for a separable pair."""
        assert self.margin is not None
        return tuple(2 * self.margin.margin_squared * c for c in self.margin.w)

    def beside(self, X: np.ndarray) -> tuple[Vector, Vector, Fraction]:
        """Return p - q for points of the hulls next to the nearest ones, and a separator (w, b).

        Their weights have few bits, and so have all numbers of certificates: those of the nearest
        points themselves have hundreds of digits. A separator is normal to p - q unless it is so
        near to a point that rounding matters.
        """
        assert self.margin is not None
        exact = (2 * self.margin.margin_squared * a for a in self.margin.multipliers)
        weights = np.rint(np.array([float(a) for a in exact]) * 2**BITS).astype(np.int64)
        for sign in (-1, 1):
            side = np.flatnonzero(self.signs == sign)
            heaviest = side[weights[side].argmax()]
            weights[heaviest] += 2**BITS - int(weights[side].sum())
        table = dyadic_array(X[self.rows])
        assert table is not None, "examples are arrays of floats"
        points = table.integers.astype(object)
        used = np.flatnonzero(weights)
        whole = (weights * self.signs)[used].astype(object) @ points[used]
        unit = Fraction(2) ** (table.exponent - BITS)
        direction = tuple(int(n) * unit for n in whole)
        heights = points @ whole
        high, low = heights[self.signs < 0].max(), heights[self.signs > 0].min()
        if high < low:
            offset = Fraction(-int(high + low), 2) * unit * Fraction(2) ** table.exponent
            return direction, direction, offset
        return direction, self.margin.w, self.margin.b


def chosen(subject: Subject) -> list[tuple[int, int]]:
    """Return the pairs of classes to ask about: all of three classes, else the most confused."""
    answers = subject.answers
    wrong = np.flatnonzero(answers != subject.y)
    confusion = Counter(
        (min(a, b), max(a, b))
        for a, b in zip(subject.y[wrong].tolist(), answers[wrong].tolist(), strict=True)
    )
    here = set(subject.classes)
    confused = [pair for pair, _ in confusion.most_common() if here.issuperset(pair)]
    # Where fewer are confused, the first ones that are not.
    others = (pair for pair in combinations(subject.classes, 2) if pair not in confusion)
    return sorted([*confused, *islice(others, PAIRS)][:PAIRS])


def rounded(found: MaxMargin) -> str:
    """Return a margin for reading, in units of the data."""
    return root(found.margin_squared, 4)


def pair(subject: Subject, classes: tuple[int, int], points: int = POINTS) -> Pair:
    """Return a pair of classes with its exact answer; ``points`` of each class at most."""
    rows = members(subject.y, classes, subject.seed, points)
    signs = np.where(subject.y[rows] == classes[1], 1, -1)
    found = max_margin(subject.X[rows], signs)
    names = [str(subject.model.labels[k]) for k in classes]
    margin = found if isinstance(found, MaxMargin) else None
    return Pair(" vs ".join(names), classes, rows, signs, margin, found.certificate)


def members(y: np.ndarray, classes: tuple[int, int], seed: int, points: int = POINTS) -> np.ndarray:
    """Return the places int64 of the examples of two classes, ``points`` of each at most."""
    rng = generator(seed, "pair", *classes, points)
    return np.concatenate([
        np.sort(rng.permutation(np.flatnonzero(y == k))[:points]) for k in classes
    ])  # fmt: skip


def members_of(name: str, model: Model, y: np.ndarray, seed: int) -> np.ndarray:
    """Return the places of the examples of the pair of that name; none for another name."""
    labels = [str(label) for label in model.labels]
    for pair in permutations(range(len(labels)), 2):
        if name == " vs ".join(labels[k] for k in pair):
            return members(model.classes_of(y), pair, seed)
    return np.zeros(0, np.int64)


def which(subject: Subject, count: int) -> str:
    """Return which pairs of classes, of how many, are asked about, in words."""
    total = comb(len(subject.classes), 2)
    confused = bool((subject.answers != subject.y).any())
    why = "those that the model confuses most" if confused else "none of which the model confuses"
    return f"{quantity(count, 'pair')} of classes" + f" (of {total}, {why})" * (count < total)


def drawn(subject: Subject, points: int) -> str:
    """Return which examples of a pair are asked about, in words."""
    most = max(int(np.count_nonzero(subject.y == k)) for k in subject.classes)
    if most <= points:
        return "all examples"
    return f"at most {points} examples of each class, drawn at random"


def used(pairs: Iterable[Pair]) -> tuple[int, ...]:
    """Return the numbers of the examples of pairs, each once."""
    return tuple(dict.fromkeys(int(k) for p in pairs for k in p.rows))
