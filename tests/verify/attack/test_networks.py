from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from certify.errors import InputError
from verify.attack.models import Classifier, linear_scores, predict
from verify.attack.networks import Architecture, Dropout, Normalise, build
from verify.attack.training import train_model
from verify.data.digits import Dataset
from verify.models.torch_graph import of_classifier


@pytest.fixture(scope="module")
def squares() -> Dataset:
    """Random images whose label is the brighter half."""
    images = np.random.default_rng(0).random((24, 784), dtype=np.float32)
    labels = (images[:, :392].sum(axis=1) > images[:, 392:].sum(axis=1)).astype(int)
    return Dataset("squares", images, labels, (28, 28))


@pytest.mark.parametrize(("name", "parameters"), [("cnn-2018", 21_840), ("cnn", 1_199_882)])
def test_the_published_architectures(name: Architecture, parameters: int) -> None:
    network = build(name, 0).eval()
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert network(torch.rand(3, 784)).shape == (3, 10)
    first = network[0]
    assert isinstance(first, Normalise)
    assert float(first(torch.tensor(0.1307))) == pytest.approx(0.0, abs=1e-6)
    assert float(first(torch.tensor(1.0))) == pytest.approx(0.8693 / 0.3081)


def test_weights_come_from_the_seed_alone() -> None:
    state = torch.get_rng_state()
    one, same, other = (build("cnn-2018", seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(one[k], same[k]) for k in one)
    assert not torch.equal(one["2.weight"], other["2.weight"])
    assert float(one["2.weight"].abs().max()) <= 1 / 5
    assert float(one["5.weight"].abs().max()) <= 1 / 250**0.5


def test_dropout_draws_from_its_own_generator_in_training_alone() -> None:
    state = torch.get_rng_state()
    values = torch.ones(4, 50, 2, 3)
    channels, single = Dropout(0.5, 3, channels=True), Dropout(0.25, 3)
    dropped = channels(values)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropped.amin(dim=(2, 3)), dropped.amax(dim=(2, 3)))
    assert torch.equal(Dropout(0.5, 3, channels=True)(values), dropped)
    assert float((single(values) == 0.0).float().mean()) == pytest.approx(0.25, abs=0.06)
    assert torch.equal(single.eval()(values), values)
    assert torch.equal(torch.get_rng_state(), state)


def test_training_repeats_and_leaves_the_random_state(squares: Dataset) -> None:
    state = torch.get_rng_state()
    one, same = (train_model("cnn-2018", squares, 2, 5) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert not one.training


@pytest.mark.parametrize("name", ["cnn-2018", "cnn"])
def test_convolutional_networks_are_decided_exactly(name: Architecture, squares: Dataset) -> None:
    network = build(name, 3).eval()
    exact = of_classifier(Classifier.of_network("n", network, name), 28 * 28)
    images = squares.images[:2]
    floats = network.double()(torch.tensor(images).double())
    outputs = exact.outputs(images)
    assert isinstance(outputs[0][0], Fraction)
    np.testing.assert_allclose(np.array(outputs, dtype=float), floats.detach(), atol=1e-12)


def test_linear_scores_are_decided_exactly() -> None:
    rng = np.random.default_rng(1)
    weights, bias = rng.normal(size=(4, 3)), rng.normal(size=3)
    exact = of_classifier(Classifier.of_svm("s", weights, bias), 4)
    image = np.full((1, 4), 0.5, dtype=np.float32)
    expected = [
        sum(Fraction(w) for w in column) / 2 + Fraction(b)
        for column, b in zip(weights.T.tolist(), bias.tolist(), strict=True)
    ]
    assert list(exact.outputs(image)[0]) == expected
    assert predict(linear_scores(weights, bias), image)[0] == expected.index(max(expected))


def test_bad_architectures_and_data(squares: Dataset) -> None:
    with pytest.raises(InputError, match="architecture: expected mlp or cnn-2018 or cnn, got 'v'"):
        build("v", 0)  # type: ignore[arg-type]
    small = Dataset("small", squares.images[:, :16], squares.labels, (4, 4))
    with pytest.raises(InputError, match=r"data: expected 28 x 28 pixels .* got 16 pixels"):
        train_model("cnn", small, 1, 0)
    with pytest.raises(InputError, match=r"images: expected pixels in \[0, 1\], got 2"):
        predict(build("cnn-2018", 0), squares.images + np.float32(2.0) * (squares.images > 1.5) + 2)
