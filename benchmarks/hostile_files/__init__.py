"""Files that are not what they seem: made here, harmless, and given to the commands one by one.

Nothing in them runs code where a reader obeys it, and none is known to crash or to slip past the
checks of a library. Each module makes those of a few formats; ``children`` runs a command on each
in a process of its own.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias

P = ParamSpec("P")
Content: TypeAlias = Callable[[], bytes]  # made when it is asked for
Write: TypeAlias = Callable[[Path], Any]  # into an empty folder
NESTED = "[" * 100_000 + "]" * 100_000


@dataclass(frozen=True)
class Hostile:
    """One file and what is asked of it.

    kind   the format, and whether it is a model, data or a certificate
    name   what is wrong with it, in words
    words  of the command: "verify", "certify" or "mps" first
    write  writes it, and whatever lies beside it, into an empty folder
    """

    kind: str
    name: str
    words: list[str]
    write: Write

    def make(self, folder: Path) -> list[str]:
        """Write it into an empty folder, and return the words."""
        self.write(folder)
        return self.words


def later(function: Callable[P, bytes]) -> Callable[P, Content]:
    """Let a function be called when its bytes are asked for, and not before."""
    return lambda *given, **named: partial(function, *given, **named)


def alone(file: str, content: Content) -> Write:
    """Return what writes one file."""
    return lambda folder: (folder / file).write_bytes(content())


def models(
    kind: str, file: str, contents: Mapping[str, Content], options: Iterable[str] = ()
) -> list[Hostile]:
    """Return files of these contents, each a model to be audited."""
    words = ["verify", "audit", file, *options]
    return [Hostile(kind, name, words, alone(file, make)) for name, make in contents.items()]


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


def nothing_of_the_kind(good: bytes) -> dict[str, Content]:
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
