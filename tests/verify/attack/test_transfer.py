from __future__ import annotations

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.data import Dataset
from verify.attack.models import Classifier, predict
from verify.attack.projected_gradient import Attack, adversaries, random_perturbations
from verify.attack.transfer import Transfer, transfer_accuracy

TINY = Transfer(
    targets=("s0", "s1", "n0", "n1"),
    families=("svm", "svm", "network", "network"),
    radii=(0.1,),
    examples=10,
    # Rows are sources, columns targets.
    correct=np.array(
        [
            [0, 2, 4, 6],
            [3, 1, 5, 9],
            [5, 7, 0, 3],
            [6, 9, 2, 1],
            [9, 8, 10, 7],
        ]
    )[:, :, None],
)


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
    lone = Transfer(("s0",), ("svm",), (0.1,), 10, np.zeros((2, 1, 1), dtype=np.int64))
    message = "families: expected two classifiers of family svm, or include_self, got one"
    with pytest.raises(InputError, match=message):
        lone.averages()
    assert lone.averages(include_self=True)["svm", "svm"].mean.tolist() == [0.0]


def test_transfer_refuses_counts_of_another_shape() -> None:
    with pytest.raises(InputError, match=r"correct: expected shape \(2, 1, 1\)"):
        Transfer(("s0",), ("svm",), (0.1,), 10, np.zeros((1, 1, 1), dtype=np.int64))


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
