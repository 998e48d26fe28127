"""Audits: known answers, certificates that check, reports, exit codes and refusals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_iris
from sklearn.svm import LinearSVC
from torch import nn

import certify
import verify
from certify.checking import checker
from certify.errors import InputError
from verify import cli, commands
from verify.attack.networks import build
from verify.commands.audit import found_in, was_asked
from verify.evidence.grades import Grade
from verify.evidence.result import Result
from verify.models.builder import Builder
from verify.models.model import Model
from verify.questions import Audit, attacks, convexity, head, hulls, pairs, universal_steps
from verify.questions.audit import audit
from verify.questions.question import Subject
from verify.questions.units import Units

IRIS = load_iris(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
IMAGES, LABELS = (DIGITS[0][:300] / 16).astype(np.float32), DIGITS[1][:300]


def linear(W: Any, b: Any) -> Model:
    builder = Builder((len(W),))
    scores = builder.dense(builder.input, np.array(W, np.float64).T, b, "the test")
    return builder.model(scores, "test", "the test")


def network(first: Any, between: Any, last: Any, biases: Any) -> Model:
    """Return a network of two dense layers with ReLU between."""
    builder = Builder((len(first[0]),))
    hidden = builder.relu(builder.dense(builder.input, first, between, "first"), "relu")
    return builder.model(builder.dense(hidden, last, biases, "last"), "net", "test")


def subject(model: Model, X: Any = ((0.0, 0.0),), y: Any = (0,)) -> Subject:
    flat = np.array(X, np.float64)
    radii, rows = (Fraction(1, 10),), np.arange(len(flat))
    return Subject(model, flat, np.array(y), (flat.shape[1],), Units(), radii, (), 0, rows)


def table_of(result: Result | None, number: int = 0) -> list[list[Any]]:
    assert result is not None
    assert all(d.grade is Grade.CERTIFIED for d in result.decisions)
    rows: list[list[Any]] = result.tables[number]["rows"]
    return rows


@pytest.fixture(scope="module")
def of_digits() -> Audit:
    return verify.audit(LinearSVC(random_state=0).fit(IMAGES, LABELS), IMAGES, LABELS)


# Known answers


def test_a_head_with_a_dead_feature_has_one_direction_more() -> None:
    model = linear([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 0]], [0, 0, 0])
    ((shape, rank, dimension, promised),) = table_of(head.invariance(subject(model, np.eye(4))))
    assert (shape, rank, dimension, promised) == ("4 x 3", "2", "2", "1")


def test_regions_of_a_small_head() -> None:
    # On the line: class 1 lies between the others, class 3 below all of them.
    model = linear([[-1, 0, 1, 0]], [0, 1, 0, -5])
    found = head.class_regions(subject(model, [[0.0]]))
    assert table_of(found) == [
        ["0", "unbounded", "1"], ["1", "bounded", "0, 2"], ["2", "unbounded", "1"],
        ["3", "empty", "none"],
    ]  # fmt: skip
    # All borders on a line are parallel, but for the border of equal weights, which is none.
    assert len(table_of(found, 1)) == sum("parallel borders" in d.subject for d in found.decisions)
    assert len(table_of(found, 1)) == 10


def test_of_many_parallel_borders_those_with_a_certificate_are_listed() -> None:
    model = linear([list(range(8))], [-k * k for k in range(8)])
    found = head.class_regions(subject(model, [[0.0]]))
    assert len(table_of(found, 1)) == head.PARALLEL
    assert "378 pairs of borders are parallel" in found.finding


def test_no_parallel_borders_are_certified_for_dependent_heads_too() -> None:
    found = head.class_regions(subject(linear([[0, 1, 0, 3], [0, 0, 1, 5]], [0] * 4)))
    assert found is not None
    assert {d.grade for d in found.decisions} == {Grade.CERTIFIED}
    assert "no parallel borders" in {d.subject for d in found.decisions}


def test_independent_weights_and_linear_programs_agree() -> None:
    rng = np.random.default_rng(1)
    W, b = rng.normal(size=(4, 4)), rng.normal(size=4)
    one = head.class_regions(subject(linear(W, b), np.zeros((1, 4))))
    assert head.Independent.of(linear(W, b).head, certify.invariant_dimension(W)) is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(head.Independent, "of", lambda *_: None)
        two = head.class_regions(subject(linear(W, b), np.zeros((1, 4))))
    assert table_of(one) == table_of(two)


def test_the_rank_answers_for_large_heads() -> None:
    rng = np.random.default_rng(2)
    wide = linear(rng.normal(size=(40, 35)).astype(np.float32), np.zeros(35))
    result = head.class_regions(subject(wide, np.zeros((1, 40))))
    assert result is not None
    assert "all 35 class regions are unbounded" in result.finding
    assert [d.grade for d in result.decisions] == [Grade.CERTIFIED]
    narrow = linear(rng.normal(size=(5, 35)), np.zeros(35))
    (undecided,) = head.class_regions(subject(narrow, np.zeros((1, 5)))).decisions
    assert undecided.grade is Grade.UNDECIDED
    assert "more than 30 classes" in undecided.reason


def test_large_heads_are_decided_by_the_fast_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "WEIGHTS", 3)
    model = linear([[1, 0, 0], [0, 1, 0], [0, 0, 2]], [0, 0, 0])
    for question in (head.invariance, head.class_regions):
        result = question(subject(model, np.eye(3)))
        assert result is not None
        assert result.grade is Grade.CERTIFIED
    wrong = model.dimension.certificate
    forged = type(wrong)(wrong.kind, wrong.instance, {**wrong.statement, "rank": 1}, wrong.evidence)
    decision = head._decided("a forged rank", forged, 9)
    assert decision.grade is Grade.UNDECIDED
    assert "minor" in decision.reason


def test_the_most_confused_pairs_are_asked_about() -> None:
    model = linear(np.eye(6), np.zeros(6))
    X = np.eye(6)[[0, 1, 2, 3, 4, 5, 2, 2]]
    asked = subject(model, X, [0, 1, 2, 3, 4, 5, 5, 0])
    assert hulls.chosen(asked) == [(0, 1), (0, 2), (0, 3), (2, 5)]


def test_two_classes_share_the_only_border() -> None:
    found = head.class_regions(subject(linear([[1, 0], [0, 2]], [0, 1])))
    assert table_of(found) == [["0", "unbounded", "1"], ["1", "unbounded", "0"]]


def test_equal_classes_have_no_border() -> None:
    found = head.class_regions(subject(linear([[1, 1, 0]], [0, -1, 0]), [[0.0]]))
    assert found is not None
    assert found.tables[0]["rows"][1][1:] == ["empty", "none"]
    graded = {d.subject: d for d in found.decisions}
    equal = graded["border of 0 and 1"]
    assert equal.grade is Grade.CERTIFIED
    assert equal.certificates[0].statement == {"relations": [["a0", "=", "b0"]]}


def test_a_head_without_borders_has_nothing_certified_of_them() -> None:
    found = head.class_regions(subject(linear([[1, 1, 1]], [0, -1, 0]), [[0.0]]))
    assert found is not None
    decision = next(d for d in found.decisions if d.subject == "no parallel borders")
    assert decision.grade is Grade.UNDECIDED
    assert decision.reason == "all classes have equal weights, and there is no border"


def test_steps_of_a_linear_model_on_points_of_a_line() -> None:
    # The rule flips at 1/2; the widest margin is 1/2, the direction 1 long.
    model = linear([[0, 1]], [0, -0.5])
    asked = subject(model, [[0.0], [1.0], [3.0]], [0, 1, 1])
    result = pairs.margins(asked)
    ((name, count, separable, margin, support, tried, flipped, _),) = table_of(result)
    assert (name, count, separable, margin, support) == ("0 vs 1", "3", "yes", "0.5", "2")
    assert (tried, flipped) == ("3", "3")
    assert result is not None
    steps = result.decisions[1].certificates[0].statement["steps"]
    assert sorted(map(Fraction, steps)) == [Fraction(1, 2), Fraction(1, 2), Fraction(5, 2)]


def test_a_pair_that_no_rule_separates_is_said_to_be_so() -> None:
    asked = subject(linear([[0, 1]], [0, 0]), [[0.0], [2.0], [1.0]], [0, 0, 1])
    ((_, _, separable, margin, *_),) = table_of(pairs.margins(asked))
    assert (separable, margin) == ("no", "none")
    assert universal_steps.universal(asked) is None


def test_a_rule_is_asked_about_the_points_that_it_reads_right() -> None:
    # Inseparable as they are, but the rule x > 1/2 is right on all but one.
    asked = subject(linear([[0, 1]], [0, -0.5]), [[0.0], [2.0], [1.0]], [0, 0, 1])
    ((_, _, separable, margin, _, tried, flipped, own, _),) = table_of(pairs.margins(asked))
    assert (separable, margin, tried, flipped, own) == ("no", "none", "3", "2", "0.5")


def test_signs_of_output_weights_tell_the_convex_class() -> None:
    model = network(
        [[1.0, 0.0], [0.0, 1.0]], [0.0, 1.0], [[0.0, 0.0], [1.0, 2.0], [1.0, -1.0]], [0.5, 0.0, 0.0]
    )
    found = convexity.convex(subject(model))
    assert table_of(found) == [["0 vs 1", "0"], ["1 vs 2", "2"]]
    assert convexity.convex(subject(linear([[1, 2]], [0, 0]), [[0.0]])) is None


def test_twins_on_request() -> None:
    network = build("mlp", 0, (4, 3))
    X = np.array([[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.5]], np.float32)
    found = audit(network, X, [0, 1], radii=(0.5,), twins=[(0, 1)])
    assert table_of(found.results["exact-twins"]) == [["0 to 1", "found", ""]]
    assert "same softmax" in json.dumps(
        found.results["exact-twins"].decisions[0].certificates[0].to_json()
    )


# Whole audits


def test_an_audit_answers_and_every_certificate_checks(of_digits: Audit) -> None:
    assert list(of_digits.results) == [
        "adversaries", "pairs", "universal-steps", "invariant-directions", "class-regions",
    ]  # fmt: skip
    assert of_digits.count(Grade.CERTIFIED) == len(of_digits.decisions) > 60
    for decision in of_digits.decisions:
        for certificate in decision.certificates:
            checker.check(checker.parse(certificate.line()))
    assert "Exactly a 55-dimensional space" in str(of_digits)


def test_a_notebook_shows_words_formulas_and_pictures(of_digits: Audit) -> None:
    shown = of_digits._repr_html_()
    assert shown.count("<p><b>") == len(of_digits.results)
    assert "<math" in shown
    assert shown.count("<svg") >= 4
    assert "<script" not in shown


def test_inputs_beyond_the_unit_box_are_attacked_as_they_are() -> None:
    found = audit(LinearSVC(random_state=0).fit(*IRIS), *IRIS, radii=(1.0,))
    ((_, attacked, fooled),) = table_of(found.results["adversaries"])
    assert int(fooled) > int(attacked) // 2
    (certificate,) = found.results["adversaries"].decisions[0].certificates
    assert {fact["fact"] for fact in certificate.statement["facts"]} == {"label", "within"}


def test_float64_examples_are_not_rounded() -> None:
    found = hulls.pair(
        subject(linear([[0, 1]], [0, 0]), [[0.1], [1.1]], [0, 1]), (0, 1)
    )  # fmt: skip
    assert found.margin is not None
    assert found.margin.margin_squared == ((Fraction(1.1) - Fraction(0.1)) / 2) ** 2


def test_without_examples_only_the_model_is_asked_about() -> None:
    found = audit(LinearSVC(random_state=0).fit(*IRIS))
    assert list(found.results) == ["invariant-directions", "class-regions"]
    assert "examples" not in found.results["invariant-directions"].finding
    assert found.to_json()["data"]["examples"] == 0
    assert found.count(Grade.CERTIFIED) == len(found.decisions)


def test_equal_seeds_give_equal_answers(of_digits: Audit) -> None:
    again = verify.audit(LinearSVC(random_state=0).fit(IMAGES, LABELS), IMAGES, LABELS)
    assert again.to_json() == of_digits.to_json()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"X": IMAGES[:, :5]}, "X: expected 64 numbers in each example"),
        ({"X": IMAGES[0]}, "X: expected numbers of shape (n, ...)"),
        ({"X": IMAGES * np.float32(np.nan)}, "X: expected finite numbers"),
        ({"y": LABELS[:5]}, "one label for each example, got int64 of shape (5,)"),
        ({"y": None}, "y: expected 300 whole numbers or words, one label for each example, got n"),
        ({"y": LABELS + 7}, "y: expected labels of the model"),
        ({"X": None}, "X: expected examples for the labels"),
        ({"radii": ()}, "radii: expected positive numbers, got none"),
        ({"radii": (0.1, -1)}, "radii: expected a positive number in the range of floats, got -1"),
        ({"twins": [(0, 300)]}, "twins: expected two different examples below 300"),
        ({"twins": [(1, 1)]}, "twins: expected two different examples"),
    ],
)
def test_bad_data_is_refused(options: dict[str, Any], message: str) -> None:
    model = LinearSVC(random_state=0).fit(IMAGES, LABELS)
    with pytest.raises(InputError) as caught:
        audit(model, **{"X": IMAGES, "y": LABELS, **options})
    assert message in str(caught.value)


def test_a_model_that_answers_otherwise_than_its_weights_say_is_refused() -> None:
    class Odd(LinearSVC):
        def decision_function(self, X: Any) -> Any:
            return -super().decision_function(X)

    with pytest.raises(InputError, match="got decision_function of Odd"):
        audit(Odd(random_state=0).fit(IMAGES, LABELS), IMAGES, LABELS)


def test_a_torch_module_without_examples_is_refused() -> None:
    with pytest.raises(InputError, match="to trace a torch module"):
        audit(nn.Conv1d(1, 2, 3))


# The command


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    svc = LinearSVC(random_state=0).fit(IMAGES, LABELS)
    np.savez(folder / "head.npz", W=svc.coef_.T, b=svc.intercept_)
    np.savez(folder / "data.npz", X=IMAGES, y=LABELS)
    np.savez(folder / "wrong.npz", X=IMAGES, y=LABELS + 3)
    torch.save(build("mlp", 0, (64, 8, 10)).state_dict(), folder / "net.pt")
    return folder


def run(files: Path, *arguments: str) -> int:
    return cli.main(["audit", *(a.replace("@", f"{files}/") for a in arguments)])


def test_the_command_writes_a_report_that_checks(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(files, "@head.npz", "--data", "@data.npz", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    assert "0 refuted, 0 undecided" in printed
    assert f"certify check {out}" in printed
    assert checker.main([str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["experiments"][0]["id"] == "adversaries"
    page = (out / "index.html").read_text()
    assert '<h1 id="headline">Reads ' in page
    assert '<article id="charles-def-adv" class="claim">' in page
    assert "verify audit" in report["run"]["command"]
    assert "Class regions of the last layer" in page
    again = ["@head.npz", "--data", "@data.npz", "--out", str(out)]
    assert run(files, *again) == commands.EXIT_USAGE
    assert "expected a new directory (or --overwrite)" in capsys.readouterr().err
    assert run(files, *again, "--overwrite", "--json") == 0
    answers = json.loads(capsys.readouterr().out)
    assert answers["format"] == "adversarial-geometry/audit"
    assert answers["answers"][0]["grade"] == "certified"


@pytest.mark.parametrize(("starts", "said"), [(True, ""), (False, "no browser was found")])
def test_the_report_opens_in_a_browser(
    starts: bool,
    said: str,
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or starts)
    assert run(files, "@head.npz", "--out", str(tmp_path / "out"), "--open") == 0
    assert opened == [(tmp_path / "out" / "index.html").as_uri()]
    assert said in capsys.readouterr().err


def test_fail_on_is_an_exit_code(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["@head.npz", "--data", "@data.npz", "--examples", "60", "--overwrite"]
    arguments += ["--out", str(tmp_path), "--radius", "0.3"]
    assert run(files, *arguments, "--fail-on", "undecided", "empty-class", "parallel") == 0
    capsys.readouterr()
    assert run(files, *arguments, "--fail-on", "fooled") == 1
    assert capsys.readouterr().err.endswith("verify audit: found: fooled\n")


def test_what_fail_on_looks_for_is_found() -> None:
    model = linear([[-1, 0, 1, 0]], [0, 1, 0, -5])
    regions = head.class_regions(subject(model, [[0.0]]))
    assert regions is not None
    found = Audit(model, 0, "", 0, {"class-regions": regions}, {})
    assert found_in(found, "empty-class")
    assert found_in(found, "parallel")
    assert not found_in(found, "fooled")
    assert not found_in(found, "undecided")
    assert was_asked(found, "parallel")
    assert was_asked(found, "undecided")
    assert not was_asked(found, "fooled")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("@none.onnx",), "none.onnx: expected .onnx, .nnet, .pt2"),
        (("@net.pt", "--data", "@data.npz"), "--architecture: expected mlp or cnn"),
        (("@head.npz", "--data", "@none.npz"), "none.npz: X: expected an array of numbers"),
        (("@head.npz", "--data", "nothing"), "--data: expected digits, mnist or a .npz file"),
        (("@head.npz", "--data", "mnist"), "--data-dir: expected the folder of MNIST's files"),
        (("@head.npz", "--data", "@wrong.npz"), "y: expected labels of the model"),
        (("@head.npz", "--data-dir", "."), "--data-dir: expected this option with --data"),
        (("@head.npz", "--fail-on", "fooled"), "--fail-on: expected --data with fooled"),
        (
            ("@head.npz", "--data", "@data.npz", "--fail-on", "twin"),
            "--fail-on: expected --twin I:J with twin",
        ),
        (("@head.npz", "--twin", "1:2"), "--twin: expected this option with --data"),
        (("@head.npz", "--save", "@none/a.npz"), "--save: expected a .npz file in a folder that"),
        (("@head.npz", "--save", "@a.csv"), "--save: expected a .npz file in a folder that"),
        (("@head.npz", "--data", "digits", "--twin", "1-2"), "--twin: expected two numbers"),
        (("@head.npz", "--data", "digits", "--examples", "0"), "--examples: expected at least 1"),
    ],
)
def test_bad_arguments_are_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], message: str,
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    assert run(files, *arguments, "--out", str(out)) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not out.exists()


def test_the_model_comes_first_for_options_take_what_follows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["audit", "--fail-on", "fooled", "model.onnx"])
    error = capsys.readouterr().err
    assert error.startswith("usage: verify audit MODEL [OPTION ...]\n")
    assert "argument --fail-on: invalid choice: 'model.onnx'" in error


def test_a_state_dict_is_audited(files: Path, tmp_path: Path) -> None:
    arguments = ["@net.pt", "--architecture", "mlp", "--data", "digits", "--examples", "80"]
    assert run(files, *arguments, "--out", str(tmp_path / "out")) == 0
    assert checker.main([str(tmp_path / "out")]) == 0


def test_attacks_say_nothing_where_the_model_reads_nothing_right() -> None:
    assert attacks.adversarial(subject(linear([[0, 1]], [0, 5]), [[0.0]], [0])) is None


# Attacks: exact balls, any scale of the scores, and what was not found


def facts_of(result: Result | None, name: str) -> list[Fraction]:
    assert result is not None
    return [
        Fraction(fact["radius"])
        for decision in result.decisions
        for certificate in decision.certificates
        for fact in certificate.statement["facts"]
        if fact["fact"] == name
    ]


@pytest.mark.parametrize(("radius", "offset"), [(0.05, 0), (0.05, 1e7), ("0.5", 1e8), (0.3, 1e17)])
def test_certificates_say_the_radius_that_the_page_says(radius: Any, offset: float) -> None:
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(15, 2)) - 1, rng.normal(size=(15, 2)) + 1] + offset
    y = np.repeat([0, 1], 15)
    asked = replace(
        subject(linear([[0, 1.0], [0, 1.0]], [0, -2 * offset]), X, y),
        radii=(Fraction(str(radius)),),
    )
    result = attacks.adversarial(asked)
    if result is None:  # at 1e17 the examples of one class are all there is, and none is read right
        return
    assert set(facts_of(result, "within")) == {Fraction(str(radius))}
    assert result.decisions[0].grade is Grade.CERTIFIED
    assert result.tables[0]["rows"][0][0] == str(radius)


@pytest.mark.parametrize("scale", [1e-100, 1e-8, 100.0, 1e4, 1e100])
def test_the_scale_of_the_scores_changes_no_attack(scale: float) -> None:
    rng = np.random.default_rng(1)
    X = rng.random((60, 4)).astype(np.float32)
    w = rng.normal(size=(4, 2)) * 8
    y = (X @ w + [0, 0.1]).argmax(axis=1)
    fooled = []
    for factor in (1.0, scale):
        asked = subject(linear(w * factor, np.array([0, 0.1]) * factor), X, y)
        result = attacks.adversarial(asked)
        assert result is not None
        fooled.append(result.tables[0]["rows"][0][1:])
        assert "gradient was 0" not in result.finding
    assert fooled[0] == fooled[1]
    assert int(fooled[0][1]) > 0


def test_a_gradient_of_0_is_said() -> None:
    dead = network([[1.0], [1.0]], [-9.0, -9.0], [[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
    asked = subject(dead, [[0.0], [1.0]], [0, 0])
    result = attacks.adversarial(asked)
    assert result is not None
    assert "For 2 of them the gradient was 0" in result.finding


def test_examples_that_exact_arithmetic_reads_otherwise_are_not_attacked() -> None:
    # A tie, which floats give to the first.
    asked = subject(linear([[1.0, 1.0]], [0, 0]), [[1.0], [2.0]], [0, 0])
    assert attacks.adversarial(asked) is None


def test_radii_of_any_size_are_in_units_of_the_data() -> None:
    X, y = 16 * np.random.default_rng(0).random((20, 2)), np.arange(20) % 2
    X[:, 0] += 16 * y
    found = audit(linear([[0, 1], [0, 0]], [0, -16]), X, y, radii=("0.5", 4, 100))
    rows = found.results["adversaries"].tables[0]["rows"]
    assert [row[0] for row in rows] == ["0.5", "4", "100"]
    assert rows[2][2] == rows[2][1] == "20"
    assert any("The coordinates range over" in note for note in found.notes)


# What is found is data, and only what certificates show is called certified


def test_only_what_certificates_show_is_called_certified(of_digits: Audit) -> None:
    without = {"radius", "attacked", "pair", "examples", "class", "tried", "points asked about"}
    for result in of_digits.results.values():
        for entry in result.tables:
            for column in entry["columns"]:
                if column["name"] in without:
                    assert "grade" not in column
    assert of_digits.found("fooled") == int(
        of_digits.results["adversaries"].tables[0]["rows"][1][2]
    )
    assert of_digits.found("undecided") == 0
    assert of_digits.to_json()["found"]["empty-class"] == {"count": 0, "grade": "certified"}


def test_where_no_twin_is_found_nothing_is_called_certified() -> None:
    network = build("mlp", 0, (4, 3))
    X = np.array([[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.5]], np.float32)
    result = audit(network, X, [0, 1], radii=("1e-6",), twins=[(0, 1)]).results["exact-twins"]
    assert result.tables[0]["rows"][0][1] == ""
    assert result.tables[0]["rows"][0][2].startswith("none found: ")
    assert result.grade is Grade.FLOAT
    assert result.found["twin"].count == 0


# How model and data were read


@pytest.mark.parametrize("two", ["0:1", (0,), 5])
def test_twins_are_pairs(two: Any) -> None:
    with pytest.raises(InputError, match="twins: expected pairs of examples"):
        audit(linear([[0, 1]], [0, 0]), [[0.0], [1.0]], [0, 1], twins=[two])


def test_examples_beyond_float32_are_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"X: expected numbers of at most 1e\+36"):
        audit(linear([[0, 1]], [0, 0]), [[0.0], [1e40]], [0, 1])


def test_chance_is_said_loudly_and_only_where_it_is() -> None:
    X = np.random.default_rng(0).random((40, 2))
    y = (X[:, 0] > X[:, 1]).astype(int)
    model = linear([[0, 1], [0, -1]], [0, 0])
    (alone,) = audit(model, X, y).warnings
    assert alone.startswith("There is no runtime to compare with")
    bad = audit(model, X, 1 - y)
    said = "reads 0.0% of 40 examples right, by floats, is no better than guessing"
    assert said in bad.warnings[1]
    assert "WARNING" in str(bad)
    few = audit(model, X[:4], 1 - y[:4])
    assert few.warnings == (alone,)


def test_a_report_knows_model_data_and_the_rows_of_its_examples(
    files: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("@head.npz", "--data", "@data.npz", "--examples", "50", "--seed", "3")
    assert run(files, *arguments, "--out", str(out)) == 0
    about = json.loads((out / "report.json").read_text())["audit"]
    for part, name in (("model", "head.npz"), ("data", "data.npz")):
        assert about[part]["sha256"] == hashlib.sha256((files / name).read_bytes()).hexdigest()
        assert about[part]["file"] == str(files / name)
    assert len(about["data"]["rows"]) == 50
    used = about["questions"]["adversaries"]["examples"]
    assert 0 < len(used) <= attacks.ATTACKED
    assert set(used) <= set(about["data"]["rows"])
    points = {tuple(x) for x in IMAGES[used].tolist()}
    lines = (out / "certificates.jsonl").read_text().splitlines()
    certificate = next(c for c in map(json.loads, lines) if '"within"' in json.dumps(c))
    assert {tuple(x) for x in _points(certificate)[len(used) :]} == points


def _points(certificate: dict[str, Any]) -> list[list[float]]:
    return [
        [float(Fraction(v)) for v in point]
        if isinstance(point, list)
        else [n * 2.0 ** point["exponent"] for n in point["integers"]]
        for point in certificate["instance"]["points"]
    ]


def test_no_formula_is_left_in_what_is_printed_or_read_by_programs(of_digits: Audit) -> None:
    assert "$" not in str(of_digits)
    assert "$" not in json.dumps(of_digits.to_json())
    assert any(
        "$" in column["name"]
        for result in of_digits.results.values()
        for entry in result.tables
        for column in entry["columns"]
    )
