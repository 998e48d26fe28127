from __future__ import annotations

import gzip
from fractions import Fraction
from pathlib import Path

import pytest

from certify import linear_program, read_mps
from certify.errors import InputError
from certify.programs.mps import MPSProgram

F = Fraction

FREE = """\
* a comment
NAME example of a program
ROWS
 N  cost
 L  upper
 G  lower
 E  equal
 N  left_out
COLUMNS
 x cost 1 upper 0.1
 x lower 1
 y cost -2 upper .5
 y equal 1e-1 left_out 7
 z cost 3 lower 2
 z equal -1
RHS
 b upper 1.25 lower 1
 b left_out 9 cost 10
RANGES
 r upper 1 lower 3
BOUNDS
 UP bnd x 4
 FR bnd y
 LO bnd z -2
 UP bnd z 1/3
ENDATA
"""


def read(tmp_path: Path, text: str, fixed: bool = False) -> MPSProgram:
    path = tmp_path / "program.mps"
    path.write_text(text)
    return read_mps(path, fixed=fixed)


def test_every_part_of_a_file_is_read_exactly(tmp_path: Path) -> None:
    program = read(tmp_path, FREE)
    assert (program.name, program.variables) == ("example of a program", ("x", "y", "z"))
    assert program.constant == -10
    arguments = program.arguments
    assert arguments["objective"] == (1, -2, 3)
    matrix, right_side = arguments["inequalities"]
    rows = [[F(str(v)) for v in row] for row in matrix.dense().tolist()]
    assert list(zip(rows, right_side, strict=True)) == [
        ([F(1, 10), F(1, 2), 0], F(5, 4)),
        ([-F(1, 10), -F(1, 2), 0], -F(1, 4)),
        ([1, 0, 2], 4),
        ([-1, 0, -2], -1),
        ([1, 0, 0], 4),
        ([0, 0, 1], F(1, 3)),
        ([0, 0, -1], 2),
    ]
    matrix, right_side = arguments["equalities"]
    assert [[F(str(v)) for v in row] for row in matrix.dense().tolist()] == [[0, F(1, 10), -1]]
    assert right_side == [0]
    assert (arguments["nonnegative"], arguments["maximize"]) == ([0], False)
    assert linear_program(**arguments).status == "optimal"


def test_decimals_that_doubles_do_not_hold(tmp_path: Path) -> None:
    # 3 x = 0.3 and x = 0.1 contradict each other in doubles, which round the two differently.
    text = "ROWS\n N c\n E r\n E s\nCOLUMNS\n x r 3 s 1\nRHS\n b r 0.3 s 0.1\nENDATA\n"
    answer = linear_program(**read(tmp_path, text).arguments)
    assert answer.x == (F(1, 10),)
    assert linear_program([0], equalities=([[3.0], [1.0]], [0.3, 0.1])).status == "infeasible"


@pytest.mark.parametrize(
    ("kind", "right_side", "spread", "ends"),
    [
        ("L", 5, 2, (3, 5)),
        ("L", 5, -2, (3, 5)),
        ("G", 5, 2, (5, 7)),
        ("G", 5, -2, (5, 7)),
        ("E", 5, 2, (5, 7)),
        ("E", 5, -2, (3, 5)),
        ("E", 5, 0, (5, 5)),
    ],
)
def test_ranges(
    tmp_path: Path, kind: str, right_side: int, spread: int, ends: tuple[int, int]
) -> None:
    text = (
        f"ROWS\n N c\n {kind} r\nCOLUMNS\n x c 1 r 1\nRHS\n b r {right_side}\n"
        f"RANGES\n rng r {spread}\nBOUNDS\n FR bnd x\nENDATA\n"
    )
    arguments = read(tmp_path, text).arguments
    assert linear_program(**arguments).value == ends[0]
    assert linear_program(**{**arguments, "maximize": True}).value == ends[1]


