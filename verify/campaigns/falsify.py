"""Search for a smallest exact counterexample to a claim with one hypothesis dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from certify.errors import InputError, unknown
from verify.claims.claim import AS_PRINTED, OVERSTATED, Claim, Counterexample, Refutation
from verify.claims.evaluation import evaluate_sharp
from verify.evidence.decision import graded
from verify.evidence.grades import Grade

TRIES = 20_000
SHARP_TRIES = 2_000  # of instances on which a sharp form is decided, which costs more
SHARP_FORM = "sharp form"


@dataclass(frozen=True)
class Search:
    """The outcome of a search: what was found, if anything, and how many instances were tried."""

    claim: str
    dropped: str
    tries: int
    instance: Any
    refutation: Refutation | None

    @property
    def subject(self) -> str:
        """What was searched, in words."""
        whole = {
            AS_PRINTED: AS_PRINTED,
            OVERSTATED: f"({OVERSTATED})",
            SHARP_FORM: f"({SHARP_FORM})",
        }
        dropped = whole.get(self.dropped, f"without the hypothesis {self.dropped!r}")
        return f"{self.claim} {dropped}"


def weakened(claim: Claim[Any], dropped: str) -> Counterexample[Any]:
    """Return how the claim fails without the named hypothesis, or "as printed".

    Raises InputError when the claim has no such hypothesis or does not need it.
    """
    found = claim.counterexamples()
    if dropped in found:
        return found[dropped]
    dispensable = [h.name for h in claim.hypotheses if h.name not in found]
    if dropped in dispensable:
        raise InputError(
            "hypothesis", expected="one that the claim needs", got=f"{dropped!r}, which can go"
        )
    if dropped == AS_PRINTED:
        ways = [f"--without {name!r}" for name in found if name != OVERSTATED]
        ways += ["--overstated"] if OVERSTATED in found else []
        raise InputError(
            claim.id,
            expected=f"a weakened claim ({', or '.join(ways) or 'there is none'})",
            got=f"the claim {AS_PRINTED}, which is {claim.verdict}",
        )
    raise unknown("hypothesis", dropped, list(map(repr, found)))


def search(claim: Claim[Any], dropped: str = AS_PRINTED, *, seed: int = 0) -> Search:
    """Search the space of a weakened claim and shrink what refutes it to a smallest instance.

    Starts from random instances and knows nothing of the recorded counterexample. Only an exact
    refutation whose certificates the checker accepts counts. The same seed finds the same instance.
    """
    weak = weakened(claim, dropped)
    return _find(claim.id, dropped, weak, lambda found: accepted(weak, found), TRIES, seed)


def search_sharp(claim: Claim[Any], *, seed: int = 0) -> Search:
    """Search an instance on which the words of a claim's sharp form fail, as it now stands.

    Raises InputError when its sharp form speaks of its example alone.
    """
    sharp = claim.sharp
    if sharp is None:
        raise InputError(
            "--sharp", expected="a claim whose sharp form speaks of every instance", got=claim.id
        )

    def refute(instance: Any) -> Refutation | None:
        outcome = evaluate_sharp(claim, instance)
        if outcome.grade is not Grade.REFUTED or outcome.proof is None:
            return None
        return Refutation(outcome.reason, outcome.proof.steps, outcome.proof.certificates)

    cases = sharp.cases
    weak = Counterexample(
        claim.sharp_form, None, refute, lambda rng: sharp.draw(rng, rng.choice(cases))
    )
    return _find(claim.id, SHARP_FORM, weak, refute, SHARP_TRIES, seed)


def accepted(weak: Counterexample[Any], instance: Any) -> Refutation | None:
    """Return the refutation by an instance if all its steps hold and the checker accepts it."""
    try:
        refutation = weak.refute(instance)
    except InputError:
        return None  # a draw outside the claim's objects, for example an inseparable set
    if refutation is None or not all(step.holds for step in refutation.steps):
        return None
    grade, _ = graded(refutation.certificates)
    return refutation if grade is Grade.CERTIFIED else None


def _find(
    claim_id: str,
    dropped: str,
    weak: Counterexample[Any],
    refute: Callable[[Any], Refutation | None],
    most: int,
    seed: int,
) -> Search:
    tries = 0

    def refutes(instance: Any) -> bool:
        nonlocal tries
        tries += 1
        return refute(instance) is not None

    try:
        instance = find(
            # Hypothesis chooses every number that the generator draws, so it can shrink them.
            st.builds(weak.draw, st.randoms(use_true_random=False)),
            refutes,
            settings=settings(
                max_examples=most,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
            random=Random(seed),
        )
    except NoSuchExample:
        return Search(claim_id, dropped, tries, None, None)
    return Search(claim_id, dropped, tries, instance, refute(instance))
