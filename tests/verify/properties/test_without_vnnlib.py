"""Version 2 without the package that reads it."""

import sys
from pathlib import Path

import pytest

from certify.errors import InputError
from verify.properties.reading import read_property


def test_version_2_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.vnnlib"
    path.write_text("; a property\n( vnnlib-version <2.0>)\n")
    monkeypatch.setitem(sys.modules, "vnnlib", None)
    with pytest.raises(
        InputError,
        match=r"the package vnnlib \(pip install vnnlib\), got",
    ):
        read_property(path)
