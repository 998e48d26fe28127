"""State dicts in ``.pt`` files: tensors by name, of a declared architecture."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError, described, said
from verify.attack.networks import Architecture, build
from verify.data.memory import Budget
from verify.models.model import Model
from verify.models.raw_tensors import Archive
from verify.models.torch_graph import of_module

EXPECTED = "a state dict saved by torch.save of torch 1.6 or later"
PICKLE = "data.pkl"
SHOWN = 8  # entries that are named as left out
# torch's names of storages; those of its shortest floats are in another form of pickles.
STORAGES = {
    f"{name}Storage": dtype
    for name, dtype in {
        "Float": torch.float32, "Double": torch.float64, "Half": torch.float16,
        "BFloat16": torch.bfloat16, "Long": torch.int64, "Int": torch.int32,
        "Short": torch.int16, "Char": torch.int8, "Byte": torch.uint8, "Bool": torch.bool,
    }.items()
}  # fmt: skip
INTEGERS = (torch.int64, torch.int32)
# Whole numbers of training that no layer computes with; others may be what forward adds.
COUNTERS = ("num_batches_tracked", "step", "global_step", "epoch", "iteration")


def read_state(path: Path, architecture: str | None, budget: Budget) -> Model:
    """Return the model of a state dict in a ``.pt`` file, of a declared architecture.

    ``architecture`` is "mlp" (dense layers with ReLU between, in the order of the file) or one of
    the convolutional networks of :mod:`verify.attack.networks`. The names of layers are free, and
    the state dict may be one entry of a checkpoint. The pickle in the file can make tensors, lists
    and dicts; whatever else it names is left out, and not imported. Nothing in such a file says
    what is done between its layers, so the model has no runtime: it says what was declared, and
    which entries were left out.

    Raises InputError for another architecture than the file's, and for numbers that are neither
    weights nor counters of training, with which a module may compute.
    """
    known = get_args(Architecture)
    if architecture is None or architecture not in known:
        got = "nothing" if architecture is None else repr(architecture)
        raise InputError(
            "--architecture", expected=f"{' or '.join(known)} for a state dict", got=got
        )
    state, left = _state(path, budget)
    counters = [key for key, value in state.items() if _counts(key, value)]
    state = {key: value for key, value in state.items() if key not in counters}
    whole = [key for key, value in state.items() if not value.is_floating_point()]
    if whole:
        raise InputError(
            str(path), expected=f"the state of {architecture}: weights that are floats",
            got=f"{str(state[whole[0]].dtype).removeprefix('torch.')} numbers",
            where=described(whole[0])[4:],
        )  # fmt: skip
    network = (
        _mlp(state, path) if architecture == "mlp" else _convolutional(state, architecture, path)
    )
    size = network[0].in_features if isinstance(network[0], nn.Linear) else 28 * 28
    found = of_module(network.eval(), np.zeros((2, size)), path.stem)
    between = "ReLU between the layers is" if architecture == "mlp" else (
        f"the layers of {architecture} are"
    )  # fmt: skip
    alone = f"{between} what --architecture declares."
    if left := [*left, *counters]:
        shown = ", ".join(described(name)[4:][:60] for name in left[:SHOWN])
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        alone += f" Left out of the file: {shown}{more}."
    return replace(found, origin=f"state dict {path.name}", runtime=None, alone=alone)


def _counts(name: str, value: Tensor) -> bool:
    """Tell whether an entry counts what training did."""
    return not value.ndim and value.dtype in INTEGERS and name.rpartition(".")[2] in COUNTERS


def _mlp(state: dict[str, Tensor], path: Path) -> nn.Sequential:
    """Return dense layers with ReLU between, from a matrix and maybe a vector for each."""
    layers: dict[str, dict[str, Tensor]] = {}
    for name, value in state.items():
        layer, _, part = name.rpartition(".")
        layers.setdefault(layer, {})[part] = value
    _in_order(list(layers), path)
    made: list[nn.Module] = []
    width = None
    for layer, parts in layers.items():
        weight, bias = parts.get("weight"), parts.get("bias")
        shapes = {part: tuple(value.shape) for part, value in parts.items()}
        if (
            weight is None or weight.ndim != 2 or not weight.numel()
            or set(parts) - {"weight", "bias"}
        ):  # fmt: skip
            raise InputError(
                str(path), expected="the state of mlp: a matrix weight, and maybe a vector bias",
                got=f"{shapes}", where=described(layer)[4:],
            )  # fmt: skip
        if (bias is not None and bias.shape != weight.shape[:1]) or width not in (
            None, weight.shape[1]
        ):  # fmt: skip
            raise InputError(
                str(path), expected=f"the state of mlp: a layer of {width or 'any'} inputs",
                got=f"{shapes}", where=described(layer)[4:],
            )  # fmt: skip
        width = weight.shape[0]
        dense = nn.Linear(
            weight.shape[1], width, bias is not None, device="meta", dtype=weight.dtype
        ).to_empty(device="cpu")
        dense.load_state_dict(parts)
        made += [dense, nn.ReLU()]
    if not made:
        raise InputError(
            str(path), expected="the state of mlp: matrices of weights", got=f"{list(state)[:8]}"
        )
    return nn.Sequential(*made[:-1]).to(_widest(state))


def _in_order(layers: list[str], path: Path) -> None:
    """Raise InputError for layers with numbers that are not in their order."""
    last: dict[str, list[int]] = {}
    for layer in layers:
        kind = re.sub(r"[0-9]+", "#", layer)
        numbers = [int(digits) for digits in re.findall(r"[0-9]{1,9}", layer)]
        if last.get(kind, numbers) > numbers:
            raise InputError(
                str(path), expected="layers in the order in which they are applied",
                got=f"{layers[:8]}",
            )  # fmt: skip
        last[kind] = numbers


def _convolutional(state: dict[str, Tensor], architecture: str, path: Path) -> nn.Sequential:
    network = build(architecture, 0).to(_widest(state))  # type: ignore[arg-type]
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(
            str(path), expected=f"the state of {architecture}", got=said(error)
        ) from None
    return network


def _widest(state: dict[str, Tensor]) -> torch.dtype:
    """Return the floating-point type that holds all numbers of a state dict."""
    floats = (value.dtype for value in state.values() if value.is_floating_point())
    return reduce(torch.promote_types, floats, next(floats, torch.float32))


# The file


@dataclass(frozen=True)
class _Stored:
    """A tensor as the pickle describes it; nothing is allocated for it yet."""

    member: str
    dtype: torch.dtype
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


class _Named(dict[Any, Any]):
    """A dict of the pickle, which may bear attributes as an OrderedDict does."""


class _Left:
    """What the pickle makes of anything that is neither tensor, list nor dict: nothing."""

    name = ""

    def __new__(cls, *_: Any, **__: Any) -> _Left:
        """Take any arguments, and keep none."""
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> _Left:
        """Stand for what a call would give, too."""
        return self

    def __setstate__(self, _: Any) -> None:
        pass

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def append(self, _: Any) -> None:
        """Drop an entry."""

    extend = add = append


# Python's own unpickler in Python: its memory is a dict, in which a large index costs nothing.
class _Unpickler(pickle._Unpickler):
    """Makes descriptions of tensors; imports nothing, whatever the pickle names."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name of the pickle; it is never looked up."""
        makers: dict[str, Callable[..., Any]] = {
            "collections.OrderedDict": _Named,
            "torch._utils._rebuild_tensor_v2": _tensor,
            "torch._utils._rebuild_parameter": lambda data, *_: data,
        }
        maker = makers.get(f"{module}.{name}")
        if maker is None and module == "torch" and name in STORAGES:
            return STORAGES[name]
        return maker or type("_Left", (_Left,), {"name": f"{module}.{name}"[:100]})

    def persistent_load(self, pid: Any) -> Any:
        """Return the type and the member of a storage: ("storage", type, key, place, numbers)."""
        _, dtype, key, *_ = pid
        if not isinstance(dtype, torch.dtype) or not re.fullmatch(r"[0-9]{1,9}", key):
            raise ValueError(f"a storage {described(key)} of {described(dtype)}")
        return dtype, f"data/{key}"


