"""The schema, the checks beyond it, and the writing of both files."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from certify.errors import InputError
from verify.evidence import places
from verify.evidence.places import printable
from verify.reporting import document, page, validate, write_report

Report = dict[str, Any]
Change = Callable[[Report], object]


def _set(target: dict[Any, Any] | list[Any], key: Any, value: object) -> None:
    target[key] = value


def test_the_schema_is_a_schema_and_closes_every_object() -> None:
    schema = json.loads(document.SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    def objects(value: Any) -> Iterator[Report]:
        if isinstance(value, dict):
            if value.get("type") == "object":
                yield value
            for entry in value.values():
                yield from objects(entry)
        elif isinstance(value, list):
            for entry in value:
                yield from objects(entry)

    named = [entry for entry in objects(schema) if "properties" in entry]
    assert len(named) > 15
    assert all(entry["additionalProperties"] is False for entry in named)


def test_the_sample_is_accepted(sample: Report) -> None:
    validate(sample)


def test_curves_may_be_of_one_radius(sample: Report) -> None:
    (entry,) = [e for e in sample["experiments"] if e["id"] == "transfer"]
    (drawn,) = entry["figures"]
    drawn["data"]["radii"] = [0.1]
    for curve in (c for panel in drawn["data"]["panels"] for c in panel["curves"]):
        curve.update({name: curve[name][:1] for name in ("mean", "low", "high")})
    validate(sample)
    drawn["data"]["radii"] = []
    with pytest.raises(InputError, match="minItems"):
        validate(sample)


@pytest.mark.parametrize(
    ("change", "where", "expected"),
    [
        (lambda r: r.pop("run"), "the whole report", "fields"),
        (lambda r: _set(r, "extra", 1), "the whole report", "fields"),
        (lambda r: _set(r["claims"][3]["counts"], "certified", -1),
         "claims[3].counts.certified", "minimum 0"),
        (lambda r: _set(r["claims"][3]["counts"], "float", 1), "claims[3].counts", "fields"),
        (lambda r: _set(r["claims"][0], "verdict", "proved"), "claims[0].verdict", "enum"),
        (lambda r: _set(r["claims"][0]["example"]["steps"][1], "holds", 1),
         "claims[0].example.steps[1].holds", "boolean"),
        (lambda r: _set(r["data"], "sha256", "abc"), "data.sha256", "pattern"),
        (lambda r: _set(r, "name", ""), "name", "minLength"),
        (lambda r: _set(r["lines"], "zou-thm-2", [1]), "lines.zou-thm-2", "minItems"),
        (lambda r: _set(r["run"], "seconds", float("nan")), "run.seconds", "finite"),
        (lambda r: _set(r["claims"][1], "id", "zou-thm-1"), "claims[1].id", "used once"),
        (lambda r: _set(r["claims"][2], "experiment", "absent"),
         "claims[2].experiment", "id of an experiment"),
        (lambda r: r["experiments"][0]["tables"][0]["rows"][2].pop(),
         "experiments[0].tables[0].rows[2]", "6 values"),
        (lambda r: _set(r["experiments"][3]["figures"][0], "kind", "pie"),
         "experiments[3].figures[0].kind", "enum"),
        (lambda r: _set(r["experiments"][3]["figures"][0], "kind", "drift"),
         "experiments[3].figures[0].data", "fields"),
        (lambda r: r["experiments"][3]["figures"][0]["data"]["panels"][1]["curves"][2]["low"].pop(),
         "experiments[3].figures[0].data.panels[1].curves[2].low", "11 values"),
        (lambda r: r["experiments"][0]["figures"][0]["data"]["series"][1]["values"].append(1.0),
         "experiments[0].figures[0].data.series[1].values", "7 values"),
        (lambda r: r["experiments"][1]["figures"][1]["data"]["items"][0]["values"].pop(),
         "experiments[1].figures[1].data.items[0].values", "64 values"),
    ],
)  # fmt: skip
def test_a_mutated_report_is_rejected_with_its_place(
    sample: Report, change: Change, where: str, expected: str
) -> None:
    change(sample)
    with pytest.raises(InputError) as caught:
        validate(sample)
    assert caught.value.where == where
    assert expected in caught.value.expected


def test_an_unfinished_run_may_lack_the_paired_experiment(sample: Report) -> None:
    sample["experiments"].clear()
    sample["run"]["complete"] = False
    validate(sample)


def test_both_files_are_written_and_the_report_survives_the_round_trip(
    sample: Report, tmp_path: Path
) -> None:
    directory = tmp_path / "reports" / "sample"
    page = write_report(sample, directory)
    assert page == directory / "index.html"
    assert sorted(os.listdir(directory)) == ["SHA256SUMS", "index.html", "report.json"]
    text = (directory / "report.json").read_text(encoding="utf-8")
    assert json.loads(text) == sample
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(sample)


def test_the_sums_are_of_the_files_beside(sample: Report, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("{}\n")
    (tmp_path / "notes.txt").write_text("other")
    write_report(sample, tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert [line[66:] for line in lines] == ["index.html", "ledger.jsonl", "report.json"]
    for line in lines:
        assert hashlib.sha256((tmp_path / line[66:]).read_bytes()).hexdigest() == line[:64]


@pytest.mark.parametrize("name", ["my report", "é", "-x", "報告", "a\nb", "." * 3 + "\udcff"])
def test_a_report_can_have_any_name(name: str, sample: Report) -> None:
    sample["name"] = printable(name)
    validate(sample)
    assert page.render_page(sample).encode()


def test_an_invalid_report_touches_nothing(sample: Report, tmp_path: Path) -> None:
    sample["version"] = 1
    with pytest.raises(InputError, match="version"):
        write_report(sample, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_failed_write_leaves_the_old_files_and_nothing_else(
    sample: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(sample, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(places.os, "replace", fail)
    changed = copy.deepcopy(sample)
    changed["configuration"]["seed"] = 1
    with pytest.raises(OSError, match="disk full"):
        write_report(changed, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
