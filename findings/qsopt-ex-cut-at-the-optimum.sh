#!/usr/bin/env bash
# QSopt_ex 2.5.10.3 (Debian): a solution file that says OPTIMAL and then NOT_SOLVED, without a value.
#
# QSopt_ex solves linear programs in rational arithmetic. A program of two variables and three rows
# (one right side has 17 digits, as a computed double is printed) has the optimum v, which the script
# proves with Fractions: a feasible point and multipliers of the rows with the same value. With one row more, that the objective is at most v, the same point is
# feasible and v is the optimum still. esolver then exits with 0 and writes "status = OPTIMAL", but
# "status NOT_SOLVED" in the next line, the right point, and no value: by its log the simplex method
# in floating point calls the program infeasible, still at thousands of bits. With a row that leaves a
# millionth of v to spare it has the value. Whoever reads the first line alone takes the program for
# solved; whoever reads the second, for unsolved.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q qsopt-ex=2.5.10.3-2 libqsopt-ex2=2.5.10.3-2 2>&1
for package in *.deb; do dpkg-deb --extract "$package" root; done
export PATH="$folder/root/usr/bin:$PATH"
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libqsopt_ex.so.2')")
export LD_LIBRARY_PATH="$folder/$LD_LIBRARY_PATH"
python3 - <<'PYTHON'
import re
import subprocess
from fractions import Fraction as F

COSTS = ["1", "70"]  # least costs . x with rows . x >= sides and x >= 0
ROWS = [["1", "1"], ["0.002", "1"], ["9.14", "0.0004"]]
SIDES = ["0.000031", "0.0022400000000000002", "5.2"]


def esolver(name, bound=None):
    lines = ["NAME " + name, "ROWS", " N COST", " G R0", " G R1", " G R2"]
    lines += [" L CUT", "COLUMNS"] if bound else ["COLUMNS"]
    for j, cost in enumerate(COSTS):
        lines.append(f" X{j} COST {cost}")
        lines += [f" X{j} R{i} {row[j]}" for i, row in enumerate(ROWS)]
        lines += [f" X{j} CUT {F(cost) * bound.denominator}"] if bound else []
    lines += ["RHS", *(f" b R{i} {side}" for i, side in enumerate(SIDES))]
    lines += [f" b CUT {bound.numerator}"] if bound else []
    with open(name + ".mps", "w") as file:
        file.write("\n".join([*lines, "ENDATA", ""]))
    command = ["esolver", "-O", name + ".sol", name + ".mps"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    log = done.stdout + done.stderr
    assert done.returncode == 0, log
    bits = max(map(int, re.findall(r"mpf with (\d+) bits", log)), default=0)
    text = open(name + ".sol").read()
    values = [F(value) for value in re.findall(r"Value = (\S+)", text)]
    point = [F(value) for value in re.findall(r"^X\d = (\S+)", text, re.MULTILINE)]
    found = re.findall(r"^status.*", text, re.MULTILINE), values, point
    print(name, found[0], f"up to {bits} bits, value", *map(str, values), "point", *map(str, point))
    return *found, bits > 1000 and "Primal Infeasible" in log


# the point where the second and the third row are equalities, and their multipliers
(a, b), (c, d) = [[F(number) for number in row] for row in ROWS[1:]]
p, q = map(F, SIDES[1:])
r, s = map(F, COSTS)
point = [(p * d - b * q) / (a * d - b * c), (a * q - p * c) / (a * d - b * c)]
multipliers = [(r * d - c * s) / (a * d - b * c), (a * s - r * b) / (a * d - b * c)]
assert min(point) >= 0 and min(multipliers) >= 0 and sum(point) >= F(SIDES[0])
assert [a * point[0] + b * point[1], c * point[0] + d * point[1]] == [p, q]
assert [multipliers[0] * a + multipliers[1] * c, multipliers[0] * b + multipliers[1] * d] == [r, s]
optimum = r * point[0] + s * point[1]
assert optimum == multipliers[0] * p + multipliers[1] * q

solved = ["status = OPTIMAL", "status OPTIMAL"]
assert esolver("plain") == (solved, [optimum], point, False)
assert esolver("spare", optimum * (1 + F(1, 10**6))) == (solved, [optimum], point, False)
assert esolver("cut", optimum) == (
    ["status = OPTIMAL", "status NOT_SOLVED"], [], point, True
)
PYTHON
