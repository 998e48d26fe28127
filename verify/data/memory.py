"""How much memory reading a file may take: sizes are added up before anything is allocated."""

import io
import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from certify.errors import InputError, said

MEMORY = 2**30  # bytes
HEADER = 2**16  # bytes at the start of a member that tell what it is
DEPTH = 3  # of archives in archives
EACH = 96  # bytes that a weight takes while it is read: several copies, one of them exact


def limit(gibibytes: float) -> int:
    """Return what ``--memory`` says in bytes; raises InputError for what is no size."""
    if not 0 < gibibytes < 2**20:
        raise InputError("--memory", expected="a number of GiB above 0", got=f"{gibibytes:g}")
    return int(gibibytes * 2**30)


class Budget:
    """The bytes that reading one model may still take.

    >>> Budget(1000).take(11, "w")
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
            wanted = f"at most {self.limit >> 20} MiB for reading"
            got = f"{-(-self.taken >> 20)} MiB"
            raise InputError("--memory", expected=wanted, got=got, where=where)

    def take_archive(self, path: Path) -> None:
        """Note what the members of a zip archive unpack to: arrays by their headers, others whole.

        Raises InputError for an archive with a damaged array, or too large; what is no archive at
        all is left to its reader.
        """
        if not path.is_file() or not zipfile.is_zipfile(path):
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

    def _take_members(self, archive: zipfile.ZipFile, where: str, depth: int = 0) -> None:
        for member in archive.infolist():
            place = f"{where}: {member.filename}"
            # Text becomes objects, one for every few characters.
            text = member.filename.endswith(".json")
            count = member.file_size if text else -(-member.file_size // 8)
            # What a member is its first bytes tell: readers are led to it by any name.
            with archive.open(member) as stream:
                start = stream.read(HEADER)
            if start.startswith(np.lib.format.MAGIC_PREFIX) or member.filename.endswith(".npy"):
                count = max(count, _entries(io.BytesIO(start)))
            self.take(count, place)
            if start.startswith(b"PK"):
                if depth == DEPTH:
                    raise InputError(
                        where, expected=f"archives {DEPTH} deep at most", got="more", where=place
                    )
                with zipfile.ZipFile(io.BytesIO(archive.read(member))) as inner:
                    self._take_members(inner, place, depth + 1)


def _entries(stream: IO[bytes]) -> int:
    """Return the number of entries that the header of an array promises."""
    version = np.lib.format.read_magic(stream)
    formats = np.lib.format
    first = version == (1, 0)
    read = formats.read_array_header_1_0 if first else formats.read_array_header_2_0
    shape, _, kind = read(stream)
    if any(size < 0 for size in shape):
        raise ValueError(f"a shape of {shape}")
    return math.prod(shape) * max(1, kind.itemsize // 8)
