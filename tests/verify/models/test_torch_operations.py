"""Each operation of torch, on drawn shapes and arguments, is read as what torch computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from verify.data.memory import Budget
from verify.models import torch_kinds as kinds
from verify.models.exported_program import Name, Operation, Program, bound, compute
from verify.models.torch_ends import read
from verify.models.torch_rules import RULES

Draw = Callable[[st.SearchStrategy[Any]], Any]
X = Name("x")


class Case:
    """One operation: the shape of an example, its arguments, and the constants among them.

    named   arguments that positions cannot give
    scores  the dimension behind which scores are flattened
    """

    def __init__(self, shape: tuple[int, ...], *arguments: Any, **named: Any) -> None:
        self.shape, self.named = shape, named
        self.stored: dict[str, Tensor] = {}
        self.arguments = [self._stored(value) for value in arguments]

    def _stored(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._stored(entry) for entry in value]
        if not isinstance(value, Tensor):
            return value
        name = f"c{len(self.stored)}"
        self.stored[name] = value
        return Name(name)


def numbers(draw: Draw, *shape: int) -> Tensor:
    """Numbers of few bits, in which no sum of a few is rounded, zeros and ties among them."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    return torch.randint(-8, 9, shape, generator=generator).double() / 4


def small(draw: Draw, least: int = 1, most: int = 4) -> int:
    return int(draw(st.integers(least, most)))


def sizes(draw: Draw, least: int = 1, most: int = 3) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, 4), min_size=least, max_size=most)))


# Strategies


def plain(*arguments: Any) -> Callable[[Draw], Case]:
    return lambda draw: Case(sizes(draw), X, *arguments)


def arithmetic(draw: Draw) -> Case:
    shape = sizes(draw)
    other = tuple(n if draw(st.booleans()) else 1 for n in (1, *shape))[
        small(draw, 0, len(shape)) :
    ]
    constant = numbers(draw, *other)
    both = [X, constant] if draw(st.booleans()) else [constant, X]
    return Case(shape, *both)


def two_values(draw: Draw) -> Case:
    return Case(sizes(draw), X, X)


def divided(draw: Draw) -> Case:
    shape = sizes(draw)
    return Case(shape, X, 2.0 ** numbers(draw, shape[-1]).round())


def factored(draw: Draw) -> Case:
    return Case(
        shape := sizes(draw), X, numbers(draw, shape[-1]), alpha=draw(st.sampled_from([2, -1]))
    )


def linear(draw: Draw) -> Case:
    *outer, n = sizes(draw)
    m = small(draw)
    biases = numbers(draw, m) if draw(st.booleans()) else None
    return Case((*outer, n), X, numbers(draw, m, n), biases)


def matmul(draw: Draw) -> Case:
    *outer, n, k = sizes(draw, 2, 4)
    lead = tuple(m if draw(st.booleans()) else 1 for m in outer)
    if draw(st.booleans()):
        return Case((*outer, n, k), X, numbers(draw, *lead, k, small(draw)))
    return Case((*outer, n, k), numbers(draw, *lead, small(draw), n), X)


def by_vector(draw: Draw) -> Case:
    *outer, k = sizes(draw, 2, 3)
    return Case((*outer, k), X, numbers(draw, k))


def mm(draw: Draw) -> Case:
    return Case((k := small(draw),), X, numbers(draw, k, small(draw)))


def addmm(draw: Draw) -> Case:
    k, m = small(draw), small(draw)
    added = draw(st.sampled_from([(m,), (1, m), (1,), (1, 1)]))
    factors = {"beta": small(draw, -1, 2), "alpha": small(draw, 1, 3)}
    return Case((k,), numbers(draw, *added), X, numbers(draw, k, m), **factors)


def einsum(draw: Draw) -> Case:
    equation, own, other = draw(st.sampled_from([
        ("nd,kd->nk", "d", "kd"), ("nd,dz", "d", "dz"), ("ncd,kd->nkc", "cd", "kd"),
        ("ncd,ckd->nck", "cd", "ckd"), ("ncd,e->ne", "cd", "e"),
        ("ncd,kce->nk", "cd", "kce"),
    ]))  # fmt: skip
    extent = {c: small(draw, 2, 4) for c in "cdkez"}
    shape, table = (tuple(extent[c] for c in part) for part in (own, other))
    return Case(shape, equation, [X, numbers(draw, *table)])


