"""Looking around: fitting, panning, zooming, bookmarks, walking, finding, the palette, links shown or hidden."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import (
    CHAIN,
    camera,
    chosen,
    click,
    expect_wire,
    header,
    holding,
    menu,
    on_screen,
    press,
    select,
    settled,
    stroke,
    wires,
)

EMPTY = (760.0, 200.0)


def whole(desk: Desk, title: str) -> bool:
    """Whether all of a node is within the canvas."""
    inner, outer = desk.node(title).bounding_box(), desk.canvas.bounding_box()
    assert inner is not None and outer is not None
    return (
        inner["x"] >= outer["x"]
        and inner["y"] >= outer["y"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    )


def lost(desk: Desk) -> None:
    """Look somewhere else, from near."""
    desk.page.evaluate("() => window.darkroom.view.flyTo({ x: 1050, y: 40, zoom: 2 })")
    settled(desk)


def test_home_fits_all_and_a_full_stop_the_selection(drawn: Desk) -> None:
    lost(drawn)
    press(drawn, "Home")
    settled(drawn)
    assert all(whole(drawn, title) for title in ("Source", "Show", "Mask"))
    select(drawn, "First", "Second")
    press(drawn, ".")
    settled(drawn)
    both = [drawn.node(title).bounding_box() for title in ("First", "Second")]
    outer = drawn.canvas.bounding_box()
    assert outer is not None and both[0] is not None and both[1] is not None
    centre = (both[0]["x"] + both[1]["x"] + both[1]["width"]) / 2
    assert centre == pytest.approx(outer["x"] + outer["width"] / 2, abs=2)


def test_control_0_shows_the_graph_at_its_own_size(drawn: Desk) -> None:
    lost(drawn)
    press(drawn, "Control+0")
    assert camera(drawn)["zoom"] == 1


def test_the_menu_of_the_canvas_fits_too(drawn: Desk) -> None:
    lost(drawn)
    press(drawn, "-")
    menu(drawn, drawn.empty_spot(), "Fit all")
    settled(drawn)
    assert all(whole(drawn, title) for title in ("Source", "Show", "Mask"))


def moved_by(desk: Desk, before: tuple[float, float], title: str) -> tuple[float, float]:
    settled(desk)
    after = header(desk, title)
    return after[0] - before[0], after[1] - before[1]


def test_space_and_drag_the_middle_button_and_two_fingers_pan(drawn: Desk) -> None:
    (x, y) = start = on_screen(drawn, EMPTY)
    before = header(drawn, "First")
    stroke(drawn, [start, (x + 60, y + 40)], keys=["Space"])
    assert moved_by(drawn, before, "First") == pytest.approx((60, 40), abs=2)
    before = header(drawn, "First")
    stroke(drawn, [(x, y), (x - 50, y - 30)], button="middle")
    assert moved_by(drawn, before, "First") == pytest.approx((-50, -30), abs=2)
    before = header(drawn, "First")
    drawn.page.wait_for_timeout(200)
    drawn.page.mouse.wheel(24, 13)
    settled(drawn)
    assert moved_by(drawn, before, "First") == pytest.approx((-24, -13), abs=2)
    assert camera(drawn)["zoom"] == 1


def test_space_pans_even_over_a_node_and_moves_none(drawn: Desk) -> None:
    (x, y) = header(drawn, "First")
    stroke(drawn, [(x, y), (x + 60, y + 40)], keys=["Space"])
    settled(drawn)
    assert header(drawn, "First") == pytest.approx((x + 60, y + 40), abs=2)
    assert not drawn.page.evaluate("() => window.darkroom.view.editor.document.canUndo")


def test_the_wheel_and_a_pinch_zoom_about_the_pointer(drawn: Desk) -> None:
    start = header(drawn, "First")
    drawn.page.mouse.move(*start)
    drawn.page.wait_for_timeout(200)
    drawn.page.mouse.wheel(0, -120)
    settled(drawn)
    nearer = camera(drawn)["zoom"]
    assert nearer > 1.1
    box = drawn.node("First").bounding_box()
    assert box is not None and (start[0] - box["x"]) / nearer == pytest.approx(60, abs=2)
    drawn.page.wait_for_timeout(200)
    with holding(drawn, "Control"):
        drawn.page.mouse.wheel(0, 30)
    settled(drawn)
    assert camera(drawn)["zoom"] < nearer


def test_plus_and_minus_zoom(drawn: Desk) -> None:
    press(drawn, "=")
    nearer = camera(drawn)["zoom"]
    assert nearer == pytest.approx(1.2)
    press(drawn, "-", "-")
    assert camera(drawn)["zoom"] == pytest.approx(1 / 1.2)
    press(drawn, "NumpadAdd")
    assert camera(drawn)["zoom"] == pytest.approx(1)


def test_bookmarks_are_set_and_gone_to(drawn: Desk) -> None:
    lost(drawn)
    press(drawn, "Shift+B", "3")
    kept = camera(drawn)
    press(drawn, "Home")
    assert camera(drawn) != kept
    press(drawn, "b", "3")
    assert camera(drawn) == kept
    press(drawn, "Home")
    drawn.command("Go to bookmark 3")
    assert camera(drawn) == kept
    press(drawn, "b", "9")
    expect(drawn.message(re.compile("no bookmark 9"))).to_be_visible()


def test_alt_and_arrows_walk_along_the_wires(drawn: Desk) -> None:
    select(drawn, "Source")
    for keys, title in (
        ("Alt+ArrowRight", "First"),
        ("Alt+ArrowRight", "Second"),
        ("Alt+ArrowLeft", "First"),
        ("Alt+ArrowDown", "Spare"),
        ("Alt+ArrowUp", "First"),
    ):
        press(drawn, keys)
        assert chosen(drawn) == [title]
        expect(drawn.node(title)).to_be_focused()
    drawn.command("Go to the node after")
    assert chosen(drawn) == ["Second"]


def test_brackets_go_through_all_nodes_in_order(drawn: Desk) -> None:
    click(drawn, on_screen(drawn, EMPTY))
    seen = []
    for _ in range(6):
        press(drawn, "]")
        seen += chosen(drawn)
    assert sorted(seen) == ["First", "Mask", "Second", "Show", "Source", "Spare"]
    assert seen.index("Source") < seen.index("First") < seen.index("Second") < seen.index("Show")
    press(drawn, "[")
    assert chosen(drawn) == [seen[4]]


def test_control_f_finds_a_node_and_jumps_to_it(drawn: Desk) -> None:
    drawn.page.evaluate("() => window.darkroom.view.flyTo({ x: 5000, y: 5000, zoom: 1 })")
    press(drawn, "Control+f")
    drawn.page.keyboard.type("spa")
    expect(drawn.page.get_by_role("option").first).to_contain_text("Spare")
    press(drawn, "Enter")
    assert chosen(drawn) == ["Spare"]
    settled(drawn)
    assert whole(drawn, "Spare")


def test_the_outline_finds_and_jumps_by_mouse(drawn: Desk) -> None:
    drawn.page.evaluate("() => window.darkroom.view.flyTo({ x: 5000, y: 5000, zoom: 1 })")
    drawn.page.get_by_role("button", name="Outline").click()
    drawn.page.get_by_role("treeitem").filter(has_text="Second").click()
    assert chosen(drawn) == ["Second"]
    settled(drawn)
    assert whole(drawn, "Second")
    drawn.page.get_by_role("button", name="Outline", exact=True).click()


def test_the_palette_runs_a_command_by_a_few_letters(drawn: Desk) -> None:
    select(drawn, "Spare")
    press(drawn, "Control+k")
    box = drawn.page.get_by_role("combobox", name="Command palette")
    expect(box).to_be_focused()
    box.fill("nudge right")
    expect(drawn.page.get_by_role("option").first).to_contain_text("→")
    press(drawn, "Enter")
    expect(box).to_have_count(0)
    assert drawn.page.evaluate("() => window.darkroom.view.editor.document.undoLabel") == "Nudge"


def test_the_palette_opens_from_the_menu_and_closes_by_escape(drawn: Desk) -> None:
    drawn.page.get_by_role("button", name="Menu", exact=True).click()
    drawn.page.get_by_role("menuitem", name="Command palette").click()
    box = drawn.page.get_by_role("combobox", name="Command palette")
    expect(box).to_be_focused()
    press(drawn, "Escape")
    expect(box).to_have_count(0)


def test_k_shows_all_wires_those_of_selected_nodes_or_none(drawn: Desk) -> None:
    click(drawn, on_screen(drawn, EMPTY))
    expect_wire(drawn, True)
    press(drawn, "k")
    expect(drawn.message("Links of selected nodes are shown.")).to_be_visible()
    expect_wire(drawn, False)
    select(drawn, "First")
    expect_wire(drawn, True)
    press(drawn, "k")
    expect_wire(drawn, False)
    press(drawn, "k")
    expect_wire(drawn, True)
    assert wires(drawn) == CHAIN


def test_the_palette_hides_wires_too(drawn: Desk) -> None:
    click(drawn, on_screen(drawn, EMPTY))
    for shown in (False, False, True):
        drawn.command("Links: all, of selected nodes, none")
        expect_wire(drawn, shown)


def test_a_question_mark_opens_the_shortcut_sheet_and_so_does_the_menu(drawn: Desk) -> None:
    sheet = drawn.page.get_by_role("dialog", name="Shortcuts")
    press(drawn, "Shift+Slash")
    expect(sheet.get_by_text("Duplicate with incoming links", exact=True)).to_be_visible()
    sheet.get_by_role("searchbox").fill("straight")
    expect(sheet.get_by_role("listitem")).to_have_count(1)
    press(drawn, "Escape")
    expect(sheet).to_have_count(0)
    drawn.page.get_by_role("button", name="Menu", exact=True).click()
    drawn.page.get_by_role("menuitem", name="Shortcuts").click()
    expect(sheet).to_be_visible()
    press(drawn, "Escape")
    expect(sheet).to_have_count(0)
