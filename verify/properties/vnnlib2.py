"""VNN-LIB of version 2: what the package vnnlib reads, as formulas over flat inputs and outputs.

The package checks syntax, declarations, indices and types. Its syntax tree is walked here, numbers
by their digits, and not what it makes of it: there an equality is one inequality, and "less than"
is "at most".
"""

import json
from dataclasses import dataclass
from math import prod
from typing import Any

from certify.errors import InputError, absent, said
from certify.numbers.rationals import rational
from verify.properties.formulas import (
    And,
    Formula,
    Linear,
    Or,
    combined,
    compared,
    constant,
    variable,
)

_COMPARISONS = {
    "LessEqual": "<=", "GreaterEqual": ">=", "LessThan": "<", "GreaterThan": ">", "Equal": "==",
    "NotEqual": "!=",
}  # fmt: skip
_TYPES = ("Real", "F16", "F32", "F64", "BF16")  # all of them read as numbers without rounding


@dataclass(frozen=True)
class Tensor:
    """A variable of a property: its name, the words of its type, and its shape."""

    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Query:
    """What a text of version 2 declares, and its assertions, which describe counterexamples."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    formula: Formula


def read(text: str, name: str) -> Query:
    """Return what a text says, ``name`` being that of its file.

    Raises InputError naming the line for what is no linear property of one network over reals, and
    when the package vnnlib is not there.
    """
    try:
        import vnnlib
    except ImportError:
        raise absent(name, "vnnlib") from None
    try:
        query = vnnlib.parse_query_string(text)
    except vnnlib.VNNLibException as error:
        expected = "a property as VNN-LIB 2 has it"
        raise InputError(name, expected=expected, got=_said(error)) from None
    if len(query.networks) != 1:
        got = f"{len(query.networks)} of them"
        raise InputError(name, expected="one network", got=got)
    (network,) = query.networks
    if network.hidden:
        got = f"the hidden {network.hidden[0].name}"
        raise InputError(name, expected="inputs and outputs alone", got=got)
    return _Reading(name, network).query(query.assertions)


class _Reading:
    """One network's variables, and where each begins in the flat input or output."""

    def __init__(self, name: str, network: Any) -> None:
        self.name = name
        self.first: dict[str, int] = {}
        self.inputs, self.outputs = map(self._tensors, (network.inputs, network.outputs))

    def query(self, assertions: Any) -> Query:
        parts = tuple(self._formula(assertion.expr) for assertion in assertions)
        return Query(self.inputs, self.outputs, And(parts))

    def _tensors(self, declared: Any) -> tuple[Tensor, ...]:
        found, first = [], 0
        for one in declared:
            kind = str(one).split()[2]
            # The examples of the standard say Real, which the package takes for no type it knows.
            if one.dtype.name not in _TYPES and kind != "Real":
                wanted = "numbers of type real or of a type of floats"
                raise InputError(self.name, expected=wanted, got=f"{one.name} of type {kind}")
            if one.onnx_name is not None and len(declared) > 1:
                got = f'the one called "{one.onnx_name}"'
                raise InputError(self.name, expected="several tensors by their order", got=got)
            found.append(Tensor(one.name, kind, tuple(one.shape)))
            self.first[one.name], first = first, first + prod(one.shape)
        return tuple(found)

    def _formula(self, node: Any) -> Formula:
        kind = type(node).__name__
        if kind in ("And", "Or"):
            parts = tuple(map(self._formula, node.args))
            return And(parts) if kind == "And" else Or(parts)
        if kind not in _COMPARISONS:
            raise InputError(self.name, expected="and, or, or a comparison", got=kind)
        sides = [self._linear(node.lhs), self._linear(node.rhs)]
        return compared(_COMPARISONS[kind], sides, self._place(node))

    def _linear(self, node: Any) -> Linear:
        match type(node).__name__:
            case "Var":
                place = 0
                for index, size in zip(node.indices, node.shape, strict=True):
                    place = place * size + index
                return variable(node.kind.name == "Output", self.first[node.name] + place)
            case "Float" | "Int" | "IntExpr" | "Literal":
                return constant(rational(node.lexeme, self.name, self._place(node)))
            case "Negate":
                parts, operator = [node.expr], "-"
            case "Plus":
                parts, operator = node.args, "+"
            case "Minus":
                parts, operator = [node.head, *node.rest], "-"
            case "Multiply":
                parts, operator = node.args, "*"
            case kind:
                raise InputError(self.name, expected="linear expressions", got=kind)
        values = [self._linear(part) for part in parts]
        return combined(operator, values, self.name, self._place(node))

    def _place(self, node: Any) -> str:
        """Return the line of the first variable or number in an expression."""
        while not hasattr(node, "line"):
            (node, *_) = node.children()
        return f"line {node.line}"


def _said(error: Exception) -> str:
    """Return the first thing that the package found wrong, in one line."""
    try:
        first = json.loads(str(error))["errors"][0]
        return "{message}: {offendingSymbol}, {hint} (line {line})".format(**first)
    except (ValueError, LookupError, TypeError):
        return said(error)
