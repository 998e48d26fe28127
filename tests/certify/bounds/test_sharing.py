"""Open parts that are handed to other processes: the same proofs, also where one is killed."""

from typing import Any

import numpy as np
import pytest

from certify.bounds import decision, pool, search, telling
from certify.bounds.decision import Verdict, no_counterexample
from certify.checking import checker
from certify.networks.graph import Network
from certify.networks.operations import Dense, Operation, Relu


@pytest.fixture(autouse=True)
def _many_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split signs, and hand them out as soon as there are some; other processes know nothing."""
    for module, name, value in (
        (decision, "FEW", 0), (search, "ALONE", 1), (search, "TASKS", 2), (search, "SHARED", 1),
        (pool, "FEWEST", 1),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


def network() -> Network:
    rng = np.random.default_rng(3)
    maps: list[Operation] = []
    for n, m in ((3, 6), (6, 5), (5, 2)):
        weights = rng.integers(-8, 9, (m, n)) / 8
        maps += [Dense.of(weights, rng.integers(-4, 5, m) / 8), Relu()]
    return Network.chain(*maps[:-1])


def asked(limit: float, **more: Any) -> Verdict:
    return no_counterexample(network(), [-1] * 3, [1] * 3, [([[1, 0]], [limit])], **more)


CLOSED, MET = -1.4, -1.3964  # the least first output is about -1.39648


def test_proofs_are_the_same_at_any_number_of_workers() -> None:
    alone, shared = (asked(CLOSED, workers=workers) for workers in (1, 2))
    assert alone.answer == "certified"
    assert alone.parts > 15
    assert alone == shared
    (certificate,) = alone.certificates
    checker.check(checker.parse(certificate.line()))


def test_a_search_ends_with_as_many_parts_and_bounds_at_any_number_of_workers() -> None:
    alone, shared = (asked(CLOSED, workers=workers, parts=10) for workers in (1, 2))
    assert alone.answer == "undecided"
    assert alone.open_parts > 1
    assert alone == shared


def test_a_task_makes_many_parts_where_nothing_limits_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SHARED", 64 * sum(network().sizes))
    further, most = search.Search.further, []

    def noted(self: Any, task: search.Task) -> search.Grown:
        most.append(task.parts - len(task.opened[0]))
        return further(self, task)

    monkeypatch.setattr(search.Search, "further", noted)
    assert asked(CLOSED).answer == "certified"
    assert set(most) == {64}
    most.clear()
    asked(CLOSED, parts=20)
    assert 1 <= min(most) <= max(most) <= 20 / search.TASKS


def test_a_counterexample_that_a_task_finds_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search.Search, "_begun", lambda self, whole: self._keep(whole))
    for name in ("PROBE_STEPS", "NEAR_STEPS"):
        monkeypatch.setattr(search, name, 0)
    tasks = []
    further = search.Search.further

    def noted(self: Any, task: search.Task) -> search.Grown:
        tasks.append(further(self, task))
        return tasks[-1]

    monkeypatch.setattr(search.Search, "further", noted)
    alone = asked(MET)
    assert alone.answer == "refuted"
    assert tasks[-1].counterexample == alone.counterexample
    shared = asked(MET, workers=2)
    assert len(shared.counterexample or ()) == 3
    assert shared.refuted == 0


def test_where_a_worker_is_killed_one_process_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = asked(CLOSED)
    begun = pool.ProcessPoolExecutor.submit

    def killed(self: Any, *given: Any) -> Any:
        found = begun(self, *given)
        for process in self._processes.values():
            process.kill()  # also where it has ended
        return found

    monkeypatch.setattr(pool.ProcessPoolExecutor, "submit", killed)
    with pytest.warns(RuntimeWarning, match=r"^a worker was killed"):
        assert asked(CLOSED, workers=2) == whole


def test_where_much_is_open_the_parts_nearest_to_being_closed_are_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "ALONE", 10**9)
    orders = []
    step = search.Search.step

    def noted(self: Any) -> bool:
        bounds = search.joined(self.open).bound
        found = step(self)
        if len(self.open) and len(bounds) > 1:
            left = self.open[0].bound
            orders.append((self.deep, bool(left.min() > bounds.min())))
        return found

    monkeypatch.setattr(search, "ALONE", 10**9)
    monkeypatch.setattr(search, "BATCH", 1)
    monkeypatch.setattr(search.Search, "step", noted)
    whole = asked(CLOSED)
    assert whole.answer == "certified"
    assert {deep for deep, _ in orders} == {False}
    orders.clear()
    monkeypatch.setattr(search, "HELD", 80)
    assert asked(CLOSED).answer == "certified"
    assert {(True, False), (False, True)} <= set(orders)


@pytest.mark.parametrize("few", [0, decision.FEW])
def test_a_search_tells_how_far_it_is(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    told: list[tuple[int, int, float]] = []

    def progress(*far: Any) -> None:
        told.append(far)

    monkeypatch.setattr(telling, "EVERY", 0.0)
    found = asked(CLOSED, progress=progress)
    assert len(told) > 1
    monkeypatch.setattr(telling, "EVERY", 10**9)
    quick = len(told)
    asked(CLOSED, progress=progress)
    assert len(told) == quick
    assert told[-1][0] == told[-1][1] == (found.parts + 1) // 2
    assert all(closed < parts and bound <= 0 for closed, parts, bound in told[:-1])
