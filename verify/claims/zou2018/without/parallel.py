"""What parallel layers can do without the hypotheses of the statement on adjacent regions."""

from dataclasses import replace
from itertools import combinations
from random import Random

from certify import certificates
from certify.numbers.rationals import Vector, combine, dot
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.claim import Refutation, step
from verify.claims.relation import Named, computed, counted, mixture, multiples, named
from verify.claims.zou2018.shared import borders, regions
from verify.drawing import layers
from verify.objects import SoftmaxHead

# Three collinear weights whose middle class never wins, on the line and in the plane.
SQUEEZED = SoftmaxHead.of([[0, 1, 2]], [0, -1, 0])
SQUEEZED_PLANE = SoftmaxHead.of([[0, 1, 2], [0, 0, 0]], [0, -1, 0])
# Two classes with one logit.
DOUBLED = SoftmaxHead.of([[0, 0, 1]], [0, 0, 0])
# No two of the six differences are proportional; classes 0 and 2 are apart.
ASKEW = SoftmaxHead.of([[0, 3, 2, 0], [0, 0, 2, 1]], [0, 0, -8, 0])
# The same with the smallest numbers known.
SMALL_ASKEW = SoftmaxHead.of([[0, -1, 0, 1], [1, 0, -1, 1]], [0, 0, 0, 1])


def draw_three(rng: Random) -> SoftmaxHead:
    """Return a small layer with three classes and one or two features."""
    return layers.small_head(rng, rng.randint(1, 2), 3)


def refute_interior(head: SoftmaxHead) -> Refutation | None:
    """Refute when a parallel layer has different weights and all its nonempty regions touch."""
    found = regions.parallel_pairs(head)
    if not found or not layers.distinct(regions.columns(head)):
        return None
    shapes = {i: regions.polyhedron(head, i).bounded() for i in range(head.classes)}
    full = [i for i, shape in shapes.items() if shape.point is not None]
    shared = {pair: regions.border(head, *pair) for pair in combinations(full, 2)}
    if len(full) < 2 or not all(border.facet for border in shared.values()):
        return None
    return Refutation.of(
        "Two bisectors are parallel, and every two regions that are not empty share a facet.",
        *_common({pair: border.point for pair, border in shared.items()}),
        step("Some region is empty.",
             (counted(r"\text{nonempty regions}", [i + 1 for i in full]), "<",
              named("m", head.classes))),
        step("At $h_{ij}$ the logits of $i$ and $j$ are equal and exceed all others: so for each "
             "pair.",
             ([regions.excess(rf"\text{{excess at }}{_point((i, j))}", head, i, j, border)
               for (i, j), border in shared.items()], ">", 0)),
        certificates.parallel(head, found[0].first, found[0].second, found[0].factor),
        *(certificates.decision_region(head, i, shape)
          for i, shape in shapes.items() if i not in full),
        *(certificates.adjacent(head, *pair, border.point) for pair, border in shared.items()),
    )  # fmt: skip


def draw_on_a_line(rng: Random) -> SoftmaxHead:
    """Return a small layer with one feature and two to four classes."""
    return layers.small_head(rng, 1, rng.randint(2, 4))


def refute_different(head: SoftmaxHead) -> Refutation | None:
    """Refute for one feature: all regions have interior, and every two have a common point."""
    found = regions.parallel_pairs(head)
    inside = borders.interior_points(head)
    if head.features > 1 or not found or inside is None:
        return None
    pairs = list(combinations(range(head.classes), 2))
    common = {pair: point for pair in pairs if (point := _common_point(head, *pair)) is not None}
    if len(common) < len(pairs):
        return None
    shapes = [regions.polyhedron(head, i).bounded() for i in range(head.classes)]
    return Refutation.of(
        "Two bisectors are parallel, every region has interior, and every two regions have a "
        "common point, which for one feature has dimension $l-1=0$.",
        *_common(common),
        step("Every region $R_i$ has full dimension: none of its inequalities is an equation, "
             "$e=0$.",
             ([regions.full_dimension(head, i, regions.polyhedron(head, i).dimension())
               for i in range(head.classes)], "=", 1)),
        step("At the point $h_{ij}$ of each two regions both logits are the largest.",
             ([regions.smallest_gap(rf"\min_j(z_{{{i + 1}}}-z_j)({_point(pair)})",
                                    head, i, h)
               for pair, h in common.items() for i in pair], "=", 0)),
        certificates.parallel(head, found[0].first, found[0].second, found[0].factor),
        *(certificates.decision_region(head, i, replace(shapes[i], point=h))
          for pair, h in common.items() for i in pair),
    )  # fmt: skip


def _common(points: dict[tuple[int, int], Vector]) -> list[Named]:
    return [Named(_point(pair), h) for pair, h in points.items()]


def _point(pair: tuple[int, int]) -> str:
    return f"h_{{{pair[0] + 1}{pair[1] + 1}}}"


def _common_point(head: SoftmaxHead, i: int, j: int) -> Vector | None:
    one, other = regions.polyhedron(head, i), regions.polyhedron(head, j)
    both = Polyhedron(one.matrix + other.matrix, one.right_side + other.right_side, head.features)
    return both.is_empty().point


def draw_four(rng: Random) -> SoftmaxHead:
    """Return a small layer with three or four classes and two features."""
    return layers.small_head(rng, 2, rng.randint(3, 4))


def refute_independent(head: SoftmaxHead) -> Refutation | None:
    """Refute when no bisectors are parallel, all regions have interior, and two are apart."""
    if not layers.distinct(regions.columns(head)) or regions.parallel_pairs(head):
        return None
    inside = borders.interior_points(head)
    if inside is None:
        return None
    apart = [(pair, b) for pair, b in borders.borders(head).items() if b.height < 0]
    if not apart:
        return None
    pair, border = apart[0]
    (p, q), t = pair, border.parameter
    b, w = head.bias, regions.columns(head)
    ours = combine((t, w[p]), (1 - t, w[q]))
    return Refutation.of(
        f"No two bisectors are parallel and every region has interior, but classes {pair[0] + 1} "
        f"and {pair[1] + 1} do not meet: a mixture of the others is higher.",
        *(Named(f"h_{{{k}}}", h) for k, h in enumerate(inside, 1)),
        named("p", p + 1), named("q", q + 1), named("t", t), Named("s", border.share),
        step("Every class wins strictly somewhere.",
             (regions.wins(head, inside), ">", 0)),
        step("A mixture of the other logits is $tz_p+(1-t)z_q$ and something positive: where "
             "$z_p=z_q$ some other is higher by that at least.",
             (Named("tw_p+(1-t)w_q", ours, multiples((t, w[p]), (1 - t, w[q]))), "=",
              mixture(r"\sum_js_jw_j", *zip(border.share, w, strict=True))),
             (computed(r"\sum_js_jb_j-(tb_p+(1-t)b_q)", "m - (t * p + (1 - t) * q)",
                       m=dot(border.share, b), t=t, p=b[p], q=b[q]), ">", 0)),
        certificates.not_parallel(head),
        borders.winners(head, inside),
        certificates.apart(head, *pair, border.share, border.parameter),
    )  # fmt: skip
