"""What hands do at the desk, and small graphs drawn in code to do it on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any

import numpy
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.web.editing import Desk

Point = tuple[float, float]

TITLE_BAR = 28
"""Files say where a node is without its title bar."""

DROP_TEXT = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "application/json" }));
  const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data });
  document.querySelector("main").dispatchEvent(drop);
}"""


@dataclass
class Sketch:
    """A small workflow, drawn in code. types: the server's /object_info"""

    types: Mapping[str, Any]
    nodes: list[dict[str, Any]] = field(default_factory=list)
    links: list[list[Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)

    def node(self, title: str, type: str, x: int, y: int, **values: Any) -> Sketch:
        """Put a node at a point. values: settings by name, which then must be all of the type's"""
        spec = self.types[type]
        wanted = {**spec["input"].get("required", {}), **spec["input"].get("optional", {})}
        sockets = [(name, each[0]) for name, each in wanted.items() if isinstance(each[0], str) and each[0].isupper()]
        drawn: dict[str, Any] = {
            "id": len(self.nodes) + 1,
            "type": type,
            "title": title,
            "pos": [x, y + TITLE_BAR],
            "inputs": [{"name": name, "type": kind, "link": None} for name, kind in sockets if kind not in SETTINGS],
            "outputs": [
                {"name": name, "type": kind, "links": []}
                for name, kind in zip(spec["output_name"], spec["output"], strict=True)
            ],
            "properties": {},
        }
        if values:
            drawn["widgets_values"] = list(values.values())
            drawn["properties"]["widget_names"] = list(values)
        self.nodes.append(drawn)
        return self

    def wire(self, *wires: str) -> Sketch:
        """Draw wires, each said as "Source.IMAGE > Invert.image"."""
        by_title = {each["title"]: each for each in self.nodes}
        for words in wires:
            start, end = (part.split(".") for part in words.split(" > "))
            source, target = by_title[start[0]], by_title[end[0]]
            first = [each["name"] for each in source["outputs"]].index(start[1])
            second = [each["name"] for each in target["inputs"]].index(end[1])
            id = len(self.links) + 1
            self.links.append([id, source["id"], first, target["id"], second, source["outputs"][first]["type"]])
            source["outputs"][first]["links"].append(id)
            target["inputs"][second]["link"] = id
        return self

    def frame(self, title: str, x: int, y: int, width: int, height: int) -> Sketch:
        self.groups.append({"id": len(self.groups) + 1, "title": title, "bounding": [x, y, width, height]})
        return self

    def text(self) -> str:
        counts = {"last_node_id": len(self.nodes), "last_link_id": len(self.links)}
        return json.dumps({**counts, "nodes": self.nodes, "links": self.links, "groups": self.groups, "version": 0.4})


SETTINGS = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")


def chain(types: Mapping[str, Any]) -> Sketch:
    """A picture that is inverted twice and shown; beside it, an inverter and a mask that nothing is wired to."""
    sketch = Sketch(types)
    sketch.node("Source", "EmptyImage", 0, 0).node("First", "ImageInvert", 320, 0)
    sketch.node("Second", "ImageInvert", 640, 0).node("Show", "PreviewImage", 960, 0)
    sketch.node("Spare", "ImageInvert", 320, 240).node("Mask", "SolidMask", 0, 240)
    return sketch.wire("Source.IMAGE > First.image", "First.IMAGE > Second.image", "Second.IMAGE > Show.images")


CHAIN = {"Source.IMAGE > First.image", "First.IMAGE > Second.image", "Second.IMAGE > Show.images"}


numbers = count(1)


def show(desk: Desk, sketch: Sketch | str) -> None:
    """Close what is shown, and open this instead by dropping it, under a name that nothing has had before."""
    page, name = desk.page, f"sketch {next(numbers)}"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    if desk.tabs.count():
        page.keyboard.press("Alt+w")
    page.evaluate(DROP_TEXT, [f"{name}.json", sketch if isinstance(sketch, str) else sketch.text()])
    expect(desk.active).to_have_text(re.compile(rf"^\s*{name}\b"))
    settled(desk)


def settled(desk: Desk) -> None:
    """Wait until frames no longer change what is mounted: nodes mount a few at a time."""
    desk.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"
    )


# What the document holds.


def named(workflow: Mapping[str, Any]) -> dict[int, str]:
    """The title of each node, its type where it has none."""
    return {each["id"]: each.get("title") or each["type"] for each in workflow["nodes"]}


def wires_of(workflow: Mapping[str, Any]) -> list[str]:
    """All wires, each as "Source.IMAGE > Invert.image"."""
    titles = named(workflow)
    nodes = {each["id"]: each for each in workflow["nodes"]}
    found = []
    for _, start, first, end, second, *_ in workflow["links"]:
        output, input = nodes[start]["outputs"][first]["name"], nodes[end]["inputs"][second]["name"]
        found.append(f"{titles[start]}.{output} > {titles[end]}.{input}")
    return sorted(found)


def wires(desk: Desk) -> set[str]:
    found = wires_of(desk.exported())
    assert len(found) == len(set(found)), f"a wire is there twice: {found}"
    return set(found)


def titles(desk: Desk) -> list[str]:
    return sorted(named(desk.exported()).values())


def places(desk: Desk) -> dict[str, Point]:
    """The upper left corner of each node's title bar, in the graph."""
    workflow = desk.exported()
    names = named(workflow)
    return {names[each["id"]]: (each["pos"][0], each["pos"][1] - TITLE_BAR) for each in workflow["nodes"]}


