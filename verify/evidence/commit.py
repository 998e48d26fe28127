"""The commit that a measurement speaks of."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def commit() -> str | None:
    """Return the commit of the checkout that this package is loaded from, None if from no checkout.

    It is marked where anything but what is kept under ``reports/`` has changed since.
    """
    if not (ROOT / ".git").exists():  # an installed package: a repository around it is another
        return None
    try:
        name = _git("log", "-1", "--format=%h")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!reports")
    except (OSError, subprocess.CalledProcessError):  # no git here, or one that refuses the folder
        return None
    return f"{name} with changes" if changed else name


def _git(*arguments: str) -> str:
    return subprocess.check_output(
        ["git", "-C", ROOT, *arguments], stderr=subprocess.DEVNULL, text=True
    ).strip()
