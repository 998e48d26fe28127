"""What the commands print on a terminal."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from verify.claims.claim import (
    AS_PRINTED,
    OVERSTATED,
    Claim,
    Counterexample,
    Given,
    Paper,
    Refutation,
    Step,
    Verdict,
)
from verify.claims.evaluation import Shown
from verify.claims.general import general, sharp_form
from verify.claims.relation import Named
from verify.evidence.grades import Grade
from verify.reporting import object_table
from verify.reporting.plain_text import plain
from verify.reporting.summary import quantity

_AS_PRINTED = {
    Verdict.UNDEFINED: "In one reading it fails",
    Verdict.VACUOUS: "As printed it is vacuous",
}
CONSOLE = Console(highlight=False, markup=False, emoji=False)


def print_row(claim: Claim[Any], certified: int, instances: int, *, heading: bool) -> None:
    """Print one claim of a list with verdict, grade and sharp form, under a heading if need be."""
    if heading:
        CONSOLE.print(f"\n{claim.paper.authors}", style="bold")
    counted = f": {claim.verdict}; certified on {certified} of {instances} instances"
    CONSOLE.print(Text.assemble((claim.id, "bold"), counted))
    CONSOLE.print(Padding(f"{claim.title}. Sharp: {plain(claim.sharp_form)}", (0, 0, 0, 4)))


def print_claim(claim: Claim[Any], shown: Shown) -> None:
    """Print one claim: statement, hypotheses, proof with numbers, counterexamples, sharp form."""
    CONSOLE.print(f"{claim.id}  {claim.number}: {claim.title}", style="bold")
    words = plain(claim.literal.removeprefix("Not printed. "))
    _section(claim.printed, f"{words} ({claim.verdict}: {plain(claim.verdict_reason)})")
    if claim.reading:
        _section("Read as", plain(claim.reading))
    if claim.as_printed:
        fails = _AS_PRINTED.get(claim.verdict, "As printed it fails")
        _counterexample(fails, claim.as_printed, shown.refutations[AS_PRINTED])
    _section("Statement", plain(claim.statement))
    _section(
        "Proof",
        "on this instance; in brackets beside a label stands what decides it; "
        "what is true counts 1, what is not 0",
    )
    _objects(claim.example, shown.example.objects)
    print_steps(shown.example.steps)
    for hypothesis in claim.hypotheses:
        _section(f"Hypothesis, {hypothesis.name}", plain(hypothesis.text))
        if isinstance(hypothesis.without, Counterexample):
            refutation = shown.refutations[hypothesis.name]
            _counterexample("Without it", hypothesis.without, refutation)
        else:
            _hanging("  ", f"Can be dropped: {plain(hypothesis.without.text)}")
    _section("Sharp form", plain(claim.sharp_form))
    _hanging("  ", f"Rests on: {plain(str(sharp_form(claim)))}")
    sharp = claim.sharpness()
    _rows(object_table.added(sharp.objects))
    print_steps(sharp.steps)
    if claim.sharp:
        _counterexample(
            "Saying more is false", claim.sharp.overstated, shown.refutations[OVERSTATED]
        )
    _section("Covered", plain(claim.quantifier))
    _section("General statement", plain(str(general(claim, shown.symbolic))))
    for symbolic in shown.symbolic:
        size, formula = plain(symbolic.size), plain(f"${symbolic.formula}$")
        _hanging("  ", f"Proved for all values, {size}: {formula}")


def print_search(
    subject: str, tries: int, instance: Any, refutation: Refutation | None, out: Path | None
) -> None:
    """Print the outcome of a search for a counterexample, whose certificates may go to a file."""
    if refutation is None:
        CONSOLE.print(f"{subject}: no counterexample in {tries} tries")
        return
    CONSOLE.print(f"{subject}: refuted, after {tries} tries", style="bold")
    _section("Counterexample", "")
    _objects(instance, refutation.objects)
    CONSOLE.print(plain(refutation.text))
    print_steps(refutation.steps)
    counted = quantity(len(refutation.certificates), "certificate")
    kept = "--out FILE.jsonl keeps what `certify check` reads"
    CONSOLE.print(f"{counted}: {f'certify check {out}' if out else kept}", soft_wrap=True)


def print_steps(steps: tuple[Step, ...]) -> None:
    """Print numbered steps with their exact relations."""
    for number, step in enumerate(steps, 1):
        _hanging(f"  {number}. ", plain(step.text))
        for formula in step.formulas:
            _hanging(" " * 5, plain(formula), style="dim")


def print_run(report: dict[str, Any], directory: str) -> bool:
    """Print the summary of a report; return whether everything exact is certified."""
    papers = {entry["paper"]: Paper(entry["paper"]).authors for entry in report["claims"]}
    head = ("paper", "claims", "instances", "certified", "refuted", "undecided", "sharp forms")
    # No cell wraps on 80 columns, so that a row reads as one line.
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in head:
        table.add_column(name, justify="left" if name == "paper" else "right")
    for paper, name in papers.items():
        claims = [entry for entry in report["claims"] if entry["paper"] == paper]
        counts = sum((Counter(entry["counts"]) for entry in claims), Counter())
        numbers = (len(claims), counts.total(), counts["certified"], counts["refuted"])
        open_ones = counts["undecided"] + counts["malformed"]
        sharp = sum((Counter(e["sharp"]["counts"]) for e in claims if e["sharp"]), Counter())
        agree = f"{sharp['certified']}/{sharp.total()}"
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


def _hanging(first: str, text: str, style: str = "") -> None:
    """Print text behind ``first``, with the lines after it as far in."""
    lines = textwrap.wrap(text, CONSOLE.width - len(first), break_on_hyphens=False)
    joined = f"\n{' ' * len(first)}".join(lines)
    CONSOLE.print(f"{first}{joined}", style=style, soft_wrap=True)


def _section(name: str, text: str) -> None:
    CONSOLE.print(Text.assemble((f"{name}: ", "bold"), text))


def _objects(instance: Any, objects: Sequence[Named | Given] = ()) -> None:
    _rows(object_table.rows(instance, objects))


def _rows(rows: Sequence[object_table.Row]) -> None:
    for name, value in rows:
        _hanging(" " * 4, f"{plain(name)}: {plain(value)}")


def _counterexample(how: str, weak: Counterexample[Any], refutation: Refutation | None) -> None:
    _hanging("  ", f"{how}: {plain(weak.text)}")
    CONSOLE.print("  Smallest instance known:")
    _objects(weak.example, refutation.objects if refutation else ())
    print_steps(refutation.steps if refutation else ())
