"""The figures of Charles et al. in the plane, drawn from exact rules, data and directions."""

from fractions import Fraction
from itertools import combinations

from certify.numbers.rationals import Rows, Vector, combine, dot, text, vector
from verify.claims.picture import Arrow, Line, Marker, Picture, Region, clipped
from verify.objects import CellRule, LabelledSet, LinearRule, TwoLayerNetwork

View = tuple[int, int, int, int]


def figure_1(data: LabelledSet, rules: tuple[LinearRule, LinearRule]) -> tuple[Picture, ...]:
    """Draw two separators and, from each point labelled +1, the way against both normals."""
    view: View = (-3, 3, -2, 2)
    product = dot(rules[0].normal, rules[1].normal)
    regions = tuple(
        Region(f"h{sub} = +1", clipped([combine((-1, rule.normal))], [rule.offset], view))
        for sub, rule in zip("₁₂", rules, strict=True)
    )
    arrows = tuple(
        Arrow(x, combine((1, x), (-1, rule.normal)), f"−w{sub}")
        for x in data.positive
        for sub, rule in zip("₁₂", rules, strict=True)
    )
    return (
        Picture(
            "Figure 1: the normals of two accurate rules",
            r"Both rules are right on the two points. From the point labelled +1 the way $-w_1$ "
            rf"leaves $h_1=+1$ but never $h_2=+1$, since $w_1\cdot w_2={text(product)}<0$; and "
            "the other way round.",
            _view(view),
            regions,
            _boundaries(rules, "₁₂"),
            _markers(data),
            arrows,
        ),
    )


def figure_2(
    data: LabelledSet, rules: tuple[CellRule, CellRule], directions: tuple[Vector, Vector]
) -> tuple[Picture, ...]:
    """Draw each of two nonlinear rules with the same two directions from the data."""
    view: View = (-4, 6, -5, 4)
    first, second = directions
    captions = (
        r"With $a$ to the right and $t$ upwards: $v_1$ turns all points labelled +1 where they "
        r"leave the wedge $t>\max(0,a-3)$; $v_2$ turns no point labelled -1, since $t$ only falls.",
        "The same $v_1$ turns no point labelled +1 for $h_2$. $v_2$ turns $x_2=(0,-1)$, which "
        "falls into the strip $|a|<1$, $t<-3$, and never turns the other point, of the same label.",
    )
    return tuple(
        Picture(
            f"Figure 2, the rule h{sub}",
            f"{caption} The arrows show directions, and not their lengths.",
            _view(view),
            tuple(
                Region(f"h{sub} = +1", clipped(cell.matrix, cell.right_side, view))
                for cell in rule.cells
            ),
            (),
            tuple(
                Marker(x, y, {data.positive[0]: "x₁", data.negative[0]: "x₂"}.get(x, ""))
                for x, y in data.pairs
            ),
            (
                Arrow(data.positive[0], combine((1, data.positive[0]), (4, first)), "v₁"),
                *(Arrow(x, combine((1, x), (3, second)), "v₂") for x in data.negative),
            ),
        )
        for sub, rule, caption in zip("₁₂", rules, captions, strict=True)
    )


def figure_3(
    data: LabelledSet,
    linear: LinearRule,
    network: TwoLayerNetwork,
    directions: tuple[Vector, Vector],
) -> tuple[Picture, ...]:
    """Draw a linear rule and a network with both directions from the points labelled -1."""
    view: View = (-3, 3, -1, 3)
    return (
        Picture(
            "Figure 3: a linear rule, a network, and two directions",
            r"Both rules are right on the three points. The max-margin direction $v_1$ crosses the "
            r"boundary of the linear rule $h_1$ and stays in the strip $h_2=-1$ for ever. "
            "$v_2=x_+-x_-$ leads out of $h=-1$ for both.",
            _view(view),
            (Region("h₂ = −1", clipped(*negative_region(network), view)),),
            _boundaries((linear,), "₁"),
            _markers(data),
            tuple(
                Arrow(x, combine((1, x), (step, v)), name)
                for x in data.negative
                for name, v, step in zip(("2v₁", "v₂"), directions, (2, 1), strict=True)
            ),
        ),
    )


def non_transfer(
    data: LabelledSet, networks: tuple[TwoLayerNetwork, TwoLayerNetwork], direction: Vector
) -> tuple[Picture, ...]:
    """Draw networks whose -1 region the max-margin direction never leaves, from anywhere in it."""
    view: View = (-2, 2, -1, 3)
    titles = ("A direction that never leaves: f = |x₁|", "The same with units that fall along u")
    captions = (
        r"$f=\mathrm{relu}(x_1)+\mathrm{relu}(-x_1)$, labelled -1 where $f<1$. The max-margin "
        r"direction $u=(0,1)$ leaves $f$ as it is, so no point of the strip is ever turned, "
        r"although $u$ turns every accurate linear rule.",
        r"$f=\mathrm{relu}(2x_1-x_2)+\mathrm{relu}(-2x_1-x_2)$, labelled -1 where $f<1/2$. Both "
        "units fall along $u$ and no point is on the edge, so small changes of weights and data "
        "leave all of this as it is.",
    )
    other = vector(["-1/2", "3/4"])
    starts: Rows = (*data.negative, other)
    return tuple(
        Picture(
            title,
            caption,
            _view(view),
            (Region("h = −1", clipped(*negative_region(network), view)),),
            (),
            (*_markers(data), Marker(other, 0)),
            tuple(Arrow(x, combine((1, x), (2, direction)), "2u") for x in starts),
        )
        for title, caption, network in zip(titles, captions, networks, strict=True)
    )


def negative_region(network: TwoLayerNetwork) -> tuple[Rows, Vector]:
    """Return the closed -1 region {f <= a} of a rule with v >= 0 as inequalities A x <= b.

    f is the largest of the sums over sets of units of v_i (w_i.x + b_i), so each set gives a row.
    """
    units = range(len(network.output))
    chosen = [list(s) for size in units for s in combinations(units, size + 1)]
    v, w, b = network.output, network.weights, network.biases
    rows = tuple(combine(*((v[i], w[i]) for i in s)) for s in chosen)
    sides = tuple(network.threshold - sum((v[i] * b[i] for i in s), Fraction(0)) for s in chosen)
    return rows, sides


def _boundaries(rules: tuple[LinearRule, ...], subscripts: str) -> tuple[Line, ...]:
    return tuple(
        Line(rule.normal, -rule.offset, f"h{sub}", rule=True)
        for sub, rule in zip(subscripts, rules, strict=True)
    )


def _markers(data: LabelledSet) -> tuple[Marker, ...]:
    return tuple(Marker(x, y) for x, y in data.pairs)


def _view(view: View) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, view))
