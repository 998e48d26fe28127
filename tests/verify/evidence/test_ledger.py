"""The ledger after an interruption at any moment: nothing lost, nothing doubled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from certify.errors import InputError
from verify.evidence.grades import Grade
from verify.evidence.ledger import CERTIFICATES, LEDGER, Ledger, OtherRecord, Record

# Different numbers of certificates, also none, and a reason that needs escapes in JSON.
RECORDS = [
    (Record.of(*about, lines), lines)
    for *about, lines in (
        ("a", 0, "generic", Grade.CERTIFIED, "", ("c0", "c1")),
        ("a", 1, "tied", Grade.UNDECIDED, 'step 1 fails: "é" > 0', ()),
        ("b", 0, "generic", Grade.CERTIFIED, "", ("c2",)),
        ("b", 1, "generic", Grade.MALFORMED, "x\ny", ("c3",)),
    )
]


def fill(directory: Path) -> None:
    with Ledger.open(directory) as ledger:
        for record, lines in RECORDS[len(ledger.records) :]:
            ledger.append(record, lines)


def contents(directory: Path) -> tuple[bytes, bytes]:
    return (directory / LEDGER).read_bytes(), (directory / CERTIFICATES).read_bytes()


@pytest.fixture
def complete(tmp_path: Path) -> tuple[bytes, bytes]:
    directory = tmp_path / "complete"
    directory.mkdir()
    fill(directory)
    return contents(directory)


def test_records_are_one_ascii_line_each(complete: tuple[bytes, bytes]) -> None:
    ledger, certificates = complete
    assert ledger.isascii()
    assert [json.loads(line)["claim"] for line in ledger.splitlines()] == ["a", "a", "b", "b"]
    assert json.loads(ledger.splitlines()[3])["reason"] == "x\ny"
    assert certificates == b"c0\nc1\nc2\nc3\n"


def test_records_are_read_back(tmp_path: Path) -> None:
    fill(tmp_path)
    before = contents(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.records == [record for record, _ in RECORDS]
        assert all(isinstance(record.grade, Grade) for record in ledger.records)
    assert contents(tmp_path) == before


def test_every_append_is_on_disk_at_once(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        for number, (record, lines) in enumerate(RECORDS, 1):
            ledger.append(record, lines)
            assert contents(tmp_path)[0].count(b"\n") == number
            assert contents(tmp_path)[1].count(b"\n") == sum(
                r.certificates for r, _ in RECORDS[:number]
            )


def test_any_interruption_is_repaired(tmp_path: Path, complete: tuple[bytes, bytes]) -> None:
    """Cut both files at every pair of bytes that a kill can leave, and run on."""
    ledger, certificates = complete
    ends = [0]
    for _, lines in RECORDS:
        ends.append(ends[-1] + sum(len(line) + 1 for line in lines))
    starts = [0]
    for line in ledger.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tried = 0
    for k in range(len(RECORDS)):
        # While record k is written, its certificates come first and then its line.
        states = [(starts[k], cut) for cut in range(ends[k], ends[k + 1] + 1)]
        states += [(cut, ends[k + 1]) for cut in range(starts[k], starts[k + 1])]
        for ledger_cut, certificates_cut in states:
            (tmp_path / LEDGER).write_bytes(ledger[:ledger_cut])
            (tmp_path / CERTIFICATES).write_bytes(certificates[:certificates_cut])
            with Ledger.open(tmp_path) as opened:
                assert opened.records == [record for record, _ in RECORDS[:k]]
            assert contents(tmp_path) == (ledger[: starts[k]], certificates[: ends[k]])
            fill(tmp_path)
            assert contents(tmp_path) == complete
            tried += 1
    assert tried > len(ledger)


def test_later_certificates_without_a_record_are_cut_off(
    tmp_path: Path, complete: tuple[bytes, bytes]
) -> None:
    ledger, certificates = complete
    (tmp_path / LEDGER).write_bytes(ledger)
    (tmp_path / CERTIFICATES).write_bytes(certificates + b"c4\nc5")
    Ledger.open(tmp_path).close()
    assert contents(tmp_path) == complete


def test_lost_certificates_are_refused(tmp_path: Path, complete: tuple[bytes, bytes]) -> None:
    ledger, certificates = complete
    (tmp_path / LEDGER).write_bytes(ledger)
    for cut in range(len(certificates)):
        (tmp_path / CERTIFICATES).write_bytes(certificates[:cut])
        with pytest.raises(InputError, match="ledger: expected 4 lines, got fewer") as caught:
            Ledger.open(tmp_path)
        assert caught.value.where == str(tmp_path / CERTIFICATES)


def test_other_certificates_are_refused_with_their_lines(
    tmp_path: Path, complete: tuple[bytes, bytes]
) -> None:
    ledger, certificates = complete
    (tmp_path / LEDGER).write_bytes(ledger)
    changed = certificates.replace(b"c1", b"c9")
    (tmp_path / CERTIFICATES).write_bytes(changed)
    with pytest.raises(InputError, match="the certificates of record 1, of SHA-256") as caught:
        Ledger.open(tmp_path)
    assert caught.value.where == f"{tmp_path / CERTIFICATES}, lines 1 to 2"
    assert contents(tmp_path) == (ledger, changed)


def test_a_record_is_compared_with_another(tmp_path: Path) -> None:
    fill(tmp_path)
    record, _ = RECORDS[2]
    with Ledger.open(tmp_path) as ledger:
        ledger.compare(2, record)
        with pytest.raises(OtherRecord, match=r"what b, instance 0, gives .*another case, sha256"):
            ledger.compare(2, replace(record, case="tied", sha256="0" * 64))


def test_a_report_is_told_hashes_and_lines(tmp_path: Path, complete: tuple[bytes, bytes]) -> None:
    fill(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        found = ledger.evidence()
    assert found["lines"] == {"a": [1, 2], "b": [3, 4]}
    for key, name, content in zip(
        ("ledger", "certificates"), (LEDGER, CERTIFICATES), complete, strict=True
    ):
        sha256 = hashlib.sha256(content).hexdigest()
        assert found[key] == {"path": name, "count": 4, "sha256": sha256}


@pytest.mark.parametrize("name", [LEDGER, CERTIFICATES])
def test_nothing_is_written_through_a_link(name: str, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / name).symlink_to(target)
    with pytest.raises(InputError, match="ledger: expected a file, got a link"):
        Ledger.open(tmp_path, fresh=True)
    assert target.read_text() == "precious"


GARBAGE = [
    b"garbage\n",
    b"\n",
    b"[]\n",
    b"null\n",
    b'{"claim": "a"}\n',
    b'{"grade": "certified"}\n',
    b'{"case":"","certificates":0,"claim":"a","grade":"proved","index":0,"reason":"","sha256":""}\n',
    b'{"case":"","certificates":0,"claim":"a","grade":"float","index":0,"reason":"","sha256":"","x":1}\n',
    b'{"case":"","certificates":0,"claim":"a","grade":"float","index":0,"reason":""}\n',
    b'{"case":"","certificates":0,"claim":"a","grade":"float","index":0,"reason":"","sha256":1}\n',
    b"\xff\xfe\n",
]


@pytest.mark.parametrize("line", GARBAGE)
def test_foreign_lines_are_refused_with_their_number(
    tmp_path: Path, complete: tuple[bytes, bytes], line: bytes
) -> None:
    ledger, certificates = complete
    (tmp_path / LEDGER).write_bytes(ledger + line)
    (tmp_path / CERTIFICATES).write_bytes(certificates)
    with pytest.raises(InputError) as caught:
        Ledger.open(tmp_path)
    error = caught.value
    assert error.argument == "ledger"
    assert error.expected == "one record for each line"
    assert error.got == repr(line[:60])
    assert error.where == f"{tmp_path / LEDGER}:5"
    assert contents(tmp_path) == (ledger + line, certificates)


@pytest.mark.parametrize("number", ['"1"', "null", "-1", "0.5", "[]"])
def test_a_record_with_fields_of_another_type_is_refused(tmp_path: Path, number: str) -> None:
    (tmp_path / LEDGER).write_text(
        f'{{"case":"","certificates":{number},"claim":"a","grade":"float","index":0,"reason":"",'
        f'"sha256":"{"0" * 64}"}}\n'
    )
    (tmp_path / CERTIFICATES).write_text("c0\n")
    with pytest.raises(InputError, match="one record for each line"):
        Ledger.open(tmp_path)


def test_a_long_foreign_line_is_quoted_in_part(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"x" * 10_000 + b"\n")
    with pytest.raises(InputError) as caught:
        Ledger.open(tmp_path)
    assert len(str(caught.value)) < 300 + len(str(tmp_path))
