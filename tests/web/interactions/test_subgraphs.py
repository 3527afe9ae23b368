"""Subgraphs: making, entering, leaving, unpacking; showing settings outside and on the form."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.web.editing import Desk
from tests.web.gestures import CHAIN, chosen, click, header, menu, named, press, select, settled, show, wires
from tests.web.gestures import Sketch as Drawing


def inner(desk: Desk) -> list[dict[str, Any]]:
    """The subgraphs of the file."""
    return list(desk.exported().get("definitions", {}).get("subgraphs", []))


def entered(desk: Desk) -> bool:
    return bool(desk.page.get_by_role("navigation", name="Place in the graph").count())


def made(desk: Desk) -> str:
    """Make one of First and Second by key; its title."""
    select(desk, "First", "Second")
    press(desk, "Control+Shift+g")
    (graph,) = inner(desk)
    assert sorted(named(graph).values()) == ["First", "Second"]
    (title,) = set(named(desk.exported()).values()) - {"Source", "Show", "Spare", "Mask"}
    return graph["name"] if title == graph["id"] else title


def test_a_subgraph_is_made_entered_left_and_unpacked_by_keys(drawn: Desk) -> None:
    title = made(drawn)
    links = [(source, target) for _, source, _, target, *_ in drawn.exported()["links"]]
    assert len(links) == 2, "one wire in, one out"
    assert len(chosen(drawn)) == 1
    press(drawn, "Enter")
    expect(drawn.node("First")).to_be_visible()
    expect(drawn.node("Source")).to_have_count(0)
    press(drawn, "Escape")
    expect(drawn.node("Source")).to_be_visible()
    expect(drawn.node(title)).to_be_visible()
    drawn.command("Unpack subgraph")
    assert wires(drawn) == CHAIN and inner(drawn) == []


def test_a_subgraph_is_made_entered_left_and_unpacked_by_mouse(drawn: Desk) -> None:
    select(drawn, "First", "Second")
    menu(drawn, header(drawn, "First"), "Make subgraph")
    (graph,) = inner(drawn)
    instance = drawn.canvas.locator("[data-node]:has(.node.subgraph)")
    drawn.page.mouse.dblclick(*under_title(drawn, instance))
    expect(drawn.node("First")).to_be_visible()
    assert entered(drawn)
    drawn.page.get_by_role("navigation", name="Place in the graph").get_by_role("button").first.click()
    expect(drawn.node("Source")).to_be_visible()
    assert not entered(drawn)
    settled(drawn)
    menu(drawn, under_title(drawn, instance), "Unpack subgraph")
    assert wires(drawn) == CHAIN and inner(drawn) == [] and graph["nodes"]


def under_title(desk: Desk, node: Locator) -> tuple[float, float]:
    box = node.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] - 8


def test_edits_inside_are_undone_in_the_same_history(drawn: Desk) -> None:
    before = wires(drawn)
    made(drawn)
    press(drawn, "Enter")
    select(drawn, "Second")
    press(drawn, "Delete")
    (graph,) = inner(drawn)
    assert list(named(graph).values()) == ["First"]
    press(drawn, "Control+z", "Control+z")
    assert wires(drawn) == before and inner(drawn) == []


def form_of(desk: Desk) -> list[tuple[str, str]]:
    """Settings on the form: node title and name."""
    workflow = desk.exported()
    items = workflow.get("extra", {}).get("darkroom_form", {}).get("items", [])
    return [(named(workflow)[int(each["node"])], each["setting"]) for each in items]


def label(desk: Desk, node: str, setting: str) -> tuple[float, float]:
    box = desk.node(node).get_by_role("spinbutton", name=setting, exact=True).bounding_box()
    assert box is not None
    return box["x"] + 20, box["y"] + box["height"] / 2


def test_alt_click_on_a_label_puts_a_setting_on_the_form_and_takes_it_off(drawn: Desk) -> None:
    click(drawn, label(drawn, "Source", "width"), "Alt")
    assert form_of(drawn) == [("Source", "width")]
    expect(drawn.message("width is on the form.")).to_be_visible()
    press(drawn, "Control+Shift+f")
    expect(drawn.page.get_by_role("spinbutton", name="Width", exact=True)).to_be_visible()
    press(drawn, "Control+Shift+f")
    click(drawn, label(drawn, "Source", "width"), "Alt")
    assert form_of(drawn) == []


def test_shift_p_puts_the_focused_setting_on_the_form(drawn: Desk) -> None:
    drawn.node("Mask").get_by_role("spinbutton", name="height", exact=True).focus()
    press(drawn, "Shift+P")
    assert form_of(drawn) == [("Mask", "height")]


def test_alt_click_inside_shows_a_setting_on_the_subgraph(desk: Desk, sketch: Drawing) -> None:
    sketch.node("Scale", "ImageScaleBy", 320, 0, upscale_method="bilinear", scale_by=1.5)
    sketch.node("Other", "ImageInvert", 640, 0).node("Source", "EmptyImage", 0, 0)
    show(desk, sketch.wire("Source.IMAGE > Scale.image", "Scale.IMAGE > Other.image"))
    select(desk, "Scale", "Other")
    press(desk, "Control+Shift+g", "Enter")
    expect(desk.node("Scale")).to_be_visible()
    settled(desk)
    click(desk, label(desk, "Scale", "scale_by"), "Alt")
    (graph,) = inner(desk)
    assert [each["name"] for each in graph["inputs"]].count("scale_by") == 1
    press(desk, "Escape")
    outside = desk.canvas.locator("[data-node]:has(.node.subgraph)").get_by_role("spinbutton", name="scale_by")
    expect(outside).to_be_visible()
    expect(outside).to_have_attribute("aria-valuenow", "1.5")
