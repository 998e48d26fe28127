"""ONNX operators that compute: arithmetic, products, norms, sums and what has a kink."""

from fractions import Fraction
from math import prod

import numpy as np

from verify.models.builder import fractions
from verify.models.onnx_call import Call, Operator, operator
from verify.models.values import Value

_FLOATS = (1, 11)  # ONNX's numbers of float and double, to which a value may be converted


def _arithmetic(call: Call) -> Value:
    """Read x + y, x - y, x * y and x / y, one of them a constant, or sums of both computed."""
    build, where, kind = call.builder, call.where, call.operator
    left, right = call.given(0), call.given(1)
    if isinstance(left, Value) and isinstance(right, Value):
        if kind in ("Mul", "Div"):
            raise call.refusal(f"{kind} of two computed values")
        _together(call, [left, right])
        return build.sum(
            [left, right if kind == "Add" else build.affine(right, -1, 0, where)], where
        )
    turned = isinstance(right, Value)
    value = call.value(1 if turned else 0)
    number = call.floats(0 if turned else 1)
    call.fitting(value, number.shape)
    if kind == "Add":
        return build.affine(value, 1, number, where)
    if kind == "Sub":
        return build.affine(value, -1 if turned else 1, number if turned else -number, where)
    if kind == "Mul":
        return build.affine(value, number, 0, where)
    if turned:
        raise call.refusal("a division by computed values")
    if not number.all():
        raise call.refusal("a division by 0")
    return build.affine(value, 1 / fractions(number, where), 0, where)


def _together(call: Call, values: list[Value]) -> None:
    """Make sure that values fit each other, with the axis of examples in one place."""
    ranks = {len(v.shape) for v in values}
    try:
        np.broadcast_shapes(*(v.shape for v in values))
    except ValueError:
        ranks = set()
    if not ranks or (call.examples and len(ranks) > 1):
        got = " and ".join(str(v.shape) for v in values)
        raise call.refusal(f"{call.operator} of shapes {got}")


def _gemm(call: Call) -> Value:
    """Read alpha A B + beta C, one of A and B computed."""
    build, where, options = call.builder, call.where, call.options
    left, right = call.given(0), call.given(1)
    one, two = options.get("transA", 0), options.get("transB", 0)
    if isinstance(left, Value) == isinstance(right, Value):
        raise call.refusal("Gemm of two computed values")
    turned = isinstance(right, Value)
    value, table = call.value(1 if turned else 0), call.floats(0 if turned else 1)
    if len(value.shape) != 2 or table.ndim != 2:
        raise call.refusal(f"Gemm of shapes {value.shape} and {table.shape}")
    table = table.T if (one if turned else two) else table
    entries = value.entries.T if (two if turned else one) else value.entries
    if call.examples and (turned or one):
        raise call.refusal("Gemm across examples")
    if turned:
        found = build.dense(value.moved(entries.T), table, None, where)
        found = found.moved(found.entries.T)
    else:
        found = build.dense(value.moved(entries), table.T, None, where)
    found = build.affine(found, options.get("alpha", 1.0), 0, where)
    beta = options.get("beta", 1.0)
    if call.given(2) is None or beta == 0:
        return found
    shift = call.floats(2)
    if np.broadcast_shapes(shift.shape, found.shape) != found.shape:
        got = f"a constant of shape {shift.shape} beside values of shape {found.shape}"
        raise call.refusal(got)
    if beta != 1:
        return build.affine(found, 1, Fraction(beta) * fractions(shift, where), where)
    return build.affine(found, 1, shift, where)


def _product(call: Call) -> Value:
    """Read a product with a constant matrix, or a stack of them, on either side."""
    left, right = call.given(0), call.given(1)
    if isinstance(left, Value) and isinstance(right, Value):
        raise call.refusal("MatMul of two computed values")
    turned = isinstance(right, Value)
    value, table = call.value(1 if turned else 0), call.floats(0 if turned else 1)
    if not value.shape or not table.ndim:
        raise call.refusal("MatMul of a single number")
    if call.examples and (table.ndim > max(2, len(value.shape)) or (
        turned and len(value.shape) < 3
    )):  # fmt: skip
        raise call.refusal("MatMul across examples")
    # As x W, both with two axes at least; what is on the left goes to the right, transposed.
    entries, lone = value.entries, table.ndim == 1
    alone = entries.ndim == 1
    if lone:
        table = table[None] if turned else table[:, None]
    if alone:
        entries = entries[:, None] if turned else entries[None]
    if turned:
        entries, table = entries.swapaxes(-1, -2), table.swapaxes(-1, -2)
    found = _stacked(call, value.moved(entries), table)
    after = found.entries
    if turned:
        after = after.swapaxes(-1, -2)
    if lone if turned else alone:
        after = after[..., 0, :]
    if alone if turned else lone:
        after = after[..., 0]
    return found.moved(after)


