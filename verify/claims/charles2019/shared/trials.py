"""Random trials for the claims on independent samples, degenerate ones on purpose."""

from fractions import Fraction
from random import Random

from certify.numbers.rationals import vector
from verify.claims.charles2019.shared import independent_samples
from verify.claims.charles2019.shared.independent_samples import Experiment
from verify.claims.charles2019.shared.training_procedures import ORDINARY
from verify.claims.charles2019.without import offset_memorisers
from verify.drawing import laws
from verify.drawing.laws import FiniteLaw

MEMORISING, BOTH_SEEN, TINY = "memorising rules", "rules that see both samples", "tiny samples"
NEARLY = "rules that lose nearly all that they can"
CASES = (*laws.CASES, MEMORISING, BOTH_SEEN, TINY)
NORM_FACTORS = vector([1, "3/2", 2])  # B R


def draw(rng: Random, case: str) -> Experiment:
    """Return two trials of a law of the named case, with procedures that suit the case."""
    if case == NEARLY:
        return offset_memorisers.experiment(rng, rng.randint(40, 44), 200, trials=3)
    law = laws.law(rng, case if case in laws.CASES else rng.choice(laws.CASES))
    procedures = rng.choice(ORDINARY), rng.choice(ORDINARY)
    if case == MEMORISING:
        procedures = "memoriser", "memoriser"
    elif case == BOTH_SEEN:
        procedures = rng.choice(("pooled", "saboteur")), "saboteur"
    size = rng.randint(1, 4) if case == TINY else rng.randint(20, 160)
    return independent_samples.experiment(rng, law, _bound(rng, law), size, procedures, trials=2)


def draw_dependent(rng: Random) -> Experiment:
    """Return a trial whose rules are both trained on the two samples together."""
    law = laws.law(rng, rng.choice((laws.PLANTED, laws.UNIFORM, laws.ONE_LABEL, laws.BASIS)))
    size = rng.randint(20, 160)
    return independent_samples.experiment(rng, law, _bound(rng, law), size, ("pooled", "pooled"))


def _bound(rng: Random, law: FiniteLaw) -> Fraction:
    return rng.choice(NORM_FACTORS) ** 2 / law.radius_squared
