"""How much memory reading a file may take: sizes are added up before anything is allocated."""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from certify.errors import InputError, said

MEMORY = 2**30  # bytes
EACH = 40  # bytes that a number takes at most while it is read: several copies, one exact


class Budget:
    """The bytes that reading one model may still take.

    >>> Budget(1000).take(26, "w")
    Traceback (most recent call last):
    certify.errors.InputError: --memory: expected at most 0 MiB for reading, got 1 MiB (w)
    """

    def __init__(self, limit: int = MEMORY, each: int = EACH) -> None:
        self.limit, self.each = limit, each
        self.taken = 0

    def take(self, numbers: int, where: str) -> None:
        """Note that so many more numbers are about to be in memory.

        Raises InputError naming the place when that is too much.
        """
        if numbers < 0:
            raise InputError("model", expected="sizes above 0", got=f"{numbers}", where=where)
        self.taken += self.each * numbers
        if self.taken > self.limit:
            raise InputError(
                "--memory",
                expected=f"at most {self.limit >> 20} MiB for reading",
                got=f"{-(-self.taken >> 20)} MiB",
                where=where,
            )

    def take_archive(self, path: Path) -> None:
        """Note what the members of a zip archive unpack to: arrays by their headers, others whole.

        Raises InputError for an archive with a damaged array, or too large; what is no archive at
        all is left to its reader.
        """
        if not zipfile.is_zipfile(path):
            return
        try:
            with zipfile.ZipFile(path) as archive:
                self._take_members(archive, str(path))
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                str(path), expected="a zip archive that is whole", got=said(error)
            ) from None

    def _take_members(self, archive: zipfile.ZipFile, where: str) -> None:
        for member in archive.infolist():
            place = f"{where}: {member.filename}"
            if member.filename.endswith(".npy"):
                with archive.open(member) as stream:
                    self.take(_entries(stream), place)
                continue
            # Text becomes objects, one for every few characters.
            text = member.filename.endswith(".json")
            self.take(member.file_size if text else member.file_size // 8, place)
            if member.filename.endswith(".npz"):
                with zipfile.ZipFile(io.BytesIO(archive.read(member))) as inner:
                    self._take_members(inner, place)


def _entries(stream: IO[bytes]) -> int:
    """Return the number of entries that the header of an array promises."""
    version = np.lib.format.read_magic(stream)
    formats = np.lib.format
    first = version == (1, 0)
    read = formats.read_array_header_1_0 if first else formats.read_array_header_2_0
    shape, _, kind = read(stream)
    return math.prod(shape) * max(1, kind.itemsize // 8)
