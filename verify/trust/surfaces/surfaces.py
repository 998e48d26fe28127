"""Everything that reads what others wrote: how to draw an input for it, and how it refuses one.

A surface decides an input to True or False. False is its documented refusal and nothing else: any
exception that leaves ``decide`` is a defect of the reader.
"""

from __future__ import annotations

import contextlib
import copy
import gzip
import hashlib
import io
import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock
from urllib.error import URLError

import numpy as np

from certify import cli as certify_cli
from certify import read_mps
from certify.certificates.certificate import canonical_json
from certify.checking import checker, fast_reading
from certify.checking import fast as fast_checker
from certify.errors import InputError
from verify import cli as verify_cli
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier
from verify.campaigns import falsify
from verify.claims.registry import CLAIMS
from verify.commands import audit as command
from verify.data import sources
from verify.data.examples import Examples
from verify.evidence.grades import Grade
from verify.evidence.ledger import CERTIFICATES, CONFIGURATION, LEDGER, Ledger, Record
from verify.objects import (
    ArgmaxRule,
    Cell,
    CellRule,
    LabelledSet,
    LinearRule,
    SoftmaxHead,
    TwoLayerNetwork,
    from_json,
    to_json,
)  # fmt: skip
from verify.reference import build
from verify.reporting import terminal
from verify.trust.mutants.mutation import honest_certificates
from verify.trust.surfaces import hostile
from verify.trust.surfaces import models as surfaces_models

Draw = Callable[[Random], Any]


@dataclass(frozen=True)
class Surface:
    """One way in.

    share   of the inputs of a run, relative to the other surfaces
    draw    an input, a function of the generator's state alone
    decide  True when it is accepted, False when it is refused as documented
    """

    name: str
    share: int
    draw: Draw
    decide: Callable[[Any], bool]


def all_surfaces(folder: Path) -> list[Surface]:
    """Return every surface; those that read files write them into the empty folder given."""
    made = (
        _certificates, _instances, _arrays, _mnist, _programs, _checkpoints, _ledgers, _models,
        _commands,
    )  # fmt: skip
    found: list[Surface] = []
    for make in made:
        place = folder / make.__name__.lstrip("_")
        place.mkdir()
        found += make(place)
    return found


# Certificates.


def _certificates(folder: Path) -> list[Surface]:
    honest = [json.dumps(document) for document in honest_certificates()]
    documents = list(map(json.loads, honest))
    of_fast = [text for text in honest if json.loads(text)["kind"] in fast_checker.RULES]

    def value(rng: Random, texts: Sequence[str] = honest) -> Any:
        if rng.random() < 0.04:
            return costly(rng)
        document = json.loads(rng.choice(texts))
        if rng.random() < 0.02:
            return document
        part = rng.choice(("instance", "statement", "evidence", None))
        if part is None:
            document = hostile.changed(rng, document, documents)
        else:
            document[part] = hostile.changed(rng, document[part], documents)
        return _hashed(document) if rng.random() < 0.9 else document

    def text(rng: Random, texts: Sequence[str] = honest) -> str:
        if rng.random() < 0.3:
            return hostile.changed_text(rng, rng.choice(texts))
        written = _text(value(rng, texts))
        return hostile.changed_text(rng, written) if rng.random() < 0.15 else written

    def check(document: Any) -> bool:
        try:
            checker.check(document)
        except (checker.Rejected, checker.Malformed) as error:
            hostile.readable(error)
            return False
        return True

    def check_text(written: str) -> bool:
        try:
            return check(checker.parse(written))
        except checker.Malformed as error:
            hostile.readable(error)
            return False

    def check_fast(document: Any) -> bool:
        try:
            fast_checker.check(document)
        except fast_reading.Refused as error:
            hostile.readable(error)
            return False
        # It takes fewer moduli than the first checker, and nothing else that this one refuses.
        assert check(document), "the first checker refuses what the fast one accepts"
        return True

    def check_text_fast(written: str) -> bool:
        try:
            document = checker.parse(written)
        except checker.Malformed as error:
            hostile.readable(error)
            return False
        return check_fast(document)

    def file(rng: Random) -> tuple[str, bytes, bool]:
        lines = [hostile.bytes_of(text(rng)) for _ in range(rng.choice((0, 1, 1, 1, 2)))]
        contents = b"\n".join(lines)
        if rng.random() < 0.3:
            contents = hostile.changed_bytes(rng, contents)
        return rng.choice((".json", ".jsonl", "")), contents, rng.random() < 0.5

    def check_file(given: tuple[str, bytes, bool]) -> bool:
        suffix, contents, fast = given
        path = folder / f"given{suffix}"
        path.write_bytes(contents)
        return _exit_code(certify_cli.main, ["check", str(path), *["--fast"] * fast]) == 0

    return [
        Surface("certificate, text", 25, text, check_text),
        Surface("certificate, value", 15, value, check),
        Surface("certificate, text, fast", 12, lambda rng: text(rng, of_fast), check_text_fast),
        Surface("certificate, value, fast", 5, lambda rng: value(rng, of_fast), check_fast),
        Surface("certify check FILE", 8, file, check_file),
    ]


