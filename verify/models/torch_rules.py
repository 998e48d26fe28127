"""Rules of torch's operations: what each makes of values on the way, by torch's own names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from certify.errors import InputError
from verify.models.builder import Builder
from verify.models.nodes import unsupported
from verify.models.values import Value


@dataclass(frozen=True)
class At:
    """One operation on the way.

    builder  adds nodes
    kind     such as "aten.linear.default"
    where    the place for messages
    dtype    the floating-point type in which torch computes it
    """

    builder: Builder
    kind: str
    where: str
    dtype: torch.dtype

    def unsupported(self, got: str) -> InputError:
        """Return the error of what cannot be decided exactly, or is not read."""
        return unsupported(got, self.where)

    def value(self, argument: Any, what: str) -> Value:
        """Return an argument that has to be computed from the input."""
        if not isinstance(argument, Value):
            raise self.unsupported(f"{self.kind} with {what} that are no computed values")
        return argument

    def numbers(self, argument: Any, what: str) -> np.ndarray:
        """Return an argument that has to be a constant: a tensor, exactly, or a number.

        A number becomes one of torch's type first, as it does when torch computes.
        """
        if isinstance(argument, Value):
            raise self.unsupported(f"{self.kind} with computed {what}")
        if not isinstance(argument, Tensor):
            wide = torch.float64 if self.dtype == torch.float64 else torch.float32
            argument = torch.tensor(argument, dtype=wide)
        table = exact(argument)
        if not np.isfinite(table).all():
            raise self.unsupported(f"{self.kind} with {what} that are not finite")
        return table


Rule: TypeAlias = Callable[..., Value]
RULES: dict[str, Rule] = {}
"""From the kinds of operations to what makes their value, called with a place and arguments by the
names in torch's signature: computed values, constant tensors, or numbers."""


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Note the rule of operations of torch's library."""

    def noted(function: Rule) -> Rule:
        RULES.update({f"aten.{kind}": function for kind in kinds})
        return function

    return noted


def exact(tensor: Tensor) -> np.ndarray:
    """Return the numbers of a tensor, none of them rounded: every small float is a float64."""
    kept = tensor.detach().cpu()
    return np.asarray((kept.double() if kept.is_floating_point() else kept.long()).numpy())
