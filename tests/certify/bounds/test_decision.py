import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import certify
from certify.bounds import decision, search, work
from certify.bounds.pool import Local
from certify.bounds.proof import LONG, Proof
from certify.bounds.question import Box, Property, Question, label_properties, softmax_property
from certify.bounds.relaxation import Relaxation
from certify.bounds.rounding import Witness
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Concatenation,
    Dense,
    Maximum,
    Operation,
    Relu,
    Scale,
    Selection,
    Sum,
)

DISTANCE = Network.chain(Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1]], [0]))


def accepted(certificate: Certificate) -> bool:
    checker.check(checker.parse(certificate.line()), words=False)
    return True


def test_a_value_that_is_nowhere_reached_is_certified() -> None:
    verdict = certify.no_counterexample(DISTANCE, ["1/3"], [2], [([[1]], ["33/100"])])
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)


def test_a_value_that_is_reached_at_one_point_alone_is_refuted_by_it() -> None:
    verdict = certify.no_counterexample(DISTANCE, ["1/3"], [2], [([[1]], ["1/3"])])
    assert verdict.answer == "refuted"
    assert verdict.counterexample == (Fraction(1, 3),)
    assert verdict.refuted == 0


@pytest.mark.parametrize("few", [0, decision.FEW])
def test_what_intervals_cannot_tell_is_split(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    # The absolute value is at least 0, and no relaxation on [-1, 1] says so by a margin.
    verdict = certify.no_counterexample(DISTANCE, [-1], [1], [([[1]], ["-1/100"])])
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)


def test_weights_that_floats_hold_one_by_one_are_read_however_far_apart_they_are() -> None:
    weights = np.array([[1, 5e-324], [0.5, 1]])
    network = Network.chain(Dense.of(weights, [0, 0]), Relu(), Dense.of([[1, 1]], [0]))
    for least, answer in ((-1, "certified"), (1, "refuted")):
        verdict = certify.no_counterexample(network, [0, 0], [1, 1], [([[1]], [least])])
        assert verdict.answer == answer


def test_a_bound_that_is_not_improved_is_no_work_of_the_checker() -> None:
    """Behind a first ReLU the second one's inputs are improved where it may need both signs."""
    inner = [Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [1, -1]], [0, -1]), Relu()]
    network = Network.chain(*inner, Dense.of([[1, 1]], [0]))
    for least, improved in ((1, 0), (-4, 1)):
        # On [1, 2] no entry is below 0; on [-4, 2] the second one may have both signs.
        asked = Question(network, Box.of([least], [2]), (Property.of([[1]], [-1]),))
        relaxation = search.Floats(asked, torch.float64, "cpu").relaxation
        proof = Proof(asked, relaxation, LONG)
        (refined,) = proof.refined
        read, most = proof.effort()
        assert most == work.MOST - 2 * improved * read.works[refined]


@pytest.mark.parametrize("size", [10**30, Fraction(1, 10**30), 10**200])
def test_the_grid_is_as_fine_as_coefficients_are_far_from_one(size: Any) -> None:
    network = Network.chain(
        Dense.of([[size], [-size]], [0, 0]), Relu(), Dense.of([[1 / Fraction(size)] * 2], [0])
    )
    verdict = certify.no_counterexample(network, ["1/3"], [1], [([[1]], ["1/4"])])
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)
    verdict = certify.no_counterexample(network, ["1/3"], [1], [([[1]], ["1/2"])])
    assert verdict.answer == "refuted"


@pytest.mark.parametrize("inputs", [1, 20])
def test_a_point_is_decided_by_its_exact_outputs(inputs: int) -> None:
    network = Network.chain(
        Dense.of([[1] * inputs, [-1] * inputs], [0, 0]), Relu(), Dense.of([[1, 1]], [0])
    )
    point, tiny = [Fraction(1, 3)] * inputs, Fraction(1, 10**60)
    value = Fraction(inputs, 3)
    unwanted = [([[0], [1]], [0, value - tiny]), ([[-1]], [-value - tiny])]
    verdict = certify.no_counterexample(network, point, point, unwanted)
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)
    for right in (value, value + tiny):
        verdict = certify.no_counterexample(network, point, point, [*unwanted, ([[1]], [right])])
        assert (verdict.answer, verdict.refuted) == ("refuted", 2)


def test_several_rows_are_excluded_together_and_several_properties_each() -> None:
    # abs(x) = 1/2 is reached; abs(x) = 2 is not.
    rows = [[1], [-1]]
    twice = [(rows, [2, -2]), (rows, [3, -3])]
    assert certify.no_counterexample(DISTANCE, [-1], [1], twice).answer == "certified"
    verdict = certify.no_counterexample(DISTANCE, [-1], [1], [*twice, (rows, ["1/2", "-1/2"])])
    assert verdict.answer == "refuted"
    assert verdict.refuted == 2


