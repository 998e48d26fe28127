"""How far the outer regions of parallel borders are apart, and how often layers are parallel."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from random import Random

from certify import certificates, linear_program
from certify.numbers.rationals import Vector, combine, dot
from certify.programs.linear_program import LinearProgramResult
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, Step, step
from verify.claims.relation import Named, computed, inner, mixture, named, number
from verify.claims.zou2018.shared import regions
from verify.drawing import layers, numbers
from verify.objects import SoftmaxHead

THREE, FACING, ASIDE = "three classes", "facets that face each other", "facets that do not"
SHAPES, LINE = "layers of any shape", "one feature"
# Two vertical borders, one above the other; the outer regions meet them in different heights.
STAIRS = SoftmaxHead.of([[-1, 1, -1, 1], [1, 1, -1, -1]], [0, 1, 1, 0])


@dataclass(frozen=True)
class Outer:
    """Two parallel borders v.h = low < high, and the classes beyond them.

    ``below`` is (i, j): on their border v.h = low, class i lies where v.h <= low; ``above`` is
    (k, l): on their border v.h = high, class l lies where v.h >= high.
    """

    below: tuple[int, int]
    above: tuple[int, int]
    normal: Vector
    low: Fraction
    high: Fraction

    @property
    def gap(self) -> Vector:
        """The shortest way from one border to the other."""
        return combine(((self.high - self.low) / dot(self.normal, self.normal), self.normal))


def outer_regions(head: SoftmaxHead) -> list[Outer]:
    """Return all pairs of parallel borders that carry facets, with their outer regions."""
    w, b, found = regions.columns(head), head.bias, []
    shared = {
        pair for pair in combinations(range(head.classes), 2)
        if w[pair[0]] != w[pair[1]] and regions.border(head, *pair).facet
    }  # fmt: skip
    facets = [(i, j) for i, j in permutations(range(head.classes), 2) if {(i, j), (j, i)} & shared]
    for i, j in facets:
        normal = combine((1, w[j]), (-1, w[i]))
        for k, l in facets:
            other = combine((1, w[l]), (-1, w[k]))
            factor = dot(normal, other) / dot(normal, normal)
            if {i, j} == {k, l} or factor <= 0 or combine((factor, normal)) != other:
                continue
            low, high = b[i] - b[j], (b[k] - b[l]) / factor
            if low < high and i < l:  # each pair comes once more, seen from the other side
                found.append(Outer((i, j), (k, l), normal, low, high))
    return found


def straight_across(head: SoftmaxHead, outer: Outer) -> LinearProgramResult:
    """Look for a point of one outer region that the shortest way leads into the other.

    If there is one, the distance is |gap|; a shorter way than |gap| there is not, and one of that
    length can only be the gap itself.
    """
    first, last = (regions.polyhedron(head, c) for c in (outer.below[0], outer.above[1]))
    moved = [s - dot(a, outer.gap) for a, s in zip(last.matrix, last.right_side, strict=True)]
    return linear_program(
        [0] * head.features, ([*first.matrix, *last.matrix], [*first.right_side, *moved])
    )


def least_crossing(head: SoftmaxHead, outer: Outer) -> LinearProgramResult:
    """Return the least v.(y - x) of points x and y of the two outer regions."""
    first, last = (regions.polyhedron(head, c) for c in (outer.below[0], outer.above[1]))
    zero = (Fraction(0),) * head.features
    rows = [*((*a, *zero) for a in first.matrix), *((*zero, *a) for a in last.matrix)]
    objective = (*combine((-1, outer.normal)), *outer.normal)
    return linear_program(objective, (rows, [*first.right_side, *last.right_side]))


def facets_overlap(head: SoftmaxHead, outer: Outer) -> bool:
    """Return whether the two facets, seen along v, overlap: two intervals, for two features."""
    low, high = (
        _interval(head, outer, pair, level)
        for pair, level in ((outer.below, outer.low), (outer.above, outer.high))
    )
    starts = [s for s, _ in (low, high) if s is not None]
    ends = [e for _, e in (low, high) if e is not None]
    return not starts or not ends or max(starts) <= min(ends)


def _interval(
    head: SoftmaxHead, outer: Outer, pair: tuple[int, int], level: Fraction
) -> tuple[Fraction | None, Fraction | None]:
    """Return the ends of {s : the point of v.h = level at s is on the facet}, None if open."""
    v = outer.normal
    along, foot = (-v[1], v[0]), combine((level / dot(v, v), v))
    starts: list[Fraction] = []
    ends: list[Fraction] = []
    for k in range(head.classes):
        if k in pair:
            continue
        gap = combine((1, head.class_weights(pair[0])), (-1, head.class_weights(k)))
        value = dot(gap, foot) + head.bias[pair[0]] - head.bias[k]
        slope = dot(gap, along)
        if slope:  # value + s slope >= 0
            (starts if slope > 0 else ends).append(-value / slope)
    return max(starts, default=None), min(ends, default=None)


def draw(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer with two parallel borders placed as the case says, or any layer."""
    while True:
        if case in (SHAPES, LINE):
            l = 1 if case == LINE else rng.randint(1, 4)
            head = layers.small_head(rng, l, rng.randint(2, 5))
            if layers.distinct(regions.columns(head)):
                return head
            continue
        if case == THREE:
            first, second = numbers.vectors(rng, 2, 2)
            between = combine((1, first), (-1, second))
            columns = [first, second, combine((1, first), (numbers.positive(rng), between))]
            if not layers.distinct(columns):
                continue
            head = layers.with_all_regions(rng, columns)
        else:
            head = _stripes(rng)
        found = outer_regions(head)
        if case == THREE and found:
            return head
        across = [straight_across(head, outer).x is not None for outer in found]
        if across and (all(across) if case == FACING else not all(across)):
            return head


