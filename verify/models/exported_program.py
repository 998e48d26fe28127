"""A program of ``torch.export`` as plain data, whether traced here or read from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from certify.errors import InputError, said

# What tracing notes about shapes and types, and what computes no values.
NOTES = {"aten._assert_scalar.default", "aten._assert_tensor_metadata.default", "aten.sym_size.int"}

# Operations that leave the values of one example as they are, in the same order.
VIEWS = {
    "aten.alias.default", "aten.clone.default", "aten.contiguous.default", "aten.detach.default",
    "aten.detach_.default", "aten.flatten.using_ints", "aten.lift_fresh_copy.default",
    "aten.reshape.default", "aten.squeeze.default", "aten.squeeze.dim", "aten.squeeze.dims",
    "aten.unflatten.int", "aten.unsqueeze.default", "aten.view.default", "aten.view_as.default",
}  # fmt: skip
# Those that place the entries of a constant otherwise, or take some of them.
TURNS = {
    "aten.flip.default", "aten.numpy_T.default", "aten.permute.default", "aten.select.int",
    "aten.slice.Tensor", "aten.t.default", "aten.transpose.int",
}  # fmt: skip
DROPOUT = {
    f"aten.{name}.default"
    for name in ("alpha_dropout", "dropout", "feature_alpha_dropout", "feature_dropout")
}
RELU = {"aten.relu.default", "aten.relu_.default"}
SOFTMAX = {
    "aten._log_softmax.default", "aten._softmax.default", "aten.log_softmax.int",
    "aten.softmax.int",
}  # fmt: skip
ARITHMETIC = {f"aten.{name}.Tensor" for name in ("add", "sub", "rsub", "mul", "div")}
SCALARS = {f"aten.{name}.Scalar" for name in ("add", "sub", "rsub", "mul", "div")}
PRODUCTS = {"aten.addmm.default", "aten.linear.default", "aten.matmul.default", "aten.mm.default"}
KNOWN = {
    *NOTES, *VIEWS, *TURNS, *DROPOUT, *RELU, *SOFTMAX, *ARITHMETIC, *SCALARS, *PRODUCTS,
    "aten.batch_norm.default", "aten.conv2d.default", "aten.max_pool2d.default", "aten.neg.default",
    "aten.sigmoid.default", "aten.to.dtype",
}  # fmt: skip
# Arguments that say where numbers lie in memory, which changes none of them.
_PLACES = {"copy", "device", "layout", "memory_format", "non_blocking", "pin_memory"}


@dataclass(frozen=True)
class Value:
    """What an operation is given that the program has a name for."""

    name: str


@dataclass(frozen=True)
class Operation:
    """One operation of a program.

    name   of the value that it computes
    kind   such as "aten.linear.default"
    given  its arguments by their names in torch's own signature, those left out too; empty for a
           kind that is not in KNOWN
    """

    name: str
    kind: str
    given: Mapping[str, Any]

    @property
    def where(self) -> str:
        """The place for messages."""
        return f"{self.name} ({self.kind})"

    @property
    def values(self) -> list[str]:
        """The names of the tensors that it is given."""
        return [value.name for value in self.given.values() if isinstance(value, Value)]


@dataclass(frozen=True)
class Program:
    """What a program computes from one tensor.

    input       the name of the examples
    output      the name of what comes out
    sizes       of the examples; the first is None where any number of examples may come
    dtype       of the examples
    stored      parameters, buffers and constants, by the names that operations have for them
    operations  in the order in which they run
    """

    input: str
    output: str
    sizes: tuple[int | None, ...]
    dtype: torch.dtype
    stored: Mapping[str, Tensor]
    operations: tuple[Operation, ...]


def of_exported(exported: torch.export.ExportedProgram, origin: str) -> Program:
    """Return a program that torch traced; raises InputError unless it maps one tensor to one."""
    signature = exported.graph_signature
    state, constants = exported.state_dict, exported.constants
    stored = {
        **{k: state[v] for k, v in signature.inputs_to_parameters.items()},
        **{k: state.get(v, constants.get(v)) for k, v in signature.inputs_to_buffers.items()},
        **{k: constants[v] for k, v in signature.inputs_to_lifted_tensor_constants.items()},
    }
    given = one(signature.user_inputs, "input", origin)
    output = one(signature.user_outputs, "output", origin)
    if signature.buffers_to_mutate:
        changed = ", ".join(sorted(signature.buffers_to_mutate.values()))
        raise changing(f"buffers that it changes: {changed}", origin)
    operations: list[Operation] = []
    example: Tensor | None = None
    for node in exported.graph.nodes:
        if node.op == "placeholder" and node.name == given:
            example = node.meta["val"]
        elif node.op == "call_function":
            kind = str(node.target)
            arguments = bound(
                kind, [*map(_plain, node.args)], {k: _plain(v) for k, v in node.kwargs.items()}
            )
            operations.append(Operation(node.name, kind, arguments))
    if not isinstance(example, Tensor):
        raise InputError("model", expected="a tensor as input", got="another", where=origin)
    sizes = tuple(size if isinstance(size, int) else None for size in example.shape)
    return Program(
        given, output, batched(sizes, origin),
        example.dtype, cast("Mapping[str, Tensor]", stored), tuple(operations),
    )  # fmt: skip


def one(names: Sequence[Any], what: str, origin: str) -> str:
    """Return the name of a program's only input, or output; None stands for what is no tensor."""
    if len(names) != 1:
        listed = ", ".join("no tensor" if name is None else str(name) for name in names)
        got = f"{len(names)}: {listed}"
        raise InputError("model", expected=f"one {what}", got=got, where=origin)
    if not isinstance(names[0], str):
        raise InputError("model", expected=f"a tensor as {what}", got="another", where=origin)
    return names[0]


