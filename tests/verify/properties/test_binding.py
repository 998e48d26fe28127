"""An answer is about one model and one property, and covers all of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from certify.bounds import work
from certify.checking.answers import BOXES, CERTIFICATES, DECISION, POINT, RESULT, SUMS
from certify.cli import main
from verify import decide
from verify.properties.binding import differences

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
def test_an_answer_is_about_what_was_asked(
    tmp_path: Path, limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path, limit)
    assert bound(out, model, stated) == 0
    assert main(["check", str(out)]) == 0
    told = "holds; answer, property and" if limit == "-2" else "violated, by a counterexample that"
    assert f"{out}: {told}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("limit", "change", "reason"),
    [
        ("-2", "weights", "model.layers_sha256: that of other layers than the model's"),
        ("-2", "property", "property.sha256: another file than the one given"),
        ("-2", "boxes", "boxes.jsonl: not the boxes and rows of this property"),
        ("0", "outputs", "outputs: not those of the counterexample"),
        ("0", "weights", "outputs: not those of the counterexample"),
    ],
)
def test_an_answer_about_something_else_is_told(
    tmp_path: Path, limit: str, change: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path, limit)
    if change == "weights":
        np.savez(model, W=np.array([[1.0, 1.0], [2.0, -1.0]]), b=np.full(2, 0.5))
    elif change == "property":
        stated.write_text(stated.read_text() + "; more")
    elif change == "boxes":
        edit(out / BOXES, lower=["-1/2", "0"])
        assert main(["check", str(out)]) == 0  # a smaller box is closed, too
    else:
        edit(out / DECISION, outputs=["-1/2", "-7"])
    assert bound(out, model, stated) == 1
    assert reason in capsys.readouterr().out


def edit(place: Path, *, sums: bool = True, **changes: Any) -> None:
    """Change fields of the last line or of the whole of a file, and then the list of hashes."""
    *lines, last = place.read_text().split("\n")[:-1] if place.suffix == ".jsonl" else ["", ""]
    told = json.loads(last or place.read_text())
    for name, value in changes.items():
        *path, name = name.split("__")
        inner = told
        for key in path:
            inner = inner[int(key) if isinstance(inner, list) else key]
        inner[name] = value
    place.write_text("".join(f"{line}\n" for line in [*lines, json.dumps(told)] if line))
    if sums:
        summed(place.parent)


def summed(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.name != SUMS)
    hashes = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names)
    lines = (f"{digest}  {name}\n" for digest, name in zip(hashes, names, strict=True))
    (folder / SUMS).write_text("".join(lines))


EDITS: list[tuple[str, str, dict[str, Any], str]] = [
    ("-2", DECISION, {"answer": "violated"}, 'answer: expected "holds" by the word unsat'),
    ("-2", DECISION, {"word": "sat", "answer": "violated"}, "expected one, with its outputs"),
    ("-2", DECISION, {"word": "timeout"}, 'answer: expected "undecided" by the word timeout'),
    ("-2", DECISION, {"certificates": 2}, "certificates: expected 1 by the word unsat"),
    ("-2", DECISION, {"boxes": 2}, "boxes: expected 1 by the word unsat"),
    ("-2", DECISION, {"open_parts": 1}, "open_parts: expected 0 by the word unsat"),
    ("-2", DECISION, {"bound": 0.5}, "bound: expected null by the word unsat"),
    ("-2", DECISION, {"floats": [0.5]}, "floats: expected null by the word unsat"),
    ("-2", DECISION, {"counterexample": ["0"]}, "counterexample: expected null by the word unsat"),
    ("-2", DECISION, {"model": {}}, "model.origin: expected this field, got none"),
    ("-2", DECISION, {"model__layers_sha256": "0" * 64}, "model.layers_sha256: expected"),
    ("-2", DECISION, {"robust": True}, "robust: expected no other field"),
    ("-2", DECISION, {"seconds": -1}, "seconds: expected at least 0, got -1"),
    ("-2", DECISION, {"bound": "low"}, "bound: expected number or null"),
    ("-2", BOXES, {"lower": ["-2", "0"]}, "certificates that close all of this box to property 0"),
    ("-2", BOXES, {"lower": ["0"]}, "not a box with properties: ValueError('a box whose sizes"),
    ("-2", BOXES, {"lower": ["x", "0"]}, "not a box with properties: Malformed("),
    ("-2", BOXES, {"upper": ["1/0", "0"]}, "not a box with properties: ZeroDivisionError"),
    ("-2", BOXES, {"properties__0__strict": ["0"]}, "TypeError('indices that are no integers')"),
    ("-2", BOXES, {"properties": [{}]}, "not a box with properties: KeyError('matrix')"),
    ("-2", CERTIFICATES, {"statement__properties": []}, "certificates that close all of this box"),
    ("-2", CERTIFICATES, {"instance__lower": ["-1"]}, "certificates that close all of this box"),
    ("-2", CERTIFICATES, {"instance__lower": "1"}, "TypeError"),
    ("-2", CERTIFICATES, {"instance": {}}, "not a certificate about a box: KeyError('lower')"),
    ("-2", RESULT, {}, "result.txt: expected unsat, and the counterexample if there is one"),
    ("0", DECISION, {"counterexample": ["1", "1"], "outputs": ["2", "0"]}, "one of boxes.jsonl"),
    ("0", DECISION, {"counterexample": ["-2", "1"]}, "expected one of boxes.jsonl"),
    ("0", DECISION, {"counterexample": ["1"]}, "expected one of boxes.jsonl"),
    ("0", DECISION, {"counterexample": ["-01", "0"]}, "counterexample[0]: expected a text like"),
    ("0", DECISION, {"outputs": ["1", "3"]}, "expected one of boxes.jsonl"),
    ("0", DECISION, {"counterexample": ["-3/4", "0"], "outputs": ["-1", "-1"]},
     "counterexample.txt: expected the numbers of decision.json, got others"),
    ("0", DECISION, {"counterexample": None}, "expected one, with its outputs"),
    ("0", RESULT, {}, "result.txt: expected sat, and the counterexample if there is one"),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(EDITS)))
def test_an_edit_is_told_whoever_sums_again(
    tmp_path: Path, place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    limit, name, changes, reason = EDITS[place]
    out, _, _ = answered(tmp_path, limit)
    if name == RESULT:
        (out / RESULT).write_text("timeout\n")
        summed(out)
    else:
        edit(out / name, **changes)
    assert main(["check", str(out)]) == 1
    assert reason in capsys.readouterr().out


SECOND = "X Real [1,2]\n-1.00\n0.00\nY Real [2]\n-1.00\n-1.00\n"
OTHERS = ("names or lines that are others", "the numbers of decision.json, got others")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("X_0", "Q_7", OTHERS[0]),
        ("(X_1 ", "(X_0 ", OTHERS[0]),
        ("(Y_0", "(junk)\n(Y_0", OTHERS[0]),
        ("(Y_0", "\n(Y_0", OTHERS[0]),
        ("))", "))\n", OTHERS[0]),
        ("(Y_0 -1.0)", "(Y_0 -1)", OTHERS[0]),
        ("(Y_0 -1.0)", "(Y_0 -1.01)", OTHERS[1]),
        ("(Y_0 -1.0)", f"(Y_0 -1.{'0' * 5000})", OTHERS[1]),
    ],
)
def test_a_counterexample_has_the_names_of_its_numbers(
    tmp_path: Path, old: str, new: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _, _ = answered(tmp_path, "0")
    assert main(["check", str(out)]) == 0
    retold(out, (out / POINT).read_text().replace(old, new, 1))
    assert main(["check", str(out)]) == 1
    assert reason in capsys.readouterr().out


def retold(folder: Path, text: str) -> None:
    """Write another counterexample, with it as the result, and the list of hashes again."""
    (folder / POINT).write_text(text)
    (folder / RESULT).write_text(f"sat\n{text}")
    summed(folder)


@pytest.mark.parametrize(
    ("old", "new", "accepted"),
    [
        ("", "", True),
        ("X Real [1,2]", "A float32 [2]", True),
        ("[1,2]", "[1,1]", False),
        ("[1,2]", "[1,3]", False),
        ("Y Real [2]\n", "", False),
        ("Y Real", "Y and Real", False),
        ("0.00\nY", "0.00\n0.00\nY", False),
    ],
)
def test_a_counterexample_may_have_the_shapes_of_version_2(
    tmp_path: Path, old: str, new: str, accepted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path, "0")
    retold(out, SECOND.replace(old, new) if old else SECOND)
    assert main(["check", str(out)]) == (0 if accepted else 1)
    assert ("that are others" in capsys.readouterr().out) is not accepted
    if accepted:  # which of both, and the names, is known with the property
        assert bound(out, model, stated) == 1
        assert "not the counterexample with the names of this" in capsys.readouterr().out


def test_contradictory_assertions_and_what_is_undecided_need_no_certificates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path, "0")
    stated.write_text(stated.read_text() + "(assert (>= X_0 2))")
    decide(model, stated).write(out, overwrite=True)
    assert main(["check", str(out)]) == 0
    assert f"{out}: holds, as no box is asked about" in capsys.readouterr().out
    assert bound(out, model, stated) == 0
    edit(out / DECISION, word="unknown", answer="undecided")
    (out / RESULT).write_text("unknown\n")
    summed(out)
    assert main(["check", str(out)]) == 0
    assert f"{out}: undecided, which proves nothing" in capsys.readouterr().out


@pytest.mark.parametrize("limit", ["-2", "0"])
@pytest.mark.parametrize(
    "changes",
    [{"seconds": 3}, {"parts": 7}, {"notes": []}, {"property__sha256": "0" * 64}],
)
def test_what_no_certificate_says_has_a_hash(
    tmp_path: Path, limit: str, changes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    out, _, _ = answered(tmp_path, limit)
    edit(out / DECISION, sums=False, **changes)
    assert main(["check", str(out)]) == 1
    assert "as SHA256SUMS says" in capsys.readouterr().out


def test_files_are_those_of_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, model, stated = answered(tmp_path)
    (out / "more.txt").touch()
    (out / POINT).write_text("((X_0 0.0))\n")
    assert main(["check", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "more.txt: expected only files of the answer" in shown
    assert "counterexample.txt: expected no such file with the word unsat" in shown
    for name in ("more.txt", POINT, SUMS, BOXES):
        (out / name).unlink()
    assert main(["check", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "SHA256SUMS: expected this file, got none" in shown
    assert "boxes.jsonl: expected this file, got none" in shown
    (out / BOXES).symlink_to(stated)
    assert main(["check", str(out)]) == 1
    assert "boxes.jsonl: expected only files of the answer" in capsys.readouterr().out
    (out / DECISION).write_text("{")
    assert main(["check", str(out)]) == 1
    assert "expected the answer of verify decide, got none" in capsys.readouterr().out
    assert bound(out, model, stated) == 1


def test_nothing_is_bound_where_nothing_was_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model, stated = answered(tmp_path)
    edit(out / DECISION, word="timeout", answer="undecided")
    assert bound(out, model, stated) == 2
    assert "expected an answer that decides, got undecided" in capsys.readouterr().err
    (out / DECISION).unlink()
    assert bound(out, model, stated) == 2
    assert "expected the answer of verify decide, got none" in capsys.readouterr().err


def test_divided_proofs_cover_the_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST", 1)
    out, model, stated = answered(tmp_path)
    assert bound(out, model, stated) == 0
    lines = (out / CERTIFICATES).read_text().splitlines(keepends=True)
    assert len(lines) == 2
    (out / CERTIFICATES).write_text(lines[0])
    edit(out / DECISION, certificates=1)
    assert main(["check", str(out)]) == 1
    assert bound(out, model, stated) == 1


def test_floats_are_those_of_the_models_own_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 1.0], [1.0, -1.0]]))
        layer.bias.zero_()
    _, _, stated = answered(tmp_path, "0")
    found, out = decide(layer, stated), tmp_path / "own"
    found.write(out)
    assert differences(out, found.model, found.asked) == []
    edit(out / DECISION, floats=[-1.00001, -1.0])  # as another version of the library may say
    assert differences(out, found.model, found.asked) == []
    for floats in ([123.0, -7.0], [-1.0], []):
        edit(out / DECISION, floats=floats)
        (line,) = differences(out, found.model, found.asked)
        assert line == "decision.json: floats: not those of the model's own library"
