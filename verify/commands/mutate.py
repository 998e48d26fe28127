"""The command ``verify mutate``: every mutant of honest certificates, and what checkers say."""

import argparse

from verify.commands import EXIT_PROBLEMS
from verify.commands.options import add_workers, check_workers

HELP = "corrupt honest certificates in every way, and see that the checkers refuse"
DESCRIPTION = (
    "Make every mutant of small honest certificates of every kind and of those of "
    "all claims, and ask the checkers. Exit code 0: each is refused, or true for a reason that "
    "is named; 1: one survives without a reason, or the checkers differ."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_workers(parser)


def run(options: argparse.Namespace) -> int:
    """Ask the checkers about every mutant; return the exit code."""
    from verify.campaigns.workers import local_processes
    from verify.reporting.progress import Progress
    from verify.trust import report
    from verify.trust.mutants import mutation

    check_workers(options)
    if options.rehearsal:
        return 0
    with local_processes(options.workers) as (executor, _), Progress() as progress:
        section = mutation.run(
            executor=executor, progress=progress.stage("mutants"), checkers=mutation.checkers()
        )
    return EXIT_PROBLEMS if report.show(section) else 0
