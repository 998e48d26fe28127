"""Files in the format .nnet of Stanford: dense layers with ReLU between, and normalisation.

What such a network computes, its format says: an input is brought into the range of the file, less
its mean and over its range; behind the last layer comes the range of the outputs, and their mean.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from certify.errors import InputError, shortened
from verify.data.memory import Budget
from verify.models.builder import Builder
from verify.models.model import ONE_NUMBER, Answer, Model

EXPECTED = "a .nnet file: sizes, ranges of inputs, then the weights and biases of each layer"
ALONE = (
    "nothing here runs .nnet files. As their format says, inputs are brought into the range that "
    "the file gives, less their means and over their ranges, and outputs scaled back."
)


def read_nnet(path: Path, budget: Budget, answer: Answer = "largest") -> Model:
    """Return the model of a .nnet file; each number in it is the nearest float64, as readers read.

    ``answer`` says whether the largest or the least score is its label: the networks of ACAS Xu
    answer with the least. Older files list more minima, maxima, means and ranges than there are
    inputs: the first are those of the inputs, and the last mean and range those of the outputs.

    Raises InputError naming the line for a damaged file, and for ranges that are none.
    """
    budget.take(path.stat().st_size // 2, str(path))
    lines = _Lines(path)
    count, inputs, outputs, _ = lines.whole(4)
    sizes = lines.whole(count + 1)
    if count < 1 or min(sizes) < 1 or (sizes[0], sizes[-1]) != (inputs, outputs):
        raise lines.unlike(f"sizes {sizes} of {count} layers with {inputs} inputs")
    lines.row()  # a flag that nothing reads
    least, most = lines.row(inputs)[:inputs], lines.row(inputs)[:inputs]
    if (least > most).any():
        raise lines.unlike("a least value above the largest")
    mean, wide = lines.row(inputs + 1), lines.row(inputs + 1)
    if not (wide[:inputs] > 0).all() or not wide[-1] > 0:
        raise lines.unlike("a range of no positive length")
    builder, where = Builder((inputs,), budget), str(path)
    value = builder.at_most(builder.at_least(builder.input, least, where), most, where)
    shares = np.array([1 / Fraction(x) for x in wide[:inputs].tolist()])
    offsets = shares * np.array([-Fraction(x) for x in mean[:inputs].tolist()])
    value = builder.affine(value, shares, offsets, where)
    for layer, (before, after) in enumerate(pairwise(sizes), 1):
        budget.take(before * after, where)
        weights = np.array([lines.row(before, exactly=True) for _ in range(after)])
        biases = np.concatenate([lines.row(1, exactly=True) for _ in range(after)])
        value = builder.dense(value, weights, biases, f"layer {layer}")
        if layer < count:
            value = builder.relu(value, f"layer {layer}")
    value = builder.affine(value, wide[-1], mean[-1], where)
    found = builder.model(
        value, path.stem, f".nnet file {path.name}", answer=answer,
        numbers=ONE_NUMBER if outputs == 1 else "",
    )  # fmt: skip
    return replace(found, alone=ALONE, behind="nothing" if answer == "largest" else "labels")


class _Lines:
    """The lines of numbers of a file, one after the other, without those of comments."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 0
        try:
            text = path.read_text(encoding="ascii")
        except UnicodeDecodeError:
            raise self.unlike("other characters") from None
        self.rest = self._rows(text)

    def _rows(self, text: str) -> Iterator[str]:
        for self.number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("//"):
                yield line

    def unlike(self, got: str) -> InputError:
        """Return the error for a file of another form."""
        return InputError(str(self.path), expected=EXPECTED, got=got, where=f"line {self.number}")

    def row(self, fewest: int = 0, *, exactly: bool = False) -> np.ndarray:
        """Return the numbers of the next line, at least so many."""
        line = next(self.rest, None)
        if line is None:
            raise self.unlike("no more lines")
        words = [word for word in line.split(",") if word.strip()]
        try:
            found = np.array([float(word) for word in words])
        except ValueError:
            raise self.unlike(shortened(repr(line.strip()), 60)) from None
        if len(found) < fewest or (exactly and len(found) > fewest):
            raise self.unlike(f"{len(found)} numbers, not {fewest}")
        if not np.isfinite(found).all():
            raise self.unlike("a number that is not finite")
        return found

    def whole(self, count: int) -> list[int]:
        """Return the next line, so many whole numbers."""
        found = self.row(count)[:count]
        if (found != np.floor(found)).any() or (found < 0).any() or (found > 10**6).any():
            raise self.unlike(f"sizes {found.tolist()}")
        return [int(x) for x in found]
