"""The fuzz campaign: repeatable, and it notices wrong errors and inputs that take too long."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from certify.errors import InputError
from verify import cli
from verify.trust.section import SHOWN
from verify.trust.surfaces import fuzz
from verify.trust.surfaces.surface import Surface

COMMANDS = cli.command_line()


def ignore(done: int, total: int, label: str) -> None:
    pass


def only(decide: Callable[[Any], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    surface = Surface("planted", 1, lambda rng: rng.random(), decide)
    monkeypatch.setattr(fuzz, "all_surfaces", lambda folder, commands: [surface])


def test_readers_let_only_documented_errors_out() -> None:
    calls: list[tuple[int, int, str]] = []
    section = fuzz.run(
        count=400, seed=1, progress=lambda *call: calls.append(call), commands=COMMANDS
    )
    assert section.problems == ()
    assert calls[-1][:2] == (400, 400)
    tried, accepted, refused = (sum(int(row[k]) for row in section.rows) for k in (1, 2, 3))
    assert tried == accepted + refused == 400
    assert accepted > 0 < refused


def test_inputs_are_functions_of_seed_and_number(tmp_path: Path) -> None:
    for surface in fuzz.all_surfaces(tmp_path, COMMANDS):
        one, two = (repr(surface.draw(Random(f"7/{surface.name}/3"))) for _ in range(2))
        assert one == two, surface.name


def test_an_undocumented_error_is_a_problem_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(data: float) -> bool:
        if data > 0.5:
            raise KeyError("planted")
        return True

    only(broken, monkeypatch)
    section = fuzz.run(count=20, progress=ignore, commands=COMMANDS)
    assert 0 < len(section.problems) < 20
    first = section.problems[0]
    assert "planted, seed 0, number " in first
    assert "KeyError" in first
    number = int(first.partition("number ")[2].partition(":")[0])
    assert fuzz.drawn("planted", 0, number, COMMANDS) > 0.5
    with pytest.raises(KeyError):
        fuzz.again("planted", 0, number, COMMANDS)


def test_an_exit_and_an_error_of_bad_input_are_problems_where_they_are_not_documented(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leaving(data: float) -> bool:
        raise SystemExit(3) if data > 0.5 else InputError("x", expected="y", got="z")

    only(leaving, monkeypatch)
    section = fuzz.run(count=10, progress=ignore, commands=COMMANDS)
    assert len(section.problems) == 10


@pytest.mark.parametrize("busy", [True, False])
def test_what_takes_too_long_is_stopped_and_reported(
    busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(data: float) -> bool:
        end = time.perf_counter() + 60
        while time.perf_counter() < end:
            if not busy:
                time.sleep(1)
        return True

    only(slow, monkeypatch)
    monkeypatch.setattr(fuzz, "SECONDS", 0.2)
    monkeypatch.setattr(fuzz, "PATIENCE", 100 if busy else 5)
    start = time.perf_counter()
    section = fuzz.run(count=1, progress=ignore, commands=COMMANDS)
    assert time.perf_counter() - start < 30
    assert "it takes more than 0.2 s of the processor" in section.problems[0]


def test_a_busy_machine_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def waiting(data: float) -> bool:
        time.sleep(0.5)
        return True

    only(waiting, monkeypatch)
    monkeypatch.setattr(fuzz, "SECONDS", 0.2)
    assert fuzz.run(count=1, progress=ignore, commands=COMMANDS).problems == ()


def test_many_problems_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: float) -> bool:
        raise ValueError

    only(broken, monkeypatch)
    section = fuzz.run(count=30, progress=ignore, commands=COMMANDS)
    assert len(section.problems) == SHOWN + 1
    assert section.problems[-1] == "10 more problems"
