"""Torch models are read as what they compute, from memory and from files, or refused by name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.models.agreement import compare
from verify.models.model import ONE_NUMBER, Model
from verify.models.readers import of_object, read_model
from verify.questions.audit import audit

X = np.random.default_rng(0).normal(size=(20, 8))


class Function(nn.Module):
    """A module with a layer from 8 to 3 values, and any forward."""

    def __init__(self, forward: Callable[[Any, Tensor], Any], features: int = 3) -> None:
        super().__init__()
        self.layer = nn.Linear(8, features)
        self.register_buffer("vector", torch.tensor([0.0, 0.5, 1.0]))
        self.register_buffer("number", torch.tensor(0.5))
        self.run = forward
        with torch.no_grad():
            numbers = torch.Generator().manual_seed(1)
            for parameter in self.layer.parameters():
                parameter.uniform_(-1, 1, generator=numbers)

    def forward(self, x: Tensor) -> Any:
        return self.run(self, x)


def exported(module: nn.Module, path: Path, fixed: int = 0) -> Path:
    """Save a module as a program for any number of examples, or a fixed one."""
    kind = next(module.parameters()).dtype
    shapes = None if fixed else ({0: torch.export.Dim("n")},)
    examples = torch.zeros(fixed or 2, 8, dtype=kind)
    program = torch.export.export(module.eval(), (examples,), dynamic_shapes=shapes)
    torch.export.save(program, path)
    return path


def scores(model: Model, points: np.ndarray = X) -> np.ndarray:
    return np.array([[float(z) for z in row] for row in model.network.outputs(points)])


def both(module: nn.Module, path: Path) -> Iterator[Model]:
    """Read a module from memory and from a file; both have to be what torch runs."""
    yield of_object(module, X)
    yield read_model(exported(module, path / "m.pt2"))
    yield read_model(exported(module, path / "fixed.pt2", fixed=3))


READ: list[Callable[[Any, Tensor], Any]] = [
    lambda m, x: m.layer(x),
    lambda m, x: torch.softmax(m.layer(x), -1),
    lambda m, x: torch.log_softmax(m.layer(x), dim=1, dtype=torch.float64),
    lambda m, x: torch.softmax(m.layer(x), 1).unsqueeze(1).squeeze(1),
    lambda m, x: m.layer(x) + m.vector,
    lambda m, x: m.layer(x) * m.vector,
    lambda m, x: (m.vector - m.layer(x)) / torch.tensor([2.0, -3.0, 0.5]),
    lambda m, x: m.vector + m.layer(x) - torch.tensor([1.0, -1.0, 0.5]),
    lambda m, x: m.layer(1 - x),
    lambda m, x: m.layer(-x * m.number / 3),
    lambda m, x: x @ m.layer.weight.T + m.layer.bias,
    lambda m, x: torch.addmm(m.layer.bias, x, m.layer.weight.t()),
    lambda m, x: torch.matmul(x, m.layer.weight.transpose(0, 1)),
    lambda m, x: m.layer(x.view(x.size(0), 2, 4).flatten(1)),
    lambda m, x: x[:, :8] @ m.layer.weight[:3].flip(0).T,
    lambda m, x: {"logits": m.layer(x)},
    lambda m, x: m.layer(nn.functional.dropout(x, 0.5, m.training)),
    lambda m, x: m.layer(x.float()) if x.dtype == torch.float32 else m.layer(x),
    lambda m, x: torch.softmax(m.layer(x), 1).argmax(1),
    lambda m, x: m.layer(x).argmax(-1, keepdim=True),
    lambda m, x: torch.softmax(m.layer(x), 1)[:, [2, 0, 1]],
    lambda m, x: torch.softmax(m.layer(x), 1).log(),
    lambda m, x: torch.log_softmax(m.layer(x), 1).exp(),
]


@pytest.mark.parametrize("place", range(len(READ)))
def test_what_torch_computes_is_read(place: int, tmp_path: Path) -> None:
    module = Function(READ[place]).eval()
    with torch.no_grad():
        (wanted,) = torch.utils._pytree.tree_leaves(module(torch.tensor(X, dtype=torch.float32)))
    labels = wanted.argmax(1) if wanted.is_floating_point() else wanted.reshape(-1)
    for model in both(module, tmp_path):
        assert model.labels == (0, 1, 2)
        assert model.shape == (8,)
        assert compare(model, X).ties == 0
        single = X.astype(np.float32)
        assert np.array_equal(scores(model, single).argmax(1), labels.numpy())


@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.bfloat16])
def test_a_module_of_any_precision_is_read_exactly(kind: torch.dtype, tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3)).to(kind)
    for model in both(module, tmp_path):
        (z,) = model.network.outputs(X[:1])
        values = [Fraction(x) for x in X[0]]
        for layer in (module[0], module[2]):
            weights, biases = (p.detach().double().tolist() for p in layer.parameters())
            sums = [
                sum((Fraction(w) * v for w, v in zip(row, values, strict=True)), Fraction(b))
                for row, b in zip(weights, biases, strict=True)
            ]
            values = [max(Fraction(0), x) for x in sums]
        assert z == tuple(sums)
        assert model.runtime is not None
        assert model.runtime.unit == torch.finfo(kind).eps
        assert compare(model, X).examples == len(X)


def test_one_probability_is_read_as_two_logits(tmp_path: Path) -> None:
    runs: list[Callable[[Any, Tensor], Any]] = [
        lambda m, x: torch.sigmoid(m.layer(x))[:, 0],
        lambda m, x: 1 - torch.sigmoid(m.layer(x)),
        lambda m, x: torch.cat([1 - torch.sigmoid(m.layer(x)), torch.sigmoid(m.layer(x))], 1),
        lambda m, x: _pair(torch.sigmoid(m.layer(x))),
    ]
    for run in runs[:2] + runs[3:]:
        for model in both(Function(run, 1), tmp_path):
            assert model.labels == (0, 1)
            assert compare(model, X).examples == len(X)
    with pytest.raises(InputError, match="sigmoids of several values"):
        of_object(Function(runs[2], 1), X)  # of two computations that only happen to be one


def _pair(p: Tensor) -> Tensor:
    return torch.cat([1 - p, p], 1)


def test_a_probability_may_round_to_one() -> None:
    sure = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
    with torch.no_grad():
        sure[0].weight.fill_(1.0)
        sure[0].bias.zero_()
    points = np.array([[20.0, 1.0], [-20.0, 1.0], [-200.0, 1.0], [200.0, 0.0]], np.float32)
    agreed = compare(of_object(sure, points), points)
    assert agreed.answers.tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("inside", [torch.no_grad, torch.inference_mode])
def test_a_part_without_gradients_is_read(inside: Any) -> None:
    def forward(module: Any, x: Tensor) -> Tensor:
        with inside():
            hidden = torch.relu(module.layer(x))
        return hidden - module.vector

    assert compare(of_object(Function(forward), X), X).examples == len(X)


def test_what_cannot_be_traced_is_said_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    def forward(module: Any, x: Tensor) -> Tensor:
        return module.layer(x) if x.sum() < 5 else module.layer(-x)

    with pytest.raises(InputError, match=r"a module that torch\.export can trace"):
        of_object(Function(forward), X)
    assert capfd.readouterr().err == ""


def test_a_class_is_no_classifier() -> None:
    with pytest.raises(InputError, match="not the class of one, got the class Linear"):
        of_object(nn.Linear, X)


def test_one_number_is_a_regression(tmp_path: Path) -> None:
    torch.save(nn.Sequential(nn.Linear(8, 1)).state_dict(), tmp_path / "m.pt")
    module = nn.Linear(8, 1)
    reads: list[Callable[[], Model]] = [
        lambda: of_object(module, X),
        lambda: read_model(exported(module, tmp_path / "m.pt2")),
        lambda: read_model(tmp_path / "m.pt", "mlp"),
    ]
    reads.append(lambda: of_object(Function(lambda m, x: m.layer(x)[:, 1]), X))
    for read in reads:
        model = read()
        assert (model.numbers, model.behind) == (ONE_NUMBER, "nothing")
        if model.runtime is not None:
            _, told = model.runtime.answer(X.astype(np.float32))
            assert told is not None
            exact = [float(y) for (y,) in model.network.outputs(X)]
            assert exact == pytest.approx(told.reshape(-1).tolist(), abs=1e-5)
        with pytest.raises(InputError, match="got one number for each example, as a regression"):
            audit(model)


REFUSED: list[tuple[Callable[[Any, Tensor], Any], str]] = [
    (lambda m, x: torch.softmax(m.layer(x), 1) + m.vector, "behind the softmax (add (aten.add.T"),
    (lambda m, x: 1 - torch.softmax(m.layer(x), 1), "behind the softmax (rsub (aten.rsub.Scalar"),
    (lambda m, x: torch.log_softmax(m.layer(x), 1) + m.vector, "behind the log_softmax (add ("),
    (lambda m, x: torch.softmax(m.layer(x), 1) / m.vector, "behind the softmax (div (aten.div"),
    (lambda m, x: torch.softmax(torch.softmax(m.layer(x), 1), 1), "aten.softmax.int behind the"),
    (lambda m, x: m.layer(x).log(), "aten.log.default: no piecewise linear function"),
    (lambda m, x: torch.softmax(m.layer(x), 0), "aten.softmax.int over axis 0 of (2, 3), not all"),
    (lambda m, x: torch.softmax(m.layer(x).view(-1, 3, 1), 2), "over axis 2 of (2, 3, 1), not all"),
    (lambda m, x: torch.softmax(m.layer(x)[..., None], 2), "over axis 2 of (2, 3, 1), not all"),
    (lambda m, x: torch.sigmoid(m.layer(x)), "sigmoids of several values, for several labels"),
    (lambda m, x: m.layer(torch.sigmoid(x)), "an operation behind the sigmoid (linear"),
    (lambda m, x: torch.softmax(m.layer(x)[:, :1], 1), "of one value, which is always the same"),
    (lambda m, x: torch.cat([m.layer(x).softmax(1), m.layer(-x).softmax(1)], 1), "another softmax"),
    (lambda m, x: torch.cat([m.layer(x).softmax(1), m.layer(x)], 1), "a part is behind another so"),
    (lambda m, x: nn.functional.pad(m.layer(x).softmax(1), (0, 1)), "a part is behind another so"),
    (lambda m, x: m.layer(x)[1], "got values of several examples in one (the output)"),
    (lambda m, x: m.layer(x.flip(0)), "got values of several examples in one (linear"),
    (lambda m, x: m.layer(x) - m.layer(x).mean(0), "got values of several examples in one (mean"),
    (lambda m, x: x[:, None] - x[None], "got values of several examples in one (sub"),
    (lambda m, x: (m.layer(x), x), "expected one output, got 2: linear, x"),
    (lambda m, x: m.layer(x) * x.mean(1, keepdim=True), "got a product of two computed values"),
    (lambda m, x: m.layer(x) @ m.layer(x).T, "got a product of two computed values (matmul"),
    (lambda m, x: m.layer(x).unsqueeze(2) + m.vector, "got scores of shape (3, 3)"),
    (lambda m, x: m.layer(x) + torch.rand(3), "got aten.rand.default: random numbers"),
    (lambda m, x: m.layer(x) + torch.tensor([[1.0], [2.0]]), "a constant with other numbers for e"),
    (lambda m, x: torch.tanh(m.layer(x)), "got aten.tanh.default: no piecewise linear function"),
    (lambda m, x: nn.functional.gelu(x), "got aten.gelu.default: no piecewise linear function"),
    (lambda m, x: nn.functional.silu(x), "got aten.silu.default: no piecewise linear function"),
    (lambda m, x: nn.functional.layer_norm(x, (8,)), "a normalisation by what the examples thems"),
    (lambda m, x: x.sign(), "got aten.sign.default: a step, which jumps"),
    (lambda m, x: nn.functional.threshold(x, 0.5, 0.0), "a threshold at 0.5 with a step to 0.0"),
    (lambda m, x: nn.functional.rrelu(x, training=True), "slopes that are drawn at random"),
    (lambda m, x: nn.functional.scaled_dot_product_attention(x, x, x), "attention, which multipli"),
    (lambda m, x: torch.fft.rfft(x).real, "got aten."),
    (lambda m, x: m.layer.weight @ x.T, "got an output whose first axis is not that of examples"),
    (lambda m, x: 1 / m.layer(x), "got aten.reciprocal.default: a division by computed values"),
    (lambda m, x: m.layer(x) / m.layer(x), "got a division by a computed value"),
    (lambda m, x: m.layer(x) / 0, "got a division by 0"),
    (lambda m, x: m.layer(x) * float("inf"), "with factors that are not finite"),
    (lambda m, x: m.layer.bias.expand(2, 3), "got scores that do not depend on the input"),
    (lambda m, x: m.layer(x).reshape(1, -1), "got an output whose first axis is not that of exa"),
    (lambda m, x: m.layer(x.T.reshape(2, 8)), "got values of several examples in one"),
    (lambda m, x: m.layer(x.int().float()), "got a conversion to torch.int32"),
    (lambda m, x: m.layer(x).argmax(1) + 1, "an operation behind the argmax"),
    (lambda m, x: m.layer(x).max(1)[1], "got places of the largest numbers"),
    (lambda m, x: nn.functional.dropout(m.layer(x), 0.5, True), "got dropout in training mode"),
    (lambda m, x: nn.functional.interpolate(x[:, None, :2], 82)[:, 0], "whose places torch rounds"),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_what_is_not_a_chain_of_layers_is_refused_by_name(place: int, tmp_path: Path) -> None:
    run, message = REFUSED[place]
    with pytest.raises(InputError) as caught:
        of_object(Function(run), X)
    assert message in str(caught.value)
    with pytest.raises(InputError) as caught:
        read_model(exported(Function(run), tmp_path / "m.pt2", fixed=2))
    assert message in str(caught.value)


def test_programs_in_torch_s_core_operations_are_read(tmp_path: Path) -> None:
    for axis in (nn.Softmax(1), nn.LogSoftmax(1)):
        module = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3), axis)
        program = torch.export.export(module.eval(), (torch.zeros(2, 8),)).run_decompositions()
        torch.export.save(program, tmp_path / "m.pt2")
        model = read_model(tmp_path / "m.pt2")
        assert np.array_equal(scores(model), scores(of_object(module, X)))
        assert compare(model, X).examples == len(X)


def test_scores_of_several_axes_are_refused() -> None:
    module = nn.Sequential(nn.Linear(8, 6), nn.Unflatten(1, (3, 2)))
    with pytest.raises(InputError, match=r"expected one score for each class, got scores of shape"):
        of_object(module, X)


def test_a_module_that_changes_its_buffers_is_refused(tmp_path: Path) -> None:
    def counting(module: Any, x: Tensor) -> Tensor:
        module.number.add_(1)
        found: Tensor = module.layer(x)
        return found

    with pytest.raises(InputError, match="and changes nothing, got one with a value that is writt"):
        of_object(Function(counting), X)
    program = torch.export.export(Function(counting), (torch.zeros(2, 8),)).run_decompositions()
    torch.export.save(program, tmp_path / "m.pt2")
    with pytest.raises(InputError, match="and changes nothing, got one with a buffer mutation"):
        read_model(tmp_path / "m.pt2")


def test_a_compiled_module_is_read_as_the_module() -> None:
    module = nn.Sequential(nn.Linear(8, 3))
    assert np.array_equal(scores(of_object(torch.compile(module), X)), scores(of_object(module, X)))


def test_nobody_s_random_numbers_move(tmp_path: Path) -> None:
    def drawing(module: Any, x: Tensor) -> Tensor:
        torch.rand(3)
        found: Tensor = module.layer(x)
        return found

    image = nn.Sequential(nn.Unflatten(1, (1, 2, 4)), nn.Conv2d(1, 2, 2), nn.Flatten())
    module = nn.Sequential(*image, nn.Linear(6, 3))
    path, forward = exported(module, tmp_path / "m.pt2"), Function(drawing)
    torch.save(nn.Sequential(nn.Linear(8, 3)).state_dict(), tmp_path / "m.pt")

    def state() -> str:
        numbers = np.random.get_state()  # noqa: NPY002
        return f"{torch.get_rng_state().tolist()} {numbers} {random.getstate()}"

    before = state()
    for model in (of_object(module, X), read_model(path), read_model(tmp_path / "m.pt", "mlp")):
        model.module(torch.zeros(1, 8))
        compare(model, X)
    with pytest.raises(InputError):
        of_object(forward, X)
    assert state() == before
