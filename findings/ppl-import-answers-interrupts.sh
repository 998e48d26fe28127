#!/usr/bin/env bash
# pplpy 0.8.10 with cysignals 1.12.5: `import ppl` takes SIGINT over, also where it was ignored.
#
# cysignals, which PPL's bindings load, puts a handler of its own in place of Python's when it is
# imported, whatever was there. Two things follow for programs that never compute with PPL at that
# moment. A process that was started with SIGINT ignored, as shells without job control start what
# stands before an &, ignores it no longer: Ctrl-C at the terminal ends it. And whoever asks whether
# Python's own handler is there before setting another, as asyncio.run does since Python 3.11 to
# cancel its main task on Ctrl-C, finds a stranger's, and leaves interrupts as they are: the task
# meets a KeyboardInterrupt in the middle of its work instead of a CancelledError at an await.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pplpy==0.8.10 cysignals==1.12.5
cat > interrupted.py <<'PYTHON'
import asyncio
import signal
import sys

if "ppl" in sys.argv:
    import ppl


async def main():
    try:
        signal.raise_signal(signal.SIGINT)  # goes on to the next await, if asyncio answers
        await asyncio.sleep(5)
    except BaseException as error:
        print(type(error).__name__)
        raise


before = signal.getsignal(signal.SIGINT)
print(getattr(before, "name", None) or getattr(before, "__name__", str(before)))
try:
    asyncio.run(main()) if "asyncio" in sys.argv else signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
PYTHON
said() {
  local expected=$1 got
  shift
  got=$("$@" | tr '\n' ' ')
  echo "${*: -2}: $got"
  [ "$got" = "$expected" ]
}
ignoring() { (trap '' INT; exec "$@"); }
said "default_int_handler interrupted " venv/bin/python interrupted.py at once
said "python_check_interrupt interrupted " venv/bin/python interrupted.py ppl once
said "SIG_IGN " ignoring venv/bin/python interrupted.py at once
said "python_check_interrupt interrupted " ignoring venv/bin/python interrupted.py ppl once
said "default_int_handler CancelledError interrupted " venv/bin/python interrupted.py in asyncio
said "python_check_interrupt KeyboardInterrupt interrupted " venv/bin/python interrupted.py ppl asyncio
