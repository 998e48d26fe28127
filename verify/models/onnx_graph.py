"""ONNX files: graphs of operators that are affine or piecewise linear, read exactly."""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, said
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Relu
from verify.data.memory import Budget
from verify.models import onnx_affine, onnx_classical, onnx_file, onnx_moves, onnx_windows
from verify.models import onnx_ends as ends
from verify.models.builder import Builder
from verify.models.model import ONE_NUMBER, Answer, Behind, Model
from verify.models.nodes import unsupported
from verify.models.onnx_call import Call
from verify.models.onnx_inputs import NUMBERS, Input, readings
from verify.models.onnx_runtime import Asked, runtime
from verify.models.rules import LARGEST, Rule, Votes
from verify.models.values import Value

OPERATORS = {
    **onnx_affine.OPERATORS, **onnx_classical.OPERATORS, **onnx_moves.OPERATORS,
    **onnx_windows.OPERATORS,
}  # fmt: skip
CLASSIFIERS = {
    "ml.LinearClassifier": onnx_classical.linear_classifier,
    "ml.SVMClassifier": onnx_classical.vector_classifier,
}
# Operators that end in labels or probabilities, compute sizes, or make constants.
_OTHERS = {
    "Softmax": {"axis"}, "LogSoftmax": {"axis"}, "Sigmoid": set(), "Shape": {"start", "end"},
    "Size": set(), "ArgMax": {"axis", "keepdims", "select_last_index"},
    "ml.LinearClassifier": onnx_classical.LINEAR, "ml.SVMClassifier": onnx_classical.VECTORS,
    "ml.Normalizer": {"norm"}, "ml.ZipMap": {"classlabels_int64s", "classlabels_strings"},
}  # fmt: skip
CLASSES = 4096  # more are those of a dense layer, or none
# What is said of operators that nothing exact can be said of.
_CURVED = {
    "Acos", "Asin", "Atan", "Celu", "Cos", "Elu", "Erf", "Exp", "GRU", "Gelu",
    "GroupNormalization", "HardSwish", "InstanceNormalization", "LRN", "LSTM",
    "LayerNormalization", "Log", "LogSoftmax", "LpNormalization", "LpPool",
    "MeanVarianceNormalization", "Mish", "Pow", "RNN", "Reciprocal", "ReduceL2",
    "ReduceLogSumExp", "ReduceSumSquare", "Selu", "Sigmoid", "Sin", "Softmax", "Softplus",
    "Softsign", "Sqrt", "Swish", "Tan", "Tanh",
}  # fmt: skip
_JUMPING = {
    "Ceil", "ConvInteger", "DynamicQuantizeLinear", "Floor", "Hardmax", "MatMulInteger", "Mod",
    "QLinearConv", "QLinearMatMul", "QuantizeLinear", "Round", "Shrink", "Sign",
    "ThresholdedRelu", "ml.TreeEnsembleClassifier", "ml.TreeEnsembleRegressor",
}  # fmt: skip


def read_onnx(
    path: Path, budget: Budget, *, output: str | None = None, answer: Answer = "largest"
) -> Model:
    """Return the model of an ONNX file; no custom operator is run, the file is only read.

    The label is that which the graph itself gives, or the class with the largest output; with the
    least where ``answer`` says so. Of several outputs ``output`` names the one in question;
    without it that is the label of a support vector machine, if there is one. Behind
    the scores only that is let in which keeps their order: what exporters add to make
    probabilities, labels and dictionaries. Raises InputError for a damaged file, one that
    needs more than the budget, and everything that is not supported.
    """
    proto = onnx_file.load(path, budget)
    constants = onnx_file.initialisers(proto.graph, path)
    output = output or onnx_file.label_of_votes(proto)
    outputs = onnx_file.outputs_of(proto, output)
    nodes = onnx_file.ordered(proto.graph, output)
    for node in nodes:
        _check_kind(onnx_file.kind_of(node, onnx_file.functions_of(proto)), onnx_file.place(node))
    furthest: tuple[int, InputError] | None = None
    for given in readings(proto, constants, path, budget):
        reading = _Reading(proto, path, budget, dict(constants), given, nodes, outputs, answer)
        try:
            return reading.model()
        except InputError as error:
            if furthest is None or reading.done > furthest[0]:
                furthest = reading.done, error
    assert furthest is not None
    raise furthest[1]


def _check_kind(kind: str, where: str) -> None:
    """Raise InputError for a node of which nothing is read, wherever it stands."""
    if kind not in {*OPERATORS, *_OTHERS, *onnx_file.FOLDED}:
        raise unsupported(f"{kind}{_why(kind)}", where)


def _why(kind: str) -> str:
    if kind in _CURVED:
        return ", which is not piecewise linear"
    return ", whose values jump" if kind in _JUMPING else ""


