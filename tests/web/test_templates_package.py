"""The 172 graph files of the templates package in the browser: they open, look as they were drawn, and lose nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.engine.drawings import template_files
from tests.web.editing import Desk
from tests.web.gestures import DROP_TEXT

DRAWN = """() => {
  const { model, editor } = window.darkroom.view;
  const { groups } = editor.document.graph(editor.graph);
  return {
    nodes: [...model.nodes].map(([id, { node }]) =>
      [id, ...node.pos, node.title ?? null, node.color ?? null, node.bgcolor ?? null]),
    sizes: [...model.nodes].map(([id, { rect }]) => [id, rect.width, rect.height]),
    groups: [...groups.values()].map((each) => [each.title, [...each.pos, ...each.size], each.color ?? null]),
    links: model.links.size,
  };
}"""

TITLE_BAR = 28
"""Files give the place and the size of a node without it."""

MOST_GROWN = 24
"""Pixels by which a node may be higher than in the file: our rows are as high as a finger needs them."""


def pair(value: Any) -> tuple[float, float]:
    """A point as files write it: a list, or what was an array of numbers in JavaScript."""
    first, second = value.values() if isinstance(value, dict) else value
    return first, second


def bar(node: dict[str, Any]) -> int:
    """The height of a node's title bar; a reroute has none."""
    return 0 if node["type"] == "Reroute" else TITLE_BAR


def looks(node: dict[str, Any]) -> tuple[float, float, str | None, str | None, str | None]:
    """Where a node of a file stands, its title and its colours."""
    x, y = pair(node["pos"])
    return x, y - bar(node), node.get("title"), node.get("color"), node.get("bgcolor")


def canonical(workflow: dict[str, Any]) -> dict[str, Any]:
    """A workflow without what saving may change: names of settings come in, wires that no list of wires has go."""
    for graph in (workflow, *workflow.get("definitions", {}).get("subgraphs", [])):
        known = {link[0] if isinstance(link, list) else link["id"] for link in graph["links"]}
        for node in graph["nodes"]:
            node.get("properties", {}).pop("widget_names", None)
            node.setdefault("inputs", [])
            for output in node.setdefault("outputs", []):
                if output.get("links") is not None:
                    output["links"] = sorted(known.intersection(output["links"]))
    return workflow


@pytest.fixture(scope="module")
def page_of_file(server: LiveServer, browser: Any) -> Any:
    context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")
    desk = Desk(context.new_page(), server.url).open()
    yield desk
    context.close()


@pytest.mark.parametrize("path", template_files(), ids=lambda path: path.stem)
def test_a_template_opens_looks_as_drawn_and_saves_with_nothing_lost(page_of_file: Desk, path: Path) -> None:
    desk, text = page_of_file, path.read_text()
    desk.page.keyboard.press("Alt+w")
    desk.page.evaluate(DROP_TEXT, [f"{path.stem}.json", text])
    expect(desk.active).to_have_text(path.stem)
    drawn, file = desk.page.evaluate(DRAWN), json.loads(text)
    nodes = {str(node["id"]): node for node in file["nodes"]}
    assert {id: tuple(looked) for id, *looked in drawn["nodes"]} == {id: looks(node) for id, node in nodes.items()}
    for id, width, height in drawn["sizes"]:
        if not nodes[id].get("flags", {}).get("collapsed"):
            wide, high = pair(nodes[id]["size"])
            assert width == pytest.approx(wide, abs=0.01), nodes[id]["type"]
            assert high - 0.5 <= height - bar(nodes[id]) <= high + MOST_GROWN, nodes[id]["type"]
    groups = [(each["title"], each["bounding"], each.get("color")) for each in file.get("groups", [])]
    assert [tuple(each) for each in drawn["groups"]] == groups
    assert canonical(desk.exported()) == canonical(file)
