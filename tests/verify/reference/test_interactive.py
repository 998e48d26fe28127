"""The interactive figures: their geometry beside the exact core, and their life in a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from math import hypot, inf
from pathlib import Path
from random import Random
from typing import Any

import pytest

import certify
from certify.errors import InputError
from certify.rationals import Vector, combine, dot
from certify.separation import MaxMargin
from verify.claims.charles2019 import relu_directions
from verify.claims.charles2019.separation import LargestMargin
from verify.claims.registry import CLAIMS
from verify.claims.zou2018 import regions
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork
from verify.objects.rays import is_adversarial
from verify.reference import interactive
from verify.reference.interactive import FIGURES, SCRIPT, STYLE, Interactive, fragment
from verify.sampling import layers

Evaluate = Callable[[str, list[Any]], list[Any]]
IDS = [figure.id for figure in FIGURES]
TOLERANCE = 1e-7


# --- the geometry beside the exact core --------------------------------------------------------


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


def test_figures_name_claims_that_there_are() -> None:
    assert len(set(IDS)) == len(IDS)
    for figure in FIGURES:
        assert figure.claims
        assert set(figure.claims) <= set(CLAIMS)


@pytest.mark.parametrize("figure", FIGURES, ids=IDS)
def test_a_fragment_is_labelled_and_says_that_it_is_an_illustration(figure: Interactive) -> None:
    text = fragment(figure)
    assert f'aria-labelledby="interactive-{figure.id}-title"' in text
    assert figure.title in text
    assert "illustration (float)" in text
    assert fragment(figure) == text


def test_script_and_style_ask_for_nothing() -> None:
    for text in (SCRIPT.replace("http://www.w3.org/2000/svg", ""), STYLE):
        assert "http" not in text
        assert "import" not in text
        assert "</" not in text


# --- the figures in a browser ------------------------------------------------------------------


def write_page(folder: Path, sheet: str = "") -> str:
    body = "\n".join(map(fragment, FIGURES))
    page = folder / "page.html"
    page.write_text(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Figures</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{sheet}\n{STYLE}</style><script>{SCRIPT}</script></head>"
        f"<body><main><h1>Figures</h1>{body}</main></body></html>",
        encoding="utf-8",
    )
    return page.as_uri()


class Opened:
    """A page with all figures, and whatever it complained about or asked for."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)
        self.page.wait_for_function(
            "document.querySelectorAll('.i-handle').length && [...document.querySelectorAll("
            "'[data-interactive]')].every((f) => f.querySelector('.i-handle'))"
        )

    def words(self, figure: str) -> str:
        return str(self.page.locator(f"#interactive-{figure} .i-live").inner_text())

    def handles(self, figure: str) -> Any:
        return self.page.locator(f"#interactive-{figure} .i-handle")

    def drag(self, handle: Any, right: float, down: float) -> None:
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right / 2, y + down / 2)
        self.page.mouse.move(x + right, y + down)
        self.page.mouse.up()


def close(opened: Opened, address: str) -> None:
    assert opened.problems == []
    assert opened.requests == [address]
    opened.page.close()


@pytest.mark.parametrize("figure", IDS)
def test_dragging_and_keys_change_the_words_and_reset_restores_them(
    browser: Any, tmp_path: Path, figure: str
) -> None:
    address = write_page(tmp_path)
    opened = Opened(browser, address, viewport={"width": 1000, "height": 900})
    start = opened.words(figure)
    reset = opened.page.locator(f"#interactive-{figure} .i-reset")

    opened.drag(opened.handles(figure).first, 40, -25)
    dragged = opened.words(figure)
    assert dragged != start
    reset.click()
    assert opened.words(figure) == start

    handle = opened.handles(figure).first
    handle.focus()
    before = handle.get_attribute("aria-valuetext")
    opened.page.keyboard.press("ArrowRight")
    small = float(handle.get_attribute("aria-valuenow"))
    opened.page.keyboard.press("Shift+ArrowRight")
    large = float(handle.get_attribute("aria-valuenow"))
    opened.page.keyboard.press("ArrowDown")
    assert opened.words(figure) != start
    assert handle.get_attribute("aria-valuetext") != before
    assert large > small
    # Focus stays, or the next key would be lost.
    assert handle.evaluate("e => e === document.activeElement")
    reset.click()
    assert opened.words(figure) == start
    assert handle.get_attribute("aria-valuetext") == before
    close(opened, address)


