"""An audit: all questions asked of one model, with certificates and a report."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from certify.certificates.certificate import Certificate, canonical_json
from certify.checking.report_fields import DECIDED
from certify.errors import InputError, described
from certify.numbers.digits import one_thread
from certify.version import __version__
from verify.attack.radii import Asked, exact_radii
from verify.data.checks import check_positive, check_whole
from verify.data.examples import Examples
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.ledger import CONFIGURATION, Ledger, of_decisions
from verify.evidence.places import check_out, printable
from verify.evidence.report import Run, answer, report
from verify.evidence.result import Question, Result
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import of_object
from verify.questions import (
    attacks,
    convexity,
    exact_twins,
    head,
    pairs,
    robustness,
    universal_steps,
)
from verify.questions.found import Adversary, Attacked, Matched, Twin, as_table, save
from verify.questions.least_radius import Ends
from verify.questions.overview import Overview, overview
from verify.questions.question import SECONDS, Stopped, Subject
from verify.questions.subjects import subject_of
from verify.reporting.document import write_report
from verify.reporting.plain_text import without_formulas
from verify.reporting.summary import AUDIT

QUESTIONS: tuple[Question[Subject], ...] = (
    attacks.ADVERSARIES, robustness.ROBUSTNESS, exact_twins.TWINS, pairs.MARGINS,
    universal_steps.UNIVERSAL_STEPS, head.INVARIANCE, head.REGIONS, convexity.CONVEXITY,
)  # fmt: skip
# Of a model in which pairs of classes vote there are no logits to ask about.
OF_LOGITS = (head.INVARIANCE, head.REGIONS, convexity.CONVEXITY, exact_twins.TWINS)


@dataclass(frozen=True, repr=False)
class Audit:
    """The answers to all questions that make sense for a model, in order.

    ``results`` maps the ids of questions to what was found; every certificate in it was accepted by
    the checker, or its decision says otherwise. ``overview`` says how the model and the data were
    read, how many examples the model reads right, and what should make a reader stop.
    """

    model: Model
    examples: int
    data_sha256: str
    seed: int
    results: dict[str, Result]
    seconds: dict[str, float] = field(compare=False)
    overview: Overview = field(default_factory=Overview)
    data: Examples | None = None
    file: Path | None = None
    complete: bool = True

    @property
    def notes(self) -> tuple[str, ...]:
        """How the model and the data were read, and how many examples the model reads right."""
        return self.overview.notes

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should make a reader stop."""
        return self.overview.warnings

    @property
    def decisions(self) -> list[Decision]:
        """All exact decisions, in order."""
        return [d for result in self.results.values() for d in result.decisions]

    def count(self, grade: Grade | str) -> int:
        """Return how many exact results have a grade, such as "certified"."""
        return sum(decision.grade == grade for decision in self.decisions)

    def found(self, what: str) -> int:
        """Return how many there are of what a question looked for, by name, such as "fooled".

        0 when the question makes no sense for the model. "undecided" counts what is not certified.
        """
        if what == "undecided":
            return len(self.decisions) - self.count(Grade.CERTIFIED)
        counts = [r.found[what].count for r in self.results.values() if what in r.found]
        return sum(counts)

    @property
    def adversaries(self) -> tuple[Adversary, ...]:
        """The certified adversaries, in the order of their examples."""
        result = self.results.get(attacks.ADVERSARIES.id)
        return result.adversaries if isinstance(result, Attacked) else ()

    @property
    def robustness(self) -> tuple[Ends, ...]:
        """How near another label is to each example that was asked about, between two ends."""
        result = self.results.get(robustness.ROBUSTNESS.id)
        return result.ends if isinstance(result, robustness.Decided) else ()

    @property
    def twins(self) -> tuple[Twin, ...]:
        """The certified twins of the pairs that were asked for."""
        result = self.results.get(exact_twins.TWINS.id)
        return result.twins if isinstance(result, Matched) else ()

    def table(self) -> Any:
        """Return a row for each adversary: a pandas DataFrame where pandas is there, else dicts."""
        return as_table(self.adversaries)

    def save_adversaries(self, path: Path | str) -> None:
        """Write examples and their adversaries, both in the shape that was given, as .npz.

        :func:`.found.save` says which arrays there are, of which shapes and types.
        """
        save(path, self.adversaries, () if self.data is None else self.data.X.shape[1:])

    def __repr__(self) -> str:
        certified, total = self.count(Grade.CERTIFIED), len(self.decisions)
        return f"<Audit of {self.model.origin}: {certified} of {total} exact results certified>"

    def __str__(self) -> str:
        """Return how model and data were read, and one paragraph for each question."""
        titled = {question.id: question.title for question in QUESTIONS}
        answers = (
            f"{titled[name]} ({result.grade})\n{without_formulas(result.finding)}"
            for name, result in self.results.items()
        )
        return "\n\n".join([" ".join((*self.warnings, *self.notes)), *answers])

    def _repr_html_(self) -> str:
        """Return the answers for notebooks, with formulas and pictures."""
        from verify.questions.notebook import html

        titled = {question.id: question.title for question in QUESTIONS}
        answers = ((titled[name], name, result) for name, result in self.results.items())
        return str(html(self.model.origin, (*self.warnings, *self.notes), answers))

    def write(self, directory: Path | str, *, overwrite: bool = False, command: str = "") -> Path:
        """Write report, ledger and certificates into a directory; return the page's path.

        Raises InputError for a directory that is there, unless it holds an audit to overwrite.
        """
        directory = Path(directory)
        check_out(directory, overwrite=overwrite, python=True)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / CONFIGURATION).unlink(missing_ok=True)  # of a run that is overwritten
        with Ledger.open(directory, fresh=True) as ledger:
            for subject, result in self.results.items():
                ledger.extend(of_decisions(subject, result.decisions))
        return write_report(self._report(ledger, command), directory)

    def to_json(self) -> dict[str, Any]:
        """Return the answers as JSON data: grades, findings, counts and tables by question."""
        return {
            "format": "adversarial-geometry/audit",
            "version": 1,
            "software_version": __version__,
            "model": {"origin": self.model.origin, "labels": list(self.model.labels)},
            "data": {"examples": self.examples, "sha256": self.data_sha256},
            "seed": self.seed,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "accuracy": self.overview.accuracy and self.overview.accuracy.to_json(),
            "narrowest": self._narrowest(),
            "found": {
                name: {"count": found.count, "grade": str(found.grade)}
                for result in self.results.values()
                for name, found in result.found.items()
            },
            "answers": self._plain_entries(),
        }

    def _entries(self) -> list[dict[str, Any]]:
        titled = {question.id: question for question in QUESTIONS}
        return [answer(titled[name], result) for name, result in self.results.items()]

    def _plain_entries(self) -> list[dict[str, Any]]:
        return [_plain(entry) for entry in self._entries()]

    def _provenance(self) -> dict[str, Any]:
        """Return what the certificates are about, so that they can be compared with it.

        The numbers of examples are places in the user's own data, before any were drawn. The
        SHA-256 of a model in memory is that of its layers as they stand in certificates.
        """
        layers = hashlib.sha256(canonical_json(self.model.network.to_json()).encode()).hexdigest()
        data, examples = None, self.data
        file = printable(str(self.file)) if self.file else None
        if examples is not None:
            data = {
                "name": examples.name, "file": examples.file and printable(examples.file),
                "sha256": examples.sha256 or self.data_sha256,
                "arrays_sha256": self.data_sha256,
                "scale": examples.scale, "rows": examples.rows.tolist(),
            }  # fmt: skip
        rows = [] if examples is None else examples.rows.tolist()
        return {
            "model": {
                "origin": self.model.origin, "file": file,
                "sha256": _sha256(self.file) if self.file else layers,
                "layers_sha256": layers, "labels": list(self.model.labels),
            },
            "data": data,
            "accuracy": self.overview.accuracy and self.overview.accuracy.to_json(),
            "narrowest": self._narrowest(),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "questions": {
                name: {
                    "examples": [rows[k] for k in result.examples],
                    "found": {
                        what: {"count": found.count, "grade": str(found.grade)}
                        for what, found in result.found.items()
                    },
                    **({"units": result.units} if result.units else {}),
                }
                for name, result in self.results.items()
            },
        }  # fmt: skip

    def _narrowest(self) -> dict[str, str] | None:
        """Return the pair of classes with the smallest exact margin, and this margin squared."""
        result = self.results.get(pairs.MARGINS.id)
        found = [
            (certificate.statement["margin_squared"], decision.subject.partition(DECIDED)[0])
            for decision in (result.decisions if result else ())
            for certificate in decision.certificates
            if isinstance(certificate, Certificate)
            and certificate.kind == "max-margin"
            and decision.grade is Grade.CERTIFIED
        ]
        if not found:
            return None
        squared, name = min(found, key=lambda pair: Fraction(pair[0]))
        return {"pair": name, "margin_squared": str(squared)}

    def _report(self, ledger: Ledger, command: str) -> dict[str, Any]:
        examples = self.data
        return report(
            ledger,
            Run(
                datetime.now(UTC), sum(self.seconds.values()), self.seconds,
                command or "verify.audit(model, X, y)", self.complete,
            ),
            # In the form of a run's: an audit has no instances, and its preset says what it is.
            configuration={
                "seed": self.seed, "instances": 0, "claims": [], "preset": AUDIT,
                "choices": {"model": self.model.origin},
                "data": examples.name if examples else "none",
            },
            data=None if examples is None else {
                "name": examples.name, "sha256": self.data_sha256,
                "examples": self.examples, "pixels": self.model.network.inputs,
                "classes": len(self.model.labels),
            },
            claims=[],
            experiments=self._entries(),
            audit=self._provenance(),
        )  # fmt: skip


