"""The command ``verify``."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from certify.errors import InputError
from certify.version import __version__

if TYPE_CHECKING:
    from verify.campaigns.job import Job

EXIT_PROBLEMS, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
RESTARTS = 3  # of the processes of a run after one was killed; Dask has the same limit for a task


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns 0 when everything asked for is certified, 1 when something is refuted or undecided, 2
    for bad input or a run that cannot go on, and 130 after Ctrl-C or SIGTERM.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks is escaped
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        with _sigterm_interrupts():
            return int(options.handler(options))
    except KeyboardInterrupt:
        print("verify: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except InputError as error:
        print(f"verify: {error}", file=sys.stderr)
        return EXIT_USAGE
    except OSError as error:
        print(f"verify: {_reason(error)}", file=sys.stderr)
        return EXIT_USAGE


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, with a partial report where there is one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
        "refuted or undecided; 2: bad input, or no disk or workers left (continue with --resume); "
        "130: interrupted (continue with --resume).",
    )
    run.add_argument("--claims", nargs="+", metavar="ID", help="only these claims (default: all)")
    _add_common(run, Path("reports/digits"), instances=200)
    run.set_defaults(handler=_run)

    attack = commands.add_parser(
        "attack",
        help="train, attack and transfer at the size of the paper, on MNIST or your own data",
        description="Train support vector machines and networks, attack each, test all on the "
        "adversaries of all, decide a sample of them and the paired claims exactly, and write a "
        "report. Exit codes as for run.",
    )
    attack.add_argument(
        "--preset", default="quick", help="quick, standard or paper (default: %(default)s)"
    )
    attack.add_argument(
        "--data", metavar="NAME", help="digits, mnist or a .npz file (default: the preset's)"
    )
    attack.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of the four files of MNIST"
    )
    attack.add_argument(
        "--download", action="store_true", help="fetch MNIST from openml.org, and keep it"
    )
    attack.add_argument("--device", default="cpu", help="auto, cpu or cuda (default: %(default)s)")
    choices = attack.add_argument_group(
        "choices that the paper leaves open", "The report says which were made."
    )
    for name, values, text in (
        ("--step-rule", ("sign", "gradient"), "what a step follows (default: sign)"),
        ("--start", ("image", "random"), "where an attack starts (default: image)"),
        (
            "--svm-loss",
            ("cross-entropy", "margin", "hinge"),
            "what attacks on SVMs make grow (default: cross-entropy of the scores)",
        ),
        ("--noise", ("uniform", "signs"), "law of random perturbations (default: uniform)"),
        (
            "--precision",
            ("float32", "tf32", "bfloat16"),
            "of the products in gradients; labels are always of float32 (default: float32)",
        ),
    ):
        choices.add_argument(name, choices=values, help=text)
    choices.add_argument("--epochs", type=int, metavar="N", help="passes of networks over the data")
    choices.add_argument(
        "--no-box", dest="box", action="store_const", const=False, help="let pixels leave [0, 1]"
    )
    choices.add_argument(
        "--exact",
        type=_number_or_word,
        metavar="N",
        help="adversaries decided again exactly, or all (default: 200)",
    )
    _add_memory(attack)
    _add_common(attack, None, instances=20)
    attack.set_defaults(handler=_attack)

    audit = commands.add_parser(
        "audit",
        help="exact answers about your own classifier",
        description="Read a trained classifier exactly, answer what the theorems say about it and "
        "about your examples, and write a report with certificates. MODEL is a file: .onnx, .pt2 "
        "(torch.export), .pt (a state dict, with --architecture), .skops (scikit-learn), .npz or "
        ".safetensors (W of shape (features, classes), and b). Exit code 0: done; 1: something "
        "that --fail-on names was found; 2: bad input.",
    )
    audit.add_argument("model", type=Path, metavar="MODEL", help="the file of the classifier")
    audit.add_argument(
        "--data",
        metavar="NAME",
        help="digits, mnist (its test images) or a .npz file with X and y; without it only the "
        "model itself is asked about",
    )
    audit.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of MNIST's four files")
    audit.add_argument(
        "--pixels",
        default="given",
        metavar="SCALE",
        help="given, or unit to divide whole numbers from 0 to 255 by 255 (default: %(default)s)",
    )
    audit.add_argument(
        "--examples",
        type=int,
        default=2000,
        metavar="N",
        help="at most so many examples, drawn at random (default: %(default)s)",
    )
    audit.add_argument(
        "--architecture", metavar="NAME", help="of a state dict: mlp, cnn or cnn-2018"
    )
    audit.add_argument(
        "--radius",
        dest="radii",
        action="append",
        metavar="R",
        help="radius of attacks, a decimal in units of the input; may be repeated (default: 0.05 "
        "and 0.1)",
    )
    audit.add_argument(
        "--twin",
        dest="twins",
        action="append",
        default=[],
        metavar="I:J",
        help="seek an input near example I with exactly the softmax output of example J; may be "
        "repeated",
    )
    audit.add_argument(
        "--fail-on",
        nargs="+",
        default=[],
        choices=("undecided", "fooled", "parallel", "empty-class", "twin"),
        metavar="WHAT",
        help="exit with 1 when something is undecided, an adversary fools the model, borders are "
        "parallel, a class region is empty, or a twin exists: undecided, fooled, parallel, "
        "empty-class, twin",
    )
    audit.add_argument("--seed", type=int, default=0, help="seed of every random choice")
    _add_memory(audit)
    audit.add_argument("--json", action="store_true", help="print the answers as JSON")
    audit.add_argument(
        "--out", type=Path, metavar="DIR",
        help="directory of report and certificates (default: reports/audit-MODEL)",
    )  # fmt: skip
    audit.add_argument("--overwrite", action="store_true", help="replace an earlier audit")
    audit.set_defaults(handler=_audit)

    reference = commands.add_parser(
        "reference",
        help="write the reference: a site with a page for each claim",
        description="Write a site that works offline: each claim with its proof on numbers, "
        "counterexamples, pictures and figures to drag, a map of the claims and a table of what is "
        "wrong as printed. Everything is computed again while it is built. Exit code 2 when a "
        "claim lacks a part or the report cannot be used; then nothing is written.",
    )
    reference.add_argument(
        "--report",
        type=Path,
        default=Path("reports/digits"),
        metavar="DIR",
        help="report of verify run, for the experiments (default: %(default)s)",
    )
    reference.add_argument(
        "--out",
        type=Path,
        default=Path("reports/reference"),
        metavar="DIR",
        help="folder of the site (default: %(default)s)",
    )
    reference.add_argument("--overwrite", action="store_true", help="replace an earlier reference")
    reference.set_defaults(handler=_reference)

    claims = commands.add_parser(
        "claims",
        help="list the claims, or explain one",
        description="List the claims with their verdicts, or print one claim: statement, "
        "hypotheses, and the proof with the numbers of a small instance.",
    )
    claims.add_argument("id", nargs="?", metavar="ID", help="the claim to explain")
    claims.add_argument(
        "--instances",
        type=int,
        default=10,
        metavar="N",
        help="instances certified for each claim of the list (default: 10)",
    )
    claims.set_defaults(handler=_claims)

    mutate = commands.add_parser(
        "mutate",
        help="corrupt honest certificates in every way, and see that the checkers refuse",
        description="Make every mutant of small honest certificates of every kind and of those of "
        "all claims, and ask the checkers. Exit code 0: each is refused, or true for a reason that "
        "is named; 1: one survives without a reason, or the checkers differ.",
    )
    _add_workers(mutate)
    mutate.set_defaults(handler=_mutate)

    trust = commands.add_parser(
        "trust",
        help="mutants, known labels and fuzz: how far refusals and answers can be trusted",
        description="Try to make the software say something wrong, in three ways, and write what "
        "was tried and what happened. Exit code 0: nothing wrong; 1: problems, which the report "
        "names.",
    )
    trust.add_argument("--short", action="store_true", help="a small part of it, in a minute")
    trust.add_argument(
        "--seed", type=int, default=0, help="seed of every random choice (default: 0)"
    )
    trust.add_argument(
        "--out",
        type=Path,
        default=Path("reports/trust"),
        metavar="DIR",
        help="directory of the report (default: %(default)s)",
    )
    _add_workers(trust)
    trust.set_defaults(handler=_trust)

    falsify = commands.add_parser(
        "falsify",
        help="search for a smallest counterexample to a weakened claim",
        description="Search instances of a claim as printed, without one hypothesis, or of its "
        "sharp form, for an exact counterexample, and shrink it. Prints it in words and as "
        "certificates. Exit code 0: found; 1: none found; 2: bad input.",
    )
    falsify.add_argument("id", metavar="ID", help="the claim")
    what = falsify.add_mutually_exclusive_group()
    what.add_argument("--without", metavar="HYPOTHESIS", help="drop this hypothesis, by name")
    what.add_argument("--literal", action="store_true", help="as printed (default)")
    what.add_argument(
        "--sharp", action="store_true", help="search an instance on which its sharp form fails"
    )
    what.add_argument(
        "--overstated", action="store_true", help="the sharp form, in words that say too much"
    )
    falsify.add_argument("--seed", type=int, default=0, help="seed of the search (default: 0)")
    falsify.add_argument(
        "--out", type=Path, metavar="FILE.jsonl", help="also write the certificates to this file"
    )
    falsify.set_defaults(handler=_falsify)
    return parser  # fmt: skip


def _add_memory(parser: argparse.ArgumentParser) -> None:
    """Add the limit of the commands that read a user's files."""
    parser.add_argument(
        "--memory",
        type=float,
        default=1.0,
        metavar="GIB",
        help="memory that reading the files may take (default: %(default)g)",
    )


