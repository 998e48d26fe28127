"""ONNX files: a chain of operators whose other inputs are constants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, said
from verify.auditing.model import Chain, Model

_SOFTMAX = {"Softmax", "LogSoftmax"}
_FLOATS = (1, 11)  # ONNX's numbers of float and double
_PLAIN = {"strides": 1, "pads": 0, "dilations": 1}
# What computes shapes from constants; nothing that draws at random, or makes much of little.
_FOLDED = {
    "Add", "Cast", "Concat", "Constant", "Div", "Gather", "Identity", "Mod", "Mul", "Reshape",
    "Slice", "Squeeze", "Sub", "Transpose", "Unsqueeze",
}  # fmt: skip
_LARGEST_FOLDED = 1_000  # entries of each of several constants


def read_onnx(path: Path) -> Model:
    """Return the model of an ONNX file; no custom operator is run, the file is only read.

    What follows a softmax, as the label that scikit-learn's exporters add, is left out. Raises
    InputError for a damaged file, and for operators that are not supported.
    """
    try:
        import onnx
    except ImportError:
        raise InputError(
            str(path),
            expected="the package onnx (pip install 'adversarial-geometry[audit]')",
            got="a Python without it",
        ) from None
    try:
        graph = onnx.load(path).graph
        constants = {
            tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer
        }
    except Exception as error:
        raise InputError(str(path), expected="an ONNX file", got=said(error)) from None
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise InputError(str(path), expected="one input", got=f"{len(inputs)}")
    sizes = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim][1:]
    chain = Chain(tuple(sizes) if sizes and all(sizes) else None)
    current = inputs[0].name
    labels: list[int] | None = None
    for node in graph.node:
        where = f"{node.op_type} {node.name or ', '.join(node.output)}"
        if chain.ended:
            # What exporters add to the logits: probabilities, labels, dictionaries.
            if node.op_type == "ArrayFeatureExtractor" and node.input[0] in constants:
                labels = constants[node.input[0]].reshape(-1).tolist()
            continue
        if node.op_type == "Shape" and node.input[0] == current and chain.shape is not None:
            constants[node.output[0]] = np.array([1, *chain.shape])
        elif all(name in constants for name in node.input if name):
            _fold(chain, node, constants, where)
        elif list(node.input).count(current) != 1:
            raise chain.unsupported("a branch", where)
        else:
            options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "LinearClassifier":
                labels = _linear_classifier(chain, options, where)
            else:
                _step(chain, node, options, constants, current, where)
            current = node.output[0]
    if not chain.ended and current not in {value.name for value in graph.output}:
        raise chain.unsupported("an output that is not the last value", str(path))
    return chain.model(path.stem, f"ONNX file {path.name}", labels)


def _fold(chain: Chain, node: Any, constants: dict[str, np.ndarray], where: str) -> None:
    """Compute what depends on constants alone, such as the shape of a reshape."""
    from onnx.reference import ReferenceEvaluator

    given = {name: constants[name] for name in node.input if name}
    large = len(given) > 1 and any(array.size > _LARGEST_FOLDED for array in given.values())
    if node.op_type not in _FOLDED or large:
        raise chain.unsupported(f"{node.op_type} of constants", where)
    try:
        values = ReferenceEvaluator(node).run(None, given)
    except Exception as error:
        raise InputError(
            "model", expected="constants that can be computed", got=said(error), where=where
        ) from None
    constants.update(zip(node.output, map(np.asarray, values), strict=True))


def _linear_classifier(chain: Chain, options: dict[str, Any], where: str) -> list[int] | None:
    """Append scikit-learn's linear models as the operators for classical models write them."""
    intercepts = np.array(options["intercepts"], np.float32)
    rows = np.array(options["coefficients"], np.float32).reshape(len(intercepts), -1)
    if "classlabels_strings" in options:
        raise InputError("model", expected="whole numbers as labels", got="words", where=where)
    labels = options.get("classlabels_ints")
    if len(intercepts) == 2 and np.array_equal(rows[0], -rows[1]):
        rows, intercepts = rows[1:], intercepts[1:]  # a binary model is written twice
    chain.dense(rows, intercepts, where)
    chain.end()
    return labels


