"""The package under several versions of Python, with the newest releases and with the oldest.

``python -m benchmarks.versions REPORT.md`` makes an environment for each interpreter that is found
here, as ``pythonX.Y`` on the PATH, with today's newest releases, and one with the oldest: of each
package that ``pyproject.toml`` names the oldest that it allows and that has a wheel for this
Python. What was run in each, and the releases, go into the report, which is written again after
each environment. Exit code 1: something failed; what was not found here is no failure.
Besides the standard library only the program ``uv`` is needed, which resolves and installs.
"""

import argparse
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RELEASES = {"newest": "highest", "oldest": "lowest-direct"}  # as uv calls them
CLAIMS = ("charles-thm-4", "zou-thm-1")
# Guesses of every solver, exact elimination, readers of models: a small part for each of these.
TESTS = (
    "tests/test_public_names.py", "tests/certify/numbers/test_elimination.py",
    "tests/certify/programs/test_guesses.py", "tests/certify/programs/test_sparse_programs.py",
    "tests/verify/models/test_sklearn.py", "tests/verify/models/test_arrays.py",
    "tests/verify/properties/test_version_2.py",
)  # fmt: skip
LIMIT = 3_600  # seconds for one command
NOT_FOUND = "not run here: no interpreter of this version was found"
NOT_RUN = "not run"
Commands = Iterator[tuple[str, list[str | Path], Path]]


@dataclass
class Cell:
    """One environment: what was run in it and for how long, what failed, and its releases."""

    python: str
    releases: str
    outcomes: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    installed: dict[str, str] = field(default_factory=dict)


def commands(cell: Cell, interpreter: str, folder: Path) -> Commands:
    """Yield name, command and folder of all that is run, in this order."""
    chosen, environment = folder / "chosen.txt", folder / "environment"
    python, run, report = environment / "bin/python", ["uv", "pip", "install"], folder / "report"
    into = ["--quiet", "--python", python]
    yield "install", [
        "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python", interpreter,
        "--only-binary", ":all:", "--resolution", RELEASES[cell.releases], "--extra", "test",
        "--output-file", chosen, "pyproject.toml",
    ], ROOT  # fmt: skip
    cell.installed = dict(
        line.split(" ")[0].split("==") for line in chosen.read_text("utf-8").splitlines()
    )
    yield "install", ["uv", "venv", "--quiet", "--python", interpreter, environment], ROOT
    yield "install", [*run, *into, "--no-deps", "--requirement", chosen], ROOT
    yield "install", [*run, *into, "--no-deps", "."], ROOT
    names = "certify, verify; [getattr(p, n) for p in (certify, verify) for n in p.__all__]"
    yield "import", [python, "-c", f"import {names}"], folder
    yield "tests", [python, "-m", "pytest", "-p", "no:cacheprovider", *TESTS], ROOT
    program = environment / "bin"
    asked = ["--instances", "3", "--out", report]
    yield "verify run", [program / "verify", "run", "--claims", *CLAIMS, *asked], folder
    yield "certify check", [program / "certify", "check", report], folder


def run(cell: Cell, interpreter: str) -> None:
    """Run all commands in an environment that is deleted behind them, up to one that fails."""
    with tempfile.TemporaryDirectory() as temporary:
        spent: dict[str, float] = {}
        for name, command, where in commands(cell, interpreter, Path(temporary)):
            start = time.monotonic()
            done = subprocess.run(
                list(map(str, command)), cwd=where, text=True, errors="replace", timeout=LIMIT,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            spent[name] = spent.get(name, 0) + time.monotonic() - start
            cell.outcomes[name] = f"{spent[name]:.0f} s"
            if name == "tests" and (counted := re.search(r"\d+ passed", done.stdout)):
                cell.outcomes[name] = f"{counted[0]}, {spent[name]:.0f} s"
            if done.returncode:
                cell.outcomes[name] = "**failed**"
                said = done.stdout.strip().splitlines()[-30:]
                cell.failure = "\n".join([cell.failure, *said]).strip()
                if name != "tests":  # What follows needs it.
                    return


def named() -> dict[str, str]:
    """Return the packages that the project names, without those of tests alone, and the oldest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"][:]
    for extra, packages in project["optional-dependencies"].items():
        wanted += packages if extra != "test" else []
    return dict(sorted(line.split(">=") for line in wanted))


def written(cells: list[Cell]) -> str:
    """Return the report."""
    version = re.findall('"([0-9.]+)"', (ROOT / "certify/version.py").read_text("utf-8"))[0]
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    steps = ("install", "import", "tests", "verify run", "certify check")
    lines = [
        "# Versions of Python and releases", "",
        f"Version {version}, commit {commit.strip()}, on {platform.platform()}; by `make matrix`.",
        "*Newest* are the releases of that day; *oldest* those that `pyproject.toml` allows, where",
        "there is a wheel for this Python. Times are of the clock.", "",
        "- install: the releases below, of wheels alone, and the wheel of this checkout",
        "- import: every public name of `certify` and `verify`",
        f"- tests: `pytest {' '.join(TESTS)}`",
        f"- verify run: `verify run --claims {' '.join(CLAIMS)} --instances 3 --out report`",
        "- certify check: `certify check report`", "",
        row("Python", "releases", *steps), row(*["---"] * 7),
    ]  # fmt: skip
    cells = sorted(cells, key=lambda cell: cell.python)
    for cell in cells:
        told = [cell.outcomes.get(step, NOT_RUN) for step in steps]
        lines.append(row(cell.python, cell.releases, *told))
    for cell in cells:
        if cell.failure:
            title = f"## Python {cell.python}, {cell.releases} releases: what failed"
            lines += ["", title, "", "```text", cell.failure, "```"]
    ran = [cell for cell in cells if cell.installed]
    heads = [f"{cell.python} {cell.releases}" for cell in ran]
    lines += ["", "## Releases", "", row("package", *heads), row(*["---"] * (len(ran) + 1))]
    lines += [row(name, *(cell.installed.get(name, "") for cell in ran)) for name in named()]
    return "\n".join(lines) + "\n"


def row(*entries: str) -> str:
    """Return one row of a table."""
    return f"| {' | '.join(entries)} |"


def main() -> int:
    """Run everything; return 1 if something failed."""
    parser = argparse.ArgumentParser(description="Try versions of Python and of other packages.")
    parser.add_argument("report", type=Path, metavar="REPORT.md")
    parser.add_argument("--pythons", nargs="+", default=PYTHONS, metavar="X.Y")
    options = parser.parse_args()
    cells = [Cell(python, releases) for python in options.pythons for releases in RELEASES]
    for cell in cells:
        interpreter = shutil.which(f"python{cell.python}")
        # What a manager of versions puts there need not start anything.
        if interpreter is None or subprocess.run([interpreter, "-c", ""], check=False).returncode:
            cell.outcomes["install"] = NOT_FOUND
        else:
            run(cell, interpreter)
        print(cell.python, cell.releases, cell.outcomes or NOT_FOUND, flush=True)
        options.report.write_text(written(cells), encoding="utf-8")
    return int(any(cell.failure for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
