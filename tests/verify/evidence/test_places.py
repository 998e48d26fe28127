"""Where commands may write: what is refused, before any work and with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from certify.errors import InputError
from verify.evidence.places import check_out, printable


def refusal(directory: Path, **options: bool) -> str:
    with pytest.raises(InputError) as caught:
        check_out(directory, **options)
    return str(caught.value)


def test_new_and_empty_directories_will_do_whatever_their_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "my report", "m\u00e9moire", "a/b/c", "\udcff"):
        check_out(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_what_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "expected a directory, got a file" in refusal(tmp_path / "file")
    assert "expected a directory, got a file" in refusal(tmp_path / "file" / "below")
    assert "expected a directory that can be written" in refusal(Path("/proc/none/out"))
    assert "File name too long" in refusal(tmp_path / ("n" * 300))
    assert "at most 255 bytes" in refusal(tmp_path / "new" / ("n" * 300))
    assert "that can be written" in refusal(tmp_path / "a\0b")


def test_only_an_earlier_report_is_replaced(tmp_path: Path) -> None:
    other, own, killed = (tmp_path / name for name in ("other", "own", "killed"))
    for folder in (other, own, killed):
        folder.mkdir()
    (other / "report.json").write_text(json.dumps({"format": "of another program"}))
    (own / "report.json").write_text(json.dumps({"format": "adversarial-geometry/report"}))
    (killed / "configuration.json").write_text(json.dumps({"software_version": "0.1.0"}))
    for folder in (other, own):
        assert "a new directory (or --overwrite), got an existing one" in refusal(folder)
    assert "a new directory (or --overwrite, or --resume), got an existing one" in refusal(killed)
    for folder in (own, killed):
        said = refusal(folder, python=True)
        assert said.startswith("directory: expected a new directory (or overwrite=True), got an ")
    check_out(own, overwrite=True)
    check_out(killed, overwrite=True)
    expected = "a directory with an earlier report, got one with other files"
    assert expected in refusal(other, overwrite=True)
    (other / "report.json").write_text("[" * 10**5)
    assert expected in refusal(other, overwrite=True)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "report.json").write_text(json.dumps({"format": "adversarial-geometry/report"}))
    (tmp_path / "link").symlink_to(own)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("link", "dangling"):
        assert "expected a directory, got a link" in refusal(tmp_path / name, overwrite=True)
    (own / "ledger.jsonl").symlink_to(tmp_path / "precious")
    assert "without links, got ledger.jsonl, a link" in refusal(own, overwrite=True)


def test_texts_can_be_printed_anywhere() -> None:
    assert printable("my r\u00e9port") == "my r\u00e9port"
    assert printable("a\x1b[2J\n") == "a\\x1b[2J\\n"
    printable("\udcff").encode("utf-8")
