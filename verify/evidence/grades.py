"""The five grades of evidence, kept apart everywhere."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """What kind of evidence stands behind a result."""

    CERTIFIED = "certified"  # an exact certificate that the checker accepted
    REFUTED = "refuted"  # an exact counterexample
    FLOAT = "float"  # an experiment's measurement
    UNDECIDED = "undecided"  # the exact method gave up, with the reason
    MALFORMED = "malformed"  # input or certificate is not well formed
