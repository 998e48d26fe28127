"""Folders of answers about properties, as ``certify check`` reads them."""

import copy
import hashlib
import json
from pathlib import Path
from random import Random

import numpy as np

from certify.checking.answers import BOXES, DECISION
from certify.checking.folders import CERTIFICATES, SUMS
from certify.cli import main
from verify.properties.decision import decide
from verify.trust.surfaces import hostile
from verify.trust.surfaces.surface import Surface, exit_code, text_of

_PROPERTY = """(declare-const X_0 Real) (declare-const X_1 Real)
(declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (and (<= -1 X_0 1) (<= X_1 1) (> X_1 0)))
(assert (or (<= Y_0 LIMIT) (> Y_1 4)))
"""


def answers(folder: Path) -> list[Surface]:
    """Return the surface of a reader of answers, one that holds and one that is violated.

    The list of hashes is made again, so that what is read of changed files is not refused by it.
    """
    model, stated = folder / "model.npz", folder / "property.vnnlib"
    np.savez(model, W=np.array([[1.0, 1.0], [1.0, -1.0]]), b=np.zeros(2))
    valid: list[dict[str, bytes]] = []
    for limit in ("-3", "0"):
        stated.write_text(_PROPERTY.replace("LIMIT", limit))
        place = folder / f"answer {limit}"
        decide(model, stated).write(place)
        valid.append({path.name: path.read_bytes() for path in place.iterdir()})

    def draw(rng: Random) -> dict[str, bytes]:
        files = dict(rng.choice(valid))
        del files[SUMS]
        name = rng.choice(sorted(files))
        if name in (DECISION, BOXES, CERTIFICATES) and rng.random() < 0.7:
            document = json.loads(files[name])
            changed = hostile.changed(rng, copy.deepcopy(document), [document])
            files[name] = hostile.bytes_of(text_of(changed) + "\n")
        else:
            files[name] = hostile.changed_bytes(rng, files[name])
        return files

    def check(files: dict[str, bytes]) -> bool:
        place = folder / "answer"
        place.mkdir(exist_ok=True)
        for path in place.iterdir():
            path.unlink()
        for name, contents in files.items():
            (place / name).write_bytes(contents)
        sums = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
        (place / SUMS).write_text("".join(sums))
        return exit_code(main, ["check", str(place)]) == 0

    return [Surface("answer about a property", 4, draw, check)]
