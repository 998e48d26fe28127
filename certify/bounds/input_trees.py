"""Boxes that were split, and what closes the last of them, as certificates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from operator import itemgetter
from typing import Any, NamedTuple

from certify.bounds import work
from certify.bounds.exact import Halfspace, Leaf, Region
from certify.bounds.proof import SHORT, Precision, settings, stated
from certify.bounds.question import Box, Question
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.numbers.rationals import text

BITS = SHORT.bits  # weights of rows are multiples of 2^-BITS


class Split(NamedTuple):
    """Where a box is split, at a number with few bits, and the number of the first of two parts."""

    coordinate: int
    at: Fraction
    first: int


class Place(NamedTuple):
    """A box of a property, by coordinates, numbers and sides (0 below, 1 above) of splits."""

    asked: int
    path: tuple[tuple[int, Fraction, int], ...]


@dataclass
class InputTrees:
    """Boxes by number, at first the whole box for each property of a question.

    places  of each box its property, and the sides of splits that lead to it
    leaves  of each closed box the weights of the property's rows, in units of 2^-BITS
    effort  the work of the checker for each box that is closed exactly
    """

    question: Question
    refined: tuple[int, ...]
    splits: dict[int, Split] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    leaves: dict[int, tuple[int, ...]] = field(default_factory=dict)
    effort: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.places:
            self.places += [Place(k, ()) for k in range(len(self.question.properties))]

    def __len__(self) -> int:
        return len(self.places)

    def region(self, grid: int) -> checker.Region:
        """Return what the checker reads, in units of 2^-grid: it knows its work."""
        region = Region(self.question.network, self.question.box, grid, BITS, {})
        return work.read(self.question.network, region.length)

    def split(self, box: int, coordinate: int, at: Fraction) -> int:
        """Note a split; return the number of the first of the two parts."""
        first, (asked, path) = len(self), self.places[box]
        self.splits[box] = Split(coordinate, at, first)
        self.places += [Place(asked, (*path, (coordinate, at, side))) for side in range(2)]
        return first

    def state(self) -> dict[str, Any]:
        """Return splits and leaves in numbers and texts."""
        splits = [[n, k, text(at), first] for n, (k, at, first) in self.splits.items()]
        return {"splits": splits, "leaves": [[n, *own] for n, own in self.leaves.items()]}

    def take(self, state: dict[str, Any]) -> None:
        """Take in what :meth:`state` returned; what is closed is to be decided exactly again."""
        for n, k, at, _ in sorted(state["splits"], key=itemgetter(3)):
            self.split(n, k, Fraction(at))
        self.leaves = {n: tuple(own) for n, *own in state["leaves"]}

    def leaf(self, box: int, grid: int) -> Leaf:
        """Return a closed box as it is decided exactly."""
        path = []
        for k, at, side in self.places[box].path:
            by = int(at * 2**grid)
            path.append(Halfspace(0, k, -1, by) if side else Halfspace(0, -1, k, -by))
        return Leaf(tuple(path), self.leaves[box], None, (0,) * len(path))

    def certificates(self, grid: int) -> list[Certificate]:
        """Return what proves that no part of the box has a counterexample, when all are closed.

        It is one certificate, or several where the checker would do more for it than it does for
        one document: about one property and one part of the box each.
        """
        whole = range(len(self.question.properties))
        if sum(self.effort.values()) <= work.MOST:
            return [self._certificate(self.question, whole, grid)]
        return [c for k in whole for c in self._divided(self.question.box, k, grid)]

    def _divided(self, box: Box, part: int, grid: int) -> Iterator[Certificate]:
        """Yield certificates of one property on a part, whose sides are those of the box."""
        question, leaves = self.question, self._below(part)
        if leaves == [part] or sum(self.effort[n] for n in leaves) <= work.MOST:
            unwanted = question.properties[self.places[part][0]]
            yield self._certificate(Question(question.network, box, [unwanted]), [part], grid)
            return
        k, at, first = self.splits[part]
        below, above = ((*end[:k], at, *end[k + 1 :]) for end in (box.upper, box.lower))
        yield from self._divided(Box(box.lower, below), first, grid)
        yield from self._divided(Box(above, box.upper), first + 1, grid)

    def _below(self, part: int) -> list[int]:
        """Return the closed boxes of which a part consists."""
        found, stack = [], [part]
        while stack:
            box = stack.pop()
            if box in self.leaves:
                found.append(box)
            else:
                first = self.splits[box].first
                stack += (first, first + 1)
        return found

    def _certificate(self, question: Question, parts: Iterable[int], grid: int) -> Certificate:
        trees = [self._document(part) for part in parts]
        return stated(question, {**self._settings(grid), "trees": trees})

    def _settings(self, grid: int) -> dict[str, Any]:
        return settings(self.refined, Precision(grid, BITS), every=True)

    def _document(self, box: int) -> dict[str, Any]:
        """Return the tree below a box, at most a hundred splits deep."""
        if box in self.leaves:
            weights = list(self.leaves[box])
            return {} if weights == [1 << BITS] else {"weights": weights}
        k, at, first = self.splits[box]
        parts = [self._document(first + side) for side in range(2)]
        return {"split": [0, k], "at": text(at), "parts": parts}
