"""The tutorial runs from top to bottom, and says what is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

NOTEBOOK = Path(__file__).parents[2] / "tutorial.ipynb"


def test_the_tutorial_runs_from_top_to_bottom(capsys: pytest.CaptureFixture[str]) -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "tutorial"}
    with mpl.rc_context({"backend": "agg"}):
        for number, cell in enumerate(cells):
            if cell["cell_type"] == "code":
                code = compile("".join(cell["source"]), f"cell {number}", "exec")
                exec(code, names)
    printed = capsys.readouterr().out
    assert "separable: True" in printed
    assert "rejected: margin is the reciprocal of the norm" in printed
    found = names["found"]
    assert found.count("certified") == len(found.decisions)


def test_the_tutorial_shows_what_it_printed() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] for cell in code[1:])
