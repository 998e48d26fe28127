"""From certificates to a grade: the independent checker decides, and all grades come from here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.cli import fast
from verify.evidence.grades import Grade

PRODUCTS = 20_000_000  # of integers


def graded(
    certificates: Sequence[Certificate], decide: Callable[[Any], object] | None = None
) -> tuple[Grade, str]:
    """Return the grade that certificates earn, and the reason when it is not ``certified``.

    ``decide`` is a checker, by default the independent one: it raises Rejected or Malformed.
    """
    if not certificates:
        return Grade.UNDECIDED, "the proof gave no certificate"
    decide = decide or partial(checker.check, words=False)
    for certificate in certificates:
        try:
            decide(checker.parse(certificate.line()))
        except checker.Rejected as error:
            return Grade.UNDECIDED, f"certificate rejected: {error}"
        except checker.Malformed as error:
            return Grade.MALFORMED, f"certificate malformed: {error}"
    return Grade.CERTIFIED, ""


def checker_for(products: int) -> Callable[[Any], object] | None:
    """Return the fast checker for more products than the independent one takes in some seconds."""
    return fast if products > PRODUCTS else None


class Written(Protocol):
    """A certificate, or the text of one."""

    def line(self) -> str:
        """Return the certificate as one line, without the newline."""


@dataclass(frozen=True)
class Line:
    """The text of a certificate alone: a tenth of what its numbers take in memory."""

    text: str

    def line(self) -> str:
        """Return the text."""
        return self.text


@dataclass(frozen=True)
class Decision:
    """One exact result: what it is about, its grade and its certificates."""

    subject: str
    grade: Grade
    reason: str
    certificates: tuple[Written, ...]

    @classmethod
    def by_checker(
        cls, subject: str, *certificates: Certificate, decide: Callable[[Any], object] | None = None
    ) -> "Decision":
        """Grade a result by the independent checker, or another one: see :func:`graded`."""
        return cls(subject, *graded(certificates, decide), certificates)

    @classmethod
    def undecided(cls, subject: str, reason: str) -> "Decision":
        """Record that the exact method gave up, with the reason."""
        return cls(subject, Grade.UNDECIDED, reason, ())
