"""Torch models: traced by ``torch.export``, so that what is read is what runs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.attack.models import evaluation
from verify.attack.networks import Architecture, build
from verify.auditing.model import Chain, Model

# Operations that leave the values of one example as they are, in the same order.
_SAME = {
    "aten.alias.default", "aten.clone.default", "aten.contiguous.default", "aten.detach.default",
    "aten.detach_.default", "aten.dropout.default", "aten.feature_dropout.default",
    "aten.flatten.using_ints", "aten.reshape.default", "aten.squeeze.dim", "aten.unflatten.int",
    "aten.unsqueeze.default", "aten.view.default", "aten.to.dtype",
    "aten._assert_tensor_metadata.default",
}  # fmt: skip
_SOFTMAX = {"aten.softmax.int", "aten.log_softmax.int"}


def of_module(module: nn.Module, example: np.ndarray, name: str = "model") -> Model:
    """Return a module traced on examples (n, ...), in evaluation mode.

    Raises InputError when it cannot be traced, or has an operation that is not supported.
    """
    with evaluation(module), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            program = torch.export.export(module, (torch.tensor(example),))
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
                str(path), expected="a program saved by torch.export.save", got=_said(error)
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
            got=_said(error),
        ) from None
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise InputError(str(path), expected="a dict of tensors by name", got=type(state).__name__)
    matrices = [value for value in state.values() if value.ndim == 2]
    if not matrices:
        raise InputError(str(path), expected="matrices of weights", got=f"{list(state)[:8]}")
    widths = (int(matrices[0].shape[1]), *(int(matrix.shape[0]) for matrix in matrices))
    network = build(architecture, 0, widths)  # type: ignore[arg-type]
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(
            str(path), expected=f"the state of {architecture}", got=_said(error)
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


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


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
    current = signature.user_inputs[0]
    chain = Chain()
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name == current:
            chain.shape = tuple(node.meta["val"].shape[1:])
        elif node.op == "call_function":
            current = _step(chain, node, stored, current)
        elif node.op == "output" and current not in {str(a) for a in node.args[0]}:
            raise chain.unsupported("an output that is not the last value", "the output")
    return chain.model(name, origin)


def _step(chain: Chain, node: Any, stored: dict[str, Any], current: str) -> str:
    """Append what one node does to the value on the way, and return the name of its result."""
    kind, where = str(node.target), f"{node.name} ({node.target})"
    values = [_value(argument, stored) for argument in node.args]
    if not node.args or str(node.args[0]) != current:
        raise chain.unsupported("a branch", where)
    options = dict(zip(range(1, len(values)), values[1:], strict=True))
    if kind in ("aten.linear.default", "aten.addmm.default"):
        if kind != "aten.linear.default":
            raise chain.unsupported(kind, where)
        chain.dense(_array(values[1]), _array(options.get(2)), where)
    elif kind == "aten.relu.default" or kind == "aten.relu_.default":
        chain.relu(where)
    elif kind == "aten.conv2d.default":
        plain = {3: ([1, 1], 1), 4: ([0, 0], 0), 5: ([1, 1], 1), 6: (1,)}
        for place, allowed in plain.items():
            if options.get(place, allowed[0]) not in allowed:
                raise chain.unsupported(f"a convolution with {values[3:]}", where)
        chain.convolution(_array(values[1]), _array(options.get(2)), where)
    elif kind == "aten.max_pool2d.default":
        window = tuple(values[1]) * (2 if len(values[1]) == 1 else 1)
        stride = tuple(options.get(2) or window)
        others = [options.get(3, 0), options.get(5, False)]
        if stride * (2 if len(stride) == 1 else 1) != window or others not in (
            [0, False],
            [[0, 0], False],
        ):
            raise chain.unsupported(f"max-pooling with {values[1:]}", where)
        chain.max_pool((window[0], window[1]), where)
    elif kind in ("aten.add.Tensor", "aten.sub.Tensor", "aten.mul.Tensor", "aten.div.Tensor"):
        _arithmetic(chain, kind, values[1], where)
    elif kind in _SOFTMAX:
        chain.end()
    elif kind not in _SAME:
        raise chain.unsupported(kind, where)
    chain.shape = tuple(node.meta["val"].shape[1:]) if "val" in node.meta else chain.shape
    return str(node.name)


def _arithmetic(chain: Chain, kind: str, other: Any, where: str) -> None:
    number = _array(other) if isinstance(other, Tensor) else np.array(other, np.float64)
    if number is None or number.size != 1:
        if kind == "aten.add.Tensor" and number is not None:
            chain.shift(number, where)
            return
        raise chain.unsupported(f"{kind} with more than one number", where)
    value = Fraction(float(number.reshape(-1)[0]))
    if kind == "aten.add.Tensor" or kind == "aten.sub.Tensor":
        chain.scale(Fraction(1), value if kind == "aten.add.Tensor" else -value, where)
    elif kind == "aten.mul.Tensor":
        chain.scale(value, Fraction(0), where)
    elif value:
        chain.scale(1 / value, Fraction(0), where)
    else:
        raise chain.unsupported("a division by 0", where)


def _value(argument: Any, stored: dict[str, Any]) -> Any:
    return stored.get(str(argument), argument) if hasattr(argument, "op") else argument


def _array(value: Any) -> np.ndarray | None:
    return None if value is None else np.asarray(value.detach().cpu().numpy())
