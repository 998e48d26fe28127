r"""Exact relations, each side with its name, the numbers it comes from and its value.

``(inner(r"w\cdot u", w, u), ">", 0)`` reads *w·u = 3·0 + 1·1 = 1 > 0*. In a list for several points
or rules ``#`` stands in a name for the place in the list, from 1.
"""

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, partial
from typing import Any, Literal, TypeAlias, overload

from certify.numbers import rationals
from certify.numbers.rationals import Vector, combine, dot

Value: TypeAlias = Fraction | int | Vector
Operator = Literal["=", "!=", "<", "<=", ">", ">="]
_OPERATORS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "=": (operator.eq, "="),
    "!=": (operator.ne, r"\neq"),
    "<": (operator.lt, "<"),
    "<=": (operator.le, r"\leq"),
    ">": (operator.gt, ">"),
    ">=": (operator.ge, r"\geq"),
}
_READ = 9  # digits of a fraction that is read without its decimal beside
_WRITTEN = 24  # digits of a fraction that is written at all; its certificate has the others
_DECIMALS = 6
_TERMS = 8  # of a sum that is written out


@dataclass(frozen=True)
class Named:
    """A value with its name in LaTeX and, where they are known, the numbers that it comes from."""

    name: str
    value: Value
    # In LaTeX, written when somebody reads them; no lambda, for other processes prove claims too.
    numbers: Callable[[], str] | None = field(default=None, compare=False)

    def at(self, place: str) -> "Named":
        """Return the same with ``#`` in its name replaced by a place in a list."""
        index = f"_{{{place}}}" if place else ""
        return Named(self.name.replace("_#", index).replace("#", place), self.value, self.numbers)

    @property
    def formula(self) -> list[str]:
        """The name, the numbers and the value in LaTeX, without repetitions."""
        try:
            numbers = self.numbers() if self.numbers else ""
        except _TooLong:
            numbers = ""
        value = number(self.value)
        if value.startswith(rf"{numbers}\approx"):  # the only number is the value
            numbers = ""
        parts = [self.name, numbers, value]
        return [part for i, part in enumerate(parts) if part and part not in parts[:i]]


Side: TypeAlias = Value | Named | list[Any]  # a list has a value for each of several relations
Relations: TypeAlias = list[tuple[Side, Operator, Side]]


@overload
def named(name: str, value: list[Any]) -> list[Named]: ...
@overload
def named(name: str, value: Value) -> Named: ...
def named(name: str, value: Any) -> Any:
    """Give a value a name, or each value of a list."""
    return [Named(name, v) for v in value] if isinstance(value, list) else Named(name, value)


def inner(
    name: str, u: Sequence[Fraction | int], v: Sequence[Fraction | int], plus: Fraction | int = 0
) -> Named:
    """Return the inner product of two vectors, plus a number, with its terms."""
    return Named(name, dot(u, v, plus), products(u, v, plus))


def products(
    u: Sequence[Fraction | int], v: Sequence[Fraction | int], plus: Fraction | int = 0
) -> Callable[[], str]:
    """Return how an inner product of two vectors, plus a number, is written with its terms."""
    return partial(_inner_sum, u, v, plus)


def _inner_sum(
    u: Sequence[Fraction | int], v: Sequence[Fraction | int], plus: Fraction | int
) -> str:
    return _sum([*zip(u, v, strict=True), *([(1, plus)] if plus else [])])


def mixture(name: str, *terms: tuple[Fraction | int, Vector]) -> Named:
    """Return a linear combination of vectors with its terms."""
    return Named(name, combine(*terms), multiples(*terms))


def multiples(*terms: tuple[Fraction | int, Vector]) -> Callable[[], str]:
    """Return how a linear combination of vectors is written with its terms."""
    return partial(_sum, terms)


def told(name: str, value: Value, numbers: str) -> Named:
    """Return a value by name with the numbers that it comes from, as they are to be written."""
    return Named(name, value, partial(str, numbers))


def total(name: str, values: Sequence[Fraction | int]) -> Named:
    """Return the sum of numbers, with them."""
    return Named(name, sum(values, Fraction(0)), partial(_added, values))


def least(name: str, values: Sequence[Fraction | int]) -> Named:
    """Return the least of some numbers, with them."""
    return Named(name, min(values), partial(_among, r"\min", values))


def greatest(name: str, values: Sequence[Fraction | int]) -> Named:
    """Return the greatest of some numbers, with them."""
    return Named(name, max(values), partial(_among, r"\max", values))


def rank_of(name: str, value: int, vectors: Sequence[Vector]) -> Named:
    """Return the rank of some vectors, with them."""
    return Named(name, value, partial(_spanned, vectors))


