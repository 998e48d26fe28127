"""Progress bars on standard error: one for each stage of a long job."""

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
            TextColumn("[dim]{task.fields[label]}"),
            console=Console(stderr=True),
        )

    def stage(self, description: str) -> Callable[[int, int, str], None]:
        """Return the function ``(done, total, label)`` that moves the bar of a new stage."""
        task = self._bars.add_task(description, total=None, label="")

        def report(done: int, total: int, label: str) -> None:
            self._bars.start()
            self._bars.update(
                task, completed=done, total=total, label=label if done < total else ""
            )

        return report

    def __enter__(self) -> "Progress":
        # Elsewhere than on a terminal, nothing is written before there is anything to say.
        if self._bars.console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars.live.is_started:
            self._bars.stop()
