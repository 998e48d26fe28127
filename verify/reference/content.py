"""What the page of a claim says: all of it computed from the claim's entry, some from a report.

A part that is missing, a step that fails or a certificate that the checker does not accept stops
the building of the site with the name of the claim and of the part.
"""

import inspect
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from verify.claims.claim import (
    AS_PRINTED,
    OVERSTATED,
    Claim,
    Counterexample,
    Proof,
    Refutation,
    Step,
)
from verify.claims.evaluation import Shown
from verify.claims.general import General, Rests, general, sharp_form
from verify.claims.picture import Picture
from verify.claims.registry import CLAIMS, module_of
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.reference.corruption import Corrupted, corrupted
from verify.reference.drawings import drawn
from verify.reference.interactive import FIGURES, Interactive
from verify.reporting import object_table
from verify.reporting.figures import Panel, draw
from verify.reporting.findings import picture_entry

SHOWN_CHARACTERS = 2_500  # of a certificate; the file beside the page has all of it


@dataclass(frozen=True)
class Figure:
    """A picture as a report's figure, and its panels."""

    entry: dict[str, Any]
    panels: list[Panel]


_NUMBERS = Counter(claim.number for claim in CLAIMS.values())  # some passages hold several claims


@dataclass(frozen=True)
class Failure:
    """How the claim fails as printed or without a hypothesis, or why the hypothesis is not needed.

    ``dropped`` names the hypothesis, ``assumed`` says it, ``reason`` why the counterexample is one.
    Without ``objects`` the hypothesis is dispensable and there is nothing else.
    """

    dropped: str
    assumed: str
    text: str
    reason: str = ""
    objects: Sequence[object_table.Row] = ()
    steps: tuple[Step, ...] = ()
    figure: Figure | None = None
    certificates: int = 0
    command: str = ""


@dataclass(frozen=True)
class ShownCertificate:
    """The first certificate of the worked example, and what one changed number makes of it."""

    kind: str
    text: str
    characters: int
    line: str
    established: str
    corrupted: Corrupted


@dataclass(frozen=True)
class ClaimPage:
    """Everything that stands on the page of one claim."""

    claim: Claim[Any]
    objects: Sequence[object_table.Row]
    steps: tuple[Step, ...]
    sharp_objects: Sequence[object_table.Row]
    sharp: tuple[Step, ...]
    rests: Rests
    printed: Failure | None
    overstated: Failure | None
    hypotheses: tuple[Failure, ...]
    symbolic: tuple[Any, ...]
    general: General
    figures: tuple[Figure, ...]
    interactive: tuple[Interactive, ...]
    certificate: ShownCertificate
    uses: tuple[Claim[Any], ...]
    used_by: tuple[Claim[Any], ...]
    shared_numbers: frozenset[str]
    source: str


def claim_page(claim: Claim[Any]) -> ClaimPage:
    """Compute the page of a claim; raise InputError when a part is missing or does not hold."""
    place = claim.id
    shown = Shown.of(claim)
    proof = _certified(shown.example, place, "worked example")
    sharp = _certified(claim.sharpness(), place, "sharp form")
    for step in shown.symbolic:
        if not step.holds:
            _lack(place, f"a proof for all values, {step.size}", "none")
    failures = {
        dropped: _failure(claim, dropped, weak, shown.refutations[dropped])
        for dropped, weak in claim.counterexamples().items()
    }
    figures = [_figure(picture, f"{place}-{i}") for i, picture in enumerate(shown.pictures, 1)]
    if not figures:
        figures += _drawn(claim.example, "The worked example", f"{place}-example")
    return ClaimPage(
        claim=claim,
        objects=object_table.rows(claim.example, proof.objects),
        steps=proof.steps,
        sharp_objects=object_table.added(sharp.objects),
        sharp=sharp.steps,
        rests=sharp_form(claim),
        printed=failures.get(AS_PRINTED),
        overstated=failures.get(OVERSTATED),
        hypotheses=tuple(
            failures[h.name]
            if isinstance(h.without, Counterexample)
            else Failure(h.name, h.text, h.without.text)
            for h in claim.hypotheses
        ),
        symbolic=shown.symbolic,
        general=general(claim, shown.symbolic),
        figures=tuple(figures),
        interactive=tuple(figure for figure in FIGURES if claim.id in figure.claims),
        certificate=_shown(proof.certificates[0]),
        uses=tuple(CLAIMS[used] for used in claim.uses),
        used_by=tuple(other for other in CLAIMS.values() if claim.id in other.uses),
        shared_numbers=frozenset(n for n, times in _NUMBERS.items() if times > 1),
        source=source(claim),
    )


