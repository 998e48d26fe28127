"""Whether a report, its ledger and its certificates belong together: ``certify check`` of a folder.

Everything that can be derived from the ledger and the certificates is derived again and compared
with the report: counts, grades, cases, places and hashes. The sentences of the report and the page
cannot be; the page names the hash of its report, and ``SHA256SUMS`` those of all files, but whoever
changes a file can change these, too. Like the checker this needs the standard library only and
shares no code with what wrote the folder.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from certify.checking import checker, report_fields
from certify.checking.ledger_records import GRADES, Record, record_of
from certify.checking.report_fields import AUDIT, at, shown

REPORT, PAGE, SUMS = "report.json", "index.html", "SHA256SUMS"
LEDGER, CERTIFICATES, CONFIGURATION = "ledger.jsonl", "certificates.jsonl", "configuration.json"
OWN = (REPORT, PAGE, SUMS, LEDGER, CERTIFICATES, CONFIGURATION)
MODELS = "models"  # of a run, for its continuation
KEPT = (".npz", ".partial")  # files of that folder
# What a process leaves that is killed while it writes: beside the file, until that is whole.
DRAFT = re.compile(r"\.configuration\.json|\.(report\.json|index\.html|SHA256SUMS)\.[0-9]+")
HASH = re.compile(rb'<meta name="report-sha256" content="([0-9a-f]{64})">')
PROVEN = ("refuted", "certified")
SHARP, COUNTEREXAMPLES = ", sharp form", ", counterexamples"  # behind the id of a claim
SHOWN_PROBLEMS = 5


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unlike_sums(path: Path, names: Sequence[str]) -> Iterator[report_fields.Difference]:
    """Yield the files of a folder whose hashes are not those that its list has, and other lists."""
    text = (path / SUMS).read_text(encoding="utf-8", errors="replace")
    found = dict(re.findall(r"^([0-9a-f]{64})  (.*)$", text, re.MULTILINE))
    listed = {name: digest for digest, name in found.items()}
    if text != "".join(f"{listed.get(name)}  {name}\n" for name in names):
        yield SUMS, f"one line for each of {', '.join(names)}", repr(text)
    for name in names:
        digest = sha256_of(path / name)
        if listed.get(name, digest) != digest:
            yield name, f"SHA-256 {listed[name]}, as {SUMS} says", digest


def is_report(path: Path) -> bool:
    """Tell whether a folder holds a report, or the ledger of a run that has none yet."""
    beside = (LEDGER, PAGE, SUMS, CONFIGURATION)
    return (path / REPORT).exists() or (
        (path / CERTIFICATES).exists() and any((path / name).exists() for name in beside)
    )


class Folder:
    """The files of one report. Iterate over ``certificates`` first, then call ``compare``.

    ``differences`` are lines that name the file and place, what was expected and what was found;
    ``notes`` say what is no fault. Raises OSError for a file that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.differences: list[str] = []
        self.notes: list[str] = []
        self.records: list[Record] | None = []  # None when they cannot be read
        self._answers = report_fields.Answers()
        self._files()
        self._report = self._json(REPORT)
        self._settings = self._json(CONFIGURATION)
        if (path / LEDGER).is_file():
            self._read_ledger()
        if self.records is not None:
            self._order(self.records)

    def _differs(self, where: object, expected: object, got: object) -> None:
        got = checker.shortened(str(got))
        self.differences.append(f"{self.path / str(where)}: expected {expected}, got {got}")

    def _same(self, where: str, expected: Any, found: Any) -> None:
        wanted, given = shown(expected), shown(found)
        if wanted != given:
            self._differs(where, f"{checker.shortened(wanted)} by ledger and certificates", given)

    # Files

    def _files(self) -> None:
        """Find missing and unknown files, and compare the hashes."""
        here = {name for name in OWN if (self.path / name).is_file()}
        there = {name for name in OWN if os.path.lexists(self.path / name)}
        self.finished = bool(there & {REPORT, PAGE, SUMS})
        wanted = (REPORT, PAGE, SUMS, LEDGER, CERTIFICATES) if self.finished else (LEDGER,)
        for name in {*wanted, *there} - here:
            self._differs(name, "this file", "something else" if name in there else "none")
        for folder, folders, files in os.walk(self.path):
            within = Path(folder).relative_to(self.path)
            inside = within.name == MODELS
            for name in sorted([*folders, *files]):
                path = within / name
                if (self.path / path).is_symlink():
                    self._differs(path, "files and folders of the report's own", "a link")
                elif not self._known(name, inside, name in folders):
                    self._differs(path, "no file or folder that is not the report's", "one")
            folders[:] = [MODELS] if MODELS in folders and not inside else []
        if SUMS in here:
            for where, expected, got in unlike_sums(self.path, sorted(here - {SUMS})):
                self._differs(where, expected, got)

    @staticmethod
    def _known(name: str, inside: bool, folder: bool) -> bool:
        """Tell whether a name is one of a report's, or hidden and without an ending."""
        if name.startswith("."):
            return not Path(name).suffix or bool(DRAFT.fullmatch(name))
        if inside:
            return not folder and Path(name).suffix in KEPT
        return name == MODELS if folder else name in OWN

    def _json(self, name: str) -> Any:
        """Return what a file of JSON says, None when it is not there or not JSON."""
        if not (self.path / name).is_file():
            return None

        try:
            return report_fields.read((self.path / name).read_text(encoding="utf-8"))
        except RecursionError:
            self._differs(name, "JSON", "nesting too deep")
        except ValueError as error:
            self._differs(name, "JSON", error)
        return None

    # Ledger

    def _read_ledger(self) -> None:
        records: list[Record] = []
        with (self.path / LEDGER).open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n") and not self.finished:
                    self.notes.append(f"{file.name}:{number}: a line that is being written")
                elif record := record_of(line, number):
                    records.append(record)
                else:
                    self._differs(f"{LEDGER}:{number}", "a record as verify writes it", line[:60])
                    self.records = None
        if self.records is not None:
            self.records = records

    def _order(self, records: Sequence[Record]) -> None:
        """Compare the order of the records with that of the campaign, and find what is twice."""
        for record in records:
            if record.grade in PROVEN and not record.certificates:
                where = f"{LEDGER}:{record.line}"
                self._differs(where, f"certificates of what is {record.grade}", "none")
        planned, instances = self._planned(records)
        total = len(planned) * instances
        for n, record in enumerate(records[:total]):
            subject, index = planned[n // instances], n % instances
            if (record.claim, record.index) != (subject, index):
                self._differs(f"{LEDGER}:{record.line}", f"instance {index} of {subject}", record)
                return
        left = total - len(records)
        if left > 0 and at(self._report, "run", "complete") is True:
            self._differs(LEDGER, f"{left} more instances in a complete run", "none")
        seen: set[str] = set()
        before: Record | None = None
        for record in records:
            new = before is None or before.claim != record.claim
            index = 0 if before is None or new else before.index + 1
            if (new and record.claim in seen) or record.index != index:
                expected = f"number {index} of {record.claim}, and each once"
                self._differs(f"{LEDGER}:{record.line}", expected, record)
                return
            seen.add(record.claim)
            before = record

    def _planned(self, records: Sequence[Record]) -> tuple[list[str], int]:
        """Return the subjects of the campaign in their order, and the instances of each."""
        settings = self._settings if self._report is None else at(self._report, "configuration")
        claims, instances = at(settings, "claims"), at(settings, "instances")
        if type(instances) is not int or instances < 1:
            return [], 0
        # Which claims have a sharp form is said by the report, and without one by the ledger alone.
        sharp = {record.claim for record in records if record.claim.endswith(SHARP)}
        for entry in _list(at(self._report, "claims")):
            if at(entry, "sharp") is not None:
                sharp.add(f"{at(entry, 'id')}{SHARP}")
        names = map(str, _list(claims))
        return [s for name in names for s in (name, *({f"{name}{SHARP}"} & sharp))], instances

    # Certificates

    @property
    def audit(self) -> Any:
        """What the report of an audit says its certificates are about; None in another report."""
        return at(self._report, "audit")

    @property
    def seed(self) -> int:
        """The seed of every random choice of the report."""
        return int(at(self._report, "configuration", "seed"))

    def certificates(self) -> Iterator[tuple[str, str, Record | None]]:
        """Yield (place, text, record) for each certificate, and compare the hashes."""
        if not (self.path / CERTIFICATES).is_file():
            return
        number = 0
        with (self.path / CERTIFICATES).open("rb") as file:
            for record in self.records or ():
                digest, first = hashlib.sha256(), number + 1
                for _ in range(record.certificates):
                    line = file.readline(checker.MAX_LINE + 1)
                    if not line:
                        wanted = sum(r.certificates for r in self.records or ())
                        self._differs(CERTIFICATES, f"{wanted} lines, as {LEDGER} says", number)
                        return
                    number += 1
                    digest.update(line)
                    yield from self._certificate(number, line, record)
                if digest.hexdigest() != record.sha256:
                    where = f"{CERTIFICATES}:{first}"
                    where += f"-{number}" if number > first else ""
                    wanted_hash = f"SHA-256 {record.sha256}, as {LEDGER}:{record.line} says"
                    self._differs(where, wanted_hash, digest.hexdigest())
            rest = 0
            while line := file.readline(checker.MAX_LINE + 1):
                rest += 1
                if self.finished or self.records is None:
                    yield from self._certificate(number + rest, line, None)
        if rest and self.finished:
            self._differs(CERTIFICATES, f"{number} lines, as {LEDGER} says", number + rest)
        elif rest:
            self.notes.append(f"{file.name}: {rest} lines whose record is not written yet")

    def accepted(self, certificate: Any, record: Record | None) -> None:
        """Note what a certificate that was accepted says, for what the report of an audit counts.

        Raises KeyError or TypeError for one that is not well formed.
        """
        if record is not None and self.audit is not None:
            certified = record.grade == "certified"
            self._answers.add(record.claim, record.case, certified, certificate)

    def _certificate(
        self, number: int, line: bytes, record: Record | None
    ) -> Iterator[tuple[str, str, Record | None]]:
        where = f"{CERTIFICATES}:{number}"
        try:
            yield f"{self.path / where}", line.decode("utf-8"), record
        except UnicodeDecodeError:
            self._differs(where, "a line in UTF-8", line[:60])

    # The report

    def compare(self) -> None:
        """Compare the report with what ledger and certificates say."""
        if self.records is None or not self.finished:
            return
        report = self._report
        for name, value in (("format", "adversarial-geometry/report"), ("version", 2)):
            if shown(at(report, name)) != shown(value):
                self._differs(f"{REPORT}: {name}", repr(value), repr(at(report, name)))
                return
        wrong = list(report_fields.misshapen(report))
        if not wrong and self.audit is not None:
            wrong = list(self._answers.differences(report))
        for place, expected, got in wrong:
            self._differs(f"{REPORT}: {place}", expected, got)
        self._compare_page()
        self._compare_settings()
        self._compare_files(self.records)
        subjects: dict[str, list[Record]] = {}
        for record in self.records:
            subjects.setdefault(record.claim, []).append(record)
        claims = _list(at(report, "claims"))
        experiments = _list(at(report, "experiments"))
        self._same(
            f"{REPORT}: claims", at(report, "configuration", "claims"),
            [at(claim, "id") for claim in claims],
        )  # fmt: skip
        for n, claim in enumerate(claims):
            self._compare_claim(f"{REPORT}: claims[{n}]", claim, subjects)
        for n, experiment in enumerate(experiments):
            found = subjects.pop(str(at(experiment, "id")), [])
            self._compare_experiment(f"{REPORT}: experiments[{n}]", experiment, found)
        for record, *_ in subjects.values():
            self._differs(f"{LEDGER}:{record.line}", "a subject of the report", record.claim)

    def _compare_page(self) -> None:
        """Compare the hash that the page names with that of the report."""
        if not all((self.path / name).is_file() for name in (PAGE, REPORT)):
            return
        named = [digest.decode() for digest in HASH.findall((self.path / PAGE).read_bytes())]
        digest = sha256_of(self.path / REPORT)
        if named != [digest]:
            wanted = f"the page of the {REPORT} of SHA-256 {digest}"
            self._differs(PAGE, wanted, ", ".join(named) or "a page that names none")

    def _compare_settings(self) -> None:
        report, settings = self._report, self._settings
        if at(report, "configuration", "preset") == AUDIT:
            if settings is not None:
                self._differs(CONFIGURATION, "no such file beside an audit", "one")
            return
        wanted = {
            "software_version": at(report, "software_version"),
            **_object(at(report, "configuration")),
            "data_sha256": at(report, "data", "sha256") or at(settings, "data_sha256"),
        }
        if shown(settings) != shown(wanted):
            self._differs(CONFIGURATION, f"what {REPORT} says, {shown(wanted)}", shown(settings))

    def _compare_files(self, records: Sequence[Record]) -> None:
        lines: dict[str, list[int]] = {}
        last = 0
        for record in records:
            if record.certificates:
                first, last = last + 1, last + record.certificates
                lines.setdefault(record.claim, [first, last])[1] = last
        self._same(f"{REPORT}: lines", lines, at(self._report, "lines"))
        for key, name in (("ledger", LEDGER), ("certificates", CERTIFICATES)):
            if not (self.path / name).is_file():
                continue
            digest = sha256_of(self.path / name)
            count = len(records) if name == LEDGER else last
            found = {"path": name, "count": count, "sha256": digest}
            self._same(f"{REPORT}: {key}", found, at(self._report, key))

    def _compare_claim(self, where: str, claim: Any, subjects: dict[str, list[Record]]) -> None:
        name = str(at(claim, "id"))
        own = subjects.pop(name, [])
        sharp = subjects.pop(f"{name}{SHARP}", [])
        against = subjects.pop(f"{name}{COUNTEREXAMPLES}", [])
        total = sum(record.certificates for record in chain(own, sharp, against))
        for key, value in {**_counted(own), "certificates": total}.items():
            self._same(f"{where}.{key}", value, at(claim, key))
        if sharp or at(claim, "sharp") is not None:
            self._same(f"{where}.sharp", _counted(sharp), at(claim, "sharp"))
        graded = {record.case: record.grade for record in against}
        weakened = _list(at(claim, "counterexamples"))
        for n, weak in enumerate(weakened):
            grade = graded.pop(str(at(weak, "dropped")), "undecided")
            self._same(f"{where}.counterexamples[{n}].grade", grade, at(weak, "grade"))
        self._same(f"{where}.counterexamples", [], list(graded))

    def _compare_experiment(self, where: str, experiment: Any, found: Sequence[Record]) -> None:
        grades = Counter(record.grade for record in found)
        derived = {
            "grade": _weakest(grades, "float"),
            "certificates": sum(record.certificates for record in found),
            **{f"counts.{grade}": grades[grade] for grade in GRADES},
        }
        for key, value in derived.items():
            self._same(f"{where}.{key}", value, at(experiment, *key.split(".")))


def _counted(records: Sequence[Record]) -> dict[str, Any]:
    """Return what a report says of all instances of one subject."""
    grades = Counter(record.grade for record in records)
    problems = [f"instance {r.index}: {r.reason}" for r in records if r.reason]
    return {
        "grade": _weakest(grades, "undecided"),
        "counts": {grade: grades[grade] for grade in GRADES},
        "cases": Counter(record.case for record in records),
        "problems": problems[:SHOWN_PROBLEMS],
    }


def _weakest(grades: Counter[str], without: str) -> str:
    return next((grade for grade in GRADES if grades[grade]), without)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
