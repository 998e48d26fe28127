"""Batches that fit the memory, and the precision of products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.attack.batches import in_batches, products_in
from verify.attack.models import mlp, predict
from verify.attack.projected_gradient import Attack, adversaries


def limited(most: int) -> tuple[Callable[[slice], Tensor], list[int]]:
    """A function that has memory for so many rows, and the sizes it was asked for."""
    asked: list[int] = []

    def function(rows: slice) -> Tensor:
        asked.append(rows.stop - rows.start)
        if asked[-1] > most:
            raise torch.OutOfMemoryError
        return torch.arange(rows.start, rows.stop)

    return function, asked


def test_batches_are_halved_until_they_fit_and_stay_so() -> None:
    function, asked = limited(3)
    found = in_batches(function, 10, 8)
    assert torch.cat(found).tolist() == list(range(10))
    assert asked == [8, 4, 2, 2, 2, 2, 2]


def test_no_memory_for_one_is_said() -> None:
    function, _ = limited(0)
    with pytest.raises(InputError, match="device: expected memory for one image, got out of mem"):
        in_batches(function, 4, 4)


class Limited(nn.Module):
    """A model whose device has memory for few images at a time."""

    def __init__(self, model: nn.Module, most: int) -> None:
        super().__init__()
        self.model, self.most = model, most

    def forward(self, images: Tensor) -> Tensor:
        if len(images) > self.most:
            raise torch.OutOfMemoryError
        return self.model(images)


def test_attack_and_predictions_survive_too_large_batches() -> None:
    model = mlp((6, 5, 3), seed=0)
    images = np.random.default_rng(0).random((20, 6), dtype=np.float32)
    labels = np.arange(20) % 3
    attack = Attack(radii=(0.05, 0.1), steps=3, step=0.05)
    whole = adversaries(model, images, labels, attack)
    found = adversaries(Limited(model, 6), images, labels, attack)
    # Sums may be rounded otherwise in other shapes, which seldom turns a sign.
    assert float((found != whole).float().mean()) < 0.02
    assert predict(Limited(model, 6), images).tolist() == predict(model, images).tolist()


@pytest.mark.parametrize("size", [0, -1, 2.0, True])
def test_a_batch_has_an_image(size: Any) -> None:
    model = mlp((6, 5, 3), seed=0)
    images = np.zeros((2, 6), dtype=np.float32)
    with pytest.raises(InputError, match="batch_size: expected an integer >= 1"):
        predict(model, images, size)
    with pytest.raises(InputError, match="batch_size: expected an integer >= 1"):
        adversaries(model, images, np.array([0, 1]), Attack(), size)


def test_bfloat16_rounds_products_and_float32_is_restored() -> None:
    cpu = torch.device("cpu")
    a, b = torch.full((1, 1), 1.0 + 2.0**-12), torch.ones(1, 1)
    with products_in("bfloat16", cpu):
        assert float(a @ b) == 1.0
    with products_in("float32", cpu):
        assert float(a @ b) == 1.0 + 2.0**-12


def test_tf32_is_off_unless_asked_for_and_settings_are_restored() -> None:
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    with products_in("float32", torch.device("cpu")):
        assert (matmul.allow_tf32, cudnn.allow_tf32) == (False, False)
    # The device type is all that is asked of it: no GPU is needed.
    with products_in("tf32", torch.device("cuda")):
        assert (matmul.allow_tf32, cudnn.allow_tf32) == (True, True)
    assert (matmul.allow_tf32, cudnn.allow_tf32) == before
    with (
        pytest.raises(InputError, match="precision: expected float32 or bfloat16 on cpu"),
        products_in("tf32", torch.device("cpu")),
    ):
        pass
    assert Attack(precision="tf32").on_cpu() == Attack()
    assert Attack(precision="bfloat16").on_cpu().precision == "bfloat16"


def test_an_attack_with_rough_gradients_is_nearly_the_same() -> None:
    model = mlp((6, 5, 3), seed=0)
    images = np.random.default_rng(0).random((20, 6), dtype=np.float32)
    labels = np.arange(20) % 3
    exact, rough = (
        adversaries(model, images, labels, Attack(radii=(0.1,), steps=4, precision=p))
        for p in ("float32", "bfloat16")
    )
    assert rough.dtype == torch.float32
    assert 0.8 < float((exact == rough).float().mean()) <= 1.0
    with pytest.raises(InputError, match="precision: expected float32 or tf32 or bfloat16"):
        Attack(precision="half")  # type: ignore[arg-type]