def _add_common(parser: argparse.ArgumentParser, out: Path | None, instances: int) -> None:
    """Add the options of the jobs that write a report."""
    parser.add_argument(
        "--out",
        type=Path,
        default=out,
        metavar="DIR",
        help=f"directory of the report (default: {out or 'reports/DATA-PRESET'})",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of every random choice (default: 0)"
    )
    parser.add_argument(
        "--instances",
        type=int,
        default=instances,
        metavar="N",
        help="instances for each claim (default: %(default)s)",
    )
    where = parser.add_mutually_exclusive_group()
    _add_workers(where)
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="use the workers of this Dask scheduler instead, such as tcp://10.0.0.1:8786",
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    existing.add_argument("--resume", action="store_true", help="continue an interrupted run")


def _add_workers(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes (default: one for each processor, here %(default)s)",
    )


def _check_workers(options: argparse.Namespace) -> None:
    if options.workers < 1:
        raise InputError("--workers", expected="at least 1", got=str(options.workers))


def _run(options: argparse.Namespace) -> int:
    # Torch and the solvers load slowly; the other commands do without them.
    from verify.campaigns.job import Configuration, Job
    from verify.claims.registry import CLAIMS

    claims = tuple(dict.fromkeys(options.claims or CLAIMS))
    job = Job(Configuration(options.seed, options.instances, claims), options.out)
    command = ["--claims", *claims] if options.claims else []
    return _execute(job, options, ["verify", "run", *command])