@pytest.mark.parametrize(
    ("bounds", "ends"),
    [
        ([], (0, None)),
        ([" UP b x 3"], (0, 3)),
        ([" LO b x 2"], (2, None)),
        ([" UP b x -3", " MI b x"], (None, -3)),
        ([" MI b x"], (None, None)),
        ([" MI b x", " UP b x -3"], (None, -3)),
        ([" FR b x"], (None, None)),
        ([" PL b x"], (0, None)),
        ([" FX b x 2.5"], (F(5, 2), F(5, 2))),
        ([" UP x 3"], (0, 3)),
        ([" FR x"], (None, None)),
        ([" LO b x 3", " UP b x 2"], "infeasible"),
        ([" UP b x Inf"], (0, None)),
        ([" LO b x -infinity", " UP b x 1d1"], (None, 10)),
        ([" UP b x 2.5D+1 $ a comment"], (0, 25)),
    ],
)
def test_bounds(tmp_path: Path, bounds: list[str], ends: object) -> None:
    text = "\n".join(["ROWS", " N c", "COLUMNS", " x c 1", "BOUNDS", *bounds, "ENDATA"])
    arguments = read(tmp_path, text).arguments
    low = linear_program(**arguments)
    high = linear_program(**{**arguments, "maximize": True})
    if ends == "infeasible":
        assert (low.status, high.status) == (ends, ends)
    else:
        assert (low.value, high.value) == ends


@pytest.mark.parametrize("sense", ["OBJSENSE\n MAX\n", "OBJSENSE MAXIMIZE\n", "OBJSENSE\n  max\n"])
def test_maximising(tmp_path: Path, sense: str) -> None:
    text = f"{sense}ROWS\n N c\n L r\nCOLUMNS\n x c 1 r 1\nRHS\n r 7\nENDATA\n"
    program = read(tmp_path, text)
    assert program.arguments["maximize"] is True
    assert linear_program(**program.arguments).value == 7
    assert read(tmp_path, f"OBJSENSE MAX\n{text}").arguments["maximize"] is True
    with pytest.raises(
        InputError, match=r"one sense of the objective, got another one, min \(line"
    ):
        read(tmp_path, text.replace("ENDATA", "OBJSENSE\n min\nENDATA"))


def test_fixed_form_takes_names_with_blanks(tmp_path: Path) -> None:
    text = "\n".join(
        [
            "NAME          TESTPROB",
            "ROWS",
            " N  COST",
            " L  LIM 1",
            " G  MYEQN",
            "COLUMNS",
            "    X ONE     COST               1.0   LIM 1              1.0",
            "    X ONE     MYEQN              1.0",
            "    YTWO      COST               2.0   LIM 1              1.0",
            "RHS",
            "    RHS       LIM 1              4.0   MYEQN              1.0",
            "BOUNDS",
            " UP BND       X ONE              4.0",
            "ENDATA",
        ]
    )
    program = read(tmp_path, text, fixed=True)
    assert (program.name, program.variables) == ("TESTPROB", ("X ONE", "YTWO"))
    assert linear_program(**program.arguments).value == 1
    noted = text.replace("4.0   MYEQN              1.0", "4.0   $ MYEQN            1.0")
    assert linear_program(**read(tmp_path, noted, fixed=True).arguments).value == 0
    with pytest.raises(InputError, match=r"expected N, L, G or E and the name of a row"):
        read(tmp_path, text)
    with pytest.raises(InputError, match=r"blanks between the fields of fixed MPS, got a tab"):
        read(tmp_path, text.replace("    YTWO", "\tYTWO"), fixed=True)


