from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from certify.errors import InputError
from verify.attack.balls import distance, into_ball
from verify.attack.models import linear_scores, mlp, predict
from verify.attack.projected_gradient import (
    RADIUS_ERROR_PER_STEP,
    Attack,
    Loss,
    _losses,
    adversaries,
    random_perturbations,
)
from verify.attack.radii import exact_radius
from verify.attack.training import train_binary_svm, train_network
from verify.data.digits import Dataset, digits

GRID = Attack()


@pytest.fixture(scope="module")
def trained() -> tuple[nn.Module, Dataset]:
    train, test = digits().split(0.3, seed=0)
    model = train_network(train.random_subset(400, seed=0), (64, 32, 10), epochs=15, seed=0)
    return model, test.random_subset(60, seed=0)


def separate_run(
    model: nn.Module, data: Dataset, radius_steps: int, attack: Attack
) -> torch.Tensor:
    """One radius by itself, each of its steps projected: what the grid must reproduce."""
    start, labels = torch.tensor(data.images), torch.tensor(data.labels)
    low = high = start
    for _ in range(radius_steps):
        low, high = (low - attack.step).clamp(min=0), (high + attack.step).clamp(max=1)
    x = start
    for _ in range(attack.steps):
        x = x.clone().requires_grad_()
        loss = functional.cross_entropy(model(x).double(), labels, reduction="sum")
        gradient = torch.autograd.grad(loss, x)[0]
        move = gradient.sign() if attack.step_rule == "sign" else gradient
        x = torch.minimum(torch.maximum(x.detach() + attack.step * move, low), high)
    return into_ball(x, start, Fraction(radius_steps, 100), (0.0, 1.0))


@pytest.mark.parametrize("rule", ["sign", "gradient"])
def test_grid_equals_separate_runs_bit_for_bit(
    trained: tuple[nn.Module, Dataset], rule: str
) -> None:
    model, data = trained
    attack = Attack(step_rule=rule)  # type: ignore[arg-type]
    grid = adversaries(model, data.images, data.labels, attack)
    assert grid.shape == (40, 60, 64)
    assert grid.dtype == torch.float32
    for k in range(1, 41):
        assert torch.equal(grid[k - 1], separate_run(model, data, k, attack)), k


def test_one_radius_alone_gives_the_same_bits(trained: tuple[nn.Module, Dataset]) -> None:
    model, data = trained
    grid = adversaries(model, data.images, data.labels, GRID)
    for k in (1, 17, 29, 40):
        alone = adversaries(model, data.images, data.labels, Attack(radii=(k / 100,)))
        assert torch.equal(grid[k - 1], alone[0])


def test_shared_steps_save_half_of_the_gradients(trained: tuple[nn.Module, Dataset]) -> None:
    model, data = trained
    calls: list[int] = []
    hook = model.register_forward_hook(lambda *_: calls.append(1))
    adversaries(model, data.images, data.labels, GRID)
    hook.remove()
    # 40 on the trunk, 39 - k of its own for radius k; one more call counts the classes.
    assert len(calls) == 40 + sum(39 - k for k in range(1, 40)) + 1


def assert_feasible(moved: torch.Tensor, images: np.ndarray, attack: Attack) -> None:
    points = np.float64(moved.numpy())
    assert points.min() >= 0.0
    assert points.max() <= 1.0
    for adversary, radius in zip(moved.numpy(), attack.radii, strict=True):
        far = np.abs(np.float64(adversary) - np.float64(images)) > 0.999999 * radius
        if far.any():
            assert distance(adversary[far], images[far]) <= exact_radius(radius)


