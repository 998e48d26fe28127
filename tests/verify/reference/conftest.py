"""A browser for the tests of the reference pages, and the site of a small report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.campaigns.campaign import run_instance
from verify.claims.evaluation import Shown
from verify.claims.registry import CLAIMS
from verify.questions.experiments import paired_with
from verify.reference.build import write_reference
from verify.reporting.findings import claim_entry


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, driven by Playwright; tests that use it skip where one is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: make browser")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs the program chromium on the PATH")
    with playwright.sync_playwright() as driver:
        # In a container there is no sandbox for Chromium to use; only our own pages are opened.
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def report() -> dict[str, Any]:
    """A complete report of one instance for each claim, with an experiment of made-up numbers."""
    records = [run_instance(claim_id, 0, 0)[0] for claim_id in CLAIMS]
    table = {
        "title": "Made-up numbers",
        "columns": [
            {"name": "model", "grade": "certified"},
            {"name": "share", "unit": "of 8", "grade": "float"},
        ],
        "rows": [["first", 0.25], ["second", 0.5]],
    }
    experiment = {
        "id": "sample",
        "title": "A sample",
        "question": "How does a page show $x<1$?",
        "claims": ["charles-thm-4"],
        "grade": "float",
        "finding": "With made-up numbers.",
        "findings": {"charles-thm-4": "What the sample says about Theorem 4: F1 at 3."},
        "settings": {},
        "counts": {"certified": 0, "refuted": 0, "float": 4, "undecided": 0, "malformed": 0},
        "certificates": 0,
        "tables": [table],
        "figures": [],
    }
    claims = [
        claim_entry(claim, Shown.of(claim), records, paired_with(claim.id))
        for claim in CLAIMS.values()
    ]
    return {
        "format": "adversarial-geometry/report",
        "version": 2,
        "name": "sample",
        "software_version": "0.1.0",
        "configuration": {
            "seed": 0, "instances": 1, "claims": list(CLAIMS), "preset": "quick", "choices": {},
            "data": "digits",
        },
        "run": {
            "started": "2026-11-21T09:30:12+00:00", "seconds": 1.0, "machine": "a sample",
            "python": "3.11.7", "libraries": {}, "workers": 1, "stage_seconds": {},
            "complete": True, "command": "verify run --instances 1",
            "check": "certify check reports/sample",
        },
        "data": None,
        "claims": [{**entry, "experiment": None} for entry in claims],
        "experiments": [experiment],
        "ledger": {"path": "ledger.jsonl", "count": 0, "sha256": "0" * 64},
        "certificates": {"path": "certificates.jsonl", "count": 0, "sha256": "0" * 64},
        "lines": {},
    }  # fmt: skip


@pytest.fixture(scope="session")
def site(report: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site of the small report."""
    return write_reference(report, tmp_path_factory.mktemp("reference") / "site").parent
