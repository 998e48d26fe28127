"""Certified instances of Theorem 4 a second: 40 points of 8 coordinates, and where time goes."""

import functools
from typing import Any

import numpy as np

from benchmarks.measure import Case, Job

_POINTS, _DIMENSION = 40, 8
_INSTANCES = 100
_STAGES = ("max margin", "certificate", "check")


def cases() -> list[Case]:
    """Return the stages, each with all before it, on NumPy arrays and on lists."""
    return [
        Case(
            "theorem_4",
            f"{_INSTANCES} instances as {form}",
            stage + 1,
            "certify" if stage == 2 else f"up to {name}",
            functools.partial(_run, form, stage),
        )
        for form in ("arrays", "lists")
        for stage, name in enumerate(_STAGES)
    ]


@functools.cache
def _instances(form: str) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_INSTANCES):
        X = rng.integers(-20, 21, (_POINTS, _DIMENSION))
        y = np.where(X @ rng.normal(size=_DIMENSION) > 0, 1, -1)
        drawn.append((X, y) if form == "arrays" else (X.tolist(), y.tolist()))
    return drawn


def _run(form: str, stage: int) -> tuple[str, ...]:
    from certify import max_margin
    from certify.checking import checker

    margins = []
    for X, y in _instances(form):
        answer = max_margin(X, y)
        assert answer.separable
        margins.append(str(answer.margin_squared))
        line = answer.certificate.line() if stage else ""
        if stage == 2:
            checker.check(checker.parse(line))
    return tuple(margins)


JOB = Job(
    "theorem_4",
    f"How long do {_INSTANCES} certified max-margin rules of {_POINTS} points in {_DIMENSION} "
    "dimensions take on one core?",
    "The check takes half of the time, the exact system of the support with its comparison to "
    "every point and the fractions of the answer two fifths, and JSON with its hash the rest; the "
    "guess in floats, nonnegative least squares, takes a twentieth. Points given as lists cost the "
    "check a third more, because each numeral is read as a string.",
    cases,
    counted="stages",
)
