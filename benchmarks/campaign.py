"""A campaign on one and on two processes: instances of Theorem 4, recorded in a ledger."""

import functools
import tempfile
from pathlib import Path

from benchmarks.measure import OURS, Case, Job

_CLAIM = "charles-thm-4"
_INSTANCES = (1000, 2000, 4000)


def cases() -> list[Case]:
    """Return one and two processes at growing numbers of instances."""
    return [
        Case("campaign", f"{n} instances", n, name, functools.partial(_run, n, workers))
        for n in _INSTANCES
        for name, workers in ((OURS, 2), ("one process", 1))
    ]


def _run(instances: int, workers: int) -> str:
    from verify.campaigns.campaign import run_campaign
    from verify.campaigns.workers import local_processes
    from verify.evidence.ledger import LEDGER, Ledger

    with (
        tempfile.TemporaryDirectory() as folder,
        local_processes(workers) as (executor, _),
        Ledger.open(Path(folder)) as ledger,
    ):
        run_campaign(
            [_CLAIM],
            seed=0,
            instances=instances,
            ledger=ledger,
            executor=executor,
            progress=lambda done, total, claim: None,
        )
        # Equal for any number of processes, or the table says that they disagree.
        return (Path(folder) / LEDGER).read_text()


JOB = Job(
    "campaign",
    "How much faster is a campaign on two processes than on one?",
    "Instances are independent, so time is linear in their number beside the start of the "
    "processes, each of which imports the package. What one process does alone, appending a "
    "ledger line and waiting for the disk, takes place while the others compute.",
    cases,
    counted="instances of Theorem 4",
    limit=300.0,
)
