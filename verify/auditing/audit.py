"""An audit: all questions asked of one model, with certificates and a report."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from certify.version import __version__
from verify.auditing import attacks, convexity, head, pairs
from verify.auditing.model import Model
from verify.auditing.question import Question, Subject
from verify.auditing.readers import of_object
from verify.claims.evaluation import Decision
from verify.experiments.experiment import Result
from verify.grades import Grade
from verify.ledger import CERTIFICATES, Ledger, Record
from verify.reporting.document import write_report
from verify.reporting.findings import experiment_entry

QUESTIONS: tuple[Question, ...] = (
    head.INVARIANCE, head.REGIONS, pairs.MARGINS, pairs.UNIVERSAL_STEPS, convexity.CONVEXITY,
    attacks.ADVERSARIES, attacks.TWINS,
)  # fmt: skip
NEED_DATA = {pairs.MARGINS.id, pairs.UNIVERSAL_STEPS.id, attacks.ADVERSARIES.id, attacks.TWINS.id}
AGREEMENT = 0.01  # by how much scores of the reader and of the model may differ, relatively
RADII = (0.05, 0.1)
LIBRARIES = ("highspy", "numpy", "python-flint", "scikit-learn", "torch")


@dataclass(frozen=True, repr=False)
class Audit:
    """The answers to all questions that make sense for a model, in order.

    ``results`` maps the ids of questions to what was found; every certificate in it was accepted by
    the checker, or its decision says otherwise.
    """

    model: Model
    examples: int
    data_sha256: str
    seed: int
    results: dict[str, Result]
    seconds: dict[str, float] = field(compare=False)

    @property
    def decisions(self) -> list[Decision]:
        """All exact decisions, in order."""
        return [d for result in self.results.values() for d in result.decisions]

    def count(self, grade: Grade | str) -> int:
        """Return how many exact results have a grade, such as "certified"."""
        return sum(decision.grade == grade for decision in self.decisions)

    def __repr__(self) -> str:
        certified, total = self.count(Grade.CERTIFIED), len(self.decisions)
        return f"<Audit of {self.model.origin}: {certified} of {total} exact results certified>"

    def __str__(self) -> str:
        """Return one paragraph for each question."""
        titled = {question.id: question.title for question in QUESTIONS}
        return "\n\n".join(
            f"{titled[name]} ({result.grade})\n{result.finding}"
            for name, result in self.results.items()
        )

    def _repr_html_(self) -> str:
        """Return the answers for notebooks, with formulas and pictures."""
        from verify.auditing.notebook import html

        titled = {question.id: question.title for question in QUESTIONS}
        answers = ((titled[name], name, result) for name, result in self.results.items())
        return str(html(self.model.origin, answers))

    def write(self, directory: Path | str, *, overwrite: bool = False, command: str = "") -> Path:
        """Write report, ledger and certificates into a directory; return the page's path.

        Raises InputError for a directory that is there, unless it holds an audit to overwrite.
        """
        directory = Path(directory)
        check_directory(directory, overwrite)
        directory.mkdir(parents=True, exist_ok=True)
        with Ledger.open(directory, fresh=True) as ledger:
            for subject, result in self.results.items():
                ledger.extend([_record(subject, n, d) for n, d in enumerate(result.decisions)])
        return write_report(self._report(directory, command), directory)

    def to_json(self) -> dict[str, Any]:
        """Return the answers as JSON data: grades, findings, counts and tables by question."""
        titled = {question.id: question for question in QUESTIONS}
        return {
            "format": "adversarial-geometry/audit",
            "version": 1,
            "software_version": __version__,
            "model": {"origin": self.model.origin, "labels": list(self.model.labels)},
            "data": {"examples": self.examples, "sha256": self.data_sha256},
            "seed": self.seed,
            "answers": [
                experiment_entry(titled[name], result) for name, result in self.results.items()
            ],
        }

    def _report(self, directory: Path, command: str) -> dict[str, Any]:
        lines = (directory / CERTIFICATES).read_bytes()
        name = directory.resolve().name
        titled = {question.id: question for question in QUESTIONS}
        classes = len(self.model.labels)
        return {
            "format": "adversarial-geometry/report",
            "version": 1,
            "name": name,
            "software_version": __version__,
            "configuration": {
                "seed": self.seed, "instances": 0, "claims": [], "preset": "audit",
                "choices": {"model": self.model.origin}, "data": "the user's examples",
            },
            "run": {
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": round(sum(self.seconds.values()), 2),
                "machine": f"{platform.machine()}, {platform.system()}",
                "python": platform.python_version(),
                "libraries": {library: version(library) for library in LIBRARIES},
                "workers": 1,
                "stage_seconds": self.seconds,
                "complete": True,
                "command": command or "verify.audit(model, X, y)",
            },
            "data": None if not self.examples else {
                "name": "the user's examples", "sha256": self.data_sha256,
                "examples": self.examples, "pixels": self.model.network.inputs,
                "classes": classes,
            },
            "claims": [],
            "experiments": [
                experiment_entry(titled[key], result) for key, result in self.results.items()
            ],
            "certificates": {
                "path": CERTIFICATES,
                "count": lines.count(b"\n"),
                "sha256": hashlib.sha256(lines).hexdigest(),
            },
        }  # fmt: skip


def check_directory(directory: Path, overwrite: bool) -> None:
    """Raise InputError unless an audit can be written there: no files are replaced unasked."""
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return
    if not overwrite:
        expected, got = "a new directory (or --overwrite)", "an existing one"
    elif not (directory / "report.json").exists():
        expected, got = "a directory with an earlier report", "one with other files"
    else:
        return
    raise InputError("--out", expected=expected, got=got, where=str(directory))


def audit(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    image_shape: tuple[int, ...] = (),
    radii: Sequence[float] = RADII,
    twins: Sequence[tuple[int, int]] = (),
    seed: int = 0,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Audit:
    """Answer exactly what the papers' theorems say about a trained classifier.

    ``model`` is a torch module, a fitted scikit-learn linear model or MLP, or a file (see
    :func:`verify.auditing.readers.read_model`). ``X`` has shape (n, ...), floats as the model takes
    them, and ``y`` (n,) the labels; without them only the model itself is asked about. ``twins``
    are pairs of examples, by number, whose softmax outputs to make equal. ``image_shape`` is
    (rows, columns) for pictures, by default the last two axes of ``X``, or a square.

    Raises :class:`certify.InputError` for a model or data that cannot be read exactly.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import LinearSVC
    >>> X, y = load_iris(return_X_y=True)
    >>> found = audit(LinearSVC(random_state=0).fit(X, y), X, y)
    >>> found.count(Grade.REFUTED), found.count(Grade.CERTIFIED) > 10
    (0, True)
    """
    examples, labels = _data(X, y)
    read = of_object(model, examples)
    subject = _subject(read, examples, labels, image_shape, tuple(radii), tuple(twins), seed)
    if examples is not None:
        _agree(model, read, examples)
    asked = [q for q in QUESTIONS if examples is not None or q.id not in NEED_DATA]
    results: dict[str, Result] = {}
    seconds: dict[str, float] = {}
    for done, question in enumerate(asked, 1):
        start = time.perf_counter()
        found = question.run(subject)
        if found is not None:
            results[question.id] = found
            seconds[question.id] = round(time.perf_counter() - start, 2)
        progress(done, len(asked), question.title)
    digest = hashlib.sha256(subject.X.tobytes() + subject.y.tobytes()).hexdigest()
    return Audit(read, len(subject.X), digest, seed, results, seconds)


def _data(X: Any, y: Any) -> tuple[np.ndarray | None, np.ndarray]:
    if X is None:
        if y is not None:
            raise InputError("X", expected="examples for the labels", got="nothing")
        return None, np.zeros(0, np.int64)
    examples = np.asarray(X)
    if examples.dtype.kind not in "fiu" or examples.ndim < 2 or not len(examples):
        got = f"{examples.dtype} of shape {examples.shape}"
        raise InputError("X", expected="numbers of shape (n, ...), not empty", got=got)
    if not np.isfinite(examples).all():
        raise InputError("X", expected="finite numbers", got="nan or infinity")
    kept = examples if examples.dtype == np.float32 else examples.astype(np.float64)
    if examples.dtype.kind in "iu" and np.any(kept != examples):
        raise InputError("X", expected="integers that float64 holds exactly", got="longer ones")
    labels = np.asarray(y) if y is not None else np.zeros(0)
    if labels.shape != (len(examples),) or labels.dtype.kind not in "iu":
        got = "nothing" if y is None else f"{labels.dtype} of shape {labels.shape}"
        raise InputError("y", expected=f"{len(examples)} whole numbers", got=got)
    return kept, labels.astype(np.int64)


def _subject(
    model: Model,
    examples: np.ndarray | None,
    labels: np.ndarray,
    image_shape: tuple[int, ...],
    radii: tuple[float, ...],
    twins: tuple[tuple[int, int], ...],
    seed: int,
) -> Subject:
    size = model.network.inputs
    if examples is None:
        none = np.zeros((0, size), np.float32)
        return Subject(model, none, labels, (size,), False, radii, (), seed)
    flat = examples.reshape(len(examples), -1)
    if flat.shape[1] != size:
        raise InputError(
            "X", expected=f"{size} numbers in each example, as the model takes",
            got=f"{flat.shape[1]}",
        )  # fmt: skip
    if not radii or any(not 0 < r < np.inf for r in radii):
        raise InputError("radii", expected="numbers above 0", got=f"{radii}")
    for i, j in twins:
        if not (0 <= i < len(flat) and 0 <= j < len(flat)) or i == j:
            raise InputError(
                "twins", expected=f"two different examples below {len(flat)}", got=f"{i}:{j}"
            )
    shape = image_shape or _image_shape(examples, size)
    box = bool(flat.min() >= 0 and flat.max() <= 1)
    if twins and not (box and np.array_equal(flat, flat.astype(np.float32))):
        raise InputError("twins", expected="float32 examples in [0, 1]", got="others")
    return Subject(model, flat, model.classes_of(labels), shape, box, radii, twins, seed)


def _image_shape(examples: np.ndarray, size: int) -> tuple[int, ...]:
    if examples.ndim > 2 and examples.shape[-1] * examples.shape[-2] == size:
        return examples.shape[-2:]
    side = round(size**0.5)
    return (side, side) if side * side == size and side > 3 else (size,)


def _agree(model: Any, read: Model, examples: np.ndarray) -> None:
    """Make sure that what was read answers as the model itself does, where it can be asked."""
    few = examples[: min(len(examples), 64)]
    exact = np.array([[float(z) for z in scores] for scores in read.network.outputs(few)])
    if hasattr(model, "named_parameters"):
        import torch

        from verify.attack.models import evaluation

        with evaluation(model), torch.no_grad():
            floats = model(torch.tensor(few.astype(np.float32))).numpy()
    elif hasattr(model, "decision_function"):
        floats = np.asarray(model.decision_function(few.reshape(len(few), -1)))
    else:
        return
    if floats.ndim == 1:
        floats = np.stack([np.zeros_like(floats), floats], axis=1)
    if floats.shape != exact.shape:
        return  # one against one, or probabilities: other numbers
    gap = np.abs((floats - floats[:, -1:]) - (exact - exact[:, -1:])).max()
    if gap > AGREEMENT * max(1.0, np.abs(exact).max()):
        raise InputError(
            "model", expected="scores that its weights explain", got=f"a difference of {gap:.2g}"
        )


def _record(subject: str, index: int, decision: Decision) -> tuple[Record, list[str]]:
    lines = [certificate.line() for certificate in decision.certificates]
    record = Record(subject, index, decision.subject, decision.grade, decision.reason, len(lines))
    return record, lines
