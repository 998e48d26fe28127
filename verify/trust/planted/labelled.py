"""Answers that are known beforehand, compared with the exact ones and with those of floats.

The instances of :mod:`verify.trust.planted.points` and its neighbours are true or false because
they were made so. The exact methods decide each, the checker reads what they establish, and an
obvious method in floats decides the same numbers.
"""

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from certify.checking import checker
from verify.trust.planted import margins as labelled_margins
from verify.trust.planted import matrices as labelled_matrices
from verify.trust.planted import networks as labelled_networks
from verify.trust.planted import points as labelled_points
from verify.trust.planted import programs as labelled_programs
from verify.trust.planted.instances import EASY, Family, Instance, OtherInstance
from verify.trust.section import Section, shown

FAMILIES: tuple[Family[Any], ...] = (
    *labelled_points.FAMILIES, *labelled_margins.FAMILIES, *labelled_matrices.FAMILIES,
    *labelled_programs.FAMILIES, *labelled_networks.FAMILIES,
)  # fmt: skip
COLUMNS = (
    "family", "statement", "instances", "easy", "true", "false", "wrong", "undecided",
    "floats wrong", "floats without answer", "floats by",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one instance.

    exact   the answers of the exact methods, read from accepted certificates
    reason  why there is none, or not one of each method
    floats  the answer of the method in floats, None when it gives none
    """

    exact: tuple[int, ...]
    reason: str
    floats: int | None


@dataclass
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    misled: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, instance: Instance[Any], outcome: Outcome, name: str) -> None:
        wrong = any(answer != instance.answer for answer in outcome.exact)
        misled = outcome.floats is not None and outcome.floats != instance.answer
        found = {
            "easy": instance.case == EASY,
            "true": instance.holds,
            "false": not instance.holds,
            "wrong": wrong,
            "undecided": bool(outcome.reason) and not wrong,
            "floats wrong": misled,
            "floats without answer": outcome.floats is None,
        }
        self.counts.update(instances=1, **{key: int(value) for key, value in found.items()})
        self.cases[instance.case] += 1
        self.misled[instance.case] += misled
        if wrong:
            said = " and ".join(map(str, outcome.exact))
            self.problems.append(f"{name}: {said} is certified, planted is {instance.answer}")
        elif outcome.reason:
            self.problems.append(f"{name}: {outcome.reason}")


def run(*, count: int = 5_000, seed: int = 0, progress: Callable[[int, int, str], None]) -> Section:
    """Decide so many instances in all; ``progress(done, total, family)`` is told of each."""
    rows, notes, problems, done = [], [], [], 0
    totals: Counter[str] = Counter()
    shares = [count // len(FAMILIES)] * len(FAMILIES)
    shares[0] += count - sum(shares)
    for family, share in zip(FAMILIES, shares, strict=True):
        tally = _Tally()
        for number in range(share):
            instance = _draw(family, seed, number)
            name = f"{family.name}, seed {seed}, number {number}"
            tally.add(instance, _outcome(family, instance.data), name)
            done += 1
            progress(done, count, family.name)
        numbers = [str(tally.counts[column]) for column in COLUMNS[2:-1]]
        rows.append((family.name, family.statement, *numbers, family.method))
        notes += [
            f"{family.name}, {case}: floats are wrong on {tally.misled[case]} of {n}"
            for case, n in tally.cases.items()
        ]
        problems += tally.problems
        totals += tally.counts
    return Section(
        "Known labels", _words(totals), COLUMNS, tuple(rows), shown(problems), tuple(notes)
    )


def _words(totals: Counter[str]) -> str:
    return (
        f"{totals['instances']:,} instances were made such that the answer is known without any "
        f"solver: {totals['easy']:,} easy ones, and others that are decided by 2^-20 to 2^-60 or "
        "lie exactly on the border. All their numbers are floats, so that every method decides "
        "the very same instance. Each exact answer is read from a certificate that the checker "
        f"accepted and that speaks of the drawn numbers. Wrong: {totals['wrong']:,}; undecided: "
        f"{totals['undecided']:,}. The obvious method in floats is wrong on "
        f"{totals['floats wrong']:,} and gives no answer on {totals['floats without answer']:,}; "
        "how rounding falls, and so these two counts, may depend on the processor. "
        "verify.trust.planted.labelled.drawn(family, seed, number) draws an instance again, and "
        "again(family, seed, number) decides it."
    )


def drawn(family: str, seed: int, number: int) -> Instance[Any]:
    """Return one instance of the family of that name."""
    return _draw(_named(family), seed, number)


def again(family: str, seed: int, number: int) -> Outcome:
    """Decide one instance as a run does."""
    return _outcome(_named(family), drawn(family, seed, number).data)


def _named(name: str) -> Family[Any]:
    return next(family for family in FAMILIES if family.name == name)


def _draw(family: Family[Any], seed: int, number: int) -> Instance[Any]:
    return family.draw(Random(f"{seed}/{family.name}/{number}"), number)


def _outcome(family: Family[Any], data: Any) -> Outcome:
    answers, reason = [], ""
    try:
        for certificate in family.certificates(data):
            document = checker.parse(certificate.line())
            checker.check(document)
            answers.append(family.read(document, data))
    except (checker.Rejected, checker.Malformed, OtherInstance) as error:
        reason = f"no proof: {error}"
    except Exception as error:  # whatever it is, it leaves the instance without an answer
        reason = f"{type(error).__name__}: {error}"
    if not answers and not reason:
        reason = "no certificate"
    return Outcome(tuple(answers), reason, _in_floats(family, data))


def _in_floats(family: Family[Any], data: Any) -> int | None:
    """Return the answer in floats; solvers fail in ways of their own, which is no answer."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return family.floats(data)
        except Exception:
            return None
