"""ONNX operators that compute: arithmetic, products, norms, sums and what has a kink."""

from fractions import Fraction

import numpy as np

from verify.models.nodes import fractions
from verify.models.onnx_call import Call, Operator, operator
from verify.models.products import behind, times
from verify.models.values import Value, along, common

_FLOATS = (1, 11)  # ONNX's numbers of float and double, to which a value may be converted


def _arithmetic(call: Call) -> Value:
    """Read x + y, x - y, x * y and x / y, one of them a constant, or sums of both computed."""
    build, where, kind = call.builder, call.where, call.operator
    left, right = call.given(0), call.given(1)
    if isinstance(left, Value) and isinstance(right, Value):
        if kind in ("Mul", "Div"):
            raise call.refusal(f"{kind} of two computed values")
        _together(call, [left, right])
        return build.sum([left, right if kind == "Add" else build.negated(right, where)], where)
    value, number, turned = call.with_constant()
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
    if common(*(v.shape for v in values)) is None or (call.examples and len(ranks) > 1):
        got = " and ".join(str(v.shape) for v in values)
        raise call.refusal(f"{call.operator} of shapes {got}")


def _gemm(call: Call) -> Value:
    """Read alpha A B + beta C, one of A and B computed."""
    build, where, options = call.builder, call.where, call.options
    one, two = options.get("transA", 0), options.get("transB", 0)
    value, table, turned = call.with_constant()
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
    value, table, turned = call.with_constant()
    if not value.shape or not table.ndim:
        raise call.refusal("MatMul of a single number")
    if call.examples and (table.ndim > max(2, len(value.shape)) or (
        turned and len(value.shape) < 3
    )):  # fmt: skip
        raise call.refusal("MatMul across examples")
    if turned:
        return behind(call.builder, table, value, call.where)
    return times(call.builder, value, table, call.where)


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
    found = values[0]
    if len(values) > 1:
        found = (build.smallest if least else build.largest)(values, where)
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
    if common(slope.shape, value.shape) != value.shape:
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
    found = reduced(call, value, along(value.shape, axes))
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
        return build.minima(value, places, where)
    return build.sums(_absolute(call) if name == "ReduceL1" else value, places, where)


def _absolute(call: Call) -> Value:
    return call.builder.kinked(call.value(), -1, call.where)


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
    "Abs": operator(_absolute),
    "Neg": operator(lambda call: call.builder.negated(call.value(), call.where)),
    "Relu": operator(lambda call: call.builder.relu(call.value(), call.where)),
    "Identity": operator(_same), "Dropout": operator(_same, "ratio seed"),
    "Cast": operator(_same, "to saturate round_mode"),
}  # fmt: skip