def convolution(axes: int, *, transposed: bool = False, same: bool = False) -> Any:
    def drawn(draw: Draw) -> Case:
        groups = small(draw, 1, 2)
        channels, made = groups * small(draw, 1, 2), groups * small(draw, 1, 2)
        image = [small(draw, 3, 6) for _ in range(axes)]
        window = [small(draw, 1, 3) for _ in range(axes)]
        steps = [small(draw, 1, 3) for _ in range(axes)]
        spread = [small(draw, 1, 2) for _ in range(axes)]
        spread = [
            d if (k - 1) * d < n else 1 for d, k, n in zip(spread, window, image, strict=True)
        ]
        padding = [small(draw, 0, 2) for _ in range(axes)]
        biases = numbers(draw, made) if draw(st.booleans()) else None
        if transposed:
            kernel = numbers(draw, channels, made // groups, *window)
            padding = [min(p, (n - 1) * s + (k - 1) * d) // 2 for p, n, s, k, d in
                       zip(padding, image, steps, window, spread, strict=True)]  # fmt: skip
            more = [
                min(small(draw, 0, 1), max(s, d) - 1) for s, d in zip(steps, spread, strict=True)
            ]
            return Case((channels, *image), X, kernel, biases, steps, padding, more, groups, spread)
        kernel = numbers(draw, made, channels // groups, *window)
        if same:
            return Case((channels, *image), X, kernel, biases, [1] * axes, "same", spread, groups)
        return Case((channels, *image), X, kernel, biases, steps, padding, spread, groups)

    return drawn


def pool(axes: int, *, average: bool = False) -> Any:
    def drawn(draw: Draw) -> Case:
        image = [small(draw, 4, 7) for _ in range(axes)]
        window = [small(draw, 1, 4) for _ in range(axes)]
        steps = draw(st.sampled_from([[], [small(draw, 1, 3) for _ in range(axes)]]))
        padding = [small(draw, 0, k // 2) for k in window]
        ceil = draw(st.booleans())
        shape = (small(draw, 1, 2), *image)
        if average:
            more: list[Any] = [draw(st.booleans())]
            if axes == 2:
                more.append(draw(st.sampled_from([None, 3])))
            return Case(shape, X, window, steps, padding, ceil, *more)
        spread = [2 if k <= 2 and draw(st.booleans()) else 1 for k in window]
        return Case(shape, X, window, steps, padding, spread, ceil)

    return drawn


def adaptive(axes: int) -> Any:
    def drawn(draw: Draw) -> Case:
        image = [small(draw, 1, 7) for _ in range(axes)]
        return Case((small(draw, 1, 2), *image), X, [small(draw, 1, 5) for _ in range(axes)])

    return drawn


def along(*, listed: bool) -> Any:
    def drawn(draw: Draw) -> Case:
        shape = sizes(draw)
        axes = draw(st.lists(st.sampled_from(range(1, len(shape) + 1)), min_size=1, unique=True))
        axes = [axis - (len(shape) + 1) * draw(st.booleans()) for axis in axes]
        return Case(shape, X, axes if listed else axes[0], draw(st.booleans()))

    return drawn


def batch_norm(draw: Draw) -> Case:
    shape = sizes(draw)
    several = [numbers(draw, shape[0]) for _ in range(3)]
    several = [n if draw(st.booleans()) else None for n in several[:2]] + several[2:]
    return Case(shape, X, *several, numbers(draw, shape[0]).abs(), False, 0.1, 0.5, False)


def prelu(draw: Draw) -> Case:
    shape = sizes(draw)
    return Case(shape, X, numbers(draw, draw(st.sampled_from([1, shape[0]]))))


def padded(mode: str) -> Any:
    def drawn(draw: Draw) -> Case:
        shape = (small(draw, 1, 2), small(draw, 3, 5), small(draw, 3, 5))
        widths = [small(draw, 0, 2) for _ in range(draw(st.sampled_from([2, 4])))]
        # Of three axes with that of examples, torch pads the last two in these modes alone.
        widths = widths if len(widths) == 4 or mode == "constant" else [*widths, 0, 0]
        value = draw(st.sampled_from([None, 0.0, 1.5])) if mode == "constant" else None
        return Case(shape, X, widths, mode, value)

    return drawn


def upsampled(draw: Draw) -> Case:
    shape = (1, small(draw, 1, 5), small(draw, 1, 5))
    factors = [float(draw(st.sampled_from([1, 2, 3, 4, 5, 8]))) for _ in range(2)]
    return Case(shape, X, None, factors)


def sliced(draw: Draw) -> Case:
    bounds = st.sampled_from([None, 0, 1, -1, -2, 9])
    shape = (small(draw, 3, 6),)
    first, last = draw(bounds), draw(bounds)
    if len(range(shape[0])[slice(first, last)]) == 0:
        first, last = None, None
    return Case(shape, X, 1, first, last, small(draw, 1, 2))


def indexed(draw: Draw) -> Case:
    shape = (small(draw, 2, 4), small(draw, 2, 4))
    places = torch.tensor(draw(st.lists(st.integers(-2, 1), min_size=1, max_size=5)))
    return Case(shape, X, draw(st.sampled_from([[None, places], [None, None, places]])))


def chosen(draw: Draw) -> Case:
    shape = sizes(draw)
    mask = numbers(draw, *shape) > 0
    return Case(shape, mask, X, numbers(draw, shape[-1]))


def masked(draw: Draw) -> Case:
    shape = sizes(draw)
    return Case(shape, X, numbers(draw, *shape) > 0, draw(st.sampled_from([0, -1.5])))


def joined(draw: Draw) -> Case:
    shape, count = sizes(draw, 2, 2), 2
    constant = numbers(draw, 1, *shape).expand(count, *shape)
    return Case(shape, [X, constant, X], small(draw, 1, 2), count=count)


VALUES: dict[str, Callable[[Draw], Case]] = {
    "add.Tensor": factored, "sub.Tensor": factored, "rsub.Scalar": plain(0.75, -2),
    "mul.Tensor": arithmetic, "div.Tensor": divided, "div.Scalar": plain(3), "neg.default": plain(),
    "mul.Scalar": plain(-1.5), "add.Scalar": plain(0.25), "rsub.Tensor": arithmetic,
    "relu.default": plain(), "hardtanh.default": plain(-0.5, 1.25),
    "clamp.default": plain(0.5, -0.5),
    "clamp_min.default": plain(0.25), "clamp_max.default": plain(0.25), "abs.default": plain(),
    "clamp.Tensor": lambda draw: Case((3,), X, numbers(draw, 3), numbers(draw, 3)),
    "leaky_relu.default": plain(0.25), "rrelu.default": plain(0.125, 0.375), "prelu.default": prelu,
    "maximum.default": arithmetic, "minimum.default": arithmetic, "max.other": two_values,
    "min.other": two_values, "threshold.default": plain(0.5, 0.5),
    "softshrink.default": plain(0.75),
    "hardsigmoid.default": plain(), "relu6.default": plain(),
    "linear.default": linear, "matmul.default": matmul,
    "matmul.default by a vector": by_vector,
    "mv.default": lambda draw: Case((k := small(draw),), X, numbers(draw, k)),
    "mm.default": mm, "addmm.default": addmm, "einsum.default": einsum,
    "conv1d.default": convolution(1), "conv2d.default": convolution(2),
    "conv1d.padding": convolution(1, same=True), "conv2d.padding": convolution(2, same=True),
    "conv_transpose1d.default": convolution(1, transposed=True),
    "conv_transpose2d.input": convolution(2, transposed=True),
    "max_pool1d.default": pool(1), "max_pool2d.default": pool(2),
    "avg_pool1d.default": pool(1, average=True), "avg_pool2d.default": pool(2, average=True),
    "adaptive_avg_pool1d.default": adaptive(1), "adaptive_avg_pool2d.default": adaptive(2),
    "adaptive_max_pool1d.default": adaptive(1), "adaptive_max_pool2d.default": adaptive(2),
    "max_pool2d_with_indices.default": pool(2),
    "mean.dim": along(listed=True), "sum.dim_IntList": along(listed=True),
    "amax.default": along(listed=True), "amin.default": along(listed=True),
    "max.dim": along(listed=False), "min.dim": along(listed=False),
    "batch_norm.default": batch_norm,
    "pad.default": padded("constant"), "where.self": chosen, "masked_fill.Scalar": masked,
    "slice.Tensor": sliced, "index.Tensor": indexed, "cat.default": joined,
    "upsample_nearest2d.vec": upsampled, "_upsample_nearest_exact2d.vec": upsampled,
    "flip.default": plain([1]), "roll.default": plain([1], [1]),
    "repeat.default": lambda draw: Case(shape := sizes(draw), X, [1, *(2 for _ in shape)]),
    "tril.default": lambda draw: Case(sizes(draw, 2, 3), X, small(draw, -1, 1)),
    "pixel_shuffle.default": lambda draw: Case((4, *sizes(draw, 2, 2)), X, 2),
    "im2col.default": lambda draw: Case((2, 4, 3), X, [2, 2], [1, 1], [1, 1], [small(draw), 1]),
    "dropout.default": plain(0.5, False),
}  # fmt: skip
MODES = {f"pad.default {mode}": padded(mode) for mode in ("reflect", "replicate", "circular")}


def program(kind: str, case: Case, count: int, dtype: torch.dtype = torch.float64) -> Program:
    """One operation, then its values in a row with a zero behind them."""
    several = ("y",) if "with_indices" in kind or kind in SEVERAL else ()
    ends = [
        ("w", "aten.unsqueeze.default", [Name("y"), -1]),
        ("z", "aten.flatten.using_ints", [Name("w"), 1]),
        ("o", "aten.pad.default", [Name("z"), [0, 1]]),
    ]
    arguments = bound(kind, case.arguments, case.named)
    operations = [Operation("several" if several else "y", kind, arguments, several)]
    operations += [Operation(name, end, bound(end, given, {})) for name, end, given in ends]
    sizes_ = (count, *case.shape)
    return Program("x", "o", sizes_, dtype, case.stored, tuple(operations))


SEVERAL = {f"aten.{name}" for name in (
    "max.dim", "min.dim", "adaptive_max_pool1d.default", "adaptive_max_pool2d.default",
)}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*VALUES, *MODES])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_scores_are_those_that_torch_computes(name: str, data: st.DataObject) -> None:
    kind = f"aten.{name.partition(' ')[0]}"
    case = {**VALUES, **MODES}[name](data.draw)
    count = case.named.pop("count", None) or data.draw(st.integers(1, 3))
    made = program(kind, case, count)
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 9)))
    points = torch.randint(-8, 9, (count, *case.shape), generator=generator).double() / 4
    values: dict[str, Any] = {**made.stored, "x": points}
    for operation in made.operations:
        values |= operation.named(compute(operation, values))
    wanted = values["o"].reshape(count, -1).numpy()
    scores = read(made, "test", Budget(2**62))
    network = scores.builder.model(scores.value, "test", "test").network
    found = network.outputs(points.reshape(count, -1).numpy())
    exactly = np.array([[float(x) for x in row] for row in found])
    assert exactly.shape == wanted.shape
    assert np.allclose(exactly, wanted, rtol=1e-12, atol=1e-12)
    assert scores.folded == ()


