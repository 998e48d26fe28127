from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from certify.errors import InputError
from verify.attack.models import linear_scores, predict
from verify.attack.networks import Dropout, build
from verify.attack.training import (
    fit,
    train_binary_svm,
    train_convex_detector,
    train_model,
    train_network,
    train_svm,
)
from verify.data.digits import Dataset, digits


@pytest.fixture(scope="module")
def parts() -> tuple[Dataset, Dataset]:
    train, test = digits().split(0.3, seed=0)
    return train.random_subset(400, seed=0), test


def images_28(n: int = 20) -> Dataset:
    images = np.random.default_rng(0).random((n, 784), dtype=np.float32)
    return Dataset("random", images, np.arange(n) % 10, (28, 28))


def accuracy(model: torch.nn.Module, data: Dataset) -> float:
    return float(np.mean(predict(model, data.images) == data.labels))


def test_network_learns_the_digits_and_repeats_exactly(parts: tuple[Dataset, Dataset]) -> None:
    train, test = parts
    network = train_network(train, (64, 32, 10), epochs=15, seed=3)
    assert not network.training
    assert accuracy(network, test) > 0.85
    again = train_network(train, (64, 32, 10), epochs=15, seed=3)
    for ours, theirs in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    other = train_network(train, (64, 32, 10), epochs=1, seed=4)
    assert not torch.equal(network[0].weight, other[0].weight)


def test_a_multilayer_perceptron_by_name(parts: tuple[Dataset, Dataset]) -> None:
    train, _ = parts
    ours = train_model("mlp", train, 1, 3, widths=(64, 8, 10))
    theirs = train_network(train, (64, 8, 10), epochs=1, seed=3)
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, other)


def test_convolutional_network_learns_enlarged_digits(parts: tuple[Dataset, Dataset]) -> None:
    train, test = (
        Dataset("large", np.pad(np.kron(part.images.reshape(-1, 8, 8), np.ones((3, 3), np.float32)),
                                ((0, 0), (2, 2), (2, 2))).reshape(-1, 784),
                part.labels, (28, 28))
        for part in parts
    )  # fmt: skip
    assert accuracy(train_model("cnn-2018", train, 12, seed=1), test) > 0.85


def test_dropout_shapes_the_training_by_the_seed() -> None:
    data = images_28()
    networks = [build("cnn-2018", 0) for _ in range(3)]
    for part in networks[1].modules():
        if isinstance(part, Dropout):
            part.share = 0.0
    for part in networks[2].modules():
        if isinstance(part, Dropout):
            part.seed += 1
    for network in networks:
        fit(network, data, epochs=1, seed=0)
    first = [network[-1].weight for network in networks]
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])


def test_dropout_layers_of_one_network_draw_apart() -> None:
    values = torch.ones(1000)
    one, other = Dropout(0.5, 7), Dropout(0.5, 7, 1)
    first = torch.rand(1000, generator=torch.Generator().manual_seed(7)) >= 0.5
    kept = [layer(values) > 0 for layer in (one, other)]
    for a, b in ((kept[0], kept[1]), (kept[0], first), (kept[1], first)):
        assert float((a == b).float().mean()) == pytest.approx(0.5, abs=0.08)


def test_svm_learns_the_digits_and_repeats_exactly(parts: tuple[Dataset, Dataset]) -> None:
    train, test = parts
    weights, bias = train_svm(train, seed=0)
    assert (weights.shape, bias.shape) == ((64, 10), (10,))
    assert weights.dtype == bias.dtype == np.float64
    assert accuracy(linear_scores(weights, bias), test) > 0.85
    again = train_svm(train, seed=0)
    assert np.array_equal(weights, again[0])
    assert np.array_equal(bias, again[1])


def test_svm_of_two_classes_has_two_scores() -> None:
    images = np.array([[0.0], [0.25], [0.75], [1.0]], dtype=np.float32)
    data = Dataset("line", images, np.array([0, 0, 1, 1]), (1,))
    weights, bias = train_svm(data, seed=0, C=100.0)
    assert weights.shape == (1, 2)
    assert predict(linear_scores(weights, bias), images).tolist() == [0, 0, 1, 1]


def test_svm_refuses_gaps_in_the_labels() -> None:
    images = np.array([[0.0], [1.0]], dtype=np.float32)
    data = Dataset("gap", images, np.array([0, 2]), (1,))
    with pytest.raises(InputError, match=r"data: expected labels 0..K-1, each present, got \(0, 2"):
        train_svm(data, seed=0)


