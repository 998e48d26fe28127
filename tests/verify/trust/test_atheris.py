"""Readers under libFuzzer, which follows the branches that an input takes; skipped without it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from certify.certificates.kinds import HONEST

ROOT = Path(__file__).parents[3]
SECONDS = 4  # of each reader

if importlib.util.find_spec("atheris") is None:
    pytest.skip("atheris is not installed (pip install atheris)", allow_module_level=True)

HARNESS = """
import resource
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["certify", "verify.data.sources"]):
    from certify import read_mps
    from certify.checking import checker, fast as fast_checker
    from certify.errors import InputError
    from verify.data import sources

reader, seconds, corpus = sys.argv[1:]
program = Path(corpus).with_name("program.mps")


def document(data):
    return checker.parse(data.decode("utf-8", "surrogatepass"))


def linear_program(data):
    program.write_bytes(data[1:])
    read_mps(program, fixed=data[:1] == b"f")


readers = {
    "checker": lambda data: checker.check(document(data)),
    "fast checker": lambda data: fast_checker.check(document(data)),
    "MPS": linear_program,
    "IDX": lambda data: sources.decode_idx(data[1:], data[0] % 5 if data else 0, "file"),
}
documented = (checker.Rejected, checker.Malformed, InputError)


def one(data):
    try:
        readers[reader](data)
    except (*documented, UnicodeDecodeError):
        pass


# libFuzzer goes by the peak that the kernel tells, and a process that was started by a large one
# begins with the peak of that one: what is allowed comes on top of it.
allowed = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 + 1500
options = [f"-max_total_time={seconds}", "-timeout=2", f"-rss_limit_mb={allowed}", "-seed=1"]
atheris.Setup([sys.argv[0], *options, "-max_len=4096", f"-artifact_prefix={corpus}/", corpus], one)
atheris.Fuzz()
"""

CERTIFICATES = [json.dumps(honest.document()).encode() for honest in HONEST.values()]
PROGRAM = (
    b" NAME p\nROWS\n N c\n L r\n E s\nCOLUMNS\n x c 1 r 0.1\n y s 2/3\nRHS\n b r 1\n"
    b"RANGES\n g r 2\nBOUNDS\n UP d x 4\n MI d y\nENDATA\n"
)
VALID = {
    "checker": CERTIFICATES,
    "fast checker": CERTIFICATES,
    "MPS": [PROGRAM],
    "IDX": [b"\3\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2\1\2\3\4", b"\1\0\0\x08\1\0\0\0\1\5"],
}


@pytest.mark.parametrize("reader", VALID)
def test_no_branch_of_a_reader_lets_another_error_out(reader: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, contents in enumerate(VALID[reader]):
        (corpus / str(number)).write_bytes(contents)
    run = subprocess.run(
        [sys.executable, "-c", HARNESS, reader, str(SECONDS), str(corpus)],
        capture_output=True, text=True, errors="replace", cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2_000:] + run.stderr[-4_000:]
    assert "Done" in run.stderr
