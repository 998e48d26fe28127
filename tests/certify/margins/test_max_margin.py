"""Maximum margin: optimality conditions in plain Fractions, from any float proposal."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from certify import linear_program
from certify.checking import checker
from certify.errors import InputError
from certify.margins import max_margin as separation
from certify.margins import points as point_sets
from certify.margins.guesses import SoftMargin
from certify.margins.max_margin import MaxMargin, NotSeparable, max_margin
from certify.margins.points import LabelledSet

F = Fraction
Points = list[list[Fraction]]
Data = tuple[Points, list[int]]

S0: Data = ([[F(0), F(0)], [F(0), F(1)], [F(1), F(1)]], [-1, 1, 1])
FORCED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)

NUMBERS = st.one_of(
    st.integers(-3, 3).map(F),  # ties and repeated points
    st.fractions(min_value=-4, max_value=4, max_denominator=5),
    st.sampled_from([F(10**15), F(-1, 10**15)]),
)


@st.composite
def labelled(draw: st.DrawFn, both: bool = True) -> Data:
    """Draw labelled points of dimension 1 to 3, separable or not, often degenerate."""
    d, n = draw(st.integers(1, 3)), draw(st.integers(2, 7))
    point = st.lists(NUMBERS, min_size=d, max_size=d)
    points = draw(st.lists(point, min_size=n, max_size=n))
    if draw(st.booleans()):  # labels by a hyperplane: separable whenever no point lies on it
        normal, offset = draw(point), draw(NUMBERS)
        labels = [1 if dot(normal, x) + offset > 0 else -1 for x in points]
    else:
        labels = draw(st.lists(st.sampled_from([-1, 1]), min_size=n, max_size=n))
    if both:
        assume(len(set(labels)) == 2)
    return points, labels


def dot(a: Any, b: Any) -> Fraction:
    return sum((p * q for p, q in zip(a, b, strict=True)), F(0))


def kkt_fails(data: Data, answer: MaxMargin, bias: bool) -> str | None:
    """Return the optimality condition that fails, from the definitions alone."""
    points, labels = data
    a, w, b = answer.multipliers, answer.w, answer.b
    margins = [y * (dot(w, x) + b) for x, y in zip(points, labels, strict=True)]
    conditions = {
        "one multiplier for each point": len(a) == len(points),
        "multipliers are nonnegative": min(a) >= 0,
        "the normal is their combination": all(
            w[k] == sum(m * y * x[k] for m, y, x in zip(a, labels, points, strict=True))
            for k in range(len(w))
        ),
        "the classes balance": (dot(a, labels) == 0) if bias else (b == 0),
        "the scale is canonical": min(margins) >= 1,
        "multipliers live on the margin": all(
            m == 0 or t == 1 for m, t in zip(a, margins, strict=True)
        ),
        "the margin is 1/|w|": answer.margin_squared * dot(w, w) == 1,
        "the support is listed": answer.support == tuple(i for i, m in enumerate(a) if m > 0),
    }
    return next((name for name, holds in conditions.items() if not holds), None)


def farkas_fails(data: Data, answer: NotSeparable, bias: bool) -> str | None:
    points, labels = data
    m = answer.multipliers
    signed = [c * y for c, y in zip(m, labels, strict=True)]
    conditions = {
        "nonnegative": min(m) >= 0,
        "sum to one": sum(m) == 1,
        "balance": not bias or sum(signed) == 0,
        "cancel": all(dot(signed, column) == 0 for column in zip(*points, strict=True)),
    }
    return next((name for name, holds in conditions.items() if not holds), None)


def fails(data: Data, answer: MaxMargin | NotSeparable, bias: bool) -> str | None:
    if answer.separable:
        return kkt_fails(data, answer, bias)
    return farkas_fails(data, answer, bias)


def separable_by_program(data: Data, bias: bool) -> bool:
    """Ask an exact linear program for the largest t <= 1 with every margin at least t."""
    points, labels = data
    d = len(points[0])
    rows = [
        [*(-y * x for x in point), F(-y) if bias else F(0), F(1)]
        for point, y in zip(points, labels, strict=True)
    ]
    rows.append([F(0)] * (d + 1) + [F(1)])
    bounds = [F(0)] * len(points) + [F(1)]
    best = linear_program([F(0)] * (d + 1) + [F(1)], (rows, bounds), maximize=True)
    assert best.value in (0, 1)
    return best.value == 1


def accept(answer: MaxMargin | NotSeparable) -> str:
    return checker.check(checker.parse(answer.certificate.line()))[0]


class _Late(Exception):
    pass


@contextmanager
def seconds(limit: float) -> Iterator[None]:
    """Turn a search that does not end into a failure."""

    def give_up(*_: Any) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, limit)
    late = False
    try:
        yield
    except _Late:
        late = True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if late:  # raised from here: the interrupted frame may be between two lines
        raise TimeoutError(f"no answer after {limit} s") from None


@given(labelled())
def test_with_a_bias_the_answer_is_optimal_or_refuted(data: Data) -> None:
    answer = max_margin(*data)
    assert fails(data, answer, bias=True) is None
    assert answer.separable == separable_by_program(data, bias=True)
    assert accept(answer) == ("max-margin" if answer.separable else "not-separable")


@given(labelled(both=False))
def test_without_a_bias_the_answer_is_optimal_or_refuted(data: Data) -> None:
    answer = max_margin(*data, bias=False)
    assert fails(data, answer, bias=False) is None
    assert answer.separable == separable_by_program(data, bias=False)
    assert accept(answer) == ("max-margin" if answer.separable else "not-separable")


@given(labelled(), st.fractions(min_value=F(1, 9), max_value=9, max_denominator=9), NUMBERS)
def test_the_margin_has_the_units_of_the_data(
    data: Data, factor: Fraction, shift: Fraction
) -> None:
    points, labels = data
    before = max_margin(points, labels)
    moved = [[factor * x + shift for x in point] for point in points]
    after = max_margin(moved, [-y for y in labels])
    assert before.separable == after.separable
    if before.separable and after.separable:
        assert after.w == tuple(-x / factor for x in before.w)
        assert after.margin_squared == factor**2 * before.margin_squared


@given(labelled(), st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(data: Data, random: Any) -> None:
    rows = list(zip(*data, strict=True))
    random.shuffle(rows)
    one, other = max_margin(*data), max_margin([x for x, _ in rows], [y for _, y in rows])
    assert one.separable == other.separable
    if one.separable and other.separable:
        assert (one.w, one.b, one.margin_squared) == (other.w, other.b, other.margin_squared)


def test_the_running_example() -> None:
    answer = max_margin(*S0)
    assert isinstance(answer, MaxMargin)
    assert (answer.w, answer.b, answer.margin_squared) == ((F(0), F(2)), F(-1), F(1, 4))
    assert answer.multipliers == (2, 2, 0)
    assert answer.support == (0, 1)


def test_tied_support_sets_give_the_one_rule() -> None:
    square = [[0, 0], [1, 0], [0, 1], [1, 1]]
    answer = max_margin(square, [-1, -1, 1, 1])
    assert answer.separable
    assert (answer.w, answer.b) == ((0, 2), -1)
    assert sum(answer.multipliers) == 4
    repeated = max_margin([[0], [0], [1], [1]], [-1, -1, 1, 1])
    assert repeated.separable
    assert repeated.margin_squared == F(1, 4)


def test_one_coordinate_may_dwarf_another() -> None:
    data: Data = ([[F(0), F(0)], [F(10**40), F(1, 10**40)]], [-1, 1])
    answer = max_margin(*data)
    assert answer.separable
    assert kkt_fails(data, answer, bias=True) is None
    assert answer.margin_squared == (F(10**80) + F(1, 10**80)) / 4
    barely = max_margin([[0.5], [math.nextafter(0.5, 1)]], [-1, 1])
    assert barely.separable
    assert barely.margin_squared == F(1, 2**108)


@pytest.mark.parametrize(
    ("points", "labels"),
    [
        ([[0], [1], [2]], [1, -1, 1]),
        ([[0, 0], [0, 0]], [1, -1]),
        ([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1]),
    ],
)
def test_inseparable_points(points: Any, labels: list[int]) -> None:
    answer = max_margin(points, labels)
    assert isinstance(answer, NotSeparable)
    assert accept(answer) == "not-separable"


def test_points_need_a_coordinate() -> None:
    with pytest.raises(InputError, match="X: expected at least one coordinate"):
        max_margin([[], []], [1, -1])


def test_one_label_alone_has_a_margin_only_through_the_origin() -> None:
    with pytest.raises(InputError, match=r"y: expected both labels -1 and \+1, got only \+1"):
        max_margin([[1], [2]], [1, 1])
    answer = max_margin([[1], [2]], [1, 1], bias=False)
    assert answer.separable
    assert (answer.w, answer.b, answer.multipliers) == ((1,), 0, (1, 0))
    flipped = max_margin([[1], [2]], [-1, -1], bias=False)
    assert flipped.separable
    assert flipped.w == (-1,)
    assert not max_margin([[0]], [1], bias=False).separable
    assert not max_margin([[1], [-1]], [1, 1], bias=False).separable


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        ([], [], "X: expected at least one point, got none"),
        ([[1], [2]], [1], "y: expected 2 labels, got 1 labels"),
        ([[1], [2]], [1, 0], "y: expected labels -1 or +1, got 0 (entry 1)"),
        ([[1], [2]], [1, "1/2"], "y: expected labels -1 or +1, got 1/2 (entry 1)"),
        ([[1], [2]], [True, False], "y: expected a finite number"),
        ([[1], [math.nan]], [1, -1], "X: expected a finite number"),
        ([[1], [1, 2]], [1, -1], "X: expected 1 columns, got 2 columns (row 1)"),
    ],
)
def test_malformed_data(points: Any, labels: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        max_margin(points, labels)
    assert message in str(caught.value)


def test_arrays_of_numpy_are_read_exactly() -> None:
    images = np.array([[0, 255], [3, 4], [250, 1]], dtype=np.uint8)
    answer = max_margin(images, np.array([-1, -1, 1]))
    assert answer.separable
    assert answer == max_margin(images.astype(np.float64), [-1.0, -1.0, 1.0])


# Floats may propose; whatever they say, the answer is the same.

GUESSES = st.floats(-2, 5) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e-300, 1e300])


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Treat every problem as a large one, however small it is."""
    monkeypatch.setattr(point_sets, "LARGE", 0)
    return monkeypatch


