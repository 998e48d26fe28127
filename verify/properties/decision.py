"""Whether a property of VNN-LIB holds of a model: decided exactly, in a given time."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from math import inf
from numbers import Real
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from certify.bounds.checkpoints import Checkpoint
from certify.bounds.decision import Verdict, decided
from certify.bounds.question import Question
from certify.bounds.telling import Progress
from certify.cli import fast
from certify.errors import InputError, described
from certify.numbers.rationals import Vector
from verify.data.checks import check_whole
from verify.evidence.decision import graded
from verify.evidence.grades import Grade
from verify.models.readers import of_object
from verify.properties.cases import Case
from verify.properties.counterexamples import shortest
from verify.properties.decided import Decided, Word
from verify.properties.model_cases import cases_of
from verify.properties.own_floats import check_reading, floats_at
from verify.properties.reading import Specification, read_property

LASTING = 1e9  # seconds, which are decades


@dataclass(frozen=True, eq=False)
class _Asked(Question):
    """A question whose counterexamples are those of its cases: without ties that these exclude."""

    cases: Sequence[Case] = ()
    ties: list[Vector] = field(default_factory=list)  # the first point that is none for these alone

    def candidates(self, point: Vector) -> Iterable[Vector]:
        """Return a point, and some farther inside where sides of the box are excluded."""
        yield point
        if any(case.above or case.below for case in self.cases):
            sides = [*zip(self.box.lower, point, self.box.upper, strict=True)]
            for bits in (20, 40, 60):  # nearer ones have more digits, and lose less of the outputs
                yield tuple(x + ((low + high) / 2 - x) / 2**bits for low, x, high in sides)

    def refuted_by(self, point: Any) -> int | None:
        """Return the first case of which a point is a counterexample, None if of none."""
        (outputs,) = self.network.outputs([point])
        found = next((k for k, case in enumerate(self.cases) if case.holds(point, outputs)), None)
        if found is None and not self.ties and point in self.box:
            self.ties.extend([point] * any(outputs in p for p in self.properties))
        return found


def decide(
    model: Any,
    property: Path | str | Specification,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    workers: int = 1,
    checkpoints: Path | str | None = None,
    progress: Progress | None = None,
) -> Decided:
    """Decide whether a property holds of a model, about its outputs in real arithmetic.

    ``model`` is the path of a file, a torch module or an estimator as for :func:`verify.audit`, and
    ``property`` the path of a file of VNN-LIB, version 1 or 2. Boxes of the property are decided
    one after the other, within ``seconds`` in all, in as many processes as there are ``workers``
    where that is worth it, and what some leave of their time goes to those that are open;
    ``progress`` is told of their parts. With ``checkpoints``, a directory
    for a file of each box, a search that ended undecided or was interrupted goes on from there.
    That a property holds is said when the checker has accepted the certificates. Raises InputError
    for what cannot be read, or does not fit, and for outputs that the property cannot be about.
    """
    start = time.monotonic()
    check_seconds("seconds", seconds)
    check_whole("seed", seed)
    check_whole("workers", workers, 1)
    paths = {"property": property, "checkpoints": "" if checkpoints is None else checkpoints}
    for name, given in paths.items():
        if not isinstance(given, str | PathLike | Specification):
            raise InputError(name, expected="the path of a file", got=described(given))
    read = of_object(model, None)
    asked = property if isinstance(property, Specification) else read_property(Path(property))
    network = read.network
    cases = cases_of(read, asked)
    groups = [tuple(own) for _, own in groupby(cases, key=lambda case: case.box)]
    found = Decided(read, asked, "unsat", 0.0, boxes=len(groups))
    if groups:
        check_reading(read, groups[0][0].box, seed)
    questions = [_Asked(network, own[0].box, [c.property for c in own], own) for own in groups]
    folder = None if checkpoints is None else Path(checkpoints)
    with TemporaryDirectory() as between:

        def search(k: int, left: float) -> Verdict:
            place = Path(between) if folder is None and len(groups) > 1 else folder
            kept = Checkpoint(place / f"box-{k}.search", questions[k], seed) if place else None
            return decided(
                questions[k], seconds=left, seed=seed, workers=workers, checkpoint=kept,
                progress=progress,
            )  # fmt: skip

        verdicts = _verdicts(search, len(groups), start, seconds)
    for k, (verdict, late) in sorted(verdicts.items()):
        found = replace(
            found,
            certificates=found.certificates + verdict.certificates,
            open_parts=found.open_parts + verdict.open_parts,
            parts=found.parts + verdict.parts,
            tied=found.tied or bool(questions[k].ties),
        )
        grade, refused = graded(verdict.certificates, fast)
        if verdict.answer == "certified" and grade is not Grade.CERTIFIED:
            spent = time.monotonic() - start
            return replace(found, word="unknown", certificates=(), refused=refused, seconds=spent)
        if verdict.counterexample is not None:
            found = _violated(found, questions[k], verdict.counterexample)
            break
        if verdict.answer == "undecided":
            bounds = [b for b in (found.bound, verdict.bound) if b is not None]
            word: Word = "timeout" if late or found.word == "timeout" else "unknown"
            found = replace(found, word=word, bound=min(bounds, default=None))
    if folder is not None and found.answer != "undecided":
        for path in kept_in(folder):
            path.unlink()
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return replace(found, seconds=time.monotonic() - start)


def _verdicts(
    search: Callable[[int, float], Verdict], count: int, start: float, seconds: float
) -> dict[int, tuple[Verdict, bool]]:
    """Return what came of each box by its number, and whether its time was up.

    ``search`` goes on with a box, for so many seconds. Boxes share the time that is left evenly,
    and what is left at the end goes to those that are open. None follows a counterexample.
    """
    found: dict[int, tuple[Verdict, bool]] = {}
    waiting, end = [*range(count)], start + seconds
    while waiting:
        for n, k in enumerate(waiting):
            began = time.monotonic()
            left = max(0.0, end - began) / (len(waiting) - n)
            if left or not found:
                verdict = search(k, left)
                late = time.monotonic() - began >= 0.99 * left
                found[k] = verdict, verdict.answer == "undecided" and late
                if verdict.counterexample is not None:
                    return {k: found[k]}
            else:
                unseen = Verdict("undecided", bound=-inf, open_parts=1, parts=1)
                found[k] = found.get(k, (unseen, True))
        # Less than a hundredth of the time brings no further.
        more = end - time.monotonic() > 0.01 * seconds
        waiting = [k for k in waiting if found[k][1]] if more else []
    return found


def kept_in(folder: Path) -> list[Path]:
    """Return the files of searches that a directory holds."""
    return sorted(folder.glob("box-*.search"))


def check_seconds(name: str, seconds: Any) -> None:
    """Raise InputError, naming the argument, for what is no time."""
    real = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if not real or not 0 < seconds <= LASTING:
        wanted = f"a number above 0, at most {LASTING:g}"
        raise InputError(name, expected=wanted, got=described(seconds))


def _violated(found: Decided, question: _Asked, point: Vector) -> Decided:
    """Return the answer with a counterexample of few decimals, and what floats make of it."""
    point = shortest(point, question.box, lambda x: question.refuted_by(x) is not None)
    (outputs,) = question.network.outputs([point])
    case = question.cases[question.refuted_by(point) or 0]
    found = replace(
        found, word="sat", certificates=(), counterexample=point, outputs=outputs,
        bound=None, open_parts=0,
    )  # fmt: skip
    floats = floats_at(found.model, point)
    if floats is None:
        return found
    return replace(found, floats=floats, confirmed=case.met([Fraction(y) for y in floats]))
