from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certify.bounds.question import (
    Box,
    Property,
    Question,
    label_properties,
    softmax_property,
)
from certify.errors import InputError
from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu

DISTANCE = Network.chain(Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [0, 0]], [0, 1]))
FAR = Property.of([[-1, 1]], [0])  # |x| >= 1


def test_a_box_around_a_point_keeps_to_the_clip() -> None:
    box = Box.around(np.array([[0.0, 0.5], [1.0, 0.25]]), "1/3", within=(0, 1))
    assert box.lower == (0, Fraction(1, 6), Fraction(2, 3), 0)
    assert box.upper == (Fraction(1, 3), Fraction(5, 6), 1, Fraction(7, 12))
    assert Box.around([2, 2], 1) == Box.of([1, 1], [3, 3])
    assert (Fraction(1), Fraction(3)) in Box.around([2, 2], 1)
    assert (Fraction(1), Fraction(4)) not in Box.around([2, 2], 1)


def test_the_float_of_a_radius_is_the_number_that_it_stores() -> None:
    assert Box.around([0], 0.1).upper == (Fraction(0.1),) != (Fraction(1, 10),)


def test_a_label_has_a_property_for_each_rival() -> None:
    outputs = tuple(map(Fraction, (1, 3, 3)))
    first, second = label_properties(3, 1)
    assert outputs not in first
    assert outputs in second, "as large is not smaller"
    assert first.right_side == (0,)


def test_a_label_is_any_whole_number() -> None:
    assert label_properties(3, np.int64(1)) == label_properties(3, 1)


def test_a_point_refutes_by_its_exact_outputs() -> None:
    question = Question(DISTANCE, Box.of([-2], [2]), [Property.of([[1, 0]], [-1]), FAR])
    assert question.refuted_by([1]) == 1
    assert question.refuted_by(np.array([-2.0])) == 1
    assert question.refuted_by(["9999/10000"]) is None
    assert question.refuted_by([3]) is None, "it lies outside of the box"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Box.of([0, 1], [1]), "lower, upper: expected as many numbers, at least one"),
        (lambda: Box.of([], []), "at least one, got 0 and 0"),
        (lambda: Box.of([0, 2], [1, "3/2"]), r"got 2 above 3/2 \(coordinate 1\)"),
        (lambda: Box.of([float("nan")], [1]), "lower: expected a finite number"),
        (lambda: Box.around([2], "1/2", within=(0, 1)), r"got 3/2 above 1 \(coordinate 0\)"),
        (lambda: Box.around([2], -1), "radius: expected a number >= 0, got -1"),
        (lambda: Box.around([2], 1, within=(0, 1, 2)), "within: expected 2 entries"),
        (lambda: Property.of([], []), "matrix: expected at least one row and one column"),
        (lambda: Property.of([[1], [1, 2]], [0, 0]), "matrix: expected 1 columns, got 2"),
        (lambda: Property.of([[1]], [0, 0]), "right_side: expected 1 entries, got 2"),
        (lambda: label_properties(1, 0), "outputs: expected at least two, got 1"),
        (lambda: label_properties(3, 3), "label: expected an index of 3 outputs, got 3"),
        (lambda: label_properties(3, 1.5), "label: expected an index of 3 outputs, got 1.5"),  # type: ignore[arg-type]
        (lambda: Question([[1]], Box.of([0], [1]), [FAR]), "network: expected a network"),  # type: ignore[arg-type]
        (lambda: Question(DISTANCE, Box.of([0, 0], [1, 1]), [FAR]), "box: expected 1 coordinates"),
        (lambda: Question(DISTANCE, Box.of([0], [1]), []), "properties: expected at least one"),
        (
            lambda: Question(DISTANCE, Box.of([0], [1]), [FAR, Property.of([[1]], [0])]),
            r"matrix: expected 2 columns, one for each output, got 1 \(property 1\)",
        ),
    ],
)
def test_what_asks_nothing_is_refused_in_one_line(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_outputs_of_the_same_softmax_differ_by_one_constant() -> None:
    same = softmax_property([2, 5, "1/3"])
    assert same.matrix == ((1, 0, -1), (-1, 0, 1), (0, 1, -1), (0, -1, 1))
    shifted = tuple(Fraction(z) + 7 for z in (Fraction(2), Fraction(5), Fraction(1, 3)))
    assert shifted in same
    assert (shifted[0], shifted[1], shifted[2] + Fraction(1, 10**30)) not in same
    with pytest.raises(InputError, match="outputs: expected at least two"):
        softmax_property([2])
