"""Pictures in the plane: names stand free, signs in their markers, lines end at the view."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verify.reporting.figures import draw
from verify.reporting.names import LETTER_WIDTH, LINE_HEIGHT
from verify.reporting.plane import MARKER, TICKS, names, plane, ticks, visible

Data = dict[str, Any]
SQUARE = [-1.0, 2.0, -1.0, 2.0]


def empty(**parts: Any) -> Data:
    return {"view": SQUARE, "regions": [], "lines": [], "markers": [], "arrows": [], **parts}


def written(data: Data) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the box of every name as estimated, in points of the picture, y downwards."""
    boxes = {}
    for name in names(data):
        half = np.array([len(name.text) * LETTER_WIDTH, LINE_HEIGHT]) / 2
        centre = np.array([name.x, name.y])
        boxes[name.text] = (centre - half, centre + half)
    return boxes


def overlapping(boxes: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, (low, high)), (other, (least, most)) in combinations(boxes.items(), 2)
        if np.all(low < most) and np.all(least < high)
    ]


@pytest.fixture
def picture(sample: Data) -> Data:
    found: Data = sample["claims"][0]["pictures"][0]
    return found


def test_the_sample_has_all_its_names_and_signs(picture: Data) -> None:
    (panel,) = draw(picture, "f")
    root = ElementTree.fromstring(panel.svg.replace("xlink:href", "href"))
    texts = [text for text in root.itertext() if text.strip()]
    for name in ("label -1", "label +1", "boundary", "x", "z", "-u", "+", "−"):
        assert name in texts
    assert not re.search(r"#0[1-8]0[1-8]0[1-8]\b", panel.svg)


def test_names_of_the_sample_do_not_collide(picture: Data) -> None:
    assert not overlapping(written(picture["data"]))


def test_crowded_names_move_apart() -> None:
    here = [0.5, 0.5]
    crowd = empty(
        markers=[{"at": here, "label": 0, "name": name} for name in ("one", "two", "three")],
        arrows=[{"start": here, "end": [1.5, 1.5], "name": "away"}],
        lines=[{"normal": [1.0, -1.0], "level": 0.0, "name": "diagonal"}],
        regions=[{"name": "all", "corners": [[-1, -1], [2, -1], [2, 2], [-1, 2]]}],
    )
    boxes = written(crowd)
    assert len(boxes) == 6
    assert not overlapping(boxes)


def test_the_marks_of_points_at_one_place_stand_beside_each_other() -> None:
    here = [0.0, 0.0]
    data = empty(markers=[{"at": here, "label": y, "name": ""} for y in (1, -1)])
    svg = plane(data, "f", "two points")
    circle = float(re.findall(r'<circle cx="([^"]*)"', svg)[0])
    square = float(re.findall(r'<rect x="([^"]*)"', svg)[0])
    assert square - circle > MARKER / 2


def test_hairs_stand_on_the_side_where_a_rule_says_plus() -> None:
    line = {"normal": [0.0, 2.0], "level": 0.0, "name": "h"}
    assert plane(empty(lines=[line]), "f", "t").count("l0.0 -6.0") == 0
    assert plane(empty(lines=[{**line, "rule": True}]), "f", "t").count("l0.0 -6.0") > 9


@pytest.mark.parametrize("scale", [1e-9, 0.03, 1.0, 70.0, 1e12])
def test_ticks_are_few_and_round(scale: float) -> None:
    found = ticks(-1.3 * scale, 2.9 * scale)
    assert 4 <= len(found) <= TICKS + 1
    assert found[0] >= -1.3 * scale
    assert found[-1] <= 2.9 * scale
    assert all(len(f"{t:.6g}".lstrip("-").split("e")[0].strip("0.")) <= 2 for t in found)


def in_points(*places: tuple[float, float]) -> Any:
    """Return where places of the square are in a picture of it."""
    markers = [{"at": list(place), "label": 1, "name": ""} for place in places]
    drawn = re.findall(r'<circle cx="([^"]*)" cy="([^"]*)"', plane(empty(markers=markers), "f", ""))
    return np.array(drawn, float)


