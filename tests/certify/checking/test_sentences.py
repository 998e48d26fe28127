"""What acceptance establishes, in words that the numbers of the certificate fill."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from certify.certificates.kinds import HONEST, certificate
from certify.checking import checker


@pytest.mark.parametrize(
    ("name", "edits", "words"),
    [
        ("every-separator/weak", {}, "(>= 0 is enough at the points (1, 2)), if there is one, has"),
        (
            "every-separator",
            {
                "instance.points": [["0"], ["0"]],
                "statement.normal": ["0"],
            },
            "no (w, b) has y_i (w.x_i + b) > 0 at all 2 points",
        ),
        ("separator-steps", {}, "y (w.(x - y c u) + b) is > 0 for c < s, 0 for c = s and < 0 for"),
        ("some-point-flips", {}, "y_i (w.(x_i - y_i s u) + b) is < 0, or 0 at points of both"),
        ("universal-step", {}, "for 0 <= c < s, and for no c >= s: some (w, b) has"),
        ("universal-step/infinite", {}, "for every c > 0: some (w, b) has"),
        ("relu-universal-direction", {}, "so from every x labelled -1"),
        ("convex-direction", {}, "every convex set A, open or closed, that contains the points la"),
        (
            "invariant-regions",
            {"statement.regions": [{"class": 1, "point": ["1", "0"]}] * 3},
            "those of the classes (1) have a point",
        ),
        ("bounded", {"instance.right_side": ["-1", "-1"]}, "is bounded, and possibly empty"),
        ("decision-region/unbounded", {}, "all h with z_1(h) >= z_j(h) for all j of 2 classes"),
        (
            "parallel/none",
            {"instance.weights": [["1", "1"]]},
            "2 classes have 1 pairs: there are no two bisectors that could be parallel",
        ),
        ("parallel", {}, "are parallel, or the same"),
        ("rule-facts", {}, "and at x + c v for every c > 0, v = (0)"),
        ("class-left", {}, "if there is one, and every x: at x + c v the logit of class 0"),
        (
            "every-model",
            {
                "instance": {"classes": 2, "labels": [0, 1], "points": [["1"], ["1"]]},
                "statement.form": [["0", "0"], ["0", "0"]],
                "evidence.gaps": [
                    {"point": i, "class": 1 - i, "multiplier": "1"} for i in range(2)
                ],
            },
            "no (W, b) with the largest logit",
        ),
        (
            "arithmetic",
            {"statement.relations": [["a", "<", str(k)] for k in range(3, 12)]},
            "a < 8; and 3 more, with a = 2",
        ),
        (
            "linear-system-solution",
            {"instance.right_side": ["1" + "0" * 60, "1" + "0" * 60], "statement.solution":
             ["1" + "0" * 60, "0"]},
            "x = ((a number of 200 bits), 0)",
        ),
    ],
)  # fmt: skip
def test_accepted_certificates_say_a_sentence(name: str, edits: dict[str, Any], words: str) -> None:
    assert words in checker.check(certificate(name, edits))[1]


@pytest.mark.parametrize("name", HONEST)
def test_sentences_fit_on_a_screen(name: str) -> None:
    assert len(HONEST[name].says) < 600


def vector_of(*numbers: Fraction) -> checker.Vector:
    return checker.Vector.of(x.as_integer_ratio() for x in numbers)


def scanned(rule: Any, x: list[Fraction], v: list[Fraction]) -> bool:
    """Tell whether a rule keeps its label at many steps: those of all its events, and between."""
    steps = {Fraction(k, 12) for k in range(1, 120)} | {Fraction(10**6)}
    points = (vector_of(*(a + c * b for a, b in zip(x, v, strict=True))) for c in steps)
    return all(rule.label(point) == rule.label(vector_of(*x)) for point in points)


@pytest.mark.parametrize("kind", ["linear", "argmax", "cells", "two-layer"])
def test_labels_along_rays_are_those_of_many_steps(kind: str) -> None:
    """The numbers are so small that labels change at a twelfth or remain changed for long."""
    rng, verdicts = Random(kind), []

    def vector(n: int, few: tuple[str, ...] = ("0", "1", "-1", "2", "-2")) -> list[str]:
        return [rng.choice(few) for _ in range(n)]

    for _ in range(150):
        m = rng.randint(1, 3)
        part: dict[str, Any] = {
            "linear": {"normal": vector(2), "offset": "-1", "zero": rng.choice([-1, 0, 1])},
            "argmax": {"weights": [vector(2) for _ in range(m)], "bias": vector(m), "lowest": True},
            "cells": {
                "cells": [
                    {
                        "matrix": [vector(2) for _ in range(2)],
                        "right_side": vector(2),
                        "strict": [rng.random() < 0.5 for _ in range(2)],
                    }
                    for _ in range(m)
                ],
                "inside": 1,
                "outside": rng.choice([0, 0, 0, 1]),
            },
            "two-layer": {
                "output": vector(m),
                "weights": [vector(2) for _ in range(m)],
                "biases": vector(m),
                "threshold": rng.choice(["0", "1"]),
                "strict": rng.random() < 0.5,
            },
        }[kind]
        rule = checker.CLASSIFIERS[kind](checker.Field(part, "rule"))
        x, v = ([Fraction(c) for c in vector(2, ("0", "1", "-1"))] for _ in range(2))
        kept = rule.keeps(vector_of(*x), vector_of(*v))
        verdicts.append(kept)
        assert kept == scanned(rule, x, v), (part, x, v)
    assert 20 < sum(verdicts) < 140
