"""Processes that compute for this one, leave its signals to it, and end when it is interrupted.

A signal to the whole group, as a terminal and ``timeout`` send it, is for the one process that can
answer it. What was handed out goes by ``shutdown`` alone: a future that is cancelled just while a
pool breaks ends the thread that would clean up, and then nothing ends at all.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

if sys.platform == "win32":  # which forks nothing, and sends no such signals
    from multiprocessing.context import SpawnContext as _Ours
    from multiprocessing.context import SpawnProcess as _Started

    def _begin_server(context: _Ours, module: str) -> None:
        pass
else:
    from multiprocessing import forkserver, resource_tracker
    from multiprocessing.context import ForkServerContext as _Ours
    from multiprocessing.context import ForkServerProcess as _Started

    def _begin_server(context: _Ours, module: str) -> None:
        context.set_forkserver_preload([module])
        # Where this begins, as it else does with the server, it unblocks both signals, and not only
        # where it has blocked them (CPython 3.11 to 3.13, multiprocessing/resource_tracker.py).
        resource_tracker.ensure_running()
        # What is blocked here stays so in the server, which else would die of it, and its children.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process(_Started):
    """A process that heeds no signal for ending but one that cannot be ignored."""

    def terminate(self) -> None:
        self.kill()


class _Context(_Ours):
    Process = _Process


@contextmanager
def process_pool(
    count: int, module: str, begin: Callable[..., None], *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """Yield an executor of ``count`` processes, forked, if any can be, off one that has a module.

    Each calls ``begin(*arguments)`` first. When the body raises, they are killed whatever they do.
    The executor raises :class:`~concurrent.futures.process.BrokenProcessPool` when one of them is.
    """
    context = _Context()
    _begin_server(context, module)
    executor = ProcessPoolExecutor(count, context, _begin, (begin, arguments))
    try:
        yield executor
    except BaseException:
        # A result that a killed process has sent half would be awaited for ever.
        executor._result_queue._writer.close()  # type: ignore[attr-defined]
        for process in multiprocessing.active_children():
            if isinstance(process, _Process):
                process.kill()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _begin(begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """End when the main process does."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    begin(*arguments)


def _end_with(sentinel: int) -> None:
    # Idle processes wait on a pipe that they hold open themselves, so nothing else ends them.
    wait([sentinel])
    os._exit(1)
