"""The command ``verify audit``: a file and examples in, a report and an exit code out."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

import numpy as np

from certify.errors import InputError
from verify.attack.sources import load, stored_array, unit_pixels
from verify.auditing.audit import RADII, Audit, audit, check_directory
from verify.auditing.head import WEIGHTS
from verify.auditing.readers import read_model
from verify.grades import Grade
from verify.progress import Progress

FOUND = 1


def run(options: argparse.Namespace) -> int:
    """Audit what the options name, print the answers, and return the exit code."""
    model = read_model(options.model, options.architecture)
    X, y, shape = _examples(options)
    out = options.out or Path("reports") / f"audit-{_plain(options.model.stem)}"
    check_directory(out, options.overwrite)
    with Progress() as progress:
        found = audit(
            model, X, y,
            image_shape=shape, radii=tuple(options.radii or RADII),
            twins=tuple(map(_twin, options.twins)), seed=options.seed,
            progress=progress.stage("asking"),
        )  # fmt: skip
    # The standard library alone takes minutes for the certificate of such a head.
    large = model.weights.size > WEIGHTS
    page = found.write(out, overwrite=options.overwrite, command=_command(options, out))
    if options.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        print(found)
        print(
            f"\n{len(found.decisions)} exact results: {found.count(Grade.CERTIFIED)} certified, "
            f"{found.count(Grade.REFUTED)} refuted, {found.count(Grade.UNDECIDED)} undecided"
        )
        print(f"Report: {page}\nCheck:  certify check {'--fast ' * large}{out}")
    reasons = [what for what in options.fail_on if found_in(found, what)]
    for what in reasons:
        print(f"verify audit: found: {what}", file=sys.stderr)
    return FOUND if reasons else 0


def _command(options: argparse.Namespace, out: Path) -> str:
    """Return a command that repeats the audit."""
    words = ["verify", "audit", str(options.model)]
    for name in ("data", "data_dir", "architecture"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    for radius in options.radii or ():
        words += ["--radius", f"{radius:g}"]
    for pair in options.twins:
        words += ["--twin", pair]
    words += ["--examples", str(options.examples), "--seed", str(options.seed), "--out", str(out)]
    return shlex.join(words)


def found_in(found: Audit, what: str) -> bool:
    """Tell whether an audit found what ``--fail-on`` names."""
    if what == "undecided":
        return found.count(Grade.CERTIFIED) < len(found.decisions)
    if what == "twin":
        return bool(found.results.get("exact-twins") and found.results["exact-twins"].decisions)
    name, title, column = {
        "fooled": ("adversaries", 0, 2),
        "empty-class": ("class-regions", 0, 1),
        "parallel": ("class-regions", 1, 0),
    }[what]
    result = found.results.get(name)
    if result is None or len(result.tables) <= title:
        return False
    cells = [row[column] for row in result.tables[title]["rows"]]
    return any(cell not in ("0", "bounded", "unbounded") for cell in cells)


def _examples(
    options: argparse.Namespace,
) -> tuple[np.ndarray | None, np.ndarray | None, tuple[int, ...]]:
    """Return examples, labels and the shape of an image; nothing without ``--data``."""
    if options.examples < 1:
        raise InputError("--examples", expected="at least 1", got=str(options.examples))
    if options.data is None:
        if options.data_dir is not None or options.twins:
            option = "--data-dir" if options.data_dir is not None else "--twin"
            raise InputError(option, expected="this option with --data", got="no --data")
        return None, None, ()
    if options.data.endswith(".npz"):
        path = Path(options.data)
        X, y = stored_array(path, "X"), stored_array(path, "y")
        if X.dtype == np.uint8:
            X = unit_pixels(X)
        shape: tuple[int, ...] = ()
    else:
        source = load(options.data, options.data_dir)
        data = source.test or source.data
        X, y, shape = data.images, data.labels, data.image_shape
    if len(X) > options.examples and len(X) == len(y):
        rows = np.sort(np.random.default_rng(options.seed).permutation(len(X))[: options.examples])
        X, y = X[rows], y[rows]
    return X, y, shape


def _twin(text: str) -> tuple[int, int]:
    first, _, second = text.partition(":")
    if not (first.isdecimal() and second.isdecimal()):
        raise InputError("--twin", expected="two numbers of examples, such as 3:17", got=text)
    return int(first), int(second)


def _plain(name: str) -> str:
    """Return a name that a report can have."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return kept.strip("-._") or "model"
