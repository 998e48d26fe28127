"""VNN-LIB of version 1: exact numbers, cases of counterexamples, and refusals with their place."""

import gzip
import operator
import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from certify.errors import InputError
from verify.properties.cases import CASES, Case
from verify.properties.reading import read_property

DECLARED = "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n"
DECLARED += "(declare-const Y_1 Real)\n"
BOX = "(assert (<= X_0 0.1))(assert (>= X_0 -0.1))\n(assert (and (<= X_1 2)(>= X_1 1e-3)))\n"


def cases(tmp_path: Path, text: str, declared: str = DECLARED) -> tuple[Case, ...]:
    path = tmp_path / "p.vnnlib"
    path.write_text(declared + text)
    return read_property(path).cases(2, 2)


def refused(tmp_path: Path, text: str, declared: str = DECLARED) -> InputError:
    with pytest.raises(InputError) as error:
        cases(tmp_path, text, declared)
    return error.value


def test_decimals_are_the_numbers_that_they_say(tmp_path: Path) -> None:
    (case,) = cases(tmp_path, BOX + "(assert (<= Y_0 3.991125645861615))")
    assert case.box.lower == (Fraction(-1, 10), Fraction(1, 1000))
    assert case.box.upper == (Fraction(1, 10), Fraction(2))
    assert case.property.matrix == ((1, 0),)
    assert case.property.right_side == (Fraction(3991125645861615, 10**15),)
    assert not case.strict | case.above | case.below


def test_a_tie_is_a_counterexample(tmp_path: Path) -> None:
    (case,) = cases(tmp_path, BOX + "(assert (>= Y_1 Y_0))")
    point = (Fraction(1, 10), Fraction(2))
    assert case.holds(point, (Fraction(1), Fraction(1)))
    assert not case.holds(point, (Fraction(1), Fraction(1) - Fraction(1, 10**30)))
    assert not case.holds((Fraction(2, 10), Fraction(2)), (Fraction(1), Fraction(1)))


def test_a_strict_comparison_leaves_its_border_out(tmp_path: Path) -> None:
    strict = BOX.replace("(<= X_0 0.1)", "(< X_0 0.1)") + "(assert (> Y_1 Y_0))"
    (case,) = cases(tmp_path, strict)
    inside, outputs = (Fraction(0), Fraction(1)), (Fraction(1), Fraction(2))
    assert case.holds(inside, outputs)
    assert not case.holds(inside, (Fraction(1), Fraction(1)))
    assert not case.holds((Fraction(1, 10), Fraction(1)), outputs)
    assert (case.strict, case.above, case.below) == ({0}, set(), {0})


@pytest.mark.parametrize(
    ("formula", "rows"),
    [
        ("(<= (+ Y_0 (* 2 Y_1) -3) (- Y_0))", [((2, 2), 3)]),
        ("(<= (- Y_0 Y_1 0.5) 1)", [((1, -1), Fraction(3, 2))]),
        ("(>= (* Y_0 (/ 1 3)) 1.5E+1)", [((Fraction(-1, 3), 0), -15)]),
        ("(= Y_0 1)", [((1, 0), 1), ((-1, 0), -1)]),
        ("(<= 0 Y_0 Y_1)", [((-1, 0), 0), ((1, -1), 0)]),
        ("(and (<= Y_0 1))", [((1, 0), 1)]),
        ("(<= (- Y_0 Y_0) 0)", [((0, 0), 0)]),  # says nothing: every input is a counterexample
    ],
)
def test_linear_arithmetic_is_exact(tmp_path: Path, formula: str, rows: list[object]) -> None:
    (case,) = cases(tmp_path, f"{BOX}(assert {formula})")
    found = zip(case.property.matrix, case.property.right_side, strict=True)
    assert list(found) == rows