def test_a_name_at_the_edge_stays_inside_the_view() -> None:
    boxes = written(empty(markers=[{"at": [2.0, 2.0], "label": 1, "name": "corner"}]))
    low, high = boxes["corner"]
    limits = in_points((-1, 2), (2, -1))
    assert np.all(low >= limits[0] - 1)
    assert np.all(high <= limits[1] + 1)


def test_a_region_prefers_its_own_ground_for_its_name() -> None:
    left = [[-1, -1], [1.2, -1], [1.2, 2], [-1, 2]]
    right = [[0, -1], [2, -1], [2, 2], [0, 2]]
    regions = [{"name": "a", "corners": left}, {"name": "b", "corners": right}]
    boxes = written(empty(regions=regions))
    start, end = in_points((0, 0), (1.2, 0))[:, 0]
    centres = {name: (low[0] + high[0]) / 2 for name, (low, high) in boxes.items()}
    assert centres["a"] < start
    assert centres["b"] > end


def test_parts_of_a_region_look_alike_and_have_one_name() -> None:
    def square(left: float) -> list[list[float]]:
        return [[left, -1], [left + 1, -1], [left + 1, 2], [left, 2]]

    parts = [("a", -1.0), ("b", 0.0), ("b", 1.0)]
    regions = [{"name": name, "corners": square(left)} for name, left in parts]
    (panel,) = draw({"kind": "plane", "title": "t", "data": empty(regions=regions)}, "f")
    shades = re.findall(r"fill:var\(--series-(\d)\);opacity:.13", panel.svg)
    assert shades == ["1", "2", "2"]
    assert panel.svg.count("<pattern id=") == 1  # an identity of its own, that both parts use
    assert panel.svg.count("fill:url(#") == 2
    assert [name.text for name in names(empty(regions=regions))] == ["a", "b"]


@pytest.mark.parametrize(
    "data",
    [
        empty(),
        empty(lines=[{"normal": [0.0, 1.0], "level": 9.0, "name": "beyond"}]),
        empty(markers=[{"at": [0.0, 0.0], "label": -1, "name": ""}]),
        empty(regions=[{"name": "too long for it", "corners": [[0, 0], [0.1, 0], [0, 0.1]]}]),
        empty(arrows=[{"start": [0.0, 0.0], "end": [0.0, 1.0], "name": "v"}],
              markers=[{"at": [0.0, 1.0], "label": 1, "name": "end"}]),
    ],
)  # fmt: skip
def test_extreme_pictures_are_drawn(data: Data, recwarn: pytest.WarningsRecorder) -> None:
    figure = {"kind": "plane", "title": "t", "data": data}
    assert draw(figure, "f") == draw(figure, "f")
    assert not recwarn.list


@settings(max_examples=200)
@given(st.tuples(*[st.integers(-3, 3)] * 2).filter(any), st.integers(-4, 4))
def test_the_visible_part_of_a_line(normal: tuple[int, int], level: int) -> None:
    line = {"normal": list(map(float, normal)), "level": float(level), "name": ""}
    ends = visible(line, SQUARE)
    corners = [(x, y) for x in SQUARE[:2] for y in SQUARE[2:]]
    values = [np.dot(normal, corner) - level for corner in corners]
    assume(min(values) * max(values) != 0)  # a line through a corner may or may not be seen
    assert bool(ends) == (min(values) < 0 < max(values))
    for end in ends:
        assert np.dot(normal, end) == pytest.approx(level)
        assert _on_the_frame(end)


def _on_the_frame(place: Sequence[float]) -> bool:
    left, right, bottom, top = SQUARE
    x, y = place
    inside = left - 1e-9 <= x <= right + 1e-9 and bottom - 1e-9 <= y <= top + 1e-9
    return inside and min(abs(x - left), abs(x - right), abs(y - bottom), abs(y - top)) < 1e-9
