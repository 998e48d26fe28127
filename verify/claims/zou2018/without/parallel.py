"""What parallel layers can do without the hypotheses of the statement on adjacent regions."""

from dataclasses import replace
from itertools import combinations
from random import Random

from certify import certificates, linear_program
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from certify.polyhedra.polyhedron import Polyhedron
from certify.programs.linear_program import LinearProgramResult
from verify.claims.claim import Refutation, Step, step
from verify.claims.relation import Named, computed, inner, mixture, multiples, named
from verify.claims.zou2018.shared import borders, regions
from verify.drawing import layers
from verify.objects import SoftmaxHead

# Three collinear weights, whose middle class ties at one point of the line and never wins.
PINCHED = SoftmaxHead.of([[0, 1, 2]], [0, 0, 0])
# The same in the plane, where the middle class is below others everywhere.
SQUEEZED_PLANE = SoftmaxHead.of([[0, 1, 2], [0, 0, 0]], [0, -1, 0])
# Two classes with one logit.
DOUBLED = SoftmaxHead.of([[0, 0, 1]], [0, 0, 0])
# No two of the six differences are proportional; classes 0 and 2 are apart.
ASKEW = SoftmaxHead.of([[0, 3, 2, 0], [0, 0, 2, 1]], [0, 0, -8, 0])
# The same with the smallest numbers known.
SMALL_ASKEW = SoftmaxHead.of([[0, -1, 0, 1], [1, 0, -1, 1]], [0, 0, 0, 1])


def draw_on_a_line(rng: Random) -> SoftmaxHead:
    """Return a small layer with one feature and two to four classes."""
    return layers.small_head(rng, 1, rng.randint(2, 4))


def refute_interior(head: SoftmaxHead) -> Refutation | None:
    """Refute for one feature: a region has no interior, and every two have a common point."""
    found, common = regions.parallel_pairs(head), _common_points(head)
    if head.features > 1 or not found or not layers.distinct(regions.columns(head)) or not common:
        return None
    lead = {i: _largest_lead(head, i) for i in range(head.classes)}
    thin = [(i, best) for i, best in lead.items() if best.value is not None and best.value <= 0]
    if not thin:
        return None
    i, best = thin[0]
    assert best.multipliers is not None
    # The last multiplier is that of the ceiling, which is not reached.
    shares, (w, b) = best.multipliers.inequalities[:-1], (regions.columns(head), head.bias)
    others = [j for j in range(head.classes) if j != i]
    return Refutation.of(
        f"Two bisectors are parallel, region {i + 1} has no interior, and every two regions have a "
        "common point, which for one feature has dimension $l-1=0$.",
        *_common(common), Named(rf"(\lambda_j)_{{j\neq {i + 1}}}", shares),
        step(f"The logit of class {i + 1} is nowhere above a mixture of the others, so nowhere "
             "above all of them: the class wins on no open set.",
             (mixture(r"\sum_j\lambda_jw_j", *((s, w[j]) for s, j in zip(shares, others,
                                                                       strict=True))), "=",
              named(f"w_{i + 1}", w[i])),
             (named(f"b_{i + 1}", b[i]), "<=",
              inner(r"\sum_j\lambda_jb_j", shares, [b[j] for j in others]))),
        _touching(head, common),
        certificates.parallel(head, found[0].first, found[0].second, found[0].factor),
        best.certificate, *_shared(head, common),
    )  # fmt: skip


def _largest_lead(head: SoftmaxHead, i: int) -> LinearProgramResult:
    """Return the largest number up to 1 by which class i exceeds all others somewhere."""
    region, ceiling = regions.polyhedron(head, i), (*[0] * head.features, 1)
    rows = [*((*a, 1) for a in region.matrix), ceiling]
    return linear_program(ceiling, (rows, [*region.right_side, 1]), maximize=True)


def refute_different(head: SoftmaxHead) -> Refutation | None:
    """Refute for one feature: all regions have interior, and every two have a common point."""
    found, common = regions.parallel_pairs(head), _common_points(head)
    if head.features > 1 or not found or borders.interior_points(head) is None or not common:
        return None
    return Refutation.of(
        "Two bisectors are parallel, every region has interior, and every two regions have a "
        "common point, which for one feature has dimension $l-1=0$.",
        *_common(common),
        step("Every region $R_i$ has full dimension: those of its inequalities that are equalities "
             "everywhere in it have rank $e=0$.",
             ([regions.full_dimension(head, i, regions.polyhedron(head, i).dimension())
               for i in range(head.classes)], "=", 1)),
        _touching(head, common),
        certificates.parallel(head, found[0].first, found[0].second, found[0].factor),
        *_shared(head, common),
    )  # fmt: skip


def _touching(head: SoftmaxHead, common: dict[tuple[int, int], Vector]) -> Step:
    return step("At the point $h_{ij}$ of each two regions both logits are the largest.",
                ([regions.smallest_gap(regions.least_gap(i + 1, _point(pair)),
                                       head, i, h)
                  for pair, h in common.items() for i in pair], "=", 0))  # fmt: skip


def _shared(head: SoftmaxHead, common: dict[tuple[int, int], Vector]) -> list[Certificate]:
    shapes = [regions.polyhedron(head, i).bounded() for i in range(head.classes)]
    return [
        certificates.decision_region(head, i, replace(shapes[i], point=h))
        for pair, h in common.items() for i in pair
    ]  # fmt: skip


def _common(points: dict[tuple[int, int], Vector]) -> list[Named]:
    return [Named(_point(pair), h) for pair, h in points.items()]


def _point(pair: tuple[int, int]) -> str:
    return f"h_{{{pair[0] + 1}{pair[1] + 1}}}"


def _common_points(head: SoftmaxHead) -> dict[tuple[int, int], Vector]:
    """Return a point of each two regions, of none if some two have none."""
    pairs = list(combinations(range(head.classes), 2))
    found = {pair: point for pair in pairs if (point := _common_point(head, *pair)) is not None}
    return found if len(found) == len(pairs) else {}


def _common_point(head: SoftmaxHead, i: int, j: int) -> Vector | None:
    one, other = regions.polyhedron(head, i), regions.polyhedron(head, j)
    both = Polyhedron(one.matrix + other.matrix, one.right_side + other.right_side, head.features)
    return both.is_empty().point


def pairwise_differences(head: SoftmaxHead) -> list[tuple[int, int, Vector]]:
    """Return w_i - w_j for each two classes i < j, with their numbers from 1."""
    w = regions.columns(head)
    return [
        (i + 1, j + 1, combine((1, w[i]), (-1, w[j])))
        for i, j in combinations(range(head.classes), 2)
    ]


def determinants(head: SoftmaxHead) -> list[Named]:
    """Return for two features the determinants of each two differences, 0 for parallel ones."""
    return [
        computed(rf"\det(w_{i}-w_{j},w_{k}-w_{l})", "a * d - b * c", a=p[0], b=p[1], c=q[0], d=q[1])
        for (i, j, p), (k, l, q) in combinations(pairwise_differences(head), 2)
    ]


def draw_four(rng: Random) -> SoftmaxHead:
    """Return a small layer with three or four classes and two features."""
    return layers.small_head(rng, 2, rng.randint(3, 4))


def refute_independent(head: SoftmaxHead) -> Refutation | None:
    """Refute for two features: no parallel bisectors, all regions with interior, and two apart."""
    if not layers.distinct(regions.columns(head)) or regions.parallel_pairs(head):
        return None
    if head.features != 2:
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
        step("No two of the differences of weights are proportional.",
             (determinants(head), "!=", 0)),
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
