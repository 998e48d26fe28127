"""The interactive figures: their life in a browser."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from verify.claims.registry import CLAIMS
from verify.reference.interactive import FIGURES, SCRIPT, STYLE, Interactive, fragment

IDS = [figure.id for figure in FIGURES]


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
    assert "probabilities are the same" in opened.words("softmax")
    assert "leaves the −1 region at step 0.5" in opened.words("relu")
    for _ in range(2):
        opened.handles("margin").first.press("Shift+ArrowUp")
    assert "Not separable" in opened.words("margin")
    heads = opened.page.locator("#interactive-softmax select")
    heads.select_option(label="four classes, one enclosed")
    assert "bounded: class 1" in opened.words("softmax")
    heads.select_option(label="three classes, parallel differences")
    cells = opened.page.locator("#interactive-softmax tbody td:nth-child(2)").all_inner_texts()
    assert cells == ["0", "−1", "0"]  # all biases: only the first can be moved
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
        reason="needs axe: make browser",
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
