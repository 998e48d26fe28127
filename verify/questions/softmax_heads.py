"""The heads of trained networks: exactly how many directions leave the softmax unchanged."""

import json
from typing import Any

import numpy as np

from certify import certificates, invariant_directions
from certify.numbers.rationals import Rows, Vector, combine
from verify.attack.models import Classifier
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, figure, table
from verify.models.torch_graph import of_classifier
from verify.objects import SoftmaxHead
from verify.questions.question import Materials

IMAGES = 5  # test images followed along an invariant direction, for each network
DIRECTIONS = 3  # invariant directions whose float drift is measured, for each network
THETAS = tuple(10**k for k in range(7))


def run(materials: Materials) -> Result:
    """Decide rank and dimension of every trained head, and measure what floats make of them."""
    networks = [c for c in materials.models.classifiers if c.family == "network"]
    images = materials.models.examples.images[:IMAGES]
    decided = materials.map(_decide, networks, [images] * len(networks))
    decisions = [decision for decisions, _, _ in decided for decision in decisions]
    measured = [drift for _, _, drift in decided if drift]
    drifts = {
        name: [max(float(drift[name][k]) for drift in measured) for k in range(len(THETAS))]
        for name in ("float32", "float64") if measured
    }  # fmt: skip
    shapes = {(head.features, head.classes) for _, head, _ in decided}
    rows: list[list[Any]] = []
    for network, (found, head, drift) in zip(networks, decided, strict=True):
        dimension = json.loads(found[0].certificates[0].line())["statement"]["dimension"]
        rows.append([
            network.name, f"{head.features} x {head.classes}", str(head.features - dimension),
            str(dimension), str(max(head.features - head.classes, 0)),
            *(["0", float(drift["float32"][-1]), float(drift["float64"][-1])]
              if drift else ["no direction"] * 3),
        ])  # fmt: skip
    dimensions = sorted({int(row[3]) for row in rows})
    independent = sum(
        int(row[2]) == head.classes - 1 for row, (_, head, _) in zip(rows, decided, strict=True)
    )
    sizes = " and ".join(f"{l} x {m}" for l, m in sorted(shapes))
    ends = {name: values[-1] for name, values in drifts.items()}
    finding = (
        f"On {len(networks)} trained heads of shape {sizes} "
        f"the directions that change no softmax output form spaces of dimension exactly "
        f"{', '.join(map(str, dimensions))}, where Theorem 1 promises {rows[0][4]}."
    )
    if measured:
        finding += (
            f" Exactly, the change along them is 0 at any distance; in float32 it grows to "
            f"{ends['float32']:.2g} and in float64 to {ends['float64']:.2g} at distance $10^6$."
        )
    columns: list[tuple[str, str, Grade | None]] = [
        ("network", "", None), ("shape $l\\times m$", "", None),
        ("rank of differences", "", Grade.CERTIFIED), ("exact dimension", "", Grade.CERTIFIED),
        ("promised $l-m$", "", None), ("exact change", "", Grade.CERTIFIED),
        ("float32 change", "probability", Grade.FLOAT),
        ("float64 change", "probability", Grade.FLOAT),
    ]  # fmt: skip
    findings = {
        "zou-thm-1": f"On {len(networks)} trained heads of shape {sizes} the space has dimension "
        f"exactly {', '.join(map(str, dimensions))}; Theorem 1 promises {rows[0][4]}.",
        "zou-unconstrained": f"The weights of {independent} of {len(networks)} trained heads are "
        "affinely independent, by the rank of their differences: then all regions hold balls of "
        "every radius.",
    }
    if measured:
        findings["zou-thm-2"] = (
            f"Under each of {len(measured)} trained heads the regions of {len(images)} test "
            "examples contain whole lines at constant outputs; in float32 the outputs drift by up "
            f"to {ends['float32']:.2g} at distance $10^6$."
        )
    return Result(
        finding,
        findings,
        tuple(decisions),
        2 * len(THETAS) * len(measured),
        (table("Trained heads, with the largest change of a probability at distance $10^6$",
               columns, rows),),
        () if not measured else (figure(
            "drift",
            "Change of the softmax output along exact invariant directions",
            f"Largest change of a probability over {len(measured)} trained heads, {len(images)} "
            f"test examples and {DIRECTIONS} directions each, after moving features by $\\theta$ "
            "times the unit direction rounded to the float format.",
            Grade.FLOAT,
            {
                "theta": list(THETAS),
                "series": [{"label": k, "values": v} for k, v in drifts.items()],
                "exact": "0",
            },
        ),),
        {"examples for each network": len(images), "directions for each network": DIRECTIONS},
    )  # fmt: skip


def trained_head(network: Classifier) -> SoftmaxHead:
    """Return the last layer of a trained network as an exact head; torch stores W transposed."""
    *_, weight, bias = network.parameters.values()
    return SoftmaxHead.of(weight.T, bias)


def _decide(
    network: Classifier, images: np.ndarray
) -> tuple[list[Decision], SoftmaxHead, dict[str, np.ndarray]]:
    head = trained_head(network)
    space = invariant_directions(head.weights)
    decisions = [Decision.by_checker(f"{network.name}: dimension", space.certificate)]
    if not space.basis:
        return decisions, head, {}
    # The features that the trained network gives its last layer, without rounding.
    points = of_classifier(network, images.shape[1]).body.outputs(images)
    direction = combine(*((k + 1, v) for k, v in enumerate(space.basis)))
    logits = [head.logits(h) for h in points]
    members = [(z.index(max(z)), h) for z, h in zip(logits, points, strict=True)]
    regions = certificates.invariant_regions(head, direction, members)
    decisions.append(Decision.by_checker(f"{network.name}: regions", regions))
    return decisions, head, drift(head, points, space.basis[:DIRECTIONS])


def drift(head: SoftmaxHead, points: list[Vector], basis: Rows) -> dict[str, np.ndarray]:
    """Return the largest change of a probability for each theta in THETAS, by float format.

    The features move along each unit direction, over all points; shape (len(THETAS),) each.
    """
    result = {}
    for name, kind in (("float32", np.float32), ("float64", np.float64)):
        unit = np.array(basis, dtype=np.float64)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        exact = (head.weights, head.bias, points, unit)
        parts: list[np.ndarray] = [np.array(part, np.float64).astype(kind) for part in exact]
        w, b, h, d = parts
        before = _softmax(h @ w + b)
        result[name] = np.array([
            max(
                float(np.abs(_softmax((h + kind(theta) * v) @ w + b) - before).max()) for v in d
            )
            for theta in THETAS
        ])  # fmt: skip
    return result


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


EXPERIMENT = Question(
    id="softmax-heads",
    title="Softmax heads of trained networks",
    question="How many directions leave the softmax output of a really trained head exactly "
    "unchanged, and what do floats make of them?",
    claims=("zou-def-1", "zou-popular-networks", "zou-thm-1", "zou-thm-2", "zou-unconstrained"),
    run=run,
)
