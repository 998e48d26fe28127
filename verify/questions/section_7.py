"""The findings of Section 7 in words and tables: where each holds, and what they rest on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from verify.attack.answers import RANDOM
from verify.attack.findings import (
    FINDINGS,
    MUCH,
    OFTEN,
    ORDER,
    ROBUST,
    SLIGHTLY,
    Finding,
    Found,
    Holds,
    Part,
    all_hold,
    verdict,
    where,
)
from verify.attack.presets import Preset
from verify.evidence.grades import Grade
from verify.evidence.result import table
from verify.reporting.summary import listed

OTHER_LIMITS = {ROBUST: (0.05, 0.2), SLIGHTLY: (0.02, 0.1), MUCH: (0.05, 0.2), OFTEN: (0.25, 0.75)}
FEW = "two classifiers of each family say nothing about others"
WANTED = (Holds.YES, Holds.NO, Holds.OPEN)


def confirmed(found: Found, radii: Sequence[float], classifiers: int) -> str:
    """Return in a sentence how many findings hold at all radii and at some, and at how many.

    Of two ``classifiers`` of each family it says besides what they say nothing about.
    """
    alone = f" {FEW[0].upper()}{FEW[1:]}." if classifiers <= 2 else ""
    decided = [finding.decide(found) for finding in FINDINGS]
    held = [sum(answer is Holds.YES for answer in answers) for answers in decided]
    together = sum(answer is Holds.YES for answer in all_hold(decided))
    count = len(radii)
    at_all, at_some = sum(n == count for n in held), sum(0 < n < count for n in held)
    asked = f"all {count} tested radii" if count > 1 else "the one tested radius"
    some = f", {at_some} at some" * bool(at_some)
    each = ", ".join(f"{f.id} at {n}" for f, n in zip(FINDINGS, held, strict=True))
    return (
        f"Of the five findings of Section 7, all of which the paper says it confirms, "
        f"{at_all or 'none'} hold{'s' * (at_all < 2)} at {asked}{some}: "
        f"{each}, all at once at {together}.{alone}"
    )


def sentence(radii: Sequence[float], decided: Sequence[Holds]) -> str:
    """Say at which radii a finding holds, fails and is not decided.

    >>> sentence((0.1, 0.2, 0.3), (Holds.YES, Holds.YES, Holds.NO))
    'Of the tested radii, it holds at 0.1, 0.2 and fails at 0.3.'
    """
    verbs = zip(WANTED, ("holds", "fails", "is not decided"), strict=True)
    parts = [
        f"{verb} at {where(radii, decided, wanted)}" for wanted, verb in verbs if wanted in decided
    ]
    return f"Of the tested radii, it {listed(parts)}."


def _caveat(
    finding: Finding, found: Found, radii: Sequence[float], decided: Sequence[Holds]
) -> str:
    """Say what a finding does not tell: where nothing may be lost, or nobody is fooled.

    A loss of at most so much is no loss at all where attacks do no better than noise, and small of
    necessity where little is read right.
    """
    said = []
    if finding.id == "F1":
        svm, network = (float(found[t, RANDOM].clean.value.max()) for t in ("svm", "network"))
        said = [
            f"Unmoved, SVMs read {svm:.2f} and networks {network:.2f} right; no more can be lost."
        ]
    for part in finding.parts:
        rate = part.rate(found)
        missing = [Holds(int(v)) for v in np.isnan(rate.value)]
        if any(missing):
            at = where(radii, missing, Holds.YES)
            said.append(
                f"No adversary of an example that both read right fools its own classifier at {at}."
            )
        if part.above or finding.id == "F1":
            continue
        low, _ = rate.band()
        none = [Holds(int(a is Holds.YES and v <= 0.0)) for a, v in zip(decided, low, strict=True)]
        if any(none):
            at = where(radii, none, Holds.YES)
            said.append(f"It is not shown that there is any {part.text} at {at}.")
    return "".join(f" {text}" for text in said)


def findings_tables(
    found: Found, radii: Sequence[float], shown: Sequence[int], classifiers: int
) -> list[Any]:
    """Return where each finding holds, what it rests on, and the order of the attacks.

    With two ``classifiers`` of each family, of which both are in every draw, intervals are over
    images alone, and say so.
    """
    others = "classifiers and other examples"
    if classifiers <= 2:
        others = f"examples alone, for {FEW}"
    spans = [("holds at", "radii", Grade.FLOAT), ("fails at", "radii", Grade.FLOAT),
             ("not decided at", "radii", Grade.FLOAT)]  # fmt: skip
    decided = [finding.decide(found) for finding in FINDINGS]
    caveats = [
        *(_caveat(f, found, radii, a) for f, a in zip(FINDINGS, decided, strict=True)), ""
    ]  # fmt: skip
    named = [*((f.id, f.printed) for f in FINDINGS), ("all", "“We confirm all of our findings”")]
    findings = table(
        "The five findings of Section 7, decided at each tested radius and nowhere between",
        [("finding", "", None), ("as the paper has it", "", None), ("holds", "", Grade.FLOAT),
         ("in a sentence", "", Grade.FLOAT)],
        [
            [*names, verdict(radii, answers), sentence(radii, answers) + caveat]
            for names, answers, caveat in zip(
                named, [*decided, all_hold(decided)], caveats, strict=True
            )
        ],
    )  # fmt: skip
    owned = [(finding.id, part) for finding in FINDINGS for part in finding.parts]
    numbers = [
        (f"$\\varepsilon={radii[k]:g}$", "interval of 95% for all radii", Grade.FLOAT)
        for k in shown
    ]
    parts = table(
        f"What each finding means here: intervals over other {others}",
        [("finding", "", None), ("criterion", "", None), *spans, *numbers],
        [[name, *_row(part, found, radii, shown)] for name, part in owned],
    )
    with_others = table(
        "The same with other limits",
        [("finding", "", None), ("rate", "", None), ("limit", "", None),
         ("holds", "", Grade.FLOAT)],
        [
            [name, part.text, f"{limit:g}", verdict(radii, part.decide(found, limit))]
            for name, part in owned
            for limit in sorted((part.limit, *OTHER_LIMITS[part.limit]))
        ],
    )  # fmt: skip
    order = table(
        "The order that the curves have in Figure 4, decided for those here",
        [("difference of accuracies", "", None), *spans, *numbers],
        [_row(part, found, radii, shown) for part in ORDER],
    )
    return [findings, parts, order, with_others]


def _row(part: Part, found: Found, radii: Sequence[float], shown: Sequence[int]) -> list[str]:
    answers = part.decide(found)
    low, high = part.rate(found).band()
    return [
        part.criterion, *(where(radii, answers, wanted) for wanted in WANTED),
        *(f"{low[k]:.3f} to {high[k]:.3f}" if low[k] <= high[k] else "of none" for k in shown),
    ]  # fmt: skip


def choices_table(preset: Preset, *, mnist: bool = True) -> dict[str, Any]:
    """Return what the paper says of the experiment, what it leaves open, and what was chosen.

    The ``preset`` is as it fits the data. Without ``mnist`` nothing is said of what choices change
    but what this run measures, and what does not apply to the data says so.
    """
    attack, n = preset.attack, preset.subsets
    sign, box = attack.step_rule == "sign", "inside" if attack.box else "allowed outside"
    once = {"once": "once for all", "source": "for each source of attacks",
            "radius": "for each source of attacks and each radius"}  # fmt: skip
    step = f"{attack.steps} steps of {attack.step:g} "
    steps = {
        "sign": "by its sign, as Madry et al. and FGSM have it",
        "gradient": "times the gradient, as it is printed",
    }
    reach, measured = attack.radii[-1], "see the table of choices"

    def on_mnist(changes: str, otherwise: str = "not measured on these data") -> str:
        return changes if mnist else otherwise

    rows = [
        ["networks", "50, of PyTorch's MNIST example, each on 10,000 random images",
         "architecture and training of which version", _networks(preset),
         on_mnist("how well they read, and how they read far from the data")],
        ["machines", "50 of scikit-learn's LinearSVC, each on 10,000 random images",
         "all settings", _machines(preset),
         on_mnist("little: the same images are read right within a percent")],
        ["attacked examples", "1,000 random test images for each classifier and radius",
         "whether drawn anew", f"{preset.examples:,}, drawn {once[preset.draws]}",
         "runs of different radii share steps when they share examples; over many draws the mean "
         "rates are the same, how much one draw differs was not measured"],
        ["step", "0.01 times the gradient, then back into the ball; 'FGSM'",
         "the gradient, or its sign", step + steps[attack.step_rule],
         on_mnist("with the gradient itself a step of a confident network is short, and the ball "
                  "of 0.40 is not reached", measured) if sign
         else f"{attack.steps} steps reach {reach:g} only where the gradient is "
              f"{reach / (attack.steps * attack.step):.2g}"],
        ["start", "not said", "the image, or a random point",
         "the example" if attack.start == "image" else "a random point of the ball", measured],
        ["loss", "J, not said which", "of networks; of machines cross-entropy of the scores, the "
         "squared hinge that LinearSVC is trained with, or another",
         f"{attack.loss} for networks, {preset.svm_loss} of the scores for machines", measured],
        ["limits of inputs", "the ball alone", "whether pixels keep to [0, 1]",
         f"{box} [0, 1], for attacks, noise and universal directions alike",
         on_mnist("outside attacks and noise move further, by the rim of the images above all",
                  measured)],
        ["noise", "50,000 random perturbations for each radius", "their law",
         f"{n} times {preset.examples:,}; "
         + ("uniform in the ball" if preset.noise == "uniform" else "either end in each input"),
         on_mnist(f"ends hurt more than uniform noise: {measured}", measured)],
        ["own attacks", "counted among the attacks of a classifier's kind", "nothing",
         "counted in the figure as printed; left out of the other figure, of the findings and of "
         "the tables", f"they are 1 of {n} attacks of their kind"],
    ]  # fmt: skip
    names = ("of", "what the paper says", "what is open", "what was chosen",
             "what it changes" + " on MNIST" * mnist)  # fmt: skip
    title = "What Section 7 says of MNIST and leaves open, and what was chosen here"
    return table(title, [(name, "", None) for name in names], rows)


def _networks(preset: Preset) -> str:
    """Return which networks were trained, and how."""
    training = {
        "2018": "minibatches of 64, gradient descent at 0.01 with momentum 0.5",
        "ours": "Adam, in minibatches",
    }
    kind: str = preset.architecture
    rest = ""
    if preset.architecture == "mlp":
        widths = "-".join(map(str, preset.widths))
        kind = f"dense layers of {widths} with ReLU (the example takes 28 x 28 pixels alone)"
    elif preset.architecture == "cnn-2018":
        rest = "; dropout as there, and pixels normalised inside the network"
    return (
        f"{preset.subsets}, {kind}, each on {preset.subset_size:,}; {preset.epochs} passes, "
        f"{training[preset.training]}{rest}"
    )


def _machines(preset: Preset) -> str:
    """Return which support vector machines were trained, and which problem was solved."""
    inputs, classes = preset.widths[0], preset.widths[-1]
    if preset.training == "2018":
        solver = (
            "the dual problem, at most 1,000 passes, tolerance 0.0001 (most machines of MNIST stop "
            "at the passes)"
        )
    elif preset.subset_size < inputs:
        solver = f"the dual problem, for there are fewer examples than the {inputs} inputs"
    else:
        solver = f"the primal problem, for there are no fewer examples than the {inputs} inputs"
    rest = "one against rest, " * (classes > 2)
    return (
        f"{preset.subsets}, each on {preset.subset_size:,}; squared hinge loss, {rest}"
        f"C = {preset.C:g}, bias penalised; {solver}"
    )
