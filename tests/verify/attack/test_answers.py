from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.answers import PART, Answers, Attacker, draw_examples, find_answers
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier, predict
from verify.attack.projected_gradient import Attack, adversaries
from verify.attack.universal import UniversalDirections
from verify.data.digits import Dataset

RNG = np.random.default_rng(0)
IMAGES = RNG.random((400, 2), dtype=np.float32)
SQUARE = Dataset("square", IMAGES, (IMAGES[:, 0] > 0.5).astype(int), (2,))
ATTACK = Attack(radii=(0.05, 0.3))


def line(name: str, *weights: float) -> Classifier:
    """A rule of the sign of w.(x - 1/2), as two scores."""
    w = np.array(weights)
    bias = -w.sum() / 2
    return Classifier.of_svm(name, np.stack([-w, w], axis=1), np.array([-bias, bias]))


ACROSS, UP = line("across", 1.0, 0.0), line("up", 0.0, 1.0)
BY_ACROSS = Attacker("across", "svm", ACROSS)
NOISE = [Attacker(f"random-{k}", "random", None) for k in range(2)]


def answers(source: Attacker, examples: np.ndarray, **options: object) -> Answers:
    return find_answers([ACROSS, UP], [source], SQUARE, [examples], ATTACK, 7, **options)[0]  # type: ignore[arg-type]


def test_labels_are_recomputed_on_each_target() -> None:
    rows = np.arange(40)
    found = answers(BY_ACROSS, rows[None])
    moved = adversaries(ACROSS.module(), IMAGES[:40], SQUARE.labels[:40], ATTACK)
    assert found.labels.dtype == np.uint8
    for target, labels in zip((ACROSS, UP), found.labels, strict=True):
        assert np.array_equal(labels, [predict(target.module(), points) for points in moved])
    # A coordinate that a rule does not see is not moved by attacking it.
    assert np.array_equal(found.labels[1, 1], predict(UP.module(), IMAGES[:40]))
    assert not np.array_equal(found.labels[0, 1], SQUARE.labels[:40])


def test_parts_are_one_source_and_a_killed_run_goes_on(tmp_path: Path) -> None:
    rows = RNG.permutation(400)[None]
    whole = answers(BY_ACROSS, rows, share=0.1)
    assert whole.labels.shape == (2, 2, 400)
    assert np.array_equal(whole.examples, rows)
    keep = Checkpoints(tmp_path, "square")
    again = answers(BY_ACROSS, rows, share=0.1, keep=keep)
    first, second = sorted(tmp_path.iterdir())
    assert (first.name, second.name) == (
        "source-across-from-0.npz", f"source-across-from-{PART}.npz",
    )  # fmt: skip
    before, when = second.read_bytes(), first.stat().st_mtime_ns
    second.unlink()
    for name, array in vars(answers(BY_ACROSS, rows, share=0.1, keep=keep)).items():
        assert np.array_equal(array, vars(whole)[name])
        assert np.array_equal(array, vars(again)[name])
    assert (second.read_bytes(), first.stat().st_mtime_ns) == (before, when)


def test_what_is_kept_are_adversaries_of_all_parts_and_radii() -> None:
    found = answers(BY_ACROSS, np.arange(400)[None], share=0.1)
    assert found.kept.shape == (80, 2)
    assert len({tuple(place) for place in found.places.tolist()}) == 80
    assert set(found.places[:, 0]) == {0, 1}
    assert found.places[:, 1].max() >= PART
    for (k, i), point in zip(found.places, found.kept, strict=True):
        assert np.abs(point - IMAGES[i]).max() <= ATTACK.radii[k]
        assert predict(ACROSS.module(), point[None])[0] == found.labels[0, k, i]


def test_noise_is_drawn_afresh_for_each_source_part_and_radius() -> None:
    same = np.zeros((1, PART + 1), dtype=np.int64)
    one, other = find_answers(
        [ACROSS], NOISE, SQUARE, [same, np.zeros((2, 1), np.int64)], ATTACK, 7, share=1.0
    )
    moves = [
        (point - IMAGES[0]) / ATTACK.radii[k]
        for found in (one, other)
        for (k, _), point in zip(found.places, found.kept, strict=True)
    ]
    inside = [tuple(np.round(m, 4)) for m in moves]
    assert len(set(inside)) == len(inside) == 2 * (PART + 1) + 2


def test_universal_directions_are_sources_of_their_own() -> None:
    images = np.array([[0.25, 0.5], [0.75, 0.5]], dtype=np.float32)
    pair = Dataset("pair", images, np.array([0, 1]), (2,))
    directions = UniversalDirections("there and back", np.array([[2.0, 0.0], [-0.5, 0.0]]))
    source = Attacker(directions.name, directions.name, directions)
    (found,) = find_answers(
        [ACROSS], [source], pair, [np.array([[1, 0]])], Attack(radii=(0.125, 0.375)), 0
    )
    assert found.labels.tolist() == [[[1, 0], [0, 1]]]


def test_each_radius_may_have_examples_of_its_own() -> None:
    rows = np.array([[3, 1], [5, 9]])
    found = answers(BY_ACROSS, rows)
    for k in range(2):
        alone = answers(BY_ACROSS, rows[k : k + 1])
        assert np.array_equal(found.labels[:, k], alone.labels[:, k])


def test_without_the_box_no_source_keeps_to_it() -> None:
    free = Attack(radii=(0.3,), box=False)
    shift = UniversalDirections("out", np.array([[-1.0, 0.0], [1.0, 0.0]]))
    back = Attacker("back", "svm", line("back", -1.0, 0.0))
    sources = [back, NOISE[0], Attacker("out", "out", shift)]
    for box, attack in ((False, free), (True, Attack(radii=(0.3,)))):
        found = find_answers(
            [ACROSS], sources, SQUARE, [np.arange(400)[None]] * 3, attack, 0, share=1.0
        )
        for answers in found:
            inside = answers.kept.min() >= 0 and answers.kept.max() <= 1
            assert inside == box


def test_bad_arguments_are_refused() -> None:
    rows = [np.zeros((1, 1), np.int64)]
    with pytest.raises(InputError, match="classifiers: expected at least one classifier, got none"):
        find_answers([], [BY_ACROSS], SQUARE, rows, ATTACK, 0)
    with pytest.raises(InputError, match="classifiers: expected different names"):
        find_answers([ACROSS] * 2, [BY_ACROSS], SQUARE, rows, ATTACK, 0)
    with pytest.raises(InputError, match="sources: expected different names"):
        find_answers([ACROSS], [BY_ACROSS] * 2, SQUARE, rows * 2, ATTACK, 0)
    with pytest.raises(InputError, match="examples: expected at most 5, the test part, got 6"):
        draw_examples(5, 6, "once", 0, 1, 1)
    with pytest.raises(InputError, match="draws: expected once or source or radius, got 'x'"):
        draw_examples(5, 5, "x", 0, 1, 1)  # type: ignore[arg-type]
