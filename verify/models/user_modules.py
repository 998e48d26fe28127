"""Modules that a Python file of the user's makes: the file is run, which is said wherever it is."""

import contextlib
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError, described, said
from verify.attack.models import evaluation
from verify.data.memory import Budget
from verify.models.architectures import widest
from verify.models.model import Model
from verify.models.state_dicts import read_tensors
from verify.models.torch_graph import of_module, precision, width

SHOWN = 8  # entries that are named
# What wrappers put before the names of a module: torch.compile, DataParallel, Lightning's modules.
WRAPPERS = ("module.", "_orig_mod.", "model.", "net.")


def read_module(
    path: Path, source: Path, name: str, shapes: Sequence[tuple[int, ...]], budget: Budget
) -> Model:
    """Return the model of a state dict, of the module that ``name`` in a Python file makes.

    ``name`` is a class or function that needs no arguments, or a module. ``shapes`` are those in
    which one example may be given; the first with which the module runs is taken. The numbers are
    those of the file, in a type that holds all of them.

    Raises InputError when running the file fails, for what makes no module, for a state dict of
    another module, and for what :func:`verify.models.torch_graph.of_module` refuses.
    """
    state = read_tensors(path, budget)
    module = _loaded(make(source, name), state.tensors, path)
    found = of_module(module, np.zeros((2, *_fitting(module, shapes))), path.stem)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    note = (
        f"The file {source} (SHA-256 {digest}) was run: its {name} makes the network, of which "
        f"{path.name} holds the numbers."
    )
    return replace(found, origin=f"state dict {path.name}", notes=(note, *found.notes))


def make(source: Path, name: str) -> nn.Module:
    """Run a Python file, and return the module that a name in it makes.

    What the file prints goes to standard error. Nobody's random numbers of torch move.
    """
    # A name of its own: the file may be called as a library is.
    title = f"_audited_{source.stem}"
    spec = importlib.util.spec_from_file_location(title, source)
    if spec is None or spec.loader is None:
        raise InputError("--module", expected="a Python file", got=str(source))
    code = importlib.util.module_from_spec(spec)
    sys.modules[title] = code  # where dataclasses look for the names of their fields
    sys.path.insert(0, str(source.resolve().parent))  # as for a script
    try:
        with contextlib.redirect_stdout(sys.stderr), torch.random.fork_rng([]):
            spec.loader.exec_module(code)
            found = getattr(code, name, None)
            made = found if found is None or isinstance(found, nn.Module) else found()
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename) == source]
        where = f"{source}, line {lines[-1]}" if lines else f"{name}() of {source}"
        wanted = f"a file that runs, and a {name} that needs no arguments"
        got = said(error) if isinstance(error, Exception) else "an exit"
        raise InputError("--module", expected=wanted, got=got, where=where) from None
    finally:
        sys.path.remove(str(source.resolve().parent))
    if not isinstance(made, nn.Module):
        kinds = [value for value in vars(code).values() if isinstance(value, type)]
        own = [kind.__name__ for kind in kinds if issubclass(kind, nn.Module)]
        got = "no such name" if found is None else described(made)
        wanted = f"a torch module, such as one of {own[:SHOWN]}"
        raise InputError("--module", expected=wanted, got=got, where=f"{name} of {source}")
    module: nn.Module = getattr(made, "_orig_mod", made)  # of torch.compile
    return module


def _loaded(module: nn.Module, state: dict[str, Tensor], path: Path) -> nn.Module:
    """Return a module with the tensors of a file, none of them rounded."""
    module.to(widest(state.values(), precision(module)[0]))
    wanted = module.state_dict()
    for _ in range(len(WRAPPERS)):
        for prefix in WRAPPERS:
            if set(state) != set(wanted) and all(key.startswith(prefix) for key in state):
                state = {key.removeprefix(prefix): value for key, value in state.items()}
    told = {
        "no": [key for key in wanted if key not in state],
        "another": [key for key in state if key not in wanted],
        "another shape of": [
            key for key in state if key in wanted and state[key].shape != wanted[key].shape
        ],
    }
    for what, names in told.items():
        if names:
            got = f"{what} {', '.join(names[:SHOWN])}"
            raise InputError(str(path), expected=f"the state of {type(module).__name__}", got=got)
    module.load_state_dict(state)
    return module


def _fitting(module: nn.Module, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the first shape of one example with which a module runs."""
    if not shapes and (size := width(module)):
        return (size,)
    if not shapes:
        wanted = "examples, to trace a module that begins with no dense layer"
        raise InputError("--data", expected=wanted, got="no --data")
    kind, device = precision(module)
    problems = []
    for shape in shapes:
        try:
            with evaluation(module), torch.no_grad(), torch.random.fork_rng([]):
                module(torch.zeros((2, *shape), dtype=kind, device=device))
        except Exception as error:
            problems.append(f"{said(error)} for examples of shape {shape}")
        else:
            return shape
    raise InputError("--module", expected="a module that takes the examples", got=problems[0])