@pytest.mark.parametrize("rule", ["sign", "gradient"])
def test_box_and_radius(trained: tuple[nn.Module, Dataset], rule: str) -> None:
    model, data = trained
    attack = Attack(step_rule=rule)  # type: ignore[arg-type]
    assert_feasible(adversaries(model, data.images, data.labels, attack), data.images, attack)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    step=st.floats(0.004, 0.3),
    radii=st.lists(st.integers(1, 1000), min_size=1, max_size=4, unique=True),
    rule=st.sampled_from(["sign", "gradient"]),
)
def test_box_and_radius_for_any_radii(seed: int, step: float, radii: list[int], rule: str) -> None:
    images = np.random.default_rng(seed).random((4, 5), dtype=np.float32)
    attack = Attack(tuple(r / 1000 for r in sorted(radii)), 12, step, rule)  # type: ignore[arg-type]
    labels = np.array([0, 1, 2, 0])
    model = mlp((5, 6, 3), seed)
    moved = adversaries(model, images, labels, attack)
    assert_feasible(moved, images, attack)
    for i, radius in enumerate(attack.radii):
        alone = Attack((radius,), 12, step, attack.step_rule)
        assert torch.equal(moved[i], adversaries(model, images, labels, alone)[0])


def test_sign_steps_reach_the_largest_radius_and_gradient_steps_need_not() -> None:
    # One pixel, weights of size 1/8: the raw gradient is below 1/4, its sign is not.
    model = linear_scores(np.array([[-0.125, 0.125]]), np.zeros(2))
    images, labels = np.array([[0.5], [0.5]], dtype=np.float32), np.array([0, 1])
    sign = adversaries(model, images, labels, GRID)[-1]
    raw = adversaries(model, images, labels, Attack(step_rule="gradient"))[-1]
    np.testing.assert_allclose(sign[:, 0], [0.9, 0.1], atol=1e-6)
    assert 0 < float((raw[:, 0] - 0.5).abs().max()) < 0.1


def test_a_radius_between_two_steps_is_reached_too() -> None:
    model = linear_scores(np.array([[-1.0, 1.0]]), np.zeros(2))
    radii = (0.004, 0.025, 0.07)
    moved = adversaries(model, np.array([[0.5]], dtype=np.float32), np.array([0]), Attack(radii))
    np.testing.assert_allclose(moved[:, 0, 0] - 0.5, radii, atol=1e-6)


def linear_optimum(
    weights: np.ndarray, images: np.ndarray, signs: np.ndarray, radius: float
) -> np.ndarray:
    """In each image's ball and box, a point where y * (w.x) is least.

    The feasible set is a product of intervals and the score a sum over coordinates, so each
    coordinate goes to the end of its interval that -y * w points to.
    """
    return np.clip(images.astype(np.float64) - radius * np.outer(signs, np.sign(weights)), 0.0, 1.0)


