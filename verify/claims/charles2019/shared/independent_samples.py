"""What the claims on independent samples share: drawn samples, trained rules, and their counts.

A sample is a list of n independent draws from a law; only how often each point occurs matters, so
it is kept as counts. For two samples and two rules w_1, w_2 through the origin the quantities are
the number of errors n rho_j (points of sample j with y w_j.x < 1), the set S of drawn points that
are strictly right under both rules, and the number of points of S in each sample.

What is proved for one draw holds with certainty. That a draw is favourable has a probability, for
which no single draw can carry a certificate: see :func:`overlap_steps`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from random import Random

from certify import certificates, max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Vector, combine, dot, text
from verify.claims.charles2019.shared import sample_losses, training_procedures
from verify.claims.charles2019.shared.enclosures import Expression, Loss, Relations
from verify.claims.charles2019.shared.separators import signed_sum
from verify.claims.claim import Step, step
from verify.claims.relation import Named, computed, inner, least, named, products, total
from verify.drawing import laws
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import LabelledSet, LinearRule


@dataclass(frozen=True)
class Trial:
    """Two samples of equal size as counts of the law's atoms, and the rule trained on each."""

    samples: tuple[Counts, Counts]
    normals: tuple[Vector, Vector]


@dataclass(frozen=True)
class Experiment:
    """A law, a bound B^2 on |w|^2 fixed in advance, and independent trials."""

    law: FiniteLaw
    bound_squared: Fraction
    trials: tuple[Trial, ...]

    @property
    def size(self) -> int:
        """The number n of draws in each sample."""
        return sum(self.trials[0].samples[0])

    @property
    def norms(self) -> Fraction:
        """The number B^2 R^2."""
        return self.bound_squared * self.law.radius_squared

    @property
    def readings(self) -> "list[Reading]":
        """Every trial with what is counted on it."""
        return [Reading(self.law.atoms, trial) for trial in self.trials]


def experiment(
    rng: Random,
    law: FiniteLaw,
    bound_squared: Fraction,
    size: int,
    procedures: tuple[str, str],
    trials: int = 1,
) -> Experiment:
    """Draw independent samples and train one rule on each, by name of procedure."""

    def trial() -> Trial:
        first, second = law.sample(rng, size), law.sample(rng, size)
        return Trial(
            (first, second),
            (
                training_procedures.train(procedures[0], law.atoms, first, second, bound_squared),
                training_procedures.train(procedures[1], law.atoms, second, first, bound_squared),
            ),
        )

    return Experiment(law, bound_squared, tuple(trial() for _ in range(trials)))


@dataclass(frozen=True)
class Reading:
    """One trial over the atoms of its law, with everything that is counted on it."""

    atoms: LabelledSet
    trial: Trial

    @cached_property
    def margins(self) -> tuple[Vector, Vector]:
        """The margins y w_j.x of all atoms under both rules."""
        first, second = (LinearRule(w, Fraction(0)).margins(self.atoms) for w in self.trial.normals)
        return first, second

    @cached_property
    def errors(self) -> tuple[int, int]:
        """The numbers n rho_j of points of sample j whose margin under rule j is below 1."""
        first, second = (
            sum(n for n, m in zip(sample, margins, strict=True) if m < 1)
            for sample, margins in zip(self.trial.samples, self.margins, strict=True)
        )
        return first, second

    @cached_property
    def common(self) -> tuple[int, ...]:
        """The atoms in S: drawn in one of the samples and strictly right under both rules."""
        first, second = self.trial.samples
        return tuple(
            i
            for i, pair in enumerate(zip(*self.margins, strict=True))
            if min(pair) > 0 and first[i] + second[i]
        )

    @cached_property
    def overlaps(self) -> tuple[int, int]:
        """The numbers of points of S in sample 1 and in sample 2, with repetitions."""
        first, second = (sum(sample[i] for i in self.common) for sample in self.trial.samples)
        return first, second

    @cached_property
    def strays(self) -> tuple[int, int]:
        """The number of points of each sample with y w.x <= 0 under the *other* rule."""
        return (self._wrong(0, 1), self._wrong(1, 0))

    def _wrong(self, sample: int, rule: int) -> int:
        pairs = zip(self.trial.samples[sample], self.margins[rule], strict=True)
        return sum(n for n, m in pairs if m <= 0)

    def ramp_total(self, sample: int, rule: int) -> Fraction:
        """Return the sum of ramp(y w.x) = min(1, max(0, 1 - y w.x)) over one sample."""
        pairs = zip(self.trial.samples[sample], self.margins[rule], strict=True)
        return sum((n * ramp(m) for n, m in pairs), Fraction(0))

    @cached_property
    def gaps(self) -> tuple[Fraction, Fraction]:
        """How much more ramp loss each sample gives the other rule than that rule's own sample."""
        return (
            self.ramp_total(0, 1) - self.ramp_total(1, 1),
            self.ramp_total(1, 0) - self.ramp_total(0, 0),
        )

    @property
    def data(self) -> LabelledSet:
        """The distinct points of S; raises InputError when there are none."""
        return laws.seen(self.atoms, self.common)

    @property
    def rules(self) -> list[LinearRule]:
        """Both rules as objects without offset."""
        return [LinearRule(w, Fraction(0)) for w in self.trial.normals]

    @cached_property
    def direction(self) -> tuple[Vector, Vector, Certificate]:
        """The point u of conv{y_i x_i : S} nearest to 0, its convex weights, and its certificate.

        It is the max-margin direction of S among the rules through the origin, which exists
        because both rules of the trial are strictly right on S.
        """
        answer = max_margin(self.data.points, self.data.labels, bias=False)
        if not isinstance(answer, MaxMargin):  # both rules separate S, so this cannot happen
            raise InputError("data", expected="points that a rule gets right", got="others")
        scale = answer.margin_squared
        weights = tuple(scale * a for a in answer.multipliers)
        return combine((scale, answer.w)), weights, answer.certificate


