"""The search finds every recorded counterexample by itself, from a random start, and shrinks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from verify import cli, commands
from verify.campaigns.falsify import accepted, search
from verify.claims.claim import AS_PRINTED, Claim, Counterexample
from verify.claims.registry import CLAIMS, find
from verify.objects import to_json

WEAKENED = [
    pytest.param(claim, dropped, weak, id=f"{claim.id}, {dropped}")
    for claim in CLAIMS.values()
    for dropped, weak in claim.counterexamples().items()
]


@pytest.mark.parametrize(("claim", "dropped", "weak"), WEAKENED)
def test_a_counterexample_is_found_and_shrunk(
    claim: Claim[Any], dropped: str, weak: Counterexample[Any]
) -> None:
    found = search(claim, dropped, seed=1)
    assert found.refutation is not None, f"none in {found.tries} tries"
    assert accepted(weak, found.instance) is not None
    # Shrunk: about as short to write down as the smallest instance known.
    length, shortest = (len(str(to_json(one))) for one in (found.instance, weak.example))
    assert length <= 2 * shortest + 40


def test_the_same_seed_finds_the_same_instance() -> None:
    claim = find("charles-thm-4")
    assert search(claim, "both labels", seed=3) == search(claim, "both labels", seed=3)


def test_the_command_prints_the_counterexample_and_writes_certificates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "found.jsonl"
    arguments = ["falsify", "charles-thm-4", "--without", "both labels", "--out", str(out)]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "charles-thm-4 without the hypothesis 'both labels': refuted, after" in printed
    assert f"1 certificate: certify check {out}" in printed
    assert out.read_text().strip() not in printed
    from certify.cli import main as certify

    assert certify(["check", str(out)]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["charles-thm-4"],
            "verify: charles-thm-4: expected a weakened claim (--without 'both labels', or "
            "--without 'finite', or --without 'whole space', or --overstated), got the claim as "
            "printed, which is true",
        ),
        (["charles-thm-4", "--without", "nonsense"], "got 'nonsense'"),
        (["zou-thm-1", "--without", "more features than classes"], "which can go"),
        (["charles-thm-44", "--literal"], "verify: claim: expected charles-thm-4,"),
    ],
)
def test_what_cannot_be_dropped_is_one_clear_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["falsify", *arguments]) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_no_counterexample_is_said_with_the_number_of_tries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("verify.campaigns.falsify.TRIES", 3)
    monkeypatch.setattr("verify.campaigns.falsify.accepted", lambda *_: None)
    assert cli.main(["falsify", "charles-thm-4", "--without", "both labels"]) == 1
    assert "no counterexample in 3 tries" in capsys.readouterr().out


def test_as_printed_is_the_name_of_the_literal_statement() -> None:
    assert AS_PRINTED in find("charles-cor-6-remark").counterexamples()
