"""Linear programs in MPS files, from file to certified answer, beside QSopt_ex and an older build.

``python -m benchmarks.mps_files FOLDER [--before CHECKOUT] [--cuts] [--limit SECONDS]`` decides
each ``.mps`` or ``.mps.gz`` file of a folder, in a process of its own: processor time from
file to answer with its certificate, imports apart, the least of three runs, and peak memory above
imports. QSopt_ex's is that of its whole process (``esolver``), which imports nothing. ``--before``
names another checkout of this repository, which is measured alike. ``--cuts`` adds to each file the
row that its objective is at most the optimum, and that a little less or more: programs that are
infeasible, or just feasible. Every certificate is checked. ``--limit`` holds for each of them, our
imports included; whoever meets it has not decided. ``--out`` writes the table with its heading.
Exit code 1: a value is not that of QSopt_ex, or a certificate is refused.
"""

import argparse
import gzip
import json
import math
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.results import machine, sentence

HERE = Path(__file__).resolve().parents[1]
RUNS = 3
LONG = 10  # seconds, after which nobody runs three times
FLOOR = 0.01  # seconds, below which a process's time says little
CUTS = {"optimum - 1e-6": -1, "optimum": 0, "optimum + 1e-6": 1}
_CHILD = """
import json, resource, sys, time
sys.set_int_max_str_digits(0)
import flint, highspy, numpy
from certify import linear_program, read_mps
used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
at, start = used(), time.process_time()
program = read_mps(sys.argv[1])
read = time.process_time()
answer = linear_program(**program.arguments)
solved = time.process_time()
peak = used()
certificate = answer.certificate
done = time.process_time()
if len(sys.argv) > 2:
    from certify.checking import checker
    checker.check(certificate.to_json())
    open(sys.argv[2], "w").write(json.dumps([answer.status, str(answer.value)]))
print(json.dumps({"read": read - start, "solve": solved - read, "certificate": done - solved,
                  "status": answer.status, "value": str(answer.value), "memory": peak - at}))
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mps_files", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--before", type=Path, help="another checkout")
    parser.add_argument("--cuts", action="store_true", help="cut each objective off")
    parser.add_argument("--limit", type=int, default=100, help="processor seconds of one run")
    parser.add_argument("--out", type=Path, help="a file that is written")
    options = parser.parse_args()
    files = sorted(
        (p for p in options.folder.iterdir() if p.name.endswith((".mps", ".mps.gz"))),
        key=lambda p: (p.stat().st_size, p.name),
    )
    about, lines, wrong, ratios = _heading(options), [], 0, []
    lines.append(
        "| program | ours | read | solve | certificate | QSopt_ex | ratio | memory, MB "
        "| QSopt_ex, MB | before | answer |"
    )
    lines.append("|" + "---|" * 11)
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, path in _programs(files, options.cuts, Path(folder), options.limit):
            line, good, ratio = _measured(name, path, options)
            wrong += not good
            ratios += [ratio] if ratio else []
            lines.append(line)
            print(line, flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan
    lines.append(
        f"\n{len(ratios)} programs that both decide: ours takes {mean:.2f} times as long "
        f"(geometric mean), at worst {max(ratios, default=math.nan):.2f} times; wrong: {wrong}."
    )
    print(lines[-1])
    if options.out:
        options.out.write_text("\n".join([*about, *lines, ""]), encoding="utf-8")
    return int(wrong > 0)


def _heading(options: argparse.Namespace) -> list[str]:
    before = "no other build"
    if options.before:
        name = ["git", "-C", options.before, "log", "-1", "--format=%h"]
        named = subprocess.run(name, capture_output=True, text=True, check=True).stdout.strip()
        before = f"before: commit {named}"
    return [
        "# Linear programs in MPS files",
        "",
        "From file to certified answer, in seconds of the processor, imports apart "
        f"(`python -m benchmarks.mps_files FOLDER`): the least of {RUNS} runs; of one, where that "
        f"takes QSopt_ex more than {LONG} s or a build more than {RUNS * LONG}. No run may take "
        f"more than {options.limit} s. Ratios count a time below {FLOOR} s as that; memory of ours "
        "is above imports.",
        "",
        f"{sentence(machine())} QSopt_ex is Debian's `qsopt-ex`; {before}.",
        "",
    ]


def _programs(
    files: list[Path], cuts: bool, folder: Path, limit: int
) -> Iterator[tuple[str, Path]]:
    """Yield each program with its name, unpacked, as QSopt_ex wants it."""
    for file in files:
        name = file.name.removesuffix(".gz").removesuffix(".mps")
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
        text = text.replace("\r\n", "\n")
        path = folder / f"{name}.mps"
        path.write_text(text)
        if not cuts:
            yield name, path
            continue
        answer = ours(path, HERE, limit)
        if answer is None or answer["status"] != "optimal":
            continue
        for words, sign in CUTS.items():
            value = Fraction(answer["value"])
            bound = value + sign * max(abs(value), Fraction(1)) / 10**6
            cut = folder / f"{name}-cut{sign}.mps"
            cut.write_text(with_cut(text, bound))
            yield f"{name}, {words}", cut


def with_cut(text: str, bound: Fraction) -> str:
    """Return a program with the row that its objective is at most a bound, as p / q of integers."""
    rows = re.search(r"^ROWS.*?^ N +(\S+).*?(?=^COLUMNS)", text, re.MULTILINE | re.DOTALL)
    columns = re.search(r"^COLUMNS.*?\n(.*?)(?=^RHS|^RANGES|^BOUNDS|^ENDATA)", text, re.M | re.S)
    if rows is None or columns is None:
        raise ValueError("no rows, or no columns")
    objective, added = rows[1], []
    for line in columns[1].splitlines():
        column, *pairs = line.split() or [""]
        found = dict(zip(pairs[::2], pairs[1::2], strict=False))
        if objective in found:
            scaled = Fraction(found[objective].replace("D", "E")) * bound.denominator
            added.append(f" {column} cut_off {scaled}\n")
    text = text[: columns.end()] + "".join(added) + text[columns.end() :]
    text = text[: rows.end()] + " L cut_off\n" + text[rows.end() :]
    sides = re.search(r"^RHS *\n(.*\n)", text, re.MULTILINE)
    if sides is None:
        return re.sub("^(RANGES|BOUNDS|ENDATA)", rf"RHS\n b cut_off {bound.numerator}\n\1", text,
                      count=1, flags=re.MULTILINE)  # fmt: skip
    words = sides[1].split()
    name = words[0] if len(words) % 2 else ""
    at = sides.start(1)
    return f"{text[:at]} {name} cut_off {bound.numerator}\n{text[at:]}"


def _measured(name: str, path: Path, options: Any) -> tuple[str, bool, float | None]:
    found = ours(path, HERE, options.limit, check=True)
    peer = qsopt_ex(path, options.limit)
    before = ours(path, options.before, options.limit) if options.before else None
    good, ratio = True, None
    if found is None:
        cells = ["not decided", "", "", ""]
    else:
        parts = [found["read"], found["solve"], found["certificate"]]
        cells = [f"{sum(parts):.3f}", *(f"{p:.3f}" for p in parts)]
    cells.append("not decided" if peer is None else f"{peer['seconds']:.3f}")
    if found is not None and peer is not None:
        ratio = sum(parts) / max(peer["seconds"], FLOOR)
        same = found["status"] == peer["status"] and found["value"] == peer["value"]
        good = same
    good &= found is not None
    cells.append("" if ratio is None else f"{ratio:.2f}")
    cells.append("" if found is None else f"{found['memory'] / 1024:.0f}")
    cells.append("" if peer is None else f"{peer['memory'] / 1024:.0f}")
    if before is not None:
        cells.append(f"{before['read'] + before['solve'] + before['certificate']:.3f}")
    else:
        cells.append("not decided" if options.before else "")
    cells.append(("" if found is None else found["status"]) + ("" if good else " WRONG"))
    return f"| {name} | {' | '.join(cells)} |", good, ratio


def _limited(seconds: int) -> Any:
    return lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def ours(path: Path, checkout: Path, limit: int, check: bool = False) -> dict[str, Any] | None:
    """Return what a checkout says of a file and what it takes, the least of the runs; or None."""
    best: dict[str, Any] | None = None
    for turn in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            checked = [str(Path(folder) / "checked")] if check and not turn else []
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, str(path), *checked],
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONPATH": str(checkout)},
                preexec_fn=_limited(limit),
                cwd=folder,
            )
            if done.returncode or (checked and not Path(checked[0]).exists()):
                return None
        found = json.loads(done.stdout.splitlines()[-1])
        if best is None or found["read"] + found["solve"] < best["read"] + best["solve"]:
            best = found
        if found["solve"] > LONG * RUNS:
            break
    return best


def qsopt_ex(path: Path, limit: int) -> dict[str, Any] | None:
    """Return what QSopt_ex says of a file and what it takes, the least of the runs; or None."""
    if shutil.which("esolver") is None:
        return None
    best: dict[str, Any] | None = None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answer.sol"
        for _ in range(RUNS):
            code = (
                "import resource, subprocess, sys\n"
                "done = subprocess.run(['esolver', '-O', *sys.argv[1:]], capture_output=True)\n"
                "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
                "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
            )
            done = subprocess.run(
                [sys.executable, "-c", code, str(out), str(path)],
                capture_output=True,
                text=True,
                preexec_fn=_limited(limit),
            )
            if done.returncode or not out.exists():
                return best
            _, seconds, memory = done.stdout.split()
            text = out.read_text()
            status = re.search(r"^status\s*=?\s*(\w+)", text, re.MULTILINE)
            if status is None:
                return best
            value = re.search(r"Value = (\S+)", text)
            if best is None or float(seconds) < best["seconds"]:
                best = {
                    "status": status[1].lower(),
                    "value": value[1] if value else "None",
                    "seconds": float(seconds),
                    "memory": int(memory),
                }
            if float(seconds) > LONG:
                break
    return best


if __name__ == "__main__":
    sys.exit(main())
