"""What is asked of a model, and what all questions are asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from verify.auditing.model import Model
from verify.experiments.experiment import Result


@dataclass(frozen=True)
class Subject:
    """A model and the examples that it is asked about.

    X       float32 or float64 (n, d), flat inputs, as they are given
    y       int64 (n,), indices of the model's logits
    image   the shape of one input, for pictures: (rows, columns), or (d,)
    box     whether inputs live in [0, 1], as pixels do
    twins   pairs of examples, by number, for which a twin is sought
    """

    model: Model
    X: np.ndarray
    y: np.ndarray
    image: tuple[int, ...]
    box: bool
    radii: tuple[float, ...]
    twins: tuple[tuple[int, int], ...]
    seed: int

    @property
    def single(self) -> np.ndarray:
        """The inputs rounded to float32, for what only guesses."""
        return self.X.astype(np.float32)

    def rng(self, *purpose: object) -> np.random.Generator:
        """Return a generator of its own for one purpose, from the seed."""
        text = f"{self.seed}/{'/'.join(map(str, purpose))}"
        return np.random.default_rng(Random(text).randrange(2**31))

    @property
    def classes(self) -> list[int]:
        """The indices of logits whose label occurs among the examples."""
        return [int(k) for k in np.unique(self.y)]


@dataclass(frozen=True)
class Question:
    """One question with the claims that answer it; ``run`` gives None where it makes no sense."""

    id: str
    title: str
    question: str
    claims: tuple[str, ...]
    run: Callable[[Subject], Result | None]
