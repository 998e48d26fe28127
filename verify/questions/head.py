"""The last layer: directions that no difference of scores notices, class regions, borders."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from certify import certificates, invariant_directions, solve
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.cli import fast
from certify.heads import InvariantDimension
from certify.numbers.rationals import Rows, Vector, combine, dot
from certify.polyhedra.polyhedron import Boundedness
from verify.claims.zou2018.shared import regions
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, figure, table
from verify.objects import SoftmaxHead
from verify.questions.question import Subject
from verify.questions.softmax_heads import THETAS, drift
from verify.reporting.summary import quantity

EXAMPLES = 5  # whose features are followed along invariant directions
DIRECTIONS = 3  # of them, for the drift of floats
CLASSES, WEIGHTS = 30, 200_000  # of a head, up to which every region is certified by itself
PARALLEL = 50  # pairs of parallel borders that are written down
BASIS_VALUES = 300_000  # numbers in a basis of the invariant space, beyond which it is not written


def invariance(subject: Subject) -> Result:
    """Decide the dimension of the invariant space, and measure what floats make of it."""
    features, classes = subject.model.weights.shape
    promised = max(features - classes, 0)
    dimension = subject.model.dimension
    free = dimension.dimension
    decisions: list[Decision] = []
    drifts: dict[str, np.ndarray] = {}
    if 0 < free * features <= BASIS_VALUES:
        space = invariant_directions(subject.model.head.weights)
        decisions.append(Decision.by_checker("dimension and basis", space.certificate))
        if len(subject.X):
            decision, drifts = _along(subject, space.basis[:DIRECTIONS])
            decisions.append(decision)
    else:
        decisions.append(_decided("dimension", dimension.certificate, features * classes))
    ends = {name: float(values[-1]) for name, values in drifts.items()}
    whole = f"Exactly {_article(free)} {free}-dimensional space of directions leaves"
    finding = (
        f"{whole if free else 'No direction leaves'} all differences of scores of the last layer, "
        f"{features} x {classes}, unchanged, and with them every softmax output that there may be "
        f"(Theorem 1 promises {_article(promised)} {promised}-dimensional space)."
    )
    if ends:
        finding += (
            f" Along it the softmax of {_first(subject)} does not change at all; "
            f"in float32 it drifts by up to {ends['float32']:.2g}, in float64 by up to "
            f"{ends['float64']:.2g} at distance $10^6$."
        )
    columns: list[tuple[str, str, Grade | None]] = [
        ("shape $l\\times m$", "", None), ("rank of differences", "", Grade.CERTIFIED),
        ("exact dimension", "", Grade.CERTIFIED), ("promised $l-m$", "", None),
    ]  # fmt: skip
    row = [
        f"{features} x {classes}", str(features - free), str(free), str(promised)
    ]  # fmt: skip
    figures: tuple[dict[str, Any], ...] = ()
    if drifts:
        figures = (
            figure(
                "drift",
                "Change of the softmax output along exact invariant directions",
                f"Largest change of a probability over {_first(subject)} and "
                f"{quantity(min(free, DIRECTIONS), 'direction')}, after moving the features by "
                "$\\theta$ times the unit direction rounded to the float format.",
                Grade.FLOAT,
                {
                    "theta": list(THETAS),
                    "series": [
                        {"label": name, "values": [float(v) for v in values]}
                        for name, values in drifts.items()
                    ],
                    "exact": "0",
                },
            ),
        )
    return Result(
        finding, {}, tuple(decisions), sum(len(v) for v in drifts.values()),
        (table("The last layer", columns, [row]),), figures,
        found={"dimension": Found(free, Grade.CERTIFIED)},
        examples=tuple(range(len(subject.X[:EXAMPLES]))) if drifts else (),
    )  # fmt: skip


def _first(subject: Subject) -> str:
    """Return whose features are followed, in words."""
    return f"the first {quantity(min(EXAMPLES, len(subject.X)), 'example')}"


def _article(number: int) -> str:
    """Return the article of a number as it is spoken: an 8, an 11, an 18 thousand."""
    spoken = f"{number:,}".partition(",")[0]
    return "an" if spoken[0] == "8" or spoken in ("11", "18") else "a"


def _along(subject: Subject, directions: Rows) -> tuple[Decision, dict[str, np.ndarray]]:
    """Certify that examples keep their outputs along invariant directions, and measure floats."""
    head, chosen = subject.model.head, subject.X[:EXAMPLES]
    points = subject.model.network.body.outputs(chosen)
    direction = combine(*((k + 1, v) for k, v in enumerate(directions)))
    logits = [head.logits(h) for h in points]
    members = [(z.index(max(z)), h) for z, h in zip(logits, points, strict=True)]
    certificate = certificates.invariant_regions(head, direction, members)
    decision = Decision.by_checker("whole lines in regions", certificate)
    return decision, drift(head, points, directions)


@dataclass(frozen=True, eq=False)
class Independent:
    """A head whose weight differences are independent: regions and borders are as free as can be.

    Then any differences of logits are taken somewhere, already where all features but m - 1 of them
    are 0. Linear equations in these few find where; linear programs in all would be slow.

    few       the head on those features alone
    features  their indices
    """

    head: SoftmaxHead
    few: SoftmaxHead
    features: tuple[int, ...]

    @classmethod
    def of(cls, head: SoftmaxHead, found: InvariantDimension) -> Independent | None:
        """Return the head if its m - 1 weight differences are independent, else None."""
        if head.classes < 2 or found.rank < head.classes - 1:
            return None
        # The rows of the nonzero minor that certifies the rank.
        features = tuple(found.certificate.evidence["rows"])
        few = SoftmaxHead(tuple(head.weights[k] for k in features), head.bias)
        return cls(head, few, features)

    def parallel(self) -> list[regions.ParallelPair]:
        """Return all parallel pairs of borders; those of few features are the only candidates."""
        return regions.parallel_pairs(self.head) if regions.parallel_pairs(self.few) else []

    def region(self, i: int) -> Certificate:
        """Certify that the region of a class is unbounded."""
        inside = regions.polyhedron(self.few, i)
        ray = self._solved(inside.matrix, [Fraction(-1)] * len(inside.matrix))
        far = max([Fraction(0), *(-bound for bound in inside.right_side)])
        point = tuple(far * x for x in ray)
        return certificates.unbounded_region(self.head, i, point, ray)

    def border(self, i: int, j: int) -> Certificate:
        """Certify that two classes share a facet: a point where they tie, above the others by 1."""
        wanted = [Fraction(k in (i, j)) for k in range(self.head.classes)]
        equations = regions.differences(self.few)
        b = self.head.bias
        gaps = [z - wanted[-1] - (b[k] - b[-1]) for k, z in enumerate(wanted[:-1])]
        return certificates.adjacent(self.head, i, j, self._solved(equations, gaps))

    def _solved(self, rows: Rows, right_side: list[Fraction]) -> Vector:
        """Return a point that solves equations in the few features, 0 in the others."""
        solution = solve(rows, right_side).solution
        assert solution is not None, "independent equations have a solution"
        point = [Fraction(0)] * self.head.features
        for k, value in zip(self.features, solution, strict=True):
            point[k] = value
        return tuple(point)


def _decided(subject: str, certificate: Certificate, size: int) -> Decision:
    """Grade by the checker, for a large head by the fast one: the other takes minutes there."""
    return Decision.by_checker(subject, certificate, decide=None if size <= WEIGHTS else fast)


def _by_rank(found: InvariantDimension, m: int, size: int) -> Result:
    """Answer for a large head by its rank, where that says it all; else leave it undecided."""
    if found.rank < m - 1:
        why = f"a head with more than {CLASSES} classes or {WEIGHTS:,} weights, which depend"
        words = (
            f"The regions of {m} classes were not decided: the head is too large for one by one."
        )
        return Result(words, {}, (Decision.undecided("class regions", why),), 0, (), ())
    finding = (
        f"The {m - 1} differences of class weights are linearly independent, so any differences of "
        f"logits are taken somewhere: all {m} class regions are unbounded, every two of them share "
        "a facet, and no borders are parallel. The rank is certified; that it implies the rest is "
        "the argument of this sentence."
    )
    decision = _decided("independent differences", found.certificate, size)
    none = {name: Found(0, Grade.CERTIFIED) for name in ("empty-class", "parallel")}
    return Result(finding, {}, (decision,), 0, (), (), found=none)


def class_regions(subject: Subject) -> Result:
    """Decide the shape of every class region, which touch, and which borders are parallel."""
    found = subject.model.dimension
    m = subject.model.weights.shape[1]
    if subject.model.weights.size > WEIGHTS or m > CLASSES:
        return _by_rank(found, m, subject.model.weights.size)
    head, labels = subject.model.head, subject.model.labels
    independent = Independent.of(head, found)
    shapes: list[str] = []
    decisions: list[Decision] = []
    for i in range(m):
        if independent:
            shape, certificate = "unbounded", independent.region(i)
        else:
            solid = regions.polyhedron(head, i).bounded()
            shape, certificate = _shape(solid), certificates.decision_region(head, i, solid)
        shapes.append(shape)
        decisions.append(Decision.by_checker(f"region of {labels[i]}", certificate))
    touching = []
    for i, j in combinations(range(m), 2):
        certificate, touch = _border(head, i, j, independent)
        name = f"border of {labels[i]} and {labels[j]}"
        decisions.append(Decision.by_checker(name, certificate))
        touching.append(touch)
    parallel = independent.parallel() if independent else regions.parallel_pairs(head)
    decisions += _parallel(head, parallel)
    counts = {name: shapes.count(name) for name in ("empty", "bounded", "unbounded")}
    count = sum(touching)
    finding = (
        f"In the space of features {counts['unbounded']} of {m} class regions are unbounded, "
        f"{counts['bounded']} bounded and {counts['empty']} empty; "
        f"{count} of {quantity(len(touching), 'pair')} of classes "
        f"{'shares' if count == 1 else 'share'} a facet, and "
        f"{'no' if not parallel else len(parallel)} {'pair' if len(parallel) == 1 else 'pairs'} of "
        f"borders {'is' if len(parallel) == 1 else 'are'} parallel."
    )
    neighbours: dict[int, list[str]] = {i: [] for i in range(m)}
    for (i, j), touch in zip(combinations(range(m), 2), touching, strict=True):
        if touch:
            neighbours[i].append(str(labels[j]))
            neighbours[j].append(str(labels[i]))
    columns: list[tuple[str, str, Grade | None]] = [
        ("class", "", None), ("region", "", Grade.CERTIFIED),
        ("shares a facet with", "", Grade.CERTIFIED),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [str(labels[i]), shapes[i], ", ".join(neighbours[i]) or "none"] for i in range(m)
    ]
    shown = table("Class regions of the last layer", columns, rows)
    tables = [shown]
    if parallel:
        # Those with a certificate; there may be hundreds where all borders are parallel.
        pairs_ = [
            [_named(subject, p.first), _named(subject, p.second), str(p.factor)]
            for p in parallel[:PARALLEL]
        ]
        headings: list[tuple[str, str, Grade | None]] = [
            ("border", "", None), ("parallel to", "", Grade.CERTIFIED),
            ("factor", "", Grade.CERTIFIED),
        ]  # fmt: skip
        tables.append(table("Parallel borders", headings, pairs_))
    found_ = {
        "empty-class": Found(counts["empty"], Grade.CERTIFIED),
        "parallel": Found(len(parallel[:PARALLEL]), Grade.CERTIFIED),
    }
    return Result(finding, {}, tuple(decisions), 0, tuple(tables), (), found=found_)


def _parallel(head: SoftmaxHead, parallel: list[regions.ParallelPair]) -> list[Decision]:
    """Certify parallel borders, the first ones of many, or that there are none."""
    if parallel:
        return [
            Decision.by_checker(
                f"parallel borders {pair.first} and {pair.second}",
                certificates.parallel(head, pair.first, pair.second, pair.factor),
            )
            for pair in parallel[:PARALLEL]
        ]
    columns = regions.columns(head)
    if head.classes == 2 or len(set(columns)) == len(columns):
        return [Decision.by_checker("no parallel borders", certificates.not_parallel(head))]
    # Two classes of equal weights have parallel borders with any third of other weights.
    why = "all classes have equal weights, and there is no border"
    return [Decision.undecided("no parallel borders", why)]


def _named(subject: Subject, classes: tuple[int, int]) -> str:
    return " vs ".join(str(subject.model.labels[k]) for k in classes)


def _shape(found: Boundedness) -> str:
    if found.point is None:
        return "empty"
    return "bounded" if found.bounded else "unbounded"


def _border(
    head: SoftmaxHead, i: int, j: int, independent: Independent | None
) -> tuple[Certificate, bool]:
    """Return whether two classes share a facet, with a certificate for it."""
    if independent:
        return independent.border(i, j), True
    if head.class_weights(i) == head.class_weights(j):
        # Their logits differ by a constant: where they tie, they do so everywhere.
        numbers: dict[str, Fraction | int] = {}
        for name, c in (("a", i), ("b", j)):
            numbers |= {f"{name}{k}": x for k, x in enumerate(head.class_weights(c))}
        equal = [(f"a{k}", "=", f"b{k}") for k in range(head.features)]
        return facts.arithmetic(numbers, equal), False
    if head.classes == 2:
        normal = combine((1, head.class_weights(0)), (-1, head.class_weights(1)))
        gap = head.bias[1] - head.bias[0]
        point = tuple(gap * x / dot(normal, normal) for x in normal)
        return certificates.adjacent(head, 0, 1, point), True
    found = regions.border(head, i, j)
    if found.facet:
        return certificates.adjacent(head, i, j, found.point), True
    return certificates.apart(head, i, j, found.share, found.parameter), False


INVARIANCE = Question(
    "invariant-directions",
    "Directions that no difference of scores notices",
    "How many directions of the feature space leave all differences of scores, and so every "
    "softmax output, exactly unchanged, and what do floats make of them?",
    ("zou-def-1", "zou-thm-1", "zou-thm-2"),
    invariance,
)
REGIONS = Question(
    "class-regions",
    "Class regions of the last layer",
    "Which class regions are empty, bounded or unbounded, which of them touch, and which borders "
    "are parallel?",
    ("zou-unbounded", "zou-region-convex", "zou-def-2"),
    class_regions,
)
