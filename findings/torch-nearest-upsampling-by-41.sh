#!/usr/bin/env bash
# torch 2.13.0: nearest upsampling by 41 does not repeat each value 41 times.
#
# Upsampling two values by a whole factor k should give k times the first, then k times the second,
# and does for most k. With float32 and k = 41, 47, 55 and 61 (all of those up to 64) the first comes
# k + 1 times: at place 41 the index 41 * (1 / 41) is rounded below 1. More values show the same k,
# and mode="nearest-exact" repeats evenly. With float64 a sequence is repeated evenly for all of these,
# and an image of one column is not. An image of 64 columns is: whether a double at a place is the
# first or the second value depends on how wide the image is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.nn.functional import interpolate


def uneven(values, **options):
    """Return the factors up to 64 by which upsampling a sequence does not repeat evenly."""
    return [
        k
        for k in range(1, 65)
        if not torch.equal(
            interpolate(values[None, None], scale_factor=k, **options)[0, 0],
            values.repeat_interleave(k),
        )
    ]


def column(width):
    """Return the factors by which the first column of an image of doubles is uneven."""
    image = torch.arange(2.0, dtype=torch.float64)[None, None, :, None].expand(1, 1, 2, width)
    return [
        k
        for k in range(1, 65)
        if interpolate(image, size=(2 * k, width))[0, 0, :, 0].tolist() != [0.0] * k + [1.0] * k
    ]


two = torch.arange(2.0)
print(interpolate(two[None, None], size=82)[0, 0, 39:44].tolist())
assert interpolate(two[None, None], size=82)[0, 0, 41] == 0.0
factors = [41, 47, 55, 61]
assert uneven(two) == uneven(torch.arange(5.0)) == factors
assert uneven(two, mode="nearest-exact") == []
assert uneven(two.double()) == []
print({width: column(width) for width in (1, 64)})
assert column(1) == factors
assert column(64) == []
PYTHON
