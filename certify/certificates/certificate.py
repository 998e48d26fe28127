"""Certificates as data: versioned, typed JSON bound to its instance by SHA-256.

A certificate says *what* was established about *which* instance and lists the rationals that prove
it. Whether it does prove it is decided by :mod:`certify.checking.checker` alone, which shares no
code with this module.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from certify.shown import Shown

FORMAT = "adversarial-geometry/certificate"
VERSION = 2


def canonical_json(value: Any) -> str:
    """Return the one JSON text that is hashed: sorted keys, no spaces, ASCII, no floats."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def sha256(value: Any) -> str:
    """Return the hexadecimal SHA-256 of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value).encode("ascii")).hexdigest()


@dataclass(frozen=True, repr=False)
class Certificate(Shown):
    """A proof for one instance: rationals as strings, indices and primes as integers.

    ``kind`` selects the rule of the checker; ``instance`` is what the statement speaks of,
    ``statement`` what is claimed and ``evidence`` the numbers that prove it.
    """

    kind: str
    instance: Mapping[str, Any] = field(repr=False)  # which may be millions of numbers
    statement: Mapping[str, Any] = field(repr=False)
    evidence: Mapping[str, Any] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that ``certify check`` reads."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "kind": self.kind,
            "instance": dict(self.instance),
            "instance_sha256": sha256(dict(self.instance)),
            "statement": dict(self.statement),
            "evidence": dict(self.evidence),
        }

    def line(self) -> str:
        """Return the certificate as one line of a ``.jsonl`` file, without the newline."""
        return self._line

    @cached_property
    def _line(self) -> str:  # the checker reads it, the ledger hashes it, and it is written
        return canonical_json(self.to_json())
