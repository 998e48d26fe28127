"""Searches that were interrupted go on from their files, and end as others do."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from certify.bounds import checkpoints, decision, search
from certify.bounds.decision import Verdict, no_counterexample
from certify.bounds.inputs import BoxSearch
from certify.checking import checker
from certify.errors import InputError
from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu

# |x - 1/3| and |y|, and the properties of which some take many parts.
KINKS = Network.chain(
    Dense.of([[1, 0], [-1, 0], [0, 1], [0, -1]], ["-1/3", "1/3", 0, 0]), Relu(),
    Dense.of([[1, 1, 1, 1], [0, 0, 1, 1]], [0, 0]), Relu(), Dense.of([[1, 0], [0, 1]], [0, 0]),
)  # fmt: skip
SEVERAL = [([[1, -2]], ["-1.0001"]), ([[-1, 0]], ["-2.34"]), ([[1, 0], [-1, 1]], ["1", "-1.4"])]
BOTH = pytest.mark.parametrize("few", [0, decision.FEW])  # 0: ReLUs are split


@pytest.fixture
def python_s_own_answer() -> Iterator[None]:
    """Interrupt as Python does: cysignals, which bindings of PPL load, has an answer of its own."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def asked(**more: Any) -> Verdict:
    return no_counterexample(KINKS, [-1, -1], [1, 1], SEVERAL, **more)


@BOTH
def test_a_search_goes_on_where_it_ended(
    few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    monkeypatch.setattr(search, "BATCH", 1)
    monkeypatch.setattr(search, "STEPS", 1)
    place = tmp_path / "search"
    ends, parts = [], 0
    while not ends or ends[-1].answer == "undecided":
        ends.append(asked(checkpoint=place, parts=parts + 1))
        parts = max(ends[-1].parts, parts + 1)
        assert place.exists() == (ends[-1].answer == "undecided")
    assert len(ends) > 2
    (certificate,) = ends[-1].certificates
    checker.check(checker.parse(certificate.line()))
    assert ends[-1] == asked()


def test_a_search_ends_where_memory_would_not_hold_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    with monkeypatch.context() as inner:
        inner.setattr(search, "HELD", 0)
        ended = asked(checkpoint=tmp_path / "search")
    assert (ended.answer, ended.open_parts > 0) == ("undecided", True)
    assert ended.bound is not None
    assert asked(checkpoint=tmp_path / "search") == asked()


class Interrupting(checkpoints.Checkpoint):
    """One that an interrupt follows."""

    def write(self, state: dict[str, Any]) -> None:
        super().write(state)
        raise KeyboardInterrupt


@BOTH
def test_an_interrupt_leaves_what_was_written_last(
    few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    place = tmp_path / "search"
    with monkeypatch.context() as inner:
        inner.setattr(decision, "Checkpoint", Interrupting)
        with pytest.raises(KeyboardInterrupt):
            asked(checkpoint=place)
    assert [path.name for path in tmp_path.iterdir()] == ["search"]
    found = asked(checkpoint=place)
    (certificate,) = found.certificates
    checker.check(checker.parse(certificate.line()))
    assert found == asked()
    assert not place.exists()


@pytest.mark.usefixtures("python_s_own_answer")
@BOTH
@pytest.mark.parametrize("count", [1, 2])
def test_an_interrupt_waits_until_a_state_is_written_and_a_second_one_does_not(
    few: int, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    place, kind = tmp_path / "search", BoxSearch if few else search.Search
    splitting, interrupted = kind._split, []

    def split(self: Any, *given: Any) -> Any:
        for _ in range(0 if interrupted else count):
            interrupted.append(len(self.trees))
            signal.raise_signal(signal.SIGINT)
        return splitting(self, *given)

    with monkeypatch.context() as inner:
        inner.setattr(kind, "_split", split)
        with pytest.raises(KeyboardInterrupt):
            asked(checkpoint=place)
    assert len(interrupted) == count
    assert place.exists() == (count == 1)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if count == 1:
        state = torch.load(place, weights_only=True)["state"]
        assert len(state["splits"]) > 0  # the step that was interrupted is whole
    assert asked(checkpoint=place) == asked()


@pytest.mark.usefixtures("python_s_own_answer")
def test_an_interrupt_that_comes_before_the_first_step_leaves_the_whole_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    place, start = tmp_path / "search", search.Search.start
    with monkeypatch.context() as inner:
        inner.setattr(
            search.Search, "start", lambda s: (signal.raise_signal(signal.SIGINT), start(s))
        )
        with pytest.raises(KeyboardInterrupt):
            asked(checkpoint=place)
    assert place.exists()
    assert asked(checkpoint=place) == asked()


def test_a_file_of_another_question_seed_or_none_at_all_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "search"
    asked(checkpoint=place, parts=4)
    with pytest.raises(InputError, match=r"^checkpoint: expected a search for this question"):
        no_counterexample(KINKS, [-1, -1], [1, 2], SEVERAL, checkpoint=place)
    with pytest.raises(InputError, match="got one for another"):
        asked(checkpoint=place, seed=1)
    place.write_bytes(place.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"^checkpoint: expected a whole file"):
        asked(checkpoint=place)


def test_a_file_of_something_else_or_in_no_folder_is_refused_in_one_line(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    place = tmp_path / "search"
    place.write_bytes(b"\x80garbage")  # of which torch would warn
    with pytest.raises(InputError, match=r"^checkpoint: expected a whole file") as refused:
        asked(checkpoint=place)
    assert "\n" not in str(refused.value)
    assert not recwarn.list
    with pytest.raises(InputError, match=r"^checkpoint: expected a file that can be written, got"):
        asked(checkpoint=place / "below", parts=4)


def test_parts_that_are_called_closed_are_decided_again(tmp_path: Path) -> None:
    place = tmp_path / "search"
    asked(checkpoint=place, parts=4)
    stored = torch.load(place, weights_only=True)
    state = stored["state"]
    numbers, which = (x.tolist() for x in state["open"][:2])
    state["open"] = [x[:0] for x in state["open"]]  # all that is open is said to be closed
    weights = [[4096] + [0] * (len(rows) - 1) for rows, _ in SEVERAL]
    state["leaves"] += [[n, *weights[k]] for n, k in zip(numbers, which, strict=True)]
    torch.save(stored, place)
    found = asked(checkpoint=place)
    assert found.answer == "certified"
    (certificate,) = found.certificates
    checker.check(checker.parse(certificate.line()))


def test_leaves_of_signs_that_do_not_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    monkeypatch.setattr(search, "BATCH", 1)
    place = tmp_path / "search"
    asked(checkpoint=place, parts=4)
    stored = torch.load(place, weights_only=True)
    (part, *_) = stored["state"]["open"]
    n, depth = int(part["tree"][0]), int((part["path"][0] >= 0).sum())
    rows = len(SEVERAL[int(part["asked"][0])][0])
    stored["state"]["leaves"].append([n, [1 << 30] * rows, None, [0] * depth])
    torch.save(stored, place)
    with pytest.raises(InputError, match=r"^checkpoint: expected parts that are closed exactly"):
        asked(checkpoint=place)
