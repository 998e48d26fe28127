"""What breaks the theorems on two-layer rules: one label, other weights, other points, reversal.

Each theorem says that one direction turns every point labelled -1 of every accurate rule. The
counterexamples live on a line, where two directions are all there are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from certify.numbers import rationals
from certify.numbers.rationals import vector
from verify.claims.charles2019.without import line_directions
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Counterexample, Refutation
from verify.drawing import relu_rules, small
from verify.objects import LabelledSet, Rule, TwoLayerNetwork


@dataclass(frozen=True)
class Family:
    """Class R (v = 1, rule f > 0), or class R' (v >= 0, rule f > a or f >= a with a > 0)."""

    positive_threshold: bool

    def admits(self, rule: Rule) -> bool:
        """Return whether the threshold belongs to the class, whatever the output weights."""
        if not isinstance(rule, TwoLayerNetwork):
            return False
        return (
            rule.threshold > 0 if self.positive_threshold else rule.threshold == 0 and rule.strict
        )

    def contains(self, rule: Rule) -> bool:
        """Return whether the rule belongs to the class."""
        if not isinstance(rule, TwoLayerNetwork) or not self.admits(rule):
            return False
        return all(v >= 0 if self.positive_threshold else v == 1 for v in rule.output)

    def draw(self, rng: Random, output: tuple[int, int] | None = None) -> TwoLayerNetwork:
        """Return a small rule on a line, with output weights in the range if there is one."""
        if self.positive_threshold:
            # A positive threshold is 1 up to the scale of the output weights.
            return relu_rules.small_network(rng, 1, output or (0, 2), (1, 1))
        rule = relu_rules.small_network(rng, 1, output or (1, 1), (0, 0))
        return replace(rule, strict=True)

    def network(self, weights: Any, biases: Any, output: Any) -> TwoLayerNetwork:
        """Return a rule on a line: f > 0 or f >= 1; ``weights`` has one entry for each unit."""
        return TwoLayerNetwork(
            rationals.rows([[w] for w in weights]),
            rationals.vector(biases),
            rationals.vector(output),
            Fraction(self.positive_threshold),
            strict=not self.positive_threshold,
        )


R, R_PRIME = Family(False), Family(True)


def one_label(family: Family, anywhere: bool = True) -> Counterexample[OnALine]:
    """Without both labels: a constant rule never turns; without -1 points two rules disagree.

    The latter only where points outside of the set are to turn as well, ``anywhere``.
    """

    def draw(rng: Random) -> OnALine:
        y = rng.choice((-1, 1)) if anywhere else -1
        points = tuple(small.vector(rng, 1) for _ in range(rng.randint(1, 2)))
        rules = tuple(family.draw(rng) for _ in range(rng.randint(1, 2)))
        starts = [small.vector(rng, 1) for _ in range(rng.randint(0, 2))] if anywhere else ()
        return OnALine(LabelledSet(points, (y,) * len(points)), rules, tuple(starts))

    def refute(instance: OnALine) -> Refutation | None:
        if instance.starts and not anywhere:
            return None
        return line_directions.refute(instance, -1, family.contains)

    right, left = (r"x\ge-1", r"x\le1") if family.positive_threshold else ("x>-1", "x<1")
    without_minus = (
        r" With none labelled -1, for instance with $0$ labelled +1 only, the accurate rules "
        f"${right}$ and ${left}$ need opposite directions."
        if anywhere
        else " Without points labelled -1 nothing is claimed."
    )
    return Counterexample(
        "With no point labelled +1 the rule $f=0$ is accurate and never says +1." + without_minus,
        OnALine(LabelledSet.of([[0]], [-1]), (family.network([0], [0], [1]),)),
        refute,
        draw,
    )


def signed_weights(family: Family) -> Counterexample[OnALine]:
    """Without nonnegative output weights: a hat function has -1 points on both sides."""
    reach = 2 if family.positive_threshold else 1
    return Counterexample(
        rf"$\mathrm{{relu}}(x+{reach})-2\,\mathrm{{relu}}(x)$ is a hat: from its left only $v>0$ "
        r"leads to label +1, from its right only $v<0$.",
        OnALine(
            LabelledSet.of([[-reach], [0], [reach]], [-1, 1, -1]),
            (family.network([1, 1], [reach, 0], [1, -2]),),
        ),
        _refuter(-1, family.admits),
        lambda rng: _draw_points(rng, family.draw(rng, (-2, 2))),
    )


def other_label(family: Family) -> Counterexample[OnALine]:
    """For points labelled +1: a direction can leave the -1 region behind."""
    return Counterexample(
        r"For $f=|x|$ the point $1$, labelled +1, needs $v<0$ and the point $-1$ needs $v>0$.",
        OnALine(
            LabelledSet.of([[-1], [0], [1]], [1, -1, 1]), (family.network([1, -1], [0, 0], [1, 1]),)
        ),
        _refuter(1, family.contains),
        lambda rng: _draw_points(rng, family.draw(rng)),
    )


def reversed_rule() -> Counterexample[OnALine]:
    """For rules +1 where f is below the threshold, written as -f > -a: the +1 region is convex."""
    output = vector([-1, -1])
    rule = TwoLayerNetwork(
        rationals.rows([[1], [-1]]), rationals.vector([0, 0]), output, Fraction(-1), strict=True
    )
    return Counterexample(
        r"For the rule +1 where $|x|<1$, written below as $-|x|>-1$, the point $1$, labelled -1, "
        "needs $v<0$ and the point $-1$ needs $v>0$.",
        OnALine(LabelledSet.of([[-1], [0], [1]], [-1, 1, -1]), (rule,)),
        _refuter(
            -1, lambda r: isinstance(r, TwoLayerNetwork) and max(r.output) <= 0 and r.threshold < 0
        ),
        lambda rng: _draw_points(rng, relu_rules.small_network(rng, 1, (-2, 0), (-2, -1))),
    )


def _draw_points(rng: Random, rule: TwoLayerNetwork) -> OnALine:
    """Draw three points and label them as the rule does."""
    points = tuple(small.vector(rng, 1, 2) for _ in range(3))
    return OnALine(LabelledSet(points, tuple(map(rule.label, points))), (rule,))


def _refuter(label: int, member: Callable[[Rule], bool]) -> Callable[[OnALine], Refutation | None]:
    """Refute on sets with both labels only."""

    def refute(instance: OnALine) -> Refutation | None:
        if len(set(instance.data.labels)) < 2:
            return None
        return line_directions.refute(instance, label, member)

    return refute
