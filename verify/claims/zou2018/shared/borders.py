"""Which classes of a parallel layer cannot share a facet, and which classes always do."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.shared.regions import Border, ParallelPair
from verify.objects import SoftmaxHead


@dataclass(frozen=True)
class Cover:
    """Other logits that cover the border of two classes.

    sum share_k w_k = t w_i + (1 - t) w_j for ``pair`` = (i, j), with convex ``share`` of other
    classes and t = ``parameter``; ``rise`` = sum share_k b_k - (t b_i + (1 - t) b_j).
    """

    pair: tuple[int, int]
    share: Vector
    parameter: Fraction
    rise: Fraction

    def sides(self, values: Rows) -> tuple[Vector, Vector]:
        """Return the mixture of the pair and of the other classes, of one vector per class."""
        i, j = self.pair
        ours = combine((self.parameter, values[i]), (1 - self.parameter, values[j]))
        return ours, combine(*zip(self.share, values, strict=True))


def cover(head: SoftmaxHead, found: ParallelPair) -> Cover:
    """Return two classes of a parallel pair of bisectors whose border the other classes cover.

    Three collinear weights: the one between covers the border of the outer two. Four weights of a
    trapezoid: its diagonals cross, and the one with the higher bias there covers the other.
    """
    common = set(found.first) & set(found.second)
    if common:
        return _collinear(head, sorted({*found.first, *found.second}))
    i, j = found.first
    k, l = found.second if found.factor > 0 else found.second[::-1]
    # w_i + c w_l = w_j + c w_k with c > 0.
    t = 1 / (1 + abs(found.factor))
    one, other = (
        _cover(head, (i, l), {j: t, k: 1 - t}, t),
        _cover(head, (j, k), {i: t, l: 1 - t}, t),
    )
    return one if one.rise >= 0 else other


def _collinear(head: SoftmaxHead, three: list[int]) -> Cover:
    w = regions.columns(head)
    for middle in three:
        i, j = (k for k in three if k != middle)
        long, short = combine((1, w[i]), (-1, w[j])), combine((1, w[middle]), (-1, w[j]))
        t = next(a / b for a, b in zip(short, long, strict=True) if b)
        if 0 < t < 1:
            return _cover(head, (i, j), {middle: Fraction(1)}, t)
    raise AssertionError("of three different points on a line one lies between the others")


def _cover(
    head: SoftmaxHead, pair: tuple[int, int], share: dict[int, Fraction], t: Fraction
) -> Cover:
    b, (i, j) = head.bias, pair
    full = tuple(share.get(k, Fraction(0)) for k in range(head.classes))
    rise = sum((a * b[k] for k, a in share.items()), -t * b[i] - (1 - t) * b[j])
    return Cover(pair, full, t, rise)


def cover_certificate(head: SoftmaxHead, found: Cover) -> Certificate:
    """Certify the cover: the two regions share no facet, and with a positive rise no point."""
    return certificates.apart(head, *found.pair, found.share, found.parameter)


def borders(head: SoftmaxHead) -> dict[tuple[int, int], Border]:
    """Return what each two classes with different weights have in common."""
    w = regions.columns(head)
    return {
        (i, j): regions.border(head, i, j)
        for i, j in combinations(range(head.classes), 2)
        if w[i] != w[j]
    }


def interior_points(head: SoftmaxHead) -> Rows | None:
    """Return a point in the interior of each closed region, None if one has none."""
    points = [regions.polyhedron(head, i).interior_point() for i in range(head.classes)]
    found = tuple(p for p in points if p is not None)
    return found if len(found) == head.classes else None


def winners(head: SoftmaxHead, points: Rows) -> Certificate:
    """Certify that each class in order is the only winner at its point: regions have interior."""
    rule = regions.argmax_rule(head, lowest=False)
    return facts.certificate([rule], [facts.label(0, h, i) for i, h in enumerate(points)])
