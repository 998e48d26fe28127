"""An answer is about one model and one property, and covers all of it."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from certify.bounds import input_trees
from certify.bounds.question import Box
from certify.cli import main
from verify import decide
from verify.properties.binding import covered

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


def test_boxes_cover_one_only_with_all_of_their_parts() -> None:
    box = Box.of([0, 0], [1, 1])
    third = Fraction(1, 3)
    parts = [
        Box.of([0, 0], [third, 1]), Box.of([third, 0], [1, third]), Box.of([third, third], [1, 2]),
    ]  # fmt: skip
    assert covered(box, parts)
    assert covered(box, [Box.of([-1, 0], [1, 1])])
    for k in range(3):
        assert not covered(box, parts[:k] + parts[k + 1 :])
    assert not covered(box, [parts[0], parts[1], Box.of([third, "1/2"], [1, 1])])
    assert covered(Box.of([0, third], [1, third]), parts)