@pytest.mark.parametrize("figure", IDS)
def test_every_handle_and_control_does_something(browser: Any, tmp_path: Path, figure: str) -> None:
    address = write_page(tmp_path)
    opened = Opened(browser, address, viewport={"width": 1000, "height": 900})
    whole = opened.page.locator(f"#interactive-{figure}")
    picture = whole.locator(".i-svg")
    for k in range(opened.handles(figure).count()):
        handle = opened.handles(figure).nth(k)
        assert handle.get_attribute("aria-label")
        for keys in ("Shift+ArrowLeft", "ArrowUp"):
            seen = picture.inner_html()
            handle.focus()
            opened.page.keyboard.press(keys)
            assert picture.inner_html() != seen, (k, keys)
    for change in ("input[type=range]", "input[type=checkbox]", "select", "button"):
        for k in range(whole.locator(change).count()):
            seen = picture.inner_html()
            control = whole.locator(change).nth(k)
            if change == "select":
                control.select_option(index=1)
            elif change == "input[type=range]":
                control.press("ArrowLeft")
            else:
                control.click()
            assert picture.inner_html() != seen
    close(opened, address)


def test_the_words_speak_of_what_is_seen(browser: Any, tmp_path: Path) -> None:
    address = write_page(tmp_path)
    opened = Opened(browser, address, viewport={"width": 1000, "height": 900})
    assert "no step along w* is enough at (1,\u00a01)" in opened.words("margin")
    assert "stays in its −1 region for ever" in opened.words("section6")
    assert "bounded: class 1" in opened.words("softmax")
    assert "leaves the −1 region at step 0.5" in opened.words("relu")
    for _ in range(2):
        opened.handles("margin").first.press("Shift+ArrowUp")
    assert "Not separable" in opened.words("margin")
    opened.page.locator("#interactive-softmax select").select_option(label="two classes")
    assert "probabilities are the same" in opened.words("softmax")
    opened.page.locator("#interactive-section6 input[type=checkbox]").check()
    assert "turns every accurate rule" in opened.words("section6")
    close(opened, address)


def test_fingers_drag_handles_on_a_phone(browser: Any, tmp_path: Path) -> None:
    address = write_page(tmp_path)
    phone = {"viewport": {"width": 360, "height": 700}, "has_touch": True, "is_mobile": True}
    opened = Opened(browser, address, **phone)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    start = opened.words("margin")
    handle = opened.handles("margin").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = opened.page.context.new_cdp_session(opened.page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 20, "y": y + 30}]),
        ("touchMove", [{"x": x - 30, "y": y + 40}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    opened.page.wait_for_function(
        "words => document.querySelector('#interactive-margin .i-live').innerText !== words",
        arg=start,
    )
    close(opened, address)


def test_nothing_leaks_into_the_page(browser: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.write_text("<!doctype html><title>Empty</title>", encoding="utf-8")
    page = browser.new_page()
    page.goto(empty.as_uri())
    names = "Object.getOwnPropertyNames(window)"
    before = set(page.evaluate(names))
    page.close()
    address = write_page(tmp_path)
    opened = Opened(browser, address)
    assert set(opened.page.evaluate(names)) <= before
    close(opened, address)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("site", [True, False], ids=["colours of the site", "own colours"])
def test_axe_finds_nothing(
    browser: Any, tmp_path: Path, scheme: str, width: int, site: bool
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="needs axe: pip install axe-playwright-python",
    )
    # Where a page brings no colours it must at least let the browser choose them by the scheme.
    sheet = (
        files("verify.reporting").joinpath("templates/report.css").read_text(encoding="utf-8")
        if site
        else ":root { color-scheme: light dark; }"
    )
    address = write_page(tmp_path, sheet)
    opened = Opened(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = axe.Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    close(opened, address)
