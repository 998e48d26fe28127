"""The append-only record of a campaign, and the certificates beside it.

Two files grow together. The certificates of some instances are written first and made durable
(fsync), their ledger lines after them; the ledger line is what counts. After a kill at any moment,
of the process or of the whole machine, :meth:`Ledger.open` cuts off an unfinished line and the
certificates that no ledger line accounts for, so a resumed campaign neither loses nor doubles
anything. A lock on the ledger, which ends with the process, keeps a second run out.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from certify.certificates import canonical_json
from certify.errors import InputError
from verify.grades import Grade

LEDGER, CERTIFICATES = "ledger.jsonl", "certificates.jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """One instance of a campaign: its claim, number and case, its grade, and its certificates."""

    claim: str
    index: int
    case: str
    grade: Grade
    reason: str
    certificates: int


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
        its lines are not records or lack their certificates.
        """
        ledger, certificates = directory / LEDGER, directory / CERTIFICATES
        file = _open_locked(ledger)
        try:
            if fresh:
                file.truncate(0)
                os.fsync(file.fileno())
            certificates.touch()
            records = [_record(line, ledger, i) for i, line in _finished_lines(ledger)]
            _cut(ledger, len(records))
            _cut(certificates, sum(record.certificates for record in records))
            return cls(directory, records, FileIO(certificates, "ab"), file)
        except BaseException:
            file.close()
            raise

    def append(self, record: Record, certificates: Sequence[str]) -> None:
        """Append one instance: its certificate lines, then its record, both durable."""
        self.extend([(record, certificates)])

    def extend(self, results: Sequence[tuple[Record, Sequence[str]]]) -> None:
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

    def close(self) -> None:
        """Close both files and release the lock."""
        self._certificates.close()
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _open_locked(path: Path) -> FileIO:
    file = FileIO(path, "ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InputError(
            "ledger",
            expected="one run at a time in a directory",
            got="another run that is still going on",
            where=str(path),
        ) from None
    except OSError as error:
        file.close()
        raise _named(error, path) from None
    return file


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


def _finished_lines(path: Path) -> list[tuple[int, bytes]]:
    with path.open("rb") as lines:
        return [(i, line) for i, line in enumerate(lines, 1) if line.endswith(b"\n")]


def _record(line: bytes, path: Path, number: int) -> Record:
    try:
        fields = json.loads(line)
        # Millions of records share a few words; from JSON each would have its own copy.
        shared = {name: sys.intern(fields[name]) for name in ("claim", "case")}
        record = Record(**{**fields, **shared, "grade": Grade(fields["grade"])})
        whole = all(type(n) is int and 0 <= n < 2**63 for n in (record.index, record.certificates))
        if not whole or type(record.reason) is not str:
            raise ValueError
        return record
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(
            "ledger",
            expected="one record for each line",
            got=repr(line[:60]),
            where=f"{path}:{number}",
        ) from None


def _cut(path: Path, lines: int) -> None:
    """Keep the first lines of a file; raise InputError when it has fewer."""
    with path.open("rb+") as file:
        kept = 0
        for _ in range(lines):
            line = file.readline()
            if not line.endswith(b"\n"):
                raise InputError("ledger", expected=f"{lines} lines", got="fewer", where=str(path))
            kept += len(line)
        file.truncate(kept)
