"""Exact objects: what they compute, what they refuse, and their way through JSON."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from certify.errors import InputError
from verify.objects import (
    ArgmaxRule,
    Cell,
    CellRule,
    LabelledSet,
    LinearRule,
    SoftmaxHead,
    TwoLayerNetwork,
    from_json,
    to_json,
)

F = Fraction
NUMBERS = st.fractions(min_value=-9, max_value=9, max_denominator=9)


def vectors(length: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    return st.tuples(*[NUMBERS] * length)


@st.composite
def tables(draw: st.DrawFn) -> tuple[tuple[Fraction, ...], ...]:
    columns = draw(st.integers(1, 4))
    return tuple(draw(st.lists(vectors(columns), min_size=1, max_size=4)))


@st.composite
def objects(draw: st.DrawFn) -> Any:
    rows = draw(tables())
    n, d = len(rows), len(rows[0])
    flags = st.booleans()
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return SoftmaxHead(rows, draw(vectors(d)))
    if kind == 1:
        labels = draw(st.lists(st.sampled_from([-1, 1]), min_size=n, max_size=n))
        return LabelledSet(rows, tuple(labels))
    if kind == 2:
        return LinearRule(rows[0], draw(NUMBERS), draw(st.sampled_from([-1, 0, 1])))
    if kind == 3:
        return ArgmaxRule(rows, draw(vectors(n)), draw(flags))
    if kind == 4:
        cell = Cell(rows, draw(vectors(n)), tuple(draw(flags) for _ in rows))
        return CellRule((cell,) * draw(st.integers(0, 2)), 1, -1)
    return TwoLayerNetwork(rows, draw(vectors(n)), draw(vectors(n)), draw(NUMBERS), draw(flags))


@given(objects())
def test_objects_survive_json(value: Any) -> None:
    text = json.dumps(to_json(value))
    assert from_json(type(value), json.loads(text)) == value
    assert hash(from_json(type(value), json.loads(text))) == hash(value)
    assert "." not in text.replace("...", "")  # no float


@given(objects())
def test_objects_do_not_change(value: Any) -> None:
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)


RULE = {"normal": ["1", "1/2"], "offset": "0", "zero": 0}


@pytest.mark.parametrize(
    ("kind", "data", "where", "got"),
    [
        (LinearRule, [], "document", "list []"),
        (LinearRule, {**RULE, "zero": True}, "document.zero", "bool True"),
        (LinearRule, {**RULE, "zero": "0"}, "document.zero", "str '0'"),
        (LinearRule, {**RULE, "offset": 0}, "document.offset", "int 0"),
        (LinearRule, {**RULE, "offset": 0.5}, "document.offset", "float 0.5"),
        (LinearRule, {**RULE, "offset": "x"}, "document.offset", "'x'"),
        (LinearRule, {**RULE, "normal": ["1", 2]}, "document.normal[1]", "int 2"),
        (LinearRule, {**RULE, "normal": "12"}, "document.normal", "str '12'"),
        (LinearRule, {**RULE, "more": 1}, "document", "['more', 'normal', 'offset', 'zero']"),
        (LinearRule, {"normal": []}, "document", "['normal']"),
        (LabelledSet, {"points": [["1"]], "labels": ["1"]}, "document.labels[0]", "str '1'"),
        (LabelledSet, {"points": [["1"]], "labels": [True]}, "document.labels[0]", "bool True"),
    ],
)
def test_json_of_another_form_names_the_place(kind: Any, data: Any, where: str, got: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(kind, data)
    assert (caught.value.argument, caught.value.got) == (where, got)


def test_objects_from_json_are_checked() -> None:
    with pytest.raises(InputError, match="labels: expected 1 labels, got 2"):
        from_json(LabelledSet, {"points": [["1"]], "labels": [1, -1]})
    with pytest.raises(InputError, match=r"labels: expected labels -1 or \+1, got 2"):
        from_json(LabelledSet, {"points": [["1"]], "labels": [2]})


RAGGED = [
    (LabelledSet, {"points": [["1"], ["1", "2"]], "labels": [1, -1]}),
    (SoftmaxHead, {"weights": [["1", "2"], ["1"]], "bias": ["0", "0"]}),
    (
        TwoLayerNetwork,
        {"weights": [["1"], ["1", "2"]], "biases": ["0", "0"], "output": ["1", "1"],
         "threshold": "0", "strict": True},
    ),
    (ArgmaxRule, {"weights": [["1"], ["1", "2"]], "bias": ["0", "0"], "lowest": True}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data"), RAGGED)
def test_ragged_rows_in_json_are_refused(kind: Any, data: Any) -> None:
    with pytest.raises(InputError):
        from_json(kind, data)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LabelledSet.of([], []), "points: expected at least one point, got none"),
        (lambda: LabelledSet.of([[1]], [1, 1]), "labels: expected 1 labels, got 2"),
        (lambda: LabelledSet.of([[1]], [0]), "labels: expected labels -1 or +1, got 0 (entry 0)"),
        (lambda: LabelledSet.of([[1], [1, 2]], [1, 1]), "points: expected 1 columns"),
        (lambda: LabelledSet.of([[float("nan")]], [1]), "points: expected a finite number"),
        (lambda: SoftmaxHead.of([], []), "weights: expected shape (l, m) with l, m >= 1"),
        (lambda: SoftmaxHead.of([[]], []), "weights: expected shape (l, m) with l, m >= 1"),
        (lambda: SoftmaxHead.of([[1, 2]], [0]), "bias: expected 2 entries, got 1"),
        (lambda: TwoLayerNetwork.sum_of_units([], []), "weights: expected at least one unit"),
        (lambda: TwoLayerNetwork.sum_of_units([[1]], [1, 2]), "biases: expected 1 entries, got 2"),
        (
            lambda: TwoLayerNetwork(((F(1),),), (F(0),), (), F(0), True),
            "output: expected 1 entries, got 0",
        ),
        (lambda: ArgmaxRule.of([], []), "bias: expected 0 entries, at least one, got 0"),
        (lambda: ArgmaxRule.of([[1]], [1, 2]), "bias: expected 1 entries, at least one, got 2"),
        (lambda: Cell.of([[1]], [1, 2]), "strict: expected 1 entries"),
        (lambda: LinearRule.of(["x"], 0), "normal: expected a finite number"),
        (lambda: to_json(0.5), "value: expected an exact object, got float"),
        (lambda: LinearRule.of([1, 2], 0).label((F(1),)), "expected 2 entries, got 1 entries"),
    ],
)
def test_refused_objects(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)


def test_a_torch_layer_becomes_a_head_by_transposing() -> None:
    layer = torch.nn.Linear(3, 2, dtype=torch.float64)
    head = SoftmaxHead.of(layer.weight.T, layer.bias)
    assert (head.features, head.classes) == (3, 2)
    h = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
    exact = head.logits(tuple(F(x) for x in h.tolist()))
    assert np.allclose([float(z) for z in exact], layer(h).tolist())
    assert head.class_weights(1) == tuple(F(x) for x in layer.weight[1].tolist())


@given(tables().flatmap(lambda w: st.tuples(st.just(w), vectors(len(w[0])), vectors(len(w)))))
def test_logits_are_affine(drawn: Any) -> None:
    weights, bias, h = drawn
    head = SoftmaxHead(weights, bias)
    for i, z in enumerate(head.logits(h)):
        assert z == sum(row[i] * x for row, x in zip(weights, h, strict=True)) + bias[i]


def test_a_labelled_set_knows_its_classes() -> None:
    data = LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])
    assert data.dimension == 2
    assert data.positive == ((0, 1), (1, 1))
    assert data.negative == ((0, 0),)
    assert data.signed_sum((F(1), F(1), F(2))) == (2, 3)


def test_a_linear_rule_and_its_boundary() -> None:
    data = LabelledSet.of([[0], [1]], [-1, 1])
    rule = LinearRule.of([2], -1)
    assert rule.margins(data) == (1, 1)
    assert rule.separates(data)
    assert not LinearRule.of([1], 0).separates(data)  # a point on the boundary is not separated
    for zero in (-1, 0, 1):
        rule = LinearRule.of([1], 0, zero)
        assert [rule.label((F(x),)) for x in (-2, 0, 3)] == [-1, zero, 1]


def test_an_argmax_rule_and_its_ties() -> None:
    open_rule = ArgmaxRule.of([[1], [-1], [0]], [0, 0, -1])
    lowest = ArgmaxRule.of([[1], [-1], [0]], [0, 0, -1], lowest=True)
    assert open_rule.classes == 3
    assert [open_rule.label((F(x),)) for x in (2, -2, 0)] == [0, 1, None]
    assert [lowest.label((F(x),)) for x in (2, -2, 0)] == [0, 1, 0]


def test_a_cell_rule_and_its_faces() -> None:
    rule = CellRule((Cell.of([[1], [-1]], [1, 0], (True, False)),), 1, -1)
    assert [rule.label((F(x),)) for x in (-1, 0, "1/2", 1)] == [-1, 1, 1, -1]
    assert CellRule((), 1, -1).label((F(0),)) == -1


@given(st.booleans(), NUMBERS, NUMBERS)
def test_a_network_computes_its_formula(strict: bool, x: Fraction, threshold: Fraction) -> None:
    network = TwoLayerNetwork(
        ((F(1),), (F(-2),)), (F(-1), F(1, 2)), (F(3), F(-1, 2)), threshold, strict
    )
    value = 3 * max(x - 1, 0) - F(1, 2) * max(-2 * x + F(1, 2), 0)
    assert network.value((x,)) == value
    above = value > threshold if strict else value >= threshold
    assert network.label((x,)) == (1 if above else -1)


def test_a_network_of_class_r_is_active_somewhere() -> None:
    network = TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0])
    assert (network.output, network.threshold, network.strict) == ((1, 1), 0, True)
    assert network.dimension == 2
    data = LabelledSet.of([[0, 0], [-1, -1], [1, -5]], [-1, -1, 1])
    assert network.is_accurate(data)
    assert not network.is_accurate(LabelledSet.of([[0, 0]], [1]))
