"""Where a command may write: asked before any work is done, and never through a link."""

import json
import os
import tempfile
from pathlib import Path

from certify.checking import answers
from certify.errors import InputError, said

FORMAT = "adversarial-geometry/report"
# Each made by every run, and by nobody else: its report, and before that what was asked for.
_ASKED = "configuration.json"  # only of runs that can be resumed
MARKS = {
    "report.json": ("format", FORMAT), answers.DECISION: ("format", answers.FORMAT),
    _ASKED: ("software_version", None),
}  # fmt: skip


def check_out(
    directory: Path, *, overwrite: bool = False, resume: bool = False, python: bool = False
) -> None:
    """Raise InputError unless a report can be written into a directory.

    A new or empty directory will do where files can be made; one with files only with
    ``overwrite``, and if they are an earlier report of this software. Links, to the directory or
    in it, are refused: what is replaced lies where it seems to lie. With ``resume`` the directory
    may be any that is writable. What is refused is named as the command line names it, or, with
    ``python``, as arguments of a call are named.
    """
    try:
        fault = _fault(directory, overwrite, resume, python)
    except (OSError, ValueError) as error:
        got = error.strerror if isinstance(error, OSError) and error.strerror else said(error)
        fault = "a directory that can be written", got, directory
    if fault is not None:
        expected, got, place = fault
        what = "directory" if python else "--out"
        raise InputError(what, expected=expected, got=got, where=str(place))


def _fault(
    directory: Path, overwrite: bool, resume: bool, python: bool
) -> tuple[str, str, Path] | None:
    """Return what was expected, what there is instead, and where; None where one can write."""
    if directory.is_symlink():
        return "a directory", "a link", directory
    nearest = directory
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir():
        return "a directory", "a file", nearest
    for part in directory.parts:
        if "\0" in part:
            return "a directory that can be written", "a name with a zero", directory
        if len(os.fsencode(part)) > 255:
            return "a name of at most 255 bytes", "a longer one", directory
    with tempfile.TemporaryFile(dir=nearest):
        pass
    if nearest != directory or not any(directory.iterdir()) or resume:
        return None
    if not overwrite:
        ways = "overwrite=True" if python else "--overwrite"
        if (directory / _ASKED).exists() and not python:
            ways += ", or --resume"
        return f"a new directory (or {ways})", "an existing one", directory
    links = [path.name for path in directory.iterdir() if path.is_symlink()]
    if links:
        return "a directory without links", f"{links[0]}, a link", directory
    if not is_report(directory):
        return "a directory with an earlier report", "one with other files", directory
    return None


def write_whole(path: Path, text: str) -> None:
    """Write a text beside its place, then put it there in one step."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def is_report(directory: Path) -> bool:
    """Tell whether a directory holds a report of this software, or a run that was killed."""
    for name, (key, value) in MARKS.items():
        try:
            document = json.loads((directory / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(document, dict) and key in document and value in (None, document[key]):
            return True
    return False


def printable(text: str) -> str:
    r"""Return a text, such as a path, that can be written anywhere: control characters escaped.

    >>> printable("r\x1b[2Jeport\udcff")
    'r\\x1b[2Jeport\\udcff'
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown.encode("utf-8", "backslashreplace").decode()
