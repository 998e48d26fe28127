"""Certificates of what holds of every rule that is right on labelled points."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from certify.certificates.certificate import Certificate
from certify.certificates.encoding import to_json
from certify.certificates.objects import LabelledSet, Separator
from certify.numbers.rationals import Rows, Vector, text, texts


def every_separator(
    data: LabelledSet,
    normal: Vector,
    offset: Fraction,
    multipliers: Vector,
    weak: Sequence[int] = (),
) -> Certificate:
    """For every separator (w, b) of the data, normal.w + offset b > 0.

    A separator has y_i (w.x_i + b) > 0 at all points, and only >= 0 at those named in ``weak``,
    one of the others having a positive multiplier.
    """
    stated: dict[str, Any] = {"normal": texts(normal), "offset": text(offset)}
    if weak:
        stated["weak"] = list(weak)
    return Certificate(
        "every-separator", to_json(data), stated, {"multipliers": texts(multipliers)}
    )


def separator_steps(
    data: LabelledSet,
    separator: Separator,
    queries: LabelledSet,
    direction: Vector,
    multipliers: Vector,
    steps: Vector,
) -> Certificate:
    """One separator flips each query just beyond its step, which is within the general bound."""
    return Certificate(
        "separator-steps",
        {
            **to_json(data),
            "separator": sides(separator.normal, separator.offset),
            "queries": to_json(queries),
        },
        {"direction": texts(direction), "steps": texts(steps)},
        {"multipliers": texts(multipliers)},
    )


def some_point_flips(
    data: LabelledSet, direction: Vector, multipliers: Vector, separator: Separator
) -> Certificate:
    """Every separator flips a point at the step 1 / sum of multipliers; this one none before."""
    return Certificate(
        "some-point-flips",
        to_json(data),
        {"direction": texts(direction), "step": text(1 / sum(multipliers, Fraction(0)))},
        {"multipliers": texts(multipliers), "separator": sides(separator.normal, separator.offset)},
    )


def convex_direction(
    data: LabelledSet,
    label: int,
    direction: Vector,
    outside: int,
    combination: Vector,
    scale: Fraction,
) -> Certificate:
    """Every convex set with the points of the label alone is left along the direction, for good.

    This holds of sets that are open or closed, from each of their points, because
    x_outside = sum of combination_i x_i + scale * direction, with shares of points of the label
    that sum to 1, and x_outside has the other label.
    """
    return Certificate(
        "convex-direction",
        to_json(data),
        {"label": label, "direction": texts(direction)},
        {"outside": outside, "combination": texts(combination), "scale": text(scale)},
    )


def every_model(
    data: LabelledSet, form: Rows, gaps: Sequence[tuple[int, int, Fraction]]
) -> Certificate:
    """A linear form in (W, b), of shape (K, d + 1), is positive for every accurate rule."""
    return Certificate(
        "every-model", to_json(data), {"form": [texts(row) for row in form]}, {"gaps": _gaps(gaps)}
    )


def class_left(
    data: LabelledSet,
    k: int,
    direction: Vector,
    gaps: Sequence[tuple[int, int, Fraction]],
    targets: Vector,
) -> Certificate:
    """Every accurate rule leaves class k along a direction, from every point of class k."""
    return Certificate(
        "class-left",
        to_json(data),
        {"class": k, "direction": texts(direction)},
        {"gaps": _gaps(gaps), "targets": texts(targets)},
    )


def _gaps(gaps: Sequence[tuple[int, int, Fraction]]) -> list[dict[str, Any]]:
    return [{"point": i, "class": j, "multiplier": text(a)} for i, j, a in gaps]


def sides(normal: Vector, offset: Fraction) -> dict[str, Any]:
    """Return a separator as it stands in certificates, without what it says on its boundary."""
    return {"normal": texts(normal), "offset": text(offset)}
