"""Versions of a file: what changed, drawn and in words, and any of them back again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.editing import Desk


def test_versions_show_what_changed_and_come_back_one_undo_away(desk: Desk, server: LiveServer) -> None:
    page = desk.page
    words = desk.field("What to see", "text")
    words.fill("a red house")
    desk.save_as("history")
    words.fill("a blue boat")
    desk.save()
    expect(desk.message("Saved history").last).to_be_visible()
    desk.node("VAE Decode").click(position={"x": 60, "y": 12})
    page.keyboard.press("Delete")
    expect(desk.node("VAE Decode")).to_have_count(0)

    desk.command("Versions of this file")
    dialog = page.get_by_role("dialog", name="Versions of history")
    versions = dialog.get_by_role("option")
    expect(versions).to_have_count(2)
    expect(versions.nth(0)).to_contain_text("1 setting changed")
    expect(versions.nth(1)).to_contain_text("First saved")

    # By keyboard to the oldest: from it to what is drawn, a setting and a node changed.
    page.keyboard.press("ArrowDown")
    expect(versions.nth(1)).to_have_attribute("aria-selected", "true")
    changes = dialog.get_by_role("region", name="What changed")
    expect(changes.get_by_role("deletion")).to_have_text("a red house")
    expect(changes.get_by_role("insertion")).to_have_text("a blue boat")
    drawing = dialog.get_by_role("group", name="Drawing of what changed")
    expect(drawing.locator('[data-diff="removed"]')).to_have_text(re.compile("VAE Decode"))
    expect(drawing.locator('[data-diff="removed"]')).to_contain_text("−")
    expect(drawing.locator('[data-diff="changed"]')).to_contain_text("≠")

    # A click in the list puts the node into the middle.
    before = drawing.locator("svg").get_attribute("viewBox")
    changes.get_by_role("button", name=re.compile("^VAE Decode")).click()
    expect(drawing.locator("svg")).not_to_have_attribute("viewBox", before or "")
    board, node = drawing.bounding_box(), drawing.locator('[data-diff="removed"] rect').bounding_box()
    assert board is not None and node is not None
    assert abs(node["x"] + node["width"] / 2 - board["x"] - board["width"] / 2) < 4

    dialog.get_by_role("button", name="Restore this version").click()
    expect(dialog).to_have_count(0)
    expect(words).to_have_value("a red house")
    expect(desk.node("VAE Decode")).to_be_visible()
    assert "a red house" in str(server.get("/api/darkroom/workflows/history"))

    # What was drawn and never saved is one undo away, and a version too.
    desk.canvas.click(position={"x": 60, "y": 700})
    page.keyboard.press("Control+z")
    expect(words).to_have_value("a blue boat")
    expect(desk.node("VAE Decode")).to_have_count(0)
    kept = server.get("/api/darkroom/workflows/history/versions")["versions"]
    texts = [str(server.get(f"/api/darkroom/workflows/history?version={each['id']}")) for each in kept]
    assert any("a blue boat" in each and "VAEDecode" not in each for each in texts)


def test_a_version_opens_as_a_file_of_its_own(desk: Desk) -> None:
    words = desk.field("What to see", "text")
    words.fill("as it was")
    desk.save_as("branching")
    words.fill("as it is")
    desk.save()
    expect(desk.message("Saved branching").last).to_be_visible()
    desk.command("Versions of this file")
    desk.page.get_by_role("option").nth(1).click()
    desk.page.get_by_role("button", name="Open as a new file").click()
    expect(desk.tabs).to_have_count(2)
    expect(words).to_have_value("as it was")
    expect(desk.active).to_have_text(re.compile("^branching of"))
