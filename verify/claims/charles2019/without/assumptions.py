"""How the assumptions on multi-class samples fail when one of their conditions is left out."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, dot, vector
from verify.claims.charles2019.shared import multiclass_samples
from verify.claims.charles2019.shared.enclosures import Relations
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.claim import Given, Refutation, step
from verify.claims.relation import Named, computed, greatest, inner, mixture, named, products, told
from verify.objects import ArgmaxRule, square

AT_ONE = vector([1])
CLASSES = (Given("$k$", "class $1$"), Given("$l$", "class $2$"))
QUARTERS, LARGEST_SIZE = 4, 100  # rivals have weights in quarters and up to this many points


def draw_one_point(rng: Random) -> tuple[Vector, int, ArgmaxRule]:
    """Return a point, one of two classes, and a rule with small numbers."""
    rule = through_origin([vector([rng.randint(-3, 3)]) for _ in range(2)])
    return vector([rng.randint(-3, 3)]), rng.randint(0, 1), rule


def refute_size_alone(point: Vector, label: int, rule: ArgmaxRule) -> Refutation | None:
    """Refute when |u.x| > 1 and the signed margin is negative."""
    x, y = point, label
    signed = multiclass_samples.margin(rule, 0, 1, x, y)
    if signed >= -1:
        return None
    u = multiclass_samples.difference(rule, 0, 1)
    return Refutation.of(
        "The two logits differ by more than 1, in favour of the wrong class.",
        *CLASSES,
        mixture("u=w_k-w_l", (1, rule.weights[0]), (-1, rule.weights[1])),
        step(r"$|u\cdot x|>1$, but the signed margin is negative.",
             (told(r"|u\cdot x|", abs(signed), f"|{products(u, x)()}|"), ">", 1),
             (multiclass_samples.named_margin(r"\pm u\cdot x", rule, 0, 1, x, y), "<", 0)),
        facts.arithmetic({}, [(multiclass_samples.margin_expression(rule, 0, 1, x, y), "<", "-1")]),
        facts.certificate([rule], [facts.label(0, x, 1 - y)]),
    )  # fmt: skip


def refute_gloss(point: Vector, label: int, rule: ArgmaxRule) -> Refutation | None:
    """Refute when B3 counts a point at which class l is ahead of class k."""
    x, y = point, label
    lead = dot(multiclass_samples.difference(rule, 0, 1), x)
    if not multiclass_samples.confident(rule, 0, 1, x, y) or lead >= 0:
        return None
    return Refutation.of(
        r"B3 counts this point, and the rule is more confident about $l$ than about $k$, as it "
        "should be for a point of class $l$.",
        *CLASSES,
        step(
            r"$w_k\cdot x<w_l\cdot x-1$.",
            (inner(r"(w_k-w_l)\cdot x", multiclass_samples.difference(rule, 0, 1), x), "<", -1),
        ),
        facts.arithmetic({}, [("1", "<", multiclass_samples.margin_expression(rule, 0, 1, x, 1))]),
        facts.certificate([rule], [facts.label(0, x, 1)]),
    )


def refute_same_class(point: Vector, label: int, rule: ArgmaxRule) -> Refutation | None:
    """Refute when the rule is right on a point of class k: with l = k it still does not count."""
    x, y = point, label
    if y != 0 or rule.label(x) != 0:
        return None
    return Refutation.of(
        r"With $l=k$ the two logits are one and the same, so no point counts, although the rule "
        r"is right: B3 could hold with $\rho=1$ only.",
        Given("$k=l$", "class $1$"),
        step(r"$|w_k\cdot x-w_k\cdot x|=0$.",
             (told(r"|w_k\cdot x-w_k\cdot x|", abs(multiclass_samples.margin(rule, 0, 0, x, 0)),
                   "|{0}-{0}|".format(products(rule.weights[0], x)())), "<=", 1)),
        facts.arithmetic(
            {}, [(["abs", multiclass_samples.margin_expression(rule, 0, 0, x, 0)], "<=", "1")]
        ),
        facts.certificate([rule], [facts.label(0, x, 0)]),
    )  # fmt: skip


@dataclass(frozen=True)
class Rivals:
    """One point x = 1 that occurs n times as class 1 and n times as class 2, and two rules.

    Both samples are these 2n points; the class k is 0, and the rules have three classes.
    """

    size: int
    rules: tuple[ArgmaxRule, ArgmaxRule]

    @property
    def bound_squared(self) -> Fraction:
        """The largest |w|^2 of all class weights."""
        return max(square(w) for rule in self.rules for w in rule.weights)

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The class l_j for which rule j has all points of S[k, l_j] right and confident."""
        first, second = (
            [l for l in (1, 2) if multiclass_samples.confident(rule, 0, l, AT_ONE, l)]
            for rule in self.rules
        )
        return (first[0], second[0]) if first and second else None

    @property
    def margins(self) -> list[Named]:
        """The margins of both rules at the point as one of their own class, by name."""
        return [
            multiclass_samples.named_margin(
                rf"-u_{j}\cdot x\text{{ for }}l_{j}={l + 1}", rule, 0, l, AT_ONE, l
            )
            for j, (rule, l) in enumerate(zip(self.rules, self.chosen or (), strict=True), 1)
        ]

    @property
    def overlaps(self) -> tuple[int, int]:
        """The numbers of points in S[0, l] that both u_1 and u_2 get right, for l = 1 and 2."""
        first, second = (
            self.size
            * all(multiclass_samples.margin(rule, 0, l, AT_ONE, l) > 0 for rule in self.rules)
            for l in (1, 2)
        )
        return first, second

    def certificates(self) -> tuple[Certificate, ...]:
        """Certify the labels that the rules give, and the margins between the classes."""
        stated = [facts.label(j, AT_ONE, rule.label(AT_ONE)) for j, rule in enumerate(self.rules)]
        return facts.certificate(self.rules, stated), rival_margins(self)