def costly(rng: Random) -> Any:
    """Return a certificate of moderate length that asks for very much work.

    Work grows with the length of a certificate, as a power of it for some kinds; what must not be
    is a short one that takes minutes.
    """
    kind, instance, statement = rng.choice(_COSTLY)(rng)
    document = {
        "format": "adversarial-geometry/certificate",
        "version": 1,
        "kind": kind,
        "instance": instance,
        "instance_sha256": "",
        "statement": statement,
        "evidence": {},
    }
    return _hashed(document)


_Costly = tuple[str, dict[str, Any], dict[str, Any]]


def _tail(rng: Random) -> _Costly:
    trials = rng.choice((10, 1_000, 8_000, 30_000, 200_000))
    p = rng.choice(("0", "1", "1/2", "1/3", "4095/4096", "1/" + "3" * 1_000, "1/" + "7" * 90_000))
    successes = rng.choice((0, 1, trials // 2, trials - 1, trials))
    statement = {"successes": successes, "bound": "1", "at_least": rng.random() < 0.5}
    return "binomial-tail", {"trials": trials, "probability": p}, statement


def _powers(rng: Random) -> _Costly:
    def expression(depth: int) -> Any:
        if not depth:
            return rng.choice(("a", "b", "2", "1/3", "7" * rng.choice((1, 100, 10_000))))
        operation = rng.choice("+-*/^^")
        if operation == "^":
            return ["^", expression(depth - 1), str(rng.choice((2, 3, 1_000, 60_000, 1_000_000)))]
        return [operation, expression(depth - 1), expression(depth - 1)]

    numbers = [{"name": "a", "value": "3/2"}, {"name": "b", "value": "1/" + "3" * 9_999}]
    left, right = expression(rng.randrange(4)), expression(rng.randrange(4))
    relation = [left, rng.choice(("=", "!=", "<", "<=")), right]
    relations = [relation] * rng.choice((1, 10, 300))
    return "arithmetic", {"numbers": numbers}, {"relations": relations}


def _wide(rng: Random) -> _Costly:
    classes = rng.choice((5, 40, 120))
    weights = [[str(k**power) for k in range(classes)] for power in (1, 2, 3)[: rng.choice((2, 3))]]
    if rng.random() < 0.7:
        return "parallel", {"weights": weights}, {"parallel": False}
    statement = {"classes": [0, 1], "adjacent": True, "point": ["0"] * len(weights)}
    return "adjacency", {"weights": weights, "bias": ["0"] * classes}, statement


def _image(rng: Random) -> _Costly:
    side = rng.choice((10, 60, 200))
    window = rng.choice((1, side // 2, side))
    shape = {"shape": [1, side, side], "window": [window, window]}
    kernel = {"weights": {"exponent": 0, "integers": [[1] * window**2]}, "biases": ["0"]}
    pool = {"type": "max-pool", **shape}
    layer = rng.choice((pool, {"type": "convolution", **shape, **kernel}))
    growing = {"type": "scale", "factor": "3" * rng.choice((1, 100, 1_000)), "offset": "1"}
    layers = [layer, *[growing] * (rng.choice((0, 1, 3)) if side < 200 else 0)]
    exponent = rng.choice((0, 10_000, -10_000)) if side < 60 else 0
    point = {"exponent": exponent, "integers": [1] * side**2}
    facts = [{"fact": "label", "point": 0, "label": 0}]
    return "network-points", {"layers": layers, "points": [point]}, {"facts": facts}


_COSTLY = (_tail, _powers, _wide, _image)


def _text(document: Any) -> str:
    try:
        return json.dumps(document, ensure_ascii=False)
    except (RecursionError, ValueError):
        # Beyond what JSON writers manage; readers meet such depths and lengths as text as well.
        return '{"format":' + "[" * 100_000 + "9" * 100_000


def _hashed(document: Any) -> Any:
    """Give a certificate the hash of its instance, so that more than the hash is read."""
    if isinstance(document, dict) and "instance" in document:
        with contextlib.suppress(RecursionError, ValueError):
            text = json.dumps(document["instance"], sort_keys=True, separators=(",", ":"))
            document["instance_sha256"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    return document


# Instances.


def _instances(folder: Path) -> list[Surface]:
    rule = LinearRule.of([1, "-1/2"], 3, 1)
    objects: list[Any] = [
        rule,
        SoftmaxHead.of([[1, 0, "1/3"], [0, 2, 1]], [0, 1, 2]),
        LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
        ArgmaxRule.of([[1, 0], [0, 1]], [0, "1/7"], True),
        TwoLayerNetwork.sum_of_units([[1, 2], [-1, 0]], [0, 1]),
        CellRule((Cell.of([[1, 0]], [1]), Cell.of([[0, 1], [1, 1]], [0, 2], (True, False))), 1, -1),
        *(claim.example for claim in CLAIMS.values()),
    ]
    valid = [(type(x), json.dumps(to_json(x))) for x in objects]
    donors = [json.loads(text) for _, text in valid]

    def draw(rng: Random) -> tuple[type, Any]:
        kind, text = rng.choice(valid)
        data = json.loads(text)
        return kind, data if rng.random() < 0.02 else hostile.changed(rng, data, donors)

    def decide(given: tuple[type, Any]) -> bool:
        try:
            found: Any = from_json(*given)
        except InputError as error:
            hostile.readable(error)
            return False
        assert from_json(given[0], to_json(found)) == found, "another object when read again"
        return True

    return [Surface("instance, from_json", 10, draw, decide)]


# Images.


def _arrays(folder: Path) -> list[Surface]:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 3, 3), dtype=np.uint8)
    labels = np.array([0, 1, 2, 0, 1, 2])
    idx = [sources.encode_idx(images), sources.encode_idx(labels.astype(np.uint8))]
    pixels = sources.unit_pixels(images)
    packed = [
        _npz({"X": X, "y": y}, compressed)
        for X in (images, pixels, pixels.astype(np.float64), np.float16(images > 99))
        for y in (labels, labels.astype(np.uint8))
        for compressed in (False, True)
    ]

    def draw_idx(rng: Random) -> tuple[bytes, int]:
        contents = hostile.changed_bytes(rng, rng.choice(idx))
        return contents, rng.choice((0, 1, 1, 3, 3, 3, 255))

    def decide_idx(given: tuple[bytes, int]) -> bool:
        return _refused_by_input_error(lambda: sources.decode_idx(*given, "file"))

    def draw_npz(rng: Random) -> bytes:
        if rng.random() < 0.5:
            return hostile.changed_bytes(rng, rng.choice(packed))
        members = {f"{name}.npy": _npy(rng, name) for name in ("X", "y")}
        return _zip(members, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))

    def decide_npz(contents: bytes) -> bool:
        path = folder / "images.npz"
        path.write_bytes(contents)
        return _refused_by_input_error(lambda: sources.read_npz(path))

    return [
        Surface("IDX bytes", 5, draw_idx, decide_idx),
        Surface("images in .npz", 5, draw_npz, decide_npz),
    ]


def _npz(arrays: Mapping[str, Any], compressed: bool = False) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def _npy(rng: Random, name: str) -> bytes:
    """Return an array file: of a type that may be wrong, or under a header that is."""
    array = rng.choice(
        (
            np.arange(6) % 3,
            np.ones((6, 9), np.float32),
            np.full((6, 9), np.nan),
            np.full((6, 9), 1e300),
            np.ones((6, 9), np.longdouble) / 3,
            np.ones((6, 9), complex),
            np.zeros((6, 9), "M8[s]"),
            np.zeros(6, [("a", "<f4"), ("b", "<i8", (2,))]),
            np.array(["x"] * 6),
            np.array([{}, []], object),
            np.float32(1),
            np.zeros((0, 3), np.uint8),
            np.zeros((6, *[1] * 30), np.uint8),
            np.full((6, 2), -0.0, np.float32),
            np.array([2**63] * 6, np.uint64),
        )
    )
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    if rng.random() < 0.5:
        return file.getvalue()
    shape = rng.choice(("(6, 9)", "(6,)", "()", "(-1, 9)", "(10**9,)", "(1000000000,)", "6", "{}"))
    kind = rng.choice(("<f4", "|u1", "<i8", "|O", "<U999999999", "<f16", "[('a','<f4')]", ""))
    header = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}"
    if rng.random() < 0.3:
        header = hostile.changed_text(rng, header)
    text = header.encode("utf-8", "surrogatepass")[:9_000] + b"\n"
    version = rng.choice((b"\1\0", b"\2\0", b"\3\0", b"\7\7"))
    length = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    return b"\x93NUMPY" + version + length + text + array.tobytes()


def _zip(members: Mapping[str, bytes], method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, contents in members.items():
            # With a date of its own, for bytes must not depend on the clock.
            archive.writestr(zipfile.ZipInfo(name), contents, method)
    return file.getvalue()


def _mnist(folder: Path) -> list[Surface]:
    rng = np.random.default_rng(1)
    arrays = {
        part: rng.integers(0, 3, (4, 2, 2)[:dimensions], dtype=np.uint8)
        for part, dimensions in sources.DIMENSIONS.items()
    }
    for part, array in arrays.items():
        array[:2] = np.array([0, 1]).reshape(-1, *[1] * (array.ndim - 1))
        arrays[part] = array
    valid = {part: sources.encode_idx(array) for part, array in arrays.items()}
    hashes = {part: hashlib.sha256(contents).hexdigest() for part, contents in valid.items()}
    # Far more than any file of MNIST holds, in a few hundred kilobytes.
    bomb = gzip.compress(bytes((0, 0, 8, 1)) + bytes(600 << 20), 9, mtime=0)

    def draw(rng: Random) -> tuple[str, bytes]:
        part = rng.choice(list(valid))
        if rng.random() < 0.01:
            return part, bomb
        contents = valid[part] if rng.random() < 0.7 else hostile.changed_bytes(rng, valid[part])
        if rng.random() < 0.7:
            contents = gzip.compress(contents, mtime=0)
        return part, contents if rng.random() < 0.2 else hostile.changed_bytes(rng, contents)

    def decide(given: tuple[str, bytes]) -> bool:
        for part, contents in {**valid, given[0]: given[1]}.items():
            (folder / f"{part}-idx{sources.DIMENSIONS[part]}-ubyte").write_bytes(contents)
        with mock.patch.dict(sources.SHA256, hashes):
            return _refused_by_input_error(lambda: sources.load("mnist", folder))

    return [Surface("folder of MNIST", 3, draw, decide)]


# Linear programs.

_FREE = (
    "* a comment\nNAME small\nOBJSENSE\n MAX\nROWS\n N c\n L r\n G s\n E t\n N spare\nCOLUMNS\n"
    " x c 1 r 0.1\n x s 1 t 2/3\n y c -1e2 r +.5\n z t 1 spare 4\nRHS\n b r 1 c 3\n b s -1 t 2\n"
    "RANGES\n rg r 2.5 s 1\nBOUNDS\n UP bd x 4\n MI bd y\n LO bd z -1\n FX bd z2 0\nENDATA\n"
).replace(" FX bd z2 0\n", "")
_FIXED = (
    "NAME          fixed\nROWS\n N  cost\n L  a row\n E  s\nCOLUMNS\n"
    "    x one     cost               1.0   a row              2.0\n"
    "    y         s                  3.0\n"
    "RHS\n    b         a row              4.0   s                  1\n"
    "BOUNDS\n UP bd        x one              4.0\n FR bd        y\nENDATA\n"
)
_WORDS = (
    "N", "L", "G", "E", "NL", "LGE", "UP", "LO", "FX", "FR", "MI", "PL", "BV", "LI", "UI", "SC",
    "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "OBJSENSE", "ENDATA", "NAME", "MAX", "QUADOBJ",
    "x", "y", "c", "r", "t", "'MARKER'", "'INTORG'", "b", "bd", "program", "_in_set", "",
)  # fmt: skip


def _programs(folder: Path) -> list[Surface]:
    # As a square matrix this one would fill gigabytes.
    many = range(12_000)
    columns, bounds = ("".join(map(line.format, many)) for line in (" x{} c 1\n", " UP x{} 1\n"))
    bounded = f"ROWS\n N c\nCOLUMNS\n{columns}BOUNDS\n{bounds}ENDATA\n"

    def draw(rng: Random) -> tuple[bytes, bool]:
        fixed = rng.random() < 0.4
        if rng.random() < 0.004:
            return bounded.encode(), False
        text = rng.choice((_FIXED, _FIXED, _FREE)) if fixed else rng.choice((_FREE, _FREE, _FIXED))
        if rng.random() < 0.02:
            return text.encode(), fixed
        lines = text.splitlines(keepends=True)
        for _ in range(rng.choice((1, 1, 2, 3))):
            i = rng.randrange(len(lines))
            lines[i] = rng.choice((_word, _moved_line))(rng, lines[i], lines)
        contents = hostile.bytes_of("".join(lines))
        if rng.random() < 0.2:
            contents = hostile.changed_bytes(rng, contents)
        return contents, fixed

    def decide(given: tuple[bytes, bool]) -> bool:
        path = folder / "program.mps"
        path.write_bytes(given[0])
        return _refused_by_input_error(lambda: read_mps(path, fixed=given[1]))

    return [Surface("linear program in MPS", 6, draw, decide)]


def _word(rng: Random, line: str, lines: list[str]) -> str:
    words = line.split(" ")
    i = rng.randrange(len(words))
    words[i : i + 1] = rng.choice(
        ([], [rng.choice(_WORDS)], [hostile.numeral(rng)], [words[i], words[i]], ["", words[i]])
    )
    return " ".join(words)


def _moved_line(rng: Random, line: str, lines: list[str]) -> str:
    return rng.choice(("", line * 2, rng.choice(lines), line + rng.choice(lines), "\n", " \n"))


# Checkpoints and ledgers.


def _checkpoints(folder: Path) -> list[Surface]:
    rng = np.random.default_rng(2)
    made = Classifier.of_svm("svm", rng.random((4, 2)), rng.random(2))
    kept = Checkpoints(folder, "one experiment")
    kept.classifier("svm", lambda: made)
    (path,) = folder.iterdir()
    valid = path.read_bytes()
    # Whole files of the right digest that lack what a classifier needs.
    few: tuple[dict[str, np.ndarray], ...] = (
        {}, {"text family": np.array("svm")}, {"text architecture": np.zeros(3)},
    )  # fmt: skip
    others = []
    for arrays in few:
        path.unlink()
        kept.cached("classifier svm", partial(dict, arrays))
        others.append(path.read_bytes())
    others += [_npz({}), _npz({"format": np.zeros((2, 2))}, True)]

    def draw(rng: Random) -> bytes:
        contents = valid if rng.random() < 0.8 else rng.choice(others)
        return contents if rng.random() < 0.1 else hostile.changed_bytes(rng, contents)

    def decide(contents: bytes) -> bool:
        path.write_bytes(contents)
        return _refused_by_input_error(lambda: kept.classifier("svm", lambda: made))

    return [Surface("checkpoint of a model", 3, draw, decide)]


def _ledgers(folder: Path) -> list[Surface]:
    reasons = ("", 'step 1 fails: "é" > 0', "x\ny")
    records = [
        Record.of("zou-thm-1", i, "generic", grade, reasons[i % 3], ["{}"] * (i % 3))
        for i, grade in enumerate(Grade)
    ]
    fields = [asdict(record) for record in records]
    certificates = b"".join(b"{}\n" for record in records for _ in range(record.certificates))

    def draw(rng: Random) -> tuple[bytes, bytes]:
        chosen = copy.deepcopy(fields)
        if rng.random() < 0.5:
            i = rng.randrange(len(chosen))
            chosen[i] = hostile.changed(rng, chosen[i], fields)
        lines = [hostile.bytes_of(_text(record)) for record in chosen]
        ledger = b"".join(line + b"\n" for line in lines)
        if rng.random() < 0.5:
            ledger = hostile.changed_bytes(rng, ledger)
        if rng.random() < 0.1:
            return ledger, hostile.changed_bytes(rng, certificates)
        return ledger, certificates

    def decide(given: tuple[bytes, bytes]) -> bool:
        for name, contents in zip((LEDGER, CERTIFICATES), given, strict=True):
            (folder / name).write_bytes(contents)

        def read() -> None:
            with Ledger.open(folder) as ledger:
                # What a report does with records, and a resumed run.
                assert all(canonical_json(asdict(record)).isascii() for record in ledger.records)
                assert all(f"{record.claim}{record.reason.upper()}" for record in ledger.records)

        return _refused_by_input_error(read)

    return [Surface("ledger", 4, draw, decide)]


# Commands.


def _models(folder: Path) -> list[Surface]:
    files = surfaces_models.model_files()
    return [
        Surface(
            "model file", 5, lambda rng: surfaces_models.draw(rng, files),
            lambda given: surfaces_models.decide(given, folder),
        )
    ]  # fmt: skip


def _commands(folder: Path) -> list[Surface]:
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
        _npz({"X": np.eye(4, dtype=np.uint8).reshape(4, 2, 2), "y": np.arange(4) % 2})
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

    def arguments(rng: Random, commands: Mapping[str, Sequence[str]]) -> list[str]:
        command = rng.choice(list(commands))
        given = [command] if rng.random() < 0.95 else []
        for _ in range(rng.choice((0, 1, 1, 2, 3, 6))):
            option = rng.choice([*commands[command], *commands[command], value(rng), "-h", "--"])
            if rng.random() < 0.05:
                option = option[: rng.randrange(len(option) + 1)]
            given.append(f"{option}={value(rng)}" if rng.random() < 0.1 else option)
            if rng.random() < 0.7:
                given.append(value(rng))
        return given

    def certify(given: list[str]) -> bool:
        with contextlib.chdir(folder):  # which "." and no path at all stand for
            return _exit_code(certify_cli.main, given) == 0

    def verify(given: list[str]) -> bool:
        with contextlib.chdir(folder), _no_work():
            return _exit_code(verify_cli.main, given) == 0

    return [
        Surface("certify ARGUMENTS", 3, lambda rng: arguments(rng, _CERTIFY), certify),
        Surface("verify ARGUMENTS", 4, lambda rng: arguments(rng, _VERIFY), verify),
    ]


_NAMES = (
    "digits", "mnist", "quick", "standard", "paper", "auto", "cpu", "cuda", "all", "sign", "hinge",
    "float32", "bfloat16", "as printed", "both labels", "tcp://127.0.0.1:1", "classes", "l >= m",
)  # fmt: skip
_JOB = (
    "--out", "--seed", "--instances", "--workers", "--scheduler", "--overwrite", "--resume",
)  # fmt: skip
_CERTIFY = {"check": ("--fast", "--version"), "": ("--version",), "verify": ("--fast",)}
_VERIFY = {
    "run": (*_JOB, "--claims"),
    "attack": (
        *_JOB, "--preset", "--data", "--data-dir", "--download", "--device", "--step-rule",
        "--start", "--svm-loss", "--noise", "--precision", "--epochs", "--no-box", "--exact",
    ),
    "audit": (
        "--data", "--data-dir", "--examples", "--architecture", "--radius", "--twin", "--fail-on",
        "--seed", "--json", "--out", "--overwrite", "--pixels", "--memory",
    ),
    "reference": ("--report", "--out", "--overwrite"),
    "claims": ("--instances",),
    "falsify": ("--without", "--literal", "--seed", "--out"),
    "mutate": ("--workers",),
    "trust": ("--short", "--seed", "--out", "--workers"),
    "--version": (),
    "nothing": ("--seed",),
}  # fmt: skip


@contextlib.contextmanager
def _no_work() -> Iterator[None]:
    """Leave of the commands what they do with their arguments, and nothing that takes long.

    A job prepares its folder, so that an interrupted run is read, and does nothing in it.
    """

    def execute(job: Any, options: Any, command: list[str]) -> int:
        verify_cli._check_workers(options)
        if options.resume:
            job.prepare(resume=True).close()
        return 0

    def search(claim: Any, dropped: str, *, seed: int) -> falsify.Search:
        falsify.weakened(claim, dropped)
        random.Random(seed)
        return falsify.Search(claim.id, dropped, 0, None, None)

    def audit(model: Any, X: Any = None, y: Any = None, **options: Any) -> Any:
        if not isinstance(X, Examples):
            Examples.of(X, y)
        raise InputError("model", expected="no work", got="an audit")

    def workers_only(options: Any) -> int:
        verify_cli._check_workers(options)
        return 0

    with contextlib.ExitStack() as stack:
        for module, name, replacement in (
            (verify_cli, "_execute", execute),
            (command, "audit", audit),
            (verify_cli, "_trust", workers_only),
            (verify_cli, "_mutate", workers_only),
            (falsify, "search", search),
            (build, "write_reference", lambda *a, **k: "index.html"),
            (terminal, "print_claims", lambda *a: True),
            (terminal, "print_claim", lambda *a: None),
        ):
            stack.enter_context(mock.patch.object(module, name, replacement))
        unreachable = mock.patch("sklearn.datasets.fetch_openml", side_effect=URLError("offline"))
        stack.enter_context(unreachable)
        yield


def _exit_code(main: Callable[[Sequence[str]], int], arguments: list[str]) -> int:
    """Run a command with its output caught and return its exit code: 0, 1 or 2.

    Standard output takes UTF-8 and nothing else, as that of a process does.
    """
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", mode) for mode in _MODES)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code: Any = main(arguments)
        except SystemExit as end:
            code = end.code
            assert code in (0, 2), f"exit code {code!r} of the parser"
    assert type(code) is int, f"exit code {code!r}"
    assert code in (0, 1, 2), f"exit code {code!r}"
    return code


_MODES = ("strict", "backslashreplace")  # of standard output and standard error


def _refused_by_input_error(read: Callable[[], Any]) -> bool:
    try:
        read()
    except InputError as error:
        hostile.readable(error)
        return False
    return True