def _stacked(call: Call, value: Value, table: np.ndarray) -> Value:
    build, where = call.builder, call.where
    *outer, inner, made = table.shape
    if prod(outer) == 1:
        found = build.dense(value, table.reshape(inner, made).T, None, where)
        missing = (1,) * max(0, table.ndim - len(value.shape))
        return found.moved(found.entries.reshape(*missing, *found.shape))
    lead = np.broadcast_shapes(value.shape[:-2], tuple(outer))
    build.check_size((*lead, inner, made), where)
    entries = np.broadcast_to(value.entries, (*lead, *value.shape[-2:]))
    tables = np.broadcast_to(table, (*lead, inner, made))
    parts = [
        build.dense(value.moved(entries[k]), tables[k].T, None, where) for k in np.ndindex(*lead)
    ]
    parts = [part.moved(part.entries[None]) for part in parts]
    found = build.concatenate(parts, 0, where)
    return found.moved(found.entries.reshape(*lead, *found.shape[1:]))


def _joined(call: Call) -> Value:
    """Read Sum and Mean."""
    values = call.values()
    _together(call, values)
    found = call.builder.sum(values, call.where)
    if call.operator == "Sum":
        return found
    return call.builder.affine(found, Fraction(1, len(values)), 0, call.where)


def _extreme(call: Call) -> Value:
    """Read Max and Min of values and constants."""
    build, where, least = call.builder, call.where, call.operator == "Min"
    values = [v for v in call.inputs if isinstance(v, Value)]
    _together(call, values)
    if len(values) > 1 and least:
        turned = build.largest([build.affine(v, -1, 0, where) for v in values], where)
        found = build.affine(turned, -1, 0, where)
    else:
        found = build.largest(values, where) if len(values) > 1 else values[0]
    for k, given in enumerate(call.inputs):
        if not isinstance(given, Value):
            bounds = call.floats(k)
            call.fitting(found, bounds.shape)
            found = (build.at_most if least else build.at_least)(found, bounds, where)
    return found


def _clip(call: Call) -> Value:
    """Read min(max(x, low), high); either may be left out, or infinite."""
    found = call.value()
    for name, k, bound, absent in (
        ("min", 1, call.builder.at_least, -np.inf), ("max", 2, call.builder.at_most, np.inf)
    ):  # fmt: skip
        number = np.array(call.options[name]) if name in call.options else None
        if number is None and call.given(k) is not None:
            number = call.floats(k)
        if number is None or (number.size == 1 and number.reshape(-1)[0] == absent):
            continue
        if number.size != 1:
            raise call.refusal(f"Clip with a bound of shape {number.shape}")
        found = bound(found, number.reshape(()), call.where)
    return found


def _slope(call: Call) -> Value:
    """Read LeakyRelu and PRelu."""
    value = call.value()
    if call.operator == "LeakyRelu":
        slope = np.array(call.options.get("alpha", np.float32(0.01)))
    else:
        slope = call.floats(1, "slopes")
    try:
        fits = np.broadcast_shapes(slope.shape, value.shape) == value.shape
    except ValueError:
        fits = False
    if not fits:
        raise call.refusal(f"slopes of shape {slope.shape} beside values of shape {value.shape}")
    return call.builder.kinked(value, slope, call.where)


def _hard_sigmoid(call: Call) -> Value:
    """Read max(0, min(1, alpha x + beta))."""
    alpha, beta = (
        call.options.get(name, default)
        for name, default in (("alpha", np.float32(0.2)), ("beta", np.float32(0.5)))
    )
    build, where = call.builder, call.where
    return build.relu(
        build.at_most(build.affine(call.value(), alpha, beta, where), 1, where), where
    )


