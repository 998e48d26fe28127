"""What certificates ask a checker to compute: the numbers that it may not exceed, kind by kind."""

import json
from pathlib import Path
from typing import Any

import pytest

from certify.certificates.kinds import HONEST
from certify.checking import checker

# What each honest certificate asked for when these limits were set: a formula that changes shows.
ASKED = json.loads(Path(__file__).with_name("work.json").read_text(encoding="utf-8"))


def spent(module: Any, document: Any) -> int:
    """Return the work that one certificate asks a checker for, given as its module."""
    total, spend = 0, module.Field.spend

    def counted(self: Any, work: int) -> None:
        nonlocal total
        total += work
        spend(self, work)

    module.Field.spend = counted
    try:
        module.check(document)
    finally:
        module.Field.spend = spend
    return total


def test_every_honest_certificate_has_its_work() -> None:
    assert list(ASKED) == list(HONEST)
    assert sum(map(bool, ASKED.values())) > 12


@pytest.mark.parametrize("name", HONEST)
def test_a_certificate_asks_for_this_work(name: str) -> None:
    assert spent(checker, HONEST[name].document()) == ASKED[name]
