"""A torch program read operation by operation, into the nodes of an exact network."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor

from verify.data.memory import Budget
from verify.models import torch_kinds as kinds
from verify.models.builder import Builder
from verify.models.exported_program import (
    Name,
    Operation,
    Program,
    changing,
    compute,
    filled,
    sized,
)
from verify.models.nodes import unsupported
from verify.models.torch_rules import RULES, At, exact
from verify.models.torch_values import Entries

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
PLACES = "places of the largest numbers, or what else an operation gives besides its values"
_NUMBER = 8 / 96  # of what a weight takes while it is read, takes the number of an entry


class Reading:
    """Values by the names of a program: computed ones as numbers of entries, and constants.

    ``sized`` has all of them without numbers, in their sizes, strides and types.
    """

    def __init__(self, program: Program, origin: str, budget: Budget) -> None:
        self.program, self.budget = program, budget
        self.count = program.sizes[0] or 2
        like = torch.empty((self.count, *program.sizes[1:]), dtype=program.dtype, device="meta")  # type: ignore[arg-type]
        self._take(like, origin)
        self.builder = Builder((1, *like.shape[1:]), budget)
        self.entries = Entries(self.builder, self.count)
        start = self.entries.tensor(self.builder.input, like, origin)
        self.computed: dict[str, Tensor] = {program.input: start}
        self.constants = {key: tensor.detach().cpu() for key, tensor in program.stored.items()}
        self.sized: dict[str, Any] = {k: v.to("meta") for k, v in self.constants.items()}
        self.sized[program.input] = like
        self.unit = torch.finfo(program.dtype).eps
        self.folded: list[str] = []

    def _take(self, tensor: Tensor, where: str) -> None:
        """Note the memory of the numbers of entries."""
        self.budget.take(math.ceil(tensor.numel() * _NUMBER), where)

    def step(self, operation: Operation) -> None:
        """Read one operation."""
        kind, where = operation.kind, operation.where
        if any(name in self.sized for name in (*operation.parts, operation.name) if name):
            raise unsupported("a second value of the same name", where)
        if kind not in kinds.KNOWN:
            raise unsupported(kinds.reason(kind), where)
        if kind in kinds.NOTES and kind != "aten.sym_size.int":
            return
        if any(name not in self.sized for name in operation.values):
            raise unsupported(PLACES, where)
        if kind in kinds.NOTES or kind in kinds.SIZES:
            self.sized[operation.name] = compute(operation, self.sized)
            return
        if not any(name in self.computed for name in operation.values):
            self._fold(operation)
        else:
            self._of_computed(operation)

    def _of_computed(self, operation: Operation) -> None:
        kind = operation.kind
        if kind in kinds.LIKES or (
            kind in kinds.ALIKE and operation.values[0] not in self.computed
        ):  # fmt: skip
            self._like(operation)
        elif kind in kinds.IN_PLACE or kind in kinds.WRITES:
            self._write(operation)
        elif kind in kinds.MOVES | kinds.CASTS | kinds.DROPOUT:
            self._move(operation)
        elif kind in RULES:
            self._rule(operation)
        else:
            raise unsupported(kinds.reason(kind), operation.where)

    # Constants

    def _fold(self, operation: Operation) -> None:
        """Compute a constant from constants, as torch does."""
        where = operation.where
        for like in operation.named(sized(operation, self.sized)).values():
            self.budget.take(like.numel(), where)
        if operation.kind in kinds.IN_PLACE or operation.kind in kinds.WRITES:
            self._check_own(operation)
        found = operation.named(compute(operation, {**self.sized, **self.constants}))
        if operation.kind not in kinds.UNROUNDED and not self._unchanged(operation, found):
            self.folded.append(where)
        self._keep(found)

    def _keep(self, found: dict[str, Tensor]) -> None:
        self.constants |= found
        self.sized |= {key: tensor.to("meta") for key, tensor in found.items()}

    def _unchanged(self, operation: Operation, found: dict[str, Tensor]) -> bool:
        """Tell whether an operation is a conversion that changes no number."""
        if operation.kind not in kinds.CASTS:
            return False
        before = self.constants[operation.values[0]]
        return all(torch.equal(before.double(), after.double()) for after in found.values())

    def _check_own(self, operation: Operation) -> None:
        """Raise InputError for an operation that writes into what the module stores."""
        memory = self.constants[operation.values[0]].untyped_storage().data_ptr()
        for name in self.program.stored:
            if self.constants[name].untyped_storage().data_ptr() == memory:
                raise changing(f"a value that is written into {name}", operation.where)

    def _like(self, operation: Operation) -> None:
        """Make a constant of which only the shape or the type is a computed value's."""
        self.budget.take(compute(operation, self.sized).numel(), operation.where)
        shapes = {
            name: torch.zeros((), dtype=self.sized[name].dtype).expand(self.sized[name].shape)
            for name in operation.values if name in self.computed
        }  # fmt: skip
        self._keep({operation.name: compute(operation, {**self.sized, **self.constants, **shapes})})

    def _entries(self, name: str, where: str) -> Tensor:
        """Return a computed value, or a constant as one."""
        if name in self.computed:
            return self.computed[name]
        return self._constant(exact(self.constants[name]), where)

    def _constant(self, numbers: np.ndarray, where: str) -> Tensor:
        if not np.isfinite(numbers).all():
            raise unsupported("numbers that are not finite", where)
        self.budget.take(numbers.size, where)
        return self.entries.constant(numbers, where)

    # What moves entries, and what writes them where others were

    def _move(self, operation: Operation) -> None:
        kind, where = operation.kind, operation.where
        first = operation.values[0]
        found = compute(operation, self.sized)
        for part in operation.named(found).values():
            self._take(part, where)
            self._note(part)
        if kind in kinds.DROPOUT:
            if operation.given["train"] and operation.given["p"]:
                raise unsupported("dropout in training mode", where)
            moved: Any = self.computed[first]
        elif kind in kinds.CASTS:
            if found.dtype not in FLOATS:
                raise unsupported(f"a conversion to {found.dtype}", where)
            same = found.dtype == self.sized[first].dtype and not operation.given.get("copy")
            moved = self.computed[first] if same else self.computed[first].clone()
        else:
            moved = self._moved(operation)
        if kind in kinds.NEAREST:
            check_nearest(operation, self.sized[first], found)
        self.sized |= operation.named(found)
        self.computed |= operation.named(moved)

    def _moved(self, operation: Operation) -> Any:
        """Return what torch makes of numbers of entries."""
        kind, where = operation.kind, operation.where
        first, *others = operation.values
        values: dict[str, Any] = {**self.sized, **self.constants, **self.computed}
        given = dict(operation.given)
        if kind in kinds.MIXED:
            choice = given.get("condition")  # of torch.where
            entries = [name for name in operation.values if Name(name) != choice]
            values |= {name: self._entries(name, where) for name in entries}
            others = [choice.name] if choice else []
        elif first not in self.computed:
            raise unsupported(f"{kind} by computed values", where)
        if any(name in self.computed for name in others) and kind not in kinds.ALIKE:
            raise unsupported(f"{kind} by computed values", where)
        if isinstance(given.get("value"), Name):  # what is written between entries
            values[given["value"].name] = self._entries(given["value"].name, where)
        elif given.get("value"):
            number = self._at(operation, self.sized[first]).numbers(given["value"], "values")
            given["value"] = float(self._constant(number, where))
        return compute(replace(operation, given=given), values)

    def _write(self, operation: Operation) -> None:
        """Write new entries into the memory of a tensor, and of all that share it."""
        target = operation.values[0]
        if target in self.constants:
            self._check_own(operation)
            self._free(target, operation.where)
        if operation.kind in kinds.WRITES:
            found = self._written(operation)
        else:
            plain = replace(operation, kind=kinds.IN_PLACE[operation.kind])
            found = self._moved(plain) if plain.kind in kinds.MOVES else self._computed(plain)
        self.sized[operation.name] = self.sized[target]
        self.computed[operation.name] = self.computed[target].copy_(found)

    def _written(self, operation: Operation) -> Tensor:
        """Return the entries of what is written as it is."""
        source = operation.given.get("src", operation.given.get("value", 0))
        if isinstance(source, Name):
            return self._entries(source.name, operation.where)
        at = self._at(operation, self.sized[operation.values[0]])
        return self._constant(at.numbers(source, "values"), operation.where)

    def _free(self, target: str, where: str) -> None:
        """Make a constant, and all that share its memory, values into which others are written."""
        constant = self.constants[target]
        memory = constant.untyped_storage()
        whole = constant.as_strided((memory.nbytes() // constant.itemsize,), (1,), 0)
        numbers = self._constant(exact(whole), where)
        for name, tensor in list(self.constants.items()):
            if tensor.untyped_storage().data_ptr() == memory.data_ptr():
                layout = tensor.size(), tensor.stride(), tensor.storage_offset()
                self.computed[name] = numbers.as_strided(*layout)
                del self.constants[name]

    # What computes

    def _at(self, operation: Operation, like: Tensor) -> At:
        return At(self.builder, operation.kind, operation.where, like.dtype)

    def _note(self, tensor: Tensor) -> None:
        """Note the precision in which a value is computed."""
        if tensor.dtype in FLOATS:
            self.unit = max(self.unit, torch.finfo(tensor.dtype).eps)

    def _rule(self, operation: Operation) -> None:
        """Add the nodes of what an operation computes; of several values it is the first."""
        found = compute(operation, self.sized)
        first = found[0] if isinstance(found, tuple) else found
        self._note(first)
        name = operation.parts[0] if operation.parts else operation.name
        self.computed[name] = self._computed(operation)
        self.sized[name] = first

    def _computed(self, operation: Operation) -> Tensor:
        where = operation.where
        found = compute(operation, self.sized)
        like = found[0] if isinstance(found, tuple) else found
        self._take(like, where)

        def argument(name: str) -> Any:
            if name in self.computed:
                return self.entries.value(self.computed[name], where)
            if name in self.constants:
                return self._of_one(self.constants[name], operation, like)
            return self.sized[name]

        given = {key: filled(value, argument) for key, value in operation.given.items()}
        value = RULES[operation.kind](self._at(operation, like), **given)
        return self.entries.tensor(value, like, where)

    def _of_one(self, constant: Tensor, operation: Operation, like: Tensor) -> Tensor:
        """Return what a constant is for one example: the same as for each of all."""
        if operation.kind not in kinds.BROADCAST or self.count == 1:
            return constant
        for name in operation.values:
            if name not in self.computed:
                continue
            tensor = self.computed[name]
            axis = self.entries.axis(tensor, operation.where) - tensor.ndim + constant.ndim
            last = constant.ndim - 2 if operation.kind in kinds.PRODUCTS else constant.ndim
            if 0 <= axis < last and constant.shape[axis] == self.count:
                one = constant.narrow(axis, 0, 1)
                if not torch.equal(one.expand_as(constant), constant):
                    raise unsupported(
                        "a constant with other numbers for each example", operation.where
                    )
                return one
        return constant


def check_nearest(operation: Operation, before: Tensor, after: Tensor) -> None:
    """Raise InputError unless torch takes the nearest entries: it may compute places in float32.

    For float32 it always does, for float64 in some shapes: both have to be right.
    """
    half = Fraction(1, 2) if "exact" in operation.kind else 0
    sizes = tuple(before.shape[2:])
    places = torch.arange(math.prod(sizes), dtype=torch.float64).reshape(1, 1, *sizes)
    wanted = places
    for axis, (n, m) in enumerate(zip(sizes, after.shape[2:], strict=True), 2):
        index = [math.floor((i + half) * n / m) for i in map(Fraction, range(m))]
        wanted = wanted.index_select(axis, torch.tensor(index))
    for kind in (torch.float32, torch.float64):
        if not torch.equal(
            compute(operation, {operation.values[0]: places.to(kind)}).double(), wanted
        ):
            raise unsupported("upsampling by a factor whose places torch rounds", operation.where)
