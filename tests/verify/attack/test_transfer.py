from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.answers import Answers
from verify.attack.transfer import Transfer

# Rows are sources, columns targets.
CORRECT = np.array(
    [
        [0, 2, 4, 6],
        [3, 1, 5, 9],
        [5, 7, 0, 3],
        [6, 9, 2, 1],
        [9, 8, 10, 7],
    ]
)

NO_PLACES, NO_POINTS = np.zeros((0, 2), np.int32), np.zeros((0, 1), np.float32)


def answers(labels: list[list[list[int]]], examples: list[list[int]]) -> Answers:
    """The labels (target, radius, n) on the adversaries of one source."""
    return Answers(np.array(examples), np.array(labels, np.uint8), NO_PLACES, NO_POINTS)


def counted(targets: tuple[str, ...], families: tuple[str, ...], correct: np.ndarray) -> Transfer:
    """A transfer of ten examples of label 0, so many of which are still read right."""
    found = tuple(
        answers([[[0] * n + [1] * (10 - n)] for n in row], [list(range(10))])
        for row in correct.tolist()
    )
    clean = np.zeros((len(targets), 10), np.uint8)
    return Transfer(
        targets, families, (*targets, "random-0"), (*families, "random"), (0.1,),
        np.zeros(10, np.int64), clean, found,
    )  # fmt: skip


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
    assert TINY.correct[:, :, 0].tolist() == CORRECT.tolist()
    assert TINY.accuracy[1, 3, 0] == 0.9


def test_averages_need_another_source_of_the_family() -> None:
    lone = counted(("s0",), ("svm",), np.zeros((2, 1), dtype=np.int64))
    message = "families: expected two classifiers of family svm, or include_self, got one"
    with pytest.raises(InputError, match=message):
        lone.averages()
    assert lone.averages(include_self=True)["svm", "svm"].mean.tolist() == [0.0]


def test_transfer_refuses_answers_of_another_shape() -> None:
    good = TINY.answers
    with pytest.raises(InputError, match=r"answers: expected 5, got 4"):
        replace(TINY, answers=good[:4])
    bad = answers([[[0] * 9]] * 4, [list(range(10))])
    with pytest.raises(InputError, match=r"expected \(4, 1, 10\), got \(4, 1, 9\) \(s1\)"):
        replace(TINY, answers=(good[0], bad, *good[2:]))
    with pytest.raises(InputError, match=r"clean: expected \(4, 10\), got \(3, 10\)"):
        replace(TINY, clean=TINY.clean[:3])


def test_every_count_by_hand() -> None:
    truth = np.array([0, 1, 2])
    clean = np.array([[0, 1, 0], [0, 2, 2]], np.uint8)
    first = answers([[[0, 1], [2, 2]], [[1, 1], [2, 1]]], [[2, 0]])  # of truth 2, 0
    second = answers([[[1, 0], [1, 2]], [[0, 0], [1, 1]]], [[0, 1], [1, 2]])
    transfer = Transfer(
        ("s0", "s1"), ("svm", "svm"), ("s0", "s1"), ("svm", "svm"), (0.1, 0.2), truth, clean,
        (first, second),
    )  # fmt: skip
    assert transfer.examples == 2
    # s0 on its own: labels 0, 1 and 2, 2 where 2, 0 are right; unmoved it reads 0, 0.
    assert transfer.correct[0].tolist() == [[0, 1], [0, 1]]
    assert transfer.kept_accuracy[0].tolist() == [[0, 0], [0, 0.5]]
    # Fooling s0 itself, at 0.1 both, and at 0.2 the second; s1 is fooled by these but for one.
    assert transfer.fooled[0].tolist() == [[2, 1], [2, 1]]
    assert transfer.agreed[0].tolist() == [[2, 1], [1, 0]]
    assert np.isnan(replace(transfer, sources=("a", "b")).same_mistakes).all()
    # s1's examples at 0.1 are 0 and 1, at 0.2 they are 1 and 2.
    assert transfer.correct[1].tolist() == [[0, 2], [1, 1]]
    assert transfer.kept_accuracy[1].tolist() == [[0, 1], [1, 0]]
