"""Results of single jobs in files, so that a killed experiment goes on where it was."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from certify.errors import InputError
from verify.attack.models import Classifier

Arrays = Mapping[str, np.ndarray]

_FORMAT = "adversarial-geometry/checkpoint 1"
_START = "array "  # before the caller's names, so that none is a name of the file's own


@dataclass(frozen=True)
class Checkpoints:
    """A folder with one .npz file for each finished job of one experiment.

    ``key`` is a text that says all that the results depend on: files of another key are refused.
    Names are of the caller's choice; of two that make one file name, the second is refused. Files
    are written beside their place and moved there, so that none is ever half there, hold arrays
    alone, so that reading them runs no code, and carry a digest of those arrays.
    """

    folder: Path
    key: str

    def cached(self, name: str, make: Callable[[], Arrays]) -> dict[str, np.ndarray]:
        """Return the arrays of a finished job, or make them and keep them.

        New arrays, too, come from their file, so that a later run gets them in the same layout.
        Raises InputError when the file is damaged or belongs to another experiment or job, or when
        an array to keep holds objects.
        """
        path = self.folder / (re.sub(r"[^A-Za-z0-9.-]+", "-", name) + ".npz")
        job = hashlib.sha256(f"{self.key}\0{name}".encode()).hexdigest()
        if not path.exists():
            self._write(path, job, make())
        return self._read(path, job)

    def classifier(self, name: str, make: Callable[[], Classifier]) -> Classifier:
        """Return a classifier that was trained before, or train it and keep it."""

        def arrays() -> Arrays:
            made = make()
            texts = {"family": made.family, "architecture": made.architecture}
            return {
                **{f"text {k}": np.array(v) for k, v in texts.items()},
                **{f"parameter {k}": v for k, v in made.parameters.items()},
            }

        found = self.cached(f"classifier {name}", arrays)
        start = "parameter "
        parameters = {k.removeprefix(start): v for k, v in found.items() if k.startswith(start)}
        family, architecture = (str(found.get(f"text {k}", "")) for k in ("family", "architecture"))
        if not (family and architecture and parameters):
            raise InputError("checkpoint", expected="a classifier", got="other arrays", where=name)
        return Classifier(name, family, architecture, parameters)  # type: ignore[arg-type]

    def _read(self, path: Path, job: str) -> dict[str, np.ndarray]:
        try:
            with np.load(path, allow_pickle=False) as file:
                stored = {name: file[name] for name in file.files}
        except Exception as error:
            # Of a damaged archive zipfile and NumPy raise errors of almost any type.
            raise InputError(
                "checkpoint", expected="a whole file (or none)", got=str(error), where=str(path)
            ) from None
        arrays = {k.removeprefix(_START): v for k, v in stored.items() if k.startswith(_START)}
        for part, value, expected, got in (
            ("format", _FORMAT, _FORMAT, "another format"),
            ("job", job, "one of this experiment and job", "one with other settings"),
            # An archive whose list of contents is damaged can lack arrays without an error.
            ("digest", _digest(arrays), "a whole file (or none)", "arrays with another digest"),
        ):
            if str(stored.get(part, "")) != value:
                raise InputError("checkpoint", expected=expected, got=got, where=str(path))
        return arrays

    def _write(self, path: Path, job: str, arrays: Arrays) -> None:
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise InputError("checkpoint", expected="plain arrays", got="objects", where=name)
        self.folder.mkdir(parents=True, exist_ok=True)
        # Two processes that make the same result must not write into one file.
        partial = path.with_suffix(f".{os.getpid()}.partial")
        own = {"format": _FORMAT, "job": job, "digest": _digest(arrays)}
        stored = {k: np.array(v) for k, v in own.items()} | {_START + k: arrays[k] for k in arrays}
        try:
            with partial.open("wb") as file:
                np.savez_compressed(file, **stored)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _digest(arrays: Arrays) -> str:
    """Return the SHA-256 of the arrays with their names, types and shapes, in any order."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(repr((name, arrays[name].dtype.str, arrays[name].shape)).encode())
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()
