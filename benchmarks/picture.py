"""The picture of a report in the README, in light and in dark.

``python -m benchmarks.picture REPORT FOLDER`` opens the page of a report in Chromium, as the tests
of the site do (``make browser``), and keeps its first screen as two small PNG files.
"""

import argparse
import io
import shutil
import sys
from pathlib import Path

from PIL import Image

SCREEN = {"width": 1100, "height": 640}  # pixels
COLOURS = 64  # of a picture: text in grey, and a few others


def main() -> int:
    """Write the pictures."""
    # Only `make browser` installs it, and `python -m benchmarks` imports every module.
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description="Keep the first screen of a report as pictures.")
    parser.add_argument("report", type=Path, metavar="REPORT", help="folder with index.html")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures go")
    options = parser.parse_args()
    address = (options.report / "index.html").resolve(strict=True).as_uri()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=SCREEN, color_scheme=scheme)
            page.set_default_timeout(300_000)  # a page of some megabytes, on a busy machine
            page.goto(address)
            with Image.open(io.BytesIO(page.screenshot())) as image:
                small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(options.folder / f"report-{scheme}.png", optimize=True)
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
