"""Which reader opens a model: by the suffix of a file, or by the type of an object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, said
from verify.data.memory import MEMORY, Budget
from verify.data.sources import stored_array
from verify.models.chain import Chain
from verify.models.model import Model

EXPECTED = (
    ".onnx, .pt2 (torch.export), .pt or .pth (a state dict, with --architecture), .skops "
    "(scikit-learn), .npz or .safetensors (W of shape (features, classes), and b)"
)
_POINTER = b"version https://git-lfs.github.com/spec/"  # how a file that Git keeps elsewhere begins
POINTS = 3  # as many numbers as so many weights, in memory, each input takes later
_PICKLES = (".pkl", ".pickle", ".joblib")


def read_model(path: Path, architecture: str | None = None, *, memory: int = MEMORY) -> Model:
    """Return the model of a file; no file is allowed to run code.

    ``memory`` is how many bytes reading it may take; sizes are added up before anything is read.
    Raises InputError naming the file for a kind that is not known or not safe, and whatever the
    reader of its kind refuses.
    """
    budget = Budget(memory)
    try:
        model = _read(path, architecture, budget)
        # The points on which a model is compared with its runtime are in memory together.
        budget.take(POINTS * model.network.inputs, f"points of {model.network.inputs} numbers")
        return model
    except InputError:
        raise
    except Exception as error:  # whatever a stranger's file makes of a library
        raise InputError(str(path), expected="a model that can be read", got=said(error)) from None


def _read(path: Path, architecture: str | None, budget: Budget) -> Model:
    suffix = path.suffix.lower()
    if suffix in _PICKLES:
        raise InputError(
            str(path),
            expected="a file that cannot run code: save the estimator with skops.io.dump",
            got=f"a pickle ({suffix})",
        )
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or device"
        got = kind if path.exists() else "no such file"
        raise InputError(str(path), expected=EXPECTED, got=got)
    with path.open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise InputError(
                str(path), expected="the file itself", got="a Git LFS pointer to one (git lfs pull)"
            )
    if architecture is not None and suffix not in (".pt", ".pth"):
        raise InputError(
            "--architecture", expected="this option with a state dict (.pt)", got=path.name
        )
    if suffix == ".onnx":
        from verify.models.onnx_graph import read_onnx

        return read_onnx(path, budget)
    if suffix in (".pt", ".pth", ".pt2"):
        from verify.models import state_dicts, torch_graph

        if suffix == ".pt2":
            return torch_graph.read_exported(path, budget)
        return state_dicts.read_state(path, architecture, budget)
    if suffix == ".skops":
        from verify.models.sklearn_models import read_skops

        return read_skops(path, budget)
    if suffix in (".npz", ".safetensors"):
        return _of_arrays(path, budget)
    raise InputError(str(path), expected=EXPECTED, got=repr(suffix))


def of_object(model: Any, X: np.ndarray | None) -> Model:
    """Return the model of a live object: a torch module, a scikit-learn estimator, or a path.

    ``X`` are examples (n, ...) with which to trace a torch module.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, str | Path):
        return read_model(Path(model))
    if hasattr(model, "named_parameters"):
        from verify.models.torch_graph import of_module

        if X is None:
            raise InputError("X", expected="examples, to trace a torch module", got="none")
        return of_module(model, X[:2])
    if hasattr(model, "get_params"):
        from verify.models.sklearn_models import of_estimator

        return of_estimator(model)
    raise InputError(
        "model",
        expected="a torch module, a fitted scikit-learn estimator, or the path of a file",
        got=type(model).__name__,
    )


def _arrays(path: Path, budget: Budget) -> tuple[np.ndarray, np.ndarray]:
    """Return the arrays W and b of a file as NumPy arrays; nothing is unpickled."""
    if path.suffix.lower() == ".npz":
        budget.take_archive(path)
        return stored_array(path, "W"), stored_array(path, "b")
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise InputError(
            str(path),
            expected="the package safetensors (pip install 'adversarial-geometry[audit]')",
            got="a Python without it",
        ) from None
    budget.take(path.stat().st_size // 16, str(path))
    try:
        found = load_file(path)
    except Exception as error:
        raise InputError(str(path), expected="a safetensors file", got=said(error)) from None
    for name in ("W", "b"):
        if name not in found:
            raise InputError(f"{path}: {name}", expected="this array", got=f"{sorted(found)}")
    for name in ("W", "b"):
        budget.take(found[name].numel(), f"{path}: {name}")
    # NumPy lacks the shorter floats, and float64 holds all of them.
    W, b = ((x.double() if x.is_floating_point() else x).numpy() for x in (found["W"], found["b"]))
    return W, b


def _of_arrays(path: Path, budget: Budget) -> Model:
    W, b = _arrays(path, budget)
    if W.ndim != 2 or b.shape != (W.shape[1],) or W.dtype.kind not in "fiu":
        raise InputError(
            f"{path}: W, b",
            expected="numbers of shapes (features, classes) and (classes,)",
            got=f"{W.dtype} {W.shape} and {b.dtype} {b.shape}",
        )
    chain = Chain()
    chain.dense(W.T, b, str(path))
    return chain.model(path.stem, f"{path.suffix[1:]} file {path.name}")