@pytest.mark.parametrize("few", [0, decision.FEW])
def test_a_margin_below_what_floats_tell_is_proved_and_its_end_reached(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    # The least of abs(x / 3 - 10^8 / (10^9 + 7)) is 0, at a point that no short numbers name.
    least = Fraction(10**8, 10**9 + 7)
    network = Network.chain(
        Dense.of([["1/3"], ["-1/3"]], [-least, least]), Relu(), Dense.of([[1, 1]], [0])
    )
    below, reached = (
        certify.no_counterexample(network, [0], [1], [([[1]], [-margin])])
        for margin in (Fraction(1, 2**40), 0)
    )
    assert below.answer == "certified"
    assert below.certificate is not None
    assert accepted(below.certificate)
    assert reached.answer == "refuted"
    assert reached.counterexample == (3 * least,)


@pytest.mark.parametrize("constant", ["1/7", "-1"])
def test_entries_of_a_maximum_that_are_constant_are_split_from_others(
    constant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    # max(c, x) - x/2 is least where they meet; at c = -1 that is where the box begins.
    maximum = Node(Maximum(((0, 1),)), (1,))
    nodes = [
        Node(Dense.of([[0], [1]], [constant, 0]), (0,)),
        maximum,
        Node(Concatenation(), (2, 0)),
    ]
    network = Network((*nodes, Node(Dense.of([[1, "-1/2"]], [0]), (3,))), 1)
    least = Fraction(constant) / 2
    below, reached = (
        certify.no_counterexample(network, [-1], [1], [([[1]], [least - margin])], parts=9)
        for margin in (Fraction(1, 2**40), 0)
    )
    assert below.certificate is not None
    assert accepted(below.certificate)
    assert reached.counterexample == (Fraction(constant),)


def test_many_boxes_of_a_small_network_give_way_to_its_pieces() -> None:
    # All of a face is close to the value: boxes that floats do not close are everywhere.
    rest = Network.chain(Dense.of(np.eye(8), [-2] * 8), Relu(), Dense.of([[1] * 8], [0]))
    margin = Fraction(1, 2**40)
    verdict = certify.no_counterexample(rest, [0] * 8, [1] * 8, [([[1]], [-margin])])
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)


def test_numbers_beyond_floats_are_undecided() -> None:
    verdict = certify.no_counterexample(DISTANCE, [1], [10**400], [([[1]], ["1/3"])])
    assert verdict.answer == "undecided"
    assert verdict.bound == -np.inf


def test_what_is_no_pair_and_no_time_is_refused() -> None:
    with pytest.raises(InputError, match=r"pairs of a matrix .* got int \(property 0\)"):
        certify.no_counterexample(DISTANCE, [0], [1], [1])  # type: ignore[list-item]
    for name, given, wanted in (
        ("seconds", float("nan"), "a number, got float nan"),
        ("seconds", True, "a number, got bool True"),
        ("seconds", 10**400, "a number in the range of floats, got int <an integer of 1329 bits>"),
        ("seconds", -Fraction(10**400), "a number in the range of floats, got Fraction"),
        ("seconds", None, "a number, got NoneType None"),
        ("parts", "3", "a number, got str '3'"),
        ("seed", 2**80, r"an integer from 0 to 2\^63 - 1, got int 12"),
        ("seed", True, r"an integer from 0 to 2\^63 - 1, got bool True"),
        ("workers", 0, "an integer from 1 to 1024, got int 0"),
        ("workers", 2**62, "an integer from 1 to 1024, got int 4611686018427387904"),
        ("workers", True, "an integer from 1 to 1024, got bool True"),
        ("device", "nowhere", "a device that torch finds here, got str 'nowhere'"),
        ("device", "meta", "a device that torch finds here, got str 'meta'"),
        ("device", None, "a device that torch finds here, got NoneType None"),
        ("device", 1.5, "a device that torch finds here, got float 1.5"),
        ("checkpoint", 5, "the path of a file, got int 5"),
        ("checkpoint", b"x", "the path of a file, got bytes b'x'"),
        ("progress", 5, "a function of three numbers, got int 5"),
    ):
        with pytest.raises(InputError, match=f"^{name}: expected {wanted}"):
            certify.no_counterexample(DISTANCE, [0], [1], [([[1]], [-1])], **{name: given})
    with pytest.raises(InputError, match=r"^properties: expected several, got int 3"):
        certify.no_counterexample(DISTANCE, [0], [1], 3)  # type: ignore[arg-type]


def test_without_time_nothing_is_claimed() -> None:
    rng = np.random.default_rng(0)
    maps: list[Operation] = []
    for a, b in ((5, 30), (30, 30), (30, 3)):
        maps += [Dense.of(rng.normal(size=(b, a)), rng.normal(size=b)), Relu()]
    network = Network.chain(*maps[:-1])
    point = np.zeros(5)
    asked = [Property.of([[1, 1, 1]], [-100])]
    verdict = certify.no_counterexample(network, point - 2, point + 2, asked, seconds=0.0)
    assert verdict.answer == "undecided"
    assert verdict.certificate is None
    assert verdict.open_parts == 1
    assert verdict.bound is not None


def test_when_time_is_up_the_whole_box_is_bounded_once_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    done: list[str] = []
    for name in ("values", "backward"):
        method = getattr(Relaxation, name)

        def noted(*given: Any, method: Any = method, name: str = name, **more: Any) -> Any:
            done.append(name)
            return method(*given, **more)

        monkeypatch.setattr(Relaxation, name, noted)
    asked = [([[1]], ["-1/100"])]
    verdict = certify.no_counterexample(DISTANCE, [-1], [2], asked, seconds=0)
    assert (verdict.answer, verdict.open_parts, verdict.parts) == ("undecided", 1, 1)
    # One attack at the centre, the weights that rows begin with, and the bound.
    assert done == ["values", "values", "backward"]
    assert verdict.bound is not None
    assert -1 < verdict.bound <= 0


def test_parts_that_time_is_up_for_stay_open_with_better_bounds() -> None:
    question = Question(DISTANCE, Box.of([-1], [2]), [Property.of([[1]], ["-1/100"])])
    late = search.Search(question, Witness(question), 60.0)
    late.start()
    with torch.no_grad():
        late._keep(late.floats.evaluate(late.floats.whole([0]), 0, search.GOAL).parts)
        before = late.left()
        assert len(before) == 1
        late.end = 0.0
        assert not late.step()
        assert len(late.trees) == 1  # nothing is split
        assert len(late.left()) == len(before)
        assert late.left()[0] >= before[0]
        late.end = math.inf
        while late.open and not late.step():
            pass
    assert not late.left()
    assert late.certificates()


def test_time_that_is_up_stops_what_is_handed_out_before_the_whole_box_is_bounded() -> None:
    network, lower, upper, asked = small(4)
    question = Question(network, Box.of(lower, upper), asked)
    local = Local(question, "cpu")
    local.signs.open.append(local.signs.floats.whole([0]))
    opened = local.signs.open[0].arrays()
    del local.signs
    grown = local.further(search.Task(opened, False, 10, 0.0))
    assert "signs" not in vars(local)
    assert (len(grown.trees), grown.opened, grown.stuck, grown.evaluated) == (1, [opened], [], 0)
    assert local.further(search.Task(opened, False, 10, math.inf)).evaluated > 0


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match=r"^box: expected 1 coordinates"):
        certify.no_counterexample(DISTANCE, [0, 0], [1, 1], [([[1]], [0])])
    with pytest.raises(InputError, match=r"^properties: expected at least one, got none"):
        certify.no_counterexample(DISTANCE, [0], [1], [])


