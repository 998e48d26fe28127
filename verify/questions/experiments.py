"""All experiments, in reading order."""

from verify.questions import (
    attack_choices,
    certified_band,
    convex_detectors,
    digit_pairs,
    exact_adversaries,
    exact_labels,
    softmax_heads,
    theory,
    transfer,
    twins,
)

EXPERIMENTS = tuple(
    module.EXPERIMENT
    for module in (
        softmax_heads,
        twins,
        digit_pairs,
        convex_detectors,
        transfer,
        theory,
        certified_band,
        exact_adversaries,
        exact_labels,
        attack_choices,
    )
)


def paired_with(claim_id: str) -> str | None:
    """Return the id of the first experiment that illustrates a claim, or None."""
    return next((e.id for e in EXPERIMENTS if claim_id in e.claims), None)
