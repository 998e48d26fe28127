"""Torch models: traced by ``torch.export``, so that what is read is what runs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError, said
from verify.attack.models import evaluation
from verify.attack.networks import Architecture, build
from verify.auditing.model import Chain, Model

# Operations that leave the values of one example as they are, in the same order.
_SAME = {
    "aten.alias.default", "aten.clone.default", "aten.contiguous.default", "aten.detach.default",
    "aten.detach_.default", "aten.flatten.using_ints", "aten.reshape.default", "aten.squeeze.dim",
    "aten.unflatten.int", "aten.unsqueeze.default", "aten.view.default",
}  # fmt: skip
_DROPOUT = {"aten.dropout.default", "aten.feature_dropout.default"}
_RELU = {"aten.relu.default", "aten.relu_.default"}
_SOFTMAX = {"aten.softmax.int", "aten.log_softmax.int"}
_ARITHMETIC = {f"aten.{name}.Tensor" for name in ("add", "sub", "mul", "div")}
# What tracing notes about shapes and types, and what computes no values.
_NOTES = {
    "aten._assert_scalar.default", "aten._assert_tensor_metadata.default", "aten.sym_size.int",
}  # fmt: skip


def of_module(module: nn.Module, example: np.ndarray, name: str = "model") -> Model:
    """Return a module traced on examples (n, ...), in evaluation mode.

    Raises InputError when it cannot be traced, or has an operation that is not supported.
    """
    with evaluation(module), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Two examples, so that a trace does not take one to be all there ever are.
            two = torch.tensor(np.resize(example, (2, *example.shape[1:])))
            program = torch.export.export(module, (two,))
        except Exception as error:
            first = str(error).strip().splitlines()[:1] or [type(error).__name__]
            raise InputError(
                "model", expected="a module that torch.export can trace", got=first[0]
            ) from None
    return _of_program(program, name, f"torch module {type(module).__name__}")


def read_exported(path: Path) -> Model:
    """Return the model of a ``.pt2`` file; nothing in it is unpickled but plain tensors."""
    with _weights_only(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            program = torch.export.load(path)
        except Exception as error:
            raise InputError(
                str(path), expected="a program saved by torch.export.save", got=said(error)
            ) from None
    return _of_program(program, path.stem, f"torch.export file {path.name}")


def read_state(path: Path, architecture: str | None) -> Model:
    """Return the model of a state dict in a ``.pt`` file, of a declared architecture.

    ``architecture`` is "mlp" (dense layers with ReLU between, widths as the weights say) or one of
    the convolutional networks of :mod:`verify.attack.networks`.
    """
    known = get_args(Architecture)
    if architecture is None:
        raise InputError(
            "--architecture", expected=f"{' or '.join(known)} for a state dict", got="nothing"
        )
    if architecture not in known:
        raise InputError("--architecture", expected=" or ".join(known), got=repr(architecture))
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(
            str(path),
            expected="a state dict saved by torch.save (other pickled objects are not opened)",
            got=said(error),
        ) from None
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise InputError(str(path), expected="a dict of tensors by name", got=type(state).__name__)
    for name, value in state.items():
        if not torch.equal(value, value.float().to(value.dtype)):
            raise InputError(
                f"{path}: {name}", expected="numbers that float32 holds exactly", got="others"
            )
    matrices = [value for value in state.values() if value.ndim == 2]
    if not matrices:
        raise InputError(str(path), expected="matrices of weights", got=f"{list(state)[:8]}")
    widths = (int(matrices[0].shape[1]), *(int(matrix.shape[0]) for matrix in matrices))
    network = build(architecture, 0, widths)  # type: ignore[arg-type]
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(
            str(path), expected=f"the state of {architecture}", got=said(error)
        ) from None
    size = widths[0] if architecture == "mlp" else 28 * 28
    model = of_module(network.eval(), np.zeros((2, size), np.float32), path.stem)
    return Model(model.name, f"state dict {path.name}", model.network, model.labels)


@contextmanager
def _weights_only() -> Iterator[None]:
    """Let torch load tensors and nothing else, whoever in it loads."""
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _of_program(program: torch.export.ExportedProgram, name: str, origin: str) -> Model:
    signature = program.graph_signature
    stored: dict[str, Any] = {
        **{k: program.state_dict[v] for k, v in signature.inputs_to_parameters.items()},
        **{
            k: program.state_dict.get(v, program.constants.get(v))
            for k, v in signature.inputs_to_buffers.items()
        },
        **{k: program.constants[v] for k, v in signature.inputs_to_lifted_tensor_constants.items()},
    }
    if len(signature.user_inputs) != 1 or len(signature.user_outputs) != 1:
        raise InputError("model", expected="one input and one output", got="others", where=origin)
    current, batch = signature.user_inputs[0], ""
    chain = Chain()
    for node in program.graph.nodes:
        kind = str(node.target)
        if node.op == "placeholder" and node.name == current:
            batch = _shape(chain, node)
        elif node.op == "call_function" and kind not in _NOTES and "val" in node.meta:
            where = f"{node.name} ({kind})"
            _step(chain, node, kind, _arguments(chain, node, stored, current, where), where)
            if _shape(chain, node) != batch:
                raise chain.unsupported("values of several examples in one", where)
            current = node.name
        elif node.op == "output" and current not in {str(a) for a in node.args[0]}:
            raise chain.unsupported("an output that is not the last value", "the output")
    return chain.model(name, origin)


def _shape(chain: Chain, node: Any) -> str:
    """Note the shape of one example at a node; return the number of examples, maybe a symbol."""
    examples, *shape = node.meta["val"].shape
    chain.shape = tuple(shape)
    return str(examples)


def _arguments(
    chain: Chain, node: Any, stored: dict[str, Any], current: str, where: str
) -> list[Any]:
    """Return the arguments behind the first, which must be the value on the way, and no other."""
    if not node.args or str(node.args[0]) != current:
        raise chain.unsupported("a branch", where)
    found = [stored.get(str(a), a) if hasattr(a, "op") else a for a in node.args[1:]]
    if any(hasattr(value, "op") for value in found):
        raise chain.unsupported("a branch", where)
    if node.kwargs:
        raise chain.unsupported(f"{node.target} with {sorted(node.kwargs)}", where)
    return found


def _step(chain: Chain, node: Any, kind: str, given: list[Any], where: str) -> None:
    """Append what one node does to the value on the way."""
    if kind == "aten.linear.default":
        weights, *biases = map(_array, given)
        chain.dense(weights, biases[0] if biases else None, where)
    elif kind in _RELU:
        chain.relu(where)
    elif kind == "aten.conv2d.default":
        _convolution(chain, given, where)
    elif kind == "aten.max_pool2d.default":
        _max_pool(chain, given, where)
    elif kind in _ARITHMETIC:
        _arithmetic(chain, kind, given[0], where)
    elif kind in _SOFTMAX and given[0] in (1, -1):
        chain.end()
    elif kind in _DROPOUT:
        if given[1]:
            raise chain.unsupported("dropout in training mode", where)
    elif kind == "aten.to.dtype":
        if given[0] not in (torch.float32, torch.float64):
            raise chain.unsupported(f"a conversion to {given[0]}", where)
    elif kind not in _SAME:
        raise chain.unsupported(kind, where)


def _convolution(chain: Chain, given: list[Any], where: str) -> None:
    kernel, biases, *others = given if len(given) > 1 else [*given, None]
    plain: tuple[tuple[Any, ...], ...] = (([1, 1], 1), ([0, 0], 0), ([1, 1], 1), (1,))
    if any(value not in allowed for value, allowed in zip(others, plain, strict=False)):
        raise chain.unsupported(f"a convolution with {others}", where)
    chain.convolution(_array(kernel), _array(biases), where)


def _max_pool(chain: Chain, given: list[Any], where: str) -> None:
    window, *others = given
    height, width = window if len(window) == 2 else window * 2
    plain: tuple[tuple[Any, ...], ...] = (
        ([], [height, width], window), ([0, 0], [0], 0), ([1, 1], [1], 1), (False,),
    )  # fmt: skip
    # Without a stride, windows lie side by side.
    if any(value not in allowed for value, allowed in zip(others, plain, strict=False)):
        raise chain.unsupported(f"max-pooling with {given}", where)
    chain.max_pool((height, width), where)


def _arithmetic(chain: Chain, kind: str, other: Any, where: str) -> None:
    number = _array(other) if isinstance(other, Tensor) else np.array(other, np.float64)
    if number is None or number.size != 1:
        if kind == "aten.add.Tensor" and number is not None:
            chain.shift(number, where)
            return
        raise chain.unsupported(f"{kind} with more than one number", where)
    chain.number(kind.split(".")[1], float(number.reshape(-1)[0]), where)


def _array(value: Any) -> np.ndarray | None:
    return None if value is None else np.asarray(value.detach().cpu().numpy())
