"""Progress bars on standard error: one for each stage of a long job."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress:
    """Stages with a bar each; use as a context manager, and call what ``stage`` returns."""

    def __init__(self) -> None:
        self._bars = Bars(
            TextColumn("{task.description:<24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("[dim]{task.fields[label]}"),
            console=Console(stderr=True),
        )

    def stage(self, description: str) -> Callable[[int, int, str], None]:
        """Return the function ``(done, total, label)`` that moves the bar of a new stage."""
        task = self._bars.add_task(description, total=None, label="", left="")
        began, planned = time.monotonic(), set[int]()

        def report(done: int, total: int, label: str) -> None:
            planned.add(total)
            self._bars.start()
            self._bars.update(
                task, completed=done, total=total, label=label if done < total else "",
                # Where the work grows while it is done, no pace says how much is left.
                left=remaining(time.monotonic() - began, done, total) if len(planned) == 1 else "",
            )  # fmt: skip

        return report

    def __enter__(self) -> "Progress":
        # Elsewhere than on a terminal, nothing is written before there is anything to say.
        if self._bars.console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars.live.is_started:
            self._bars.stop()


def remaining(seconds: float, done: int, total: int) -> str:
    """Return how long the rest takes if it goes on as it went, where that is worth saying.

    >>> remaining(600.0, 10, 40), remaining(1.0, 10, 40)
    ('some 30 min left', '')
    """
    left = seconds * (total - done) / max(done, 1) / 60
    return f"some {left:.0f} min left" if left >= 1 else ""
