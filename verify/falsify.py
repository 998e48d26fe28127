"""Search for a smallest exact counterexample to a claim with one hypothesis dropped."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from certify import checker
from certify.errors import InputError
from verify.claims.claim import AS_PRINTED, Claim, Counterexample, Refutation

TRIES = 20_000


@dataclass(frozen=True)
class Search:
    """The outcome of a search: what was found, if anything, and how many instances were tried."""

    claim: str
    dropped: str
    tries: int
    instance: Any
    refutation: Refutation | None


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
    listed = ", ".join(repr(name) for name in found) or "none: there is nothing to falsify"
    raise InputError("hypothesis", expected=f"one of {listed}", got=repr(dropped))


def search(claim: Claim[Any], dropped: str = AS_PRINTED, *, seed: int = 0) -> Search:
    """Search the space of a weakened claim and shrink what refutes it to a smallest instance.

    Starts from random instances and knows nothing of the recorded counterexample. Only an exact
    refutation whose certificates the checker accepts counts. The same seed finds the same instance.
    """
    weak = weakened(claim, dropped)
    tries = 0

    def refutes(instance: Any) -> bool:
        nonlocal tries
        tries += 1
        return accepted(weak, instance) is not None

    try:
        instance = find(
            # Hypothesis chooses every number that the generator draws, so it can shrink them.
            st.builds(weak.draw, st.randoms(use_true_random=False)),
            refutes,
            settings=settings(
                max_examples=TRIES,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
            random=Random(seed),
        )
    except NoSuchExample:
        return Search(claim.id, dropped, tries, None, None)
    return Search(claim.id, dropped, tries, instance, accepted(weak, instance))


def accepted(weak: Counterexample[Any], instance: Any) -> Refutation | None:
    """Return the refutation by an instance if all its steps hold and the checker accepts it."""
    try:
        refutation = weak.refute(instance)
    except InputError:
        return None  # a draw outside the claim's objects, for example an inseparable set
    if refutation is None or not refutation.certificates:
        return None
    if not all(step.holds for step in refutation.steps):
        return None
    for certificate in refutation.certificates:
        try:
            checker.check(checker.parse(certificate.line()))
        except (checker.Rejected, checker.Malformed):
            return None
    return refutation