def _spanned(vectors: Sequence[Vector]) -> str:
    return rf"\mathrm{{rank}}({','.join(map(within, vectors))})" if len(vectors) <= _TERMS else ""


def counted(name: str, things: Sequence[str | int]) -> Named:
    """Return how many there are of some things, with what each of them is called in LaTeX."""
    return Named(name, len(things), partial(_listed, things))


def _listed(things: Sequence[str | int]) -> str:
    return rf"|\{{{','.join(map(str, things))}\}}|" if len(things) <= _TERMS else ""


def computed(name: str, expression: str, **numbers: Fraction | int) -> Named:
    r"""Return the value of an expression of numbers, with the numbers put in.

    >>> computed(r"4\gamma^2", "4 * g**2", g=Fraction(1, 2)).formula
    ['4\\gamma^2', '4\\cdot (\\frac{1}{2})^{2}', '1']
    """
    return Named(
        name, _value(_parsed(expression), numbers), partial(_computation, expression, numbers)
    )


def _computation(expression: str, numbers: dict[str, Fraction | int]) -> str:
    return _latex(_parsed(expression), numbers)[0]


@dataclass(frozen=True)
class Relation:
    """One exact relation between two numbers, or between two vectors entry by entry."""

    left: Value
    operator: Operator
    right: Value
    sides: tuple[Named | None, Named | None] = (None, None)  # with their names, where they have any

    @property
    def holds(self) -> bool:
        """Whether the relation is true; for vectors, "!=" asks for one differing entry."""
        compare, _ = _OPERATORS[self.operator]
        if isinstance(self.left, tuple) and isinstance(self.right, tuple):
            if self.operator in ("=", "!="):
                return compare(self.left, self.right)
            if len(self.left) != len(self.right):
                return False
            return all(map(compare, self.left, self.right))
        return compare(self.left, self.right)

    @property
    def bare(self) -> bool:
        """Whether neither side has a name."""
        return self.sides == (None, None)

    @property
    def formula(self) -> str:
        """The relation in LaTeX, read from the left side's name to the right side's name."""
        left, right = (
            side.formula if side else [number(value)]
            for side, value in zip(self.sides, (self.left, self.right), strict=True)
        )
        if self.operator == "=" and self.holds:
            # Both end at the same value, which is written once; a decimal ends a chain.
            *left, value = left
            right = right if self.bare else right[-2::-1]
            return _chain([*left, *right, value] if r"\approx" in value else [*left, value, *right])
        read = right if r"\approx" in right[-1] else right[::-1]
        return f"{_chain(left)} {_OPERATORS[self.operator][1]} {_chain(read)}"

    def __str__(self) -> str:
        return f"{_plain(self.left)} {self.operator} {_plain(self.right)}"


def by_entry(left: Side, operator: Operator, right: Side) -> list[Relation]:
    """Return one relation for each entry of a list, or the only one."""
    count = next((len(side) for side in (left, right) if isinstance(side, list)), 1)
    lists = (side if isinstance(side, list) else [side] * count for side in (left, right))
    pairs = enumerate(zip(*lists, strict=True), 1)
    return [_relation(a, operator, b, str(i) if count > 1 else "") for i, (a, b) in pairs]


def _relation(left: Any, operator: Operator, right: Any, place: str) -> Relation:
    sides = [side.at(place) if isinstance(side, Named) else None for side in (left, right)]
    values = [side.value if isinstance(side, Named) else side for side in (left, right)]
    return Relation(values[0], operator, values[1], (sides[0], sides[1]))


def number(value: Value) -> str:
    r"""Return a number or vector in LaTeX; a long fraction has its decimal beside it.

    >>> number(Fraction(-1, 2)), number((Fraction(1), Fraction(0)))
    ('-\\frac{1}{2}', '(1,0)')
    >>> number(Fraction(25141207849, 2147483648))
    '\\frac{25141207849}{2147483648}\\approx 11.7073'
    """
    if isinstance(value, tuple):
        return f"({','.join(map(number, value))})"
    exact, digits = _written(value)
    if digits <= _READ:
        return exact
    about = rf"\approx {_decimal(Fraction(value))}"
    return exact + about if digits <= _WRITTEN else about


def _written(value: Fraction | int) -> tuple[str, int]:
    """Return a number in LaTeX as it is, and how many digits it has."""
    sign, size = "-" if value < 0 else "", abs(Fraction(value))
    top, bottom = rationals.text(size.numerator), rationals.text(size.denominator)
    exact = sign + (top if bottom == "1" else rf"\frac{{{top}}}{{{bottom}}}")
    return exact, len(top) + len(bottom) - (bottom == "1")


