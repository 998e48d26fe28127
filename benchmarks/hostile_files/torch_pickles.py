"""State dicts in ``.pt`` files: pickles written by hand, which name things and make nothing."""

import io
import pickle
import struct
from typing import Any

import torch
from torch import nn

from benchmarks.hostile_files import Content, Hostile, later, models, nothing_of_the_kind, packed

OPTIONS = ("--architecture", "mlp")
LONG = "\x1b[2J\u202e\n" * 10_000
START, STOP = b"\x80\x02", b"."
# Lists in lists, each of which holds the one before twice.
LAUGHS = b"]q\x00" + b"".join(
    b"](h%bh%beq%b" % (bytes([k]), bytes([k]), bytes([k + 1])) for k in range(60)
)


def files() -> list[Hostile]:
    """Return the files of this format."""
    good = archive(state({"0.weight": tensor(), "0.bias": tensor(sizes=(2,), strides=(1,))}))
    made = {**nothing_of_the_kind(good), **_pickles(), **_tensors(), **_archives()}
    other = {"no architecture": lambda: good}
    return [
        *models("pt", "m.pt", made, OPTIONS),
        *models("pt", "m.pt", other),
        *models("pt", "m.pth", {"an architecture that is not there": lambda: good},
                ("--architecture", "\x1b[2J")),
        *models("pt", "m.pt", {"a convolutional network": lambda: good}, ("--architecture", "cnn")),
    ]  # fmt: skip


# Pickles, in the few instructions that torch's own use.


def text(word: str) -> bytes:
    """Return what pushes a word."""
    encoded = word.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def number(value: Any) -> bytes:
    """Return what pushes a number, or another plain value."""
    return pickle.dumps(value, 2)[2:-1]


def name(module: str, word: str) -> bytes:
    """Return what looks up a name."""
    return f"c{module}\n{word}\n".encode()


def several(parts: list[bytes]) -> bytes:
    """Return what makes a tuple."""
    return b"(" + b"".join(parts) + b"t"


def storage(key: str = "0", kind: str = "FloatStorage", count: Any = 6) -> bytes:
    """Return what refers to the numbers in a member."""
    parts = [text("storage"), name("torch", kind), text(key), text("cpu"), number(count)]
    return several(parts) + b"Q"


def tensor(
    numbers: bytes | None = None, offset: Any = 0, sizes: Any = (2, 3), strides: Any = (3, 1)
) -> bytes:
    """Return what makes a tensor."""
    given = [storage() if numbers is None else numbers, number(offset)]
    given += [x if isinstance(x, bytes) else number(x) for x in (sizes, strides)]
    given += [number(False), b"}"]
    return name("torch._utils", "_rebuild_tensor_v2") + several(given) + b"R"


def state(entries: dict[str, bytes]) -> bytes:
    """Return a whole pickle of a dict."""
    pairs = b"".join(text(key) + value for key, value in entries.items())
    return START + b"}(" + pairs + b"u" + STOP


def archive(content: bytes, **members: bytes) -> bytes:
    """Return a pickle, six numbers, and more members, as torch would write them."""
    stored = {"a/data.pkl": content, "a/data/0": bytes(24), "a/byteorder": b"little"}
    return packed({**stored, **{f"a/{k}": v for k, v in members.items()}})