def _batch_norm(call: Call) -> Value:
    """Read normalisation by stored means and variances."""
    options = call.options
    if options.get("training_mode", 0) or options.get("spatial", 1) != 1 or call.outputs > 1:
        raise call.refusal("batch normalisation by the examples themselves")
    if len(call.inputs) != 5 or any(isinstance(v, Value) for v in call.inputs[1:]):
        raise call.refusal("batch normalisation by computed numbers")
    numbers = [np.asarray(call.given(k)) for k in range(1, 5)]
    eps = options.get("epsilon", float(np.float32(1e-5)))
    return call.builder.batch_norm(call.value(), numbers, eps, call.where)


def _scaler(call: Call) -> Value:
    """Read (x - offset) * scale of classical models."""
    offset, scale = (np.array(call.options.get(name, [])) for name in ("offset", "scale"))
    size = call.value().shape[-1] if call.value().shape else 0
    if offset.size != scale.size or offset.size not in (1, size):
        raise call.refusal(f"Scaler of {offset.size} and {scale.size} numbers")
    build, where = call.builder, call.where
    return build.affine(build.affine(call.value(), 1, -offset, where), scale, 0, where)


def _reduction(call: Call) -> Value:
    """Read sums, means and extremes over axes."""
    value = call.value()
    axes, rank = call.integers("axes", 1), len(value.shape)
    if not axes and call.options.get("noop_with_empty_axes", 0):
        return _absolute(call) if call.operator == "ReduceL1" else value
    axes = call.inner(axes or range(rank), rank)
    kept = [k for k in range(rank) if k not in axes]
    places = np.arange(prod(value.shape)).reshape(value.shape).transpose(*kept, *axes)
    places = places.reshape(*(value.shape[k] for k in kept), prod(value.shape[k] for k in axes))
    found = reduced(call, value, places)
    if call.options.get("keepdims", 1):
        shape = [1 if k in axes else n for k, n in enumerate(value.shape)]
        return found.moved(found.entries.reshape(shape))
    return found


def reduced(call: Call, value: Value, places: np.ndarray) -> Value:
    """Return what an operator makes of lists of entries, given by their places (..., n)."""
    build, where, name = call.builder, call.where, call.operator
    if not places.size:
        raise call.refusal(f"{name} of no values")
    if "Mean" in name or "Average" in name:
        return build.means(value, places, np.full(places.shape[:-1], places.shape[-1]), where)
    if "Max" in name:
        return build.maxima(value, places, where)
    if "Min" in name:
        turned = build.maxima(build.affine(value, -1, 0, where), places, where)
        return build.affine(turned, -1, 0, where)
    return build.sums(_absolute(call) if name == "ReduceL1" else value, places, where)


def _absolute(call: Call) -> Value:
    return call.builder.kinked(call.value(), -1, call.where)


def _negative(call: Call) -> Value:
    return call.builder.affine(call.value(), -1, 0, call.where)


def _relu(call: Call) -> Value:
    return call.builder.relu(call.value(), call.where)


def _same(call: Call) -> Value:
    """Read what leaves all values as they are."""
    if call.operator == "Dropout":
        training = call.constant(2, "modes")
        if training is not None and training.any():
            raise call.refusal("Dropout in training mode, which draws at random")
    if call.operator == "Cast" and call.options["to"] not in _FLOATS:
        raise call.refusal(f"Cast to type {call.options['to']} of ONNX")
    return call.value()


_AXES = "axes keepdims noop_with_empty_axes"
OPERATORS: dict[str, Operator] = {
    **{name: operator(_arithmetic) for name in ("Add", "Sub", "Mul", "Div")},
    "Gemm": operator(_gemm, "alpha beta transA transB"),
    "MatMul": operator(_product),
    "Sum": operator(_joined), "Mean": operator(_joined),
    "Max": operator(_extreme), "Min": operator(_extreme),
    "Clip": operator(_clip, "min max"),
    "LeakyRelu": operator(_slope, "alpha"), "PRelu": operator(_slope),
    "HardSigmoid": operator(_hard_sigmoid, "alpha beta"),
    "BatchNormalization": operator(_batch_norm, "epsilon momentum spatial training_mode"),
    "ml.Scaler": operator(_scaler, "offset scale"),
    **{
        name: operator(_reduction, _AXES)
        for name in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1")
    },
    "Abs": operator(_absolute), "Neg": operator(_negative), "Relu": operator(_relu),
    "Identity": operator(_same), "Dropout": operator(_same, "ratio seed"),
    "Cast": operator(_same, "to saturate round_mode"),
}  # fmt: skip
