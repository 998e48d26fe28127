"""Counterexamples with two rules fixed before any sample is drawn, on laws with a few points."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random

from certify import linear_program, max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, dot
from verify.claims.charles2019.shared import failure_probability, sample_losses
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.charles2019.shared.separators import label_sum, least_margin
from verify.claims.claim import Given, Refutation, step
from verify.claims.relation import Named, computed, named, told, total
from verify.drawing.laws import FiniteLaw
from verify.objects import LabelledSet, LinearRule

LARGEST, LARGEST_SIZE = 2, 40
NONZERO = (1, -1, 2, -2)  # a point or a rule that is 0 has no margin


@dataclass(frozen=True)
class FixedRules:
    """The laws of the two samples, their common size, and a rule for each."""

    laws: tuple[FiniteLaw, FiniteLaw]
    size: int
    normals: tuple[Vector, Vector]

    @property
    def rules(self) -> list[LinearRule]:
        """Both rules as objects without offset."""
        return [LinearRule(w, Fraction(0)) for w in self.normals]

    def margins(self, law: int, rule: int) -> Vector:
        """Return the margins of one law's points under one rule."""
        return self.rules[rule].margins(self.laws[law].atoms)

    def mass(self, law: int, *least: tuple[int, Fraction | int]) -> Fraction:
        """Return the probability that each listed (rule, m) has margin > 0 and >= m."""
        chances = self.laws[law].probabilities
        return sum((chances[i] for i in self._places(law, least)), Fraction(0))

    def _places(self, law: int, least: Sequence[tuple[int, Fraction | int]]) -> list[int]:
        margins = [(self.margins(law, rule), m) for rule, m in least]
        places = range(len(self.laws[law].atoms.labels))
        return [i for i in places if all(row[i] >= m and row[i] > 0 for row, m in margins)]

    def named_mass(self, name: str, law: int, *least: tuple[int, Fraction | int]) -> Named:
        """Return the probability of :meth:`mass` by name, with the points that have it."""
        return Named(name, self.mass(law, *least), partial(self._event, law, least))

    def _event(self, law: int, least: Sequence[tuple[int, Fraction | int]]) -> str:
        points = self._places(law, least)
        if not points:
            return r"P(\emptyset)"
        event = rf"P\{{{','.join(f'x_{{{i + 1}}}' for i in points)}\}}"
        chances = total("", [self.laws[law].probabilities[i] for i in points]).formula[0]
        return f"{event}={chances}" if len(points) > 1 else event

    @property
    def norms(self) -> Fraction:
        """B^2 R^2 for the longer rule and the longest point."""
        longest = max(dot(w, w) for w in self.normals)
        return longest * max(law.radius_squared for law in self.laws)

    @property
    def labels_certificate(self) -> Certificate:
        """Certify the label of every point of both laws under both rules."""
        return facts.certificate(
            self.rules,
            [
                facts.label(k, x, rule.label(x))
                for law in self.laws
                for x in law.atoms.points
                for k, rule in enumerate(self.rules)
            ],
        )


def draw(rng: Random) -> FixedRules:
    """Return two laws on a line, the same or not, with two rules and small numbers."""
    first = _law(rng)
    second = first if rng.randrange(2) else _law(rng)
    normals = tuple((Fraction(rng.choice(NONZERO)),) for _ in range(2))
    return FixedRules((first, second), rng.randint(1, LARGEST_SIZE), (normals[0], normals[1]))


def _law(rng: Random) -> FiniteLaw:
    support = rng.randint(1, 2)
    return FiniteLaw.of(
        [[rng.choice(NONZERO)] for _ in range(support)],
        [rng.choice((1, -1)) for _ in range(support)],
        [rng.randint(1, 3) for _ in range(support)],
    )


def refute_common_law(instance: FixedRules) -> Refutation | None:
    """Refute the sharpened bound for two different laws: the overlap is too small too often.

    Each rule has margin 1 on all points of its own law, so there are no errors, and the overlap of
    sample j is binomial.
    """
    n, loss = instance.size, sample_losses.two_sample_loss(instance.size, instance.norms)
    if instance.mass(0, (0, 1)) < 1 or instance.mass(1, (1, 1)) < 1 or loss.covers(Fraction(n)):
        return None
    missing = loss.bounds()[1].__floor__() + 1
    while not loss.covers(Fraction(missing - 1)):
        missing -= 1  # the smallest whole number above the loss
    for j in range(2):
        both = instance.mass(j, (0, 0), (1, 0))
        enough = failure_probability.tail(n, both, n - missing + 1, at_least=True)
        if enough < 1 - Fraction(2, n**2):
            return _too_small(instance, both, missing, enough)
    return None


