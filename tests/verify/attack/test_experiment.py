from __future__ import annotations

import dataclasses
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from certify.bounds.threads import one_thread
from certify.errors import InputError
from verify.attack.answers import Draws
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import (
    TransferExperiment,
    _plan,
    check_fits,
    own_names,
    run_transfer,
)
from verify.attack.models import predict
from verify.attack.parallel import run_jobs
from verify.attack.presets import Preset, preset
from verify.attack.projected_gradient import adversaries
from verify.data.digits import Dataset, digits

SMALL = dataclasses.replace(
    preset("quick"), name="small", subsets=2, subset_size=300, examples=40, epochs=10
)


@pytest.fixture(scope="module")
def result() -> TransferExperiment:
    return run_transfer(SMALL, digits(), seed=5)


def assert_same(ours: TransferExperiment, theirs: TransferExperiment) -> None:
    assert np.array_equal(ours.transfer.correct, theirs.transfer.correct)
    assert np.array_equal(ours.transfer.clean, theirs.transfer.clean)
    for a, b in zip(ours.transfer.answers, theirs.transfer.answers, strict=True):
        assert all(np.array_equal(x, vars(b)[name]) for name, x in vars(a).items())
    assert ours.examples.sha256 == theirs.examples.sha256
    for a, b in zip(ours.classifiers, theirs.classifiers, strict=True):
        assert a.name == b.name
        assert a.parameters.keys() == b.parameters.keys()
        for key, value in a.parameters.items():
            assert value.dtype == b.parameters[key].dtype
            assert np.array_equal(value, b.parameters[key])


def test_what_the_experiment_holds(result: TransferExperiment) -> None:
    assert [c.name for c in result.classifiers] == ["svm-0", "svm-1", "network-0", "network-1"]
    assert result.transfer.correct.shape == (9, 4, 40)
    assert set(result.transfer.sources) == set(own_names(result.preset))
    assert result.transfer.sources[4:] == (
        "random-0",
        "random-1",
        "class means",
        "max margin",
        "mean perturbation",
    )
    assert len(result.test) == 539
    assert result.dataset_sha256 == digits().sha256
    assert np.mean(result.transfer.clean == result.test.labels, axis=1).min() > 0.85
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
        assert [(done, total) for done, total, _ in seen] == [(i, 13) for i in range(1, 14)]
        assert {label for *_, label in seen} == {
            "trained svm-0",
            "trained svm-1",
            "trained network-0",
            "trained network-1",
            "perturbed by svm-0",
            "perturbed by svm-1",
            "perturbed by network-0",
            "perturbed by network-1",
            "perturbed by random-0",
            "perturbed by random-1",
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
    with pytest.raises(InputError, match="subsets: expected at most 1,000, got int <an integer of"):
        dataclasses.replace(SMALL, subsets=10**3800)
    with pytest.raises(
        InputError, match="preset: expected one of quick, standard, paper, got 'huge'"
    ):
        preset("huge")


def test_data_are_refused_before_training_where_a_random_part_lacks_a_label() -> None:
    images = np.random.default_rng(0).random((300, 2)).astype(np.float32)

    def refusal(rare: int, **changes: object) -> str:
        labels = np.append(np.zeros(300 - rare, int), np.ones(rare, int))
        data = Dataset("own", images, labels, (2,), names=("no\n", "yes"))
        with pytest.raises(InputError) as caught:
            check_fits(dataclasses.replace(SMALL, **changes), data, 0)  # type: ignore[arg-type]
        return str(caught.value)

    assert refusal(2, examples=2) == (
        "data: expected two labels among the 2 test examples that are attacked (another --seed "
        "draws others), got none with the label 'yes', which 2 of 300 examples have"
    )
    assert refusal(20, subset_size=10) == (
        "data: expected every label in every random subset of 10 examples for training (another "
        "--seed draws others), got none with the label 'yes', which 20 of 300 examples have"
    )
    assert "the label 'no\\n', which 2 of" in refusal(298)
    check_fits(SMALL, Dataset("own", images, np.arange(300) % 2, (2,)), 0)
    with pytest.raises(InputError, match="data: expected examples for training and for testing"):
        check_fits(
            dataclasses.replace(SMALL, test_fraction=0.1),
            Dataset("own", images[:4], np.arange(4) % 2, (2,)),
            0,
        )


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
    assert {
        "classifier-svm-1.npz",
        "source-svm-0-from-0.npz",
        "source-network-0-from-0.npz",
    } <= kept
    assert "source-network-1-from-0.npz" not in kept
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert_same(result, run_transfer(SMALL, digits(), seed=5, keep=keep))
    assert all(path.stat().st_mtime_ns == when for path, when in times.items())


def test_labels_are_of_the_models_on_the_images_drawn(result: TransferExperiment) -> None:
    transfer, network = result.transfer, result.classifiers[2]
    own = transfer.answers[2]
    assert own.examples.shape == (1, 40)
    images, truth = result.test.images[own.examples[0]], result.test.labels[own.examples[0]]
    with one_thread():
        moved = adversaries(network.module(), images, truth, SMALL.attack)
    for target, labels in zip(result.classifiers, own.labels, strict=True):
        assert np.array_equal(predict(target.module(), moved[17]), labels[17])
    # A hundredth of 40 images at 40 radii.
    assert own.kept.shape == (16, 64)
    for (k, i), point in zip(own.places, own.kept, strict=True):
        assert np.array_equal(moved[k, i].numpy(), point)


@pytest.mark.parametrize("draws", ["once", "source", "radius"])
def test_how_often_images_are_drawn(draws: Draws) -> None:
    small = dataclasses.replace(SMALL, epochs=1, draws=draws).with_choices({"radii": (0.1, 0.2)})
    found = [a.examples for a in run_transfer(small, digits(), seed=5).transfer.answers]
    assert {rows.shape for rows in found} == {(2 if draws == "radius" else 1, 40)}
    assert all(len(set(row)) == 40 for rows in found for row in rows.tolist())
    different = {tuple(row) for rows in found for row in rows.tolist()}
    assert len(different) == {"once": 1, "source": 9, "radius": 18}[draws]


def test_trainings_that_wait_hold_no_images_of_their_own() -> None:
    *_, trainings = _plan(SMALL, digits(), 0, None, "cpu", None)
    assert len({id(training.train) for training in trainings}) == 1
    for training in trainings:
        sent = pickle.loads(pickle.dumps(training))
        assert len(sent.train) == SMALL.subset_size < len(training.train)
        assert sent.subset().sha256 == training.subset().sha256


def test_what_the_labels_depend_on_and_what_is_asked_later() -> None:
    settings = SMALL.settings()
    later = dataclasses.replace(SMALL, exact="all", certified=3, twin_parts=9, twin_pairs=2)
    assert later.settings() == settings
    for changed in (
        {"draws": "source"}, {"training": "2018"}, {"share": 0.5}, {"step_rule": "gradient"},
        {"noise": "signs"}, {"epochs": 2}, {"twin_epochs": 2},
    ):  # fmt: skip
        assert SMALL.with_choices(changed).settings() != settings


def test_bad_choices_of_draws_and_shares_are_refused() -> None:
    with pytest.raises(InputError, match="draws: expected once or source or radius, got 'never'"):
        SMALL.with_choices({"draws": "never"})
    with pytest.raises(InputError, match="share: expected a number from 0 to 1, got 2"):
        SMALL.with_choices({"share": 2})