def _step(
    chain: Chain,
    node: Any,
    options: dict[str, Any],
    constants: dict[str, np.ndarray],
    current: str,
    where: str,
) -> None:
    others: list[np.ndarray | None] = []
    for name in node.input:
        if name == current:
            others.append(None)
        elif name in constants or not name:
            others.append(constants.get(name))
        else:
            raise chain.unsupported("an operator on two computed values", where)
    first = others[1] if len(others) > 1 and others[0] is None else None
    if node.op_type == "Gemm":
        plain = (options.get("alpha", 1.0), options.get("beta", 1.0), options.get("transA", 0))
        if plain != (1.0, 1.0, 0) or first is None:
            raise chain.unsupported(f"Gemm with {options}", where)
        weights = first if options.get("transB", 0) else first.T
        chain.dense(weights, others[2] if len(others) > 2 else None, where)
    elif node.op_type == "MatMul" and first is not None:
        chain.dense(first.T, None, where)
    elif node.op_type == "Relu":
        chain.relu(where)
    elif node.op_type == "Conv" and first is not None:
        _convolution(chain, first, others[2] if len(others) > 2 else None, options, where)
    elif node.op_type == "MaxPool":
        _max_pool(chain, options, where)
    elif node.op_type == "Flatten" and options.get("axis", 1) == 1:
        if chain.shape is not None:
            chain.reshape((int(np.prod(chain.shape)),), where)
    elif node.op_type == "Reshape" and first is not None and chain.shape is not None:
        _reshape(chain, [int(n) for n in first.tolist()], where)
    elif node.op_type in ("Add", "Sub", "Mul", "Div"):
        _arithmetic(chain, node.op_type, others, where)
    elif node.op_type in _SOFTMAX and options.get("axis", -1) in (1, -1):
        chain.end()
    elif node.op_type == "Sigmoid" and chain.shape == (1,):
        chain.end()  # the sigmoid of one logit is the softmax of 0 and it
    elif not _leaves_values(node.op_type, options, others):
        raise chain.unsupported(node.op_type, where)


def _leaves_values(kind: str, options: dict[str, Any], others: list[np.ndarray | None]) -> bool:
    if kind == "Dropout":
        training = others[2] if len(others) > 2 else None
        return training is None or not training.any()
    return kind == "Identity" or (kind == "Cast" and options["to"] in _FLOATS)


def _convolution(
    chain: Chain,
    kernel: np.ndarray,
    biases: np.ndarray | None,
    options: dict[str, Any],
    where: str,
) -> None:
    for name, plain in _PLAIN.items():
        if any(value != plain for value in options.get(name, [])):
            raise chain.unsupported(f"a convolution with {name} {options[name]}", where)
    padded = options.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID")
    if options.get("group", 1) != 1 or padded or kernel.ndim != 4:
        raise chain.unsupported("a convolution in groups, padded, or not of images", where)
    chain.convolution(kernel, biases, where)


def _max_pool(chain: Chain, options: dict[str, Any], where: str) -> None:
    window = list(options["kernel_shape"])
    plain = (
        list(options.get("strides", [1] * len(window))) == window
        and len(window) == 2
        and not any(options.get("pads", []))
        and all(value == 1 for value in options.get("dilations", []))
        and not options.get("ceil_mode", 0)
        and options.get("auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
    )
    if not plain:
        raise chain.unsupported(f"max-pooling with {options}", where)
    chain.max_pool((window[0], window[1]), where)


def _reshape(chain: Chain, shape: list[int], where: str) -> None:
    """Give one example the shape behind the first entry; 0 keeps an entry, -1 is what is left."""
    assert chain.shape is not None
    before = (1, *chain.shape)
    kept = [before[k] if n == 0 and k < len(before) else n for k, n in enumerate(shape)]
    rest = kept[1:]
    if rest.count(-1) > 1 or (-1 in rest and shape[0] == -1):
        raise chain.unsupported(f"a reshape to {shape}", where)
    fixed = int(np.prod([n for n in rest if n != -1], dtype=np.int64))
    left = int(np.prod(chain.shape)) // max(fixed, 1)
    chain.reshape(tuple(left if n == -1 else n for n in rest), where)


def _arithmetic(chain: Chain, operation: str, others: list[np.ndarray | None], where: str) -> None:
    constant = next((c for c in others if c is not None), None)
    if constant is None or (others[0] is not None and operation in ("Sub", "Div")):
        raise chain.unsupported(operation, where)
    if constant.size != 1:
        if operation not in ("Add", "Sub"):
            raise chain.unsupported(f"{operation} with more than one number", where)
        chain.shift(constant if operation == "Add" else -constant, where)
        return
    chain.number(operation.lower(), float(constant.reshape(-1)[0]), where)
