"""Archives that torch writes: zip files of raw bytes, read without any of torch's loaders."""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from certify.errors import InputError, described, said
from verify.data.memory import Budget


class Archive:
    """The members of a zip file that torch wrote, by their names below its one folder.

    ``expected`` is what the file should be, for messages. Nothing is written anywhere. Members are
    as long as they say, for torch compresses none. Use as a context manager, which closes the
    file. Raises InputError for what is no such file.
    """

    def __init__(self, path: Path, expected: str, budget: Budget) -> None:
        self.path, self.expected, self.budget = path, expected, budget
        try:
            self._file = zipfile.ZipFile(path)
        except Exception as error:
            raise self.unlike(said(error)) from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        try:
            self._list()
        except InputError:
            self._file.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _list(self) -> None:
        for member in self._file.infolist():
            name = member.filename.partition("/")[2] or member.filename
            if name.startswith("code/"):
                raise self.unlike("a TorchScript program (save the state dict, or torch.export it)")
            if name in self._members:
                raise self.unlike(f"an archive with two members {name[:60]!r}")
            if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
                raise self.unlike(f"an archive in which {name[:60]!r} is compressed or encrypted")
            self._members[name] = member

    @property
    def names(self) -> list[str]:
        """The names of all members."""
        return list(self._members)

    def unlike(self, got: str) -> InputError:
        """Return the error for an archive that is not as torch writes it."""
        return InputError(str(self.path), expected=self.expected, got=got)

    def read(self, name: str, *, parsed: bool = False) -> bytes:
        """Return the bytes of a member; raises InputError where it is not there, or not whole.

        What is to be ``parsed`` becomes objects, each of which a few bytes may ask for.
        """
        member = self._members.get(name)
        if member is None:
            raise self.unlike(f"an archive without {name}")
        size = member.file_size
        self.budget.take(3 * size if parsed else -(-size // 16), f"{self.path}: {name}")
        try:
            return self._file.read(member)
        except Exception as error:
            raise self.unlike(f"a damaged member {name}: {said(error)}") from None

    def tensor(
        self, name: str, dtype: torch.dtype, sizes: Sequence[int], strides: Sequence[int],
        offset: int, where: str,
    ) -> Tensor:  # fmt: skip
        """Return the tensor of these sizes, strides and offset in the numbers of a member."""
        layout = [*sizes, *strides, offset]
        if len(sizes) != len(strides) or not all(type(n) is int and n >= 0 for n in layout):
            # What a pickle puts here may be of any size, and hold itself.
            sizes_, strides_, offset_ = (
                described(part).partition(" ")[2] for part in (sizes, strides, offset)
            )
            raise self.unlike(
                f"sizes {sizes_}, strides {strides_} and offset {offset_} for {where}"
            )
        count = math.prod(sizes)
        self.budget.take(count, f"{self.path}: {where}")
        raw = bytearray(self.read(name))
        last = offset + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
        if not count:
            return torch.zeros(tuple(sizes), dtype=dtype)
        if last >= len(raw) // dtype.itemsize:
            raise self.unlike(f"{len(raw)} bytes for {where}, whose entries end behind them")
        numbers = torch.frombuffer(raw, dtype=dtype, count=len(raw) // dtype.itemsize)
        return numbers.as_strided(tuple(sizes), tuple(strides), offset).clone()
