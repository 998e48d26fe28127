"""The command ``verify audit``: a file and examples in, a report and an exit code out."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from certify.errors import InputError
from verify.data.checks import check_whole
from verify.data.examples import Examples, read_examples
from verify.data.memory import limit
from verify.evidence.grades import Grade
from verify.evidence.places import check_out, printable
from verify.models.readers import read_model
from verify.questions.audit import RADII, Audit, Interrupted, audit, check_radii
from verify.questions.head import WEIGHTS
from verify.reporting.progress import Progress

FOUND, INTERRUPTED = 1, 130
WITH_DATA = ("fooled", "twin")  # what --fail-on looks for among examples


def run(options: argparse.Namespace) -> int:
    """Audit what the options name, print the answers, and return the exit code.

    What can be refused is refused first: numbers, the place of the report, the data, the model.
    """
    radii = check_radii(options.radii or RADII)
    twins = tuple(map(_twin, options.twins))
    check_whole("--seed", options.seed)
    _check_gates(options)
    memory = limit(options.memory)
    out = options.out or Path("reports") / f"audit-{_plain(options.model.stem)}"
    check_out(out, overwrite=options.overwrite)
    examples = _examples(options, memory)
    model = read_model(options.model, options.architecture, memory=memory)
    interrupted = False
    with Progress() as progress:
        try:
            found = audit(
                model, examples,
                radii=radii, twins=twins, seed=options.seed, progress=progress.stage("asking"),
            )  # fmt: skip
        except Interrupted as stopped:
            found, interrupted = stopped.audit, True
    found = replace(found, file=options.model)
    for warning in found.warnings:
        print(f"verify audit: {warning}", file=sys.stderr)
    # The standard library alone takes minutes for the certificate of such a head.
    large = model.weights.size > WEIGHTS
    page = found.write(out, overwrite=options.overwrite, command=_command(options, out))
    if interrupted:
        print(f"verify audit: interrupted; partial report: {page}", file=sys.stderr)
        return INTERRUPTED
    if options.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        print(found)
        print(f"\n{_counts(found)}")
        print(f"Report: {printable(str(page))}")
        print(f"Check:  certify check {'--fast ' * large}{printable(shlex.quote(str(out)))}")
    reasons = [what for what in options.fail_on if found_in(found, what)]
    for what in reasons:
        print(f"verify audit: found: {what}", file=sys.stderr)
    unasked = [what for what in options.fail_on if not was_asked(found, what)]
    if unasked:
        raise InputError(
            "--fail-on", expected="what this audit could ask about", got=f"{unasked[0]}: see {page}"
        )
    return FOUND if reasons else 0


def _check_gates(options: argparse.Namespace) -> None:
    """Raise InputError where ``--fail-on`` names what will not be asked: it would always pass."""
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
    for name in ("data", "data_dir", "architecture"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    for radius in options.radii or ():
        words += ["--radius", radius]
    for pair in options.twins:
        words += ["--twin", pair]
    if options.pixels != "given":
        words += ["--pixels", options.pixels]
    words += ["--examples", str(options.examples), "--seed", str(options.seed), "--out", str(out)]
    return printable(shlex.join(words))


def _examples(options: argparse.Namespace, memory: int) -> Examples | None:
    """Return examples and labels; nothing without ``--data``."""
    if options.examples < 1:
        raise InputError("--examples", expected="at least 1", got=str(options.examples))
    if options.data is None:
        without = {
            "--data-dir": options.data_dir is not None, "--twin": bool(options.twins),
            "--pixels": options.pixels != "given",
        }  # fmt: skip
        for option, used in without.items():
            if used:
                raise InputError(option, expected="this option with --data", got="no --data")
        return None
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