def test_each_choice_is_a_case_with_its_own_inputs(tmp_path: Path) -> None:
    text = (
        BOX
        + """(assert (or ; two boxes
        (and (<= X_0 0) (<= Y_0 1) (or (<= Y_1 2) (<= Y_1 3)))
        (and (>= X_0 0.05) (<= Y_0 5))
        (and (>= X_0 0.2) (<= Y_0 6))
    ))
    (assert (or (<= Y_1 7)))"""
    )
    found = cases(tmp_path, text)
    assert [case.box.lower[0] for case in found] == [Fraction(-1, 10)] * 2 + [Fraction(1, 20)]
    assert [case.box.upper[0] for case in found] == [0, 0, Fraction(1, 10)]
    assert [case.property.right_side for case in found] == [(7, 1, 2), (7, 1, 3), (7, 5)]


def test_not_equal_is_two_strict_cases(tmp_path: Path) -> None:
    found = cases(tmp_path, BOX + "(assert (!= Y_0 1))")
    assert [(c.property.matrix, c.property.right_side, c.strict) for c in found] == [
        (((1, 0),), (1,), {0}), (((-1, 0),), (-1,), {0}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["(assert (>= X_0 0.2))", "(assert (< X_0 -0.1))", "(assert (<= 2 1))"]
)
def test_contradictions_leave_no_case(tmp_path: Path, text: str) -> None:
    assert cases(tmp_path, f"{BOX}(assert (<= Y_0 1)){text}") == ()


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ("(< Y_0 Y_1) (<= (* 2 Y_1) (* 2 Y_0))", 0),
        ("(<= Y_0 Y_1) (<= Y_1 Y_0)", 1),
        ("(<= (- Y_0 Y_1) 0.1) (>= (- (* 3 Y_0) (* 3 Y_1)) 0.3)", 1),
        ("(<= (- Y_0 Y_1) 0.1) (>= (- (* 3 Y_0) (* 3 Y_1)) 0.30000000000000000001)", 0),
        ("(< (- Y_0 Y_1) 0.1) (< (- (* 3 Y_0) (* 3 Y_1)) 0.3)", 1),
        ("(< (+ Y_0 Y_1) 0) (> (- Y_0 Y_1) 0)", 1),
        ("(< Y_0 0) (> (+ Y_0 Y_1) 0)", 1),
    ],
)
def test_rows_whose_sum_compares_numbers_are_decided(tmp_path: Path, rows: str, left: int) -> None:
    assert len(cases(tmp_path, f"{BOX}(assert (and {rows}))")) == left


def test_packed_files_and_declarations_of_functions(tmp_path: Path) -> None:
    path = tmp_path / "p.vnnlib.gz"
    declared = DECLARED.replace("declare-const X_0", "declare-fun X_0 ()")
    path.write_bytes(gzip.compress(f"{declared}{BOX}(assert (<= Y_0 1))".encode()))
    assert len(read_property(path).cases(2, 2)) == 1
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="expected a whole gzip file"):
        read_property(path)


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("(assert (<= (* Y_0 Y_1) 1))", "a product of variables", "line 5, column 13"),
        ("(assert (<= (/ 1 Y_0) 1))", "a quotient by a variable", "line 5, column 13"),
        ("(assert (<= (/ Y_1 0) 1))", "a quotient by 0", "line 5, column 13"),
        ("\n(assert (=> (<= Y_0 1)))", "got (=> (...))", "line 6, column 9"),
        ("(assert (not (<= Y_0 1)))", "got (not (...))", "line 5, column 9"),
        ("(assert (<= Y_0))", "got (<= Y_0)", "line 5, column 9"),
        ("(assert (<= Y_0 1) (<= Y_1 1))", "one formula", "line 5, column 1"),
        ("(assert (or))", "got (or)", "line 5, column 9"),
        ("(assert (<= Y_0 nan))", "got 'nan'", "line 5, column 17"),
        ("(assert (<= Y_2 1))", "a variable that was declared, got Y_2", "line 5, column 13"),
        ("(assert (<= Y_0 (abs Y_1)))", "got (abs Y_1)", "line 5, column 17"),
        ("(push 1)", "declare-const or assert, got 'push'", "line 5, column 1"),
        ("(exit) (assert (<= Y_0 1))", "nothing behind (exit), got (assert", "line 5, column 8"),
        ("(declare-const |X_0| Real)", "got '|X_0|'", "line 5, column 16"),
        ("(declare-const X_0 Real)", "X_0 twice", "line 5, column 16"),
        ("(declare-const Z_0 Real)", "got 'Z_0'", "line 5, column 16"),
        ("(declare-const X_2 Int)", "(declare-const X_2 Int)", "line 5, column 1"),
        ("(assert (<= Y_0 1)", "the end of the file", "line 5, column 1"),
        ("(assert (<= Y_0 1)))", "one that closes", "line 5, column 20"),
        ("x (assert (<= Y_0 1))", "commands between brackets, got 'x'", "line 5, column 1"),
        ("(" * 201, "at most 200 brackets in brackets", "line 5, column 201"),
        ("(assert (<= Y_0 1e99999))", "a finite number", "line 5, column 17"),
        ("(assert (<= X_0 X_1))", "got one of several inputs", "line 5, column 9"),
        ("(assert (<= X_0 Y_1))", "got one of inputs beside outputs", "line 5, column 9"),
    ],
)
def test_what_is_no_linear_property_is_refused_with_its_place(
    tmp_path: Path, text: str, reason: str, place: str
) -> None:
    error = refused(tmp_path, text)
    assert reason in str(error)
    assert error.where == place
    assert error.argument.endswith("p.vnnlib")


