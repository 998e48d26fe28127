"""The append-only record of a campaign, and the certificates beside it.

Two files grow together. The certificates of some instances are written first and made durable
(fsync), their ledger lines after them; the ledger line is what counts. After a kill at any moment,
of the process or of the whole machine, :meth:`Ledger.open` cuts off an unfinished line and the
certificates that no ledger line accounts for, so a resumed campaign neither loses nor doubles
anything. A lock on the ledger, which ends with the process, keeps a second run out.

A record has the number of its certificates and the SHA-256 of their lines, so it names their place:
the first line of a record's certificates comes after those of all records before it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from certify.certificates.certificate import canonical_json
from certify.errors import InputError
from verify.evidence.grades import Grade

if TYPE_CHECKING:
    from verify.evidence.decision import Decision

CONFIGURATION, LEDGER = "configuration.json", "ledger.jsonl"
CERTIFICATES = "certificates.jsonl"
# What stands behind a claim's id where the record is not of one of its instances.
SHARP = ", sharp form"  # an instance on which its sharp form is decided
COUNTEREXAMPLES = ", counterexamples"


@dataclass(frozen=True, slots=True)
class Record:
    """One instance of a campaign: its claim, number and case, its grade, and its certificates.

    ``certificates`` is how many there are and ``sha256`` the hash of their lines, each with its
    line feed.
    """

    claim: str
    index: int
    case: str
    grade: Grade
    reason: str
    certificates: int
    sha256: str

    @classmethod
    def of(
        cls, claim: str, index: int, case: str, grade: Grade, reason: str, lines: Sequence[str]
    ) -> Record:
        """Return the record of an instance from the lines of its certificates."""
        digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode("ascii"))
        return cls(claim, index, case, grade, reason, len(lines), digest.hexdigest())


Written = tuple[Record, Sequence[str]]  # a record and the lines of its certificates


def of_decisions(subject: str, decisions: Sequence[Decision]) -> list[Written]:
    """Return the records of the exact results on one subject, with their certificates."""
    results: list[Written] = []
    for n, decision in enumerate(decisions):
        lines = [certificate.line() for certificate in decision.certificates]
        about = (decision.subject, decision.grade, decision.reason)
        results.append((Record.of(subject, n, *about, lines), lines))
    return results


def lines_of(records: Iterable[Record]) -> dict[str, list[int]]:
    """Return the first and the last line of the certificates of each subject that has any."""
    lines: dict[str, list[int]] = {}
    last = 0
    for record in records:
        if record.certificates:
            first, last = last + 1, last + record.certificates
            lines.setdefault(record.claim, [first, last])[1] = last
    return lines


class OtherRecord(InputError):
    """A record or its certificates are not what this run gives."""


class Ledger:
    """The records of one campaign in a directory; append with :meth:`append` or :meth:`extend`."""

    def __init__(
        self, directory: Path, records: list[Record], certificates: FileIO, ledger: FileIO
    ) -> None:
        self.directory, self.records = directory, records
        self._certificates, self._ledger = certificates, ledger

    @classmethod
    def open(cls, directory: Path, *, fresh: bool = False) -> Ledger:
        """Open or create the ledger of a directory, repairing what an interruption left.

        A fresh one forgets its records. Raises InputError when another run has it open, or when
        its lines are not records or lack their certificates, which the hashes tell. Neither file
        may be a link, so that nothing elsewhere is changed.
        """
        ledger, certificates = directory / LEDGER, directory / CERTIFICATES
        file = _open_locked(ledger)
        try:
            if fresh:
                file.truncate(0)
                os.fsync(file.fileno())
            beside = _open(certificates)
            try:
                lines = _finished_lines(ledger)
                records = [_record(line, ledger, i) for i, line in enumerate(lines, 1)]
                file.truncate(sum(map(len, lines)))
                beside.truncate(_accounted(certificates, records))
                return cls(directory, records, beside, file)
            except BaseException:
                beside.close()
                raise
        except BaseException:
            file.close()
            raise

    def append(self, record: Record, certificates: Sequence[str]) -> None:
        """Append one instance: its certificate lines, then its record, both durable."""
        self.extend([(record, certificates)])

    def extend(self, results: Sequence[Written]) -> None:
        """Append instances: the certificates of all, then the records of all, both durable.

        Many at once cost the same two fsyncs as one. Raises OSError with the file's name when the
        disk is full or fails; this object is of no use then, and a new one continues.
        """
        if not results:
            return
        try:
            _write(self._certificates, (line for _, lines in results for line in lines))
            _write(self._ledger, (canonical_json(asdict(record)) for record, _ in results))
        except BaseException:
            # What came after a part of a line would be garbage: refuse it, but keep the lock.
            self._certificates.close()
            raise
        self.records.extend(record for record, _ in results)

    def compare(self, position: int, own: Record) -> None:
        """Raise OtherRecord unless the record at a position is the one that this run gives."""
        found = self.records[position]
        if found == own:
            return
        names = [name for name in Record.__slots__ if getattr(found, name) != getattr(own, name)]
        raise OtherRecord(
            "ledger",
            expected=f"what {own.claim}, instance {own.index}, gives in this run",
            got=f"another {', '.join(names)} (--overwrite starts again)",
            where=f"{self.directory / LEDGER}:{position + 1}",
        )

    def evidence(self) -> dict[str, Any]:
        """Return what a report says about both files: their hashes, and the lines by subject."""
        return {
            "ledger": {
                "path": LEDGER,
                "count": len(self.records),
                "sha256": _sha256(self.directory / LEDGER),
            },
            "certificates": {
                "path": CERTIFICATES,
                "count": sum(record.certificates for record in self.records),
                "sha256": _sha256(self.directory / CERTIFICATES),
            },
            "lines": lines_of(self.records),
        }

    def close(self) -> None:
        """Close both files and release the lock."""
        self._certificates.close()
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(path: Path) -> FileIO:
    """Open a file to append to it, unless it is a link to another."""
    try:
        return FileIO(path, "ab", opener=_open_no_link)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise InputError("ledger", expected="a file", got="a link", where=str(path)) from None


def _open_no_link(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o666)


def _open_locked(path: Path) -> FileIO:
    file = _open(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        wanted, got = "one run at a time in a directory", "another run that is still going on"
        raise InputError("ledger", expected=wanted, got=got, where=str(path)) from None
    except OSError as error:
        file.close()
        raise _named(error, path) from None
    return file


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(file: FileIO, lines: Iterable[str]) -> None:
    """Append lines and wait until they are on the disk; there is no buffer to lose or repeat."""
    rest = "".join(f"{line}\n" for line in lines).encode("ascii")
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError as error:
        raise _named(error, file.name) from None


def _named(error: OSError, path: object) -> OSError:
    """Return the error with the name of the file, which errors on open files lack."""
    return OSError(error.errno, error.strerror, str(path))


def _finished_lines(path: Path) -> list[bytes]:
    with path.open("rb") as lines:
        return [line for line in lines if line.endswith(b"\n")]


def _record(line: bytes, path: Path, number: int) -> Record:
    try:
        fields = json.loads(line)
        # Millions of records share a few words; from JSON each would have its own copy.
        shared = {name: sys.intern(fields[name]) for name in ("claim", "case")}
        record = Record(**{**fields, **shared, "grade": Grade(fields["grade"])})
        whole = all(type(n) is int and 0 <= n < 2**63 for n in (record.index, record.certificates))
        if not whole or {type(record.reason), type(record.sha256)} != {str}:
            raise ValueError
        return record
    except (ValueError, TypeError, KeyError, RecursionError):
        wanted, got = "one record for each line", repr(line[:60])
        raise InputError("ledger", expected=wanted, got=got, where=f"{path}:{number}") from None


def _accounted(path: Path, records: Sequence[Record]) -> int:
    """Return the size of the certificates of all records; raise InputError for other ones."""
    size = first = 0
    with path.open("rb") as file:
        for number, record in enumerate(records, 1):
            digest = hashlib.sha256()
            for _ in range(record.certificates):
                line = file.readline()
                if not line.endswith(b"\n"):
                    expected = f"{sum(r.certificates for r in records)} lines"
                    raise InputError("ledger", expected=expected, got="fewer", where=str(path))
                digest.update(line)
                size += len(line)
            if digest.hexdigest() != record.sha256:
                wanted = f"the certificates of record {number}, of SHA-256 {record.sha256}"
                where = f"{path}, lines {first + 1} to {first + record.certificates}"
                raise InputError("ledger", expected=wanted, got=digest.hexdigest(), where=where)
            first += record.certificates
    return size
