"""Check all proofs: ``python -m certify.proofs [PACKAGE...]`` (``make proofs``).

Copies the files of the packages, by default ``certify`` and ``verify`` of the current folder, into
an empty folder, lets ``coqc`` compile them, and prints for each theorem what it speaks of and what
it assumes. Exit code 0: all assume nothing; 1: some do, or are not proved; 2: no ``coqc``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory

from certify.proofs.developments import Development

AT_ONCE, SECONDS = 2, 600  # a proof takes some seconds; one that is wrong may never end
SHARED = "proofs"  # folders of lemmas, which speak of nothing on their own
CLOSED = "Closed under the global context"
QUIET = ("-q", "-w", "-notation-overridden,-ambiguous-paths,-redundant-canonical-projection")


def developments(packages: Iterable[Path]) -> dict[str, Development]:
    """Return all files of proofs in some packages, by their dotted names."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts): Development.read(path)
        for package in packages
        for path in sorted(package.rglob("*.v"))
    }


def checked(development: Development, name: str, into: Path) -> tuple[bool, str]:
    """Compile a file of that dotted name; return whether all is well, and what to say of it."""
    shared = development.path.parent.name == SHARED
    fault = development.assumed() or (None if shared else development.lacking())
    if fault:
        return False, f"{development.path}: {fault}"
    copy = Path(*name.split(".")).with_suffix(".v")
    (into / copy.parent).mkdir(parents=True, exist_ok=True)
    asked = "".join(f"Print Assumptions {theorem}.\n" for theorem in development.theorems)
    (into / copy).write_text(f"{development.text}\n{asked}", encoding="ascii")
    command = ["coqc", *QUIET, "-R", ".", "", str(copy)]
    try:
        done = subprocess.run(
            command, cwd=into, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return False, f"{development.path}: no proof within {SECONDS} s"
    if done.returncode:
        return False, f"{development.path}: {done.stderr.strip()}"
    if done.stdout.splitlines() != [CLOSED] * len(development.theorems):
        return False, f"{development.path}: not all of it is proved: {done.stdout.strip()}"
    subject = name if shared else development.subject
    return True, "\n".join(f"{subject}: {t}: no assumptions" for t in development.theorems)


def check(found: Mapping[str, Development], into: Path) -> Iterator[tuple[bool, str]]:
    """Check files, each after those that it needs; what builds on a failure is left out."""
    order = TopologicalSorter({name: one.needs & found.keys() for name, one in found.items()})
    order.prepare()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {}
        while order.is_active():
            for name in order.get_ready():
                running[pool.submit(checked, found[name], name, into)] = name
            if not running:
                return
            done = next(as_completed(running))
            name = running.pop(done)
            good, words = done.result()
            if good:
                order.done(name)
            yield good, words


def main(arguments: list[str]) -> int:
    """Run the program; return its exit code."""
    if not shutil.which("coqc"):
        print("coqc is not installed: on Debian, the packages coq and libcoq-mathcomp-algebra")
        return 2
    found = developments(Path(package).resolve() for package in arguments or ["certify", "verify"])
    theorems = good = bad = 0
    with TemporaryDirectory() as into:
        for proved, words in check(found, Path(into)):
            if words:
                print(words, flush=True)
            theorems += proved * len(words.splitlines())
            good, bad = good + proved, bad + (not proved)
    missed = len(found) - good - bad
    print(
        f"{theorems} theorems proved in {good} of {len(found)} files"
        + (f"; {bad} fail" if bad else "")
        + (f"; {missed} need one of these" if missed else "")
    )
    return 0 if theorems and good == len(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