def one(desk: Desk, title: str) -> dict[str, Any]:
    """The only node with this title, as it is saved."""
    (found,) = [each for each in desk.saved_nodes() if (each.get("title") or each["type"]) == title]
    return found


def values(desk: Desk, title: str) -> dict[str, Any]:
    """Its settings by name."""
    node = one(desk, title)
    return dict(zip(node["properties"]["widget_names"], node["widgets_values"], strict=True))


# Where things are.


def camera(desk: Desk) -> dict[str, float]:
    found: dict[str, float] = desk.page.evaluate("() => ({ ...window.darkroom.view.editor.camera })")
    return found


def on_screen(desk: Desk, at: Point) -> Point:
    """Where a point of the graph is on the page."""
    look, box = camera(desk), desk.canvas.bounding_box()
    assert box is not None
    return box["x"] + (at[0] - look["x"]) * look["zoom"], box["y"] + (at[1] - look["y"]) * look["zoom"]


def header(desk: Desk, title: str) -> Point:
    """A point of a node's title bar, at which it can be taken."""
    box = desk.node(title).bounding_box()
    assert box is not None, f"{title} is not shown"
    zoom = camera(desk)["zoom"]
    return box["x"] + 60 * zoom, box["y"] + 14 * zoom


def body(desk: Desk, title: str) -> Point:
    """A point of a node with no socket and no setting near it."""
    box = desk.node(title).bounding_box()
    assert box is not None, f"{title} is not shown"
    zoom = camera(desk)["zoom"]
    return box["x"] + box["width"] / 2, box["y"] + 40 * zoom


def middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def wire_middle(desk: Desk, start: tuple[str, str], end: tuple[str, str]) -> Point:
    """Halfway along a wire between nodes that stand apart: a curve is symmetric."""
    return middle(desk.socket(start[0], f"out:{start[1]}"), desk.socket(end[0], f"in:{end[1]}"))


def expect_wire(desk: Desk, shown: bool) -> None:
    """Wait until the wire between First and Second is seen halfway, or is not: where it is not, all is grey."""
    x, y = wire_middle(desk, ("First", "IMAGE"), ("Second", "image"))
    desk.page.mouse.move(*desk.empty_spot())
    for _ in range(20):
        png = desk.page.screenshot(clip={"x": x - 6, "y": y - 6, "width": 12, "height": 12})
        with Image.open(BytesIO(png)) as picture:
            pixels = numpy.asarray(picture.convert("RGB"), dtype=int)
        if ((pixels.max(axis=-1) - pixels.min(axis=-1)).max() > 40) == shown:
            return
        desk.page.wait_for_timeout(100)
    raise AssertionError(f"the wire should {'be' if shown else 'not be'} seen")


# What hands do.


def select(desk: Desk, *wanted: str) -> None:
    """Click one node, and the others with Shift, in this order."""
    settled(desk)
    for place, title in enumerate(wanted):
        with holding(desk, *(["Shift"] if place else [])):
            desk.page.mouse.click(*header(desk, title))
    expect(desk.canvas.locator(".node.selected")).to_have_count(len(wanted))


def chosen(desk: Desk) -> list[str]:
    """Titles of the selected nodes, in the order in which they were selected; the type where there is none."""
    found: list[str] = desk.page.evaluate(
        """() => {
          const { editor } = window.darkroom.view;
          const { nodes } = editor.document.graph(editor.graph);
          return [...editor.selection].map((id) => nodes.get(id)).map((node) => node.title ?? node.type);
        }"""
    )
    return found


def press(desk: Desk, *keys: str) -> None:
    for key in keys:
        desk.page.keyboard.press(key)


@contextmanager
def holding(desk: Desk, *keys: str) -> Iterator[None]:
    for key in keys:
        desk.page.keyboard.down(key)
    yield
    for key in reversed(keys):
        desk.page.keyboard.up(key)


def stroke(
    desk: Desk, points: Sequence[Point], *, keys: Sequence[str] = (), button: str = "left", steps: int = 10
) -> None:
    """Press at the first point, follow the others, release; with keys held from before until after."""
    mouse = desk.page.mouse
    mouse.move(*points[0])
    with holding(desk, *keys):
        mouse.down(button=button)  # type: ignore[arg-type]
        for point in points[1:]:
            mouse.move(*point, steps=steps)
        mouse.up(button=button)  # type: ignore[arg-type]


def click(desk: Desk, at: Point, *keys: str, button: str = "left") -> None:
    with holding(desk, *keys):
        desk.page.mouse.click(*at, button=button)  # type: ignore[arg-type]


def menu(desk: Desk, at: Point, label: str) -> None:
    """Choose an entry of the context menu at a point."""
    click(desk, at, button="right")
    desk.page.get_by_role("menuitem").filter(has=desk.page.get_by_text(label, exact=True)).click()


def add_box(desk: Desk) -> Locator:
    return desk.page.get_by_role("dialog", name="Add node")


def offered(desk: Desk) -> list[str]:
    """Titles in the add-node box, from the top."""
    return [text.strip() for text in add_box(desk).locator("[role=option] .cut:not(.category)").all_inner_texts()]


def said(desk: Desk) -> Locator:
    """The words at the pointer."""
    return desk.canvas.locator("> [role=status]")
