"""Which examples certificates say are robust, from boxes, labels and limits alone."""

from fractions import Fraction
from typing import Any

import pytest

from certify.checking.robust_answers import Balls, counts, label_of

TRUTH = {0: 1, 1: 0}  # the labels of two examples, (1/2, 1) and (0, 3), at places 0 and 1
ROWS = [17, 4]  # their numbers in the user's data
DENSE = {"type": "dense"}  # of which nothing is read
PROPERTIES = [{"matrix": [["-1", "1"]], "right_side": ["0"]}]  # of label 1 against label 0


def points(*facts: dict[str, Any]) -> dict[str, Any]:
    """Two moved points, then the examples, in integers times a half."""
    rows = [[1, 1], [0, 5], [1, 2], [0, 6]]
    return {
        "kind": "network-points",
        "instance": {"points": {"exponent": -1, "integers": rows}, "nodes": [DENSE]},
        "statement": {"facts": list(facts)},
    }


def box(
    lower: tuple[str, str], upper: tuple[str, str], properties: list[Any] = PROPERTIES
) -> dict[str, Any]:
    return {
        "kind": "no-counterexample",
        "instance": {"lower": list(lower), "upper": list(upper), "nodes": [DENSE]},
        "statement": {"properties": properties},
    }


def kept(case: str, certificate: dict[str, Any], *facts: dict[str, Any]) -> dict[int, Fraction]:
    balls = Balls()
    balls.add("inputs with other labels", points(*facts))
    balls.add(case, certificate)
    return balls.kept(ROWS, TRUTH)


CASE = "example 17: no other label within 1/4"
BALL = box(("1/4", "3/4"), ("3/4", "5/4"))


def test_a_box_that_is_the_ball_of_an_example_says_how_robust_it_is() -> None:
    assert kept(CASE, BALL) == {0: Fraction(1, 4)}


def test_a_larger_box_says_more_than_enough() -> None:
    assert kept(CASE, box(("0", "0"), ("1", "2"))) == {0: Fraction(1, 4)}


def test_a_box_may_end_at_the_limits_of_pixels_and_nowhere_else() -> None:
    unit, limit = {"fact": "box", "point": 0}, box(("1/4", "3/4"), ("3/4", "1"))
    assert kept(CASE, limit, unit) == {0: Fraction(1, 4)}
    assert kept(CASE, limit) == {}
    # The middle of limits of 0 and 1, from which all are within half of them, is one point more.
    balls = Balls()
    within = {"fact": "within", "point": 0, "of": 4, "radius": "1/2"}
    given = points(within)
    given["instance"]["points"]["integers"].append([1, 1])
    balls.add("inputs with other labels", given)
    balls.add(CASE, limit)
    assert balls.kept(ROWS, TRUTH) == {0: Fraction(1, 4)}


def test_points_in_units_of_their_own_are_shares_of_ranges() -> None:
    """The example (1/2, 1) is (1, 3) in units of 2 and 3, and within 1/4 is 1/2 and 3/4 there."""
    balls, given = Balls(), points()
    scale = {"type": "scale", "reads": 0, "factors": ["2", "3"], "offsets": ["0", "0"]}
    given["instance"]["nodes"] = [scale, DENSE]
    balls.add("inputs with other labels", given)
    balls.add(CASE, box(("1/2", "9/4"), ("3/2", "15/4")))
    assert balls.kept(ROWS, TRUTH) == {0: Fraction(1, 4)}
    balls.add("example 4: no other label within 1/4", box(("-1", "33/4"), ("1", "39/4")))
    assert balls.kept(ROWS, TRUTH) == {0: Fraction(1, 4)}  # which has another label
    # A scale that is the model's own leaves points in units of the data.
    own, ball = points(), box(("1/2", "9/4"), ("3/2", "15/4"))
    own["instance"]["nodes"] = ball["instance"]["nodes"] = [scale, DENSE]
    balls = Balls()
    balls.add("inputs with other labels", own)
    balls.add(CASE, ball)
    assert balls.kept(ROWS, TRUTH) == {}


@pytest.mark.parametrize(
    ("case", "certificate"),
    [
        pytest.param("example 17: no other label within 1/3", BALL, id="a larger radius"),
        pytest.param("example 4: no other label within 1/4", BALL, id="another example"),
        pytest.param("example 5: no other label within 1/4", BALL, id="one not asked about"),
        pytest.param("example 17: no other label", BALL, id="no radius"),
        pytest.param(CASE, box(("1/4", "4/5"), ("3/4", "5/4")), id="a side too near"),
        pytest.param(
            CASE,
            box(("1/4", "3/4"), ("3/4", "5/4"), [{"matrix": [["1", "-1"]], "right_side": ["0"]}]),
            id="another label",
        ),
    ],
)
def test_other_certificates_and_names_say_nothing(case: str, certificate: dict[str, Any]) -> None:
    assert kept(case, certificate) == {}


def rows(*found: tuple[list[int], int]) -> dict[str, Any]:
    return {
        "properties": [
            {"matrix": {"exponent": 0, "integers": [row]}, "right_side": [str(d)]}
            for row, d in found
        ]
    }


def test_properties_name_a_label() -> None:
    assert label_of(rows(([-1, 1, 0], 0), ([0, 1, -1], 0))) == 1
    refused = [
        rows(([-1, 1, 0], 0)),  # nothing about output 2
        rows(([-1, 1, 0], 0), ([-1, 1, 0], 0)),
        rows(([-1, 1, 0], 0), ([0, 1, -1], -1)),  # another margin
        rows(([-1, 1, 0], 0), ([0, 2, -2], 0)),  # a sum that is 0, but not a difference
        rows(([-1, 1, 0], 0), ([1, 0, -1], 0)),  # two labels
    ]
    assert [label_of(statement) for statement in refused] == [None] * len(refused)
    both = {"matrix": [["-1", "1", "0"], ["0", "1", "-1"]], "right_side": ["0", "0"]}
    assert label_of({"properties": [both]}) is None  # no other output is larger than label 1's


def test_counts_are_of_the_names_given_and_include_their_radius() -> None:
    names = ["robust within 1/4", "not robust within 1/4", "robust within 1", "robust", "fooled"]
    quarter = Fraction(1, 4)
    assert counts(names, [quarter, 2 * quarter], [quarter, quarter / 2]) == {
        "robust within 1/4": 2,
        "not robust within 1/4": 2,
        "robust within 1": 0,
    }
