"""What stands behind the general statement of a claim and its sharp form, for all instances.

That is apart from the grades of its instances.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from certify.errors import InputError
from certify.proofs.developments import Development
from verify.claims.claim import Claim, SymbolicStep
from verify.claims.registry import module_of


class Behind(StrEnum):
    """How the statement for all instances is known, the best first."""

    COQ = "proved for all sizes (Coq)"
    COQ_IN_PART = "in part proved for all sizes (Coq)"
    SYMBOLIC = "by algebra, for all values"
    WRITTEN = "written proof"


# Claims without a proof in Coq, and why.
_SAMPLES = "no proof in Coq, whose library here has no probability of samples"
_LIMITS = "no proof in Coq, whose library here has no logarithms and limits"
WHY_NOT = {
    **dict.fromkeys(
        (
            "charles-thm-1-informal", "charles-rademacher-step", "charles-thm-7",
            "charles-bias-remark", "charles-thm-9", "charles-ratio-remark",
            "charles-sec7-independence",
        ),
        _SAMPLES,
    ),
    "charles-thm-7-note": _LIMITS,
    "zou-conj": "no proof in Coq yet, but its certificates have: the kinds network-points, "
    "lp-optimal and lp-infeasible",
}  # fmt: skip


# Claims of which Coq, or computer algebra, proves less than the statement, and what it leaves.
_IN_SAMPLES = "the bounds of probabilities"
ON_PAPER = {
    "zou-conj-norms": "that the distances are rational",
    "zou-unconstrained": "what holds of almost every layer",
    "charles-thm-7-note": "the limit in $n$, and the bound of Theorem 7",
    "charles-intro-universal": "that a rule with $|w|=1$ has no margin beyond the distance to a "
    "point of the other class",
    "charles-lem-3": "that the max-margin rule exists",
    "charles-sec7-link": r"that multipliers of $w^*$ on points of least margin have the sum "
    r"$1/\gamma^*$ (Lemma 3; others have a smaller sum)",
    "charles-sec7-independence": "that $F$ is convex, Jensen's inequality and Theorem 7",
    **dict.fromkeys(
        (
            "charles-thm-1-informal", "charles-rademacher-step", "charles-thm-7",
            "charles-bias-remark", "charles-thm-9", "charles-ratio-remark",
        ),
        _IN_SAMPLES,
    ),
}  # fmt: skip


# The theorems of a statement of which the one with the name of its file proves a part or none.
THEOREMS = {
    "charles-abstract-transfer": ("abstract_transfer", "abstract_transfer_converse"),
    "charles-class-C": ("class_C", "class_C_contains"),
    "charles-cor-6-remark": ("cor_6_remark", "cor_6_remark_exact"),
    "charles-def-adv": ("def_adv", "def_adv_zero", "def_adv_decided"),
    "charles-fig-3": ("fig_3", "fig_3_example"),
    "charles-intro-universal": ("intro_universal", "intro_universal_margin"),
    "charles-lem-3": ("lem_3", "lem_3_unique"),
    "charles-linear-same-label": ("linear_same_label", "linear_same_label_all"),
    "charles-linear-scaling": ("linear_scaling", "linear_scaling_normal"),
    "charles-multiclass-note": (
        "multiclass_note", "multiclass_note_signs", "multiclass_note_positive",
    ),
    "charles-relu-same-label": ("relu_same_label", "relu_same_label_all"),
    "charles-sec6-nontransfer": ("sec6_nontransfer", "sec6_nontransfer_otherwise"),
    "charles-sec7-findings": ("sec7_findings", "sec7_findings_attack"),
    "charles-sec7-link": ("sec7_link", "sec7_link_step", "sec7_link_cube", "sec7_link_reached"),
    "charles-softmax-remark": ("softmax_remark", "softmax_remark_largest"),
    "zou-boundary-pl": ("boundary_pl", "boundary_pl_hyperplanes", "boundary_pl_thin"),
    "charles-A1-A3": ("A1_A3", "A1_A3_met"),
    "charles-B1-B3": ("B1_B3_length", "B1_B3", "B1_B3_met"),
    "zou-conj-norms": ("conj_norms_foot", "conj_norms_compared"),
    "zou-def-2": ("def_2", "def_2_independent"),
}  # fmt: skip


@dataclass(frozen=True)
class General:
    """What the statement for all instances rests on.

    ``formal`` is its proof in Coq if there is one, by ``theorems``, ``sizes`` are those for which
    steps of it are proved by computer algebra, ``paper`` says what neither proves, and ``missing``
    why there is no proof in Coq.
    """

    behind: Behind
    formal: Development | None
    sizes: tuple[str, ...]
    paper: str = ""
    missing: str = ""
    theorems: tuple[str, ...] = ()

    def __str__(self) -> str:
        paper = f"; on paper {self.paper}" if self.paper else ""
        if self.formal:
            several = "s" if len(self.theorems) > 1 else ""
            theorems = f"theorem{several} {', '.join(self.theorems)} of {self.formal.path.name}"
            return f"{self.behind}: {theorems}{paper}"
        missing = f" ({self.missing})" if self.missing else ""
        sizes = f", steps by algebra: {'; '.join(self.sizes)}" if self.sizes else ""
        return f"{self.behind}{sizes}{paper}{missing}"


def general(claim: Claim[Any], symbolic: Sequence[SymbolicStep]) -> General:
    """Return what the general statement of a claim rests on, of which some steps are symbolic."""
    path = Path(str(module_of(claim).__file__)).with_suffix(".v")
    formal = Development.read(path) if path.exists() else None
    paper = ON_PAPER.get(claim.id, "")
    behind = (Behind.COQ_IN_PART if paper else Behind.COQ) if formal else Behind.WRITTEN
    sizes = tuple(dict.fromkeys(step.size for step in symbolic))
    theorems = THEOREMS.get(claim.id, (path.stem,)) if formal else ()
    return General(behind, formal, sizes, paper, WHY_NOT.get(claim.id, ""), theorems)


@dataclass(frozen=True)
class Rests:
    """What the sharp form rests on for all instances.

    ``theorems`` are those in Coq, with their files, and ``words`` the argument for what they leave.
    """

    behind: Behind
    theorems: tuple[tuple[str, Development], ...]
    words: str

    def __str__(self) -> str:
        named = ", ".join(f"{name} of {proof.path.name}" for name, proof in self.theorems)
        of = f": theorem{'s' if len(self.theorems) > 1 else ''} {named}" if named else ""
        return f"{self.behind}{of}{f'. {self.words}' if self.words else ''}"


_GRADE = re.compile(r"(Coq in part|Coq|algebra|written proof)((?: \w+,?)*)\.(?: (.*))?", re.DOTALL)
_SHARP = {
    "Coq": Behind.COQ,
    "Coq in part": Behind.COQ_IN_PART,
    "algebra": Behind.SYMBOLIC,
    "written proof": Behind.WRITTEN,
}


def sharp_form(claim: Claim[Any]) -> Rests:
    """Return what the sharp form of a claim rests on, read from its words.

    Raises :class:`InputError` for words without a grade and for theorems that no file has.

    >>> from verify.claims.registry import find
    >>> str(sharp_form(find("thm-4")))
    'proved for all sizes (Coq): theorems thm_4 of thm_4.v, thm_4_exact of thm_4.v'
    """
    found = _GRADE.fullmatch(claim.rests_on)
    if found is None:
        expected = f"{', '.join(_SHARP)}, with theorems of Coq, and a full stop"
        raise InputError("Rests on", expected=expected, got=claim.rests_on, where=claim.id)
    grade, names, words = found.groups()
    proofs = _proofs()
    theorems = []
    for name in names.replace(",", "").split():
        if name not in proofs:
            raise InputError("Rests on", expected="a theorem of a claim", got=name, where=claim.id)
        theorems.append((name, proofs[name]))
    return Rests(_SHARP[grade], tuple(theorems), words or "")


@cache
def _proofs() -> dict[str, Development]:
    """Return all theorems beside the claims by name."""
    files = sorted(Path(__file__).parent.glob("*/*.v"))
    return {name: proof for proof in map(Development.read, files) for name in proof.theorems}