def _too_small(instance: FixedRules, both: Fraction, missing: int, enough: Fraction) -> Refutation:
    n = instance.size
    loss = sample_losses.two_sample_loss(n, instance.norms)
    numbers: dict[str, Fraction | int] = {
        "size": n, "norms": instance.norms, "missing": missing, "enough": enough,
    }  # fmt: skip
    relations: Relations = [
        *sample_losses.shape(sample_losses.TWO_SAMPLE),
        ("missing", "<=", "size"),
        ("enough", "<", ["-", "1", ["/", "2", ["^", "size", "2"]]]),
    ]
    return Refutation.of(
        f"Both rules are perfect on their own law, and fewer than {n - missing + 1} of the {n} "
        "points of one sample are right under both, too often.",
        step("Each rule has margin at least 1 on all of its own law.",
             (_confident(instance, 0), "=", 1), (_confident(instance, 1), "=", 1)),
        step(f"An overlap of {n - missing} points is below the bound.",
             (named(r"\text{missing}", missing), ">",
              loss.above(r"\text{loss}", [Fraction(missing)]))),
        step("A larger overlap has a probability that is too small.",
             (failure_probability.named_tail(r"P(\text{larger})", n, both, n - missing + 1,
                                             at_least=True), "<",
              computed("1-2/n^2", "1 - 2 / n**2", n=n))),
        instance.labels_certificate,
        failure_probability.tail_certificate(n, both, n - missing + 1, enough, at_least=True),
        loss.certificate(numbers, relations, beyond=["missing"]),
    )  # fmt: skip


def refute_uniform_bound(instance: FixedRules, confidence: Fraction) -> Refutation | None:
    """Refute the uniform bound with ``confidence`` = delta for the first rule on two laws.

    The rule has no ramp loss on the first sample; on the second it loses 1 on every point that it
    gets wrong, so L' - L is at least a binomial share.
    """
    n = instance.size
    wrong = 1 - instance.mass(1, (0, 0))
    norms = dot(instance.normals[0], instance.normals[0]) * max(
        law.radius_squared for law in instance.laws
    )
    loss = Loss((4 * norms * n,), (Fraction(n),), 1 / confidence)
    if instance.mass(0, (0, 1)) < 1 or loss.covers(Fraction(n)):
        return None
    least = loss.bounds()[1].__floor__() + 1
    while not loss.covers(Fraction(least - 1)):
        least -= 1  # the smallest number of wrong points that exceeds the bound
    fine = failure_probability.tail(n, wrong, least - 1, at_least=False)
    if fine >= 1 - confidence:
        return None
    return Refutation.of(
        f"The rule loses nothing on its own law, and at least {least} of {n} points of the other "
        "sample are wrong too often, more than the bound allows.",
        named("B^2R^2", norms),
        named(r"\delta", confidence),
        Given("$n$ times the bound", r"$2BR\sqrt n+\sqrt{n\ln(1/\delta)}$"),
        step("Margin at least $1$ on the first law: $L=0$.", (_confident(instance, 0), "=", 1)),
        step("That many wrong points of the second sample, at each of which $L'$ counts $1$, "
             "exceed $n$ times the bound (a rational above it).",
             (named(r"\text{wrong}", least), ">",
              loss.above(r"n\cdot\text{bound}", [Fraction(least)]))),
        step("Fewer are too rare.",
             (failure_probability.named_tail(r"P(\text{fewer})", n, wrong, least - 1,
                                             at_least=False), "<",
              computed(r"1-\delta", "1 - d", d=confidence))),
        instance.labels_certificate,
        failure_probability.tail_certificate(n, wrong, least - 1, fine, at_least=False),
        loss.certificate(
            {"size": n, "norms": norms, "least": least, "fine": fine},
            [
                ("root0", "=", ["*", "4", ["*", "norms", "size"]]),
                ("deviation0", "=", "size"),
                ("fine", "<", ["-", "1", ["/", "1", "argument"]]),
            ],
            beyond=["least"],
        ),
    )  # fmt: skip


def refute_nonempty(instance: FixedRules) -> Refutation | None:
    """Refute that a set S with a max-margin rule always exists: no point is right under both rules.

    With rho = 1 - 1/n the margin assumption only asks for one confident point in each sample.
    """
    first, second = instance.laws
    n, confident = instance.size, (instance.mass(0, (0, 1)), instance.mass(1, (1, 1)))
    missed = sum(((1 - p) ** n for p in confident), Fraction(0))
    allowed = Fraction(4, n**2)
    if first != second or instance.mass(0, (0, 0), (1, 0)) or not 1 - missed > allowed:
        return None
    numbers: dict[str, Fraction | int] = {"size": n, "first": confident[0], "second": confident[1]}
    powers = [["^", ["-", "1", name], "size"] for name in ("first", "second")]
    return Refutation.of(
        "No point is right under both rules, so $S$ is empty and has no max-margin rule, although "
        r"both samples satisfy the assumptions with $\rho=1-1/n$.",
        *(instance.named_mass(f"p_{j + 1}", j, (j, 1)) for j in range(2)),
        Given("$p_j$", "the probability that a point has margin at least $1$ under rule $j$"),
        step("No point of the law is right under both rules.",
             (_common(instance), "=", 0)),
        step("Sample $j$ has no point with margin at least $1$ under rule $j$ with probability "
             r"$(1-p_j)^n$. So both samples have one, which is A3 for $\rho=1-1/n$, at least as "
             "often as the left side says, while $S$ may be missing at most as often as the right "
             "side says.",
             (computed("1-(1-p_1)^n-(1-p_2)^n", "1 - (1 - p)**n - (1 - q)**n",
                       p=confident[0], q=confident[1], n=n), ">",
              computed("4/n^2", "4 / n**2", n=n))),
        instance.labels_certificate,
        facts.arithmetic(
            numbers,
            [(["/", "4", ["^", "size", "2"]], "<", ["-", "1", ["+", *powers]])],
        ),
    )  # fmt: skip