class Interrupted(KeyboardInterrupt):
    """An audit that was interrupted, with the answers until then in ``audit``."""

    def __init__(self, audit: Audit) -> None:
        super().__init__("interrupted")
        self.audit = audit


def audit(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    image_shape: tuple[int, ...] = (),
    radii: Sequence[float | str | Fraction] | None = None,
    robust: Sequence[float | str | Fraction] | float | str | Fraction | None = None,
    seconds: float = SECONDS,
    twins: Sequence[tuple[int, int]] = (),
    seed: int = 0,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Audit:
    """Answer exactly what the papers' theorems say about a trained classifier.

    ``model`` is a torch module, a fitted classifier of scikit-learn (see
    :func:`verify.models.sklearn_models.of_estimator`), or a file (see
    :func:`verify.models.readers.read_model`). ``X`` has shape (n, ...), numbers as the model
    takes them, which are never rescaled, and ``y`` (n,) the labels; without them only the model
    itself is asked about. ``radii`` of attacks are in units of ``X``, a float meaning its shortest
    decimal; by default a twentieth and a tenth of the range of pixels, or of each feature's range
    over the examples. ``robust`` are radii, in units of ``X`` or as shares of these ranges such as
    "5%", within which to decide whether the examples that are attacked keep their label, with at
    most so many ``seconds`` for each of them: what is undecided then may be decided another time.
    ``twins`` are pairs of examples, by number, whose softmax outputs to make equal. ``image_shape``
    is (rows, columns) for pictures, by default the last two axes of ``X``; a row is one of a table
    where it is (d,) or columns have names, and is taken for a picture, which the audit then says,
    where d is a square of 16 or more.

    Raises :class:`certify.InputError` for a model or data that cannot be read exactly.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import LinearSVC
    >>> X, y = load_iris(return_X_y=True)
    >>> found = audit(LinearSVC(random_state=0).fit(X, y), X, y)
    >>> found.count(Grade.REFUTED), found.count(Grade.CERTIFIED) > 10
    (0, True)
    """
    exact = None if radii is None else exact_radii(radii)
    check_whole("seed", seed)
    within = None if robust is None else Asked.of(robust, "robust")
    check_positive("seconds", seconds)
    if not isinstance(twins, Iterable):
        raise InputError("twins", expected="pairs of examples", got=described(twins))
    if not callable(progress):
        wanted = "a function of two numbers and a name"
        raise InputError("progress", expected=wanted, got=described(progress))
    examples = X if isinstance(X, Examples) else Examples.of(X, y)
    read = of_object(model, None if examples is None else examples.X)
    if read.numbers:
        raise InputError(
            "model", expected="a classifier: one score for each class, or a Sigmoid behind one",
            got=read.numbers, where=read.origin,
        )  # fmt: skip
    subject = subject_of(read, examples, image_shape, exact, tuple(twins), seed, within, seconds)
    agreement = (
        compare(read, seed=seed) if examples is None
        else compare(read, examples.X, seed=seed, given=examples.given)
    )  # fmt: skip
    file = Path(model) if isinstance(model, str | Path) else None
    asked = [q for q in QUESTIONS if examples is not None or not q.examples]
    if read.voting:
        asked = [q for q in asked if q not in OF_LOGITS]
    count, digest = (0, "") if examples is None else (len(examples), examples.arrays_sha256)
    said = overview(subject, examples, agreement)
    found = Audit(read, count, digest, seed, {}, {}, said, examples, file)
    try:
        for done, question in enumerate(asked):
            told = partial(progress, done, len(asked))
            _answer(found, question, replace(subject, told=told))
            progress(done + 1, len(asked), question.title)
    except KeyboardInterrupt:
        raise Interrupted(replace(found, complete=False)) from None
    return found


def _answer(found: Audit, question: Question[Subject], subject: Subject) -> None:
    """Ask a question, and keep its answer, also the part that there is when it is interrupted."""
    start, stopped = time.perf_counter(), None
    try:
        with one_thread():
            result = question.run(subject)
    except Stopped as early:
        result, stopped = early.result, early
    if result is not None:
        found.results[question.id] = result
        found.seconds[question.id] = round(time.perf_counter() - start, 2)
    if stopped is not None:
        raise stopped


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(value: Any) -> Any:
    """Return JSON data with the formulas in its texts as plain text."""
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return without_formulas(value) if isinstance(value, str) and "$" in value else value
