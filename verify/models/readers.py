"""Which reader opens a model: by the suffix of a file, or by the type of an object."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, said
from verify.data.memory import MEMORY, Budget
from verify.data.sources import stored_array
from verify.models.model import Answer, Model

EXPECTED = (
    ".onnx, .nnet, .pt2 (torch.export), .pt, .pth, .ckpt or .safetensors (a state dict, with "
    "--architecture or --module), .skops (scikit-learn), .npz or .safetensors (W of shape "
    "(features, classes), and b)"
)
_POINTER = b"version https://git-lfs.github.com/spec/"  # how a file that Git keeps elsewhere begins
POINTS = 3  # as many numbers as so many weights, in memory, each input takes later
_PICKLES = (".pkl", ".pickle", ".joblib")
STATES = (".pt", ".pth", ".ckpt", ".safetensors")
SUFFIXES = (".onnx", ".nnet", ".pt2", ".skops", ".npz", *STATES)
ARCHITECTURES = ("mlp", "cnn", "cnn-2018")  # those of verify.attack.networks, without torch


def read_model(
    path: Path,
    architecture: str | None = None,
    *,
    module: str | None = None,
    shapes: Sequence[tuple[int, ...]] = (),
    output: str | None = None,
    answer: Answer = "largest",
    memory: int = MEMORY,
) -> Model:
    """Return the model of a file; none is allowed to run code but what ``module`` says to run.

    architecture  of a state dict: one of ``ARCHITECTURES``
    module        of a state dict: ``FILE.py:NAME``, a Python file to be run and what makes a torch
                  module in it
    shapes        those in which one example may be given to it, the likeliest first
    output        of an ONNX file: which of several outputs tells the label
    answer        of an ONNX or .nnet file: whether its largest or least score tells the label
    memory        how many bytes reading may take; sizes are added up before anything is read

    Raises InputError naming the file for a kind that is not known or not safe, and whatever the
    reader of its kind refuses.
    """
    budget = Budget(memory)
    try:
        check_file(path, architecture, module, output, answer)
        if path.suffix.lower() == ".onnx":
            from verify.models.onnx_graph import read_onnx

            model = read_onnx(path, budget, output=output, answer=answer)
        elif path.suffix.lower() == ".nnet":
            from verify.models.nnet import read_nnet

            model = read_nnet(path, budget, answer)
        else:
            model = _read(path, architecture, module, shapes, budget)
        # The points on which a model is compared with its runtime are in memory together.
        budget.take(POINTS * model.network.inputs, f"points of {model.network.inputs} numbers")
        return model
    except InputError:
        raise
    except Exception as error:  # whatever a stranger's file makes of a library
        raise InputError(str(path), expected="a model that can be read", got=said(error)) from None


def check_file(
    path: Path,
    architecture: str | None = None,
    module: str | None = None,
    output: str | None = None,
    answer: str = "largest",
) -> None:
    """Raise InputError for a file that is none, of no kind that is read, or without what it needs.

    Loads no library and opens nothing but the first bytes, so that it takes no time.
    """
    suffix = path.suffix.lower()
    if suffix in _PICKLES:
        wanted = "a file that cannot run code: save the estimator with skops.io.dump"
        raise InputError(str(path), expected=wanted, got=f"a pickle ({suffix})")
    if not path.exists():
        raise InputError(str(path), expected="a file of a model", got="no such file")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or device"
        raise InputError(str(path), expected=EXPECTED, got=kind)
    with path.open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise InputError(
                str(path), expected="the file itself", got="a Git LFS pointer to one (git lfs pull)"
            )
    if suffix not in SUFFIXES:
        raise InputError(str(path), expected=EXPECTED, got=repr(suffix))
    least = answer if answer != "largest" else None
    for option, value in (("--output", output), ("--answer", least)):
        kinds = (".onnx", ".nnet") if option == "--answer" else (".onnx",)
        if value is not None and suffix not in kinds:
            wanted = f"this option with a file {' or '.join(kinds)}"
            raise InputError(option, expected=wanted, got=path.name)
    named = {"--architecture": architecture, "--module": module}
    given = [option for option, value in named.items() if value is not None]
    if suffix not in STATES:
        if given:
            raise InputError(
                given[0], expected="this option with a state dict (.pt)", got=path.name
            )
        return
    if len(given) == 2:
        raise InputError("--module", expected="one of --architecture and --module", got="both")
    if module is not None:
        _source(module)
    elif architecture not in ARCHITECTURES and (given or suffix != ".safetensors"):
        wanted = f"{' or '.join(ARCHITECTURES)} for a state dict, or --module FILE.py:NAME"
        got = repr(architecture) if given else "nothing"
        raise InputError("--architecture", expected=wanted, got=got)


def _source(module: str) -> tuple[Path, str]:
    """Return the file of a module and the name in it; raises InputError for no such file."""
    file, _, name = module.rpartition(":")
    if not (file.endswith(".py") and name.isidentifier()):
        raise InputError("--module", expected="FILE.py:NAME", got=repr(module))
    if not Path(file).is_file():
        raise InputError("--module", expected="a Python file", got=f"no file {file}")
    return Path(file), name


def _read(
    path: Path,
    architecture: str | None,
    module: str | None,
    shapes: Sequence[tuple[int, ...]],
    budget: Budget,
) -> Model:
    suffix = path.suffix.lower()
    if suffix == ".pt2":
        from verify.models.torch_graph import read_exported

        return read_exported(path, budget)
    if suffix == ".skops":
        from verify.models.skops_files import read_skops

        return read_skops(path, budget)
    if suffix == ".npz":
        from verify.models.heads import of_head

        budget.take_archive(path)
        return of_head(path, stored_array(path, "W"), stored_array(path, "b"))
    if module is not None:
        from verify.models.user_modules import read_module

        return read_module(path, *_source(module), shapes, budget)
    from verify.models.architectures import read_declared, read_head

    return (
        read_head(path, budget)
        if architecture is None
        else read_declared(path, architecture, budget)
    )


def of_object(model: Any, X: np.ndarray | None) -> Model:
    """Return the model of a live object: a torch module, a scikit-learn estimator, or a path.

    ``X`` are examples (n, ...) with which to trace a torch module.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, str | Path):
        return read_model(Path(model))
    if isinstance(model, type):
        wanted = "a trained classifier, not the class of one"
        raise InputError("model", expected=wanted, got=f"the class {model.__name__}")
    if hasattr(model, "named_parameters"):
        from verify.models.torch_graph import of_module, width

        size = width(model)
        if X is None and size is None:
            wanted = "examples, to trace a torch module that begins with no dense layer"
            raise InputError("X", expected=wanted, got="none")
        return of_module(model, np.zeros((2, size or 0)) if X is None else X[:2])
    if hasattr(model, "get_params"):
        from verify.models.sklearn_models import of_estimator

        return of_estimator(model)
    wanted = "a torch module, a fitted scikit-learn estimator, or the path of a file"
    raise InputError("model", expected=wanted, got=type(model).__name__)
