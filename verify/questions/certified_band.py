"""Between attack and certificate: accuracy within each radius, at least and at most, exactly.

A curve of an attack bounds from above what it shows, the accuracy on all inputs of the balls: an
attack that fails says nothing. Certificates for whole balls bound it from below.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from certify.bounds.decision import decided
from certify.bounds.question import Box, Question, label_properties
from certify.bounds.threads import one_thread
from certify.certificates.certificate import Certificate
from certify.certificates.networks import box, label, network_points, within
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from verify.attack.answers import perturbed
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment
from verify.attack.models import Classifier
from verify.attack.radii import exact_radius
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Question as Experiment
from verify.evidence.result import Result, figure, table, unanswered
from verify.models.torch_graph import of_classifier
from verify.questions.kept import Answer, kept_answer
from verify.questions.question import Materials
from verify.reporting.summary import listed

RADII = 8  # at most, of those of the attack: closer to each other near 0, where proofs end
SAID = 0.1  # the radius of the finding, or one near it
PARTS = 200  # into which a ball is split at most
CONVOLUTIONAL_PARTS = 20  # under convolutional networks, a part of which takes most of a second


@dataclass(frozen=True)
class Band:
    """What is known of one classifier: two ends for each image that it reads right.

    radii    at which it was asked, increasing
    kept     how many of the first radii have a certificate that no input has another label
    lost     the place of the first with an exact counterexample, None where there is none;
             ``attacked`` that of the attack alone
    """

    name: str
    radii: tuple[float, ...]
    kept: tuple[int, ...]
    lost: tuple[int | None, ...]
    attacked: tuple[int | None, ...]
    decisions: tuple[Decision, ...]

    def counts(self, k: int) -> tuple[int, int]:
        """Return of how many images the label is certified at a radius, and may be kept."""
        return sum(n > k for n in self.kept), sum(n is None or n > k for n in self.lost)


def run(materials: Materials) -> Result:
    """Bring the two ends together for each image; one task for each classifier."""
    found = bands(materials)
    if not found:
        return unanswered("--certified says of how many examples")
    finding = said(found, SAID)
    return Result(
        finding,
        {"charles-sec7-link": finding},
        tuple(decision for band in found for decision in band.decisions),
        0,
        tables(found),
        tuple(figures(found)),
        {
            "examples at most": materials.models.preset.certified,
            "parts of a ball at most": PARTS,
            "of a convolutional network": CONVOLUTIONAL_PARTS,
        },
    )


def bands(materials: Materials) -> tuple[Band, ...]:
    """Return the bands of the first machines and the first networks; none without examples."""
    models = materials.models.portable()
    count = models.preset.certified
    if not count:
        return ()
    chosen = [
        classifier
        for family in ("svm", "network")
        for classifier in [c for c in models.classifiers if c.family == family][
            : models.preset.bands
        ]
    ]
    jobs = [(c, models, count, materials.seed_for("band", c.name), materials.keep) for c in chosen]
    return tuple(materials.each("certifying labels within radii", _band, jobs))


def said(found: Sequence[Band], radius: float) -> str:
    """Return a sentence on the radius of those asked about that is nearest."""
    words = []
    for band in found:
        k = int(np.argmin([abs(r - radius) for r in band.radii]))
        least, most = band.counts(k)
        count = f"{least}" if least == most else f"at least {least} and at most {most}"
        of = f"of {len(band.kept)} examples that it reads right {band.name} keeps"
        words.append(f"{of} {count} within {band.radii[k]:g}")
    return f"Whatever the attack, decided exactly: {listed(words)}."


def tables(found: Sequence[Band]) -> tuple[dict[str, Any], ...]:
    """Return a table of the two ends, none without bands."""
    rows = [
        [band.name, f"{radius:g}", str(len(band.kept)), str(least), str(most), str(most - least)]
        for band in found
        for k, radius in enumerate(band.radii)
        for least, most in (band.counts(k),)
    ]
    columns: list[tuple[str, str, Grade | None]] = [
        ("classifier", "", None), (r"$\varepsilon$", "1 = full range", None),
        ("examples", "", None),
        ("keep the label, at least", "", Grade.CERTIFIED),
        ("at most", "", Grade.CERTIFIED), ("undecided", "", None),
    ]  # fmt: skip
    title = "Whatever the attack: examples read right whose label is kept in all of the ball"
    return (table(title, columns, rows),) if found else ()


def figures(found: Sequence[Band]) -> list[dict[str, Any]]:
    """Return a figure of each band."""
    return [
        figure(
            "robustness",
            f"Accuracy of {band.name} within each radius, whatever the attack",
            "Of the examples that it reads right, at least as many keep their label in all of the "
            "ball as have a certificate, at most as many as have no exact counterexample; the "
            f"truth lies between the two. Asked at {len(band.radii)} radii.",
            Grade.CERTIFIED,
            {
                "unit": "1 = full range",
                "radius": band.radii[-1],
                "lower": [band.radii[n - 1] if n else 0.0 for n in band.kept],
                "upper": [_radius(band, n) for n in band.lost],
                "attack": [_radius(band, n) for n in band.attacked],
            },
        )
        for band in found
        if band.kept
    ]


def _radius(band: Band, place: int | None) -> float | None:
    return None if place is None else band.radii[place]


Job = tuple[Classifier, TransferExperiment, int, int, Checkpoints | None]


def _band(job: Job) -> Band:
    classifier, _, count, _, keep = job
    facts, decisions = kept_answer(
        keep, f"band of {classifier.name} on {count}", lambda: _decided(job)
    )
    radii, kept, lost, attacked = (
        tuple(facts[end]) for end in ("radii", "kept", "lost", "attacked")
    )
    return Band(classifier.name, radii, kept, lost, attacked, decisions)


def _decided(job: Job) -> Answer:
    classifier, models, count, seed, _ = job
    every = models.transfer.radii
    radii = tuple(every[k] for k in _asked(len(every)))
    parts = PARTS if classifier.architecture in ("linear", "mlp") else CONVOLUTIONAL_PARTS
    network = of_classifier(classifier, models.examples.images.shape[1])
    some = models.examples.images[: 2 * count]
    answers = [_answer(scores) for scores in network.outputs(some)]
    right = [i for i, answer in enumerate(answers) if answer == models.examples.labels[i]][:count]
    images, labels = some[right], models.examples.labels[right]
    attack = replace(models.preset.attack.on_cpu(), radii=radii)
    if classifier.family == "svm":
        attack = replace(attack, loss=models.preset.svm_loss)
    with one_thread():
        moved = np.empty((len(radii), *images.shape), np.float32)
        if right:
            moved = perturbed(classifier, images, labels, attack, seed).cpu().numpy()
        ends = [
            _ends(network, images[i], int(labels[i]), moved[:, i], radii, parts, box=attack.box)
            for i in range(len(images))
        ]
    name = classifier.name
    proofs = {
        i: Decision.by_checker(
            f"{name}: no other label, example {i} within {radii[e.kept - 1]:g}", *e.proof
        )
        for i, e in enumerate(ends)
        if e.proof
    }
    decisions = [*proofs.values()]
    accepted = {i for i, d in proofs.items() if d.grade is Grade.CERTIFIED}
    kept = [e.kept if i in accepted else 0 for i, e in enumerate(ends)]
    lost = [i for i, e in enumerate(ends) if e.point is not None]
    if lost:
        facts = []
        for n, i in enumerate(lost):
            e = ends[i]
            assert e.lost is not None
            facts.append(label(n, e.answer))
            facts.append(label(len(lost) + n, int(labels[i])))
            facts.append(within(n, len(lost) + n, exact_radius(radii[e.lost])))
            facts += [box(n)] * attack.box
        points = [*(ends[i].point for i in lost), *(images[i] for i in lost)]
        decisions.append(
            Decision.by_checker(
                f"{name}: inputs with other labels",
                network_points(network, points, facts),
            )
        )
    upper = not lost or decisions[-1].grade is Grade.CERTIFIED
    facts_of = {
        "radii": radii, "kept": kept, "lost": [e.lost if upper else None for e in ends],
        "attacked": [e.attacked for e in ends],
    }  # fmt: skip
    return facts_of, tuple(decisions)


def _asked(count: int) -> list[int]:
    """Return the places of the radii that each is asked about, the first and the last among them.

    >>> _asked(40)
    [0, 1, 2, 4, 7, 13, 23, 39]
    """
    return sorted({round(place) - 1 for place in np.geomspace(1, count, RADII)})


@dataclass
class _Ends:
    kept: int = 0
    proof: tuple[Certificate, ...] = ()
    lost: int | None = None
    point: Vector | None = None
    answer: int = 0
    attacked: int | None = None


def _ends(
    network: Network,
    image: np.ndarray,
    y: int,
    moved: np.ndarray,
    radii: Sequence[float],
    parts: int,
    *,
    box: bool,
) -> _Ends:
    """Bring the two ends of an image together, halving the radii between; ``moved`` (radius, d)."""
    found = _Ends()
    points = [tuple(map(Fraction, p.tolist())) for p in moved]
    answers = [_answer(scores) for scores in network.outputs(points)]
    for k, (point, answer) in enumerate(zip(points, answers, strict=True)):
        if answer not in (None, y):
            found.lost = found.attacked = k
            found.point, found.answer = point, answer
            break
    low, high = 0, len(radii) if found.lost is None else found.lost
    while low < high:
        k = (low + high) // 2
        ball = Box.around(
            image.astype(np.float64), exact_radius(radii[k]), within=(0, 1) if box else None
        )
        question = Question(network, ball, label_properties(network.sizes[-1], y))
        verdict = decided(question, parts=parts, seconds=math.inf)
        if verdict.answer == "certified":
            found.kept, found.proof, low = k + 1, verdict.certificates, k + 1
            continue
        high = k
        if verdict.counterexample is not None:
            answer = _answer(network.outputs([verdict.counterexample])[0])
            if answer not in (None, y):
                found.lost, found.point, found.answer = k, verdict.counterexample, answer
    return found


def _answer(scores: Vector) -> int | None:
    """Return the output that is larger than all others, if there is one."""
    best = max(range(len(scores)), key=scores.__getitem__)
    return best if list(scores).count(scores[best]) == 1 else None


EXPERIMENT = Experiment(
    id="certified-band",
    title="Accuracy whatever the attack",
    question="Of how many examples is the label kept by every input within a radius, which attacks "
    "cannot show?",
    claims=("charles-def-adv", "charles-sec7-link"),
    run=run,
)
