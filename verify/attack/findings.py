"""The five findings of Section 7 of Charles, Rosenberg and Papailiopoulos (2019), decided.

The paper draws them from Figure 4 in words, in the two paragraphs behind it: both families are
"relatively robust" to noise, SVMs and networks "often susceptible" to others of their kind; network
attacks do "much better" than noise on SVMs and are in "stark contrast" to it on networks; SVM
attacks do "only slightly better" on networks. Each word has a number here: *robust* is who loses at
most ROBUST, *often* is more than OFTEN, *slightly better* up to SLIGHTLY more than noise, *better*
more than that, *much better* and *in stark contrast* more than MUCH. All were fixed before any
label was looked at but MUCH, which was as SLIGHTLY in the first runs; what other limits would give
stands in a table of the report. A finding holds at a radius when the intervals of all its parts,
over other classifiers and other images and for all radii at once, lie on its side; it fails when
one of them lies on the other side; else the experiment is too small to tell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from verify.attack.answers import RANDOM
from verify.attack.resampling import Rate, Rates

ROBUST = 0.10
SLIGHTLY = 0.05
MUCH = 0.10
OFTEN = 0.5

Found = Mapping[tuple[str, str], Rates]


class Holds(IntEnum):
    """Whether a statement holds at a radius, as far as the experiment tells."""

    NO = -1
    OPEN = 0
    YES = 1


@dataclass(frozen=True)
class Part:
    """A statement on one rate: that it is above a limit, or that it is not.

    text  what the rate is, in words
    rate  the rate, or difference of rates, from those of all pairs
    """

    text: str
    rate: Callable[[Found], Rate]
    limit: float
    above: bool

    @property
    def criterion(self) -> str:
        """The statement in words."""
        return f"{self.text}{' above' if self.above else ', if at all, at most'} {self.limit:g}"

    def decide(self, found: Found, limit: float | None = None) -> list[Holds]:
        """Return for each radius whether it holds, or would with another limit."""
        low, high = self.rate(found).band()
        edge = self.limit if limit is None else limit
        above, below = low > edge, high <= edge
        good, bad = (above, below) if self.above else (below, above)
        # A rate that is not there, nan, is neither.
        return [Holds(int(g) - int(b)) for g, b in zip(good, bad, strict=True)]


@dataclass(frozen=True)
class Finding:
    """A finding as the paper has it, and what it has to mean to be decided."""

    id: str
    printed: str
    parts: tuple[Part, ...]

    def decide(self, found: Found) -> list[Holds]:
        """Return for each radius whether it holds: as far as the weakest part does."""
        return [min(each) for each in zip(*(p.decide(found) for p in self.parts), strict=True)]


def _loss(target: str) -> Part:
    names = {"svm": "SVMs", "network": "networks"}

    def rate(found: Found) -> Rate:
        rates = found[target, RANDOM]
        return rates.clean - rates.right

    return Part(f"accuracy that {names[target]} lose to noise", rate, ROBUST, above=False)


def _more(target: str, stronger: str, weaker: str, limit: float, *, above: bool = True) -> Part:
    """Say how much more accuracy targets lose to one attack than to another."""
    names = {"svm": "SVM attacks", "network": "network attacks", RANDOM: "noise"}
    targets = {"svm": "SVMs", "network": "networks"}
    text = f"accuracy that {targets[target]} lose to {names[stronger]} more than to {names[weaker]}"

    def rate(found: Found) -> Rate:
        return found[target, weaker].right - found[target, stronger].right

    return Part(text, rate, limit, above=above)


def _often(kind: str) -> Part:
    name = {"svm": "SVM", "network": "network"}[kind]
    text = f"share of the adversaries fooling their own {name} that fool another"

    def rate(found: Found) -> Rate:
        transfer = found[kind, kind].transfer
        assert transfer is not None  # classifiers give labels
        return transfer

    return Part(text, rate, OFTEN, above=True)


FINDINGS = (
    Finding(
        "F1",
        "SVMs and networks are both relatively robust to random perturbations",
        (_loss("svm"), _loss("network")),
    ),
    Finding(
        "F2",
        "SVMs are often susceptible to adversarial examples of SVMs trained on other subsets",
        (_often("svm"), _more("svm", "svm", RANDOM, SLIGHTLY)),
    ),
    Finding(
        "F3",
        "adversarial examples of networks do much better on SVMs than random perturbations",
        (_more("svm", "network", RANDOM, MUCH),),
    ),
    Finding(
        "F4",
        "adversarial examples of networks transfer to other networks, in stark contrast to noise",
        (_often("network"), _more("network", "network", RANDOM, MUCH)),
    ),
    Finding(
        "F5",
        "adversarial examples of SVMs fool networks only slightly better than noise",
        (_more("network", "svm", RANDOM, SLIGHTLY, above=False),),
    ),
)


ORDER = (
    _more("svm", "svm", "network", 0.0),
    _more("svm", "network", RANDOM, 0.0),
    _more("network", "network", "svm", 0.0),
    _more("network", "svm", RANDOM, 0.0),
)
"""The order of the curves that Figure 4 shows, from the lowest to the highest."""


def where(radii: Sequence[float], decided: Sequence[Holds], wanted: Holds) -> str:
    """Return the tested radii where the answer is the wanted one; nothing is said between them.

    >>> where((0.1, 0.2, 0.3, 0.4), (Holds.YES, Holds.YES, Holds.YES, Holds.NO), Holds.YES)
    '0.1, ..., 0.3'
    """
    runs: list[list[str]] = []
    before = None
    for radius, answer in zip(radii, decided, strict=True):
        if answer is wanted:
            if before is not wanted:
                runs.append([])
            runs[-1].append(f"{radius:g}")
        before = answer
    texts = [", ".join(r if len(r) < 3 else (r[0], "...", r[-1])) for r in runs]
    return "; ".join(texts) or "none"


def all_hold(decided: Sequence[Sequence[Holds]]) -> list[Holds]:
    """Return for each radius whether all findings hold there."""
    return [min(each) for each in zip(*decided, strict=True)]


def verdict(radii: Sequence[float], decided: Sequence[Holds]) -> str:
    """Return in a few words whether a finding holds, and where.

    >>> verdict((0.1, 0.2, 0.3), (Holds.YES, Holds.YES, Holds.NO))
    'at 2 of 3 radii: 0.1, 0.2'
    """
    yes = sum(answer is Holds.YES for answer in decided)
    if not yes:
        return "no" if Holds.NO in decided else "not decided"
    if yes == len(decided):
        return f"at all {yes} radii" if yes > 1 else "yes"
    return f"at {yes} of {len(decided)} radii: {where(radii, decided, Holds.YES)}"
