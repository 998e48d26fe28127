"""``python -m benchmarks.model_sweep``: read every model by every route, and print what came of it.

A cell says "read" (and its labels are the runtime's own on all points, but for those that are said
to tie within its rounding), "refused", "wrong", or "-" where there is no such file. The exit code
is 1 when a label is wrong, or something raised.
"""

import argparse
import importlib.util
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.model_sweep import (
    Case,
    Outcome,
    Route,
    onnx_files,
    outcome,
    sklearn_models,
    torch_routes,
)
from benchmarks.results import table
from verify.evidence.commit import commit

GROUPS = {"torch": torch_routes, "sklearn": sklearn_models}
WIDE = 28  # characters of a column
LIBRARIES = (
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "scikit-learn",
    "skl2onnx",
    "skops",
    "torch",
)


def main() -> int:
    """Sweep over the groups that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_sweep", description=__doc__)
    groups = f"of: {', '.join(GROUPS)}"
    parser.add_argument("groups", nargs="*", choices=GROUPS, metavar="GROUP", help=groups)
    parser.add_argument(
        "--files", type=Path, metavar="DIR", help="every .onnx file under it instead"
    )
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--route", default="", help="routes whose name contains this")
    parser.add_argument("--reasons", action="store_true", help="say why each was refused")
    parser.add_argument("--out", type=Path, help="add the tables to this file as well")
    options = parser.parse_args()
    bad, tables = 0, []
    names = options.groups or list(GROUPS)
    asked = [(name, GROUPS[name].cases(), GROUPS[name].ROUTES) for name in names]
    if options.files is not None:
        asked = [("files", onnx_files.cases(options.files), onnx_files.ROUTES)]
    for name, cases, routes in asked:
        cases = [case for case in cases if options.only in case.name]
        wrong, rows = sweep(
            name, cases, [r for r in routes if options.route in r.name], reasons=options.reasons
        )
        bad += wrong
        tables.append(rows)
    if options.out is not None:
        with options.out.open("a", encoding="utf-8") as file:
            file.write("\n".join([*([] if file.tell() else [_head()]), *tables, ""]))
    return 1 if bad else 0


def sweep(
    group: str, cases: Sequence[Case], routes: Sequence[Route], *, reasons: bool
) -> tuple[int, str]:
    """Print a line for each case, and counts; return how many cells are wrong, and a table."""
    start, usable = time.perf_counter(), []
    for route in routes:
        absent = [name for name in route.missing if importlib.util.find_spec(name) is None]
        if absent:
            print(f"left out: {route.name} (not installed: {', '.join(absent)})")
        else:
            usable.append(route)
    wide = max((len(case.name) for case in cases), default=0) + 2
    print(f"\n{group:<{wide}}" + "".join(f"{route.name:<{WIDE}}" for route in usable))
    counts = {route.name: Counter[str]() for route in usable}
    rows = []
    for case in cases:
        found = [_outcome(case, route) for route in usable]
        notes = []
        for route, cell in zip(usable, found, strict=True):
            counts[route.name] += Counter({cell.cell: 1, "tied": cell.ties})
            if cell.note and (cell.cell == "wrong" or reasons):
                notes.append(f"    {route.name}: {cell.note.splitlines()[0]}")
        print(
            f"{case.name:<{wide}}" + "".join(f"{cell!s:<{WIDE}}" for cell in found),
            *notes,
            sep="\n",
        )
        sys.stdout.flush()
        why = [cell.note.partition("\n")[0] for cell in found if cell.cell == "refused"]
        rows.append([case.name, *map(str, found), *(["; ".join(why)] if reasons else [])])
    print()
    kinds = ("read", "tied", "refused", "wrong", "-")
    for name, count in counts.items():
        print(f"{name}: " + ", ".join(f"{count[kind]} {kind}" for kind in kinds))
    wrong = sum(count["wrong"] for count in counts.values())
    print(f"{len(cases)} models, {wrong} wrong, {time.perf_counter() - start:.0f} s")
    totals = [[kind, *(str(count[kind]) for count in counts.values())] for kind in kinds]
    names = [group, *(route.name for route in usable)]
    headed = [*names, "why"] if reasons else names
    return wrong, "\n".join([*table(names, totals), "", *table(headed, rows), ""])


def _outcome(case: Case, route: Route) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return outcome(case, route, Path(folder))
        except Exception as error:  # a traceback where a user would see one
            return Outcome("wrong", f"raised {type(error).__name__}: {error}")


def _head() -> str:
    """Return what a file of tables says first: how it was made, on which machine, with what."""
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return (
        "# Models of many kinds, read and compared with their own libraries\n\n"
        f"Made by `python -m benchmarks.model_sweep`, commit {commit()}, on "
        f"{platform.machine()} with {os.cpu_count()} processors, {platform.system()}, "
        f"Python {platform.python_version()}, "
        f"{', '.join(found)}.\n\n{__doc__.split(chr(10), 2)[2].strip()}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
