"""The form view, promoted settings, and subgraphs from making to unpacking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from benchmarks.live import LiveServer
from tests.web.editing import RUN_WAIT, Desk
from tests.web.gestures import Point

PHONE = {"width": 360, "height": 740}
TARGET = 44
"""Pixels that a thumb needs."""


def form(desk: Desk) -> Locator:
    return desk.page.get_by_role("region", name="Form", exact=True)


def setting(desk: Desk, node: str, name: str) -> Locator:
    """The row of a setting on its node."""
    return desk.node(node).locator(f'[data-setting="{name}"]')


def results(desk: Desk) -> Locator:
    return form(desk).get_by_role("region", name="Results").get_by_role("img", name=re.compile("^Result"))


def spot(box: Locator) -> tuple[float, float]:
    """The middle of an element on the screen."""
    found = box.bounding_box()
    assert found is not None
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def test_alt_click_makes_a_form_that_changes_runs_and_undoes_the_same_workflow(desk: Desk) -> None:
    page = desk.page
    setting(desk, "KSampler", "steps").locator(".label").click(modifiers=["Alt"])
    expect(desk.message("steps is on the form.")).to_be_visible()
    setting(desk, "What to see", "text").get_by_role("textbox").click(modifiers=["Alt"])
    setting(desk, "KSampler", "cfg").locator(".label").click(modifiers=["Alt"])
    expect(desk.node("KSampler").get_by_title("On the form")).to_have_count(2)
    setting(desk, "KSampler", "cfg").locator(".label").click(modifiers=["Alt"])
    expect(desk.node("KSampler").get_by_title("On the form")).to_have_count(1)
    items = desk.exported()["extra"]["darkroom_form"]["items"]
    assert items == [{"node": "5", "setting": "steps"}, {"node": "2", "setting": "text"}]

    page.keyboard.press("Control+Shift+f")
    steps = form(desk).get_by_role("spinbutton", name="Steps")
    steps.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    words = form(desk).get_by_role("textbox", name="What to see")
    words.fill("a blue boat on the sea")
    before = results(desk).get_attribute("src") if results(desk).count() else None
    desk.run()
    expect(results(desk)).to_be_visible(timeout=RUN_WAIT)
    expect(results(desk)).not_to_have_attribute("src", before or "", timeout=RUN_WAIT)
    desk.wait_until_idle()
    first = results(desk).get_attribute("src")
    results(desk).click()
    expect(page.get_by_role("dialog", name="Viewer")).to_be_visible()
    page.keyboard.press("Escape")

    steps.focus()
    page.keyboard.press("Delete")  # in the form no key reaches the graph behind it
    page.keyboard.press("Control+z")
    expect(words).to_have_value(re.compile("red house"))
    expect(results(desk)).to_have_attribute("src", first or "")
    page.keyboard.press("Control+z")
    expect(steps).to_have_text(re.compile("20"))

    form(desk).get_by_role("button", name="Show in graph").click()
    expect(form(desk)).to_have_count(0)
    expect(desk.node("Save Image")).to_be_visible()
    assert desk.count() == 8


def test_an_automatic_form_is_arranged_by_keyboard_and_mouse_and_found_at_its_address(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("button", name="Form view").click()
    form(desk).get_by_role("button", name="Make a form").click()
    for name in ("Width", "Height", "Steps"):
        expect(form(desk).get_by_role("spinbutton", name=name)).to_be_visible()
    expect(form(desk).get_by_role("heading", name="Prompt")).to_be_visible()

    form(desk).get_by_role("button", name="Arrange").click()
    page.get_by_label("Label: Steps").fill("How careful")
    page.get_by_label("Help: Steps").fill("More takes longer")
    page.keyboard.press("Tab")
    grip = form(desk).get_by_role("button", name="Move How careful", exact=True)
    grip.focus()
    page.keyboard.press("ArrowUp")
    expect(form(desk).get_by_role("listitem").nth(7).get_by_label("Label: How careful")).to_have_count(1)
    expect(grip).to_be_focused()
    first = form(desk).get_by_role("listitem").first.bounding_box()
    assert first is not None
    desk.drag(spot(grip), (first["x"] + 20, first["y"] + 4))
    expect(form(desk).get_by_role("listitem").first.get_by_label("Label: How careful")).to_have_count(1)
    form(desk).get_by_role("button", name="Done").click()
    expect(form(desk).get_by_text("More takes longer")).to_be_visible()
    items = desk.exported()["extra"]["darkroom_form"]["items"]
    assert items[0] == {"node": "5", "setting": "steps", "label": "How careful", "help": "More takes longer"}

    desk.save_as("With a form")
    desk.reload()
    assert "view=form" in page.url
    expect(form(desk).get_by_role("spinbutton", name="How careful")).to_be_visible()
    form(desk).get_by_role("button", name="Graph", exact=True).click()
    assert "view=form" not in page.url

    # What is wrong elsewhere is told in the form, with the way to it.
    desk.node("What to avoid").locator("header").click()
    page.keyboard.press("Delete")
    page.keyboard.press("Control+Shift+f")
    expect(form(desk).get_by_text(re.compile("negative")).first).to_be_visible()
    expect(form(desk).get_by_text("1 setting is of a node that is not there now.")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(form(desk).get_by_role("textbox", name="What to avoid")).to_be_visible()


@pytest.fixture
def phone(server: LiveServer, browser: object) -> Iterator[Desk]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce")  # type: ignore[attr-defined]
    desk = Desk(context.new_page(), server.url)
    yield desk
    context.close()
    assert not desk.said


def test_a_phone_gets_the_form_with_results_first_and_targets_for_a_thumb(phone: Desk) -> None:
    page = phone.page
    page.goto(phone.url)
    page.get_by_role("region", name="Messages").get_by_role("button", name="Open the form").tap()
    form(phone).get_by_role("button", name="Make a form").tap()
    words = form(phone).get_by_role("textbox", name="What to see")
    words.fill("a lighthouse at night")
    form(phone).get_by_role("button", name="Run", exact=True).tap()
    expect(results(phone)).to_be_visible(timeout=RUN_WAIT)
    expect(form(phone).get_by_role("button", name="Cancel run")).to_have_count(0, timeout=RUN_WAIT)
    picture, field = results(phone).bounding_box(), words.bounding_box()
    assert picture is not None and field is not None
    assert picture["y"] < field["y"], "after a run the picture comes first"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    form(phone).get_by_role("button", name="Arrange").tap()
    boxes = (
        form(phone)
        .locator("button, input, a")
        .evaluate_all(
            """(all) => all.map((each) => [each.ariaLabel ?? each.innerText, each.getBoundingClientRect()])
          .map(([name, { width, height }]) => [name, width, height])"""
        )
    )
    assert boxes
    assert [(name, *size) for name, *size in boxes if size[0] and (size[1] < TARGET - 0.5 or size[0] < 40)] == []
    form(phone).get_by_role("button", name="Graph", exact=True).tap()
    expect(phone.canvas).to_be_visible()


class Fingers:
    """What fingers do on a phone, by the browser's own events."""

    def __init__(self, desk: Desk) -> None:
        self.session: Any = desk.page.context.new_cdp_session(desk.page)

    def _send(self, kind: str, points: Sequence[Point]) -> None:
        marks = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": marks})

    def press(self, *points: Point) -> None:
        self._send("touchStart", points)

    def lift(self) -> None:
        self._send("touchEnd", ())

    def slide(self, *ways: tuple[Point, Point], steps: int = 8) -> None:
        """Press, move each finger from one point to another, and lift."""
        self.press(*(start for start, _ in ways))
        for step in range(1, steps + 1):
            part = step / steps
            at = [(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in ways]
            self._send("touchMove", at)
        self.lift()


def test_fingers_pan_zoom_move_a_selected_node_and_open_the_menu(phone: Desk) -> None:
    page = phone.page
    page.goto(phone.url)
    expect(phone.canvas).to_be_visible()
    page.get_by_role("region", name="Messages").get_by_role("button", name="Close message").tap()
    hand = Fingers(phone)
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    # Two fingers zoom: from boxes to nodes that can be read.
    sampler = phone.node("KSampler")
    expect(sampler).to_have_count(0)
    hand.slide(((x - 20, y), (x - 120, y)), ((x + 20, y), (x + 120, y)))
    expect(phone.canvas.get_by_role("group").first).to_be_attached()
    phone.command("Find node in graph")
    page.get_by_role("combobox").fill("KSampler")
    page.keyboard.press("Enter")
    expect(sampler).to_be_visible()
    phone.command("Zoom to 100 %")

    # One finger on the desk pans; on a selected node it moves that.
    place = spot(sampler)
    edge = (box["x"] + 12, box["y"] + 12)
    hand.slide((edge, (edge[0] + 20, edge[1] + 60)))
    moved = spot(sampler)
    assert moved[1] - place[1] == pytest.approx(60, abs=8)
    positions = {each["id"]: each["pos"] for each in phone.saved_nodes()}
    header = sampler.locator("header")
    page.touchscreen.tap(*spot(header))
    hand.slide((spot(header), (spot(header)[0] + 30, spot(header)[1] + 30)))
    after = {each["id"]: each["pos"] for each in phone.saved_nodes()}
    assert {id for id in after if after[id] != positions[id]} == {5}

    # A long press opens the menu, with rows for a thumb.
    hand.press(spot(header))
    expect(page.get_by_role("menu")).to_be_visible()
    hand.lift()
    rows = [each.bounding_box() for each in page.get_by_role("menuitem").all()]
    assert rows
    assert all(row is not None and row["height"] >= TARGET for row in rows)


def make_subgraph(desk: Desk) -> Locator:
    """Put sampling and decoding into a subgraph; its instance."""
    desk.node("KSampler").locator("header").click()
    desk.node("VAE Decode").locator("header").click(modifiers=["Shift"])
    desk.page.keyboard.press("Control+Shift+g")
    instance = desk.node("Subgraph")
    expect(instance).to_be_visible()
    return instance


def test_inside_of_a_subgraph_runs_show_and_settings_are_promoted_to_its_instance(desk: Desk) -> None:
    page = desk.page
    before = desk.exported()
    make_subgraph(desk)
    page.keyboard.press("Enter")
    trail = page.get_by_role("navigation", name="Place in the graph")
    expect(trail.get_by_role("button")).to_have_text(["text_to_image", "Subgraph"])
    setting(desk, "KSampler", "steps").locator(".label").click(modifiers=["Alt"])
    expect(desk.message("steps is on the subgraph now.")).to_be_visible()
    expect(desk.node("KSampler").get_by_title("Shown outside, on the subgraph")).to_have_count(1)
    desk.run()
    desk.expect_state("KSampler", "done", "cached")
    desk.expect_state("VAE Decode", "done", "cached")
    desk.wait_until_idle()
    page.keyboard.press("Escape")
    expect(trail).to_have_count(0)

    steps = setting(desk, "Subgraph", "steps").get_by_role("spinbutton")
    steps.focus()
    page.keyboard.press("ArrowUp")
    written = desk.exported()
    inner = written["definitions"]["subgraphs"][0]
    outer = next(each for each in written["nodes"] if each["type"] == inner["id"])
    assert [each["name"] for each in inner["inputs"]][-1] == "steps"
    assert outer["inputs"][-1]["widget"] == {"name": "steps"}
    assert outer["widgets_values"] == [21]

    desk.canvas.focus()
    for _ in range(6):
        page.keyboard.press("Control+z")
    after = desk.exported()
    assert (after["nodes"], after["links"]) == (before["nodes"], before["links"])


def test_a_subgraph_gets_other_words_is_kept_inserted_in_another_file_and_unpacked(desk: Desk) -> None:
    page = desk.page
    instance = make_subgraph(desk)
    desk.command("Edit inputs and outputs")
    dialog = page.get_by_role("dialog", name=re.compile("^Inputs and outputs"))
    dialog.get_by_role("textbox", name="Name of latent_image").fill("start")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Move start up").click()
    page.keyboard.press("Escape")
    expect(instance.get_by_text("start", exact=True)).to_be_visible()
    desk.command("Save as node")
    page.get_by_role("textbox", name="Save as node: its name").fill("Painter")
    page.keyboard.press("Enter")
    expect(desk.message(re.compile("^Painter can now be added"))).to_be_visible()

    page.get_by_role("button", name="New workflow").first.click()
    page.mouse.click(*desk.empty_spot())
    page.keyboard.press("Tab")
    page.get_by_role("combobox", name="Search").fill("painter")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Subgraphs")
    option.click()
    expect(desk.node("Painter")).to_be_visible()
    inserted = desk.exported()
    assert [len(inserted["nodes"]), inserted["definitions"]["subgraphs"][0]["name"]] == [1, "Painter"]

    desk.command("Unpack subgraph")
    expect(desk.node("KSampler")).to_be_visible()
    assert "20" in setting(desk, "KSampler", "steps").inner_text()
    assert desk.exported().get("definitions", {}).get("subgraphs", []) == []
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert desk.count() == 0
