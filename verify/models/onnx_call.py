"""One node of an ONNX graph as it is read: what it takes, what is said of it, what it may do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from certify.errors import InputError
from verify.models.builder import Builder
from verify.models.nodes import unsupported
from verify.models.values import Value, common

Given: TypeAlias = Value | np.ndarray | None  # computed, constant, or left out


@dataclass(frozen=True)
class Call:
    """What one node is given.

    inputs    values that are computed, constants, and None for what is left out
    options   the node's attributes, none of them unknown
    opset     the version of the operators
    examples  for how many examples the first axis of a computed value stands, of which one is
              read; 0 where no axis is for examples. An operation may not touch such an axis.
    kind      the type of the computed values
    outputs   how many outputs the node names
    """

    builder: Builder
    operator: str
    inputs: tuple[Given, ...]
    options: dict[str, Any]
    opset: int
    examples: int
    kind: Any
    outputs: int
    where: str

    def refusal(self, got: str) -> InputError:
        """Return the error of what is not read."""
        return unsupported(got, self.where)

    def given(self, k: int) -> Given:
        """Return an input, None where it is left out."""
        return self.inputs[k] if k < len(self.inputs) else None

    def value(self, k: int = 0) -> Value:
        """Return an input that has to be computed."""
        found = self.given(k)
        if not isinstance(found, Value):
            raise self.refusal(f"{self.operator} of a constant")
        return found

    def values(self) -> list[Value]:
        """Return all inputs as values."""
        return [
            v if isinstance(v, Value) else self.builder.constant(self.floats(k), self.where)
            for k, v in enumerate(self.inputs)
        ]

    def constant(self, k: int, what: str) -> np.ndarray | None:
        """Return an input that has to be constant, None where it is left out."""
        found = self.given(k)
        if isinstance(found, Value):
            raise self.refusal(f"{what} that are computed")
        return found

    def floats(self, k: int, what: str = "numbers") -> np.ndarray:
        """Return a constant of the type of the values: an operator takes no mixture of types."""
        found = self.constant(k, what)
        if found is None:
            raise self.refusal(f"{self.operator} without {what}")
        if found.dtype not in (self.kind, object):  # Fractions are products of such constants
            raise self.refusal(f"{found.dtype} beside {np.dtype(self.kind)}")
        return found

    def with_constant(self) -> tuple[Value, np.ndarray, bool]:
        """Return the computed one of two inputs, the constant one, and whether that is the first.

        Raises InputError for two that are computed.
        """
        turned = isinstance(self.given(1), Value)
        if turned and isinstance(self.given(0), Value):
            raise self.refusal(f"{self.operator} of two computed values")
        return self.value(int(turned)), self.floats(int(not turned)), turned

    def integers(self, name: str, k: int) -> list[int] | None:
        """Return whole numbers of an attribute, as they were given once, or of an input."""
        if name in self.options:
            return [int(n) for n in np.ravel(self.options[name])]
        found = self.constant(k, name)
        if found is None:
            return None
        if found.dtype.kind not in "iu" or found.ndim > 1:
            raise self.refusal(f"{name} of type {found.dtype} and shape {found.shape}")
        return [int(n) for n in found.reshape(-1)]

    def axes(self, numbers: Sequence[int], rank: int) -> list[int]:
        """Return axes counted from the front, none of them twice."""
        found = [n + rank if n < 0 else n for n in numbers]
        if len(set(found)) < len(found) or any(not 0 <= n < rank for n in found):
            raise self.refusal(f"axes {list(numbers)} of {rank}")
        return found

    def inner(self, numbers: Sequence[int], rank: int) -> list[int]:
        """Return such axes, none of which is that of the examples."""
        found = self.axes(numbers, rank)
        if self.examples and 0 in found:
            raise self.refusal(f"{self.operator} across examples")
        return found

    def fitting(self, value: Value, shape: Sequence[int]) -> None:
        """Make sure that numbers beside a value leave the axis of examples where it is."""
        after = common(value.shape, tuple(shape)) or ()
        moved = self.examples and (len(after) > len(value.shape) or after[:1] != value.shape[:1])
        if len(after) < len(value.shape) or moved:
            got = f"a constant of shape {tuple(shape)} beside values of shape {value.shape}"
            raise self.refusal(got)


Read: TypeAlias = Callable[[Call], Value | list[Value]]


class Operator(NamedTuple):
    """How a node is read, and the names of what may be said of it."""

    read: Read
    options: frozenset[str]


def operator(read: Read, options: str = "") -> Operator:
    """Return an operator with options named in one line."""
    return Operator(read, frozenset(options.split()))
