"""Twins decided: networks on one and two inputs whose twins are known by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from certify.bounds import decision
from certify.bounds.decision import Verdict
from certify.checking import checker
from verify.attack.models import Classifier, mlp
from verify.attack.twins import NoTwin
from verify.models.torch_graph import of_classifier
from verify.questions import decided_twins
from verify.questions.decided_twins import DecidedTwin, decide_twin


def network(*layers: tuple[list[list[float]], list[float]]) -> Classifier:
    module = mlp((len(layers[0][0][0]), *(len(biases) for _, biases in layers)), seed=0)
    linear = [layer for layer in module if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, (weights, biases) in zip(linear, layers, strict=True):
            layer.weight.copy_(torch.tensor(weights))
            layer.bias.copy_(torch.tensor(biases))
    return Classifier.of_network("network", module)


# The outputs are |x - 1/2| + y and 1/4.
FOLD = network(([[1, 0], [-1, 0], [0, 1]], [-0.5, 0.5, 0]), ([[1, 1, 1], [0, 0, 0]], [0, 0.25]))
IMAGE, OTHER = np.array([0.375, 0]), np.array([1.0, 0])


def asked(radius: float, parts: int = 1000, other: np.ndarray = OTHER) -> DecidedTwin:
    return decide_twin(of_classifier(FOLD, 2), FOLD.module(), IMAGE, other, radius, 0, parts=parts)


def test_a_twin_within_the_radius_is_found() -> None:
    # (0, 0) has the output of (1, 0), and so has (3/8, 3/8).
    found = asked(0.4)
    assert found.answer == "twin"
    statement = found.certificates[0].to_json()
    assert statement["kind"] == "network-points"
    assert checker.check(statement)


@pytest.mark.parametrize("few", [0, decision.FEW])
def test_where_there_is_none_a_certificate_says_so(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    # |x - 1/2| + y = 1/2 with |x - 3/8| <= 3/16 asks for y >= 3/16, and more.
    found = asked(0.1875 - 2**-10)
    assert found.answer == "none"
    assert found.work > 0
    for certificate in found.certificates:
        document = certificate.to_json()
        assert document["kind"] == "no-counterexample"
        assert checker.check(document)
        # No point below the radius is a twin of another image, with 1/4 as its output:
        document["statement"]["properties"][0]["right_side"] = ["0", "0"]
        with pytest.raises(checker.Rejected):
            checker.check(document)


def test_nothing_but_the_other_image_has_its_output_where_a_fold_turns() -> None:
    # |x - 1/2| + y = 0 at (1/2, 0) alone.
    turn = np.array([0.5, 0])
    assert asked(0.125 - 2**-8, other=turn).answer == "none"
    assert asked(0.125, other=turn).answer == "undecided"


def test_the_other_image_itself_is_no_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    none = NoTwin("no match in floats", 1.0, False)
    monkeypatch.setattr(decided_twins, "find_twin", lambda *_, **__: none)
    # It is 1/8 away: a ball that it lies in is not searched, for it cannot be closed.
    near = np.array([0.5, 0])
    found = asked(0.125, parts=10**9, other=near)
    assert (found.answer, found.reason) == ("undecided", decided_twins.OTHER_NEAR)
    assert asked(0.125 - 2**-8, other=near).answer == "none"


def test_a_counterexample_of_the_search_is_a_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = (Fraction(3, 8), Fraction(3, 8))

    def found(*_: object, **__: object) -> Verdict:
        return Verdict("refuted", counterexample=twin, refuted=0)

    monkeypatch.setattr(decided_twins, "decided", found)
    none = NoTwin("no match in floats", 1.0, False)
    monkeypatch.setattr(decided_twins, "find_twin", lambda *_, **__: none)
    answer = asked(0.375)
    assert answer.answer == "twin"
    assert checker.check(answer.certificates[0].to_json())
