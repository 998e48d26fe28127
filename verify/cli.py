"""The command ``verify``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from certify.errors import InputError
from certify.version import __version__
from verify.plain_text import plain

EXIT_PROBLEMS, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns 0 when everything asked for is certified, 1 when something is refuted or undecided, 2
    for bad input, and 130 after Ctrl-C.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        return int(options.handler(options))
    except InputError as error:
        print(f"verify: {error}", file=sys.stderr)
        return EXIT_USAGE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"verify: {place}{error.strerror or error}", file=sys.stderr)
        return EXIT_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify",
        description="Verify the geometry of adversarial examples in exact arithmetic.",
    )
    parser.add_argument("--version", action="version", version=f"verify {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    run = commands.add_parser(
        "run",
        help="certify the claims, run the paired experiments, write the report",
        description="Certify every claim on sampled instances, decide the paired experiments on "
        "trained models exactly, and write a report. Exit code 0: all certified; 1: something "
        "refuted or undecided; 2: bad input; 130: interrupted (continue with --resume).",
    )
    run.add_argument(
        "--out",
        type=Path,
        default=Path("reports/digits"),
        metavar="DIR",
        help="directory of the report (default: %(default)s)",
    )
    run.add_argument("--seed", type=int, default=0, help="seed of every random choice (default: 0)")
    run.add_argument(
        "--instances",
        type=int,
        default=200,
        metavar="N",
        help="instances for each claim (default: 200)",
    )
    run.add_argument("--claims", nargs="+", metavar="ID", help="only these claims (default: all)")
    run.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes (default: one for each processor, here %(default)s)",
    )
    existing = run.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    existing.add_argument("--resume", action="store_true", help="continue an interrupted run")
    run.set_defaults(handler=_run)

    claims = commands.add_parser(
        "claims",
        help="list the claims, or explain one",
        description="List the claims with their verdicts, or print one claim: statement, "
        "hypotheses, and the proof with the numbers of a small instance.",
    )
    claims.add_argument("id", nargs="?", metavar="ID", help="the claim to explain")
    claims.set_defaults(handler=_claims)
    return parser  # fmt: skip


def _run(options: argparse.Namespace) -> int:
    # Torch and the solvers load slowly; the other commands do without them.
    from verify.claims.registry import CLAIMS
    from verify.progress import Progress
    from verify.run import Configuration, Job

    if options.workers < 1:
        raise InputError("--workers", expected="at least 1", got=str(options.workers))
    claims = tuple(dict.fromkeys(options.claims or CLAIMS))
    configuration = Configuration(options.seed, options.instances, claims)
    job = Job(configuration, options.out, options.workers)
    job.prepare(overwrite=options.overwrite, resume=options.resume)
    command = [
        "verify", "run", "--seed", str(options.seed), "--instances", str(options.instances),
        *(["--claims", *claims] if options.claims else []), "--out", str(options.out),
    ]  # fmt: skip
    executor = ProcessPoolExecutor(
        options.workers, multiprocessing.get_context("forkserver"), initializer=_ignore_interrupts
    )
    try:
        with Progress() as progress:
            report = job.execute(executor, progress, command)
    except KeyboardInterrupt:
        print(
            f"verify: interrupted; partial report: {options.out / 'index.html'}; "
            "continue with --resume",
            file=sys.stderr,
        )
        return EXIT_INTERRUPTED
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
    return _summary(report, options.out)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the main process, which stops the workers in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _summary(report: dict[str, object], out: Path) -> int:
    console = Console(width=100, highlight=False)
    table = Table("claim", "certified", "refuted", "undecided", "experiment", box=None)
    clean = True
    for entry in report["claims"]:  # type: ignore[attr-defined]
        counts = entry["counts"]
        total = sum(counts.values())
        clean = clean and counts["certified"] == total
        undecided = counts["undecided"] + counts["malformed"]
        table.add_row(
            entry["id"], f"{counts['certified']} of {total}", str(counts["refuted"]),
            str(undecided), entry["experiment"] or "",
        )  # fmt: skip
    console.print(table)
    for entry in report["experiments"]:  # type: ignore[attr-defined]
        clean = clean and entry["grade"] in ("certified", "float")
        console.print(f"\n[bold]{entry['title']}[/bold] ({entry['grade']})")
        console.print(plain(entry["finding"]), soft_wrap=False, markup=False)
    count = report["certificates"]["count"]  # type: ignore[index]
    console.print(
        f"\n{count} certificates; check them again with: certify check {out}", markup=False
    )
    console.print(f"Report: {out / 'index.html'}", markup=False, soft_wrap=True)
    return 0 if clean else EXIT_PROBLEMS


def _claims(options: argparse.Namespace) -> int:
    from verify.claims.registry import CLAIMS, find

    console = Console(highlight=False)
    if options.id is None:
        table = Table("id", "number", "title", "as stated", box=None)
        for claim in CLAIMS.values():
            table.add_row(claim.id, claim.number, claim.title, str(claim.verdict))
        console.print(table)
        return 0
    _explain(console, find(options.id))
    return 0


def _explain(console: Console, claim: object) -> None:
    from verify.claims.claim import Claim
    from verify.reporting.findings import worked_example

    assert isinstance(claim, Claim)
    console.print(f"[bold]{claim.id}[/bold]  {claim.number}: {claim.title}")
    console.print(plain(claim.statement), markup=False)
    console.print(
        f"\n[bold]{str(claim.verdict).capitalize()}.[/bold] {plain(claim.verdict_reason)}"
    )
    for hypothesis in claim.hypotheses:
        console.print(f"Hypothesis, {hypothesis.name}: {plain(hypothesis.text)}", markup=False)
    console.print(f"Sharp form: {plain(claim.sharp_form)}", markup=False)
    console.print(f"Covered: {claim.quantifier}.", markup=False)
    example = worked_example(claim, seed=0)
    console.print(f"\n[bold]Proof[/bold], on {example['instance']}", markup=True)
    for step in example["steps"]:
        console.print(f"{step['number']}. {plain(step['text'])}", markup=False)
        console.print(f"     {step['relation']}", markup=False, style="dim")
