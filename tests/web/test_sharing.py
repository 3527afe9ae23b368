"""Sharing: what leaves is told before it leaves, and a link opens what it holds."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.editing import Desk

MARKUP = "<img src=x onerror=document.title='broken'>"


def fragment(text: str, name: str = "") -> str:
    """A workflow as a link carries it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(text.encode()) + packer.flush()
    return f"/#w={base64.urlsafe_b64encode(packed).decode().rstrip('=')}&n={name}"


def copied(desk: Desk) -> str:
    return str(desk.page.evaluate("navigator.clipboard.readText()"))


def test_a_link_carries_the_workflow_without_what_was_left_out(
    desk: Desk, server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    page = desk.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.field("What to see", "text").fill("a secret garden in /home/anna/garden")
    desk.command("Share…")
    dialog = page.get_by_role("dialog", name=re.compile("^Share "))
    for kind, entry in (
        ("models", "starter.safetensors"),
        ("prompts", "a secret garden"),
        ("paths", "/home/anna/garden"),
    ):
        expect(dialog.locator(f'[data-kind="{kind}"]')).to_contain_text(entry)
    expect(dialog.locator('[data-kind="packs"]')).to_contain_text("none")
    dialog.get_by_role("checkbox", name="Leave out: Prompts").check()
    expect(dialog.get_by_role("button", name=re.compile("^Copy link on this server"))).to_be_disabled()
    dialog.get_by_role("button", name=re.compile("^Copy share link")).click()
    expect(dialog).to_have_count(0)
    link = copied(desk)
    assert link.startswith(f"{server.url}/#w=")

    # Somebody else opens it: the graph is there, the prompt is not; the open file here kept its own.
    other = new_desk(server).open(link.removeprefix(server.url))
    expect(other.message(re.compile("Opened from a link"))).to_be_visible()
    expect(other.field("What to see", "text")).to_have_value("")
    expect(other.node("Load Checkpoint")).to_be_visible()
    assert "#" not in other.page.url
    expect(desk.field("What to see", "text")).to_have_value(re.compile("secret garden"))

    # By keyboard, as a file on disk, whole.
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.command("Share…")
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name=re.compile("^Download")).press("Enter")
    assert "secret garden" in Path(waiting.value.path()).read_text()


def test_a_link_of_this_server_opens_the_saved_file(
    desk: Desk, server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.field("What to see", "text").fill("for my colleagues")
    desk.save_as("team/our card")
    desk.command("Share…")
    desk.page.get_by_role("button", name=re.compile("^Copy link on this server")).click()
    link = copied(desk)
    assert link == f"{server.url}/#open=team%2Four%20card"
    other = new_desk(server).open(link.removeprefix(server.url))
    expect(other.active).to_have_text("team/our card")
    expect(other.field("What to see", "text")).to_have_value("for my colleagues")


def test_a_link_that_is_damaged_too_large_or_no_workflow_opens_nothing(desk: Desk) -> None:
    wrong = (
        ("/#w=AAAA", "damaged"),
        (fragment(" " * 20_000_000), "more than a workflow may"),
        (fragment("[1, 2, 3]"), "could not be opened"),
        (fragment("{not json"), "could not be opened"),
        ("/#open=nothing%20of%20that%20name", "Could not open"),
    )
    for path, said in wrong:
        desk.page.evaluate("(path) => location.assign(path)", path)
        expect(desk.message(re.compile(said)).last).to_be_visible()
    expect(desk.tabs).to_have_count(1)


def test_markup_in_a_link_is_only_text(desk: Desk) -> None:
    workflow = {"nodes": [{"id": 1, "type": "Note", "title": MARKUP, "pos": [0, 0], "widgets_values": [MARKUP]}]}
    desk.page.evaluate(
        "(path) => location.assign(path)", fragment(json.dumps({**workflow, "links": []}), "%3Cb%3Ebold%3C%2Fb%3E")
    )
    expect(desk.tabs).to_have_count(2)
    expect(desk.canvas.get_by_text(MARKUP).first).to_be_visible()
    assert desk.page.title() != "broken"
    assert desk.page.locator("main img[src='x']").count() == 0
