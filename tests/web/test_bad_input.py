"""Bad input: each gets a calm message, and nothing that was drawn is lost."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.dropping import drop
from tests.web.editing import SECONDS, Desk

MARKUP = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>"
LARGE = 10 * 2**20
LITTLE_ROOM = 4 * 2**20
"""Bytes; the server's own files are smaller, the file that is saved then is not."""


def test_files_that_hold_no_workflow_say_so_and_open_nothing(desk: Desk) -> None:
    wrong: tuple[tuple[str, bytes], ...] = (
        ("cut.json", b'{"nodes": [{"id": 1, "type": "KSa'),
        ("empty.json", b""),
        ("poem.json", b'["roses", "are", "red"]'),
        ("package.json", b'{"name": "something", "version": "1.0", "scripts": {}}'),
        ("deep.json", b'{"nodes": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
        ("letters.json", b"\xff\xfe\x00\x01nonsense"),
        ("tensors.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
        ("many.json", json.dumps({"nodes": [{}] * 20_001, "links": []}).encode()),
        ("huge.json", b'{"nodes": [], "links": [], "extra": {"x": "' + b"x" * (17 * 2**20) + b'"}}'),
    )
    for name, data in wrong:
        for each in desk.page.get_by_role("button", name="Close message").all():
            each.click()
        drop(desk, name, data)
        message = desk.message(re.compile("Nothing was opened"))
        expect(message, name).to_be_visible()
        assert not re.search(r"Traceback|undefined|\[object|TypeError", message.inner_text()), message.inner_text()
    expect(desk.tabs).to_have_count(1)
    desk.field("What to see", "text").fill("still at work")


def test_a_workflow_of_ten_megabytes_opens_and_saves(desk: Desk, server: LiveServer) -> None:
    text = "a house " * 400
    nodes = [
        {"id": index, "type": "CLIPTextEncode", "pos": [index % 60 * 420, index // 60 * 260], "widgets_values": [text]}
        for index in range(1, LARGE // len(text))
    ]
    data = json.dumps({"nodes": nodes, "links": [], "version": 0.4}).encode()
    assert len(data) > LARGE
    drop(desk, "large.json", data)
    expect(desk.active).to_have_text("large", timeout=30 * SECONDS)
    desk.command("Save as")
    desk.page.get_by_role("textbox", name="Name", exact=True).fill("large")
    desk.page.keyboard.press("Enter")
    expect(desk.message("Saved large")).to_be_visible(timeout=30 * SECONDS)
    assert len(server.get("/api/darkroom/workflows/large")["workflow"]["nodes"]) == len(nodes)


def test_unknown_and_broken_nodes_open_with_everything_kept(desk: Desk) -> None:
    unknown = {"id": 7, "type": "NobodyKnows", "pos": [100, 100], "size": [260, 120], "odd": {"kept": True}}
    unknown |= {"inputs": [{"name": "model", "type": "MODEL", "link": 3}], "widgets_values": ["kept", 12]}
    loader = {"id": 8, "type": "CheckpointLoaderSimple", "pos": [-300, 100], "widgets_values": ["gone.safetensors"]}
    loader["outputs"] = [{"name": "MODEL", "type": "MODEL", "links": [3]}]
    broken: list[Any] = [{"id": 9}, 5, None, {"type": "KSampler", "pos": "nowhere"}]
    links: list[Any] = [[3, 8, 0, 7, 0, "MODEL"], [4, 99, 0, 7, 5, "X"], "x"]
    drop(desk, "odd.json", json.dumps({"nodes": [unknown, loader, *broken], "links": links}).encode())
    expect(desk.active).to_have_text("odd")
    expect(desk.canvas.get_by_role("group", name="NobodyKnows")).to_be_visible()
    saved = {node["id"]: node for node in desk.saved_nodes() if isinstance(node, dict) and "id" in node}
    assert saved[7]["widgets_values"] == ["kept", 12] and saved[7]["odd"] == {"kept": True}
    assert saved[8]["widgets_values"] == ["gone.safetensors"]
    assert any(link[:5] == [3, 8, 0, 7, 0] for link in desk.exported()["links"])


def test_markup_is_only_text_wherever_it_stands(desk: Desk, server: LiveServer) -> None:
    page = desk.page
    prompt = {"id": 1, "type": "CLIPTextEncode", "title": MARKUP, "pos": [0, 0], "size": [300, 120]}
    prompt |= {"widgets_values": [MARKUP], "properties": {MARKUP: MARKUP, "cnr_id": MARKUP}}
    note = {"id": 2, "type": "MarkdownNote", "pos": [340, 0], "size": [300, 160]}
    note["widgets_values"] = [f"# {MARKUP}\n[link](javascript:document.title='broken') {MARKUP}"]
    loader = {"id": 3, "type": "CheckpointLoaderSimple", "pos": [0, 200], "widgets_values": [f"{MARKUP}.safetensors"]}
    other = {
        "id": 4,
        "type": MARKUP,
        "pos": [340, 240],
        "size": [300, 80],
        "inputs": [{"name": MARKUP, "type": MARKUP}],
    }
    group = {"id": 1, "title": MARKUP, "bounding": [-40, -80, 760, 480], "color": f"url({MARKUP})"}
    workflow = {"nodes": [prompt, note, loader, other], "links": [], "groups": [group], "version": 0.4}
    drop(desk, f"{MARKUP}.json", json.dumps(workflow).encode())
    expect(desk.tabs).to_have_count(2)
    expect(desk.canvas.get_by_text(MARKUP).first).to_be_visible()
    page.get_by_role("button", name="Outline").click()
    page.get_by_role("button", name="Inspector").click()
    desk.command("Select all")
    page.wait_for_timeout(0.5 * SECONDS)
    desk.command("Share…")
    expect(page.get_by_role("dialog", name=re.compile("^Share "))).to_contain_text(MARKUP[:20])
    page.keyboard.press("Escape")
    desk.command("Save as")
    page.get_by_role("textbox", name="Name", exact=True).fill("<b>bold</b>")
    expect(page.get_by_role("dialog").get_by_role("button", name="Save")).to_be_disabled()
    expect(page.get_by_role("dialog")).to_contain_text("A name cannot hold")
    page.get_by_role("textbox", name="Name", exact=True).fill("plain name")
    page.keyboard.press("Enter")
    expect(desk.message("Saved plain name")).to_be_visible()
    desk.command("Versions of this file")
    page.wait_for_timeout(0.5 * SECONDS)
    page.keyboard.press("Escape")
    assert page.title() != "broken"
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    values = {node["id"]: node.get("widgets_values") for node in desk.saved_nodes()}
    assert values[1] == [MARKUP]


def test_a_full_disk_loses_nothing(own_server: LiveServer, new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(own_server).open()
    words = desk.field("What to see", "text")
    words.fill("before the disk was full")
    desk.save_as("card")
    # From here on the system lets the server write no large file, as on a full disk.
    assert own_server.process is not None
    _, hard = resource.prlimit(own_server.process.pid, resource.RLIMIT_FSIZE, (LITTLE_ROOM, resource.RLIM_INFINITY))
    words.fill("after it " * (LITTLE_ROOM // 8))
    desk.save()
    expect(desk.message(re.compile("Not saved: the disk of the server is full"))).to_be_visible(timeout=20 * SECONDS)
    expect(desk.active).to_have_text(re.compile("edited"))
    assert "before the disk was full" in str(own_server.get("/api/darkroom/workflows/card"))
    # There is room again: what was drawn is still there and is saved.
    resource.prlimit(own_server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    desk.save()
    expect(desk.message("Saved card").last).to_be_visible(timeout=20 * SECONDS)
    assert "after it after it" in str(own_server.get("/api/darkroom/workflows/card"))
    assert list(Path(own_server.base).rglob("*.part")) == []