class _Reading:
    """One graph on the way: its constants, the values computed so far, and what becomes of them."""

    def __init__(
        self,
        proto: Any,
        path: Path,
        budget: Budget,
        constants: dict[str, np.ndarray],
        given: Input,
        nodes: list[Any],
        outputs: list[str],
        answer: Answer,
    ) -> None:
        self.proto, self.path, self.budget, self.constants = proto, path, budget, constants
        self.given, self.nodes, self.outputs, self.answer = given, nodes, outputs, answer
        self.opset = onnx_file.version(proto)
        self.functions = onnx_file.functions_of(proto)
        self.builder = Builder(given.shape, budget)
        self.values = {given.name: self.builder.input}
        first = 0
        for name, shape in given.parts:
            places = np.arange(first, first + prod(shape)).reshape(shape)
            self.values[name], first = self.builder.input.moved(places), first + prod(shape)
        self.kinds: dict[str, Any] = dict.fromkeys(self.values, given.kind)
        self.unit = float(np.finfo(given.kind).eps)
        self.ends = ends.Ends()
        self.logits: Value | None = None  # behind which there is something
        self.scores, self.softmax = "", False
        self.rule: Rule = LARGEST
        self.way: Callable[[], Value] | None = None
        self.done = 0  # nodes

    def model(self) -> Model:
        """Return the finished model, with the runtime that tells its labels."""
        last = {name: k for k, node in enumerate(self.nodes) for name in node.input}
        for k, node in enumerate(self.nodes):
            self._step(node)
            self.done = k + 1
            for name in node.input:  # what nothing reads any more is forgotten
                if last[name] == k and name not in self.outputs:
                    self.values.pop(name, None)
        output, role = self._output()
        if self.logits is None:
            self.logits, self.scores = self.values[output], output
        if self.answer == "least" and role != ends.LOGITS:
            wanted = "largest, or a file whose outputs are scores"
            raise InputError("--answer", expected=wanted, got=f"least, and the {role} {output}")
        given = self.given
        model = self.builder.model(
            self.logits, self.path.stem, f"ONNX file {self.path.name}", self.ends.labels,
            shape=given.example, answer=self.answer, rule=self.rule,
            numbers=self._numbers(output, role),
        )  # fmt: skip
        model = replace(model, behind=self._behind(role))
        labels = list(model.labels)
        asked = Asked(given, output, role, self.scores, self.softmax, labels, self.answer)
        started = runtime(self.proto, asked, self.unit)
        if (made := self.way) is None:
            return replace(model, runtime=started)
        rule = self.rule

        def way() -> Network:
            return self.builder.model(made(), model.name, model.origin, labels, rule=rule).network

        return replace(model, runtime=replace(started, way=way))

    def _step(self, node: Any) -> None:
        """Read one node."""
        kind = onnx_file.kind_of(node, self.functions)
        where = onnx_file.place(node)
        options = self._options(node, kind, where)
        names = [name for name in node.input if name]
        first = self.values.get(names[0]) if names else None
        ended = bool(self.ends.roles)
        if kind in ("Shape", "Size") and first is not None:
            whole = [self.given.examples or first.shape[0], *first.shape[1:]] if first.shape else []
            part = whole[options.get("start", 0) : options.get("end")]
            sizes = np.array(part, np.int64) if kind == "Shape" else np.array(prod(whole))
            self.constants[node.output[0]] = sizes
        elif all(name in self.constants for name in names):
            onnx_file.fold(node, kind, self.constants, self.opset, self.budget, where)
        elif ended:
            self.ends.step(node, kind, options, self.constants, where)
        elif kind == "ArgMax" and first is not None:
            self._end(ends.SCORES, names[0], names[0], first, where)
            self.ends.step(node, kind, options, self.constants, where)
        elif (
            kind in ("Softmax", "LogSoftmax")
            and first is not None
            and self._whole(first, options.get("axis"), where)
        ):
            self._end(ends.SCORES, node.output[0], names[0], first, where)
            self.softmax = True
        elif kind == "Sigmoid" and first is not None and first.entries.size == 1:
            self._end(ends.ONE, node.output[0], names[0], first, where)
            self.softmax = True
        elif kind in CLASSIFIERS and first is not None:
            self._classifier(node, CLASSIFIERS[kind](self.builder, options, first, where), where)
        else:
            self._compute(node, kind, options, where)

    def _options(self, node: Any, kind: str, where: str) -> dict[str, Any]:
        from onnx.helper import get_attribute_value

        known = OPERATORS[kind].options if kind in OPERATORS else _OTHERS.get(kind)
        if kind == "Constant" or known is None:
            return {}  # what is not supported at all is named first
        if strange := {a.name for a in node.attribute} - known:
            raise unsupported(f"{kind} with {sorted(strange)}", where)
        return {a.name: get_attribute_value(a) for a in node.attribute}

    def _compute(self, node: Any, kind: str, options: dict[str, Any], where: str) -> None:
        """Read a node that computes values from values and constants."""
        if kind not in OPERATORS:
            raise unsupported(f"{kind}{_why(kind)}", where)
        strange = [n for n in node.input if n and not (n in self.values or n in self.constants)]
        if strange:
            raise unsupported(f"the value {strange[0]}, which nothing that is read gives", where)
        kinds = {np.dtype(self.kinds[n]) for n in node.input if n in self.values}
        if len(kinds) > 1:
            raise unsupported(" beside ".join(sorted(map(str, kinds))), where)
        (now,) = kinds
        given = tuple(self.values.get(n, self.constants.get(n)) for n in node.input)
        call = Call(
            self.builder, kind, given, options, self.opset, self.given.examples, now,
            len(node.output), where,
        )  # fmt: skip
        try:
            found = OPERATORS[kind].read(call)
        except InputError:
            raise
        except (ValueError, IndexError, TypeError, OverflowError) as error:
            raise unsupported(f"{kind} that does not fit: {said(error)}", where) from None
        if kind == "Cast":
            now = np.dtype(NUMBERS[options["to"]])
            self.unit = max(self.unit, float(np.finfo(now).eps))
        for name, value in zip(node.output, found if isinstance(found, list) else [found]):  # noqa: B905
            if self.given.examples and value.shape[:1] != (1,):
                raise unsupported(f"{kind} across examples", where)
            self.builder.check_size((*value.shape, max(1, self.given.examples)), where)
            self.values[name], self.kinds[name] = value, now

    def _whole(self, value: Value, axis: int | None, where: str) -> bool:
        """Tell whether a softmax over an axis is over all values."""
        rank, size = len(value.shape), value.entries.size
        old = self.opset < 13  # then all axes from the one named on are one
        chosen = (min(1, rank - 1) if old else -1) if axis is None else axis
        place = chosen + rank if chosen < 0 else chosen
        if not 0 <= place < rank or (self.given.examples and place == 0):
            return False
        return prod(value.shape[place:] if old else value.shape[place : place + 1]) == size

    def _classifier(self, node: Any, found: onnx_classical.Classifier, where: str) -> None:
        """Note what a classical classifier tells: labels, and scores or what keeps their order."""
        second = node.output[1] if len(node.output) > 1 else ""
        self._end(ends.LABEL, node.output[0], second if found.told else "", found.scores, where)
        self.ends.classes, self.ends.named = len(found.labels), found.named
        self.ends.name_labels(found.labels, where)
        self.rule, self.way = found.rule, found.way
        if found.way is not None:  # onnxruntime computes with support vectors in float32 always
            self.unit = max(self.unit, float(np.finfo(np.float32).eps))
        if second:
            keeps = found.told and not isinstance(found.rule, Votes)
            self.ends.roles[second] = ends.SCORES if keeps else ends.PART

    def _end(self, role: str, name: str, scores: str, value: Value, where: str) -> None:
        """Note the first value behind the scores, and the value that holds them."""
        size = value.entries.size
        if role == ends.SCORES and size < 2:
            raise unsupported("the score of one class alone", where)
        self.logits, self.scores = value, scores
        self.ends.begin(role, name, max(2, size), value.shape)
        if scores in self.values:
            self.ends.begin(
                ends.SCORES if role != ends.ONE else ends.LOGIT, scores, max(2, size), value.shape
            )

    def _output(self) -> tuple[str, str]:
        """Return the value that tells labels, and what it is.

        Raises InputError unless all outputs of the graph belong to one classifier.
        """
        names, roles = self.outputs, self.ends.roles
        if not roles:
            roles = {name: ends.LOGITS for name in names[:1] if name in self.values}
        strange = [name for name in names if name not in roles]
        if strange or not names:
            raise InputError(
                "model",
                expected="as outputs the scores of one classifier, its probabilities or its "
                "labels, or --output with the name of one",
                got=f"{', '.join(strange) or 'none'} of {names}",
                where=str(self.path),
            )
        telling = (ends.LABEL,) if self.ends.named else ends.TELLING
        found = [(name, role) for role in telling for name in names if roles[name] == role]
        if not found:
            wanted = "an output that tells labels"
            raise InputError("model", expected=wanted, got=f"{names}", where=str(self.path))
        return found[0]

    def _behind(self, role: str) -> Behind:
        """Return what the graph makes of its scores."""
        if role == ends.LOGITS and self.answer == "largest":
            return "nothing"
        return "order" if role == ends.SCORES and self.rule == LARGEST else "labels"

    def _numbers(self, output: str, role: str) -> str:
        """Return what an output holds, where these are no scores of classes."""
        if role not in (ends.LOGITS, ends.LOGIT):
            return ""
        value = self.values[output]
        shape, made = value.shape, self.builder.nodes[value.node - 1 : value.node]
        if prod(shape) != max(shape, default=1):
            return f"numbers of shape {shape} for each example"
        if prod(shape) > CLASSES and made and isinstance(made[0].operation, Convolution | Relu):
            return f"{prod(shape):,} numbers for each example, which no layer of classes makes"
        return ONE_NUMBER if prod(shape) == 1 else ""
