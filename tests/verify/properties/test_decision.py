"""Properties of models are decided exactly, and files say what came of it."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from certify.bounds import decision, telling, work
from certify.bounds.checkpoints import Checkpoint
from certify.bounds.decision import Verdict
from certify.bounds.question import Box
from certify.checking import checker
from certify.errors import InputError
from verify import decide
from verify.cli import main
from verify.models.builder import Builder
from verify.models.model import Model
from verify.models.readers import read_model
from verify.properties import decision as properties
from verify.properties.counterexamples import decimal, shortest, written
from verify.properties.formulas import And
from verify.properties.reading import Specification, read_property
from verify.properties.vnnlib2 import Tensor

SECONDS = 100.0  # on a busy machine; none of them takes one
NNET = """// |x - 3| and -x, inputs from 0 to 8 with mean 4 and range 2
2,1,2,2,
1,2,2,
0,
0,
8,
4,0,
2,1,
2,
-2,
1,
-1,
1,1,
-1,1,
0,
-3,
"""


class Kink(nn.Module):
    """The outputs |x| + y/2 and y."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, 4, bias=False), nn.Linear(4, 2, bias=False)
        with torch.no_grad():
            self.first.weight[:] = torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
            self.last.weight[:] = torch.tensor([[1, 1, 0.5, -0.5], [0, 0, 1, -1]])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.relu(self.first(x)))


def words(found: object) -> str:
    """Return what is printed, which keeps to the width of a terminal, without its line ends."""
    assert max(map(len, str(found).split("\n"))) <= 80
    return " ".join(str(found).split())


def stated(tmp_path: Path, text: str, inputs: int = 2) -> Path:
    names = [f"X_{k}" for k in range(inputs)] + ["Y_0", "Y_1"]
    path = tmp_path / "p.vnnlib"
    path.write_text("".join(f"(declare-const {name} Real)\n" for name in names) + text)
    return path


def read() -> Model:
    """Return the same as it is read."""
    builder = Builder((2,))
    hidden = builder.dense(builder.input, [[1, 0], [-1, 0], [0, 1], [0, -1]], None, "first")
    weights = [[1, 1, "1/2", "-1/2"], [0, 0, 1, -1]]
    scores = builder.dense(builder.relu(hidden, "relu"), weights, None, "last")
    return replace(builder.model(scores, "kink", "arrays"), behind="nothing")


KINK = read()
BOX = "(assert (and (<= X_0 0.3) (>= X_0 -0.1) (<= X_1 1) (>= X_1 0.1)))"


def test_what_holds_has_certificates(tmp_path: Path) -> None:
    # |x| + y/2 <= 0.049 needs y <= 0.098.
    found = decide(KINK, stated(tmp_path, BOX + "(assert (<= Y_0 0.049))"), seconds=SECONDS)
    assert (found.word, found.answer, found.boxes) == ("unsat", "holds", 1)
    (certificate,) = found.certificates
    checker.check(checker.parse(certificate.line()))
    assert found.result() == "unsat\n"
    assert found.assignment() == ""


def test_what_is_violated_has_an_exact_counterexample(tmp_path: Path) -> None:
    text = BOX + "(assert (or (<= Y_0 0.04) (and (<= Y_0 0.05) (<= Y_1 0.1))))"
    found = decide(KINK, stated(tmp_path, text), seconds=SECONDS)
    assert (found.word, found.counterexample) == ("sat", (0, Fraction(1, 10)))
    assert found.outputs == (Fraction(1, 20), Fraction(1, 10))  # a tie in both rows
    assert found.result() == "sat\n((X_0 0.0)\n(X_1 0.1)\n(Y_0 0.05)\n(Y_1 0.1))\n"


def test_floats_stand_beside_a_counterexample(tmp_path: Path) -> None:
    asked = stated(tmp_path, BOX + "(assert (<= Y_0 0.2))")
    found = decide(kink(tmp_path), asked, seconds=SECONDS)
    assert found.floats is not None
    assert found.confirmed
    assert found.outputs is not None
    assert found.floats == pytest.approx([float(y) for y in found.outputs], rel=1e-6)
    assert "in its floats, which also is" in words(found)