@pytest.mark.parametrize("places", [(14, 39), (27, 52)])  # where programs write markers
def test_markers_of_fixed_form(tmp_path: Path, places: tuple[int, int]) -> None:
    def marker(word: str) -> str:
        return f"{'    M1'.ljust(places[0])}'MARKER'".ljust(places[1]) + word

    lines = ["    x         c                 -1.0   r                  2.0"]
    lines = [marker("'INTORG'"), *lines, marker("'INTEND'")]
    path = tmp_path / "program.mps"
    rest = (
        "RHS\n    b         r                  5.0\nBOUNDS\n UP b         x                  9.0\n"
    )
    path.write_text("\n".join(["ROWS", " N  c", " L  r", "COLUMNS", *lines, f"{rest}ENDATA\n"]))
    with pytest.raises(InputError, match="an integer section, M1 'MARKER' 'INTORG'"):
        read_mps(path, fixed=True)
    assert linear_program(**read_mps(path, fixed=True, relax=True).arguments).value == F(-5, 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ROWS\n N c\n G $r\nCOLUMNS\n x c 1 $r 1\n", 5),
        ("ROWS\n N c\n G $r\nCOLUMNS\n x $r 1 c 1\nRHS\n b c 1 $r 3\n", 7),
        ("ROWS\n N c\nCOLUMNS\n x c 1\n $x c 1\nBOUNDS\n FR x $x\n", 7),
    ],
)
def test_no_name_is_taken_for_a_comment(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(InputError, match=r"names that begin with no \$, as comments do") as got:
        read(tmp_path, f"{text}ENDATA\n")
    assert got.value.where == f"line {line}"
    read(tmp_path, f"{text}ENDATA\n".replace("$", "S"))


def test_no_name_of_fixed_form_is_taken_for_a_comment(tmp_path: Path) -> None:
    entry = "    x         c                  1.0   $r                 1.0"
    text = "\n".join(["ROWS", " N  c", " G  $r", "COLUMNS", entry, "ENDATA"])
    with pytest.raises(InputError, match=r"as comments do, got \$r \(line 5\)"):
        read(tmp_path, text, fixed=True)
    read(tmp_path, text.replace(" G  $r", " G  r"), fixed=True)


START = "ROWS\n N c\n L r\nCOLUMNS\n"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "ENDATA, got the end of the file"),
        ("ROWS\n N c\n", 2, "ENDATA, got the end of the file"),
        (" x c 1\n", 1, "a section such as ROWS"),
        ("ROWZ\n", 1, "a section, one of NAME"),
        ("ROWS now\n", 1, "ROWS alone on its line"),
        ("OBJSENSE\n BEST\n", 2, "MIN or MAX, got BEST"),
        ("ROWS\n L r\nENDATA\n", 3, "a row of type N"),
        ("ROWS\n Q r\n", 2, "N, L, G or E and the name of a row, got Q r"),
        ("ROWS\n N c\n L c\n", 3, "a new row, got 'c' again"),
        (START + " x c\n", 5, "a column and one or two pairs"),
        (START + " x q 1\n", 5, "a row of ROWS, got q"),
        (START + " x c one\n", 5, "a number, got 'one'"),
        (START + " x c nan\n", 5, "a number, got 'nan'"),
        (START + " x c 1e99999\n", 5, "a number, got '1e99999'"),
        (START + " x c 1 c 2\nENDATA\n", 5, "one number for each row of a column"),
        (START + " M 'MARKER' 'INTORG'\n", 5, "continuous variables (relax=True"),
        (START + " x c 1\nRHS\n b\n", 7, "pairs of a row and a number, got nothing"),
        (START + " x c 1\nRHS\n b r 1\n d c 1\n", 8, "a single RHS set, 'b', got 'd'"),
        (START + " x c 1\nRHS\n b r 1\n b r 1\n", 8, "one right side for each row"),
        (START + " x c 1\nRANGES\n b c 1\n", 7, "one range for each row of type L, G or E"),
        (START + " x c 1\nBOUNDS\n XX b x 1\n", 7, "a bound, one of LO, UP"),
        (START + " x c 1\nBOUNDS\n UP b y 1\n", 7, "a variable of COLUMNS, got y"),
        (START + " x c 1\nBOUNDS\n UP x\n", 7, "a bound, a variable and a number"),
        (START + " x c 1\nBOUNDS\n FR\n", 7, "a variable of COLUMNS, got nothing"),
        (START + " x c 1\nBOUNDS\n UP b x -1\nENDATA\n", 7, "beside a negative UP, got -1"),
        (START + " x c 1\nBOUNDS\n UP b x 1\n UP b x 2\n", 8, "bounded once"),
        (START + " x c 1\nBOUNDS\n UP b x -Inf\n", 7, "a finite bound, or an infinite one"),
        (START + " x c 1\nBOUNDS\n LO b x Infinity\n", 7, "a finite bound, or an infinite one"),
        (START + " x c 1\nBOUNDS\n FX b x inf\n", 7, "a finite bound, or an infinite one"),
        (START + " x c 1\nRHS\n b r inf\n", 7, "a number, got 'inf'"),
        (START + " x c 1e1d2\n", 5, "a number, got '1e1d2'"),
    ],
)
def test_malformed_files_name_the_line(tmp_path: Path, text: str, line: int, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert expected in str(caught.value)
    assert caught.value.argument.endswith("program.mps")
    assert caught.value.where == f"line {line}"


def test_files_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "program.mps"
    path.write_bytes(b"ROWS\n N \xff\n")
    with pytest.raises(InputError, match="text in UTF-8, or gzip of it, got the byte 0xff"):
        read_mps(path)
    with pytest.raises(FileNotFoundError):
        read_mps(tmp_path / "absent.mps")


SMALL = """\
NAME t
ROWS
 N c
 L r1
 G r2
 E r3
COLUMNS
 x c 1 r1 1
 x r2 1
 y c -2 r1 1
 y r3 1
 z c 1 r3 1
 z r2 1
RHS
 b r1 10 r2 1
 b r3 4
"""


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("ENDATA", "ENDATA", -7),
        ("NAME", "\ufeffNAME", -7),
        (" x r2 1\n", " x r2 1D0\n", -7),
        (" x r2 1\n", " x r2 1 $ a remark\n", -7),
        ("ENDATA", "BOUNDS\n UP B y Inf\nENDATA", -7),
        ("ENDATA", "BOUNDS\n UP B z -1\n MI B z\nENDATA", -12),
        (" L r1\n", " N d\n L r1\n", -7),
        ("ENDATA", "RANGES\n rg r1 2\nENDATA", -4),
        (" x c 1 r1 1\n", " x c 1\r x r1 1\r\n", -7),
        # What ends a line for Unicode ends none of a file: here it stands in comments.
        (" x c 1 r1 1\n", "* a\u2028 x c 5\n* a\f x c 5\n* a\x85 x c 5\n x c 1 r1 1\n", -7),
        (" x c 1 r1 1\n", "\xa0x c 1 r1 1\n\xa0\n", -7),  # blanks for Unicode
        # beyond the doubles
        (" y c -2 r1 1\n y r3 1\n", " y c -2 r1 1e-400\n y r3 1\n", -7),
        (" y c -2 r1 1\n", f" y c -2 r1 0.{400 * '9'}\n", -7),
    ],
)
def test_what_other_readers_read(tmp_path: Path, old: str, new: str, value: int) -> None:
    text = (SMALL + "ENDATA\n").replace(old, new)
    assert linear_program(**read(tmp_path, text).arguments).value == value
    (tmp_path / "program.mps").write_bytes(gzip.compress(text.encode()))  # whatever its name
    assert linear_program(**read_mps(tmp_path / "program.mps").arguments).value == value


