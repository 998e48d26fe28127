"""Exact networks node by node, from the values that a model computes on the way."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from certify.errors import InputError, shortened
from certify.networks.graph import Network
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    Operation,
    Relu,
    Sum,
)  # fmt: skip
from certify.numbers import rationals
from verify.data.tables import in_range
from verify.models import simplified
from verify.models.model import Answer, Label, Model, Root, Runtime, check_labels
from verify.models.nodes import Nodes, at, fractions, run_length, unsupported
from verify.models.rules import LARGEST, Rule
from verify.models.values import Sides, Value

ROUNDED = (
    "Batch normalisation divides by a root: its factors are read as doubles, within 2^-51 of the "
    "true ones relatively, and all else is exact."
)


class Builder(Nodes):
    """A network on the way: its methods add the nodes that give new values, and return these.

    ``Builder(shape, budget)`` starts with ``input``, one example, with whatever axes of length 1
    the model has. Numbers are arrays, or scalars, of floats, integers or Fractions, and are kept
    exactly; each ``where`` names the place in the model for messages. Everything raises InputError
    for what does not fit or cannot be decided exactly, or takes more than the budget.

    >>> builder = Builder((1, 2))
    >>> hidden = builder.relu(builder.dense(builder.input, [[1, -1]], [-1], "first"), "relu")
    >>> scores = builder.dense(hidden, [[1], [2]], None, "last")
    >>> builder.model(scores, "m", "example").network.outputs([[3, 1]])
    [(Fraction(1, 1), Fraction(2, 1))]
    """

    # Values that no node has to be added for, or none but constants

    def constant(self, numbers: Any, where: str) -> Value:
        """Return numbers that do not depend on the input."""
        table = np.asarray(numbers)
        return self.affine(Value(0, np.full(table.shape, -1)), 1, table, where)

    def concatenate(self, values: Sequence[Value], axis: int, where: str) -> Value:
        """Return values one behind the other along an axis."""
        nodes = list(dict.fromkeys(v.node for v in values if _any(v)))
        if len(nodes) < 2:
            entries = np.concatenate([v.entries for v in values], axis)
            return Value(nodes[0] if nodes else 0, entries)
        found: dict[int, np.ndarray] = {}
        read, first = [], 0
        for node in nodes:  # none of their numbers but those of the values
            own = [k for k, v in enumerate(values) if v.node == node]
            flat = np.concatenate([values[k].entries.reshape(-1) for k in own])
            used = self._compact(Value(node, flat), where)
            moved = np.where(used.entries < 0, -1, used.entries + first)
            ends = np.cumsum([values[k].entries.size for k in own])[:-1]
            found.update(zip(own, np.split(moved, ends), strict=True))
            read.append(used.node)
            first += self.sizes[used.node]
        parts = [
            found[k].reshape(v.shape) if k in found else v.entries for k, v in enumerate(values)
        ]
        joined = self._append(Concatenation(), *read, where=where)
        return Value(joined, np.concatenate(parts, axis))

    # Affine maps

    def affine(self, value: Value, factors: Any, offsets: Any, where: str) -> Value:
        """Return f x + o, entry by entry, with whatever repeats to a common shape."""
        f, o = np.asarray(factors), np.asarray(offsets)
        shape = np.broadcast_shapes(value.shape, f.shape, o.shape)
        self.check_size(shape, where)
        value = value.moved(np.broadcast_to(value.entries, shape))
        if ((f == 1).all() and not o.any()) or not value.entries.size:
            return value
        alike = f.size == o.size == 1
        f, o = np.broadcast_to(f, shape).reshape(-1), np.broadcast_to(o, shape).reshape(-1)
        flat = value.entries.reshape(-1)
        if not o[flat < 0].any() and (alike or _once(flat)) and _any(value):
            value = self._compact(value, where)
            flat = value.entries.reshape(-1)
            order = _order(flat, self.sizes[value.node])
            f, o = f[order], o[order]
        else:
            value = self._listed(value, where)
        return Value(self._scaled(value.node, f, o, where), value.entries)

    def negated(self, value: Value, where: str) -> Value:
        """Return -x."""
        return self.affine(value, -1, 0, where)

    def dense(self, value: Value, weights: Any, biases: Any, where: str) -> Value:
        """Return x W^T + b along the last axis, W of shape (outputs, inputs), b (outputs,) or None.

        A tensor of other axes as well is a list of such vectors.
        """
        table = np.asarray(weights)
        if table.ndim != 2:
            raise InputError(
                "model", expected="a matrix of weights", got=f"shape {table.shape}", where=where
            )
        *outer, size = value.shape or (1,)
        if size != table.shape[1]:
            wanted = f"{table.shape[1]} values"
            raise InputError("model", expected=wanted, got=f"shape {value.shape}", where=where)
        count, made = prod(outer), len(table)
        self.check_size((count, made), where)
        shift = np.zeros(made) if biases is None else np.asarray(biases).reshape(-1)
        if count == 1:
            flat = value.entries.reshape(-1)
            if _once(flat) and (flat >= 0).sum() == self.sizes[value.node]:
                order = _order(flat, self.sizes[value.node])
                table = table if np.array_equal(order, np.arange(size)) else table[:, order]
            else:
                value = self._listed(value, where)
            with at(where):
                layer: Operation = Dense.of(table, shift)
            entries = np.arange(made).reshape(*outer, made)
        else:
            value = self._listed(value, where)
            with at(where):
                layer = Convolution((1, count, size), (1, size), Dense.of(table, shift))
            entries = np.arange(count * made).reshape(made, count).T.reshape(*outer, made)
        return Value(self._append(layer, value.node, where=where), entries)

    def convolution(
        self, value: Value, kernel: Any, biases: Any, sides: Sides, groups: int, where: str
    ) -> Value:
        """Return cross-correlations of images (n, channels, *sizes) with one or two sizes.

        ``kernel`` has the shape (made, channels / groups, *window), biases (made,) or are None.
        """
        table = np.asarray(kernel)
        axes = table.ndim - 2
        if axes not in (1, 2) or len(value.shape) != table.ndim:
            got = f"a convolution of shape {value.shape} with a kernel of shape {table.shape}"
            raise unsupported(got, where)
        if groups < 1 or value.shape[1] != table.shape[1] * groups or len(table) % groups:
            wanted = f"images of {table.shape[1] * groups} channels"
            raise InputError("model", expected=wanted, got=f"shape {value.shape}", where=where)
        if value.shape[0] != 1:
            parts = (value.moved(value.entries[k : k + 1]) for k in range(value.shape[0]))
            made = [self.convolution(p, kernel, biases, sides, groups, where) for p in parts]
            return self.concatenate(made, 0, where)
        before, after = ([max(p, 0) for p in side] for side in (sides.before, sides.after))
        cropped = value.padded(
            [0, 0, *(min(p, 0) for p in sides.before)], [0, 0, *(min(p, 0) for p in sides.after)]
        ).entries
        for axis in range(axes):  # zeros around an image are padding
            blank = (cropped < 0).all(axis=tuple(k for k in range(2 + axes) if k != axis + 2))
            inner = np.flatnonzero(~np.asarray(blank))
            if len(inner):
                before[axis] += int(inner[0])
                after[axis] += int(cropped.shape[axis + 2] - 1 - inner[-1])
                cropped = cropped.take(range(inner[0], inner[-1] + 1), axis + 2)
        value = self._listed(value.moved(cropped), where)
        shift = np.zeros(len(table)) if biases is None else np.asarray(biases).reshape(-1)
        # A row is an image of height 1.
        one, none = (1,) * (2 - axes), (0,) * (2 - axes)
        place: dict[str, Any] = {
            "shape": (value.shape[1], *one, *value.shape[2:]),
            "window": (*one, *table.shape[2:]),
            "strides": (*one, *sides.strides), "dilations": (*one, *sides.dilations),
            "padding": (*none, *before, *none, *after),
        }  # fmt: skip
        with at(where):
            map_ = Dense.of(table.reshape(len(table), -1), shift)
            layer = Convolution(kernel=map_, groups=groups, **place)
        shape = (1, len(table), *layer.grid.counts[2 - axes :])
        self.check_size(shape, where)
        node = self._append(layer, value.node, where=where)
        return Value(node, np.arange(prod(shape)).reshape(shape))

    def transposed_convolution(
        self, value: Value, kernel: Any, biases: Any, sides: Sides, groups: int, where: str
    ) -> Value:
        """Return the transpose of a convolution, kernel (channels, made / groups, *window).

        Of what all windows cover, ``before`` and ``after`` places are cut off on each side, or
        added where they are negative; ``beyond`` says how many are added behind.
        """
        table = np.asarray(kernel)
        channels, made, *window = table.shape
        turned = np.flip(table, tuple(range(2, table.ndim)))
        turned = turned.reshape(groups, channels // groups, made, *window).swapaxes(1, 2)
        rows = zip(value.shape[2:], sides.strides, strict=True)
        self.check_size([*value.shape[:2], *(n * s for n, s in rows)], where)
        spaced = value.spaced((1, 1, *sides.strides))
        reach, beyond = sides.reach, sides.beyond or (0,) * len(window)
        before = tuple(e - 1 - p for e, p in zip(reach, sides.before, strict=True))
        after = tuple(
            e - 1 - p + more for e, p, more in zip(reach, sides.after, beyond, strict=True)
        )
        ones = (1,) * len(window)
        plain = Sides(sides.window, ones, sides.dilations, before, after)
        kernels = turned.reshape(groups * made, channels // groups, *window)
        return self.convolution(spaced, kernels, biases, plain, groups, where)

    def sums(self, value: Value, places: np.ndarray, where: str) -> Value:
        """Return sums of entries, whose flat places (..., n) the lists say; below 0 are none."""
        flat = np.append(value.entries.reshape(-1), -1)
        listed = value.moved(flat[np.maximum(places, -1)])
        found = self.dense(listed, np.ones((1, places.shape[-1])), None, where)
        return found.moved(found.entries[..., 0])

    def means(self, value: Value, places: np.ndarray, counts: Any, where: str) -> Value:
        """Return such sums divided by counts."""
        several, back = np.unique(np.asarray(counts), return_inverse=True)
        if (several < 1).any():
            raise unsupported("a mean of no values", where)
        shares = np.array([Fraction(1, int(n)) for n in several])[back.reshape(np.shape(counts))]
        return self.affine(self.sums(value, places, where), shares, 0, where)

    def sum(self, values: Sequence[Value], where: str) -> Value:
        """Return the sum of values, entry by entry, with whatever repeats to a common shape."""
        shape = np.broadcast_shapes(*(value.shape for value in values))
        self.check_size(shape, where)
        several = [v.moved(np.broadcast_to(v.entries, shape)) for v in values]
        several = [v for v in several if (v.entries >= 0).any()] or several[:1]
        if len(several) == 1:
            return several[0]
        entries, size = several[0].entries, self.sizes[several[0].node]
        if all(np.array_equal(v.entries, entries) and self.sizes[v.node] == size for v in several):
            several = [self._compact(v, where) for v in several]  # in one order, all of them
        else:
            several = [self._listed(v, where) for v in several]
        node = self._append(Sum(), *(v.node for v in several), where=where)
        return Value(node, several[0].entries)

    def batch_norm(self, value: Value, numbers: Sequence[Any], eps: float, where: str) -> Value:
        """Return g (x - mean) + offset along axis 1, g = factor / sqrt(variance + eps).

        ``numbers`` are factors, offsets, means and variances, one for each channel; no factors are
        ones, and no offsets zeros. The root is irrational: g is the double that floats compute,
        which is within a few 2^-53 of it relatively, and everything else is exact.
        """
        count = value.shape[1] if len(value.shape) > 1 else 0
        defaults = (np.ones(count), np.zeros(count), None, None)
        weights, shift, mean, variance = (
            np.asarray(default if v is None else v)
            for v, default in zip(numbers, defaults, strict=True)
        )
        sizes = {v.shape for v in (weights, shift, mean, variance)}
        if sizes != {(count,)} or not count:
            raise unsupported(f"batch normalisation of {sizes} numbers of {value.shape}", where)
        total = variance.astype(np.float64) + eps
        if not (total > 0).all():
            raise unsupported("batch normalisation by a root of no positive number", where)
        with at(where):
            factors = rationals.vector(weights.astype(np.float64) / np.sqrt(total), "numbers")
            centres, added = (rationals.vector(v, "numbers") for v in (mean, shift))
        rows = zip(factors, centres, added, strict=True)
        offsets = np.array([a - f * c for f, c, a in rows])
        along = (count, *(1,) * (len(value.shape) - 2))
        several = (np.array(v).reshape(along) for v in (factors, offsets, added))
        f, o, fixed = (np.broadcast_to(v, value.shape).reshape(-1) for v in several)
        value = self._listed(value, where)
        node = self._scaled(value.node, f, o, where)
        self.roots.append(Root(node, tuple(fixed[:: run_length(fixed)])))
        return Value(node, value.entries)

    # Piecewise linear maps

    def relu(self, value: Value, where: str) -> Value:
        """Return max(x, 0) in every entry."""
        if not _any(value):
            return value
        value = self._compact(value, where)
        return Value(self._append(Relu(), value.node, where=where), value.entries)

    def kinked(self, value: Value, slopes: Any, where: str) -> Value:
        """Return x where it is at least 0, and a x below, with slopes a of any sign and size."""
        # Not relu(x) - a relu(-x): one unit for each entry instead of two.
        above = self.affine(self.relu(value, where), 1 - fractions(slopes, where), 0, where)
        return self.sum([self.affine(value, slopes, 0, where), above], where)

    def at_least(self, value: Value, bounds: Any, where: str) -> Value:
        """Return max(x, bound) with numbers as bounds."""
        low = fractions(bounds, where)
        return self.affine(self.relu(self.affine(value, 1, -low, where), where), 1, low, where)

    def at_most(self, value: Value, bounds: Any, where: str) -> Value:
        """Return min(x, bound) with numbers as bounds."""
        high = fractions(bounds, where)
        return self.affine(self.relu(self.affine(value, -1, high, where), where), -1, high, where)

    def largest(self, values: Sequence[Value], where: str) -> Value:
        """Return the largest of values, entry by entry, with whatever repeats to a common shape."""
        shape = np.broadcast_shapes(*(value.shape for value in values))
        self.check_size((len(values), *shape), where)
        each = [v.moved(np.broadcast_to(v.entries, shape)[..., None]) for v in values]
        joined = self.concatenate(each, -1, where)
        return self.maxima(joined, np.arange(prod(joined.shape)).reshape(joined.shape), where)

    def smallest(self, values: Sequence[Value], where: str) -> Value:
        """Return the smallest of values in the same way."""
        return self.negated(self.largest([self.negated(v, where) for v in values], where), where)

    def minima(self, value: Value, places: np.ndarray, where: str) -> Value:
        """Return the smallest of entries in the way of :meth:`maxima`."""
        return self.negated(self.maxima(self.negated(value, where), places, where), where)

    def maxima(self, value: Value, places: np.ndarray, where: str) -> Value:
        """Return the largest of entries, whose flat places (..., n) lists say; below 0 are none."""
        if (places < 0).all(axis=-1).any() or not places.size:
            raise unsupported("a maximum of no values", where)
        if (value.entries < 0).any():
            value = self._listed(value, where)  # so that zeros are among the numbers
        self.budget.take(places.size, where)
        flat = value.entries.reshape(-1)
        lists = np.where(places < 0, -1, flat[np.maximum(places, 0)]).reshape(-1, places.shape[-1])
        kept = (dict.fromkeys(e for e in row if e >= 0) for row in lists.tolist())
        layer = Maximum(tuple(map(tuple, kept)))
        shape = places.shape[:-1]
        node = self._append(layer, value.node, where=where)
        return Value(node, np.arange(prod(shape)).reshape(shape))

    # The end

    def model(
        self,
        value: Value,
        name: str,
        origin: str,
        labels: Iterable[Label] | None = None,
        runtime: Runtime | None = None,
        *,
        shape: tuple[int, ...] | None = None,
        answer: Answer = "largest",
        rule: Rule = LARGEST,
        numbers: str = "",
    ) -> Model:
        """Return the model whose scores a value holds, of which a rule makes a class.

        ``numbers`` says what they are instead, where no class follows.

        ``shape`` is that of one example, where the model says it. Where the largest is the answer,
        one score f becomes the two 0 and f; where the least is, logits are their negatives.
        """
        if answer == "least":
            value = self.negated(value, origin)
            origin = f"{origin}, its scores negated because the least is its answer"
        scores = self._listed(value, origin)
        nodes, roots = simplified.ended(
            self.nodes, self.roots, scores.node, self.inputs,
            headed=not numbers, doubled=rule == LARGEST, budget=self.budget,
        )  # fmt: skip
        head = nodes[-1].operation
        count = len(head.biases) if isinstance(head, Dense) else scores.entries.size
        named = check_labels(labels, count, rule, origin)
        if not all(in_range(operation) for operation, _ in nodes):
            raise InputError(
                "model", expected="numbers in the range of float64", got="larger ones", where=origin
            )
        whole = f"{origin}, its batch normalisation in doubles" if roots else origin
        return Model(
            shortened(name), shortened(whole), Network(tuple(nodes), self.inputs), named, runtime,
            shape, rounded=ROUNDED if roots else "", roots=tuple(roots), rule=rule, numbers=numbers,
        )  # fmt: skip


def _any(value: Value) -> bool:
    """Tell whether a value has other entries than zeros."""
    return bool((value.entries >= 0).any())


def _order(entries: np.ndarray, size: int) -> np.ndarray:
    """Return where each of so many numbers stands, which is at one place at most."""
    order = np.zeros(size, np.int64)
    order[entries[entries >= 0]] = np.flatnonzero(entries >= 0)
    return order


def _once(entries: np.ndarray) -> bool:
    """Tell whether no number stands at two places."""
    kept = entries[entries >= 0]
    return len(np.unique(kept)) == len(kept)
