"""Labels under their names, with the inequality of the rule that decides them."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared.two_layer import activities
from verify.claims.relation import Named, number, products
from verify.objects import (
    ArgmaxRule,
    Cell,
    CellRule,
    LinearRule,
    Rule,
    changed_step,
    is_adversarial,
)


def labels(name: str, rule: Rule, points: Sequence[Vector]) -> list[Named]:
    """Return the label of each point, 0 for none, under the name of the rule and the point."""
    return [labelled(f"{name}{number(x)}", rule, x) for x in points]


def labelled(name: str, rule: Rule, x: Vector) -> Named:
    r"""Return the label of x by name, 0 for none, with what decides it in brackets.

    Classes are counted from 1.

    >>> labelled("h(x)", LinearRule.of([3, 1], "-1/2"), (Fraction(0), Fraction(1))).formula
    ['h(x)', '[3\\cdot 0+1-\\frac{1}{2}=\\frac{1}{2}>0]', '1']
    """
    label = rule.label(x)
    if isinstance(rule, ArgmaxRule):
        label = None if label is None else label + 1
    return Named(name, label or 0, partial(_reason, rule, x))


def turned(name: str, rule: Rule, x: Vector, v: Vector) -> Named:
    """Return 1 by name if some step along v changes the label of x, else 0, with the reason.

    That is such a step and what decides the label there, or how fast along v the numbers grow that
    decide the label.
    """
    return Named(name, int(is_adversarial(rule, x, v)), partial(_turning, rule, x, v))


def _turning(rule: Rule, x: Vector, v: Vector) -> str:
    step = changed_step(rule, x, v)
    if step is not None:
        return rf"[c={number(step)}\text{{: }}{_reason(rule, combine((1, x), (step, v)))[1:]}"
    if isinstance(rule, LinearRule):
        return rf"[w\cdot v={number(dot(rule.normal, v))}]"
    if isinstance(rule, CellRule):
        cells = [cell for cell in rule.cells if cell.contains(x)] or rule.cells
        slopes = tuple(dot(a, v) for cell in cells for a in cell.matrix)
        return rf"[(a_i\cdot v)_i={number(slopes)}]"
    if isinstance(rule, ArgmaxRule):
        return rf"[(w_i\cdot v)_i={number(tuple(dot(w, v) for w in rule.weights))}]"
    units = zip(rule.output, rule.weights, strict=True)
    return rf"[\text{{growth of the units }}{number(tuple(o * dot(w, v) for o, w in units))}]"


def _reason(rule: Rule, x: Vector) -> str:
    if isinstance(rule, LinearRule):
        value = rule.value(x)
        sign = ">" if value > 0 else "<" if value < 0 else "="
        return _compared(products(rule.normal, x, rule.offset)(), value, sign, Fraction(0))
    if isinstance(rule, ArgmaxRule):
        return f"[z={number(rule.logits(x))}]"
    if isinstance(rule, CellRule):
        holding = next((cell for cell in rule.cells if cell.contains(x)), None)
        if holding:
            return f"[{','.join(_inequalities(holding, x))}]"
        return f"[{','.join(_violated(cell, x) for cell in rule.cells)}]"
    above, below = (">", r"\leq ") if rule.strict else (r"\geq ", "<")
    sign = above if rule.label(x) > 0 else below
    terms = products(rule.output, activities(rule, x))()
    return _compared(terms, rule.value(x), sign, rule.threshold)


def _compared(terms: str, value: Fraction, sign: str, bound: Fraction) -> str:
    """Return terms, what they come to, and how it compares with a bound."""
    written = number(value)
    shown = terms and not written.startswith(terms)
    if shown and sign == "=":  # the value is the bound
        return f"[{terms}={written}]"
    chain = f"{terms}={written}" if shown else written
    return f"[{chain}{sign}{number(bound)}]"


def _inequalities(cell: Cell, x: Vector) -> list[str]:
    return [
        number(dot(a, x)) + ("<" if strict else r"\leq ") + number(c)
        for a, c, strict in zip(cell.matrix, cell.right_side, cell.strict, strict=True)
    ]


def _violated(cell: Cell, x: Vector) -> str:
    """Return an inequality that x violates, as the one that holds instead."""
    return next(
        number(dot(a, x)) + (r"\geq " if strict else ">") + number(c)
        for a, c, strict in zip(cell.matrix, cell.right_side, cell.strict, strict=True)
        if dot(a, x) > c or (strict and dot(a, x) == c)
    )
