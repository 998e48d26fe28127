"""Torch models as exact networks: traced by ``torch.export``, so what is read is what runs."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from certify.errors import InputError, said
from certify.networks.graph import Network
from verify.attack.models import Classifier, evaluation
from verify.data.memory import Budget
from verify.models import torch_runtime
from verify.models.exported_program import of_exported
from verify.models.model import Model
from verify.models.pt2_archive import EXPECTED, read_program
from verify.models.torch_ends import read
from verify.models.torch_reading import FLOATS

_UNLIMITED = 2**62  # bytes: a live module is in memory already


def of_module(module: nn.Module, example: np.ndarray, name: str = "model") -> Model:
    """Return a module traced on examples (n, ...), in evaluation mode and its own precision.

    Weights of any floating-point type are the numbers that they are. Raises InputError when the
    module cannot be traced, or has an operation that is not supported.
    """
    module = getattr(module, "_orig_mod", module)  # of torch.compile
    kind, device = precision(module)
    # Two examples, so that a trace does not take one to be all there ever are.
    two = torch.tensor(np.resize(example, (2, *example.shape[1:]))).to(device, kind)
    # A module's forward may draw at random; nobody else's draws should notice. Without gradients
    # a part of forward that wants none is no step of its own.
    with (
        evaluation(module), torch.random.fork_rng([]), torch.no_grad(), warnings.catch_warnings(),
        _silent(),
    ):  # fmt: skip
        warnings.simplefilter("ignore")
        try:
            exported = torch.export.export(module, (two,))
        except Exception as error:
            first = str(error).strip().splitlines()[:1] or [type(error).__name__]
            raise InputError(
                "model", expected="a module that torch.export can trace", got=first[0]
            ) from None
    origin = f"torch module {type(module).__name__}"
    program = of_exported(exported, origin)
    scores = read(program, origin, Budget(_UNLIMITED))
    runtime = torch_runtime.of_module(module, program, scores.unit, scores.end)
    return scores.model(name, origin, runtime)


def width(module: nn.Module) -> int | None:
    """Return how many inputs a module takes that begins with a dense layer, None for another."""
    own = (part for part in module.modules() if list(part.parameters(recurse=False)))
    first = next(own, None)
    return first.in_features if isinstance(first, nn.Linear) else None


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep what torch says about a module that it cannot trace: the error is one line of it."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def of_classifier(classifier: Classifier, inputs: int) -> Network:
    """Return a classifier trained here, on so many pixels, as the exact network that it is."""
    return of_module(classifier.module(), np.zeros((2, inputs)), classifier.name).network


def read_exported(path: Path, budget: Budget) -> Model:
    """Return the model of a ``.pt2`` file, which is read without torch's loader.

    Raises InputError for what :func:`verify.models.pt2_archive.read_program` refuses, and for
    operations that are not supported.
    """
    program = read_program(path, budget)
    origin = f"torch.export file {path.name}"
    try:
        scores = read(program, origin, budget)
    except InputError:
        raise
    except Exception as error:  # arguments that no tracing gives, of any kind
        raise InputError(str(path), expected=EXPECTED, got=said(error)) from None
    runtime = torch_runtime.of_program(program, scores.unit, scores.end)
    return scores.model(path.stem, origin, runtime)


def precision(module: nn.Module) -> tuple[torch.dtype, torch.device]:
    """Return the floating-point type in which a module computes, and where its weights are."""
    own = [*module.parameters(), *module.buffers()]
    device = own[0].device if own else torch.device("cpu")
    return next((t.dtype for t in own if t.dtype in FLOATS), torch.float32), device
