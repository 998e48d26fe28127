"""One self-contained HTML page from a report: no script, no request to anywhere."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verify.claims.claim import Paper
from verify.claims.registry import CLAIMS
from verify.reporting import summary
from verify.reporting.figures import draw
from verify.reporting.mathematics import to_html

TEMPLATES = Path(__file__).with_name("templates")
PAPERS = {paper.value: paper.authors for paper in Paper}


def report_text(report: dict[str, Any]) -> str:
    """Return what ``report.json`` holds; the page names the SHA-256 of it."""
    return json.dumps(report, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def render_page(report: dict[str, Any]) -> str:
    """Return the page of a valid report as HTML text; the same report gives the same text."""
    # The page must not depend on the order of keys, which a file does not keep.
    report = json.loads(json.dumps(report, sort_keys=True))
    figures = {
        experiment["id"]: [
            draw(figure, f"{experiment['id']}-{number}")
            for number, figure in enumerate(experiment["figures"], start=1)
        ]
        for experiment in report["experiments"]
    }
    pictures = {
        claim["id"]: [
            draw(figure, f"{claim['id']}-{number}")
            for number, figure in enumerate(claim["pictures"], start=1)
        ]
        for claim in report["claims"]
    }
    about = report["configuration"]["preset"] == summary.AUDIT
    named = {claim["id"]: claim for claim in report["claims"]}
    if about:  # its answers name claims, none of which was run
        ids = dict.fromkeys(id for entry in report["experiments"] for id in entry["claims"])
        named = {id: CLAIMS[id] for id in ids if id in CLAIMS}
    return (
        environment()
        .get_template("audit.html.j2" if about else "report.html.j2")
        .render(
            report=report,
            digest=hashlib.sha256(report_text(report).encode()).hexdigest(),
            papers=[
                (name, [claim for claim in report["claims"] if claim["paper"] == paper])
                for paper, name in PAPERS.items()
            ],
            paper_names=PAPERS,
            claims=named,
            paired={claim["id"]: paired(claim, report) for claim in report["claims"]},
            figures=figures,
            pictures=pictures,
            summary=summary,
        )
    )


def paired(claim: dict[str, Any], report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the experiments of a claim: the one it names, and those that name it."""
    return [
        experiment
        for experiment in report["experiments"]
        if experiment["id"] == claim["experiment"] or claim["id"] in experiment["claims"]
    ]


def environment() -> Environment:
    """Return the templates of reports, with their filters."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS, mathematics=to_html)
    return environment


def cell(value: str | float, limit: int = 40) -> str:
    """Return a table cell: words and exact numbers as they are, measured ones to four digits.

    An exact number too long to read keeps its ends; ``report.json`` has all of it.

    >>> cell(0.123456), cell("3/7"), cell("1" * 100, limit=9)
    ('0.1235', '3/7', '1111…1111')
    """
    if isinstance(value, str):
        if len(value) <= limit or " " in value:
            return value
        half = (limit - 1) // 2
        return f"{value[:half]}…{value[-half:]}"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def number(value: int) -> str:
    """Return an integer with its thousands set apart."""
    return f"{value:,}"


def duration(seconds: float) -> str:
    """Return a time in words.

    >>> duration(0.25), duration(75.2), duration(7265)
    ('0.25 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def moment(text: str) -> str:
    """Return an ISO 8601 time as date and minute with its offset.

    >>> moment("2026-11-21T09:30:12+00:00")
    '2026-11-21 09:30 UTC'
    """
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M %Z")


FILTERS = {"cell": cell, "number": number, "duration": duration, "moment": moment}
