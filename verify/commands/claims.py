"""The command ``verify claims``: the list of claims, or one of them with its numbers."""

import argparse

from certify.errors import InputError
from verify.commands import EXIT_PROBLEMS

HELP = "list the claims, or explain one"
DESCRIPTION = (
    "List the claims with their verdicts, or print one claim: statement, "
    "hypotheses, and the proof with the numbers of a small instance."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "id",
        nargs="?",
        metavar="ID",
        help="the claim to explain, such as thm-4 (default: the list)",
    )
    parser.add_argument(
        "--instances",
        type=int,
        default=10,
        metavar="N",
        help="instances certified for each claim of the list (default: 10)",
    )


def run(options: argparse.Namespace) -> int:
    """Print what was asked for; return the exit code."""
    from verify.claims.evaluation import Shown, evaluate
    from verify.claims.registry import CLAIMS, find
    from verify.evidence.grades import Grade
    from verify.reporting import terminal

    if options.instances < 1:
        raise InputError("--instances", expected="at least 1", got=str(options.instances))
    chosen = None if options.id is None else find(options.id)
    if options.rehearsal:
        return 0
    if chosen is not None:
        terminal.print_claim(chosen, Shown.of(chosen))
        return 0
    clean, paper = True, None
    for claim in CLAIMS.values():
        outcomes = [evaluate(claim, claim.instance(0, k)[1]) for k in range(options.instances)]
        certified = sum(outcome.grade is Grade.CERTIFIED for outcome in outcomes)
        clean = clean and certified == options.instances
        terminal.print_row(claim, certified, options.instances, heading=claim.paper is not paper)
        paper = claim.paper
    return 0 if clean else EXIT_PROBLEMS
