"""Saving, reloading, two tabs on one file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.editing import SECONDS, Desk


def test_what_was_saved_is_there_after_a_reload(desk: Desk) -> None:
    desk.field("What to see", "text").fill("a lighthouse at night")
    desk.save_as("lighthouse")
    desk.reload()
    expect(desk.active).to_have_text("lighthouse")
    expect(desk.field("What to see", "text")).to_have_value("a lighthouse at night")


def test_what_was_not_saved_is_there_after_a_reload_too(desk: Desk) -> None:
    desk.field("What to see", "text").fill("a tent that nobody saved")
    desk.page.wait_for_timeout(1.5 * SECONDS)
    desk.reload()
    expect(desk.field("What to see", "text")).to_have_value("a tent that nobody saved")


def test_unsaved_edits_of_a_saved_file_are_recovered_and_can_be_undone(desk: Desk) -> None:
    desk.field("What to see", "text").fill("first")
    desk.save_as("recovered")
    desk.field("What to see", "text").fill("second")
    desk.page.wait_for_timeout(1.5 * SECONDS)
    desk.reload()
    expect(desk.field("What to see", "text")).to_have_value("second")
    expect(desk.active).to_have_text(re.compile("recovered.*edited", re.DOTALL))
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.page.keyboard.press("Control+z")
    expect(desk.field("What to see", "text")).to_have_value("first")


def test_two_tabs_on_one_file_never_overwrite_each_other_silently(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    first = new_desk(server).open()
    first.field("What to see", "text").fill("of both")
    first.save_as("shared")
    second = new_desk(server).open()
    open_saved(second, "shared")
    expect(second.field("What to see", "text")).to_have_value("of both")

    first.field("What to see", "text").fill("of the first")
    first.save()
    expect(first.message("Saved shared").last).to_be_visible()
    second.field("What to see", "text").fill("of the second")
    second.save()
    expect(second.message(re.compile("saved by somebody else"))).to_be_visible()
    assert "of the first" in str(server.get("/api/darkroom/workflows/shared"))

    # Theirs is not lost when ours is put over it.
    second.page.get_by_role("button", name="Save over it").click()
    expect(second.active).not_to_have_text(re.compile("edited"))
    assert "of the second" in str(server.get("/api/darkroom/workflows/shared"))
    versions = server.get("/api/darkroom/workflows/shared/versions")["versions"]
    kept = [str(server.get(f"/api/darkroom/workflows/shared?version={each['id']}")) for each in versions]
    assert any("of the first" in each for each in kept)


def test_a_second_tab_of_the_same_browser_keeps_its_own_drafts(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    first = new_desk(server).open()
    second = new_desk(server, beside=first).open()
    first.field("What to see", "text").fill("drawn in the first")
    second.field("What to see", "text").fill("drawn in the second")
    first.page.wait_for_timeout(1.5 * SECONDS)
    first.reload()
    second.reload()
    expect(first.field("What to see", "text")).to_have_value("drawn in the first")
    expect(second.field("What to see", "text")).to_have_value("drawn in the second")


def test_a_picture_that_was_made_here_opens_as_its_graph(desk: Desk, server: LiveServer) -> None:
    desk.field("What to see", "text").fill("a boat in a picture")
    desk.run()
    desk.expect_state("Save Image", "done", "cached")
    desk.wait_until_idle()
    newest = max((server.base / "output").rglob("*.png"), key=lambda path: path.stat().st_mtime)
    desk.open_file(newest)
    expect(desk.tabs).to_have_count(2)
    expect(desk.field("What to see", "text")).to_have_value("a boat in a picture")


def test_text_of_a_file_is_only_ever_text(desk: Desk, tmp_path: Path) -> None:
    markup = "<img src=x onerror=document.title='broken'>"
    node = {"id": 1, "type": "CLIPTextEncode", "title": markup, "pos": [0, 0], "size": [300, 120]}
    node["widgets_values"] = [markup]
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"nodes": [node], "links": [], "version": 0.4}))
    desk.open_file(path)
    expect(desk.canvas.get_by_text(markup).first).to_be_visible()
    assert desk.page.title() != "broken"


def test_a_file_that_is_no_workflow_gets_a_calm_message(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "poem.json"
    path.write_text('["roses", "are", "red"]')
    desk.open_file(path)
    expect(desk.message(re.compile("Nothing was opened"))).to_be_visible()
    expect(desk.tabs).to_have_count(1)


def open_saved(desk: Desk, name: str) -> None:
    """Open a saved workflow from the files panel."""
    desk.page.get_by_role("button", name="Files and templates").click()
    desk.page.get_by_role("button", name=re.compile(rf"^{name}\b")).click()
    expect(desk.active).to_have_text(name)
