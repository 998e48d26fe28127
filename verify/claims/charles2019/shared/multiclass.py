"""What the claims on multi-class linear rules share: gaps, class differences, small data sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random
from typing import TypeAlias

from certify.numbers.rationals import Rows, Vector, combine
from verify.claims import relation
from verify.claims.relation import Named, products, total
from verify.drawing import multiclass, numbers
from verify.objects import ArgmaxRule, LinearRule, MulticlassSet, Rule, critical_steps

RULES, QUERIES = 3, 2
TIES = "ties to the lowest class"
CASES = (*multiclass.CASES, TIES)

# A nonnegative multiple of the gap z_y - z_j of data point i: (i, j, multiplier).
Gap: TypeAlias = tuple[int, int, Fraction]
ZERO, ONE = Fraction(0), Fraction(1)

# The three points of the ledger of claims on a line, with one class each, and a rule for which
# class 1 is best only around the middle point.
THREE = MulticlassSet.of([[0], [1], [2]], [0, 1, 2], 3)
STEEP = ArgmaxRule.of([[0], [1], [2]], [0, "-1/2", -2])


def accurate(rule: Rule, data: MulticlassSet) -> bool:
    """Return whether the rule gives every point its label; an open tie is wrong."""
    return all(rule.label(x) == y for x, y in data.pairs)


def between(rule: ArgmaxRule, k: int, l: int) -> LinearRule:
    """Return z_k - z_l as a linear rule: positive where class k beats class l."""
    normal = combine((1, rule.weights[k]), (-1, rule.weights[l]))
    return LinearRule(normal, rule.bias[k] - rule.bias[l])


def mean_gaps(data: MulticlassSet, k: int, l: int) -> list[Gap]:
    """Return the weights of mean(S[l]) - mean(S[k]) as multiples of gaps between k and l."""
    first, second = data.members(k), data.members(l)
    return [
        *((i, k, Fraction(1, len(second))) for i in second),
        *((i, l, Fraction(1, len(first))) for i in first),
    ]


def mean_difference(data: MulticlassSet, k: int, l: int) -> Vector:
    """Return v = mean(S[l]) - mean(S[k]), along which every accurate rule leaves class k."""
    terms = [(a if y == l else -a, data.points[i]) for i, _, a in mean_gaps(data, k, l)
             for y in (data.labels[i],)]  # fmt: skip
    return combine(*terms)


def weighted_gaps(rule: ArgmaxRule, data: MulticlassSet, gaps: Sequence[Gap]) -> Fraction:
    """Return the sum of the stated multiples of gaps under a rule."""
    return sum(_multiples(rule, data, gaps), ZERO)


def _multiples(rule: ArgmaxRule, data: MulticlassSet, gaps: Sequence[Gap]) -> list[Fraction]:
    return [
        a * (z[data.labels[i]] - z[j]) for i, j, a in gaps for z in (rule.logits(data.points[i]),)
    ]


def named_gaps(rule: ArgmaxRule, data: MulticlassSet, gaps: Sequence[Gap]) -> Named:
    """Return the sum of the stated multiples of gaps by name, with its terms."""
    name = r"\sum_ia_i(z_{y_i}-z_{j_i})(x_i)"
    return Named(name, weighted_gaps(rule, data, gaps),
                 total(name, _multiples(rule, data, gaps)).numbers)  # fmt: skip


def named_line(name: str, line: LinearRule, x: Vector) -> Named:
    """Return the value of a difference of logits at x by name, with its terms."""
    return Named(name, line.value(x), products(line.normal, x, line.offset))


def target(l: int, classes: int) -> Vector:
    """Return the weight 1 for class l and 0 for all others."""
    return tuple(ONE if j == l else ZERO for j in range(classes))


def after(rule: Rule, x: Vector, v: Vector) -> Fraction:
    """Return a step beyond which the label of x + c v never changes again."""
    return max(critical_steps(rule, x, v), default=ZERO) + 1


def final_label(rule: ArgmaxRule, x: Vector, v: Vector) -> Fraction:
    """Return the class of x + c v for all large c, as a number from 1."""
    return number(rule.label(combine((1, x), (after(rule, x, v), v))))


def last_label(name: str, rule: ArgmaxRule, x: Vector, v: Vector) -> Named:
    """Return the class of x + c v for all large c by name, with the logits at one such point."""
    return Named(name, final_label(rule, x, v), partial(_at_end, rule, x, v))


def _at_end(rule: ArgmaxRule, x: Vector, v: Vector) -> str:
    end = combine((1, x), (after(rule, x, v), v))
    return f"[z{relation.number(end)}={relation.number(rule.logits(end))}]"


def number(label: int | None) -> Fraction:
    """Return a class, counted from 1, as a number in a relation; an open tie is 0."""
    return Fraction(0 if label is None else label + 1)


@dataclass(frozen=True)
class Instance:
    """Data, the class k to be left, another class l that occurs, accurate rules, further points."""

    data: MulticlassSet
    k: int
    l: int
    rules: tuple[ArgmaxRule, ...]
    queries: Rows


def draw(rng: Random, case: str) -> Instance:
    """Return data of the named case, two classes that occur, and ordinary and extreme rules."""
    planted = multiclass.planted_set(rng, multiclass.GENERIC if case == TIES else case)
    k, l = rng.sample(sorted(set(planted.data.labels)), 2)
    rules = multiclass.accurate_rules(rng, planted, RULES, ties=case == TIES)
    queries = numbers.vectors(rng, QUERIES, planted.data.dimension)
    return Instance(planted.data, k, l, tuple(rules), queries)


def place(instance: Instance, x: Vector) -> int:
    """Return the number of a point: data points come first, from 1, then the query points."""
    return (*instance.data.points, *instance.queries).index(x) + 1


def starts(rule: ArgmaxRule, instance: Instance, k: int) -> list[Vector]:
    """Return the data and query points that a rule gives the class k."""
    return [x for x in (*instance.data.points, *instance.queries) if rule.label(x) == k]
