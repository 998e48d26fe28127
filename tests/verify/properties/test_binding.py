"""An answer is about one model and one property, and covers all of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from certify.bounds import input_trees
from certify.cli import main
from verify import decide

PROPERTY = """(declare-const X_0 Real) (declare-const X_1 Real)
(declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (and (<= X_0 1) (>= X_0 -1) (<= X_1 1) (>= X_1 0)))
(assert (or (<= Y_0 LIMIT) (>= Y_1 4)))
"""


def answered(tmp_path: Path, limit: str = "-2") -> tuple[Path, Path, Path]:
    """Return the folder of an answer about x + y and x - y, and what it is about."""
    model, stated, out = (tmp_path / name for name in ("m.npz", "p.vnnlib", "out"))
    np.savez(model, W=np.array([[1.0, 1.0], [1.0, -1.0]]), b=np.zeros(2))
    stated.write_text(PROPERTY.replace("LIMIT", limit))
    decide(model, stated, seconds=60).write(out, overwrite=out.exists())
    return out, model, stated


def bound(folder: Path, model: Path, stated: Path) -> int:
    return main(["bind", str(folder), str(model), "--property", str(stated)])


@pytest.mark.parametrize("limit", ["-2", "0"])
def test_an_answer_is_about_what_was_asked(tmp_path: Path, limit: str) -> None:
    out, model, stated = answered(tmp_path, limit)
    assert bound(out, model, stated) == 0
    if limit == "-2":
        assert main(["check", str(out)]) == 0


@pytest.mark.parametrize(
    ("limit", "change", "reason"),
    [
        ("-2", "weights", "layers of another model"),
        ("-2", "property", "another file than the one given"),
        ("-2", "certificates", "case 1 of the property: no certificates for all of its box"),
        ("0", "counterexample", "counterexample: none of this model and this property"),
        ("0", "inputs", "counterexample: not an input of this model"),
    ],
)
def test_an_answer_about_something_else_is_told(
    tmp_path: Path, limit: str, change: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path, limit)
    if change == "weights":
        np.savez(model, W=np.array([[1.0, 1.0], [2.0, -1.0]]), b=np.zeros(2))
    elif change == "property":
        stated.write_text(stated.read_text() + "; more")
    elif change == "certificates":
        certificate = json.loads((out / "certificates.jsonl").read_text())
        del certificate["statement"]["properties"][1]
        (out / "certificates.jsonl").write_text(json.dumps(certificate) + "\n")
    else:
        told = json.loads((out / "decision.json").read_text())
        told["counterexample"] = ["1", "1"] if change == "counterexample" else ["1"]
        (out / "decision.json").write_text(json.dumps(told))
    assert bound(out, model, stated) == 1
    assert reason in capsys.readouterr().out


@pytest.mark.parametrize(
    ("limit", "field", "value", "reason"),
    [
        ("-2", "answer", "violated", "answer: 'violated', but the word is unsat"),
        ("-2", "model", {}, "model.layers_sha256: that of other layers"),
        ("0", "outputs", ["0", "0"], "outputs: not those of the counterexample"),
    ],
)
def test_an_edited_answer_is_told(
    tmp_path: Path, limit: str, field: str, value: object, reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out, model, stated = answered(tmp_path, limit)
    told = json.loads((out / "decision.json").read_text())
    (out / "decision.json").write_text(json.dumps({**told, field: value}))
    assert bound(out, model, stated) == 1
    assert reason in capsys.readouterr().out


def test_the_file_of_results_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path)
    (out / "result.txt").write_text("sat\n")
    assert bound(out, model, stated) == 1
    assert "result.txt: 'sat', but the word is unsat" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["timeout", ["unsat"]])
def test_nothing_is_bound_where_nothing_was_decided(
    tmp_path: Path, word: object, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path)
    told = json.loads((out / "decision.json").read_text())
    (out / "decision.json").write_text(json.dumps({**told, "word": word}))
    assert bound(out, model, stated) == 2
    assert "expected an answer that decides, got undecided" in capsys.readouterr().err
    (out / "decision.json").unlink()
    assert bound(out, model, stated) == 2


def test_divided_proofs_cover_the_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_trees, "WORK", 1)
    out, model, stated = answered(tmp_path)
    assert bound(out, model, stated) == 0
    lines = (out / "certificates.jsonl").read_text().splitlines(keepends=True)
    assert len(lines) == 2
    (out / "certificates.jsonl").write_text(lines[0])
    assert bound(out, model, stated) == 1


def test_a_certificate_on_inputs_of_another_length_covers_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path)
    place = out / "certificates.jsonl"
    told = json.loads(place.read_text())
    told["instance"]["lower"].append("0")
    told["instance"]["upper"].append("1")
    place.write_text(json.dumps(told) + "\n")
    assert bound(out, model, stated) == 1
    assert "no certificates for all of its box" in capsys.readouterr().out
