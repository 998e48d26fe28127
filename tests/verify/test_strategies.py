"""The public strategies keep what they promise, and shrink towards what they say."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FailedHealthCheck

import certify
from certify import invariant_directions, max_margin
from certify.errors import InputError
from verify import strategies
from verify.objects import LabelledSet, LinearRule

KINDS: tuple[strategies.NetworkClass, ...] = ("R", "R'", "any")
quick = settings(max_examples=60, deadline=None)


def smallest(strategy: Any, condition: Any = lambda _: True) -> Any:
    return find(strategy, condition, settings=settings(database=None, max_examples=500))


@quick
@given(strategies.separable_sets() | strategies.separable_sets(degenerate=True))
def test_planted_margins_are_the_margins(planted: strategies.PlantedSet) -> None:
    found = max_margin(planted.data.points, planted.data.labels)
    assert (found.w, found.b) == (planted.rule.normal, planted.rule.offset)
    assert found.margin_squared == planted.margin_squared


@quick
@given(strategies.separable_sets(degenerate=True))
def test_degenerate_sets_lie_on_the_border_of_the_strip(planted: strategies.PlantedSet) -> None:
    assert set(planted.rule.margins(planted.data)) == {1}


@quick
@given(strategies.inseparable_sets())
def test_inseparable_sets_are(data: LabelledSet) -> None:
    assert not max_margin(data.points, data.labels).separable


@quick
@given(st.data())
def test_separators_are_right_on_every_point(data: st.DataObject) -> None:
    planted = data.draw(strategies.separable_sets())
    rule: LinearRule = data.draw(strategies.separators(planted.data))
    assert min(rule.margins(planted.data)) > 0


@quick
@given(strategies.softmax_heads(features=(1, 3), classes=(2, 4)))
def test_heads_have_the_shape_asked_for(head: Any) -> None:
    assert 1 <= head.features <= 3
    assert 2 <= head.classes <= 4


@quick
@given(strategies.softmax_heads(dependent=True))
def test_dependent_heads_have_one_direction_more(head: Any) -> None:
    found = invariant_directions(head.weights)
    assert head.features - len(found.basis) < head.classes - 1 or head.features < head.classes - 1


@quick
@given(st.sampled_from(["R", "R'", "any"]).flatmap(
    lambda kind: strategies.two_layer_networks(kind).map(lambda network: (kind, network))
))  # fmt: skip
def test_networks_are_of_their_class(pair: Any) -> None:
    kind, network = pair
    if kind == "R":
        assert set(network.output) == {1}
        assert (network.threshold, network.strict) == (0, True)
    if kind == "R'":
        assert min(network.output) >= 0
        assert network.threshold > 0


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.rationals(100),
        strategies.vectors(1_000, nonzero=True),
        strategies.softmax_heads(),
        *(
            strategies.softmax_heads(features=(100, 100), classes=(10, 10), dependent=dependent)
            for dependent in (False, True)
        ),
        *(
            strategies.two_layer_networks(kind, dimension=(50, 50), units=(20, 20))
            for kind in KINDS
        ),
        *(
            strategies.softmax_heads(features=(l, l), classes=(m, m), dependent=True)
            for l, m in ((1, 990), (330, 3))
        ),
        *(
            strategies.two_layer_networks(dimension=(d, d), units=(k, k))
            for d, k in ((1, 490), (990, 1))
        ),
        *(
            strategy
            for (d, n) in ((1, 1_000), (2, 500), (20, 50), (100, 10), (333, 3))
            for size in ({"dimension": (d, d), "points": (n, n)},)
            for strategy in (
                strategies.inseparable_sets(**size),
                strategies.separable_sets(**size),
                strategies.separable_sets(**size, degenerate=True),
                strategies.separable_sets(**size).flatmap(
                    lambda planted: strategies.separators(planted.data)
                ),
            )
        ),
    ],
    ids=lambda strategy: repr(strategy)[:60],
)
def test_documented_sizes_pass_health_checks(
    strategy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "perf_counter", time.process_time)  # the machine may be busy

    @settings(settings.get_profile("default"), max_examples=12, database=None)
    @given(strategy)
    def drawn(_: Any) -> None:
        pass

    drawn()


def test_what_is_too_large_is_no_silent_success() -> None:
    # Health checks are made at all: a size that is not documented fails them.
    @settings(settings.get_profile("default"), max_examples=12, database=None)
    @given(strategies.softmax_heads(features=(4_096, 4_096), classes=(10, 10)))
    def drawn(_: Any) -> None:
        pass

    with pytest.raises(FailedHealthCheck, match="very large"):
        drawn()


def test_examples_shrink_towards_what_is_promised() -> None:
    planted = smallest(strategies.separable_sets())
    assert planted.data == LabelledSet(((1,), (-1,)), (1, -1))
    assert smallest(strategies.inseparable_sets()).points == ((0,), (0,), (0,))
    head = smallest(strategies.softmax_heads())
    assert (head.weights, head.bias) == (((0, 0),), (0, 0))
    assert smallest(strategies.two_layer_networks()).weights == ((0,),)
    rule = smallest(strategies.separators(planted.data))
    assert (rule.normal, rule.offset) == (planted.rule.normal, planted.rule.offset)
    assert smallest(strategies.vectors(2, nonzero=True)) == (0, 1)


def test_a_failing_property_shrinks_to_a_readable_example() -> None:
    # No margin is larger than 1? The smallest set that says otherwise.
    wide = smallest(strategies.separable_sets(), lambda planted: planted.margin_squared > 1)
    assert len(wide.data.points) == 2
    assert wide.data.dimension == 1


def test_what_makes_no_sense_is_refused() -> None:
    inseparable = LabelledSet.of([[0], [0]], [1, -1])
    for strategy, message in (
        (strategies.separators(inseparable), "a separable set"),
        (strategies.softmax_heads(classes=(2, 2), dependent=True), "three at least"),
        (strategies.two_layer_networks("S"), "R, R' or any"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError, match=message):
            smallest(strategy)


def test_the_names_of_the_module_are_all_there() -> None:
    assert all(hasattr(strategies, name) for name in strategies.__all__)
    assert certify.__version__
