"""Searches in files, so that one that was interrupted goes on where it was."""

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from certify.bounds.proof import instance, statement
from certify.bounds.question import Question
from certify.certificates.certificate import sha256
from certify.errors import InputError, of_the_system, said
from certify.version import __version__

FORMAT = "adversarial-geometry/search 1"
SECONDS = 10.0  # between two that are written, or longer where writing takes long
SHARE = 0.1  # of the time at most


class Checkpoint:
    """The file of one question's search: tensors, numbers and texts, whose reading runs no code.

    It is written beside its place and moved there, so that it is never half there. A state is what
    a search says of itself; the parts that it calls closed are decided again exactly.
    """

    def __init__(self, path: Path, question: Question, seed: int) -> None:
        self.path = path
        self._key = sha256([instance(question), statement(question), seed, __version__])
        self._next = time.monotonic() + SECONDS
        self._interrupted = False

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Have an interrupt wait until a state is written, which no step has left half changed.

        A second one does not wait. Python's own answer to an interrupt alone is put off.
        """
        main = threading.current_thread() is threading.main_thread()
        if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._interrupted:
            raise KeyboardInterrupt

    def _interrupt(self, *_: Any) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True

    def read(self) -> dict[str, Any] | None:
        """Return what was written last, None where there is nothing.

        Raises InputError for a file that is damaged, or of another question, seed or version.
        """
        if not self.path.exists():
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of pickles that torch never wrote: an error tells
                stored = torch.load(self.path, map_location="cpu", weights_only=True)
            told, key, state = stored["format"], stored["key"], dict(stored["state"])
        except Exception as error:
            # Of a damaged archive torch raises errors of almost any type.
            expected = "a whole file (or none)"
            got = said(error).split(".")[0]
            raise InputError(
                "checkpoint", expected=expected, got=got, where=str(self.path)
            ) from None
        if told != FORMAT or key != self._key:
            raise InputError(
                "checkpoint", expected="a search for this question, with this seed and version",
                got="one for another", where=str(self.path),
            )  # fmt: skip
        return state

    @property
    def due(self) -> bool:
        """Whether it is time to write again, or an interrupt waits for that."""
        return self._interrupted or time.monotonic() >= self._next

    def write(self, state: dict[str, Any]) -> None:
        """Put a state in the place of the last one, and end where an interrupt has waited for that.

        Raises InputError where none can be put.
        """
        try:
            self._write(state)
        except OSError as error:
            raise InputError(
                "checkpoint", expected="a file that can be written", got=of_the_system(error),
            ) from None  # fmt: skip
        if self._interrupted:
            raise KeyboardInterrupt

    def _write(self, state: dict[str, Any]) -> None:
        start = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            with partial.open("wb") as file:
                torch.save({"format": FORMAT, "key": self._key, "state": state}, file)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
        finally:
            partial.unlink(missing_ok=True)
        now = time.monotonic()
        self._next = now + max(SECONDS, (now - start) / SHARE)

    def remove(self) -> None:
        """Leave nothing: the question is decided."""
        self.path.unlink(missing_ok=True)
