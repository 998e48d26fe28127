"""Arguments of the command lines; that of ``verify`` is given, and nothing here knows it."""

import argparse
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from unittest import mock
from urllib.error import URLError

import numpy as np

# What commands load takes longer than an input may take.
from certify import cli as certify_cli
from certify.certificates.certificate import canonical_json
from verify.claims.registry import CLAIMS
from verify.evidence.ledger import CONFIGURATION
from verify.trust.mutants.mutation import honest_certificates
from verify.trust.surfaces import hostile
from verify.trust.surfaces.images import npz
from verify.trust.surfaces.surface import Surface, exit_code


@dataclass(frozen=True)
class CommandLine:
    """A command line that refuses what it refuses, and leaves out the work.

    main     returns the exit code for arguments
    options  of each command, such as "--seed"
    """

    main: Callable[[Sequence[str]], int]
    options: Mapping[str, Sequence[str]]


def options_of(parser: argparse.ArgumentParser) -> tuple[str, ...]:
    """Return the options that a parser knows, but the one that asks for help."""
    found: Iterable[argparse.Action] = parser._actions
    return tuple(
        name for action in found for name in action.option_strings if name not in ("-h", "--help")
    )


def arguments(folder: Path, commands: CommandLine) -> list[Surface]:
    """Return the surfaces of both command lines, with files to name in a folder."""
    known = {**commands.options, **_OTHERS}
    good, bad = folder / "good.jsonl", folder / "bad.certificate.json"
    good.write_text(canonical_json(honest_certificates()[0]) + "\n", encoding="ascii")
    bad.write_bytes(b'{"format":"\\ud800"}')
    odd = folder / os.fsdecode(b"\xff\xfe.jsonl")
    odd.write_bytes(b"{}\n\xc3\xa9\n")
    earlier = folder / "run"
    earlier.mkdir()
    (earlier / CONFIGURATION).write_bytes(b"\xff" * 9)
    reports = []
    for number, text in enumerate(("", "[]", "{}", "[" * 100_000, '{"a":NaN}', "\ud800", "1")):
        reports.append(folder / f"report {number}")
        reports[-1].mkdir()
        (reports[-1] / "report.json").write_bytes(hostile.bytes_of(text))
    images = folder / "images.npz"
    images.write_bytes(
        npz({"X": np.eye(4, dtype=np.uint8).reshape(4, 2, 2), "y": np.arange(4) % 2})
    )
    made = (folder, good, bad, odd, earlier, *reports, images, folder / "absent")
    places = [
        *map(str, made), "/dev/null", "/dev/null/x", "", ".", "-", "a" * 5_000, "\udcff", "é",
        "a.npz",
    ]  # fmt: skip

    def value(rng: Random) -> str:
        choices = (
            rng.choice(places),
            str(rng.choice((0, 1, -1, 2, 10**6, 2**63, 10**4_000))),
            hostile.numeral(rng),
            rng.choice(list(CLAIMS)),
            rng.choice(_NAMES),
        )
        # No argument of a process holds a NUL or half of a pair.
        return os.fsdecode(rng.choice(choices).encode("utf-8", "replace")).replace("\0", "")

    def drawn(rng: Random, table: Mapping[str, Sequence[str]]) -> list[str]:
        command = rng.choice(list(table))
        given = [command] if rng.random() < 0.95 else []
        for _ in range(rng.choice((0, 1, 1, 2, 3, 6))):
            option = rng.choice([*table[command], *table[command], value(rng), "-h", "--"])
            if rng.random() < 0.05:
                option = option[: rng.randrange(len(option) + 1)]
            given.append(f"{option}={value(rng)}" if rng.random() < 0.1 else option)
            if rng.random() < 0.7:
                given.append(value(rng))
        return given

    def certify(given: list[str]) -> bool:
        with contextlib.chdir(folder):  # which "." and no path at all stand for
            return exit_code(certify_cli.main, given) == 0

    def verify(given: list[str]) -> bool:
        unreachable = mock.patch("sklearn.datasets.fetch_openml", side_effect=URLError("offline"))
        with contextlib.chdir(folder), unreachable:
            return exit_code(commands.main, given) == 0

    return [
        Surface("certify ARGUMENTS", 3, lambda rng: drawn(rng, _CERTIFY), certify),
        Surface("verify ARGUMENTS", 4, lambda rng: drawn(rng, known), verify),
    ]


_NAMES = (
    "digits", "mnist", "quick", "standard", "paper", "auto", "cpu", "cuda", "all", "sign", "hinge",
    "float32", "bfloat16", "as printed", "both labels", "tcp://127.0.0.1:1", "classes", "l >= m",
)  # fmt: skip
_CERTIFY = {"check": ("--fast", "--version"), "": ("--version",), "verify": ("--fast",)}
_OTHERS = {"--version": (), "nothing": ("--seed",)}  # in the place of a command
