"""Files in Stanford's format .nnet: what it says is done, exactly, by the numbers of the file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from certify.errors import InputError
from verify.models.model import Model
from verify.models.readers import read_model
from verify.questions.audit import audit

# Two inputs, a hidden layer of two, three outputs, as old files have it: with ranges of outputs
# among those of the inputs, which nothing reads.
OLD = """\
// A network by hand
2, 2, 3, 3,
2, 2, 3,
0,
-1.0,0.0,0.0,
1.0,10.0,0.0,
0.5,5.0,35.11,7.25,
2.0,10.0,100.0,4.0,
1.0,-1.0,
0.5,2.0,
0.25,
-0.5,
1.0,0.0,
0.0,1.0,
-1.0,1.0,
0.0,
1.0,
-1.0,
"""
NEW = OLD.replace("-1.0,0.0,0.0,", "-1.0,0.0,").replace("1.0,10.0,0.0,", "1.0,10.0,")
NEW = NEW.replace("0.5,5.0,35.11,7.25", "0.5,5.0,7.25").replace("2.0,10.0,100.0", "2.0,10.0")


def written(folder: Path, text: str = OLD) -> Path:
    path = folder / "acas.nnet"
    path.write_text(text)
    return path


def by_hand(x: list[Fraction]) -> tuple[Fraction, ...]:
    clipped = [min(max(x[0], Fraction(-1)), Fraction(1)), min(max(x[1], Fraction(0)), Fraction(10))]
    a, b = (clipped[0] - Fraction(1, 2)) / 2, (clipped[1] - 5) / 10
    h = max(Fraction(0), a - b + Fraction(1, 4)), max(Fraction(0), a / 2 + 2 * b - Fraction(1, 2))
    return tuple(4 * y + Fraction(29, 4) for y in (h[0], h[1] + 1, h[1] - h[0] - 1))


@pytest.mark.parametrize("text", [OLD, NEW])
def test_inputs_are_clipped_and_normalised_and_outputs_scaled_back(
    text: str, tmp_path: Path
) -> None:
    model = read_model(written(tmp_path, text))
    points = np.random.default_rng(0).uniform(-12, 12, (40, 2)).tolist()
    found = model.network.outputs(np.array(points))
    assert list(found) == [by_hand([Fraction(v) for v in point]) for point in points]
    assert model.runtime is None
    assert model.alone.startswith("nothing here runs .nnet files. As their format says, inputs")
    assert model.origin == ".nnet file acas.nnet"


def labels(model: Model, points: np.ndarray) -> list[int]:
    return [max(range(len(z)), key=z.__getitem__) for z in model.network.outputs(points)]


def test_the_least_score_may_be_the_answer(tmp_path: Path) -> None:
    points = np.random.default_rng(0).uniform(-2, 2, (20, 2))
    scores = read_model(written(tmp_path)).network.outputs(points)
    model = read_model(written(tmp_path), answer="least")
    assert labels(model, points) == [min(range(3), key=z.__getitem__) for z in scores]
    assert "its scores negated because the least is its answer" in model.origin
    np.savez(tmp_path / "head.npz", W=np.ones((2, 3)), b=np.ones(3))
    with pytest.raises(InputError, match=r"--answer: expected this option with a file .onnx or .n"):
        read_model(tmp_path / "head.npz", answer="least")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2, 2, 3, 3,", "2, 2,", "got 2 numbers, not 4 (line 2)"),
        ("2, 2, 3,\n0", "3, 2, 3,\n0", "sizes [3, 2, 3] of 2 layers with 2 inputs (line 3)"),
        ("2, 2, 3,\n0", "2, 2.5, 3,\n0", "got sizes [2.0, 2.5, 3.0] (line 3)"),
        ("1.0,10.0,0.0,", "1.0,-10.0,0.0,", "a least value above the largest (line 6)"),
        ("2.0,10.0,100.0,4.0", "2.0,0.0,100.0,4.0", "a range of no positive length (line 8)"),
        ("2.0,10.0,100.0,4.0", "2.0,10.0,100.0,-4.0", "a range of no positive length (line 8)"),
        ("0.5,2.0,", "0.5,2.0,3.0,", "got 3 numbers, not 2 (line 10)"),
        ("0.5,2.0,", "0.5,", "got 1 numbers, not 2 (line 10)"),
        ("0.5,2.0,", "0.5,nan,", "a number that is not finite (line 10)"),
        ("0.5,2.0,", "0.5,2.0x,", "got '0.5,2.0x,' (line 10)"),
        ("0.0,\n1.0,\n-1.0,\n", "", "got no more lines (line 15)"),
        ("by hand", "b\xff", "got other characters"),
    ],
)
def test_a_damaged_file_is_refused_by_its_line(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in OLD
    path = tmp_path / "acas.nnet"
    path.write_text(OLD.replace(old, new), encoding="latin-1")
    with pytest.raises(InputError, match=r"expected a \.nnet file: sizes, ranges") as caught:
        read_model(path)
    assert message in str(caught.value)


def test_one_output_is_a_regression(tmp_path: Path) -> None:
    text = "1,1,1,1,\n1,1,\n0,\n0.0,\n1.0,\n0.0,0.0,\n1.0,1.0,\n1.0,\n0.0,\n"
    model = read_model(written(tmp_path, text))
    assert model.network.outputs([[0.5]]) == [(0.5,)]
    with pytest.raises(InputError, match="got one number for each example, as a regression gives"):
        audit(model)