def test_every_rule_and_move_is_one_of_torch_s() -> None:
    for kind in kinds.KNOWN - set(kinds.SIZES):
        _, name, overload = kind.split(".")
        assert hasattr(getattr(torch.ops.aten, name), overload), kind


def test_every_rule_is_tried() -> None:
    tried = {f"aten.{name}" for name in VALUES}
    other = {  # the same functions by another name, or in tests of whole modules
        "aten.add.Scalar", "aten.sub.Scalar", "aten.true_divide.Tensor", "aten.bmm.default",
        "aten.addmv.default", "aten.baddbmm.default", "aten.tensordot.default",
        "aten.convolution.default", "aten.max_pool1d_with_indices.default",
        "aten._adaptive_avg_pool2d.default", "aten.mean.default", "aten.sum.default",
        "aten._native_batch_norm_legit_no_training.default", "aten.instance_norm.default",
        "aten.clamp_min.Tensor", "aten.clamp_max.Tensor",
    }  # fmt: skip
    assert set(RULES) - tried == other - tried


def test_places_are_at_most_those_that_floats_count() -> None:
    case = Case((2,), X)
    with pytest.raises(ValueError, match="a program for at most 4096 examples at a time, got 4097"):
        read(program("aten.relu.default", case, 4097), "test", Budget(2**62))
    assert math.log2(4096) + 40 < 53
