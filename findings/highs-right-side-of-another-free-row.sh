#!/usr/bin/env bash
# HiGHS 1.15.1 and 1.16.0: the right side of a free row that is not the objective moves the optimum.
#
# In MPS the first row of type N is the objective; further ones are free rows, which bound nothing, and
# modellers keep other objectives in them. A right side of the objective's row is a constant, by the
# custom of HiGHS subtracted. Least x with x >= 5 is 5; with a right side of 10 for the second free row,
# which has no say in it, HiGHS answers -5, without a word: it takes the number for a constant of the
# objective. GLPK 5.0 answers 5. Where the objective has a right side, too, HiGHS warns of a duplicate
# and keeps the one that comes first, whichever row it belongs to.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 1.15.1 1.16.0; do
  python3 -m venv "$version"
  "$version/bin/pip" install --quiet "highspy==$version" numpy==2.4.6 swiglpk==5.0.13
  "$version/bin/python" - <<'PYTHON'
import highspy
import swiglpk as glpk

PATH = "program.mps"
FILE = """NAME          PROGRAM
ROWS
 N  COST
 N  OTHER
 G  ROW
COLUMNS
    X         COST               1.0   ROW                1.0
    X         OTHER              7.0
RHS
    RHS       ROW                5.0
{sides}ENDATA
"""
COST = "    RHS       COST               1.0\n"
OTHER = "    RHS       OTHER             10.0\n"


def highs():
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    warned = solver.readModel(PATH) == highspy.HighsStatus.kWarning
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getInfo().objective_function_value, warned, solver.version()


def glpk_value():
    glpk.glp_term_out(glpk.GLP_OFF)
    program = glpk.glp_create_prob()
    assert glpk.glp_read_mps(program, glpk.GLP_MPS_DECK, None, PATH) == 0
    assert glpk.glp_simplex(program, None) == 0
    return glpk.glp_get_obj_val(program)


for sides, expected in (
    ([], (5, False, 5)),
    ([COST], (4, False, 6)),
    ([OTHER], (-5, False, 5)),
    ([COST, OTHER], (4, True, 6)),
    ([OTHER, COST], (-5, True, 6)),
):
    with open(PATH, "w") as file:
        file.write(FILE.format(sides="".join(sides)))
    value, warned, version = highs()
    found = value, warned, glpk_value()
    print(version, *(line.split()[1] for line in sides), "HiGHS, warned, GLPK:", *found)
    assert found == expected
PYTHON
done
