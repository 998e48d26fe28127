"""Named sizes of the transfer experiment."""

from __future__ import annotations

from dataclasses import dataclass, field

from certify.errors import InputError
from verify.attack.checks import check_positive, check_whole, check_widths
from verify.attack.projected_gradient import Attack


@dataclass(frozen=True)
class Preset:
    """One size of the transfer experiment.

    subsets        classifiers per family; each is trained on a random subset of its own
    subset_size    images per subset
    test_fraction  the share of the data kept for testing
    examples       test images that are attacked, the same for all sources
    widths         layer widths of the networks (pixels, hidden ..., classes)
    epochs         passes of the networks over their subset
    C              the machines' inverse regularisation
    attack         radii, steps, step length and step rule
    """

    name: str
    subsets: int
    subset_size: int
    test_fraction: float
    examples: int
    widths: tuple[int, ...]
    epochs: int
    C: float = 1.0
    attack: Attack = field(default_factory=Attack)

    def __post_init__(self) -> None:
        check_whole("subsets", self.subsets, 2)
        for name in ("subset_size", "examples", "epochs"):
            check_whole(name, getattr(self, name), 1)
        check_widths(self.widths)
        check_positive("C", self.C)


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            subsets=4,
            subset_size=600,
            test_fraction=0.3,
            examples=200,
            widths=(64, 32, 10),
            epochs=30,
        ),
    )
}
"""The presets by name. "quick" is for scikit-learn's digits: seconds on one core."""


def preset(name: str) -> Preset:
    """Return the preset of that name.

    >>> preset("quick").examples
    200
    """
    if name not in PRESETS:
        raise InputError("preset", expected=f"one of {', '.join(PRESETS)}", got=repr(name))
    return PRESETS[name]