# Multipliers that floats find for these points are far out of balance.
SKEWED: Data = ([[F(0), F(2)], [F(10**15), F(10**15)], [F(2), F(10**15)]], [1, -1, -1])


@FORCED
@example(data=SKEWED, bias=True)
@given(labelled(both=False), st.booleans())
def test_the_float_proposal_changes_nothing(
    large: pytest.MonkeyPatch, data: Data, bias: bool
) -> None:
    assume(not bias or len(set(data[1])) == 2)
    with seconds(5):
        answer = max_margin(*data, bias=bias)
    assert fails(data, answer, bias) is None
    assert accept(answer) == ("max-margin" if answer.separable else "not-separable")


@FORCED
@given(labelled(both=False), st.booleans(), st.data())
def test_garbage_changes_nothing(
    large: pytest.MonkeyPatch, data: Data, bias: bool, drawn: st.DataObject
) -> None:
    n = len(data[1])
    assume(not bias or len(set(data[1])) == 2)
    margins = np.array(drawn.draw(st.lists(GUESSES, min_size=n, max_size=n)))
    rule = SoftMargin(np.ones(len(data[0][0])), margins, 1.0)
    large.setattr(separation, "soft_margins", lambda *_: iter([rule]))
    with seconds(5):
        answer = max_margin(*data, bias=bias)
    assert fails(data, answer, bias) is None


