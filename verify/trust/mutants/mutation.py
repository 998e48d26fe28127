"""The mutation campaign: every mutant of many honest certificates is refused, or says a truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from certify.certificates.kinds import HONEST, KINDS
from certify.checking import checker
from certify.checking import fast as fast_checker
from verify.claims.registry import CLAIMS
from verify.trust.mutants.documents import DOCUMENT, Json, Mutant, long_integers, mutants
from verify.trust.second import available, second_checker
from verify.trust.section import Section, shown

LONGEST = 1_500  # characters of a certificate from a claim: its mutants grow with it
SAME_STATEMENT = "other evidence of the same true statement"
ACCEPTED, REJECTED, MALFORMED = "accepted", "rejected", "malformed"

Verdict = tuple[str, str]
Checker = Callable[[Sequence[str]], list[Verdict]]
"""From the texts of certificates to verdicts, each with the step or place that gave it."""


def first_checker(texts: Sequence[str]) -> list[Verdict]:
    """Ask the checker of the standard library."""
    return [_decide(text, checker.check) for text in texts]


def faster_checker(texts: Sequence[str]) -> list[Verdict]:
    """Ask the checker with the arithmetic of python-flint."""
    return [_decide(text, fast_checker.check) for text in texts]


def checkers() -> tuple[Checker, ...]:
    """Return the checker, the fast one, and the second one where there is a Node.js to run it."""
    others = (second_checker,) if available() else ()
    return (first_checker, faster_checker, *others)


def _decide(text: str, check: Callable[[Json], tuple[str, str]]) -> Verdict:
    try:
        check(checker.parse(text))
    except checker.Rejected as error:
        return REJECTED, error.step
    except checker.Malformed as error:
        return MALFORMED, error.where
    return ACCEPTED, ""


@dataclass
class Tally:
    """What became of the certificates of one kind and of their mutants."""

    honest: int = 0
    tried: int = 0
    otherwise: int = 0  # refused by all, not for the same kind of reason
    refused: Counter[str] = field(default_factory=Counter)
    equivalent: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.honest += other.honest
        self.tried += other.tried
        self.otherwise += other.otherwise
        self.refused += other.refused
        self.equivalent += other.equivalent
        self.problems += other.problems


def honest_certificates() -> list[Json]:
    """Return small certificates of every kind, and those of all claims and counterexamples."""
    texts = {json.dumps(honest.document(), sort_keys=True) for honest in HONEST.values()}
    for claim in CLAIMS.values():
        found = list(claim.prove(claim.example).certificates)
        for weak in claim.counterexamples().values():
            refutation = weak.refute(weak.example)
            found += refutation.certificates if refutation else ()
        lines = (certificate.line() for certificate in found)
        texts |= {json.dumps(json.loads(t), sort_keys=True) for t in lines if len(t) <= LONGEST}
    return sorted(map(json.loads, sorted(texts)), key=lambda c: str(c["kind"]))


def expected(mutant: Mutant) -> str:
    """Return the place at which a mutant of the document must be malformed, else nothing."""
    if mutant.part != DOCUMENT or mutant.operation == "field removed":
        return "certificate" if mutant.part == DOCUMENT else ""
    if mutant.place == "comment":
        return "certificate"
    place = "instance_sha256" if mutant.place == "instance" else mutant.place
    return f"certificate.{place}"


def reason(mutant: Mutant) -> str:
    """Return why an accepted mutant says nothing false; nothing if no reason is known.

    A mutant of the evidence alone is about the same true statement as before. One of the instance
    or of the statement is another certificate, accepted where it proves what it says: the file of
    its kind names the places where that happens, each with the reason.
    """
    if mutant.part == "evidence":
        return SAME_STATEMENT
    place = mutant.pattern.replace("[]", "")
    surviving = KINDS[mutant.kind].surviving
    return next((why for start, why in surviving.items() if place.startswith(start)), "")


def tally(honest: Json, other: Json, checkers: Sequence[Checker] = (first_checker,)) -> Tally:
    """Show an honest certificate and all its mutants to the checkers.

    A problem is an honest certificate that is refused, a mutant that is accepted without a reason,
    one that is refused elsewhere than expected, or one that only some of the checkers accept. What
    is both malformed and wrong may be refused as either.
    """
    with long_integers():
        return _tally(honest, other, checkers)


def _tally(honest: Json, other: Json, checkers: Sequence[Checker]) -> Tally:
    found = Tally(honest=1)
    name = f"{honest['kind']} {honest['instance_sha256'][:8]}"
    changed = list(mutants(honest, other))
    found.tried = len(changed)
    texts = [json.dumps(honest), *(json.dumps(mutant.document) for mutant in changed)]
    answers, *others = (check(texts) for check in checkers)
    for verdict, where in (verdicts[0] for verdicts in (answers, *others)):
        if verdict != ACCEPTED:
            found.problems.append(f"{name}: honest, and {verdict} at {where}")
    for number, (mutant, (verdict, where)) in enumerate(zip(changed, answers[1:], strict=True), 1):
        about = f"{name}, {mutant.place}, {mutant.operation}"
        for again, why_again in (verdicts[number] for verdicts in others):
            if (again == ACCEPTED) != (verdict == ACCEPTED):
                by_another = f"and {again} by another checker: {why_again}"
                found.problems.append(f"{about}: {verdict} at {where}, {by_another}")
            found.otherwise += again != verdict
        if verdict != ACCEPTED:
            found.refused[f"{verdict}: {where}"] += 1
            if (place := expected(mutant)) and where != place:
                found.problems.append(f"{about}: refused at {where}, not at {place}")
        elif why := reason(mutant):
            found.equivalent[why] += 1
        else:
            found.problems.append(f"{about}: accepted")
    return found


def _pairs(certificates: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each certificate with one about another instance, of the same kind if there is one."""
    for number, honest in enumerate(certificates):
        others = [c for c in certificates if c["instance"] != honest["instance"]]
        same = [c for c in others if c["kind"] == honest["kind"]]
        pool = same or others
        yield honest, pool[number % len(pool)]


