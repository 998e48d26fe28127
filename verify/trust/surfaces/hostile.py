"""Inputs that nobody would write by hand: changes of valid values, texts and bytes.

Every function takes the generator that it draws from, so an input is a function of its number.
"""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

# Depths around the limits that readers have: of expressions (100), and of Python's stack (1000).
_DEPTHS = (2, 30, 99, 101, 300, 900, 960, 970, 980, 990, 1_000, 1_100, 5_000, 100_000)
_NUMERALS = (
    "", "0", "-0", "00", "+1", "01", "1/0", "0/1", "2/4", "1/-2", "-1", "1/2", "1/1", "1.5", ".5",
    "5.", "1e3", "1e-3", "1e9999", "1e99999", "-1e-9999", "1/2e3", "0x10", "1_000", " 1", "1\n",
    "NaN", "nan", "Infinity", "-inf", "\u0661", "\uff11", "\u00b2", "1\u2044" "2", "1\0", "\0",
    "\ud800", "\udcff", "\U0001f600", "%s", "{0}", "a", "x" * 500, "__class__", "'MARKER'",
)  # fmt: skip
_INTEGERS = (
    0, 1, -1, 2, 3, 7, 100, 255, 256, 10_000, 10_001, 100_000, 200_000, 200_001, 10**6, 2**31 - 1,
    2**31, 2**32, 2**61 - 1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30, 10**4_000, -(10**4_299),
)  # fmt: skip
_LENGTHS = (20, 1_000, 4_300, 4_301, 20_000, 99_999, 100_001)


LONGEST_REASON = 2_000  # characters of what a refusal says


def numeral(rng: Random) -> str:
    """Return a string where a number is expected: odd, wrong or very long ones among them."""
    if rng.random() < 0.85:
        return rng.choice(_NUMERALS)
    digits = rng.choice("123456789") * rng.choice(_LENGTHS)
    return rng.choice(("{}", "-{}", "1/{}", "{}/7", "0.{}", "{}e5")).format(digits)


def nested(rng: Random) -> Any:
    """Return lists or objects inside each other, to a depth near some limit or beyond all."""
    value: Any = rng.choice(("1", 0, []))
    wrap: Callable[[Any], Any] = rng.choice(
        (lambda x: [x], lambda x: {"a": x}, lambda x: ["+", x], lambda x: ["abs", x])
    )
    for _ in range(rng.choice(_DEPTHS)):
        value = wrap(value)
    return value


def value(rng: Random) -> Any:
    """Return a JSON value of any type; floats, and what JSON text cannot hold, among them."""
    kind = rng.random()
    if kind < 0.35:
        return numeral(rng)
    if kind < 0.6:
        return rng.choice(_INTEGERS)
    if kind < 0.95:
        floats = (0.0, 1.0, 0.5, float("nan"), float("inf"))
        odd: tuple[Any, ...] = (None, True, False, *floats, [], {}, [[]], [[], []])
        return rng.choice(odd)
    return nested(rng) if kind < 0.99 else 10 ** rng.choice((4_300, 5_000, 50_000))


