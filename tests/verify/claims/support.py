"""Ways to break one step of a proof and leave the others alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.numbers.rationals import Vector
from verify.campaigns.falsify import accepted
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.claim import Counterexample, Proof
from verify.objects import LabelledSet, LinearRule


@dataclass(frozen=True)
class Bumped(LinearRule):
    """A linear rule that is not linear at the listed points, where it has the listed values."""

    bumps: tuple[tuple[Vector, Fraction], ...] = ()

    def value(self, x: Vector) -> Fraction:
        return dict(self.bumps).get(x, super().value(x))


def bumped(rule: LinearRule, bumps: Mapping[tuple[int | Fraction, ...], int | Fraction]) -> Bumped:
    """Return the rule with other values at some points."""
    exact = tuple((tuple(map(Fraction, x)), Fraction(value)) for x, value in bumps.items())
    return Bumped(rule.normal, rule.offset, rule.zero, exact)


def sentences(certificates: Iterable[Certificate]) -> list[str]:
    """Return what the checker says that each certificate shows."""
    return [checker.check(checker.parse(c.line()))[1] for c in certificates]


def failing(proof: Proof) -> list[int]:
    """Return the numbers of the steps that do not hold."""
    return [number for number, step in enumerate(proof.steps, 1) if not step.holds]


def largest_margin(data: LabelledSet, **changed: Any) -> SimpleNamespace:
    """Return what the proofs read of a max-margin rule, some of it replaced."""
    true = LargestMargin(data)
    names = ("data", "answer", "rule", "direction", "multipliers", "nearest_points")
    return SimpleNamespace(**{**{name: getattr(true, name) for name in names}, **changed})


def instance_of(module: Any, *objects: Any) -> Any:
    """Return the instance of a module's claim that has these objects."""
    return type(module.CLAIM.example)(*objects)


def refuted(weak: Counterexample[Any], *objects: Any) -> bool:
    """Return whether the instance, or the one of these objects, is an accepted counterexample."""
    found = type(weak.example)(*objects) if len(objects) > 1 else objects[0]
    return accepted(weak, found) is not None
