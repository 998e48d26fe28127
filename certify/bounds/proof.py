"""Proofs that parts hold no counterexample: each leaf exactly, and all as a certificate."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from certify.bounds import work
from certify.bounds.branching import Parts, Splits
from certify.bounds.ellipsoids import ellipsoid as exact_ellipsoid
from certify.bounds.exact import Exact, Leaf, Region
from certify.bounds.question import Question
from certify.bounds.relaxation import Relaxation
from certify.bounds.tree import Trees
from certify.certificates.certificate import Certificate
from certify.checking import checker, fast
from certify.numbers.rationals import texts


class Precision(NamedTuple):
    """Bounds and coefficients are multiples of 2^-grid, multipliers and slopes of 2^-bits."""

    grid: int
    bits: int


SHORT = Precision(24, 12)  # such that floats hold what is computed of most networks
LONG = Precision(60, 30)  # for small ones


class Proof:
    """What is proved of a question, from the bounds on the whole box on."""

    def __init__(self, question: Question, relaxation: Relaxation, precision: Precision) -> None:
        self.question = question
        self.precision = precision
        self.refined = relaxation.refined
        region = Region(question.network, question.box, *precision, dict.fromkeys(self.refined))
        self._exact = Exact(region, every=False)
        self.enclosed: dict[str, Any] = {}  # as it stands in the evidence
        self.curved = 0  # the checker's work for the curve of a leaf

    @property
    def bounds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The bounds (1, n) of all nodes on the whole box, rounded."""
        assert self._exact.whole is not None
        unit = 2.0**-self.precision.grid
        return [
            (low.astype(np.float64) * unit, high.astype(np.float64) * unit)
            for low, high in self._exact.whole.bounds
        ]

    def leaves(self, parts: Parts, splits: Splits) -> list[Leaf | None]:
        """Return the leaves of parts that float bounds close, None for those that do not pass."""
        asked = [self.question.properties[i] for i in parts.asked.tolist()]
        made = _leaves(parts, splits, [len(p.matrix) for p in asked], self.precision.bits)
        outcomes = self._exact.outcomes(asked, made)
        return [
            leaf._replace(path=()) if found.passes(leaf) else None
            for leaf, found in zip(made, outcomes, strict=True)
        ]

    def closes(self, leaves: Sequence[Leaf]) -> list[bool]:
        """Tell which leaves hold no point of the only property, exactly."""
        outcomes = self._exact.outcomes(self.question.properties[0], leaves)
        return [found.passes(leaf) for leaf, found in zip(leaves, outcomes, strict=True)]

    def enclose(self, ellipsoid: dict[str, Any]) -> bool:
        """Let leaves rest on an ellipsoid, as it stands in a certificate, if it is one: tell."""
        evidence = settings([], self.precision, every=False)
        given = fast.Field(instance(self.question), "")
        given.budget = checker.MAX_PRODUCTS
        read = fast.Region(given, fast.Field({**evidence, "ellipsoid": ellipsoid}, ""))
        if not read.ellipsoid.holds():
            return False
        self.enclosed = {"ellipsoid": ellipsoid}
        self.curved = read.ellipsoid.work
        self._exact.region.ellipsoid = exact_ellipsoid(read.ellipsoid)
        return True

    def holds(self, trees: Trees, splits: Splits) -> bool:
        """Tell whether all leaves of trees close their parts, exactly."""
        asked, leaves = [], []
        for root, path, leaf in trees.closed():
            asked.append(self.question.properties[root])
            leaves.append(leaf._replace(path=tuple(splits.halfspace(*side) for side in path)))
        outcomes = self._exact.outcomes(asked, leaves)
        return all(found.passes(leaf) for leaf, found in zip(leaves, outcomes, strict=True))

    def certificate(self, tree: dict[str, Any]) -> Certificate:
        """Return the certificate of a tree for the only property, as it stands there."""
        evidence = settings(self.refined, self.precision, every=False)
        return stated(self.question, {**evidence, **self.enclosed, "trees": [tree]})

    def effort(self) -> tuple[checker.Region, int]:
        """Return what knows the checker's work, and how much of it there may be for leaves."""
        assert self._exact.whole is not None
        read = work.read(self.question.network, self._exact.region.length)
        improved = self._exact.whole.effort(0)
        return read, work.MOST - sum(2 * count * read.works[k] for k, count in improved)

    def certificates(self, trees: Trees, splits: Splits) -> list[Certificate]:
        """Return the certificate of trees all of whose ends are leaves, or one for each property.

        There is none where the checker would do more for a property than for any one document.
        """
        whole = range(len(self.question.properties))
        counts = [trees.leaves_below(i) for i in whole]
        evidence = settings(self.refined, self.precision, every=False)
        read, most = self.effort()
        if max(counts) * read.works[-1] > most:
            return []
        written = [trees.document(i, splits.described, self.precision.bits) for i in whole]
        asked = [n * read.works[-1] + _along(read, t) for n, t in zip(counts, written, strict=True)]
        if max(asked) > most:
            return []
        if sum(asked) <= most:
            return [stated(self.question, {**evidence, "trees": written})]
        return [
            stated(
                Question(self.question.network, self.question.box, [unwanted]),
                {**evidence, "trees": [tree]},
            )
            for unwanted, tree in zip(self.question.properties, written, strict=True)
        ]


