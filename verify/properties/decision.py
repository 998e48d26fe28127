"""Whether a property of VNN-LIB holds of a model: decided exactly, in a given time."""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from math import inf, isfinite
from numbers import Real
from os import PathLike
from pathlib import Path
from textwrap import fill
from typing import Any, Literal

from certify.bounds.checkpoints import Checkpoint
from certify.bounds.decision import decided
from certify.bounds.question import Question
from certify.bounds.telling import Progress
from certify.certificates.certificate import Certificate, canonical_json
from certify.checking import answers
from certify.checking.folders import CERTIFICATES, SUMS
from certify.cli import fast
from certify.errors import InputError, described
from certify.numbers.rationals import Vector, texts
from certify.version import __version__
from verify.data.checks import check_whole
from verify.evidence.decision import graded
from verify.evidence.grades import Grade
from verify.evidence.places import check_out, printable, write_whole
from verify.models.model import Model
from verify.models.readers import of_object
from verify.properties.cases import Case
from verify.properties.counterexamples import decimal, shortest, written
from verify.properties.own_floats import check_reading, floats_at
from verify.properties.reading import Specification, read_property

Word = Literal["unsat", "sat", "timeout", "unknown"]  # VNN-COMP's, about counterexamples
SAID = {"unsat": "holds", "sat": "violated", "timeout": "undecided", "unknown": "undecided"}
WIDTH = 80  # of lines of text
LASTING = 1e9  # seconds, which are decades
CLOSE = 1e-9  # to 0, in floats
SHOWN = 10  # numbers of a counterexample that are printed


@dataclass(frozen=True, eq=False)
class _Asked(Question):
    """A question whose counterexamples are those of its cases: without ties that these exclude."""

    cases: Sequence[Case] = ()
    ties: list[Vector] = field(default_factory=list)  # the first point that is none for these alone

    def candidates(self, point: Vector) -> Iterable[Vector]:
        """Return a point, and one farther inside where sides of the box are excluded."""
        yield point
        if any(case.above or case.below for case in self.cases):
            sides = zip(self.box.lower, point, self.box.upper, strict=True)
            yield tuple(x + ((low + high) / 2 - x) / 2**20 for low, x, high in sides)

    def refuted_by(self, point: Any) -> int | None:
        """Return the first case of which a point is a counterexample, None if of none."""
        (outputs,) = self.network.outputs([point])
        found = next((k for k, case in enumerate(self.cases) if case.holds(point, outputs)), None)
        if found is None and not self.ties and point in self.box:
            self.ties.extend([point] * any(outputs in p for p in self.properties))
        return found


