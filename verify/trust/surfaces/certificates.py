"""Certificates, changed and written in every way, for the checkers."""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from certify import cli as certify_cli
from certify.certificates.certificate import FORMAT, VERSION
from certify.checking import checker
from certify.checking import fast as fast_checker
from verify.trust.mutants.mutation import honest_certificates
from verify.trust.surfaces import hostile
from verify.trust.surfaces.surface import Surface, accepted, exit_code, text_of


def certificates(folder: Path) -> list[Surface]:
    """Return the surfaces of the checkers, which write into a folder."""
    honest = [json.dumps(document) for document in honest_certificates()]
    documents = list(map(json.loads, honest))
    refusals = (checker.Rejected, checker.Malformed)

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
        written = text_of(value(rng, texts))
        return hostile.changed_text(rng, written) if rng.random() < 0.15 else written

    def check(document: Any) -> bool:
        return accepted(lambda: checker.check(document), refusals)

    def check_text(written: str) -> bool:
        return accepted(lambda: checker.check(checker.parse(written)), refusals)

    def check_fast(document: Any) -> bool:
        found = accepted(lambda: fast_checker.check(document), refusals)
        assert not found or check(document), "the first checker refuses what the fast one accepts"
        return found

    def check_text_fast(written: str) -> bool:
        parsed: list[Any] = []
        read = accepted(lambda: parsed.append(checker.parse(written)), refusals)
        return read and check_fast(*parsed)

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
        return exit_code(certify_cli.main, ["check", str(path), *["--fast"] * fast]) == 0

    return [
        Surface("certificate, text", 25, text, check_text),
        Surface("certificate, value", 15, value, check),
        Surface("certificate, text, fast", 12, text, check_text_fast),
        Surface("certificate, value, fast", 5, value, check_fast),
        Surface("certify check FILE", 8, file, check_file),
    ]


def costly(rng: Random) -> Any:
    """Return a certificate of moderate length that asks for very much work.

    Work grows with the length of a certificate, as a power of it for some kinds; what must not be
    is a short one that takes minutes.
    """
    kind, instance, statement = rng.choice(_COSTLY)(rng)
    document = {
        "format": FORMAT,
        "version": VERSION,
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
    around = {
        "padding": [rng.choice((0, 1, side, 10_000)) for _ in range(4)],
        "strides": [rng.choice((1, 2, side, 10_000)) for _ in range(2)],
    }
    kernel = {"weights": {"exponent": 0, "integers": [[1] * window**2]}, "biases": ["0"]}
    entries = list(range(min(window**2, 400)))
    maximum = {"type": "maximum", "lists": [entries] * rng.choice((1, 100))}
    convolution = {"type": "convolution", **shape, **kernel}
    first = rng.choice((maximum, convolution, {**convolution, **around}))
    growing = {"type": "scale", "factors": ["3" * rng.choice((1, 100, 1_000))], "offsets": ["1"]}
    joined = rng.choice(("sum", "concatenation"))
    alone = {"type": "selection", "entries": [0, -1]}  # so that facts may hold
    more = [rng.choice((growing, {"type": joined}))] * (rng.choice((0, 1, 3)) if side < 200 else 0)
    nodes = [
        {**node, "reads": [k, k] if node["type"] == joined else k}
        for k, node in enumerate([first, *more, alone])
    ]
    exponent = rng.choice((0, 10_000, -10_000)) if side < 60 else 0
    points = [{"exponent": exponent, "integers": [k] * side**2} for k in (1, 2)]
    parts = rng.choice((1, 10, 1_000))
    steps = ["0", *(f"1/{k}" for k in range(parts, 1, -1)), "1"]
    segment = {"fact": "segment", "from": 0, "to": 1, "steps": steps, "changes": False}
    facts = [{**rng.choice((segment, {"fact": "label", "point": 0})), "label": 0}]
    return "network-points", {"nodes": nodes, "points": points}, {"facts": facts}


_COSTLY = (_tail, _powers, _wide, _image)


def _hashed(document: Any) -> Any:
    """Give a certificate the hash of its instance, so that more than the hash is read."""
    if isinstance(document, dict) and "instance" in document:
        with contextlib.suppress(RecursionError, ValueError):
            text = json.dumps(document["instance"], sort_keys=True, separators=(",", ":"))
            document["instance_sha256"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    return document
