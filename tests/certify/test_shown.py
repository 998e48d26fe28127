"""Answers in terminals and notebooks: short, whole on request, and never a wall of digits."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from fractions import Fraction as F
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import certify
from certify.bounds.decision import Verdict
from certify.bounds.question import Box, Property
from certify.polyhedra.polyhedron import Polyhedron
from certify.programs.mps import MPSProgram
from certify.shown import Shown, short

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 5))
SIDES = np.where(X[:, 0] > 0, 1, -1)
MIXED = np.where(RNG.random(40) > 0.5, 1, -1)
W = RNG.normal(size=(6, 3))
LONG = Polyhedron.of(X, np.abs(X).sum(axis=1))


def read() -> MPSProgram:
    columns = "".join(f" x{j} c 1.{j}2345678901234567 r 0.{j}2345\n" for j in range(20))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.mps"
        path.write_text(f"ROWS\n N c\n G r\nCOLUMNS\n{columns}ENDATA\n", encoding="utf-8")
        return certify.read_mps(path)


ANSWERS: dict[str, Callable[[], Any]] = {
    "rank": lambda: certify.rank(W),
    "null_space": lambda: certify.null_space(W.T),
    "solve": lambda: certify.solve(W[:3], [1, 2, 3]),
    "linear_program": lambda: certify.linear_program(np.ones(5), (X, np.ones(40)), maximize=True),
    "multipliers": lambda: (
        certify.linear_program(np.ones(5), (X, np.ones(40)), maximize=True).multipliers
    ),
    "separate": lambda: certify.separate(X, SIDES),
    "max_margin": lambda: certify.max_margin(X, SIDES),
    "no rule": lambda: certify.separate(X, MIXED),
    "universal_step": lambda: certify.universal_step(X[:8], SIDES[:8]),
    "point step": lambda: certify.universal_step(X[:8], SIDES[:8]).points[0],
    "invariant_dimension": lambda: certify.invariant_dimension(W),
    "invariant_direction": lambda: certify.invariant_direction(W),
    "invariant_directions": lambda: certify.invariant_directions(W),
    "polyhedron": lambda: LONG,
    "is_empty": LONG.is_empty,
    "bounded": LONG.bounded,
    "irredundant": Polyhedron.of(X[:4], np.ones(4)).irredundant,
    "vertices_and_rays": Polyhedron.of(X[:4], np.ones(4)).vertices_and_rays,
    "box": lambda: Box.of(X[0] - 1, X[0]),
    "property": lambda: Property.of(X[:2], X[0, :2]),
    "no_counterexample": lambda: Verdict("refuted", counterexample=tuple(map(F, X[0].tolist()))),
    "read_mps": read,
    "certificate": lambda: certify.rank(W).certificate,
}


class _Cells(HTMLParser):
    """Collects the texts of a table and refuses tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_short_as_text_and_as_html(name: str) -> None:
    answer = ANSWERS[name]()
    text = repr(answer)
    assert text.startswith(f"{type(answer).__name__}(")
    assert text.isascii()  # whatever the encoding of a pipe
    assert len(text) < 1500
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"\d{13}|Fraction\(|=None", text)
    assert str(answer) == text
    cells = _Cells()
    cells.feed(answer._repr_html_())
    assert not cells.open
    assert cells.texts[0] == type(answer).__name__
    assert len(cells.texts) >= 3
    assert all(part in "".join(text.split()) for part in ("".join(t.split()) for t in cells.texts))


def test_what_is_shown_is_what_was_found() -> None:
    answer = certify.max_margin([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])
    assert repr(answer).splitlines() == [
        "MaxMargin(",
        "    w=(0, 2),",
        "    b=-1,",
        "    multipliers=(2, 2, 0),",
        "    support=(0, 1),",
        "    margin_squared=1/4,",
        "    separable=True,",
        ")",
    ]
    assert repr(certify.invariant_direction([[1, 1], [2, 2], [0, 1]])) == (
        "InvariantDirection(direction=(1, 0, 0))"
    )
    assert repr(certify.universal_step([[0, 0], [0, 1]], [-1, 1])) == (
        "UniversalStep(direction=(0, 1), points=(2 of PointStep), step=1)"
    )


def test_markup_in_an_answer_is_escaped() -> None:
    assert "&lt;b&gt;" in certify.Certificate("<b>", {}, {}, {})._repr_html_()


@given(
    st.fractions() | st.integers() | st.integers(-(10**400), 10**400).map(lambda n: F(n, 7**300))
)
def test_numbers_are_whole_or_marked_as_rounded(value: F | int) -> None:
    text = short(value)
    assert len(text) <= 15
    if text.startswith("~"):
        assert abs(F(text[1:]) - value) <= abs(value) / 10**5
    else:
        assert F(text) == value


def test_numbers_beyond_all_floats() -> None:
    assert short(F(10**5000, 3)) == "~3.33333e+4999"
    assert short(F(-1, 10**5000)) == "~-1.00000e-5000"
    assert short(True) == "True"
    assert short(0.1) == "0.1"
    assert short(((1, 2), (3,))) == "((1, 2), (3,))"


def test_a_class_that_shows_itself_has_no_other_text() -> None:
    """Without repr=False a dataclass would bring its own, which prints every digit."""
    shown = list(Shown.__subclasses__())
    assert len(shown) > 12
    assert [c.__name__ for c in shown if c.__repr__ is not Shown.__repr__] == []
