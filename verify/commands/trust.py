"""The command ``verify trust``: how far refusals and answers can be trusted."""

import argparse
import time
from pathlib import Path

from verify.commands import EXIT_PROBLEMS
from verify.commands.options import add_workers, check_workers

HELP = "mutants, known labels and fuzz: how far refusals and answers can be trusted"
DESCRIPTION = (
    "Try to make the software say something wrong, in three ways, and write what "
    "was tried and what happened. Exit code 0: nothing wrong; 1: problems, which the report "
    "names."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--short", action="store_true", help="a small part of it, in a minute")
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of every random choice (default: 0)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reports/trust"),
        metavar="DIR",
        help="directory of the report (default: %(default)s)",
    )
    add_workers(parser)


def run(options: argparse.Namespace) -> int:
    """Run the campaign and write its report; return the exit code."""
    from verify.campaigns.workers import local_processes
    from verify.reporting.progress import Progress
    from verify.trust import report
    from verify.trust.mutants import campaign

    check_workers(options)
    if options.rehearsal:
        return 0
    size = campaign.SHORT if options.short else campaign.FULL
    start = time.perf_counter()
    with local_processes(options.workers) as (executor, _), Progress() as progress:
        sections = list(
            campaign.run(
                size,
                seed=options.seed,
                executor=executor,
                stage=progress.stage,
                commands=options.command_line(),
            )
        )
    command = f"verify trust{' --short' * options.short} --seed {options.seed}"
    seconds = time.perf_counter() - start
    found = report.as_json(sections, seed=options.seed, command=command, seconds=seconds)
    problems = sum([report.show(section) for section in sections])
    print(f"Report: {report.write(found, options.out)}")
    return EXIT_PROBLEMS if problems else 0
