"""What the commands print on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from verify.claims.claim import AS_PRINTED, Claim, Counterexample, Refutation, Step
from verify.claims.evaluation import evaluate
from verify.falsify import Search
from verify.grades import Grade
from verify.plain_text import describe, plain

CONSOLE = Console(highlight=False, markup=False, emoji=False)
SHOWN_RELATIONS = 3


def print_claims(claims: list[Claim[Any]], instances: int) -> bool:
    """Print all claims with verdict, grade and sharp form; return whether all are certified."""
    table = Table("id", "as printed", "certified", "sharp form", box=None)
    clean = True
    for claim in claims:
        grades = Counter(
            evaluate(claim, claim.instance(0, index)[1]).grade for index in range(instances)
        )
        clean = clean and grades[Grade.CERTIFIED] == instances
        table.add_row(
            claim.id,
            str(claim.verdict),
            f"{grades[Grade.CERTIFIED]} of {instances}",
            plain(claim.sharp_form),
        )
    CONSOLE.print(table)
    return clean


def print_claim(claim: Claim[Any]) -> None:
    """Print one claim: statement, hypotheses, proof with numbers, counterexamples, sharp form."""
    CONSOLE.print(f"{claim.id}  {claim.number}: {claim.title}", style="bold")
    _section(
        "As printed", f"{plain(claim.literal)} ({claim.verdict}: {plain(claim.verdict_reason)})"
    )
    if claim.as_printed:
        _counterexample(claim.as_printed)
    _section("Statement", plain(claim.statement))
    _section("Proof", f"on {describe(claim.example)}")
    print_steps(claim.prove(claim.example).steps)
    for hypothesis in claim.hypotheses:
        _section(f"Hypothesis, {hypothesis.name}", plain(hypothesis.text))
        if isinstance(hypothesis.without, Counterexample):
            _counterexample(hypothesis.without)
        else:
            CONSOLE.print(f"  Can be dropped: {plain(hypothesis.without.text)}")
    _section("Sharp form", plain(claim.sharp_form))
    _section("Covered", plain(claim.quantifier))
    for symbolic in claim.symbolic():
        CONSOLE.print(f"  Proved for all values, {symbolic.size}: {plain(f'${symbolic.formula}$')}")


def print_search(search: Search) -> None:
    """Print the outcome of a search for a counterexample."""
    subject = search.claim if search.dropped == AS_PRINTED else f"{search.claim} without"
    dropped = AS_PRINTED if search.dropped == AS_PRINTED else f"the hypothesis {search.dropped!r}"
    if search.refutation is None:
        CONSOLE.print(f"{subject} {dropped}: no counterexample in {search.tries} tries")
        return
    CONSOLE.print(f"{subject} {dropped}: refuted, after {search.tries} tries", style="bold")
    _section("Counterexample", describe(search.instance))
    print_refutation(search.refutation)


def print_refutation(refutation: Refutation) -> None:
    """Print a counterexample in words, its exact relations and its certificates as JSON."""
    CONSOLE.print(plain(refutation.text))
    print_steps(refutation.steps)
    for certificate in refutation.certificates:
        CONSOLE.print(certificate.line(), soft_wrap=True)


def print_steps(steps: tuple[Step, ...]) -> None:
    """Print numbered steps with their first exact relations."""
    for number, step in enumerate(steps, 1):
        CONSOLE.print(f"  {number}. {plain(step.text)}")
        shown = "; ".join(str(relation) for relation in step.relations[:SHOWN_RELATIONS])
        more = len(step.relations) - SHOWN_RELATIONS
        if shown:
            CONSOLE.print(f"     {shown}{f'; and {more} more' if more > 0 else ''}", style="dim")


def print_run(report: dict[str, Any], directory: str) -> bool:
    """Print the summary of a report; return whether everything exact is certified."""
    table = Table("claim", "certified", "refuted", "undecided", "experiment", box=None)
    clean = True
    for entry in report["claims"]:
        counts = entry["counts"]
        total = sum(counts.values())
        clean = clean and counts["certified"] == total
        table.add_row(
            entry["id"],
            f"{counts['certified']} of {total}",
            str(counts["refuted"]),
            str(counts["undecided"] + counts["malformed"]),
            entry["experiment"] or "",
        )
    CONSOLE.print(table)
    for entry in report["experiments"]:
        clean = clean and entry["grade"] in (Grade.CERTIFIED, Grade.FLOAT)
        CONSOLE.print(f"\n{entry['title']} ({entry['grade']})", style="bold")
        CONSOLE.print(plain(entry["finding"]))
    CONSOLE.print(f"\n{report['certificates']['count']} certificates; check them again with:")
    CONSOLE.print(f"  certify check {directory}", soft_wrap=True)
    CONSOLE.print(f"Report: {directory}/index.html", soft_wrap=True)
    return clean


def _section(name: str, text: str) -> None:
    CONSOLE.print(f"{name}: ", style="bold", end="")
    CONSOLE.print(text)


def _counterexample(weak: Counterexample[Any]) -> None:
    CONSOLE.print(f"  Without it: {plain(weak.text)}")
    CONSOLE.print(f"  Smallest instance known: {describe(weak.example)}", style="dim")
