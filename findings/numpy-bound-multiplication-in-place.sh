#!/usr/bin/env bash
# numpy 2.4.6, Python 3.11: a bound method array.__mul__ overwrites the array that it is bound to.
#
# NumPy reuses the memory of an operand that nothing else refers to, which it takes for the
# temporary of a longer expression. When a bound method such as numpy.full(40000, 2.0).__mul__ is
# all that refers to an array, that array looks like a temporary on every call: each product is
# written into it, so the next call multiplies by the last result. Seen: 6, 18, 54 for three calls
# that should all give 6. Below 256 KiB, or with another name for the array, it is 6 each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np


def calls(n, named):
    factor = np.full(n, 2.0)
    double = factor.__mul__
    if not named:
        del factor
    threes = np.full(n, 3.0)
    return [float(double(threes + 0.0)[0]) for _ in range(3)]


large, small, named = calls(40_000, False), calls(4, False), calls(40_000, True)
print("large:", large, "small:", small, "large, and named:", named)
assert small == named == [6.0, 6.0, 6.0], (small, named)
assert large == [6.0, 18.0, 54.0], large
PYTHON
