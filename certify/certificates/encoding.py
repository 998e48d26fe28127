"""Exact objects to and from JSON: rationals as strings, tuples as lists, objects by field name."""

import types
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from certify.errors import InputError, described
from certify.numbers import rationals

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Return the JSON form of an exact object: ``Fraction(3, 7)`` becomes ``"3/7"``."""
    if isinstance(value, Fraction):
        return rationals.text(value)
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if is_dataclass(value):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    raise InputError("value", expected="an exact object", got=type(value).__name__)


def from_json(kind: type[T], data: Any, where: str = "document") -> T:
    """Return the exact object of type ``kind`` that :func:`to_json` wrote as ``data``.

    Raises :class:`InputError` naming the place where the JSON does not have the form of ``kind``.
    """
    return _decode(kind, data, where)  # type: ignore[no-any-return]


def _decode(kind: Any, data: Any, where: str) -> Any:
    if kind is Fraction:
        return rationals.rational(_typed(str, data, where), where)
    if kind is int and abs(_typed(int, data, where)) >= 2**63:  # labels, indices and sizes
        raise InputError(where, expected="an integer below 2^63", got=described(data))
    if kind in (bool, int, str):
        return _typed(kind, data, where)
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        entries = _typed(list, data, where)
        return tuple(_decode(item, x, f"{where}[{i}]") for i, x in enumerate(entries))
    if get_origin(kind) is types.UnionType:  # X | None
        options = [k for k in get_args(kind) if k is not types.NoneType]
        return None if data is None else _decode(options[0], data, where)
    mapping = _typed(dict, data, where)
    hints = get_type_hints(kind)
    names = [f.name for f in fields(kind)]
    if set(mapping) != set(names):
        raise InputError(where, expected=f"the fields {names}", got=f"{sorted(mapping)}")
    return kind(**{n: _decode(hints[n], mapping[n], f"{where}.{n}") for n in names})


def _typed(kind: type[T], data: Any, where: str) -> T:
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise InputError(where, expected=kind.__name__, got=described(data))
    return data
