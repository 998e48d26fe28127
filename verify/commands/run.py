"""The command ``verify run``: the claims on sampled instances, and the paired experiments."""

import argparse
from pathlib import Path

from verify.commands.jobs import execute
from verify.commands.options import add_job

HELP = "certify the claims, run the paired experiments, write the report"
DESCRIPTION = (
    "Certify every claim on sampled instances, decide the paired experiments on "
    "trained models exactly, and write a report; of chosen claims the instances alone. Exit code "
    "0: all certified; 1: something refuted or undecided; 2: bad input, or no disk or workers left "
    "(continue with --resume); "
    "130: interrupted (continue with --resume)."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--claims",
        nargs="+",
        metavar="ID",
        help="only these claims, without training models (default: all)",
    )
    add_job(parser, Path("reports/digits"), instances=200)


def run(options: argparse.Namespace) -> int:
    """Certify, decide and write the report; return the exit code."""
    # Torch and the solvers load slowly; the other commands do without them.
    from verify.campaigns.job import Configuration, Job
    from verify.claims.registry import CLAIMS, find

    claims = tuple(dict.fromkeys(find(name).id for name in options.claims or CLAIMS))
    configuration = Configuration(options.seed, options.instances, claims)
    job = Job(configuration, options.out, experiments=not options.claims)
    command = ["--claims", *claims] if options.claims else []
    return execute(job, options, ["verify", "run", *command])
