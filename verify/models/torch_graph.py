"""Torch models as chains of layers: traced by ``torch.export``, so what is read is what runs."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError, said
from certify.networks.graph import Network
from verify.attack.models import Classifier, evaluation
from verify.data.memory import Budget
from verify.models import exported_program as kinds
from verify.models import torch_runtime
from verify.models.chain import Chain
from verify.models.exported_program import Operation, Program, Value, compute, of_exported
from verify.models.model import Model
from verify.models.pt2_archive import EXPECTED, read_program

_UNLIMITED = 2**62  # bytes: a live module is in memory already
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def of_module(module: nn.Module, example: np.ndarray, name: str = "model") -> Model:
    """Return a module traced on examples (n, ...), in evaluation mode and its own precision.

    Weights of any floating-point type are the numbers that they are. Raises InputError when the
    module cannot be traced, or has an operation that is not supported.
    """
    module = getattr(module, "_orig_mod", module)  # of torch.compile
    kind, device = precision(module)
    # Two examples, so that a trace does not take one to be all there ever are.
    two = torch.tensor(np.resize(example, (2, *example.shape[1:]))).to(device, kind)
    # A module's forward may draw at random; nobody else's draws should notice.
    with evaluation(module), torch.random.fork_rng([]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exported = torch.export.export(module, (two,))
        except Exception as error:
            first = str(error).strip().splitlines()[:1] or [type(error).__name__]
            raise InputError(
                "model", expected="a module that torch.export can trace", got=first[0]
            ) from None
    origin = f"torch module {type(module).__name__}"
    program = of_exported(exported, origin)
    chain, unit, end = _chain(program, origin, Budget(_UNLIMITED))
    runtime = torch_runtime.of_module(module, program, unit, end)
    return chain.model(name, origin, runtime=runtime)


def of_classifier(classifier: Classifier, inputs: int) -> Network:
    """Return a classifier trained here, on so many pixels, as the exact network that it is."""
    return of_module(classifier.module(), np.zeros((2, inputs)), classifier.name).network


def read_exported(path: Path, budget: Budget) -> Model:
    """Return the model of a ``.pt2`` file, which is read without torch's loader.

    Raises InputError for what :func:`verify.models.pt2_archive.read_program` refuses, and for
    operations that are not supported.
    """
    program = read_program(path, budget)
    origin = f"torch.export file {path.name}"
    try:
        chain, unit, end = _chain(program, origin, budget)
    except InputError:
        raise
    except Exception as error:  # arguments that no tracing gives, of any kind
        raise InputError(str(path), expected=EXPECTED, got=said(error)) from None
    return chain.model(path.stem, origin, runtime=torch_runtime.of_program(program, unit, end))


def precision(module: nn.Module) -> tuple[torch.dtype, torch.device]:
    """Return the floating-point type in which a module computes, and where its weights are."""
    own = [*module.parameters(), *module.buffers()]
    device = own[0].device if own else torch.device("cpu")
    return next((t.dtype for t in own if t.dtype in _FLOATS), torch.float32), device


def _chain(program: Program, origin: str, budget: Budget) -> tuple[Chain, float, str]:
    """Return the layers of a program, the unit of its precision, and what it ends in.

    Sizes on the way are those that torch computes, without numbers: a file might say others.
    """
    if program.dtype not in _FLOATS:
        raise InputError(
            "model", expected="an input of floats", got=f"one of {program.dtype}", where=origin
        )
    if program.input in program.stored:
        raise InputError(
            "model", expected="an input that is no constant", got=program.input, where=origin
        )
    count = program.sizes[0] or 2
    examples = torch.empty((count, *program.sizes[1:]), dtype=program.dtype, device="meta")  # type: ignore[arg-type]
    budget.take(-(-examples.numel() // 8), origin)
    sized: dict[str, Any] = {key: tensor.to("meta") for key, tensor in program.stored.items()}
    sized[program.input] = examples
    constants = dict(program.stored)
    chain, current, end = Chain(tuple(examples.shape[1:])), program.input, ""
    unit = torch.finfo(program.dtype).eps
    for operation in program.operations:
        where = operation.where
        if operation.name in sized:
            raise chain.unsupported("a second value of the same name", where)
        if operation.kind not in kinds.KNOWN:
            raise chain.unsupported(operation.kind, where)
        if operation.kind in kinds.NOTES:
            if operation.kind == "aten.sym_size.int":
                sized[operation.name] = compute(operation, sized)
            continue
        if operation.values and all(value in constants for value in operation.values):
            constants[operation.name] = found = _constant(chain, operation, constants)
            budget.take(found.numel(), where)
            sized[operation.name] = found.to("meta")
            continue
        given = _arguments(chain, operation, constants, current)
        before, current = sized[current], operation.name
        _step(chain, operation.kind, given, before.shape, where)
        sized[current] = after = compute(operation, sized)
        budget.take(-(-after.numel() // 8), where)  # of short life
        if not after.ndim or after.shape[0] != count:
            raise chain.unsupported("values of several examples in one", where)
        if operation.kind in kinds.ARITHMETIC | kinds.SCALARS and after.shape != before.shape:
            raise chain.unsupported("arithmetic that repeats values", where)
        chain.shape = tuple(after.shape[1:])
        unit = max(unit, torch.finfo(after.dtype).eps)
        if chain.ended and not end:
            end = operation.kind.split(".")[1].lstrip("_")
    if current != program.output:
        raise chain.unsupported("an output that is not the last value", "the output")
    if sum(size != 1 for size in chain.shape or ()) > 1:
        raise InputError(
            "model", expected="one score for each class", got=f"scores of shape {chain.shape}",
            where=origin,
        )  # fmt: skip
    if not end and math.prod(chain.shape or ()) == 1:
        raise InputError(
            "model", expected="scores of two classes or more, or a sigmoid behind one",
            got="one number for each example, as a regression gives", where=origin,
        )  # fmt: skip
    return chain, unit, end


def _constant(chain: Chain, operation: Operation, constants: dict[str, Tensor]) -> Tensor:
    """Return what an operation makes of constants; only where it changes no number."""
    if operation.kind == "aten.to.dtype":
        (before,) = (constants[value] for value in operation.values)
        after = operation.given["dtype"]
        same = after in _FLOATS and torch.equal(before.double(), before.to(after).double())
    else:
        same = operation.kind in kinds.VIEWS | kinds.TURNS
    if not same:
        raise chain.unsupported(f"weights that {operation.kind} computes", operation.where)
    found: Tensor = compute(operation, constants)
    return found


def _arguments(
    chain: Chain, operation: Operation, constants: dict[str, Tensor], current: str
) -> dict[str, Any]:
    """Return the arguments with constants in their places; the value on the way comes once."""
    others = [value for value in operation.values if value not in constants]
    if not others:
        raise chain.unsupported("values that do not come from the input", operation.where)
    if others != [current]:
        got = "an operation on two computed values" if len(others) > 1 else "a branch"
        raise chain.unsupported(f"{got}, of {' and '.join(others)}", operation.where)
    return {
        key: constants.get(value.name, value) if isinstance(value, Value) else value
        for key, value in operation.given.items()
    }


def _step(chain: Chain, kind: str, given: dict[str, Any], shape: torch.Size, where: str) -> None:
    """Append what one operation does to the value on the way, of shape (examples, ...)."""
    if kind in kinds.VIEWS:
        return
    if kind in kinds.DROPOUT:
        if given["train"] and given["p"]:
            raise chain.unsupported("dropout in training mode", where)
    elif kind == "aten.to.dtype":
        if given["dtype"] not in _FLOATS:
            raise chain.unsupported(f"a conversion to {given['dtype']}", where)
    elif kind in ("aten.select.int", "aten.slice.Tensor"):
        if not _all(kind, given, shape):
            raise chain.unsupported("a part of the values", where)
    elif chain.ended:
        raise chain.unsupported(f"{kind} behind the softmax", where)
    elif kind in kinds.PRODUCTS:
        _product(chain, kind, given, shape, where)
    elif kind in kinds.RELU:
        chain.relu(where)
    elif kind == "aten.conv2d.default":
        _convolution(chain, given, where)
    elif kind == "aten.batch_norm.default":
        _batch_norm(chain, given, where)
    elif kind == "aten.max_pool2d.default":
        _max_pool(chain, given, where)
    elif kind == "aten.neg.default":
        chain.number("mul", -1.0, where)
    elif kind in kinds.ARITHMETIC | kinds.SCALARS:
        _arithmetic(chain, kind, given, shape, where)
    elif kind in kinds.SOFTMAX:
        _softmax(chain, kind, given, shape, where)
    elif kind == "aten.sigmoid.default":
        if math.prod(shape[1:]) != 1:
            got = "a sigmoid of several values: hidden, or for several labels at once"
            raise chain.unsupported(got, where)
        chain.end()
    else:
        raise chain.unsupported(kind, where)


def _all(kind: str, given: dict[str, Any], shape: torch.Size) -> bool:
    """Tell whether an operation that takes a part of the values takes all of them."""
    size = shape[given["dim"]]
    if kind == "aten.select.int":
        return size == 1 and bool(given["dim"] % len(shape))
    first, last = given["start"], given["end"]
    return first in (None, 0) and (last is None or bool(last >= size)) and bool(given["step"] == 1)


def _product(chain: Chain, kind: str, given: dict[str, Any], shape: torch.Size, where: str) -> None:
    """Append a product with a matrix, and the addition of a vector."""
    if kind == "aten.linear.default":
        left, weights, biases = given["input"], given["weight"], given["bias"]
    elif kind == "aten.addmm.default":
        left, weights, biases = given["mat1"], given["mat2"], given["self"]
        if given["alpha"] != 1 or given["beta"] != 1:
            raise chain.unsupported(f"{kind} with factors", where)
    else:
        left, weights = given["self"], given["other" if "other" in given else "mat2"]
        biases = None
    if isinstance(left, Tensor) or not isinstance(weights, Tensor):
        raise chain.unsupported(f"{kind} without a constant matrix on the right", where)
    if len(shape) != 2 or weights.ndim != 2:
        raise chain.unsupported(f"{kind} of values of shape {tuple(shape[1:])}", where)
    table = weights if kind == "aten.linear.default" else weights.T
    if isinstance(biases, Tensor):
        row = tuple(biases.shape[-1:])
        if biases.numel() != math.prod(row) or row not in {(1,), (len(table),)}:
            raise chain.unsupported(f"{kind} with biases of shape {tuple(biases.shape)}", where)
        biases = biases.reshape(row).expand(len(table))
    elif biases is not None:
        raise chain.unsupported(f"{kind} with biases that are no constants", where)
    chain.dense(exact(table), None if biases is None else exact(biases), where)


def _convolution(chain: Chain, given: dict[str, Any], where: str) -> None:
    plain = {"stride": ([1, 1], [1], 1), "padding": ([0, 0], [0], 0), "dilation": ([1, 1], [1], 1)}
    for name, allowed in plain.items():
        if given[name] not in allowed:
            raise chain.unsupported(f"a convolution with {name} {given[name]}", where)
    if given["groups"] != 1:
        raise chain.unsupported(f"a convolution with {given['groups']} groups", where)
    kernel, biases = given["weight"], given["bias"]
    if not isinstance(kernel, Tensor) or isinstance(biases, Value):
        raise chain.unsupported("a convolution with computed weights", where)
    chain.convolution(exact(kernel), None if biases is None else exact(biases), where)


def _max_pool(chain: Chain, given: dict[str, Any], where: str) -> None:
    window = given["kernel_size"]
    window = window if isinstance(window, list) else [window]
    height, width = window if len(window) == 2 else window * 2
    plain: dict[str, tuple[Any, ...]] = {
        "stride": ([], [height, width], window),  # without one, windows lie side by side
        "padding": ([0, 0], [0], 0), "dilation": ([1, 1], [1], 1), "ceil_mode": (False,),
    }  # fmt: skip
    for name, allowed in plain.items():
        if given[name] not in allowed:
            raise chain.unsupported(f"max-pooling over {window} with {name} {given[name]}", where)
    chain.max_pool((height, width), where)


def _softmax(chain: Chain, kind: str, given: dict[str, Any], shape: torch.Size, where: str) -> None:
    axis, values = given["dim"], math.prod(shape[1:])
    if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0 or shape[axis] != values:
        raise chain.unsupported(
            f"{kind} over axis {axis} of {tuple(shape)}, not all classes", where
        )
    if values == 1:
        raise chain.unsupported(f"{kind} of one value, which is always the same", where)
    if given.get("dtype") not in (None, *_FLOATS):
        raise chain.unsupported(f"{kind} in {given['dtype']}", where)
    chain.end()


def _arithmetic(
    chain: Chain, kind: str, given: dict[str, Any], shape: torch.Size, where: str
) -> None:
    """Append the arithmetic of the value on the way and a constant, on either side."""
    operation = kind.split(".")[1]
    left, right = given["self"], given["other"]
    if given.get("alpha", 1) != 1:
        raise chain.unsupported(f"{kind} with alpha {given['alpha']}", where)
    if operation == "rsub":
        operation, left, right = "sub", right, left
    constant = right if isinstance(left, Value) else left
    first = not isinstance(left, Value)  # the constant comes first
    if first and operation == "div":
        raise chain.unsupported("a division by a computed value", where)
    if first and operation == "sub":
        chain.number("mul", -1.0, where)
        operation = "add"
    number = exact(constant) if isinstance(constant, Tensor) else np.array(constant)
    if number.dtype.kind not in "fiu" or not np.isfinite(number.astype(np.float64)).all():
        raise chain.unsupported(f"{kind} with a number that is not finite", where)
    if number.size == 1:
        chain.number(operation, number.reshape(-1)[0].item(), where)
        return
    if number.ndim > len(shape):
        raise chain.unsupported("arithmetic that repeats values", where)
    row = number[0] if number.ndim == len(shape) else number
    if (number.ndim == len(shape) and len(number) != 1) or row.ndim > len(shape) - 1:
        raise chain.unsupported(f"{kind} with other numbers for each example", where)
    if np.broadcast_shapes(row.shape, shape[1:]) != tuple(shape[1:]):
        raise chain.unsupported("arithmetic that repeats values", where)
    chain.arithmetic(operation, np.broadcast_to(row, shape[1:]), where)


def _batch_norm(chain: Chain, given: dict[str, Any], where: str) -> None:
    """Append batch normalisation in evaluation mode."""
    numbers = [given[name] for name in ("weight", "bias", "running_mean", "running_var")]
    known = all(isinstance(n, Tensor) for n in numbers[2:])
    if given["training"] or not known or any(isinstance(n, Value) for n in numbers):
        raise chain.unsupported("batch normalisation by the examples themselves", where)
    factor, offset, mean, variance = (None if n is None else exact(n) for n in numbers)
    assert mean is not None
    assert variance is not None
    chain.batch_norm(factor, offset, mean, variance, given["eps"], where)


def exact(tensor: Tensor) -> np.ndarray:
    """Return the numbers of a tensor, none of them rounded: every small float is a float64."""
    kept = tensor.detach().cpu()
    return np.asarray((kept.double() if kept.is_floating_point() else kept.long()).numpy())
