"""How attacks made against one classifier fare against the others.

Charles, Rosenberg and Papailiopoulos (2019), Section 7 and Figure 4.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from certify.errors import InputError
from verify.attack.answers import Answers


@dataclass(frozen=True, eq=False)
class Average:
    """Accuracy per radius, (radius,) each: mean, least and greatest over target classifiers."""

    mean: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray


@dataclass(frozen=True, eq=False)
class Transfer:
    """How all targets answer on the adversaries of all sources.

    targets   classifier names, in order
    families  the targets' families, "svm" or "network"
    sources   the names of what attacks, a target's own name for its own attack
    kinds     the sources' families, or kinds where they are no classifiers, see `Attacker`
    radii     the attack's radii
    truth     int64 (test,): the labels of the test part
    clean     unsigned (target, test): the targets' labels of it, unperturbed
    answers   their labels of each source's adversaries; () once they are too long to hand on
    """

    targets: tuple[str, ...]
    families: tuple[str, ...]
    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    radii: tuple[float, ...]
    truth: np.ndarray
    clean: np.ndarray
    answers: tuple[Answers, ...]

    def __post_init__(self) -> None:
        for name, got, expected in (
            ("families", len(self.families), len(self.targets)),
            ("kinds", len(self.kinds), len(self.sources)),
            ("answers", len(self.answers) or len(self.sources), len(self.sources)),
            ("clean", self.clean.shape, (len(self.targets), len(self.truth))),
        ):
            if got != expected:
                raise InputError(name, expected=f"{expected}", got=f"{got}")
        for source, found in zip(self.sources, self.answers, strict=False):
            got = found.labels.shape
            wanted = (len(self.targets), len(self.radii), found.examples.shape[1])
            if got != wanted or len(found.examples) not in (1, len(self.radii)):
                raise InputError("answers", expected=f"{wanted}", got=f"{got}", where=source)

    def first(self, targets: int, sources: int) -> "Transfer":
        """Return the same of so many of the first targets and sources."""
        answers = tuple(replace(a, labels=a.labels[:targets]) for a in self.answers[:sources])
        return Transfer(
            self.targets[:targets], self.families[:targets], self.sources[:sources],
            self.kinds[:sources], self.radii, self.truth, self.clean[:targets], answers,
        )  # fmt: skip

    @property
    def examples(self) -> int:
        """How many examples each source attacks."""
        return int(self.answers[0].examples.shape[1])

    def right(self, source: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which labels are right on a source's adversaries, and on its examples unmoved.

        bool (target, radius, n) and, where all radii have the same examples, (target, 1, n).
        """
        found = self.answers[source]
        truth = self.truth[found.examples]
        return found.labels == truth, self.clean[:, found.examples] == truth

    @cached_property
    def _counts(self) -> dict[str, np.ndarray]:
        """Count labels, int64 (source, target, radius)."""
        counts: dict[str, list[np.ndarray]] = {}
        for i, (source, found) in enumerate(zip(self.sources, self.answers, strict=True)):
            right, clean = self.right(i)
            both = same = np.zeros_like(right)
            if source in self.targets:
                own = self.targets.index(source)
                both = ~right & ~right[own]
                same = both & (found.labels == found.labels[own])
            for name, part in (
                ("correct", right), ("clean", np.broadcast_to(clean, right.shape)),
                ("kept", right & clean), ("fooled", both), ("agreed", same),
            ):  # fmt: skip
                counts.setdefault(name, []).append(np.count_nonzero(part, axis=2))
        return {name: np.array(parts, dtype=np.int64) for name, parts in counts.items()}

    @property
    def correct(self) -> np.ndarray:
        """How many of its source's adversaries each target gets right: (source, target, radius)."""
        return self._counts["correct"]

    @property
    def fooled(self) -> np.ndarray:
        """How many adversaries fool both their source and the target: (source, target, radius).

        0 for sources that give no labels of their own.
        """
        return self._counts["fooled"]

    @property
    def agreed(self) -> np.ndarray:
        """To how many of the `fooled` both give one label: (source, target, radius)."""
        return self._counts["agreed"]

    @property
    def accuracy(self) -> np.ndarray:
        """The accuracies float64 (source, target, radius), of all examples."""
        return self.correct / np.float64(self.examples)

    @property
    def kept_accuracy(self) -> np.ndarray:
        """The same, of the examples that the target gets right unperturbed."""
        return np.asarray(self._counts["kept"] / np.maximum(self._counts["clean"], 1))

    @property
    def clean_accuracy(self) -> np.ndarray:
        """The accuracies of the examples unperturbed, float64 (source, target, radius)."""
        return np.asarray(self._counts["clean"] / np.float64(self.examples))

    @property
    def same_mistakes(self) -> np.ndarray:
        """The share of adversaries fooling source and target to which both give one label.

        float64 (source, target, radius), NaN where no adversary fools both.
        """
        share = np.where(self.fooled > 0, self.agreed, np.nan) / np.maximum(self.fooled, 1)
        return np.asarray(share)

    def averages(
        self, *, include_self: bool = False, kept: bool = False
    ) -> dict[tuple[str, str], Average]:
        """Return the curves of Figure 4 by (target family, source family or extra).

        A target's accuracy on a family is over all adversaries from that family's sources; its own
        adversaries count only with `include_self`, and with `kept` only the examples that the
        target gets right unperturbed. Mean, minimum and maximum run over the targets. Raises
        InputError when a target is left without a source of its own family.
        """
        curves = self._curves(include_self, kept)
        return {
            pair: Average(np.mean(rows, axis=0), np.min(rows, axis=0), np.max(rows, axis=0))
            for pair, rows in curves.items()
        }

    def _curves(self, include_self: bool, kept: bool) -> dict[tuple[str, str], list[np.ndarray]]:
        """Return one accuracy curve (radius,) for each target, by target and source family."""
        accuracy = self.kept_accuracy if kept else self.accuracy
        families, kinds = np.array(self.families), np.array(self.kinds)
        result: dict[tuple[str, str], list[np.ndarray]] = {}
        for family in dict.fromkeys(self.families):
            for kind in dict.fromkeys(self.kinds):
                rows = result[family, kind] = []
                for target in np.flatnonzero(families == family):
                    sources = np.flatnonzero(kinds == kind)
                    if not include_self:
                        others = [self.sources[i] != self.targets[target] for i in sources]
                        sources = sources[others]
                    if len(sources) == 0:
                        wanted = f"two classifiers of family {family}, or include_self"
                        raise InputError("families", expected=wanted, got="one")
                    rows.append(accuracy[sources, target].mean(axis=0))
        return result
