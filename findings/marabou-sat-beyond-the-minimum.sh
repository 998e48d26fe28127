#!/usr/bin/env bash
# maraboupy 2.0.0: "sat" for values that networks of small integers cannot take.
#
# Three networks have one input in [0, 1], three layers of eight ReLUs, one output, and integer
# weights of at most 9 in absolute value. With one input the function is linear between finitely many
# places, which the script finds with Fractions, so its least value m is exact. Asked for a point with
# an output of at most m - 2^-14, Marabou answers "sat" for all three, with values of the output that
# low. The exact output at the input that it gives is above m - 2^-14, although two of the inputs leave
# [0, 1] by about 1e-11 and 1e-15. Asked for m - 2^-6 it answers "unsat" each time. A "sat" of a query
# that is nearly tight says nothing until its input has been evaluated again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet maraboupy==2.0.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from fractions import Fraction

import numpy as np
from maraboupy import Marabou, MarabouCore
from maraboupy.MarabouNetwork import MarabouNetwork
from maraboupy.MarabouUtils import Equation

SIZES = (1, 8, 8, 8, 1)


def random_layers(seed):
    draw = np.random.default_rng(seed).integers
    return [
        (draw(-9, 10, size=(rows, columns)).tolist(), draw(-9, 10, size=rows).tolist())
        for columns, rows in zip(SIZES, SIZES[1:])
    ]


def before_relu(layers, x):
    """Return the values of the last of some layers at x, exactly."""
    values = [Fraction(x)]
    for k, (weights, biases) in enumerate(layers):
        values = [max(v, Fraction(0)) for v in values] if k else values
        values = [sum(map(Fraction.__mul__, map(Fraction, row), values), Fraction(bias))
                  for row, bias in zip(weights, biases)]
    return values


def least(layers):
    places = [Fraction(0), Fraction(1)]  # all values so far are linear between neighbours
    for k in range(1, len(layers)):
        found = set(places)
        for a, b in zip(places, places[1:]):
            for u, v in zip(before_relu(layers[:k], a), before_relu(layers[:k], b)):
                if u * v < 0:
                    found.add(a + (b - a) * u / (u - v))
        places = sorted(found)
    return min(before_relu(layers, x)[0] for x in places)


def ask(layers, bound):
    """Ask for an input in [0, 1] with an output of at most bound."""
    query = MarabouNetwork()
    read = [query.getNewVariable()]
    x = read[0]
    query.setLowerBound(x, 0.0)
    query.setUpperBound(x, 1.0)
    for k, (weights, biases) in enumerate(layers):
        if k:
            ends = [query.getNewVariable() for _ in read]
            for pair in zip(read, ends):
                query.addRelu(*pair)
            read = ends
        given = [query.getNewVariable() for _ in biases]
        for row, bias, z in zip(weights, biases, given):
            query.addEquality([*read, z], [*map(float, row), -1.0], -float(bias))
        read = given
    (y,) = read
    query.inputVars, query.outputVars = [np.array([x])], [np.array([y])]
    wanted = Equation(MarabouCore.Equation.LE)
    wanted.addAddend(1.0, y)
    wanted.setScalar(bound)
    query.addDisjunctionConstraint([[wanted]])
    options = Marabou.createOptions(verbosity=0, numWorkers=1, timeoutInSeconds=60)
    status, values, _ = query.solve(verbose=False, options=options)
    return (status, values[x], values[y]) if status == "sat" else (status, None, None)


for seed in (1, 6, 8):
    layers = random_layers(seed)
    m = least(layers)
    near, far = float(m) - 2.0**-14, float(m) - 2.0**-6
    status, x, y = ask(layers, near)
    exact = before_relu(layers, x)[0]
    print(f"seed {seed}: least {m}; at most {near!r}: {status}, x = {x!r}, y = {y!r}")
    print(f"    exactly y - least = {float(exact - m)!r}; at most {far!r}: {ask(layers, far)[0]}")
    assert status == "sat" and y < near + 1e-9 and near < m - Fraction(1, 2**15)
    assert exact > near and (exact >= m or not 0 <= x <= 1)
    assert ask(layers, far)[0] == "unsat"
PYTHON