def ramp(t: Fraction) -> Fraction:
    """Return min(1, max(0, 1 - t)), which lies between the indicators of t <= 0 and of t < 1."""
    return min(Fraction(1), max(Fraction(0), 1 - t))


def fails(reading: Reading, size: int, loss: Loss) -> bool:
    """Return whether the set S is smaller than n - errors - loss in one of the samples."""
    return any(
        not loss.covers(Fraction(size - sum(reading.errors) - overlap))
        for overlap in reading.overlaps
    )


def overlap_steps(readings: Sequence[Reading], size: int, loss: Loss) -> tuple[Step, ...]:
    """Return the proof that S is large, on given trials.

    The first steps hold on every draw. The last one says on which samples the event happened whose
    probability the theorem bounds, and on which it did not: such draws are exceptions, not errors.
    """
    both = [(r, j) for r in readings for j in (0, 1)]
    missing = [Fraction(size - sum(r.errors) - r.overlaps[j]) for r, j in both]
    decided = [*missing, *(r.gaps[j] for r, j in both)]
    low = loss.decisive_bounds(decided)[0]
    usual = [(r, j) for r, j in both if favourable(r.gaps[j], loss)]
    return (
        step(r"A point of sample $j$ is outside $S$ only if its margin under the own rule is below "
             r"$1$ or it is wrong under the other rule: $|S\cap S^{(j)}|\geq n-n\rho_j-"
             r"\#\{y\,w\cdot x\leq0\}$.",
             *((named_overlap(r, j), ">=", computed(
                 rf"n-n\rho_{j + 1}-\text{{wrong}}_{j + 1}", "n - e - s",
                 n=size, e=r.errors[j], s=r.strays[j])) for r, j in both)),
        step(r"The wrong ones are at most the ramp loss of the other rule on this sample.",
             *((_counted(rf"\text{{wrong}}_{j + 1}", r.strays[j], r, j,
                         [m <= 0 for m in r.margins[1 - j]]), "<=",
                named_ramp(r, j, 1 - j)) for r, j in both)),
        step(r"On its own sample a rule has ramp loss at most $n\rho$.",
             *((named_ramp(r, j, j), "<=",
                 _counted(rf"n\rho_{j + 1}", r.errors[j], r, j, [m < 1 for m in r.margins[j]]))
               for r, j in both)),
        step(r"So $|S\cap S^{(j)}|\geq(1-\rho_1-\rho_2)n$ minus the difference $\Delta_j$ of the "
             "two losses, that of the other rule on this sample and on its own.",
             *((named_overlap(r, j), ">=", computed(
                 rf"n-n\rho_1-n\rho_2-\Delta_{j + 1}", "n - e - f - g",
                 n=size, e=r.errors[0], f=r.errors[1], g=r.gaps[j])) for r, j in both)),
        step(f"In {len(usual)} of {len(both)} samples the difference does not exceed the allowed "
             r"loss: the event whose probability the theorem bounds. There "
             r"$|S\cap S^{(j)}|\geq(1-\rho_1-\rho_2)n$ minus the loss; the others are exceptional "
             "draws. (Rationals just below and above the loss stand for it.)",
             ([named_gap(r, j) for r, j in usual], "<=", loss.below(r"\text{loss}", decided)),
             *((named_overlap(r, j), ">=", computed(
                 r"n-n\rho_1-n\rho_2-\text{loss}", "n - e - f - l",
                 n=size, e=r.errors[0], f=r.errors[1], l=low))
               for r, j in usual),
             ([named_gap(r, j) for r, j in both if (r, j) not in usual], ">",
              loss.above(r"\text{loss}", decided))),
    )  # fmt: skip


