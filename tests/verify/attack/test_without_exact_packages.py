"""Machines that only attack have torch, NumPy and scikit-learn, and none of the exact packages."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys

BLOCKED = {"flint", "highspy", "cvxpy"}


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Blocked())
from benchmarks.gpu import SIZES, measured

times, accuracy = measured(SIZES["tiny"], "cpu")
assert set(times) == {"training networks", "training machines", "attacks and labels"}, times
assert accuracy["svm", "svm"].mean.shape == (2,), accuracy
assert not BLOCKED & {name.partition(".")[0] for name in sys.modules}
"""


def test_a_tiny_attack_runs_without_them() -> None:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
