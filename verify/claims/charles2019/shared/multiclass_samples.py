"""What the claims on samples with many classes share: rules without offsets, and rival classes.

For two classes k and l the difference u = w_k - w_l is a binary rule through the origin, with the
label +1 for k and -1 for l; its norm is at most 2B when |w_i| <= B for every class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, text
from verify.claims.charles2019.shared import training_procedures
from verify.claims.charles2019.shared.enclosures import Expression, Relations
from verify.claims.charles2019.shared.independent_samples import Reading, Trial
from verify.claims.charles2019.shared.multiclass import ZERO
from verify.claims.charles2019.shared.training_procedures import scaled_into_ball
from verify.claims.claim import Given, Step, step
from verify.claims.relation import Named, inner, named, products
from verify.drawing import numbers
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import ArgmaxRule, LabelledSet


def through_origin(weights: Sequence[Vector]) -> ArgmaxRule:
    """Return the rule with these class weights and no offsets; ties are open."""
    return ArgmaxRule(tuple(weights), (ZERO,) * len(weights))


def difference(rule: ArgmaxRule, k: int, l: int) -> Vector:
    """Return u = w_k - w_l."""
    return combine((1, rule.weights[k]), (-1, rule.weights[l]))


def margin(rule: ArgmaxRule, k: int, l: int, x: Vector, y: int) -> Fraction:
    """Return u.x for a point of class k and -u.x for one of class l."""
    value = dot(difference(rule, k, l), x)
    return value if y == k else -value


def named_margin(name: str, rule: ArgmaxRule, k: int, l: int, x: Vector, y: int) -> Named:
    """Return the signed margin by name, with the terms of u.x."""
    return Named(
        name, margin(rule, k, l, x, y), partial(_margin, difference(rule, k, l), x, y == k)
    )


def _margin(u: Vector, x: Vector, own: bool) -> str:
    terms = products(u, x)()
    return terms if own else f"-({terms})"


def confident(rule: ArgmaxRule, k: int, l: int, x: Vector, y: int) -> bool:
    """Return whether h(x) = y and |u.x| > 1, as Assumption B3 asks."""
    return rule.label(x) == y and abs(margin(rule, k, l, x, y)) > 1


def rows_in_ball(rng: Random, count: int, d: int, bound_squared: Fraction) -> tuple[Vector, ...]:
    """Return random vectors with |w|^2 <= B^2, most of them almost as long as that allows."""
    return tuple(scaled_into_ball(numbers.vector(rng, d), bound_squared) for _ in range(count))


def norm_certificate(rule: ArgmaxRule, k: int, l: int, bound_squared: Fraction) -> Certificate:
    """Certify |w_i|^2 <= B^2 for the two classes, and hence |w_k - w_l|^2 <= 4 B^2."""
    named: dict[str, Fraction | int] = {"bound": bound_squared}
    squares: dict[str, Expression] = {}
    for name, i in (("k", k), ("l", l)):
        named |= {f"{name}{t}": c for t, c in enumerate(rule.weights[i])}
        squares[name] = ["+", *(["^", f"{name}{t}", "2"] for t in range(len(rule.weights[i])))]
    gap = ["+", *(["^", ["-", f"k{t}", f"l{t}"], "2"] for t in range(len(rule.weights[k])))]
    relations: Relations = [(squares[name], "<=", "bound") for name in ("k", "l")]
    return facts.arithmetic(named, [*relations, (gap, "<=", ["*", "4", "bound"])])


def margin_expression(rule: ArgmaxRule, k: int, l: int, x: Vector, y: int) -> Expression:
    """Return the signed margin of a point with label k or l as an expression in numerals."""
    ours, theirs = (rule.weights[i] for i in ((k, l) if y == k else (l, k)))
    terms = zip(ours, theirs, x, strict=True)
    return ["+", *(["*", ["-", text(a), text(b)], text(c)] for a, b, c in terms)]


@dataclass(frozen=True)
class Models:
    """A law on the points of two classes, and two samples with a multi-class rule for each.

    The law is that of the points given their label is k or l; k has the label +1 and is class 0 of
    the rules, l has the label -1 and is class 1. Samples are counts of the law's points, and every
    row of a rule has |w|^2 <= ``bound_squared``.
    """

    law: FiniteLaw
    bound_squared: Fraction
    samples: tuple[Counts, Counts]
    rules: tuple[ArgmaxRule, ArgmaxRule]

    @cached_property
    def reading(self) -> Reading:
        """The two samples with the binary rules u_j = w_k - w_l, and what is counted on them."""
        first, second = (difference(rule, 0, 1) for rule in self.rules)
        return Reading(self.law.atoms, Trial(self.samples, (first, second)))

    @property
    def norms(self) -> Fraction:
        """The bound (2B)^2 R^2 of |u|^2 |x|^2."""
        return 4 * self.bound_squared * self.law.radius_squared


def class_of(label: int) -> int:
    """Return the class of a label: 0 for +1, which is k, and 1 for -1, which is l."""
    return 0 if label == 1 else 1


def train(
    rng: Random, procedure: str, law: FiniteLaw, own: Counts, other: Counts, bound: Fraction
) -> ArgmaxRule:
    """Train w_k against w_l by a named procedure, each as far as the bound B^2 allows.

    One or two further rows are random: such classes do not occur in the law, and may still win.
    """
    w = training_procedures.train(procedure, law.atoms, own, other, bound)
    flipped = LabelledSet(law.atoms.points, tuple(-y for y in law.atoms.labels))
    second = procedure if rng.random() < 0.5 else rng.choice(training_procedures.ORDINARY)
    v = training_procedures.train(second, flipped, own, other, bound)
    rest = rows_in_ball(rng, rng.randint(1, 2), law.atoms.dimension, bound / 4)
    return through_origin([w, v, *rest])


def objects(models: Models) -> tuple[Given | Named, ...]:
    """Return what the labels of a law stand for, and the binary rules of two classes."""
    return (
        Given("labels", "$y=1$ stands for class $1$, which is $k$, $y=-1$ for class $2$, $l$; in "
              "losses $w$ is $u_j$, and $h_j$ its rule"),
        *(Named(f"u_{j}", difference(rule, 0, 1)) for j, rule in enumerate(models.rules, 1)),
    )  # fmt: skip


def norm_steps(models: Models) -> tuple[Step, ...]:
    """Return the bound of |w_k - w_l| from the bound of each row."""
    rules, bound = models.rules, models.bound_squared
    return (
        step(r"All rows have $|w_i|\leq B$, so $|u_j|=|w_k-w_l|\leq2B$, and $u_j$ is a binary rule "
             r"through the origin.",
             ([inner(f"|w_{i}^{{({j})}}|^2", w, w) for j, rule in enumerate(rules, 1)
               for i, w in enumerate(rule.weights, 1)], "<=",
              named("B^2", bound)),
             ([inner("|u_#|^2", u, u) for rule in rules for u in [difference(rule, 0, 1)]], "<=",
              named("4B^2", 4 * bound))),
    )  # fmt: skip
