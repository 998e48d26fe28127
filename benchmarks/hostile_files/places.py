"""Places that are no plain files, and names that are no plain names."""

import contextlib
import os
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.hostile_files import Hostile, Write, packed
from benchmarks.hostile_files.arrays import B, W, stored

SUFFIXES = (".onnx", ".pt2", ".pt", ".skops", ".safetensors", ".npz")
REPORT = ("report.json", "ledger.jsonl", "certificates.jsonl", "SHA256SUMS")


def files() -> list[Hostile]:
    """Return the places, as models, as data and as certificates."""
    made = []
    for what, maker in _places().items():
        for suffix in SUFFIXES:
            options = ["--architecture", "mlp"] if suffix == ".pt" else []
            words = ["verify", "audit", f"m{suffix}", *options]
            made.append(_placed(f"place of {suffix}", what, f"m{suffix}", maker, words))
        words = ["verify", "audit", "good.npz", "--data", "d.npz"]
        made.append(_placed("place of data", what, "d.npz", maker, words))
        words = ["verify", "attack", "--data", "d.npz"]
        made.append(_placed("place of data", f"{what}, attacked", "d.npz", maker, words))
        # Lines without end are read as long as there are any.
        for name in ("c.json",) if maker is _hole else ("c.json", "c.jsonl"):
            words = ["certify", "check", name]
            made.append(_placed("place of certificate", f"{what}: {name}", name, maker, words))
        made.append(_placed("place of MPS", what, "p.mps", maker, ["mps", "p.mps"]))
    for name in REPORT:
        about = f"a report: {name} is a pipe"
        words = ["certify", "check", "found"]
        made.append(Hostile("place of certificate", about, words, partial(_report, name)))
    return made + [
        Hostile("name", name, ["verify", "audit", f"./{word}"], partial(_named, word))
        for name, word in _names().items()
    ]


def _places() -> dict[str, Write]:
    return {
        "nothing": lambda path: None,
        "a folder": lambda path: path.mkdir(),
        "a pipe that nobody writes to": os.mkfifo,
        "a link to itself": lambda path: path.symlink_to(path.name),
        "a link to nothing": lambda path: path.symlink_to("absent"),
        "a link to zeros without end": lambda path: path.symlink_to("/dev/zero"),
        "a link to a device without bytes": lambda path: path.symlink_to(os.devnull),
        "a file that is mostly a hole": _hole,
    }


def _hole(path: Path) -> None:
    """Make a file of 200 GB that takes no room."""
    with path.open("wb") as file:
        file.truncate(2 * 10**11)


def _placed(kind: str, name: str, file: str, maker: Write, words: list[str]) -> Hostile:
    def write(folder: Path) -> None:
        maker(folder / file)
        np.savez(folder / "good.npz", W=W, b=B)

    return Hostile(kind, name, words, write)


def _report(pipe: str, folder: Path) -> None:
    """Make a report, or something like it, with a pipe in the place of a file."""
    (folder / "found").mkdir()
    os.mkfifo(folder / "found" / pipe)
    for name in set(REPORT) - {pipe}:
        (folder / "found" / name).write_text("{}\n")


def _names() -> dict[str, str]:
    return {
        "control characters": "\x1b[2J\x1b]0;title\x07.npz",
        "a line feed": "a\nb.npz",
        "not UTF-8": "a\udcff.npz",
        "from right to left": "\u202eabc.npz",
        "250 letters": "x" * 246 + ".npz",
        "of an option": "--overwrite.npz",
        "no suffix": "model",
        "a suffix of another format": "m.onnx",
        "a suffix of a pickle": "m.pkl",
        "a suffix in capitals": "m.NPZ",
        "control characters and no format": "\x1b[2J.\x07",
        "longer than a name may be": "x" * 5000 + ".npz",
        "with a zero": "a\0b.npz",
    }


def _named(word: str, folder: Path) -> None:
    # No file can have some of these names, but a command line can.
    with contextlib.suppress(OSError, ValueError):
        (folder / word).write_bytes(packed({"W.npy": stored(W), "b.npy": stored(B)}))