@pytest.mark.parametrize(
    ("bounds", "value"),
    [
        ("BV B y", 1),
        ("UI B y 2.5", F(-7, 2)),
        ("LI B z 1", -5),
    ],
)
def test_integers_are_relaxed_on_demand_alone(tmp_path: Path, bounds: str, value: int | F) -> None:
    text = f"{SMALL}BOUNDS\n {bounds}\nENDATA\n"
    with pytest.raises(InputError, match=r"relax=True drops that they are integers\), got") as got:
        read(tmp_path, text)
    assert got.value.where == "line 18"
    relaxed = read_mps(tmp_path / "program.mps", relax=True)
    assert linear_program(**relaxed.arguments).value == value


def test_integer_sections_are_relaxed_where_readers_agree(tmp_path: Path) -> None:
    marked = SMALL.replace(" y c", " M1 'MARKER' 'INTORG'\n y c", 1)
    marked = marked.replace(" z c", " M2 'MARKER' 'INTEND'\n z c", 1)
    path = tmp_path / "program.mps"
    path.write_text(f"{marked}BOUNDS\n UP B y 3\nENDATA\n")
    with pytest.raises(InputError, match="an integer section, M1 'MARKER' 'INTORG'"):
        read_mps(path)
    assert linear_program(**read_mps(path, relax=True).arguments).value == -5
    path.write_text(f"{marked}ENDATA\n")
    with pytest.raises(InputError, match=r"a bound of each variable between markers.*line 12"):
        read_mps(path, relax=True)
    path.write_text(f"{marked}ENDATA\n".replace("'INTEND'", "'END'"))
    with pytest.raises(InputError, match="a name, 'MARKER', and 'INTORG' or 'INTEND'"):
        read_mps(path, relax=True)


