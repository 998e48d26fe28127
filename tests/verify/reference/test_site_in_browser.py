"""The site in a real browser: nothing fails, nothing is fetched, everything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from verify.claims.claim import Verdict
from verify.claims.registry import CLAIMS
from verify.reference import build
from verify.reference.interactive import FIGURES

PAGES = ("index", "search", "map", "findings", "experiments", *build.CHAPTERS, *CLAIMS)
EVERY_KIND = (
    "index", "search", "map", "findings", "experiments", "notation", "charles-thm-4",
    "zou-unbounded", "code-charles-thm-4",
)  # fmt: skip
WIDTHS = (360, 768, 960, 1280, 1600)
SERIOUS = ("serious", "critical")
# The words of pictures that are cut off, and the numbers of an axis that run into its title.
ASTRAY = """() => [...document.querySelectorAll('svg.plot')].flatMap((picture) => {
  const frame = picture.getBoundingClientRect();
  const words = [...picture.querySelectorAll('text')].map((text) => [
    text.textContent, text.getBoundingClientRect(), text.hasAttribute('transform')]);
  const title = words.find((word) => word[2]);
  return words.filter(([, box, turned]) => box.left < frame.left - 1.5
    || box.right > frame.right + 1.5 || title && !turned && box.right < title[1].right + 40
      && Math.min(box.bottom, title[1].bottom) > Math.max(box.top, title[1].top)
      && box.left < title[1].right - 1).map((word) => word[0]);
})"""


@contextmanager
def opened(browser: Any, site: Path, name: str, **options: Any) -> Iterator[Any]:
    """Open a page; afterwards it must have complained of nothing and asked for nothing else."""
    page = browser.new_page(**options)
    problems: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    address = (site / f"{name}.html").as_uri()
    page.goto(address)
    yield page
    page.close()
    assert problems == []
    assert requests == [address]


def shown(page: Any, selector: str) -> int:
    """Return how many elements can be seen."""
    return sum(element.is_visible() for element in page.locator(selector).all())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_shows_its_formulas_and_fits(browser: Any, site: Path, name: str) -> None:
    with opened(browser, site, name, viewport={"width": 1280, "height": 900}) as page:
        assert page.locator("header nav.wide").bounding_box()["height"] < 40  # one line
        page.evaluate(
            "document.querySelectorAll('main details').forEach((d) => { d.open = true; })"
        )
        formulas = page.evaluate(
            "[...document.querySelectorAll('main math')].map((m) => m.getBoundingClientRect())"
            ".map((r) => [r.width, r.height])"
        )
        assert all(width > 0 and height > 0 for width, height in formulas)
        assert formulas or name not in CLAIMS
        assert page.evaluate(ASTRAY) == []
        # Where the converter gives up, the LaTeX would show.
        assert "\\mathrm" not in page.inner_text("main")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            # Nor does a formula run over into the next column.
            assert not page.evaluate(
                "[...document.querySelectorAll('.findings td math')].filter((m) => "
                "m.getBoundingClientRect().right > m.closest('td').getBoundingClientRect().right"
                " + 1).map((m) => m.textContent)"
            )


@pytest.mark.parametrize("name", EVERY_KIND)
def test_axe_finds_nothing_serious(browser: Any, site: Path, name: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="needs axe: make browser",
    )
    with opened(browser, site, name) as page:
        if page.locator("#show-repaired").count():
            page.locator("#show-repaired").check()  # some rows are as good as all, and sooner read
        for scheme, width in (("light", 1280), ("dark", 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            serious = [
                (violation["id"], node["html"][:200])
                for violation in axe.Axe().run(page).response["violations"]
                if violation["impact"] in SERIOUS
                for node in violation["nodes"]
            ]
            assert serious == [], (scheme, width)


@pytest.mark.parametrize("figure", FIGURES, ids=[figure.id for figure in FIGURES])
def test_figures_on_their_pages_answer_to_keys_and_drags(
    browser: Any, site: Path, figure: Any
) -> None:
    for name in figure.claims:
        with opened(browser, site, name) as page:
            words = page.locator(f"#interactive-{figure.id} .i-live")
            handle = page.locator(f"#interactive-{figure.id} .i-handle").first
            handle.wait_for()
            before = words.inner_text()
            handle.focus()
            for _ in range(6):
                page.keyboard.press("Shift+ArrowRight")
            moved = words.inner_text()
            assert moved != before, name
            handle.scroll_into_view_if_needed()
            box = handle.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 20, y + 35)
            page.mouse.move(x - 40, y + 70)
            page.mouse.up()
            assert words.inner_text() != moved, name


def test_the_map_leads_to_the_pages_by_keyboard(browser: Any, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / "map.html").as_uri())
    whole = page.locator("svg.map").bounding_box()
    assert whole["x"] >= 0
    assert whole["x"] + whole["width"] <= 1280
    link = page.locator('svg.map a[href="charles-thm-4.html"]')
    assert "The max-margin" in link.text_content()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/charles-thm-4.html")
    assert "The max-margin direction" in page.inner_text("h1")
    page.close()


@pytest.mark.parametrize("name", ["index", "findings"])
def test_filters_leave_the_claims_of_one_verdict(browser: Any, site: Path, name: str) -> None:
    false = sum(claim.verdict is Verdict.FALSE for claim in CLAIMS.values())
    rows = 'main [class*="is-"]'
    # The style sheet filters: without a script, and by the keyboard as well.
    context = browser.new_context(java_script_enabled=False)
    with opened(context, site, name) as page:
        assert shown(page, rows) == len(CLAIMS)
        page.locator("#show-false").check()
        assert shown(page, rows) == shown(page, f"{rows}.is-false") == false
        page.keyboard.press("ArrowLeft")
        assert shown(page, rows) == shown(page, f"{rows}.is-repaired") > 0
        page.locator("#show-all").check()
        assert shown(page, rows) == len(CLAIMS)
    context.close()


def test_the_search_finds_words_of_every_kind_of_page(browser: Any, site: Path) -> None:
    with opened(browser, site, "search") as page:
        field, found = page.locator("main input"), page.locator("#found a")
        for words, address in (
            ("theorem 4 max-margin", "charles-thm-4.html"),
            ("max_margin library", "library.html"),
            ("made-up numbers", "experiments.html#sample"),
            ("Definition 1", "zou-def-1.html"),
        ):
            field.fill(words)
            leads = [link.get_attribute("href") for link in found.all()]
            assert address in [*leads, *(lead.partition("#")[0] for lead in leads)], words
        field.fill("nosuchwordanywhere")
        assert found.count() == 0
        assert page.inner_text("#found-count") == "no places"
        field.fill("")
        assert page.inner_text("#found-count") == ""


def test_every_page_leads_to_the_search_by_keyboard(browser: Any, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / "charles-lem-3.html").as_uri())
    page.locator("header form input").fill("multipliers")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=multipliers")
    assert page.locator("main input").input_value() == "multipliers"
    page.locator("#found a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "search.html" not in address)
    page.close()


def test_a_phone_has_a_menu_without_a_script(browser: Any, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    with opened(context, site, "charles-thm-5") as page:
        assert not page.locator("header nav.wide").is_visible()
        links = page.locator(".narrow a")
        assert not links.first.is_visible()
        page.locator(".narrow summary").focus()
        page.keyboard.press("Enter")
        assert shown(page, ".narrow a") == links.count() > 8
        for width in (360, 600, 820):
            page.set_viewport_size({"width": width, "height": 700})
            box = page.locator(".narrow nav").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        # What scrolls beside its list has lost the number in front of it.
        assert page.evaluate(
            "getComputedStyle(document.querySelector('.proof > li')).overflow"
        ) == ("visible")
    context.close()


def test_light_dark_and_print_have_their_colours(browser: Any, site: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, site, "charles-thm-4", color_scheme="light") as page:
        light = page.evaluate(ground)
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(ground) != light
        page.emulate_media(media="print")
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        assert not page.locator("header").is_visible()
        assert not page.locator(".interactive").first.is_visible()
        assert page.locator("h1").is_visible()
        assert len(page.pdf(format="A4")) > 20_000
        whole = "getComputedStyle(document.querySelector('{}')).breakInside"
        for part in (".relations li", ".objects", ".proof > li > p", "figure"):
            assert page.evaluate(whole.format(part)) == "avoid"
