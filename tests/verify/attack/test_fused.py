"""The compiled kernels beside torch: exactly where floats are exact, else within their rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from certify.errors import InputError
from verify.attack import fused as module
from verify.attack.fused import fused
from verify.attack.models import mlp, predict
from verify.attack.networks import Normalise, build

pytest.importorskip("numba")

ROUNDING = 2.0**-24  # of one operation in float32, relative


def whole_numbers(seed: int) -> nn.Sequential:
    """A network in which float32 computes exactly: small whole weights, most of them 0."""
    network = build("cnn-2018", 0).eval()
    network[0] = Normalise(2.0, -0.5)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for values, share in zip(
            network.parameters(), (0.5, 1, 0.1, 1, 0.1, 1, 0.1, 1), strict=True
        ):
            values.copy_(torch.randint(-1, 2, values.shape, generator=generator))
            values.mul_(torch.rand(values.shape, generator=generator) < share)
    return network


def pixels(count: int, seed: int, steps: int = 2) -> Tensor:
    """Images of few grey levels, so that places tie."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, steps + 1, (count, 784), generator=generator) / steps


def gradient(network: nn.Module, images: Tensor, rising: Tensor) -> tuple[Tensor, Tensor]:
    """The scores, and the gradient by the images of the scores times ``rising``."""
    start = images.clone().requires_grad_()
    scores = network(start)
    return scores.detach(), torch.autograd.grad(scores, start, rising.to(scores.dtype))[0]


@pytest.mark.parametrize("count", [1, 16, 37])
def test_where_floats_are_exact_both_are_the_same(count: int) -> None:
    """Ties of pools and zeros before a ReLU are many here, and decide the gradient."""
    network, images = whole_numbers(count), pixels(count, count)
    rising = torch.randint(-2, 3, (count, 10), generator=torch.Generator().manual_seed(0))
    compiled = fused(network)
    assert compiled is not network
    scores, found = gradient(compiled, images, rising)
    plain_scores, plain = gradient(network, images, rising)
    assert torch.equal(scores, plain_scores)
    assert torch.equal(found, plain)
    assert int((found != 0).sum()) > 100 * count
    # Exact, because doubles say the same.
    exact_scores, exact = gradient(network.double(), images.double(), rising)
    assert torch.equal(scores.double(), exact_scores)
    assert torch.equal(found.double(), exact)
    # And ties there are, of places above 0 whose gradient must go to one.
    layer = network[1:3](network[0](images.double()))
    windows = functional.unfold(layer.flatten(0, 1)[:, None], 2, stride=2)
    most = windows.amax(dim=1, keepdim=True)
    assert int((((windows == most).sum(dim=1) > 1) & (most[:, 0] > 0)).sum()) > 10 * count


def magnitudes(
    network: nn.Sequential, images: Tensor, rising: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Scores and gradient in float64, and both again with every term's absolute value."""
    exact = build("cnn-2018", 0).eval().double()
    exact.load_state_dict(network.state_dict())
    scores, true = gradient(exact, images.double(), rising)
    big, big_gradient = images.double() * exact[0].factor.abs() + exact[0].offset.abs(), None
    chosen: list[tuple[Tensor, Tensor]] = []
    value = exact[1](exact[0](images.double()))
    big = exact[1](big)
    for k in (2, 5):
        value, index = functional.max_pool2d(exact[k](value), 2, return_indices=True)
        chosen.append((value > 0, index))
        value = value.relu()
        big = functional.conv2d(big, exact[k].weight.abs(), exact[k].bias.abs())
        big = functional.max_pool2d(big, 2)
    hidden = exact[10](value.flatten(1))
    big = functional.linear(big.flatten(1), exact[10].weight.abs(), exact[10].bias.abs())
    big = functional.linear(big, exact[13].weight.abs(), exact[13].bias.abs())
    back = rising.double().abs() @ exact[13].weight.abs() * (hidden > 0)
    back = (back @ exact[10].weight.abs()).view(-1, 20, 4, 4)
    for k in (5, 2):
        alive, index = chosen.pop()
        back = functional.max_unpool2d(back * alive, index, 2)
        back = functional.conv_transpose2d(back, exact[k].weight.abs())
    big_gradient = back.flatten(1) * exact[0].factor.abs()
    return scores, true, big, big_gradient


def test_elsewhere_both_are_within_the_rounding_of_the_same_numbers() -> None:
    network, images = (
        build("cnn-2018", 4).eval(),
        torch.tensor(np.random.default_rng(4).random((20, 784), dtype=np.float32)),
    )
    rising = torch.eye(10).repeat(2, 1)
    scores, true, big, big_gradient = magnitudes(network, images, rising)
    # Longest sums on a path forward, with the map of pixels; and on one back: 50 hidden units, 20
    # channels of up to 9 pools, 10 channels of up to 9.
    forward, back = 2 + 26 + 251 + 321 + 51, 10 + 50 + 180 + 90 + 2
    for contender in (fused(network), network):
        found, slope = gradient(contender, images, rising)
        assert bool(((found - scores).abs() <= 1.01 * forward * ROUNDING * big).all())
        assert bool(((slope - true).abs() <= 1.01 * back * ROUNDING * big_gradient).all())
    # A kernel that is off by one pixel, channel or choice is far outside.
    wrong = true.roll(1, dims=1)
    assert not bool(((wrong - true).abs() <= 1.01 * back * ROUNDING * big_gradient).all())


def test_what_an_image_gets_does_not_depend_on_the_others() -> None:
    compiled, images = fused(build("cnn-2018", 1).eval())[0], pixels(40, 3, steps=200)
    together = gradient(compiled, images, torch.ones(40, 320))
    for rows in (slice(3, 4), slice(5, 30)):
        alone = gradient(compiled, images[rows], torch.ones(40, 320)[rows])
        assert all(torch.equal(a, b[rows]) for a, b in zip(alone, together, strict=True))
    columns = images.t().contiguous().t()
    assert torch.equal(compiled(columns), together[0])


def test_what_is_not_finite_is_not_lost() -> None:
    network = build("cnn-2018", 1).eval()
    with torch.no_grad():
        network[2].weight[3, 0, 2, 2] = 3e38
        network[2].weight[3, 0, 2, 3] = -3e38
    image = np.full((1, 784), 1.0, np.float32)
    assert fused(network) is not network
    with pytest.raises(InputError, match="finite scores"):
        predict(network, image)


def test_other_modules_stay_with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build("cnn-2018", 1)
    assert fused(network.train()) is network
    assert fused(network.eval()) is not network
    others = [build("cnn", 1).eval(), mlp((784, 5, 10), 1).eval(), nn.Identity().eval()]
    others += [build("cnn-2018", 1).eval().double(), network[1:]]
    padded = build("cnn-2018", 1).eval()
    padded[2] = nn.Conv2d(1, 10, 5, padding=1)
    hooked = build("cnn-2018", 1).eval()
    hooked[3].register_forward_hook(lambda part, given, found: found + 1)
    others += [padded, hooked]
    assert all(fused(other) is other for other in others)
    monkeypatch.setattr(module, "installed", lambda: False)
    assert fused(network) is network
