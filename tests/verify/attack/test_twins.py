from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from certify.certificates.networks import box, network_points, same_softmax, within
from certify.checking import fast as fast_checker
from certify.errors import InputError
from verify.attack import twins
from verify.attack.models import Classifier, mlp
from verify.attack.networks import build
from verify.attack.score_matching import QUICK, Gaps, _least_squares, _rounded_off, match
from verify.attack.training import train_network
from verify.attack.twins import NoTwin, Twin
from verify.data.digits import digits
from verify.models.torch_graph import of_classifier


def network(*layers: tuple[list[list[float]], list[float]]) -> Classifier:
    """A ReLU network with the given weights and biases."""
    module = mlp((len(layers[0][0][0]), *(len(biases) for _, biases in layers)), seed=0)
    linear = [layer for layer in module if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, (weights, biases) in zip(linear, layers, strict=True):
            layer.weight.copy_(torch.tensor(weights))
            layer.bias.copy_(torch.tensor(biases))
    return Classifier.of_network("network", module)


def find_twin(
    classifier: Classifier,
    image: np.ndarray,
    other: np.ndarray,
    radius: Any,
    seed: int,
    top: int | None = 1,
) -> Twin | NoTwin:
    inputs = 784 if classifier.architecture != "mlp" else classifier.parameters["0.weight"].shape[1]
    network = of_classifier(classifier, inputs)
    return twins.find_twin(network, classifier.module(), image, other, radius, seed, top=top)


def exact_scores(classifier: Classifier, point: tuple[Fraction, ...]) -> list[Fraction]:
    """A forward pass in Fractions, written without the code under test."""
    parameters = list(classifier.parameters.values())
    values = list(point)
    for k in range(0, len(parameters), 2):
        if k:
            values = [max(v, Fraction(0)) for v in values]
        weights, biases = parameters[k].tolist(), parameters[k + 1].tolist()
        values = [
            sum((Fraction(w) * v for w, v in zip(row, values, strict=True)), Fraction(b))
            for row, b in zip(weights, biases, strict=True)
        ]
    return values


def check(
    classifier: Classifier, image: np.ndarray, other: np.ndarray, radius: Fraction, twin: Twin
) -> None:
    exact_image, exact_other = (tuple(map(Fraction, p.tolist())) for p in (image, other))
    assert twin.point != exact_other
    assert all(0 <= v <= 1 for v in twin.point)
    assert all(abs(a - b) <= radius for a, b in zip(twin.point, exact_image, strict=True))
    here, there = (exact_scores(classifier, p) for p in (twin.point, exact_other))
    assert len({a - b for a, b in zip(here, there, strict=True)}) == 1


@pytest.fixture(scope="module")
def trained() -> tuple[Classifier, np.ndarray, np.ndarray]:
    train, test = digits().split(0.3, seed=0)
    model = train_network(train.random_subset(400, seed=0), (64, 32, 10), epochs=10, seed=0)
    return Classifier.of_network("digits", model), test.images, test.labels


def test_twins_of_digits_are_exact(trained: tuple[Classifier, np.ndarray, np.ndarray]) -> None:
    classifier, images, labels = trained
    found = 0
    for i in range(6):
        j = int(np.flatnonzero(labels != labels[i])[i])
        answer = find_twin(classifier, images[i], images[j], 0.5, seed=0)
        if isinstance(answer, Twin):
            check(classifier, images[i], images[j], Fraction(0.5), answer)
            found += 1
        else:
            assert answer.reason == "no match in floats"
            assert answer.residual > 1e-6
    assert found >= 2


@pytest.mark.parametrize("seed", range(5))
def test_twins_of_random_networks_are_exact(seed: int) -> None:
    classifier = Classifier.of_network("random", mlp((6, 8, 5, 3), seed))
    rng = np.random.default_rng(seed)
    image, other = rng.random((2, 6)).astype(np.float32)
    # The other image lies in the ball, but is no twin of itself.
    answer = find_twin(classifier, image, other, 1, seed)
    assert isinstance(answer, Twin)
    check(classifier, image, other, Fraction(1), answer)


def test_a_radius_for_each_coordinate_and_no_box() -> None:
    """Coordinates a million times as long as others; one may not move at all."""
    scale = np.array([1e-3, 1.0, 1e3, 1.0, 50.0, 1.0])
    module = mlp((6, 8, 3), 3)
    with torch.no_grad():
        next(module.parameters()).div_(torch.tensor(scale, dtype=torch.float32))
    classifier = Classifier.of_network("random", module)
    image, other = np.random.default_rng(3).normal(size=(2, 6)) * scale
    radii = [Fraction(3 * c) for c in (*scale[:5], 0)]
    answer = find_twin(classifier, image, other, radii, 0, top=None)
    assert isinstance(answer, Twin)
    moves = [abs(a - Fraction(b)) for a, b in zip(answer.point, image.tolist(), strict=True)]
    assert all(move <= r for move, r in zip(moves, radii, strict=True))
    assert max(moves) > 1
    here, there = (exact_scores(classifier, p) for p in (answer.point, tuple(map(Fraction, other))))
    assert len({a - b for a, b in zip(here, there, strict=True)}) == 1


def test_pixels_up_to_255_keep_to_their_box() -> None:
    module = mlp((6, 8, 3), 4)
    with torch.no_grad():
        next(module.parameters()).div_(255)
    classifier = Classifier.of_network("random", module)
    image, other = np.random.default_rng(4).integers(0, 256, (2, 6)).astype(np.float32)
    answer = find_twin(classifier, image, other, 255, 0, top=255)
    assert isinstance(answer, Twin)
    assert all(0 <= v <= 255 for v in answer.point)
    assert max(answer.point) > 1


def test_twins_under_convolutions_and_pooling_pass_the_checker() -> None:
    classifier = Classifier.of_network("cnn", build("cnn-2018", 0), "cnn-2018")
    image, other = np.random.default_rng(0).random((2, 784)).astype(np.float32)
    answer = find_twin(classifier, image, other, 0.25, seed=0)
    assert isinstance(answer, Twin)
    certificate = network_points(
        of_classifier(classifier, 28 * 28),
        [answer.point, image, other],
        [same_softmax(0, 2), within(0, 1, Fraction(1, 4)), box(0)],
    )
    assert fast_checker.check(certificate.to_json())


def test_smooth_pooling_approaches_the_maximum() -> None:
    values = torch.rand(2, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    pool = nn.MaxPool2d(2)
    smooth = _rounded_off(pool, values, 1e-3)
    assert smooth.shape == pool(values).shape
    assert torch.allclose(smooth, pool(values), atol=2e-3)


def test_the_seed_decides(trained: tuple[Classifier, np.ndarray, np.ndarray]) -> None:
    classifier, images, _ = trained
    state = torch.get_rng_state()
    first, second = (find_twin(classifier, images[9], images[10], 0.2, seed=5) for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), state)


def test_a_twin_within_the_radius_of_the_other_image_is_a_new_point() -> None:
    classifier = network(([[1.0, 1.0, 0.0]], [0.0]), ([[1.0], [0.0]], [0.0, 0.0]))
    image = np.array([0.5, 0.25, 0.0], np.float32)
    for other in (image, np.array([0.25, 0.25, 0.0], np.float32)):
        answer = find_twin(classifier, image, other, 0.5, seed=0)
        assert isinstance(answer, Twin)
        check(classifier, image, other, Fraction(1, 2), answer)


def test_radius_zero_leaves_the_image_alone() -> None:
    classifier = network(([[1.0, 0.0]], [0.0]), ([[1.0], [0.0]], [0.0, 0.0]))
    image, same, other = np.array([[0.5, 0.25], [0.5, 0.75], [0.25, 0.25]], np.float32)
    assert find_twin(classifier, image, same, 0, seed=0) == Twin((Fraction(1, 2), Fraction(1, 4)))
    assert find_twin(classifier, image, other, 0, seed=0) == NoTwin(
        "no match in floats", 0.25, True
    )
    assert find_twin(classifier, image, image, 0, seed=0) == NoTwin("cell infeasible", 0.0, True)


def test_a_target_out_of_reach_is_named_with_its_distance() -> None:
    classifier = network(([[1.0]], [0.0]), ([[4.0], [0.0]], [0.0, 0.0]))
    image, other = np.array([[0.25], [1.0]], np.float32)
    answer = find_twin(classifier, image, other, 0.25, seed=0)
    assert isinstance(answer, NoTwin)
    assert answer.reason == "no match in floats"
    assert answer.residual == pytest.approx(2.0)  # 4 * 1 against at most 4 * 0.5


def test_a_label_may_be_reached_where_the_softmax_output_is_not() -> None:
    # Scores x and 3/4: the first class begins at 3/4, and the other image lies at 1.
    classifier = network(([[1.0]], [0.0]), ([[1.0], [0.0]], [0.0, 0.75]))
    image, other = np.array([[0.25], [1.0]], np.float32)
    for radius, reached in ((0.25, False), (0.625, True)):
        answer = find_twin(classifier, image, other, radius, seed=0)
        assert isinstance(answer, NoTwin)
        assert answer.reached is reached


def test_dead_units_leave_too_small_a_rank() -> None:
    # Two gaps hang on one active unit: whatever the other image needs, one of them stays.
    classifier = network(
        ([[1.0, 0.0], [0.0, 1.0]], [0.0, -0.5]),
        ([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [0.0, 0.0, 0.0]),
    )
    image, other = np.array([[0.25, 0.0], [0.375, 1.0]], np.float32)
    answer = find_twin(classifier, image, other, 0.25, seed=0)
    assert isinstance(answer, NoTwin)
    assert answer.reason == "rank too small"
    assert answer.residual == pytest.approx(0.5)


def test_what_floats_cannot_tell_from_a_solution_is_decided_exactly() -> None:
    tiny = 2.0**-40
    classifier = network(
        ([[1.0, 0.0], [0.0, 1.0]], [0.0, -0.5]),
        ([[1.0, 0.0], [0.0, tiny], [0.0, 0.0]], [0.0, 0.0, 0.0]),
    )
    image, other = np.array([[0.25, 0.0], [0.375, 1.0]], np.float32)
    answer = find_twin(classifier, image, other, 0.25, seed=0)
    assert isinstance(answer, NoTwin)
    assert answer.reason == "rank too small"
    assert answer.residual < 1e-10


def test_a_solution_just_outside_the_ball_is_refused() -> None:
    # The only solution is 1/2, a distance of 2 ** -24 beyond the radius of 1/4.
    classifier = network(([[1.0]], [0.0]), ([[1.0], [0.0]], [0.0, 0.0]))
    image, other = np.array([[0.25 - 2.0**-24], [0.5]], np.float32)
    assert find_twin(classifier, image, other, 0.25, seed=0) == NoTwin(
        "cell infeasible", pytest.approx(2.0**-24, rel=1e-3), True
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": -0.1}, "radius: expected a number >= 0, got -0.1"),
        ({"radius": float("nan")}, "radius: expected a finite number"),
        ({"seed": -1}, "seed: expected an integer >= 0"),
        ({"image": np.zeros((1, 6), np.float32)}, "image: expected an array of floats of shape"),
        ({"image": np.zeros(5, np.float32)}, "image: expected 6 numbers, got 5"),
        ({"other": np.zeros(6, int)}, "other: expected an array of floats"),
        ({"other": np.full(6, 1.5, np.float32)}, r"other: expected numbers in \[0, 1\], got 1.5"),
        ({"other": [0.0] * 6}, "other: expected an array of floats of shape .*, got list"),
        ({"other": np.full(6, np.nan), "top": None}, "other: expected finite numbers, got nan"),
        ({"radius": [1] * 5}, "radius: expected 6 entries"),
    ],
)
def test_malformed_arguments_are_refused(change: dict[str, object], message: str) -> None:
    classifier = Classifier.of_network("random", mlp((6, 4, 3), 0))
    image = np.full(6, 0.5, np.float32)
    arguments = {"image": image, "other": image, "radius": 0.5, "seed": 0, **change}
    with pytest.raises(InputError, match=message):
        find_twin(classifier, **arguments)  # type: ignore[arg-type]


def test_smooth_gaps_approach_the_true_ones_and_have_their_jacobian() -> None:
    rng = np.random.default_rng(0)
    images = rng.random((2, 6))
    gaps = Gaps.of(mlp((6, 8, 5, 3), 0), images)
    values = gaps.values(images[0])
    errors = [np.abs(gaps.linearised(images[0], s)[0] - values).max() for s in (1.0, 0.1, 0.001)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3
    step = 1e-6 * rng.standard_normal(6)
    for smoothing in (0.0, 0.3):
        here, slopes = gaps.linearised(images[0], smoothing)
        there, _ = gaps.linearised(images[0] + step, smoothing)
        np.testing.assert_allclose(there - here, slopes @ step, atol=1e-11)


def test_bounded_steps_solve_what_can_be_solved() -> None:
    rng = np.random.default_rng(0)
    D = rng.standard_normal((3, 20))
    low, high = -rng.random(20), rng.random(20)
    inside = 0.5 * rng.uniform(low, high)
    step, _ = _least_squares(D, D @ inside, low, high, np.zeros(3))
    assert np.all((low <= step) & (step <= high))
    assert np.linalg.norm(D @ (step - inside)) < 0.05 * np.linalg.norm(D @ inside)
    far, _ = _least_squares(D[:1], np.array([1e3]), low, high, np.zeros(1))
    np.testing.assert_allclose(far, np.where(D[0] > 0, high, low))


def test_matches_stay_between_the_bounds() -> None:
    rng = np.random.default_rng(1)
    images = rng.random((2, 6))
    gaps = Gaps.of(mlp((6, 8, 5, 3), 1), images)
    low, high = images[0] - 0.01, images[0] + 0.01
    found = match(gaps, gaps.values(images[1]) + 10.0, low, high, images[1], QUICK)
    assert np.all((low <= found.image) & (found.image <= high))
    assert found.residual > 1.0
