"""The results of benchmarks: as a table in the terminal, as Markdown and as JSON."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import OURS, Job, Measurement, disagreements, growth
from verify.evidence.commit import commit

_LIBRARIES = (
    "adversarial-geometry", "numpy", "python-flint", "highspy", "cvxpy", "scikit-learn", "sympy",
    "torch", "numba", "z3-solver", "pplpy", "pycddlib", "torchattacks", "foolbox",
    "adversarial-robustness-toolbox",
)  # fmt: skip
BAR = r"\|"  # a bar in a table of Markdown
_COLUMNS = ("size", "contender", "median", "to ours", "range", "runs", "processor", "peak memory")


def machine() -> dict[str, Any]:
    """Return what the numbers depend on: commit, processor, cores, memory, versions."""
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "commit": commit(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": _memory(),
        "python": platform.python_version(),
        "libraries": versions,
    }


def record(job: Job, measurements: Sequence[Measurement]) -> dict[str, Any]:
    """Return one job's results as JSON data."""
    exponents = {}
    for contender in dict.fromkeys(m.case.contender for m in measurements):
        fit = growth([m for m in measurements if m.case.contender == contender])
        if fit is not None:
            exponents[contender] = {"exponent": round(fit.exponent, 2), "sizes": fit.sizes}
    return {
        "question": job.question,
        "explanation": job.explanation,
        "limit_seconds": job.limit,
        "machine": machine(),
        "growth": exponents,
        "disagreements": disagreements(measurements),
        "table": [list(row) for row in rows(measurements, by_processor=job.by_processor)],
        "cases": [
            {
                "size": m.case.size,
                "parameter": m.case.parameter,
                "contender": m.case.contender,
                "seconds": list(m.seconds),
                "processor_seconds": list(m.processor),
                "peak_mib": round(m.peak_mib, 1),
                "problem": m.problem,
            }
            for m in measurements
        ],
    }


def rows(
    measurements: Sequence[Measurement], *, by_processor: bool = False
) -> list[tuple[str, ...]]:
    """Return the cells of :data:`_COLUMNS` for each measurement."""

    def compared(m: Measurement) -> float:
        return median(m.processor) if by_processor and m.processor else m.median

    ours = {m.case.size: compared(m) for m in measurements if m.case.contender == OURS}
    found: list[tuple[str, ...]] = []
    for m in measurements:
        start = (m.case.size, m.case.contender)
        if m.problem:
            found.append((*start, m.problem, "", "", "", "", ""))
            continue
        reference = ours.get(m.case.size, float("inf"))
        ratio = f"{compared(m) / reference:.2f}" if reference < float("inf") else ""
        spread = f"{duration(min(m.seconds))} to {duration(max(m.seconds))}"
        used = duration(median(m.processor))
        memory = f"{m.peak_mib:.0f} MiB"
        runs = str(len(m.seconds))
        found.append((*start, duration(m.median), ratio, spread, runs, used, memory))
    return found


def show(job: Job, measurements: Sequence[Measurement], console: Console) -> None:
    """Print one job's table."""
    shown = Table(*_COLUMNS, title=f"{job.name}: {job.question}")
    for cells in rows(measurements, by_processor=job.by_processor):
        shown.add_row(*cells)
    console.print(shown)
    for line in disagreements(measurements):
        console.print(f"[bold red]disagreement[/bold red] {line}")


def write(folder: Path, name: str, data: dict[str, Any], plot: str | None) -> None:
    """Write one job into ``results.json`` and ``index.md``, and its plot; keep the other jobs."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    jobs = json.loads(path.read_text())["jobs"] if path.exists() else {}
    jobs[name] = data
    jobs = dict(sorted(jobs.items()))
    path.write_text(json.dumps({"jobs": jobs}, indent=1) + "\n")
    picture = folder / f"{name}.svg"
    if plot is None:
        picture.unlink(missing_ok=True)
    else:
        picture.write_text(plot, encoding="utf-8")
    (folder / "index.md").write_text("\n".join(_markdown(folder, jobs)) + "\n", encoding="utf-8")


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    lines = [names, ["---"] * len(names), *rows]
    return [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    ]


def duration(seconds: float) -> str:
    """Return seconds to three digits in the unit that fits.

    >>> duration(0.00123), duration(12.345)
    ('1.23 ms', '12.3 s')
    """
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
    unit, size = next((u for u in units if seconds >= u[1]), units[-1])
    return f"{seconds / size:.3g} {unit}"


def _markdown(folder: Path, jobs: dict[str, Any]) -> list[str]:
    lines = [
        "# Benchmarks",
        "",
        "Medians of runs in processes of their own; `python -m benchmarks` measures them again. "
        "`to ours` is the time divided by that of `certify` at the same size, where all compute on "
        "one thread the processor's.",
    ]
    others = [file.name for file in sorted(folder.glob("*.md")) if file.name != "index.md"]
    lines += ["", "Beside them: " + ", ".join(f"[{n}]({n})" for n in others)] if others else []
    for name, job in jobs.items():
        lines += ["", f"## {name}", "", job["question"], ""]
        lines += table(_COLUMNS, job["table"])
        if job["growth"]:
            fits = [
                f"{contender} {fit['exponent']:.1f} ({fit['sizes']} sizes)"
                for contender, fit in job["growth"].items()
            ]
            lines += ["", f"Exponent of growth: {', '.join(fits)}."]
        if (folder / f"{name}.svg").exists():
            lines += ["", f"![Time against size: {job['question']}]({name}.svg)"]
        lines += ["", job["explanation"]]
        lines += [f"\n**Disagreement:** {line}" for line in job["disagreements"]]
        lines += ["", sentence(job["machine"])]
    return lines


def sentence(machine: dict[str, Any]) -> str:
    """Return on what the numbers were measured."""
    installed = [f"{n} {v}" for n, v in machine["libraries"].items() if v != "not installed"]
    name = machine.get("commit")  # not of what was measured before it was kept
    at = f"at commit {name} " if name else ""
    return (
        f"Measured {at}on {machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
        f"{machine['system']}, Python {machine['python']}; {', '.join(installed)}."
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
        return next(l.split(":")[1].strip() for l in text.splitlines() if "model name" in l)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown memory"
    return f"{size / 2**30:.0f} GiB of memory"
