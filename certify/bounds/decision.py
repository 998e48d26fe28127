"""Whether no input of a box has outputs with some properties: the question, searched and decided.

Floats search, for counterexamples and for proofs; a counterexample is decided exactly, and a proof
counts when all of it has been computed again exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from certify.bounds.evaluation import Floats
from certify.bounds.inputs import FEW, InputSearch
from certify.bounds.proof import certificate
from certify.bounds.question import Box, Property, Question
from certify.bounds.rounding import inside
from certify.bounds.search import Search
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.networks.graph import Network
from certify.numbers.rationals import Vector

Answer = Literal["certified", "refuted", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What came of a question.

    answer          "certified", "refuted" or "undecided"
    certificates    of kind ``no-counterexample``, where the answer is "certified": one, or several
                    whose boxes are all of the box, where one would be too much for the checker
    counterexample  a point of the box, exactly, and ``refuted`` the property that its outputs have
    bound           the least of the bounds of open parts, in floats: above 0 they would be closed
    open_parts      how many there are
    parts           into how many the box was split, for all properties together
    """

    answer: Answer
    certificates: tuple[Certificate, ...] = ()
    counterexample: Vector | None = None
    refuted: int | None = None
    bound: float | None = None
    open_parts: int = 0
    parts: int = 0

    @property
    def certificate(self) -> Certificate | None:
        """The certificate, where there is one for all of the box."""
        return self.certificates[0] if len(self.certificates) == 1 else None


def no_counterexample(
    network: Network,
    lower: Any,
    upper: Any,
    properties: Iterable[Property | tuple[Any, Iterable[Any]]],
    *,
    seconds: float = 60.0,
    device: str = "cpu",
    seed: int = 0,
) -> Verdict:
    """Decide whether no x between two points has outputs with any of some properties.

    A property is a pair (C, d), of outputs z with C z <= d in all rows; those of "another label
    than y" are :func:`certify.bounds.question.label_properties`. Numbers are read exactly: floats
    as what they store. Within ``seconds`` the answer is the same for the same seed. Raises
    :class:`InputError` for sizes that do not fit, and a box without points.
    """
    asked = tuple(p if isinstance(p, Property) else Property.of(*p) for p in properties)
    question = Question(network, Box.of(lower, upper), asked)
    return decided(question, seconds=seconds, device=device, seed=seed)


def decided(
    question: Question, *, seconds: float = 60.0, device: str = "cpu", seed: int = 0
) -> Verdict:
    """Decide a question, as :func:`no_counterexample` does.

    Of few inputs these are split, and of many the ReLUs and maxima.
    """
    counterexamples: list[Vector] = []

    def is_one(x: Tensor) -> bool:
        tried = question.candidates(inside(question.box, x))
        found = next((y for y in tried if question.refuted_by(y) is not None), None)
        if found is not None:
            counterexamples.append(found)
        return found is not None

    with torch.no_grad():
        floats = Floats(question, torch.float64, device)
        few = len(question.box) <= FEW
        search = (
            InputSearch(floats, is_one, seconds) if few else Search(floats, is_one, seconds, seed)
        )
        search.run()
    if counterexamples:
        point = counterexamples[0]
        return Verdict("refuted", counterexample=point, refuted=question.refuted_by(point))
    parts = len(search.trees) if isinstance(search, InputSearch) else search.trees.count
    if left := search.left():
        return Verdict("undecided", bound=min(left), open_parts=len(left), parts=parts)
    if isinstance(search, InputSearch):  # whose leaves have all been decided exactly
        return Verdict("certified", tuple(search.certificates()), parts=parts)
    proof = certificate(search.floats, search.trees)
    try:
        checker.check(checker.parse(proof.line()), words=False)
    except (checker.Rejected, checker.Malformed):
        return Verdict("undecided", parts=parts)
    return Verdict("certified", (proof,), parts=parts)
