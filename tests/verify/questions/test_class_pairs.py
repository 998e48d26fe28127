"""Pairs of classes of an experiment: what is said where not all of them can be decided."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import pytest

from verify.data.digits import digits
from verify.evidence.result import Result
from verify.questions import convex_detectors, digit_pairs
from verify.questions.question import Materials

HALF = (Fraction(1, 2),)


def result(question: Any, answers: list[Any], monkeypatch: pytest.MonkeyPatch) -> Result:
    materials = Materials(digits(), cast(Any, SimpleNamespace()), 0, ThreadPoolExecutor(1), None)
    monkeypatch.setattr(Materials, "map", lambda *_: answers)
    found = question.EXPERIMENT.run(materials)
    assert isinstance(found, Result)
    return found


def separators() -> digit_pairs.Pair:
    return digit_pairs.Pair("0 vs 1", (), 9, 1, 2, 0.5, (0.0,) * 64, HALF, HALF, Fraction(2))


@pytest.mark.parametrize(
    ("left", "said"),
    [(0, "All 5 pairs have an exact"), (1, "4 of 5 pairs have an exact"), (4, "1 of 5 pairs has")],
)
def test_pairs_that_are_left_out_are_none_of_all(
    left: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [*[separators()] * (5 - left), *["3 vs 8 (of no use)"] * left]
    finding = result(digit_pairs, answers, monkeypatch).finding
    assert finding.startswith(said)
    assert finding.count("Left out: 3 vs 8 (of no use).") == left


@pytest.mark.parametrize(
    ("held_out", "said"),
    [(2, ", held-out ones among them: "), (0, ", none of them held out: ")],
)
def test_examples_are_held_out_where_some_are(
    held_out: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = convex_detectors.Pair("0 vs 1", (), 9, 1, held_out, HALF, HALF, (0.0,) * 64)
    assert said in result(convex_detectors, [pair], monkeypatch).finding
