"""What the first screen says: totals by grade and the sentences made from them."""

from collections import Counter
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from certify.checking import robust_answers
from certify.checking.report_fields import WITHIN
from verify.claims.claim import AS_PRINTED, OVERSTATED, Verdict
from verify.evidence.grades import Grade

AUDIT = "audit"  # the preset of a report that is about one classifier


class Fact(NamedTuple):
    """One number of the first screen: which question says more of it, and its grade."""

    question: str
    name: str
    value: str
    more: str
    grade: str


GRADES = tuple(grade.value for grade in Grade)
VERDICTS = tuple(verdict.value for verdict in Verdict)


def claim_totals(report: dict[str, Any]) -> Counter[str]:
    """Return the number of instances by grade over all claims."""
    return _total(report["claims"])


def experiment_totals(report: dict[str, Any]) -> Counter[str]:
    """Return the number of results by grade over all experiments."""
    return _total(report["experiments"])


def headline(report: dict[str, Any]) -> str:
    """Return the result in one sentence, the worst news first.

    >>> headline({"claims": [{"counts": {"certified": 3, "refuted": 0}}]})
    'All 3 instances of 1 claim are certified; none is refuted.'
    """
    claims, totals = report["claims"], claim_totals(report)
    instances = sum(totals.values())
    over = f"{quantity(instances, 'instance')} of {quantity(len(claims), 'claim')}"
    if instances == 0:
        return "No instance of a claim was checked in this run."
    if totals["refuted"]:
        hit = sum(claim["counts"]["refuted"] > 0 for claim in claims)
        return (
            f"{quantity(totals['refuted'], 'instance')} of {quantity(hit, 'claim')} "
            f"{'is' if totals['refuted'] == 1 else 'are'} refuted; {totals['certified']:,} of "
            f"{over} {_be(totals['certified'])} certified."
        )
    if totals["certified"] == instances:
        return f"All {over} are certified; none is refuted."
    rest = " and ".join(f"{totals[g]:,} {g}" for g in ("undecided", "malformed") if totals[g])
    return f"{totals['certified']:,} of {over} are certified; none is refuted, {rest}."


def section_7(report: dict[str, Any]) -> str:
    """Return how many of the five findings of Section 7 hold, where they were asked about."""
    found = (e["findings"].get("charles-sec7-findings") for e in report["experiments"])
    return next(filter(None, found), "")


def audited(report: dict[str, Any]) -> str:
    """Return what an audit found about its classifier, in one sentence.

    >>> nothing = {"accuracy": None, "questions": {}}
    >>> audited({"audit": nothing, "data": None})
    'Asked about its weights alone: without examples, nothing is said about its answers.'
    """
    audit = report["audit"]
    accuracy, attack = audit["accuracy"], audit["questions"].get("adversaries")
    if accuracy is None:
        return "Asked about its weights alone: without examples, nothing is said about its answers."
    share = accuracy["right"] / accuracy["examples"]
    sentence = f"Reads {share:.1%} of {quantity(accuracy['examples'], 'example')} right"
    if attack is None:
        return f"{sentence}."
    attacked, within = len(attack["examples"]), _within(report)
    last = within[-1] if within else f"{attack['found']['fooled']['count']}"
    return f"{sentence}; an attack on {attacked} of them fools it on {last}."


def facts(report: dict[str, Any]) -> list[Fact]:
    """Return what an audit found of most interest, each with the question that says more."""
    audit = report["audit"]
    found = {
        (question, what): entry
        for question, answer in audit["questions"].items()
        for what, entry in answer["found"].items()
    }
    facts = []
    if fooled := found.get(("adversaries", "fooled")):
        attacked = len(audit["questions"]["adversaries"]["examples"])
        facts.append(
            Fact(
                "adversaries",
                "Fooled",
                f"{fooled['count']} of {attacked}",
                listed(within) if (within := _within(report)) else "by an attack",
                fooled["grade"],
            )
        )
    facts += _robust(report)
    if narrowest := audit["narrowest"]:
        value = root(Fraction(narrowest["margin_squared"]), 3)
        more = f"units of the data, of the pairs asked about between {narrowest['pair']}"
        facts.append(Fact("pairs", "Smallest margin", value, more, "certified"))
    if dimension := found.get(("invariant-directions", "dimension")):
        more = "of features that no difference of scores notices"
        value = quantity(dimension["count"], "dimension")
        facts.append(
            Fact("invariant-directions", "Invisible directions", value, more, dimension["grade"])
        )
    return facts


def _robust(report: dict[str, Any]) -> list[Fact]:
    """Return how many examples keep their label within the largest radius that was decided."""
    answer = report["audit"]["questions"].get(robust_answers.QUESTION)
    if answer is None:
        return []
    kept = {
        Fraction(name.removeprefix(robust_answers.KEPT)): entry["count"]
        for name, entry in answer["found"].items()
        if name.startswith(robust_answers.KEPT)
    }
    entry = next(e for e in report["experiments"] if e["id"] == robust_answers.QUESTION)
    radius, unit = max(kept), entry["figures"][0]["data"]["unit"]
    lost = answer["found"][f"{robust_answers.LOST}{radius}"]["count"]
    total = len(answer["examples"])
    open_ = total - kept[radius] - lost
    more = f"keep their label within {float(radius):g} {unit}; {lost} do not, {open_} undecided"
    return [
        Fact(robust_answers.QUESTION, "Robust", f"{kept[radius]} of {total}", more, "certified")
    ]


