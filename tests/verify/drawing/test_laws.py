"""Finite laws: exact probabilities, exact samples, degenerate laws."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify import max_margin
from certify.errors import InputError
from verify.drawing import laws
from verify.drawing.laws import FiniteLaw
from verify.objects import LabelledSet


class Scripted(Random):
    """A source that returns given numbers, to see which number draws which point."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(0)
        self.numbers = numbers

    def randrange(self, *bounds: int) -> int:  # type: ignore[override]
        return self.numbers.pop(0) % bounds[0]


def test_each_point_is_drawn_by_its_share_of_the_integers() -> None:
    law = FiniteLaw.of([[1], [2], [3]], [1, 1, -1], ["1/2", "1/3", "1/6"])
    assert law.denominator == 6
    assert law.sample(Scripted(list(range(6))), 6) == (3, 2, 1)


def test_samples_depend_on_the_seed_alone() -> None:
    law = FiniteLaw.of([[1], [2]], [1, -1], [1, 2])
    assert law.sample(Random(4), 50) == law.sample(Random(4), 50)
    assert sum(law.sample(Random(4), 50)) == 50


@given(st.integers(0, 5), st.integers(1, 3))
def test_all_samples_have_probability_one_together(size: int, support: int) -> None:
    law = FiniteLaw.of([[k] for k in range(support)], [1] * support, range(1, support + 1))
    found = list(law.all_samples(size))
    assert sum(weight for _, weight in found) == law.denominator**size
    assert len({counts for counts, _ in found}) == len(found)


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ((F(1, 2), F(1, 4)), r"positive numbers that sum to 1, got \(1/2, 1/4\)"),
        ((F(3, 2), F(-1, 2)), r"positive numbers that sum to 1, got \(3/2, -1/2\)"),
        ((F(1),), "expected 2 numbers, got 1"),
    ],
)
def test_other_numbers_are_no_probabilities(probabilities: tuple[F, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        FiniteLaw(LabelledSet.of([[1], [2]], [1, 1]), probabilities)


def test_weights_have_a_positive_sum() -> None:
    with pytest.raises(InputError, match="weights: expected positive numbers, got the sum 0"):
        FiniteLaw.of([[1]], [1], [0])


@given(st.integers(0, 10**6), st.sampled_from(laws.CASES))
def test_laws_are_what_their_case_says(seed: int, case: str) -> None:
    law = laws.law(Random(seed), case)
    atoms = law.atoms
    separable = max_margin(atoms.points, atoms.labels, bias=False).separable
    assert separable == (case != laws.NOISY)
    if case == laws.ONE_LABEL:
        assert set(atoms.labels) == {1}
    if case == laws.UNIFORM:
        assert len(set(law.probabilities)) == 1
