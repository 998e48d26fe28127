"""Exact linear programming in other libraries and programs, all called alike.

Each function takes a :class:`benchmarks.lp_instances.Program` and returns what it found: the status
and, when optimal and if the peer says it exactly, the value. Each begins with the conversion that
its user has to do, since that is part of the way from data to an answer.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.lp_instances import Program
from benchmarks.measure import OURS, NotInstalled

Answer: TypeAlias = tuple[str, Fraction | None]
Row: TypeAlias = list[Fraction]


def certify_(program: Program) -> Answer:
    """Solve with this package, certificate included."""
    from certify import linear_program

    equalities = None
    if program.equal_matrix is not None:
        equalities = (program.equal_matrix, program.equal_right_side)
    result = linear_program(
        program.objective,
        (program.matrix, program.right_side),
        equalities,
        nonnegative=program.nonnegative,
    )
    return result.status, result.value


def pplpy(program: Program) -> Answer:
    """Solve with the Parma Polyhedra Library (GMP integers, primal simplex)."""
    import ppl

    costs, upper, equal = _rows(program)
    n = len(costs)
    problem = ppl.MIP_Problem(n)
    problem.set_optimization_mode("minimization")
    for rows, relation in ((upper, "__le__"), (equal, "__eq__")):
        for *row, bound in map(_whole, rows):
            problem.add_constraint(getattr(ppl.Linear_Expression(row, -bound), relation)(0))
    for j in program.nonnegative:
        problem.add_constraint(ppl.Variable(j) >= 0)
    *objective, scale = _whole([*costs, Fraction(1)])
    problem.set_objective_function(ppl.Linear_Expression(objective, 0))
    status = problem.solve()["status"]
    if status != "optimized":
        return {"unbounded": "unbounded", "unfeasible": "infeasible"}[status], None
    value = problem.optimal_value()
    return "optimal", Fraction(int(value.numerator), int(value.denominator)) / scale


def pycddlib(program: Program) -> Answer:
    """Solve with cddlib (GMP rationals, dual simplex)."""
    import cdd
    import cdd.gmp

    costs, upper, equal = _rows(program)
    n = len(costs)
    table: list[list[Any]] = [[row[-1], *(-a for a in row[:-1])] for row in equal + upper]
    table += [[int(k == j + 1) for k in range(n + 1)] for j in program.nonnegative]
    matrix = cdd.gmp.matrix_from_array(
        table, rep_type=cdd.RepType.INEQUALITY, lin_set=range(len(equal))
    ) if table else cdd.gmp.matrix_from_array([[1] + [0] * n])  # fmt: skip
    matrix.obj_type = cdd.LPObjType.MIN
    matrix.obj_func = [Fraction(0), *costs]
    problem = cdd.gmp.linprog_from_matrix(matrix)
    cdd.gmp.linprog_solve(problem)
    status = cdd.LPStatusType
    if problem.status == status.OPTIMAL:
        return "optimal", problem.obj_value
    if problem.status in (status.INCONSISTENT, status.STRUC_INCONSISTENT):
        return "infeasible", None
    # cddlib reports a dual without a solution, and its ray, without deciding on the primal.
    return "unbounded", None


def z3(program: Program) -> Answer:
    """Solve with z3's optimiser over the reals."""
    import z3

    costs, upper, equal = _rows(program)
    x = [z3.Real(f"x{j}") for j in range(len(costs))]
    optimizer = z3.Optimize()
    for rows, is_equal in ((upper, False), (equal, True)):
        for *row, bound in rows:
            left, right = _z3_sum(row, x), z3.RatVal(bound.numerator, bound.denominator)
            optimizer.add(left == right if is_equal else left <= right)
    optimizer.add(*(x[j] >= 0 for j in program.nonnegative))
    handle = optimizer.minimize(_z3_sum(costs, x))
    if optimizer.check() == z3.unsat:
        return "infeasible", None
    value = optimizer.lower(handle)
    if z3.is_int_value(value):
        return "optimal", Fraction(value.as_long())
    if not z3.is_rational_value(value):
        return "unbounded", None
    return "optimal", Fraction(value.numerator_as_long(), value.denominator_as_long())


def sympy(program: Program) -> Answer:
    """Solve with SymPy's ``linprog`` (rationals), free variables as differences of two."""
    from sympy import Matrix, Rational
    from sympy.solvers.simplex import InfeasibleLPError, UnboundedLPError, linprog

    costs, upper, equal = _rows(program)
    # SymPy 1.14 gives wrong answers to programs whose bounds leave variables free.
    rows = [row[:-1] + [-row[j] for j in program.free] + row[-1:] for row in upper + equal]
    exact = [[Rational(v.numerator, v.denominator) for v in row] for row in rows]
    arguments: list[Any] = []
    for part in (exact[: len(upper)], exact[len(upper) :]):
        left, right = [row[:-1] for row in part], [row[-1] for row in part]
        arguments += [Matrix(left), Matrix(right)] if part else [None, None]
    objective = [Rational(c.numerator, c.denominator) for c in costs]
    objective += [-objective[j] for j in program.free]
    try:
        value, _ = linprog(objective, *arguments)
    except InfeasibleLPError:
        return "infeasible", None
    except UnboundedLPError:
        return "unbounded", None
    return "optimal", Fraction(int(value.p), int(value.q))


