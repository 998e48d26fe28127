"""The model files of the fuzz campaign: valid as they are, and the same in every process."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from random import Random

from verify.trust.surfaces import models as surfaces_models

PROGRAM = """
import hashlib
from verify.trust.surfaces.models import model_files
for name, contents in sorted(model_files().items()):
    print(name, hashlib.sha256(contents).hexdigest())
"""


def test_every_file_is_a_model_until_it_is_changed(tmp_path: Path) -> None:
    files = surfaces_models.model_files()
    assert {"m.npz", "m.pt"} <= set(files)
    assert all(surfaces_models.decide(pair, tmp_path) for pair in files.items())
    rng = Random(1)
    changed = [surfaces_models.draw(rng, files) for _ in range(60)]
    decided = [surfaces_models.decide(pair, tmp_path) for pair in changed]
    assert any(decided)
    assert not all(decided)


def test_files_are_the_same_in_another_process() -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    own = sorted(surfaces_models.model_files().items())
    expected = [f"{name} {hashlib.sha256(contents).hexdigest()}" for name, contents in own]
    assert found.stdout.splitlines() == expected
