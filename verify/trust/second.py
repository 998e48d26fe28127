"""The second checker: a program for Node.js, written from the specification of the format alone.

``second_checker.mjs`` shares no code with :mod:`certify.checking.checker`; where the two
agree, a mistake would have to be in both, or in the specification.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from certify import checking

PROGRAM = Path(checking.__file__).with_name("second_checker.mjs")
SECONDS = 600  # for one batch of documents, of which thousands take a second


def available() -> bool:
    """Tell whether Node.js is there to run it."""
    return shutil.which("node") is not None


def second_checker(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the verdict and the reason for each document; a document has no line breaks.

    Raises RuntimeError when the program fails or does not answer each document.
    """
    run = subprocess.run(
        ["node", str(PROGRAM), "-"],
        input="".join(f"{text}\n" for text in texts),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    answers = run.stdout.splitlines()
    if run.returncode or len(answers) != len(texts):
        raise RuntimeError(f"{len(answers)} answers to {len(texts)} documents: {run.stderr[-400:]}")
    pairs = (answer.partition("\t") for answer in answers)
    return [(verdict, reason) for verdict, _, reason in pairs]
