"""Numbers and labels as people hold them: lists, tables, tensors; read exactly or refused."""

import math
from typing import Any

import numpy as np

from certify.errors import InputError, described
from verify.data.memory import MEMORY

_NUMBERS = "numbers of shape (n, ...)"


def numbers(X: Any) -> np.ndarray:
    """Return examples as float32 where they are, else as float64, without rounding."""
    values = _array(X, "X", _NUMBERS)
    if values.dtype == object:
        values = _of_objects(values, column_names(X))
    if values.dtype.kind not in "fiub" or values.ndim < 2 or not values.size:
        got = f"{values.dtype} of shape {values.shape}"
        raise InputError("X", expected=f"{_NUMBERS}, not empty", got=got)
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        got = str(values[tuple(bad[0])])
        where = _place(tuple(bad[0]), column_names(X))
        raise InputError("X", expected="finite numbers", got=got, where=where)
    if values.dtype == np.float32:
        return values
    with np.errstate(over="ignore"):
        kept = values.astype(np.float64)
    if values.dtype.kind == "f":
        exact = bool((kept.astype(values.dtype) == values).all())
    else:
        exact = all(int(float(v)) == v for v in values[np.abs(kept) >= 2.0**53].tolist())
    if not exact or not np.isfinite(kept).all():
        raise InputError("X", expected="numbers that float64 holds exactly", got="longer ones")
    return kept


def number_type(X: Any) -> np.dtype | None:
    """Return the type in which people hold examples that :func:`numbers` takes, None for objects.

    It is that of NumPy; tensors of types that NumPy lacks count as float32.
    """
    found = _array(X, "X", _NUMBERS).dtype
    return None if found.hasobject else found


def dense(X: Any, memory: int = MEMORY) -> Any:
    """Return a sparse matrix as an array of at most so many bytes, and anything else as it is."""
    if not hasattr(X, "tocsr"):
        return X
    size = math.prod(X.shape) * max(X.dtype.itemsize, 8)
    if size > memory:
        wanted = f"a sparse matrix that takes at most {memory >> 20} MiB as an array"
        raise InputError("X", expected=wanted, got=f"{-(-size >> 20)} MiB")
    return X.toarray()


def column_names(X: Any) -> tuple[str, ...]:
    """Return the names of a table's columns where all of them are words, as scikit-learn does."""
    names = getattr(X, "columns", ())
    found = () if callable(names) else tuple(names)
    return found if all(isinstance(name, str) for name in found) else ()


def labels(y: Any, count: int) -> np.ndarray:
    """Return labels as an object array (count,) of whole numbers and words."""
    wanted = f"{count} whole numbers or words, one label for each example"
    if y is None:
        raise InputError("y", expected=wanted, got="nothing")
    values = _array(y, "y", wanted)
    if values.dtype.kind in "mM":  # whose nanoseconds would become whole numbers
        raise InputError("y", expected=wanted, got=f"dates or times, {values.dtype}")
    if values.ndim == 2 and values.shape[1:] == (1,):
        values = values[:, 0]
    if values.shape != (count,):
        shape = f"{values.dtype} of shape {values.shape}"
        hint = " (of one-hot rows take y.argmax(axis=1))" if values.ndim == 2 else ""
        raise InputError("y", expected=wanted + hint, got=shape)
    found = np.empty(count, dtype=object)
    for i, value in enumerate(values.tolist()):
        found[i] = _label(value, i)
    return found


def _label(value: Any, place: int) -> int | str:
    dated = isinstance(value, np.datetime64 | np.timedelta64)
    plain = value.item() if isinstance(value, np.generic) and not dated else value
    if isinstance(plain, bytes):
        plain = plain.decode("utf-8", "backslashreplace")
    if isinstance(plain, str):
        return str(plain)
    if isinstance(plain, int) or (isinstance(plain, float) and plain.is_integer()):
        return int(plain)
    wanted = "labels that are whole numbers or words"
    raise InputError("y", expected=wanted, got=described(value), where=f"label {place}")


def _array(values: Any, name: str, expected: str) -> np.ndarray:
    """Return what people hold as an array; raises InputError for what would change on the way."""
    if np.ma.isMaskedArray(values):
        if np.ma.is_masked(values):
            raise InputError(name, expected="an array without masked entries", got="masked ones")
        values = values.data
    if hasattr(values, "tocsr"):
        raise InputError(name, expected=expected, got=f"a sparse {type(values).__name__}")
    try:
        found = np.asarray(_of_tensor(values) if hasattr(values, "detach") else values)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # ragged, quantized, on no device
        raise InputError(name, expected=expected, got=described(values)) from None
    if found.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        return found.astype(np.float32)  # wider, so exact
    return found


def _of_tensor(tensor: Any) -> np.ndarray:
    """Return a torch tensor; types that NumPy lacks become float32, which is wider."""
    import torch

    tensor = tensor.detach().cpu()
    if tensor.is_sparse:
        tensor = tensor.to_dense()
    if tensor.is_floating_point() and tensor.dtype not in (torch.float64, torch.float16):
        tensor = tensor.float()
    return np.asarray(tensor.resolve_conj().resolve_neg().numpy())


def _of_objects(values: np.ndarray, names: tuple[str, ...] = ()) -> np.ndarray:
    """Return an array of Python numbers as float64 if they all are such floats exactly."""
    found = np.empty(values.shape, np.float64)
    for place in np.ndindex(values.shape):
        value = values[place]
        value = value.item() if isinstance(value, np.generic) else value
        try:
            found[place] = float(value)
            exact = not isinstance(value, str) and (
                found[place] == value or math.isnan(found[place])
            )
        except (TypeError, ValueError, OverflowError):
            exact = False
        if not exact:
            wanted = "numbers that float64 holds exactly"
            raise InputError("X", expected=wanted, got=described(value), where=_place(place, names))
    return found


def _place(place: tuple[int, ...], names: tuple[str, ...]) -> str:
    """Return where a number stands: its example, and the name of its column in a table."""
    column = f", column {names[place[1]]!r}" if names and len(place) == 2 else ""
    return f"example {place[0] if place else 0}{column}"