def test_bounds_that_some_readers_take_for_infinite(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="below 1e20 in size, or Inf: readers disagree, got 1e29"):
        read(tmp_path, f"{SMALL}BOUNDS\n UP B y 1e29\nENDATA\n")
    with pytest.raises(InputError, match="an infinite one that bounds nothing, got -1e30"):
        read(tmp_path, f"{SMALL}BOUNDS\n UP B y -1e30\nENDATA\n")
    for old, new in (("r1 10", "r1 1e20"), ("r3 4", "r3 4\nRANGES\n g r3 -1e30")):
        with pytest.raises(InputError, match="below 1e20 in size: some readers take"):
            read(tmp_path, f"{SMALL.replace(old, new)}ENDATA\n")
    constant = read(tmp_path, f"{SMALL.replace('r3 4', 'r3 4 c -1e20')}ENDATA\n").constant
    assert constant == 10**20  # no side of a row
    free = [read(tmp_path, f"{SMALL}BOUNDS\n UP B y {end}\nENDATA\n") for end in ("1e30", "Inf")]
    assert str(free[0].arguments) == str(free[1].arguments)
    text = f"{SMALL}BOUNDS\n UP B y 9e19\nENDATA\n"
    assert linear_program(**read(tmp_path, text).arguments).value == -7


def test_what_is_only_known_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a second one for 'x' \(line 14\)"):
        read(tmp_path, SMALL.replace("RHS", " x r2 3\nRHS") + "ENDATA\n")
    split = SMALL.replace("RHS", " x r3 1\nRHS") + "ENDATA\n"
    assert linear_program(**read(tmp_path, split).arguments).value == -5
    numbers = SMALL.replace(" x r2 1\n", " x r2 1e-30\n") + "ENDATA\n"
    assert linear_program(**read(tmp_path, numbers).arguments).value == -5
    quotients = SMALL.replace(" x r2 1\n", " x r2 1/3\n") + "ENDATA\n"
    assert linear_program(**read(tmp_path, quotients).arguments).value == -5


def test_names_with_blanks_say_how_to_read_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the name of a row \(names with blanks: fixed=True\)"):
        read(tmp_path, "ROWS\n N the cost\nENDATA\n")
    with pytest.raises(InputError, match=r"row and number \(names with blanks: fixed=True\)"):
        read(tmp_path, START + " x 1 c 1\nENDATA\n")