def _stripes(rng: Random) -> SoftmaxHead:
    """Return four or five classes in the plane with two parallel differences of weights."""
    side = layers.small_vector(rng, 2)
    first, third = layers.small_vector(rng, 2), layers.small_vector(rng, 2)
    columns = [first, combine((1, first), (1, side)), third, combine((1, third), (1, side))]
    columns += [layers.small_vector(rng, 2)] * rng.randint(0, 1)
    return layers.of_columns(columns, layers.small_vector(rng, len(columns)))


def decide(head: SoftmaxHead) -> Proof:
    """Compare the gap of all parallel borders with the distance, and parallel layers with shapes.

    The distance is at least the gap, and equal to it exactly when the gap itself leads from one
    region into the other: by a linear program, and for two features by the ends of the facets.
    """
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    found = outer_regions(head)
    across = [straight_across(head, outer) for outer in found]
    least = [least_crossing(head, outer) for outer in found]
    general = witness(l, m)
    pairs = regions.parallel_pairs(general)
    distinct = layers.distinct(regions.columns(head))
    steps: list[Step] = [
        step(r"Layers of the shape are almost never parallel exactly when $l\ge2$ or $m\le2$: the "
             "weights of parallel layers are zeros of polynomials, and one layer of the shape is "
             "not parallel, so that these are not all 0 (1 for yes, 0 for no).",
             (int(not pairs), "=", int(l >= 2 or m <= 2))),
    ]  # fmt: skip
    if l == 1 and distinct:
        steps.append(
            step("With one feature and different weights all bisectors are parallel.",
                 (len(regions.parallel_pairs(head)), "=", _pairs_of_pairs(m)))
        )  # fmt: skip
    if found:
        steps += [
            step(r"From one outer region to the other $v\cdot h$ grows by $t_2-t_1$ at least.",
                 *((answer.value if answer.value is not None else outer.low - 1, ">=",
                    outer.high - outer.low) for outer, answer in zip(found, least, strict=True))),
            step("With three classes the shortest way leads across (1 for yes, 0 for no).",
                 ([int(a.x is not None) for a in across], ">=", int(m == 3))),
        ]  # fmt: skip
    if found and l == 2:
        steps.append(
            step("It leads across exactly when the facets, seen along $v$, overlap.",
                 *((int(a.x is not None), "=", int(facets_overlap(head, outer)))
                   for outer, a in zip(found, across, strict=True)))
        )  # fmt: skip
    return Proof.of(
        *steps,
        certificates.not_parallel(general) if not pairs else
        certificates.parallel(general, pairs[0].first, pairs[0].second, pairs[0].factor),
        *(a.certificate for a in (*across, *least)),
    )  # fmt: skip


