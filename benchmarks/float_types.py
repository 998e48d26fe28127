"""Exact margins and separation of one data set in several types of numbers, in two builds."""

import functools
from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks import builds
from benchmarks.measure import Case, Job

PLACES = 3  # of the decimals, and of what integers count
_TYPES = ("float16", "float32", "float64", "integers", "decimals")
_ASKED = (
    ("max_margin", "breast cancer, 569 x 30"),
    ("max_margin", "gaussian, 200 x 100"),
    ("max_margin", "gaussian, 2000 x 50"),
    ("max_margin", "mixed labels, 2000 x 50"),
    ("separate", "gaussian, 2000 x 50"),
    ("separate", "mixed labels, 2000 x 50"),
)


def points(data: str, kind: str) -> tuple[Any, list[int]]:
    """Return one of the data sets in one type of numbers, with labels -1 and +1."""
    if data.startswith("breast"):
        from sklearn.datasets import load_breast_cancer

        X, y = load_breast_cancer(return_X_y=True)
    else:
        count, dimension = map(int, data.split(", ")[1].split(" x "))
        rng = np.random.default_rng(1)
        X = rng.normal(size=(count, dimension))
        y = rng.random(count) > 0.5 if data.startswith("mixed") else X[:, 0] > 0
    labels = np.where(y > 0, 1, -1).tolist()
    if kind == "integers":
        return np.rint(X * 10**PLACES).astype(np.int64), labels
    if kind == "decimals":
        return [[f"{x:.{PLACES}f}" for x in row] for row in X.tolist()], labels
    return X.astype(kind), labels


def _ask(build: str, function: str, data: str, kind: str) -> tuple[bool, Fraction | None]:
    builds.load(build)
    import certify

    answer = getattr(certify, function)(*_given(data, kind))
    return answer.separable, getattr(answer, "margin_squared", None)


_given = functools.cache(points)


def cases() -> list[Case]:
    """Return every question in every type of numbers, with this build and the one before."""
    return [
        Case(
            "float_types",
            f"{function}: {data}, {kind}",
            place,
            build,
            functools.partial(_ask, build, function, data, kind),
        )
        for place, (function, data) in enumerate(_ASKED, 1)
        for kind in _TYPES
        for build in builds.FOLDERS
    ]


JOB = Job(
    "float_types",
    "What do the types of the numbers cost an exact margin?",
    "Floats of any type propose the same support vectors, so that the types differ by the length "
    "of the integers alone: over their common denominator those of float64 have some 70 bits here, "
    "of float32 41. The numbers of the answer are as much longer, and for 200 x 100, where one "
    "system of a hundred unknowns is most of the work, so is the time: beside the guess, which is "
    "the same, nothing is left that the types share.",
    cases,
    counted="question",
    by_processor=True,
)
