#!/usr/bin/env bash
# atheris 3.0.0 (libFuzzer): -rss_limit_mb counts what the process that started the fuzzer once held.
#
# libFuzzer ends a run as "out-of-memory" when getrusage's ru_maxrss passes -rss_limit_mb. On Linux
# a process started by Python's subprocess (vfork and exec) has from its start the ru_maxrss of its
# parent, even of memory that the parent has freed: a child that does nothing reports 2 GB, while
# its VmHWM in /proc/self/status is some 10 MB. So a target that needs 40 MB fails at a limit
# of 1500 MB if the Python that starts it once held 2 GB. It passes if that Python starts a shell
# which starts it; a child for which subprocess has to fork (preexec_fn) starts small, too.
# Whoever fuzzes out of a large test process has to do one of these, or to add the peak to the limit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet atheris==3.0.0
cat > target.py <<'PYTHON'
import sys

import atheris


@atheris.instrument_func
def target(data):
    if len(data) > 1 and data[0] == data[1]:
        pass


# the limit is looked at once a second
atheris.Setup([sys.argv[0], "-max_total_time=4", "-rss_limit_mb=1500"], target)
atheris.Fuzz()
PYTHON
cat > peaks.py <<'PYTHON'
import re
import resource

with open("/proc/self/status") as file:
    held = re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, int(held) // 1024)
PYTHON
venv/bin/python - <<'PYTHON'
import re
import subprocess
import sys

BETWEEN = ["sh", "-c", '"$@"; exit $?', "sh"]  # a shell that waits for what it starts


def peaks(*between, **how):
    """Return ru_maxrss and VmHWM of a child that does nothing, in MB."""
    command = [*between, sys.executable, "peaks.py"]
    return tuple(map(int, subprocess.check_output(command, text=True, **how).split()))


def fuzzed(*between):
    """Return exit code, whether it is for memory, and libFuzzer's peak in MB."""
    done = subprocess.run(
        [*between, sys.executable, "target.py"], capture_output=True, text=True, timeout=120
    )
    memory = re.findall(r"out-of-memory \(.*\)", done.stderr)
    peak = int(re.findall(r"rss: (\d+)Mb|used: (\d+)Mb", done.stderr)[-1][bool(memory)])
    print("fuzzer behind a shell:" if between else "fuzzer:", done.returncode, peak, "MB", *memory)
    return done.returncode, bool(memory), peak


assert max(*peaks(), *peaks(*BETWEEN)) < 100
code, memory, peak = fuzzed()
assert (code, memory) == (0, False) and peak < 100

bytearray(b"x") * (2 << 30)  # held and freed
with open("/proc/self/status") as file:
    assert int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) < 100 * 1024
started = peaks()
print("ru_maxrss and VmHWM of a child:", *started, "MB")
assert started[0] >= 2048 and started[1] < 100
assert max(*peaks(*BETWEEN), *peaks(preexec_fn=lambda: None)) < 100

code, memory, peak = fuzzed()
assert code and memory and peak >= 2048
code, memory, peak = fuzzed(*BETWEEN)
assert (code, memory) == (0, False) and peak < 100
PYTHON