def _attack(options: argparse.Namespace) -> int:
    from verify.attack.batches import check_precision
    from verify.attack.experiment import check_fits
    from verify.attack.models import resolve_device
    from verify.attack.presets import preset
    from verify.campaigns.job import Configuration, Job
    from verify.claims.registry import CLAIMS
    from verify.data.memory import limit
    from verify.data.sources import load, ranked
    from verify.evidence.places import check_out
    from verify.questions.experiments import paired_with

    if options.out is not None:
        check_out(options.out, overwrite=options.overwrite, resume=options.resume)
    name = options.data or preset(options.preset).data
    source = load(name, options.data_dir, download=options.download, memory=limit(options.memory))
    source = replace(source, data=ranked(source.data))
    choices = {
        name: getattr(options, name) for name in _CHOICES if getattr(options, name) is not None
    }
    configuration = Configuration(
        options.seed,
        options.instances,
        tuple(claim for claim in CLAIMS if paired_with(claim)),
        options.preset,
        tuple(choices.items()),
        source.name,
    )
    options.out = options.out or Path(f"reports/{source.name}-{options.preset}")
    check_fits(configuration.models(), source.data, options.seed, source.test)
    device = resolve_device(options.device)
    if options.precision is not None:
        check_precision(options.precision, device)
    words = [w for k, v in choices.items() for w in _option(k, v)]
    place = ["--data-dir", str(options.data_dir)] if options.data_dir else []
    fetch = ["--download"] if options.download else []
    command = ["--preset", options.preset, "--data", name, *place, *fetch, "--device", str(device)]
    job = Job(configuration, options.out, source, str(device))
    return _execute(job, options, ["verify", "attack", *command, *words])


_CHOICES = ("step_rule", "start", "svm_loss", "noise", "precision", "epochs", "box", "exact")


def _number_or_word(text: str) -> int | str:
    """Return a number as one; what a word means is for the preset to say."""
    try:
        return int(text)
    except ValueError:
        return text


def _option(name: str, value: object) -> list[str]:
    return ["--no-box"] if name == "box" else [f"--{name.replace('_', '-')}", str(value)]