def glpk(program: Program) -> Answer:
    """Solve with ``glpsol --exact`` (GMP rationals after floats; reads and prints doubles)."""
    text = mps(program, _double)
    out = _start("glpsol", ["--exact", "--freemps", "{mps}", "--write", "{out}"], text)
    # s bas ROWS COLUMNS PRIMAL DUAL VALUE: f is feasible, n has no solution, u is undecided.
    primal, dual = _found(r"^s bas \d+ \d+ (\w) (\w)", out).groups()
    answers = {"ff": "optimal", "fn": "unbounded"}
    if primal == "n":
        return "infeasible", None
    if primal + dual not in answers:
        raise RuntimeError("undecided")
    return answers[primal + dual], None


def qsopt_ex(program: Program) -> Answer:
    """Solve with QSopt_ex (GMP rationals after floats of growing precision)."""
    out = _start("esolver", ["-O", "{out}", "{mps}"], mps(program, str))
    status = _found(r"^status\s*=?\s*(\w+)", out)[1].lower()
    value = re.search(r"Value = (\S+)", out)
    return status, Fraction(value[1]) if value else None


CONTENDERS: dict[str, Callable[[Program], Answer]] = {
    OURS: certify_,
    "pycddlib": pycddlib,
    "pplpy": pplpy,
    "QSopt_ex": qsopt_ex,
    "GLPK exact": glpk,
    "z3": z3,
    "SymPy": sympy,
}


def mps(program: Program, numeral: Callable[[Fraction], str]) -> str:
    """Return the program in free MPS."""
    costs, upper, equal = _rows(program)
    rows = upper + equal
    lines = ["NAME drawn", "ROWS", " N cost"]
    lines += [f" {'L' if i < len(upper) else 'E'} r{i}" for i in range(len(rows))]
    lines.append("COLUMNS")
    for j, c in enumerate(costs):
        lines.append(f" x{j} cost {numeral(c)}")
        lines += [f" x{j} r{i} {numeral(row[j])}" for i, row in enumerate(rows) if row[j]]
    lines += ["RHS", *(f" b r{i} {numeral(row[-1])}" for i, row in enumerate(rows) if row[-1])]
    lines += ["BOUNDS", *(f" FR bound x{j}" for j in program.free)]
    return "\n".join([*lines, "ENDATA", ""])


def _rows(program: Program) -> tuple[Row, list[Row], list[Row]]:
    """Return costs, inequalities and equalities in Fractions, the right side last in each row."""
    systems: list[list[Row]] = []
    for matrix, right_side in (
        (program.matrix, program.right_side),
        (program.equal_matrix, program.equal_right_side),
    ):
        pairs = () if matrix is None else zip(matrix.tolist(), _listed(right_side), strict=True)
        systems.append([[*map(Fraction, row), Fraction(bound)] for row, bound in pairs])
    return list(map(Fraction, _listed(program.objective))), systems[0], systems[1]


def _listed(values: Any) -> list[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _whole(row: Iterable[Fraction]) -> list[int]:
    row = list(row)
    scale = lcm(*(v.denominator for v in row))
    return [v.numerator * (scale // v.denominator) for v in row]


def _z3_sum(row: Row, x: list[Any]) -> Any:
    import z3

    terms = [z3.RatVal(a.numerator, a.denominator) * v for a, v in zip(row, x, strict=True) if a]
    return z3.Sum(terms) if terms else z3.RealVal(0)


def _double(value: Fraction) -> str:
    if Fraction(float(value)) != value:
        raise ValueError("takes numbers that doubles can hold")
    return repr(float(value))


def _found(pattern: str, text: str) -> re.Match[str]:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"no status in {text[:200]!r}")
    return match


def _start(command: str, arguments: list[str], text: str) -> str:
    """Run a program on an MPS file and return what it wrote to its output file."""
    if shutil.which(command) is None:
        raise NotInstalled(command)
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "program.mps", Path(folder) / "answer.sol"
        source.write_text(text)
        places = {"mps": source, "out": out}
        call = [command, *(argument.format(**places) for argument in arguments)]
        done = subprocess.run(call, capture_output=True, text=True)
        if not out.exists():
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stdout[-300:]}")
        return out.read_text()