def test_commands_to_solvers_and_marks_of_editors_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.vnnlib"
    head = """\ufeff(set-logic QF_LRA) (set-option :produce-models true)
    (set-info :source |a (network; of "two|) (set-info :note "of )two | layers")\r\n"""
    end = (
        '(assert (<= Y_0 1)) (check-sat) (get-model) (get-value (X_0)) (echo "done;") (exit) ; all'
    )
    path.write_text(head + DECLARED + BOX + end, encoding="utf-8")
    (case,) = read_property(path).cases(2, 2)
    assert case == cases(tmp_path, BOX + "(assert (<= Y_0 1))")[0]


OPERATORS = {
    "+": lambda *v: sum(v), "-": lambda a, *v: a - sum(v) if v else -a, "*": lambda a, b: a * b,
    "and": lambda *v: all(v), "or": lambda *v: any(v), "!=": operator.ne,
    **{name: lambda *v, f=f: all(f(a, b) for a, b in pairwise(v)) for name, f in (
        ("<=", operator.le), (">=", operator.ge), ("<", operator.lt), (">", operator.gt),
        ("=", operator.eq),
    )},
}  # fmt: skip


def drawn(rng: random.Random, depth: int = 3) -> Any:
    """Return a formula as lists, of comparisons that are decided about boxes and rows."""
    if depth and rng.random() < 0.6:
        inner = (drawn(rng, depth - 1) for _ in range(rng.randint(1, 3)))
        return [rng.choice(["and", "or"]), *inner]
    number = rng.choice(["-0.0", "0.5", "1", "-1e0", "2.5E-1", "+.5", "1."])
    sign, k = rng.choice(["<=", ">=", "<", ">", "=", "!="]), rng.randint(0, 1)
    left = f"X_{k}" if rng.random() < 0.5 else ["+", ["*", "2.0", f"Y_{k}"], ["-", "Y_0", "0.5"]]
    if rng.random() < 0.3:
        left = ["-", left]
    if sign != "!=" and rng.random() < 0.2:
        return [sign, "-1.0", left, number]
    return [sign, *rng.sample([left, number], 2)]


def text(formula: Any) -> str:
    return formula if isinstance(formula, str) else f"({' '.join(map(text, formula))})"


def value(formula: Any, given: dict[str, Fraction]) -> Any:
    """Return what a formula is at a point, by its letter."""
    if isinstance(formula, str):
        return given[formula] if formula in given else Fraction(formula)
    head, *parts = formula
    return OPERATORS[head](*(value(part, given) for part in parts))


