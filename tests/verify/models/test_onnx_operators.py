"""Each ONNX operator on drawn shapes and attributes: exactly what onnxruntime gives.

Inputs and weights are small whole numbers, of which floats compute sums and products exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from certify.errors import InputError
from tests.verify.models.onnx_nodes import graph, node, read

RNG = np.random.default_rng(0)
Draw = Callable[..., Any]


def whole(*shape: int) -> np.ndarray:
    return RNG.integers(-4, 5, shape).astype(np.float32)


def draws(limit: int = 40) -> Callable[[Any], Any]:
    def decorated(test: Any) -> Any:
        return settings(max_examples=limit, deadline=None)(given(st.data())(test))

    return decorated


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("onnx")


def same(
    folder: Path, nodes: Any, constants: dict[str, Any], shape: Any, *, reference: bool = True,
    **options: Any,
) -> np.ndarray:  # fmt: skip
    """Assert that nodes are read as onnxruntime runs them, and as onnx's reference does."""
    exact = options.pop("exact", True)
    model = graph(nodes if isinstance(nodes, list) else [nodes], constants, shape, **options)
    points = whole(3, *shape[1:] if shape and shape[0] == 1 else shape)
    mine, theirs = read(folder, model, points, exact=exact)
    if reference:
        run = ReferenceEvaluator(model).run
        fed = [point.reshape(shape) for point in points]
        for row, point in zip(mine, fed, strict=True):
            found = np.asarray(run(None, {"x": point})[0]).reshape(-1)  # type: ignore[index]
            assert np.allclose(found[: len(row)], [float(v) for v in row], rtol=1e-5, atol=1e-5)
    return theirs


def numbers(draw: Draw, count: int, low: int, high: int) -> list[int]:
    return [draw(st.integers(low, high)) for _ in range(count)]


@draws()
def test_arithmetic_with_constants(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, data.draw(st.integers(0, 3)), 1, 3)]
    other = [
        data.draw(st.sampled_from([1, n])) for n in shape[data.draw(st.integers(0, len(shape))) :]
    ]
    kind = data.draw(st.sampled_from(["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean"]))
    turned = kind != "Div" and data.draw(st.booleans())
    c = whole(*other)
    c = np.where(c == 0, 2, c).astype(np.float32)
    opset = data.draw(st.sampled_from([8, 13, 20]))
    inputs = "c x" if turned else "x c"
    # onnx 1.23.2's reference adds the values of Mean in the place of the first, whatever its shape.
    same(
        folder, node(kind, inputs), {"c": c}, shape, opset=opset, exact=kind != "Div",
        reference=kind != "Mean",
    )  # fmt: skip


@draws()
def test_arithmetic_of_computed_values(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, data.draw(st.integers(1, 3)), 1, 3)]
    kind = data.draw(st.sampled_from(["Add", "Sub", "Max", "Min", "Sum", "Mean"]))
    axis = data.draw(st.integers(1, len(shape) - 1))
    nodes = [
        node("ReduceMax", "x", "m", axes=[axis]), node("Relu", "x", "r"),
        node(kind, data.draw(st.sampled_from(["r m", "m r", "x r", "m x"]))),
    ]  # fmt: skip
    same(folder, nodes, {}, shape, opset=13, reference=kind != "Mean")


@draws()
def test_products(folder: Path, data: Any) -> None:
    rank = data.draw(st.integers(1, 4))
    shape = numbers(data.draw, rank, 1, 3)
    if rank > 1:
        shape[0] = 1
    turned = data.draw(st.booleans())
    k = shape[-1] if not turned or rank == 1 else shape[-2]
    outer = [data.draw(st.sampled_from([1, n])) for n in shape[:-2]]
    form = data.draw(st.sampled_from(["vector", "matrix", "stack"]))
    made = data.draw(st.integers(1, 3))
    other = {"vector": [k], "matrix": [made, k], "stack": [*outer, made, k]}[form]
    if not turned and form != "vector":
        other = [*other[:-2], other[-1], other[-2]]
    same(folder, node("MatMul", "w x" if turned else "x w"), {"w": whole(*other)}, shape)


