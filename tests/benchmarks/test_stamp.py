"""Version and commit in what other tools have written."""

import json
from pathlib import Path

import pytest

from benchmarks import stamp
from certify.version import __version__


def test_tables_and_bills_of_materials_name_version_and_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamp, "commit", lambda: "abc1234")
    table, bill = tmp_path / "table.md", tmp_path / "bill.json"
    table.write_text("| a |\n")
    bill.write_text('{"components": [1], "metadata": {"tools": 2}}')
    stamp.stamp(table)
    stamp.stamp(bill)
    assert table.read_text() == f"adversarial-geometry {__version__}, commit abc1234.\n\n| a |\n"
    found = json.loads(bill.read_text())
    about = found["metadata"].pop("component")
    assert found == {"components": [1], "metadata": {"tools": 2}}
    assert (about["version"], about["properties"]) == (
        __version__,
        [{"name": "commit", "value": "abc1234"}],
    )
