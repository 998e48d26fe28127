"""torch itself as the runtime of what was read: modules, and programs without torch's loader."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils import _pytree

from verify.attack.models import evaluation
from verify.models.exported_program import Program, compute
from verify.models.model import Runtime

BATCH = 256  # examples at a time
_POINTS = {torch.float64: np.float64, torch.float16: np.float16}  # all others are given float32


def of_module(module: nn.Module, program: Program, unit: float, end: str) -> Runtime:
    """Return a module in evaluation mode as a runtime; ``program`` is what was traced of it."""

    def run(examples: Tensor) -> Tensor:
        with evaluation(module):
            leaves = _pytree.tree_leaves(module(examples))
        return cast("Tensor", leaves[0])

    return replace(_runtime(run, program, BATCH, unit, end), live=True)


def of_program(program: Program, unit: float, end: str) -> Runtime:
    """Return torch's own operations, one after the other as a program lists them, as a runtime.

    Each operation is one of those that are known. A program for a fixed number of examples is
    given so many at a time, the last one repeated.
    """
    size = program.sizes[0]

    def run(examples: Tensor) -> Tensor:
        missing = (size or len(examples)) - len(examples)
        whole = torch.cat([examples, examples[-1:].expand(missing, *examples.shape[1:])])
        values: dict[str, Any] = {**program.stored, program.input: whole}
        for operation in program.operations:
            if "_assert" not in operation.kind:
                values |= operation.named(compute(operation, values))
        return cast("Tensor", values[program.output])[: len(examples)]

    return _runtime(run, program, size or BATCH, unit, end)


def _runtime(
    run: Callable[[Tensor], Tensor], program: Program, batch: int, unit: float, end: str
) -> Runtime:
    """Return a runtime that runs batches; ``end`` is what scores end in, "" for nothing."""
    kind = np.dtype(_POINTS.get(program.dtype, np.float32))
    device = next((tensor.device for tensor in program.stored.values()), torch.device("cpu"))

    def answer(points: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        # Points of another type are the user's own, for a module that looks at it.
        dtype = program.dtype if points.dtype == kind else None
        examples = torch.tensor(points).to(device, dtype).reshape(-1, *program.sizes[1:])  # type: ignore[arg-type]
        with torch.no_grad():
            parts = [
                run(examples[start : start + batch]) for start in range(0, len(examples), batch)
            ]
        found = torch.cat(parts).reshape(len(points), -1).cpu()
        if end == "argmax":
            return found[:, 0].numpy(), None
        values = found.double().numpy()
        with np.errstate(divide="ignore"):
            if end == "sigmoid":
                values = np.log(values) - np.log1p(-values)
                if values.shape[1] == 1:  # of the second of two labels
                    values = np.hstack([np.zeros_like(values), values])
            elif end == "softmax":
                values = np.log(values)
            return values.argmax(axis=1), values

    return Runtime(f"torch {torch.__version__}", answer, kind, unit, bool(end))
