"""The cases of a property: boxes of inputs, each with what outputs shall never be on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, Self

from certify.bounds.question import Box, Property
from certify.errors import InputError
from certify.numbers.rationals import Vector, dot, texts
from verify.properties.formulas import Formula, Or, Relation

CASES = 100_000  # at most, of one property
NUMBERS = 10_000_000  # in the bounds and rows of all of them


@dataclass(frozen=True)
class Case:
    """A counterexample is an x of the box whose outputs have the property: C f(x) <= d.

    Without ties, where the file says so: a row of ``strict`` has to hold strictly, and the bounds
    of the coordinates in ``above`` and ``below`` are not to be met themselves. That there is none
    with ties says more than is asked; one with a tie is none.
    """

    box: Box
    property: Property
    strict: frozenset[int] = frozenset()
    above: frozenset[int] = frozenset()
    below: frozenset[int] = frozenset()

    def holds(self, point: Vector, outputs: Vector) -> bool:
        """Tell whether an exact point with its exact outputs is a counterexample."""
        within = (
            low < x if i in self.above else low <= x
            for i, (low, x) in enumerate(zip(self.box.lower, point, strict=True))
        )
        beneath = (
            x < high if i in self.below else x <= high
            for i, (x, high) in enumerate(zip(point, self.box.upper, strict=True))
        )
        return all(within) and all(beneath) and self.met(outputs)

    def to_json(self) -> dict[str, Any]:
        """Return what outputs shall never be, and which bounds of the box are not met."""
        return {
            "matrix": [texts(row) for row in self.property.matrix],
            "right_side": texts(self.property.right_side),
            "strict": sorted(self.strict), "above": sorted(self.above), "below": sorted(self.below),
        }  # fmt: skip

    def met(self, outputs: Sequence[Fraction]) -> bool:
        """Tell whether exact outputs have the property, without ties that it excludes."""
        rows = zip(self.property.matrix, self.property.right_side, strict=True)
        return all(
            dot(row, outputs) < d if k in self.strict else dot(row, outputs) <= d
            for k, (row, d) in enumerate(rows)
        )


def cases(formula: Formula, inputs: int, outputs: int, name: str) -> tuple[Case, ...]:
    """Return the cases of a formula over so many inputs and outputs, in its order.

    A case with no input or with a false comparison of numbers is left out, so that there may be
    none. Raises InputError, naming the property, for an input without a bound, for comparisons of
    inputs with each other or with outputs, and for too many cases.
    """
    count, most = _count(formula), min(CASES, NUMBERS // (inputs + outputs) + 1)
    if count > most:
        raise InputError(name, expected=f"at most {most:,} cases", got=f"{count:,}")
    common, choices = _parts(formula)
    alternatives = [list(_branches(choice)) for choice in choices]
    base = _Region(inputs, outputs, name)
    if not base.add(common):
        return ()
    found = []
    for chosen in product(*alternatives):
        region = base.copy()
        if region.add([relation for branch in chosen for relation in branch]):
            found.append(region.case())
    return tuple(found)


def _count(formula: Formula) -> int:
    """Return how many conjunctions there are of which one has to hold."""
    if isinstance(formula, Relation):
        return 1
    return (sum if isinstance(formula, Or) else prod)(map(_count, formula.parts))


def _parts(formula: Formula) -> tuple[list[Relation], list[Or]]:
    """Return the relations that hold in all cases, and the choices between others."""
    if isinstance(formula, Relation):
        return [formula], []
    if isinstance(formula, Or) and len(formula.parts) > 1:
        return [], [formula]
    relations, choices = [], []
    for part in formula.parts:
        own, open_ = _parts(part)
        relations += own
        choices += open_
    return relations, choices


def _branches(formula: Formula) -> Iterator[list[Relation]]:
    """Yield the conjunctions of which one has to hold."""
    if isinstance(formula, Or):
        for part in formula.parts:
            yield from _branches(part)
        return
    relations, choices = _parts(formula)
    for chosen in product(*(list(_branches(choice)) for choice in choices)):
        yield relations + [relation for branch in chosen for relation in branch]


@dataclass
class _Region:
    """Bounds of inputs and rows of outputs, as far as relations are known."""

    inputs: int
    outputs: int
    name: str
    lower: dict[int, tuple[Fraction, bool]] = field(default_factory=dict)
    upper: dict[int, tuple[Fraction, bool]] = field(default_factory=dict)
    rows: list[tuple[dict[int, Fraction], Fraction, bool]] = field(default_factory=list)

    def copy(self) -> Self:
        return type(self)(
            self.inputs, self.outputs, self.name, dict(self.lower), dict(self.upper),
            list(self.rows),
        )  # fmt: skip

    def add(self, relations: Sequence[Relation]) -> bool:
        """Take relations in; return whether something may be left."""
        return all(self._add(relation) for relation in relations)

    def _add(self, relation: Relation) -> bool:
        left = relation.left
        kinds = {v.output for v in left.coefficients}
        if not kinds:
            return left.constant < 0 or (left.constant == 0 and not relation.strict)
        if kinds == {True}:
            row = {v.place: c for v, c in left.coefficients.items()}
            self.rows.append((row, -left.constant, relation.strict))
            return self._meets_opposites()
        if len(left.coefficients) > 1:
            got = "inputs beside outputs" if len(kinds) > 1 else "several inputs"
            raise InputError(
                self.name, expected="comparisons of one input with a number, or of outputs",
                got=f"one of {got}", where=relation.place,
            )  # fmt: skip
        ((v, c),) = left.coefficients.items()
        bound = (-left.constant / c, relation.strict)
        if c > 0:
            self.upper[v.place] = min(
                self.upper.get(v.place, bound), bound, key=lambda b: (b[0], not b[1])
            )
        else:
            self.lower[v.place] = max(
                self.lower.get(v.place, bound), bound, key=lambda b: (b[0], b[1])
            )
        if v.place not in self.lower or v.place not in self.upper:
            return True
        (low, above), (high, below) = self.lower[v.place], self.upper[v.place]
        return low < high or (low == high and not above and not below)

    def _meets_opposites(self) -> bool:
        """Return whether the last row and another, the opposite of it but for a factor, may hold.

        A sum of both in which outputs cancel compares numbers.
        """
        last, right, strict = self.rows[-1]
        place, lead = next(iter(last.items()))
        for row, d, excluded in self.rows[:-1]:
            factor = -lead / row[place] if row.get(place) else 0
            if factor > 0 and last == {j: -factor * c for j, c in row.items()}:
                least = right + factor * d
                if least < 0 or (least == 0 and (strict or excluded)):
                    return False
        return True

    def case(self) -> Case:
        for bounds, side in ((self.lower, "lower"), (self.upper, "upper")):
            missing = next((i for i in range(self.inputs) if i not in bounds), None)
            if missing is not None:
                raise InputError(
                    self.name, expected="bounds of every input",
                    got=f"no {side} bound of input {missing}",
                )  # fmt: skip
        lower, upper = (
            tuple(bounds[i][0] for i in range(self.inputs)) for bounds in (self.lower, self.upper)
        )
        # Of outputs nothing may be said: then every input of the box is a counterexample.
        rows = self.rows or [({}, Fraction(0), False)]
        matrix = tuple(
            tuple(row.get(j, Fraction(0)) for j in range(self.outputs)) for row, _, _ in rows
        )
        return Case(
            Box(lower, upper), Property(matrix, tuple(d for _, d, _ in rows)),
            frozenset(k for k, (_, _, strict) in enumerate(rows) if strict),
            *(
                frozenset(i for i, (_, strict) in bounds.items() if strict)
                for bounds in (self.lower, self.upper)
            ),
        )  # fmt: skip
