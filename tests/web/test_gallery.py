"""What runs have made is found again, looked at closely, compared, used and removed, also after a restart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.live import ROOT, LiveServer
from tests.web.editing import Desk

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect


def make(server: LiveServer, *pictures: tuple[str, int]) -> None:
    """Run the shipped text-to-image workflow for each prompt and seed, as the editor would."""
    drawing = json.loads((ROOT / "workflows" / "text_to_image.json").read_text())
    jobs = []
    for text, seed in pictures:
        for node in drawing["nodes"]:
            if node["type"] == "KSampler":
                node["widgets_values"][0], node["widgets_values"][2] = seed, 4
            if node.get("title") == "What to see":
                node["widgets_values"][0] = text
        jobs.append(server.post("/prompt", {"workflow": drawing})["prompt_id"])
    for job in jobs:
        server.finished(job)


class Gallery:
    """The gallery and the viewer of a tab."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page = desk, desk.page
        self.cells = self.page.get_by_role("list", name="Pictures").locator("[data-index]")
        self.search = self.page.get_by_role("searchbox", name="Search pictures")
        self.viewer = self.page.get_by_role("dialog", name="Viewer")

    def open(self) -> Gallery:
        self.page.keyboard.press("g")
        expect(self.search).to_be_visible()
        return self

    def names(self) -> list[str]:
        return [str(each.get_attribute("aria-label")) for each in self.cells.all()]

    def act(self, index: int, what: str) -> None:
        """Choose in the context menu of a picture."""
        self.cells.nth(index).click(button="right")
        self.page.get_by_role("menuitem", name=what).click()


