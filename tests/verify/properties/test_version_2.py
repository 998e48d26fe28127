"""VNN-LIB of version 2: the syntax tree of vnnlib with all digits, and what is not linear."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from certify.errors import InputError
from verify.properties.reading import Specification, read_property
from verify.properties.vnnlib2 import Tensor, _Reading

pytest.importorskip("vnnlib", reason="vnnlib, which reads version 2, is not installed")

HEAD = """; version 2
(vnnlib-version <2.0>)
(declare-network N (declare-input X real [1,2]) (declare-output Y float32 [2]))
(assert (<= X[0,0] 0.30000000000000000000000001))
(assert (>= X[0,0] -1.0))
(assert (== X[0,1] 0.5))
"""


def read(tmp_path: Path, text: str) -> Specification:
    path = tmp_path / "p.vnnlib"
    path.write_text(text)
    return read_property(path)


def test_all_digits_of_a_number_count(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "(assert (<= Y[0] 1.0))")
    assert found.inputs == (Tensor("X", "real", (1, 2)),)
    assert found.outputs == (Tensor("Y", "float32", (2,)),)
    (case,) = found.cases(2, 2)
    assert case.box.upper == (Fraction(3 * 10**25 + 1, 10**26), Fraction(1, 2))
    assert case.box.lower == (Fraction(-1), Fraction(1, 2))


@pytest.mark.parametrize(
    ("formula", "rows", "strict"),
    [
        ("(< Y[0] Y[1])", [((1, -1), 0)], {0}),
        ("(> Y[0] Y[1])", [((-1, 1), 0)], {0}),
        ("(== Y[0] 2.0)", [((1, 0), 2), ((-1, 0), -2)], set()),
        ("(<= (+ (* 2.0 Y[0]) (- Y[1]) 0.1) (- 1.0 Y[1] Y[1]))",
         [((2, 1), Fraction(9, 10))], set()),
    ],
)  # fmt: skip
def test_comparisons_mean_what_they_say(
    tmp_path: Path, formula: str, rows: list[object], strict: set[int]
) -> None:
    (case,) = read(tmp_path, f"{HEAD}(assert {formula})").cases(2, 2)
    assert list(zip(case.property.matrix, case.property.right_side, strict=True)) == rows
    assert case.strict == strict


def test_not_equal_is_two_cases(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "(assert (or (!= Y[0] 1.0) (and (<= Y[1] 2.0))))").cases(2, 2)
    assert [(case.property.matrix, case.strict) for case in found] == [
        (((1, 0),), {0}), (((-1, 0),), {0}), (((0, 1),), set()),
    ]  # fmt: skip


def test_tensors_are_one_vector_in_their_order(tmp_path: Path) -> None:
    head = HEAD.replace(
        "(declare-input X real [1,2])", "(declare-input W Real []) (declare-input X real [1,2])"
    )
    (case,) = read(tmp_path, head + "(assert (and (<= W 7.0) (>= W 6.0)))").cases(3, 2)
    assert case.box.lower == (6, -1, Fraction(1, 2))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("(== X[0,1] 0.5)", "(<= (* Y[0] Y[1]) 0.5)", "got a product of variables (line 6)"),
        ("(== X[0,1] 0.5)", "(<= X[0,5] 0.5)", "Index out of bounds"),
        ("(== X[0,1] 0.5)", "(<= X[0,1] 1)", "Type mismatch"),
        ("(== X[0,1] 0.5)", "(<= X[0,1] 1e-3)", "syntax error at line 6"),
        ("(== X[0,1] 0.5)", "(<= X[0,1] 0.5)", "no lower bound of input 1"),
        ("(== X[0,1] 0.5)", "(<= X[0,0] X[0,1])", "several inputs (line 6)"),
        ("real", "int32", "X of type int32"),
        ("real", "number", "X of type number"),
        ("(declare-output", '(declare-hidden H real [1] "h") (declare-output', "the hidden H"),
    ],
)
def test_what_is_no_linear_property_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = HEAD.replace(old, new)
    if "int" in new or "number" in new:
        text = "\n".join(text.split("\n")[:3]) + "\n(assert (<= X[0,0] X[0,0]))"
    with pytest.raises(InputError) as error:
        read(tmp_path, text).cases(2, 2)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_several_networks_are_refused(tmp_path: Path) -> None:
    other = "(declare-network M (declare-input A real [1]) (declare-output B real [1]))"
    text = HEAD.replace("(assert", f"{other}(assert", 1)
    with pytest.raises(InputError, match="expected one network, got 2 of them"):
        read(tmp_path, text)


@pytest.mark.parametrize("shape", [None, (2,), (1, 1, 2), (2, 1)])
def test_shapes_of_the_same_order_are_the_same(
    tmp_path: Path, shape: tuple[int, ...] | None
) -> None:
    assert len(read(tmp_path, HEAD + "(assert (<= Y[0] 1.0))").cases(2, 2, shape)) == 1


def test_axes_are_those_of_the_model(tmp_path: Path) -> None:
    head, *_ = HEAD.replace("X real [1,2]", "X real [1,2,3]").partition("(assert")
    with pytest.raises(InputError) as error:
        read(tmp_path, f"{head}(assert (<= Y[0] 1.0))").cases(6, 2, (3, 2))
    assert "inputs of shape [3, 2], as the model has, got [1, 2, 3]" in str(error.value)


def test_what_the_package_may_come_to_read_is_refused_by_its_name() -> None:
    """As long as it reads no such expressions or names, its objects are made here."""

    class Sine:
        line = 3

    reading = _Reading("p", SimpleNamespace(inputs=(), outputs=()))
    with pytest.raises(InputError, match="p: expected and, or, or a comparison, got Sine"):
        reading._formula(Sine())
    with pytest.raises(InputError, match="p: expected linear expressions, got Sine"):
        reading._linear(Sine())
    tensor = Declared()
    with pytest.raises(InputError, match='several tensors by their order, got the one called "in"'):
        reading._tensors([tensor, tensor])


class Declared:
    """A tensor of several that is called by a name in the model's file."""

    name, onnx_name, shape, dtype = "X", "in", (2,), SimpleNamespace(name="F32")

    def __str__(self) -> str:
        return "(declare-input X float32 [2])"
