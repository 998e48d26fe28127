"""Validating a report dictionary and writing it as ``report.json`` and ``index.html``.

``SHA256SUMS`` beside them lists the hash of every file of the report, as ``sha256sum -c`` reads it.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from certify.checking.report_fields import SCHEMA
from certify.errors import InputError
from verify.evidence.ledger import CERTIFICATES, CONFIGURATION, LEDGER
from verify.evidence.places import write_whole
from verify.reporting.page import render_page, report_text

REPORT_FILES = ("report.json", "index.html", "SHA256SUMS")


def validate(report: dict[str, Any]) -> None:
    """Raise :class:`InputError` unless ``report`` is a report, naming the first place at fault.

    Beyond ``report.schema.json``: every number is finite, ids are unique, tables are rectangular,
    figures have as many values as places to draw them, and in a complete report every claim's
    experiment is there.
    """
    try:
        if error := best_match(_validator().iter_errors(report)):
            raise _input_error(error)
    except RecursionError:
        got = "one nested too deeply"
        raise InputError("report", expected="a report", got=got) from None
    for where, expected, got in _inconsistencies(report):
        raise InputError("report", expected=expected, got=got, where=where)


def write_report(report: dict[str, Any], directory: Path) -> Path:
    """Write ``report.json``, ``index.html`` and ``SHA256SUMS`` and return the page's path.

    The directory is created if need be. Each file is replaced as a whole or not at all, the sums
    last; nothing is touched when the report is not valid.
    """
    validate(report)
    text = report_text(report)
    page = render_page(report)
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / name for name in REPORT_FILES]
    write_whole(paths[0], text)
    write_whole(paths[1], page)
    beside = [directory / name for name in (CONFIGURATION, LEDGER, CERTIFICATES)]
    listed = sorted([*paths[:2], *(path for path in beside if path.exists())])
    write_whole(paths[2], "".join(f"{_sha256(path)}  {path.name}\n" for path in listed))
    return paths[1]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _input_error(error: ValidationError) -> InputError:
    where = _place(error.absolute_path)
    if error.validator in {"required", "additionalProperties"}:
        expected, got = "exactly the fields of report.schema.json", error.message
    else:
        rule = json.dumps(error.validator_value, ensure_ascii=False)
        expected, got = f"{error.validator} {rule}", repr(error.instance)
    return InputError("report", expected=_cut(expected), got=_cut(got), where=where)


def _cut(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _place(path: Iterable[str | int]) -> str:
    """Return a path such as ``claims[3].counts.certified``."""
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return place.lstrip(".") or "the whole report"


def _inconsistencies(report: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (where, expected, got) for what a schema cannot say."""
    for path, number in _numbers(report, ()):
        if not math.isfinite(number):
            yield _place(path), "a finite number", str(number)
    seen: set[str] = set()
    for part in ("claims", "experiments"):
        for index, entry in enumerate(report[part]):
            if entry["id"] in seen:
                yield f"{part}[{index}].id", "an id used once", entry["id"]
            seen.add(entry["id"])
    known = {experiment["id"] for experiment in report["experiments"]}
    for index, claim in enumerate(report["claims"]):
        paired = claim["experiment"]
        if report["run"]["complete"] and paired is not None and paired not in known:
            yield f"claims[{index}].experiment", "the id of an experiment of this report", paired
    for index, experiment in enumerate(report["experiments"]):
        for number, table in enumerate(experiment["tables"]):
            for row, cells in enumerate(table["rows"]):
                where = f"experiments[{index}].tables[{number}].rows[{row}]"
                yield from _length(cells, len(table["columns"]), where)
        for number, figure in enumerate(experiment["figures"]):
            for inner, values, length in _figure_lengths(figure):
                where = f"experiments[{index}].figures[{number}].data.{inner}"
                yield from _length(values, length, where)


def _length(values: list[Any], length: int, where: str) -> Iterator[tuple[str, str, str]]:
    if len(values) != length:
        yield where, f"{length} values", str(len(values))


def _figure_lengths(figure: dict[str, Any]) -> Iterator[tuple[str, list[Any], int]]:
    """Yield (place, values, how many there must be) for the arrays of one figure."""
    data = figure["data"]
    match figure["kind"]:
        case "transfer-curves":
            for i, panel in enumerate(data["panels"]):
                for j, curve in enumerate(panel["curves"]):
                    for name in ("mean", "low", "high"):
                        yield f"panels[{i}].curves[{j}].{name}", curve[name], len(data["radii"])
        case "drift":
            for i, series in enumerate(data["series"]):
                yield f"series[{i}].values", series["values"], len(data["theta"])
        case "robustness":
            for name in ("upper", "attack"):
                yield name, data[name], len(data["lower"])
        case "images":
            for i, item in enumerate(data["items"]):
                yield f"items[{i}].values", item["values"], math.prod(data["shape"])


def _numbers(
    value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], float]]:
    """Yield every float inside ``value`` with its path."""
    if isinstance(value, float):
        yield path, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _numbers(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _numbers(entry, (*path, index))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
