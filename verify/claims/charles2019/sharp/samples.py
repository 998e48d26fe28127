"""The exact words on sizes of samples, decided on drawn sizes and on rules that remember."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.errors import InputError
from certify.numbers.rationals import vector
from verify.claims.charles2019.shared import sample_losses
from verify.claims.charles2019.shared.enclosures import Loss, Relations, log_bounds
from verify.claims.charles2019.shared.independent_samples import Reading
from verify.claims.charles2019.shared.sample_losses import TWO_SAMPLE, two_sample_loss
from verify.claims.charles2019.without import offset_memorisers
from verify.claims.charles2019.without.offset_memorisers import Remembered
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, Step, step
from verify.claims.relation import greatest, named

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
ENOUGH, TOO_FEW = "from the smallest size on", "below the smallest size"
FEW = "one to five points"
MOST, NOT_MOST = "rho below one quarter", "rho from one quarter on"
SLOPES = vector(["1/2", "2/3", "3/4"])


def draw(rng: Random, case: str) -> tuple[Fraction, Fraction, int, Remembered]:
    """Return a size from the smallest on for which the bound is positive, or below it.

    From 3 to 4 points the better first term becomes the smaller one.
    """
    norms, rho = Fraction(rng.randint(2, 8), 2) ** 2, Fraction(rng.randint(0, 4), 10)
    least = sample_losses.smallest_positive_size(rho, norms, TWO_SAMPLE)
    size = rng.randint(1, least - 1) if case == TOO_FEW else least + rng.choice((0, 1, least))
    size = rng.randint(1, 5) if case == FEW else size
    remembered = rng.randint(1, 8), rng.randint(2, 12), rng.choice(SLOPES)
    return norms, rho, size, offset_memorisers.draw_remembered(rng, *remembered)


def decide(norms: Fraction, rho: Fraction, size: int, memory: Remembered) -> Proof:
    """Compare signs of the bound with a size found by bisection, and S with the shared atoms."""
    n = size
    if n < 1 or norms < 1 or not 0 <= rho < HALF:
        expected = "n and BR of at least 1, and rho from 0 to below 1/2"
        raise InputError("sizes", expected=expected, got=f"n={n}, (BR)^2={norms}, rho={rho}")
    value, rest = (1 - 2 * rho) * n, 1 - offset_memorisers.central(n)
    usual = two_sample_loss(n, norms)
    losses = ((usual, None), (offset_memorisers.balanced_loss(n, norms),
                              offset_memorisers.balanced_loss))  # fmt: skip
    numbers: dict[str, Fraction | int] = {"size": n, "norms": norms, "value": value}
    side = "within" if usual.covers(value) else "beyond"
    bound = usual.certificate(numbers, sample_losses.shape(TWO_SAMPLE), **{side: ["value"]})
    reading = Reading(memory.law.atoms, memory.trial())
    labels = [
        facts.label(k, x, rule.label(x))
        for k, rule in enumerate(reading.rules)
        for i, x in enumerate(reading.atoms.points)
        if any(i in sample for sample in memory.samples)
    ]
    return Proof.of(
        step(r"The bound, with either first term, is positive exactly from the size that bisection "
             "finds (1 for yes, 0 for no).",
             *((int(not loss.covers(value)), "=",
                int(n >= sample_losses.smallest_positive_size(rho, norms, TWO_SAMPLE, of)))
               for loss, of in losses)),
        step(r"$\sqrt2/(1-p_n)<2$ exactly for $n\geq4$.", (int(4 * rest**2 > 2), "=", int(n >= 4))),
        *remembering(memory),
        bound, facts.certificate(reading.rules, labels),
    )  # fmt: skip


def remembering(memory: Remembered) -> tuple[Step, ...]:
    """Return what the rules that remember do on their samples: counted, and by the two lists."""
    reading, shared = Reading(memory.law.atoms, memory.trial()), memory.shared
    return (
        step("Rules that remember have no errors, and their norm is the one stated.",
             ([*reading.errors], "=", 0),
             *((sum((c * c for c in w), Fraction(0)), "=", memory.norm_squared)
               for w in reading.trial.normals)),
        step("They are both right exactly on the points that both samples contain.",
             (tuple(map(Fraction, reading.common)), "=", tuple(map(Fraction, sorted(shared)))),
             *((count, "=", sum(i in shared for i in sample))
               for count, sample in zip(reading.overlaps, memory.samples, strict=True))),
    )  # fmt: skip


POSITIVE = SharpForm(
    (ENOUGH, TOO_FEW, FEW),
    draw,
    decide,
    offset_memorisers.overstated(
        "The factor 2 cannot be replaced by 1: rules that remember two disjoint samples."
    ),
)
MULTICLASS = SharpForm(
    (ENOUGH, TOO_FEW, FEW),
    draw,
    decide,
    offset_memorisers.overstated(
        r"The factor 4 cannot be replaced by 2: differences $u_1$ and $u_2$ that remember two "
        "disjoint samples, for which $2B$ is their norm."
    ),
)


@dataclass(frozen=True)
class Share:
    """A fraction rho < 1/2 of errors, B^2 R^2 >= 1, and a size."""

    rho: Fraction
    norms: Fraction
    size: int

    @property
    def loss(self) -> Loss:
        """What the bound of Theorem 7 loses."""
        return two_sample_loss(self.size, self.norms)


def draw_share(rng: Random, case: str) -> Share:
    """Return rho on one side of 1/4; below it the size is large enough for the bound."""
    norms = Fraction(rng.randint(1, 16))
    if case == NOT_MOST:
        return Share(Fraction(rng.randint(10, 19), 40), norms, rng.randint(1, 10**6))
    rho = Fraction(rng.randint(0, 9), 40)
    size = sample_losses.smallest_linear_size(HALF - 2 * rho, norms)
    return Share(rho, norms, size + rng.choice((1, size, 10 * size)))


def decide_share(instance: Share) -> Proof:
    """Compare the guarantee with n / 2, with kappa n, and with 0 where rho tends to 1/2."""
    n, rho, loss = instance.size, instance.rho, instance.loss
    value, middle = (1 - 2 * rho) * n, (HALF - 2 * rho) * n
    root = 2 + n % 50
    near = two_sample_loss(root**2, instance.norms)
    numbers: dict[str, Fraction | int] = {
        "size": n, "norms": instance.norms, "rho": rho, "whole": value, "middle": middle,
    }  # fmt: skip
    side = "within" if loss.covers(middle) else "beyond"
    relations = [
        *sample_losses.shape(TWO_SAMPLE),
        ("whole", "=", ["*", ["-", "1", ["*", "2", "rho"]], "size"]),
        ("middle", "=", ["-", "whole", ["/", "size", "2"]]),
    ]
    squares = near.certificate(
        {"size": root**2, "norms": instance.norms, "value": 2 * root},
        [*sample_losses.shape(TWO_SAMPLE), (["^", "value", "2"], "=", ["*", "4", "size"])],
        within=["value"],
    )
    return Proof.of(
        step(r"$(1-2\rho)n$ minus the loss exceeds $n/2$ at sizes that are large enough exactly "
             r"for $\rho<1/4$, and at none otherwise (1 for yes, 0 for no).",
             (int(not loss.covers(middle)), "=", int(rho < QUARTER))),
        step(r"With $\rho=1/2-n^{-1/2}$ it is negative, for squares $n\geq4$ and $BR\geq1$.",
             (2 * root, "<", near.decisive_bounds([Fraction(2 * root)])[0])),
        loss.certificate(numbers, relations, **{side: ["middle"]}), squares,
    )  # fmt: skip


def draw_threshold(rng: Random) -> Share:
    """Return rho, B R and a size with nothing planted."""
    return Share(Fraction(rng.randint(0, 9), 20), Fraction(rng.randint(1, 9)), rng.randint(1, 4000))


def refute_needed(instance: Share) -> Refutation | None:
    """Refute that the loss is at most kappa n only where both sufficient conditions hold."""
    n, share, loss = instance.size, HALF - instance.rho, instance.loss
    value = share * n
    low = log_bounds(Fraction(n))[0]
    first, second = 8 * low > share**2 * n, 16 * instance.norms > share**2 * n
    if loss.covers(value) or not (first or second):
        return None
    broken = ["*", "8", "log_below"] if first else ["*", "16", "norms"]
    numbers: dict[str, Fraction | int] = {
        "size": n, "norms": instance.norms, "share": share, "value": value
    }  # fmt: skip
    relations: Relations = [
        *sample_losses.shape(TWO_SAMPLE),
        ("value", "=", ["*", "share", "size"]),
        (["*", ["^", "share", "2"], "size"], "<", broken),
    ]
    return Refutation.of(
        r"A condition fails, and $\kappa n$ points are guaranteed all the same.",
        step(r"$8\,\ln n$ or $16B^2R^2$ exceeds $\kappa^2n$ (a rational below the logarithm).",
             (greatest(r"\max(8\ln n,16B^2R^2)", (8 * low, 16 * instance.norms)), ">",
              named(r"\kappa^2n", share**2 * n))),
        step(r"The loss is below $\kappa n$ (a rational above it).",
             (loss.above(r"\text{loss}", [value]), "<",
              named(r"\kappa n", value))),
        loss.certificate(numbers, relations, beyond=["value"]),
    )  # fmt: skip


SHARES = SharpForm((MOST, NOT_MOST), draw_share, decide_share, Counterexample(
    r"The two conditions suffice and are not needed for $\kappa n$ points.",
    Share(Fraction(0), Fraction(4), 212), refute_needed, draw_threshold,
))  # fmt: skip