def _tensor(storage: Any, offset: Any, sizes: Any, strides: Any, *_: Any) -> _Stored:
    dtype, member = storage
    return _Stored(member, dtype, tuple(sizes), tuple(strides), offset)


def _state(path: Path, budget: Budget) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors of a state dict, in the order of the file, and what lies beside it."""
    with Archive(path, EXPECTED, budget) as archive:
        return _tensors(archive)


def _tensors(archive: Archive) -> tuple[dict[str, Tensor], list[str]]:
    if "byteorder" in archive.names and archive.read("byteorder") != b"little":
        raise archive.unlike("one of a machine with another order of bytes")
    try:
        content = _Unpickler(io.BytesIO(archive.read(PICKLE, parsed=True))).load()
    except InputError:
        raise
    except Exception as error:  # a damaged pickle raises what it likes
        raise archive.unlike(f"a pickle in another form: {said(error)}") from None
    found, left = _named(content, archive)
    state = {}
    for name, stored in found.items():
        if not isinstance(stored, _Stored):
            got = f"{name!r}: {_kind(stored)}"
            raise InputError(str(archive.path), expected="a dict of tensors by name", got=got)
        tensor = archive.tensor(
            stored.member, stored.dtype, stored.sizes, stored.strides, stored.offset, repr(name)
        )
        state[name] = tensor
    while state and all(name.startswith("module.") for name in state):
        state = {name.removeprefix("module."): value for name, value in state.items()}
    return state, left


def _named(content: Any, archive: Archive) -> tuple[dict[str, Any], list[str]]:
    """Return the one dict that holds tensors, and the entries of a checkpoint beside it."""
    if isinstance(content, _Left):
        raise InputError(
            str(archive.path), expected="a state dict (save model.state_dict())",
            got=f"a whole pickled {content.name}, which only its own code can make",
        )  # fmt: skip

    def holds(value: Any) -> bool:
        return isinstance(value, dict) and any(isinstance(v, _Stored) for v in value.values())

    if isinstance(content, dict) and all(isinstance(key, str) for key in content):
        if not content or not any(isinstance(value, dict) for value in content.values()):
            return content, []
        inner = {key: value for key, value in content.items() if holds(value)}
        if len(inner) == 1:
            ((name, found),) = inner.items()
            if all(isinstance(key, str) for key in found):
                return dict(found), [key for key in content if key != name]
        got = f"a dict of dicts, {len(inner)} of them of tensors: {list(inner or content)[:8]}"
    else:
        got = _kind(content)
    raise InputError(str(archive.path), expected="a dict of tensors by name", got=got)


def _kind(value: Any) -> str:
    return value.name if isinstance(value, _Left) else type(value).__name__
