#!/usr/bin/env bash
# HiGHS 1.15.1, GLPK 5.0, CBC 2.10.3, SCIP (PySCIPOpt 6.3.0): one MPS file, other optimal values.
#
# The format grew by custom, and its corners have no owner. Least x + 2 y with x + y >= 4 and x <= 3 is
# 5 for all four. Three lines of the kind that real files have change that, without an error:
# - A right side of 10 for the objective's row: the constant is -10 for HiGHS, CBC and SCIP (-5), and
#   +10 for GLPK (15).
# - An upper bound of -1 without a lower bound: the lower bound stays 0 for HiGHS, GLPK and SCIP, so
#   there is no point; CBC lets x be -1 and has the optimum 9.
# - OBJSENSE with MAX, and the row as <=: the greatest value is 8 for HiGHS and SCIP. CBC "ignores" the
#   word by a line in its log, minimises, and answers 0 as "Optimal". GLPK refuses the section.
# A certified value is one of a reading of the file: the reading has to be stated with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet highspy==1.15.1 numpy==2.4.6 swiglpk==5.0.13 pulp==3.3.2 pyscipopt==6.3.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import re
import subprocess

import highspy
import pulp
import swiglpk as glpk
from pyscipopt import Model

PATH = "program.mps"
FILE = """NAME          PROGRAM
{sense}ROWS
 N  COST
 {kind}  ROW
COLUMNS
    X         COST               1.0   ROW                1.0
    Y         COST               2.0   ROW                1.0
RHS
    RHS       ROW                4.0{constant}
BOUNDS
 UP BND       X                 {upper}
ENDATA
"""
FILES = {
    "plain": {},
    "constant": {"constant": "   COST              10.0"},
    "upper -1": {"upper": "-1.0"},
    "maximum": {"sense": "OBJSENSE\n    MAX\n", "kind": "L"},
}


def highs():
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(PATH) != highspy.HighsStatus.kError
    solver.run()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getInfo().objective_function_value if optimal else "infeasible"


def glpk_value():
    glpk.glp_term_out(glpk.GLP_OFF)
    program, options = glpk.glp_create_prob(), glpk.glp_smcp()
    if glpk.glp_read_mps(program, glpk.GLP_MPS_DECK, None, PATH):
        return "refused"
    glpk.glp_init_smcp(options)
    options.presolve = glpk.GLP_ON
    # bounds that exclude each other are an error of the program's data (GLP_EBOUND)
    if glpk.glp_simplex(program, options) in (glpk.GLP_EBOUND, glpk.GLP_ENOPFS):
        return "infeasible"
    assert glpk.glp_get_status(program) == glpk.GLP_OPT
    return glpk.glp_get_obj_val(program)


def cbc():
    path = pulp.PULP_CBC_CMD().path
    log = subprocess.run([path, PATH, "solve"], capture_output=True, text=True, check=True).stdout
    assert "Version: 2.10.3" in log and "read with 0 errors" in log, log
    return float(re.search(r"Optimal - objective value (\S+)", log)[1])


def scip():
    model = Model()
    model.hideOutput()
    model.readProblem(PATH)
    model.optimize()
    return model.getObjVal() if model.getStatus() == "optimal" else model.getStatus()


assert glpk.glp_version() == "5.0"
found = {}
for name, changes in FILES.items():
    words = {"sense": "", "kind": "G", "constant": "", "upper": "3.0"} | changes
    with open(PATH, "w") as file:
        file.write(FILE.format(**words))
    found[name] = [highs(), glpk_value(), cbc(), scip()]
    print(f"{name}: HiGHS {found[name][0]}, GLPK {found[name][1]}, CBC {found[name][2]}, SCIP {found[name][3]}")
assert found == {
    "plain": [5, 5, 5, 5],
    "constant": [-5, 15, -5, -5],
    "upper -1": ["infeasible", "infeasible", 9, "infeasible"],
    "maximum": [8, "refused", 0, 8],
}, found
PYTHON
