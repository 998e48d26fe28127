"""The fast checker gives the verdicts of the first one, at the same steps, whatever FLINT does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from certify import cli
from certify.certificates.kinds import HONEST, REFUSALS, Refusal, certificate
from certify.checking import checker
from certify.checking import fast as fast_checker

JUNK: tuple[Any, ...] = (
    None, True, -1, 1, 7, 10**12, "x", "1", "1/2", "2/4", "0/1", "01", [], {}, ["1"], [["1"]],
    [0, 1, 2], [0], [0, 0],
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small matrices and bounds would be left to Python, and the first vector of any."""
    monkeypatch.setattr(fast_checker, "FEW", 1)
    monkeypatch.setattr(fast_checker, "LITTLE", 0)
    monkeypatch.setattr(fast_checker.Matrix, "asked", True)


def verdict(check: Callable[[Any], tuple[str, str]], document: Any) -> tuple[str, str, str]:
    """Return the verdict, and the step, place or kind, with the reason or the sentence."""
    try:
        return "accepted", *check(document)
    except checker.Rejected as rejected:
        return "rejected", rejected.step, rejected.reason
    except checker.Malformed as malformed:
        return "malformed", malformed.where, malformed.reason


def fast(document: Any) -> tuple[str, str, str]:
    return verdict(fast_checker.check, document)


def first(document: Any) -> tuple[str, str, str]:
    return verdict(checker.check, document)


@pytest.mark.parametrize("name", HONEST)
def test_honest_certificates_are_accepted(name: str) -> None:
    honest = json.loads(json.dumps(certificate(name)))
    assert fast(honest) == ("accepted", HONEST[name].kind, HONEST[name].says)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_corruptions_are_refused_at_the_same_step(refusal: Refusal) -> None:
    refused = refusal.document()
    assert fast(refused) == first(refused)
    assert fast(refused)[0] == refusal.verdict


@pytest.mark.parametrize("name", HONEST)
def test_both_agree_on_anything_in_any_place(name: str) -> None:
    for path in paths(HONEST[name].parts):
        for value in JUNK:
            changed = certificate(name, {path: value})
            assert fast(changed) == first(changed), (path, value)


def test_flint_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the fast checker breaks down, and the first one does not."""
    monkeypatch.setattr(fast_checker, "flint", None)
    for name in ("max-margin", "network-points/image", "rank"):
        assert first(certificate(name))[0] == "accepted"
        with pytest.raises(AttributeError, match="NoneType"):
            fast(certificate(name))


def test_products_are_those_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_checker, "AT_ONCE", 7)
    rng = Random(0)
    rows = [[rng.randint(-(10**30), 10**30) for _ in range(3)] for _ in range(4)]
    one, other = (
        kind(map(checker.Vector, rows), 3) for kind in (fast_checker.Matrix, checker.Matrix)
    )
    vectors = [[rng.randint(-9, 9) for _ in range(3)] for _ in range(10)]
    assert one.images(vectors) == other.images(vectors)
    for _ in range(2):
        assert one.images(vectors[:1]) == other.images(vectors[:1])


def paths(value: Any, start: str = "") -> list[str]:
    """Return the dotted paths to everything inside the three parts of a certificate."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in items:
        place = f"{start}.{key}" if start else str(key)
        found += [place] if start else []
        found += paths(item, place) if isinstance(item, dict | list) else []
    return found


@pytest.mark.parametrize("prime", [4, 6, 9, 10, 12, 15, 77, 2**64 - 2])
def test_moduli_that_are_not_prime(prime: int) -> None:
    """Elimination meets, with its own pivots, an entry without an inverse in the same cases."""
    rng = Random(prime)
    verdicts = []
    for _ in range(60):
        rows = [[str(rng.randint(-3, 8)) for _ in range(3)] for _ in range(3)]
        rows[0][0] = rng.choice(("1/7", "1/3", "5", "2"))
        minor = {"prime": prime, "rows": [2, 0, 1], "columns": [1, 2, 0], "basis": [], "free": []}
        edit = {"instance.matrix": rows, "statement.rank": 3, "evidence": minor}
        one = certificate("rank/full", edit)
        verdicts.append(fast(one)[0])
        assert fast(one) == first(one)
    assert len(set(verdicts)) == 2


@pytest.mark.parametrize(
    "edit",
    [
        {"format": "x"},
        {"version": 99},
        {"version": True},
        {"kind": "proof"},
        {"kind": ["rank"]},
        {"instance_sha256": "0" * 64},
        {"more": 1},
        {"statement": []},
        {"instance": {"matrix": [["1", "2"]]}},
    ],
)
def test_documents_that_are_no_certificates(edit: dict[str, Any]) -> None:
    changed = {**certificate("rank"), **edit}
    assert fast(changed) == first(changed)
    assert fast(changed)[0] == "malformed"
    for value in (None, [], "rank"):
        assert fast(value)[0] == "malformed"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "certificates.jsonl"
    good = [json.dumps(certificate(name)) for name in ("rank", "separable", "max-margin")]
    path.write_text("\n".join(good) + "\n")
    assert cli.main(["check", "--fast", str(path)]) == 0
    assert "3  accepted, 0 refused" in capsys.readouterr().out

    bad = [good[0].replace('"rank": 1}', text) for text in ('"rank": 0}', '"rank": -1}')]
    path.write_text(
        "\n".join([*bad, good[1].replace('"offset": "-1"', '"offset": "0"'), "1"]) + "\n"
    )
    assert cli.main(["check", "--fast", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{path}:1: rejected: minor has the stated size")
    assert lines[1].startswith(f"{path}:2: malformed: certificate.statement.rank")
    assert lines[2].startswith(f"{path}:3: rejected: separator is accurate")
    assert lines[3].startswith(f"{path}:4: malformed")
