"""The command ``certify``: re-verify certificates, trusting nothing but the checker."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from certify import checker
from certify.folders import CERTIFICATES, Folder, is_report
from certify.version import __version__

SHOWN = 20  # differences between the files of a report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 when all certificates are accepted, 1 or 2 otherwise."""
    parser = argparse.ArgumentParser(
        prog="certify", description="Re-verify certificates of exact geometry."
    )
    parser.add_argument("--version", action="version", version=f"certify {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check certificates, and that the files of a report belong together",
        description="Check certificates with integers and fractions alone; in the folder of a "
        "report, compare report, ledger and certificates as well. Exit code 0: all accepted; 1: "
        "some rejected or malformed, or files that do not belong together; 2: nothing to check or "
        "unreadable.",
    )
    check.add_argument("paths", nargs="+", metavar="PATH", help=".json or .jsonl file, or a folder")
    check.add_argument(
        "--fast",
        action="store_true",
        help="check large matrices and margins with python-flint: seconds instead of minutes, "
        "and one library more to trust; other kinds as without",
    )
    check.add_argument(
        "--show", action="store_true", help="print the sentence that each certificate establishes"
    )
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        return _check(options.paths, fast if options.fast else checker.check, options.show)
    except BrokenPipeError:
        # A reader such as `head` has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, UnicodeDecodeError) as error:
        print(f"certify check: {error}", file=sys.stderr)
    return 2


def _check(paths: Iterable[str], decide: Callable[[Any], tuple[str, str]], show: bool) -> int:
    accepted: Counter[str] = Counter()
    refused = differences = 0
    for path in (part for given in paths for part in _parts(Path(given))):
        folder = Folder(path) if path.is_dir() else None
        for place, text, of in folder.certificates() if folder else _single(path):
            try:
                kind, sentence = decide(checker.parse(text))
            except (checker.Rejected, checker.Malformed) as error:
                refused += 1
                _print(f"{place}: {type(error).__name__.lower()}: {error}")
                continue
            accepted[kind] += 1
            if show:
                _print(f"{place}: {of}{kind}: {sentence}")
        if folder:
            differences += _print_differences(folder)
    if not accepted and not refused and not differences:
        print("certify check: no certificates found", file=sys.stderr)
        return 2
    for kind, count in sorted(accepted.items()):
        print(f"{count:8d}  {kind}")
    print(f"{accepted.total():8d}  accepted, {refused} refused")
    return 1 if refused or differences else 0


def _print_differences(folder: Folder) -> int:
    """Print what was found about the files of a report; return how many differences there are."""
    folder.compare()
    for line in (*folder.notes, *folder.differences[:SHOWN]):
        _print(line)
    found = len(folder.differences)
    if found > SHOWN:
        _print(f"{folder.path}: {found - SHOWN} more differences")
    if folder.finished and not found:
        _print(f"{folder.path}: report, ledger and certificates belong together")
    elif not found:
        _print(f"{folder.path}: ledger and certificates belong together; there is no report")
    return found


def _parts(path: Path) -> Iterator[Path]:
    """Yield the folders of reports, and the files of certificates elsewhere."""
    if not path.is_dir() or is_report(path):
        yield path
        return
    found = False
    for name, folders, files in os.walk(path):
        folder = Path(name)
        if is_report(folder):
            folders.clear()
            found = True
            yield folder
            continue
        folders.sort()
        for file in sorted(files):
            if file == CERTIFICATES or file.endswith(".certificate.json"):
                found = True
                yield folder / file
    if not found:
        raise OSError(f"{path}: no {CERTIFICATES} or *.certificate.json in this folder")


def _single(path: Path) -> Iterator[tuple[str, str, str]]:
    return ((place, text, "") for place, text in checker.certificates_in(path))


def _print(line: str) -> None:
    print(checker.printable(line))


def fast(certificate: Any) -> tuple[str, str]:
    """Check a certificate as the checker does, with python-flint where it has a rule for it."""
    # They need python-flint, which the command otherwise does not.
    from certify import fast_checker, fast_reading

    if not isinstance(certificate, dict) or certificate.get("kind") not in list(fast_checker.RULES):
        return checker.check(certificate)
    try:
        return fast_checker.check(certificate)
    except fast_reading.Refused as refused:
        refusal = checker.Rejected if refused.verdict == "rejected" else checker.Malformed
        raise refusal(refused.place, refused.reason) from None
