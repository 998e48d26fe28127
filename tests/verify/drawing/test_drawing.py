"""Every named case of the generators has the property that its name promises."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from certify import linear_program, max_margin, rank
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Vector, combine, dot
from verify.drawing import heads, labelled_sets, networks, numbers, separators
from verify.objects import LabelledSet, LinearRule, SoftmaxHead

F = Fraction
SEEDS = range(40)
GENERATORS: list[Any] = [
    (heads.softmax_head, heads.CASES),
    (heads.head_with_directions, heads.CASES),
    (labelled_sets.separable_set, labelled_sets.CASES),
    (networks.surrounded_set, networks.CASES),
]


def best(data: LabelledSet) -> MaxMargin:
    answer = max_margin(data.points, data.labels)
    assert answer.separable
    return answer


def affine_rank(points: Any) -> int:
    first, *others = points
    differences = [combine((1, x), (-1, first)) for x in others]
    return rank(differences).value if differences else 0


def spread(columns: Any) -> Fraction:
    """Return the ratio of the largest to the smallest size of a coordinate that is not zero."""
    sizes = [size for column in columns if (size := max(abs(x) for x in column))]
    return max(sizes) / min(sizes) if sizes else F(1)


@pytest.mark.parametrize(("generate", "cases"), GENERATORS)
def test_draws_depend_on_the_seed_alone(generate: Any, cases: Any) -> None:
    for case in cases:
        once = [generate(Random(f"{case}/{seed}"), case) for seed in range(5)]
        assert [generate(Random(f"{case}/{seed}"), case) for seed in range(5)] == once
        assert len(set(once)) > 1


# Softmax heads.


def difference_rank(head: SoftmaxHead) -> int:
    columns = [head.class_weights(i) for i in range(head.classes)]
    return rank([combine((1, w), (-1, columns[-1])) for w in columns[:-1]]).value


@pytest.mark.parametrize("seed", SEEDS)
def test_shapes_of_heads(seed: int) -> None:
    drawn = {case: heads.softmax_head(Random(seed), case) for case in heads.CASES}
    for case, head in drawn.items():
        assert 1 <= head.features <= heads.LARGEST, case
        assert 2 <= head.classes < heads.LARGEST
    for case in set(heads.CASES) - {heads.SQUARE, heads.NARROW}:
        assert drawn[case].features > drawn[case].classes
    assert drawn[heads.SQUARE].features == drawn[heads.SQUARE].classes
    assert drawn[heads.NARROW].features < drawn[heads.NARROW].classes
    equal = drawn[heads.EQUAL]
    columns = [equal.class_weights(i) for i in range(equal.classes)]
    assert len(set(columns)) < len(columns)
    dependent = drawn[heads.DEPENDENT]
    assert difference_rank(dependent) < min(dependent.features, dependent.classes - 1)


@pytest.mark.parametrize("case", heads.CASES)
def test_heads_with_directions_have_one(case: str) -> None:
    for seed in SEEDS:
        head = heads.head_with_directions(Random(seed), case)
        assert difference_rank(head) < head.features
        if case == heads.NARROW:
            assert head.features < head.classes


def test_some_heads_have_features_of_very_different_size() -> None:
    drawn = [heads.softmax_head(Random(seed), heads.SCALED) for seed in SEEDS]
    assert sum(spread(head.weights) > 10**6 for head in drawn) > len(drawn) / 2


# Separable sets.


@pytest.mark.parametrize("case", labelled_sets.CASES)
def test_separable_sets_are_separable_and_small(case: str) -> None:
    for seed in SEEDS:
        data = labelled_sets.separable_set(Random(seed), case)
        assert set(data.labels) == {-1, 1}
        assert best(data)
        assert 1 <= data.dimension <= labelled_sets.LARGEST_DIMENSION
        assert len(data.points) <= 2 * labelled_sets.LARGEST_CLASS + 3


@pytest.mark.parametrize("seed", SEEDS)
def test_degenerate_separable_sets(seed: int) -> None:
    drawn = {case: labelled_sets.separable_set(Random(seed), case) for case in labelled_sets.CASES}
    repeated = drawn[labelled_sets.REPEATED]
    assert len(set(repeated.points)) < len(repeated.points)
    assert affine_rank(drawn[labelled_sets.COLLINEAR].points) <= 1
    single = drawn[labelled_sets.SINGLE]
    assert len(single.positive) == len(single.negative) == 1
    tied = drawn[labelled_sets.TIED]
    answer = best(tied)
    margins = LinearRule(answer.w, answer.b).margins(tied)
    assert set(margins) == {1}  # every point is on the margin
    assert len(tied.positive) == len(tied.negative)


def several_multipliers(data: LabelledSet) -> bool:
    """Decide exactly whether the optimal multipliers are not unique."""
    answer = best(data)
    margins = LinearRule(answer.w, answer.b).margins(data)
    support = [i for i, margin in enumerate(margins) if margin == 1]
    rows = [[data.labels[i] * data.points[i][k] for i in support] for k in range(data.dimension)]
    system = ([*rows, [F(data.labels[i]) for i in support]], [*answer.w, F(0)])
    for k in range(len(support)):
        objective = [F(j == k) for j in range(len(support))]
        low, high = (
            linear_program(objective, equalities=system, nonnegative=True, maximize=largest).value
            for largest in (False, True)
        )
        if low != high:
            return True
    return False


def test_tied_support_sets_have_several_optimal_multipliers() -> None:
    drawn = [labelled_sets.separable_set(Random(seed), labelled_sets.TIED) for seed in SEEDS]
    for data in drawn:
        assert several_multipliers(data) == (len(data.positive) > 1)
    assert sum(map(several_multipliers, drawn)) > len(drawn) / 2
    generic = [labelled_sets.separable_set(Random(seed), labelled_sets.GENERIC) for seed in SEEDS]
    assert sum(map(several_multipliers, generic)) < len(generic) / 4


def test_every_tied_draw_is_tied() -> None:
    drawn = [labelled_sets.separable_set(Random(seed), labelled_sets.TIED) for seed in SEEDS]
    assert all(map(several_multipliers, drawn))


@pytest.mark.parametrize("module", [labelled_sets, networks])
def test_some_points_have_coordinates_of_very_different_size(module: Any) -> None:
    generate = getattr(module, "separable_set", None) or module.surrounded_set
    drawn = [generate(Random(seed), module.SCALED) for seed in SEEDS]
    assert sum(spread(zip(*data.points, strict=True)) > 10**6 for data in drawn) > len(drawn) / 4
    sizes = [max(abs(x) for point in data.points for x in point) for data in drawn]
    assert max(sizes) > 10**6


# Separators.


@pytest.mark.parametrize("case", labelled_sets.CASES)
def test_separators_separate_and_reach_far(case: str) -> None:
    rng = Random(f"separators/{case}")
    data = labelled_sets.separable_set(rng, case)
    answer = best(data)
    first = LinearRule(answer.w, answer.b)
    rules = separators.separators(rng, data, first, 5)
    assert len(rules) == 5
    assert rules[0] == first
    assert all(rule.separates(data) for rule in rules)
    assert len(set(rules)) >= 3
    for owner in (1, -1):
        edge = separators.touching(rules[-1], data, owner)
        assert edge.normal == rules[-1].normal
        assert edge.is_accurate(data)
        assert not edge.separates(data)
    extreme = separators.extreme_separator(rng, data, first)
    assert min(extreme.margins(data)) >= 1
    assert all(
        abs(x) <= separators.BOX * (abs(centre) + 1)
        for x, centre in zip(
            (*extreme.normal, extreme.offset), (*first.normal, first.offset), strict=True
        )
    )


# Networks.


@pytest.mark.parametrize("case", networks.CASES)
def test_positive_points_lie_outside_the_hull_of_the_negative_ones(case: str) -> None:
    inseparable = 0
    for seed in SEEDS:
        rng = Random(seed)
        data = networks.surrounded_set(rng, case)
        assert data.positive
        assert data.negative
        for x in data.positive:
            labels = (1, *(-1 for _ in data.negative))
            assert max_margin((x, *data.negative), labels).separable
        inseparable += not max_margin(data.points, data.labels).separable
        network = networks.network_of_class_r(rng, data)
        assert network.is_accurate(data)
        assert set(network.output) == {1}
        assert (network.threshold, network.strict) == (0, True)
        assert len(network.weights) == len(set(data.positive)) + 1
    assert inseparable or case == networks.SINGLE


def test_a_unit_of_every_network_is_silent_on_the_negative_points() -> None:
    for seed in SEEDS:
        rng = Random(seed)
        data = networks.surrounded_set(rng, networks.GENERIC)
        network = networks.network_of_class_r(rng, data)
        last = [network.preactivations(x)[-1] for x in data.negative]
        assert max(last) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_degenerate_surrounded_sets(seed: int) -> None:
    drawn = {case: networks.surrounded_set(Random(seed), case) for case in networks.CASES}
    repeated = drawn[networks.REPEATED]
    assert len(set(repeated.points)) < len(repeated.points)
    assert affine_rank(drawn[networks.COLLINEAR].negative) <= 1
    single = drawn[networks.SINGLE]
    assert len(single.positive) == len(single.negative) == 1
    assert all(data.dimension <= networks.LARGEST_DIMENSION for data in drawn.values())


# Numbers.


def test_numbers_are_short() -> None:
    rng = Random(0)
    drawn = [numbers.number(rng) for _ in range(500)]
    assert all(abs(x) <= numbers.LARGEST and x.denominator <= 4 for x in drawn)
    assert sum(x.denominator == 1 for x in drawn) > len(drawn) / 2
    assert {x for x in drawn if x.denominator == 1} == set(
        map(F, range(-numbers.LARGEST, numbers.LARGEST + 1))
    )
    assert all(0 < numbers.positive(rng) <= numbers.LARGEST for _ in range(200))


class OnlyZeros(Random):
    def randint(self, a: int, b: int) -> int:
        return 0 if a <= 0 else a


def test_nonzero_vectors_are_not_zero() -> None:
    zero: Vector = numbers.vector(OnlyZeros(), 3)
    assert not any(zero)
    assert any(numbers.nonzero_vector(OnlyZeros(0), 3))
    assert [len(v) for v in numbers.vectors(Random(0), 3, 2)] == [2, 2, 2]


def test_convex_weights_are_convex_and_sometimes_zero() -> None:
    rng = Random(0)
    drawn = [numbers.convex_weights(rng, n) for n in range(1, 5) for _ in range(50)]
    assert all(sum(weights) == 1 and min(weights) >= 0 for weights in drawn)
    assert any(0 in weights for weights in drawn)
    assert dot(drawn[0], (F(5),)) == 5