@draws()
def test_gemm(folder: Path, data: Any) -> None:
    one, two, turned = (data.draw(st.booleans()) for _ in range(3))
    m, k, n = numbers(data.draw, 3, 1, 3)
    a, b = ([k, m] if one else [m, k]), ([n, k] if two else [k, n])
    c = data.draw(st.sampled_from([None, [n], [1], [], [m, 1], [1, n], [m, n]]))
    alpha, beta = (data.draw(st.sampled_from([1.0, 0.5, -3.0, 0.0])) for _ in range(2))
    constants = {"w": whole(*(a if turned else b))}
    if c is not None:
        constants["c"] = whole(*c)
    inputs = ("w x" if turned else "x w") + (" c" if c is not None else "")
    options = {"transA": int(one), "transB": int(two), "alpha": alpha, "beta": beta}
    shape = b if turned else a
    same(folder, node("Gemm", inputs, **options), constants, shape, opset=13)


def windows(data: Any, axes: int) -> tuple[list[int], list[int], list[int], list[int], list[int]]:
    """Return sizes, window, strides, dilations, pads."""
    window = numbers(data.draw, axes, 1, 3)
    dilations = numbers(data.draw, axes, 1, 2)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilations, strict=True)]
    pads = [data.draw(st.integers(0, k - 1)) for k in window * 2]
    sizes = [
        max(data.draw(st.integers(1, 6)), e - p - q, 1)
        for e, p, q in zip(reach, pads[:axes], pads[axes:], strict=True)
    ]
    return sizes, window, numbers(data.draw, axes, 1, 3), dilations, pads


@draws(80)
def test_convolutions(folder: Path, data: Any) -> None:
    axes, groups, per, made = (data.draw(st.integers(1, 2)) for _ in range(4))
    sizes, window, strides, dilations, pads = windows(data, axes)
    options: dict[str, Any] = {"strides": strides, "group": groups}
    automatic = data.draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if automatic == "NOTSET":
        options |= {"pads": pads, "dilations": dilations}
    else:
        options["auto_pad"] = automatic
        sizes = [max(n, k) for n, k in zip(sizes, window, strict=True)]
    if data.draw(st.booleans()):
        options["kernel_shape"] = window
    constants = {"w": whole(groups * made, per, *window), "b": whole(groups * made)}
    given = "x w b" if data.draw(st.booleans()) else "x w"
    same(folder, node("Conv", given, **options), constants, [1, groups * per, *sizes])


@draws(80)
def test_transposed_convolutions(folder: Path, data: Any) -> None:
    axes, groups, per, made = (data.draw(st.integers(1, 2)) for _ in range(4))
    sizes, window, strides, dilations, pads = windows(data, axes)
    more = [
        data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(strides, dilations, strict=True)
    ]
    options: dict[str, Any] = {
        "strides": strides, "group": groups, "dilations": dilations, "output_padding": more
    }  # fmt: skip
    form = data.draw(st.sampled_from(["pads", "shape", "SAME_UPPER", "SAME_LOWER"]))
    natural = [
        s * (n - 1) + (k - 1) * d + 1 + m
        for s, n, k, d, m in zip(strides, sizes, window, dilations, more, strict=True)
    ]
    if form == "pads":
        options["pads"] = pads
    elif form == "shape":
        options["output_shape"] = [
            max(n - m, 1) for n, m in zip(natural, numbers(data.draw, axes, 0, 2), strict=True)
        ]
        options["auto_pad"] = data.draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER"]))
    else:
        options["auto_pad"] = form
    shape = [1, groups * per, *sizes]
    constants = {"w": whole(groups * per, made, *window), "b": whole(groups * made)}
    given = "x w b" if data.draw(st.booleans()) else "x w"
    try:
        same(folder, node("ConvTranspose", given, **options), constants, shape, reference=False)
    except InputError as error:
        assert re.search("more than the|at most|no values", str(error))  # noqa: PT017
        reject()
    except InvalidArgument:  # of paddings that onnxruntime takes for too large
        reject()


