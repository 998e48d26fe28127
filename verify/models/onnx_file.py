"""ONNX files as they are opened: names once, sizes that fit, constants folded within a limit."""

import math
import os
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, absent, said
from certify.numbers import rationals
from verify.data.memory import Budget

STANDARD, CLASSICAL = "", "ai.onnx.ml"
OLDEST = 7  # version of the operators: what came before broadcasts otherwise, and no runtime has it
# What computes shapes and weights from constants; nothing that draws at random, or makes much of
# little.
FOLDED = {
    "Abs", "Add", "And", "Cast", "Ceil", "Concat", "Constant", "ConstantOfShape", "Div", "Equal",
    "Expand", "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "Greater", "Identity",
    "Less", "MatMul", "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "Range", "ReduceProd",
    "Reshape", "Shape", "Size", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Tile", "Transpose",
    "Unsqueeze", "Where",
}  # fmt: skip
_BROADCAST = {
    "Add", "And", "Div", "Equal", "Greater", "Less", "Max", "Min", "Mod", "Mul", "Or", "Sub",
    "Where",
}  # fmt: skip
MOST_PRODUCTS = 10**8  # of numbers in a product of constants
MOST = 10_000  # nodes, weights, or anything else of which a graph has a list


def load(path: Path, budget: Budget) -> Any:
    """Return the model of an ONNX file with all of its weights.

    Raises InputError for a damaged file, one that needs more than the budget, names that are given
    twice, sizes below 0, and operators of an old version.
    """
    try:
        import onnx
    except ImportError:
        raise absent(str(path), "onnx") from None
    budget.take(path.stat().st_size // 12, str(path))
    try:
        proto = onnx.load(path, load_external_data=False)
    except Exception as error:
        raise InputError(str(path), expected="an ONNX file", got=said(error)) from None
    _check_counts(proto, str(path))
    _check_names(proto.graph, str(path))
    for tensor, where in _tensors(proto.graph):
        if any(size < 0 for size in tensor.dims):
            got = f"{list(tensor.dims)}"
            raise InputError("model", expected="sizes of 0 or more", got=got, where=where)
        budget.take(math.prod(tensor.dims) + _apart(tensor, path.parent), where)
    try:
        onnx.load_external_data_for_model(proto, str(path.parent))
    except Exception as error:
        raise InputError(
            str(path), expected="a file with all of its weights", got=said(error)
        ) from None
    imported = {(o.domain, o.version) for o in proto.opset_import}
    if version(proto) < OLDEST or len({domain for domain, _ in imported}) != len(imported):
        got = f"version {', '.join(str(o.version) for o in proto.opset_import)}"
        raise InputError(str(path), expected=f"operators of version {OLDEST} or later", got=got)
    return proto


def version(proto: Any) -> int:
    """Return the version of the standard operators that a model uses."""
    found = [o.version for o in proto.opset_import if o.domain in (STANDARD, "ai.onnx")]
    # Classical models alone may do without.
    return int(found[0]) if found else OLDEST


def initialisers(graph: Any, path: Path) -> dict[str, np.ndarray]:
    """Return the arrays that a graph stores, by their names."""
    from onnx.numpy_helper import to_array

    try:
        return {tensor.name: _plain(to_array(tensor)) for tensor in graph.initializer}
    except Exception as error:
        raise InputError(str(path), expected="an ONNX file", got=said(error)) from None


def outputs_of(proto: Any, chosen: str | None) -> list[str]:
    """Return the names of a graph's outputs, or of the one chosen.

    Raises InputError when there is no such output.
    """
    names = [str(value.name) for value in proto.graph.output]
    if chosen is not None and chosen not in names:
        raise InputError("--output", expected=f"one of {names}", got=repr(chosen))
    return names if chosen is None else [chosen]


def label_of_votes(proto: Any) -> str | None:
    """Return the output that is the label of a support vector machine, None where there is none.

    What exporters make of the scores of its pairs beside it need not have that label.
    """
    labels = set[str]()
    for node in proto.graph.node:
        if node.op_type == "SVMClassifier" or (
            node.op_type in ("Cast", "Identity") and labels.intersection(node.input)
        ):
            labels.add(str(node.output[0]))
    return next((str(v.name) for v in proto.graph.output if v.name in labels), None)


def ordered(graph: Any, output: str | None) -> list[Any]:
    """Return all nodes, or those on which an output depends, behind those whose values they take.

    Raises InputError for nodes that take each other's.
    """
    makers = {name: k for k, node in enumerate(graph.node) for name in node.output if name}
    kept: dict[int, set[int]] = {}
    waiting = list(range(len(graph.node))) if output is None else [makers.get(output, -1)]
    while waiting:
        k = waiting.pop()
        if k >= 0 and k not in kept:
            kept[k] = {makers[name] for name in graph.node[k].input if name in makers}
            waiting += kept[k]
    sorter = TopologicalSorter(kept)
    try:
        sorter.prepare()
    except CycleError:
        raise InputError("model", expected="nodes in some order", got="a circle of them") from None
    found, ready = [], list[int]()
    while sorter.is_active():  # in the order of the file, as far as that is one
        for k in sorter.get_ready():
            heappush(ready, k)
        found.append(heappop(ready))
        sorter.done(found[-1])
    return [graph.node[k] for k in found]


def place(node: Any) -> str:
    """Return the name of a node for messages."""
    return f"{node.op_type} {node.name or ', '.join(node.output)}"


def functions_of(proto: Any) -> set[tuple[str, str]]:
    """Return the domains and names of the functions that a model defines for itself."""
    return {("" if f.domain == "ai.onnx" else f.domain, f.name) for f in proto.functions}


def kind_of(node: Any, functions: set[tuple[str, str]]) -> str:
    """Return what a node does by name: with its domain where it is not of a known one.

    A model may define a function of its own with the name of a standard operator.
    """
    domain = STANDARD if node.domain == "ai.onnx" else node.domain
    if (domain, node.op_type) in functions:
        return f"{node.op_type}, a function of the model's own,"
    known = {STANDARD: "", CLASSICAL: "ml."}
    if domain not in known:
        return f"{node.op_type} of the domain {domain!r}"
    return known[domain] + str(node.op_type)


def fold(
    node: Any, kind: str, constants: dict[str, np.ndarray], opset: int, budget: Budget, where: str
) -> None:
    """Compute what depends on constants alone, such as the shape of a reshape.

    Raises InputError for other operators than those that compute shapes.
    """
    import onnx
    from onnx.reference import ReferenceEvaluator

    given = [constants[name] for name in node.input if name]
    whole = kind in ("Div", "Mod") and any(array.dtype.kind not in "f" for array in given)
    odd = ""
    if whole and not np.all(given[-1]):
        odd = "a division by 0"
    elif whole and kind == "Div" and any((array < 0).any() for array in given):
        odd = "a division of negative whole numbers"
    if kind == "MatMul":
        constants[node.output[0]] = _product(given, budget, where)
        return
    if kind == "ReduceProd" and given[0].dtype.kind == "f":
        odd = "a product of floats"
    if kind not in FOLDED or odd or any(a.name == "sparse_value" for a in node.attribute):
        what = odd or f"{kind} of constants"
        raise InputError(
            "model", expected="constants that compute a shape or weights", got=what, where=where
        )
    try:
        budget.take(_size(kind, node, given), where)
        outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
        graph = onnx.helper.make_graph([node], "constants", [], outputs)
        feeds = {name: constants[name] for name in node.input if name}
        with np.errstate(all="ignore"):  # what is not finite is refused where it is used
            values = ReferenceEvaluator(graph, opsets={STANDARD: opset}).run(None, feeds)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            "model", expected="constants that can be computed", got=said(error), where=where
        ) from None
    for name, value in zip(node.output, values, strict=True):
        constants[name] = _plain(np.asarray(value))


