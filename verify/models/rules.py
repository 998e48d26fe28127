"""How the label of a model follows from its scores: the largest of them, or votes of pairs.

Each rule answers from exact scores, says which of its answers a certificate can state, offers
floats a score for each class to climb, and tells whether rounding may turn one answer to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import numpy as np

from certify.certificates.facts import Fact
from certify.certificates.networks import label, votes
from certify.numbers.rationals import Vector

if TYPE_CHECKING:
    from torch import Tensor

ROUNDING = 2.0**-48  # of votes and a part of one, as float64 adds them


class Rule(Protocol):
    """A rule from the scores of a network to one of its classes."""

    def scores(self, classes: int) -> int:
        """Return how many scores there are for so many classes."""

    def answer(self, scores: Vector) -> int:
        """Return the class of exact scores."""

    def decide(self, scores: Vector) -> int | None:
        """Return the class of exact scores where :meth:`fact` can state it, else None."""

    def fact(self, point: int, k: int) -> Fact:
        """Return the fact of certificates that the class at a point is k."""

    def by_class(self, scores: Tensor) -> Tensor:
        """Return scores of floats (n, classes), the largest of which tells the class."""

    def near(self, scores: np.ndarray, mine: int, other: int, rounding: float) -> bool:
        """Tell whether changing each score by so much may turn the class ``mine`` to ``other``."""


@dataclass(frozen=True)
class Largest:
    """The class with the largest score, the first of several."""

    def scores(self, classes: int) -> int:
        """Return one score for each class."""
        return classes

    def answer(self, scores: Vector) -> int:
        """Return the first of the largest scores."""
        return scores.index(max(scores))

    def decide(self, scores: Vector) -> int | None:
        """Return the largest score, None on a tie for it."""
        best = max(scores)
        return scores.index(best) if scores.count(best) == 1 else None

    def fact(self, point: int, k: int) -> Fact:
        """Return the fact that score k at a point is larger than all others."""
        return label(point, k)

    def by_class(self, scores: Tensor) -> Tensor:
        """Return the scores."""
        return scores

    def near(self, scores: np.ndarray, mine: int, other: int, rounding: float) -> bool:
        """Tell whether two scores are as near to each other as rounding may bring them."""
        return bool(abs(scores[mine] - scores[other]) <= rounding)


LARGEST = Largest()


@dataclass(frozen=True)
class Votes:
    """The class with most votes of pairs of classes.

    The scores are those of the pairs (0, 1), (0, 2), ..., (1, 2), ...: above 0 a pair votes for its
    first class, below 0 for its second, and so at 0, unless ``first`` says that it votes for its
    first. Of several classes with most votes the first is the answer; or, where ``summed``, the
    first of those whose scores, positive in pairs in which a class is first, have the largest sum.
    """

    classes: int
    summed: bool = False
    first: bool = False

    def scores(self, classes: int) -> int:
        """Return one score for each pair."""
        return classes * (classes - 1) // 2

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of classes, in the order of their scores."""
        return list(combinations(range(self.classes), 2))

    def coefficients(self, dual: np.ndarray, counts: Sequence[int]) -> np.ndarray:
        """Return the coefficients (pairs, vectors) of support vectors, as libsvm stores them.

        Of ``dual`` (classes - 1, vectors), vectors sorted by class, so many of each, row j - 1 has
        those of vectors of a class i < j in the pair of both, row i those of vectors of j.
        """
        starts = np.cumsum([0, *counts])
        table = np.zeros((len(self.pairs), int(starts[-1])))
        for row, (i, j) in zip(table, self.pairs, strict=True):
            first, second = (slice(starts[k], starts[k + 1]) for k in (i, j))
            row[first], row[second] = dual[j - 1, first], dual[i, second]
        return table

    def answer(self, scores: Vector) -> int:
        """Return the first class with most votes, or the largest sum among those."""
        found = self._votes(scores)
        if not self.summed:
            return found.index(max(found))
        ranks = list(zip(found, self._sums(scores), strict=True))
        return ranks.index(max(ranks))

    def decide(self, scores: Vector) -> int | None:
        """Return the class, None where sums decide, or a score of 0 that votes for the first."""
        found = self._votes(scores)
        if (self.first and 0 in scores) or (self.summed and found.count(max(found)) > 1):
            return None
        return self.answer(scores)

    def fact(self, point: int, k: int) -> Fact:
        """Return the fact that class k has most votes at a point, the first of several."""
        return votes(point, k)

    def by_class(self, scores: Tensor) -> Tensor:
        """Return votes, and less than half of one by the order in which ties are broken.

        Sums of scores count a little in any case, so that there is a way to climb.
        """
        first, second = self._sides(scores)
        won = (scores >= 0 if self.first else scores > 0).to(scores)
        counts, slopes = won @ first + (1 - won) @ second, self._slopes(scores)
        if self.summed:
            return counts + slopes
        return counts + (slopes - slopes.new_tensor(range(self.classes))) / (2 * self.classes)

    def near(self, scores: np.ndarray, mine: int, other: int, rounding: float) -> bool:
        """Tell whether pairs with scores that near to 0, and near sums, leave it open who wins."""
        import torch

        fewest, most = ([0] * self.classes for _ in range(2))
        for (i, j), score in zip(self.pairs, scores.tolist(), strict=True):
            doubtful = abs(score) <= rounding
            won = score > 0 or (self.first and score == 0)
            for k, wins in ((i, won), (j, not won)):
                fewest[k] += wins and not doubtful
                most[k] += wins or doubtful
        slopes = self._slopes(torch.tensor(scores[None]))[0].tolist()
        error = self.classes * max(rounding, ROUNDING)

        def possible(one: int, two: int) -> bool:
            if most[one] != fewest[two]:
                return most[one] > fewest[two]
            return slopes[one] >= slopes[two] - error if self.summed else one < two

        return possible(mine, other) and possible(other, mine)

    def _votes(self, scores: Vector) -> list[int]:
        """Return how many pairs vote for each class."""
        found = [0] * self.classes
        for (i, j), score in zip(self.pairs, scores, strict=True):
            found[i if score > 0 or (self.first and score == 0) else j] += 1
        return found

    def _sums(self, scores: Vector) -> list[Fraction]:
        """Return the sums of the scores of each class."""
        found = [Fraction(0)] * self.classes
        for (i, j), score in zip(self.pairs, scores, strict=True):
            found[i] += score
            found[j] -= score
        return found

    def _slopes(self, scores: Tensor) -> Tensor:
        """Return t / 3 (1 + abs(t)) for the sum t of the scores of each class."""
        first, second = self._sides(scores)
        sums = scores @ (first - second)
        return sums / (3 * (1 + sums.abs()))

    def _sides(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return which class is the first of each pair, and which the second: (pairs, classes)."""
        first, second = np.eye(self.classes)[np.array(self.pairs).T]
        return like.new_tensor(first), like.new_tensor(second)
