"""Models of the user as classifiers of data in [0, 1]."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from certify.errors import InputError
from verify.attack.models import predict
from verify.data.digits import Dataset
from verify.data.ranges import in_unit
from verify.questions.given_models import of_model, read_given

from .models import linear

ROWS = np.array([[10.0, -1.0], [30.0, 3.0], [20.0, 0.0], [28.0, -1.0]])
LABELS = np.array([0, 1, 1, 0])
UNIT, RANGES, _ = in_unit(ROWS, (2,))
# The scores x - 20, 3 y, 0 of labels 0, 1, 2: in the user's numbers.
WEIGHTS, BIASES = [[1.0, 0.0, 0.0], [0.0, 3.0, 0.0]], [-20.0, 0.0, 0.0]


def data(*names: int | str) -> Dataset:
    return Dataset("own", UNIT, LABELS, (2,), "scaled", RANGES, names)


def test_scores_are_those_of_the_users_numbers_in_the_order_of_the_datas_labels() -> None:
    given = of_model("own", linear(WEIGHTS, BIASES), data(2, 0))
    scores = given.module()(torch.tensor(UNIT)).numpy()
    x, y = ROWS.T
    # Label 2, label 0, and behind them all others: here label 1.
    assert np.allclose(scores, np.stack([0 * x, x - 20, 3 * y], axis=1), atol=1e-5)
    assert predict(given.module(), UNIT).tolist() == scores.argmax(axis=1).tolist()
    again = pickle.loads(pickle.dumps(given))
    assert np.array_equal(again.module()(torch.tensor(UNIT)).numpy(), scores)
    assert given.module() is not given.module()


@pytest.mark.parametrize("names", [(-1, 1, 5), ("a", "b", "c"), (7, 8, 9)])
def test_labels_from_0_are_ranks_where_the_data_has_as_many_others(names: tuple[int | str]) -> None:
    ranked = Dataset("own", UNIT, np.array([0, 1, 2, 0]), (2,), "scaled", RANGES, names)
    scores = of_model("own", linear(WEIGHTS, BIASES), ranked).module()(torch.tensor(UNIT)).numpy()
    x, y = ROWS.T
    assert np.allclose(scores, np.stack([x - 20, 3 * y, 0 * x], axis=1), atol=1e-5)


def test_labels_that_the_model_has_keep_their_meaning() -> None:
    own = linear(WEIGHTS, BIASES, labels=(5, -1, 1))
    scores = of_model("own", own, data(-1, 1)).module()(torch.tensor(UNIT)).numpy()
    x, y = ROWS.T
    assert np.allclose(scores, np.stack([3 * y, 0 * x, x - 20], axis=1), atol=1e-5)
    with pytest.raises(InputError) as refused:
        of_model("own", linear(WEIGHTS, BIASES), data(-1, 1))
    assert str(refused.value) == (
        "y: expected labels of the model, [0, 1, 2], for without a score for a label nothing "
        "attacks its examples (leave these out to test the model on the others), got [-1] "
        "(2 of 4 examples)"
    )


def test_gradients_go_through_to_the_shares() -> None:
    pixels = torch.tensor(UNIT, requires_grad=True)
    scores = of_model("own", linear(WEIGHTS, BIASES), data(0, 1)).module()(pixels)
    (gradient,) = torch.autograd.grad(scores[:, 0].sum(), pixels)
    assert np.allclose(gradient.numpy(), [[20.0, 0.0]] * 4)  # of x, which ranges over 20


def test_other_labels_and_shapes_are_refused_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    np.savez(path, W=np.array(WEIGHTS), b=np.array(BIASES))
    assert read_given(path, data()).name == "head"
    with pytest.raises(InputError) as refused:
        read_given(path, data("a", "b"))
    assert str(refused.value).startswith(f"{path}: y: expected labels of the model, [0, 1, 2], ")
    assert str(refused.value).endswith("got ['a', 'b'] (4 of 4 examples)")
    other = Dataset("own", UNIT.repeat(2, axis=1), LABELS, (4,))
    with pytest.raises(InputError, match="X: expected 2 numbers in each example"):
        read_given(path, other)
