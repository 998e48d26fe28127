"""Arithmetic of torch: entry by entry, and products with constants on either side."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from verify.models.products import behind, times
from verify.models.torch_rules import At, rule
from verify.models.values import Value

# Entry by entry


def combined(at: At, values: list[tuple[Any, Any]]) -> Value:
    """Return the sum of values, or constants, times numbers."""
    computed = [
        at.builder.affine(v, at.numbers(f, "factors"), 0, at.where)
        for v, f in values if isinstance(v, Value)
    ]  # fmt: skip
    found = computed[0] if len(computed) == 1 else at.builder.sum(computed, at.where)
    for v, f in values:
        if not isinstance(v, Value):
            # Exact: the product of a constant and a factor might not be a float.
            times = at.numbers(f, "factors").astype(object) * at.numbers(v, "numbers")
            found = at.builder.affine(found, 1, times, at.where)
    return found


rule("add.Tensor", "add.Scalar")(
    lambda at, self, other, alpha: combined(at, [(self, 1), (other, alpha)])
)
rule("sub.Tensor", "sub.Scalar")(
    lambda at, self, other, alpha: combined(at, [(self, 1), (other, -alpha)])
)
rule("rsub.Tensor", "rsub.Scalar")(
    lambda at, self, other, alpha: combined(at, [(other, 1), (self, -alpha)])
)
rule("neg.default")(lambda at, self: at.builder.negated(self, at.where))


@rule("mul.Tensor", "mul.Scalar")
def _mul(at: At, self: Any, other: Any) -> Value:
    value, factors = (self, other) if isinstance(self, Value) else (other, self)
    if isinstance(factors, Value):
        raise at.unsupported("a product of two computed values")
    return at.builder.affine(value, at.numbers(factors, "factors"), 0, at.where)


@rule("div.Tensor", "div.Scalar", "true_divide.Tensor")
def _div(at: At, self: Any, other: Any) -> Value:
    if isinstance(other, Value):
        raise at.unsupported("a division by a computed value")
    divisors = at.numbers(other, "divisors")
    if not divisors.all():
        raise at.unsupported("a division by 0")
    return at.builder.affine(self, inverse(divisors), 0, at.where)


def inverse(divisors: np.ndarray) -> np.ndarray:
    """Return 1 / d as Fractions, in an array of the same shape."""
    found = np.empty(divisors.shape, object)
    for place, number in np.ndenumerate(divisors):
        found[place] = 1 / Fraction(number.item())
    return found


rule("relu.default")(lambda at, self: at.builder.relu(self, at.where))
rule("relu6.default")(lambda at, self: _clamp(at, self, 0, 6))
rule("hardtanh.default")(lambda at, self, min_val, max_val: _clamp(at, self, min_val, max_val))
rule("abs.default")(lambda at, self: at.builder.kinked(self, -1, at.where))
rule("maximum.default", "max.other")(
    lambda at, self, other: _extreme(at, self, other, at.builder.largest, at.builder.at_least)
)
rule("minimum.default", "min.other")(
    lambda at, self, other: _extreme(at, self, other, at.builder.smallest, at.builder.at_most)
)


@rule("clamp.default", "clamp.Tensor", "clamp_min.default", "clamp_min.Tensor",
      "clamp_max.default", "clamp_max.Tensor")  # fmt: skip
def _clamp(at: At, self: Any, min: Any = None, max: Any = None) -> Value:
    found = at.value(self, "values")
    if bounded(min):
        found = at.builder.at_least(found, at.numbers(min, "bounds"), at.where)
    if bounded(max):
        found = at.builder.at_most(found, at.numbers(max, "bounds"), at.where)
    return found


def bounded(bound: Any) -> bool:
    """Tell whether a bound is one: None, or an infinite number, is none."""
    return not (bound is None or (isinstance(bound, float) and math.isinf(bound)))


@rule("leaky_relu.default")
def _leaky_relu(at: At, self: Any, negative_slope: Any) -> Value:
    return at.builder.kinked(self, at.numbers(negative_slope, "slopes"), at.where)


@rule("rrelu.default")
def _rrelu(at: At, self: Any, lower: Any, upper: Any, training: Any, generator: None) -> Value:
    if training:
        raise at.unsupported("slopes that are drawn at random, as in training mode")
    return _leaky_relu(at, self, (lower + upper) / 2)


@rule("prelu.default")
def _prelu(at: At, self: Any, weight: Any) -> Value:
    slopes = at.numbers(weight, "slopes")
    along = (-1, *(1,) * max(0, len(at.value(self, "values").shape) - 2))
    return at.builder.kinked(self, slopes.reshape(along), at.where)


def _extreme(
    at: At,
    self: Any,
    other: Any,
    several: Callable[[Sequence[Value], str], Value],
    bounded_by: Callable[[Value, Any, str], Value],
) -> Value:
    """Return an extreme of two values, or of a value and constants."""
    if isinstance(self, Value) and isinstance(other, Value):
        return several([self, other], at.where)
    value, bounds = (self, other) if isinstance(self, Value) else (other, self)
    return bounded_by(value, at.numbers(bounds, "bounds"), at.where)


@rule("threshold.default")
def _threshold(at: At, self: Any, threshold: Any, value: Any) -> Value:
    if threshold != value:
        raise at.unsupported(f"a threshold at {threshold} with a step to {value}")
    return at.builder.at_least(self, at.numbers(value, "bounds"), at.where)


@rule("softshrink.default")
def _softshrink(at: At, self: Any, lambd: Any) -> Value:
    width = at.numbers(lambd, "bounds")
    ends = [at.builder.affine(self, sign, -width, at.where) for sign in (1, -1)]
    above, below = (at.builder.relu(end, at.where) for end in ends)
    return combined(at, [(above, 1), (below, -1)])


@rule("hardsigmoid.default")
def _hardsigmoid(at: At, self: Any) -> Value:
    found = _clamp(at, combined(at, [(self, 1), (3, 1)]), 0, 6)
    return at.builder.affine(found, Fraction(1, 6), 0, at.where)


# Products


@rule("linear.default")
def _linear(at: At, input: Any, weight: Any, bias: Any) -> Value:
    table = at.numbers(weight, "weights")
    biases = None if bias is None else at.numbers(bias, "biases")
    if table.ndim != 2:
        raise at.unsupported(f"{at.kind} with weights of shape {table.shape}")
    return at.builder.dense(at.value(input, "examples"), table, biases, at.where)


@rule("matmul.default", "mm.default", "bmm.default", "mv.default")
def _matmul(at: At, self: Any, other: Any = None, mat2: Any = None, vec: Any = None) -> Value:
    left, right = self, next(x for x in (other, mat2, vec) if x is not None)
    if isinstance(left, Value) and isinstance(right, Value):
        raise at.unsupported("a product of two computed values")
    if isinstance(left, Value):
        return times(at.builder, left, at.numbers(right, "weights"), at.where)
    return behind(at.builder, at.numbers(left, "weights"), right, at.where)


@rule("addmm.default", "addmv.default", "baddbmm.default")
def _addmm(at: At, self: Any, beta: Any, alpha: Any, **factors: Any) -> Value:
    left, right = factors.values()
    if not (isinstance(left, Value) or isinstance(right, Value)):
        raise at.unsupported(f"{at.kind} of constants, added to computed values")
    return combined(at, [(_matmul(at, left, right), alpha), (self, beta)])


@rule("einsum.default")
def _einsum(at: At, equation: str, tensors: list[Any], path: Any = None) -> Value:
    terms, arrow, out = equation.replace(" ", "").partition("->")
    names = terms.split(",")
    if not arrow:
        out = "".join(sorted(c for c in set(terms) if c.isalpha() and terms.count(c) == 1))
    plain = all(name.isalpha() and len(set(name)) == len(name) for name in (*names, out or "a"))
    if len(names) != 2 or not plain or len(tensors) != 2:
        raise at.unsupported(f"einsum of {equation!r}, which is no product with one constant")
    if isinstance(tensors[0], Value):
        return contracted(at, tensors[0], names[0], tensors[1], names[1], out)
    return contracted(at, tensors[1], names[1], tensors[0], names[0], out)


@rule("tensordot.default")
def _tensordot(
    at: At, self: Any, other: Any, dims_self: list[int], dims_other: list[int]
) -> Value:  # fmt: skip
    letters = [chr(ord("a") + k) for k in range(26)]
    ranks = [x.entries.ndim if isinstance(x, Value) else x.ndim for x in (self, other)]
    left, right = letters[: ranks[0]], letters[ranks[0] : sum(ranks)]
    for i, j in zip(dims_self, dims_other, strict=True):
        right[j] = left[i]
    free = [c for c in (*left, *right) if (c in left) != (c in right)]
    equation = f"{''.join(left)},{''.join(right)}->{''.join(free)}"
    return _einsum(at, equation, [self, other])


def contracted(at: At, value: Value, own: str, constant: Any, other: str, out: str) -> Value:
    """Return the sum over axes, named by letters, of products of a value and a constant."""
    table = at.numbers(constant, "weights")
    if len(own) != value.entries.ndim or len(other) != table.ndim or set(out) - set(own + other):
        raise at.unsupported(f"einsum of {own},{other}->{out} with other numbers of axes")
    sizes = dict(zip(other, table.shape, strict=True)) | dict(zip(own, value.shape, strict=True))
    if any(sizes[c] != n for c, n in zip(other, table.shape, strict=True)):
        raise at.unsupported("a constant with other numbers for each example")
    summed = [c for c in sizes if c not in out]
    both = [c for c in out if c in own and c in other]
    free, made = ([c for c in out if c in part and c not in both] for part in (own, other))

    def turned(array: np.ndarray, names: str, order: list[str]) -> np.ndarray:
        spread = array[(..., *(None,) * sum(c not in names for c in order))]
        axes = [*names, *(c for c in order if c not in names)]
        moved = spread.transpose([axes.index(c) for c in order])
        return np.broadcast_to(moved, [sizes[c] for c in order])

    def count(names: list[str]) -> int:
        return math.prod(sizes[c] for c in names)

    entries = turned(value.entries, own, [*both, *free, *summed])
    weights = turned(table, other, [*both, *summed, *made])
    found = times(
        at.builder, value.moved(entries.reshape(count(both), count(free), count(summed))),
        weights.reshape(count(both), count(summed), count(made)), at.where,
    )  # fmt: skip
    order = [*both, *free, *made]
    shaped = found.entries.reshape([sizes[c] for c in order])
    return found.moved(shaped.transpose([order.index(c) for c in out]))
