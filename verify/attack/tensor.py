"""All labels of an experiment as one .npz file, for the user's own statistics."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from certify.errors import InputError
from verify.attack.experiment import TransferExperiment
from verify.data.digits import Dataset


def check_save(path: Path) -> None:
    """Raise InputError unless a .npz file can be written there."""
    if path.suffix != ".npz" or not path.parent.is_dir() or path.is_dir():
        raise InputError("--save", expected="a .npz file in a folder that is there", got=str(path))


def tensor(models: TransferExperiment, data: Dataset) -> dict[str, np.ndarray]:
    """Return the labels that all targets give to the adversaries of all sources, by name.

    labels   unsigned (source, target, radius, example): numbers of classes; the one after the last
             stands for all labels of a user's model that no example of the data has
    unmoved  the same of the examples as they are, (source, target, radius or 1, example)
    truth    int64 (source, radius or 1, example): the true labels; 1 where all radii have the same
             examples
    rows     int64, of the shape of truth: which examples of the data, or of its official test part
    classes  the user's label of each number of a class: whole numbers, or words if any is one
    radii    float64 (radius,)
    sources, targets, source_kinds, target_kinds   names and families, ``given`` for the user's own
    """
    found = models.everything
    examples = np.stack([answers.examples for answers in found.answers])
    return {
        "labels": np.stack([answers.labels for answers in found.answers]),
        "unmoved": found.clean[:, examples].swapaxes(0, 1),
        "truth": found.truth[examples],
        "rows": models.test_rows[examples],
        "classes": _classes(data.names or data.classes),
        "radii": np.array(found.radii),
        "sources": np.array(found.sources),
        "targets": np.array(found.targets),
        "source_kinds": np.array(found.kinds),
        "target_kinds": np.array(found.families),
    }


def _classes(names: Sequence[int | str]) -> np.ndarray:
    """Return labels in a type without objects; as text they would equal no number of the user's."""
    found = np.array(names)
    return found if found.dtype.kind in "iu" else np.array(list(map(str, names)))


def save_tensor(path: Path, models: TransferExperiment, data: Dataset) -> None:
    """Write the arrays of :func:`tensor` into a file, whole or not at all."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **tensor(models, data))  # type: ignore[arg-type]
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
