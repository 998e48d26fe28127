"""Text with formulas: MathML inside, everything else escaped."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.reporting.mathematics import to_html


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


def test_a_formula_becomes_mathml_between_escaped_text() -> None:
    html = to_html(r"a < b and $\gamma^* > 0$ & more")
    assert html.startswith("a &lt; b and <math ")
    assert html.endswith("</math> &amp; more")
    assert "xmlns" not in html


def test_dollar_signs_that_are_no_formula_stay() -> None:
    assert to_html(r"\$5 and $ alone") == "$5 and $ alone"


@pytest.mark.parametrize(
    "latex", [r"\nosuchcommand x", "a & b", r"\href{x}{y}", r"\text{<script>}", r"\frac"]
)
def test_what_cannot_be_converted_safely_is_shown_as_its_source(latex: str) -> None:
    html = to_html(f"${latex}$")
    assert html.startswith("<code>")
    assert "<script" not in html


def test_characters_of_formulas_are_written_as_they_are() -> None:
    html = to_html(r"$\alpha\le|x|+1<2>1\ \&\ (y,z)$")
    assert "&#" not in html
    assert "α" in html
    assert "&lt;" in html
    assert "&gt;" in html
    assert "&amp;" in html


def test_signs_and_functions_are_spaced_as_in_tex() -> None:
    assert '<mo form="prefix">−</mo>' in to_html("$(-1, 1)$")
    assert '<mo>&lt;</mo><mo form="prefix">−</mo>' in to_html("$a<-1$")
    assert '<mo stretchy="false" lspace="0" rspace="0">|</mo>' in to_html("$|x|$")
    assert 'form="prefix"' not in to_html("$a - b$")
    assert '<mi>dim</mi><mspace width="0.167em"/>' in to_html(r"$\dim V$")
    assert "<msub><mo>min</mo><mi>i</mi></msub>" in to_html(r"$\min_i m_i$")
    assert "<mi>min</mi><mo" in to_html(r"$\min(1,2)$")


@given(st.text(alphabet=r"ab<>&\"'$\{}^_/= ", max_size=30))
def test_no_text_brings_an_element_of_its_own(text: str) -> None:
    found = _Elements(to_html(text)).found
    assert all(name in {"code", "math"} or name.startswith("m") for name in found)
