"""The user's own models beside those that are trained, and all labels in one file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from certify.errors import InputError
from verify.attack.experiment import TransferExperiment, run_transfer
from verify.attack.models import Given, mlp
from verify.attack.presets import preset
from verify.attack.projected_gradient import Attack
from verify.attack.tensor import check_save, save_tensor, tensor
from verify.data.digits import Dataset, digits

DATA = dataclasses.replace(digits(), names=tuple("abcdefghij"))
TINY = dataclasses.replace(
    preset("quick"), name="tiny", subsets=2, subset_size=300, examples=6, epochs=1,
    universal_images=200, attack=Attack(radii=(0.1, 0.3), steps=3, step=0.1),
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> TransferExperiment:
    own = Given.of("own", mlp((64, 8, 11), 3))
    return run_transfer(TINY, DATA, 1, given_sources=[own], given_targets=[own])


def test_given_models_attack_and_are_attacked_and_change_nothing_else(
    found: TransferExperiment,
) -> None:
    alone = run_transfer(TINY, DATA, 1)
    assert np.array_equal(alone.transfer.correct, found.transfer.correct)
    assert found.transfer.targets == alone.transfer.targets == found.everything.targets[:-1]
    assert found.everything.targets[-1] == found.everything.sources[-1] == "own"
    assert found.everything.correct.shape == (10, 5, 2)
    # No other source is made for the untrained network, and it is fooled at once.
    assert found.everything.fooled[-1, -1].sum() >= 10


def test_the_file_has_all_labels_with_what_they_speak_of(
    found: TransferExperiment, tmp_path: Path
) -> None:
    path = tmp_path / "all.npz"
    save_tensor(path, found, DATA)
    with np.load(path, allow_pickle=False) as file:
        read = dict(file)
    assert sorted(tmp_path.iterdir()) == [path]
    assert all(np.array_equal(read[k], v) for k, v in tensor(found, DATA).items())
    assert read["labels"].shape == (10, 5, 2, 6)
    assert read["unmoved"].shape == (10, 5, 1, 6)
    assert read["truth"].shape == read["rows"].shape == (10, 1, 6)
    right = (read["labels"] == read["truth"][:, None]).sum(axis=3)
    assert np.array_equal(right, found.everything.correct)
    assert np.array_equal(DATA.labels[read["rows"]], read["truth"])
    own = found.everything.targets.index("own")
    images = torch.tensor(DATA.images[read["rows"][0, 0]])
    scores = Given.of("own", mlp((64, 8, 11), 3)).module()(images)
    assert read["unmoved"][0, own, 0].tolist() == scores.argmax(dim=1).tolist()
    assert read["sources"][-1] == read["source_kinds"][-1].replace("given", "own") == "own"
    assert read["classes"].tolist() == list("abcdefghij")
    assert read["radii"].tolist() == [0.1, 0.3]


def test_labels_keep_their_type(found: TransferExperiment) -> None:
    for names, kept in (
        (range(-5, 5), list(range(-5, 5))),
        ((*range(9), "ten"), [*map(str, range(9)), "ten"]),
        ((-1, *range(2**63, 2**63 + 9)), ["-1", *map(str, range(2**63, 2**63 + 9))]),
    ):
        data = dataclasses.replace(DATA, names=tuple(names))
        assert tensor(found, data)["classes"].tolist() == kept


def test_rows_of_an_official_test_part_are_its_own() -> None:
    parts: tuple[Dataset, Dataset] = DATA.split(0.3, 9)
    found = run_transfer(TINY, parts[0], 1, test=parts[1])
    read = tensor(found, parts[0])
    assert np.array_equal(parts[1].labels[read["rows"]], read["truth"])


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "a.csv", tmp_path / "none" / "a.npz"):
        with pytest.raises(InputError, match=r"--save: expected a \.npz file in a folder"):
            check_save(path)
