from __future__ import annotations

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.models import Classifier, predict
from verify.attack.projected_gradient import Attack, adversaries, random_perturbations
from verify.attack.transfer import Transfer, transfer_accuracy
from verify.attack.universal import UniversalDirections
from verify.data.digits import Dataset

# Rows are sources, columns targets.
CORRECT = np.array(
    [
        [0, 2, 4, 6],
        [3, 1, 5, 9],
        [5, 7, 0, 3],
        [6, 9, 2, 1],
        [9, 8, 10, 7],
    ]
)[:, :, None]


def counted(
    targets: tuple[str, ...], families: tuple[str, ...], correct: np.ndarray, **changes: np.ndarray
) -> Transfer:
    """A transfer of ten examples of which every target gets all right unperturbed."""
    none = np.zeros_like(correct)
    arrays = {"correct": correct, "kept": correct, "fooled": none, "agreed": none, **changes}
    clean = arrays.pop("clean", np.full(len(targets), 10))
    return Transfer(targets, families, ("random",), (0.1,), 10, clean, **arrays)


TINY = counted(("s0", "s1", "n0", "n1"), ("svm", "svm", "network", "network"), CORRECT)


@pytest.mark.parametrize(
    ("pair", "include_self", "expected"),
    [
        # s0 on s1's: 3/10; s1 on s0's: 2/10.
        (("svm", "svm"), False, (0.25, 0.2, 0.3)),
        # s0: (0+3)/20; s1: (2+1)/20.
        (("svm", "svm"), True, (0.15, 0.15, 0.15)),
        # s0: (5+6)/20; s1: (7+9)/20.
        (("svm", "network"), False, (0.675, 0.55, 0.8)),
        (("svm", "network"), True, (0.675, 0.55, 0.8)),
        (("svm", "random"), False, (0.85, 0.8, 0.9)),
        # n0: (4+5)/20; n1: (6+9)/20.
        (("network", "svm"), False, (0.6, 0.45, 0.75)),
        # n0 on n1's: 2/10; n1 on n0's: 3/10.
        (("network", "network"), False, (0.25, 0.2, 0.3)),
        # n0: (0+2)/20; n1: (3+1)/20.
        (("network", "network"), True, (0.15, 0.1, 0.2)),
        (("network", "random"), True, (0.85, 0.7, 1.0)),
    ],
)
def test_averages_by_hand(
    pair: tuple[str, str], include_self: bool, expected: tuple[float, float, float]
) -> None:
    average = TINY.averages(include_self=include_self)[pair]
    got = (average.mean, average.minimum, average.maximum)
    np.testing.assert_allclose([curve[0] for curve in got], expected, rtol=1e-12)


def test_accuracy_is_the_counts_over_the_examples() -> None:
    assert TINY.sources == ("s0", "s1", "n0", "n1", "random")
    assert TINY.accuracy[1, 3, 0] == 0.9


def test_averages_need_another_source_of_the_family() -> None:
    lone = counted(("s0",), ("svm",), np.zeros((2, 1, 1), dtype=np.int64))
    message = "families: expected two classifiers of family svm, or include_self, got one"
    with pytest.raises(InputError, match=message):
        lone.averages()
    assert lone.averages(include_self=True)["svm", "svm"].mean.tolist() == [0.0]


def test_transfer_refuses_counts_of_another_shape() -> None:
    with pytest.raises(InputError, match=r"correct: expected shape \(2, 1, 1\)"):
        counted(("s0",), ("svm",), np.zeros((1, 1, 1), dtype=np.int64))
    good = np.zeros((2, 1, 1), dtype=np.int64)
    with pytest.raises(InputError, match=r"agreed: expected shape \(2, 1, 1\) .* got \(1, 1, 1\)"):
        counted(("s0",), ("svm",), good, agreed=np.zeros((1, 1, 1), dtype=np.int64))
    with pytest.raises(InputError, match=r"clean: expected .*, got \(2,\) and 1 families"):
        counted(("s0",), ("svm",), good, clean=np.zeros(2, dtype=np.int64))