def small(seed: int) -> tuple[Network, np.ndarray, np.ndarray, list[Property]]:
    """Return a network of a few maxima on a box, and properties that some of its outputs have."""
    rng = np.random.default_rng(seed)
    d, parts = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    simple = rng.random() < 0.5

    def numbers(*shape: int) -> np.ndarray:
        return rng.integers(-3, 4, shape) / parts if simple else rng.normal(size=shape)

    def dense(m: int, n: int) -> Dense:
        return Dense.of(numbers(m, n), numbers(m))

    first, relu = Node(dense(4, d), (0,)), Relu()
    kinds = [
        [(relu, (1,)), (dense(3, 4), (2,)), (relu, (3,)), (dense(2, 3), (4,))],
        [(Maximum(((0, 1), (2, 3))), (1,)), (relu, (2,)), (dense(3, 2), (3,)), (relu, (4,)),
         (dense(2, 3), (5,))],
        [(Maximum(((0, 1, 2), (1, 2, 3), (3,))), (1,)), (relu, (1,)), (Concatenation(), (2, 3)),
         (dense(2, 7), (4,)), (relu, (5,)), (Scale.of("1/2", "-1/3"), (6,)), (dense(2, 2), (7,))],
        [(relu, (1,)), (dense(4, 4), (2,)), (Sum(), (1, 3)), (relu, (4,)),
         (Selection((3, -1, 0, 1)), (5,)), (dense(2, 4), (6,))],
    ]  # fmt: skip
    nodes = [first, *(Node(*node) for node in kinds[seed % len(kinds)])]
    center, radius, rows = numbers(d), abs(numbers(d)) / 2, int(rng.integers(1, 3))
    asked = [Property.of(numbers(rows, 2), numbers(rows) - 1.5) for _ in range(rows)]
    return Network(tuple(nodes), d), center - radius, center + radius, asked


