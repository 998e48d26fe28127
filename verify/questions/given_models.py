"""The user's own models as sources and targets of attacks, beside those that are trained here."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.attack.models import Given
from verify.data.digits import Dataset
from verify.data.ranges import Ranges
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model
from verify.questions.subjects import check_shape

FLOAT32 = 2.0**-30  # the unit of a runtime's numbers, above which float32 holds what it computes


class OfData(nn.Module):
    """A model of the user's numbers, from numbers in [0, 1] to scores of the data's classes.

    The labels of the model that no example has are one more class, whose score is their largest.
    """

    least: Tensor
    width: Tensor

    def __init__(
        self, model: nn.Module, ranges: Ranges, order: Sequence[int], kind: torch.dtype
    ) -> None:
        super().__init__()
        self.model, self.order, self.kind = model, list(order), kind
        self.register_buffer("least", torch.tensor(ranges.least))
        self.register_buffer("width", torch.tensor(ranges.width))

    def forward(self, shares: Tensor) -> Tensor:
        """Return scores (n, classes), or one more, of numbers in [0, 1] (n, d)."""
        scores: Tensor = self.model((self.least + self.width * shares.double()).to(self.kind))
        others = [k for k in range(scores.shape[1]) if k not in self.order]
        if not others:
            return scores[:, self.order]
        return torch.cat([scores[:, self.order], scores[:, others].amax(1, keepdim=True)], 1)


def read_given(
    path: Path,
    data: Dataset,
    *,
    architecture: str | None = None,
    module: str | None = None,
    output: str | None = None,
    memory: int = 2**30,
) -> Given:
    """Return the model of a file as a classifier of the data, named as the file is.

    It is read as an audit reads it: exactly, compared with its own runtime on examples in the
    user's numbers, or refused with InputError; and so is a model that lacks a label of the data,
    unless its labels are ranks: 0, 1, ... of as many classes.
    """
    shapes = [data.image_shape, (data.images.shape[1],)]
    if len(data.image_shape) == 2:
        shapes.append((1, *data.image_shape))
    model = read_model(
        path, architecture, module=module, output=output, shapes=shapes, memory=memory
    )
    try:
        return of_model(path.stem, model, data)
    except InputError as error:
        raise InputError(
            f"{path}: {error.argument}", expected=error.expected, got=error.got, where=error.where
        ) from None


def _by_rank(model: Model, data: Dataset) -> bool:
    """Return whether the labels 0, 1, ... of a model stand for the ranks of the data's.

    So they do where it has as many classes, and the data other labels: -1 and 1, or words.
    """
    count = len(data.names)
    return model.labels == tuple(range(count)) and set(data.names) != set(model.labels)


def _check_knows(model: Model, labels: Sequence[int | str], data: Dataset) -> None:
    """Refuse a model that lacks a label of the data, with what could be done."""
    strange = [k for k, label in enumerate(labels) if label not in model.labels]
    if strange:
        count = int(np.isin(data.labels, strange).sum())
        raise InputError(
            "y",
            expected=f"labels of the model, {list(model.labels)}, for without a score for a label "
            "nothing attacks its examples (leave these out to test the model on the others)",
            got=f"{[labels[k] for k in strange]}",
            where=f"{count} of {len(data)} examples",
        )


def of_model(name: str, model: Model, data: Dataset) -> Given:
    """Return a model as a classifier of data whose ``ranges`` are those of its own inputs."""
    check_shape(model, data.image_shape)
    ranks = _by_rank(model, data)
    labels = data.classes if ranks else data.names or data.classes
    _check_knows(model, labels, data)
    order = model.classes_of(np.array(labels, dtype=object)).tolist()
    compare(model, data.ranges.back(data.images))
    wide = model.runtime is None or model.runtime.unit < FLOAT32
    kind = torch.float64 if wide else torch.float32
    return Given.of(name, OfData(model.in_floats(kind), data.ranges, order, kind), by_rank=ranks)
