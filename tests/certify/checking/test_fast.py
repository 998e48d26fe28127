"""The fast checker gives the verdicts of the first one, at the same steps, and shares no code."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from certify import cli
from certify.certificates.kinds import HONEST, REFUSALS, Refusal, certificate
from certify.checking import checker, fast_reading
from certify.checking import fast as fast_checker
from certify.checking import fast_layers as fast_networks
from certify.checking.fast_reading import Refused

KNOWN = [name for name, one in HONEST.items() if one.kind in fast_checker.RULES]
JUNK: tuple[Any, ...] = (
    None, True, -1, 1, 7, 10**12, "x", "1", "1/2", "2/4", "0/1", "01", [], {}, ["1"], [["1"]],
    [0, 1, 2], [0], [0, 0],
)  # fmt: skip


def fast(certificate: Any) -> tuple[str, str]:
    """Return the verdict and the step of a rejection."""
    try:
        fast_checker.check(certificate)
    except Refused as refused:
        return refused.verdict, refused.place if refused.verdict == "rejected" else ""
    return "accepted", ""


def first(certificate: Any) -> tuple[str, str]:
    try:
        checker.check(certificate)
    except checker.Rejected as rejected:
        return "rejected", rejected.step
    except checker.Malformed:
        return "malformed", ""
    return "accepted", ""


def test_kinds() -> None:
    assert set(fast_checker.RULES) == {
        "rank",
        "null-space",
        "invariant-space",
        "invariant-dimension",
        "invariant-direction",
        "max-margin",
        "network-points",
    }
    assert set(fast_checker.RULES) <= set(checker.RULES)
    assert fast(certificate("separable")) == ("malformed", "")


@pytest.mark.parametrize("name", KNOWN)
def test_honest_certificates_are_accepted(name: str) -> None:
    kind, established = fast_checker.check(json.loads(json.dumps(certificate(name))))
    assert kind == HONEST[name].kind
    assert established == HONEST[name].says


@pytest.mark.parametrize("refusal", [r for r in REFUSALS if r.kind in fast_checker.RULES], ids=str)
def test_corruptions_are_refused_at_the_same_step(refusal: Refusal) -> None:
    refused = refusal.document()
    assert fast(refused) == first(refused) != ("accepted", "")


@pytest.mark.parametrize("name", KNOWN)
def test_both_agree_on_anything_in_any_place(name: str) -> None:
    for path in paths(HONEST[name].parts):
        for value in JUNK:
            changed = certificate(name, {path: value})
            answers = {fast(changed)[0] == "accepted", first(changed)[0] == "accepted"}
            assert len(answers) == 1, (path, value)


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
        verdicts.append(fast(one))
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
    assert fast(changed) == first(changed) == ("malformed", "")
    for value in (None, [], "rank"):
        assert fast(value) == ("malformed", "")


@pytest.mark.parametrize("module", [fast_checker, fast_networks, fast_reading])
def test_nothing_is_shared(module: Any) -> None:
    imported = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in ("certify", "certify.checking"):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    ours = {name for name in imported if name.startswith("certify")}
    assert ours <= {"certify.checking.fast_layers", "certify.checking.fast_reading"}
    assert not imported & {"numpy", "certify"}


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
