"""Audits: known answers, certificates that check, reports, exit codes and refusals."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sklearn.svm import LinearSVC
from torch import nn

import verify
from certify.checking import checker
from certify.errors import InputError
from tests.verify.questions.models import IMAGES, IRIS, LABELS, linear, subject, table_of
from verify.attack.networks import build
from verify.evidence.grades import Grade
from verify.questions import Audit, hulls
from verify.questions.audit import audit

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
    nothing = "No example is read right, so none is attacked, or asked about in a ball."
    assert few.warnings == (alone, nothing)
    assert bad.warnings[2:] == (nothing,)
    assert audit(model, X[:4], y[:4]).warnings == (alone,)


def test_rows_are_taken_for_images_only_where_no_one_says_that_they_are_none() -> None:
    X = np.random.default_rng(0).integers(0, 13, (40, 16))
    y = (X[:, 0] > 6).astype(int)
    model, named = (LinearSVC(random_state=0).fit(X, y) for _ in range(2))
    named.feature_names_in_ = np.array([f"item {k}" for k in range(16)], dtype=object)
    guessed = audit(model, X, y)
    assert "taken for an image of 4 x 4 pixels from 0 to 16; say image_shape=(16,)" in str(guessed)
    told = audit(model, X, y, image_shape=(16,))
    for table in (told, audit(named, X, y)):
        assert "taken for an image" not in str(table)
        assert table.results["adversaries"].decisions != guessed.results["adversaries"].decisions


def test_no_formula_is_left_in_what_is_printed_or_read_by_programs(of_digits: Audit) -> None:
    assert "$" not in str(of_digits)
    assert "$" not in json.dumps(of_digits.to_json())
    assert any(
        "$" in column["name"]
        for result in of_digits.results.values()
        for entry in result.tables
        for column in entry["columns"]
    )
