"""How many threads torch computes with."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold torch to one thread, and restore the number.

    Sums may round differently on another number of threads, so every job runs on one: then its
    result is the same in this process and in any worker. And small products take less time than it
    takes to wake more threads.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
