"""Corruptions of certificates, each of which both checkers have to refuse for its own reason.

The lists are functions of the certificate, so that the tests run them on small instances and
:mod:`benchmarks.full_size` on certificates of full size. The hash of a changed instance is computed
again, so that the mathematics has to notice; one corruption in each list leaves the old hash.
"""

from benchmarks.corruptions.corruption import (
    MALFORMED,
    REJECTED,
    Corruption,
    Outcome,
    corrupted,
    outcome,
)
from benchmarks.corruptions.heads import of_dimension, of_direction
from benchmarks.corruptions.margins import of_max_margin

__all__ = [
    "MALFORMED",
    "REJECTED",
    "Corruption",
    "Outcome",
    "corrupted",
    "of_dimension",
    "of_direction",
    "of_max_margin",
    "outcome",
]