def test_no_attack_on_a_linear_score_beats_its_optimum() -> None:
    points, signs = digits().pair(negative=3, positive=8)
    weights, bias = train_binary_svm(points, signs, seed=0)
    model = linear_scores(
        np.stack([-weights, weights], axis=1), np.array([-bias, bias], dtype=np.float64)
    )
    moved = adversaries(model, points[:40], (signs[:40] + 1) // 2, GRID).double().numpy()
    for adversary, radius in zip(moved, GRID.radii, strict=True):
        best = linear_optimum(weights, points[:40], signs[:40], radius)
        margin, least = (signs[:40] * (x @ weights) for x in (adversary, best))
        slack = 40 * RADIUS_ERROR_PER_STEP * np.abs(weights).sum()
        assert np.all(margin >= least - slack)
        # Sign steps also reach it, for they know the sign of every weight.
        assert np.all(margin <= least + slack)


def test_linear_optimum_is_least_over_the_corners() -> None:
    rng = np.random.default_rng(0)
    weights, images, signs = rng.normal(size=3), rng.random((4, 3)), np.array([1, -1, 1, -1])
    best = signs * (linear_optimum(weights, images, signs, 0.4) @ weights)
    ends = np.clip(images[:, None] + 0.4 * np.array([[-1.0], [1.0]]), 0, 1)
    for corner in np.ndindex(2, 2, 2):
        points = np.stack([ends[:, side, i] for i, side in enumerate(corner)], axis=1)
        assert np.all(best <= signs * (points @ weights) + 1e-12)


def test_confident_classifiers_are_still_attacked_in_the_right_direction() -> None:
    # In float32 the probability of class 0 rounds to 1, and the gradient would lose -w_0, the
    # larger part: the pixel would then move up instead of down.
    model = linear_scores(np.array([[5.0, 1.0]], dtype=np.float32), np.float32([20.0, 0.0]))
    images, labels = np.array([[0.5]], dtype=np.float32), np.array([0])
    assert float(adversaries(model, images, labels, GRID)[9]) == pytest.approx(0.4, abs=1e-6)


def test_attack_lowers_accuracy_and_noise_does_not(trained: tuple[nn.Module, Dataset]) -> None:
    model, data = trained
    attacked = adversaries(model, data.images, data.labels, Attack(radii=(0.2,)))[0]
    noisy = random_perturbations(data.images, (0.2,), seed=0)[0]
    assert np.mean(predict(model, attacked) == data.labels) < 0.3
    assert np.mean(predict(model, noisy) == data.labels) > 0.8


def test_modes_gradients_and_random_state_are_left_alone(
    trained: tuple[nn.Module, Dataset],
) -> None:
    model, data = trained
    model.train()
    before = torch.get_rng_state()
    gradients = [parameter.grad for parameter in model.parameters()]
    with torch.no_grad():
        adversaries(model, data.images, data.labels, Attack(radii=(0.02,)))
    random_perturbations(data.images, (0.02,), seed=0)
    assert model.training
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))
    assert torch.equal(before, torch.get_rng_state())
    model.eval()


def test_batches_change_nothing_but_memory(trained: tuple[nn.Module, Dataset]) -> None:
    model, data = trained
    whole = adversaries(model, data.images, data.labels, Attack(radii=(0.05,)))
    parts = adversaries(model, data.images, data.labels, Attack(radii=(0.05,)), batch_size=20)
    assert whole.shape == parts.shape
    # Rounding may differ between batch shapes, and a sign with it; the examples stay in order.
    assert float((whole - torch.tensor(data.images)).abs().max()) <= 0.051
    assert float((parts - whole).abs().mean()) < 0.001


