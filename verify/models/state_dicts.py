"""State dicts in files: tensors by name, read without any of torch's loaders."""

import io
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from certify.errors import InputError, absent, described, said, shortened
from verify.data.memory import Budget
from verify.models.raw_tensors import Archive

EXPECTED = "a state dict saved by torch.save of torch 1.6 or later"
PICKLE = "data.pkl"
# torch's names of storages; those of its shortest floats are in another form of pickles.
STORAGES = {
    f"{name}Storage": dtype
    for name, dtype in {
        "Float": torch.float32, "Double": torch.float64, "Half": torch.float16,
        "BFloat16": torch.bfloat16, "Long": torch.int64, "Int": torch.int32,
        "Short": torch.int16, "Char": torch.int8, "Byte": torch.uint8, "Bool": torch.bool,
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """The tensors of a file by name.

    ordered  whether they come in the order in which the module made them, as torch.save keeps it
    left     what else the file holds, by name
    """

    tensors: dict[str, Tensor]
    ordered: bool
    left: tuple[str, ...] = ()


def read_tensors(path: Path, budget: Budget) -> State:
    """Return the tensors of a .pt, .pth, .ckpt or .safetensors file.

    A state dict may be one entry of a checkpoint. The pickle in a .pt file can make tensors, lists
    and dicts; whatever else it names is left out, and not imported. Raises InputError for a file
    of another form.
    """
    if path.suffix.lower() == ".safetensors":
        return State(_safe_tensors(path, budget), ordered=False)
    with Archive(path, EXPECTED, budget) as archive:
        tensors, left = _tensors(archive)
    return State(tensors, ordered=True, left=tuple(left))


def _safe_tensors(path: Path, budget: Budget) -> dict[str, Tensor]:
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise absent(str(path), "safetensors") from None
    budget.take(path.stat().st_size // 16, str(path))
    try:
        found = load_file(path)
    except Exception as error:
        raise InputError(str(path), expected="a safetensors file", got=said(error)) from None
    for name, tensor in found.items():
        budget.take(tensor.numel(), f"{path}: {shortened(name)}")
    return dict(found)


# The pickle of a .pt file


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

    def __new__(cls, *_: Any, **__: Any) -> "_Left":
        """Take any arguments, and keep none."""
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> "_Left":
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
    return state, left


def _named(content: Any, archive: Archive) -> tuple[dict[str, Any], list[str]]:
    """Return the one dict that holds tensors, and the entries of a checkpoint beside it."""
    if isinstance(content, _Left):
        wanted = "a state dict (save model.state_dict())"
        got = f"a whole pickled {content.name}, which only its own code can make"
        raise InputError(str(archive.path), expected=wanted, got=got)

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
