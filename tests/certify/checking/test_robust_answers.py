"""Which examples certificates say are robust, from boxes, labels and limits alone."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from certify.checking.robust_answers import Balls, Units, counts, covered, rivals

TRUTH = {0: 1, 1: 0}  # the labels of two examples, (1/2, 1) and (0, 3), at places 0 and 1
ROWS = [17, 4]  # their numbers in the user's data
PLAIN = Units()  # of the data, without limits
DENSE = {"type": "dense", "reads": 0, "biases": ["0"]}
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


def kept(case: str, certificate: dict[str, Any], units: Units = PLAIN) -> dict[int, Fraction]:
    balls = Balls()
    balls.add("inputs with other labels", points())
    balls.add(case, certificate)
    return balls.kept(ROWS, TRUTH, units)


CASE = "example 17: no other label within 1/4"
BALL = box(("1/4", "3/4"), ("3/4", "5/4"))


def test_a_box_that_is_the_ball_of_an_example_says_how_robust_it_is() -> None:
    assert kept(CASE, BALL) == {0: Fraction(1, 4)}


def test_a_larger_box_says_more_than_enough() -> None:
    assert kept(CASE, box(("0", "0"), ("1", "2"))) == {0: Fraction(1, 4)}


def test_a_box_may_end_at_the_limits_of_pixels_and_nowhere_else() -> None:
    limit = box(("1/4", "3/4"), ("3/4", "1"))
    assert kept(CASE, limit, Units(1)) == {0: Fraction(1, 4)}
    assert kept(CASE, limit, Units(16)) == kept(CASE, limit) == {}
    # Nothing is said of an example beyond the limits, of which the ball is empty.
    beyond = box(("-1", "0"), ("1", "4"))
    case = "example 4: no other label within 1/4"
    balls = Balls()
    balls.add("inputs with other labels", points())
    balls.add(case, beyond)
    assert balls.kept(ROWS, {1: 1}, Units(16)) == {1: Fraction(1, 4)}
    assert balls.kept(ROWS, {1: 1}, Units(1)) == {}


def test_points_in_units_of_their_own_are_shares_of_ranges() -> None:
    """The example (1/2, 1) is (1, 3) in units of 2 and 3, and within 1/4 is 1/2 and 3/4 there."""
    balls, given = Balls(), points()
    units = Units(None, (Fraction(2), Fraction(3)), (Fraction(0), Fraction(0)))
    scale = {"type": "scale", "reads": 0, "factors": ["2", "3"], "offsets": ["0", "0"]}
    given["instance"]["nodes"] = [scale, {**DENSE, "reads": 1}]
    balls.add("inputs with other labels", given)
    balls.add(CASE, box(("1/2", "9/4"), ("3/2", "15/4")))
    assert balls.kept(ROWS, TRUTH, units) == {0: Fraction(1, 4)}
    assert balls.kept(ROWS, TRUTH, PLAIN) == {}  # in which the network would be another one
    balls.add("example 4: no other label within 1/4", box(("-1", "33/4"), ("1", "39/4")))
    assert balls.kept(ROWS, TRUTH, units) == {0: Fraction(1, 4)}  # which has another label
    # A scale that is the model's own leaves points in units of the data.
    own, ball = points(), box(("1/2", "9/4"), ("3/2", "15/4"))
    own["instance"]["nodes"] = ball["instance"]["nodes"] = [scale, {**DENSE, "reads": 1}]
    balls = Balls()
    balls.add("inputs with other labels", own)
    balls.add(CASE, ball)
    assert balls.kept(ROWS, TRUTH, PLAIN) == balls.kept(ROWS, TRUTH, units) == {}


def test_of_two_certificates_about_points_none_says_which_are_the_examples() -> None:
    balls = Balls()
    balls.add(CASE, BALL)
    for expected in ({0: Fraction(1, 4)}, {}):
        balls.add("inputs with other labels", points())
        assert balls.kept(ROWS, TRUTH, PLAIN) == expected


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


HALF = box(("1/4", "3/4"), ("1/2", "5/4"))  # of the ball, and the other one
REST = box(("1/2", "3/4"), ("3/4", "5/4"))


def test_several_certificates_of_a_result_cover_the_ball_together() -> None:
    assert kept(CASE, HALF) == kept(CASE, REST) == {}
    balls = Balls()
    balls.add("inputs with other labels", points())
    balls.add(CASE, HALF)
    balls.add(CASE, REST)
    assert balls.kept(ROWS, TRUTH, PLAIN) == {0: Fraction(1, 4)}


@pytest.mark.parametrize(
    ("others", "robust"), [((0, 2), True), ((0,), False), ((0, 0), False), ((), False)]
)
def test_each_other_label_is_excluded_on_the_whole_ball(
    others: tuple[int, ...], robust: bool
) -> None:
    balls = Balls()
    balls.add("inputs with other labels", points())
    for j in others:
        row = ["0", "1", "0"]
        row[j] = "-1"
        properties = [{"matrix": [row], "right_side": ["0"]}]
        balls.add(CASE, {**BALL, "statement": {"properties": properties}})
    assert (balls.kept(ROWS, TRUTH, PLAIN) != {}) is robust


def test_all_certificates_of_a_ball_are_about_one_network() -> None:
    low = {**BALL["instance"], "upper": ["1", *BALL["instance"]["upper"][1:]]}
    high = {**BALL["instance"], "lower": ["1", *BALL["instance"]["lower"][1:]]}
    for nodes, robust in (([DENSE], True), ([DENSE, DENSE], False)):
        balls = Balls()
        balls.add("inputs with other labels", points())
        balls.add(CASE, {**BALL, "instance": low})
        balls.add(CASE, {**BALL, "instance": {**high, "nodes": nodes}})
        assert (balls.kept(ROWS, TRUTH, PLAIN) != {}) is robust


@pytest.mark.parametrize(
    ("nodes", "robust"),
    [
        pytest.param([DENSE], True, id="the same"),
        pytest.param([{**DENSE, "biases": ["0/1"]}], True, id="the same, written otherwise"),
        pytest.param([{**DENSE, "biases": ["1/1000000"]}], False, id="another bias"),
        pytest.param([DENSE, {"type": "relu", "reads": 1}], False, id="another node"),
        pytest.param([], False, id="none"),
    ],
)
@pytest.mark.parametrize("shares", [False, True])
def test_certificates_of_a_ball_are_about_the_network_of_the_points(
    nodes: list[Any], robust: bool, shares: bool
) -> None:
    units = Units(None, (Fraction(1),) * 2, (Fraction(0),) * 2) if shares else PLAIN
    given, balls = points(), Balls()
    if shares:
        scale = {"type": "scale", "reads": 0, "factors": ["1", "1"], "offsets": ["0", "0"]}
        given["instance"]["nodes"] = [scale, {**DENSE, "reads": [1]}]
        nodes = [{**node, "reads": [node["reads"]]} for node in nodes]
    balls.add("inputs with other labels", given)
    balls.add(CASE, {**BALL, "instance": {**BALL["instance"], "nodes": nodes}})
    assert (balls.kept(ROWS, TRUTH, units) != {}) is robust


def test_parts_cover_a_box_without_a_gap() -> None:
    square = ((0, 0), (4, 4))
    quarters = [((x, y), (x + 2, y + 2)) for x in (0, 2) for y in (0, 2)]
    assert covered(square, quarters)
    assert covered(square, [((0, 0), (4, 1)), ((0, 1), (1, 4)), ((1, 1), (5, 5))])
    assert not covered(square, quarters[1:])
    assert not covered(square, [])
    assert not covered(square, [((0, 0), (4, 1)), ((0, 2), (4, 4))])
    assert not covered(square, [((0,), (4,))])  # a box of other inputs
    assert covered(((1, 1), (1, 1)), quarters[:1])  # of one point
    cells = [((x, y), (x + 1, y + 1)) for x in range(12) for y in range(12)]
    assert covered(((0, 0), (12, 12)), cells)
    assert not covered(((0, 0), (12, 12)), cells[:77] + cells[78:])
    # What takes too long is not found to be covered, whether it is or not.
    pillars = [((*[-1] * k, 0, *[-1] * (9 - k)), (*[3] * k, 1, *[3] * (9 - k))) for k in range(10)]
    assert not covered(((0,) * 10, (2,) * 10), pillars)


def test_parts_of_parts_cover_a_box_only_together() -> None:
    third = Fraction(1, 3)
    box = ((0, 0), (1, 1))
    parts = [((0, 0), (third, 1)), ((third, 0), (1, third)), ((third, third), (1, 2))]
    assert covered(box, parts)
    assert covered(box, [((-1, 0), (1, 1))])
    for k in range(3):
        assert not covered(box, parts[:k] + parts[k + 1 :])
    assert not covered(box, [parts[0], parts[1], ((third, Fraction(1, 2)), (1, 1))])
    assert covered(((0, third), (1, third)), parts)


def test_many_parts_that_came_of_splitting_cover_a_box() -> None:
    rng = Random(0)
    parts: list[tuple[tuple[Fraction, ...], tuple[Fraction, ...]]] = [
        ((Fraction(0),) * 5, (Fraction(1),) * 5)
    ]
    while len(parts) < 200:
        lower, upper = parts.pop(rng.randrange(len(parts)))
        k = rng.randrange(5)
        cut = (lower[k] + upper[k]) / 2
        parts.append((lower, (*upper[:k], cut, *upper[k + 1 :])))
        parts.append(((*lower[:k], cut, *lower[k + 1 :]), upper))
    whole = (0,) * 5, (1,) * 5
    assert covered(whole, parts)
    assert not covered(whole, parts[:70] + parts[71:])


def rows(*found: tuple[list[int], int]) -> dict[str, Any]:
    return {
        "properties": [
            {"matrix": {"exponent": 0, "integers": [row]}, "right_side": [str(d)]}
            for row, d in found
        ]
    }


def test_properties_name_a_label_and_those_that_it_excludes() -> None:
    assert rivals(rows(([-1, 1, 0], 0), ([0, 1, -1], 0))) == (1, {0, 2}, 3)
    assert rivals(rows(([-1, 1, 0], 0))) == (1, {0}, 3)
    refused = [
        rows(([-1, 1, 0], 0), ([0, 1, -1], -1)),  # another margin
        rows(([-1, 1, 0], 0), ([0, 2, -2], 0)),  # a sum that is 0, but not a difference
        rows(([-1, 1, 0], 0), ([1, 0, -1], 0)),  # two labels
    ]
    assert [rivals(statement)[0] for statement in refused] == [None] * len(refused)
    both = {"matrix": [["-1", "1", "0"], ["0", "1", "-1"]], "right_side": ["0", "0"]}
    assert rivals({"properties": [both]})[0] is None  # no other output is larger than label 1's


def test_counts_are_of_the_names_given_and_include_their_radius() -> None:
    names = ["robust within 1/4", "not robust within 1/4", "robust within 1", "robust", "fooled"]
    quarter = Fraction(1, 4)
    assert counts(names, [quarter, 2 * quarter], [quarter, quarter / 2]) == {
        "robust within 1/4": 2,
        "not robust within 1/4": 2,
        "robust within 1": 0,
    }
