"""Files that are not what they seem are refused in one line, before they take memory or time."""

from __future__ import annotations

import gzip
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.hostile_files import Hostile, arrays, certificates, places, torch_archives
from benchmarks.hostile_files import torch_pickles as pickles
from certify import InputError
from certify.checking.folders import Folder
from certify.cli import main as certify
from certify.networks.operations import Dense
from certify.programs import mps, mps_sections
from certify.programs.mps import read_mps
from verify.cli import main as verify
from verify.data.memory import Budget
from verify.data.tables import float_table
from verify.models.builder import Builder
from verify.models.floating import floating

# One or two of each format, by their names in the corpus, and what is said of them.
CORPUS = [
    (arrays, "npz, model", "a header of 4 GiB", "EOF: reading array header"),
    (arrays, "npz, model", "archives in archives", "expected archives 3 deep at most, got more"),
    (arrays, "npz, model", "two large sizes below 0", "a shape of (-500000000, -2)"),
    (arrays, "npz, model", "members without a suffix", "got 91553 MiB (w.npz: W)"),
    (arrays, "npz, data of audit", "labels: control characters", r"got ['\x1b[2J', "),
    (
        arrays,
        "npz, data of attack",
        "examples: a shape of 10^9 numbers",
        "--memory: expected at most",
    ),
    (arrays, "safetensors", "control characters in names", "expected this array"),
    (torch_archives, "pt2", "10^9 examples at once", "--memory: expected at most"),
    (torch_archives, "pt2", "a graph of 30 MB of lists", "--memory: expected at most"),
    (pickles, "pt", "sizes that are 2^60 lists", "got sizes ("),
    (pickles, "pt", "5,000,000 dicts", "--memory: expected at most"),
    (pickles, "pt", "sizes of 2^62, and 0", "expected the state of mlp: a matrix weight"),
    (places, "place of .onnx", "a pipe that nobody writes to", "got a pipe or device"),
    (places, "place of data", "a pipe that nobody writes to", "got a pipe or device"),
    (places, "place of data", "a link to zeros without end, attacked", "got a pipe or device"),
]


def found(files: list[Hostile], kind: str, name: str) -> Hostile:
    (one,) = (one for one in files if (one.kind, one.name) == (kind, name))
    return one