@draws(80)
def test_pools(folder: Path, data: Any) -> None:
    axes = data.draw(st.integers(1, 3))
    sizes, window, strides, dilations, pads = windows(data, axes)
    kind = data.draw(st.sampled_from(["MaxPool", "AveragePool"]))
    options: dict[str, Any] = {"kernel_shape": window, "strides": strides}
    automatic = data.draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if automatic == "NOTSET":
        options |= {
            "pads": pads, "dilations": dilations, "ceil_mode": data.draw(st.integers(0, 1))
        }  # fmt: skip
    else:
        options["auto_pad"] = automatic
        sizes = [max(n, k) for n, k in zip(sizes, window, strict=True)]
    if kind == "AveragePool":
        options["count_include_pad"] = data.draw(st.integers(0, 1))
    try:
        same(
            folder, node(kind, "x", **options), {}, [1, 2, *sizes], exact=kind == "MaxPool",
            reference=False,
        )  # fmt: skip
    except InputError as error:
        assert re.search("no values|of shape|strides beyond", str(error))  # noqa: PT017
        reject()


@pytest.mark.parametrize(("kind", "stride"), [("AveragePool", 3), ("MaxPool", 3), ("Conv", 4)])
def test_windows_that_pad_by_less_than_nothing_are_refused(
    kind: str, stride: int, folder: Path
) -> None:
    """Of 3 values onnxruntime averages the second, and of 4 it convolves it; others the first."""
    given, constants = ("x w", {"w": whole(2, 2, 1)}) if kind == "Conv" else ("x", {})
    window = node(kind, given, kernel_shape=[1], strides=[stride], auto_pad="SAME_UPPER")
    with pytest.raises(InputError, match=f"{kind} with auto_pad and strides"):
        same(folder, window, constants, [1, 2, stride], reference=False)


@pytest.mark.parametrize("form", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize(("stride", "size"), [(2, 4), (3, 3), (3, 6)])
def test_convolutions_that_leave_up_to_two_values_out(
    form: str, stride: int, size: int, folder: Path
) -> None:
    skipping = node("Conv", "x w", strides=[stride], auto_pad=form)
    same(folder, skipping, {"w": whole(2, 2, 1)}, [1, 2, size])


@draws()
def test_reductions(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, data.draw(st.integers(1, 3)), 1, 3)]
    kind = data.draw(
        st.sampled_from(
            ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "GlobalAveragePool",
             "GlobalMaxPool"]
        )
    )  # fmt: skip
    if kind.startswith("Global"):
        same(folder, node(kind, "x"), {}, [1, 2, *shape[1:]], exact=False, reference=False)
        return
    axes = data.draw(
        st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda a: a % len(shape))
    )
    options = {"keepdims": data.draw(st.integers(0, 1))}
    if data.draw(st.booleans()):
        old: dict[str, Any] = {"axes": axes} if axes else {}
        same(folder, node(kind, "x", **options, **old), {}, shape, opset=12, exact=False)
    else:
        options["noop_with_empty_axes"] = data.draw(st.integers(0, 1))
        given = "x a" if axes else "x"
        same(
            folder, node(kind, given, **options), {"a": np.array(axes, np.int64)}, shape,
            exact=False,
        )  # fmt: skip


@draws()
def test_what_has_a_kink(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, data.draw(st.integers(1, 3)), 1, 3)]
    slope = whole(
        *[data.draw(st.sampled_from([1, n])) for n in shape[data.draw(st.integers(0, 2)) :]]
    )
    low, high = whole(2)
    made = data.draw(
        st.sampled_from(
            [
                (node("Relu", "x"), 20), (node("Abs", "x"), 20), (node("Neg", "x"), 20),
                (node("LeakyRelu", "x", alpha=float(low)), 20), (node("PRelu", "x s"), 20),
                (node("Clip", "x l h"), 20), (node("Clip", "x l"), 20), (node("Clip", "x - h"), 20),
                (node("Clip", "x"), 20), (node("Clip", "x", min=float(min(low, high))), 10),
                (node("HardSigmoid", "x", alpha=0.25, beta=float(high)), 20),
            ]
        )
    )  # fmt: skip
    same(folder, made[0], {"s": slope, "l": low, "h": high}, shape, opset=made[1])