def test_the_other_denominators_by_hand() -> None:
    clean, kept = np.array([10, 8, 5, 10]), np.minimum(CORRECT, 4)
    fooled = np.full_like(CORRECT, 4)
    fooled[0, 1] = 0
    transfer = counted(
        TINY.targets, TINY.families, CORRECT, clean=clean, kept=kept, fooled=fooled,
        agreed=np.full_like(CORRECT, 3) * (fooled > 0),
    )  # fmt: skip
    # n0 gets 5 right unperturbed, and keeps min(4, 4) and min(5, 4) of them on SVM attacks.
    assert transfer.averages(kept=True)["network", "svm"].minimum[0] == (0.4 + 0.4) / 2
    assert transfer.kept_accuracy[0, 2, 0] == 4 / 5
    assert transfer.same_mistakes[2, 3, 0] == 0.75
    assert np.isnan(transfer.same_mistakes[0, 1, 0])


def test_intervals_hold_the_mean_and_depend_on_the_seed_alone() -> None:
    intervals = TINY.intervals(1)
    for pair, average in TINY.averages().items():
        low, high = intervals[pair]
        # Two targets: the draws are one, the other, or half of each.
        assert (low[0], high[0]) == pytest.approx((average.minimum[0], average.maximum[0]))
    again = TINY.intervals(1)
    assert all(np.array_equal(again[pair], intervals[pair]) for pair in intervals)


def line(name: str, *weights: float) -> Classifier:
    """A rule of the sign of w.(x - 1/2), as two scores."""
    w = np.array(weights)
    bias = -w.sum() / 2
    return Classifier.of_svm(name, np.stack([-w, w], axis=1), np.array([-bias, bias]))


def test_counts_are_recomputed_on_each_target() -> None:
    rng = np.random.default_rng(0)
    images = rng.random((40, 2), dtype=np.float32)
    examples = Dataset("square", images, (images[:, 0] > 0.5).astype(int), (2,))
    attack = Attack(radii=(0.05, 0.3))
    across, up = line("across", 1.0, 0.0), line("up", 0.0, 1.0)
    finished: list[int] = []
    transfer = transfer_accuracy([across, up], examples, attack, 7, finished=finished.append)
    assert finished == [0, 1, 2]
    assert transfer.correct.shape == (3, 2, 2)
    assert transfer.correct.dtype == np.int64
    for i, source in enumerate((across, up, None)):
        moved = (
            random_perturbations(images, attack.radii, 7)
            if source is None
            else adversaries(source.module(), images, examples.labels, attack)
        )
        for j, target in enumerate((across, up)):
            for k in range(2):
                right = np.sum(predict(target.module(), moved[k]) == examples.labels)
                assert transfer.correct[i, j, k] == right
    clean = [predict(t.module(), images) == examples.labels for t in (across, up)]
    assert transfer.clean.tolist() == [part.sum() for part in clean]
    moved = adversaries(across.module(), images, examples.labels, attack)[1]
    answers = [predict(t.module(), moved) for t in (across, up)]
    assert transfer.kept[0, 1, 1] == np.sum(clean[1] & (answers[1] == examples.labels))
    both = (answers[0] != examples.labels) & (answers[1] != examples.labels)
    assert transfer.fooled[0, 1, 1] == both.sum()
    assert transfer.agreed[0, 1, 1] == np.sum(both & (answers[0] == answers[1]))
    assert not transfer.fooled[2].any()
    # A coordinate that a rule does not see is not moved by attacking it.
    unmoved = np.sum(predict(up.module(), images) == examples.labels)
    assert transfer.correct[0, 1].tolist() == [unmoved, unmoved]
    assert transfer.correct[0, 0, 1] < transfer.correct[1, 0, 1] == 40


def test_bad_classifiers_are_refused() -> None:
    images = np.array([[0.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    examples = Dataset("two", images, np.array([0, 1]), (2,))
    with pytest.raises(InputError, match="classifiers: expected at least one classifier, got none"):
        transfer_accuracy([], examples, Attack(), 0)
    with pytest.raises(InputError, match="classifiers: expected different names"):
        transfer_accuracy([line("a", 1.0, 0.0)] * 2, examples, Attack(), 0)


def test_universal_directions_are_sources_of_their_own() -> None:
    images = np.array([[0.25, 0.5], [0.75, 0.5]], dtype=np.float32)
    examples = Dataset("pair", images, np.array([0, 1]), (2,))
    directions = UniversalDirections("there and back", np.array([[2.0, 0.0], [-0.5, 0.0]]))
    attack = Attack(radii=(0.125, 0.375))
    transfer = transfer_accuracy(
        [line("across", 1.0, 0.0)], examples, attack, 0, universal=[directions]
    )
    assert transfer.sources == ("across", "random", "there and back")
    assert transfer.correct[2, 0].tolist() == [2, 0]
