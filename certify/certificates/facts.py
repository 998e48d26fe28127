"""Finite facts about rules and numbers: the form that most counterexamples take."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from certify.certificates.certificate import Certificate
from certify.certificates.encoding import to_json
from certify.certificates.objects import Rule
from certify.numbers.rationals import Rows, Vector, text, texts

Fact: TypeAlias = dict[str, Any]


def certificate(
    rules: Sequence[Rule], facts: Sequence[Fact], points: Rows = (), labels: Sequence[int] = ()
) -> Certificate:
    """Certify facts about rules; ``points`` and ``labels`` are the data that "accurate" means."""
    return Certificate(
        "rule-facts",
        {
            "rules": [rule_json(rule) for rule in rules],
            "points": [texts(x) for x in points],
            "labels": list(labels),
        },
        {"facts": list(facts)},
        {},
    )


def accurate(rule: int) -> Fact:
    """Rule number ``rule`` gives every data point its label."""
    return {"fact": "accurate", "rule": rule}


def convex(rule: int) -> Fact:
    """The two-layer rule has nonnegative output weights, so its -1 region is convex."""
    return {"fact": "convex", "rule": rule}


def label(rule: int, x: Vector, y: int | None) -> Fact:
    """The rule gives x the label y; None is an open tie."""
    return {"fact": "label", "rule": rule, "point": texts(x), "label": y}


def keeps(rule: int, x: Vector, v: Vector) -> Fact:
    """The rule gives x + c v the label of x for every c >= 0: v is not adversarial at x."""
    return {"fact": "keeps", "rule": rule, "point": texts(x), "direction": texts(v)}


def changes(rule: int, x: Vector, v: Vector, step: Fraction) -> Fact:
    """The rule gives x + step v another label than x: v is adversarial at x."""
    return {
        "fact": "changes",
        "rule": rule,
        "point": texts(x),
        "direction": texts(v),
        "step": text(step),
    }


def rule_json(rule: Rule) -> dict[str, Any]:
    """Return a rule of any kind as JSON with its type."""
    return {"type": rule.rule_type, **to_json(rule)}


def arithmetic(
    numbers: dict[str, Fraction | int], relations: Sequence[tuple[Any, str, Any]]
) -> Certificate:
    """Certify relations between expressions in named numbers.

    An expression is a numeral, a name, or a list ``[operation, ...]`` with one of the operations
    + (any number of terms), - * / ^ (two), max (any number), abs (one); the operators are
    = != < <=.
    """
    return Certificate(
        "arithmetic",
        {"numbers": [{"name": name, "value": text(value)} for name, value in numbers.items()]},
        {"relations": [list(relation) for relation in relations]},
        {},
    )
