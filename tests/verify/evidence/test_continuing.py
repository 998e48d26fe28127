"""Runs that were interrupted are continued to the same files, or are refused."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import verify.campaigns.job
from certify.certificates.certificate import canonical_json
from certify.errors import InputError
from tests.verify.evidence.reports import (
    CONFIGURED,
    INVENTED,
    PAGE,
    REPORT,
    SUMS,
    TRUE,
    lined,
    recorded,
    run,
)
from verify.campaigns.job import Job
from verify.evidence.ledger import CERTIFICATES, LEDGER, OtherRecord
from verify.reporting.progress import Progress

pytestmark = pytest.mark.usefixtures("quick")


def interrupted(folder: Path, keep: int) -> None:
    """Leave what a run has written that was killed after some records."""
    for name in (REPORT, PAGE, SUMS):
        (folder / name).unlink()
    kept = [json.loads(line) for line in (folder / LEDGER).read_text().splitlines()[:keep]]
    lined(folder / LEDGER, lambda lines: lines.__delitem__(slice(keep, None)))
    count = sum(record["certificates"] for record in kept)
    lined(folder / CERTIFICATES, lambda lines: lines.__delitem__(slice(count, None)))


@pytest.mark.parametrize("keep", [0, 2, 6, 8, 12])
def test_a_run_is_continued_to_the_same_files(honest: Path, copied: Path, keep: int) -> None:
    interrupted(copied, keep)
    run(copied, resume=True)
    for name in (LEDGER, CERTIFICATES):
        assert (copied / name).read_bytes() == (honest / name).read_bytes()


@pytest.mark.parametrize(
    ("subject", "index"), [("zou-thm-2", 1), ("zou-thm-2, counterexamples", 0), ("digit-pairs", 1)]
)
def test_a_run_is_not_continued_behind_records_that_are_not_its_own(
    copied: Path, subject: str, index: int
) -> None:
    """All certificates of a record are replaced by a true one, and its record fits them."""
    certificates = (copied / CERTIFICATES).read_text().splitlines()
    lines = (copied / LEDGER).read_text().splitlines()
    found = [json.loads(line) for line in lines]
    number = [(record["claim"], record["index"]) for record in found].index((subject, index))
    counts = [record["certificates"] for record in found]
    first = sum(counts[:number])
    certificates[first : first + counts[number]] = [TRUE]
    (copied / CERTIFICATES).write_text("".join(f"{line}\n" for line in certificates))
    digest = hashlib.sha256(f"{TRUE}\n".encode()).hexdigest()
    recorded(copied, number, certificates=1, sha256=digest)
    for name in (REPORT, PAGE, SUMS):
        (copied / name).unlink()
    expected = f"expected what {subject}, instance {index}, gives in this run, got .*sha256"
    with pytest.raises(OtherRecord, match=expected) as caught:
        run(copied, resume=True)
    assert caught.value.where == f"{copied / LEDGER}:{number + 1}"
    assert not (copied / REPORT).exists()


def test_a_run_is_not_continued_over_records_that_it_never_makes(copied: Path) -> None:
    record = {**INVENTED, "claim": "digit-pairs", "index": 2, "grade": "undecided"}
    lined(copied / LEDGER, lambda lines: lines.append(canonical_json(record)))
    with pytest.raises(OtherRecord, match="as this run gives, got another one, of digit-pairs"):
        run(copied, resume=True)


def test_what_this_process_has_written_is_not_run_again(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(CONFIGURED, copied)
    monkeypatch.setattr(
        verify.campaigns.job, "check_recorded", lambda *_, **__: pytest.fail("run again")
    )
    with job.prepare(resume=True) as ledger:
        job._written = list(ledger.records)
    with (
        ThreadPoolExecutor(1) as executor,
        job.prepare(resume=True) as ledger,
        Progress() as progress,
    ):
        job.execute(ledger, executor, progress, ["verify", "run"])


def test_files_that_are_links_are_not_written_through(copied: Path) -> None:
    target = copied.parent / "precious"
    target.write_text("precious")
    (copied / LEDGER).unlink()
    (copied / LEDGER).symlink_to(target)
    with pytest.raises(InputError, match="ledger: expected a file, got a link"):
        Job(CONFIGURED, copied).prepare(overwrite=True)
    assert target.read_text() == "precious"
