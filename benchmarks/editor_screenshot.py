"""Make the README's picture of the editor: `python -m benchmarks.editor_screenshot`.

Starts a server with the starter, opens the editor in Chromium, presses Run, and waits for the postcard.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.live import ROOT, running, starter_models

PICTURE = ROOT / "web" / "screenshot.png"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDTH, HEIGHT = 1360, 760


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PICTURE)
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="darkroom_shot_"))
    starter_models(base)
    with running(base) as server, sync_playwright() as playwright:
        server.ready()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=options.theme)
        page.goto(server.url)
        page.get_by_role("button", name="Run", exact=True).first.click()
        page.get_by_role("img", name=re.compile("^Result")).first.wait_for(timeout=90_000)
        page.wait_for_timeout(3000)  # until the marks of finished nodes have faded
        page.screenshot(path=options.out)
        browser.close()
    shutil.rmtree(base)
    print(options.out)


if __name__ == "__main__":
    main()
