"""One command on one file, in a process of its own: exit code, output, memory and time."""

import json
import os
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile_files import Hostile

MEMORY, SECONDS = 2**31, 10  # what a file may take
WAIT = 120  # seconds of a clock until a process is ended: it hangs
OUT = "out"


@dataclass(frozen=True)
class Outcome:
    """What came of one file.

    code     of the exit, below 0 for a signal
    said     standard error, of ``certify`` standard output as well
    memory   bytes, the most that the process held, with all libraries
    seconds  of the processor, without loading libraries, which are there before
    faults   what is wrong with all this, in words
    """

    code: int
    said: str
    memory: int
    seconds: float
    faults: tuple[str, ...]

    @property
    def word(self) -> str:
        """Return "read" or "refused", or what is wrong."""
        if self.faults:
            return "; ".join(self.faults)
        return "read" if self.code == 0 else "refused"


def run(hostile: Hostile, folder: Path) -> Outcome:
    """Make a file in an empty folder and run its command there."""
    sys.stdout.flush()
    # Made in a process of its own, for what that takes is not the reader's.
    maker = os.fork()
    if maker == 0:
        made = 70
        try:
            (folder.parent / "words").write_text(json.dumps(hostile.make(folder)))
            made = 0
        finally:
            os._exit(made)
    os.waitpid(maker, 0)
    words = json.loads((folder.parent / "words").read_text())
    before = sorted(folder.iterdir())
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = _child(words, folder)
        finally:
            os._exit(code)
    code, used = _waited(child)
    said = (folder.parent / "said").read_text(encoding="utf-8", errors="backslashreplace")
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
    faults = _faults(words[0], code, said, (folder / OUT).exists())
    if code and sorted(folder.iterdir()) != before:
        faults.append("something written")
    faults += [f"{memory / 2**30:.1f} GiB"] * (memory > MEMORY)
    faults += [f"{seconds:.0f} s"] * (seconds > SECONDS)
    return Outcome(code, said, memory, seconds, tuple(dict.fromkeys(faults)))


def _child(words: list[str], folder: Path) -> int:
    """Run a command in this process, with its output in a file."""
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = str(folder.parent)
    said = os.open("../said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    own = os.open(os.devnull, os.O_RDWR)
    os.dup2(own, 0)
    os.dup2(said if words[0] == "certify" else own, 1)
    os.dup2(said, 2)
    # Anonymous memory of this process alone; pages of libraries are shared, and no danger.
    resource.setrlimit(resource.RLIMIT_DATA, (3 * MEMORY, 3 * MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (3 * SECONDS, 3 * SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        code = _command(words)
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else 2
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _command(words: list[str]) -> int:
    name, *rest = words
    if name == "verify":
        from verify.cli import main as verify

        return verify([*rest, "--out", OUT])
    if name == "certify":
        from certify.cli import main as certify

        return certify(rest)
    from certify import InputError
    from certify.programs.mps import read_mps

    try:
        read_mps(rest[0])
    except (InputError, OSError) as error:  # there is no command for these files
        print(f"mps: {error}", file=sys.stderr)
        return 2
    return 0


def _waited(child: int) -> tuple[int, resource.struct_rusage]:
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), used
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    return -signal.SIGALRM, used


def _faults(command: str, code: int, said: str, written: bool) -> list[str]:
    """Return what is wrong with an exit code and the lines that came with it."""
    lines = said.split("\n")[:-1] if said.endswith("\n") else said.split("\n")
    faults = []
    if code == -signal.SIGALRM:
        faults.append("hangs")
    elif code < 0:
        faults.append(f"ended by signal {-code}")
    elif "Traceback" in said:
        faults.append("a traceback")
    elif command == "certify":
        # What is wrong with a certificate is said on standard output, and the counts after it.
        faults += ["no answer"] * (code not in (0, 1, 2) or not said)
    elif code not in (0, 2):
        faults.append(f"exit code {code}")
    elif code == 2 and (len(lines) != 1 or not lines[0]):
        faults.append(f"{len(lines)} lines")
    if any(not line.isprintable() for line in lines):
        faults.append("control characters")
    if any(len(line) > 2000 for line in lines):
        faults.append("a long line")
    if code and written:
        faults.append("a folder written")
    return faults
