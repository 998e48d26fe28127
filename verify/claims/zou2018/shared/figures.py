"""The two parts of Figure 1 of Zou et al., drawn from exact softmax layers."""

from collections.abc import Sequence
from fractions import Fraction

from certify.numbers.rationals import Vector, combine, dot
from verify.claims.picture import Arrow, Line, Marker, Picture, Region, clipped
from verify.claims.zou2018.shared import regions
from verify.drawing import layers
from verify.objects import SoftmaxHead

View = tuple[int, int, int, int]


def bounded_and_unbounded() -> tuple[Picture, ...]:
    """Draw the left part: a bounded region for l = m - 2, none for l = m - 1, lines for l > m."""
    square: View = (-3, 3, -3, 3)
    enclosed = _layer([(0, 0), (1, 0), (0, 1), (-1, -1)], (1, 0, 0, 0))
    open_ended = _layer([(1, 0), (0, 1), (-1, -1)], (0, 0, 0))
    return (
        Picture(
            "A bounded region: two features, four classes",
            r"The layer $w=(0,0),(1,0),(0,1),(-1,-1)$, $b=(1,0,0,0)$. The region of class 1 is the "
            r"triangle $h_1\le1$, $h_2\le1$, $h_1+h_2\ge-1$, because $w_1$ is interior to the hull "
            "of the other weights. The other three have no end.",
            _fractions(square),
            _classes(enclosed, square),
        ),
        Picture(
            "No bounded region: two features, three classes",
            r"The layer $w=(1,0),(0,1),(-1,-1)$, $b=0$ has fewer features than classes, and yet "
            r"each region contains a ray, for instance along its own $w_i$. Bounded regions need "
            r"$l\le m-2$.",
            _fractions(square),
            _classes(open_ended, square),
            arrows=tuple(
                Arrow(_fractions((0, 0)), w, f"w{sub}")
                for sub, w in zip("₁₂₃", regions.columns(open_ended), strict=True)
            ),
        ),
        *invariant_lines(),
    )


def invariant_lines() -> tuple[Picture, ...]:
    """Draw the plane of w_1 - w_2 and an invariant direction, for l = 3 and m = 2."""
    view: View = (-3, 3, -3, 3)
    head = _layer([(1, 1, 1), (0, 0, 0)], (0, 0))
    across, along = head.class_weights(0), _fractions((1, -1, 0))
    # In the coordinates (s, t) of h = s (w_1 - w_2) + t d the layer has two features of its own.
    plane = layers.of_columns(
        [(dot(w, across), dot(w, along)) for w in regions.columns(head)], head.bias
    )
    starts = (_fractions((-1, -2)), _fractions((1, -2)))
    picture = Picture(
        "More features than classes: a plane through a layer with three features",
        r"The layer $w=(1,1,1),(0,0,0)$, $b=0$ in the coordinates of $s(w_1-w_2)+td$ with "
        r"$d=(1,-1,0)$. Along $d$ both logits change by the same amount: the probabilities stay "
        "exactly as they are, and both regions contain whole lines.",
        _fractions(view),
        _classes(plane, view),
        markers=tuple(Marker(h, 0, "h") for h in starts),
        arrows=tuple(Arrow(h, combine((1, h), (4, _fractions((0, 1)))), "4d") for h in starts),
    )
    return (picture,)


def parallel_layers() -> tuple[Picture, ...]:
    """Draw the right part: a gap between two regions, and parallel bisectors without any gap."""
    view: View = (-2, 3, -2, 2)
    gap = _layer([(0, 0), (1, 0), (2, 0)], (0, 0, -1))
    no_gap = _layer([(0, 0), (1, 0), (2, 0)], (0, -1, 0))
    return (
        Picture(
            "Parallel boundaries with a gap",
            r"The layer $w=(0,0),(1,0),(2,0)$, $b=(0,0,-1)$. Classes 1 and 3 are separated by the "
            "strip of class 2 and are nowhere adjacent; their regions are at distance exactly 1.",
            _fractions(view),
            _classes(gap, view),
            lines=(
                Line(_fractions((1, 0)), Fraction(0), "z₁ = z₂"),
                Line(_fractions((1, 0)), Fraction(1), "z₂ = z₃"),
            ),
        ),
        Picture(
            "Parallel bisectors without a gap",
            r"The layer $w=(0,0),(1,0),(2,0)$, $b=(0,-1,0)$. All three bisectors are parallel, but "
            "class 2 is empty, and classes 1 and 3 share the line where their logits are equal.",
            _fractions(view),
            _classes(no_gap, view),
            lines=(
                Line(_fractions((1, 0)), Fraction(1), "z₁ = z₂"),
                Line(_fractions((1, 0)), Fraction(-1), "z₂ = z₃"),
                Line(_fractions((1, 0)), Fraction(0), "z₁ = z₃"),
            ),
        ),
    )


def _classes(head: SoftmaxHead, view: View) -> tuple[Region, ...]:
    """Return the regions that have interior, clipped to the view."""
    cut = (regions.polyhedron(head, i) for i in range(head.classes))
    corners = [clipped(region.matrix, region.right_side, view) for region in cut]
    return tuple(Region(f"class {i}", c) for i, c in enumerate(corners, 1) if c)


def _layer(columns: Sequence[tuple[int, ...]], bias: tuple[int, ...]) -> SoftmaxHead:
    return layers.of_columns([_fractions(w) for w in columns], _fractions(bias))


def _fractions(entries: tuple[int, ...]) -> Vector:
    return tuple(map(Fraction, entries))
