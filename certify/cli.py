"""The command ``certify``: re-verify certificates, trusting nothing but the checker."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from certify import checker
from certify.version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 when all certificates are accepted, 1 or 2 otherwise."""
    parser = argparse.ArgumentParser(
        prog="certify", description="Re-verify certificates of exact geometry."
    )
    parser.add_argument("--version", action="version", version=f"certify {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check certificates",
        description="Check certificates with integers and fractions alone. Exit code 0: all "
        "accepted; 1: some rejected or malformed; 2: nothing to check or unreadable.",
    )
    check.add_argument("paths", nargs="+", metavar="PATH", help=".json or .jsonl file, or a folder")
    check.add_argument(
        "--fast",
        action="store_true",
        help="check large matrices and margins with python-flint: seconds instead of minutes, "
        "and one library more to trust; other kinds as without",
    )
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    return checker.main(options.paths, _fast if options.fast else checker.check)


def _fast(certificate: Any) -> tuple[str, str]:
    # They need python-flint, which the command otherwise does not.
    from certify import fast_checker, fast_reading

    if not isinstance(certificate, dict) or certificate.get("kind") not in list(fast_checker.RULES):
        return checker.check(certificate)
    try:
        return fast_checker.check(certificate)
    except fast_reading.Refused as refused:
        refusal = checker.Rejected if refused.verdict == "rejected" else checker.Malformed
        raise refusal(refused.place, refused.reason) from None
