"""Named sizes of the transfer experiment."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_args

from certify.errors import InputError
from verify.attack.answers import Draws
from verify.attack.networks import Architecture
from verify.attack.projected_gradient import Attack, Loss, NoiseLaw
from verify.attack.training import Training
from verify.data.checks import check_positive, check_whole, check_widths
from verify.data.digits import Dataset

LATER = ("exact", "certified", "bands", "twin_pairs", "twin_radii", "twin_parts")
"""Fields of a preset that speak of what is asked of trained models and their labels afterwards."""

MOST_SUBSETS = 1_000
"""Of each family: every classifier has a name, a subset and attacks that wait their turn."""


@dataclass(frozen=True)
class Preset:
    """One size of the transfer experiment.

    data              the data set it is made for: "digits" or "mnist"
    subsets           classifiers per family, each trained on a random subset of its own; and as
                      many sources of noise
    subset_size       images per subset
    test_fraction     the share of the data kept for testing, where there is no official test part
    examples          test images that each source attacks
    draws             how often they are drawn: "once", anew for each "source", or for each "radius"
                      of each source
    architecture      of the networks
    widths            their layer widths (pixels, hidden ..., classes), for "mlp" alone
    epochs            passes of the networks over their subset
    universal_images  training images from which universal directions are computed
    share             of all adversaries, whose labels are decided again exactly
    exact             adversarial examples that are decided again exactly, or "all" of them
    certified         images whose labels are certified, too, within radii; 0 for none
    bands             classifiers per family for which they are
    twin_widths       layer widths of the network whose twins are sought
    twin_epochs       passes of that network over its subset
    twin_pairs        pairs of images for which a twin is sought, at each of the ``twin_radii``
    twin_parts        into which a ball is split at most where no twin was found, to exclude one
    training          how machines and networks are trained, see `verify.attack.training.Training`
    C                 the machines' inverse regularisation
    attack            radii, steps, step length and the choices that the paper leaves open
    svm_loss          what the attack makes grow for support vector machines
    noise             the law of the random perturbations
    """

    name: str
    data: Literal["digits", "mnist"]
    subsets: int
    subset_size: int
    test_fraction: float
    examples: int
    architecture: Architecture
    widths: tuple[int, ...]
    epochs: int
    universal_images: int
    twin_widths: tuple[int, ...]
    twin_epochs: int
    twin_pairs: int
    twin_radii: tuple[float, ...] = (0.1, 0.2, 0.3)
    twin_parts: int = 500
    draws: Draws = "once"
    training: Training = "ours"
    share: float = 0.01
    exact: int | Literal["all"] = 200
    certified: int = 0
    bands: int = 1
    C: float = 1.0
    attack: Attack = field(default_factory=Attack)
    svm_loss: Loss = "cross-entropy"
    noise: NoiseLaw = "uniform"

    def __post_init__(self) -> None:
        check_whole("subsets", self.subsets, 2, MOST_SUBSETS)
        for name in ("subset_size", "examples", "epochs", "universal_images"):
            check_whole(name, getattr(self, name), 1)
        for name in ("twin_epochs", "twin_pairs", "twin_parts"):
            check_whole(name, getattr(self, name), 1)
        if isinstance(self.exact, str) and self.exact != "all":
            raise InputError("exact", expected="an integer >= 0, or all", got=repr(self.exact))
        if self.exact != "all":
            check_whole("exact", self.exact)
        check_whole("certified", self.certified)
        check_whole("bands", self.bands, 1)
        check_widths(self.widths)
        check_widths(self.twin_widths)
        check_positive("C", self.C)
        for name, allowed in (("draws", get_args(Draws)), ("training", get_args(Training))):
            if getattr(self, name) not in allowed:
                got = repr(getattr(self, name))
                raise InputError(name, expected=" or ".join(allowed), got=got)
        if not 0 <= self.share <= 1:
            raise InputError("share", expected="a number from 0 to 1", got=f"{self.share}")

    def fitted(self, data: Dataset, train: int | None = None, test: int | None = None) -> "Preset":
        """Return the preset with as many pixels and classes at the ends of widths as the data.

        Of ``train`` images at most half are drawn for each classifier, or all would learn from the
        same; of ``test`` images no more than there are.
        """
        pixels, classes = data.images.shape[1], len(data.classes)
        return replace(
            self,
            subset_size=min(self.subset_size, max((train or 2 * self.subset_size) // 2, 1)),
            examples=min(self.examples, test or self.examples),
            widths=(pixels, *self.widths[1:-1], classes),
            twin_widths=(pixels, *self.twin_widths[1:-1], classes),
        )

    def settings(self) -> dict[str, Any]:
        """Return what decides which models are trained, and which labels are found with them."""
        return {name: value for name, value in asdict(self).items() if name not in LATER}

    def with_choices(self, choices: Mapping[str, Any]) -> "Preset":
        """Return the preset with other settings, by name; those of the attack among them.

        >>> preset("quick").with_choices({"epochs": 3, "step_rule": "gradient"}).attack.step_rule
        'gradient'
        """
        of_attack = {f.name for f in fields(Attack)}
        for name in choices:
            if name not in of_attack | {f.name for f in fields(self)}:
                raise InputError("choices", expected="settings of a preset", got=repr(name))
        attack = {name: value for name, value in choices.items() if name in of_attack}
        own = {name: value for name, value in choices.items() if name not in of_attack}
        result = replace(self, attack=replace(self.attack, **attack), **own)
        of, largest = result.attack, result.attack.radii[-1]
        least = math.ceil(largest / of.step - 1e-6)
        if of.step_rule == "sign" and least > of.steps:
            wanted = f"at least {least} steps of {of.step:g}, to reach the radius {largest:g}"
            raise InputError("steps", expected=wanted, got=f"{of.steps}")
        return result


_MNIST = Preset(
    name="standard",
    data="mnist",
    subsets=10,
    subset_size=10_000,
    test_fraction=1 / 7,
    examples=500,
    architecture="cnn-2018",
    widths=(784, 10),
    epochs=3,
    universal_images=1_000,
    twin_widths=(784, 128, 64, 10),
    twin_epochs=10,
    twin_pairs=100,
    bands=3,
)

PRESETS: "dict[str, Preset]" = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            data="digits",
            subsets=4,
            subset_size=600,
            test_fraction=0.3,
            examples=200,
            architecture="mlp",
            widths=(64, 32, 10),
            epochs=30,
            universal_images=600,
            twin_widths=(64, 64, 10),
            twin_epochs=30,
            twin_pairs=20,
            twin_radii=(0.3, 0.4, 0.5),
            certified=10,
        ),
        _MNIST,
        replace(
            _MNIST,
            name="paper",
            subsets=50,
            examples=1_000,
            draws="source",
            epochs=10,
            training="2018",
        ),
    )
}
"""The presets by name. "quick" takes seconds on one core, "standard" minutes on two, and "paper",
the sizes of the paper's Section 7, hours without a GPU."""


def preset(name: str) -> "Preset":
    """Return the preset of that name.

    >>> preset("quick").examples
    200
    """
    if name not in PRESETS:
        raise InputError("preset", expected=f"one of {', '.join(PRESETS)}", got=repr(name))
    return PRESETS[name]