def grid(lower: np.ndarray, upper: np.ndarray) -> Iterator[np.ndarray]:
    axes = [np.linspace(*ends, 9) for ends in zip(lower, upper, strict=True)]
    yield from np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, len(lower))


@pytest.mark.parametrize("seed", [*range(20), 121])
@pytest.mark.parametrize("few", [0, decision.FEW])
def test_small_networks_are_decided_without_rest(
    seed: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "FEW", few)  # with 0 the ReLUs and maxima are split
    network, lower, upper, asked = small(seed)
    verdict = certify.no_counterexample(network, lower, upper, asked)
    if verdict.answer == "refuted":
        assert verdict.counterexample is not None
        outputs = network.outputs([verdict.counterexample])[0]
        assert verdict.refuted is not None
        assert outputs in asked[verdict.refuted]
        return
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)
    points = list(grid(lower, upper))
    assert not any(z in p for z in network.outputs(points) for p in asked)


def test_the_same_seed_gives_the_same_proof() -> None:
    network, lower, upper, asked = small(1)
    first, second = (certify.no_counterexample(network, lower, upper, asked) for _ in range(2))
    assert first == second


def test_attacks_follow_the_bounds_of_the_whole_box_unless_a_few_steps_find_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    steps: list[int] = []
    descended = search.descended

    def noted(*given: Any) -> Any:
        steps.append(given[-2])  # before the time at which they end
        return descended(*given)

    monkeypatch.setattr(search, "descended", noted)
    for limit, answer, expected in (
        ("-5", "certified", [search.PROBE_STEPS]),
        ("1/2", "refuted", [search.PROBE_STEPS]),
        ("-1/100", "certified", [search.PROBE_STEPS, search.ATTACK_STEPS]),
    ):
        steps.clear()
        found = certify.no_counterexample(DISTANCE, [-1], [2], [([[1]], [limit])])
        assert (found.answer, steps) == (answer, expected)


def test_labels_are_kept_within_a_radius_and_not_beyond() -> None:
    same = Dense.of([[1, 0], [0, 1]], [0, 0])
    network = Network.chain(same, Relu(), same)
    near, far = (
        certify.no_counterexample(network, [1 - r, 0 - r], [1 + r, r], label_properties(2, 0))
        for r in (0.49, 0.5)
    )
    assert near.answer == "certified"
    assert far.answer == "refuted"
    assert far.counterexample is not None


# The gaps to the last output are |x| - 1/4 and -|x| + 1/4.
OPPOSED = Network.chain(
    Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [-1, -1], [0, 0]], ["-1/4", "1/4", 0])
)


def test_equalities_that_exclude_each_other_together_close_the_whole_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    # Each gap takes the value 1/2 alone; their sum is 0, and not 1.
    verdict = certify.no_counterexample(
        OPPOSED, [-1], [1], [softmax_property(["1/2", "1/2", 0])], parts=1
    )
    assert (verdict.answer, verdict.parts) == ("certified", 1)
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)


# The gaps to the last output are |x| and x; for |x| = 1/2 and x = 0 the gap of which is too large
# depends on the sign of x.
SIGNED = Network.chain(
    Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [1, -1], [0, 0]], [0, 0, 0])
)


def test_the_weights_of_equalities_change_from_part_to_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    verdict = certify.no_counterexample(SIGNED, [-1], [1], [softmax_property(["1/2", 0, 0])])
    assert verdict.answer == "certified"
    assert verdict.certificate is not None
    stack, weights = [*verdict.certificate.evidence["trees"]], set()
    while stack:
        part = stack.pop()
        stack += part.get("parts", ())
        if "parts" not in part:
            weights.add(tuple(part.get("weights", ())))
    assert len(weights - {()}) > 1
    assert accepted(verdict.certificate)


@pytest.mark.parametrize("few", [0, decision.FEW])
def test_no_more_parts_are_made_than_may_be(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "FEW", few)
    asked = [softmax_property(["1/2", 0, 0])]
    verdict = certify.no_counterexample(SIGNED, [-1], [1], asked, parts=1)
    assert verdict.answer == "undecided"
    assert verdict.parts <= 3  # the whole, and two if it was split
    assert certify.no_counterexample(SIGNED, [-1], [1], asked).answer == "certified"


def test_proofs_that_the_checker_would_not_read_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision, "FEW", 0)
    asked = [([[1]], [limit]) for limit in ("-1/100", "-1/10")]
    read = certify.no_counterexample(DISTANCE, [-1], [1], asked)
    assert len(read.certificates) == 1
    monkeypatch.setattr(work, "MOST", 0)
    none = certify.no_counterexample(DISTANCE, [-1], [1], asked)
    assert (none.answer, none.certificates) == ("undecided", ())
