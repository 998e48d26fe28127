"""Without finiteness: two sequences of points, decided for every index at once.

The set is {(p + e/k, +1), (q + f/k, -1) : k = 1, 2, ...}. The margin of a rule at index k is the
mixture (1 - 1/k) m_limit + (1/k) m_first of its margins at the limits p, q and at the first points
p + e, q + f. So it is positive for every k exactly when m_first > 0 and m_limit >= 0, and its
infimum over k is the smaller of the two.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Self

from certify import max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import combine, dot
from verify.claims.charles2019.shared.separators import least_margin
from verify.claims.claim import Counterexample, Refutation, Step, step
from verify.claims.relation import computed, inner, named
from verify.drawing import small
from verify.objects import LabelledSet, LinearRule

LABELS = (1, -1)


@dataclass(frozen=True)
class Sequences:
    """The first points and the limits of the two sequences, labelled +1 and -1, and two rules."""

    first: LabelledSet
    limits: LabelledSet
    rules: tuple[LinearRule, LinearRule]

    @classmethod
    def of(cls, first: Any, limits: Any, one: LinearRule, other: LinearRule) -> Self:
        """Make the sequences from numbers of any accepted kind, one row for each label."""
        return cls(LabelledSet.of(first, LABELS), LabelledSet.of(limits, LABELS), (one, other))

    @property
    def closure(self) -> LabelledSet:
        """The four end points: the margins over them bound those over the whole set."""
        return LabelledSet(
            self.first.points + self.limits.points, self.first.labels + self.limits.labels
        )

    def accurate(self, rule: LinearRule) -> bool:
        """Return whether the rule is right on every point of both sequences."""
        return min(rule.margins(self.first)) > 0 and min(rule.margins(self.limits)) >= 0

    def best(self, rule: LinearRule) -> bool:
        """Return whether the rule is accurate and no unit-norm rule has a larger margin."""
        if not self.accurate(rule):
            return False
        largest = max_margin(self.closure.points, self.closure.labels)
        if not largest.separable:  # every accurate rule has margin 0, and none has more
            return True
        margin = min(rule.margins(self.closure))
        return margin**2 == largest.margin_squared * dot(rule.normal, rule.normal)


def draw(rng: Random) -> Sequences:
    """Return two sequences in the plane, half of the time to one limit, and two rules, all small.

    The rules are drawn by their values at the first limit and do not fall along the positive
    sequence from its limit: otherwise few of them would be right.
    """
    limit, displacement = small.vector(rng, 2, 1), small.vector(rng, 2, 1)
    other = limit if rng.randint(0, 1) == 0 else small.vector(rng, 2, 1)
    first = [
        combine((1, limit), (1, displacement)),
        combine((1, other), (1, small.vector(rng, 2, 1))),
    ]
    rules = []
    for _ in range(2):
        normal, value = small.vector(rng, 2, 1), rng.choice((0, 0, 1, -1))
        upward = combine((1 if dot(normal, displacement) >= 0 else -1, normal))
        rules.append(LinearRule(upward, value - dot(upward, limit)))
    return Sequences.of(first, [limit, other], *rules)


def refute_shared_direction(instance: Sequences) -> Refutation | None:
    """Refute when the first rule has the largest margin and does not lower the second one.

    Then -w* flips no point labelled +1 under the second rule, which is accurate as well, and no
    step along it does.
    """
    best, other = instance.rules
    slope = dot(best.normal, other.normal)
    if slope > 0 or not instance.accurate(other) or not instance.best(best):
        return None
    away = combine((-1, best.normal))
    kept = [
        facts.keeps(1, x, combine((y, away)))
        for x, y in zip(instance.first.points, LABELS, strict=True)
    ]
    rules = facts.certificate(
        instance.rules, [facts.accurate(0), facts.accurate(1), *kept], instance.first.points, LABELS
    )
    return Refutation.of(
        "Both rules are right on all points of the two infinite sequences, and no rule has a "
        "larger margin than the first; along $-yw^*$, $w^*$ the normal of the first, no margin of "
        "the second falls, so it keeps every label.",
        *_accuracy(instance),
        step(r"With $w^*=w_1/|w_1|$ the second rule does not fall along $-w^*$.",
             (inner(r"w_1\cdot w_2", best.normal, other.normal), "<=", 0)),
        *_certificates(instance),
        rules,
    )  # fmt: skip


def refute_unique(instance: Sequences) -> Refutation | None:
    """Refute when two rules with different normals both have the largest margin."""
    one, other = instance.rules
    product = dot(one.normal, other.normal)
    squares = dot(one.normal, one.normal) * dot(other.normal, other.normal)
    same = product > 0 and product**2 == squares
    if same or not (instance.best(one) and instance.best(other)):
        return None
    return Refutation.of(
        "Both rules are right on all points of the two infinite sequences and have the largest "
        r"margin that any rule has, $0$; their normals differ, so neither is the max-margin rule.",
        *_accuracy(instance),
        step("The normals do not point the same way.",
             (computed(r"w_1\cdot w_2\,\max(w_1\cdot w_2,0)", "p * q", p=product,
                       q=max(product, Fraction(0))), "<", named(r"|w_1|^2|w_2|^2", squares))),
        *_certificates(instance),
    )  # fmt: skip


def _accuracy(instance: Sequences) -> tuple[Step, ...]:
    return (
        step(r"Point $k$ of a sequence is the mixture of its first point and its limit with the "
             r"weights $1/k$ and $1-1/k$, and so is its margin. At the first points both rules "
             r"have positive margins, at the limits nonnegative ones, so it is positive for every "
             "$k$.",
             ([least_margin(r"\min m(h_#)", r, instance.first) for r in instance.rules], ">", 0),
             ([least_margin(r"\min m_\infty(h_#)", r, instance.limits) for r in instance.rules],
              ">=", 0)),
    )  # fmt: skip


def _certificates(instance: Sequences) -> tuple[Certificate, ...]:
    """Certify both rules accurate for every index, and the largest margin over the closure."""
    numbers: dict[str, Fraction | int] = {}
    relations: list[tuple[Any, str, Any]] = []
    parts = (("first", instance.first, "<"), ("limit", instance.limits, "<="))
    for place, data, _ in parts:
        for s, x in enumerate(data.points):
            numbers.update({f"{place}{s}_{j}": c for j, c in enumerate(x)})
    for r, rule in enumerate(instance.rules):
        numbers.update(
            {f"w{r}_{j}": c for j, c in enumerate(rule.normal)}, **{f"b{r}": rule.offset}
        )
        for place, data, below in parts:
            for s, y in enumerate(data.labels):
                terms = [["*", f"w{r}_{j}", f"{place}{s}_{j}"] for j in range(data.dimension)]
                relations.append(("0", below, ["*", str(y), ["+", *terms, f"b{r}"]]))
    largest = max_margin(instance.closure.points, instance.closure.labels)
    return (largest.certificate, facts.arithmetic(numbers, relations))


# The sequences (0, 1/k) labelled +1 and (0, -1/k) labelled -1.
_EXAMPLE = Sequences.of(
    [[0, 1], [0, -1]], [[0, 0], [0, 0]], LinearRule.of([2, 1], 0), LinearRule.of([-2, 1], 0)
)

_MANY = (
    r"On $(0,1/k)$ labelled +1 and $(0,-1/k)$ labelled -1, $k=1,2,\ldots$, every rule through the "
    r"origin whose normal has a positive second entry is accurate with margin $0$, the largest "
    "there is"
)
SHARED_DIRECTION = Counterexample(
    rf"{_MANY}; two of them can have $w_1\cdot w_2<0$.", _EXAMPLE, refute_shared_direction, draw
)
NO_MULTIPLIERS = Counterexample(
    rf"{_MANY}; two of them can have $w_1\cdot w_2<0$. Then $w_1$ has no $\alpha$ as in Lemma 3, "
    r"with which $w_1\cdot w_2$ would be $\sum\alpha_im_i>0$: a max-margin rule need have none, "
    "and then no step along its normal need be enough.",
    _EXAMPLE,
    refute_shared_direction,
    draw,
)
UNIQUE = Counterexample(
    f"{_MANY}, so the max-margin rule is not unique.",
    _EXAMPLE,
    refute_unique,
    draw,
)