@FORCED
@given(labelled(both=False), st.booleans(), st.data())
def test_garbage_for_small_problems_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, data: Data, bias: bool, drawn: st.DataObject
) -> None:
    n = len(data[1])
    assume(not bias or len(set(data[1])) == 2)
    guess = np.array(drawn.draw(st.lists(GUESSES, min_size=n, max_size=n)))
    monkeypatch.setattr(separation, "propose_multipliers", lambda *_: guess)
    with seconds(5):
        answer = max_margin(*data, bias=bias)
    assert fails(data, answer, bias) is None


@pytest.mark.parametrize("size", ["1e400", "1" + "0" * 400])
@pytest.mark.parametrize("limit", [0, 10**9])
def test_numbers_beyond_the_range_of_floats_need_no_proposal(
    size: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(point_sets, "LARGE", limit)
    answer = max_margin([["0"], [size]], [-1, 1])
    assert answer.separable
    assert answer.margin_squared == F(size) ** 2 / 4


@pytest.mark.parametrize("limit", [0, 10**9])
def test_a_good_proposal_saves_exact_steps(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    labels = np.sign(rng.integers(0, 2, 60) - 0.5).astype(int)
    points = rng.integers(-9, 9, (60, 5)) + 12 * labels[:, None]
    searched = []
    lowest = LabelledSet.lowest

    def counted(self: Any, direction: Any) -> Any:
        searched.append(1)
        return lowest(self, direction)

    monkeypatch.setattr(LabelledSet, "lowest", counted)
    monkeypatch.setattr(point_sets, "LARGE", limit)
    guessed = max_margin(points, labels)
    with_guess = len(searched)
    monkeypatch.setattr(point_sets, "LARGE", 10**9)
    monkeypatch.setattr(separation, "propose_multipliers", lambda _, y, __: np.zeros(len(y)))
    exact = max_margin(points, labels)
    assert guessed.separable
    assert exact.separable
    assert guessed.w == exact.w
    assert with_guess <= 2 < len(searched) - with_guess
