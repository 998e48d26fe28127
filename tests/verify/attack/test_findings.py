from __future__ import annotations

import numpy as np
import pytest

from verify.attack.answers import Answers
from verify.attack.findings import (
    FINDINGS,
    MUCH,
    OFTEN,
    ROBUST,
    SLIGHTLY,
    Finding,
    Holds,
    all_hold,
    verdict,
    where,
)
from verify.attack.resampling import Rate, Rates, resampled_rates
from verify.attack.transfer import Transfer

YES, OPEN, NO = Holds.YES, Holds.OPEN, Holds.NO
BY_ID = {finding.id: finding for finding in FINDINGS}
SIZE, DRAWN, RADII = 2000, 1000, (0.1, 0.2)


def transfer(wrong: dict[tuple[str, str], tuple[float, float]], size: int = DRAWN) -> Transfer:
    """Labels 0 for right, 1 for wrong: which share is wrong, by target and source, at each radius.

    The same images are wrong for all, the first ones of a fixed order, so that classifiers agree.
    """
    rng = np.random.default_rng(3)
    names = ("svm-0", "svm-1", "svm-2", "network-0", "network-1", "network-2")
    families = tuple(name.split("-")[0] for name in names)
    kinds = (*families, "random", "random")
    hard = rng.random(SIZE)
    found = []
    for kind in kinds:
        rows = rng.permutation(SIZE)[:size]
        labels = [[hard[rows] < share for share in wrong[f, kind]] for f in families]
        found.append(
            Answers(
                rows[None], np.array(labels).astype(np.uint8),
                np.zeros((0, 2), np.int32), np.zeros((0, 1), np.float32),
            )
        )  # fmt: skip
    clean = np.zeros((len(names), SIZE), np.uint8)
    return Transfer(
        names, families, (*names, "random-0", "random-1"), kinds, RADII,
        np.zeros(SIZE, np.int64), clean, tuple(found),
    )  # fmt: skip


