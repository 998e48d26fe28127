"""What a session at the prompt finds: both packages complete and explain their names."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

import certify
import verify


@pytest.mark.parametrize("package", [certify, verify])
def test_names_complete_and_the_help_lists_each_in_one_line(package: ModuleType) -> None:
    assert dir(package) == sorted(package.__all__)
    listed = re.findall(r"^ *(\w+)  +\w", package.__doc__ or "", re.MULTILINE)
    assert sorted([*listed, "__version__"]) == sorted(package.__all__)
    assert all(getattr(package, name) for name in listed)
