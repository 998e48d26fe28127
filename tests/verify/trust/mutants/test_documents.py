"""Mutants of certificates: all that a forger might try, none unnoticed, exceptions explained."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from certify.certificates.kinds import HONEST, KINDS, certificate
from certify.checking import checker
from verify import cli, commands
from verify.trust.mutants import mutation
from verify.trust.mutants.documents import DOCUMENT, Mutant, long_integers, mutants
from verify.trust.mutants.mutation import (
    ACCEPTED,
    SAME_STATEMENT,
    faster_checker,
    first_checker,
    honest_certificates,
    reason,
    run,
    tally,
)


class Inline(Executor):
    """Run every task when it is submitted."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


def ignore(done: int, total: int, label: str) -> None:
    pass


RANK, PAIR = certificate("rank/full"), certificate("max-margin")


def test_every_operation_occurs_and_no_mutant_twice() -> None:
    found = [m for name in HONEST for m in mutants(certificate(name), PAIR)]
    operations = {m.operation for m in found}
    assert operations >= {
        "plus 1", "minus 1", "sign", "zero", "halved", "a float", "flipped", "entry dropped",
        "entry doubled", "entries swapped", "field added", "field removed", "stale version",
        "hash of another instance", "another instance under the old hash", "other word", "over 1",
        "not in lowest terms", "a line feed", "a letter of another alphabet", "emptied", "repeated",
        "a long integer", "a long sum",
    }  # fmt: skip
    with long_integers():
        own = [json.dumps(m.document, sort_keys=True) for m in mutants(RANK, PAIR)]
    assert len(set(own)) == len(own)
    assert json.dumps(RANK, sort_keys=True) not in own


def test_a_mutant_of_an_instance_carries_its_own_hash() -> None:
    for mutant in mutants(RANK):
        if mutant.part == "instance":
            with long_integers():
                text = json.dumps(mutant.document)
            [(verdict, where)] = first_checker([text])
            assert where != "certificate.instance_sha256", (verdict, mutant.place)


@pytest.mark.parametrize("kind", KINDS)
def test_honest_certificates_have_no_survivor(kind: str) -> None:
    found = tally(certificate(kind), PAIR if kind != "max-margin" else RANK)
    assert found.problems == []
    assert found.refused.total() + found.equivalent.total() == found.tried > 30
    # Every rule refuses more than it lets pass.
    assert found.refused.total() > found.equivalent.total()


def test_all_kinds_are_attacked_by_sixty_thousand_mutants() -> None:
    honest = honest_certificates()
    assert {c["kind"] for c in honest} == set(checker.RULES)
    assert sum(1 for c in honest for _ in mutants(c)) >= 60_000


def test_the_fast_checker_is_asked_about_all_kinds() -> None:
    texts = [json.dumps(certificate(name)) for name in ("rank", "separable")]
    assert faster_checker([*texts, "{", texts[0].replace('"rank": 1}', '"rank": 2}')]) == [
        (ACCEPTED, ""),
        (ACCEPTED, ""),
        ("malformed", "document"),
        ("rejected", "minor has the stated size"),
    ]
    assert tally(RANK, PAIR, (first_checker, faster_checker)).problems == []
    assert tally(certificate("separable"), PAIR, (first_checker, faster_checker)).problems == []


def spoiled(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rule of a kind accept whatever it can read."""
    rule = checker.RULES[kind]

    def lenient(*parts: Any) -> Any:
        for step, holds, *_ in rule(*parts):
            yield step, True
            if not holds:
                break
        return "anything"

    monkeypatch.setitem(checker.RULES, kind, lenient)


def test_a_checker_that_accepts_too_much_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled("rank", monkeypatch)
    section = run(executor=Inline(), progress=ignore, certificates=[RANK, PAIR])
    assert any("rank" in line and line.endswith("accepted") for line in section.problems)
    assert "Survivors without a reason: 0" not in section.words


def test_an_honest_certificate_that_is_refused_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*parts: Any) -> str:
        raise checker.Rejected("step", "reason")

    monkeypatch.setitem(checker.RULES, "rank", refuse)
    assert any("honest, and rejected at step" in p for p in tally(RANK, PAIR).problems)


def accept_all(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(ACCEPTED, "")] * len(texts)


def malform_all(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(ACCEPTED, ""), *[("malformed", "somewhere")] * (len(texts) - 1)]


def test_checkers_that_differ_are_a_problem() -> None:
    found = tally(RANK, PAIR, (first_checker, accept_all))
    assert any("and accepted by another checker" in line for line in found.problems)


def test_refusals_of_another_kind_are_counted_and_no_problem() -> None:
    found = tally(RANK, PAIR, (first_checker, malform_all))
    assert found.otherwise > 5
    accepted = [line for line in found.problems if ": accepted at , and malformed" in line]
    assert found.problems == accepted


def test_a_document_that_is_refused_at_another_place_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def elsewhere(certificate: Any) -> Any:
        raise checker.Malformed("somewhere", "else")

    monkeypatch.setattr(checker, "check", elsewhere)
    assert any("refused at somewhere, not at" in p for p in tally(RANK, PAIR).problems)


@pytest.mark.parametrize(
    ("part", "place", "expected"),
    [
        ("evidence", "evidence.rows.0", lambda why: why == SAME_STATEMENT),
        ("instance", "instance.matrix.0.1", bool),
        ("statement", "statement.rank", lambda why: why == ""),
        (DOCUMENT, "version", lambda why: why == ""),
    ],
)
def test_reasons_belong_to_places(part: str, place: str, expected: Callable[[str], bool]) -> None:
    assert expected(reason(Mutant("rank", part, place, "plus 1", {})))


def test_the_command_prints_a_table_and_says_how_it_went(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutation, "honest_certificates", lambda: [RANK, PAIR])
    assert cli.main(["mutate", "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "Mutants of certificates" in out
    assert "Survivors without a reason: 0." in " ".join(out.split())
    assert cli.main(["mutate", "--workers", "0"]) == commands.EXIT_USAGE
    assert "--workers: expected at least 1, got 0" in capsys.readouterr().err
