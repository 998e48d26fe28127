"""Balls of an exact radius: nothing outside, and as little as can be missing."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from verify.attack.balls import ball, distance, into_ball, moved_exactly

RADII = st.sampled_from(["0.05", "0.1", "0.3", "0.25", "1e-9", "3", "0.4999", "1/3"])
EVERYWHERE = (-np.inf, np.inf)


@given(st.floats(-1e6, 1e6, width=32), RADII)
def test_the_ends_of_a_ball_lie_in_it_and_the_next_floats_do_not(x: float, text: str) -> None:
    radius, pixels = Fraction(text), torch.tensor([[x]], dtype=torch.float32)
    for end, way in zip(ball(pixels, radius, EVERYWHERE), (-torch.inf, torch.inf), strict=True):
        value = Fraction(float(end))
        assert abs(value - Fraction(x)) <= radius
        further = Fraction(float(torch.nextafter(end, torch.full_like(end, way))))
        assert abs(further - Fraction(x)) >= radius * (1 - Fraction(1, 2**50))


def test_points_of_the_ball_stay_where_they_are() -> None:
    images, moved = torch.tensor([[0.5, 0.0]]), torch.tensor([[0.75, -0.25]])
    assert into_ball(moved, images, Fraction(1, 4), EVERYWHERE).tolist() == [[0.75, -0.25]]
    assert into_ball(moved, images, Fraction(1, 4), (0.0, 1.0)).tolist() == [[0.75, 0.0]]
    # 1/2 + 1/10 rounds up in float32.
    assert float(torch.tensor(0.5) + torch.tensor(0.1)) > 0.6
    (((inside,),),) = (into_ball(moved[:, :1], images[:, :1], Fraction(1, 10), EVERYWHERE),)
    assert 0 <= Fraction(3, 5) - Fraction(float(inside)) < Fraction(1, 2**23)


@given(
    st.lists(st.floats(-1e17, 1e17), min_size=1, max_size=4),
    st.floats(-1, 1),
    RADII,
)
def test_moves_are_exact_wherever_the_point_is(x: list[float], share: float, text: str) -> None:
    radius = Fraction(text)
    point = moved_exactly(np.array(x), np.full(len(x), share), [radius] * len(x))
    listed = point.tolist() if isinstance(point, np.ndarray) else point
    for start, end in zip(x, listed, strict=True):
        move = Fraction(end) - Fraction(start)
        assert abs(move) <= radius
        assert abs(move - Fraction(share) * radius) <= radius / 2**22


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.floats(-1, 1), RADII)
def test_in_the_box_moves_end_at_its_sides(x: list[float], share: float, text: str) -> None:
    radius = Fraction(text)
    point = moved_exactly(np.array(x), np.full(len(x), share), [radius] * len(x), top=1)
    assert distance(point, np.array(x)) <= radius
    assert all(0 <= v <= 1 for v in point)


def test_far_from_0_a_point_is_no_float() -> None:
    x = np.array([1e17])
    point = moved_exactly(x, np.ones(1), [Fraction(1, 4)])
    assert point == (Fraction(10**17) + Fraction(1, 4),)


def test_each_coordinate_has_its_own_radius() -> None:
    x, radii = np.array([1.0, 2.0, 200.0, 5.0]), [Fraction(1, 10**6), Fraction(3), Fraction(70), 0]
    point = moved_exactly(x, np.array([1.0, -1.0, 1.0, 1.0]), radii, top=255)  # type: ignore[list-item]
    moves = [Fraction(v) - Fraction(a) for v, a in zip(point, x.tolist(), strict=True)]
    assert Fraction(1, 10**6) * (1 - Fraction(1, 2**20)) < moves[0] <= Fraction(1, 10**6)
    assert (point[1], point[2], point[3]) == (0, 255, 5)
