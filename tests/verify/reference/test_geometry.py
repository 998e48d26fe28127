"""The geometry of the interactive figures beside the exact core."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from math import hypot, inf
from random import Random
from typing import Any

import pytest

import certify
from certify.errors import InputError
from certify.margins.max_margin import MaxMargin
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.zou2018.shared import regions
from verify.drawing import layers
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork
from verify.objects.rays import is_adversarial
from verify.reference import interactive

Evaluate = Callable[[str, list[Any]], list[Any]]
TOLERANCE = 1e-7


@pytest.fixture(scope="module")
def evaluate(request: pytest.FixtureRequest) -> Evaluate:
    """Map a JavaScript expression in ``c`` over cases, with the functions of geometry.js.

    In node where there is one, else in the browser.
    """
    geometry = files(interactive).joinpath("geometry.js").read_text(encoding="utf-8")
    # JSON has no infinity.
    finite = "(_, v) => (v === Infinity ? 'Infinity' : v)"

    def body(expression: str, cases: list[Any]) -> str:
        return f"{geometry}\nreturn JSON.stringify({json.dumps(cases)}.map((c) => {expression}), {finite});"  # noqa: E501

    def in_node(expression: str, cases: list[Any]) -> list[Any]:
        program = f"console.log((() => {{{body(expression, cases)}}})())"
        done = subprocess.run(["node", "-"], input=program, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    if shutil.which("node"):
        return in_node
    page = request.getfixturevalue("browser").new_page()
    return lambda expression, cases: list(
        json.loads(page.evaluate(f"() => {{{body(expression, cases)}}}"))
    )


def floats(value: Any) -> Any:
    """Return exact numbers in nested sequences as floats."""
    if isinstance(value, Fraction):
        return float(value)
    return [floats(v) for v in value] if isinstance(value, tuple | list) else value


def grid(rng: Random) -> Vector:
    return tuple(Fraction(rng.randint(-6, 6), 2) for _ in range(2))


def labelled_set(rng: Random) -> LabelledSet:
    """Return two to seven points of the plane with both labels, on a line now and then."""
    n = rng.randint(2, 7)
    points = [grid(rng) for _ in range(n)]
    if rng.random() < 0.2:
        points = [(x, 2 * x) for x, _ in points]
    labels = (1, -1, *(rng.choice((1, -1)) for _ in range(n - 2)))
    return LabelledSet(tuple(points), labels)


def separable_set(rng: Random) -> LabelledSet:
    """Return a separable set; half of them lie on both sides of an oblique line."""
    while True:
        data = labelled_set(rng)
        if rng.random() < 0.5:
            side = [x + 2 * y - Fraction(1, 4) for x, y in data.points]
            data = LabelledSet(data.points, tuple(1 if s > 0 else -1 for s in side))
        if len(set(data.labels)) == 2 and certify.max_margin(data.points, data.labels).separable:
            return data


def case(data: LabelledSet, **more: Any) -> dict[str, Any]:
    return {
        "points": floats(data.points), "labels": list(data.labels),
        "positive": floats(data.positive), "negative": floats(data.negative), **floats_of(more),
    }  # fmt: skip


def floats_of(more: dict[str, Any]) -> dict[str, Any]:
    return {name: floats(value) for name, value in more.items()}


def test_the_max_margin_rule_is_the_exact_one(evaluate: Evaluate) -> None:
    sets = [labelled_set(Random(seed)) for seed in range(60)]
    sets += [separable_set(Random(seed)) for seed in range(20)]
    found = evaluate("maxMargin(c.points, c.labels)", [case(data) for data in sets])
    separable = 0
    for data, answer in zip(sets, found, strict=True):
        exact = certify.max_margin(data.points, data.labels)
        assert (answer is not None) == exact.separable
        if isinstance(exact, MaxMargin):
            separable += 1
            size = float(exact.margin_squared) ** 0.5
            assert answer["margin"] == pytest.approx(size)
            assert answer["w"] == pytest.approx([size * float(c) for c in exact.w], abs=TOLERANCE)
            assert answer["b"] == pytest.approx(size * float(exact.b), abs=TOLERANCE)
    assert 30 < separable < 75


def test_the_universal_step_of_each_point_is_the_exact_one(evaluate: Evaluate) -> None:
    sets = [separable_set(Random(seed)) for seed in range(40)]
    found = evaluate(
        "c.points.map((_, k) => "
        "universalStep(c.points, c.labels, maxMargin(c.points, c.labels), k))",
        [case(data) for data in sets],
    )
    kinds = set()
    for data, steps in zip(sets, found, strict=True):
        exact = certify.universal_step(data.points, data.labels)
        size = hypot(*map(float, exact.direction))
        for answer, step in zip(steps, exact.points, strict=True):
            kinds.add(step.step is None)
            wanted = inf if step.step is None else size * float(step.step)
            assert float(answer) == pytest.approx(wanted)
    assert kinds == {True, False}


def test_other_separators_separate_and_flip_at_the_exact_steps(evaluate: Evaluate) -> None:
    sets = [separable_set(Random(seed)) for seed in range(20)]
    queries = [grid(Random(seed)) for seed in range(20)]
    expression = """(() => {
        const best = maxMargin(c.points, c.labels);
        const limits = innerTangents(c.points, c.labels);
        const rules = limits.map((limit) => mixture(best, limit, 0.75));
        return { w: best.w, limits, rules, flips: rules.map((r) => flip(r, best.w, c.query)),
          least: rules.map((r) => smallestMargin(r, c.points, c.labels)) };
    })()"""
    cases = [case(d, query=q) for d, q in zip(sets, queries, strict=True)]
    for data, query, answer in zip(sets, queries, evaluate(expression, cases), strict=True):
        largest = LargestMargin(data)
        size = hypot(*map(float, largest.direction))
        assert len(answer["limits"]) == 2
        for limit in answer["limits"]:
            margins = [y * value(limit, x) for x, y in zip(data.points, data.labels, strict=True)]
            assert min(margins) == pytest.approx(0, abs=TOLERANCE)
        for rule, flip, least in zip(
            answer["rules"], answer["flips"], answer["least"], strict=True
        ):
            exact = LinearRule(tuple(map(Fraction, rule["w"])), Fraction(rule["b"]))
            assert exact.separates(data)
            assert least == pytest.approx(float(min(exact.margins(data))))
            step = abs(exact.value(query)) / dot(exact.normal, largest.direction)
            assert flip["step"] == pytest.approx(size * float(step), abs=TOLERANCE)
            assert flip["label"] == (exact.label(query) if abs(exact.value(query)) > 1e-9 else 0)


def value(rule: dict[str, Any], x: Vector) -> float:
    return sum(a * float(c) for a, c in zip(rule["w"], x, strict=True)) + float(rule["b"])


def test_regions_of_softmax_heads_have_the_exact_shape(evaluate: Evaluate) -> None:
    rng = Random(5)
    heads = [layers.small_head(rng, 2, 2 + k % 4) for k in range(60)]
    cases = [{"w": floats(regions.columns(h)), "b": floats(h.bias)} for h in heads]
    found = evaluate(
        "({ shapes: c.w.map((_, i) => shape(regionOf(c.w, c.b, i))), free: invariant(c.w) })", cases
    )
    kinds = []
    for head, answer in zip(heads, found, strict=True):
        exact = certify.invariant_directions(head.weights)
        assert answer["free"]["dimension"] == exact.dimension
        for i, shape in enumerate(answer["shapes"]):
            region = regions.polyhedron(head, i)
            bounded = "bounded" if region.bounded() else "unbounded"
            assert shape["kind"] == ("empty" if region.is_empty() else bounded)
            kinds.append(shape["kind"])
            if shape["ray"]:
                ray = tuple(map(Fraction, shape["ray"]))
                assert max(dot(row, ray) for row in region.matrix) < TOLERANCE
    assert min(kinds.count(kind) for kind in ("empty", "bounded", "unbounded")) > 3


def test_rays_leave_the_region_of_a_relu_rule_at_the_exact_step(evaluate: Evaluate) -> None:
    rng = Random(6)
    cases = []
    while len(cases) < 60:
        level = Fraction(rng.randint(0, 1))
        units = [(grid(rng), Fraction(rng.randint(-4, 2))) for _ in range(rng.randint(1, 3))]
        w, b = zip(*units, strict=True)
        network = TwoLayerNetwork(w, b, (Fraction(1),) * len(w), level, strict=True)
        x, v = grid(rng), grid(rng)
        if network.label(x) == -1 and any(v):
            cases.append((network, x, v))
    given = [
        {
            "units": [
                {"w": floats(w), "b": float(b)}
                for w, b in zip(network.weights, network.biases, strict=True)
            ],
            "level": float(network.threshold), "x": floats(x), "v": floats(v),
        }
        for network, x, v in cases
    ]  # fmt: skip
    found = evaluate("lastStep(sublevel(c.units, c.level), c.x, c.v)", given)
    assert {answer == "Infinity" for answer in found} == {True, False}
    for (network, x, v), answer in zip(cases, found, strict=True):
        assert (answer != "Infinity") == is_adversarial(network, x, v)
        if answer != "Infinity":
            steps = [Fraction(answer) + shift for shift in (0, Fraction(1, 10**6))]
            at, beyond = (network.value(combine((1, x), (step, v))) for step in steps)
            assert float(at) == pytest.approx(float(network.threshold), abs=TOLERANCE)
            assert beyond > network.threshold


def test_universal_directions_of_relu_rules_are_the_exact_ones(evaluate: Evaluate) -> None:
    sets = [labelled_set(Random(seed)) for seed in range(60)]
    ways = [grid(Random(seed + 1000)) for seed in range(60)]
    chosen = [(data, v) for data, v in zip(sets, ways, strict=True) if any(v)]
    # Differences of data points, which lie on the edge of the cone now and then.
    chosen += [(d, combine((1, d.positive[0]), (-1, d.negative[0]))) for d in sets]
    chosen = [(data, v) for data, v in chosen if any(v)]
    found = evaluate(
        "({ universal: isUniversal(c.positive, c.negative, c.v), "
        "inside: c.positive.some((x) => inHull(x, hull(c.negative))) })",
        [case(data, v=v) for data, v in chosen],
    )
    seen = []
    for (data, v), answer in zip(chosen, found, strict=True):
        try:
            path = relu_directions.universal_path(data, v)
        except InputError:
            assert answer["inside"]
            continue
        assert not answer["inside"]
        assert answer["universal"] == (path is not None)
        seen.append(path is not None)
    assert min(seen.count(True), seen.count(False)) > 10


@pytest.mark.parametrize("slope", [0, 0.5])
def test_a_silent_relu_rule_is_found_exactly_when_there_is_one(
    evaluate: Evaluate, slope: float
) -> None:
    sets = [separable_set(Random(seed)) for seed in range(60)]
    found = evaluate(
        "(() => { const { w } = maxMargin(c.points, c.labels); return { w, units: "
        "c.positive.map((x) => unitWithSlope(x, c.negative, w, c.slope)) }; })()",
        [case(data, slope=slope) for data in sets],
    )
    seen = set()
    for data, answer in zip(sets, found, strict=True):
        units = answer["units"]
        silent = relu_directions.silent_network(data, LargestMargin(data).direction)
        assert all(units) == (silent is not None)
        seen.add(silent is None)
        for x, unit in zip(data.positive, units, strict=True):
            if unit:
                fall = sum(a * b for a, b in zip(unit["w"], answer["w"], strict=True))
                assert fall == pytest.approx(-slope, abs=TOLERANCE)
                assert value(unit, x) == pytest.approx(1)
                assert max(value(unit, z) for z in data.negative) < TOLERANCE
    assert seen == {True, False}


# --- what Python hands to the pages ------------------------------------------------------------
