"""The site in a real browser: nothing fails, nothing is fetched, everything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from verify.claims.registry import CLAIMS
from verify.reference import build
from verify.reference.interactive import FIGURES

PAGES = ("index", "map", "findings", "experiments", *build.CHAPTERS, *CLAIMS)
EVERY_KIND = (
    "index", "map", "findings", "experiments", "notation", "extending", "charles-thm-4",
    "zou-unbounded", "charles-sec6-nontransfer", "code-charles-thm-4",
)  # fmt: skip
SERIOUS = ("serious", "critical")


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


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_shows_its_formulas_and_fits(browser: Any, site: Path, name: str) -> None:
    with opened(browser, site, name, viewport={"width": 1200, "height": 900}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 1200
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        formulas = page.evaluate(
            "[...document.querySelectorAll('math')].map((m) => m.getBoundingClientRect())"
            ".map((r) => [r.width, r.height])"
        )
        assert all(width > 0 and height > 0 for width, height in formulas)
        assert formulas or name not in CLAIMS
        # Where the converter gives up, the LaTeX would show.
        assert "\\mathrm" not in page.inner_text("main")
        page.set_viewport_size({"width": 360, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_nothing_serious(browser: Any, site: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="needs axe: pip install axe-playwright-python",
    )
    size = {"width": width, "height": 900}
    for name in EVERY_KIND if (scheme, width) != ("light", 1200) else PAGES:
        with opened(browser, site, name, viewport=size, color_scheme=scheme) as page:
            found = axe.Axe().run(page).response["violations"]
        serious = [
            (violation["id"], node["html"][:200])
            for violation in found
            if violation["impact"] in SERIOUS
            for node in violation["nodes"]
        ]
        assert serious == [], name


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
    page = browser.new_page()
    page.goto((site / "map.html").as_uri())
    link = page.locator('svg.map a[href="charles-thm-4.html"]')
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/charles-thm-4.html")
    assert "The max-margin direction" in page.inner_text("h1")
    page.close()
