"""The append-only record of a campaign, and the certificates beside it.

Two files grow together. The certificates of an instance are written first, its ledger line after
them; the ledger line is what counts. After a kill at any moment :meth:`Ledger.open` cuts off an
unfinished line and the certificates that no ledger line accounts for, so a resumed campaign neither
loses nor doubles anything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from certify.certificates import canonical_json
from certify.errors import InputError
from verify.grades import Grade

LEDGER, CERTIFICATES = "ledger.jsonl", "certificates.jsonl"


@dataclass(frozen=True)
class Record:
    """One instance of a campaign: its claim, number and case, its grade, and its certificates."""

    claim: str
    index: int
    case: str
    grade: Grade
    reason: str
    certificates: int


class Ledger:
    """The records of one campaign in a directory; append with :meth:`append`."""

    def __init__(self, directory: Path, records: list[Record], files: tuple[BinaryIO, ...]) -> None:
        self.directory, self.records, self._files = directory, records, files

    @classmethod
    def open(cls, directory: Path) -> Ledger:
        """Open or create the ledger of a directory, repairing what an interruption left."""
        ledger, certificates = directory / LEDGER, directory / CERTIFICATES
        for path in (ledger, certificates):
            path.touch()
        records = [_record(line, ledger, i) for i, line in _finished_lines(ledger)]
        _cut(ledger, len(records))
        _cut(certificates, sum(record.certificates for record in records))
        return cls(directory, records, (certificates.open("ab"), ledger.open("ab")))

    def append(self, record: Record, certificates: Sequence[str]) -> None:
        """Append one instance: its certificate lines, then its record, both flushed to disk."""
        for file, lines in zip(
            self._files, (certificates, [canonical_json(asdict(record))]), strict=True
        ):
            file.write("".join(f"{line}\n" for line in lines).encode("ascii"))
            file.flush()
        self.records.append(record)

    def close(self) -> None:
        """Make both files durable and close them."""
        for file in self._files:
            os.fsync(file.fileno())
            file.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _finished_lines(path: Path) -> list[tuple[int, bytes]]:
    with path.open("rb") as lines:
        return [(i, line) for i, line in enumerate(lines, 1) if line.endswith(b"\n")]


def _record(line: bytes, path: Path, number: int) -> Record:
    try:
        fields = json.loads(line)
        record = Record(**{**fields, "grade": Grade(fields["grade"])})
        counts, words = (record.index, record.certificates), (record.claim, record.case)
        if any(type(n) is not int or n < 0 for n in counts) or any(
            type(w) is not str for w in words
        ):
            raise ValueError
        return record
    except (ValueError, TypeError, KeyError):
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