def test_random_perturbations_are_uniform_in_the_ball_and_seeded() -> None:
    images = np.full((200, 20), 0.5, dtype=np.float32)
    noisy = random_perturbations(images, (0.1, 0.4), seed=1)
    assert_feasible(noisy, images, Attack(radii=(0.1, 0.4)))
    for moved, radius in zip(noisy.numpy(), (0.1, 0.4), strict=True):
        counts, _ = np.histogram(moved - 0.5, bins=8, range=(-radius, radius))
        assert counts.min() > 400
    assert not torch.equal((noisy[1] - 0.5) / 4, noisy[0] - 0.5)
    assert torch.equal(noisy, random_perturbations(images, (0.1, 0.4), seed=1))
    assert not torch.equal(noisy, random_perturbations(images, (0.1, 0.4), seed=2))
    dark = random_perturbations(np.zeros((5, 5), dtype=np.float32), (0.5,), seed=0)
    assert float(dark.min()) == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radii": ()}, "radii: expected at least one radius, got none"),
        (
            {"radii": (0.2, 0.1)},
            r"radii: expected positive numbers, increasing, got 0.1 \(radius 1\)",
        ),
        ({"radii": (0.0,)}, r"radii: expected positive numbers, increasing, got 0 \(radius 0\)"),
        ({"radii": (math.inf,)}, r"radii: expected positive numbers, increasing, got inf"),
        ({"radii": (float("nan"),)}, r"radii: expected positive numbers, increasing, got nan"),
        ({"steps": 0}, "steps: expected an integer >= 1, got 0"),
        ({"step": -0.01}, "step: expected a positive finite number, got float -0.01"),
        ({"step_rule": "normal"}, "step_rule: expected sign or gradient, got 'normal'"),
        (
            {"loss": "mean"},
            "loss: expected cross-entropy or margin or hinge or squared-hinge, got 'mean'",
        ),
        ({"start": "corner"}, "start: expected image or random, got 'corner'"),
    ],
)
def test_bad_attacks(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Attack(**arguments)  # type: ignore[arg-type]


def test_bad_examples(trained: tuple[nn.Module, Dataset]) -> None:
    model, data = trained
    with pytest.raises(InputError, match="labels: expected below 10, the model's classes, got 10"):
        adversaries(model, data.images[:2], np.array([3, 10]), GRID)
    with pytest.raises(InputError, match="labels: expected 2 labels, one per image, got 3"):
        adversaries(model, data.images[:2], np.array([3, 1, 1]), GRID)
    with pytest.raises(InputError, match=r"images: expected pixels in \[0, 1\], got 2"):
        adversaries(model, 2 * np.ones((1, 64), dtype=np.float32), np.array([3]), GRID)


@pytest.mark.parametrize("loss", get_args(Loss))
def test_every_loss_agrees_with_its_definition(loss: Loss) -> None:
    scores = torch.tensor([[2.0, 1.0, -0.5], [0.25, 0.5, 3.0]])
    labels = torch.tensor([0, 1])
    by_hand = {
        "cross-entropy": [
            math.log(sum(math.exp(z - row[y]) for z in row))
            for row, y in zip(scores.tolist(), (0, 1), strict=True)
        ],
        "margin": [1.0 - 2.0, 3.0 - 0.5],
        # Only what lies on the wrong side of margin 1 counts.
        "hinge": [0.0 + 2.0 + 0.5, 1.25 + 0.5 + 4.0],
        "squared-hinge": [0.0 + 4.0 + 0.25, 1.5625 + 0.25 + 16.0],
    }
    assert _losses(scores, labels, loss).tolist() == pytest.approx(by_hand[loss])


def test_random_starts_depend_on_the_seed_and_not_on_other_radii(
    trained: tuple[nn.Module, Dataset],
) -> None:
    model, data = trained
    images, labels = data.images[:20], data.labels[:20]
    attack = Attack(radii=(0.05, 0.1), steps=3, start="random")
    found = adversaries(model, images, labels, attack, seed=4)
    alone = adversaries(model, images, labels, replace(attack, radii=(0.1,)), seed=4)
    assert torch.equal(found[1], alone[0])
    assert not torch.equal(found, adversaries(model, images, labels, attack, seed=5))
    assert torch.equal(found, adversaries(model, images, labels, attack, 7, seed=4))
    distance = (found - torch.tensor(images)).abs().amax(dim=(1, 2))
    assert (distance <= torch.tensor([0.05, 0.1]) + 12 * RADIUS_ERROR_PER_STEP).all()


def test_without_the_box_only_the_ball_holds() -> None:
    model = linear_scores(np.array([[1.0, -1.0]]), np.zeros(2))
    images, labels = np.zeros((1, 1), dtype=np.float32), np.zeros(1, dtype=np.int64)
    attack = Attack(radii=(0.1,), steps=20)
    assert float(adversaries(model, images, labels, attack)[0, 0, 0]) == 0.0
    free = adversaries(model, images, labels, replace(attack, box=False))
    assert float(free[0, 0, 0]) == pytest.approx(-0.1)


def test_noise_of_signs_ends_on_the_sphere() -> None:
    images = np.full((4, 6), 0.5, dtype=np.float32)
    noisy = random_perturbations(images, (0.25,), seed=0, law="signs")
    assert set((noisy - 0.5).abs().flatten().tolist()) == {0.25}
    with pytest.raises(InputError, match="law: expected uniform or signs, got 'normal'"):
        random_perturbations(images, (0.25,), seed=0, law="normal")  # type: ignore[arg-type]