def changing(what: str, origin: str) -> InputError:
    """Return the error of a program that does more than compute its output."""
    return InputError(
        "model", expected="a module that computes and changes nothing", got=f"one with {what}",
        where=origin,
    )  # fmt: skip


def batched(sizes: tuple[int | None, ...], origin: str) -> tuple[int | None, ...]:
    """Return the sizes of examples; raises InputError unless only their number is open."""
    if len(sizes) < 2 or None in sizes[1:]:
        raise InputError(
            "model", expected="an input of shape (examples, ...), all sizes but the first known",
            got=f"{tuple('?' if s is None else s for s in sizes)}", where=origin,
        )  # fmt: skip
    return sizes


def bound(kind: str, positional: list[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a known operation by name, with those that were left out."""
    if kind not in KNOWN:
        return {}
    arguments = [a for a in _overload(kind)._schema.arguments if a.name not in _PLACES]
    given = {a.name: a.default_value for a in arguments if a.has_default_value()}
    given.update(zip((a.name for a in arguments), positional, strict=False))
    given.update({name: value for name, value in named.items() if name not in _PLACES})
    names = {a.name for a in arguments}
    if len(positional) > len(arguments) or set(given) != names:
        raise InputError(
            "model", expected=f"the arguments of {kind}, {', '.join(a.name for a in arguments)}",
            got=f"{len(positional)} and {', '.join(named) or 'no more'}",
        )  # fmt: skip
    return given


def compute(operation: Operation, values: Mapping[str, Any]) -> Any:
    """Return what torch makes of an operation; ``values`` are those that have names."""

    def filled(value: Any) -> Any:
        if isinstance(value, Value):
            return values[value.name]
        return [*map(filled, value)] if isinstance(value, list) else value

    assert operation.kind in KNOWN
    given = {name: filled(value) for name, value in operation.given.items()}
    try:
        return _overload(operation.kind)(**given)
    except Exception as error:
        raise InputError(
            "model", expected="an operation that torch can run", got=said(error),
            where=operation.where,
        ) from None  # fmt: skip


def _overload(kind: str) -> Any:
    """Return torch's operation of a known kind; no other is ever looked up."""
    _, name, overload = kind.split(".")
    return getattr(getattr(torch.ops.aten, name), overload)


def _plain(value: Any) -> Any:
    """Return an argument of a traced operation with names in the place of nodes."""
    if isinstance(value, torch.fx.Node):
        return Value(value.name)
    if isinstance(value, list | tuple):
        return [*map(_plain, value)]
    return value
