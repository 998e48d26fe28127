"""ONNX files of a folder, and what onnxruntime answers for one."""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.model_sweep import Case, Route, Truth
from verify.models.model import Model
from verify.models.readers import read_model


def cases(folder: Path) -> list[Case]:
    """Return every ``.onnx`` file under a folder; points are drawn once its inputs are known."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".onnx")
    return [Case(str(p.relative_to(folder)), p, None, _truth(p)) for p in paths]


def _truth(path: Path) -> Any:
    return lambda points: answers(path, points)


def answers(path: Path, points: np.ndarray) -> Truth:
    """Return the labels that a file gives in onnxruntime, one point at a time, and its scores.

    The label is an output of labels if there is one, else the place of the largest number of the
    first output, or for one number whether it is above 1/2.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    taken, *more = session.get_inputs()
    kinds = {"tensor(double)": np.float64, "tensor(float16)": np.float16}
    kind = kinds.get(taken.type, np.float32)
    shape, many = ([0], 1) if more else _shape(taken.shape, points)
    labels, rows = [], []
    for point in points:
        fed = np.repeat(point.reshape(1, -1).astype(kind), many, axis=0)
        given = _parts([taken, *more], fed[0]) if more else {taken.name: fed.reshape(shape)}
        found = session.run(None, given)
        named = [value for value in found if _is_label(value, many)]
        scores = next((s for value in found if (s := _scores(value, many)) is not None), None)
        if scores is not None and scores.size == 1:
            scores = np.array([1 - scores[0], scores[0]])
        if named:
            labels.append(np.asarray(named[0]).reshape(-1)[0])
        else:
            assert scores is not None
            labels.append(int(scores.argmax()))
        rows.append(scores)
    known = None if any(row is None for row in rows) else np.array(rows, np.float64)
    return Truth(np.array(labels), known, float(np.finfo(kind).eps))


def _shape(declared: list[Any], points: np.ndarray) -> tuple[list[int], int]:
    """Return the shape to feed, and how many examples it holds."""
    size = points[0].size
    sizes = [n if isinstance(n, int) else None for n in declared]
    if len(sizes) == 1:
        return [size], 1
    if None not in sizes and prod(sizes) == size:  # type: ignore[type-var]
        return declared, 1
    many = sizes[0] or 1
    inner = [n for n in sizes[1:] if n is not None]
    left = size // prod(inner)
    return [many, *(left if n is None else n for n in sizes[1:])], many


def _parts(inputs: list[Any], point: np.ndarray) -> dict[str, np.ndarray]:
    """Return what each of several inputs takes of a point, one behind the other."""
    shapes = [[n if isinstance(n, int) else 1 for n in taken.shape] for taken in inputs]
    pieces = np.split(point, np.cumsum([prod(shape) for shape in shapes])[:-1])
    return {t.name: x.reshape(s) for t, x, s in zip(inputs, pieces, shapes, strict=True)}


def _is_label(value: Any, many: int) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iuOUSb" and value.size == many


def _scores(value: Any, many: int) -> np.ndarray | None:
    """Return the scores of the first example of an output, None for one that holds none."""
    if isinstance(value, list):  # a dictionary for each example
        return np.array(list(value[0].values()))
    if value.dtype.kind != "f":
        return None
    return np.asarray(value, np.float64).reshape(many, -1)[0]


def _read(case: Case, folder: Path) -> Model:
    return read_model(case.model)


ROUTES = (Route("ONNX file", _read, ("onnx", "onnxruntime")),)
