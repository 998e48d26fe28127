"""Labels along a ray x + c v, c > 0, followed to infinity exactly, for rules of every kind."""

from fractions import Fraction
from itertools import combinations, pairwise
from typing import TypeAlias

from certify.numbers.rationals import Vector, combine, dot
from verify.objects.cell_rules import CellRule
from verify.objects.multiclass import ArgmaxRule
from verify.objects.networks import TwoLayerNetwork
from verify.objects.rules import LinearRule

Rule: TypeAlias = LinearRule | ArgmaxRule | TwoLayerNetwork | CellRule


def changed_step(rule: Rule, x: Vector, v: Vector) -> Fraction | None:
    """Return a step c > 0 at which the label differs from that at x; None if there is none at all.

    The label can change only at the finitely many critical steps and is constant between them, so
    one step in each part of the ray decides (Charles et al., adversarial direction).
    """
    critical = sorted({Fraction(0), *critical_steps(rule, x, v)})
    tried = [*critical[1:], *((a + b) / 2 for a, b in pairwise(critical)), critical[-1] + 1]
    start = rule.label(x)
    return next((c for c in sorted(tried) if rule.label(combine((1, x), (c, v))) != start), None)


def is_adversarial(rule: Rule, x: Vector, v: Vector) -> bool:
    """Return whether some step along v changes the label of x."""
    return changed_step(rule, x, v) is not None


def critical_steps(rule: Rule, x: Vector, v: Vector) -> list[Fraction]:
    """Return finitely many positive steps between which the label of x + c v is constant."""
    if isinstance(rule, LinearRule):
        return _zeros([(rule.value(x), dot(rule.normal, v))])
    if isinstance(rule, ArgmaxRule):
        lines = [(z, dot(w, v)) for z, w in zip(rule.logits(x), rule.weights, strict=True)]
        return _zeros([(s - t, r - q) for (s, r), (t, q) in combinations(lines, 2)])
    if isinstance(rule, CellRule):
        return _zeros(
            [
                (dot(a, x) - c, dot(a, v))
                for cell in rule.cells
                for a, c in zip(cell.matrix, cell.right_side, strict=True)
            ]
        )
    return _network_steps(rule, x, v)


def _network_steps(rule: TwoLayerNetwork, x: Vector, v: Vector) -> list[Fraction]:
    slopes = [dot(w, v) for w in rule.weights]
    bends = _zeros(list(zip(rule.preactivations(x), slopes, strict=True)))
    ends = [Fraction(0), *sorted(set(bends))]
    crossings = []
    for low, high in pairwise([*ends, ends[-1] + 1]):
        # Between two bends, and after the last one, f is affine in c.
        start, end = (rule.value(combine((1, x), (c, v))) - rule.threshold for c in (low, high))
        if start != end:
            crossings.append(low - start * (high - low) / (end - start))
    return [*bends, *(c for c in crossings if c > 0)]


def _zeros(lines: list[tuple[Fraction, Fraction]]) -> list[Fraction]:
    return [-start / slope for start, slope in lines if slope and start / slope < 0]