def draw_points(rng: Random) -> LabelledSet:
    """Return a few points of the plane or the line with any labels."""
    d, size = rng.randint(1, 2), rng.randint(1, 3)
    return LabelledSet.of(
        [[rng.randint(-LARGEST, LARGEST) for _ in range(d)] for _ in range(size)],
        [rng.choice((1, -1)) for _ in range(size)],
    )


def refute_offset(data: LabelledSet) -> Refutation | None:
    """Refute that a max-margin rule with offset exists: the margin of rules (w, b) is unbounded.

    The linear program maximises t subject to y_i (w.x_i + b) >= t and |w_k| <= 1/d, which keeps w
    in the unit ball.
    """
    d = data.dimension
    if not max_margin(data.points, data.labels, bias=False).separable:
        return None
    rows = [[*(-y * c for c in x), Fraction(-y), Fraction(1)] for x, y in data.pairs]
    bounds = [Fraction(0)] * len(rows)
    for k in range(d):
        for sign in (1, -1):
            rows.append([Fraction(sign * (i == k)) for i in range(d + 2)])
            bounds.append(Fraction(1, d))
    objective = [*[0] * (d + 1), 1]
    answer = linear_program(objective, (rows, bounds), maximize=True)
    if answer.status != "unbounded" or answer.ray is None:
        return None
    ray = LinearRule(answer.ray[:d], answer.ray[d])
    return Refutation.of(
        "Some rule through the origin is right on the points, but with an offset there are rules "
        r"of every margin with $|w|\leq1$, so none has the largest.",
        Given("ray", ray), named("n", len(data.labels)),
        step("All points have the same label.",
             (label_sum(r"|\sum_iy_i|", data.labels), "=",
              named("n", len(data.labels)))),
        step("The margin grows without end along a ray of rules: by this much for each unit of it.",
             (least_margin(r"\Delta\min_im_i", ray, data), ">", 0)),
        answer.certificate,
    )  # fmt: skip


def _confident(instance: FixedRules, j: int) -> Named:
    return instance.named_mass(rf"P_{j + 1}(y\,w_{j + 1}\cdot x\geq1)", j, (j, 1))


def _common(instance: FixedRules) -> Named:
    return instance.named_mass(r"P(y\,w_1\cdot x>0,\ y\,w_2\cdot x>0)", 0, (0, 0), (1, 0))


def refute_fractions(instance: FixedRules) -> Refutation | None:
    """Refute that two rules, each right on a fraction of the law, have any common right point.

    Each own sample has at least half of the expected right points more often than not.
    """
    first, second = instance.laws
    right = [instance.mass(j, (j, 0)) for j in range(2)]
    if first != second or not all(right) or instance.mass(0, (0, 0), (1, 0)):
        return None
    n = instance.size
    least = [-((-p * n) // 2) for p in right]  # half of the mean, rounded up
    short = [
        failure_probability.tail(n, p, k - 1, at_least=False)
        for p, k in zip(right, least, strict=True)
    ]
    if not sum(short) < Fraction(1, 2):
        return None
    return Refutation.of(
        f"With probability above 1/2 the rules are right on at least {least[0]} and {least[1]} of "
        f"their own {n} points, and no point of the law is right under both.",
        step("Each rule is right on a fraction of the law.",
             ([instance.named_mass(r"P(y\,w_#\cdot x>0)", j, (j, 0)) for j in range(2)], ">", 0)),
        step("No point is right under both.", (_common(instance), "=", 0)),
        step(f"Samples with fewer than {least[0]} and {least[1]} points right under their own "
             "rule, half of what is expected, are too rare.",
             (told(r"P(\text{fewer in sample }1)+P(\text{fewer in sample }2)", sum(short),
                   "+".join(failure_probability.tail_sum(n, p, k - 1, False)
                            for p, k in zip(right, least, strict=True))), "<", Fraction(1, 2))),
        instance.labels_certificate,
        *(
            failure_probability.tail_certificate(n, p, k - 1, bound, at_least=False)
            for p, k, bound in zip(right, least, short, strict=True)
        ),
        facts.arithmetic(
            {"first": short[0], "second": short[1]},
            [(["+", "first", "second"], "<", "1/2")],
        ),
    )  # fmt: skip
