#!/usr/bin/env bash
# QSopt_ex 2.5.10.3 (Debian): an exact optimum of another program, where a bound has Fortran's exponent.
#
# Programs in Fortran print doubles with the exponent D, and MPS files with 2.5D1 for 25 are in use.
# HiGHS 1.15.1 reads such numbers wherever they stand. QSopt_ex refuses the file when one stands among
# the columns, the right sides or the ranges. In a bound it takes what stands before the D and says
# nothing: the greatest x with x <= 2.5D1 is 5/2 for it, with "status = OPTIMAL" and an exact value, and
# the same for lower and fixed bounds. An exact answer is one about the program that was read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q qsopt-ex=2.5.10.3-2 libqsopt-ex2=2.5.10.3-2 2>&1
for package in *.deb; do dpkg-deb --extract "$package" root; done
export PATH="$folder/root/usr/bin:$PATH"
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libqsopt_ex.so.2')")
export LD_LIBRARY_PATH="$folder/$LD_LIBRARY_PATH"
python3 -m venv venv
venv/bin/pip install --quiet highspy==1.15.1 numpy==2.4.6
venv/bin/python - <<'PYTHON'
import re
import subprocess
from fractions import Fraction as F

import highspy

FILE = """NAME          PROGRAM
ROWS
 N  COST
 G  ROW
COLUMNS
    X         COST      {cost:>12}   ROW       {entry:>12}
RHS
    RHS       ROW       {side:>12}
RANGES
    RNG       ROW       {span:>12}
BOUNDS
 {kind} BND       X         {bound:>12}
ENDATA
"""
PLAIN = {"cost": "-1.0", "entry": "1.0", "side": "1.0", "span": "50.0", "kind": "UP", "bound": "25.0"}


def esolver(**changed):
    with open("program.mps", "w") as file:
        file.write(FILE.format(**PLAIN | changed))
    command = ["esolver", "-O", "program.sol", "program.mps"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if "Could not read mps file" in done.stdout + done.stderr:
        return "refused"
    text = open("program.sol").read()
    assert "status = OPTIMAL" in text
    return F(re.search(r"Value = (\S+)", text)[1])


def highs():
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel("program.mps") == highspy.HighsStatus.kOk
    solver.run()
    return solver.getInfo().objective_function_value


for changed, exact, rounded in (
    ({}, -25, -25),
    ({"bound": "2.5E1"}, -25, -25),
    ({"bound": "2.5D1"}, F(-5, 2), -25),
    ({"kind": "FX", "bound": "2.5D1"}, F(-5, 2), -25),
    ({"kind": "LO", "cost": "1.0", "bound": "2.5D1"}, F(5, 2), 25),
    ({"cost": "-1.0D0"}, "refused", -25),
    ({"entry": "1.0D0"}, "refused", -25),
    ({"side": "1.0D0"}, "refused", -25),
    ({"span": "5.0D1"}, "refused", -25),
):
    found = esolver(**changed), highs()
    print(changed or "plain", "QSopt_ex", found[0], "HiGHS", found[1])
    assert found == (exact, rounded), (changed, found)
PYTHON
