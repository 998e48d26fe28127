"""Certificates of an audit, compared with a model and data: the honest ones, and swapped ones."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris

from certify import cli
from certify.certificates.networks import segment
from certify.checking import binding
from certify.checking.binding import bind
from certify.errors import InputError
from certify.networks.graph import Network
from verify.data.examples import read_examples
from verify.evidence.ledger import CERTIFICATES, LEDGER
from verify.models.readers import read_model
from verify.questions.audit import audit

X, Y = (array[::4] for array in load_iris(return_X_y=True))


def head(path: Path, shift: float) -> Path:
    """A linear classifier of iris, by the distances to the means of the classes."""
    means = np.stack([X[k == Y].mean(axis=0) for k in range(3)])
    np.savez(path, W=means.T, b=-(means**2).sum(axis=1) / 2 + [0, shift, 0])
    return path


def network(path: Path, shift: float) -> Path:
    """A network with a hidden layer, whose outputs shift."""
    sizes = {"V": (5, 4), "c": (5,), "W": (3, 5), "b": (3,)}
    rng = np.random.default_rng(1)
    arrays = {name: rng.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    arrays["b"][1] += shift
    nodes = [
        helper.make_node("Gemm", ["x", "V", "c"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "W", "b"], ["z"], transB=1),
    ]
    graph = helper.make_graph(
        nodes, "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


@pytest.fixture(scope="module", params=[(head, ".npz"), (network, ".onnx")], ids=["head", "net"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models of one shape, data, and the audit of each model."""
    folder = tmp_path_factory.mktemp("files")
    make: Callable[[Path, float], Path]
    make, suffix = request.param
    points = X.astype(np.float32) if make is network else X
    np.savez(folder / "data.npz", X=points, y=Y)
    examples = read_examples(str(folder / "data.npz"), count=30)
    for name, shift in (("mine", 0.0), ("other", 0.25)):
        path = make(folder / f"{name}{suffix}", shift)
        audit(read_model(path), examples).write(folder / f"audit-{name}")
    return folder


def model(files: Path, name: str) -> Path:
    return next(path for path in files.glob(f"{name}.*"))


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[str]]:
    code = cli.main(["bind", *map(str, words)])
    return code, capsys.readouterr().out.splitlines()