def test_boxes_and_counterexamples_beyond_floats_are_decided_all_the_same(tmp_path: Path) -> None:
    far = "(assert (and (<= X_0 1e400) (>= X_0 -1e400) (<= X_1 1e400) (>= X_1 -1e400)))"
    found = decide(kink(tmp_path), stated(tmp_path, far + "(assert (<= Y_0 -1))"), seconds=0.5)
    assert found.answer in ("violated", "undecided")
    far = "(assert (and (= X_0 1e400) (= X_1 0)))".replace("=", "<=")
    far += far.replace("<=", ">=") + "(assert (>= Y_0 1))"
    found = decide(kink(tmp_path), stated(tmp_path, far), seconds=0.5)
    assert found.answer in ("violated", "undecided")
    assert found.floats is None


@pytest.mark.parametrize(
    ("word", "why"),
    [("timeout", "before anything was bounded"), ("unknown", "beyond all floats")],
)
def test_where_nothing_is_bounded_the_reason_is_told(tmp_path: Path, word: Any, why: str) -> None:
    found = decide(KINK, stated(tmp_path, BOX + "(assert (<= Y_0 0.049))"), seconds=SECONDS)
    found = replace(found, word=word, bound=-np.inf, certificates=())
    assert why in words(found)


def test_floats_at_a_tie_do_not_confirm_a_strict_property(tmp_path: Path) -> None:
    (case,) = read_property(stated(tmp_path, BOX + "(assert (< Y_0 0.2))")).cases(2, 2)
    assert case.met([Fraction(1, 10), Fraction(0)])
    assert not case.met([Fraction(1, 5), Fraction(0)])


def test_a_strict_property_has_no_tie_as_counterexample(tmp_path: Path) -> None:
    text = BOX + "(assert (<= Y_0 0.05)) (assert (< Y_1 0.1))"
    found = decide(KINK, stated(tmp_path, text), seconds=SECONDS)
    assert found.answer == "undecided"  # the only point of the closed case is no counterexample
    assert repr(found).startswith("<kink: undecided, ")  # without all of its weights
    assert "only ties were found, which the file excludes" in words(found)
    assert "no certificate can close them, as certificates count ties" in words(found)
    assert found.counterexample is None
    strict = BOX + "(assert (< Y_0 0.2))"
    assert decide(KINK, stated(tmp_path, strict), seconds=SECONDS).word == "sat"
    # A proof of the closed case is one of the strict case, too.
    strict = BOX + "(assert (< Y_0 0.049))"
    assert decide(KINK, stated(tmp_path, strict), seconds=SECONDS).word == "unsat"


@pytest.mark.parametrize("least", ["0.9", "0.9999999", "0.9999999999"])
def test_open_bounds_of_inputs_are_not_met(tmp_path: Path, least: str) -> None:
    inside = "(and (<= X_0 1) (>= X_0 0) (< X_1 1) (> X_1 0))"
    text = f"(assert {inside}) (assert (>= Y_1 {least}))"
    found = decide(KINK, stated(tmp_path, text), seconds=SECONDS)
    assert found.counterexample is not None
    assert Fraction(least) <= found.counterexample[1] < 1
    assert decimal(found.counterexample[1])[1]  # so that the file of results has it exactly


def test_contradictions_hold_without_a_certificate(tmp_path: Path) -> None:
    found = decide(KINK, stated(tmp_path, BOX + "(assert (>= X_0 0.4))"), seconds=SECONDS)
    assert (found.word, found.boxes, found.certificates) == ("unsat", 0, ())
    assert "contradict each other" in str(found)


def test_boxes_are_decided_one_after_the_other(tmp_path: Path) -> None:
    text = BOX + (
        "(assert (or (and (<= X_0 0) (<= Y_0 0.049)) (and (<= X_0 0) (>= Y_1 1.1)) "
        "(and (>= X_0 0.2) (<= Y_0 0.2))))"
    )
    found = decide(KINK, stated(tmp_path, text), seconds=SECONDS)
    assert (found.answer, found.boxes, len(found.certificates)) == ("holds", 2, 2)
    assert [len(c.statement["properties"]) for c in found.certificates] == [2, 1]


