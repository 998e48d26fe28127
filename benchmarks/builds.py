"""This build of the package and another one, each in processes of its own.

``BEFORE`` names the folder of another checkout of this repository.
"""

import os
import sys
from pathlib import Path

from benchmarks.measure import OURS, NotInstalled

BEFORE = "before"
FOLDERS = {OURS: str(Path(__file__).resolve().parents[1]), BEFORE: os.environ.get("BEFORE", "")}


def load(name: str) -> None:
    """Let the package be that of a build; raises :class:`NotInstalled` when there is no other."""
    folder = FOLDERS[name]
    if not folder:
        raise NotInstalled("no other build; set BEFORE")
    if sys.path[0] != folder:
        sys.path.insert(0, folder)
    import certify

    assert Path(certify.__file__).is_relative_to(folder), "the process has loaded another build"
