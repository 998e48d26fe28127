"""What torch programs end in: scores, or what keeps the order of scores."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from certify.errors import InputError
from verify.data.memory import Budget
from verify.models import torch_kinds as kinds
from verify.models.builder import Builder
from verify.models.exported_program import Operation, Program, compute
from verify.models.model import ONE_NUMBER, Behind, Model, Runtime
from verify.models.nodes import unsupported
from verify.models.torch_reading import FLOATS, PLACES, Reading
from verify.models.values import Value

SHOWN = 3  # operations that are named


@dataclass(frozen=True)
class Scores:
    """What a program computes: scores in a network, what it makes of them, and in which precision.

    end     "", "softmax", "log_softmax", "sigmoid" or "argmax", which do not change the label
    unit    the distance of 1 from the next number of the coarsest type in which it computes
    folded  operations that compute constants from constants, in floats
    """

    builder: Builder
    value: Value
    end: str
    unit: float
    shape: tuple[int, ...]
    folded: tuple[str, ...]

    def model(self, name: str, origin: str, runtime: Runtime) -> Model:
        """Return the model, with what reports say of how it was read."""
        numbers = "" if self.end or self.value.entries.size > 1 else ONE_NUMBER
        found = self.builder.model(
            self.value, name, origin, runtime=runtime, shape=self.shape, numbers=numbers
        )
        notes = []
        if self.folded:
            more = ", ..." if len(self.folded) > SHOWN else ""
            notes.append(
                "Numbers that the model computes from its own, whatever the input is, are those "
                f"that torch {torch.__version__} computes in its precision "
                f"({', '.join(self.folded[:SHOWN])}{more}); all else is exact."
            )
        if self.unit > torch.finfo(torch.float32).eps:
            notes.append(
                "The model computes in a type of few bits: what is exact is about its weights in "
                "real arithmetic, not about that type's rounding."
            )
        behind: Behind = "nothing"
        if self.end:
            behind = "order" if self.end in ("softmax", "log_softmax") else "labels"
        return replace(found, notes=tuple(notes), behind=behind)


def read(program: Program, origin: str, budget: Budget) -> Scores:
    """Return the scores of a program as those of an exact network.

    Sizes on the way are those that torch computes, without numbers: a file might say others.
    Raises InputError for what cannot be decided exactly, and for what gives no scores of classes.
    """
    if program.dtype not in FLOATS:
        raise InputError(
            "model", expected="an input of floats", got=f"one of {program.dtype}", where=origin
        )
    if program.input in program.stored:
        raise InputError(
            "model", expected="an input that is no constant", got=program.input, where=origin
        )
    reading = _Whole(program, origin, budget)
    for operation in program.operations:
        reading.step(operation)
    return reading.scores(origin)


class _Whole(Reading):
    """A program as it is read, up to what it makes of the scores.

    chosen  scores of which the place of the largest is taken
    pairs   entries that are each other's negatives
    """

    def __init__(self, program: Program, origin: str, budget: Budget) -> None:
        super().__init__(program, origin, budget)
        self.chosen: Value | None = None
        self.pairs: set[frozenset[float]] = set()

    def _of_computed(self, operation: Operation) -> None:
        source = self.computed.get(operation.values[0])
        if source is not None and self._is_complement(operation, source):
            self._complement(operation, source)
        elif source is not None and operation.kind in kinds.ENDS:
            self._end(operation, source)
        else:
            super()._of_computed(operation)

    def _end(self, operation: Operation, source: Tensor) -> None:
        """Note what does not change which score is the largest."""
        kind, where = operation.kind, operation.where
        value, end = self.entries.ended(source, where)
        like = compute(operation, self.sized)
        self._note(like)
        base = kind.split(".")[1].lstrip("_")
        if base in ("log", "exp"):
            after = {("log", "softmax"): "log_softmax", ("exp", "log_softmax"): "softmax"}
            if (base, end) not in after:
                raise unsupported(kinds.reason(kind), where)
            base = after[base, end]
        elif end and (base != "argmax" or end == "sigmoid"):
            raise unsupported(f"{kind} behind the {end}", where)
        elif base != "sigmoid":
            self._check_axis(operation, value)
        if base == "argmax":
            if self.chosen is not None:
                raise unsupported("two labels", where)
            self.chosen = value
            value = Value(0, np.zeros([1 if n == self.count else n for n in like.shape], np.int64))
        self.sized[operation.name] = like
        self.computed[operation.name] = self.entries.tensor(value, like, where, base)

    def _check_axis(self, operation: Operation, value: Value) -> None:
        """Make sure that an operation is over all scores of an example."""
        kind, axis, shape = operation.kind, operation.given["dim"], value.shape
        listed = tuple(self.sized[operation.values[0]].shape)
        if axis is None or not -len(shape) <= axis < len(shape) or (
            shape[axis] != value.entries.size
        ):  # fmt: skip
            got = f"{kind} over axis {axis} of {listed}, not all classes"
            raise unsupported(got, operation.where)
        if shape[axis] == 1:
            raise unsupported(f"{kind} of one value, which is always the same", operation.where)
        if operation.given.get("dtype") not in (None, *FLOATS):
            raise unsupported(f"{kind} in {operation.given['dtype']}", operation.where)

    def _is_complement(self, operation: Operation, source: Tensor) -> bool:
        """Tell whether an operation is 1 - p for a sigmoid p."""
        given = operation.given
        return (
            operation.kind == "aten.rsub.Scalar" and given["other"] == given["alpha"] == 1
            and self.entries.end(source) == "sigmoid"
        )  # fmt: skip

    def _complement(self, operation: Operation, source: Tensor) -> None:
        """Note that 1 - p is the sigmoid of the negative of the score that p is the sigmoid of."""
        where, like = operation.where, compute(operation, self.sized)
        value, _ = self.entries.ended(source, where)
        negative = self.builder.negated(value, where)
        found = self.entries.tensor(negative, like, where, "sigmoid")
        both = torch.stack([source, found]).reshape(2, -1).T.tolist()
        self.pairs |= set(map(frozenset, both))
        self.sized[operation.name], self.computed[operation.name] = like, found

    def scores(self, origin: str) -> Scores:
        """Return what the program puts out."""
        name, where = self.program.output, "the output"
        if name not in self.computed:
            constant = "scores that do not depend on the input"
            raise unsupported(constant if name in self.constants else PLACES, where)
        tensor = self.computed[name]
        value, end = self.entries.ended(tensor, where)
        if not tensor.ndim or value.shape != (1, *tensor.shape[1:]):
            raise unsupported("an output whose first axis is not that of examples", where)
        if end == "sigmoid" and value.entries.size > 1 and (
            frozenset(tensor[0].reshape(-1).tolist()) not in self.pairs
        ):  # fmt: skip
            raise unsupported("sigmoids of several values, for several labels at once", where)
        if end == "argmax":
            assert self.chosen is not None
            value = self.chosen
        if sum(size != 1 for size in value.shape) > 1:
            got = f"scores of shape {value.shape[1:]}"
            raise InputError("model", expected="one score for each class", got=got, where=origin)
        shape = tuple(int(n) for n in self.program.sizes[1:] if n is not None)
        return Scores(self.builder, value, end, self.unit, shape, tuple(self.folded))
