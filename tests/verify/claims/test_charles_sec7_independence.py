"""Training subsets: faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from certify.errors import InputError
from verify.claims.charles2019 import sec7_independence
from verify.claims.charles2019.sec7_independence import Subsets
from verify.claims.charles2019.sharp.subsets import patterns
from verify.claims.claim import Proof

Patch = pytest.MonkeyPatch
EXAMPLE = Subsets(3, 2)


def patched(patch: Patch, name: str, value: object) -> Proof:
    patch.setattr(sec7_independence, name, value)
    return sec7_independence.prove(EXAMPLE)


def lopsided(patch: Patch) -> Proof:
    """Some ordered pairs come twice as often as others; the margins and the diagonal stay."""
    true = sec7_independence.pair_law

    def law(instance: Subsets) -> dict[tuple[int, int], F]:
        shift = {(0, 1): 1, (1, 2): 1, (2, 0): 1, (1, 0): -1, (2, 1): -1, (0, 2): -1}
        return {k: p + F(shift.get(k, 0), 12) for k, p in true(instance).items()}

    return patched(patch, "pair_law", law)


def no_overlap(patch: Patch) -> Proof:
    meeting = sec7_independence.meeting_law(EXAMPLE)[0]
    return patched(patch, "meeting_law", lambda instance: (meeting, F(0)))


def unequal_membership(patch: Patch) -> Proof:
    overlap = sec7_independence.meeting_law(EXAMPLE)[1]
    return patched(patch, "meeting_law", lambda instance: ({(0, 0): F(1)}, overlap))


def uneven_filling(patch: Patch) -> Proof:
    patch.setattr(sec7_independence, "averages", lambda population, size: [((F(1),), (F(2),))])
    return sec7_independence.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lopsided,
    2: lambda p: patched(p, "first_law", lambda instance: [F(1, 2), F(1, 4), F(1, 4)]),
    3: lambda p: patched(p, "repeated_pair_law", sec7_independence.pair_law),
    4: unequal_membership,
    5: no_overlap,
    6: uneven_filling,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    assert [k for k, step in enumerate(steps, 1) if not step.holds] == [number]


def test_pairs_of_three() -> None:
    assert sec7_independence.pair_law(EXAMPLE)[0, 1] == F(1, 6)
    assert sec7_independence.pair_law(EXAMPLE)[1, 1] == 0
    assert sec7_independence.repeated_pair_law(EXAMPLE)[1, 1] == F(1, 9)
    assert sec7_independence.meeting_law(EXAMPLE)[1] == F(4, 3)


def test_one_draw_makes_no_difference() -> None:
    assert sec7_independence.refute_independence(Subsets(2, 1)) is None


def test_a_subset_is_not_larger_than_the_set() -> None:
    with pytest.raises(InputError, match="size: expected 1 to 2, got 3"):
        Subsets(2, 3)


def test_the_laws_are_those_of_all_sizes() -> None:
    sizes = [symbolic.size for symbolic in sec7_independence.CLAIM.symbolic() if symbolic.holds]
    assert len(sizes) == 5
    assert all(size.startswith("all ") for size in sizes)


def test_the_identities_are_those_of_the_enumerated_laws() -> None:
    # r = 2: the first two draws; N (n/N)^2: the mean overlap.
    for whole, n in ((2, 2), (4, 2), (5, 3)):
        instance = Subsets(whole, n)
        assert sec7_independence.pair_law(instance)[0, 1] == F(1, whole * (whole - 1))
        assert sec7_independence.meeting_law(instance)[1] == F(n**2, whole)


def test_patterns_of_repetitions_have_the_probabilities_of_draws_with_replacement() -> None:
    assert patterns(3, 2) == {(0, 0): F(1, 3), (0, 1): F(2, 3)}
    assert patterns(2, 3)[0, 1, 1] == F(1, 4)
    assert sum(patterns(4, 3).values()) == 1
