"""Bounds of many leaves at once are those of the checker, number for number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from certify.bounds.exact import Exact
from certify.bounds.question import Box, Property, label_properties
from certify.bounds.regions import Halfspace, Leaf, Region
from certify.checking import checker, fast, fast_bounds
from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu
from tests.certify.bounds.random_regions import Draw

F = Fraction
RULES = checker, fast._exact
LARGE = 10**15


@pytest.fixture(autouse=True)
def nothing_by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "LITTLE", 0)


def read(rules: ModuleType, document: dict[str, Any]) -> list[Any]:
    fields = [rules.Field(document[x], x) for x in ("instance", "statement", "evidence")]
    fields[0].budget = LARGE
    return fields


def proved(rules: ModuleType, fields: Sequence[Any]) -> Iterator[tuple[str, bool, int]]:
    """Yield of each leaf that is not empty its place, whether its slopes fit, and its bound."""
    found, bounds = list[tuple[str, bool, int]](), rules.bounds

    def recorded(*args: Any) -> Iterator[Any]:
        for where, fit, least in bounds(*args):
            found.append((where, bool(fit), least))
            yield where, fit, least

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "bounds", recorded)
        for _ in rules.no_counterexample(*fields):
            yield from found
            found.clear()


def rest(rules: ModuleType, document: Any, patch: pytest.MonkeyPatch, budget: int) -> int:
    """Return what is left of a budget when all has been decided."""
    patch.setattr(rules, "MAX_PRODUCTS", budget)
    fields = read(rules, document)
    for _ in proved(rules, fields):
        pass
    left: int = fields[2].budget
    return left


def until_refused(
    rules: ModuleType, document: Any, patch: pytest.MonkeyPatch, budget: int
) -> list[tuple[str, bool]]:
    """Return the leaves that are proved before the work is too much."""
    patch.setattr(rules, "MAX_PRODUCTS", budget)
    found: list[tuple[str, bool]] = []
    with pytest.raises(checker.Malformed, match="evidence: more work than a document"):
        found += (one[:2] for one in proved(rules, read(rules, document)))
    return found


def bents(document: dict[str, Any]) -> Iterator[int]:
    """Yield how many slopes the leaves need; empty ones need none."""
    with pytest.MonkeyPatch.context() as patch:
        counts: list[int] = []
        bounds = fast_bounds.bounds

        def recorded(*args: Any) -> Iterator[Any]:
            for leaf, outcome in bounds(*args):
                counts.append(outcome.bent)
                yield leaf, outcome

        patch.setattr(fast_bounds, "bounds", recorded)
        list(proved(fast._exact, read(fast._exact, document)))
    return iter(counts)


@pytest.mark.parametrize("block", range(20))
def test_bounds_are_those_of_the_checker(block: int) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(10 * block, 10 * block + 10):
        draw = Draw(seed)
        document = draw.document()
        counts, evidence = bents(document), document["evidence"]
        for tree in evidence["trees"]:
            draw.slopes(tree, counts, evidence["bits"])
        wanted, found = (list(proved(rules, read(rules, document))) for rules in RULES)
        # Where the slopes do not fit, the certificate is refused before the bound is looked at.
        assert [x if x[1] else x[:2] for x in found] == [x if x[1] else x[:2] for x in wanted]
        kinds.update("fits" if fits else "does not" for _, fits, _ in wanted)
        kinds.update("passes" if least > 0 else "fails" for _, _, least in wanted)
    assert kinds["passes"]
    assert kinds["fails"]


def distance(radius: Any) -> tuple[Region, Property]:
    """Return |x| for -1 <= x <= radius, and that it is not less than 1/4 there, which is wrong."""
    network = Network.chain(Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1]], [0]))
    region = Region(network, Box.of([-1], [radius]), 16, 8, {})
    return region, Property.of([[1]], ["1/4"])


def leaf(*path: Halfspace, slopes: tuple[int, ...] | None = None) -> Leaf:
    return Leaf(path, (256,), slopes, (0,) * len(path))


def test_leaves_that_floats_do_not_hold_are_done_by_python_among_others() -> None:
    region, unwanted = distance(1)
    exact = Exact(region, every=True)
    near, far = Halfspace(0, 0, -1, 2**14 + 1), Halfspace(0, 0, -1, 2**15)
    long = leaf(far)._replace(ties=(2**200,))
    leaves = [leaf(near), long, leaf(far), leaf(Halfspace(0, 0, -1, 2**17)), leaf()]
    bounds = [outcome.bound for outcome in exact.outcomes(unwanted, leaves)]
    assert bounds == [2**16, 3 * 2**30 - 2**223, 2**30, None, -(2**30)]


def test_slopes_have_to_be_as_many_as_relus_that_see_both_signs() -> None:
    region, unwanted = distance(F(3, 8))
    exact = Exact(region, every=True)
    leaves = [leaf(slopes=s) for s in (None, (255, 0), (255,), (0, 0, 0))]
    outcomes = list(exact.outcomes(unwanted, leaves))
    assert [outcome.bent for outcome in outcomes] == [2] * 4


def test_the_work_is_that_of_the_checker_to_the_last_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that is just enough is so for both, and one less is refused by both."""
    monkeypatch.setattr("certify.bounds.exact.LEAVES", 3)
    refused = 0
    for seed in range(12):
        document = Draw(seed).document()
        needed = LARGE - rest(checker, document, monkeypatch, LARGE)
        assert rest(checker, document, monkeypatch, needed) == 0
        assert rest(fast._exact, document, monkeypatch, needed) == 0
        for budget in {needed - 1, needed // 2, needed // 9}:
            seen = [until_refused(rules, document, monkeypatch, budget) for rules in RULES]
            assert seen[0] == seen[1]
            refused += len(seen[0]) > 1
    assert refused > 5


def test_a_network_with_many_leaves_is_decided_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    sizes = [8, 20, 20, 3]
    maps = [
        Dense.of(rng.normal(size=(m, n)).astype(np.float32), [0] * m) for n, m in pairwise(sizes)
    ]
    network = Network.chain(maps[0], Relu(), maps[1], Relu(), maps[2])
    region = Region(network, Box.around([0.5] * 8, "1/2"), 20, 8, {3: None})
    paths = [
        tuple(Halfspace(1, *((i, -1) if k >> i & 1 else (-1, i)), 0) for i in range(5))
        for k in range(32)
    ]
    leaves = [Leaf(path, (256,), None, (9,) * 5) for path in paths]
    (unwanted, *_) = label_properties(3, 0)
    whole = list(Exact(region, every=True).outcomes(unwanted, leaves))
    monkeypatch.setattr("certify.bounds.exact.LEAVES", 5)
    monkeypatch.setattr("certify.bounds.regions.AT_ONCE", 200)
    again = Region(network, Box.around([0.5] * 8, "1/2"), 20, 8, {3: None})
    assert list(Exact(again, every=True).outcomes(unwanted, leaves)) == whole
    assert len({outcome.bound for outcome in whole}) > 10


def test_numpy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the fast checker breaks down, and the first one does not."""
    document = Draw(1).document()
    monkeypatch.setattr(fast_bounds, "Exact", None)
    assert list(proved(checker, read(checker, document)))
    with pytest.raises(TypeError, match="NoneType"):
        list(proved(fast._exact, read(fast._exact, document)))
    monkeypatch.setattr(fast, "LITTLE", 10**9)
    assert list(proved(fast._exact, read(fast._exact, document))), "what is little is for Python"
