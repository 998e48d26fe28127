"""The main job: a campaign over the claims, experiments on trained models, and their report.

``verify attack`` is the same job on the claims that experiments are paired with, at a size and on
data of the user's choice.
"""

import json
import os
import shlex
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from certify.errors import InputError
from certify.version import __version__
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import run_transfer
from verify.attack.fused import installed
from verify.attack.models import Given
from verify.attack.presets import Preset, preset
from verify.attack.tensor import save_tensor
from verify.campaigns.campaign import check_recorded, in_order, run_campaign, subjects
from verify.claims.evaluation import Shown, counterexamples
from verify.claims.registry import CLAIMS, find
from verify.data.digits import Dataset
from verify.data.sources import Source, load
from verify.evidence.decision import Decision
from verify.evidence.ledger import (
    CERTIFICATES,
    CONFIGURATION,
    COUNTEREXAMPLES,
    LEDGER,
    Ledger,
    OtherRecord,
    Record,
    of_decisions,
)
from verify.evidence.places import is_report
from verify.evidence.report import Run, answer, report
from verify.questions.experiments import EXPERIMENTS, paired_with
from verify.questions.question import PAIRED, Materials
from verify.reporting.document import REPORT_FILES, write_report
from verify.reporting.findings import claim_entry
from verify.reporting.progress import Progress

MODELS = "models"  # folder of trained models and finished attacks, for --resume
DRAFT = f".{CONFIGURATION}"  # what it is called until it is whole
OWN_FILES = (CONFIGURATION, LEDGER, CERTIFICATES, *REPORT_FILES)
LIBRARIES = (
    "cvxpy", "highspy", *(("numba",) if installed() else ()), "numpy", "python-flint",
    "scikit-learn", "torch",
)  # fmt: skip