def changed(rng: Random, document: Any, donors: Sequence[Any] = ()) -> Any:
    """Return a JSON document after one to four changes of its structure, changed in place.

    ``donors`` are other documents, parts of which may replace parts of this one.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        places = _places(document)
        if not places:
            return value(rng)
        container, key = rng.choice(places)
        rng.choice(_CHANGES)(rng, container, key, donors)
    return document


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Return every place as its container and key, without recursion, for documents are deep."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting and len(found) < 10_000:
        container = waiting.pop()
        if isinstance(container, dict):
            found += [(container, key) for key in container]
            waiting += container.values()
        elif isinstance(container, list):
            found += [(container, i) for i in range(len(container))]
            waiting += container
    return found


def _replace(rng: Random, container: Any, key: Any, donors: Sequence[Any]) -> None:
    container[key] = value(rng)


def _shift(rng: Random, container: Any, key: Any, donors: Sequence[Any]) -> None:
    """Replace by a near value of the same type, so that later steps of a reader are reached."""
    old = container[key]
    if isinstance(old, bool):
        container[key] = not old
    elif isinstance(old, int):
        container[key] = rng.choice((old + 1, old - 1, -old, rng.choice(_INTEGERS)))
    elif isinstance(old, str):
        container[key] = rng.choice(("0", "1", "-1", "2", "1/2", "-7/3", old + "0", f"-{old}"))
    elif isinstance(old, list):
        container[key] = rng.choice((old[1:], old[:-1], old[::-1], old + old, [old], old * 20))
    else:
        container[key] = value(rng)


def _remove(rng: Random, container: Any, key: Any, donors: Sequence[Any]) -> None:
    del container[key]


def _double(rng: Random, container: Any, key: Any, donors: Sequence[Any]) -> None:
    if isinstance(container, list):
        container.insert(key, container[key])
    else:
        container[rng.choice((f"{key}2", "", "\ud800", "a" * 1_000, "\n\x1b[31m"))] = container[key]


def _exchange(rng: Random, container: Any, key: Any, donors: Sequence[Any]) -> None:
    other = rng.choice(list(range(len(container)) if isinstance(container, list) else container))
    container[key], container[other] = container[other], container[key]


def _transplant(rng: Random, container: Any, key: Any, donors: Sequence[Any]) -> None:
    if donors and (places := _places(rng.choice(donors))):
        source, name = rng.choice(places)
        # A copy by way of JSON: a part that was shared could come to contain itself.
        container[key] = json.loads(json.dumps(source[name]))


_CHANGES = (_replace, _replace, _shift, _shift, _shift, _remove, _double, _exchange, _transplant)

_TOKENS = (
    "NaN", "-Infinity", "1e999", "1.0", "-0", "01", "-", "null", "true", "\\u0000", "\\ud800", "\0",
    "\ufeff", "\u2028", "\x1b[2J", '"', "'", "\\", "{", "}", "[", "]", ",", ":", "{}", "[[]]", "#",
    '"kind":"rank",', '"a":1,"a":2,', "9" * 5_000, "[" * 990, "[" * 200_000, "\n", "\r\n", "\t",
    " " * 100, "\x0c", "\x85", "*", "/", "\ud800", "\udcff", "é", "😀",
)  # fmt: skip


def changed_text(rng: Random, text: str) -> str:
    """Return a text after one to four changes: other characters, cut, doubled, more inserted."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 1, 1, 2, 10, 100)))
        middle = rng.choice(
            (
                "",
                rng.choice(_TOKENS),
                chr(rng.choice((rng.randrange(128), rng.randrange(0x11_0000)))),
                text[start:end] * 2,
                numeral(rng),
            )
        )
        text = text[:start] + middle + text[end:]
        if rng.random() < 0.1:
            text = rng.choice((text[:start], text[start:], text * 2))
    return text


def changed_bytes(rng: Random, contents: bytes) -> bytes:
    """Return bytes after one to four changes: flipped bits, cut, doubled, more inserted."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        start = rng.randrange(len(contents) + 1)
        end = min(len(contents), start + rng.choice((0, 1, 1, 2, 4, 30)))
        middle = rng.choice(
            (
                b"",
                rng.randbytes(end - start),
                bytes(byte ^ 1 << rng.randrange(8) for byte in contents[start:end]),
                rng.choice((b"\0", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80", b"\xed\xa0\x80")),
                contents[start:end] * 2,
            )
        )
        contents = contents[:start] + middle + contents[end:]
        if rng.random() < 0.1:
            contents = rng.choice((contents[:start], contents[start:], contents * 2))
    return contents


def bytes_of(text: str) -> bytes:
    """Return a text in UTF-8; a lone surrogate becomes bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def readable(error: Exception) -> None:
    """Raise AssertionError unless what a refusal says can be printed, and is not too long."""
    text = str(error)
    text.encode("utf-8")
    assert len(text) <= LONGEST_REASON, f"a reason of {len(text)} characters"
