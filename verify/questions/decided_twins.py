"""Whether a twin is near: an exact one, a certificate that there is none, or neither."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from torch import nn

from certify.bounds.decision import decided
from certify.bounds.question import Box, Question, softmax_property
from certify.bounds.threads import one_thread
from certify.certificates.certificate import Certificate
from certify.certificates.networks import box, network_points, same_softmax, within
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from verify.attack.radii import exact_radius
from verify.attack.twins import Twin, find_twin
from verify.models.effort import proof_products

Answer = Literal["twin", "none", "undecided"]
ANSWERS: tuple[Answer, ...] = ("twin", "none", "undecided")
OTHER_NEAR = "the other example is itself within the radius"


@dataclass(frozen=True)
class DecidedTwin:
    """What is known of the inputs within a radius of an image, for another image.

    answer        "twin": one has exactly the softmax output of the other image; "none": none has;
                  "undecided": neither was shown
    certificates  of the answer
    reason        why no twin was found, by floats, or why none can be excluded; "" where one was
    reached       whether the label of the other image was reached, by floats at least
    work          about how many products of integers their checker computes
    """

    answer: Answer
    certificates: tuple[Certificate, ...]
    reason: str
    reached: bool
    work: int = 0


def decide_twin(
    network: Network,
    module: nn.Module,
    image: np.ndarray[Any, Any],
    other: np.ndarray[Any, Any],
    radius: float,
    seed: int,
    *,
    parts: float = math.inf,
    seconds: float = math.inf,
) -> DecidedTwin:
    """Seek a twin of the other image near an image, both floats (d,) in [0, 1], then exclude one.

    Exactly the same outputs of softmax are m - 1 equations of the m outputs of the network. Unless
    the other image lies in the ball, the ball is split into so many ``parts`` at most, for so many
    ``seconds``, until a linear bound excludes them on each. ``module`` is the network in floats,
    which guesses.
    """
    reach = exact_radius(radius)
    x, y = (tuple(map(Fraction, p.tolist())) for p in (image, other))
    with one_thread():
        found = find_twin(network, module, image, other, reach, seed)
        if isinstance(found, Twin):
            return DecidedTwin("twin", (_certificate(network, found.point, x, y, reach),), "", True)
        if max(abs(a - b) for a, b in zip(x, y, strict=True)) <= reach:
            # It has its own output, so that no bound excludes that output from the ball.
            return DecidedTwin("undecided", (), OTHER_NEAR, found.reached)
        wanted = softmax_property(network.outputs([y])[0])
        question = Question(network, Box.around(x, reach, within=(0, 1)), (wanted,))
        verdict = decided(question, parts=parts, seconds=seconds)
    if verdict.answer == "certified":
        work = proof_products(verdict.certificates, verdict.parts, network)
        return DecidedTwin("none", verdict.certificates, found.reason, found.reached, work)
    if verdict.counterexample is not None:
        proof = _certificate(network, verdict.counterexample, x, y, reach)
        return DecidedTwin("twin", (proof,), "", True)
    return DecidedTwin("undecided", (), found.reason, found.reached)


def _certificate(
    network: Network, point: Vector, image: Vector, other: Vector, reach: Fraction
) -> Certificate:
    facts = [same_softmax(0, 2), within(0, 1, reach), box(0)]
    return network_points(network, [point, image, other], facts)
