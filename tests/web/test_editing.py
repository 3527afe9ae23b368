"""Drawing: adding, connecting, taking back."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.editing import Desk


def test_undo_takes_back_what_was_typed_and_redo_does_it_again(desk: Desk) -> None:
    words = desk.field("What to see", "text")
    before = words.input_value()
    words.fill("a green tent")
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.page.keyboard.press("Control+z")
    expect(words).to_have_value(before)
    desk.page.keyboard.press("Control+Shift+z")
    expect(words).to_have_value("a green tent")


def test_undo_after_a_run_takes_back_the_edit_and_not_only_the_next_seed(desk: Desk) -> None:
    words = desk.field("What to see", "text")
    before = words.input_value()
    words.fill("a white balloon")
    desk.run()
    desk.expect_state("Save Image", "done", "cached")
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.page.keyboard.press("Control+z")
    expect(words).to_have_value(before)


def test_a_node_is_added_from_the_box(desk: Desk) -> None:
    before = desk.count()
    desk.page.mouse.move(*desk.empty_spot())
    desk.page.keyboard.press("Tab")
    box = desk.page.get_by_role("combobox", name="Search")
    box.fill("load image")
    expect(desk.page.get_by_role("option").first).to_contain_text("Load Image")
    desk.page.keyboard.press("Enter")
    expect(desk.node("Load Image")).to_be_visible()
    assert desk.count() == before + 1


def test_a_wire_is_drawn_with_the_mouse_and_taken_back(desk: Desk) -> None:
    desk.node("What to avoid").locator("header").click()
    desk.page.keyboard.press("Delete")
    expect(desk.node("What to avoid")).to_have_count(0)
    links = len(desk.exported()["links"])
    desk.drag(desk.socket("What to see", "out:CONDITIONING"), desk.socket("KSampler", "in:negative"))
    assert len(desk.exported()["links"]) == links + 1
    desk.page.keyboard.press("Control+z")
    assert len(desk.exported()["links"]) == links
    desk.page.keyboard.press("Control+z")
    expect(desk.node("What to avoid")).to_be_visible()


def test_a_wrong_value_is_marked_before_anything_runs(desk: Desk) -> None:
    desk.node("What to avoid").locator("header").click()
    desk.page.keyboard.press("Delete")
    expect(desk.node("KSampler").get_by_role("status").filter(has_text="negative")).to_be_visible()


def test_deleted_nodes_come_back_where_they_were(desk: Desk) -> None:
    before = desk.exported()
    desk.page.keyboard.press("Control+a")
    desk.page.keyboard.press("Delete")
    expect(desk.node("KSampler")).to_have_count(0)
    desk.page.keyboard.press("Control+z")
    expect(desk.node("KSampler")).to_be_visible()
    after = desk.exported()
    assert after["nodes"] == before["nodes"]
    assert after["links"] == before["links"]


def test_copied_nodes_are_pasted_where_the_mouse_is(desk: Desk) -> None:
    before = desk.count()
    desk.node("KSampler").locator("header").click()
    desk.page.keyboard.press("Control+c")
    desk.page.mouse.move(*desk.empty_spot())
    desk.page.keyboard.press("Control+v")
    expect(desk.node("KSampler")).to_have_count(2)
    assert desk.count() == before + 1


def test_a_bypassed_node_says_so_and_runs_again_when_turned_on(desk: Desk) -> None:
    desk.node("KSampler").locator("header").click()
    desk.page.keyboard.press("Control+b")
    assert [each["mode"] for each in desk.saved_nodes() if each["type"] == "KSampler"] == [4]
    desk.page.keyboard.press("Control+z")
    assert [each["mode"] for each in desk.saved_nodes() if each["type"] == "KSampler"] == [0]


def test_the_shortcut_sheet_lists_the_commands(desk: Desk) -> None:
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.page.keyboard.press("Shift+Slash")
    sheet = desk.page.get_by_role("dialog", name="Shortcuts")
    expect(sheet.get_by_text("Undo", exact=True)).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_run_to_a_node_runs_nothing_else(desk: Desk) -> None:
    desk.node("Save Image").locator("header").click()
    desk.page.keyboard.press("Shift+Enter")
    desk.expect_state("Save Image", "done", "cached")


def test_a_run_draws_the_next_seed_and_shows_the_one_it_used(desk: Desk) -> None:
    seed = desk.node("KSampler").get_by_label("seed", exact=True)
    before = seed.inner_text() or seed.input_value()
    desk.run()
    desk.expect_state("Save Image", "done", "cached")
    expect(desk.page.get_by_title(re.compile(r"Used: 7\b"))).to_have_count(1)
    assert (seed.inner_text() or seed.input_value()) != before
