"""The objects of an instance as rows to be read: each with its name, its numbers in formulas."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

from verify.claims.relation import Named, number
from verify.objects import ArgmaxRule, Cell, CellRule, LinearRule, SoftmaxHead, TwoLayerNetwork
from verify.objects.labelled_sets import Labelled

Row = tuple[str, str]  # both as text with $LaTeX$


def rows(instance: Any, objects: Sequence[Named] = ()) -> list[Row]:
    """Return a row for each field of an instance, and for each object that a proof adds.

    >>> from verify.objects import LabelledSet
    >>> rows(LabelledSet.of([[0], [1]], [-1, 1]))
    [('data', '$x_{1}=(0)$ with $y_{1}=-1$; $x_{2}=(1)$ with $y_{2}=1$')]
    """
    if isinstance(instance, Labelled):
        found = [("data", said(instance))]
    elif is_dataclass(instance):
        found = list(_fields(instance))
    else:
        found = [("instance", said(instance))]
    return found + [(f"${one.name}$", f"${'='.join(one.formula[1:])}$") for one in objects]


@singledispatch
def said(value: Any) -> str:
    """Return an exact object as text with formulas."""
    if not is_dataclass(value):
        return str(value)
    return "; ".join(f"{name}: {one}" for name, one in _fields(value))


def _fields(value: Any) -> Iterator[Row]:
    for field in fields(value):
        yield field.name.replace("_", " "), said(getattr(value, field.name))


@said.register(bool)
def _(value: bool) -> str:
    return "yes" if value else "no"


@said.register(int)
@said.register(Fraction)
def _(value: int | Fraction) -> str:
    return f"${number(value)}$"


@said.register(tuple)
def _(value: tuple[Any, ...]) -> str:
    if not value:
        return "none"
    if all(isinstance(entry, Fraction) for entry in value):
        return f"${number(value)}$"
    if all(isinstance(entry, tuple | int | Fraction) for entry in value):
        return ", ".join(map(said, value))
    if len(value) == 1:
        return said(value[0])
    return "; ".join(f"{i}. {said(entry)}" for i, entry in enumerate(value, 1))


@said.register(Labelled)
def _(value: Labelled) -> str:
    return "; ".join(
        f"$x_{{{i}}}={number(x)}$ with $y_{{{i}}}={y}$" for i, (x, y) in enumerate(value.pairs, 1)
    )


@said.register(LinearRule)
def _(value: LinearRule) -> str:
    owner = f", label ${value.zero}$ on the boundary" if value.zero else ""
    return f"$w={number(value.normal)}$, $b={number(value.offset)}${owner}"


@said.register(ArgmaxRule)
def _(value: ArgmaxRule) -> str:
    ties = ", ties to the lowest class" if value.lowest else ""
    return f"{_vectors('w', value.weights, 0)}, $b={number(value.bias)}${ties}"


@said.register(SoftmaxHead)
def _(value: SoftmaxHead) -> str:
    columns = tuple(zip(*value.weights, strict=True))
    return f"{_vectors('w', columns, 1)}, $b={number(value.bias)}$"


@said.register(TwoLayerNetwork)
def _(value: TwoLayerNetwork) -> str:
    sign = ">" if value.strict else r"\geq"
    return (
        f"{_vectors('w', value.weights, 1)}, $b={number(value.biases)}$, "
        f"$v={number(value.output)}$; label $1$ where $f(x){sign} {number(value.threshold)}$"
    )


@said.register(Cell)
def _(value: Cell) -> str:
    sign = (r"\leq", "<")
    lines = zip(value.matrix, value.right_side, value.strict, strict=True)
    return (
        ", ".join(rf"${number(a)}\cdot x{sign[strict]} {number(c)}$" for a, c, strict in lines)
        or "every $x$"
    )


@said.register(CellRule)
def _(value: CellRule) -> str:
    cells = ", or ".join(map(said, value.cells))
    return f"label ${value.inside}$ where {cells}; ${value.outside}$ elsewhere"


def _vectors(name: str, vectors: Sequence[Any], first: int) -> str:
    return ", ".join(f"${name}_{{{i}}}={number(v)}$" for i, v in enumerate(vectors, first))
