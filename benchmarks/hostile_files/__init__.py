"""Files that are not what they seem: made here, harmless, and given to the commands one by one.

Nothing in them runs code where a reader obeys it, and none is known to crash or to slip past the
checks of a library. Each module makes those of a few formats; ``children`` runs a command on each
in a process of its own.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

NESTED = "[" * 100_000 + "]" * 100_000


@dataclass(frozen=True)
class Hostile:
    """One file and what is asked of it.

    kind     the format, and whether it is a model, data or a certificate
    name     what is wrong with it, in words
    make     writes it, and whatever lies beside it, into an empty folder, and returns the words of
             the command: "verify", "certify" or "mps" first
    """

    kind: str
    name: str
    make: Callable[[Path], list[str]]


def models(
    kind: str, file: str, contents: Mapping[str, Callable[[], bytes]], options: Iterable[str] = ()
) -> list[Hostile]:
    """Return files of these contents, each a model to be audited."""

    def maker(write: Callable[[], bytes]) -> Callable[[Path], list[str]]:
        def make(folder: Path) -> list[str]:
            (folder / file).write_bytes(write())
            return ["verify", "audit", file, *options]

        return make

    return [Hostile(kind, name, maker(write)) for name, write in contents.items()]


def packed(
    members: Mapping[str, bytes] | Iterable[tuple[str, bytes]], *, compressed: bool = False
) -> bytes:
    """Return a zip archive of members, whose names may come twice."""
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    pairs = members.items() if isinstance(members, Mapping) else members
    with zipfile.ZipFile(stream, "w", method, compresslevel=9) as archive:
        for name, content in pairs:
            archive.writestr(zipfile.ZipInfo(name), content, method, 9)
    return stream.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """Return the members of a zip archive by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def nothing_of_the_kind(good: bytes) -> dict[str, Callable[[], bytes]]:
    """Return contents that are no file of a format at all, or only a part of a good one."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"
    middle = len(good) // 2
    return {
        "zero bytes": lambda: b"",
        "one byte": lambda: good[:1],
        "a pointer to a file in Git LFS": lambda: pointer,
        "a page of HTML": lambda: b"<!DOCTYPE html><html><body>404: Not Found</body></html>\n",
        "text with control characters": lambda: b"\x1b[2J\x1b]0;title\x07\r\n" * 9,
        "zeros": lambda: bytes(10**6),
        "bytes FF": lambda: b"\xff" * 10**5,
        "a gzip member": lambda: b"\x1f\x8b\x08\x00" + bytes(60),
        "an archive without members": lambda: packed({}),
        "first half alone": lambda: good[:middle],
        "last byte missing": lambda: good[:-1],
        "second half alone": lambda: good[middle:],
        "a byte changed in the middle": lambda: (
            good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :]
        ),
        "bytes in front": lambda: b"#!/bin/false\n" + good,
        "zeros behind": lambda: good + bytes(10**5),
        "twice": lambda: good + good,
    }
