"""Certificates, reports and linear programs in MPS."""

import json
from typing import Any

from benchmarks.hostile_files import NESTED, Content, Hostile, alone, later, nothing_of_the_kind
from certify import rank
from certify.certificates.certificate import canonical_json

PROGRAM = """NAME p
ROWS
 N c
 G r
COLUMNS
 x c 1 r 0.1
RHS
 b r 1
ENDATA
"""


def files() -> list[Hostile]:
    """Return the files of these formats."""
    good = _good()
    texts = {**_texts(good), **nothing_of_the_kind(good.encode())}
    lines = {f"a line: {name}": text for name, text in _texts(good).items()}
    programs = {**_programs(), **nothing_of_the_kind(PROGRAM.encode())}
    commands = (
        ("certificate", ["certify", "check", "c.json"], texts),
        ("certificate", ["certify", "check", "c.jsonl"], lines),
        ("MPS", ["mps", "p.mps"], programs),
    )
    return [
        Hostile(kind, name, words, alone(words[-1], text))
        for kind, words, contents in commands
        for name, text in contents.items()
    ]


def _good() -> str:
    return rank([[1, 2], [3, 4]]).certificate.line()


def _texts(good: str) -> dict[str, Content]:
    """Return texts that are no certificate, or one of something else."""

    @later
    def changed(**fields: Any) -> bytes:
        return canonical_json({**json.loads(good), **fields}).encode()

    @later
    def matrix(entry: str) -> bytes:
        document = json.loads(good)
        document["instance"]["matrix"][0][0] = "ENTRY"
        return json.dumps(document).replace('"ENTRY"', entry).encode()

    rows = [["1"] * 2000] * 2000
    return {
        "nested 100,000 deep": NESTED.encode,
        "objects nested 50,000 deep": lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        "a number": lambda: b"1",
        "not a number": lambda: b"NaN",
        "null": lambda: b"null",
        "UTF-16": lambda: good.encode("utf-16"),
        "a byte order mark": lambda: b"\xef\xbb\xbf" + good.encode(),
        "half a character": lambda: good.encode() + b"\xc3",
        "a key twice": lambda: good.replace("{", '{"kind":"rank",', 1).encode(),
        "two documents": lambda: good.encode() * 2,
        "no fields": lambda: b"{}",
        "an unknown kind": changed(kind="\x1b[2J\x07"),
        "a kind of 10^6 letters": changed(kind="x" * 10**6),
        "a kind that is a list": changed(kind=[[]]),
        "an unknown version": changed(version=10**30),
        "another hash": changed(instance_sha256="0" * 64),
        "a field more": changed(extra=NESTED[:500]),
        "an entry of 10^6 digits": matrix(f'"{"9" * 10**6}"'),
        "an entry that divides by 0": matrix('"1/0"'),
        "an entry with an exponent": matrix('"1e999999999"'),
        "an entry that is a float": matrix("1e400"),
        "an entry of 10^6 digits, as a number": matrix("9" * 10**6),
        "an entry in other digits": matrix('"\u0661"'),
        "an entry that is a surrogate": matrix('"\\ud800"'),
        "4,000,000 entries": changed(instance={"matrix": rows}),
        "50 MB on one line": lambda: b" " * 5 * 10**7,
        "10^5 empty lines": lambda: b"\n" * 10**5,
    }


def grid(rows: int, columns: int) -> bytes:
    """Return a program of this size with two numbers in a column."""
    text = "ROWS\n N c\n" + "".join(f" G r{i}\n" for i in range(rows)) + "COLUMNS\n"
    text += "".join(f" x{j} c 1 r{j % rows} 1\n" for j in range(columns))
    return (text + "RHS\n" + "".join(f" b r{i} 1\n" for i in range(rows)) + "ENDATA\n").encode()


def _programs() -> dict[str, Content]:
    """Return programs that are none, or larger than they look."""

    @later
    def changed(old: str, new: str) -> bytes:
        return PROGRAM.replace(old, new).encode()

    return {
        "an exponent of 10^9": changed("0.1", "1e999999999"),
        "an exponent of -10^9": changed("0.1", "1e-999999999"),
        "an exponent of 400": changed("0.1", "1e400"),
        "10^6 digits": changed("0.1", "9" * 10**6),
        "a number that is none": changed("0.1", "nan"),
        "infinity": changed("0.1", "inf"),
        "hexadecimal": changed("0.1", "0x1p3"),
        "other digits": changed("0.1", "\u0661"),
        "no end": changed("ENDATA\n", ""),
        "no rows": lambda: b"NAME\nENDATA\n",
        "a row twice": changed(" G r\n", " G r\n G r\n"),
        "an entry twice": changed("r 0.1", "r 0.1 r 0.1"),
        "a row that is not there": changed("r 0.1", "absent 0.1"),
        "integer variables": changed("COLUMNS\n", "COLUMNS\n M 'MARKER' 'INTORG'\n"),
        "a bound of no kind": changed("ENDATA", "BOUNDS\n XX b x 1\nENDATA"),
        "control characters": changed(" G r\n", " G \x1b[2J\x07\n"),
        "a name of 10^6 letters": changed("NAME p", "NAME " + "p" * 10**6),
        "a section of 10^6 letters": changed("ROWS", "R" * 10**6),
        "a line of 10^6 fields": changed(" x c 1 r 0.1", " x" + " c 1" * 10**6),
        "bytes that are no text": lambda: PROGRAM.encode() + b"\xff\xfe",
        "200,000 rows by 200,000 columns": lambda: grid(200_000, 200_000),
        "3,000 rows by 3,000 columns": lambda: grid(3000, 3000),
        "an unbounded program": changed("c 1", "c -1"),
        "an empty program": changed(" b r 1", " b r 1\nBOUNDS\n UP b x 1"),
    }
