from fractions import Fraction
from typing import Any

import pytest
import torch

from certify.bounds import search as module
from certify.bounds.affine_part import Optimum, exact_optimum, optimum
from certify.bounds.evaluation import Floats
from certify.bounds.proof import LONG, Proof
from certify.bounds.question import Box, Property, Question
from certify.bounds.rounding import Witness
from certify.bounds.search import Search
from certify.networks.graph import Network
from certify.networks.operations import Dense, Maximum, Relu


def solved(constant: str) -> list[Optimum | None]:
    """Return the least value of max(x, constant) - 3/4 on -1 <= x <= 1, in floats and exactly."""
    entries = Dense.of([[1], [0]], [0, constant])
    network = Network.chain(entries, Maximum(((0, 1),)))
    question = Question(network, Box.of([-1], [1]), (Property.of([[1]], ["3/4"]),))
    floats = Floats(question, torch.float64, "cpu")
    floats.start(Proof(question, floats.relaxation, LONG).bounds)
    return [find(floats, floats.whole([0])) for find in (optimum, exact_optimum)]


@pytest.mark.parametrize(("constant", "least"), [("1", "1/4"), ("3/2", "3/4"), ("-1", "-7/4")])
def test_a_maximum_of_which_one_entry_is_never_exceeded_is_that_entry(
    constant: str, least: str
) -> None:
    floats, exactly = solved(constant)
    assert floats is not None
    assert exactly is not None
    assert floats.value == pytest.approx(float(Fraction(least)))
    assert exactly.value == Fraction(least)


def test_a_part_on_which_entries_cross_has_no_exact_optimum() -> None:
    assert solved("1/7")[1] is None


ABSOLUTE = [
    (Relu(), Dense.of([[1, 1, 1, 1]], [0])),
    (Maximum(((0, 1), (2, 3))), Dense.of([[1, 1]], [0])),
]


@pytest.mark.parametrize("absolute", ABSOLUTE)
@pytest.mark.parametrize(("moved", "met"), [(0, True), (Fraction(-1, 2**40), False)])
def test_what_is_only_just_reached_is_where_gradients_come_near(
    moved: Fraction, met: bool, absolute: tuple[Any, ...]
) -> None:
    """|x - a| + |y - b| <= 0 at (a, b) alone, which no float is."""
    a, b = Fraction(123457, 1000003), Fraction(654323, 999983)
    rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    network = Network.chain(Dense.of(rows, [-a, a, -b, b]), *absolute)
    question = Question(network, Box.of([0, 0], [1, 1]), (Property.of([[1]], [moved]),))
    witness = Witness(question)
    search = Search(question, witness, 10)
    search.start()
    start = torch.full((1, 2), 0.5, dtype=torch.float64)
    asked = torch.tensor([0])
    assert not search._attacked(asked, start, 40)
    assert search._attacked(asked, start, 40, corner=True) is met
    assert witness.found == ((a, b) if met else None)


def test_what_is_far_from_reached_is_not_solved_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = Dense.of([[1, 2], [3, -1]], [0, 1]), Relu(), Dense.of([[1, 1]], [0])
    question = Question(Network.chain(*maps), Box.of([0, 0], [1, 1]), (Property.of([[1]], [-1]),))
    search = Search(question, Witness(question), 10)
    search.start()
    start = torch.full((1, 2), 0.5, dtype=torch.float64)
    monkeypatch.setattr(module, "exact_optimum", lambda *_: pytest.fail("which takes long"))
    assert not search._attacked(torch.tensor([0]), start, 10, corner=True)