def _pickles() -> dict[str, Content]:
    @later
    def pickled(content: bytes) -> bytes:
        return archive(START + content + STOP)

    @later
    def entry(value: bytes) -> bytes:
        return archive(state({"0.weight": value}))

    def network() -> bytes:
        stream = io.BytesIO()
        torch.save(nn.Linear(3, 2), stream)
        return stream.getvalue()

    marker = name("no_such_module_of_anybody", "Marker")
    called = marker + several([text(LONG)]) + b"R"
    return {
        "nothing": lambda: archive(b""),
        "no end": lambda: archive(START + b"}"),
        "an empty dict": pickled(b"}"),
        "no dict": pickled(number(7)),
        "words": pickled(text(LONG)),
        "a name that nobody has": pickled(marker),
        "a call of what nobody has": pickled(called),
        "a tensor beside a call of what nobody has": lambda: archive(
            state({"0.weight": tensor(), "0.bias": called})
        ),
        "a name of 10^6 letters": pickled(name("m" * 10**6, "n")),
        "a name with control characters": pickled(name("\x1b[2J", "\x07") + b")R"),
        "another name of tensors": entry(name("torch._utils", "_rebuild_absent") + b")R"),
        "an unknown instruction": pickled(b"\xff"),
        "a version of 255": lambda: archive(b"\x80\xff}."),
        "an empty stack": pickled(b"ttt"),
        "a mark that is not there": pickled(b"t"),
        "a memory that is not there": pickled(b"h\x09"),
        "a memory at 2^32 - 1": pickled(b"}r\xff\xff\xff\xff"),
        "a word of 4 GiB that is not there": pickled(b"X\xff\xff\xff\xff"),
        "a word of 2^63 bytes that is not there": pickled(b"\x8d" + b"\xff" * 7 + b"\x7f"),
        "bytes of 2^63 that are not there": pickled(b"\x96" + b"\xff" * 7 + b"\x7f"),
        "a frame of 2^63 bytes": pickled(b"\x95" + b"\xff" * 7 + b"\x7f}"),
        "a number of 100,000 digits": pickled(b"L" + b"9" * 100_000 + b"L\n"),
        "a number of 500,000 bytes": pickled(b"\x8b\x20\xa1\x07\x00" + b"\x7f" * 500_000),
        "a number of bytes below 0": pickled(b"\x8b\xff\xff\xff\xff"),
        "10^6 lists": pickled(b"]" * 10**6),
        "5,000,000 dicts": pickled(b"}" * 5 * 10**6),
        "10^6 marks": pickled(b"(" * 10**6),
        "a list in itself": pickled(b"]q\x00h\x00a"),
        "a dict in itself": pickled(b"}q\x00X\x01\x00\x00\x00ah\x00s"),
        "100,000 tuples in one another": pickled(b")" + b"\x85" * 100_000),
        "a list of 2^60 lists": pickled(LAUGHS),
        "a dict of 2^60 lists": entry(LAUGHS),
        "a state of 2^60 lists": pickled(b"}" + LAUGHS + b"b"),
        "keys that are numbers": pickled(b"}" + number(1) + tensor() + b"s"),
        "keys that are tuples": pickled(b"}" + number((1, 2)) + tensor() + b"s"),
        "keys that cannot be": pickled(b"}" + b"]" + tensor() + b"s"),
        "a whole network": network,
        "a checkpoint of nothing": lambda: archive(state({"state_dict": b"}", "step": number(1)})),
        "two states": lambda: archive(
            state({k: b"}" + text("0.weight") + tensor() + b"s" for k in ("one", "two")})
        ),
        "an extension of pickle": pickled(b"\x82\x01"),
        "another reference": pickled(number(7) + b"Q"),
        "a reference in words": pickled(b"P0\n"),
    }  # fmt: skip


