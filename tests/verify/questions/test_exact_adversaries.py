"""Adversaries of the trained classifiers, decided exactly: within the box and without it."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from verify.attack.experiment import run_transfer
from verify.attack.presets import preset
from verify.data.digits import digits
from verify.evidence.grades import Grade
from verify.evidence.result import Result
from verify.questions import exact_adversaries
from verify.questions.exact_adversaries import EXPERIMENT, Decided
from verify.questions.question import Materials

SMALL = dataclasses.replace(
    preset("quick"), subsets=2, subset_size=200, examples=20, epochs=2, exact=40
).with_choices({"radii": (0.1, 0.2)})


@pytest.mark.parametrize("box", [True, False])
def test_adversaries_may_leave_the_box_where_the_attack_does(box: bool) -> None:
    models = run_transfer(SMALL.with_choices({"box": box}), digits(), seed=1)
    result = EXPERIMENT.run(Materials(digits(), models, 0, ThreadPoolExecutor(1), None))
    assert isinstance(result, Result)
    assert "Of 40 adversaries" in result.finding
    assert len(result.decisions) == 4
    for decision in result.decisions:
        assert decision.grade is Grade.CERTIFIED
        (certificate,) = decision.certificates
        assert ('"fact":"box"' in certificate.line()) == box


@pytest.mark.parametrize(
    ("fooled", "still", "said"),
    [
        (0, 0, "none fool the classifier that they were made for"),
        (1, 0, "1 fools the classifier that it was made for"),
        (2, 3, "2 fool the classifier that they were made for"),
    ],
)
def test_what_fools_and_what_did_not_move_is_said(
    fooled: int, still: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = run_transfer(SMALL, digits(), seed=1)
    monkeypatch.setattr(
        exact_adversaries, "_portions", lambda *_: [Decided("svm-0", (), 9, fooled, 0, still)]
    )
    monkeypatch.setattr(Materials, "each", lambda _self, _stage, _task, parts: parts)
    result = EXPERIMENT.run(Materials(digits(), models, 0, ThreadPoolExecutor(1), None))
    assert isinstance(result, Result)
    assert said in result.finding
    assert ("Where these do not fool, that says little." in result.finding) == bool(still)