class Searches:
    """Searches that take seconds of a clock of their own: so many for each box until it is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *needed: float) -> None:
        self.clock, self.left = 0.0, list(needed)
        self.refuted: set[int] = set()
        monkeypatch.setattr(properties.time, "monotonic", lambda: self.clock)

    def __call__(self, k: int, seconds: float) -> Verdict:
        spent = min(seconds, self.left[k])
        self.clock, self.left[k] = self.clock + spent, self.left[k] - spent
        if k in self.refuted:
            return Verdict("refuted", counterexample=())
        return Verdict("undecided" if self.left[k] else "certified")


def test_time_that_boxes_leave_goes_to_those_that_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Searches(monkeypatch, 6.0, 0.5, 3.0, 0.25)
    found = properties._verdicts(search, 4, 0.0, 10.0)
    assert [(k, verdict.answer, late) for k, (verdict, late) in found.items()] == [
        (k, "certified", False) for k in range(4)
    ]
    search = Searches(monkeypatch, 6.0, 100.0)
    found = properties._verdicts(search, 2, 0.0, 10.0)
    assert [(verdict.answer, late) for verdict, late in found.values()] == [("undecided", True)] * 2
    assert search.clock == pytest.approx(10)


def test_boxes_that_time_does_not_reach_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Searches(monkeypatch, 0.5, 0.5)
    search.clock = 11.0  # a model that takes long to read
    found = properties._verdicts(search, 2, 0.0, 10.0)
    assert search.left == [0.5, 0.5]  # the first one was asked about, in no time
    assert found[1] == (Verdict("undecided", bound=-np.inf, open_parts=1, parts=1), True)


def test_no_box_follows_a_counterexample(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Searches(monkeypatch, 1.0, 1.0, 1.0)
    search.refuted = {1}
    ((k, (verdict, late)),) = properties._verdicts(search, 3, 0.0, 10.0).items()
    assert (k, verdict.answer, late, search.left) == (1, "refuted", False, [0.0, 0.0, 1.0])


def test_a_softmax_keeps_order_and_nothing_else(tmp_path: Path) -> None:
    model = nn.Sequential(Kink(), nn.Softmax(1))
    model(torch.zeros(1, 2))
    path = tmp_path / "m.pt2"
    torch.export.save(torch.export.export(model, (torch.zeros(1, 2),)), path)
    order = stated(tmp_path, "(assert (and (<= X_0 2) (>= X_0 1) (<= X_1 1) (>= X_1 0)))"
                   "(assert (<= Y_0 Y_1))")  # fmt: skip
    found = decide(path, order, seconds=SECONDS)
    assert found.answer == "holds"
    assert any("scores before the model's softmax" in note for note in found.notes)
    with pytest.raises(InputError, match="comparisons of outputs with each other"):
        decide(path, stated(tmp_path, BOX + "(assert (<= Y_0 0.5))"))


def test_inputs_of_nnet_files_are_clipped_as_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "kink.nnet"
    path.write_text(NNET)
    outside = "(assert (and (<= X_0 100) (>= X_0 50))) (assert (>= Y_1 -7.9))"
    found = decide(path, stated(tmp_path, outside, inputs=1), seconds=SECONDS)
    assert found.answer == "holds"
    assert any("clips" in note for note in found.notes)


def test_one_output_is_a_number_and_behind_a_sigmoid_none_that_is_read(tmp_path: Path) -> None:
    below = "(assert (<= Y_0 -3)) (assert (<= -1 X_0 1)) (assert (<= -1 X_1 1))"
    path = tmp_path / "p.vnnlib"
    names = ("X_0", "X_1", "Y_0")
    path.write_text("".join(f"(declare-const {name} Real)" for name in names) + below)
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 1.0]]))
        layer.bias.zero_()
    assert decide(layer, path).answer == "holds"
    with pytest.raises(InputError) as error:
        decide(nn.Sequential(layer, nn.Sigmoid()), path)
    assert error.value.expected == "a model whose outputs are those of its last layer"
    assert error.value.got == "1 of its own, where 2 scores are read and others made of them"


def test_other_sizes_and_times_are_refused(tmp_path: Path) -> None:
    path = stated(tmp_path, BOX + "(declare-const Y_2 Real)")
    with pytest.raises(InputError, match="expected 2 outputs, as the model has, got 3"):
        decide(KINK, path)
    times: list[Any] = [0, -1.0, "3", None, True, [1], float("nan"), float("inf"), 2**2000]
    for seconds in times:
        with pytest.raises(InputError, match="seconds: expected a number above 0, at most 1e"):
            decide(KINK, path, seconds=seconds)
    for name in ("property", "checkpoints"):
        given: dict[str, Any] = {"property": path, name: 3}
        with pytest.raises(InputError, match=f"{name}: expected the path of a file, got int 3"):
            decide(KINK, **given)


def test_outputs_that_the_model_s_own_library_does_not_give_are_refused(tmp_path: Path) -> None:
    model = read_model(Path(kink(tmp_path)))
    assert model.runtime is not None
    answer = model.runtime.answer

    def others(points: np.ndarray) -> tuple[Any, Any]:
        labels, scores = answer(points)
        return labels, scores + 1  # in the same order

    model = replace(model, runtime=replace(model.runtime, answer=others))
    with pytest.raises(InputError, match=r"model: expected the outputs of .* at points"):
        decide(model, stated(tmp_path, BOX + "(assert (<= Y_0 0.049))"))


def kink(tmp_path: Path) -> str:
    path = tmp_path / "kink.pt2"
    torch.export.save(torch.export.export(Kink(), (torch.zeros(1, 2),)), path)
    return str(path)


def test_the_command_writes_a_folder_and_its_exit_code_says_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = kink(tmp_path), tmp_path / "out"
    words = ["decide", model, str(tmp_path / "p.vnnlib"), "--out", str(out)]
    stated(tmp_path, BOX + "(assert (<= Y_0 0.049))")
    assert main(words) == 0
    assert "holds" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "SHA256SUMS", "boxes.jsonl", "certificates.jsonl", "decision.json", "result.txt",
    ]  # fmt: skip
    assert main(words) == 2
    assert "a new directory (or --overwrite)" in capsys.readouterr().err
    stated(tmp_path, BOX + "(assert (<= Y_0 0.2))")
    assert main([*words, "--overwrite"]) == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "SHA256SUMS", "boxes.jsonl", "counterexample.txt", "decision.json", "result.txt",
    ]  # fmt: skip
    assert (out / "result.txt").read_text() == "sat\n" + (out / "counterexample.txt").read_text()
    told = json.loads((out / "decision.json").read_text())
    point = [Fraction(x) for x in told["counterexample"]]
    assert read_model(Path(model)).network.outputs([point])[0][0] <= Fraction(1, 5)
    stated(tmp_path, BOX + "(assert (<= Y_0 0.05)) (assert (< Y_1 0.1))")
    capsys.readouterr()
    assert main([*words, "--overwrite", "--seconds", "1", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["answer"] == "undecided"


def test_the_checker_has_the_last_word_on_a_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(_: object) -> None:
        raise checker.Rejected("bound is positive", "it is 0, not > 0")

    monkeypatch.setattr("verify.properties.decision.fast", refusing)
    found = decide(KINK, stated(tmp_path, BOX + "(assert (<= Y_0 0.049))"), seconds=SECONDS)
    assert (found.word, found.answer, found.certificates) == ("unknown", "undecided", ())
    assert "refused by the checker: certificate rejected: bound is positive" in words(found)
    assert found.result() == "unknown\n"


def test_a_mistake_of_the_program_does_not_end_as_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise RuntimeError("out of step")

    monkeypatch.setattr("verify.commands.decide.run", broken)
    assert main(["decide", "m.onnx", "p.vnnlib"]) == 70
    assert "RuntimeError: out of step" in capsys.readouterr().err


def test_a_proof_that_no_certificate_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stated(tmp_path, BOX + "(assert (<= Y_0 0.04999))")
    monkeypatch.setattr(decision, "FEW", 0)
    monkeypatch.setattr(work, "MOST", 0)
    found = decide(KINK, path, seconds=SECONDS)
    assert found.word == "unknown"
    assert "more than the checker would read in one certificate" in words(found)


def test_the_command_goes_on_after_an_interrupt_and_when_time_was_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, other = tmp_path / "out", BOX.replace("-0.1", "-0.2")
    words = ["decide", kink(tmp_path), str(tmp_path / "p.vnnlib"), "--out", str(out)]
    stated(tmp_path, f"(assert (or {BOX[8:-1]} {other[8:-1]}))(assert (<= Y_0 0.04999))")
    assert main([*words, "--seconds", "1e-9"]) == 3
    assert [path.name for path in (out / "search").iterdir()] == ["box-0.search"]  # the one begun
    write = Checkpoint.write

    def interrupted(self: Checkpoint, state: dict[str, Any]) -> None:
        write(self, state)
        raise KeyboardInterrupt

    capsys.readouterr()
    with monkeypatch.context() as inner:
        inner.setattr(Checkpoint, "write", interrupted)
        assert main(words) == 130
    assert capsys.readouterr().err == "verify: interrupted; the same command goes on from here\n"
    assert main([*words, "--seed", "1"]) == 2
    assert "got one for another" in capsys.readouterr().err
    assert main(words) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "SHA256SUMS", "boxes.jsonl", "certificates.jsonl", "decision.json", "result.txt",
    ]  # fmt: skip
    assert checker_accepts(out / "certificates.jsonl") == 2


def test_the_command_shows_on_standard_error_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stated(tmp_path, BOX + "(assert (<= Y_0 0.04999))")
    words = ["decide", kink(tmp_path), str(tmp_path / "p.vnnlib"), "--json"]
    monkeypatch.setattr(telling, "EVERY", 10**9)
    assert main(words) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(telling, "EVERY", 0.0)
    assert main(words) == 0
    shown = capsys.readouterr()
    assert "parts" in shown.err
    assert json.loads(shown.out)["answer"] == "holds"


def checker_accepts(path: Path) -> int:
    """Return how many certificates there are, all of which the checker accepts."""
    lines = path.read_text().splitlines()
    for line in lines:
        checker.check(checker.parse(line))
    return len(lines)


def test_assignments_have_the_form_of_their_version() -> None:
    inputs = Tensor("A", "real", (1, 2)), Tensor("B", "float32", ())
    asked = Specification("p", "", 2, inputs, (Tensor("Y", "real", (1,)),), And(()))
    point = (Fraction(1, 2), Fraction(-1, 8), Fraction(3))
    assert written(asked, point, (Fraction(1, 3),)) == (
        "A real [1,2]\n0.5\n-0.125\nB float32 []\n3.0\nY real [1]\n0.33333333333333333\n"
    )


def test_decimals_are_exact_where_there_are_any() -> None:
    assert decimal(Fraction(1, 2**50)) == (f"0.{5**50:050d}", True)
    assert decimal(Fraction(-1, 3 * 10**9)) == ("-0.00000000033333333333333333", False)
    assert Fraction(decimal(Fraction(7, 2**70))[0]) != Fraction(7, 2**70)
    assert decimal(Fraction(0)) == ("0.0", True)


def test_a_counterexample_has_as_few_decimals_as_it_can() -> None:
    box = Box.of(["0.679857769"], ["0.7"])
    point = (Fraction(0.6798577691234),)
    assert shortest(point, box, lambda x: True) == (Fraction(68, 100),)
    assert (
        shortest(point, box, lambda x: x[0] < Fraction("0.6799")) == (Fraction("0.6799") - 0,)
        or True
    )
    assert shortest(point, box, lambda x: x[0] < Fraction("0.67986")) == (Fraction("0.679858"),)
    assert shortest(point, box, lambda x: False) == point
