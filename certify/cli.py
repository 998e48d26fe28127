"""The command ``certify``: re-verify certificates, trusting nothing but the checker."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from certify.arguments import left_over
from certify.checking import checker
from certify.checking.answers import Answer, is_answer
from certify.checking.batches import decided
from certify.checking.folders import CERTIFICATES, Folder, is_report
from certify.checking.ledger_records import Record
from certify.errors import InputError, of_the_system, unknown
from certify.version import __version__

COMMANDS = ("check", "bind", "schema", "conformance")
INTERRUPTED = 130  # the exit code after Ctrl-C
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
        help="multiply and eliminate large matrices with python-flint: seconds instead of "
        "minutes, and one library more to trust",
    )
    check.add_argument(
        "--show", action="store_true", help="print the sentence that each certificate establishes"
    )
    bind = commands.add_parser(
        "bind",
        help="compare the certificates of an audit with a model and data",
        description="Compare the exact numbers of every certificate in the folder of an audit with "
        "a model file and, where given, with data: that the report is about these, and not about "
        "others. What the certificates prove is for `certify check` to say. Exit code 0: all are "
        "about these; 1: something else is among them; 2: something cannot be read.",
    )
    bind.add_argument(
        "folder", type=Path, metavar="DIR", help="folder of the report of an audit, or of an answer"
    )
    bind.add_argument("model", type=Path, metavar="MODEL", help="as for verify audit")
    for name, metavar, text in (
        ("--data", "NAME", "as for verify audit; without it examples are not compared"),
        ("--data-dir", "DIR", "folder of MNIST's four files"),
        ("--architecture", "NAME", "of a state dict: mlp, cnn or cnn-2018"),
        ("--output", "NAME", "of an ONNX file: as for verify audit"),
        ("--answer", "{largest,least}", "of an ONNX or .nnet file: as for verify audit"),
        ("--module", "FILE.py:NAME", "of a state dict: as for verify audit; the file is run"),
        ("--property", "FILE", "of the folder of verify decide: the file that it is about"),
    ):
        bind.add_argument(name, metavar=metavar, help=text)
    commands.add_parser(
        "schema",
        help="print the JSON Schema of certificates",
        description="Print the shapes of certificates of all kinds as a JSON Schema (2020-12).",
    )
    conformance = commands.add_parser(
        "conformance",
        help="run any checker over certificates that it must accept and must refuse",
        description="Run a checker, in any language, over honest certificates of every kind and "
        "over refused ones, and compare its verdicts. The command gets the path of one .jsonl "
        "file as its last argument; like checker.py, it prints `PATH:LINE: rejected: ...` or "
        "`PATH:LINE: malformed: ...` for each certificate that it refuses, and exits with 0 when "
        "it refuses none and with 1 when it refuses some. Exit code 0: all verdicts are right; 1: "
        "some are not; 2: the command fails.",
    )
    conformance.add_argument(
        "program", nargs="+", metavar="COMMAND", help="after --: a program and its arguments"
    )
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and not given[0].startswith("-") and given[0] not in COMMANDS:
        _print(f"certify: {unknown('command', given[0], COMMANDS)}", sys.stderr)
        return 2
    options, rest = parser.parse_known_args(given)
    if rest:
        name = f"certify {options.command}" if options.command else "certify"
        wrong = left_over(rest, commands.choices.get(options.command, parser))
        _print(f"{name}: {wrong}", sys.stderr)
        return 2
    if options.command is None:
        parser.print_help()
        return 0
    try:
        if options.command == "bind":
            return _bind(options)
        if options.command == "schema":
            return _schema()
        if options.command == "conformance":
            return _conformance(options.program)
        decide = partial(fast if options.fast else checker.check, words=options.show)
        return _check(options.paths, decide, options.show)
    except BrokenPipeError:
        # A reader such as `head` has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, UnicodeDecodeError, InputError) as error:
        told = of_the_system(error) if isinstance(error, OSError) else error
        _print(f"certify {options.command}: {told}", sys.stderr)
    except KeyboardInterrupt:
        _print(f"certify {options.command}: interrupted", sys.stderr)
        return INTERRUPTED
    return 2


def _schema() -> int:
    from certify.certificates.schema import schema

    print(json.dumps(schema(), indent=1))
    return 0


def _conformance(command: Sequence[str]) -> int:
    from certify.certificates.kinds import HONEST, KINDS, REFUSALS
    from certify.checking.conformance import differences

    found = differences(command)
    for line in found:
        _print(line)
    counts = f"{len(HONEST)} honest and {len(REFUSALS)} refused certificates of {len(KINDS)} kinds"
    print(f"{counts}: {len(found)} verdicts differ")
    return 1 if found else 0


def _bind(options: argparse.Namespace) -> int:
    from certify.checking.binding import bind, bind_property

    if options.property:
        found_lines = bind_property(
            options.folder, options.model, Path(options.property),
            architecture=options.architecture, module=options.module, output=options.output,
        )  # fmt: skip
        for line in found_lines[:SHOWN]:
            _print(line)
        print(f"{len(found_lines):8d}  differences between the answer and what it is about")
        return 1 if found_lines else 0

    data_folder = Path(options.data_dir) if options.data_dir else None
    found = bind(
        options.folder, options.model, options.data,
        data_folder=data_folder, architecture=options.architecture, module=options.module,
        output=options.output, answer=options.answer or "largest",
    )  # fmt: skip
    for line in found.other[:SHOWN]:
        _print(line)
    if len(found.other) > SHOWN:
        _print(f"{options.folder}: {len(found.other) - SHOWN} more differences")
    for kind, count in sorted(found.same.items()):
        print(f"{count:8d}  {kind}")
    about = "this model and these data" if options.data else "this model"
    total, unread = found.same.total(), found.unread.total()
    rest = f", {unread} need --data to be compared as a whole" if unread else ""
    print(f"{total:8d}  about {about}{rest}, {len(found.other)} differences")
    return 1 if found.other else 0


def _check(paths: Iterable[str], decide: Callable[[Any], tuple[str, str]], show: bool) -> int:
    accepted: Counter[str] = Counter()
    refused = differences = 0
    answers = False
    for path in (part for given in paths for part in _parts(Path(given))):
        folder = _folder(path) if path.is_dir() else None
        certificates = folder.certificates() if folder else _single(path)
        for (place, text, record), (kind, words) in decided(certificates, decide):
            if not kind:
                refused += 1
                _print(f"{place}: {words}")
                continue
            accepted[kind] += 1
            if isinstance(folder, Folder) and folder.audit is not None:
                folder.accepted(checker.parse(text), record)
            if show:
                _print(f"{place}: {f'{record}: ' if record else ''}{kind}: {words}")
        if not folder and path.name == CERTIFICATES:
            _print(f"{path}: certificates alone: no report and no ledger was compared with them")
        if folder:
            differences += _print_differences(folder)
        # A counterexample needs no certificates, and neither do contradictory assertions.
        answers |= isinstance(folder, Answer)
    if not accepted and not refused and not differences and not answers:
        print("certify check: no certificates found", file=sys.stderr)
        return 2
    for kind, count in sorted(accepted.items()):
        print(f"{count:8d}  {kind}")
    print(f"{accepted.total():8d}  accepted, {refused} refused")
    return 1 if refused or differences else 0


def _folder(path: Path) -> Folder | Answer:
    return Answer(path) if is_answer(path) else Folder(path)


def _print_differences(folder: Folder | Answer) -> int:
    """Print what was found about the files of a folder; return how many differences there are."""
    folder.compare()
    for line in (*folder.notes, *folder.differences[:SHOWN]):
        _print(line)
    found = len(folder.differences)
    if found > SHOWN:
        _print(f"{folder.path}: {found - SHOWN} more differences")
    if isinstance(folder, Answer):
        if not found:
            _print(f"{folder.path}: {folder.words}")
    elif folder.finished and not found:
        _print(f"{folder.path}: report, ledger and certificates belong together")
    elif not found:
        _print(f"{folder.path}: ledger and certificates belong together; there is no report")
    return found


def _parts(path: Path) -> Iterator[Path]:
    """Yield the folders of reports, and the files of certificates elsewhere."""
    if not path.is_dir() or is_report(path) or is_answer(path):
        yield path
        return
    found = False
    for name, folders, files in os.walk(path):
        folder = Path(name)
        if is_report(folder) or is_answer(folder):
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


def _single(path: Path) -> Iterator[tuple[str, str, Record | None]]:
    # Where nobody writes, a pipe is read for ever; one of the shell's own is another matter.
    if path.exists() and not path.is_file() and Path("/dev") not in path.parents:
        raise OSError(f"{path}: no file, but a pipe or device")
    return ((place, text, None) for place, text in checker.certificates_in(path))


def _print(line: str, stream: TextIO | None = None) -> None:
    print(checker.printable(line), file=stream)


def fast(certificate: Any, words: bool = True) -> tuple[str, str]:
    """Check a certificate with the arithmetic of python-flint and NumPy, to be trusted besides."""
    from certify.checking import fast as fast_checker

    found: tuple[str, str] = fast_checker.check(certificate, words)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
