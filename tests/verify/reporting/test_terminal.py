"""A claim on a terminal: all that its page shows, in 80 columns."""

import re
from io import StringIO

import pytest
from rich.console import Console

from verify.claims.evaluation import Shown
from verify.claims.registry import CLAIMS
from verify.reporting import terminal
from verify.reporting.plain_text import plain


def without_space(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("name", ["zou-thm-2", "charles-thm-11"])
def test_every_relation_is_printed_in_80_columns(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, claim = StringIO(), CLAIMS[name]
    console = Console(file=out, width=80, highlight=False, markup=False, emoji=False)
    monkeypatch.setattr(terminal, "CONSOLE", console)
    shown = Shown.of(claim)
    terminal.print_claim(claim, shown)
    assert max(map(len, out.getvalue().splitlines())) <= 80
    parts = [shown.example, claim.sharpness(), *filter(None, shown.refutations.values())]
    formulas = [formula for part in parts for step in part.steps for formula in step.formulas]
    assert len(formulas) > 20
    text = without_space(out.getvalue())
    assert all(without_space(plain(formula)) in text for formula in formulas)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("zou-conj", "In one reading it fails: "),
        ("charles-class-C", "As printed it is vacuous: "),
        ("charles-cor-6-remark", "As printed it fails: "),
    ],
)
def test_what_a_counterexample_says_of_the_printed_words(
    name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, claim = StringIO(), CLAIMS[name]
    monkeypatch.setattr(terminal, "CONSOLE", Console(file=out, width=80))
    terminal.print_claim(claim, Shown.of(claim))
    assert f"  {told}" in out.getvalue()
    assert out.getvalue().count("it fails: ") == ("it fails" in told)


def test_lines_after_the_first_stand_below_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(terminal, "CONSOLE", Console(file=out, width=30))
    terminal.print_steps(Shown.of(CLAIMS["charles-thm-5"]).example.steps[:1])
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("  1. With")
    assert all(line.startswith(" " * 5) for line in lines[1:])
