"""A program of ``torch.export`` as plain data, whether traced here or read from a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor

from certify.errors import InputError, said
from verify.models.torch_kinds import KNOWN, SIZES

# Arguments that say on which device numbers lie, which changes none of them.
_PLACES = {"device", "layout", "non_blocking", "pin_memory"}
LARGEST = 2**62  # of sizes that are computed
_PART = "<built-in function getitem>"  # one of several values of an operation


@dataclass(frozen=True)
class Name:
    """What an operation is given that the program has a name for."""

    name: str


@dataclass(frozen=True)
class Operation:
    """One operation of a program.

    name   of the value that it computes
    kind   such as "aten.linear.default"
    given  its arguments by their names in torch's own signature, those left out too; empty for a
           kind that is not in KNOWN
    parts  the names of its values where there are several, "" for those that nothing reads
    """

    name: str
    kind: str
    given: Mapping[str, Any]
    parts: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The place for messages."""
        return f"{self.name} ({self.kind})"

    @property
    def values(self) -> list[str]:
        """The names of the tensors and sizes that it is given."""
        return [name.name for value in self.given.values() for name in _names(value)]

    def named(self, found: Any) -> dict[str, Any]:
        """Return what it computes by name: its value, or each of several."""
        if not self.parts:
            return {self.name: found}
        return {name: part for name, part in zip(self.parts, found, strict=False) if name}


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
    parts: dict[str, dict[int, str]] = {}
    for node in exported.graph.nodes:
        if node.op == "call_function" and str(node.target) == _PART:
            parts.setdefault(node.args[0].name, {})[node.args[1]] = node.name
    for node in exported.graph.nodes:
        if node.op == "placeholder" and node.name == given:
            example = node.meta["val"]
        elif node.op == "call_function" and str(node.target) != _PART:
            kind = str(node.target)
            own = parts.get(node.name, {})
            arguments = bound(
                kind, [*map(_plain, node.args)], {k: _plain(v) for k, v in node.kwargs.items()}
            )
            listed = tuple(own.get(k, "") for k in range(max(own, default=-1) + 1))
            operations.append(Operation(node.name, kind, arguments, listed))
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
        wanted = "an input of shape (examples, ...), all sizes but the first known"
        got = f"{tuple('?' if s is None else s for s in sizes)}"
        raise InputError("model", expected=wanted, got=got, where=origin)
    return sizes


def bound(kind: str, positional: list[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a known operation by name, with those that were left out."""
    if kind not in KNOWN:
        return {}
    if kind in SIZES:
        return {**dict(zip("ab", positional, strict=False)), **named}
    arguments = _overload(kind)._schema.arguments
    given = {a.name: a.default_value for a in arguments if a.has_default_value()}
    given.update(zip((a.name for a in arguments), positional, strict=False))
    given.update(named)
    names = {a.name for a in arguments}
    if len(positional) > len(arguments) or set(given) != names:
        wanted = f"the arguments of {kind}, {', '.join(a.name for a in arguments)}"
        got = f"{len(positional)} and {', '.join(named) or 'no more'}"
        raise InputError("model", expected=wanted, got=got)
    return {name: value for name, value in given.items() if name not in _PLACES}


def compute(operation: Operation, values: Mapping[str, Any]) -> Any:
    """Return what torch makes of an operation; ``values`` are those that have names."""
    assert operation.kind in KNOWN
    given = {
        key: filled(value, lambda name: values[name]) for key, value in operation.given.items()
    }
    try:
        if operation.kind in SIZES:
            return _size(operation.kind, **given)
        return _overload(operation.kind)(**given)
    except Exception as error:
        wanted = "an operation that torch can run"
        raise InputError("model", expected=wanted, got=said(error), where=operation.where) from None


def sized(operation: Operation, values: Mapping[str, Any]) -> Any:
    """Return what torch makes of an operation on values without numbers, in no memory at all."""
    arguments = {a.name for a in _overload(operation.kind)._schema.arguments}
    given = any(isinstance(values.get(name), Tensor) for name in operation.values)
    if given or "device" not in arguments:
        return compute(operation, values)
    nowhere = {**operation.given, "device": torch.device("meta")}
    return compute(replace(operation, given=nowhere), values)


def _size(kind: str, a: Any, b: Any) -> int:
    found = SIZES[kind](int(a), int(b))
    if abs(found) >= LARGEST:
        raise ValueError("a size beyond all memory")
    return int(found)


def filled(value: Any, found: Callable[[str], Any]) -> Any:
    """Return an argument with what is found for the names in it."""
    if isinstance(value, Name):
        return found(value.name)
    return [filled(one, found) for one in value] if isinstance(value, list) else value


def _names(value: Any) -> list[Name]:
    if isinstance(value, list):
        return [name for one in value for name in _names(one)]
    return [value] if isinstance(value, Name) else []


def _overload(kind: str) -> Any:
    """Return torch's operation of a known kind; no other is ever looked up."""
    _, name, overload = kind.split(".")
    return getattr(getattr(torch.ops.aten, name), overload)


def _plain(value: Any) -> Any:
    """Return an argument of a traced operation with names in the place of nodes."""
    if isinstance(value, torch.fx.Node):
        return Name(value.name)
    if isinstance(value, list | tuple):
        return [*map(_plain, value)]
    return value
