"""The benchmarks of softmax heads: the smallest cases run, and every contender is right."""

from __future__ import annotations

from fractions import Fraction

import pytest

from benchmarks import head_directions, heads

FEATURES, CLASSES = 8, 4


def test_the_contenders_agree_on_the_dimension() -> None:
    answers = {name: heads.dimension(name, FEATURES, CLASSES) for name in heads.DIMENSION}
    assert answers == dict.fromkeys(heads.DIMENSION, FEATURES - CLASSES + 1)


@pytest.mark.parametrize("contender", head_directions.DIRECTION)
def test_every_direction_is_invariant(contender: str) -> None:
    weights = heads.drawn(FEATURES, CLASSES)
    found = head_directions.DIRECTION[contender](weights)
    d = [Fraction(int(x.numerator), int(x.denominator)) for x in found]
    shifts = {
        sum((Fraction(w) * x for w, x in zip(column, d, strict=True)), Fraction(0))
        for column in weights.T.tolist()
    }
    assert any(d)
    assert len(shifts) == 1


@pytest.mark.parametrize("job", [heads.JOB, head_directions.JOB], ids=lambda job: job.name)
def test_the_smallest_cases_run(job: heads.Job) -> None:
    cases = job.cases()
    smallest = [case for case in cases if case.parameter == cases[0].parameter]
    assert len({case.contender for case in smallest}) == 5
    assert len({case.run() for case in smallest}) == 1
    assert max(case.parameter for case in cases) == 1000
