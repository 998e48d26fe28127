"""Folders of audits that are edited, with all hashes written anew as whoever forges one would."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPORT, LEDGER, CERTIFICATES = "report.json", "ledger.jsonl", "certificates.jsonl"
PAGE, SUMS = "index.html", "SHA256SUMS"
Entry = tuple[dict[str, Any], list[dict[str, Any]]]  # a record, and its certificates


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the report, and write all hashes anew."""
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    change(report)
    (folder / REPORT).write_text(json.dumps(report), encoding="utf-8")
    page = (folder / PAGE).read_text(encoding="utf-8")
    digest = sha256((folder / REPORT).read_bytes())
    named = re.sub('(name="report-sha256" content=")[0-9a-f]*', rf"\g<1>{digest}", page)
    (folder / PAGE).write_text(named, encoding="utf-8")
    names = sorted(path.name for path in folder.iterdir() if path.name != SUMS)
    sums = [f"{sha256((folder / n).read_bytes())}  {n}\n" for n in names]
    (folder / SUMS).write_text("".join(sums))


def forged(
    folder: Path,
    change: Callable[[list[Entry]], object],
    reported: Callable[[dict[str, Any]], object] = lambda report: None,
) -> None:
    """Change records and certificates, and the report, and write all hashes anew."""
    certificates = iter((folder / CERTIFICATES).read_text().splitlines())
    records = [json.loads(line) for line in (folder / LEDGER).read_text().splitlines()]
    entries = [
        (record, [json.loads(next(certificates)) for _ in range(record["certificates"])])
        for record in records
    ]
    change(entries)
    lines: list[str] = []
    for record, own in entries:
        for certificate in own:
            if "instance_sha256" in certificate:
                instance = canonical(certificate["instance"])
                certificate["instance_sha256"] = sha256(instance.encode())
        written = [f"{canonical(certificate)}\n" for certificate in own]
        record.update(certificates=len(own), sha256=sha256("".join(written).encode()))
        lines += written
    (folder / CERTIFICATES).write_text("".join(lines))
    (folder / LEDGER).write_text("".join(f"{canonical(record)}\n" for record, _ in entries))

    def both(report: dict[str, Any]) -> None:
        for name, count in (("ledger", len(entries)), ("certificates", len(lines))):
            digest = sha256((folder / f"{name}.jsonl").read_bytes())
            report[name].update(count=count, sha256=digest)
        reported(report)

    edited(folder, both)


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
