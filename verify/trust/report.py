"""The report of the trust campaign: ``trust.json``, one page, and a table for each part."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from certify.version import __version__
from verify.evidence.commit import commit
from verify.evidence.places import write_whole
from verify.reporting import page
from verify.reporting.terminal import CONSOLE
from verify.trust.section import Section

FORMAT = "adversarial-geometry/trust"


def as_json(sections: Sequence[Section], *, seed: int, command: str, seconds: float) -> Any:
    """Return the report as JSON data; apart from ``run`` it is a function of version and seed."""
    return {
        "format": FORMAT,
        "version": 1,
        "software_version": __version__,
        "seed": seed,
        "sections": [asdict(section) for section in sections],
        "problems": sum(len(section.problems) for section in sections),
        "run": {
            "command": command,
            "commit": commit(),
            "seconds": round(seconds, 1),
            "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
            "python": platform.python_version(),
        },
    }


def write(report: Any, directory: Path) -> Path:
    """Write both files and return the page's path; each is replaced as a whole."""
    directory.mkdir(parents=True, exist_ok=True)
    text = page.environment().get_template("trust.html.j2").render(report=report)
    contents = {"trust.json": json.dumps(report, indent=1) + "\n", "index.html": text}
    for name, content in contents.items():
        write_whole(directory / name, content)
    return directory / "index.html"


def show(section: Section) -> int:
    """Print a part of the trust campaign; return how many problems it has."""
    table = Table(*section.columns, title=section.title, title_justify="left", box=None)
    for row in section.rows:
        table.add_row(*row)
    CONSOLE.print(table)
    CONSOLE.print(section.words)
    for problem in section.problems:
        CONSOLE.print(f"PROBLEM  {problem}", style="bold red")
    CONSOLE.print()
    return len(section.problems)