def _along(read: checker.Region, tree: Any, above: int = 0) -> int:
    """Return the checker's work for the paths to all leaves of a tree."""
    if "split" not in tree:
        return above
    above += read.along([(tree["split"][0], 0, 0, 0)])
    return sum(_along(read, part, above) for part in tree["parts"])


def settings(refined: Iterable[int], precision: Precision, *, every: bool) -> dict[str, Any]:
    """Return how bounds are computed: in which units, and anew in every leaf or not."""
    grid, bits = precision
    return {"grid": grid, "bits": bits, "refine": [[k, None] for k in refined], "every": every}


def stated(question: Question, evidence: dict[str, Any]) -> Certificate:
    """Return the certificate of the answer "no" to a question."""
    return Certificate("no-counterexample", instance(question), statement(question), evidence)


def instance(question: Question) -> dict[str, Any]:
    """Return network and box as they stand in a certificate."""
    return {
        "nodes": question.network.to_json(),
        "lower": texts(question.box.lower),
        "upper": texts(question.box.upper),
    }


def statement(question: Question) -> dict[str, Any]:
    """Return properties as they stand in a certificate."""
    return {
        "properties": [
            {"matrix": [texts(row) for row in p.matrix], "right_side": texts(p.right_side)}
            for p in question.properties
        ]
    }


def _leaves(parts: Parts, splits: Splits, rows: Sequence[int], bits: int) -> list[Leaf]:
    """Return parts as leaves, with slopes where they are not the default ones."""
    depth = (parts.path >= 0).sum(dim=1).tolist()
    paths, above = parts.path.tolist(), parts.above.tolist()
    sides = splits.sides(parts)[:, : splits.signs]
    plain = ((parts.slopes == splits.default_slopes) | (sides != 0)).all(dim=1).tolist()
    weights, ties, slopes = (
        (x.double() * 2**bits).round().to(torch.long)
        for x in (parts.weights, parts.ties, parts.slopes)
    )
    found = []
    for p, (own, count) in enumerate(zip(depth, rows, strict=True)):
        path = tuple(map(splits.halfspace, paths[p][:own], above[p][:own]))
        some = None if plain[p] else slopes[p, splits.bent(sides[p])].numpy().astype(np.int32)
        own_weights, own_ties = weights[p, :count].tolist(), ties[p, :own].tolist()
        found.append(Leaf(path, tuple(own_weights), some, tuple(own_ties)))
    return found
