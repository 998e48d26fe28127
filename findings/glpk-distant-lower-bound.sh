#!/usr/bin/env bash
# GLPK 5.0 (swiglpk 5.0.13): beside a bound of -1e17 a wrong optimum is called optimal.
#
# Least x + 2 y with x + y >= 4, y >= 1 and x >= -10^k is 5 at (3, 1) for every k. Some files have such far
# bounds for none at all; HiGHS and SCIP read -1e20 as none. glp_simplex returns 0 and GLP_OPT with
# the value 6 at (4, 1) for k = 16, and 2 at (0, 1) for k = 17 to 30, with its presolver as without.
# (0, 1) misses the row by 3, yet the row's value is reported as 4. glp_check_kkt, if it is asked,
# has the error of 3 (1 for k = 16). glp_exact, in rational arithmetic, has 5 throughout, and so
# has HiGHS 1.15.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet swiglpk==5.0.13 highspy==1.15.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import highspy
import swiglpk as glpk

assert glpk.glp_version() == "5.0"
glpk.glp_term_out(glpk.GLP_OFF)


def program(bound):
    made = glpk.glp_create_prob()
    glpk.glp_add_rows(made, 1)
    glpk.glp_add_cols(made, 2)
    glpk.glp_set_row_bnds(made, 1, glpk.GLP_LO, 4.0, 0.0)
    places, ones = glpk.intArray(3), glpk.doubleArray(3)
    for j, (cost, low) in enumerate([(1.0, bound), (2.0, 1.0)], 1):
        glpk.glp_set_obj_coef(made, j, cost)
        glpk.glp_set_col_bnds(made, j, glpk.GLP_LO, low, 0.0)
        places[j], ones[j] = j, 1.0
    glpk.glp_set_mat_row(made, 1, 2, places, ones)
    return made


def simplex(bound, presolve):
    made, options = program(bound), glpk.glp_smcp()
    glpk.glp_init_smcp(options)
    options.presolve = presolve
    assert glpk.glp_simplex(made, options) == 0 and glpk.glp_get_status(made) == glpk.GLP_OPT
    value, point = glpk.glp_get_obj_val(made), [glpk.glp_get_col_prim(made, j) for j in (1, 2)]
    errors, places = glpk.doubleArray(2), glpk.intArray(2)
    glpk.glp_check_kkt(
        made, glpk.GLP_SOL, glpk.GLP_KKT_PE, errors, places, glpk.doubleArray(1), glpk.intArray(1)
    )
    return value, point, glpk.glp_get_row_prim(made, 1), errors[0]


def exact(bound):
    made = program(bound)
    assert glpk.glp_exact(made, None) == 0 and glpk.glp_get_status(made) == glpk.GLP_OPT
    return glpk.glp_get_obj_val(made)


def highs(bound):
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.addVar(bound, highspy.kHighsInf)
    solver.addVar(1.0, highspy.kHighsInf)
    solver.changeColCost(0, 1.0)
    solver.changeColCost(1, 2.0)
    solver.addRow(4.0, highspy.kHighsInf, 2, [0, 1], [1.0, 1.0])
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getInfo().objective_function_value


for k in range(1, 31):
    bound = -(10.0**k)
    found = simplex(bound, glpk.GLP_OFF)
    assert simplex(bound, glpk.GLP_ON) == found
    value, point, row, error = found
    others = exact(bound), highs(bound)
    print(f"-1e{k}: value {value} at {point}, row {row}, error {error}; glp_exact and HiGHS {others}")
    assert others == (5, 5)
    if k < 16:
        assert found == (5, [3, 1], 4, 0)
    else:
        assert found == ((6, [4, 1], 4, 1) if k == 16 else (2, [0, 1], 4, 3))
PYTHON