@pytest.mark.parametrize("seed", range(60))
def test_a_point_is_in_a_case_when_the_formula_holds(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    box = "".join(f"(assert (<= -1 X_{k} 1))" for k in (0, 1))
    formulas = [drawn(rng) for _ in range(rng.randint(1, 2))]
    found = cases(tmp_path, box + "".join(f"(assert {text(f)})" for f in formulas))
    names = ("X_0", "X_1", "Y_0", "Y_1")
    for _ in range(40):
        given = {name: Fraction(rng.randint(-4, 4), 4) for name in names}
        x, y = ((given[f"{letter}_0"], given[f"{letter}_1"]) for letter in "XY")
        assert any(case.holds(x, y) for case in found) == all(value(f, given) for f in formulas)


def test_every_input_has_bounds(tmp_path: Path) -> None:
    assert "no lower bound of input 1" in str(
        refused(tmp_path, BOX.replace("(>= X_1 1e-3)", "") + "(assert (<= Y_0 1))")
    )
    assert "no upper bound of input 0" in str(
        refused(tmp_path, BOX.replace("(<= X_0 0.1)", "(<= Y_0 1)"))
    )


def test_sizes_are_those_of_the_model(tmp_path: Path) -> None:
    assert "2 inputs, as the model has, got 3" in str(
        refused(tmp_path, BOX, DECLARED + "(declare-const X_2 Real)")
    )
    assert "2 outputs, as the model has, got 3" in str(
        refused(tmp_path, BOX, DECLARED + "(declare-const Y_2 Real)")
    )
    gap = refused(tmp_path, BOX, DECLARED + "(declare-const X_3 Real)")
    assert "without a gap, got no X_2" in str(gap)
    assert "got no Y_0" in str(refused(tmp_path, "", "(declare-const X_0 Real)"))
    assert "at least one assert" in str(refused(tmp_path, ""))


def test_choices_are_counted_before_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = "(assert (or (<= Y_0 1) (<= Y_1 1)))"
    error = refused(tmp_path, BOX + 60 * choice)
    assert error.expected == f"at most {CASES:,} cases"
    assert error.got == f"{2**60:,}"
    monkeypatch.setattr("verify.properties.cases.NUMBERS", 4)
    assert "at most 2 cases, got 4" in str(refused(tmp_path, BOX + 2 * choice))
    nested = f"(assert (or (<= Y_0 2) (and {60 * choice[8:-1]})))"
    assert refused(tmp_path, BOX + nested).got == f"{2**60 + 1:,}"


@pytest.mark.parametrize(
    ("name", "stored", "reason"),
    [
        ("p.txt", b"", "expected .vnnlib or .vnnlib.gz, got '.txt'"),
        ("p.gz", b"", "expected .vnnlib or .vnnlib.gz, got '.gz'"),
        ("p.vnnlib", None, "expected a file .vnnlib or .vnnlib.gz, got no such file"),
        (".", None, "expected .vnnlib or .vnnlib.gz"),
        ("folder.vnnlib", None, "expected a file .vnnlib or .vnnlib.gz, got no file"),
        ("p.vnnlib", b"; caf\xe9", "expected text in UTF-8, got other bytes (line 1)"),
        ("p.vnnlib", b"\xff\xfe(\x00", "expected text in UTF-8, got other bytes (line 1)"),
        ("p.vnnlib.gz", b"(assert", "expected a whole gzip file, got Not a gzipped file"),
        ("p.vnnlib", b" " * 65, "expected at most 0 MiB, got more"),
        ("p.vnnlib.gz", gzip.compress(b" " * 65, mtime=0), "expected at most 0 MiB, got more"),
    ],
)
def test_what_is_no_property_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stored: bytes | None, reason: str
) -> None:
    monkeypatch.setattr("verify.properties.reading.LONGEST", 64)
    (tmp_path / "folder.vnnlib").mkdir()
    if stored is not None:
        (tmp_path / name).write_bytes(stored)
    with pytest.raises(InputError) as error:
        read_property(tmp_path / name)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