# At the first radius all that the paper says, at the second the opposite of it.
AS_PRINTED = {
    ("svm", "svm"): (0.8, 0.02), ("svm", "network"): (0.5, 0.02), ("svm", "random"): (0.02, 0.6),
    ("network", "svm"): (0.02, 0.9), ("network", "network"): (0.7, 0.1),
    ("network", "random"): (0.01, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.id)
def test_each_finding_is_confirmed_where_it_holds_and_refuted_where_not(finding: Finding) -> None:
    found = resampled_rates(transfer(AS_PRINTED), 0, draws=200)
    assert finding.decide(found) == [YES, NO]


@pytest.mark.parametrize(
    ("finding", "pair", "share"),
    [
        ("F1", ("svm", "random"), ROBUST),
        ("F1", ("network", "random"), ROBUST),
        ("F2", ("svm", "svm"), SLIGHTLY + 0.02),
        ("F3", ("svm", "network"), MUCH + 0.02),
        ("F4", ("network", "network"), MUCH + 0.01),
        ("F5", ("network", "svm"), SLIGHTLY + 0.01),
    ],
)
def test_each_part_alone_is_left_open_at_its_limit(
    finding: str, pair: tuple[str, str], share: float
) -> None:
    wrong = {**AS_PRINTED, pair: (share, share)}
    assert BY_ID[finding].decide(resampled_rates(transfer(wrong), 0, draws=200))[0] is OPEN


def test_better_is_neither_much_better_nor_only_slightly() -> None:
    assert SLIGHTLY < 0.08 < MUCH
    between = {("svm", "network"): (0.09, 0.09), ("network", "svm"): (0.09, 0.09)}
    found = resampled_rates(transfer({**AS_PRINTED, **between}), 0, draws=200)
    assert [BY_ID[name].decide(found)[0] for name in ("F3", "F5")] == [NO, NO]


def test_few_images_leave_open_what_many_decide() -> None:
    wrong = {**AS_PRINTED, ("network", "svm"): (0.09, 0.09)}
    for size, answer in ((10, OPEN), (SIZE, NO)):
        found = resampled_rates(transfer(wrong, size), 0, draws=200)
        assert BY_ID["F5"].decide(found)[0] is answer


def test_often_asks_those_alone_who_could_be_fooled() -> None:
    found = resampled_rates(transfer(AS_PRINTED), 0, draws=10)
    rates = found["svm", "svm"].transfer
    assert rates is not None
    # All three are fooled by the same images.
    assert rates.value.tolist() == [1.0, 1.0]
    assert found["svm", "network"].transfer is not None
    assert found["svm", "random"].transfer is None
    unfooled = {**AS_PRINTED, ("svm", "svm"): (0.0, 0.8)}
    found = resampled_rates(transfer(unfooled), 0, draws=10)
    part = BY_ID["F2"].parts[0]
    assert part.limit == OFTEN
    assert part.decide(found) == [OPEN, YES]


def test_rates_are_the_accuracies_without_own_attacks() -> None:
    small = transfer(AS_PRINTED)
    found = resampled_rates(small, 0, draws=10)
    for pair, average in small.averages().items():
        np.testing.assert_allclose(found[pair].right.value, average.mean, rtol=1e-6)
        assert found[pair].clean.value.tolist() == [1.0, 1.0]


def test_draws_depend_on_the_seed_alone_and_are_paired() -> None:
    small = transfer(
        {**AS_PRINTED, ("network", "svm"): (0.3, 0.3), ("network", "random"): (0.3, 0.3)}
    )
    one, same, other = (resampled_rates(small, seed, draws=50) for seed in (1, 1, 2))
    a, b, c = (found["network", "svm"].right.draws for found in (one, same, other))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    # One image is hard or easy for both attacks: their difference varies less than either.
    apart = one["network", "svm"].right - one["network", "random"].right
    assert apart.draws.std() < 1.2 * a.std()


def test_a_band_is_no_narrower_than_its_images_allow_and_covers_all_radii() -> None:
    flat = Rate(np.array([0.5, 0.5]), np.full((2, 100), 0.5), 40)
    low, high = flat.band()
    # What happens to one image in 14 is not seen among 40 once in twenty times.
    unseen = 1 - 0.05 ** (1 / 40)
    assert low == pytest.approx([0.5 - unseen] * 2)
    assert high == pytest.approx([0.5 + unseen] * 2)
    rng = np.random.default_rng(0)
    wide = Rate(np.zeros(30), rng.normal(size=(30, 2000)) / 10, 40)
    assert 0.25 < wide.band()[1].min() < wide.band()[1].max() < 0.36
    missing = Rate(np.zeros(2), np.array([[0.0, np.nan], [0.1, -0.1]]), 40)
    # A share is known to lie between -1 and 1, and of the missing one no more.
    low, high = missing.band()
    assert (low[0], high[0]) == (-1.0, 1.0)
    assert -1.0 < low[1] < high[1] < 1.0


def test_where_and_whether_in_words() -> None:
    radii = (0.1, 0.2, 0.3, 0.4)
    for answers, text in (
        ((YES, YES, YES, YES), "at all 4 radii"),
        ((YES, YES, OPEN, NO), "at 2 of 4 radii: 0.1, 0.2"),
        ((NO, YES, YES, YES), "at 3 of 4 radii: 0.2, ..., 0.4"),
        ((YES, NO, YES, YES), "at 3 of 4 radii: 0.1; 0.3, 0.4"), ((NO, OPEN, NO, NO), "no"),
        ((OPEN, OPEN, OPEN, OPEN), "not decided"),
    ):  # fmt: skip
        assert verdict(radii, answers) == text
    assert verdict((0.1,), (YES,)) == "yes"
    assert where(radii, (YES, NO, OPEN, OPEN), OPEN) == "0.3, 0.4"
    assert where(radii, (YES, YES, YES, YES), NO) == "none"
    assert all_hold([(YES, YES, NO), (OPEN, YES, YES)]) == [OPEN, YES, NO]


def test_rates_without_labels_of_their_own_have_no_transfer() -> None:
    none = Rate(np.zeros(1), np.zeros((1, 2)), 1)
    with pytest.raises(AssertionError):
        BY_ID["F2"].parts[0].rate({("svm", "svm"): Rates(none, none, None)})
