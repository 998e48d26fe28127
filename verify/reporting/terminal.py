"""What the commands print on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from verify.campaigns.falsify import SHARP_FORM, Search
from verify.claims.claim import (
    AS_PRINTED,
    OVERSTATED,
    Claim,
    Counterexample,
    Paper,
    Refutation,
    Step,
)
from verify.claims.evaluation import evaluate
from verify.evidence.grades import Grade
from verify.reporting.plain_text import describe, plain
from verify.trust.section import Section

CONSOLE = Console(highlight=False, markup=False, emoji=False)
SHOWN_RELATIONS = 3


def print_claims(claims: list[Claim[Any]], instances: int) -> bool:
    """Print all claims with verdict, grade and sharp form; return whether all are certified."""
    clean = True
    for paper in Paper:
        CONSOLE.print(f"\n{paper.authors}", style="bold")
        for claim in (claim for claim in claims if claim.paper is paper):
            outcomes = [evaluate(claim, claim.instance(0, k)[1]) for k in range(instances)]
            certified = sum(outcome.grade is Grade.CERTIFIED for outcome in outcomes)
            clean = clean and certified == instances
            CONSOLE.print(f"{claim.id}", style="bold", end="")
            CONSOLE.print(f": {claim.verdict}; certified on {certified} of {instances} instances")
            CONSOLE.print(Padding(f"{claim.title}. Sharp: {plain(claim.sharp_form)}", (0, 0, 0, 4)))
    return clean


def print_claim(claim: Claim[Any]) -> None:
    """Print one claim: statement, hypotheses, proof with numbers, counterexamples, sharp form."""
    CONSOLE.print(f"{claim.id}  {claim.number}: {claim.title}", style="bold")
    _section(
        "As printed", f"{plain(claim.literal)} ({claim.verdict}: {plain(claim.verdict_reason)})"
    )
    if claim.reading:
        _section("Read as", plain(claim.reading))
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
    if claim.sharp:
        CONSOLE.print(f"  Too much: {plain(claim.sharp.overstated.text)}")
    _section("Covered", plain(claim.quantifier))
    for symbolic in claim.symbolic():
        CONSOLE.print(f"  Proved for all values, {symbolic.size}: {plain(f'${symbolic.formula}$')}")


def print_search(search: Search) -> None:
    """Print the outcome of a search for a counterexample."""
    whole = {AS_PRINTED: AS_PRINTED, OVERSTATED: f"({OVERSTATED})", SHARP_FORM: f"({SHARP_FORM})"}
    dropped = whole.get(search.dropped, f"without the hypothesis {search.dropped!r}")
    subject = f"{search.claim} {dropped}"
    if search.refutation is None:
        CONSOLE.print(f"{subject}: no counterexample in {search.tries} tries")
        return
    CONSOLE.print(f"{subject}: refuted, after {search.tries} tries", style="bold")
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
    papers = {entry["paper"]: Paper(entry["paper"]).authors for entry in report["claims"]}
    head = ("paper", "claims", "instances", "certified", "refuted", "undecided", "sharp forms")
    table = Table(*head, box=None)
    for paper, name in papers.items():
        claims = [entry for entry in report["claims"] if entry["paper"] == paper]
        counts = sum((Counter(entry["counts"]) for entry in claims), Counter())
        numbers = (len(claims), counts.total(), counts["certified"], counts["refuted"])
        open_ones = counts["undecided"] + counts["malformed"]
        sharp = sum((Counter(e["sharp"]["counts"]) for e in claims if e["sharp"]), Counter())
        agree = f"{sharp['certified']} of {sharp.total()}"
        table.add_row(name, *map(str, (*numbers, open_ones)), agree)
    CONSOLE.print(table)
    parts = [
        part
        for entry in report["claims"]
        for part in ((entry["id"], entry), (f"{entry['id']}, sharp form", entry["sharp"]))
    ]
    problems = [
        (name, part)
        for name, part in parts
        if part and part["counts"]["certified"] < sum(part["counts"].values())
    ]
    for name, part in problems:
        CONSOLE.print(f"{name}: {part['grade']}; {'; '.join(part['problems'])}")
    for entry in report["experiments"]:
        CONSOLE.print(f"\n{entry['title']} ({entry['grade']})", style="bold")
        CONSOLE.print(plain(entry["finding"]))
    CONSOLE.print(f"\n{report['certificates']['count']} certificates; check them again with:")
    CONSOLE.print(f"  certify check {directory}", soft_wrap=True)
    CONSOLE.print(f"Report: {directory}/index.html", soft_wrap=True)
    good = (Grade.CERTIFIED, Grade.FLOAT)
    return not problems and all(entry["grade"] in good for entry in report["experiments"])


def print_section(section: Section) -> int:
    """Print a part of the trust campaign; return how many problems it has."""
    table = Table(*section.columns, title=section.title, title_justify="left", box=None)
    for row in section.rows:
        table.add_row(*row)
    CONSOLE.print(table)
    CONSOLE.print(section.words)
    for problem in section.problems:
        CONSOLE.print(f"PROBLEM  {problem}", style="bold red")
    CONSOLE.print()
    return len(section.problems)


def _section(name: str, text: str) -> None:
    CONSOLE.print(f"{name}: ", style="bold", end="")
    CONSOLE.print(text)


def _counterexample(weak: Counterexample[Any]) -> None:
    CONSOLE.print(f"  Without it: {plain(weak.text)}")
    CONSOLE.print(f"  Smallest instance known: {describe(weak.example)}", style="dim")
