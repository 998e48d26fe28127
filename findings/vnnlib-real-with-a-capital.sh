#!/usr/bin/env bash
# vnnlib 1.0.2: a misspelt element type is accepted, and then some arithmetic is a type error.
#
# Types are written real, float32, ... A declaration with Real, or any other word, is parsed all the
# same, with the dtype Unknown. Constants without a point, which are a TypeMismatch for real, then
# pass; sums and products with constants that have a point are a TypeMismatch, although the same
# difference passes. So a file reads or fails by which operator it happens to use, and the message
# names the constant, never the type that nobody knows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vnnlib==1.0.2
"$folder/venv/bin/python" - <<'PYTHON'
import vnnlib

QUERY = """(vnnlib-version <2.0>)
(declare-network f (declare-input X {0} [1,2]) (declare-output Y {0} [1,1]))
(assert ({1}))
"""
COMPARISONS = ("<= Y[0,0] 1.5", "<= Y[0,0] 3", "<= (- Y[0,0] 1.0) 2.5", "<= (+ Y[0,0] 1.0) X[0,1]")
found = {}
for name in ("real", "Real", "metres"):
    for comparison in COMPARISONS:
        try:
            query = vnnlib.parse_query_string(QUERY.format(name, comparison))
            outcome = query.networks[0].inputs[0].dtype.name
        except vnnlib.VNNLibException as error:
            outcome = "TypeMismatch" if "TypeMismatch" in str(error) else str(error)
        found.setdefault(name, []).append(outcome)
    print(f"{name:8}", dict(zip(COMPARISONS, found[name])))
assert found["real"] == ["Real", "TypeMismatch", "Real", "Real"], found
assert found["Real"] == found["metres"] == ["Unknown", "Unknown", "Unknown", "TypeMismatch"], found
PYTHON
