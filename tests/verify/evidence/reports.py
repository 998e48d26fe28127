"""A small report, and edits of its folder; most write new hashes, so that others must notice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from certify import cli as certify_cli
from certify.certificates import facts
from certify.certificates.certificate import canonical_json
from verify.campaigns.job import Configuration, Job
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.ledger import CERTIFICATES, CONFIGURATION, LEDGER
from verify.evidence.result import Question, Result, figure, table
from verify.reporting.progress import Progress

REPORT, PAGE, SUMS = "report.json", "index.html", "SHA256SUMS"
CONFIGURED = Configuration(0, 3, ("zou-thm-2", "charles-thm-4"))
TRUE = facts.arithmetic({"x": 1}, [("x", "=", "x")]).line()  # and about nothing


def numbers(name: str) -> Question[Any]:
    """An experiment that decides two things and trains nothing."""

    def run(_: Any) -> Result:
        found = [facts.arithmetic({"n": n}, [("0", "<", "n")]) for n in (1, 2)]
        decisions = [Decision.by_checker(f"number {n}", c) for n, c in enumerate(found, 1)]
        columns = [("number", "", None), ("exact", "", Grade.CERTIFIED), ("time", "s", Grade.FLOAT)]
        series = [{"label": "float32", "values": [0.5, 0.5]}]
        drift = {"theta": [1, 10], "series": series, "exact": "0"}
        return Result(
            "Both are positive.", {}, tuple(decisions), 2,
            (table("Numbers", columns, [["one", "1", 0.5], ["two", "2", 0.5]]),),
            (figure("drift", "Drift", "What floats do.", Grade.FLOAT, drift),),
        )  # fmt: skip

    return Question(name, "Numbers", "Are they positive?", (), run)


def run(out: Path, *, resume: bool = False) -> None:
    job = Job(CONFIGURED, out)
    with (
        ThreadPoolExecutor(1) as executor,
        job.prepare(resume=resume) as ledger,
        Progress() as progress,
    ):
        job.execute(ledger, executor, progress, ["verify", "run", "--out", str(out)])


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = certify_cli.main(["check", str(path)])
    return code, capsys.readouterr().out.splitlines()


# Edits of a folder. Most of them also write new hashes, so that something else must notice.


def changed(path: Path, change: Callable[[Any], object]) -> None:
    """Change a file of JSON."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def lined(path: Path, change: Callable[[list[str]], object]) -> None:
    """Change a file of lines, given as a list."""
    lines = path.read_text(encoding="ascii").splitlines()
    change(lines)
    path.write_text("".join(f"{line}\n" for line in lines))


def recorded(folder: Path, number: int, **fields: Any) -> None:
    """Change fields of one record of the ledger."""

    def change(lines: list[str]) -> None:
        lines[number] = canonical_json(json.loads(lines[number]) | fields)

    lined(folder / LEDGER, change)


def seal(folder: Path) -> None:
    """Write the hashes of all files anew, in the report and in the list of sums."""

    def rehash(report: dict[str, Any]) -> None:
        for key, name in (("ledger", LEDGER), ("certificates", CERTIFICATES)):
            content = (folder / name).read_bytes()
            report[key]["sha256"] = hashlib.sha256(content).hexdigest()
            report[key]["count"] = content.count(b"\n")

    changed(folder / REPORT, rehash)
    repage(folder)
    names = sorted(path.name for path in folder.iterdir() if path.name != SUMS and path.is_file())
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    (folder / SUMS).write_text("".join(sums))


def repage(folder: Path) -> None:
    """Let the page name the hash of the report."""
    digest = hashlib.sha256((folder / REPORT).read_bytes()).hexdigest()
    named = re.sub('(name="report-sha256" content=")[0-9a-f]*', rf"\g<1>{digest}",
                   (folder / PAGE).read_text(encoding="utf-8"))  # fmt: skip
    (folder / PAGE).write_text(named, encoding="utf-8")


def reports(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Change the report, and its hash with it."""

    def edit(folder: Path) -> None:
        changed(folder / REPORT, change)
        seal(folder)

    return edit


def lists(name: str, change: Callable[[list[str]], object]) -> Callable[[Path], None]:
    """Change the lines of a file, and all hashes of it."""

    def edit(folder: Path) -> None:
        lined(folder / name, change)
        seal(folder)

    return edit


def records(number: int, **fields: Any) -> Callable[[Path], None]:
    """Change a record, and the hashes of the ledger."""

    def edit(folder: Path) -> None:
        recorded(folder, number, **fields)
        seal(folder)

    return edit


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace a text without writing new hashes."""

    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def paged(text: str) -> Callable[[Path], None]:
    """Write another page, and all hashes."""

    def edit(folder: Path) -> None:
        (folder / PAGE).write_text(text, encoding="utf-8")
        seal(folder)

    return edit


def added(name: str) -> Callable[[Path], None]:
    """Add a file, which the list of sums names, too."""

    def edit(folder: Path) -> None:
        (folder / name).write_text("All is refuted.")
        seal(folder)

    return edit


def into_folder(name: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return edit


def infinite(folder: Path) -> None:
    text = (folder / REPORT).read_text(encoding="utf-8")
    (folder / REPORT).write_text(re.sub('"seconds": [0-9.]+', '"seconds": 1e999', text, count=1))
    names = sorted(path.name for path in folder.iterdir() if path.name != SUMS)
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    (folder / SUMS).write_text("".join(sums))


def invent(report: dict[str, Any]) -> None:
    """Add an experiment without records, whose table and figure are called certified."""
    counts = dict.fromkeys(("certified", "refuted", "undecided", "malformed"), 0) | {"float": 2}
    report["experiments"].append(
        report["experiments"][0]
        | {"id": "invented", "grade": "float", "counts": counts, "certificates": 0}
    )


def invent_with_a_stage(report: dict[str, Any]) -> None:
    invent(report)
    report["run"]["stage_seconds"]["invented"] = 1


def swap(lines: list[str]) -> None:
    lines[0], lines[1] = lines[1], lines[0]


def spoil(lines: list[str]) -> None:
    certificate = json.loads(lines[-1])
    certificate["statement"]["relations"][0][1] = "="
    lines[-1] = canonical_json(certificate)


def more_instances(folder: Path) -> None:
    changed(folder / REPORT, lambda report: report["configuration"].update(instances=4))
    changed(folder / CONFIGURATION, lambda settings: settings.update(instances=4))
    seal(folder)


def linked(folder: Path) -> None:
    (folder / CERTIFICATES).rename(folder.parent / "elsewhere")
    (folder / CERTIFICATES).symlink_to(folder.parent / "elsewhere")


EMPTY_HASH = hashlib.sha256(b"").hexdigest()
INVENTED = {
    "case": "x",
    "certificates": 0,
    "grade": "certified",
    "reason": "",
    "sha256": EMPTY_HASH,
}
