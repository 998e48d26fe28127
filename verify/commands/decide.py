"""The command ``verify decide``: whether a property of VNN-LIB holds of a model, exactly."""

import argparse
import json
import shutil
import sys
from pathlib import Path

from verify.commands import EXIT_INTERRUPTED, EXIT_PROBLEMS
from verify.commands.options import add_memory, add_reading, add_workers, check_workers
from verify.evidence.places import check_out, printable

EXIT_UNDECIDED = 3
SEARCH = "search"  # in the directory of the result, until the property is decided

HELP = "whether a property of VNN-LIB holds of a network, with a certificate or a counterexample"
DESCRIPTION = (
    "Decide whether a property holds of a model: that no input of its boxes has outputs as it "
    "describes. MODEL is a file as for verify audit; PROPERTY is a file of VNN-LIB, .vnnlib or "
    ".vnnlib.gz, of version 1, or of version 2 where the package vnnlib is installed. The answer "
    "is about real arithmetic with the numbers in both files: a proof that the checker accepts, or "
    "an input that is a counterexample exactly. Exit code 0: the property holds; 1: it is "
    "violated; 2: bad input; 3: undecided. With --out, a search that was interrupted or "
    "undecided goes on when the same command is run again."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")
    parser.add_argument("property", type=Path, metavar="PROPERTY", help="the file of the property")
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="S",
        help="time for the search, all boxes together (default: %(default)g)",
    )  # fmt: skip
    add_reading(parser)
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of every random choice (default: 0)"
    )
    add_workers(parser)
    add_memory(parser)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help="directory of the result as VNN-COMP writes it, the counterexample, the certificates, "
        "and what they are about",
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier answer")


def run(options: argparse.Namespace) -> int:
    """Decide, print the answer, and return the exit code; what can be refused is refused first."""
    from verify.data.checks import check_whole
    from verify.data.memory import limit
    from verify.models import readers
    from verify.properties import reading

    check_whole("--seed", options.seed)
    check_workers(options)
    memory = limit(options.memory)
    kept = options.out and options.out / SEARCH
    resume = kept is not None and not options.overwrite and any(kept.glob("*.search"))
    if options.out is not None:
        check_out(options.out, overwrite=options.overwrite, resume=resume)
    given = options.model, options.architecture, options.module, options.output
    readers.check_file(*given)
    asked = reading.read_property(options.property)
    model = readers.read_model(
        options.model, options.architecture, module=options.module, output=options.output,
        memory=memory,
    )  # fmt: skip
    from verify.properties.decision import check_seconds, decide
    from verify.reporting.progress import Progress

    check_seconds("--seconds", options.seconds)
    if options.rehearsal:
        return 0
    if kept is not None and options.overwrite:
        shutil.rmtree(kept, ignore_errors=True)
    try:
        with Progress() as progress:
            told = progress.stage("parts")
            found = decide(
                model, asked, seconds=options.seconds, seed=options.seed, workers=options.workers,
                checkpoints=kept,
                progress=lambda closed, parts, bound: told(closed, parts, f"bound {bound:.3g}"),
            )  # fmt: skip
    except KeyboardInterrupt:
        if kept is None or not any(kept.glob("*.search")):
            raise
        print("verify: interrupted; the same command goes on from here", file=sys.stderr)
        return EXIT_INTERRUPTED
    if options.out is not None:
        found.write(options.out, overwrite=options.overwrite, resume=True)
    if options.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        print(found)
    if options.out is not None and not options.json:
        print(f"Result: {printable(str(options.out / 'result.txt'))}")
        if found.certificates:
            print(f"Check:  certify check --fast {printable(str(options.out))}")
    return {"holds": 0, "violated": EXIT_PROBLEMS}.get(found.answer, EXIT_UNDECIDED)
