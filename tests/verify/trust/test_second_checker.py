"""The second checker agrees with the first on what is accepted; skipped without Node.js."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from certify.certificates.kinds import HONEST, certificate
from certify.checking import checker
from verify.trust import second
from verify.trust.mutants.documents import long_integers, mutants
from verify.trust.mutants.mutation import (
    ACCEPTED,
    MALFORMED,
    REJECTED,
    faster_checker,
    first_checker,
)
from verify.trust.second import PROGRAM, available, second_checker

if not available():
    pytest.skip("the second checker needs Node.js (node)", allow_module_level=True)

TEXTS = [json.dumps(honest.document()) for honest in HONEST.values()]


def test_honest_certificates_and_their_mutants_get_the_same_answer() -> None:
    with long_integers():
        texts = [json.dumps(m.document) for one in HONEST.values() for m in mutants(one.document())]
    for text, one, two in zip(texts, first_checker(texts), second_checker(texts), strict=True):
        assert (one[0] == ACCEPTED) == (two[0] == ACCEPTED), (text[:2000], one, two)
    assert [verdict for verdict, _ in second_checker(TEXTS)] == [ACCEPTED] * len(TEXTS)


RANK = json.dumps(certificate("rank"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "JSON"),
        ("[]", "object"),
        (RANK + "x", "character"),
        ("\ufeff" + RANK, "JSON"),
        ("[" * 100_000, "deep"),
        (RANK.replace('"rank": 1}', '"rank": 1.0}'), "integer"),
        (RANK.replace('"rank": 1}', '"rank": NaN}'), "JSON"),
        (RANK.replace('"rank": 1}', '"rank": 2, "rank": 1}'), "a second time"),
        (RANK.replace('"rank": 1}', '"rank": 1, "more": 1}'), "unknown"),
        (RANK.replace("sha256", "sha512"), "instance_sha256"),
    ],
)
def test_documents_that_are_no_certificates(text: str, reason: str) -> None:
    [(verdict, why)] = second_checker([text])
    assert verdict == MALFORMED
    assert reason in why


def changed(name: str, edits: dict[str, Any]) -> str:
    return json.dumps(certificate(name, edits))


SUM = ["+", *(f"1/{10**18 + 7 * k}" for k in range(1000))]
STRIPS = {  # that cover all c > 0 together, or all but one
    closed: {
        "type": "cells",
        "cells": [
            {
                "matrix": [["1"], ["-1"]],
                "right_side": [str(k + 1), str(-k)],
                "strict": [True, not closed],
            }
            for k in range(100)
        ]
        + [{"matrix": [["-1"]], "right_side": ["-100"], "strict": [False]}],
        "inside": 1,
        "outside": 0,
    }
    for closed in (True, False)
}
RAY = {"facts": [{"fact": "keeps", "rule": 0, "point": ["1/2"], "direction": ["1"]}]}
STEEP = {
    "type": "argmax",
    "weights": [[str(k)] for k in range(300)],
    "bias": ["1"] * 300,
    "lowest": True,
}
LAYER = {
    "type": "two-layer",
    "output": ["1"] * 1000,
    "weights": [["1"] if k % 2 else ["-1"] for k in range(1000)],
    "biases": [str(k % 7 - 3) for k in range(1000)],
    "threshold": "-1",
    "strict": True,
}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (changed("linear-system-solution", {"statement.solution": ["2/1", "1"]}), MALFORMED),
        (changed("rank", {"instance.matrix.1.0": "0/1"}), MALFORMED),
        (changed("network-points", {"instance.points.1": ["0", "1/1"]}), MALFORMED),
        (changed("rank", {"evidence.prime": 6, "evidence.rows": [0]}), ACCEPTED),
        (changed("rank/full", {"evidence.prime": 9}), REJECTED),
        (RANK.replace('"prime": 2', f'"prime": {"1" * 5000}'), MALFORMED),
        (RANK.replace('"rank": 1}', f'"rank": {"1" * 5000}}}'), REJECTED),
        (RANK.replace('"rank": 1}', f'"rank": {"1" * 100_001}}}'), MALFORMED),
        (RANK.replace(", ", ",\r"), ACCEPTED),
        (changed("arithmetic", {"statement.relations": [[SUM, "<", "1"]]}), ACCEPTED),
        (changed("arithmetic", {"statement.relations": [["1", "<", "9" * 99_999]]}), ACCEPTED),
        (changed("arithmetic", {"statement.relations": [["1", "<", "9" * 100_001]]}), MALFORMED),
        (changed("arithmetic", {"statement.relations.0.2": ["^", "1", "4000001"]}), MALFORMED),
        (changed("arithmetic", {"statement.relations.0.0": ["^", "1", "600000"]}), REJECTED),
        (changed("arithmetic", {"instance.numbers.0.name": "\u0430"}), MALFORMED),
        (changed("arithmetic", {"instance.numbers.0.name": "a\u0301"}), MALFORMED),
        (changed("arithmetic", {"instance.numbers.0.name": "a\x7f"}), MALFORMED),
        (changed("class-left", {"statement.direction": ["0"]}), REJECTED),
        (changed("parallel/none", {"instance.weights": [["0"] * 3000]}), MALFORMED),
        (changed("rule-facts", {"instance.rules": [STRIPS[True]], "statement": RAY}), ACCEPTED),
        (changed("rule-facts", {"instance.rules": [STRIPS[False]], "statement": RAY}), REJECTED),
        (changed("rule-facts", {"instance.rules": [LAYER], "statement": RAY}), ACCEPTED),
        (changed("rule-facts", {"instance.rules": [STEEP], "statement": RAY}), ACCEPTED),
    ],
)
def test_all_checkers_agree_on_what_once_divided_them(text: str, verdict: str) -> None:
    assert first_checker([text])[0][0] == verdict
    assert second_checker([text])[0][0] == verdict
    assert faster_checker([text])[0][0] == verdict


def test_the_program_reads_files(tmp_path: Path) -> None:
    def run(*paths: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["node", PROGRAM, *paths], capture_output=True, text=True)

    good, bad = tmp_path / "certificates.jsonl", tmp_path / "bad.certificate.json"
    good.write_text("".join(f"{line}\n" for line in TEXTS))
    bad.write_text(RANK.replace('"rank": 1}', '"rank": 2}'))
    assert run(good).returncode == 0
    found = run(good, bad)
    assert found.returncode == 1
    assert f"{bad}: rejected: " in found.stdout
    assert f"{len(TEXTS) + 1} checked, {len(TEXTS)} accepted, 1 refused" in found.stdout
    assert run(tmp_path / "none.jsonl").returncode == 2


def test_a_program_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mjs"
    broken.write_text("console.log('accepted'); throw new Error('planted');")
    monkeypatch.setattr(second, "PROGRAM", broken)
    with pytest.raises(RuntimeError, match=r"(?s)1 answers to 2 documents.*planted"):
        second_checker(["{}", "{}"])


def test_the_second_checker_shares_no_line_of_code_with_the_first() -> None:
    first = Path(checker.__file__).read_text(encoding="utf-8")
    program = PROGRAM.read_text(encoding="utf-8")
    imports = [line for line in program.splitlines() if line.startswith("import ")]
    assert all("'node:" in line for line in imports)
    assert ".py" not in program
    assert PROGRAM.name not in first
