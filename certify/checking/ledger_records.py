"""The records of a ledger as the folder check reads them: by the standard library, strictly."""

import json
import re
from dataclasses import dataclass
from typing import get_type_hints

from certify.checking import checker

GRADES = ("refuted", "malformed", "undecided", "certified")  # the weakest of a whole first


@dataclass(frozen=True)
class Record:
    """One line of a ledger."""

    line: int
    case: str
    certificates: int
    claim: str
    grade: str
    index: int
    reason: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.claim}, {self.index} ({self.case})"


_TYPES = {name: kind for name, kind in get_type_hints(Record).items() if name != "line"}


def record_of(line: bytes, number: int) -> Record | None:
    """Return the record on a line of a ledger; None when it is not one as it is written."""
    try:
        text = line.decode("ascii")
        fields = checker.parse(text)
        if {key: type(value) for key, value in fields.items()} != _TYPES:
            return None
        canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    except (checker.Malformed, UnicodeDecodeError, AttributeError):
        return None
    record = Record(number, **fields)
    right = (
        f"{canonical}\n" == text
        and record.grade in GRADES
        and re.fullmatch("[0-9a-f]{64}", record.sha256)
        and min(record.index, record.certificates) >= 0
    )
    return record if right else None