@dataclass(frozen=True, repr=False)
class Decided:
    """What came of a model and a property.

    word            unsat: the property holds, which the certificates prove; sat: it is violated;
                    timeout, or unknown when nothing was left to be tried: neither is decided
    certificates    in the order of the boxes; none where the assertions contradict each other
    counterexample  an input, exactly, and its ``outputs``, where the property is violated
    floats          the outputs that the model's own library computes there, None without one
    bound           what was proved of the worst of ``open_parts``; above 0 it would be closed
    boxes, parts    of how many boxes the property speaks, and into how many they were split
    """

    model: Model
    asked: Specification
    word: Word
    seconds: float
    certificates: tuple[Certificate, ...] = ()
    counterexample: Vector | None = None
    outputs: Vector | None = None
    floats: tuple[float, ...] | None = None
    confirmed: bool | None = None  # whether these have the property, too
    bound: float | None = None
    open_parts: int = 0
    tied: bool = False  # whether there is an input that is none for a tie alone
    refused: str = ""  # why a checker refused what the search took for a proof: a mistake in it
    boxes: int = 0
    parts: int = 0

    @property
    def answer(self) -> str:
        """The answer in a word: holds, violated or undecided."""
        return SAID[self.word]

    def __repr__(self) -> str:
        return f"<{self.model.name}: {self.answer}, {self.seconds:.1f} s>"

    def __str__(self) -> str:
        """Return the answer as it is printed, in lines that a terminal holds, and its notes."""
        lines = [_filled(f"{self.answer}: {self._sentence()}", "")]
        if self.counterexample is not None and self.outputs is not None:
            for letter, values in (("X", self.counterexample), ("Y", self.outputs)):
                lines += [f"  {letter}_{k} = {decimal(x)[0]}" for k, x in enumerate(values[:SHOWN])]
                if len(values) > SHOWN:
                    lines.append(f"  and {len(values) - SHOWN} more")
        lines += [_filled(note, "  ") for note in self.notes]
        return "\n".join(lines)

    def _sentence(self) -> str:
        if self.word == "unsat" and not self.boxes:
            return "its assertions contradict each other, so that there is no counterexample."
        if self.word == "unsat":
            count = len(self.certificates)
            many, more = ("s" * (number != 1) for number in (count, self.parts))
            return (
                f"no input has outputs as the property describes; {count} certificate{many}, "
                f"{self.parts} part{more}, {self.seconds:.1f} s."
            )
        if self.word == "sat":
            return (
                f"this input has outputs as the property describes, exactly; {self.seconds:.1f} s."
            )
        if self.refused:
            return f"what the search took for a proof was refused by the checker: {self.refused}"
        if self.bound is None:
            return (
                f"{self.parts} parts were closed after {self.seconds:.1f} s, more than the checker "
                "would read in one certificate."
            )
        if self.bound == -inf and self.word == "timeout":
            return f"time was up after {self.seconds:.1f} s, before anything was bounded."
        if self.bound == -inf:
            return (
                "numbers that occur are beyond all floats, with which counterexamples are sought."
            )
        why = "time was up" if self.word == "timeout" else "nothing is left that could be split"
        if self.tied and self.bound > -CLOSE and self.word == "unknown":
            why = "only ties are left, which the file excludes,"
        left = f"{self.open_parts} of {self.parts} parts are open, the worst of them with the bound"
        return f"{why} after {self.seconds:.1f} s; {left} {self.bound:.3g}; above 0 closes one."

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answer is about, in sentences."""
        found = ["The answer is about real arithmetic with the weights and numbers of both files."]
        if self.model.rounded:
            found.append(self.model.rounded)
        if self.model.behind == "order":
            found.append(
                "The property compares outputs with each other, and so the scores before the "
                "model's softmax or labels decide it; Y are these."
            )
        if self.tied and self.answer == "undecided":
            found.append(
                "There are inputs whose outputs are as described but for a tie, which the file "
                "excludes: no certificate can close them, as certificates count ties."
            )
        if "nnet" in self.model.origin:
            found.append("Inputs are those that the file takes, which it clips and normalises.")
        if self.floats is not None:
            assert self.model.runtime is not None
            shown = ", ".join(f"{y:.9g}" for y in self.floats[:SHOWN])
            also = "also" if self.confirmed else "NOT"
            found.append(
                f"{self.model.runtime.name} computes {shown} there in its floats, which {also} is "
                "a counterexample."
            )
        if self.counterexample is not None and not all(decimal(x)[1] for x in self.counterexample):
            found.append("Some inputs have no short decimals: the file of results rounds them.")
        return tuple(found)

    def result(self) -> str:
        """Return the text of a file of results as VNN-COMP has it."""
        return f"{self.word}\n{self.assignment()}"

    def assignment(self) -> str:
        """Return the counterexample as files of VNN-COMP have it, nothing where there is none."""
        if self.counterexample is None or self.outputs is None:
            return ""
        return written(self.asked, self.counterexample, self.outputs)

    def to_json(self) -> dict[str, Any]:
        """Return what the answer is and what it is about, numbers exactly."""
        layers = canonical_json(self.model.network.to_json())
        point, outputs = (x and texts(x) for x in (self.counterexample, self.outputs))
        return {
            "format": answers.FORMAT,
            "version": 1,
            "software_version": __version__,
            "answer": self.answer,
            "word": self.word,
            "model": {
                "origin": self.model.origin,
                "layers_sha256": hashlib.sha256(layers.encode()).hexdigest(),
            },
            "property": {"file": printable(self.asked.name), "sha256": self.asked.sha256},
            "boxes": self.boxes,
            "parts": self.parts,
            "open_parts": self.open_parts,
            "bound": self.bound if self.bound is not None and isfinite(self.bound) else None,
            "seconds": round(self.seconds, 2),
            "certificates": len(self.certificates),
            "counterexample": point,
            "outputs": outputs,
            "floats": self.floats,
            "notes": list(self.notes),
        }

    def write(
        self, directory: Path | str, *, overwrite: bool = False, resume: bool = False
    ) -> None:
        """Write result, counterexample, certificates, and what they are about, into a directory.

        Each file is put there as a whole, and those that an earlier answer left are removed; hashes
        of all stand in ``SHA256SUMS``. Raises
        InputError for a directory that is there, unless it holds such an answer to overwrite, or
        what an interrupted search left to ``resume``.
        """
        place = Path(directory)
        check_out(place, overwrite=overwrite, resume=resume, python=True)
        place.mkdir(parents=True, exist_ok=True)
        files = {
            answers.BOXES: stated(self.model, self.asked),
            CERTIFICATES: "".join(f"{c.line()}\n" for c in self.certificates),
            answers.POINT: self.assignment(),
            answers.DECISION: json.dumps(self.to_json(), indent=1) + "\n",
            answers.RESULT: self.result(),
        }
        sums = ""
        for name, content in sorted(files.items()):
            if content or name not in answers.SOMETIMES:
                write_whole(place / name, content)
                sums += f"{hashlib.sha256(content.encode()).hexdigest()}  {name}\n"
            else:
                (place / name).unlink(missing_ok=True)
        write_whole(place / SUMS, sums)


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
    where that is worth it; ``progress`` is told of their parts. With ``checkpoints``, a directory
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
    folder = None if checkpoints is None else Path(checkpoints)
    for k, own in enumerate(groups):
        question = _Asked(network, own[0].box, [case.property for case in own], own)
        left = max(0.0, seconds - (time.monotonic() - start)) / (len(groups) - k)
        kept = Checkpoint(folder / f"box-{k}.search", question, seed) if folder else None
        verdict = decided(
            question, seconds=left, seed=seed, workers=workers, checkpoint=kept, progress=progress
        )
        found = replace(
            found,
            certificates=found.certificates + verdict.certificates,
            open_parts=found.open_parts + verdict.open_parts,
            parts=found.parts + verdict.parts,
            tied=found.tied or bool(question.ties),
        )
        grade, refused = graded(verdict.certificates, fast)
        spent = time.monotonic() - start
        if verdict.answer == "certified" and grade is not Grade.CERTIFIED:
            return replace(found, word="unknown", certificates=(), refused=refused, seconds=spent)
        if verdict.counterexample is not None:
            found = _violated(found, question, verdict.counterexample)
            break
        if verdict.answer == "undecided":
            bounds = [b for b in (found.bound, verdict.bound) if b is not None]
            late = spent >= 0.99 * seconds or found.word == "timeout"
            word: Word = "timeout" if late else "unknown"
            found = replace(found, word=word, bound=min(bounds, default=None))
    if folder is not None and found.answer != "undecided":
        for path in kept_in(folder):
            path.unlink()
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return replace(found, seconds=time.monotonic() - start)


def _filled(text: str, indent: str) -> str:
    return fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )


def kept_in(folder: Path) -> list[Path]:
    """Return the files of searches that a directory holds."""
    return sorted(folder.glob("box-*.search"))


def check_seconds(name: str, seconds: Any) -> None:
    """Raise InputError, naming the argument, for what is no time."""
    real = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if not real or not 0 < seconds <= LASTING:
        wanted = f"a number above 0, at most {LASTING:g}"
        raise InputError(name, expected=wanted, got=described(seconds))


def cases_of(model: Model, asked: Specification) -> tuple[Case, ...]:
    """Return the cases of a property for a model.

    Raises InputError for a property that is not about the numbers that were read.
    """
    scores = model.network.sizes[-1]
    if model.behind != "nothing" and asked.count != scores:
        wanted = "a model whose outputs are those of its last layer"
        got = f"{asked.count} of its own, where {scores} scores are read and others made of them"
        raise InputError(asked.name, expected=wanted, got=got, where=model.origin)
    cases = asked.cases(model.network.sizes[0], scores, model.shape)
    _check_outputs(model, asked, cases)
    return cases


def stated(model: Model, asked: Specification) -> str:
    """Return a property in numbers: a line for each box, with what outputs shall never be on it."""
    lines = (
        {
            "lower": texts(box.lower), "upper": texts(box.upper),
            "properties": [case.to_json() for case in own],
        }
        for box, own in groupby(cases_of(model, asked), key=lambda case: case.box)
    )  # fmt: skip
    return "".join(f"{canonical_json(line)}\n" for line in lines)


def _check_outputs(model: Model, asked: Specification, cases: Iterable[Case]) -> None:
    rows = [
        (row, d)
        for case in cases
        for row, d in zip(case.property.matrix, case.property.right_side, strict=True)
    ]
    if model.behind == "nothing":
        return
    # Another number in the same order keeps which of two is larger, and nothing else.
    compared = all(
        d == 0 and sum(row) == 0 and len([*filter(None, row)]) in (0, 2) for row, d in rows
    )
    if model.behind == "labels" or model.voting or not compared:
        wanted = "a model whose outputs are those of its last layer"
        if model.behind == "order" and not model.voting:
            wanted = "comparisons of outputs with each other, whose order alone is read"
        raise InputError(
            asked.name, expected=wanted, got="other numbers or labels behind it", where=model.origin
        )


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