def _size(kind: str, node: Any, given: list[np.ndarray]) -> int:
    """Return how many numbers at most a node makes of constants."""
    if kind in _BROADCAST:
        return int(math.prod(np.broadcast_shapes(*(array.shape for array in given))))
    if kind == "ConstantOfShape":
        return int(math.prod(given[0].tolist()))
    if kind == "Expand":
        shapes: list[tuple[int, ...]] = [given[0].shape, tuple(given[1].tolist())]
        return math.prod(np.broadcast_shapes(*shapes))
    if kind == "Tile":
        return int(given[0].size * math.prod(given[1].tolist()))
    if kind == "Range":
        first, last, step = (v.reshape(-1)[0].item() for v in given)
        count: int = math.ceil((last - first) / step)
        return max(0, count)
    if kind == "Gather":
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        return int(given[1].size * (given[0].size // max(1, given[0].shape[axis])))
    return sum(array.size for array in given)


def _product(given: list[np.ndarray], budget: Budget, where: str) -> np.ndarray:
    """Return a product of two matrices exactly, in Fractions: floats would round their sums."""
    left, right = given
    fits = left.ndim == right.ndim == 2 and left.shape[1] == len(right) and left.size and right.size
    if not fits or left.size * right.shape[1] > MOST_PRODUCTS:
        got = f"{left.shape} and {right.shape}"
        expected = f"matrices that fit, of at most {MOST_PRODUCTS} products"
        raise InputError("model", expected=expected, got=got, where=where)
    budget.take(left.size + right.size + len(left) * right.shape[1], where)
    exact = rationals.flint_matrix(left) * rationals.flint_matrix(right)
    return np.array(rationals.from_flint(exact), dtype=object)


def _plain(array: np.ndarray) -> np.ndarray:
    """Return an array in a type that NumPy knows; float32 holds all of the shorter floats."""
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def _check_counts(proto: Any, where: str) -> None:
    graph = proto.graph
    lists = {
        "nodes": graph.node, "weights": graph.initializer, "inputs": graph.input,
        "outputs": graph.output, "functions": proto.functions, "domains": proto.opset_import,
    }  # fmt: skip
    for name, entries in lists.items():
        if len(entries) > MOST:
            raise InputError(where, expected=f"at most {MOST} {name}", got=f"{len(entries)}")


def _check_names(graph: Any, where: str) -> None:
    if graph.sparse_initializer:
        raise InputError(where, expected="dense weights", got="sparse initialisers")
    stored = [tensor.name for tensor in graph.initializer]
    free = [value.name for value in graph.input if value.name not in set(stored)]
    computed = [name for node in graph.node for name in node.output if name]
    seen: set[str] = set()
    for name in stored + free + computed:
        if name in seen:
            raise InputError(where, expected="every value once", got=f"{name!r} twice")
        seen.add(name)


def _tensors(graph: Any) -> Iterator[tuple[Any, str]]:
    """Yield all tensors that a graph stores, and where."""
    for tensor in graph.initializer:
        yield tensor, f"initialiser {tensor.name}"
    for node in graph.node:
        for attribute in node.attribute:
            for tensor in (attribute.t, *attribute.tensors):
                yield tensor, place(node)


def _apart(tensor: Any, folder: Path) -> int:
    """Return a bound, in numbers, on what is read of a file apart from the model's."""
    stored = {entry.key: entry.value for entry in tensor.external_data}
    if "location" not in stored:
        return 0
    length = stored.get("length", "")
    if length.isdecimal():
        return int(length[:20]) // 12
    try:
        return os.path.getsize(folder / stored["location"]) // 12
    except (OSError, ValueError):
        return 0  # onnx says what is wrong with it
