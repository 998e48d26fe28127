"""How long the rest takes is said where that follows from what was done."""

import time

import pytest

from verify.reporting.progress import Progress


@pytest.mark.parametrize(("total", "said"), [(40, True), (41, False)])
def test_work_that_grows_has_no_time_that_is_left(
    total: int, said: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with Progress() as progress:
        report = progress.stage("parts")
        monkeypatch.setattr(time, "monotonic", lambda: began + 600)
        report(10, 40, "")
        report(20, total, "")
        monkeypatch.undo()
    shown = capsys.readouterr().err
    assert "parts" in shown
    assert ("some 10 min left" in shown) is said
    assert "some 11 min left" not in shown
