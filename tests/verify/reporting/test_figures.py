"""Figures: unique ids, the page's colours, and data at the edges of what a report may hold."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import matplotlib
import pytest

from verify.reporting.figures import Panel, draw, shares

Report = dict[str, Any]


def _figures(sample: Report) -> list[Report]:
    return [figure for e in sample["experiments"] for figure in e["figures"]]


def _ids(panels: list[Panel]) -> list[str]:
    return [name for panel in panels for name in re.findall(r'\bid="([^"]+)"', panel.svg)]


def _text(panel: Panel) -> str:
    root = ElementTree.fromstring(panel.svg.replace("xlink:href", "href"))
    return " ".join(" ".join(root.itertext()).split())


def test_equal_figures_share_no_id_and_differ_in_nothing_else(sample: Report) -> None:
    for figure in _figures(sample):
        first, again, other = draw(figure, "one"), draw(figure, "one"), draw(figure, "two")
        assert first == again
        assert not set(_ids(first)) & set(_ids(other))
        assert len(_ids(first)) == len(set(_ids(first)))
        assert [str(p.svg).replace("one-", "two-") for p in first] == [p.svg for p in other]


def test_colours_come_from_the_page_and_text_stays_text(sample: Report) -> None:
    for figure in _figures(sample):
        for panel in draw(figure, "f"):
            assert not re.search(r"#0[1-8]0[1-8]0[1-8]\b", panel.svg)
            assert "<style" not in panel.svg
            if not panel.small:
                assert "var(--ink)" in panel.svg
                assert "<text" in panel.svg


def test_the_users_own_settings_neither_show_nor_change(sample: Report) -> None:
    figure = _figures(sample)[0]
    plain = draw(figure, "f")
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path"}):
        assert draw(figure, "f") == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_axes_carry_units_and_series_their_names(sample: Report) -> None:
    drift, steps, images, curves = (draw(figure, "f") for figure in _figures(sample))
    assert "exact arithmetic: 0 at every θ" in _text(drift[0])
    assert all(label in _text(drift[0]) for label in ("float32", "float64", "10⁻¹²"))
    assert "step (multiples of the margin γ*)" in _text(steps[0])
    assert "2γ*" in _text(steps[0])
    assert "weight (per unit of pixel intensity)" in _text(images[-1])
    assert [panel.small for panel in images] == [True] * 6 + [False]
    assert [panel.title for panel in curves] == ["SVM targets", "Network targets"]
    assert "ℓ∞ radius (1 = full range)" in _text(curves[0])


def test_a_band_shows_what_is_decided_and_what_is_not() -> None:
    data = {"unit": "units of the data", "radius": 0.5, "lower": [0.5, 0.25, 0.0, 0.25],
            "upper": [None, 0.375, 0.125, 0.25], "attack": [None, 0.375, 0.125, 0.25]}  # fmt: skip
    (band,) = draw({"kind": "robustness", "title": "t", "data": data}, "f")
    words = _text(band)
    assert "ℓ∞ radius (units of the data)" in words
    assert "accuracy (fraction of 4 examples)" in words
    legend = ("at least: certified", "at most: counterexamples", "undecided")
    assert [words.index(part) for part in legend] == sorted(words.index(part) for part in legend)
    assert "attack alone" not in words  # it found all of them
    assert "url(#f-0-" in band.svg  # hatched, so that the band needs no colour
    data["attack"] = [None, None, 0.125, 0.25]
    assert "attack alone" in _text(draw({"kind": "robustness", "title": "t", "data": data}, "f")[0])


def test_the_curves_of_a_band_are_the_shares_of_examples() -> None:
    data = {"lower": [0.5, 0.25, 0.0, 0.25], "upper": [None, 0.375, 0.125, 0.25]}
    radii = [0.0, 0.125, 0.25, 0.375, 0.5]
    # Behind 1/4 two lower ends are passed; at 1/2, the largest radius, the end itself counts.
    assert shares(data, radii) == ([0.75, 0.75, 0.25, 0.25, 0.25], [1.0, 0.75, 0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("drift", {"theta": [1, 10], "series": [{"label": "f", "values": [0, 0]}], "exact": "0"}),
        ("drift", {"theta": [3, 4], "series": [{"label": "$", "values": [1, 1]}], "exact": "1/3"}),
        ("steps", {"groups": [{"label": "a", "unit": "u", "values": [0], "bound": None}]}),
        ("steps", {"groups": [{"label": f"{n}", "unit": f"{n % 2}", "values": [0.1, 100.0],
                               "bound": 2} for n in range(45)]}),
        ("images", {"shape": [1, 2], "unit": "u", "diverging": True,
                    "items": [{"title": "zero", "values": [0, 0]}]}),
        ("images", {"shape": [2, 1], "unit": "u", "diverging": False,
                    "items": [{"title": "flat", "values": [3, 3]}]}),
        ("transfer-curves", {"radii": [0, 1], "panels": [{"title": "one", "curves": [
            {"source": f"{n}", "mean": [1, 0], "low": [1, 0], "high": [1, 0]}
            for n in range(5)]}]}),
        ("transfer-curves", {"radii": [0.1], "panels": [{"title": "one", "curves": [
            {"source": "any attack of all (exact)", "mean": [1], "low": [1], "high": [1]}]}]}),
        ("robustness", {"unit": "u", "radius": 1e-3, "lower": [0.0], "upper": [None],
                        "attack": [None]}),
        ("robustness", {"unit": "u", "radius": 2.0, "lower": [2.0, 1.0, 0.0],
                        "upper": [None, 1.0, 3.0], "attack": [None, None, None]}),
    ],
)  # fmt: skip
def test_extreme_data_is_drawn(kind: str, data: Report, recwarn: pytest.WarningsRecorder) -> None:
    panels = draw({"kind": kind, "title": "t", "data": data}, "f")
    assert panels
    assert not recwarn.list
