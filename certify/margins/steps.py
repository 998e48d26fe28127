"""The step along one direction that a point of the data needs, over all separators at once.

For a direction v that every separator grows along, a point x_k with label y_k needs, over all
separators, steps up to exactly 1/a_k along -y_k v, where a_k is the largest coefficient that x_k
has in a representation v = sum a_i y_i x_i, sum a_i y_i = 0, a >= 0; no step is enough when a_k is
0. That is a linear program, and its dual solution is a rule that shows that nothing smaller works.
This is the exact form of the remark after Corollary 6 of Charles et al. The programs of all points
share their constraints, so each starts from the basis at which the one before it ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq, fmpq_mat, fmpz_mat, nmod_mat

from certify.certificates.certificate import Certificate
from certify.certificates.margins import sides
from certify.errors import FLOATS_FAIL, InputError
from certify.margins.max_margin import MaxMargin, max_margin
from certify.margins.points import LabelledSet
from certify.numbers import rationals
from certify.numbers.elimination import independent_columns, primes
from certify.numbers.rationals import Vector
from certify.programs.guesses import Highs
from certify.programs.simplex import Basis, Program, minimise
from certify.shown import Shown


@dataclass(frozen=True, repr=False)
class PointStep(Shown):
    """The answer for one point: ``multipliers`` with the largest a_k, and the limit rule.

    The limit rule (``normal``, ``offset``) has margins >= 0 on the data. If a_k > 0 it grows by 1
    along the direction and has the margin 1/a_k at the point; otherwise it is level and has a
    positive margin there.
    """

    point: int
    multipliers: Vector
    normal: Vector
    offset: Fraction
    shown = ("step",)

    @property
    def step(self) -> Fraction | None:
        """The exact supremum of the needed steps, or None when it is infinite."""
        largest = self.multipliers[self.point]
        return 1 / largest if largest else None


@dataclass(frozen=True, repr=False)
class UniversalStep(Shown):
    """The needed step of every point, in multiples of ``direction``, and a certificate for each."""

    direction: Vector
    points: tuple[PointStep, ...]
    certificates: tuple[Certificate, ...] = field(repr=False)
    shown = ("step",)

    @property
    def step(self) -> Fraction | None:
        """The step that serves every point and every separator, None when there is none."""
        steps = [p.step for p in self.points]
        finite = [c for c in steps if c is not None]
        return max(finite) if len(finite) == len(steps) else None


def universal_step(X: Any, y: Any, direction: Iterable[Any] | None = None) -> UniversalStep:
    """Return for every point the supremum over all separators of the step that it needs.

    ``X`` has shape (points, dimension) and ``y`` one label -1 or +1 for each point; ``direction``
    defaults to u = p - q, the difference of the nearest points of the two hulls, which is the
    max-margin normal in the length 2 gamma*. Raises :class:`InputError` when no rule is right on
    all points, or when the direction is 0 or some separator does not grow along it.

    >>> answer = universal_step([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])
    >>> [str(p.step) for p in answer.points], answer.step
    (['1', '1', 'None'], None)
    """
    best = max_margin(X, y)
    if not isinstance(best, MaxMargin):
        raise InputError("X", expected="linearly separable points", got="inseparable ones")
    if direction is None:
        direction = [2 * best.margin_squared * c for c in best.w]
    programs = StepPrograms(X, y, direction)
    answers = tuple(programs.solve(k) for k in range(len(best.multipliers)))
    certificates = tuple(programs.certificate(a, best.w, best.b) for a in answers)
    return UniversalStep(programs.direction, answers, certificates)


class StepPrograms:
    """The linear programs max a_k over {a >= 0 : sum a_i y_i (x_i, 1) = (v, 0)}, one for each k."""

    def __init__(self, X: Any, y: Any, direction: Iterable[Any]) -> None:
        self._points = LabelledSet(X, y, bias=True)
        self.direction = rationals.vector(direction, "direction", length=self._points.dimension)
        if not any(self.direction):
            raise InputError("direction", expected="one that is not 0", got="zeros alone")
        signed = [self._points.signed(i) for i in range(len(self._points.labels))]
        columns = fmpz_mat([[*x, y] for x, y in zip(signed, self._points.labels, strict=True)])
        denominator = self._points.denominator
        right_side = [*(rationals.as_flint(c * denominator) for c in self.direction), fmpq(0)]
        self._program = _equations(columns.transpose(), right_side)
        # A few independent rows say it all. Modulo a prime there may seem to be fewer, so that the
        # others are looked at in the end.
        self._kept = independent_columns(nmod_mat(columns, next(primes())))
        rows = columns.transpose().tolist()
        self._few = _equations(
            fmpz_mat([rows[k] for k in self._kept]), [right_side[k] for k in self._kept]
        )

    def solve(self, point: int) -> PointStep:
        """Return the exact answer for one point; raises :class:`InputError`, see above."""
        costs = [fmpq(0)] * len(self._points.labels)
        costs[point] = fmpq(-1)
        guess = self._guess(point)
        outcome = minimise(replace(self._few, objective=costs), guess)
        if outcome.x is None or any(self._program.slacks(outcome.x)):
            outcome = minimise(replace(self._program, objective=costs), guess)
        elif outcome.multipliers is not None:
            spread = [fmpq(0)] * len(self._program.right_side)
            for k, value in zip(self._kept, outcome.multipliers, strict=True):
                spread[k] = value
            outcome = replace(outcome, multipliers=spread)
        if outcome.x is None or outcome.multipliers is None:
            got = f"a linear program that is {outcome.status}"
            raise InputError("direction", expected="one that every separator grows along", got=got)
        multipliers = tuple(map(rationals.rational, outcome.x))
        denominator = self._points.denominator
        *normal, offset = [rationals.rational(c) for c in outcome.multipliers]
        normal = [c * denominator for c in normal]
        # The dual rule has slope a_k and margin at least 1 at the point; scale the slope to 1.
        slope = multipliers[point] or Fraction(1)
        return PointStep(point, multipliers, tuple(c / slope for c in normal), offset / slope)

    def certificate(self, answer: PointStep, normal: Vector, offset: Fraction) -> Certificate:
        """Certify the supremum, or that no step is enough; (normal, offset) is any separator."""
        statement: dict[str, Any] = {
            "direction": rationals.texts(self.direction),
            "point": answer.point,
            "infinite": answer.step is None,
        }
        evidence: dict[str, Any] = {
            "separator": sides(normal, offset),
            "limit": sides(answer.normal, answer.offset),
        }
        if answer.step is not None:
            statement["step"] = rationals.text(answer.step)
            evidence["multipliers"] = rationals.texts(answer.multipliers)
        return Certificate("universal-step", self._points.instance, statement, evidence)

    def _guess(self, point: int) -> Basis:
        """Return a basis that is likely to be optimal for a point, an empty one if floats fail."""
        try:
            return self._highs.largest(point)
        except FLOATS_FAIL:
            return Basis((), ())  # only pivots are lost

    @cached_property
    def _highs(self) -> Highs:
        return Highs(self._program, primal=True)


def _equations(matrix: fmpz_mat, right_side: list[fmpq]) -> Program:
    """Return the program A x = b, x >= 0 without an objective."""
    rows, columns = matrix.nrows(), matrix.ncols()
    equalities: frozenset[int] = frozenset(range(rows))
    return Program([fmpq(0)] * columns, fmpq_mat(matrix), right_side, equalities, frozenset())
