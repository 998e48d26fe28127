"""Checkpoints and ledgers of runs."""

import copy
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from certify.certificates.certificate import canonical_json
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier
from verify.evidence.grades import Grade
from verify.evidence.ledger import CERTIFICATES, LEDGER, Ledger, Record
from verify.trust.surfaces import hostile
from verify.trust.surfaces.images import npz
from verify.trust.surfaces.surface import Surface, accepted, text_of


def checkpoints(folder: Path) -> list[Surface]:
    """Return the surfaces of the reader of checkpoints, which write into a folder."""
    rng = np.random.default_rng(2)
    made = Classifier.of_svm("svm", rng.random((4, 2)), rng.random(2))
    kept = Checkpoints(folder, "one experiment")
    kept.classifier("svm", lambda: made)
    (path,) = folder.iterdir()
    valid = path.read_bytes()
    # Whole files of the right digest that lack what a classifier needs.
    few: tuple[dict[str, np.ndarray], ...] = (
        {}, {"text family": np.array("svm")}, {"text architecture": np.zeros(3)},
    )  # fmt: skip
    others = []
    for arrays in few:
        path.unlink()
        kept.cached("classifier svm", partial(dict, arrays))
        others.append(path.read_bytes())
    others += [npz({}), npz({"format": np.zeros((2, 2))}, True)]

    def draw(rng: Random) -> bytes:
        contents = valid if rng.random() < 0.8 else rng.choice(others)
        return contents if rng.random() < 0.1 else hostile.changed_bytes(rng, contents)

    def decide(contents: bytes) -> bool:
        path.write_bytes(contents)
        return accepted(lambda: kept.classifier("svm", lambda: made))

    return [Surface("checkpoint of a model", 3, draw, decide)]


def ledgers(folder: Path) -> list[Surface]:
    """Return the surfaces of the reader of ledgers, which write into a folder."""
    reasons = ("", 'step 1 fails: "é" > 0', "x\ny")
    records = [
        Record.of("zou-thm-1", i, "generic", grade, reasons[i % 3], ["{}"] * (i % 3))
        for i, grade in enumerate(Grade)
    ]
    fields = [asdict(record) for record in records]
    certificates = b"".join(b"{}\n" for record in records for _ in range(record.certificates))

    def draw(rng: Random) -> tuple[bytes, bytes]:
        chosen = copy.deepcopy(fields)
        if rng.random() < 0.5:
            i = rng.randrange(len(chosen))
            chosen[i] = hostile.changed(rng, chosen[i], fields)
        lines = [hostile.bytes_of(text_of(record)) for record in chosen]
        ledger = b"".join(line + b"\n" for line in lines)
        if rng.random() < 0.5:
            ledger = hostile.changed_bytes(rng, ledger)
        if rng.random() < 0.1:
            return ledger, hostile.changed_bytes(rng, certificates)
        return ledger, certificates

    def decide(given: tuple[bytes, bytes]) -> bool:
        for name, contents in zip((LEDGER, CERTIFICATES), given, strict=True):
            (folder / name).write_bytes(contents)

        def read() -> None:
            with Ledger.open(folder) as ledger:
                # What a report does with records, and a resumed run.
                assert all(canonical_json(asdict(record)).isascii() for record in ledger.records)
                assert all(f"{record.claim}{record.reason.upper()}" for record in ledger.records)

        return accepted(read)

    return [Surface("ledger", 4, draw, decide)]