def draw_rivals(rng: Random) -> Rivals:
    """Return a size up to 100 and two rules with weights in quarters from -1 to 1."""
    first, second = (
        through_origin([(Fraction(rng.randint(-QUARTERS, QUARTERS), QUARTERS),) for _ in range(3)])
        for _ in range(2)
    )
    return Rivals(rng.randint(1, LARGEST_SIZE), (first, second))


def rival_margins(instance: Rivals) -> Certificate:
    """Certify -u_j.x > 1 for the class l_j of rule j, and for each l some -u_j.x <= 0."""
    relations: Relations = [
        ("1", "<", multiclass_samples.margin_expression(instance.rules[j], 0, l, AT_ONE, l))
        for j, l in enumerate(instance.chosen or ())
    ]
    for l in (1, 2):
        wrong = next(
            r for r in instance.rules if multiclass_samples.margin(r, 0, l, AT_ONE, l) <= 0
        )
        relations.append((multiclass_samples.margin_expression(wrong, 0, l, AT_ONE, l), "<=", "0"))
    return facts.arithmetic({}, relations)


def refute_rivals(instance: Rivals) -> Refutation | None:
    """Refute when each rule satisfies B3 without error, for a class that is its own."""
    chosen = instance.chosen
    if chosen is None or chosen[0] == chosen[1] or any(instance.overlaps):
        return None
    return Refutation.of(
        r"Each rule satisfies B3 with $\rho=0$, the one for the second class and the other for the "
        "third; for no class do both have a single point right.",
        Given("both samples", "$x=1$ on the line, $n$ times in class $2$ and $n$ in class $3$"),
        Given("$k$", "class $1$"),
        *(named(f"l_{j}", l + 1) for j, l in enumerate(chosen, 1)),
        step("The two rules satisfy B3 for different classes.",
             (instance.margins, ">", 1),
             (named("l_1", chosen[0] + 1), "!=", named("l_2", chosen[1] + 1))),
        step("No point has both signed margins positive, for either $l$: those that have make up "
             "$S$.",
             (greatest(r"\max_l|S|", instance.overlaps), "=", 0)),
        *instance.certificates(),
    )  # fmt: skip


@dataclass(frozen=True)
class BadOutcomes:
    """Equally likely outcomes of the sampling, and for each class l those that are bad for it."""

    outcomes: int
    bad: tuple[tuple[int, ...], ...]

    @property
    def single(self) -> list[Fraction]:
        """The failure probability of each class."""
        return [Fraction(len(set(events)), self.outcomes) for events in self.bad]

    @property
    def fixed(self) -> Fraction:
        """The largest failure probability of a class that was fixed in advance."""
        return max(self.single)

    @property
    def afterwards(self) -> Fraction:
        """The failure probability when a bad class may be chosen after looking."""
        return Fraction(len({o for events in self.bad for o in events}), self.outcomes)


def draw_bad_outcomes(rng: Random) -> BadOutcomes:
    """Return up to six outcomes and up to three classes with random bad outcomes."""
    count = rng.randint(1, 6)
    bad = tuple(
        tuple(o for o in range(count) if rng.random() < 0.5) for _ in range(rng.randint(1, 3))
    )
    return BadOutcomes(count, bad)


def refute_bad_outcomes(instance: BadOutcomes) -> Refutation | None:
    """Refute when looking first fails more often than any class that is fixed in advance."""
    if instance.afterwards <= instance.fixed:
        return None
    bad = {o + 1 for events in instance.bad for o in events}
    afterwards = told(
        r"P(\text{some is bad})",
        instance.afterwards,
        rf"|\{{{','.join(map(str, sorted(bad)))}\}}|/{instance.outcomes}",
    )
    return Refutation.of(
        r"Every single class fails with a smaller probability than the class that is chosen after "
        "the outcome is known.",
        step("The union of the bad events is more likely than each of them.",
             (afterwards, ">",
              greatest(r"\max_lP(l\text{ is bad})", instance.single))),
        step(r"It is at most $K-1$ times as likely.",
             (afterwards, "<=",
              computed(r"(K-1)\max_lP(l\text{ is bad})", "k * p",
                       k=len(instance.bad), p=instance.fixed))),
        union_certificate(instance),
    )  # fmt: skip


def union_certificate(instance: BadOutcomes) -> Certificate:
    """Certify the counts from the table that says which outcome is bad for which class."""
    table = [
        [str(int(outcome in events)) for events in instance.bad]
        for outcome in range(instance.outcomes)
    ]
    union = ["+", *(["max", *row] for row in table)]
    single = [["+", *column] for column in zip(*table, strict=True)]
    return facts.arithmetic({}, [(count, "<", union) for count in single])
