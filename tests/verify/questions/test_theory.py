"""Theory beside the curves: promises bound what was measured, and what breaks one is noticed."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import combinations
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest

from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment, _plan, run_transfer
from verify.attack.models import predict
from verify.attack.presets import preset
from verify.claims.charles2019.without.offset_memorisers import balanced_loss
from verify.data.digits import digits
from verify.evidence.result import Result
from verify.questions import theory, transfer
from verify.questions.common_part import MOST, CommonPart, at_most, common_part, said
from verify.questions.question import Materials
from verify.questions.theory import EXPERIMENT, Promised, promised

SMALL = dataclasses.replace(
    preset("quick"), subsets=3, subset_size=200, examples=30, epochs=2, draws="source"
).with_choices({"radii": (0.05, 0.1, 0.2)})


@pytest.fixture(scope="module")
def models() -> TransferExperiment:
    return run_transfer(SMALL, digits(), seed=1)


def materials(models: TransferExperiment, keep: Checkpoints | None = None) -> Materials:
    return Materials(digits(), models, 0, ThreadPoolExecutor(1), keep)


@pytest.fixture(scope="module")
def found(models: TransferExperiment) -> Promised:
    return promised(materials(models))


def test_no_attack_leaves_less_than_the_least(found: Promised) -> None:
    measured = found.measured
    assert measured.shape == found.least.shape == (3, 3, 3)
    assert (found.least <= measured).all()
    assert (found.least <= found.along(box=True)).all()
    own = range(3)
    # Sign steps on a linear machine come close to what is possible.
    assert (measured[own, own] - found.least[own, own]).mean() < 0.05
    assert (np.diff(found.least, axis=2) <= 0).all()


def test_free_steps_along_own_normals_take_more_than_those_in_the_box(found: Promised) -> None:
    own = range(3)
    assert (found.along(box=False) <= found.along(box=True))[own, own].all()
    assert (np.diff(found.along(box=False)[own, own], axis=1) <= 0).all()


def test_a_wrong_label_in_a_ball_that_keeps_it_is_counted(found: Promised) -> None:
    count, wrong = found.contradicted()
    assert count > 100
    assert wrong == 0
    first, *others = found.transfer.answers
    held = (found.kept[0][first.examples] > 0)[0]
    labels = first.labels.copy()
    labels[0, 0, np.flatnonzero(held)[:2]] += 1
    answers = (dataclasses.replace(first, labels=labels % 10), *others)
    changed = dataclasses.replace(found.transfer, answers=answers)
    assert dataclasses.replace(found, transfer=changed).contradicted() == (count, 2)


def test_a_machine_is_trained_on_the_rows_that_are_named(models: TransferExperiment) -> None:
    trainings = _plan(SMALL, digits(), 1, None, "cpu", None)[-1]
    for index in (0, 2, 3):
        rows, subset = models.trained_on(index), trainings[index].subset()
        assert np.array_equal(models.train.images[rows], subset.images)


def test_the_common_part_is_counted_on_both_samples(models: TransferExperiment) -> None:
    part = common_part(materials(models))
    assert part.counts.shape == (3, 2, 10)
    assert (part.size, part.population) == (200, len(models.train))
    pairs = list(combinations(range(3), 2))
    a, b = pairs[1]
    for side, j in enumerate((a, b)):
        rows = models.trained_on(j)
        right = np.ones(len(rows), dtype=bool)
        for machine in (models.classifiers[a], models.classifiers[b]):
            weights, bias = (machine.parameters[name][..., 4] for name in ("weights", "bias"))
            scores = models.train.images[rows].astype(np.float64) @ weights + bias
            right &= np.where(models.train.labels[rows] == 4, scores > 0, scores < 0)
        assert part.counts[1, side, 4] == np.count_nonzero(right)
    assert part.overlap == np.mean(
        [len(set(models.trained_on(i)) & set(models.trained_on(j))) for i, j in pairs]
    )


def part(norm: float, errors: int, size: int = 10_000) -> CommonPart:
    """Two machines of two scores, of one norm and with as many errors."""
    return CommonPart(
        size, 6 * size, size / 6, np.full((1, 2, 2), size - errors), np.full((2, 2), errors),
        np.full((2, 2), norm), 1.0, 1.0, 0.5,
    )  # fmt: skip


def test_promises_are_those_of_the_theorem() -> None:
    n = 10_000
    for norm, errors in ((1.0, 0), (3.0, 500)):
        printed, sharpest = part(norm, errors).promises(0)
        usual = n - 2 * errors - 2 * norm * sqrt(n) - 4 * sqrt(n * log(n))
        assert float(printed) == pytest.approx(usual, abs=0.01)
        best = n - 2 * errors - sqrt(2 * n) * norm / (1 - 0.0056419) - sqrt(2 * n * log(n))
        assert float(sharpest) == pytest.approx(best, abs=0.01)
    # Of two machines the one with more errors, and the one of the larger norm, count.
    uneven = dataclasses.replace(
        part(1.0, 0), errors=np.array([[0, 0], [500, 0]]), norms=np.array([[1.0, 1.0], [3.0, 1.0]])
    )
    assert float(uneven.promises(0)[0]) == pytest.approx(
        n - 1000 - 6 * sqrt(n) - 4 * sqrt(n * log(n)), abs=0.01
    )
    assert uneven.promises(1) == part(1.0, 0).promises(1)


def test_a_size_far_beyond_the_samples_is_found_at_once() -> None:
    for size in (MOST, MOST + 1, MOST + 2):
        exact, found = (of(size, Fraction(9)).bounds() for of in (balanced_loss, at_most))
        assert exact[1] <= found[1] < Fraction(10_001, 10_000) * exact[0]
        assert (exact == found) == (size == MOST)
    # Of every 20,000 points only two more are right than wrong.
    wanted = part(3.0, 4_999).wanted(0)
    assert wanted is not None
    assert wanted > 10**9
    share, norms = Fraction(1, 5_000), Fraction(9)
    assert not at_most(wanted, norms).covers(share * wanted)
    assert at_most(wanted - 1, norms).covers(share * (wanted - 1))


def test_what_is_promised_is_said_and_so_is_nothing() -> None:
    assert "of the 10,000 it promises at most 9,4" in said(part(1.0, 0))
    few = part(80.0, 500)
    wanted = few.wanted(0)
    assert wanted is not None
    text = said(few)
    assert "it promises nothing, for its sharpest form has at most -" in text
    assert f"more than 0 from {wanted:,} examples on" in text
    larger, smaller = (
        float(part(80.0, round(0.05 * size), size).promises(0)[1]) for size in (wanted, wanted - 50)
    )
    assert smaller < 0 < larger + 1
    # Half of the points wrong: no sample is large enough.
    assert part(80.0, 5_000).wanted(0) is None
    assert "examples on" not in said(part(80.0, 5_000))


def test_the_answer_has_curves_tables_and_sentences(models: TransferExperiment) -> None:
    result = EXPERIMENT.run(materials(models))
    assert isinstance(result, Result)
    (drawn,) = result.figures
    curves = [c for panel in drawn["data"]["panels"] for c in panel["curves"]]
    assert [c["source"] for c in curves[:4]] == [
        "others' attacks (measured)", "own attacks (measured)", "own normal (exact)",
        "any attack (exact)",
    ]  # fmt: skip
    for curve in curves:
        for low, mean, high in zip(curve["low"], curve["mean"], curve["high"], strict=True):
            assert 0 <= low <= mean + 1e-12
            assert mean <= high + 1e-12 <= 1 + 1e-12
    sentences, accuracies, shared = result.tables
    assert len(accuracies["rows"]) == 8
    assert len(shared["rows"]) == 10
    said_of = dict(sentences["rows"])
    assert list(said_of) == [
        "the best of all attacks", "steps along normals", "Theorem 7", "networks",
    ]  # fmt: skip
    gaps = np.subtract(curves[0]["mean"], curves[3]["mean"])
    radius = SMALL.attack.radii[int(gaps.argmax())]
    assert (
        f"where each example moves by {radius:g}, in the maximum norm, along a normal"
        in said_of["steps along normals"]
    )
    assert f"At $\\varepsilon={radius:g}$, where theory and" in result.finding
    assert f"{gaps.max():.3f} above it" in result.finding
    assert "none was wrong" in result.finding
    assert "Of networks no theorem promises anything here" in said_of["networks"]
    assert set(result.findings) == set(EXPERIMENT.claims)


def test_panels_are_named_as_the_paper_numbers_them(models: TransferExperiment) -> None:
    result = transfer.EXPERIMENT.run(materials(models))
    assert isinstance(result, Result)
    titles = [[p["title"] for p in drawn["data"]["panels"]] for drawn in result.figures]
    assert titles == [
        ["SVM targets, as in Figure 4a", "network targets, as in Figure 4b"],
        ["SVM targets", "network targets"],
    ]


def test_what_is_decided_is_kept(
    models: TransferExperiment, found: Promised, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Checkpoints(tmp_path, "key")
    promised(materials(models, keep))

    def again(_: object) -> None:
        pytest.fail("decided twice")

    monkeypatch.setattr(theory._Job, "promised", again)
    kept = promised(materials(models, keep))
    assert np.array_equal(kept.kept, found.kept)
    assert np.array_equal(kept.right, found.right)


def test_machines_answer_as_their_exact_labels_say(
    models: TransferExperiment, found: Promised
) -> None:
    """Without moving, what is misread is kept within no radius."""
    for j, count in enumerate(found.kept):
        read = predict(models.classifiers[j].module(), models.test.images)
        assert not count[read != models.test.labels].any()
