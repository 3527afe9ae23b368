"""Saving, reloading, two tabs on one file; folders, templates, what is dropped, settings on the server."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.dropping import PROMPT, drop, latent, paste, plain_picture
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

    # It shows what differs, and nothing is saved until somebody has chosen.
    dialog = second.page.get_by_role("dialog", name="shared was saved by somebody else")
    changes = dialog.get_by_role("region", name="What changed")
    expect(changes.get_by_role("deletion")).to_have_text("of the first")
    expect(changes.get_by_role("insertion")).to_have_text("of the second")
    second.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(second.active).to_have_text(re.compile("edited"))
    assert "of the first" in saved_text(server, "shared")

    # Ours as a copy beside theirs.
    second.save()
    dialog.get_by_role("button", name=re.compile("^Keep mine as a copy")).click()
    expect(second.active).to_have_text("shared (mine)")
    assert "of the first" in saved_text(server, "shared")
    assert "of the second" in saved_text(server, "shared (mine)")


def test_ours_over_theirs_and_theirs_for_ours_lose_neither(server: LiveServer, new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(server).open()
    desk.field("What to see", "text").fill("of both")
    desk.save_as("contested")
    somebody_saves(server, "contested", "of somebody else")
    desk.field("What to see", "text").fill("of mine")
    desk.save()
    desk.page.get_by_role("button", name=re.compile("^Save mine over it")).click()
    expect(desk.active).not_to_have_text(re.compile("edited"))
    assert "of mine" in saved_text(server, "contested")
    assert any("of somebody else" in each for each in versions_of(server, "contested"))

    somebody_saves(server, "contested", "of a third")
    desk.field("What to see", "text").fill("mine again")
    desk.save()
    desk.page.get_by_role("button", name=re.compile("^Take the saved one")).click()
    expect(desk.field("What to see", "text")).to_have_value("of a third")
    assert any("mine again" in each for each in versions_of(server, "contested"))
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.page.keyboard.press("Control+z")
    expect(desk.field("What to see", "text")).to_have_value("mine again")


def test_a_name_that_is_taken_and_a_file_that_is_gone_are_asked_about(desk: Desk, server: LiveServer) -> None:
    page = desk.page
    desk.field("What to see", "text").fill("the first of its name")
    desk.save_as("one name")
    page.get_by_role("button", name="New workflow").click()
    page.get_by_role("button", name=re.compile("^Text to image")).click()
    desk.field("What to see", "text").fill("the second of its name")
    desk.command("Save as")
    page.get_by_role("textbox", name="Name", exact=True).fill("one name")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="There is a file called one name already")
    dialog.get_by_role("button", name=re.compile("^Keep mine as a copy")).click()
    expect(desk.active).to_have_text("one name (mine)")
    assert "the first of its name" in saved_text(server, "one name")

    path = f"{server.url}/api/darkroom/workflows/{quote('one name (mine)', safe='')}"
    urllib.request.urlopen(urllib.request.Request(path, method="DELETE"), timeout=20).close()
    desk.field("What to see", "text").fill("still mine")
    desk.save()
    page.get_by_role("button", name=re.compile("^Save mine again")).click()
    expect(desk.active).not_to_have_text(re.compile("edited"))
    assert "still mine" in saved_text(server, "one name (mine)")


def test_another_tab_of_the_same_browser_is_told_of_and_followed(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    first = new_desk(server).open()
    first.field("What to see", "text").fill("in two tabs")
    first.save_as("two tabs")
    second = new_desk(server, beside=first).open()
    open_saved(second, "two tabs")
    expect(second.message(re.compile("open in another tab"))).to_be_visible()
    first.field("What to see", "text").fill("saved in the first tab")
    first.save()
    expect(second.field("What to see", "text")).to_have_value("saved in the first tab")
    expect(second.active).to_have_text("two tabs")


def test_files_are_renamed_moved_duplicated_deleted_and_brought_back(desk: Desk, server: LiveServer) -> None:
    page = desk.page
    desk.field("What to see", "text").fill("a file among files")
    desk.save_as("drawer")
    page.get_by_role("button", name="Files and templates").click()
    choose(desk, "drawer", "Rename or move…")
    page.get_by_role("textbox", name=re.compile("New name")).fill("desk/left/drawer")
    page.keyboard.press("Enter")
    expect(desk.active).to_have_text("desk/left/drawer")
    expect(page.get_by_role("button", name=re.compile("^left folder"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^desk folder")).click()
    expect(page.get_by_role("button", name=re.compile("^left folder"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("^desk folder")).click()

    choose(desk, "desk/left/drawer", "Duplicate")
    expect(desk.active).to_have_text("desk/left/drawer copy")
    choose(desk, "desk/left/drawer copy", "Delete")
    expect(desk.message(re.compile("was deleted"))).to_be_visible()
    assert "desk/left/drawer copy" in server.get("/api/darkroom/workflows")["deleted"]
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(desk.message("desk/left/drawer copy is back.")).to_be_visible()
    assert "a file among files" in saved_text(server, "desk/left/drawer copy")
    choose(desk, "desk/left/drawer copy", "Delete")
    page.get_by_role("button", name="Bring back desk/left/drawer copy").click()
    expect(page.get_by_role("button", name=re.compile("^drawer copy"))).to_be_visible()


def test_edits_of_a_closed_file_can_be_brought_back(desk: Desk) -> None:
    words = desk.field("What to see", "text")
    words.fill("as saved")
    desk.save_as("closed early")
    words.fill("never saved")
    desk.page.get_by_role("button", name="Close closed early").click()
    expect(desk.tabs).to_have_count(0)
    desk.page.get_by_role("button", name="Reopen").click()
    expect(words).to_have_value("never saved")
    desk.page.get_by_role("button", name="Close closed early").click()
    expect(desk.tabs).to_have_count(0)
    desk.page.wait_for_timeout(0.5 * SECONDS)
    open_saved(desk, "closed early")
    expect(words).to_have_value("as saved")
    desk.page.get_by_role("button", name="Bring them back").click()
    expect(words).to_have_value("never saved")


def test_a_template_is_found_by_keyboard_and_opens_as_a_new_file(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("button", name="New workflow").click()
    expect(page.get_by_role("button", name=re.compile("^(Text|Image) to image"))).to_have_count(2)
    desk.command("Templates")
    dialog = page.get_by_role("dialog", name="Templates")
    for picture in dialog.locator("[data-template] img").all():
        picture.scroll_into_view_if_needed()
        loaded = "(picture) => picture.complete && picture.naturalWidth > 0"
        page.wait_for_function(loaded, arg=picture.element_handle())
    page.keyboard.type("hole")
    expect(dialog.locator("[data-template]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(desk.active).to_have_text("inpaint")
    expect(dialog).to_have_count(0)


def test_what_is_dropped_or_pasted_becomes_a_graph_or_a_node(desk: Desk, server: LiveServer) -> None:
    # A picture without a workflow is loaded by a node, where it fell.
    spot = desk.empty_spot()
    drop(desk, "sky.png", plain_picture(), spot)
    loader = desk.node("Load Image")
    expect(loader).to_be_visible()
    expect(loader.get_by_label("image", exact=True).first).to_be_visible()
    assert (server.base / "input" / "sky.png").is_file()
    box = loader.bounding_box()
    assert box is not None and abs(box["x"] - spot[0]) < 40 and abs(box["y"] - spot[1]) < 60
    desk.page.keyboard.press("Control+z")
    expect(loader).to_have_count(0)
    expect(desk.tabs).to_have_count(1)
    paste(desk, file=("pasted.webp", plain_picture("WEBP")))
    expect(loader).to_be_visible()

    # A picture with one, and tensors with one, open it.
    workflow = desk.exported()
    drop(desk, "with.latent", latent(workflow))
    expect(desk.active).to_have_text("with")
    expect(desk.tabs).to_have_count(2)

    # A prompt for scripts is laid out.
    paste(desk, text=json.dumps(PROMPT))
    expect(desk.tabs).to_have_count(3)
    nodes = desk.saved_nodes()
    assert len({tuple(node["pos"]) for node in nodes}) == len(PROMPT)
    drop(desk, "script.api.json", json.dumps(PROMPT).encode())
    expect(desk.active).to_have_text("script")


def test_settings_are_the_same_in_the_next_browser(server: LiveServer, new_desk: Callable[..., Desk]) -> None:
    first = new_desk(server).open()
    page = first.page
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("radio", name="Light").click()
    page.get_by_role("radio", name="Angled").click()
    page.get_by_role("searchbox", name="Search commands").fill("Fit all")
    page.get_by_role("button", name="Change the keys of Fit all").click()
    with page.expect_response(re.compile("/api/settings/Darkroom.Keys")):
        page.keyboard.press("F9")
    page.wait_for_timeout(0.8 * SECONDS)
    second = new_desk(server).open()
    expect(second.page.locator("html")).to_have_attribute("data-theme", "light")
    second.page.get_by_role("button", name="Settings", exact=True).click()
    expect(second.page.get_by_role("radio", name="Angled")).to_be_checked()
    second.page.get_by_role("searchbox", name="Search commands").fill("Fit all")
    expect(second.page.get_by_role("button", name="Change the keys of Fit all")).to_have_text("F9")


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


def saved_text(server: LiveServer, name: str) -> str:
    return str(server.get(f"/api/darkroom/workflows/{quote(name, safe='')}"))


def versions_of(server: LiveServer, name: str) -> list[str]:
    """The content of every version, as text."""
    path = f"/api/darkroom/workflows/{quote(name, safe='')}"
    return [str(server.get(f"{path}?version={each['id']}")) for each in server.get(f"{path}/versions")["versions"]]


def somebody_saves(server: LiveServer, name: str, text: str) -> None:
    """Save a file with another text to see, as a browser elsewhere would."""
    path = f"{server.url}/api/darkroom/workflows/{quote(name, safe='')}"
    workflow = server.get(f"/api/darkroom/workflows/{quote(name, safe='')}")["workflow"]
    for node in workflow["nodes"]:
        if node.get("title") == "What to see":
            node["widgets_values"] = [text]
    body = json.dumps({"workflow": workflow}).encode()
    urllib.request.urlopen(urllib.request.Request(path, body, method="PUT"), timeout=20).close()


def choose(desk: Desk, name: str, entry: str) -> None:
    """An entry of the menu of a saved file."""
    more = desk.page.get_by_role("button", name=f"More for {name}", exact=True)
    more.hover()
    more.click()
    desk.page.get_by_role("menuitem", name=entry).click()


def open_saved(desk: Desk, name: str) -> None:
    """Open a saved workflow from the files panel."""
    desk.page.get_by_role("button", name="Files and templates").click()
    desk.page.get_by_role("button", name=re.compile(rf"^{name}\b")).click()
    expect(desk.active).to_have_text(name)