@draws()
def test_reshapes(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, data.draw(st.integers(1, 3)), 1, 4)]
    kind = data.draw(st.sampled_from(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"]))
    rank = len(shape)
    if kind == "Reshape":
        target = data.draw(
            st.sampled_from([shape[::-1], [-1, shape[-1]], [0, -1], [-1], [*shape, 1]])
        )
        made, constants = node(kind, "x t"), {"t": np.array(target)}
    elif kind == "Flatten":
        made, constants = node(kind, "x", axis=data.draw(st.integers(-rank, rank))), {}
    elif kind == "Transpose":
        made = node(kind, "x", perm=data.draw(st.permutations(range(rank))))
        constants = {}
    else:
        size = rank + 1 if kind == "Unsqueeze" else rank
        fits = [k for k in range(size) if kind == "Unsqueeze" or shape[k] == 1]
        axis = data.draw(st.sampled_from(fits))
        made, constants = (
            node(kind, "x a"),
            {"a": np.array([axis - data.draw(st.sampled_from([0, size]))])},
        )
    same(folder, made, constants, shape)


@draws(60)
def test_what_takes_a_part(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, data.draw(st.integers(1, 3)), 1, 5)]
    axis = data.draw(st.integers(-len(shape) + 1, len(shape) - 1))
    size = shape[axis]
    kind = data.draw(st.sampled_from(["Slice", "Split", "Gather", "GatherElements", "Slice-9"]))
    if kind == "Slice":
        places = st.integers(-size - 2, size + 2) | st.sampled_from([2**63 - 1, -(2**63)])
        start, end = data.draw(places), data.draw(places)
        step = data.draw(st.sampled_from([-3, -2, -1, 1, 2]))
        if len(range(size)[slice(start, end, step)]) == 0:
            reject()
        constants = {
            k: np.array([v]) for k, v in {"s": start, "e": end, "a": axis, "t": step}.items()
        }
        same(folder, node("Slice", "x s e a t"), constants, shape)
    elif kind == "Slice-9":
        same(
            folder,
            node("Slice", "x", starts=[-1], ends=[size], axes=[axis % len(shape)]),
            {},
            shape,
            opset=9,
        )
    elif kind == "Split":
        first = data.draw(st.integers(0, size))
        nodes = [node("Split", "x p", "p1 p2", axis=axis), node("Concat", "p2 p1", axis=axis)]
        same(folder, nodes, {"p": np.array([first, size - first])}, shape)
    elif kind == "Gather":
        found = data.draw(st.lists(st.integers(-size, size - 1), min_size=1, max_size=4))
        index = np.array(found[0]) if data.draw(st.booleans()) else np.array(found)
        same(folder, node(kind, "x i", axis=axis), {"i": index}, shape)
    else:
        index = RNG.integers(
            -size, size, [n if k != axis % len(shape) else 2 for k, n in enumerate(shape)]
        )
        # onnx 1.23.2's reference wants other axes of the same length.
        same(folder, node(kind, "x i", axis=axis), {"i": index}, shape, reference=False)


@draws(60)
def test_what_repeats_or_pads(folder: Path, data: Any) -> None:
    rank = data.draw(st.integers(2, 4))
    shape = [1, *numbers(data.draw, rank - 1, 1, 4)]
    kind = data.draw(st.sampled_from(["Pad", "Expand", "Tile", "Concat", "Where"]))
    if kind == "Pad":
        mode = data.draw(st.sampled_from(["constant", "reflect", "edge", "wrap"]))
        low = [0 if mode != "constant" else 1 - n for n in shape]
        high = [n - 1 if mode == "reflect" else 2 for n in shape]
        before = [data.draw(st.integers(min(0, a), b)) for a, b in zip(low, high, strict=True)]
        after = [data.draw(st.integers(0, b)) for b in high]
        given = "x p c" if mode == "constant" and data.draw(st.booleans()) else "x p"
        constants = {"p": np.array([*before, *after]), "c": whole()[()]}
        # onnx 1.23.2's reference crops nothing.
        same(folder, node("Pad", given, mode=mode), constants, shape, reference=min(before) >= 0)
    elif kind == "Expand":
        target = [data.draw(st.sampled_from([1, n if n > 1 else 3])) for n in shape]
        more = [2] if data.draw(st.booleans()) else []
        same(folder, node("Expand", "x s"), {"s": np.array([*more, *target])}, shape)
    elif kind == "Tile":
        same(folder, node("Tile", "x t"), {"t": np.array(numbers(data.draw, rank, 1, 2))}, shape)
    elif kind == "Concat":
        axis = data.draw(st.integers(-rank, rank - 1))
        same(
            folder,
            [node("Relu", "x", "r"), node("Concat", "r c x x", axis=axis)],
            {"c": whole(*shape)},
            shape,
        )
    else:
        mask = RNG.integers(0, 2, shape[data.draw(st.integers(0, 1)) :]).astype(bool)
        same(
            folder,
            [node("Relu", "x", "r"), node("Where", "m r c")],
            {"m": mask, "c": whole(*shape[1:])},
            shape,
        )


@draws(60)
def test_what_moves_blocks_or_resizes(folder: Path, data: Any) -> None:
    kind = data.draw(st.sampled_from(["DepthToSpace", "SpaceToDepth", "Resize", "Upsample"]))
    n, m, block = numbers(data.draw, 3, 1, 3)
    if kind == "DepthToSpace":
        mode = data.draw(st.sampled_from(["DCR", "CRD"]))
        same(folder, node(kind, "x", blocksize=block, mode=mode), {}, [1, 2 * block**2, n, m])
    elif kind == "SpaceToDepth":
        same(folder, node(kind, "x", blocksize=block), {}, [1, 2, block * n, block * m])
    elif kind == "Upsample":
        scales = np.array([1, 1, data.draw(st.integers(1, 4)), 2], np.float32)
        same(folder, node(kind, "x s"), {"s": scales}, [1, 2, n, m], opset=9, reference=False)
    else:
        options = {
            "mode": "nearest",
            "coordinate_transformation_mode": data.draw(
                st.sampled_from(["asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"])
            ),
            "nearest_mode": data.draw(
                st.sampled_from(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
            ),
        }
        size = data.draw(st.integers(1, 12))
        if data.draw(st.booleans()):
            constants = {"s": np.array([1, 2, size, m])}
            given = "x - - s"
        else:
            scale = data.draw(st.sampled_from([0.25, 0.5, 0.6, 1 / 3, 1.5, 2, 3, 4]))
            constants = {"s": np.array([1, 1, scale, 1], np.float32)}
            given = "x - s"
        try:
            same(folder, node(kind, given, **options), constants, [1, 2, 4, m], reference=False)
        except InputError as error:
            said = str(error)
            assert "runtimes differ" in said or "values by" in said
            reject()


@draws(20)
def test_classical_scaling_and_kinds_of_floats(folder: Path, data: Any) -> None:
    kind = data.draw(st.sampled_from([np.float32, np.float64]))
    size = data.draw(st.integers(1, 3))
    few = data.draw(st.sampled_from([1, size]))
    scaler = node("Scaler", "x", offset=whole(few).tolist(), scale=whole(few).tolist())
    if kind is np.float32:
        same(folder, scaler, {}, [1, size], reference=False)
    other = 11 if kind is np.float32 else 1
    nodes = [
        node("Identity", "x", "i"), node("Cast", "i", "c", to=other), node("Dropout", "c", "d"),
        node("Cast", "d", "y", to=1 if kind is np.float32 else 11),
    ]  # fmt: skip
    same(folder, nodes, {}, [1, size], kind=kind)


@draws(20)
def test_shapes_are_computed(folder: Path, data: Any) -> None:
    shape = [1, *numbers(data.draw, 2, 1, 4)]
    nodes = [
        node("Shape", "x", "s"), node("Gather", "s k", "last"), node("Unsqueeze", "last zero", "l"),
        node("Concat", "l minus", "t", axis=0), node("ConstantOfShape", "t0", "ones"),
        node("Reshape", "x t", "r"), node("Expand", "r e", "y"),
    ]  # fmt: skip
    constants = {
        "k": np.array(2), "zero": np.array([0]), "minus": np.array([-1]), "t0": np.array([2]),
        "e": np.array([shape[2], shape[1]]),
    }  # fmt: skip
    same(folder, nodes, constants, shape)
