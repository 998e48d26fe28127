"""Documents that are no certificates, and how certificates may be written."""

from __future__ import annotations

import io
import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from certify.certificates.kinds import certificate
from certify.checking import checker
from tests.certify.checking.documents import DOCUMENTS, dumped, replace


@pytest.mark.parametrize(("text", "where", "reason"), DOCUMENTS)
def test_documents_that_are_no_certificates(text: str, where: str, reason: str) -> None:
    with pytest.raises(checker.Malformed) as caught:
        checker.check(checker.parse(text))
    assert caught.value.where == where
    assert reason in caught.value.reason


@pytest.mark.parametrize("depth", [*range(900, 1_000, 5), 2_000, 50_000])
@pytest.mark.parametrize("part", ["version", "kind", "instance", "statement"])
def test_deep_nesting_is_malformed(part: str, depth: int) -> None:
    value: Any = []
    for _ in range(depth):
        value = [value]
    with pytest.raises(checker.Malformed):
        checker.check({**certificate("rank"), part: value})
    nested = "[" * depth + "1" + "]" * depth
    text = dumped(replace(part, "here")).replace('"here"', nested)
    with pytest.raises(checker.Malformed):
        checker.check(checker.parse(text))


def test_integers_of_any_length_are_malformed_where_they_are_not_expected() -> None:
    limit = sys.get_int_max_str_digits()
    for part in ("format", "version", "kind", "instance_sha256", "instance"):
        with pytest.raises(checker.Malformed):
            checker.check({**json.loads(dumped()), part: 10**5000})
    with pytest.raises(checker.Malformed):
        checker.check(json.loads(dumped()) | {"instance": {"matrix": [[10**5000]]}})
    assert sys.get_int_max_str_digits() == limit


@pytest.mark.parametrize(("digits", "place"), [(5_000, "evidence.prime"), (100_001, "")])
def test_integers_have_the_length_of_numerals(digits: int, place: str) -> None:
    limit = sys.get_int_max_str_digits()
    text = dumped().replace('"prime": 2', f'"prime": {"1" * digits}')
    where = f"certificate.{place}" if place else "document"
    with pytest.raises(checker.Malformed) as caught:
        checker.check(checker.parse(text))
    assert caught.value.where == where
    assert place or "an integer has more than 100000 digits" in caught.value.reason
    assert sys.get_int_max_str_digits() == limit


def test_a_line_ends_with_a_line_feed_alone(tmp_path: Path) -> None:
    path = tmp_path / "certificates.jsonl"
    spaced = dumped().replace(", ", ",\r")
    path.write_bytes(f"{spaced}\r\n{dumped()}\n".encode())
    assert len(list(checker.certificates_in(path))) == 2
    assert checker.main([str(path)]) == 0
    path.write_bytes(f"{dumped()}\r{dumped()}".encode())
    assert len(list(checker.certificates_in(path))) == 1
    assert checker.main([str(path)]) == 1


def test_names_of_files_that_cannot_be_printed_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", output)
    path = tmp_path / os.fsdecode(b"\xff\xc3\xa9.jsonl")
    path.write_text("{}\n")
    assert checker.main([str(path)]) == 1
    output.flush()
    assert b"\\udcff\\xe9.jsonl:1: malformed" in output.buffer.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_no_more_than_a_certificate_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(checker, "MAX_LINE", len(dumped()))
    monkeypatch.setattr(checker, "BLOCK", 100)
    path = tmp_path / f"long.{suffix}"
    path.write_text(dumped() + " " * 10_000)
    texts = [text for _, text in checker.certificates_in(path)]
    assert all(len(text) <= checker.MAX_LINE + checker.BLOCK for text in texts)
    assert checker.main([str(path)]) == 1
    path.write_text(dumped())
    assert checker.main([str(path)]) == 0


def test_documents_have_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_LINE", len(dumped()))
    assert checker.parse(dumped())
    with pytest.raises(checker.Malformed, match="document: longer than"):
        checker.parse(dumped() + " ")


def test_numerals_have_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_DIGITS", 2)
    long = certificate("rank", {"instance.matrix.0.0": "12345"})
    with pytest.raises(
        checker.Malformed, match=r"matrix\[0\]\[0\]: a numeral has more than 2 digits"
    ):
        checker.check(long)


def test_the_order_of_keys_does_not_matter() -> None:
    def backwards(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: backwards(value[key]) for key in reversed(value)}
        return value

    assert checker.check(backwards(certificate("max-margin")))[0] == "max-margin"


def test_a_row_has_a_unit_of_its_own() -> None:
    """Over one unit for all, entries of different denominators would be as long as the table."""
    table = checker.Field([["1/2", "1/3"], ["1/5", "1/7"]], "table").matrix()
    assert [row.unit for row in table.rows] == [Fraction(1, 6), Fraction(1, 35)]
    assert [table[0][1].value, table[1][0].value] == [Fraction(1, 3), Fraction(1, 5)]
    ones = checker.Vector([1, 1])
    assert [x.value for x in table @ ones] == [Fraction(5, 6), Fraction(12, 35)]
    assert [x.value for x in ones @ table] == [Fraction(7, 10), Fraction(10, 21)]
    assert [row.unit for row in table.T.rows] == [Fraction(1, 10), Fraction(1, 21)]
    assert [row.unit for row in table.level.rows] == [Fraction(1, 210)] * 2
    assert [x.value for x in table.beside(ones)[1]] == [Fraction(1, 5), Fraction(1, 7), 1]
    assert (checker.Vector([0, 0]) @ table).n == [0, 0]


def test_long_weights_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the common denominator of a whole layer each of its weights may be as long as all."""
    primes = [p for p in range(2, 9_000) if all(p % q for q in range(2, int(p**0.5) + 1))][:1_024]
    rows = [[f"1/{p}" for p in primes[i : i + 16]] for i in range(0, 1_024, 16)]
    nodes = [{"type": "dense", "reads": 0, "weights": rows, "biases": ["0"] * 64}]
    points = [["0"] * 16]
    label = [{"fact": "label", "point": 0, "label": 0}]
    edit = {"instance.nodes": nodes, "instance.points": points, "statement.facts": label}
    honest = certificate("network-points", edit)
    with pytest.raises(checker.Rejected, match="no output is as large"):
        checker.check(honest)
    monkeypatch.setattr(checker, "FREE_WORK", 0)
    monkeypatch.setattr(checker, "WORK", 1)
    monkeypatch.setattr(checker.Matrix, "level", property(lambda _: pytest.fail("made")))
    with pytest.raises(checker.Malformed, match="more work than a document"):
        checker.check(honest)
