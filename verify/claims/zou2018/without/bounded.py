"""Bounded and empty regions where none is expected, and none where the caption expects one."""

from random import Random

from certify import certificates
from verify.claims.claim import Refutation, step
from verify.claims.zou2018.shared import region_shapes, regions
from verify.claims.zou2018.without import empty_class
from verify.drawing import layers
from verify.objects import SoftmaxHead


def draw_many_classes(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer with at least two classes more than features, and one class."""
    l = rng.randint(1, 2)
    m = l + 2
    return layers.small_head(rng, l, m), rng.randrange(m)


def refute_bounded(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when the region is bounded and has interior."""
    i = region
    polyhedron = regions.polyhedron(head, i)
    inside, shape = polyhedron.interior_point(), polyhedron.bounded()
    if inside is None or not shape:
        return None
    return Refutation.of(
        "The region has interior and is bounded: its weight vector lies inside the hull of the "
        "others.",
        step("There are at least two classes more than features.",
             (head.classes, ">=", head.features + 2)),
        step("At some features the logit of the class is strictly the largest.",
             (min(regions.gaps(head, i, inside)), ">", 0)),
        certificates.decision_region(head, i, shape),
    )  # fmt: skip


def draw_few_classes(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer with at most one class more than features, and one class."""
    l = rng.randint(1, 2)
    m = rng.randint(2, l + 1)
    return layers.small_head(rng, l, m), rng.randrange(m)


def refute_empty(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when l >= m - 1 and the class has no points."""
    few = head.classes <= head.features + 1
    return empty_class.refute(head, region) if few else None


def draw_layer(rng: Random) -> SoftmaxHead:
    """Return a small layer with fewer features than classes."""
    l = rng.randint(1, 2)
    return layers.small_head(rng, l, rng.randint(l + 1, l + 2))


def refute_caption(head: SoftmaxHead) -> Refutation | None:
    """Refute "l < m allows a bounded region" by a shape where no layer has one, and an example."""
    l, m = head.features, head.classes
    shapes = region_shapes.shapes(head)
    full = {i: shape for i, shape in enumerate(shapes) if shape.point is not None}
    if not l < m < l + 2 or any(full.values()):
        return None
    return Refutation.of(
        r"Here $l<m$, and every nonempty region extends to infinity. So it is in every layer with "
        r"$l=m-1$: fewer than $l+1$ vectors $w_j-w_i$ cannot close in a region.",
        step("There are fewer features than classes.", (l, "<", m)),
        step(r"There are too few differences to fill $\mathbb{R}^l$.", (m - 1, "<", l + 1)),
        *(certificates.decision_region(head, i, shape) for i, shape in full.items()),
    )