def _tensors() -> dict[str, Content]:
    @later
    def one(**fields: Any) -> bytes:
        return archive(state({"0.weight": tensor(**fields)}))

    layers = {
        f"{k}.{part}": value
        for k in range(0, 400, 2)
        for part, value in (
            ("weight", tensor(sizes=(2, 2), strides=(2, 1))),
            ("bias", tensor(sizes=(2,), strides=(1,))),
        )
    }
    return {
        "sizes of 10^12": one(sizes=(10**6, 10**6)),
        "sizes of 10^12, all the same number": one(sizes=(10**6, 10**6), strides=(0, 0)),
        "sizes of 10^8, all the same number": one(sizes=(10**4, 10**4), strides=(0, 0)),
        "sizes below 0": one(sizes=(-2, -3)),
        "strides below 0": one(strides=(-3, -1), offset=5),
        "strides of 10^18": one(strides=(10**18, 1)),
        "sizes of 10^3000": one(sizes=(10**3000, 1)),
        "sizes of 10^6000": one(sizes=(10**6000, 1)),
        "sizes of 2^62, and 0": one(sizes=(2**62, 0)),
        "sizes that are words": one(sizes=("\x1b[2J", 3)),
        "sizes that are one number": one(sizes=6),
        "sizes that are 2^60 lists": one(sizes=LAUGHS),
        "strides that are 2^60 lists": one(strides=LAUGHS),
        "sizes that are truth values": one(sizes=(True, True)),
        "1,000 sizes": one(sizes=(1,) * 1000, strides=(1,) * 1000),
        "more strides than sizes": one(strides=(3, 1, 1)),
        "an offset below 0": one(offset=-1),
        "an offset of 10^30": one(offset=10**30),
        "an offset in words": one(offset="\x1b[2J"),
        "an offset that is a list": one(offset=[]),
        "numbers that are not there": one(numbers=storage("7")),
        "numbers in a path above": one(numbers=storage("../data.pkl")),
        "numbers of a name of 10^6 letters": one(numbers=storage("7" * 10**6)),
        "numbers of an unknown type": one(numbers=storage(kind="SecretStorage")),
        "numbers of words": one(numbers=several([text("storage"), text("x"), text("0")]) + b"Q"),
        "numbers that are a number": one(numbers=number(7)),
        "numbers without a key": one(numbers=several([text("storage")]) + b"Q"),
        "numbers that are truth values": one(numbers=storage(kind="BoolStorage")),
        "10,000 tensors of the same numbers": lambda: archive(
            state({f"{k}.weight": tensor() for k in range(10_000)})
        ),
        "10,000 tensors of 4 MB that are the same": lambda: packed({
            "a/data.pkl": state({f"{k}.weight": tensor() for k in range(10_000)}),
            "a/data/0": bytes(4 * 10**6),
        }),
        "names with control characters": lambda: archive(state({LONG: tensor()})),
        "names of surrogates": lambda: archive(state({"\ud800.weight": tensor()})),
        "names of parts that do not end": lambda: archive(state({"." * 10**5: tensor()})),
        "layers of other widths": lambda: archive(
            state({"0.weight": tensor(), "2.weight": tensor()})
        ),
        "200 layers": lambda: archive(state(layers)),
        "not a number": lambda: packed({
            "a/data.pkl": state({"0.weight": tensor()}), "a/data/0": b"\xff" * 24
        }),
    }  # fmt: skip


def _archives() -> dict[str, Content]:
    good = state({"0.weight": tensor()})
    return {
        "no pickle": lambda: packed({"a/data/0": bytes(24)}),
        "a pickle alone": lambda: START + b"}" + STOP,
        "a pickle of torch 1.5": lambda: pickle.dumps(0x1950A86A20F9469CFC6C, 2),
        "two pickles": lambda: packed([("a/data.pkl", good), ("b/data.pkl", good)]),
        "another order of bytes": lambda: archive(good, byteorder=b"big"),
        "an order of bytes of 10^6 letters": lambda: archive(good, byteorder=b"x" * 10**6),
        "a pickle that is compressed": lambda: packed(
            {"a/data.pkl": good, "a/data/0": bytes(2 * 10**8)}, compressed=True
        ),
        "5,000 members and 2,000 tensors": lambda: packed({
            "a/data.pkl": state({f"{k}.weight": tensor() for k in range(2000)}),
            **{f"a/data/{k}": bytes(24) for k in range(5000)},
        }),
        "a program of TorchScript": lambda: archive(good, **{"code/__torch__.py": b"x = 1\n"}),
        "numbers that are an archive": lambda: packed({
            "a/data.pkl": good, "a/data/0": packed({"x": bytes(10**6)})
        }),
    }  # fmt: skip
