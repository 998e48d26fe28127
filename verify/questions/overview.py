"""What an audit says before its answers: how model and data were read, and how well it reads."""

from dataclasses import asdict, dataclass

import numpy as np

from verify.data.examples import Examples
from verify.models.agreement import Agreement
from verify.models.rounding import moved
from verify.questions.question import Subject

FEW = 10  # examples, below which an accuracy says nothing about chance


@dataclass(frozen=True)
class Accuracy:
    """How many examples a model reads right, of how many, by whom: its own runtime, or floats."""

    right: int
    examples: int
    by: str

    def __str__(self) -> str:
        """Return the words of reports."""
        share = self.right / self.examples
        return f"reads {share:.1%} of {self.examples:,} examples right, by {self.by}"

    def to_json(self) -> dict[str, int | str]:
        """Return the three as JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Overview:
    """Sentences on how model and data were read, and what should make a reader stop."""

    accuracy: Accuracy | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def overview(subject: Subject, examples: Examples | None, agreement: Agreement) -> Overview:
    """Return what comes before the answers of an audit."""
    notes: list[str] = []
    warnings: list[str] = []
    notes += subject.model.notes
    if subject.model.rounded:
        notes.append(subject.model.rounded)
    if subject.model.roots and examples is not None:
        change = moved(subject.model, subject.X)
        (warnings if change.unsure else notes).append(str(change))
    if subject.model.voting:
        notes.append(
            "Pairs of classes vote for its label, each by the score of its own: there is no "
            "softmax, and what is asked about one is left out."
        )
    if agreement.runtime:
        notes.append(str(agreement))
    else:
        warnings.append(f"There is no runtime to compare with: {subject.model.alone}")
    notes.append("Every stored number is the rational number that its float is.")
    if examples is None:
        return Overview(None, tuple(notes), tuple(warnings))
    # What reads them right is the model itself, wherever something runs it.
    y, answers, whom = subject.y, subject.answers, "floats"
    if agreement.runtime:
        y, answers, whom = y[agreement.rows], agreement.answers, agreement.runtime
    accuracy = Accuracy(int(np.count_nonzero(answers == y)), len(y), whom)
    notes.append(f"The model {accuracy}; their numbers were taken {examples.scale}.")
    if examples.X.ndim == 2 and not examples.image and len(subject.image) == 2:
        top = subject.units.top
        notes.append(
            f"Each row was taken for an image of {' x '.join(map(str, subject.image))} pixels"
            + (f" from 0 to {top}" if top is not None else "")
            + "; say image_shape="
            f"({examples.X.shape[1]},) or --pixels none if it is one of a table."
        )
    guess = float(np.bincount(y).max()) / len(y)
    if len(subject.classes) == 1:
        guess = 1 / len(subject.model.labels)
    chance = len(y) * guess + 2 * (len(y) * guess * (1 - guess)) ** 0.5
    if len(y) >= FEW and accuracy.right <= chance:
        warnings.append(
            f"WARNING: that the model {accuracy}, is no better than guessing ({guess:.1%}). Are "
            "these its data, in its units and order, with its labels?"
        )
    if not (subject.answers == subject.y).any():
        warnings.append("No example is read right, so none is attacked, or asked about in a ball.")
    if not subject.box and not subject.units.ranges:
        spread = subject.X.max(axis=0).astype(float) - subject.X.min(axis=0)
        notes.append(
            f"The coordinates range over {spread.min():.3g} to {spread.max():.3g} units, with "
            "which radii are to be compared."
        )
    return Overview(accuracy, tuple(notes), tuple(warnings))
