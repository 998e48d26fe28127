"""Attacks and twins in the units of the data: what is certified, kept, shown and saved."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from torch import nn

import verify
from certify import cli as certify_cli
from certify.checking import checker
from verify import cli
from verify.attack.balls import distance
from verify.data.examples import Examples
from verify.evidence.grades import Grade
from verify.models.readers import of_object
from verify.questions import Audit
from verify.questions.subjects import subject_of
from verify.questions.units import Units, limits, unasked

WINE = load_wine()
PIXELS, DIGITS = (array[:400] for array in load_digits(return_X_y=True))  # whole, from 0 to 16


@pytest.fixture(scope="module")
def wine() -> Audit:
    X = np.c_[WINE.data, np.full(len(WINE.data), 3.0)]  # and a feature that says nothing
    model = LogisticRegression(max_iter=3000).fit(X / X.max(axis=0), WINE.target)
    model.coef_ = model.coef_ / X.max(axis=0)
    return verify.audit(model, X, WINE.target)


@pytest.fixture(scope="module")
def network() -> MLPClassifier:
    return MLPClassifier((20,), max_iter=80, random_state=0, tol=0).fit(PIXELS, DIGITS)


def binary(weights: list[float], bias: float) -> LogisticRegression:
    """A rule for two classes, as if it had been fitted."""
    model = LogisticRegression()
    model.classes_, model.n_features_in_ = np.array([0, 1]), len(weights)
    model.coef_, model.intercept_ = np.array([weights]), np.array([bias])
    return model


def certificate(audit: Audit, question: str = "adversaries") -> Any:
    (found,) = audit.results[question].decisions[0].certificates
    return found


# The units


@pytest.mark.parametrize(
    ("X", "images", "top"),
    [
        ([[0.0, 1.0]], False, 1), ([[0.25, 0.5]], False, 1), ([[0, 16]], True, 16),
        ([[0, 15]], True, 16), ([[0, 255]], True, 255), ([[0, 254]], True, 255),
        ([[0, 16]], False, None), ([[0, 15.5]], True, None), ([[-1, 16]], True, None),
        ([[0, 300]], True, None), ([[0, 7]], True, None), ([[0, 1.5]], False, None),
    ],
)  # fmt: skip
def test_pixels_have_limits_and_tables_have_none(X: Any, images: bool, top: int | None) -> None:
    assert limits(np.array(X, float), images=images) == top


def test_radii_follow_the_data_where_none_are_asked_for() -> None:
    X = np.array([[0.0, 1000.0, 5.0], [2.0, 3000.0, 5.0]])
    assert unasked(X / 3000, 1, images=False) == (Units(1), (Fraction(1, 20), Fraction(1, 10)))
    assert unasked(X, 255, images=True)[1] == (Fraction(51, 4), Fraction(51, 2))
    units, radii = unasked(X, None, images=False)
    assert list(map(int, (*units.ranges, *units.level))) == [2, 1984, 0, 0, 0, 5]
    assert [str(r) for r in units.reach(radii[1], 3)] == ["1/5", "992/5", "0"]
    # Of standardised images one range is that of all pixels, and a radius has two digits.
    assert unasked(X / 7, None, images=True) == (Units(), (Fraction(21), Fraction(43)))
    # One example has no range.
    assert unasked(X[:1], None, images=False) == (Units(), (Fraction(1, 20), Fraction(1, 10)))


def test_asked_for_radii_are_in_units_of_the_data() -> None:
    model = of_object(binary([1.0] * 13, 0.0), WINE.data)
    asked = subject_of(model, Examples.of(WINE.data[:9], [0] * 9), (), (Fraction(7),), (), 0)
    assert asked.units == Units()
    assert asked.radii == (Fraction(7),)


def test_features_move_by_shares_of_their_ranges(wine: Audit) -> None:
    ranges = [Fraction(b) - Fraction(a) for a, b in zip(
        WINE.data.min(axis=0).tolist(), WINE.data.max(axis=0).tolist(), strict=True)]  # fmt: skip
    assert wine.results["adversaries"].grade is Grade.CERTIFIED
    assert len(wine.adversaries) > 2
    for a in wine.adversaries:
        moves = [abs(Fraction(p) - Fraction(x)) for p, x in zip(a.point, a.original, strict=True)]
        shares = [move / r for move, r in zip(moves, ranges, strict=False)]
        assert a.radius * Fraction(15, 16) < max(shares) <= a.radius
        assert moves[-1] == 0  # what does not vary does not move
        assert a.unit == "of the range of each feature"
    stated = certificate(wine)
    assert {f["radius"] for f in stated.statement["facts"] if f["fact"] == "within"} <= {
        "1/20", "1/10",
    }  # fmt: skip
    first = stated.instance["nodes"][0]
    assert all(
        r * Fraction(15, 16) < Fraction(v) <= r
        for v, r in zip(first["factors"], ranges, strict=False)
    )
    assert len(first["factors"]) == len(ranges) + 1
    assert first["factors"][-1] == "0"
    assert first["offsets"][-1] == "3"
    assert "of its range over the examples" in wine.results["adversaries"].finding


def test_a_point_that_leaves_its_share_is_refused(wine: Audit) -> None:
    honest = certificate(wine)
    checker.check(checker.parse(honest.line()))
    points = [*honest.instance["points"]]
    moved = next(f for f in honest.statement["facts"] if f["fact"] == "within")
    points[moved["point"]] = ["5", *points[moved["point"]][1:]]
    forged = replace(honest, instance={**honest.instance, "points": points})
    with pytest.raises(checker.Rejected, match="within: coordinate 0"):
        checker.check(checker.parse(forged.line()))


def test_whole_pixels_stay_between_0_and_their_greatest(network: MLPClassifier) -> None:
    audit = verify.audit(network, PIXELS, DIGITS)
    assert audit.adversaries
    for a in audit.adversaries:
        assert 0 <= min(a.point) <= max(a.point) <= 16
        assert (
            max(abs(Fraction(p) - Fraction(x)) for p, x in zip(a.point, a.original, strict=True))
            <= a.radius
        )
    stated = certificate(audit)
    points, facts = stated.instance["points"], stated.statement["facts"]
    limits_ = [f for f in facts if f["fact"] == "within" and f["of"] == len(points) - 1]
    assert len(limits_) == len(points) // 2
    assert {f["radius"] for f in limits_} == {"8"}
    assert "within [0, 16]" in audit.results["adversaries"].finding
    assert "0.8" in audit.results["adversaries"].finding


# What is found, shown and saved


def test_each_example_has_the_least_radius_that_sufficed(network: MLPClassifier) -> None:
    audit = verify.audit(network, PIXELS, DIGITS, radii=(2, "0.5", 1))
    rows = audit.results["adversaries"].tables[0]["rows"]
    assert [row[0] for row in rows] == ["0.5", "1", "2"]
    counts = [sum(a.radius <= r for a in audit.adversaries) for r in (Fraction(1, 2), 1, 2)]
    assert [int(row[2]) for row in rows] == counts
    assert counts == sorted(counts)
    assert audit.found("fooled") == counts[-1]
    assert len(audit.results["adversaries"].decisions) == 1


def test_adversaries_are_what_they_are_said_to_be(network: MLPClassifier) -> None:
    rows = np.arange(100, 400, 3)
    examples = Examples(PIXELS[rows], DIGITS[rows].astype(object), rows)
    audit = verify.audit(network, examples)
    for a in audit.adversaries:
        assert a.original.tolist() == PIXELS[a.index].tolist()
        assert a.label == DIGITS[a.index] != a.answer
        before, after = audit.model.network.outputs([a.original, a.point])
        assert (before, after) == (a.scores_before, a.scores)
        assert before.index(max(before)) == a.label
        assert after.index(max(after)) == a.answer
    table = audit.table()
    listed = table if isinstance(table, list) else table.to_dict("records")
    assert [row["index"] for row in listed] == [a.index for a in audit.adversaries]


def test_pictures_show_before_after_and_change(network: MLPClassifier) -> None:
    audit = verify.audit(network, PIXELS, DIGITS)
    beside, added = audit.results["adversaries"].figures
    first = audit.adversaries[0]
    assert [item["values"] for item in beside["data"]["items"][:2]] == [
        first.original.tolist(), np.asarray(first.point).tolist(),
    ]  # fmt: skip
    assert beside["data"]["items"][0]["title"] == f"example {first.index}: {first.label}"
    assert added["data"]["diverging"]
    assert np.abs(added["data"]["items"][0]["values"]).max() <= float(first.radius)


def test_a_table_shows_all_features_and_how_they_change(wine: Audit) -> None:
    tables = wine.results["adversaries"].tables
    assert [t["title"] for t in tables[:2]] == [
        "Adversarial examples, decided exactly",
        "Some of them",
    ]
    first = wine.adversaries[0]
    assert tables[2]["title"].startswith(f"Example {first.index}: {first.label} read as")
    assert [row[0] for row in tables[2]["rows"]] == [str(k) for k in range(14)]


def test_a_table_says_how_many_features_it_leaves_out() -> None:
    X = np.eye(2, 23, dtype=np.float64) + np.arange(23.0)
    audit = verify.audit(binary([-1.0, *[0.0] * 21, 1.0], -21.5), X, [0, 1], radii=[1])
    *_, changed = audit.results["adversaries"].tables
    assert changed["title"].endswith(" (the 20 features that change most; 3 left out)")
    assert len(changed["rows"]) == 20
    assert {"0", "22"} < {row[0] for row in changed["rows"]}


def test_features_are_named_where_they_have_names() -> None:
    model = of_object(LogisticRegression(max_iter=3000).fit(WINE.data, WINE.target), WINE.data)
    examples = Examples(
        WINE.data,
        WINE.target.astype(object),
        np.arange(len(WINE.data)),
        names=tuple(WINE.feature_names),
    )
    asked = subject_of(model, examples, (), None, (), 0)
    assert asked.feature(12) == "proline"


def test_saved_adversaries_are_the_certified_ones(network: MLPClassifier, tmp_path: Path) -> None:
    audit = verify.audit(network, PIXELS, DIGITS)
    audit.save_adversaries(tmp_path / "adversaries.npz")
    with np.load(tmp_path / "adversaries.npz") as saved:
        assert "exact" not in saved
        assert saved["index"].tolist() == [a.index for a in audit.adversaries]
        assert saved["originals"].tolist() == PIXELS[saved["index"]].tolist()
        labels = network.predict(saved["adversaries"])
        assert labels.tolist() == saved["answer"].tolist()
        stated = {_numbers(p) for p in certificate(audit).instance["points"]}
        assert {tuple(map(Fraction, x)) for x in saved["adversaries"].tolist()} <= stated


def test_adversaries_are_saved_in_the_shape_that_was_given(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    images = PIXELS.astype(np.float32).reshape(-1, 1, 8, 8)
    labels = model(torch.tensor(images)).argmax(dim=1).numpy()
    audit = verify.audit(model, images, labels)
    audit.save_adversaries(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as saved:
        assert saved["originals"].dtype == np.float32
        assert saved["adversaries"].dtype == np.float64
        assert np.array_equal(saved["originals"], images[saved["index"]])
        assert saved["adversaries"].shape == (len(audit.adversaries), 1, 8, 8)
        assert saved["adversaries"][0].ravel().tolist() == [*audit.adversaries[0].point]
        assert [Fraction(r) for r in saved["radius"]] == [a.radius for a in audit.adversaries]


def test_where_floats_hold_no_adversary_its_numbers_are_saved_as_quotients(tmp_path: Path) -> None:
    X = np.array([[1e17, 0.0], [-1e17, 0.0], [3e17, 1.0]])
    model = binary([1e-20, 1.0], -0.1)
    audit = verify.audit(model, X, [0, 0, 1], radii=("1/3",))
    audit.save_adversaries(tmp_path / "a.npz")
    assert len(audit.adversaries) == 2
    with np.load(tmp_path / "a.npz") as saved:
        assert {tuple(map(Fraction, row)) for row in saved["exact"].tolist()} == {
            tuple(map(Fraction, a.point)) for a in audit.adversaries
        }


def _numbers(point: Any) -> tuple[Fraction, ...]:
    if isinstance(point, list):
        return tuple(map(Fraction, point))
    return tuple(n * Fraction(2) ** point["exponent"] for n in point["integers"])


def test_the_command_saves_and_what_it_writes_is_bound(
    network: MLPClassifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "data.npz", X=PIXELS, y=DIGITS)
    np.savez(
        tmp_path / "head.npz",
        W=LogisticRegression(max_iter=500).fit(PIXELS, DIGITS).coef_.T,
        b=np.zeros(10),
    )
    words = [str(tmp_path / "head.npz"), "--data", str(tmp_path / "data.npz"), "--examples", "150"]
    saved = tmp_path / "found.npz"
    assert cli.main(["audit", *words, "--out", str(tmp_path / "out"), "--save", str(saved)]) == 0
    with np.load(saved) as found:
        assert len(found["index"]) == len(found["adversaries"]) > 0
    assert certify_cli.main(["bind", str(tmp_path / "out"), *words[:3]]) == 0
    assert certify_cli.main(["check", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert cli.main(["audit", words[0], "--save", str(saved)]) == 2
    assert "--save: expected this option with --data" in capsys.readouterr().err


# Twins


def test_twins_of_features_of_any_scale() -> None:
    # Two classes in a plane that one direction tells apart, feature by feature of other sizes.
    X = np.array([[0.0, 4000.0], [1.0, 1000.0], [2.0, 3000.0]])
    model = binary([2.0, 0.001], -6.0)
    audit = verify.audit(model, X, [0, 0, 1], radii=None, twins=[(0, 1)])
    assert audit.results["exact-twins"].finding.startswith("Within 0.1 of the ranges")
    for radii, count in ((None, 0), ((600,), 1)):
        audit = verify.audit(model, X, [0, 0, 1], radii=radii, twins=[(0, 1)])
        assert len(audit.twins) == audit.found("twin") == count
    (twin,) = audit.twins
    assert (twin.index, twin.of, twin.radius) == (0, 1, Fraction(600))
    assert twin.scores[1] - twin.scores[0] == twin.other_scores[1] - twin.other_scores[0]
    assert distance(twin.point, X[0]) <= 600


def test_a_twin_of_pixels_is_shown_with_both_examples(network: MLPClassifier) -> None:
    audit = verify.audit(network, PIXELS, DIGITS, radii=(12,), twins=[(5, 6)])
    (twin,) = audit.twins
    assert all(0 <= v <= 16 for v in twin.point)
    assert twin.answer == audit.model.labels[int(np.argmax([float(z) for z in twin.other_scores]))]
    beside, _ = audit.results["exact-twins"].figures
    assert [item["title"].split(":")[0] for item in beside["data"]["items"]] == [
        "example 5", "twin of 6", "example 6",
    ]  # fmt: skip
