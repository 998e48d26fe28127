"""``python -m benchmarks.model_sweep``: read every model by every route, and print what came of it.

A cell says "read" (and its labels are the runtime's own on all points), "refused", "wrong", or "-"
where there is no such file. The exit code is 1 when a label is wrong, or something raised.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.model_sweep import Case, Route, outcome, torch_routes

GROUPS = {"torch": torch_routes}


def main() -> int:
    """Sweep over the groups that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_sweep", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of: {', '.join(GROUPS)}")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--route", default="", help="routes whose name contains this")
    parser.add_argument("--reasons", action="store_true", help="say why each was refused")
    options = parser.parse_args()
    unknown = [name for name in options.groups if name not in GROUPS]
    if unknown:
        parser.error(f"expected groups of {', '.join(GROUPS)}, got {', '.join(unknown)}")
    bad = 0
    for name in options.groups or GROUPS:
        cases = [case for case in GROUPS[name].cases() if options.only in case.name]
        routes = [route for route in GROUPS[name].ROUTES if options.route in route.name]
        bad += sweep(name, cases, routes, reasons=options.reasons)
    return 1 if bad else 0


def sweep(group: str, cases: Sequence[Case], routes: Sequence[Route], *, reasons: bool) -> int:
    """Print a line for each case, and counts; return how many cells are wrong."""
    start, usable = time.perf_counter(), []
    for route in routes:
        absent = [name for name in route.missing if importlib.util.find_spec(name) is None]
        if absent:
            print(f"left out: {route.name} (not installed: {', '.join(absent)})")
        else:
            usable.append(route)
    print(f"\n{group:<34}" + "".join(f"{route.name:<16}" for route in usable))
    counts = {route.name: Counter[str]() for route in usable}
    for case in cases:
        cells, notes = [], []
        for route in usable:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    cell, note = outcome(case, route, Path(folder))
                except Exception as error:  # a traceback where a user would see one
                    cell, note = "wrong", f"raised {type(error).__name__}: {error}"
            counts[route.name][cell] += 1
            cells.append(cell)
            if note and (cell == "wrong" or reasons):
                notes.append(f"    {route.name}: {note.splitlines()[0]}")
        print(f"{case.name:<34}" + "".join(f"{cell:<16}" for cell in cells), *notes, sep="\n")
        sys.stdout.flush()
    print()
    for name, count in counts.items():
        listed = ", ".join(f"{count[cell]} {cell}" for cell in ("read", "refused", "wrong"))
        print(f"{name}: {listed}, {count['-']} without a file")
    wrong = sum(count["wrong"] for count in counts.values())
    print(f"{len(cases)} models, {wrong} wrong, {time.perf_counter() - start:.0f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
