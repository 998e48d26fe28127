from __future__ import annotations

from pathlib import Path

import pytest

from certify.errors import InputError
from certify.numbers.elimination import rank
from verify.attack.checkpoints import Checkpoints
from verify.evidence.decision import Decision, Line
from verify.evidence.grades import Grade
from verify.questions.kept import Answer, kept_answer


def answer() -> Answer:
    proof = rank([[1, 2], [2, 4]]).certificate
    decisions = (
        Decision.by_checker("a matrix", proof),
        Decision.undecided("a third", "no time"),
    )
    return {"radii": [0.1, 0.30000000000000004], "lost": None}, decisions


def never() -> Answer:
    raise AssertionError("asked again")


def test_an_answer_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    first = kept_answer(Checkpoints(tmp_path, "key"), "task", answer)
    again = kept_answer(Checkpoints(tmp_path, "key"), "task", never)
    assert first == again == kept_answer(None, "task", answer)
    assert isinstance(again[1][0].certificates[0], Line)
    assert [d.grade for d in again[1]] == [Grade.CERTIFIED, Grade.UNDECIDED]
    assert again[1][0].certificates[0].line() == answer()[1][0].certificates[0].line()


def test_another_task_is_asked_and_one_of_another_run_refused(tmp_path: Path) -> None:
    kept_answer(Checkpoints(tmp_path, "key"), "task", answer)
    with pytest.raises(AssertionError, match="asked again"):
        kept_answer(Checkpoints(tmp_path, "key"), "another", never)
    with pytest.raises(InputError, match="one of this experiment and job"):
        kept_answer(Checkpoints(tmp_path, "other key"), "task", never)
