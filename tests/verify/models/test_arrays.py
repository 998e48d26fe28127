"""Weights given as arrays enter exactly, or are refused before anything large is allocated."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from certify.errors import InputError
from verify.models.agreement import compare
from verify.models.builder import Builder
from verify.models.readers import read_model


def test_integers_that_floats_do_not_hold_stay_exact(tmp_path: Path) -> None:
    """As floats both rows would be 0 apart, and the dimension 2."""
    large = 2**53
    W = np.array([[large, large + 1], [3 * large, 3 * large]])
    np.savez(tmp_path / "m.npz", W=W, b=np.array([0, 2**61 + 1]))
    model = read_model(tmp_path / "m.npz")
    assert model.dimension.dimension == 1
    assert model.head.weights == tuple(tuple(map(Fraction, row)) for row in W.tolist())
    assert model.network.outputs([[1, 0]]) == [(large, large + 1 + 2**61 + 1)]
    assert model.module(torch.zeros(1, 2)).shape == (1, 2)  # floats may guess


@pytest.mark.parametrize("last", ["div", "mul"])
def test_factors_behind_the_last_layer_stay_exact(last: str) -> None:
    builder = Builder((2,))
    scores = builder.dense(builder.input, np.array([[1.0, 2.0], [3.0, -1.0]]), [0.0, 1.0], "dense")
    scores = builder.affine(scores, 3.0 if last == "mul" else Fraction(1, 3), 0, "factor")
    model = builder.model(scores, "m", "test")
    factor = Fraction(3) if last == "mul" else Fraction(1, 3)
    assert model.head.weights == ((factor, 3 * factor), (2 * factor, -factor))
    assert model.network.outputs([[1, 1]]) == [(3 * factor, 3 * factor)]
    assert model.dimension.dimension == 1


def test_factors_before_the_only_layer_go_into_it() -> None:
    builder = Builder((2,))
    value = builder.affine(builder.input, Fraction(1, 255), 0, "first")
    value = builder.affine(builder.affine(value, 1, -0.5, "second"), 2, 0, "third")
    value = builder.dense(value, np.array([[1.0, 2.0], [3.0, -1.0]]), [0.0, 1.0], "dense")
    model = builder.model(value, "m", "test")
    assert model.linear
    assert model.head.weights == (
        (Fraction(2, 255), Fraction(6, 255)), (Fraction(4, 255), Fraction(-2, 255))
    )  # fmt: skip
    assert model.network.outputs([[255, 0]]) == [(2 - 3, 6 - 2 + 1)]


def test_arrays_have_no_runtime_to_compare_with(tmp_path: Path) -> None:
    np.savez(tmp_path / "W.NPZ", W=np.eye(2), b=np.zeros(2))
    (tmp_path / "W.NPZ.npz").rename(tmp_path / "W.NPZ")
    model = read_model(tmp_path / "W.NPZ")
    assert (model.runtime, model.alone) == (None, "the model is given by its weights alone.")
    assert compare(model).runtime == ""


@pytest.mark.parametrize("kind", ["bfloat16", "float16", "float8_e4m3fn", "float8_e5m2", "int32"])
def test_every_number_of_safetensors_is_read(kind: str, tmp_path: Path) -> None:
    save = pytest.importorskip("safetensors.torch").save_file
    W = torch.tensor([[1.5, -2.0, 0.25], [0.0, 3.0, 1.0]]).to(getattr(torch, kind))
    b = torch.zeros(3).to(W.dtype)
    save({"W": W, "b": b}, tmp_path / "m.safetensors")
    model = read_model(tmp_path / "m.safetensors")
    assert model.head.weights == tuple(tuple(map(Fraction, r)) for r in W.double().tolist())


def test_long_doubles_are_read_exactly(tmp_path: Path) -> None:
    third = np.longdouble(1) / 3
    np.savez(tmp_path / "m.npz", W=np.eye(2, dtype="g") * third, b=np.zeros(2))
    exact = Fraction(*third.as_integer_ratio())
    assert read_model(tmp_path / "m.npz").head.weights == ((exact, 0), (0, exact))


def bomb(path: Path) -> None:
    """Write a small archive with the header of a large array, and zeros that pack well."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, shape in (("W", (5000, 1000)), ("b", (1000,))):
            stream = io.BytesIO()
            np.save(stream, np.zeros(shape))
            archive.writestr(f"{name}.npy", stream.getvalue())


def promise(path: Path) -> None:
    """Write an archive whose header promises what is not there."""
    with zipfile.ZipFile(path, "w") as archive:
        stream = io.BytesIO()
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
        np.lib.format.write_array_header_1_0(stream, header)
        archive.writestr("W.npy", stream.getvalue())


def broken(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("W.npy", b"no array")


def long_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("\x1b[2J" * 500 + ".npy", b"no array")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (bomb, "--memory: expected at most 100 MiB for reading, got 458 MiB (PATH: W.npy)"),
        (promise, "--memory: expected at most 100 MiB for reading, got 91552735 MiB (PATH: W.npy)"),
        (broken, "PATH: expected a zip archive that is whole, got ValueError"),
        (long_names, "PATH: expected a zip archive that is whole, got ValueError"),
        (lambda p: np.savez(p, W=np.eye(2) * 1j, b=np.zeros(2)), "expected numbers of shapes"),
        (lambda p: np.savez(p, W=np.eye(2) > 0, b=np.zeros(2)), "expected numbers of shapes"),
        (lambda p: np.savez(p, W=np.zeros((2, 0)), b=np.zeros(0)), "at least one row"),
        (lambda p: np.savez(p, W=np.full((2, 2), np.nan), b=np.zeros(2)), "got nan (PATH)"),
        (lambda p: np.savez(p, W=np.eye(2), b=np.full(2, np.inf)), "got inf (PATH)"),
        (
            lambda p: np.savez(p, W=np.array([[{}]]), b=np.zeros(1)),
            "objects, which could run",
        ),
    ],
)
def test_archives_that_are_not_weights_are_refused(
    write: Callable[[Path], Any], message: str, tmp_path: Path
) -> None:
    write(tmp_path / "m.npz")
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / "m.npz", memory=100 * 2**20)
    said = str(caught.value)
    assert message in said.replace(str(tmp_path / "m.npz"), "PATH")
    assert said.isprintable()
    assert len(said) < 1500


def test_whatever_a_library_raises_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from verify.models import readers

    def deep(path: Path, name: str) -> Any:
        raise RecursionError("too\ndeep")

    monkeypatch.setattr(readers, "stored_array", deep)
    (tmp_path / "m.npz").write_bytes(b"")
    with pytest.raises(InputError, match="a model that can be read, got RecursionError: too deep"):
        read_model(tmp_path / "m.npz")
