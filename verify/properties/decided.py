"""What came of a property and a model: the answer, its words, and the files that tell it."""

import hashlib
import json
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from textwrap import fill
from typing import Any, Literal

from certify.certificates.certificate import Certificate, canonical_json
from certify.checking import answers
from certify.checking.folders import CERTIFICATES, SUMS
from certify.numbers.rationals import Vector, texts
from certify.version import __version__
from verify.evidence.places import check_out, printable, write_whole
from verify.models.model import Model
from verify.properties.counterexamples import decimal, written
from verify.properties.model_cases import stated
from verify.properties.reading import Specification

Word = Literal["unsat", "sat", "timeout", "unknown"]  # VNN-COMP's, about counterexamples
SAID = {"unsat": "holds", "sat": "violated", "timeout": "undecided", "unknown": "undecided"}
WIDTH = 80  # of lines of text
CLOSE = 1e-9  # to 0, in floats
SHOWN = 10  # numbers of a counterexample that are printed


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
            what = "anything" if self.boxes == 1 else "every box"
            return f"time was up after {self.seconds:.1f} s, before {what} was bounded."
        if self.bound == -inf:
            return (
                "numbers that occur are beyond all floats, with which counterexamples are sought."
            )
        why = "time was up" if self.word == "timeout" else "nothing is left that could be split"
        if self.tied and self.bound > -CLOSE and self.word == "unknown":
            why = "only ties were found, which the file excludes,"
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


def _filled(text: str, indent: str) -> str:
    return fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )
