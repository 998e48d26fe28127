"""Property files: which version of VNN-LIB one is, and the cases of its counterexamples."""

import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

from certify.errors import InputError
from verify.properties import vnnlib2
from verify.properties.cases import Case, cases
from verify.properties.formulas import Formula
from verify.properties.vnnlib1 import Assertions
from verify.properties.vnnlib2 import Tensor

LONGEST = 2**28  # bytes, unpacked
_SECOND = re.compile(r"(\s|;[^\n]*(\n|$))*\(\s*vnnlib-version\b", re.ASCII)


@dataclass(frozen=True)
class Specification:
    """What a property file says of all networks of its sizes.

    All its assertions together describe the counterexamples: the property holds of a network when
    there are none. A tie is one, unless the file compares strictly.

    name, sha256     of the file, for messages and reports
    version          of VNN-LIB
    inputs, outputs  variables in the order in which they are declared, in version 1 X and Y
    """

    name: str
    sha256: str
    version: Literal[1, 2]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    formula: Formula

    @property
    def count(self) -> int:
        """How many outputs it is about."""
        return sum(prod(tensor.shape) for tensor in self.outputs)

    def cases(
        self, inputs: int, outputs: int, shape: tuple[int, ...] | None = None
    ) -> tuple[Case, ...]:
        """Return boxes with what outputs shall never be on them, for a network of these sizes.

        None at all where the assertions contradict each other: then the property holds. ``shape``
        is that of one input, where the model says it. Raises InputError when the property is about
        other sizes or axes, and as :func:`~verify.properties.cases.cases` does.
        """
        for what, declared, count in (
            ("inputs", self.inputs, inputs), ("outputs", self.outputs, outputs),
        ):  # fmt: skip
            size = sum(prod(tensor.shape) for tensor in declared)
            if size != count:
                raise InputError(
                    self.name, expected=f"{count} {what}, as the model has", got=f"{size}"
                )
        # Numbers of a flat list are in the same order on any axes; so are those beside axes of 1.
        axes, own = ([n for n in s if n != 1] for s in (self.inputs[0].shape, shape or ()))
        if len(self.inputs) == 1 and min(len(axes), len(own)) > 1 and axes != own:
            raise InputError(
                self.name, expected=f"inputs of shape {list(shape or ())}, as the model has",
                got=f"{list(self.inputs[0].shape)}",
            )  # fmt: skip
        return cases(self.formula, inputs, outputs, self.name)


def read_property(path: Path) -> Specification:
    """Return what a file .vnnlib says, which may be packed by gzip (.vnnlib.gz).

    Numbers are read as the decimals that they are. Raises InputError naming the file, and the
    place in it, for what is no linear property over reals.
    """
    text = _text(path)
    name, digest = str(path), hashlib.sha256(path.read_bytes()).hexdigest()
    if _SECOND.match(text):
        query = vnnlib2.read(text, name)
        return Specification(name, digest, 2, query.inputs, query.outputs, query.formula)
    found = Assertions.of(text, name)
    sizes = (("X", found.inputs), ("Y", found.outputs))
    inputs, outputs = ((Tensor(letter, "Real", (size,)),) for letter, size in sizes)
    return Specification(name, digest, 1, inputs, outputs, found.formula)


def check_file(path: Path) -> None:
    """Raise InputError for a file that is none, or not called a property."""
    if path.suffixes[-1:] != [".vnnlib"] and path.suffixes[-2:] != [".vnnlib", ".gz"]:
        raise InputError(str(path), expected=".vnnlib or .vnnlib.gz", got=repr(path.suffix))
    if not path.is_file():
        got = "no such file" if not path.exists() else "no file"
        raise InputError(str(path), expected="a file .vnnlib or .vnnlib.gz", got=got)


def _text(path: Path) -> str:
    check_file(path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            stored = file.read(LONGEST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(str(path), expected="a whole gzip file", got=str(error)) from None
    if len(stored) > LONGEST:
        raise InputError(str(path), expected=f"at most {LONGEST >> 20} MiB", got="more")
    try:
        return stored.decode("utf-8-sig")  # some editors begin with a mark
    except UnicodeDecodeError as error:
        line = stored.count(b"\n", 0, error.start) + 1
        raise InputError(
            str(path), expected="text in UTF-8", got="other bytes", where=f"line {line}"
        ) from None
