"""Any checker of certificates, in any language, over those that it must accept and must refuse.

The command is run with the path of one ``.jsonl`` file as its last argument, twice: with all honest
certificates of all kinds, then with all that must be refused. As ``checker.py`` does, it prints a
line for each certificate that it does not accept, and no such line for one that it accepts::

    PATH:LINE: rejected: step: reason
    PATH:LINE: malformed: place: reason

and exits with 0 when all are accepted and with 1 when some are refused. Lines count from 1. Other
lines may be printed as well, and what follows the verdict is up to the checker.
"""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from certify.certificates.kinds import HONEST, REFUSALS, Json

ACCEPTED, REJECTED, MALFORMED = "accepted", "rejected", "malformed"


def differences(command: Sequence[str]) -> list[str]:
    """Return how the verdicts of a command differ from those that are right, a line for each.

    Raises OSError for a command that cannot be run, or that fails instead of giving verdicts.
    """
    found = []
    honest = list(HONEST.values())
    for one, got in zip(honest, _verdicts(command, [h.document() for h in honest]), strict=True):
        if got != ACCEPTED:
            found.append(f"{one}: expected {ACCEPTED} ({one.says}), got {got}")
    answers = _verdicts(command, [refusal.document() for refusal in REFUSALS])
    for refusal, got in zip(REFUSALS, answers, strict=True):
        if got.partition(":")[0] != refusal.verdict:
            edit = json.dumps(refusal.edit)
            changed = edit if len(edit) <= 200 else f"{edit[:200]}..."
            expected = f"{refusal.verdict}: {refusal.place}: {refusal.reason}"
            found.append(f"{refusal.of} with {changed}: expected {expected}, got {got}")
    return found


def _verdicts(command: Sequence[str], certificates: Sequence[Json]) -> list[str]:
    """Return what a command says of each certificate: accepted, or a verdict and what follows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "certificates.jsonl"
        path.write_text("".join(f"{json.dumps(c)}\n" for c in certificates), encoding="ascii")
        run = subprocess.run(
            [*command, str(path)], capture_output=True, encoding="utf-8", errors="replace"
        )
        line = re.compile(rf"{re.escape(str(path))}:([0-9]+): ({REJECTED}|{MALFORMED})\b(.*)")
        matches = [m for m in map(line.fullmatch, run.stdout.splitlines()) if m]
    refused = {int(m[1]): f"{m[2]}{m[3]}" for m in matches}
    beyond = set(refused) - set(range(1, len(certificates) + 1))
    if run.returncode != (1 if refused else 0) or beyond:
        ended = f"{len(refused)} of {len(certificates)} refused and exit code {run.returncode}"
        last = run.stderr.strip().rpartition("\n")[2]
        wanted = "exit code 0, or 1 and a line for each certificate that is refused"
        raise OSError(f"{command[0]}: expected {wanted}, got {ended}{f': {last}' if last else ''}")
    return [refused.get(number, ACCEPTED) for number in range(1, len(certificates) + 1)]
