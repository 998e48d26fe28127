"""The input of an ONNX graph: which of its axes is for examples, and what one example is."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from verify.data.memory import Budget

# Of ONNX's types of a graph's input.
NUMBERS: dict[int, Any] = {1: np.float32, 10: np.float16, 11: np.float64}
_ENTRYWISE = {"Add", "Cast", "Div", "Dropout", "Identity", "Mul", "Neg", "Relu", "Sub"}


@dataclass(frozen=True)
class Input:
    """One way to take the input of a graph.

    name, kind  of the value, and its type
    shape       as one example is read
    examples    for how many examples the first axis stands in the file, of which one is read: 1
                where it may be any number; 0 where no axis is known to be for examples
    alone       whether all axes belong to the one example
    parts       names and shapes of several inputs, whose numbers follow one another in an example
    """

    name: str
    kind: Any
    shape: tuple[int, ...]
    examples: int
    alone: bool
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def example(self) -> tuple[int, ...]:
        """The shape of one example."""
        return self.shape if self.alone else self.shape[1:]

    @property
    def fed(self) -> tuple[int, ...]:
        """The shape of what a runtime is given at a time."""
        return self.shape if self.alone else (max(1, self.examples), *self.shape[1:])


def readings(
    proto: Any, constants: dict[str, np.ndarray], path: Path, budget: Budget
) -> list[Input]:
    """Return the ways in which the input of a graph may be meant, the likelier first.

    A first axis of open size is for examples, and one of size 1 for the one example. One of a size
    above 1 is for so many examples, or else part of the one example, as where a column is
    multiplied by a matrix from the left. Several inputs are one example together, where all their
    sizes are known. Raises InputError for none, for one that is not of floats, and for sizes that
    are not known.
    """
    inputs = [value for value in proto.graph.input if value.name not in constants]
    if len(inputs) != 1:
        return [_several(inputs, path, budget)]
    name, tensor = inputs[0].name, inputs[0].type.tensor_type
    if tensor.elem_type not in NUMBERS:
        got = f"type {tensor.elem_type} of ONNX"
        raise InputError(str(path), expected="an input of floats", got=got)
    kind = NUMBERS[tensor.elem_type]
    sizes = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
    if any(n is not None and n < 1 for n in sizes):
        raise InputError(str(path), expected="sizes above 0", got=f"{sizes}")
    first, *inner = sizes or [None, None]
    if len(inner) == 1 and inner[0] is None:
        inner = [_size(proto.graph, name, constants)]
    elif not inner and first is None:
        first = _size(proto.graph, name, constants)
    known = tuple(n for n in inner if n is not None)
    if len(known) != len(inner) or (not inner and first is None):
        got = f"the shape {sizes}"
        raise InputError(str(path), expected="the sizes of one example", got=got)
    Budget(budget.limit).take((first or 1) * prod(known), "the input")
    examples = Input(name, kind, (1, *known), 0 if first == 1 else first or 1, alone=False)
    whole = Input(name, kind, (first or 1, *known), 0, alone=True)
    if not inner:
        return [whole]
    return [examples] if first in (None, 1) else [examples, whole]


def _several(inputs: list[Any], path: Path, budget: Budget) -> Input:
    """Return several inputs as one, in their order; an open first axis is for one example."""
    kinds = {value.type.tensor_type.elem_type for value in inputs}
    parts = []
    for value in inputs:
        sizes = [d.dim_value for d in value.type.tensor_type.shape.dim]  # 0 for an open one
        parts.append((str(value.name), tuple([sizes[0] or 1, *sizes[1:]] if sizes else [])))
    if len(kinds) != 1 or not kinds <= set(NUMBERS) or not all(min(s, default=1) for _, s in parts):
        wanted = "one input, or several of floats of known sizes"
        got = f"{len(inputs)}: {', '.join(f'{name} {shape}' for name, shape in parts)}"
        raise InputError(str(path), expected=wanted, got=got)
    size = sum(prod(shape) for _, shape in parts)
    Budget(budget.limit).take(size, "the inputs")
    return Input("", NUMBERS[kinds.pop()], (size,), 0, alone=True, parts=tuple(parts))


def _size(graph: Any, name: str, constants: dict[str, np.ndarray]) -> int | None:
    """Return how many numbers an example has, where what first computes with them says it."""
    same = {name}
    for node in graph.node:
        if not same & set(node.input):
            continue
        stored = {attribute.name: attribute for attribute in node.attribute}
        others = [constants[other] for other in node.input if other in constants]
        if node.op_type in ("Gemm", "MatMul") and others and others[0].ndim == 2:
            turned = "transB" in stored and stored["transB"].i
            return int(others[0].shape[1 if turned else 0])
        if node.op_type == "LinearClassifier":
            rows = len(stored["intercepts"].floats) if "intercepts" in stored else 0
            return len(stored["coefficients"].floats) // rows if rows else None
        if node.op_type not in (*_ENTRYWISE, "Scaler"):
            return None
        named = [len(stored[key].floats) for key in ("offset", "scale") if key in stored]
        lengths = {*named, *(other.shape[-1] for other in others if other.ndim)} - {1}
        if lengths:
            return int(max(lengths))
        same |= set(node.output)
    return None
