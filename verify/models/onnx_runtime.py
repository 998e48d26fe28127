"""ONNX models as their runtime runs them: onnxruntime, or onnx's own reference without it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from certify.errors import InputError, said
from verify.models.model import Answer, Label, Runtime
from verify.models.onnx_ends import LABEL, MAP, NUMBER, ONE
from verify.models.onnx_inputs import Input

Run: TypeAlias = Callable[..., Any]  # from names of outputs and inputs to values


@dataclass(frozen=True)
class Asked:
    """What is asked of a graph.

    given         its input
    output, role  the value that tells labels, and what it is
    scores        the value before any softmax that holds the logits, "" where none does
    softmax       whether labels are told behind a softmax or sigmoid
    labels        in the order of the logits
    answer        whether the largest or the least score tells the label
    """

    given: Input
    output: str
    role: str
    scores: str
    softmax: bool
    labels: list[Label]
    answer: Answer


def runtime(proto: Any, asked: Asked, unit: float) -> Runtime:
    """Return a model with its runtime, which takes points of the type of its input.

    Raises InputError when no runtime takes the model.
    """
    name, run = _started(proto, [asked.output])
    inner = _inner(proto, asked)
    ask_scores = _started(inner, [asked.scores])[1] if asked.scores else None

    def answer(points: np.ndarray) -> tuple[list[Label], np.ndarray | None]:
        told: list[Label] = []
        values = []
        for batch in _batches(points.astype(asked.given.kind), asked):
            told += _labels(run([asked.output], batch)[0], asked)
            if ask_scores is not None:
                found = np.asarray(ask_scores([asked.scores], batch)[0], np.float64)
                values.append(found.reshape(_examples(asked), -1))
        if not values:
            return told[: len(points)], None
        table = np.concatenate(values)[: len(points)]
        if table.shape[1] == 1 and len(asked.labels) == 2:
            table = np.hstack([np.zeros_like(table), table])
        elif inner is not proto and _rows(inner) == 1:
            table[:, 0] = 0  # one score s for two classes comes as 1 - s and s
        table = -table if asked.answer == "least" else table
        return told[: len(points)], table

    return Runtime(name, answer, np.dtype(asked.given.kind), unit, asked.softmax, logits=True)


def _examples(asked: Asked) -> int:
    return 1 if asked.given.alone else asked.given.fed[0]


def _batches(points: np.ndarray, asked: Asked) -> list[dict[str, np.ndarray]]:
    """Return what to feed, so many points at a time as the graph says; the last is filled up."""
    count = _examples(asked)
    short = -len(points) % count
    filled = np.concatenate([points, np.repeat(points[-1:], short, axis=0)])
    return [_fed(filled[k : k + count], asked.given) for k in range(0, len(filled), count)]


def _fed(points: np.ndarray, given: Input) -> dict[str, np.ndarray]:
    """Return what one run is given, by the names of inputs."""
    if not given.parts:
        return {given.name: points.reshape(given.fed)}
    ends = np.cumsum([prod(shape) for _, shape in given.parts])[:-1]
    pieces = np.split(points.reshape(-1), ends)
    pairs = zip(given.parts, pieces, strict=True)
    return {name: piece.reshape(shape) for (name, shape), piece in pairs}


def _labels(value: Any, asked: Asked) -> list[Label]:
    """Return the labels that one run tells."""
    if asked.role == MAP:
        return [max(scores, key=scores.__getitem__) for scores in value]
    table = np.asarray(value).reshape(_examples(asked), -1)
    if asked.role == LABEL:
        return list(table[:, 0].tolist())
    if asked.role == NUMBER:
        numbers = table[:, 0].astype(np.int64)
    elif asked.role == ONE:
        numbers = (table[:, 0] > 0.5).astype(np.int64)
    else:
        numbers = (table.argmin if asked.answer == "least" else table.argmax)(axis=1)
    return [asked.labels[k] for k in numbers.tolist()]


def _inner(proto: Any, asked: Asked) -> Any:
    """Return the same model with logits where a classical one gives probabilities."""
    places = [
        k for k, node in enumerate(proto.graph.node)
        if asked.scores in node.output and node.op_type == "LinearClassifier"
    ]  # fmt: skip
    if not places:
        return proto
    inner = type(proto)()
    inner.CopyFrom(proto)
    for attribute in inner.graph.node[places[0]].attribute:
        if attribute.name == "post_transform":
            attribute.s = b"NONE"
    del inner.graph.node[places[0] + 1 :]
    del inner.graph.output[:]
    return inner


def _rows(proto: Any) -> int:
    """Return the number of rows of the LinearClassifier that a graph ends in."""
    stored = {attribute.name: attribute for attribute in proto.graph.node[-1].attribute}
    return len(stored["intercepts"].floats)


def _started(proto: Any, outputs: list[str]) -> tuple[str, Run]:
    """Return the name of a runtime and a model started in it, with more outputs if need be."""
    import onnx

    missing = [name for name in outputs if name not in {o.name for o in proto.graph.output}]
    if missing:
        changed = type(proto)()
        changed.CopyFrom(proto)
        changed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in missing)
        proto = changed
    failed = "not installed"
    try:
        import onnxruntime
    except ImportError:
        pass
    else:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 4
        try:
            session = onnxruntime.InferenceSession(
                proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # such as a version of operators that it does not know yet
            failed = said(error)
        else:
            return f"onnxruntime {onnxruntime.__version__}", session.run
    try:
        from onnx.reference import ReferenceEvaluator

        return f"onnx {onnx.__version__}'s reference evaluator", ReferenceEvaluator(proto).run
    except Exception as error:
        wanted = "a graph that onnxruntime or onnx's reference evaluator runs"
        raise InputError("model", expected=wanted, got=f"{failed}, and {said(error)}") from None
