"""Tests of ellipsoids around what the first ReLUs read."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from certify.bounds import enclosing as module
from certify.bounds.enclosing import Enclosing, enclosing
from certify.bounds.evaluation import Floats
from certify.bounds.proof import LONG, SHORT, Precision, Proof
from certify.bounds.question import Box, Property, Question
from certify.bounds.relaxation import Relaxation
from certify.bounds.shaving import Shaving
from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu, Scale


def asked(weights: Any, lower: Any, upper: Any) -> Question:
    weights = np.array(weights, dtype=np.float32)
    maps = Dense.of(weights, [0.5] * len(weights)), Relu(), Dense.of([[1] * len(weights)], [0])
    return Question(Network.chain(*maps), Box.of(lower, upper), (Property.of([[1]], [-1]),))


def found(question: Question, precision: Precision = SHORT) -> Enclosing:
    floats = Floats(question, torch.float32, "cpu", precision.bits)
    ball = enclosing(floats.relaxation, floats.lower, floats.upper, precision.grid)
    assert ball is not None
    return ball


def drawn(seed: int, rows: int = 6, columns: int = 9, width: float = 2.0) -> Question:
    r = np.random.default_rng(seed)
    lower = r.normal(size=columns)
    width = r.choice([0.0, width / 4, width], columns)
    return asked(r.normal(size=(rows, columns)), lower.tolist(), (lower + width).tolist())


# Of so wide a box the weights, in fine units, are more than a machine's integer.
@pytest.mark.parametrize(("precision", "width"), [(SHORT, 2.0), (LONG, 2.0), (LONG, 64.0)])
@pytest.mark.parametrize("seed", range(3))
def test_it_holds_all_corners_and_is_proved(seed: int, precision: Precision, width: float) -> None:
    question = drawn(seed, width=width)
    ball = found(question, precision)
    lower, upper = (np.array(x, float) for x in (question.box.lower, question.box.upper))
    sides = np.random.default_rng(seed).integers(0, 2, (4000, len(lower)))
    points = torch.tensor(lower + sides * (upper - lower), dtype=torch.float32)
    relaxation = question.network.once(Relaxation, torch.float32, "cpu")
    z = relaxation.values(points)[ball.reads]
    far = ((z - ball.centers) ** 2).sum(dim=1) / ball.spread
    assert 0.5 < float(far.max()) < 1
    proof = Proof(question, relaxation, precision)
    assert proof.enclose(ball.evidence)
    read = proof._exact.region.ellipsoid
    assert read
    # As much as bounds in floats take it for.
    assert read.size / 4**precision.grid == pytest.approx(1, rel=1e-4)
    smaller = [x * 9 // 10 for x in ball.evidence["spreads"]]
    proof = Proof(question, relaxation, precision)
    assert not proof.enclose({**ball.evidence, "spreads": smaller})
    assert "ellipsoid" not in proof.certificate({}).evidence


def test_of_one_value_it_is_its_interval() -> None:
    ball = found(asked([[1, -2, 0.5]], [0, 0, 0], [2, 1, 4]))
    assert ball.spread == pytest.approx(3.0**2, rel=1e-3)
    assert float(ball.centers) == 1.5


def test_of_orthogonal_rows_no_sum_is_as_large_as_all_intervals() -> None:
    ball = found(asked([[1, 1], [1, -1]], [-1, -1], [1, 1]))
    assert ball.spread == pytest.approx(4, rel=1e-3)  # 8 would be that of the corner (2, 2)


def test_what_it_bounds_is_below_all_values() -> None:
    ball, r = found(drawn(5)), torch.Generator().manual_seed(1)
    low, high = torch.full((6,), -2.0), torch.tensor([3.0, 3, 3, -1, 3, 3])
    low[4] = 1.0
    a, slopes = (torch.randn(20, 6, generator=r) for _ in "ab")
    share = torch.rand(20, 1, generator=r) + 0.1
    least = ball.least(a, share, slopes, low, high)
    z = low + (high - low) * torch.rand(5000, 6, generator=r)
    cost = share * (((z[:, None] - ball.centers) ** 2).sum(dim=2, keepdim=True) / ball.spread - 1)
    values = (a * z[:, None].clamp(min=0) - slopes * z[:, None]).sum(dim=2) + cost[:, :, 0]
    assert bool((values >= least - 1e-4).all())
    # Entry by entry the least is attained, nearly: by a fine grid.
    fine = low + (high - low) * torch.linspace(0, 1, 2001)[:, None]
    alone = a * fine[:, None].clamp(min=0) - slopes * fine[:, None]
    alone = alone + share * (fine[:, None] - ball.centers) ** 2 / ball.spread
    assert torch.allclose(alone.amin(dim=0).sum(dim=1) - share[:, 0], least, atol=1e-3)


def test_there_is_none_where_no_relu_reads_weighted_sums_of_the_input() -> None:
    half = Scale((Fraction(1, 2),), (Fraction(0),))
    maps: list[Any] = [half, Relu(), Dense.of([[1, 1]], [0]), Relu(), Dense.of([[1]], [0])]
    relaxation = Relaxation(Network.chain(*maps))
    low, high = torch.zeros(1, 2).double(), torch.ones(1, 2).double()
    assert enclosing(relaxation, low, high, 24) is None


def test_shaving_goes_on_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 5)
    question = drawn(0)
    floats = Floats(question, torch.float32, "cpu", SHORT.bits)
    proof = Proof(question, floats.relaxation, SHORT)
    floats.start(proof.bounds)
    search = Shaving(floats, proof, math.inf, 8)
    assert search.ball is None
    assert search.bent == search.relus
    with torch.no_grad():
        tree = search.tree()
    assert tree is None or "curve" not in str(tree)
