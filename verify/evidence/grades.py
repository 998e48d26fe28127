"""The five grades of evidence, kept apart everywhere."""

from collections.abc import Iterable
from enum import StrEnum


class Grade(StrEnum):
    """What kind of evidence stands behind a result."""

    CERTIFIED = "certified"  # an exact certificate that the checker accepted
    REFUTED = "refuted"  # an exact counterexample
    FLOAT = "float"  # an experiment's measurement
    UNDECIDED = "undecided"  # the exact method gave up, with the reason
    MALFORMED = "malformed"  # input or certificate is not well formed


def weakest(grades: Iterable[Grade]) -> Grade:
    """Return the grade of a whole: refuted if any part is, certified only if all parts are.

    A whole of no parts is undecided.

    >>> weakest([Grade.CERTIFIED, Grade.UNDECIDED]), weakest([])
    (<Grade.UNDECIDED: 'undecided'>, <Grade.UNDECIDED: 'undecided'>)
    """
    found = set(grades)
    order = (Grade.REFUTED, Grade.MALFORMED, Grade.UNDECIDED, Grade.CERTIFIED)
    return next((grade for grade in order if grade in found), Grade.UNDECIDED)