def witness(l: int, m: int) -> SoftmaxHead:
    """Return a layer whose weights are points of the curve (t, 4^t, 0, ...)."""
    columns = [(Fraction(t), *[Fraction(4) ** t, *[Fraction(0)] * l][: l - 1]) for t in range(m)]
    return layers.of_columns(columns, [Fraction(0)] * m)


def _pairs_of_pairs(m: int) -> int:
    return len(list(combinations(combinations(range(m), 2), 2)))


def draw_small(rng: Random) -> SoftmaxHead:
    """Return two features and three or four classes, with very small integers."""
    m = rng.randint(3, 4)
    columns = [tuple(Fraction(rng.randint(-1, 1)) for _ in range(2)) for _ in range(m)]
    return layers.of_columns(columns, [Fraction(rng.randint(-1, 1)) for _ in range(m)])


def refute_exact(head: SoftmaxHead) -> Refutation | None:
    """Refute that the outer regions are exactly as far apart as the borders."""
    for outer in outer_regions(head):
        answer = straight_across(head, outer)
        if answer.x is not None:
            continue
        (i, j), (k, l), w, b = outer.below, outer.above, regions.columns(head), head.bias
        v, other = outer.normal, combine((1, w[l]), (-1, w[k]))
        factor = dot(other, v) / dot(v, v)
        borders = {frozenset(outer.below), frozenset(outer.above)}
        pair = next(
            p for p in regions.parallel_pairs(head)
            if {frozenset(p.first), frozenset(p.second)} == borders
        )  # fmt: skip
        return Refutation.of(
            f"The borders of classes {i + 1}, {j + 1} and of {k + 1}, {l + 1} are parallel, and no "
            f"point of region {i + 1} is as near to region {l + 1} as the borders are to each "
            "other.",
            Named(f"v=w_{{{j + 1}}}-w_{{{i + 1}}}", v),
            Named(f"w_{{{l + 1}}}-w_{{{k + 1}}}", other),
            step(
                r"The borders $v\cdot h=t_1$ and $v\cdot h=t_2$ are different.",
                (
                    computed(f"t_1=b_{i + 1}-b_{j + 1}", "a - b", a=b[i], b=b[j]),
                    "<",
                    computed(
                        rf"t_2=(b_{k + 1}-b_{l + 1})/{number(factor)}",
                        "(a - b) / f",
                        a=b[k],
                        b=b[l],
                        f=factor,
                    ),
                ),
            ),
            *_facets(head, outer.below, outer.above),
            *_farther(head, outer, answer),
            certificates.parallel(head, pair.first, pair.second, pair.factor),
            certificates.adjacent(head, i, j, regions.border(head, i, j).point),
            certificates.adjacent(head, k, l, regions.border(head, k, l).point),
            answer.certificate,
        )
    return None


def _facets(head: SoftmaxHead, *pairs: tuple[int, int]) -> Iterator[Named | Step]:
    """Yield for each pair a point at which its two logits are equal and above all others."""
    names = [f"h_{{{i + 1}{j + 1}}}" for i, j in pairs]
    shared = [(i, j, regions.border(head, i, j)) for i, j in pairs]
    yield from (Named(name, border.point) for name, (*_, border) in zip(names, shared, strict=True))
    yield step(
        "Both borders carry facets: at a point of each the two logits are equal and above the "
        "rest.",
        *((computed(f"(z_{i + 1}-z_{j + 1})({name})", "a - b", a=z[i], b=z[j]), "=", 0)
          for name, (i, j, border) in zip(names, shared, strict=True)
          for z in [head.logits(border.point)]),
        ([regions.excess(rf"\text{{excess at }}{name}", head, i, j, border)
          for name, (i, j, border) in zip(names, shared, strict=True)], ">", 0),
    )  # fmt: skip


