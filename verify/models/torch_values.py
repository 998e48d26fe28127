"""Values on the way through a torch program, as torch's own tensors of numbers of entries.

What only moves entries, torch does to these tensors as it does to the real ones: order, repeats,
padding, views of one memory and what is written into them are its own, whatever their rules are.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from certify.errors import InputError
from verify.models.builder import Builder
from verify.models.nodes import unsupported
from verify.models.values import Value

_EXAMPLE = 2.0**40  # how far the numbers of an entry lie apart in one example and the next
MIXED = "values of several examples in one"
MOST = 2**12  # examples that a program may be for, so that all numbers are exact in float64


@dataclass(frozen=True)
class _Run:
    """Consecutive numbers that stand for the entries of a node.

    end  what they have become of it behind the last layer, "" in the network
    """

    first: int
    node: int
    end: str = ""


class Entries:
    """Tensors of float64 in which each number stands for one number of a network's node.

    0 stands for 0, numbers above it for entries that depend on the example, those below for
    constants. ``count`` examples come along the axis that is the first at the start.
    """

    def __init__(self, builder: Builder, count: int) -> None:
        if count > MOST:
            wanted = f"a program for at most {MOST} examples at a time"
            raise InputError("model", expected=wanted, got=f"{count}")
        self.builder, self.count = builder, count
        self.runs: list[_Run] = []
        self.next = 1
        self.places: dict[tuple[int, bool], _Run] = {}

    def tensor(self, value: Value, like: Tensor, where: str, end: str = "") -> Tensor:
        """Return a value of one example as a tensor of all, of the sizes and strides of another.

        Raises InputError unless they differ along one axis alone, in which the examples come one
        after the other. ``end`` makes it what only the end of a model may be.
        """
        sizes = (value.shape, tuple(like.shape))
        wide = [k for k, (n, m) in enumerate(zip(*sizes, strict=False)) if n != m]
        axes = 1 if self.count > 1 else 0
        if len(value.shape) != like.ndim or len(wide) != axes or any(
            like.shape[k] != self.count * value.shape[k] for k in wide
        ):  # fmt: skip
            raise unsupported(MIXED, where)
        one = self._numbers(value, end)
        if wide:
            one = torch.cat([one + k * _EXAMPLE * (one > 0) for k in range(self.count)], wide[0])
        found = torch.empty_strided(like.shape, like.stride(), dtype=torch.float64)
        return found.copy_(one)

    def constant(self, numbers: np.ndarray, where: str) -> Tensor:
        """Return constants as a tensor of the same shape, equal ones as one entry.

        So they are the same for each example wherever their numbers are.
        """
        several, back = np.unique(numbers, return_inverse=True)
        value = self.builder.constant(several, where)
        entries = value.entries[back].reshape(numbers.shape)
        return -self._numbers(Value(value.node, entries), "", constant=True)

    def value(self, tensor: Tensor, where: str) -> Value:
        """Return the entries of one example.

        Raises InputError where examples are mixed, or what ends a model is computed with.
        """
        one, end = self.one(tensor, where).numpy(), self.end(tensor)
        if end:
            raise unsupported(f"an operation behind the {end}", where)
        return self._gathered(one, where)

    def ended(self, tensor: Tensor, where: str) -> tuple[Value, str]:
        """Return the entries of one example and what they end in, "" for nothing.

        Raises InputError where they do not all end in the same, for a sigmoid keeps the order of
        several entries, and a softmax that of its own alone.
        """
        one = self.one(tensor, where).numpy()
        runs = self._runs(one)
        ends = {run.end for run in runs}
        end = max(ends, default="")
        if end and (len(ends) > 1 or (one == 0).any() or (len(runs) > 1 and end != "sigmoid")):
            raise unsupported(f"scores of which a part is behind another {end}", where)
        return self._gathered(one, where), end

    def end(self, tensor: Tensor) -> str:
        """Return what some entries have become behind the last layer, "" for none."""
        return max((run.end for run in self._runs(tensor.numpy())), default="")

    def _numbers(self, value: Value, end: str, *, constant: bool = False) -> Tensor:
        run = None if end else self.places.get((value.node, constant))
        if run is None:
            run = _Run(self.next, value.node, end)
            self.next += self.builder.sizes[value.node]
            self.runs.append(run)
            if not end:
                self.places[value.node, constant] = run
        numbers = np.where(value.entries < 0, 0, value.entries + run.first)
        return torch.from_numpy(numbers.astype(np.float64))

    def axis(self, tensor: Tensor, where: str) -> int:
        """Return the axis along which examples come, one after the other, each with as many places.

        Raises InputError where there is none. Of one example alone it is the first.
        """
        if self.count == 1:
            return 0
        for axis, size in enumerate(tensor.shape):
            if size and size % self.count == 0:
                one, *others = tensor.chunk(self.count, axis)
                shifted = (one + k * _EXAMPLE * (one > 0) for k in range(1, self.count))
                if all(map(torch.equal, others, shifted)):
                    return axis
        raise unsupported(MIXED, where)

    def one(self, tensor: Tensor, where: str) -> Tensor:
        """Return the numbers of the first example."""
        if self.count == 1:
            return tensor
        axis = self.axis(tensor, where)
        return tensor.narrow(axis, 0, tensor.shape[axis] // self.count)

    def _runs(self, numbers: np.ndarray) -> list[_Run]:
        used = np.unique(np.abs(numbers[numbers != 0]) % _EXAMPLE)
        firsts = [run.first for run in self.runs]
        return [self.runs[k] for k in np.unique(np.searchsorted(firsts, used, "right") - 1)]

    def _gathered(self, one: np.ndarray, where: str) -> Value:
        """Return a value with the entries that numbers stand for, joined from several nodes."""
        numbers = np.abs(one)
        found = np.full(one.shape, -1, np.int64)
        parts: list[Value] = []
        places: list[np.ndarray] = []
        for run in self._runs(one):
            size = self.builder.sizes[run.node]
            here = (numbers >= run.first) & (numbers < run.first + size)
            parts.append(Value(run.node, (numbers[here] - run.first).astype(np.int64)))
            places.append(here)
        if not parts:
            return Value(0, found)
        joined = parts[0] if len(parts) == 1 else self.builder.concatenate(parts, 0, where)
        first = 0
        for here, part in zip(places, parts, strict=True):
            found[here] = joined.entries[first : first + part.entries.size]
            first += part.entries.size
        return Value(joined.node, found)