class _TooLong(Exception):
    """A number within a formula that nobody would read: the value alone is shown."""


def within(value: Value) -> str:
    """Return a number or vector as a part of a formula, where no decimal can stand beside it.

    A formula with a number that nobody would read is not written at all.
    """
    if isinstance(value, tuple):
        return f"({','.join(map(within, value))})"
    exact, digits = _written(value)
    if digits > _WRITTEN:
        raise _TooLong
    return exact


def _decimal(value: Fraction) -> str:
    context = Context(prec=_DECIMALS)
    rounded = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    mantissa, _, exponent = f"{rounded:g}".replace("E", "e").partition("e")
    return rf"{mantissa}\cdot10^{{{int(exponent)}}}" if exponent else mantissa


def _chain(parts: Sequence[str]) -> str:
    return "".join(
        part if i == 0 or part.startswith(r"\approx") else f"={part}"
        for i, part in enumerate(parts)
    )


def _plain(value: Value) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(rationals.texts(value)) + ")"
    return rationals.text(value)


def _sum(terms: Sequence[tuple[Any, Any]]) -> str:
    """Return c_1 v_1 + c_2 v_2 + ... in LaTeX; nothing for too many terms.

    Factors 1 are left out, but for that of a lone term: without it no product would be seen, and
    -1 beside a number below 0, where two signs would meet.
    """
    if len(terms) > _TERMS:
        return ""
    text = ""
    for c, v in terms:
        meeting = c == -1 and within(v).startswith("-")
        if c in (1, -1) and len(terms) > 1 and not meeting:
            term = within(v) if c == 1 or not v else f"-{_factor(v)}"
        else:
            term = rf"{within(c)}\cdot {_factor(v)}"
        text += term if not text or term.startswith("-") else f"+{term}"
    return text


def _added(values: Sequence[Fraction | int]) -> str:
    return _sum([(1, v) for v in values]) if len(values) > 1 else ""


def _factor(value: Value) -> str:
    text = within(value)
    return f"({text})" if text.startswith("-") else text


def _among(function: str, values: Sequence[Fraction | int]) -> str:
    if not 1 < len(values) <= _TERMS:
        return ""
    return rf"{function}({','.join(map(within, values))})"


_BINARY: dict[type[ast.operator], tuple[Callable[[Any, Any], Any], str, int]] = {
    ast.Add: (operator.add, "+", 1),
    ast.Sub: (operator.sub, "-", 1),
    ast.Mult: (operator.mul, r"\cdot ", 2),
    ast.Div: (lambda a, b: Fraction(a) / b, "/", 2),
    ast.Pow: (operator.pow, "^", 4),
}
_UNARY, _ATOM = 3, 5


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _value(tree: ast.expr, numbers: dict[str, Any]) -> Any:
    match tree:
        case ast.BinOp(left, op, right):
            return _BINARY[type(op)][0](_value(left, numbers), _value(right, numbers))
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, numbers)
        case ast.Name(name):
            return numbers[name]
        case ast.Constant(int(value)):
            return value
    raise ValueError(f"not an expression of numbers: {ast.unparse(tree)}")


def _latex(tree: ast.expr, numbers: dict[str, Any]) -> tuple[str, int]:
    """Return an expression with its numbers in LaTeX, and how strongly its last operator binds."""
    match tree:
        case ast.BinOp(left, op, right):
            _, sign, strength = _BINARY[type(op)]
            first, second = _latex(left, numbers), _latex(right, numbers)
            power, turning = isinstance(op, ast.Pow), isinstance(op, ast.Sub | ast.Div)
            # In one line 1/2/3 would leave open what is divided by what.
            stacked = isinstance(op, ast.Div) and first[0].lstrip("-").startswith(r"\frac")
            loose = stacked or first[1] < strength + power
            a = f"({first[0]})" if loose else first[0]
            b = second[0] if second[1] >= strength + turning else f"({second[0]})"
            if b.startswith("-"):
                b = f"({b})"
            return a + sign + (f"{{{second[0]}}}" if power else b), strength
        case ast.UnaryOp(ast.USub(), operand):
            text, strength = _latex(operand, numbers)
            return f"-{text if strength > _UNARY else f'({text})'}", _UNARY
        case ast.Name() | ast.Constant():
            value = Fraction(_value(tree, numbers))
            return within(value), _ATOM if value >= 0 and value.denominator == 1 else 2
    raise ValueError(f"not an expression of numbers: {ast.unparse(tree)}")
