"""What stands behind the general statement of a claim, apart from the grades of its instances."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from certify.proofs.developments import Development
from verify.claims.claim import Claim, SymbolicStep
from verify.claims.registry import module_of


class Behind(StrEnum):
    """How the statement for all instances is known, the best first."""

    COQ = "proved for all sizes (Coq)"
    ALGEBRA = "by algebra for these sizes"
    WRITTEN = "written proof"


@dataclass(frozen=True)
class General:
    """What the statement for all instances rests on.

    ``formal`` is its proof in Coq if there is one, ``sizes`` are those for which steps of it are
    proved by computer algebra.
    """

    behind: Behind
    formal: Development | None
    sizes: tuple[str, ...]

    def __str__(self) -> str:
        if self.formal:
            return f"{self.behind}: theorem {self.formal.path.stem} of {self.formal.path.name}"
        return f"{self.behind}: {'; '.join(self.sizes)}" if self.sizes else str(self.behind)


def general(claim: Claim[Any], symbolic: Sequence[SymbolicStep]) -> General:
    """Return what the general statement of a claim rests on, of which some steps are symbolic."""
    path = Path(str(module_of(claim).__file__)).with_suffix(".v")
    formal = Development.read(path) if path.exists() else None
    behind = Behind.COQ if formal else Behind.ALGEBRA if symbolic else Behind.WRITTEN
    return General(behind, formal, tuple(dict.fromkeys(step.size for step in symbolic)))