def test_pictures_are_found_viewed_compared_and_removed_and_outlive_the_server(
    own_server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    make(own_server, ("a red house", 7), ("a blue boat", 11), ("a green tree", 12))
    desk = new_desk(own_server).open()
    gallery = Gallery(desk).open()
    page = desk.page
    expect(gallery.cells).to_have_count(3)
    assert "green tree" in gallery.names()[0], "the newest comes first"
    expect(page.get_by_text("Today · 3")).to_be_visible()

    gallery.search.fill("model:starter seed:11 boat")
    expect(gallery.cells).to_have_count(1)
    gallery.search.fill("-boat sampler:nothing")
    expect(page.get_by_text("No picture fits this search.")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    page.get_by_role("button", name="Filter by Size").click()
    page.get_by_role("menuitemcheckbox", name=re.compile("128x128 · 3")).click()
    expect(gallery.search).to_have_value("size:128x128")
    page.get_by_role("button", name="Remove the filter size:128x128").click()

    look_closely(gallery)
    compare_and_apply(gallery)

    gallery.act(1, "Open its workflow")
    expect(desk.tabs).to_have_count(2)
    expect(desk.node("What to see").get_by_role("textbox", name="text")).to_have_value("a blue boat")

    gallery.act(0, "Use as input")
    expect(desk.node("Load Image")).to_be_visible()
    loaded = [node for node in desk.saved_nodes() if node["type"] == "LoadImage"]
    assert [node["widgets_values"][0] for node in loaded] == ["postcard_00003_.png [output]"]

    remove_with_and_without_undo(gallery, own_server.base / "output")

    own_server.stop()
    own_server.start()
    desk.reload()
    expect(gallery.cells).to_have_count(1)
    assert "red house" in gallery.names()[0]


def look_closely(gallery: Gallery) -> None:
    """Full view, digits, the comparing line by keys and by mouse, and back."""
    page, viewer = gallery.page, gallery.viewer
    gallery.cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(gallery.cells.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(viewer.get_by_text("128×128")).to_be_visible()
    expect(viewer.get_by_text("seed 11")).to_be_visible()
    page.keyboard.press("Shift+Digit1")
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_text("seed 7")).to_be_visible()
    page.keyboard.press("Shift+Digit2")
    page.keyboard.press("1")
    expect(viewer.get_by_text("seed 11")).to_be_visible()
    page.keyboard.press("2")
    expect(viewer.get_by_text("seed 7")).to_be_visible()

    page.keyboard.press("c")
    line = viewer.get_by_role("slider", name="Where the comparison is cut")
    expect(line).to_have_attribute("aria-valuenow", "50")
    line.focus()
    page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "52")
    line.hover()
    page.mouse.down()
    page.mouse.move(432, 400, steps=8)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", "27")
    other = viewer.get_by_role("img", name=re.compile("Compared with a blue boat"))
    assert "inset(0px 0px 0px" in other.evaluate("image => getComputedStyle(image).clipPath")
    page.keyboard.press("s")
    expect(line).to_have_count(0)
    expect(other).to_be_visible()
    page.keyboard.press("s")

    picture = viewer.get_by_role("img").first
    before = picture.bounding_box()
    assert before is not None
    page.mouse.move(before["x"] + 10, before["y"] + 10)
    page.mouse.wheel(0, -400)
    expect(viewer.get_by_text(re.compile(r"14\d\d %"))).to_be_visible()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = picture.bounding_box()
    assert after is not None
    assert abs(after["x"] + 20 - before["x"] - 10) < 3, "the point under the cursor stays"
    page.keyboard.press("i")
    expect(viewer.get_by_role("complementary", name="What made it")).to_contain_text("starter.safetensors")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def compare_and_apply(gallery: Gallery) -> None:
    """The settings of a picture against the open graph, one applied, then all, each one undo step."""
    page, desk = gallery.page, gallery.desk
    gallery.act(1, "Compare settings")
    dialog = page.get_by_role("dialog", name="Compare settings")
    expect(dialog.get_by_role("heading", name="KSampler")).to_be_visible()
    dialog.get_by_role("button", name="Apply seed of KSampler").click()
    expect(dialog.get_by_role("button", name="Apply seed of KSampler")).to_have_count(0)
    dialog.get_by_role("button", name=re.compile("^Apply all")).click()
    expect(dialog.get_by_text("same settings")).to_be_visible()
    page.keyboard.press("Escape")
    text = desk.node("What to see").get_by_role("textbox", name="text")
    expect(text).to_have_value("a blue boat")
    seeds = [node["widgets_values"][0] for node in desk.saved_nodes() if node["type"] == "KSampler"]
    assert seeds == [11]
    page.keyboard.press("Control+z")
    expect(text).not_to_have_value("a blue boat")
    page.keyboard.press("Control+z")


def remove_with_and_without_undo(gallery: Gallery, output: Path) -> None:
    page, desk = gallery.page, gallery.desk
    gallery.act(0, "Remove")
    page.get_by_role("button", name="Remove from history").click()
    expect(gallery.cells).to_have_count(2)
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(gallery.cells).to_have_count(3)

    gallery.cells.nth(0).hover()
    page.get_by_role("button", name="Select a green tree").click()
    gallery.cells.nth(1).click()
    page.get_by_role("button", name="Remove…", exact=True).click()
    page.get_by_role("button", name="Delete the files too").click()
    expect(gallery.cells).to_have_count(1)
    expect(desk.message("2 removed")).to_be_visible()
    expect(desk.message("2 removed")).to_have_count(0, timeout=12_000)
    page.wait_for_function("() => fetch('/api/darkroom/results').then(a => a.json()).then(b => b.total === 1)")
    assert [path.name for path in sorted(output.iterdir())] == ["postcard_00001_.png"]


def test_pictures_and_models_come_into_the_graph_by_hand_and_by_key(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    make(server, ("a yellow house", 21))
    desk = new_desk(server).open()
    page = desk.page
    gallery = Gallery(desk).open()
    expect(gallery.cells.first).to_be_visible()
    page.keyboard.press("Home")

    gallery.cells.first.drag_to(desk.canvas, target_position={"x": 300, "y": 60})
    expect(desk.node("Load Image")).to_be_visible()
    expect(desk.node("Load Image").get_by_role("img", name=re.compile("^Result"))).to_be_visible()
    desk.node("Load Image").get_by_role("button", name="View large").click()
    expect(gallery.viewer).to_be_visible()
    page.keyboard.press("d")
    beside = page.get_by_role("region", name="Viewer")
    expect(beside).to_be_visible()
    beside.get_by_role("button", name="Close viewer").click()
    page.keyboard.press("g")

    page.get_by_role("button", name="Models", exact=True).first.click()
    panel = page.get_by_role("region", name="Models")
    expect(panel.get_by_text(re.compile("Stable Diffusion 1 · F16"))).to_be_visible()
    before = desk.count()
    desk.canvas.focus()
    page.get_by_role("searchbox", name="Search models").fill("dusk")
    desk.command("Select nothing")
    panel.get_by_role("button", name=re.compile("starter_dusk")).click()
    expect(desk.node("Load LoRA")).to_be_visible()
    assert desk.count() == before + 1
    exported = desk.exported()
    lora = next(node for node in exported["nodes"] if node["type"] == "LoraLoader")
    sampler = next(node for node in exported["nodes"] if node["type"] == "KSampler")
    links = {link[0]: link for link in exported["links"]}
    model = next(each for each in sampler["inputs"] if each["name"] == "model")
    assert links[model["link"]][1] == lora["id"], "the LoRA stands between loader and sampler"
    assert lora["widgets_values"][0] == "starter_dusk.safetensors"
    page.keyboard.press("Control+z")
    expect(desk.node("Load LoRA")).to_have_count(0)


def test_missing_models_are_listed_with_the_nearest_one(
    server: LiveServer, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    drawing = json.loads((ROOT / "workflows" / "text_to_image.json").read_text())
    for node in drawing["nodes"]:
        if node["type"] == "CheckpointLoaderSimple":
            node["widgets_values"] = ["old/starter_v2.ckpt"]
    (tmp_path / "lost.json").write_text(json.dumps(drawing))
    desk = new_desk(server).open()
    desk.open_file(tmp_path / "lost.json")
    desk.command("Models")
    lost = desk.page.get_by_role("region", name="Missing in this workflow")
    expect(lost).to_contain_text("old/starter_v2.ckpt")
    lost.get_by_role("button", name="Use starter.safetensors").click()
    expect(lost).to_have_count(0)
    assert "starter.safetensors" in json.dumps(desk.saved_nodes())