@pytest.mark.parametrize(("module", "kind", "name", "reason"), CORPUS)
def test_a_hostile_file_is_refused_in_one_line(
    module: object, kind: str, name: str, reason: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    command, *words = found(module.files(), kind, name).make(tmp_path)  # type: ignore[attr-defined]
    assert command == "verify"
    before = sorted(tmp_path.iterdir())
    assert verify([*words, "--out", "out"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("verify: ")
    assert said.endswith("\n")
    assert said[:-1].isprintable()
    assert reason in said
    assert sorted(tmp_path.iterdir()) == before


def test_operators_are_counted_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx")
    from benchmarks.hostile_files import onnx_graphs, onnx_operators

    monkeypatch.chdir(tmp_path)
    reasons = {
        "100,000 empty nodes": "expected at most 10000 nodes, got 100000",
        "10^9 examples at once": "--memory: expected at most 1024 MiB for reading",
        "a product with 0.1 3,000 times": "got more than 500 layers",
        "a division by 0": "got a division by 0",
        "a remainder by 0": "got a division by 0",
        "a square 200 times": "expected a finite number",
        "a product with 3e38 300 times": "expected numbers in the range of float64, got larger",
    }
    files = onnx_graphs.files() + onnx_operators.files()
    for name, reason in reasons.items():
        words = found(files, "onnx", name).make(tmp_path)[1:]
        assert verify([*words, "--out", "out"]) == 2
        said = capsys.readouterr().err
        assert reason in said, name
        assert said[:-1].isprintable(), name


def test_an_array_of_an_estimator_is_loaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("skops")
    from benchmarks.hostile_files import skops_archives

    monkeypatch.chdir(tmp_path)
    reasons = {
        "one array of 8 MB, 2,000 times": "expected each array once, got 'x.npy' again",
        "coefficients of 10^9 numbers, by another name": "--memory: expected at most 1024 MiB",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile, of a name that comes twice
        files = skops_archives.files()
    for name, reason in reasons.items():
        words = found(files, "skops", name).make(tmp_path)[1:]
        assert verify([*words, "--out", "out"]) == 2
        assert reason in capsys.readouterr().err, name
    (tmp_path / "m.skops").write_bytes(skops_archives.saved())
    assert verify(["audit", "m.skops", "--out", "out"]) == 0


def test_the_limit_of_data_can_be_raised(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", X=np.zeros((1000, 100)), y=np.arange(1000) % 2)
    Budget(2**20, 8).take_archive(tmp_path / "d.npz")
    with pytest.raises(InputError, match="expected at most 0 MiB for reading, got 1 MiB"):
        Budget(2**19, 8).take_archive(tmp_path / "d.npz")


# Places


@pytest.mark.parametrize("name", ["c.json", "c.jsonl"])
def test_a_pipe_is_no_certificate(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / name)
    assert certify(["check", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.endswith(f"{name}: no file, but a pipe or device\n")
    with pytest.raises(InputError, match="expected a file, got a folder, pipe or device"):
        read_mps(tmp_path / name)


def test_a_program_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "p.mps").open("wb") as file:
        file.truncate(2**30)  # a hole, which takes no room
    with pytest.raises(InputError, match="expected at most 536870912 bytes, got 1073741824"):
        read_mps(tmp_path / "p.mps")


@pytest.mark.parametrize("name", ["report.json", "ledger.jsonl", "SHA256SUMS"])
def test_a_pipe_is_no_part_of_a_report(name: str, tmp_path: Path) -> None:
    for other in {"report.json", "ledger.jsonl", "certificates.jsonl", "SHA256SUMS"} - {name}:
        (tmp_path / other).write_text("{}\n")
    os.mkfifo(tmp_path / name)
    folder = Folder(tmp_path)
    assert any(
        f"{name}: expected this file, got something else" in line for line in folder.differences
    )


def test_a_program_is_refused_before_all_of_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.mps").write_bytes(certificates.grid(20, 20))
    monkeypatch.setattr(mps_sections, "MOST", 10)
    with pytest.raises(InputError, match=r"at most 10 rows, got more \(line 12\)"):
        read_mps(tmp_path / "p.mps")
    monkeypatch.setattr(mps_sections, "MOST", 1000)
    monkeypatch.setattr(mps_sections, "MOST_DIGITS", 10)
    with pytest.raises(InputError, match="at most 10 digits of all rows as integers, got 13"):
        read_mps(tmp_path / "p.mps")


def test_a_packed_program_is_not_unpacked_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.mps.gz"
    path.write_bytes(gzip.compress(b"\n" * 10**6))
    monkeypatch.setattr(mps, "MOST_BYTES", 10**5)
    with pytest.raises(InputError, match="at most 100000 bytes unpacked, got more"):
        read_mps(path)
    path.write_bytes(gzip.compress(b"ROWS\n")[:-3])
    with pytest.raises(InputError, match="a whole gzip file, got"):
        read_mps(path)


# Numbers


def test_floats_of_any_size_are_read_exactly() -> None:
    table = np.array([[1.7e308, 5e-324], [-1.5, 0.0]])
    read = float_table(Dense.of(table, [0, 0]))
    assert read.dtype == np.float64
    assert np.array_equal(read, table)


def test_a_network_has_a_largest_depth_and_range() -> None:
    builder = Builder((2,))
    value = builder.input
    for _ in range(500):
        value = builder.relu(value, "here")
    with pytest.raises(InputError, match=r"got more than 500 layers \(there\)"):
        builder.dense(value, np.eye(2), None, "there")
    for bias in (1e308, -1e308):
        builder = Builder((2,))
        value = builder.dense(builder.input, np.ones((2, 2)), np.full(2, bias), "layer")
        value = builder.affine(value, 1, np.full(2, bias), "sum")
        with pytest.raises(InputError, match="expected numbers in the range of float64"):
            builder.model(value, "m", "here")
    builder = Builder((2,))
    value = builder.dense(builder.input, np.full((2, 2), 8e307), None, "layer")
    assert floating(builder.model(value, "m", "here").network, torch.float64) is not None


def test_what_a_network_repeats_is_added_up_before_it_is_there() -> None:
    builder = Builder((1, 1000), Budget(2**22))
    value = builder.input
    for build, message in (
        (lambda: builder.affine(value, 1, np.zeros((10**5, 1)), "there"), r"\(there\)"),
        (lambda: builder.dense(value, np.ones((10**5, 1000)), None, "there"), r"\(there\)"),
        (
            lambda: builder.model(builder.relu(value, "r"), "m", "here"),
            r"\(the last layer\)",
        ),
    ):
        with pytest.raises(InputError, match=f"--memory: .*{message}"):
            build()
