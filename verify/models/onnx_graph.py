"""ONNX files: a chain of operators whose other inputs are constants."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from certify.networks.operations import Dense
from verify.data.memory import Budget
from verify.models import onnx_ends as ends
from verify.models import onnx_file
from verify.models import onnx_layers as layers
from verify.models.chain import Chain
from verify.models.model import Model
from verify.models.onnx_runtime import Asked, runtime

# Of ONNX's types of a graph's input.
_NUMBERS: dict[int, Any] = {1: np.float32, 10: np.float16, 11: np.float64}
_ARITHMETIC = {"Add", "Sub", "Mul", "Div"}
# What may be said of a node: an attribute that is not known is never left out.
_OPTIONS = {
    "BatchNormalization": {"epsilon", "momentum", "spatial", "training_mode"},
    "Gemm": {"alpha", "beta", "transA", "transB"},
    "Conv": {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"},
    "MaxPool": {
        "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides",
    },
    "Flatten": {"axis"}, "Softmax": {"axis"}, "LogSoftmax": {"axis"},
    "Reshape": {"allowzero"}, "Squeeze": {"axes"}, "Unsqueeze": {"axes"},
    "Cast": {"to", "saturate", "round_mode"}, "Dropout": {"ratio", "seed"},
    "Shape": {"start", "end"}, "Concat": {"axis"}, "Gather": {"axis"},
    "ArgMax": {"axis", "keepdims", "select_last_index"},
    "ml.LinearClassifier": {
        "classlabels_ints", "classlabels_strings", "coefficients", "intercepts", "multi_class",
        "post_transform",
    },
    "ml.Normalizer": {"norm"}, "ml.ZipMap": {"classlabels_int64s", "classlabels_strings"},
}  # fmt: skip
# Transformations of a LinearClassifier's scores, none of which changes its label.
_TRANSFORMS = (b"NONE", b"SOFTMAX", b"LOGISTIC", b"SOFTMAX_ZERO")


def read_onnx(path: Path, budget: Budget) -> Model:
    """Return the model of an ONNX file; no custom operator is run, the file is only read.

    The label is that which the graph itself gives, or the class with the largest output. Behind
    the scores only that is let in which keeps their order: what exporters add to make
    probabilities, labels and dictionaries. Raises InputError for a damaged file, one that
    needs more than the budget, and everything that is not supported.
    """
    reading = _Reading(onnx_file.load(path, budget), path, budget)
    for node in reading.graph.node:
        reading.step(node)
    return reading.model()


class _Reading:
    """One graph on the way: constants, the chain so far, and the value at its end."""

    def __init__(self, proto: Any, path: Path, budget: Budget) -> None:
        self.proto, self.path, self.budget = proto, path, budget
        self.graph = proto.graph
        self.constants = onnx_file.initialisers(self.graph, path)
        self.functions = {
            ("" if f.domain == "ai.onnx" else f.domain, f.name) for f in proto.functions
        }
        inputs = [value for value in self.graph.input if value.name not in self.constants]
        if len(inputs) != 1:
            got = f"{len(inputs)}: {[v.name for v in inputs]}"
            raise InputError(str(path), expected="one input", got=got)
        self.input = self.current = inputs[0].name
        tensor = inputs[0].type.tensor_type
        if tensor.elem_type not in _NUMBERS:
            raise InputError(
                str(path), expected="an input of floats", got=f"type {tensor.elem_type} of ONNX"
            )
        self.kind: Any = _NUMBERS[tensor.elem_type]
        self.now: Any = self.kind  # the type of the value on the way
        self.unit = float(np.finfo(self.kind).eps)
        self._read_shape(tensor)
        self.ends = ends.Ends(self.chain)
        self.scores, self.softmax = "", False

    def _read_shape(self, tensor: Any) -> None:
        """Note the shape of one example, and how many a run takes: 1 where any number will do."""
        sizes = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
        if any(n is not None and n < 1 for n in sizes):
            raise InputError(str(self.path), expected="sizes above 0", got=f"{sizes}")
        self.alone = len(sizes) == 1  # one example, and no axis for several
        self.batch = 1 if self.alone or not sizes or sizes[0] is None else sizes[0]
        self.fixed = self.alone or (bool(sizes) and sizes[0] is not None)
        inner = sizes if self.alone else sizes[1:]
        known = tuple(n for n in inner if n is not None)
        if len(known) != len(inner) and len(inner) > 1:
            raise InputError(
                str(self.path), expected="the sizes of one example", got=f"the shape {sizes}"
            )
        Budget(self.budget.limit).take(self.batch * prod(known), "the input")
        self.chain = Chain(known if inner and len(known) == len(inner) else None)

    def step(self, node: Any) -> None:
        """Read one node."""
        kind = onnx_file.kind_of(node, self.functions)
        where = f"{node.op_type} {node.name or ', '.join(node.output)}"
        options = self._options(node, kind, where)
        shape = self.chain.shape
        if kind == "Shape" and node.input[0] == self.current and shape is not None:
            whole = shape if self.alone else (self.batch, *shape)
            part = slice(options.get("start", 0), options.get("end"))
            self.constants[node.output[0]] = np.array(whole[part], np.int64)
        elif all(name in self.constants for name in node.input if name):
            opset = onnx_file.version(self.proto)
            onnx_file.fold(node, kind, self.constants, opset, self.budget, where)
        elif self.chain.ended or (kind == "ArgMax" and node.input[0] == self.current):
            if not self.chain.ended:
                self._end(ends.SCORES, self.current, self.current, where)
            self.ends.step(node, kind, options, self.constants, where)
        elif list(node.input).count(self.current) != 1:
            raise self.chain.unsupported("a branch", where)
        elif kind == "ml.LinearClassifier":
            self._linear_classifier(node, options, where)
        else:
            self._step(node, kind, options, where)
            # One value on the way is in memory at a time.
            Budget(self.budget.limit).take(self.batch * prod(self.chain.shape or ()), where)
            if not self.chain.ended:
                self.current = node.output[0]

    def _options(self, node: Any, kind: str, where: str) -> dict[str, Any]:
        from onnx.helper import get_attribute_value

        if kind == "Constant":
            return {}
        strange = {a.name for a in node.attribute} - _OPTIONS.get(kind, set())
        # What is not supported at all is named first.
        if strange and (kind in _OPTIONS or kind in ("MatMul", "Relu", *_ARITHMETIC)):
            raise self.chain.unsupported(f"{kind} with {sorted(strange)}", where)
        return {} if strange else {a.name: get_attribute_value(a) for a in node.attribute}

    def _step(self, node: Any, kind: str, options: dict[str, Any], where: str) -> None:
        """Append what a node does to the value on the way."""
        chain = self.chain
        others = self._others(node, where)
        first = others[1] if len(others) > 1 and others[0] is None else None
        last = others[2] if len(others) > 2 else None
        if kind == "Gemm":
            self._gemm(first, last, options, where)
        elif kind == "MatMul" and first is not None:
            self._product(first, where)
        elif kind == "Relu":
            chain.relu(where)
        elif kind == "Conv" and first is not None:
            layers.convolution(chain, first, last, options, where)
        elif kind == "MaxPool":
            layers.max_pool(chain, options, where)
        elif kind == "BatchNormalization" and not self.alone:
            layers.batch_norm(chain, others, options, where)
        elif kind in _ARITHMETIC:
            self._arithmetic(kind, others, where)
        elif kind == "Neg":
            chain.number("mul", -1, where)
        elif kind in ("Flatten", "Reshape", "Squeeze", "Unsqueeze") and self.alone:
            raise chain.unsupported(f"{kind} of an input without an axis for examples", where)
        elif kind == "Flatten" and options.get("axis", 1) == 1:
            if chain.shape is not None:
                chain.reshape((prod(chain.shape),), where)
        elif kind == "Reshape" and first is not None and chain.shape is not None:
            self._reshape([int(n) for n in first.tolist()], options, where)
        elif kind in ("Softmax", "LogSoftmax") and self._class_axis(options.get("axis"), where):
            self._end(ends.SCORES, node.output[0], self.current, where)
            self.softmax = True
        elif kind == "Sigmoid" and chain.shape == (1,):
            self._end(ends.ONE, node.output[0], self.current, where)
            self.softmax = True
        elif not layers.leaves_values(kind, options, others):
            raise chain.unsupported(kind, where)
        if kind == "Cast":
            self.now = _NUMBERS[options["to"]]
            self.unit = max(self.unit, float(np.finfo(self.now).eps))

    def _others(self, node: Any, where: str) -> list[np.ndarray | None]:
        """Return what a node takes beside the value on the way, for which None stands."""
        others: list[np.ndarray | None] = []
        for name in node.input:
            if name and name != self.current and name not in self.constants:
                raise self.chain.unsupported("an operator on two computed values", where)
            others.append(None if name == self.current else self.constants.get(name))
        return others

    def _floats(self, array: np.ndarray, where: str) -> np.ndarray:
        """Return a constant of the type of the value: an operator takes no mixture of types."""
        if array.dtype != self.now:
            kind = np.dtype(self.now)
            raise self.chain.unsupported(f"{array.dtype} beside {kind}", where)
        return array

    def _gemm(
        self, first: np.ndarray | None, last: np.ndarray | None, options: dict[str, Any], where: str
    ) -> None:
        if first is None or first.ndim != 2 or options.get("transA", 0) or self.alone:
            raise self.chain.unsupported(f"Gemm with {options}", where)
        weights = self._floats(first if options.get("transB", 0) else first.T, where)
        shift = None
        if last is not None:
            shift = self._row(self._floats(last, where), (len(weights),), where)
            shift = layers.times(shift, options.get("beta", 1.0), self.chain, where)
        if self.chain.shape is not None and len(self.chain.shape) != 1:
            raise self.chain.unsupported(f"Gemm of shape {self.chain.shape}", where)
        alpha = options.get("alpha", 1.0)
        self.chain.dense(layers.times(weights, alpha, self.chain, where), shift, where)

    def _product(self, weights: np.ndarray, where: str) -> None:
        """Append x W for every row of a value, of which there may be one alone."""
        if weights.ndim != 2:
            raise self.chain.unsupported(f"MatMul with shape {weights.shape}", where)
        outer = self.chain.shape[:-1] if self.chain.shape is not None else ()
        self.chain.dense(self._floats(weights, where).T, None, where)
        self.chain.reshape((*outer, weights.shape[1]), where)

    def _row(self, array: np.ndarray, shape: tuple[int, ...], where: str) -> np.ndarray:
        """Return a constant as it is added to every example of a shape."""
        inner = array
        if not self.alone and array.ndim == len(shape) + 1 and len(array) == 1:
            inner = array[0]
        try:
            return np.broadcast_to(inner, shape)
        except ValueError:
            raise self.chain.unsupported(
                f"a constant of shape {array.shape} beside {shape} in each example", where
            ) from None

    def _arithmetic(self, kind: str, others: list[np.ndarray | None], where: str) -> None:
        chain = self.chain
        constant = next((c for c in others if c is not None), None)
        turned = others[0] is not None and kind in ("Sub", "Div")
        if constant is None or (turned and kind == "Div"):
            raise chain.unsupported(kind, where)
        constant = self._floats(constant, where)
        rank = 1 if self.alone else 1 + len(chain.shape or (0,))
        if constant.ndim > rank:
            raise chain.unsupported(f"{kind} with a constant of shape {constant.shape}", where)
        if turned:
            chain.number("mul", -1, where)
            kind = "Add"
        if constant.size == 1:
            chain.number(kind.lower(), constant.reshape(-1)[0], where)
            return
        if chain.shape is None:
            raise chain.unsupported(f"{kind} of values of unknown shape", where)
        chain.arithmetic(kind.lower(), self._row(constant, chain.shape, where), where)

    def _reshape(self, shape: list[int], options: dict[str, Any], where: str) -> None:
        """Give one example the shape behind the first entry; 0 keeps one, -1 is what is left."""
        chain = self.chain
        assert chain.shape is not None
        # Only examples one by one, or as many as there are, keep what belongs together.
        if not shape or shape[0] not in (0, -1, self.batch) or options.get("allowzero", 0):
            raise chain.unsupported(f"a reshape to {shape}", where)
        before = (self.batch, *chain.shape)
        kept = [before[k] if n == 0 and k < len(before) else n for k, n in enumerate(shape)]
        rest = kept[1:]
        if rest.count(-1) > 1 or (-1 in rest and shape[0] == -1) or min(rest, default=1) < -1:
            raise chain.unsupported(f"a reshape to {shape}", where)
        left = prod(chain.shape) // max(prod(n for n in rest if n != -1), 1)
        chain.reshape(tuple(left if n == -1 else n for n in rest), where)

    def _class_axis(self, axis: int | None, where: str) -> bool:
        """Tell whether an axis is the one along which the classes lie, the only one."""
        shape = self.chain.shape
        if shape is None or self.alone:
            return shape is not None and axis in (None, 0, -1)
        old = onnx_file.version(self.proto) < 13  # then all axes behind the first, without one
        chosen = (1 if old else -1) if axis is None else axis
        place = chosen - 1 if chosen > 0 else chosen + len(shape)
        if chosen == 0 or not 0 <= place < len(shape):
            return False
        return prod(shape) == shape[place]

    def _linear_classifier(self, node: Any, options: dict[str, Any], where: str) -> None:
        """Append scikit-learn's linear models as the operators for classical models write them."""
        chain = self.chain
        intercepts = np.array(options.get("intercepts", []), np.float32)
        coefficients = np.array(options.get("coefficients", []), np.float32)
        labels = ends.listed(options, "classlabels_ints")
        # One row is the score of the second of two labels; two rows need not be each other's
        # negatives.
        rows = len(intercepts)
        if not rows or coefficients.size % rows or len(labels) != max(2, rows):
            got = f"{coefficients.size} coefficients, {rows} intercepts, {len(labels)} labels"
            expected = "as many intercepts and labels as there are rows of coefficients"
            raise InputError("model", expected=expected, got=got, where=where)
        transform = options.get("post_transform", b"NONE")
        if transform not in _TRANSFORMS or self.alone or len(chain.shape or (0,)) != 1:
            got = f"LinearClassifier with {transform.decode()} of shape {chain.shape}"
            raise chain.unsupported(got, where)
        chain.dense(coefficients.reshape(rows, -1), intercepts, where)
        self._end(ends.LABEL, node.output[0], node.output[1] if len(node.output) > 1 else "", where)
        self.ends.name_labels(labels, where)
        if self.scores:
            self.ends.roles[self.scores] = ends.SCORES
        # The one row's scores are 1 - s and s, and sigmoids of large scores are all 1: their
        # largest need not have the label.
        self.ends.named = rows == 1 or transform == b"LOGISTIC"

    def _end(self, role: str, name: str, scores: str, where: str) -> None:
        """Note the first value behind the scores, and the value that holds them."""
        last = self.chain.layers[-1] if self.chain.layers else None
        if not isinstance(last, Dense):
            raise self.chain.unsupported("scores that no dense layer gives", where)
        self.scores = scores
        shape = self.chain.shape
        flat = shape is None or len(shape) == 1
        if role == ends.SCORES and len(last.biases) < 2:
            raise self.chain.unsupported("the score of one class alone", where)
        self.ends.begin(role, name, max(2, len(last.biases)), flat)
        if scores == self.current:
            self.ends.roles[scores] = ends.SCORES if role != ends.ONE else ends.LOGIT

    def model(self) -> Model:
        """Return the finished model, with the runtime that tells its labels."""
        output, role = self._output()
        if not self.chain.ended:
            self.scores = output
        labels = self.ends.labels
        origin = f"ONNX file {self.path.name}"
        model = self.chain.model(self.path.stem, origin, labels)
        shape = self.chain.declared
        fed = (-1,) if shape is None else shape
        asked = Asked(
            self.input, fed if self.alone else (self.batch, *fed), self.alone, output, role,
            self.scores, self.softmax, list(model.labels),
        )  # fmt: skip
        return replace(model, runtime=runtime(self.proto, asked, self.kind, self.unit))

    def _output(self) -> tuple[str, str]:
        """Return the value that tells labels, and what it is.

        Raises InputError unless all outputs of the graph belong to one classifier.
        """
        names = [value.name for value in self.graph.output]
        roles = self.ends.roles if self.chain.ended else {self.current: ends.LOGITS}
        strange = [name for name in names if name not in roles]
        if strange or not names:
            raise InputError(
                "model",
                expected="as outputs the scores of one classifier, its probabilities or its labels",
                got=f"{', '.join(strange) or 'none'} of {names}",
                where=str(self.path),
            )
        telling = (ends.LABEL,) if self.ends.named else ends.TELLING
        found = [(name, role) for role in telling for name in names if roles[name] == role]
        if not found:
            raise InputError(
                "model",
                expected="an output that tells labels",
                got=f"{names}",
                where=str(self.path),
            )
        if found[0][1] in (ends.LOGITS, ends.LOGIT):
            shape = self.chain.shape
            if shape is not None and prod(shape) != max(shape, default=1):
                raise InputError(
                    "model", expected="one axis of classes", got=f"outputs of shape {shape}",
                    where=str(self.path),
                )  # fmt: skip
            last = self.chain.layers[-1] if self.chain.layers else None
            if isinstance(last, Dense) and len(last.biases) == 1:
                raise InputError(
                    "model",
                    expected="scores of two classes or more, or a Sigmoid behind one",
                    got="one number for each example, as a regression gives",
                    where=str(self.path),
                )
        return found[0]
