"""``python -m benchmarks.hostile_files``: give every hostile file to its command.

Prints what comes of each, and with ``--out`` writes the table to a file. The exit code is 1 when
one ends in anything but a report or one line, takes 2 GiB or 10 seconds of the processor, or writes
something. A program of its own runs each, forked from this one, which has loaded the libraries.
"""

import argparse
import importlib
import importlib.util
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.hostile_files import Hostile
from benchmarks.hostile_files.children import Outcome, run
from benchmarks.results import machine, sentence, table

# What makes files of a format, and which packages it and the reader need.
GROUPS = {
    "onnx_graphs": ("onnx",),
    "onnx_operators": ("onnx",),
    "onnx_weights": ("onnx",),
    "torch_archives": ("torch",),
    "torch_pickles": ("torch",),
    "skops_archives": ("skops",),
    "arrays": ("safetensors",),
    "certificates": (),
    "places": ("onnx",),
}
LOADED = (
    "verify.cli",
    "verify.commands.audit",
    "verify.campaigns.job",
    "certify.cli",
    "sklearn.svm",
)


def main() -> int:
    """Run the files that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_files", description=__doc__)
    groups = f"of: {', '.join(GROUPS)}"
    parser.add_argument("groups", nargs="*", choices=GROUPS, metavar="GROUP", help=groups)
    parser.add_argument("--only", default="", help="files whose description contains this")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="write the table here")
    options = parser.parse_args()
    hostile = []
    for name in options.groups or GROUPS:
        absent = [need for need in GROUPS[name] if importlib.util.find_spec(need) is None]
        if absent:
            print(f"left out: {name} (not installed: {', '.join(absent)})")
            continue
        hostile += importlib.import_module(f"benchmarks.hostile_files.{name}").files()
    for library in (*LOADED, *(need for needs in GROUPS.values() for need in needs)):
        if importlib.util.find_spec(library) is not None:
            importlib.import_module(library)
    found = []
    for one in hostile:
        if options.only in f"{one.kind}: {one.name}":
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place, "work")
                folder.mkdir()
                found.append((one, run(one, folder)))
            print(_line(*found[-1]), flush=True)
    print("\n".join(_summary(found)))
    if options.out:
        options.out.write_text(_document(found), encoding="utf-8")
    return 1 if any(outcome.faults for _, outcome in found) else 0


def _line(one: Hostile, outcome: Outcome) -> str:
    said = outcome.said.strip().splitlines() or ["(nothing)"]
    return (
        f"{one.kind:<20} {one.name:<50} {outcome.word:<12} {outcome.memory >> 20:5} MiB "
        f"{outcome.seconds:6.2f} s  {ascii(said[-1] if outcome.faults else said[0])[1:-1][:300]}"
    )


def _summary(found: Iterable[tuple[Hostile, Outcome]]) -> list[str]:
    """Return the rows of a table: how many files of each kind, and the worst of them."""
    kinds: dict[str, list[Outcome]] = {}
    for one, outcome in found:
        kinds.setdefault(one.kind, []).append(outcome)
    kinds["all"] = [outcome for outcomes in list(kinds.values()) for outcome in outcomes]
    rows = []
    for kind, outcomes in kinds.items():
        words = Counter("else" if o.faults else o.word for o in outcomes)
        memory = max((o.memory for o in outcomes), default=0) >> 20
        longest = max((o.seconds for o in outcomes), default=0.0)
        numbers = map(str, (len(outcomes), *(words[w] for w in ("refused", "read", "else"))))
        rows.append((kind, *numbers, f"{memory} MiB", f"{longest:.2f} s"))
    names = ("files", "number", "refused", "read", "anything else", "most memory", "longest")
    return table(names, rows)


def _document(found: list[tuple[Hostile, Outcome]]) -> str:
    """Return the page of all files."""
    names = ("kind", "what is wrong with the file", "outcome", "memory", "time", "first line")
    rows = [
        (one.kind, one.name, o.word, f"{o.memory >> 20} MiB", f"{o.seconds:.2f} s", _cell(o.said))
        for one, o in found
    ]
    return "\n".join([
        "# Hostile files", "",
        "What the commands make of files that are not what they seem, each in a process of its "
        "own. *Refused*: exit code 2 with one line that can be printed, and nothing written (for "
        "`certify check`: exit code 1 or 2). *Read*: the file is honest after all, and its report "
        "is complete. Memory is the most that the process held, with the libraries, which take "
        "some 500 MiB; time is that of the processor, without loading them. Made by "
        "`python -m benchmarks.hostile_files --out reports/benchmarks/hostile_files.md`.", "",
        *_summary(found), "",
        *table(names, rows), "",
        sentence(machine()), "",
    ])  # fmt: skip


def _cell(said: str) -> str:
    first = (said.strip().splitlines() or [""])[0]
    shown = first if len(first) <= 160 else f"{first[:160]} ..."
    return re.sub(r"([\\`*_\[])", r"\\\1", shown).replace("<", "&lt;")


if __name__ == "__main__":
    # Threads do not survive in what is forked.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
