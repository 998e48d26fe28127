"""Products of values on the way with constants, of the shapes that NumPy's matmul gives."""

from math import prod

import numpy as np

from verify.models.builder import Builder
from verify.models.values import Value


def times(builder: Builder, value: Value, table: np.ndarray, where: str) -> Value:
    """Return the product with a constant on the right: a vector, a matrix, or a stack of them."""
    if table.ndim == 1:
        found = builder.dense(value, table[None], None, where)
        return found.moved(found.entries[..., 0])
    *outer, inner, made = table.shape
    if prod(outer) == 1:
        found = builder.dense(value, table.reshape(inner, made).T, None, where)
        missing = len(outer) + min(2, len(value.shape)) - len(found.shape)
        return found.moved(found.entries.reshape(*(1,) * max(0, missing), *found.shape))
    lead = np.broadcast_shapes(value.shape[:-2], tuple(outer))
    builder.check_size((*lead, inner, made), where)
    entries = np.broadcast_to(value.entries, (*lead, *value.shape[-2:]))
    tables = np.broadcast_to(table, (*lead, inner, made))
    parts = [
        builder.dense(value.moved(entries[k][None]), tables[k].T, None, where)
        for k in np.ndindex(*lead)
    ]
    found = builder.concatenate(parts, 0, where)
    return found.moved(found.entries.reshape(*lead, *found.shape[1:]))


def behind(builder: Builder, table: np.ndarray, value: Value, where: str) -> Value:
    """Return the product with a constant on the left: A x is the transpose of x^T A^T."""
    turned = value.moved(_transposed(value.entries))
    found = times(builder, turned, _transposed(table), where)
    both = min(table.ndim, len(value.shape)) > 1
    return found.moved(_transposed(found.entries)) if both else found


def _transposed(array: np.ndarray) -> np.ndarray:
    """Return matrices transposed; a vector is what is beside it."""
    return array.swapaxes(-1, -2) if array.ndim > 1 else array