def run(
    *,
    executor: Executor,
    progress: Callable[[int, int, str], None],
    checkers: Sequence[Checker] = (first_checker,),
    certificates: list[Json] | None = None,
) -> Section:
    """Run the campaign over all honest certificates, on the executor."""
    honest = honest_certificates() if certificates is None else certificates
    pairs = list(_pairs(honest))
    tallies: dict[str, Tally] = {}
    futures = [executor.submit(tally, one, other, checkers) for one, other in pairs]
    for done, (future, (one, _)) in enumerate(zip(futures, pairs, strict=True), 1):
        tallies.setdefault(one["kind"], Tally()).add(future.result())
        progress(done, len(pairs), one["kind"])
    rows, notes = [], []
    for kind, found in sorted(tallies.items()):
        steps = [place for place in found.refused if place.startswith(REJECTED)]
        counts = (found.honest, found.tried, found.refused.total(), len(steps))
        rows.append((kind, *map(str, (*counts, found.equivalent.total()))))
        notes += [f"{kind}: {why} ({n})" for why, n in sorted(found.equivalent.items())]
    problems = [line for found in tallies.values() for line in found.problems]
    total = sum(found.tried for found in tallies.values())
    refused = sum(found.refused.total() for found in tallies.values())
    if otherwise := sum(found.otherwise for found in tallies.values()):
        notes.append(f"malformed for one checker and rejected by another: {otherwise}")
    return Section(
        "Mutants of certificates",
        f"Every number of {len(honest)} honest certificates was raised, lowered, negated, halved "
        "and replaced by 0, by a float, by a fraction over 1 or one that can be reduced, and by an "
        "integer of 4,400 digits; every list was emptied, shortened, lengthened, repeated and "
        "reordered, every word changed or given a line feed or a foreign letter, every field "
        "removed, relations given sums of 200 fractions, and the document given other versions, "
        f"kinds and hashes: {total:,} mutants, of which {refused:,} were refused by "
        f"{_named(len(checkers))}, at so many different steps. Those accepted certify something "
        "that is still true, for a reason that is written down below. Survivors without a reason: "
        f"{sum(line.endswith(': accepted') for line in problems)}.",
        ("kind", "honest", "mutants", "refused", "steps", "still true"),
        tuple(rows),
        shown(problems),
        tuple(notes),
    )


def _named(count: int) -> str:
    if count == 1:
        return "the checker"
    fast = "the checker and the fast one"
    if count == 2:
        return f"{fast} (there is no Node.js here to run the second one)"
    return f"{fast}, and by the second checker, all of which agree"