def source(claim: Claim[Any]) -> str:
    """Return the text of the module that holds a claim."""
    return inspect.getsource(module_of(claim))


def _lack(claim_id: str, expected: str, got: str) -> NoReturn:
    raise InputError("claim", expected=expected, got=got, where=claim_id)


def _certified(proof: Proof, place: str, part: str) -> Proof:
    """Return the proof when its steps hold and read well, and the checker accepts it.

    Each relation of a step has a name, and no two are the same: they would not say what of.
    """
    if not proof.steps:
        _lack(place, f"steps of the {part}", "none")
    for number, step in enumerate(proof.steps, 1):
        for relation in step.relations:
            if not relation.holds:
                _lack(place, f"step {number} of the {part} to hold", str(relation))
            if relation.bare:  # nobody could tell which number is which
                _lack(place, f"a name in step {number} of the {part}", str(relation))
        for formula, times in Counter(step.formulas).items():
            if times > 1:
                _lack(place, f"different relations in step {number} of the {part}", formula)
    if part == "worked example" and not proof.certificates:
        _lack(place, f"a certificate of the {part}", "none")
    decision = Decision.by_checker(part, *proof.certificates)
    if decision.grade is not Grade.CERTIFIED:
        _lack(place, f"certificates of the {part} that the checker accepts", decision.reason)
    return proof


def _failure(
    claim: Claim[Any], dropped: str, weak: Counterexample[Any], refutation: Refutation | None
) -> Failure:
    if refutation is None:
        _lack(claim.id, f"a counterexample, {dropped}", "none")
    proof = Proof(refutation.steps, refutation.certificates, refutation.objects)
    _certified(proof, claim.id, f"counterexample, {dropped}")
    texts = {h.name: h.text for h in claim.hypotheses}
    assumed = {AS_PRINTED: claim.literal, OVERSTATED: claim.sharp_form}.get(dropped, "")
    option = {AS_PRINTED: "--literal", OVERSTATED: "--overstated"}
    number = list(claim.counterexamples()).index(dropped) + 1
    identity, boxed = f"{claim.id}-without-{number}", dropped == "whole space"
    figures = _drawn(weak.example, "The counterexample", identity, boxed)
    return Failure(
        dropped,
        assumed or texts[dropped],
        weak.text,
        refutation.text,
        object_table.rows(weak.example, proof.objects),
        refutation.steps,
        figures[0] if figures else None,
        len(refutation.certificates),
        f"verify falsify {claim.id} " + option.get(dropped, f'--without "{dropped}"'),
    )


def _drawn(instance: Any, title: str, identity: str, boxed: bool = False) -> list[Figure]:
    picture = drawn(instance, title, boxed)
    return [_figure(picture, identity)] if picture else []


def _figure(picture: Picture, identity: str) -> Figure:
    entry = picture_entry(picture)
    return Figure(entry, draw(entry, identity))


def _shown(certificate: Certificate) -> ShownCertificate:
    line = certificate.line()
    _, established = checker.check(checker.parse(line))
    text = json.dumps(json.loads(line), indent=1, ensure_ascii=True)
    return ShownCertificate(
        certificate.kind, _short(text), len(line), line, established, corrupted(certificate)
    )


def _short(text: str) -> str:
    if len(text) <= SHOWN_CHARACTERS:
        return text
    kept = text[:SHOWN_CHARACTERS].rpartition("\n")[0]
    return f"{kept}\n ..."