def _farther(head: SoftmaxHead, outer: Outer, answer: LinearProgramResult) -> list[Named | Step]:
    """Show that the regions are farther apart than the borders, by a second direction n.

    The multipliers that show that the gap does not lead across combine the inequalities of either
    region to one for n.
    """
    assert answer.multipliers is not None
    (i, l), w, b = (outer.below[0], outer.above[1]), regions.columns(head), head.bias
    shares = answer.multipliers.inequalities
    first, last = shares[: head.classes - 1], shares[head.classes - 1 :]
    here, there = ([c for c in range(head.classes) if c != own] for own in (i, l))
    n = combine(*((a, combine((1, w[c]), (-1, w[i]))) for a, c in zip(first, here, strict=True)))
    low = inner(rf"\sum_j\lambda_j(b_{{{i + 1}}}-b_j)", first, [b[i] - b[c] for c in here])
    high = inner(rf"\sum_j\mu_j(b_j-b_{{{l + 1}}})", last, [b[c] - b[l] for c in there])
    assert isinstance(low.value, Fraction)
    assert isinstance(high.value, Fraction)
    v, gap, ahead = outer.normal, outer.gap, high.value - low.value - dot(n, outer.gap)
    borders = {"t": outer.high - outer.low, "v": dot(v, v)}
    return [
        Named(rf"(\lambda_j)_{{j\neq {i + 1}}}", first),
        Named(rf"(\mu_j)_{{j\neq {l + 1}}}", last),
        Named("n", n), Named("g=(t_2-t_1)v/|v|^2", gap),
        step(rf"Region {i + 1} lies in $n\cdot x\le\alpha$ and region {l + 1} in "
             r"$n\cdot y\ge\beta$: combinations, with $\lambda,\mu\ge0$, of their inequalities.",
             (named("n", n), "=",
              mixture(rf"\sum_j\lambda_j(w_j-w_{{{i + 1}}})",
                      *((a, combine((1, w[c]), (-1, w[i])))
                        for a, c in zip(first, here, strict=True)))),
             (named("n", n), "=",
              mixture(rf"\sum_j\mu_j(w_{{{l + 1}}}-w_j)",
                      *((a, combine((1, w[l]), (-1, w[c])))
                        for a, c in zip(last, there, strict=True)))),
             (named(r"\alpha", low.value), "=", low), (named(r"\beta", high.value), "=", high)),
        step(r"The gap $g$ between the borders is too short for that: for $x$ and $y$ of the two "
             r"regions $v\cdot x\le t_1$ and $v\cdot y\ge t_2$, so $y-x=g+e$ with $v\cdot e\ge0$ "
             r"and $n\cdot e\ge\delta>0$.",
             (computed(r"\delta=\beta-\alpha-n\cdot g", "b - a - g",
                       b=high.value, a=low.value, g=dot(n, gap)), ">", 0)),
        step(r"So $|y-x|^2\ge|g|^2+|e|^2$, where $|g|^2=(t_2-t_1)^2/|v|^2$ and "
             r"$|e|^2\ge\delta^2/|n|^2$.",
             (computed(r"(t_2-t_1)^2/|v|^2+\delta^2/|n|^2", "t**2 / v + d**2 / n",
                       **borders, d=ahead, n=dot(n, n)), ">",
              computed("(t_2-t_1)^2/|v|^2", "t**2 / v", **borders))),
    ]  # fmt: skip


BORDERS = SharpForm((THREE, FACING, ASIDE, SHAPES, LINE), draw, decide, Counterexample(
    r"The outer regions need not be as near as $(t_2-t_1)/|v|$: facets side by side.",
    STAIRS, refute_exact, draw_small,
))  # fmt: skip
