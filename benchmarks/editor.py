"""What the editor costs in Chromium: `python -m benchmarks.editor`.

Frames are drawn in software here, without a limit of frames per second. Script time is what our code takes of a frame;
the time from frame to frame has the browser's painting in it, and whatever else the machine does.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.drawings import tiled
from benchmarks.live import ROOT, LiveServer, running, starter_models
from benchmarks.measure import Row, finish

BUILT = ROOT / "web" / "dist"
CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-frame-rate-limit",
    "--enable-precise-memory-info",
)
SIZES = (245, 1000, 2000)
FRAMES = 120
ZOOMED_FRAME = 25
"""Milliseconds; while the zoom changes the scene is painted anew up to thirty times a second."""

DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "application/json" }));
  const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data });
  document.querySelector("main").dispatchEvent(drop);
}"""

SHOWN = """count => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    const view = window.darkroom?.view;
    const here = view !== undefined && view.model.nodes.size >= count && view.counters.repaints > 0;
    if (here) done([performance.now(), performance.now() - began]);
    else requestAnimationFrame(look);
  };
  look();
})"""
"""Waits until a graph of so many nodes has been drawn: milliseconds since the page began, and since the call."""

MOVE = """async ([frames, zooming]) => {
  const { view } = window.darkroom;
  const settle = () => new Promise((done) => setTimeout(done, 600));
  await settle();
  const first = view.counters.frames;
  const gaps = [];
  let before = performance.now();
  for (let n = 0; n < frames; n++) {
    const { x, y, zoom } = view.editor.camera;
    const there = n % 60 < 30 ? 1 : -1;
    const [width, height] = view.viewport;
    const next = zooming ? zoom * 1.01 ** there : zoom;
    const middle = [x + width / 2 / zoom, y + height / 2 / zoom];
    const shift = zooming ? 0 : (there * 12) / zoom;
    view.editor.look({ x: middle[0] - width / 2 / next + shift, y: middle[1] - height / 2 / next, zoom: next });
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    gaps.push(performance.now() - before);
    before = performance.now();
  }
  const drawn = view.counters.frames - first;
  return [gaps, view.counters.times.slice(-drawn)];
}"""
"""Pans or zooms to and fro: times from frame to frame, and script times of the frames, in milliseconds."""


@contextmanager
def desk(browser: Browser, server: LiveServer) -> Iterator[Page]:
    """A fresh page with the editor."""
    context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("tab").first.wait_for()
    yield page
    context.close()


def built_size() -> Row:
    """All scripts and styles of the built editor, as they travel."""
    files = [path for path in BUILT.rglob("*") if path.suffix in (".js", ".css")]
    total = sum(len(gzip.compress(path.read_bytes(), 6)) for path in files)
    return Row("scripts and styles of the editor, gzipped", 250, total / 1000, "kB")


def first_load(browser: Browser, server: LiveServer) -> Row:
    """From the first request to the example on the canvas, with an empty cache."""
    found = []
    for _ in range(5):
        context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")
        page = context.new_page()
        page.goto(server.url, wait_until="commit")
        since_start, _ = page.evaluate(SHOWN, 5)
        page.get_by_role("button", name=re.compile("^Run")).first.wait_for()
        found.append(since_start / 1000)
        context.close()
    return Row("first load on loopback until the example is on the canvas", 1, statistics.median(found), "s")


def opening(browser: Browser, server: LiveServer) -> Row:
    """From the drop of a file of 1,000 nodes to its picture on the canvas."""
    text, found = tiled(1000), []
    for number in range(5):
        with desk(browser, server) as page:
            page.wait_for_timeout(500)
            page.evaluate(DROP, [f"large {number}.json", text])
            found.append(page.evaluate(SHOWN, 1000)[1] / 1000)
    return Row("opening a workflow of 1,000 nodes", 1, statistics.median(found), "s")


def frames(browser: Browser, server: LiveServer) -> list[Row]:
    """Panning and zooming, where nodes are boxes with titles and where the whole graph is seen."""
    rows = []
    for size in SIZES:
        with desk(browser, server) as page:
            page.evaluate(DROP, ["large.json", tiled(size)])
            page.evaluate(SHOWN, size)
            for place, most in (("zoom 0.6", 8), ("fit", 25)):
                page.keyboard.press("Home")
                if place != "fit":
                    page.evaluate("zoom => window.darkroom.view.editor.look({ x: 0, y: 0, zoom })", 0.6)
                for what, zooming in (("pan", False), ("zoom", True)):
                    gaps, script = page.evaluate(MOVE, [FRAMES, zooming])
                    target = ZOOMED_FRAME if zooming else most
                    claim = f"{what} at {place}, {size} nodes"
                    rows.append(Row(f"{claim}: script of a frame", target, statistics.median(script), "ms"))
                    rows.append(Row(f"{claim}: frame to frame", target, statistics.median(gaps), "ms"))
    return rows


PARTS: dict[str, Callable[[Browser, LiveServer], Any]] = {
    "size": lambda *_: built_size(),
    "load": first_load,
    "open": opening,
    "frames": frames,
}


def main() -> None:
    """Measure, print the table, and fail where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=tuple(PARTS))
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="darkroom_editor_"))
    starter_models(base)
    rows: list[Row] = []
    try:
        with running(base) as server, sync_playwright() as playwright:
            server.ready()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for name in options.only:
                found = PARTS[name](browser, server)
                rows += found if isinstance(found, list) else [found]
            browser.close()
    finally:
        shutil.rmtree(base, ignore_errors=True)
    finish(rows, "make bench-editor")


if __name__ == "__main__":
    main()