def test_binary_svm_separates_zeros_from_ones() -> None:
    points, signs = digits().pair(negative=0, positive=1)
    weights, bias = train_binary_svm(points, signs, seed=0, C=10.0)
    assert weights.shape == (64,)
    assert np.all(signs * (points @ weights + bias) > 0)


def test_convex_detector_fits_what_no_line_can() -> None:
    # The negatives fill a square; the positives surround it.
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, size=(200, 2))
    signs = np.where(np.abs(points).max(axis=1) > 0.6, 1, -1)
    keep = np.abs(np.abs(points).max(axis=1) - 0.6) > 0.08
    points, signs = points[keep], signs[keep]
    detector = train_convex_detector(points, signs, units=8, seed=1)
    assert detector.accurate
    assert detector.weights.shape == (8, 2)
    assert detector.weights.dtype == detector.bias.dtype == np.float32
    hidden = points @ detector.weights.T + detector.bias
    assert np.array_equal(np.where(np.maximum(hidden, 0).sum(axis=1) > 0, 1, -1), signs)
    again = train_convex_detector(points, signs, units=8, seed=1)
    assert np.array_equal(detector.weights, again.weights)
    line = train_convex_detector(points, signs, units=1, seed=1, max_epochs=50)
    assert not line.accurate
    assert line.epochs == 50


def test_convex_detector_on_digits_stops_early() -> None:
    points, signs = digits().pair(negative=3, positive=8)
    detector = train_convex_detector(points, signs, units=10, seed=0)
    assert detector.accurate
    assert detector.epochs < 2000


def test_global_random_states_are_left_alone(parts: tuple[Dataset, Dataset]) -> None:
    train, _ = parts
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    before = (torch.get_rng_state(), random.getstate())
    points, signs = train.pair(0, 1)
    train_network(train, (64, 8, 10), epochs=1, seed=0)
    train_model("cnn-2018", images_28(), 1, seed=0)
    train_model("cnn", images_28(), 1, seed=0)
    train_svm(train, seed=0)
    train_binary_svm(points, signs, seed=0)
    train_convex_detector(points, signs, units=2, seed=0, max_epochs=5)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert np.array_equal(numpy_state, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"widths": (63, 10)}, r"widths\[0\]: expected 64 pixels, got 63"),
        ({"widths": (64, 9)}, r"widths\[-1\]: expected more than 9, a label, got 9"),
        ({"epochs": 0}, "epochs: expected an integer >= 1, got 0"),
        ({"seed": -1}, "seed: expected an integer >= 0, got -1"),
        ({"learning_rate": float("nan")}, "learning_rate: expected a positive finite number"),
        ({"batch_size": 0}, "batch_size: expected an integer >= 1, got 0"),
        ({"device": "tpu"}, "device: expected auto, cpu or cuda, got 'tpu'"),
    ],
)
def test_bad_training_arguments(
    parts: tuple[Dataset, Dataset], changes: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {"widths": (64, 10), "epochs": 1, "seed": 0}
    with pytest.raises(InputError, match=message):
        train_network(parts[0], **(arguments | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("points", "signs", "message"),
    [
        (np.zeros((2, 1)), np.array([0, 1]), r"y: expected labels -1 and \+1, both present"),
        (np.zeros((2, 1)), np.array([1, 1]), r"y: expected labels -1 and \+1, both present"),
        (np.zeros((2, 1)), np.array([1, -1, 1]), r"y: expected 2 labels, got shape \(3,\)"),
        (np.array([[0.0], [np.inf]]), np.array([1, -1]), r"got inf \(row 1, column 0\)"),
        (np.zeros((2, 1), dtype=int), np.array([1, -1]), "X: expected a float32 or float64 array"),
    ],
)
def test_bad_binary_data(points: np.ndarray, signs: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        train_binary_svm(points, signs, seed=0)
    with pytest.raises(InputError, match=message):
        train_convex_detector(points, signs, units=2, seed=0)


def test_bad_regularisation() -> None:
    with pytest.raises(InputError, match="C: expected a positive finite number, got int 0"):
        train_binary_svm(np.zeros((2, 1)), np.array([1, -1]), seed=0, C=0)
