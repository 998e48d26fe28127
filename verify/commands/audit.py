"""The command ``verify audit``: a file and examples in, a report and an exit code out."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from certify.errors import InputError
from verify.commands import EXIT_INTERRUPTED, EXIT_PROBLEMS
from verify.commands.options import add_memory, add_reading
from verify.evidence.grades import Grade
from verify.evidence.places import check_out, printable

if TYPE_CHECKING:
    from verify.data.examples import Examples
    from verify.questions.audit import Audit

WITH_DATA = ("fooled", "twin")  # what --fail-on looks for among examples


HELP = "exact answers about your own classifier"
DESCRIPTION = (
    "Read a trained classifier exactly, answer what the theorems say about it and "
    "about your examples, and write a report with certificates. MODEL is a file: .onnx, .nnet, "
    ".pt2 (torch.export), .pt or .safetensors (a state dict, with --architecture or --module), "
    ".skops (scikit-learn), .npz or .safetensors (W of shape (features, classes), and b). Of "
    "networks whatever is affine or piecewise linear is read: products with constants, "
    "convolutions, pools, ReLU and its kin, maxima, sums, batch normalisation, all that moves "
    "numbers, and softmax, sigmoid or labels at the end. No file runs code but that of --module. "
    "Exit code 0: done; 1: something that --fail-on names was found; 2: bad input."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    # The model comes first: behind --fail-on, which takes any number of words, it would be one.
    parser.usage = "%(prog)s MODEL [OPTION ...]"
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the classifier")
    parser.add_argument(
        "--data",
        metavar="NAME",
        help="digits, mnist (its test images) or a .npz file with X and y; without it only the "
        "model itself is asked about",
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of MNIST's four files")
    parser.add_argument(
        "--pixels",
        default="given",
        metavar="SCALE",
        help="given, unit to divide whole numbers from 0 to 255 by 255, or none where rows are "
        "those of a table (default: %(default)s)",
    )
    parser.add_argument(
        "--examples",
        type=int,
        default=2000,
        metavar="N",
        help="at most so many examples, drawn at random (default: %(default)s)",
    )
    add_reading(parser)
    parser.add_argument(
        "--answer",
        choices=("largest", "least"),
        default="largest",
        help="of an ONNX or .nnet file: which of its scores tells the label (default: "
        "%(default)s); least for ACAS Xu",
    )
    parser.add_argument(
        "--radius",
        dest="radii",
        action="append",
        metavar="R",
        help="radius of attacks, a decimal in units of the input; may be repeated (default: a "
        "twentieth and a tenth of the range of pixels, or of each feature's range)",
    )
    parser.add_argument(
        "--robust",
        action="append",
        metavar="R",
        help="decide exactly whether examples keep their label within this radius, a decimal in "
        "units of the input or a share of what pixels, or each feature, range over, such as 5%%; "
        "may be repeated",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=5.0,
        metavar="S",
        help="time for each example of --robust, which are those attacked (default: %(default)g)",
    )
    parser.add_argument(
        "--twin",
        dest="twins",
        action="append",
        default=[],
        metavar="I:J",
        help="seek an input near example I with exactly the softmax output of example J; may be "
        "repeated",
    )
    parser.add_argument(
        "--fail-on",
        nargs="+",
        default=[],
        choices=("undecided", "fooled", "parallel", "empty-class", "twin"),
        metavar="WHAT",
        help="exit with 1 when something is undecided, an adversary fools the model, borders are "
        "parallel, a class region is empty, or a twin exists: undecided, fooled, parallel, "
        "empty-class, twin",
    )
    parser.add_argument(
        "--save", type=Path, metavar="FILE.npz",
        help="write the adversaries that were found, with their examples, radii and labels",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of every random choice (default: 0)"
    )
    add_memory(parser)
    parser.add_argument("--json", action="store_true", help="print the answers as JSON")
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help="directory of report and certificates (default: reports/audit-MODEL)",
    )  # fmt: skip
    parser.add_argument("--open", action="store_true", help="show the report in a browser")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier audit")


def run(options: argparse.Namespace) -> int:
    """Audit what the options name, print the answers, and return the exit code.

    What can be refused is refused first: numbers, the place of the report, the data, the model.
    """
    from verify.attack.radii import Asked, exact_radii
    from verify.data.checks import check_positive, check_whole
    from verify.data.memory import limit
    from verify.models.readers import check_file, read_model

    radii = exact_radii(options.radii) if options.radii else None
    if options.robust:
        Asked.of(options.robust, "--robust")
    seconds = check_positive("--seconds", options.seconds)
    twins = tuple(map(_twin, options.twins))
    check_whole("--seed", options.seed)
    _check_gates(options)
    memory = limit(options.memory)
    out = options.out or Path("reports") / f"audit-{_plain(options.model.stem)}"
    check_out(out, overwrite=options.overwrite)
    check_file(options.model, options.architecture, options.module, options.output, options.answer)
    examples = _examples(options, memory)
    model = read_model(
        options.model, options.architecture, module=options.module, memory=memory,
        output=options.output, answer=options.answer,
        shapes=() if examples is None else examples.shapes,
    )  # fmt: skip
    if options.rehearsal:
        return 0
    # What follows takes seconds to load, which nothing that is refused has to wait for.
    from verify.questions.audit import Interrupted, audit
    from verify.questions.head import WEIGHTS
    from verify.reporting.progress import Progress
    from verify.reporting.terminal import CONSOLE

    interrupted = False
    with Progress() as progress:
        try:
            found = audit(
                model, examples,
                radii=radii, robust=options.robust, seconds=seconds, twins=twins, seed=options.seed,
                progress=progress.stage("asking"),
            )  # fmt: skip
        except Interrupted as stopped:
            found, interrupted = stopped.audit, True
    found = replace(found, file=options.model)
    for warning in found.warnings:
        print(f"verify audit: {warning}", file=sys.stderr)
    # The standard library alone takes minutes for the certificate of such a head.
    large = model.weights.size > WEIGHTS
    page = found.write(out, overwrite=options.overwrite, command=_command(options, out))
    if options.save:
        found.save_adversaries(options.save)
    if interrupted:
        print(f"verify audit: interrupted; partial report: {page}", file=sys.stderr)
        return EXIT_INTERRUPTED
    if options.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        CONSOLE.print(f"{found}\n\n{_counts(found)}")
        print(f"Report: {printable(str(page))}")
        print(f"Check:  certify check {'--fast ' * large}{printable(shlex.quote(str(out)))}")
    if options.open and not webbrowser.open(page.resolve().as_uri()):
        print("verify audit: no browser was found that --open could start", file=sys.stderr)
    reasons = [what for what in options.fail_on if found_in(found, what)]
    for what in reasons:
        print(f"verify audit: found: {what}", file=sys.stderr)
    unasked = [what for what in options.fail_on if not was_asked(found, what)]
    if unasked:
        raise InputError(
            "--fail-on", expected="what this audit could ask about", got=f"{unasked[0]}: see {page}"
        )
    return EXIT_PROBLEMS if reasons else 0


def _check_gates(options: argparse.Namespace) -> None:
    """Raise InputError where ``--fail-on`` names what will not be asked: it would always pass.

    And for a place at which ``--save`` cannot write.
    """
    save = options.save
    if save is not None and (save.suffix != ".npz" or not save.parent.is_dir() or save.is_dir()):
        raise InputError("--save", expected="a .npz file in a folder that is there", got=str(save))
    for what in options.fail_on:
        if what in WITH_DATA and options.data is None:
            raise InputError("--fail-on", expected=f"--data with {what}", got="no --data")
        if what == "twin" and not options.twins:
            raise InputError("--fail-on", expected="--twin I:J with twin", got="no --twin")


def was_asked(found: Audit, what: str) -> bool:
    """Tell whether an audit asked what ``--fail-on`` names, so that it could have been found."""
    return what == "undecided" or any(what in result.found for result in found.results.values())


def found_in(found: Audit, what: str) -> bool:
    """Tell whether an audit found what ``--fail-on`` names."""
    return found.found(what) > 0


def _counts(found: Audit) -> str:
    grades = (Grade.CERTIFIED, Grade.REFUTED, Grade.UNDECIDED)
    counts = [f"{found.count(grade)} {grade}" for grade in grades]
    if found.count(Grade.MALFORMED):
        counts.append(f"{found.count(Grade.MALFORMED)} {Grade.MALFORMED}")
    return f"{len(found.decisions)} exact results: {', '.join(counts)}"


def _command(options: argparse.Namespace, out: Path) -> str:
    """Return a command that repeats the audit."""
    words = ["verify", "audit", str(options.model)]
    for name in ("data", "data_dir", "architecture", "module", "output"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    if options.answer != "largest":
        words += ["--answer", options.answer]
    for radius in options.radii or ():
        words += ["--radius", radius]
    for radius in options.robust or ():
        words += ["--robust", radius]
    if options.robust:
        words += ["--seconds", f"{options.seconds:g}"]
    for pair in options.twins:
        words += ["--twin", pair]
    if options.pixels != "given":
        words += ["--pixels", options.pixels]
    words += ["--examples", str(options.examples), "--seed", str(options.seed), "--out", str(out)]
    words.append("--overwrite")
    return printable(shlex.join(words))


def _examples(options: argparse.Namespace, memory: int) -> Examples | None:
    """Return examples and labels; nothing without ``--data``."""
    if options.examples < 1:
        raise InputError("--examples", expected="at least 1", got=str(options.examples))
    if options.data is None:
        without = {
            "--data-dir": options.data_dir is not None, "--twin": bool(options.twins),
            "--pixels": options.pixels != "given", "--save": options.save is not None,
            "--robust": options.robust is not None,
        }  # fmt: skip
        for option, used in without.items():
            if used:
                raise InputError(option, expected="this option with --data", got="no --data")
        return None
    from verify.data.examples import read_examples

    return read_examples(
        options.data, options.data_dir, count=options.examples, seed=options.seed,
        keep=[row for pair in options.twins for row in _twin(pair)], pixels=options.pixels,
        memory=memory,
    )  # fmt: skip


def _twin(text: str) -> tuple[int, int]:
    first, _, second = text.partition(":")
    if not (first.isdecimal() and second.isdecimal()):
        raise InputError("--twin", expected="two numbers of examples, such as 3:17", got=text)
    return int(first), int(second)


def _plain(name: str) -> str:
    """Return a name that a report can have."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return kept.strip("-._") or "model"