@dataclass(frozen=True)
class Configuration:
    """What the report depends on, apart from the software and the data."""

    seed: int = 0
    instances: int = 200
    claims: tuple[str, ...] = tuple(CLAIMS)
    preset: str = "quick"
    choices: tuple[
        tuple[str, str | float | bool | tuple[float, ...]], ...
    ] = ()  # of the preset's settings, by name
    data: str = "digits"

    def __post_init__(self) -> None:
        if self.instances < 1:
            raise InputError("instances", expected="at least 1", got=str(self.instances))
        if self.seed < 0:
            raise InputError("seed", expected="at least 0", got=str(self.seed))
        for claim_id in self.claims:
            find(claim_id)
        self.models()

    def models(self) -> Preset:
        """Return the preset with the choices made; raises InputError for a bad one."""
        return preset(self.preset).with_choices(dict(self.choices))

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, as in the report."""
        choices = {k: list(v) if isinstance(v, tuple) else v for k, v in self.choices}
        return {**asdict(self), "claims": list(self.claims), "choices": choices}


@dataclass
class Job:
    """A run of the main job in a directory; ``execute`` fills it and writes the report.

    A run that is interrupted leaves a partial report, and ``prepare(resume=True)`` goes on from
    its ledger; one that is killed leaves the ledger alone. With equal configuration and data the
    finished report differs in ``run`` only.
    """

    configuration: Configuration
    directory: Path
    source: Source = field(default_factory=lambda: load("digits"))
    device: str = "cpu"
    workers: int = 1
    given_sources: tuple[Given, ...] = ()  # the user's models that attack, and that are attacked
    given_targets: tuple[Given, ...] = ()
    given: tuple[str, ...] = ()  # what their labels depend on, in their order
    experiments: bool = True  # whether models are trained, and asked what claims are paired with
    save: Path | None = None  # where all labels of the transfer experiment are written
    local: bool = True  # whether workers share this machine's disk, so that they can keep models
    stage_seconds: dict[str, float] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # of experiments, by id
    data: Dataset | None = None  # once experiments have begun
    _shown: dict[str, Shown] = field(default_factory=dict)  # of claims, by id
    _written: list[Record] = field(default_factory=list)  # by this process
    _met: int = 0  # records of the ledger that are known to be what this run gives

    def prepare(self, *, overwrite: bool = False, resume: bool = False) -> Ledger:
        """Create the directory, or clear or continue it, and return its ledger.

        Nobody else can run there until the ledger is closed. Raises InputError or OSError when the
        directory is another's, when another run is going on there, or when it cannot be written.
        """
        settings = {
            "software_version": __version__,
            **self.configuration.to_json(),
            "data_sha256": self.source.sha256,
        }
        text = json.dumps(settings, indent=1) + "\n"
        marker = self.directory / CONFIGURATION
        if resume:
            found = "no run to resume"
            if marker.exists():
                found = marker.read_text(encoding="utf-8", errors="replace")
            if found != text:
                wanted = "the configuration of the interrupted run"
                got = _difference(found, settings)
                raise InputError("--resume", expected=wanted, got=got, where=str(marker))
            return Ledger.open(self.directory)
        if not _is_new(self.directory):
            if not overwrite:
                wanted, got = "a new directory (or --overwrite, or --resume)", "an existing one"
                raise InputError("--out", expected=wanted, got=got, where=str(self.directory))
            if not is_report(self.directory):
                wanted, got = "a directory with an earlier report", "one with other files"
                raise InputError("--overwrite", expected=wanted, got=got, where=str(self.directory))
        self.directory.mkdir(parents=True, exist_ok=True)
        ledger = Ledger.open(self.directory, fresh=True)
        try:
            for name in REPORT_FILES:
                (self.directory / name).unlink(missing_ok=True)
            shutil.rmtree(self.directory / MODELS, ignore_errors=True)
            # Whole or not there: with a part of it the ledger could not be continued.
            draft = self.directory / DRAFT
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, marker)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def execute(
        self, ledger: Ledger, executor: Executor, progress: Progress, command: list[str]
    ) -> dict[str, Any]:
        """Run what is missing and write the report; on Ctrl-C write it as far as it got.

        What an earlier process recorded is run again and compared. Where it is not what this run
        gives, OtherRecord is raised and no report is written over it.
        """
        started, start = datetime.now(UTC), time.perf_counter()
        self._check_recorded(ledger, executor, progress)
        for name in REPORT_FILES:  # of an earlier state of the ledger
            (self.directory / name).unlink(missing_ok=True)

        def write(complete: bool) -> dict[str, Any]:
            run = Run(
                started, time.perf_counter() - start, self.stage_seconds, shlex.join(command),
                complete, self.workers, LIBRARIES,
            )  # fmt: skip
            found = self._report(ledger, run)
            write_report(found, self.directory)
            return found

        try:
            self._campaign(ledger, executor, progress)
            self._counterexamples(ledger, executor, progress)
            if self.experiments:
                self._experiments(ledger, executor, progress)
        except OtherRecord:
            raise
        except BaseException:
            write(complete=False)
            raise
        return write(complete=True)

    @property
    def _subjects(self) -> list[str]:
        return subjects(self.configuration.claims)

    def _check_recorded(self, ledger: Ledger, executor: Executor, progress: Progress) -> None:
        """Run again the instances that this process did not record, and compare."""
        pairs = zip(ledger.records, self._written, strict=False)
        own = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if ledger.records[own:]:
            with self._stage("checking the record"):
                check_recorded(
                    self._subjects,
                    seed=self.configuration.seed,
                    instances=self.configuration.instances,
                    ledger=ledger,
                    first=own,
                    executor=executor,
                    progress=progress.stage("checking the record"),
                )
        self._written = ledger.records

    def _campaign(self, ledger: Ledger, executor: Executor, progress: Progress) -> None:
        with self._stage("campaign"):
            run_campaign(
                self._subjects,
                seed=self.configuration.seed,
                instances=self.configuration.instances,
                ledger=ledger,
                executor=executor,
                progress=progress.stage("certifying instances"),
            )

    def _counterexamples(self, ledger: Ledger, executor: Executor, progress: Progress) -> None:
        """Record the exact counterexamples to what is printed and to weakened claims."""
        report_progress = progress.stage("certifying counterexamples")
        claims = self.configuration.claims
        self._met = len(self._subjects) * self.configuration.instances
        with self._stage("counterexamples"):
            shown_in_order = chain.from_iterable(in_order(executor, _shown, claims))
            for done, (claim_id, shown) in enumerate(shown_in_order, 1):
                self._shown[claim_id] = shown
                decisions = counterexamples(shown.refutations)
                self._record(ledger, claim_id + COUNTEREXAMPLES, decisions)
                report_progress(done, len(claims), claim_id)

    def _experiments(self, ledger: Ledger, executor: Executor, progress: Progress) -> None:
        seed, models = self.configuration.seed, self.configuration.models()
        keep = None
        if self.local:
            key = (
                models.settings(), seed, self.source.sha256, __version__, self.device,
                *self.given,
            )  # fmt: skip
            keep = Checkpoints(self.directory / MODELS, json.dumps(key))
        with self._stage("training and attack"):
            self.data = self.source.data
            transfer = run_transfer(
                models,
                self.data,
                seed,
                test=self.source.test,
                device=self.device,
                executor=executor,
                progress=progress.stage("training and attacking"),
                keep=keep,
                given_sources=self.given_sources,
                given_targets=self.given_targets,
            )
        if self.save is not None:
            save_tensor(self.save, transfer, self.data)
        few = self.data if len(self.data) <= PAIRED else self.data.random_subset(PAIRED, seed)
        materials = Materials(few, transfer, seed, executor, keep, progress.stage)
        report_progress = progress.stage("deciding experiments")
        for done, experiment in enumerate(EXPERIMENTS, 1):
            with self._stage(experiment.id):
                result = experiment.run(materials)
            if result is not None:
                self._record(ledger, experiment.id, result.decisions)
                # The certificates are on the disk; in memory those of all would take gigabytes.
                self.answers[experiment.id] = answer(experiment, result)
            report_progress(done, len(EXPERIMENTS), experiment.id)
        for record in ledger.records[self._met :]:
            raise OtherRecord(
                "ledger",
                expected=f"{self._met} records, as this run gives",
                got=f"another one, of {record.claim}",
                where=f"{self.directory / LEDGER}:{self._met + 1}",
            )

    def _record(self, ledger: Ledger, subject: str, decisions: Sequence[Decision]) -> None:
        """Append decisions, or compare those that an interrupted run has recorded."""
        results = of_decisions(subject, decisions)
        for own, _ in results[: max(len(ledger.records) - self._met, 0)]:
            ledger.compare(self._met, own)
            results, self._met = results[1:], self._met + 1
        ledger.extend(results)
        self._met += len(results)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stage_seconds[name] = round(time.perf_counter() - start, 2)

    def _report(self, ledger: Ledger, run: Run) -> dict[str, Any]:
        return report(
            ledger,
            run,
            configuration=self.configuration.to_json(),
            data=_data_entry(self.source, self.data),
            claims=[
                claim_entry(
                    CLAIMS[claim_id],
                    self._shown.get(claim_id) or Shown.of(CLAIMS[claim_id]),
                    ledger.records,
                    paired_with(claim_id) if self.experiments else None,
                )
                for claim_id in self.configuration.claims
            ],
            experiments=[
                self.answers[experiment.id]
                for experiment in EXPERIMENTS
                if experiment.id in self.answers
            ],
        )


def _shown(claim_id: str) -> tuple[str, Shown]:
    return claim_id, Shown.of(CLAIMS[claim_id])


def _is_new(directory: Path) -> bool:
    """Say whether nothing is there, or only the empty files of a run that was killed at once."""
    if not directory.exists():
        return True
    return directory.is_dir() and all(
        path.is_file()
        and (path.name == DRAFT or (path.name in OWN_FILES and not path.stat().st_size))
        for path in directory.iterdir()
    )


def _data_entry(source: Source, data: Dataset | None) -> dict[str, Any] | None:
    if data is None:
        return None
    return {
        "name": source.name,
        "sha256": source.sha256,
        "examples": len(data) + (0 if source.test is None else len(source.test)),
        "pixels": int(data.images.shape[1]),
        "classes": len(data.classes),
        "scale": data.said,
    }


def _difference(found: str, settings: dict[str, Any]) -> str:
    """Name the settings of another run that differ."""
    try:
        other = json.loads(found)
        names = [name for name in settings if other.get(name) != settings[name]]
    except (ValueError, AttributeError, RecursionError):
        return found[:60]
    return f"another {', '.join(names)}"