def named_errors(name: str, reading: Reading, j: int) -> Named:
    """Return the errors of sample j under its own rule, by name: all points less the others."""
    fine = [m >= 1 for m in reading.margins[j]]
    drawn = reading.trial.samples[j]
    return Named(name, reading.errors[j], partial(_less, drawn, fine))


def _less(drawn: Sequence[int], fine: Sequence[bool]) -> str:
    others = [n for n, right in zip(drawn, fine, strict=True) if right and n]
    kept = total("", others).formula[0]
    return f"{sum(drawn)}-{f'({kept})' if len(others) > 1 else kept}"


def named_overlap(reading: Reading, j: int) -> Named:
    """Return how many points of sample j are in S, by name."""
    common = [i in reading.common for i in range(len(reading.atoms.points))]
    return _counted(rf"|S\cap S^{{({j + 1})}}|", reading.overlaps[j], reading, j, common)


def _counted(name: str, count: int, reading: Reading, j: int, chosen: Sequence[bool]) -> Named:
    """Return by name how many points of sample j are copies of the chosen atoms, with how many."""
    pairs = zip(reading.trial.samples[j], chosen, strict=True)
    return Named(name, count, total(name, [n for n, taken in pairs if n and taken]).numbers)


def named_ramp(reading: Reading, sample: int, rule: int) -> Named:
    """Return the ramp loss of a rule on a sample, by name."""
    name = rf"\text{{ramp loss of }}h_{rule + 1}\text{{ on }}S^{{({sample + 1})}}"
    pairs = zip(reading.trial.samples[sample], reading.margins[rule], strict=True)
    drawn = [(n, ramp(m)) for n, m in pairs if n]
    numbers = products([n for n, _ in drawn], [loss for _, loss in drawn])
    return Named(name, reading.ramp_total(sample, rule), numbers)


def named_gap(reading: Reading, j: int) -> Named:
    """Return how much more ramp loss sample j gives the other rule than its own one, by name."""
    return computed(rf"\Delta_{j + 1}", "a - b", a=reading.ramp_total(j, 1 - j),
                    b=reading.ramp_total(1 - j, 1 - j))  # fmt: skip


def favourable(gap: Fraction, loss: Loss) -> bool:
    """Return whether the difference of two ramp losses is at most the allowed loss."""
    return loss.covers(gap)


def direction_steps(readings: Sequence[Reading], w: str = "w", u: str = "u") -> tuple[Step, ...]:
    """Return the proof that one direction turns both rules at every point of S.

    ``w`` is the letter of the rules' normals and ``u`` that of the direction.
    """
    found = [(r, *r.direction[:2]) for r in readings if r.common]
    return (
        step(rf"The nearest point to $0$ is ${u}=\sum\mu_iy_ix_i$ with convex weights.",
             *((signed_sum(r"\sum\mu_iy_ix_i", r.data, weights), "=", named(u, nearest))
               for r, nearest, weights in found),
             ([total(r"\sum\mu_i", weights) for _, _, weights in found], "=", 1),
             ([least(r"\min_i\mu_i", weights) for _, _, weights in found], ">=", 0)),
        step(rf"Both rules are strictly right on $S$, so ${w}\cdot {u}=\sum\mu_iy_i{w}\cdot x_i>0$ "
             rf"and $y\,{w}\cdot x$ falls along $-y{u}$.",
             *((inner(rf"{w}_{k}\cdot {u}", rule.normal, nearest), "=",
                inner(rf"\sum\mu_iy_i{w}_{k}\cdot x_i", weights, rule.margins(r.data)))
               for r, nearest, weights in found for k, rule in enumerate(r.rules, 1)),
             ([inner(rf"{w}_{k}\cdot {u}", rule.normal, nearest)
               for r, nearest, _ in found for k, rule in enumerate(r.rules, 1)], ">", 0)),
    )  # fmt: skip


