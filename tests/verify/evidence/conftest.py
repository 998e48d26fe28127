"""A folder with a small report, and a copy of it to be edited."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import verify.campaigns.job
from tests.verify.evidence.reports import numbers, run


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Replace training and experiments by what takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify.campaigns.job, "run_transfer", lambda *_, **__: None)
        experiments = tuple(map(numbers, ("softmax-heads", "digit-pairs")))
        patch.setattr(verify.campaigns.job, "EXPERIMENTS", experiments)
        yield


@pytest.fixture(scope="module")
def honest(quick: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("honest") / "my report é"
    run(out)
    return out


@pytest.fixture
def copied(honest: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(honest, tmp_path / "report"))