def _execute(job: Job, options: argparse.Namespace, command: list[str]) -> int:
    """Run a job on local processes, which are replaced when one is killed, or on a cluster."""
    from verify.campaigns.workers import dask_cluster, local_processes
    from verify.evidence.ledger import CONFIGURATION
    from verify.evidence.places import check_out
    from verify.reporting import terminal
    from verify.reporting.progress import Progress

    _check_workers(options)
    check_out(options.out, overwrite=options.overwrite, resume=options.resume)
    command = [
        *command, "--seed", str(options.seed), "--instances", str(options.instances),
        "--out", str(options.out),
    ]  # fmt: skip
    job.local = options.scheduler is None
    if job.local:
        workers = partial(local_processes, options.workers)
    else:
        workers = partial(dask_cluster, options.scheduler)
    resume, restarts = options.resume, 0
    while True:
        try:
            with (
                workers() as (executor, job.workers),
                job.prepare(overwrite=options.overwrite, resume=resume) as ledger,
                Progress() as progress,
            ):
                report = job.execute(ledger, executor, progress, command)
            return 0 if terminal.print_run(report, str(options.out)) else EXIT_PROBLEMS
        except KeyboardInterrupt:
            print(
                f"verify: interrupted; partial report: {options.out / 'index.html'}; "
                "continue with --resume",
                file=sys.stderr,
            )
            return EXIT_INTERRUPTED
        except (BrokenExecutor, OSError) as error:
            if not (options.out / CONFIGURATION).exists():
                raise
            reason = _reason(error)
            if not isinstance(error, BrokenProcessPool) or restarts == RESTARTS:
                print(f"verify: {reason}; continue with --resume", file=sys.stderr)
                return EXIT_USAGE
            print(f"verify: {reason}; going on with new processes", file=sys.stderr)
            resume, restarts = True, restarts + 1


def _reason(error: Exception) -> str:
    if isinstance(error, BrokenProcessPool):
        return "a worker process was killed or could not start"
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return str(error)


def _mutate(options: argparse.Namespace) -> int:
    from verify.campaigns.workers import local_processes
    from verify.reporting import terminal
    from verify.reporting.progress import Progress
    from verify.trust.mutants import mutation

    _check_workers(options)
    with local_processes(options.workers) as (executor, _), Progress() as progress:
        section = mutation.run(
            executor=executor, progress=progress.stage("mutants"), checkers=mutation.checkers()
        )
    return EXIT_PROBLEMS if terminal.print_section(section) else 0


def _trust(options: argparse.Namespace) -> int:
    import time

    from verify.campaigns.workers import local_processes
    from verify.reporting import terminal
    from verify.reporting.progress import Progress
    from verify.trust import report
    from verify.trust.mutants import campaign

    _check_workers(options)
    size = campaign.SHORT if options.short else campaign.FULL
    start = time.perf_counter()
    with local_processes(options.workers) as (executor, _), Progress() as progress:
        sections = list(
            campaign.run(size, seed=options.seed, executor=executor, stage=progress.stage)
        )
    command = f"verify trust{' --short' * options.short} --seed {options.seed}"
    seconds = time.perf_counter() - start
    found = report.as_json(sections, seed=options.seed, command=command, seconds=seconds)
    problems = sum([terminal.print_section(section) for section in sections])
    print(f"Report: {report.write(found, options.out)}")
    return EXIT_PROBLEMS if problems else 0


def _audit(options: argparse.Namespace) -> int:
    from verify.commands import audit as command

    return command.run(options)


def _reference(options: argparse.Namespace) -> int:
    from verify.reference.build import read_report, write_reference
    from verify.reporting.progress import Progress

    report = read_report(options.report)
    with Progress() as progress:
        index = write_reference(
            report,
            options.out,
            overwrite=options.overwrite,
            progress=progress.stage("writing pages"),
        )
    print(f"Reference: {index}")
    return 0


def _claims(options: argparse.Namespace) -> int:
    from verify.claims.registry import CLAIMS, find
    from verify.reporting import terminal

    if options.instances < 1:
        raise InputError("--instances", expected="at least 1", got=str(options.instances))
    if options.id is not None:
        terminal.print_claim(find(options.id))
        return 0
    return 0 if terminal.print_claims(list(CLAIMS.values()), options.instances) else EXIT_PROBLEMS


def _falsify(options: argparse.Namespace) -> int:
    from verify.campaigns.falsify import search, search_sharp
    from verify.claims.claim import AS_PRINTED, OVERSTATED
    from verify.claims.registry import find
    from verify.reporting import terminal

    claim = find(options.id)
    if options.sharp:
        outcome = search_sharp(claim, seed=options.seed)
    else:
        dropped = OVERSTATED if options.overstated else options.without or AS_PRINTED
        outcome = search(claim, dropped, seed=options.seed)
    terminal.print_search(outcome)
    if outcome.refutation is None:
        return EXIT_PROBLEMS
    if options.out is not None:
        lines = [certificate.line() for certificate in outcome.refutation.certificates]
        options.out.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    return 0
