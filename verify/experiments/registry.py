"""All experiments, in reading order."""

from __future__ import annotations

from verify.experiments import convex_detectors, digit_pairs, softmax_heads, transfer

EXPERIMENTS = tuple(
    module.EXPERIMENT for module in (softmax_heads, digit_pairs, convex_detectors, transfer)
)


def paired_with(claim_id: str) -> str | None:
    """Return the id of the first experiment that illustrates a claim, or None."""
    return next((e.id for e in EXPERIMENTS if claim_id in e.claims), None)
