"""What large graphs cost the page, in exact counts: nodes mounted, elements, renderings, layouts, frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.drawings import tiled
from benchmarks.live import LiveServer
from tests.web.editing import Desk
from tests.web.gestures import DROP_TEXT

MOST_MOUNTED = 150
MOST_ELEMENTS = 6000

WATCH = """() => {
  const host = document.querySelector("#canvas");
  window.renders = [];
  const moves = (change) => change.attributeName === "style" && change.target.style.transform !== "";
  const layer = ({ parentElement: parent, childElementCount: children }) =>
    parent === host || (parent?.parentElement === host && children === 0);
  const note = (changes) => {
    for (const change of changes) {
      if (!(moves(change) && layer(change.target))) {
        window.renders.push(`${change.type} ${change.attributeName ?? ""} of ${change.target.nodeName}`);
      }
    }
  };
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(note).observe(document.body, all);
}"""
"""Notes every change of the page but the moves of whole layers: those of the canvas and the frame in the minimap."""

PAN = """async (frames) => {
  const { editor } = window.darkroom.view;
  for (let n = 0; n < frames; n++) {
    const { x, y, zoom } = editor.camera;
    const step = n % 2 ? 8 : -8;
    editor.look({ x: x + step, y: y + step, zoom });
    await new Promise(requestAnimationFrame);
  }
}"""
"""Moves to and fro, so that no node comes into view: to mount that one is no rendering of others."""


@pytest.fixture(scope="module", params=[1000, 2000])
def large(request: pytest.FixtureRequest, server: LiveServer, browser: Any) -> Iterator[Desk]:
    """The editor with a graph of so many nodes."""
    context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")
    desk = Desk(context.new_page(), server.url).open()
    desk.page.evaluate(DROP_TEXT, [f"large {request.param}.json", tiled(request.param)])
    expect(desk.active).to_have_text(f"large {request.param}")
    desk.page.wait_for_function("n => window.darkroom.view.model.nodes.size === n", arg=request.param)
    yield desk
    assert not desk.said
    context.close()


def settled(desk: Desk) -> dict[str, Any]:
    """The counters once nothing moves any more."""
    counters = "() => { const { times, ...rest } = window.darkroom.counters; return rest; }"
    before = desk.page.evaluate(counters)
    while True:
        desk.page.wait_for_timeout(400)
        after = dict(desk.page.evaluate(counters))
        if after == before:
            return after
        before = after


def look(desk: Desk, zoom: float) -> None:
    """Look at the middle of the graph at this zoom."""
    desk.page.evaluate(
        """zoom => {
          const { view } = window.darkroom;
          const [width, height] = view.viewport;
          const shapes = [...view.model.nodes.values()];
          const shape = shapes[Math.floor(shapes.length / 2)];
          const [x, y] = shape.node.pos;
          view.editor.look({ x: x - width / 2 / zoom, y: y - height / 2 / zoom, zoom });
        }""",
        zoom,
    )


@pytest.mark.parametrize("zoom", [1.0, 0.7, 0.6, 0.3, 0.05])
def test_only_what_can_be_read_is_mounted(large: Desk, zoom: float) -> None:
    look(large, zoom)
    counters = settled(large)
    assert counters["mounted"] <= MOST_MOUNTED
    assert large.page.evaluate("document.querySelectorAll('*').length") <= MOST_ELEMENTS
    if zoom >= 0.7:
        assert counters["mounted"] >= 4
    if zoom < 0.1:
        assert counters["mounted"] == 0


@pytest.mark.parametrize("zoom", [0.8, 0.3])
def test_panning_renders_nothing_and_forces_no_layout(large: Desk, zoom: float) -> None:
    look(large, zoom)
    before = settled(large)
    session = large.page.context.new_cdp_session(large.page)
    session.send("Performance.enable")

    def layouts() -> float:
        return next(
            each["value"] for each in session.send("Performance.getMetrics")["metrics"] if each["name"] == "LayoutCount"
        )

    large.page.evaluate(PAN, 3)  # from now on the page knows that something moves
    large.page.evaluate(WATCH)
    laid_out = layouts()
    large.page.evaluate(PAN, 60)
    assert layouts() - laid_out == 0
    assert large.page.evaluate("window.renders") == []
    after = settled(large)
    assert after["frames"] - before["frames"] >= 60
    assert after["mounts"] == before["mounts"]
    session.detach()


def test_typing_into_a_prompt_draws_nothing(large: Desk) -> None:
    look(large, 1.0)
    settled(large)
    words = large.canvas.get_by_role("textbox", name="text").first
    words.click()
    before = settled(large)
    large.page.keyboard.type(" with a blue balloon")
    after = settled(large)
    assert words.input_value().endswith(" with a blue balloon")
    assert (after["repaints"], after["mounts"]) == (before["repaints"], before["mounts"])
    large.page.keyboard.press("Escape")
    large.page.keyboard.press("Control+z")


PROGRESS = """value => {
  const { model, editor } = window.darkroom.view;
  const ids = [...model.nodes.keys()];
  editor.setRun(ids[Math.floor(ids.length / 2)], { state: "running", value, max: 20 });
}"""


def test_progress_draws_one_node(large: Desk) -> None:
    look(large, 0.3)
    large.page.evaluate(PROGRESS, 3)
    before = settled(large)
    for value in (4, 5, 6):
        large.page.evaluate(PROGRESS, value)
        large.page.wait_for_timeout(100)
    after = settled(large)
    large.page.evaluate("() => window.darkroom.view.editor.clearRuns()")
    assert after["patches"] - before["patches"] == 3
    assert (after["repaints"], after["mounts"]) == (before["repaints"], before["mounts"])


def test_an_idle_editor_draws_no_frame(large: Desk) -> None:
    before = settled(large)
    large.page.wait_for_timeout(1500)
    assert settled(large)["frames"] == before["frames"]