def test_an_audit_is_about_its_model_and_data(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, data = files / "audit-mine", files / "data.npz"
    code, lines = run(capsys, folder, model(files, "mine"), "--data", data)
    total = (folder / CERTIFICATES).read_bytes().count(b"\n")
    assert lines[-1].split(maxsplit=1) == [
        str(total),
        "about this model and these data, 0 differences",
    ]
    assert code == 0
    found = bind(folder, model(files, "mine"))
    assert not found.other
    assert found.unread["max-margin"] or found.unread["not-separable"]
    assert found.same.total() + found.unread.total() == total


def test_a_swapped_model_is_refused(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = files / "data.npz"
    code, lines = run(capsys, files / "audit-mine", model(files, "other"), "--data", data)
    assert code == 1
    assert "report.json: audit.model.layers_sha256: " in lines[0]
    assert any(line.endswith(": biases of another last layer") for line in lines)
    code, lines = run(capsys, files / "audit-mine", model(files, "other"))
    assert code == 1


@pytest.mark.parametrize("change", ["a number", "order", "labels", "fewer"])
def test_swapped_data_are_refused(
    files: Path, tmp_path: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(files / "data.npz") as stored:
        points, labels = stored["X"].copy(), stored["y"].copy()
    if change == "a number":
        points += np.spacing(points)
    elif change == "order":
        points = points[::-1]
    elif change == "labels":
        labels = np.roll(labels, 1)
    else:
        points, labels = points[:5], labels[:5]
    np.savez(tmp_path / "data.npz", X=points, y=labels)
    words = ("--data", tmp_path / "data.npz")
    code, lines = run(capsys, files / "audit-mine", model(files, "mine"), *words)
    assert code == 1
    assert "report.json: audit.data." in lines[0]
    reason = "several labels, all labelled" if change == "labels" else " is not an example of this"
    assert any(reason in line for line in lines)


def test_certificates_of_another_audit_are_refused(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ledger and certificates are those of another model, and all hashes are written anew."""
    folder = Path(shutil.copytree(files / "audit-mine", tmp_path / "audit"))
    other = json.loads((files / "audit-other" / "report.json").read_text(encoding="utf-8"))
    own = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    for name in (LEDGER, CERTIFICATES):
        shutil.copy(files / "audit-other" / name, folder / name)
    own.update({key: other[key] for key in ("ledger", "certificates", "lines", "experiments")})
    own["audit"]["questions"] = other["audit"]["questions"]
    own["run"]["stage_seconds"] = other["run"]["stage_seconds"]
    (folder / "report.json").write_text(json.dumps(own), encoding="utf-8")
    digest = hashlib.sha256((folder / "report.json").read_bytes()).hexdigest()
    page = (folder / "index.html").read_text(encoding="utf-8")
    named = re.sub('(name="report-sha256" content=")[0-9a-f]*', rf"\g<1>{digest}", page)
    (folder / "index.html").write_text(named, encoding="utf-8")
    names = sorted(path.name for path in folder.iterdir() if path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    (folder / "SHA256SUMS").write_text("".join(sums))
    assert cli.main(["check", str(folder)]) == 0
    capsys.readouterr()
    words = ("--data", files / "data.npz")
    code, lines = run(capsys, folder, model(files, "mine"), *words)
    assert code == 1
    assert all(f"{folder / CERTIFICATES}:" in line for line in lines if "another" in line)
    assert any(line.endswith(": biases of another last layer") for line in lines)


def test_a_certificate_of_no_audit_is_refused(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(files / "audit-mine", tmp_path / "audit"))
    lines = (folder / CERTIFICATES).read_text().splitlines()
    strange = {"kind": "rank", "instance": {"matrix": [["1"]]}, "statement": {"rank": 1}}
    lines[0], lines[1] = json.dumps(strange), "{}"
    (folder / CERTIFICATES).write_text("".join(f"{line}\n" for line in lines))
    code, printed = run(capsys, folder, model(files, "mine"))
    assert code == 1
    assert printed[0].endswith(":1: a certificate of kind rank, which no audit makes")
    assert ":2: not a certificate of an audit: KeyError('kind')" in printed[1]
    assert any("certificates.jsonl: expected SHA-256" in line for line in printed)


def test_what_cannot_be_read_is_one_line(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.json").write_text("{}")
    for folder, path in (
        (tmp_path, model(files, "mine")),
        (files / "audit-mine", tmp_path / "x.npz"),
    ):
        assert cli.main(["bind", str(folder), str(path)]) == 2
        error = capsys.readouterr().err
        assert error.startswith("certify bind: ")
        assert error.count("\n") == 1


def test_without_the_readers_it_says_what_to_install(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "verify.models.readers", None)
    with pytest.raises(InputError, match="the package verify, which reads models"):
        bind(files / "audit-mine", model(files, "mine"))


def test_a_segment_starts_at_an_example() -> None:
    """Where it ends is up to whoever moved along it."""
    one, other = (Fraction(0), Fraction(1)), (Fraction(2), Fraction(1))
    comparison = binding._Comparison(
        SimpleNamespace(audit={}), SimpleNamespace(network=Network((), 2)), object(), ""
    )
    comparison._cache[""] = {one: {0}}  # the examples of the question
    instance = {"nodes": [], "points": [["0", "1"], ["2", "1"]]}
    facts = [segment(0, 1, 0, [Fraction(0), Fraction(1)], changes=False)]
    assert comparison._compare("network-points", instance, {"facts": facts}, None)
    comparison._cache[""] = {other: {0}}
    with pytest.raises(binding.Other, match="point 0 is not an example of this question"):
        comparison._compare("network-points", instance, {"facts": facts}, None)
