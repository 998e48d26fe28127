"""Where a campaign computes: processes on this machine, or the workers of a Dask cluster.

Both are plain executors, and the results do not depend on which one it is. Both run one task at a
time in each process: the proofs hold Python's lock anyway, and LIBLINEAR draws from a generator
that all threads of a process share.
"""

import gc
import logging
import pydoc
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from certify.errors import InputError, absent
from certify.processes import process_pool
from certify.version import __version__

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 5
CAMPAIGN = "verify.campaigns.job"  # loaded once, before processes are forked, with all it needs


@contextmanager
def local_processes(count: int) -> Iterator[tuple[Executor, int]]:
    """Yield an executor of ``count`` processes on this machine, and their number.

    The executor raises :class:`~concurrent.futures.process.BrokenProcessPool` when one of them is
    killed.
    """
    with process_pool(count, CAMPAIGN, gc.freeze) as executor:
        yield executor, count


@contextmanager
def dask_cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Yield Dask's executor at a scheduler, and the number of workers that it has now.

    Workers may come and go; the scheduler runs the tasks of a lost one again, and waits for others
    when all are lost. Raises InputError without the package ``distributed``, without a scheduler
    or a worker that answers, or for workers with several threads or another version of this
    package, and :class:`~concurrent.futures.BrokenExecutor` when the cluster gives up.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.client import ClosedClientError
        from distributed.comm import CommClosedError
    except ImportError:
        raise absent("--scheduler", "distributed") from None
    # A lost scheduler is told in one line by the error below, without the client's own account.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        wanted = f"a Dask scheduler that answers within {CONNECT_SECONDS} seconds"
        raise InputError("--scheduler", expected=wanted, got=str(error)) from None
    with client:
        try:
            yield client.get_executor(pure=False), _suitable_workers(client, address)
        except KilledWorker as error:
            raise BrokenExecutor("every worker that tried a task was killed") from error
        except (CancelledError, ClosedClientError, CommClosedError) as error:
            raise BrokenExecutor(f"the scheduler at {address} is gone") from error


def _suitable_workers(client: "Client", address: str) -> int:
    """Return the number of workers; raise InputError when there is none or one is unsuitable."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise InputError(
            "--scheduler", expected="a scheduler with workers", got="none", where=address
        ) from None
    for worker, threads in client.nthreads().items():
        if threads != 1:
            wanted = "workers of one thread each (dask worker --nthreads 1)"
            raise InputError("--scheduler", expected=wanted, got=f"{threads} threads", where=worker)
    # Looked up by name, because a worker that cannot import a task leaves the cluster in silence.
    versions = client.run(pydoc.locate, "certify.version.__version__")
    for worker, version in versions.items():
        if version != __version__:
            wanted = f"version {__version__} of this package on every worker"
            got = "none" if version is None else str(version)
            raise InputError("--scheduler", expected=wanted, got=got, where=worker)
    return len(versions)
