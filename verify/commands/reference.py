"""The command ``verify reference``: the site with a page for each claim."""

import argparse
from pathlib import Path

HELP = "write the reference: a site with a page for each claim"
DESCRIPTION = (
    "Write a site that works offline: each claim with its proof on numbers, "
    "counterexamples, pictures and figures to drag, a map of the claims and a table of what is "
    "wrong as printed. Everything is computed again while it is built. Exit code 2 when a "
    "claim lacks a part or the report cannot be used; then nothing is written."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("reports/digits"),
        metavar="DIR",
        help="report of verify run, for the experiments (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reports/reference"),
        metavar="DIR",
        help="folder of the site (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier reference")


def run(options: argparse.Namespace) -> int:
    """Write the site; return the exit code."""
    from verify.reference.build import read_report, write_reference
    from verify.reporting.progress import Progress

    report = read_report(options.report)
    if options.rehearsal:
        return 0
    with Progress() as progress:
        index = write_reference(
            report,
            options.out,
            source=options.report,
            overwrite=options.overwrite,
            progress=progress.stage("writing pages"),
        )
    print(f"Reference: {index}")
    return 0
