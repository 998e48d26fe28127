"""Documents that are no certificates, each with the place and the reason that are said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from certify.certificates.kinds import certificate


def dumped(edit: Callable[[dict[str, Any]], None] = lambda _: None) -> str:
    changed = certificate("rank")
    edit(changed)
    return json.dumps(changed)


def replace(field: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda changed: changed.update({field: value})


DOCUMENTS = [
    ("", "document", "not JSON"),
    ("\n", "document", "not JSON"),
    ("{", "document", "not JSON"),
    ('"rank"', "certificate", "expected an object, got str"),
    ("null", "certificate", "expected an object, got null"),
    ("[]", "certificate", "expected an object, got list"),
    (dumped() + "x", "document", "not JSON: Extra data"),
    (dumped() + dumped(), "document", "not JSON: Extra data"),
    ("\ufeff" + dumped(), "document", "not JSON"),
    ("[" * 100_000, "document", "nested too deeply"),
    (dumped().replace('"rank": 1}', '"rank": 1.0}'), "document", "the number 1.0 is not exact"),
    (dumped().replace('"rank": 1}', '"rank": 1e0}'), "document", "the number 1e0 is not exact"),
    (dumped().replace('"rank": 1}', '"rank": NaN}'), "document", "the number NaN is not exact"),
    (
        dumped().replace('"rank": 1}', '"rank": -Infinity}'),
        "document",
        "the number -Infinity is not exact",
    ),
    (dumped().replace('"rank": 1}', '"rank": 2, "rank": 1}'), "document", "a key occurs twice"),
    (dumped(replace("format", "x")), "certificate.format", "got 'x'"),
    (dumped(replace("version", 1)), "certificate.version", "expected 2, got 1"),
    (dumped(replace("version", True)), "certificate.version", "expected 2, got True"),
    (dumped(replace("version", "2")), "certificate.version", "expected 2, got '2'"),
    (dumped(replace("kind", "proof")), "certificate.kind", '"proof" is none of "rank"'),
    (dumped(replace("kind", ["rank"])), "certificate.kind", "list is none of"),
    (dumped(replace("kind", None)), "certificate.kind", "null is none of"),
    (dumped(replace("more", 1)), "certificate", "unknown field 'more'"),
    (dumped(lambda c: c.pop("evidence")), "certificate", "field 'evidence' is missing"),
    (dumped(lambda c: c.pop("version")), "certificate", "field 'version' is missing"),
    (dumped(replace("instance_sha256", "0" * 64)), "certificate.instance_sha256", "does not"),
    (dumped(replace("instance_sha256", None)), "certificate.instance_sha256", "does not bel"),
    (
        dumped(lambda c: c["instance"].update(matrix=[["1", "2"]])),
        "certificate.instance_sha256",
        "the hash does not belong to the instance",
    ),
    (dumped(replace("statement", [])), "certificate.statement", "expected an object, got list"),
]
