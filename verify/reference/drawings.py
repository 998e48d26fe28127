"""Pictures of exact instances on a line or in the plane, from the objects that they are made of.

What is drawn depends on the types and names of an instance's fields alone, so every claim whose
example or counterexample lives in one or two dimensions has a picture, without a line of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.claims.charles2019.shared.figures import negative_region
from verify.claims.picture import Arrow, Line, Marker, Picture, Region, clipped
from verify.drawing.laws import FiniteLaw
from verify.objects import (
    ArgmaxRule,
    Cell,
    CellRule,
    LabelledSet,
    LinearRule,
    SoftmaxHead,
    TwoLayerNetwork,
)
from verify.objects.multiclass_sets import MulticlassSet
from verify.reference.steps import steps

# Names of fields that hold points, and directions, of the space that is drawn.
_POINTS = {
    "point": "x", "points": "x", "query": "x", "queries": "x", "start": "x", "starts": "x",
    "end": "z", "alpha": "xα", "beta": "xβ", "origin": "x", "target": "x′", "added": "a",
    "inside": "x", "exceptions": "", "x": "x",
}  # fmt: skip
_OF_LAYERS = {"points": "h", "direction": "d", "end": "y"}  # beside a softmax layer
_BEYOND = ("queries", "starts")  # points that are counted after those of the data
_DIRECTIONS = {
    "direction": "v", "directions": "v", "vector": "v", "first": "v₁", "second": "v₂", "u": "u",
    "normal": "w", "normals": "w", "tilt": "z",
}  # fmt: skip
_PERTURBATIONS = {"perturbation": "d", "d": "d"}  # of the first point, drawn as long as they are
_MOST_UNITS = 4  # of a network whose cells are enumerated
_MOST_NAMES = 6  # of points: more would hide what they name
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ON_A_LINE = (Fraction(-1), Fraction(1))  # the height of pictures of a line


@dataclass
class _Scene:
    """What an instance shows, before the view is known."""

    dimension: int
    markers: list[Marker] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    # Half-spaces {A x <= b} with their name.
    regions: list[tuple[str, Rows, Vector]] = field(default_factory=list)
    directions: list[tuple[str, Vector]] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # the sentences of the caption
    data: int = 0  # points of the data
    first: bool = False  # whether of several rules with classes the first alone was drawn
    layer: bool = False  # whether a softmax layer was drawn
    network: bool = False  # whether a network was drawn

    def name(self, stem: str, number: int, many: bool) -> str:
        return f"{stem}{str(number).translate(_SUBSCRIPTS)}" if many and stem else stem


def drawn(instance: Any, title: str, boxed: bool = False) -> Picture | None:
    """Return a picture of an instance in one or two dimensions, or None where nothing is to see.

    A picture needs a rule, a region or a direction: points alone say nothing. Its caption says what
    is drawn. With ``boxed`` the unit square is drawn, which is then all of the space.
    """
    dimensions = {len(v) for v in _vectors(instance)}
    if len(dimensions) != 1 or (dimension := dimensions.pop()) not in (1, 2):
        return None
    scene = _Scene(dimension)
    _add(scene, "", instance)
    shown = scene.lines or scene.regions
    if not (shown or ((scene.directions or scene.arrows) and scene.markers)):
        return None
    labels = {marker.label for marker in scene.markers}
    if labels & {-1, 1}:
        scene.words.append("Discs with a plus have the label +1, squares with a minus −1.")
    others = {marker.name.isdigit() for marker in scene.markers if marker.label == 0}
    if False in others:
        numbered = "Diamonds without a number are points beside the data."
        scene.words.append(
            numbered if True in others else "Diamonds are points whose label is not shown."
        )
    _shade(scene)
    if boxed and dimension == 2:
        box = Cell.of([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 0, 1, 0])
        scene.regions.append(("all there is", box.matrix, box.right_side))
        scene.words.append("The square is all of the space: the step has to end in it.")
    if scene.directions:
        names = list(dict.fromkeys(name for name, _ in scene.directions))
        each = "The arrow shows" if len(names) == 1 else "Each arrow shows"
        scene.words.append(f"{each} a direction, {' or '.join(names)}, and not its length.")
    if found := steps(instance):
        scene.arrows += [Arrow(_lifted(a.start), _lifted(a.end), a.name) for a in found.arrows]
        scene.words.append(found.caption)
    return _composed(scene, title)


def _shade(scene: _Scene) -> None:
    """Shade the side of an only rule, and say what hairs and shades mean."""
    rule, name = "rule", "h"
    if not scene.network:
        scene.lines = [replace(x, name=x.name.replace("linear", "h")) for x in scene.lines]
    elif any(line.rule and line.name.startswith(("h", "linear")) for line in scene.lines):
        rule = name = "network"
        scene.lines = [replace(x, name=x.name.replace("h =", "network =")) for x in scene.lines]
        scene.regions = [(x.replace("h =", "network ="), a, c) for x, a, c in scene.regions]
    if len(scene.lines) == 1 and scene.lines[0].rule and not scene.regions:
        (line,) = scene.lines
        side = combine((-1, line.normal))
        scene.regions.append((f"{line.name} = +1", (side,), (-line.level,)))
    if any(line.name.startswith("unit") for line in scene.lines):
        scene.words.append("Hairs at the border of a unit stand on the side where it is positive.")
    elif any(line.rule for line in scene.lines):
        scene.words.append(
            "Hairs at the border of a rule stand on the side where it says +1."
            if scene.dimension == 2
            else "Hairs point from where a rule changes its label to where it says +1."
        )
    elif scene.regions and not any(name for name, *_ in scene.regions):
        scene.words.append("Shaded is the region.")
    named = {name.partition(" ")[0] for name, *_ in scene.regions if name}
    if "class" in named:
        region = "region of each class under rule 1" if scene.first else "region of each class"
        scene.words.append(f"Shaded is the {region}, where its score is largest.")
    elif any(line.name.endswith("= −1") for line in scene.lines):
        scene.words.append(f"The {rule} says −1 on the line {name} = −1 only.")
    elif any(name.endswith("= −1") for name, *_ in scene.regions):
        scene.words.append(f"Shaded is where the {rule} says −1.")


def _vectors(value: Any) -> Iterator[Vector]:
    """Yield a vector of the space of each object, so that their lengths tell its dimension."""
    match value:
        case LabelledSet() | MulticlassSet():
            yield value.points[0]
        case LinearRule():
            yield value.normal
        case TwoLayerNetwork() | ArgmaxRule():
            yield value.weights[0]
        case SoftmaxHead():
            yield value.class_weights(0)
        case CellRule():
            yield from (cell.matrix[0] for cell in value.cells if cell.matrix)
        case Cell():
            yield from value.matrix[:1]
        case tuple():
            yield from (v for item in value for v in _vectors(item))
        case _ if is_dataclass(value):
            yield from (v for f in fields(value) for v in _vectors(getattr(value, f.name)))


def _add(scene: _Scene, name: str, value: Any) -> None:
    match value:
        case LabelledSet():
            many, scene.data = len(set(value.points)) > 1, len(value.points)
            named = "x" if len(value.points) <= _MOST_NAMES else ""
            scene.markers += [
                Marker(x, y, scene.name(named, i, many)) for i, (x, y) in enumerate(value.pairs, 1)
            ]
        case MulticlassSet():
            scene.data = len(value.points)
            scene.markers += [Marker(x, 0, str(y + 1)) for x, y in value.pairs]
            scene.words.append("The number at a point is its class.")
        case LinearRule():
            _linear(scene, name, value)
        case TwoLayerNetwork():
            _network(scene, value)
        case CellRule():
            for cell in value.cells:
                label = f"h = {value.inside:+d}".replace("-", "−")
                scene.regions.append((label, cell.matrix, cell.right_side))
        case Cell():
            scene.regions.append(("", value.matrix, value.right_side))
        case SoftmaxHead():
            weights = tuple(value.class_weights(i) for i in range(value.classes))
            scene.layer = True
            _classes(scene, weights, value.bias)
        case ArgmaxRule():
            _classes(scene, value.weights, value.bias)
        case FiniteLaw():  # whose probabilities are no place, however many there are
            _add(scene, "", value.atoms)
        case tuple() if name == "rules" and all(isinstance(w, tuple) for w in value):
            _places(scene, "normals", value)
        case tuple() if len(value) > 1 and all(isinstance(w, ArgmaxRule) for w in value):
            scene.first = True  # regions of several rules would lie on each other
            _add(scene, name, value[0])
        case tuple() if name in _POINTS or name in _DIRECTIONS:
            _places(scene, name, value)
        case tuple() if name in _PERTURBATIONS and scene.markers and len(value) == scene.dimension:
            start = scene.markers[0].at
            ends = _lifted(start), _lifted(combine((1, start), (1, value)))
            scene.arrows.append(Arrow(*ends, _PERTURBATIONS[name]))
        case tuple() if len(value) == scene.dimension and isinstance(value[0], Fraction):
            pass  # a vector of which the name does not say where it belongs
        case tuple():
            stem = "unit" if name == "units" else "h"
            for number, item in enumerate(value, 1):
                _add(scene, scene.name(stem, number, len(value) > 1), item)
        case _ if is_dataclass(value):
            parts = {part.name: getattr(value, part.name) for part in fields(value)}
            if {
                "mapping",
                "point",
            } <= parts.keys():  # beside a layer an input is drawn as its features
                features = tuple(dot(row, parts["point"]) for row in parts.pop("mapping"))
                scene.markers.append(Marker(features, 0, "g(x)"))
                del parts["point"]
            if {"first", "limits"} <= parts.keys():  # of sequences, whose limits are none of theirs
                scene.markers += [Marker(x, 0, "limit") for x in parts.pop("limits").points]
                scene.words.append("From the labelled points the sequences run to their limits.")
            if {"normal", "level"} <= parts.keys():  # of a half-space, which is a part of its rule
                _add(scene, "rule", getattr(value, "rule", None))
            for one, part in parts.items():
                _add(scene, one, part)


def _places(scene: _Scene, name: str, value: tuple[Any, ...]) -> None:
    several = bool(value) and isinstance(value[0], tuple)
    vectors = value if several else (value,)
    before = scene.data if name in _BEYOND else 0
    stems = {**_POINTS, **_DIRECTIONS, **(_OF_LAYERS if scene.layer else {})}
    for number, vector in enumerate(vectors, before + 1):
        if len(vector) != scene.dimension:
            continue
        text = scene.name(stems[name], number, len(vectors) > 1 or before > 0)
        if name in _POINTS:
            scene.markers.append(Marker(vector, 0, text))
        elif any(vector):
            scene.directions.append((text, vector))


def _linear(scene: _Scene, name: str, rule: LinearRule) -> None:
    if any(rule.normal):
        label = name if name.startswith(("h", "unit", "linear")) else "h"
        scene.lines.append(Line(rule.normal, -rule.offset, label, rule=True))


def _network(scene: _Scene, network: TwoLayerNetwork) -> None:
    """Add the region of label -1: one polyhedron, or one for each cell of active units."""
    name, scene.network = "h = −1", True
    if all(v >= 0 for v in network.output):
        matrix, side = negative_region(network)
        if scene.dimension == 2 and (line := _line_alone(network, matrix, side)):
            scene.lines.append(Line(*line, name))
        else:
            scene.regions.append((name, matrix, side))
        return
    units = range(len(network.weights))
    if len(units) > _MOST_UNITS:
        return
    w, b, v = network.weights, network.biases, network.output
    for active in product((False, True), repeat=len(units)):
        rows = [combine((-1 if active[i] else 1, w[i])) for i in units]
        sides = [b[i] if active[i] else -b[i] for i in units]
        on = [i for i in units if active[i]]
        zero = (Fraction(0),) * scene.dimension
        rows.append(combine((0, zero), *((v[i], w[i]) for i in on)))
        sides.append(network.threshold - sum((v[i] * b[i] for i in on), Fraction(0)))
        scene.regions.append((name, tuple(rows), tuple(sides)))


def _line_alone(
    network: TwoLayerNetwork, matrix: Rows, side: Vector
) -> tuple[Vector, Fraction] | None:
    """Return the line of the plane that is all of the -1 region, if it is one."""
    borders = [(a, c) for a, c in zip(matrix, side, strict=True) if any(a)]
    if any(_crossing(one, two) for one, two in combinations(borders, 2)):
        return None
    for (a, c), (b, d) in combinations(borders, 2):
        place = combine((c / dot(a, a), a))
        if dot(a, b) < 0 and dot(b, place) == d and network.label(place) == -1:
            return a, c
    return None


def _classes(scene: _Scene, weights: Rows, bias: Vector) -> None:
    classes = range(len(weights))
    for i in classes:
        others = [j for j in classes if j != i]
        rows = tuple(combine((1, weights[j]), (-1, weights[i])) for j in others)
        scene.regions.append((f"class {i + 1}", rows, tuple(bias[i] - bias[j] for j in others)))


def _composed(scene: _Scene, title: str) -> Picture | None:
    view = _view(scene)
    regions = []
    for name, matrix, side in scene.regions:
        # A row of zeros holds everywhere or nowhere; it bounds nothing that could be cut.
        if any(not any(row) and c < 0 for row, c in zip(matrix, side, strict=True)):
            continue
        corners = clipped([_lifted(row) for row in matrix], side, view)
        if corners:
            regions.append(Region(name, corners))
    if not (regions or scene.lines or scene.directions or scene.arrows):
        return None  # regions without interior alone
    start = _lifted(scene.markers[0].at) if scene.markers else (Fraction(0), Fraction(0))
    arrows = list(scene.arrows)
    for name, direction in scene.directions:
        v = _lifted(direction)
        reach = max(view[1] - view[0], view[3] - view[2]) / 7  # less than the margin of the view
        step = reach / max(abs(c) for c in v)
        arrows.append(Arrow(start, combine((1, start), (step, v)), name))
    return Picture(
        title,
        " ".join(dict.fromkeys(scene.words)),
        view,
        tuple(regions),
        tuple(replace(line, normal=_lifted(line.normal)) for line in scene.lines),
        tuple(Marker(_lifted(m.at), m.label, m.name) for m in _distinct(scene.markers)),
        tuple(arrows),
        flat=scene.dimension == 1,
    )


def _distinct(markers: Iterable[Marker]) -> list[Marker]:
    """Return one marker for each place and label; one without only gives a labelled one its name.

    Points that repeat a place and a label are counted in its name.
    """
    groups: dict[Vector, dict[int, list[str]]] = {}
    for marker in markers:
        groups.setdefault(marker.at, {}).setdefault(marker.label, []).append(marker.name)
    found = []
    for at, labels in groups.items():
        others = labels.pop(0, []) if len(labels) > 1 else []
        for label, names in labels.items():
            told = list(dict.fromkeys(n for n in (*names, *others) if n))
            others = []
            times = f" ×{len(names)}" if label and len(names) > len(told) and len(names) > 1 else ""
            found.append(Marker(at, label, (" = ".join(told) + times).strip()))
    return found


def _lifted(vector: Vector) -> Vector:
    return (*vector, Fraction(0)) if len(vector) == 1 else vector


def _view(scene: _Scene) -> tuple[Fraction, ...]:
    """Return a view that holds the points, and where the borders cross or come nearest to 0."""
    places = [_lifted(m.at) for m in scene.markers] or [(Fraction(0), Fraction(0))]
    places += [end for arrow in scene.arrows for end in (arrow.start, arrow.end)]
    borders = [(_lifted(line.normal), line.level) for line in scene.lines]
    for _, matrix, side in scene.regions:
        borders += [(_lifted(a), c) for a, c in zip(matrix, side, strict=True) if any(a)]
    places += [combine((c / dot(a, a), a)) for a, c in borders]
    if scene.dimension == 2:
        places += [p for one, two in combinations(borders, 2) if (p := _crossing(one, two))]
    sides = []
    for k in range(2):
        values = [place[k] for place in places]
        sides.append((min(values), max(values)))
    width = max(max(high - low for low, high in sides), Fraction(1))
    view: list[Fraction] = []
    for low, high in sides:
        middle, half = (low + high) / 2, width / 2 + width / 4
        view += [middle - half, middle + half]
    if scene.dimension == 1:
        view[2:] = [width * c / 8 for c in _ON_A_LINE]
    return tuple(view)


def _crossing(one: tuple[Vector, Fraction], two: tuple[Vector, Fraction]) -> Vector | None:
    (a, c), (b, d) = one, two
    determinant = a[0] * b[1] - a[1] * b[0]
    if not determinant:
        return None
    return ((c * b[1] - a[1] * d) / determinant, (a[0] * d - c * b[0]) / determinant)
