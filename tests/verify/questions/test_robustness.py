"""How near another label is: radii known by hand, what reports say of them, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from certify import cli as certify_cli
from certify.bounds.decision import Verdict, no_counterexample
from certify.errors import InputError
from verify import cli
from verify.attack.balls import distance
from verify.attack.radii import Asked
from verify.data.examples import Examples
from verify.evidence.grades import Grade
from verify.models.builder import Builder
from verify.models.model import Model
from verify.questions import Audit
from verify.questions.audit import QUESTIONS, Interrupted, audit
from verify.questions.least_radius import PARTS
from verify.questions.robustness import ROBUSTNESS, Decided, robustness, rounded
from verify.questions.subjects import subject_of

AFTER = QUESTIONS[QUESTIONS.index(ROBUSTNESS) + 1 :]
QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


def tent(height: float) -> Model:
    """A network of one number x: label 1 where abs(x) is more than the height, else 0."""
    builder = Builder((1,))
    first = builder.dense(builder.input, np.array([[1.0], [-1.0]]), np.zeros(2), "first")
    last = np.array([[0.0, 0.0], [1.0, 1.0]])
    scores = builder.dense(builder.relu(first, "relu"), last, np.array([0.0, -height]), "last")
    return builder.model(scores, "tent", "the test")


def step(at: float) -> Model:
    """A rule for one number x: label 1 above a number, else 0."""
    builder = Builder((1,))
    scores = builder.dense(builder.input, np.array([[0.0], [1.0]]), np.array([0.0, -at]), "last")
    return builder.model(scores, "step", "the test")


def about(
    model: Model, X: Sequence[float], y: Sequence[int], *radii: Fraction, **more: Any
) -> Audit:
    return audit(model, np.array(X)[:, None], list(y), robust=radii, **more)


def decided(found: Audit) -> Decided:
    result = found.results["robustness"]
    assert isinstance(result, Decided)
    return result


# Radii that are known


def test_a_radius_is_known_between_two_exact_ends() -> None:
    """From -1/8 to 3 the height 1/4 is passed on the left, at a distance of 1/8."""
    found = about(tent(0.25), [-0.125, 3.0], [0, 1], Fraction(1))
    near, far = found.robustness
    assert near.lower <= QUARTER / 2 <= (near.upper or 0)
    assert (near.upper or 0) - near.lower <= Fraction(1, PARTS)
    assert near.point is not None
    assert distance(near.point, near.original) == near.upper
    (scores,) = found.model.network.outputs([near.point])
    assert scores[1] > scores[0]
    assert (near.label, near.answer) == (0, 1)
    # From 3 there is no other label within 1, and what is farther was not asked.
    assert (far.lower, far.upper, far.answer) == (1, None, None)
    assert decided(found).grade is Grade.CERTIFIED
    assert found.count(Grade.UNDECIDED) == 0


def test_what_lies_beyond_the_limits_of_pixels_is_no_counterexample() -> None:
    inside, outside = ([0.5, 1.0], [0, 0]), ([0.5, 2.0], [0, 1])
    (kept, edge) = about(step(1.125), *inside, HALF).robustness
    assert [e.lower for e in (kept, edge)] == [HALF, HALF]  # 1.125 would be within 1/2 of 1
    # Data that are not all between 0 and 1 have no such limits.
    (free, _) = about(step(1.125), *outside, Fraction(3, 4)).robustness
    assert free.lower <= Fraction(5, 8) <= (free.upper or 0) <= Fraction(3, 4)


def test_each_radius_asked_for_is_decided_and_counted() -> None:
    found = about(
        step(0.5), [0.25, 0.375, 1.0], [0, 0, 1], QUARTER / 4, HALF / 2, HALF - QUARTER / 8
    )
    counts = {name: entry.count for name, entry in decided(found).found.items()}
    assert counts == {
        "robust within 1/16": 3, "not robust within 1/16": 0,
        "robust within 1/4": 1, "not robust within 1/4": 1,
        "robust within 15/32": 1, "not robust within 15/32": 2,
    }  # fmt: skip
    table = decided(found).tables[0]
    assert [row[1:] for row in table["rows"]] == [
        ["3", "3", "0", "0"], ["3", "1", "1", "1"], ["3", "1", "2", "0"]
    ]  # fmt: skip


def test_a_tie_is_no_other_label_and_no_certificate() -> None:
    """At 1/2 both scores are equal: within 1/4 of 1/4 there is no label 1, nor a proof of that."""
    (ends, _) = about(step(0.5), [0.25, 1.0], [0, 1], QUARTER).robustness
    assert ends.lower < QUARTER
    assert ends.upper is None
    assert ends.undecided(QUARTER)
    assert ends.open[QUARTER] == "two largest scores are equal at an input within it"


# What the search gives


def scripted(*answers: Any) -> Callable[..., Any]:
    """A search that gives some answers in turn, and fails the test when asked for more."""
    left = list(answers)

    def decide(network: Any, lower: Any, upper: Any, properties: Any, *, seconds: float) -> Any:
        answer = left.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if answer == "honest":
            return no_counterexample(network, lower, upper, properties, seconds=seconds)
        return answer

    return decide


UNDECIDED = Verdict("undecided")


def asked(
    model: Model, X: Sequence[float], y: Sequence[int], radius: Fraction, decide: Callable[..., Any]
) -> Decided:
    examples = Examples.of(np.array(X)[:, None], np.array(y))
    subject = subject_of(model, examples, (), None, (), 0, Asked((radius,)), 5.0)
    result = robustness(subject, decide)
    assert result is not None
    return result


def test_what_the_search_leaves_open_is_undecided_and_smaller_radii_are_asked() -> None:
    """1/2 is open, 1/4 certified; then nothing between them is decided any more."""
    answers = scripted(UNDECIDED, "honest", *[UNDECIDED] * 2 * PARTS)
    (ends,) = asked(tent(10.0), [0.5], [0], HALF, answers).ends
    assert ends.lower == QUARTER
    assert ends.open[HALF] == "no proof and no counterexample within 5 s"
    assert min(ends.open) - ends.lower <= HALF / PARTS


def test_a_proof_that_the_checker_refuses_is_none() -> None:
    def forged(network: Any, lower: Any, upper: Any, properties: Any, **more: Any) -> Any:
        """Say of a box what is true of a smaller one alone."""
        found = no_counterexample(network, lower, upper, properties, **more)
        if not found.certificates:
            return found
        (own,) = found.certificates
        wider = replace(own, instance={**own.instance, "upper": ["5"] * len(upper)})
        return replace(found, certificates=(wider,))

    result = asked(step(2.0), [0.5, 3.0], [0, 1], QUARTER, forged)
    # Up to 5 all is label 1 indeed, but not label 0.
    assert [e.lower for e in result.ends] == [0, QUARTER]
    assert result.found["robust within 1/4"].count == 1
    reasons = {d.subject: d.reason for d in result.decisions if d.grade is Grade.UNDECIDED}
    assert "rejected" in reasons["example 0: no other label within 1/4"]
    assert "did not accept" in reasons["example 0: another label within 1/4"]


def test_an_interrupted_audit_keeps_the_examples_that_were_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stopping = scripted("honest", KeyboardInterrupt())
    broken = replace(ROBUSTNESS, run=lambda subject: robustness(subject, stopping))
    monkeypatch.setattr(import_module("verify.questions.audit"), "QUESTIONS", (broken, *AFTER))
    with pytest.raises(Interrupted) as stopped:
        about(step(2.0), [0.5, 0.75, 3.0], [0, 0, 1], QUARTER)
    found = stopped.value.audit
    assert not found.complete
    assert len(found.robustness) == 1
    found.write(tmp_path / "audit")
    assert certify_cli.main(["check", str(tmp_path / "audit")]) == 0, capsys.readouterr().out
    page = (tmp_path / "audit" / "index.html").read_text(encoding="utf-8")
    assert "The command below starts again." in page
    assert "--resume" not in page  # of a run, which an audit is not


# Reports


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, data, and the audit of both."""
    folder = tmp_path_factory.mktemp("files")
    W, b = np.array([[1.0, -1.0], [0.5, 0.25]]), np.array([-0.5, 0.25])
    np.savez(folder / "model.npz", W=W, b=b)
    X = np.array([[0.0, 0.5], [0.25, 0.25], [0.75, 0.5], [1.0, 0.0]])
    np.savez(folder / "data.npz", X=X, y=(X @ W + b).argmax(axis=1))
    words = ["--data", folder / "data.npz", "--robust", "0.125", "--robust", "1/3"]
    assert audited(folder, *words, "--out", folder / "audit") == 0
    return folder


