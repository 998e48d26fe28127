"""What a rule that was trained on one sample does on another: shares and exact probabilities."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor

from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, dot
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.charles2019.shared.failure_probability import tail, tail_certificate
from verify.claims.charles2019.shared.independent_samples import ramp
from verify.claims.charles2019.shared.multiclass_samples import Models


@dataclass(frozen=True)
class Transfer:
    """What rule i, trained on sample i, does on sample j: shares and exact probabilities."""

    models: Models
    delta: Fraction
    own: int
    other: int

    @property
    def sizes(self) -> tuple[int, int]:
        """The sizes n_i and n_j."""
        counts = self.models.samples
        return sum(counts[self.own]), sum(counts[self.other])

    @cached_property
    def wrong(self) -> Fraction:
        """The probability that the rule is wrong between k and l."""
        return dot(self.models.law.probabilities, self.is_wrong)

    @cached_property
    def ramp_loss(self) -> Fraction:
        """The expected ramp loss of the rule."""
        return dot(self.models.law.probabilities, self.ramps)

    @property
    def is_wrong(self) -> Vector:
        """For each point of the law 1 where the rule is wrong, else 0."""
        return tuple(Fraction(m <= 0) for m in self.models.reading.margins[self.own])

    @property
    def ramps(self) -> Vector:
        """The ramp loss of the rule at each point of the law."""
        return tuple(map(ramp, self.models.reading.margins[self.own]))

    @property
    def uniform(self) -> Loss:
        """The number 4BR / sqrt(n_i) + sqrt(ln(1/delta) / (2 n_i))."""
        n = Fraction(self.sizes[0])
        return Loss((4 * self.models.norms / n,), (1 / (2 * n),), 1 / self.delta)

    @property
    def sampling(self) -> Loss:
        """The number sqrt(ln(1/delta) / (2 n_j))."""
        return Loss((), (1 / (2 * Fraction(self.sizes[1])),), 1 / self.delta)

    @property
    def total(self) -> Loss:
        """The sum of both."""
        uniform, sampling = self.uniform, self.sampling
        return Loss(uniform.roots, uniform.deviations + sampling.deviations, uniform.argument)

    @cached_property
    def unlikely(self) -> int:
        """The least number of wrong points of sample j that the deviation does not allow."""
        n, low = self.sizes[1], self.sampling.bounds()[0]
        k = floor(n * (self.wrong + low))
        while self.sampling.covers(Fraction(k, n) - self.wrong):
            k += 1
        return k

    @cached_property
    def chance(self) -> Fraction:
        """The exact probability that sample j has that many wrong points or more."""
        return tail(self.sizes[1], self.wrong, self.unlikely, at_least=True)

    @property
    def overlap(self) -> Fraction:
        """The share of sample j that both rules get right between k and l."""
        return Fraction(self.models.reading.overlaps[self.other], self.sizes[1])

    @property
    def errors(self) -> tuple[Fraction, Fraction]:
        """The shares rho_i and rho_j of points below the margin 1 under the own rule."""
        counts, (n, m) = self.models.reading.errors, self.sizes
        return Fraction(counts[self.own], n), Fraction(counts[self.other], m)

    @property
    def strays(self) -> Fraction:
        """The share of sample j at which rule i is wrong between k and l."""
        return Fraction(self.models.reading.strays[self.other], self.sizes[1])

    @property
    def own_ramp(self) -> Fraction:
        """The mean ramp loss of the rule on its own sample."""
        return self.models.reading.ramp_total(self.own, self.own) / self.sizes[0]

    def certificates(self, further: Relations) -> tuple[Certificate, ...]:
        """Certify the bound on the overlap, and that too many wrong points are unlikely.

        The first certificate has ``further`` relations as well.
        """
        n, m = self.sizes
        numbers: dict[str, Fraction | int] = {
            "own": n, "other": m, "norms": self.models.norms, "delta": self.delta,
            "rho_own": self.errors[0], "rho_other": self.errors[1], "overlap": self.overlap,
            "missing": 1 - sum(self.errors) - self.overlap,
        }  # fmt: skip
        relations: Relations = [
            ("root0", "=", ["/", ["*", "4", "norms"], "own"]),
            ("deviation0", "=", ["/", "1", ["*", "2", "own"]]),
            ("deviation1", "=", ["/", "1", ["*", "2", "other"]]),
            ("argument", "=", ["/", "1", "delta"]),
            ("1", "=", ["+", "rho_own", "rho_other", "overlap", "missing"]),
            *further,
        ]
        bound = self.total.certificate(numbers, relations, within=["missing"])
        if self.unlikely > m:
            return (bound,)
        return bound, tail_certificate(m, self.wrong, self.unlikely, self.delta, at_least=True)
