"""At which step along the exact max-margin direction do 50 LinearSVCs flip MNIST's 0 and 1?

``MNIST=folder python -m benchmarks.flip_steps [TABLE.md]`` trains LIBLINEAR on ten random parts of
the 12,665 images, with five strengths of regularisation each, and decides exactly on all of them.
Steps are in multiples of gamma*; Corollary 6 says that a rule which misreads no image loses its
first one at a step of at most 1.
"""

import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from benchmarks import mnist
from benchmarks.measure import NotInstalled
from certify import max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.margins.max_margin import MaxMargin
from certify.margins.points import LabelledSet
from certify.numbers.rationals import Vector, combine, dot, dyadic_array, text, texts, vector
from verify.objects import LinearRule

STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)  # LIBLINEAR's C, on pixels in units of 256
SEEDS = 10
SHARE = 0.8  # of the images that each rule is trained on
TABLE = Path(__file__).resolve().parents[1] / "reports" / "benchmarks" / "flip_steps.md"


@dataclass(frozen=True)
class Flips:
    """The exact steps of one rule, in multiples of gamma*, over the images that it reads right."""

    strength: float
    seed: int
    misread: int
    first: Fraction
    median: Fraction
    last: Fraction
    certificate: str  # what the checker established about the first and the last image


def flips(
    data: LabelledSet, best: MaxMargin, rule: tuple[Any, Fraction], strength: float, seed: int
) -> Flips:
    """Decide one rule (integer normal, offset) on all images."""
    normal, offset = rule
    # Pixels take 8 bits, so parts of 30 bits make exact sums of 64-bit integers.
    parts = [(normal >> shift) & (2**30 - 1) for shift in (0, 30)] + [normal >> 60]
    images = np.array(data.rows)
    values = sum(
        (images @ part.astype(np.int64)).astype(object) << shift
        for part, shift in zip(parts, (0, 30, 60), strict=True)
    )
    u = [2 * best.margin_squared * c for c in best.w]
    slope = dot(vector(normal.tolist()), u)
    margins = [y * (int(v) + offset) for y, v in zip(data.labels, values, strict=True)]
    right = sorted((m, i) for i, m in enumerate(margins) if m > 0)
    ends = [right[0], right[-1]]
    if all(margins[i] > 0 for i in best.support):
        certificate = _with_direction(data, best, rule, u, ends, slope)
    else:
        certificate = _at_the_boundary(data, rule, u, ends, slope)
    try:
        established = checker.check(checker.parse(certificate.line()))[1]
    except checker.Rejected as error:
        established = str(error)
    # gamma* is half of |u|, so a step c along u is 2c times gamma*.
    steps = [2 * right[k][0] / slope for k in (0, len(right) // 2, -1)]
    return Flips(strength, seed, len(margins) - len(right), *steps, established)


def _with_direction(
    data: LabelledSet,
    best: MaxMargin,
    rule: tuple[Any, Fraction],
    u: Vector,
    ends: list[tuple[Fraction, int]],
    slope: Fraction,
) -> Certificate:
    """Certify the steps together with the multipliers that make u the max-margin direction."""
    return Certificate(
        "separator-steps",
        {
            **_some(data, best.support),
            "separator": {"normal": texts(vector(rule[0].tolist())), "offset": text(rule[1])},
            "queries": _some(data, [i for _, i in ends]),
        },
        {"direction": texts(u), "steps": texts([m / slope for m, _ in ends])},
        {
            "multipliers": texts(
                [2 * best.margin_squared * best.multipliers[i] for i in best.support]
            )
        },
    )


def _at_the_boundary(
    data: LabelledSet,
    rule: tuple[Any, Fraction],
    u: Vector,
    ends: list[tuple[Fraction, int]],
    slope: Fraction,
) -> Certificate:
    """Certify the steps of a rule that misreads a support vector: there the value is exactly 0."""
    found = []
    for margin, i in ends:
        x, y = vector(data.rows[i]), data.labels[i]
        crossing = combine((1, x), (-y * margin / slope, u))
        found += [facts.label(0, x, y), facts.label(0, crossing, 0)]
    return facts.certificate([LinearRule(vector(rule[0].tolist()), rule[1])], found)


def _some(data: LabelledSet, chosen: Any) -> dict[str, Any]:
    integers = [data.rows[i] for i in chosen]
    points = {"exponent": 0, "integers": integers}
    return {"points": points, "labels": [data.labels[i] for i in chosen]}


def main(path: Path) -> None:
    """Train, decide and write the table."""
    from sklearn.svm import LinearSVC

    try:
        X, y = mnist.pair(0, 1)
    except NotInstalled as missing:
        print(f"not run: {missing}")
        return
    best = max_margin(X, y)
    assert isinstance(best, MaxMargin)
    data = LabelledSet(X, y, bias=True)
    lines = [
        "# Steps at which trained separators of MNIST's 0 and 1 flip",
        "",
        "LIBLINEAR on ten random parts of the images of 0 and 1 with five strengths C, decided on "
        f"all {len(y)}. Steps along the exact max-margin direction, in multiples of γ*.",
        "",
        "| C | seed | misread | first | median | last | checker |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for strength in STRENGTHS:
        for seed in range(SEEDS):
            part = np.random.default_rng(seed).permutation(len(y))[: round(SHARE * len(y))]
            model = LinearSVC(C=strength, random_state=seed).fit(X[part] / 256.0, y[part])
            exact = dyadic_array(np.append(model.coef_[0], 256 * model.intercept_)[None, :])
            assert exact is not None
            integers = exact.integers[0].astype(object)
            rule = integers[:-1], Fraction(int(integers[-1]))
            f = flips(data, best, rule, strength, seed)
            steps = " | ".join(f"{float(c):.6f}" for c in (f.first, f.median, f.last))
            lines.append(f"| {strength:g} | {seed} | {f.misread} | {steps} | {f.certificate} |")
            print(lines[-1], flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else TABLE)