def audited(folder: Path, *words: object) -> int:
    return cli.main(["audit", str(folder / "model.npz"), *map(str, words)])


def test_a_report_says_what_was_decided_and_of_which_arithmetic(files: Path) -> None:
    report = json.loads((files / "audit" / "report.json").read_text(encoding="utf-8"))
    entry = next(e for e in report["experiments"] if e["id"] == "robustness")
    assert "This is about the network in real arithmetic" in entry["finding"]
    assert "scores within " in entry["finding"]
    assert entry["settings"]["seconds for each example"] == 5
    found = report["audit"]["questions"]["robustness"]["found"]
    assert {name.partition(" within ")[2] for name in found} == {"1/8", "1/3"}
    assert "--robust 0.125 --robust 1/3 --seconds 5" in report["run"]["command"]
    page = (files / "audit" / "index.html").read_text(encoding="utf-8")
    assert "accuracy (fraction of 4 examples)" in page
    assert "keep their label within 0.333333 units of the data" in page


def test_checker_and_binding_accept_the_honest_report(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert certify_cli.main(["check", str(files / "audit")]) == 0, capsys.readouterr().out
    words = [str(files / "audit"), str(files / "model.npz"), "--data", str(files / "data.npz")]
    assert certify_cli.main(["bind", *words]) == 0, capsys.readouterr().out
    assert "no-counterexample" in capsys.readouterr().out


def test_shares_of_ranges_are_balls_of_a_table(tmp_path: Path) -> None:
    """Features range over 4 and 1000, and the label tells whether the second is above 500."""
    builder = Builder((2,))
    last = np.array([[0.0, 0.0], [0.0, 1.0]])
    scores = builder.dense(builder.input, last, np.array([0.0, -500.0]), "last")
    model = builder.model(scores, "table", "the test")
    X, y = np.array([[0.0, 0.0], [4.0, 1000.0], [1.0, 436.0]]), [0, 1, 0]
    found = audit(model, X, y, robust=["5%", "12.5%"])
    far, _, near = found.robustness
    assert far.lower == Fraction(1, 8)
    # Ranges are rounded down to five bits: that of the second is 992, of which 64/992 are missing.
    assert near.lower <= Fraction(64, 992) <= (near.upper or 0) <= Fraction(1, 8)
    counts = {name: entry.count for name, entry in decided(found).found.items()}
    assert counts == {
        "robust within 1/20": 3, "not robust within 1/20": 0,
        "robust within 1/8": 2, "not robust within 1/8": 1,
    }  # fmt: skip
    assert "within 0.05 of the ranges, 3 keep the label" in decided(found).finding
    found.write(tmp_path / "audit")
    assert certify_cli.main(["check", str(tmp_path / "audit")]) == 0


def test_when_time_is_over_the_other_examples_are_not_asked_about() -> None:
    class Clock:
        now = 0.0

    def slow(*given: Any, **more: Any) -> Any:
        Clock.now += 100.0
        return no_counterexample(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("least_radius", "robustness"):
            patch.setattr(f"verify.questions.{module}.monotonic", lambda: Clock.now)
        result = asked(step(2.0), [0.5, 0.75, 3.0], [0, 0, 1], QUARTER, slow)
    assert len(result.ends) == len(result.examples) == 1
    assert "For 2 others there was no time." in result.finding


def test_a_count_that_certificates_do_not_show_is_refused(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(files / "audit", tmp_path / "audit"))
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    report["audit"]["questions"]["robustness"]["found"]["robust within 1/3"]["count"] += 1
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert certify_cli.main(["check", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "report.json: audit.questions.robustness.found: expected {" in said


@pytest.mark.parametrize(
    ("shift", "roll", "reason"),
    [(0.0, 1, " of the data has not"), (0.125, 0, "point 4 is not example 0 of the data")],
)
def test_boxes_around_other_examples_are_refused(
    files: Path, tmp_path: Path, shift: float, roll: int, reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with np.load(files / "data.npz") as stored:
        np.savez(tmp_path / "data.npz", X=stored["X"] + shift, y=np.roll(stored["y"], roll))
    words = [str(files / "audit"), str(files / "model.npz"), "--data", str(tmp_path / "data.npz")]
    assert certify_cli.main(["bind", *words]) == 1
    assert reason in capsys.readouterr().out


# What is refused


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--robust", "0"), "--robust: expected a positive number"),
        (("--robust", "-0.5"), "--robust: expected a positive number"),
        (("--robust", "nan"), "--robust: expected"),
        (("--robust", "many"), "--robust: expected"),
        (("--robust", "0%"), "--robust: expected a positive share such as 5%, got 0%"),
        (("--robust", "5%%"), "--robust: expected a positive share such as 5%, got 5%%"),
        (("--robust", "101%"), "--robust: expected at most 100%, all of a range, got 101%"),
        (("--robust", "9%", "--robust", "150%"), "of a range, got 150%"),
        (("--robust", "5%", "--robust", "1"), "--robust: expected all radii in units of the data"),
        (("--robust", "1.5"), "robust: expected at most 1, the range of the data, got 1.5"),
        (("--robust", "0.1", "--seconds", "0"), "--seconds: expected a positive finite number"),
        (("--robust", "0.1", "--seconds", "nan"), "--seconds: expected a positive finite number"),
        (("--robust", "0.1", "--seconds", "inf"), "expected a positive finite number, got float"),
    ],
)
def test_bad_input_is_named_in_one_line(
    files: Path, tmp_path: Path, words: tuple[str, ...], line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    code = audited(files, "--data", files / "data.npz", "--out", tmp_path / "new", *words)
    said = capsys.readouterr().err
    assert code == 2, said
    assert line in said.splitlines()[-1]
    assert not (tmp_path / "new").exists()


def test_a_radius_needs_examples(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audited(files, "--robust", "0.1") == 2
    assert "--robust: expected this option with --data, got no --data" in capsys.readouterr().err
    with pytest.raises(InputError, match="robust: expected examples, around which radii are"):
        audit(step(0.5), robust=0.1)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"seconds": "x"}, "seconds: expected a positive finite number, got str 'x'"),
        ({"seconds": True}, "seconds: expected a positive finite number, got bool True"),
        ({"seconds": 10**400}, "seconds: expected a positive finite number, got int <an integer"),
        ({"robust": None, "radii": 1j}, "radii: expected positive numbers, got complex 1j"),
        ({"robust": object()}, "robust: expected positive numbers, got object <"),
        ({"robust": np.array(0.1)}, "robust: expected positive numbers, got ndarray array(0.1)"),
        ({"twins": 5}, "twins: expected pairs of examples, got int 5"),
        ({"twins": [([0], [1])]}, "twins: expected pairs of examples, such as (3, 17), got tuple"),
        ({"image_shape": 28}, "image_shape: expected positive integers, such as (28, 28), got int"),
        ({"image_shape": (-1, -1)}, "image_shape: expected positive integers, such as (28, 28)"),
        ({"progress": 5}, "progress: expected a function of two numbers and a name, got int 5"),
    ],
)
def test_arguments_that_are_none_are_named_in_one_line(given: dict[str, Any], line: str) -> None:
    with pytest.raises(InputError) as refused:
        audit(step(0.5), np.array([[0.25], [0.75]]), [0, 1], **{"robust": ["2%"], **given})
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_votes_have_no_largest_score() -> None:
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    model = SVC(kernel="linear").fit(X, [0, 0, 1, 1, 2, 2])
    with pytest.raises(InputError, match="robust: expected a model whose largest score is its"):
        audit(model, X, [0, 0, 1, 1, 2, 2], robust=0.1)


def test_ends_are_rounded_to_the_safe_side() -> None:
    third = Fraction(1, 3)
    assert (rounded(third, up=False), rounded(third, up=True)) == ("0.3333", "0.3334")
    assert (rounded(QUARTER, up=True), rounded(None, up=True)) == ("0.25", "none")
    assert rounded(Fraction(1, 3 * 10**6), up=True) == "0.0000003334"
