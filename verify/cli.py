"""The command ``verify``."""

import argparse
import io
import math
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import certify.cli
from certify.arguments import left_over
from certify.errors import InputError, unknown
from certify.version import __version__
from verify.commands import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    attack,
    audit,
    claims,
    decide,
    falsify,
    mutate,
    reference,
    run,
    trust,
)
from verify.commands.jobs import reason

if TYPE_CHECKING:
    from verify.trust.surfaces.arguments import CommandLine

COMMANDS = {
    "run": run, "attack": attack, "audit": audit, "decide": decide, "reference": reference,
    "claims": claims, "mutate": mutate, "trust": trust, "falsify": falsify,
}  # fmt: skip

AT_ONCE = 1.0  # seconds between two signals that mean the same


def main(arguments: Sequence[str] | None = None, *, rehearsal: bool = False) -> int:
    """Run the command line; in a ``rehearsal`` what it refuses is refused, and no work is done.

    Returns 0 when everything asked for is certified, 1 when something is refuted or undecided, 2
    for bad input or a run that cannot go on, and 130 after Ctrl-C or SIGTERM; of what ``decide``
    leaves undecided, 3. A mistake in this program is told with its traceback, and 70.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks is escaped
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and not given[0].startswith("-") and given[0] not in COMMANDS:
        known = [f"certify {given[0]}"] if given[0] in certify.cli.COMMANDS else COMMANDS
        print(f"verify: {unknown('command', given[0], known)}", file=sys.stderr)
        return EXIT_USAGE
    parser, commands = _parsers()
    options, rest = parser.parse_known_args(given)
    if rest:
        name = f"verify {options.command}" if options.command else "verify"
        wrong = left_over(rest, commands.get(options.command, parser))
        print(f"{name}: {wrong}", file=sys.stderr)
        return EXIT_USAGE
    if options.command is None:
        parser.print_help()
        return 0
    options.rehearsal, options.command_line = rehearsal, command_line
    try:
        with _sigterm_interrupts():
            return int(COMMANDS[options.command].run(options))
    except KeyboardInterrupt:
        print("verify: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except (InputError, OSError) as error:
        print(f"verify: {reason(error)}", file=sys.stderr)
        return EXIT_USAGE
    except Exception:
        if rehearsal:
            raise
        traceback.print_exc()  # a mistake of this program, which must not end with the code of 1
        return EXIT_FAILED


def command_line() -> "CommandLine":
    """Return this command line without its work, for what tries its arguments."""
    from verify.trust.surfaces.arguments import CommandLine, options_of

    options = {name: options_of(parser) for name, parser in _parsers()[1].items()}
    return CommandLine(partial(main, rehearsal=True), options)


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser, and that of each command."""
    parser = argparse.ArgumentParser(
        prog="verify",
        description="Verify the geometry of adversarial examples in exact arithmetic.",
        epilog="verify COMMAND --help says more; certify check DIR checks what was written.",
    )
    parser.add_argument("--version", action="version", version=f"verify {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    found = {}
    for name, command in COMMANDS.items():
        found[name] = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION)
        command.arguments(found[name])
    return parser, found


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, with a partial report where there is one.

    Two at once are one: `timeout` sends it to the process, and to its group.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last = -math.inf

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > AT_ONCE:
            signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    raise SystemExit(main())
