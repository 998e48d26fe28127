from __future__ import annotations

import dataclasses
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from certify.bounds.threads import one_thread
from certify.errors import InputError
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment, run_transfer
from verify.attack.models import predict
from verify.attack.parallel import run_jobs
from verify.attack.presets import Preset, preset
from verify.data.digits import digits

SMALL = dataclasses.replace(
    preset("quick"), name="small", subsets=2, subset_size=300, examples=40, epochs=10
)


@pytest.fixture(scope="module")
def result() -> TransferExperiment:
    return run_transfer(SMALL, digits(), seed=5)


def assert_same(ours: TransferExperiment, theirs: TransferExperiment) -> None:
    assert np.array_equal(ours.transfer.correct, theirs.transfer.correct)
    assert np.array_equal(ours.test_correct, theirs.test_correct)
    assert ours.examples.sha256 == theirs.examples.sha256
    for a, b in zip(ours.classifiers, theirs.classifiers, strict=True):
        assert a.name == b.name
        assert a.parameters.keys() == b.parameters.keys()
        for key, value in a.parameters.items():
            assert value.dtype == b.parameters[key].dtype
            assert np.array_equal(value, b.parameters[key])


def test_what_the_experiment_holds(result: TransferExperiment) -> None:
    assert [c.name for c in result.classifiers] == ["svm-0", "svm-1", "network-0", "network-1"]
    assert result.transfer.correct.shape == (8, 4, 40)
    assert result.transfer.sources[4:] == (
        "random",
        "class means",
        "max margin",
        "mean perturbation",
    )
    assert result.test_size == 539
    assert result.dataset_sha256 == digits().sha256
    assert min(result.test_correct) > 0.85 * result.test_size
    # The weights in the result still classify as they did.
    again = [predict(c.module(), result.examples.images) for c in result.classifiers]
    assert min(np.mean(labels == result.examples.labels) for labels in again) > 0.8


def test_attacks_transfer_and_noise_does_not(result: TransferExperiment) -> None:
    averages = result.transfer.averages()
    assert len(averages) == 12
    for target in ("svm", "network"):
        assert averages[target, "random"].mean[29] > 0.75
        for source in ("svm", "network"):
            assert averages[target, source].mean[29] < 0.3


def test_same_numbers_at_one_and_two_workers_and_progress(result: TransferExperiment) -> None:
    # Workers forked from a server of its own share no state with this process.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.attack.experiment", "sklearn.svm"])
    for workers in (1, 2):
        seen: list[tuple[int, int, str]] = []
        with ProcessPoolExecutor(workers, mp_context=context) as executor:
            other = run_transfer(
                SMALL,
                digits(),
                seed=5,
                executor=executor,
                progress=lambda *event, seen=seen: seen.append(event),
            )
        assert_same(result, other)
        assert [(done, total) for done, total, _ in seen] == [(i, 12) for i in range(1, 13)]
        assert {label for *_, label in seen} == {
            "trained svm-0",
            "trained svm-1",
            "trained network-0",
            "trained network-1",
            "perturbed by svm-0",
            "perturbed by svm-1",
            "perturbed by network-0",
            "perturbed by network-1",
            "perturbed by random noise",
            "perturbed by class means",
            "perturbed by max margin",
            "perturbed by mean perturbation",
        }


def test_the_seed_matters_and_global_state_does_not(result: TransferExperiment) -> None:
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    assert_same(result, run_transfer(SMALL, digits(), seed=5))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.get_num_threads() == threads
    other = run_transfer(SMALL, digits(), seed=6)
    assert not np.array_equal(result.transfer.correct, other.transfer.correct)


def test_one_thread_restores_the_number_after_a_failure() -> None:
    before = torch.get_num_threads()
    inside = []

    def fail() -> None:
        with one_thread():
            inside.append(torch.get_num_threads())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert inside == [1]
    assert torch.get_num_threads() == before


def test_jobs_keep_their_order_and_their_errors() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def checked(value: int) -> int:
        if value < 0:
            raise InputError("value", expected="at least 0", got=f"{value}")
        return value + 1

    with ThreadPoolExecutor(2) as executor:
        done: list[int] = []
        assert run_jobs(checked, [3, 1, 2], executor, done.append) == [4, 2, 3]
        assert sorted(done) == [0, 1, 2]
        with pytest.raises(InputError, match="value: expected at least 0, got -1"):
            run_jobs(checked, [3, -1, 2], executor, done.append)
    with pytest.raises(InputError, match="value: expected at least 0, got -1"):
        run_jobs(checked, [3, -1, 2], None, done.append)


def test_bad_experiments_are_refused() -> None:
    convolutional = dataclasses.replace(SMALL, architecture="cnn-2018")
    message = "data: expected 28 x 28 pixels and labels below 10, for cnn-2018, got 64 pixels"
    with pytest.raises(InputError, match=message):
        run_transfer(convolutional, digits(), seed=0)
    with pytest.raises(InputError, match="seed: expected an integer >= 0, got -2"):
        run_transfer(SMALL, digits(), seed=-2)
    with pytest.raises(InputError, match="n: expected at most 1797, the images there are"):
        digits().random_subset(5000, 0)
    with pytest.raises(InputError, match="subsets: expected an integer >= 2, got 1"):
        dataclasses.replace(SMALL, subsets=1)
    with pytest.raises(
        InputError, match="preset: expected one of quick, standard, paper, got 'huge'"
    ):
        preset("huge")


def test_a_preset_draws_no_larger_samples_than_there_are() -> None:
    greedy = dataclasses.replace(SMALL, subset_size=5000, examples=5000)
    fitted = greedy.fitted(digits(), 1258, 539)
    assert (fitted.subset_size, fitted.examples) == (629, 539)
    assert SMALL.fitted(digits(), 1258, 539).subset_size == SMALL.subset_size


def test_quick_attacks_the_whole_grid_of_the_paper() -> None:
    quick: Preset = preset("quick")
    assert quick.attack.radii == tuple(k / 100 for k in range(1, 41))
    assert (quick.attack.steps, quick.attack.step, quick.attack.step_rule) == (40, 0.01, "sign")


def test_a_preset_fits_the_ends_of_its_networks_to_the_data() -> None:
    fitted = dataclasses.replace(SMALL, widths=(784, 7, 3)).fitted(digits())
    assert fitted.widths == (64, 7, 10)
    assert (fitted.twin_widths[0], fitted.twin_widths[-1]) == (64, 10)


def test_choices_reach_the_preset_and_its_attack() -> None:
    changed = preset("quick").with_choices({"epochs": 2, "start": "random", "svm_loss": "hinge"})
    assert (changed.epochs, changed.attack.start, changed.svm_loss) == (2, "random", "hinge")
    with pytest.raises(InputError, match="choices: expected settings of a preset, got 'speed'"):
        preset("quick").with_choices({"speed": 1})


def test_an_interrupted_experiment_goes_on_to_the_same_result(
    result: TransferExperiment, tmp_path: Path
) -> None:
    keep = Checkpoints(tmp_path, "small 5")

    def interrupt(done: int, total: int, label: str) -> None:
        if label == "perturbed by network-0":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_transfer(SMALL, digits(), seed=5, keep=keep, progress=interrupt)
    kept = {path.name for path in tmp_path.iterdir()}
    assert {"classifier-svm-1.npz", "source-svm-0.npz", "source-network-0.npz"} <= kept
    assert "source-network-1.npz" not in kept
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert_same(result, run_transfer(SMALL, digits(), seed=5, keep=keep))
    assert all(path.stat().st_mtime_ns == when for path, when in times.items())
