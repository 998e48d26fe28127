from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from certify.errors import InputError
from verify.attack.models import (
    Classifier,
    evaluation,
    linear_scores,
    mlp,
    predict,
    resolve_device,
)
from verify.attack.networks import Architecture, build


def test_mlp_layers_and_seed() -> None:
    network = mlp((3, 5, 4, 2), seed=1)
    assert [type(layer) for layer in network] == [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]
    assert [tuple(p.shape) for p in network.parameters()] == [
        (5, 3), (5,), (4, 5), (4,), (2, 4), (2,),
    ]  # fmt: skip
    first = network.state_dict()["0.weight"]
    assert torch.equal(first, mlp((3, 5, 4, 2), seed=1).state_dict()["0.weight"])
    assert not torch.equal(first, mlp((3, 5, 4, 2), seed=2).state_dict()["0.weight"])
    assert 0.0 < float(first.abs().max()) <= 3**-0.5


def test_malformed_widths_are_refused() -> None:
    with pytest.raises(InputError, match=r"widths: expected at least an input and an output width"):
        mlp((3,), seed=0)
    with pytest.raises(InputError, match=r"widths\[1\]: expected an integer >= 1, got 0"):
        mlp((3, 0, 2), seed=0)


def test_mlp_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    mlp((3, 4, 2), seed=0)
    assert torch.equal(before, torch.get_rng_state())


def test_linear_scores_keep_the_type_of_their_weights() -> None:
    rng = np.random.default_rng(0)
    weights, bias = rng.normal(size=(4, 3)), rng.normal(size=3)
    images = rng.random((5, 4), dtype=np.float32)
    scores = linear_scores(weights, bias)(torch.tensor(images))
    assert scores.dtype == torch.float64
    np.testing.assert_allclose(scores.numpy(), images @ weights + bias, rtol=1e-12)
    with pytest.raises(InputError, match=r"expected shapes \(d, K\) and \(K,\), got \(4, 3\)"):
        linear_scores(weights, bias[:2])


def test_predict_takes_the_lowest_index_on_ties_in_batches() -> None:
    model = linear_scores(np.array([[1.0, 1.0, 0.0]]), np.array([0.0, 0.0, 0.5]))
    images = np.array([[0.0], [0.25], [0.5], [0.75], [1.0]], dtype=np.float32)
    assert predict(model, images).tolist() == [2, 2, 0, 0, 0]
    assert predict(model, images, batch_size=2).tolist() == [2, 2, 0, 0, 0]


def test_predict_forces_evaluation_mode_and_restores_each_part() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.Linear(2, 2), nn.Dropout(0.9))
    model.train()
    model[2].eval()
    images = np.random.default_rng(0).random((50, 2), dtype=np.float32)
    assert np.array_equal(predict(model, images), predict(model, images))
    assert [part.training for part in model] == [True, True, False]
    with pytest.raises(RuntimeError), evaluation(model):
        raise RuntimeError
    assert model.training


def test_predict_refuses_scores_that_are_not_finite() -> None:
    model = linear_scores(np.array([[1.0, np.inf]]), np.zeros(2))
    with pytest.raises(InputError, match="model: expected finite scores, got nan or infinity"):
        predict(model, np.array([[0.0]], dtype=np.float32))


def test_classifier_round_trips_through_pickle() -> None:
    images = np.random.default_rng(0).random((6, 3), dtype=np.float32)
    network = mlp((3, 4, 4, 2), seed=5)
    rng = np.random.default_rng(1)
    weights, bias = rng.normal(size=(3, 2)), rng.normal(size=2)
    for classifier, model in (
        (Classifier.of_network("n", network), network),
        (Classifier.of_svm("s", weights, bias), linear_scores(weights, bias)),
    ):
        copy = pickle.loads(pickle.dumps(classifier)).module()
        assert torch.equal(copy(torch.tensor(images)), model(torch.tensor(images)))


def test_classifier_does_not_follow_later_training() -> None:
    network = mlp((3, 2), seed=5)
    classifier = Classifier.of_network("n", network)
    before = classifier.parameters["0.weight"].copy()
    with torch.no_grad():
        network[0].weight.zero_()
    assert np.array_equal(classifier.parameters["0.weight"], before)


def test_devices() -> None:
    assert resolve_device("auto").type in ("cpu", "cuda")
    with pytest.raises(InputError, match="device: expected auto, cpu or cuda, got 'tpu'"):
        resolve_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="got cuda, which is absent"):
            resolve_device("cuda")


@pytest.mark.parametrize(("cuda", "auto"), [(True, "cuda"), (False, "cpu")])
def test_auto_prefers_cuda_and_mps_is_refused(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, auto: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    assert resolve_device("auto").type == auto
    assert resolve_device("cpu").type == "cpu"
    # It has no float64.
    with pytest.raises(InputError, match="device: expected auto, cpu or cuda, got 'mps'"):
        resolve_device("mps")


@pytest.mark.parametrize("architecture", ["cnn-2018", "cnn"])
def test_convolutional_classifiers_come_back_in_evaluation_mode(architecture: Architecture) -> None:
    images = np.random.default_rng(0).random((4, 784), dtype=np.float32)
    network = build(architecture, seed=5)
    network.train()
    labels = predict(network, images)
    assert all(part.training for part in network.modules())
    copy = pickle.loads(pickle.dumps(Classifier.of_network("n", network, architecture))).module()
    assert not any(part.training for part in copy.modules())
    scores = copy(torch.tensor(images))
    assert torch.equal(scores, network.eval()(torch.tensor(images)))
    assert scores.dtype == torch.float32
    assert np.array_equal(predict(copy, images), labels)
    # Attacks on adversaries in float64 and exact decisions start from the same float32 numbers.
    wide = copy.double()(torch.tensor(images, dtype=torch.float64))
    assert wide.dtype == torch.float64
    torch.testing.assert_close(wide.float(), scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("pixel", "message"),
    [
        (1.5, r"images: expected pixels in \[0, 1\], got 1.5 \(image 1, pixel 2\)"),
        (-0.25, r"images: expected pixels in \[0, 1\], got -0.25"),
        (np.nan, r"images: expected pixels in \[0, 1\], got nan"),
    ],
)
def test_predict_refuses_arrays_outside_the_box_but_no_tensors(pixel: float, message: str) -> None:
    images = np.full((2, 3), 0.5, dtype=np.float32)
    images[1, 2] = pixel
    with pytest.raises(InputError, match=message):
        predict(mlp((3, 2), seed=0), images)
    if np.isfinite(pixel):
        assert len(predict(mlp((3, 2), seed=0), torch.tensor(images))) == 2
