"""A report is refused, and not continued, when page, ledger and certificates disagree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from certify import cli as certify_cli
from certify.certificates.certificate import canonical_json
from tests.verify.evidence.reports import (
    EMPTY_HASH,
    INVENTED,
    PAGE,
    REPORT,
    SUMS,
    TRUE,
    added,
    check,
    infinite,
    into_folder,
    invent,
    invent_with_a_stage,
    lined,
    linked,
    lists,
    more_instances,
    paged,
    recorded,
    records,
    replaced,
    reports,
    spoil,
    swap,
    without,
)
from verify.evidence.ledger import CERTIFICATES, CONFIGURATION, LEDGER


def test_an_honest_report_is_accepted(honest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = check(honest, capsys)
    assert code == 0
    assert lines[0] == f"{honest}: report, ledger and certificates belong together"
    assert lines[-1].endswith("accepted, 0 refused")


EDITS: dict[str, tuple[Callable[[Path], object], str]] = {
    "another sentence on the page": (
        replaced(PAGE, "All 6 instances", "All 7 instances"),
        "index.html: expected SHA-256",
    ),
    "another finding in the report": (
        replaced(REPORT, "Both are positive.", "Both are prime."),
        "report.json: expected SHA-256",
    ),
    "an invented count of a claim": (
        reports(lambda r: r["claims"][0]["counts"].update(certified=2_000_000)),
        'report.json: claims[0].counts: expected {"certified": 3,',
    ),
    "an invented count of an experiment": (
        reports(lambda r: r["experiments"][1]["counts"].update(certified=31)),
        "experiments[1].counts.certified: expected 2 by ledger and certificates, got 31",
    ),
    "a better grade of an experiment": (
        reports(lambda r: r["experiments"][0].update(grade="refuted")),
        'experiments[0].grade: expected "certified" by ledger and certificates, got "refuted"',
    ),
    "an invented number of certificates": (
        reports(lambda r: r["claims"][1].update(certificates=400)),
        "claims[1].certificates: expected ",
    ),
    "an invented case": (
        reports(lambda r: r["claims"][1]["cases"].update(hard=9)),
        "claims[1].cases: expected {",
    ),
    "another place of certificates": (
        reports(lambda r: r["lines"].update({"charles-thm-4": [1, 2]})),
        "report.json: lines: expected {",
    ),
    "a claim less": (reports(lambda r: r["claims"].pop()), "report.json: claims: expected ["),
    "an experiment less": (
        reports(lambda r: r["experiments"].pop()),
        "expected a subject of the report, got digit-pairs",
    ),
    "another grade of a counterexample": (
        reports(lambda r: r["claims"][1]["counterexamples"][0].update(grade="certified")),
        'claims[1].counterexamples[0].grade: expected "refuted" by ledger',
    ),
    "another format": (
        reports(lambda r: r.update(version=1)),
        "report.json: version: expected 2, got 1",
    ),
    "a number that is none": (
        replaced(REPORT, '"version": 2', '"version": NaN'),
        "NaN is no number",
    ),
    "a key twice": (
        replaced(REPORT, '"version": 2', '"version": 2, "version": 2'),
        "a key occurs twice in one object",
    ),
    "another seed": (
        replaced(CONFIGURATION, '"seed": 0', '"seed": 1'),
        "configuration.json: expected what report.json says",
    ),
    "more instances than there are": (
        more_instances,
        "expected instance 3 of zou-thm-2, got",
    ),
    "certificates cut at a line": (
        lists(CERTIFICATES, lambda lines: lines.pop()),
        "lines, as ledger.jsonl says, got",
    ),
    "a certificate more": (
        lists(CERTIFICATES, lambda lines: lines.append(TRUE)),
        "lines, as ledger.jsonl says, got",
    ),
    "no certificate left": (lists(CERTIFICATES, lambda lines: lines.clear()), "says, got 0"),
    "certificates of another record": (
        lists(CERTIFICATES, swap),
        "certificates.jsonl:1: expected SHA-256",
    ),
    "all certificates replaced by one that is true": (
        lists(CERTIFICATES, lambda lines: lines.__setitem__(slice(None), [TRUE] * len(lines))),
        "as ledger.jsonl:1 says, got",
    ),
    "a certificate that is false": (
        lists(CERTIFICATES, spoil),
        "rejected: ",
    ),
    "bytes that are no text": (
        lambda folder: (folder / CERTIFICATES).write_bytes(b"\xff\n"),
        "certificates.jsonl:1: expected a line in UTF-8",
    ),
    "an invented record": (
        lists(
            LEDGER,
            lambda lines: lines.append(
                canonical_json({**INVENTED, "claim": "digit-pairs", "index": 2})
            ),
        ),
        "expected certificates of what is certified, got none",
    ),
    "a record of another claim": (
        lists(
            LEDGER,
            lambda lines: lines.append(
                canonical_json({**INVENTED, "claim": "x", "index": 0, "grade": "undecided"})
            ),
        ),
        "expected a subject of the report, got x",
    ),
    "a record twice": (
        lists(LEDGER, lambda lines: lines.insert(-1, lines[-1])),
        "and each once, got digit-pairs, 1",
    ),
    "records in another order": (
        lists(LEDGER, swap),
        "ledger.jsonl:1: expected instance 0 of zou-thm-2, got zou-thm-2, 1",
    ),
    "a record less": (
        lists(LEDGER, lambda lines: lines.pop()),
        "lines, as ledger.jsonl says, got",
    ),
    "a worse grade in the ledger": (records(1, grade="undecided"), '"undecided": 1'),
    "a grade that is none": (records(1, grade="proved"), "ledger.jsonl:2: expected a record as"),
    "a record with another type": (records(1, index=True), "ledger.jsonl:2: expected a record as"),
    "another case in the ledger": (records(1, case="easy"), "claims[0].cases: expected {"),
    "a reason in the ledger": (records(1, reason="so"), 'expected ["instance 1: so"]'),
    "another hash in the ledger": (
        records(1, sha256=EMPTY_HASH),
        f"expected SHA-256 {EMPTY_HASH}, as ledger.jsonl:2 says",
    ),
    "spaces in the ledger": (
        lists(LEDGER, lambda lines: lines.__setitem__(0, lines[0].replace(",", ", ", 1))),
        "ledger.jsonl:1: expected a record as verify writes it",
    ),
    "no report": (without(REPORT), "report.json: expected this file, got none"),
    "no page": (without(PAGE), "index.html: expected this file, got none"),
    "no ledger": (without(LEDGER), "ledger.jsonl: expected this file, got none"),
    "no certificates": (without(CERTIFICATES), "certificates.jsonl: expected this file, got none"),
    "no sums": (without(SUMS), "SHA256SUMS: expected this file, got none"),
    "sums of fewer files": (
        lambda folder: lined(folder / SUMS, lambda lines: lines.pop()),
        "SHA256SUMS: expected one line for each of",
    ),
    "another file of lines": (
        lambda folder: (folder / "more.jsonl").write_text("garbage"),
        "more.jsonl: expected no file or folder that is not the report's, got one",
    ),
    "another page in a folder": (
        lambda folder: (folder / "old").mkdir() or (folder / "old" / PAGE).write_text("garbage"),
        "old: expected no file or folder that is not the report's, got one",
    ),
    "another page among the models": (
        lambda folder: (
            (folder / "models").mkdir() or (folder / "models" / PAGE).write_text("garbage")
        ),
        "models/index.html: expected no file or folder that is not the report's, got one",
    ),
    **{
        f"a file that looks like evidence, {name}": (
            added(name),
            f"{name}: expected no file or folder that is not the report's, got one",
        )
        for name in (
            "index.htm",
            "index.xhtml",
            "report.pdf",
            "README.md",
            "figure.svg",
            "certificates.jsonl.gz",
            ".hidden.json",
            "INDEX.HTML",
            "notes",
        )
    },
    **{
        f"{name} is a folder": (into_folder(name), f"{name}: expected this file, got something")
        for name in (REPORT, PAGE, SUMS, LEDGER, CERTIFICATES, CONFIGURATION)
    },
    "an empty page": (paged(""), "got a page that names none"),
    "another page": (paged("<h1>All refuted</h1>"), "got a page that names none"),
    "the page of another report": (
        paged(f'<meta name="report-sha256" content="{"0" * 64}">' * 2),
        "index.html: expected the page of the report.json of SHA-256 ",
    ),
    "a field that no report has": (
        reports(lambda r: r.update(proof="all")),
        "report.json: proof: expected no other field than those of a report, got one",
    ),
    "a field less": (
        reports(lambda r: r["run"].pop("machine")),
        "report.json: run.machine: expected this field, got none",
    ),
    "claims that are a text": (
        reports(lambda r: r.update(claims="x")),
        'report.json: claims: expected array, got "x"',
    ),
    "a count that is no whole number": (
        reports(lambda r: r["experiments"][0]["counts"].update(float=2.0)),
        "experiments[0].counts.float: expected integer, got 2.0",
    ),
    "a count below zero": (
        reports(lambda r: r["experiments"][0]["counts"].update(float=-1)),
        "experiments[0].counts.float: expected at least 0, got -1",
    ),
    "an infinite number": (infinite, "1e999 is no number"),
    "a grade of a column that is none": (
        reports(lambda r: r["experiments"][0]["tables"][0]["columns"][1].update(grade="proved")),
        'tables[0].columns[1].grade: expected one of ["certified", "float"], got "proved"',
    ),
    "a figure without what it draws": (
        reports(lambda r: r["experiments"][0]["figures"][0]["data"].pop("theta")),
        "experiments[0].figures[0].data.theta: expected this field, got none",
    ),
    "a measured column that is called certified": (
        reports(lambda r: r["experiments"][0]["tables"][0]["columns"][2].update(grade="certified")),
        "tables[0].columns[2].grade: expected float, for measured numbers, got certified",
    ),
    "a measured figure that is called certified": (
        reports(lambda r: r["experiments"][1]["figures"][0].update(grade="certified")),
        "experiments[1].figures[0].grade: expected float, as every figure of kind drift, got",
    ),
    "an invented experiment": (
        reports(invent),
        "experiments[2].id: expected a stage of this run, got invented",
    ),
    "an invented experiment with a stage": (
        reports(invent_with_a_stage),
        "tables[0].columns[1].grade: expected no certified column without certified records",
    ),
    "an experiment twice": (
        reports(lambda r: r["experiments"].append(r["experiments"][0])),
        "experiments[2].id: expected an id used once, got softmax-heads",
    ),
    "an audit that is none": (
        reports(lambda r: r["configuration"].update(preset="audit")),
        "report.json: audit: expected what the certificates of an audit are about, got none",
    ),
    "a link": (linked, "certificates.jsonl: expected files and folders of the report's own, got a"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_is_refused_with_its_reason(
    edit: str, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, reason = EDITS[edit]
    change(copied)
    code, lines = check(copied, capsys)
    assert code == 1
    assert any(reason in line for line in lines), lines


def test_a_ledger_without_report_is_compared_with_its_certificates(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (REPORT, PAGE, SUMS):
        (copied / name).unlink()
    with (copied / LEDGER).open("a") as ledger, (copied / CERTIFICATES).open("a") as certificates:
        ledger.write('{"case"')
        certificates.write(TRUE + "\n")
    code, lines = check(copied, capsys)
    assert code == 0
    assert lines[0].endswith(": a line that is being written")
    assert lines[1].endswith(": 1 lines whose record is not written yet")
    assert lines[2] == f"{copied}: ledger and certificates belong together; there is no report"
    lined(copied / LEDGER, lambda lines: lines.pop())
    recorded(copied, 0, sha256=EMPTY_HASH)
    code, lines = check(copied, capsys)
    assert code == 1
    assert any("as ledger.jsonl:1 says" in line for line in lines)


def test_no_more_than_a_screen_of_differences_is_printed(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(60):
        (copied / f"{number:02}.jsonl").touch()
    code, lines = check(copied, capsys)
    assert code == 1
    assert f"{copied}: 40 more differences" in lines


def test_the_sentences_are_printed_with_what_they_belong_to(
    honest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert certify_cli.main(["check", "--show", str(honest)]) == 0
    lines = capsys.readouterr().out.splitlines()
    total = json.loads((honest / REPORT).read_text(encoding="utf-8"))["certificates"]["count"]
    assert lines[0].startswith(f"{honest / CERTIFICATES}:1: zou-thm-2, 0 (")
    assert sum(line.startswith(f"{honest / CERTIFICATES}:") for line in lines) == total
    assert any("digit-pairs, 1 (number 2): arithmetic: " in line for line in lines)


def test_the_lines_named_by_the_report_are_those_of_the_subject(honest: Path) -> None:
    report = json.loads((honest / REPORT).read_text(encoding="utf-8"))
    certificates = (honest / CERTIFICATES).read_text(encoding="ascii").splitlines()
    first, last = report["lines"]["digit-pairs"]
    assert [json.loads(line)["kind"] for line in certificates[first - 1 : last]] == [
        "arithmetic"
    ] * 2
    assert f"lines {first}–{last}</a>" in (honest / PAGE).read_text(encoding="utf-8")
    assert sum(b - a + 1 for a, b in report["lines"].values()) == len(certificates)


def test_the_page_names_the_folder_as_it_was_given(honest: Path) -> None:
    report = json.loads((honest / REPORT).read_text(encoding="utf-8"))
    assert report["name"] == "my report é"
    assert report["run"]["check"] == f"certify check '{honest}'"
    assert report["run"]["check"].replace("'", "&#39;") in (honest / PAGE).read_text("utf-8")