def direction_certificates(reading: Reading) -> tuple[Certificate, ...]:
    """Certify u as the max-margin direction of S and that every rule right on S turns along it.

    The last certificate names the two rules of the trial and a step for each point of S.
    """
    if not reading.common:
        return ()
    data, (u, weights, largest) = reading.data, reading.direction
    balance = dot(weights, data.labels)
    stated = [facts.accurate(k) for k in range(2)]
    for k, rule in enumerate(reading.rules):
        for x, y, margin in zip(data.points, data.labels, rule.margins(data), strict=True):
            beyond = margin / dot(rule.normal, u) + 1
            stated.append(facts.changes(k, x, combine((-y, u)), beyond))
    return (
        largest,
        certificates.every_separator(data, u, balance, weights),
        data.certificate(reading.rules, stated),
    )


def _counting(reading: Reading, t: int) -> tuple[dict[str, Fraction | int], Relations]:
    """Return the samples and rules of trial t as numbers, and how errors and S follow from them."""
    atoms, samples = reading.atoms, reading.trial.samples
    drawn = [i for i, pair in enumerate(zip(*samples, strict=True)) if any(pair)]
    numbers: dict[str, Fraction | int] = {
        f"w{t}_{k + 1}_{c}": x for k, w in enumerate(reading.trial.normals) for c, x in enumerate(w)
    }
    numbers |= {f"n{t}_{j + 1}_{i}": samples[j][i] for j in (0, 1) for i in drawn}
    relations: Relations = []
    for k, w in enumerate(reading.trial.normals):
        squares = ["+", *(["^", f"w{t}_{k + 1}_{c}", "2"] for c in range(len(w)))]
        longest = max(dot(atoms.points[i], atoms.points[i]) for i in drawn)
        relations.append((["*", squares, text(longest)], "<=", "norms"))

    def margin(k: int, i: int) -> Expression:
        terms = [["*", f"w{t}_{k + 1}_{c}", text(x)] for c, x in enumerate(atoms.points[i]) if x]
        return ["*", str(atoms.labels[i]), ["+", "0", *terms]]

    def drawn_from(j: int, chosen: Sequence[int]) -> Expression:
        return ["+", "0", *(f"n{t}_{j + 1}_{i}" for i in chosen)]

    for j in (0, 1):
        wrong = [i for i in drawn if reading.margins[j][i] < 1]
        relations += [
            (margin(j, i), "<", "1") if i in wrong else ("1", "<=", margin(j, i))
            for i in drawn if samples[j][i]
        ]  # fmt: skip
        relations += [
            ("size", "=", drawn_from(j, drawn)),
            (f"errors{t}_{j + 1}", "=", drawn_from(j, wrong)),
            (f"overlap{t}_{j + 1}", "=", drawn_from(j, [i for i in drawn if i in reading.common])),
        ]
    for i in drawn:
        if i in reading.common:
            relations += [("0", "<", margin(k, i)) for k in (0, 1)]
        else:
            k = min((0, 1), key=lambda k: reading.margins[k][i])
            relations.append((margin(k, i), "<=", "0"))
    return numbers, relations


def overlap_certificate(
    readings: Sequence[Reading], size: int, norms: Fraction, loss: Loss
) -> Certificate:
    """Certify on which samples |S cap S^(j)| >= n - errors - loss, from the points and the rules.

    Exceptional draws are certified as what they are: smaller. How often each point was drawn is
    stated, and the errors and the points of S are counted from the margins. ``loss`` is
    :func:`sample_losses.two_sample_loss` of n, and ``norms`` is B^2 R^2.
    """
    numbers: dict[str, Fraction | int] = {"size": size, "norms": norms}
    relations: Relations = sample_losses.shape(sample_losses.TWO_SAMPLE)
    within: list[str] = []
    beyond: list[str] = []
    for t, reading in enumerate(readings):
        counted, found = _counting(reading, t)
        numbers |= counted
        relations += found
        for j in (0, 1):
            name = f"missing{t}_{j + 1}"
            numbers[f"errors{t}_{j + 1}"] = reading.errors[j]
            numbers[f"overlap{t}_{j + 1}"] = reading.overlaps[j]
            missing = Fraction(size - sum(reading.errors) - reading.overlaps[j])
            numbers[name] = missing
            terms = ["+", f"errors{t}_1", f"errors{t}_2", f"overlap{t}_{j + 1}", name]
            relations.append(("size", "=", terms))
            (within if loss.covers(missing) else beyond).append(name)
    return loss.certificate(numbers, relations, within, beyond)