def _within(report: dict[str, Any]) -> list[str]:
    """Return how many adversaries there are within each radius, in words."""
    entry = next(e for e in report["experiments"] if e["id"] == "adversaries")
    unit = entry["tables"][0]["columns"][0].get("unit", "")
    found = report["audit"]["questions"]["adversaries"]["found"]
    radii = {
        Fraction(name.removeprefix(WITHIN)): count["count"]
        for name, count in found.items()
        if name.startswith(WITHIN)
    }
    words = [f"{count} within {float(radius):g}" for radius, count in sorted(radii.items())]
    return [*words[:-1], f"{words[-1]} {unit}".strip()] if words else []


def undecided(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return id, title and number of exact results of each question that left some undecided."""
    return [
        (entry["id"], entry["title"], count)
        for entry in report["experiments"]
        if (count := sum(entry["counts"][g] for g in ("refuted", "undecided", "malformed")))
    ]


def root(square: Fraction, digits: int) -> str:
    """Return a square root for reading, however large or small it is.

    >>> root(Fraction(1, 4), 3), root(Fraction(10) ** 400, 3), root(Fraction(1, 10**500), 3)
    ('0.5', '1e+200', '1e-250')
    """
    exact = Context(prec=30, Emax=MAX_EMAX, Emin=MIN_EMIN)
    quotient = exact.divide(Decimal(square.numerator), Decimal(square.denominator))
    return f"{Context(prec=digits).create_decimal(exact.sqrt(quotient)).normalize():g}"


def verdicts(report: dict[str, Any]) -> str:
    """Return what became of the printed statements, in words, or an empty text without claims.

    >>> verdicts({"claims": [{"verdict": "true"}, {"verdict": "false as stated"}]})
    'As printed in their papers, 1 of the 2 claims is true and 1 false; certified is what is true.'
    """
    claims = report["claims"]
    if not claims:
        return ""
    counts = Counter(claim["verdict"] for claim in claims)
    parts = [f"{counts[v]} {v.removesuffix(' as stated')}" for v in VERDICTS if counts[v]]
    first, *rest = parts
    count, _, word = first.partition(" ")
    parts = [f"{count} of the {quantity(len(claims), 'claim')} {_be(int(count))} {word}", *rest]
    # Else "none is refuted" and "counterexamples refute" would seem to contradict each other.
    repaired = "; certified is what is true" if rest or word != Verdict.TRUE else ""
    return f"As printed in their papers, {listed(parts)}{repaired}."


def counterexamples(report: dict[str, Any]) -> str:
    """Return how many statements exact counterexamples refute, as printed and when weakened.

    >>> printed = {"dropped": "as printed", "grade": "refuted"}
    >>> counterexamples({"claims": [{"counterexamples": [printed]}]})
    'Exact counterexamples refute 1 statement as printed and 0 weakened ones.'
    """
    found = [c for claim in report["claims"] for c in claim["counterexamples"]]
    refuted = [c for c in found if c["grade"] == "refuted"]
    if not refuted:
        return ""
    printed = sum(c["dropped"] == AS_PRINTED for c in refuted)
    overstated = sum(c["dropped"] == OVERSTATED for c in refuted)
    weakened = len(refuted) - printed - overstated
    parts = [
        f"{quantity(printed, 'statement')} as printed",
        f"{weakened} weakened {'one' if weakened == 1 else 'ones'}",
        *([f"{quantity(overstated, 'sharp form')} in words that say too much"] * bool(overstated)),
    ]
    return f"Exact counterexamples refute {listed(parts)}."


def experiments(report: dict[str, Any]) -> str:
    """Return how the experiments' findings are graded, in words.

    >>> experiments({"experiments": [{"grade": "certified"}, {"grade": "float"}]})
    'Of the 2 paired experiments, 1 is decided exactly and 1 is measured in floating point only.'
    """
    counts = Counter(experiment["grade"] for experiment in report["experiments"])
    number = sum(counts.values())
    if not number:
        return "No experiment was run."
    words = {
        "certified": "decided exactly",
        "refuted": "refuted by an exact counterexample",
        "float": "measured in floating point only",
        "undecided": "undecided",
        "malformed": "malformed",
    }
    parts = [f"{counts[g]} {_be(counts[g])} {words[g]}" for g in GRADES if counts[g]]
    return f"Of the {quantity(number, 'paired experiment')}, {listed(parts)}."


def instances_in_words(counts: dict[str, int]) -> str:
    """Return a claim's counts in words.

    >>> instances_in_words({"certified": 198, "refuted": 0, "undecided": 2, "malformed": 0})
    'certified on 198 instances, undecided on 2'
    """
    shown = [grade for grade in GRADES if counts.get(grade)]
    if not shown:
        return "no instance"
    first, *rest = shown
    start = f"{first} on {quantity(counts[first], 'instance')}"
    return ", ".join([start, *(f"{grade} on {counts[grade]:,}" for grade in rest)])


def quantity(number: int, noun: str) -> str:
    """Return ``number`` with its noun, in the plural unless it is 1.

    >>> quantity(1200, "instance")
    '1,200 instances'
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(parts: list[str]) -> str:
    """Join words as in a sentence: ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _total(entries: list[dict[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for entry in entries:
        total.update(entry["counts"])
    return total


def _be(number: int) -> str:
    return "is" if number == 1 else "are"
