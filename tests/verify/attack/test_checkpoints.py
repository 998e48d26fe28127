from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier
from verify.attack.networks import build
from verify.attack.training import train_model
from verify.data.digits import Dataset


def never() -> dict[str, np.ndarray]:
    raise AssertionError("made again")


def test_a_result_is_made_once(tmp_path: Path) -> None:
    keep = Checkpoints(tmp_path / "new", "key")
    arrays = {"counts": np.arange(6).reshape(2, 3), "of nothing": np.zeros(0, np.float32)}
    for found in (keep.cached("a/b c", lambda: arrays), keep.cached("a/b c", never)):
        assert set(found) == set(arrays)
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a-b-c.npz"]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="made again"):
        Checkpoints(tmp_path, "key").cached("name", never)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("architecture", ["linear", "mlp", "cnn-2018"])
def test_classifiers_come_back_bit_for_bit(tmp_path: Path, architecture: str) -> None:
    if architecture == "linear":
        made = Classifier.of_svm("c", np.random.default_rng(0).normal(size=(5, 3)), np.ones(3))
    else:
        network = build(architecture, 1, (6, 4, 3))  # type: ignore[arg-type]
        made = Classifier.of_network("c", network, architecture)  # type: ignore[arg-type]
    keep = Checkpoints(tmp_path, "key")
    for found in (keep.classifier("c", lambda: made), keep.classifier("c", never)):  # type: ignore[arg-type, return-value]
        assert (found.name, found.family, found.architecture) == (
            made.name, made.family, made.architecture,
        )  # fmt: skip
        assert list(found.parameters) == list(made.parameters)
        for name, value in made.parameters.items():
            assert found.parameters[name].dtype == value.dtype
            np.testing.assert_array_equal(found.parameters[name], value)


def test_files_of_another_experiment_are_refused(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "one").cached("name", lambda: {"a": np.ones(1)})
    message = r"expected one of this experiment and job, got one with other settings .*name.npz"
    with pytest.raises(InputError, match=message):
        Checkpoints(tmp_path, "two").cached("name", never)


def test_two_names_of_one_file_are_told_apart(tmp_path: Path) -> None:
    keep = Checkpoints(tmp_path, "key")
    keep.cached("a b", lambda: {"a": np.ones(1)})
    with pytest.raises(InputError, match=r"got one with other settings .*a-b.npz"):
        keep.cached("a-b", never)


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_damaged_files_are_refused(tmp_path: Path, cut: int) -> None:
    keep = Checkpoints(tmp_path, "key")
    keep.cached("name", lambda: {"a": np.arange(100)})
    path = tmp_path / "name.npz"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match=r"checkpoint: expected a whole file \(or none\)"):
        keep.cached("name", never)


def test_no_flipped_bit_changes_a_result(tmp_path: Path) -> None:
    keep = Checkpoints(tmp_path, "key")
    keep.cached("name", lambda: {"a": np.arange(3), "b": np.ones(2, np.float32)})
    path = tmp_path / "name.npz"
    whole, refused = path.read_bytes(), 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
        try:
            found = keep.cached("name", never)
        except InputError:
            refused += 1
        else:  # a date, or another field without meaning
            assert (found["a"].tolist(), found["b"].tolist()) == ([0, 1, 2], [1.0, 1.0])
    assert refused > len(whole) // 6


def test_lost_arrays_are_noticed(tmp_path: Path) -> None:
    keep = Checkpoints(tmp_path, "key")
    keep.cached("name", lambda: {"a": np.ones(1), "b": np.ones(1)})
    path = tmp_path / "name.npz"
    with np.load(path) as file:
        np.savez(path, **{name: file[name] for name in file.files if name != "array b"})
    with pytest.raises(InputError, match="got arrays with another digest"):
        keep.cached("name", never)


def test_interrupted_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(descriptor: int) -> None:
        raise KeyboardInterrupt

    keep = Checkpoints(tmp_path, "key")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            keep.cached("name", lambda: {"a": np.ones(1)})
    assert list(tmp_path.iterdir()) == []
    assert keep.cached("name", lambda: {"a": np.zeros(1)})["a"].tolist() == [0.0]


def test_new_arrays_have_the_layout_of_kept_ones(tmp_path: Path) -> None:
    keep = Checkpoints(tmp_path, "key")
    every_other = np.arange(24.0).reshape(4, 6)[:, ::2]
    for found in (keep.cached("name", lambda: {"file": every_other}), keep.cached("name", never)):
        np.testing.assert_array_equal(found["file"], every_other)
        assert found["file"].strides == (24, 8)


def test_trainings_resume_with_the_same_bits(tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((20, 784), dtype=np.float32)
    data = Dataset("random", images, np.arange(20) % 10, (28, 28))

    def train(seed: int) -> Classifier:
        if seed == killed_at:
            raise KeyboardInterrupt
        return Classifier.of_network("n", train_model("cnn-2018", data, 1, seed), "cnn-2018")

    def run(folder: Path) -> list[Classifier]:
        keep = Checkpoints(folder, "key")
        return [keep.classifier(f"n-{seed}", partial(train, seed)) for seed in range(2)]

    killed_at = 1
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed")
    killed_at = 0  # the first is not trained again
    resumed = run(tmp_path / "killed")
    killed_at = -1
    for one, other in zip(resumed, run(tmp_path / "whole"), strict=True):
        for name, value in one.parameters.items():
            np.testing.assert_array_equal(value, other.parameters[name])


def test_other_archives_and_objects_are_refused(tmp_path: Path) -> None:
    keep = Checkpoints(tmp_path, "key")
    np.savez(tmp_path / "name.npz", a=np.ones(1))
    with pytest.raises(InputError, match=r"checkpoint: expected adversarial.*got another format"):
        keep.cached("name", never)
    np.savez(tmp_path / "name.npz", a=np.array([{}], dtype=object))
    with pytest.raises(InputError, match=r"checkpoint: expected a whole file .*allow_pickle=False"):
        keep.cached("name", never)
    np.save(tmp_path / "one.npy", np.ones(1))
    (tmp_path / "one.npy").replace(tmp_path / "name.npz")
    with pytest.raises(InputError, match="checkpoint: expected a whole file"):
        keep.cached("name", never)
    with pytest.raises(InputError, match=r"checkpoint: expected plain arrays, got objects \(a\)"):
        keep.cached("objects", lambda: {"a": np.array([{}], dtype=object)})
    assert not (tmp_path / "objects.npz").exists()
