"""A picture is drawn, wired and made without a mouse: once at the canvas, once in the outline alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.editing import RUN_WAIT, Desk
from tests.web.gestures import chosen, press, settled, values, wires

TEXT_TO_IMAGE = {
    "CheckpointLoaderSimple.MODEL > KSampler.model",
    "CheckpointLoaderSimple.CLIP > CLIPTextEncode.clip",
    "CheckpointLoaderSimple.VAE > VAEDecode.vae",
    "EmptyLatentImage.LATENT > KSampler.latent_image",
    "KSampler.LATENT > VAEDecode.samples",
    "VAEDecode.IMAGE > PreviewImage.images",
}


def fresh(desk: Desk) -> None:
    """An empty file, and a pointer that was never anywhere."""
    press(desk, "Escape", "Alt+n")
    expect(desk.page.get_by_text("Start with a template")).to_be_visible()


def types(desk: Desk, *steps: str) -> None:
    """Type a word and press Enter, again and again, each in the list that is then open."""
    for words in steps:
        desk.page.keyboard.type(words)
        press(desk, "Enter")


def wire(desk: Desk, socket: str, partner: str) -> None:
    """Wire the selected node by `C`."""
    press(desk, "c")
    types(desk, socket, partner)


def find(desk: Desk, title: str) -> None:
    press(desk, "Control+f")
    types(desk, title)
    assert len(chosen(desk)) == 1


def expect_result(desk: Desk) -> None:
    press(desk, "Control+Enter")
    desk.expect_state("Preview Image", "done", "cached")
    expect(desk.node("Preview Image").get_by_role("img", name=re.compile("^Result"))).to_be_visible(timeout=RUN_WAIT)
    desk.wait_until_idle()


def expect_graph(desk: Desk) -> None:
    found = wires(desk) if len(desk.saved_nodes()) == 6 else set()
    assert found == TEXT_TO_IMAGE | {"CLIPTextEncode.CONDITIONING > KSampler.positive"}


def test_a_picture_is_made_at_the_canvas_by_keys_alone(desk: Desk) -> None:
    fresh(desk)
    press(desk, "Tab")
    for title in ("Load Checkpoint", "KSampler", "VAE Decode"):
        desk.page.keyboard.type(title)
        press(desk, "Shift+Enter")
    types(desk, "Preview Image")
    for title in ("CLIP Text Encode", "Empty Latent"):
        press(desk, "Tab")
        types(desk, title)
    wire(desk, "LATENT", "latent_image")
    find(desk, "CLIP Text")
    wire(desk, "clip", "Load Checkpoint")
    wire(desk, "CONDITIONING", "positive")
    find(desk, "VAE Decode")
    wire(desk, "vae", "Load Checkpoint")
    expect_graph(desk)
    press(desk, "l", "Home")
    # Into the settings of a node, from one to the next, and out again.
    find(desk, "CLIP Text")
    press(desk, "F2")
    desk.page.keyboard.type("a red house")
    press(desk, "Escape")
    assert values(desk, "CLIPTextEncode")["text"] == "a red house"
    find(desk, "Empty Latent")
    press(desk, "F2")
    desk.page.keyboard.type("64")
    press(desk, "Enter", "Tab")
    desk.page.keyboard.type("64")
    press(desk, "Enter", "Escape")
    latent = values(desk, "EmptyLatentImage")
    assert (latent["width"], latent["height"]) == (64, 64)
    # The second prompt is a copy of the first, with what goes into it.
    find(desk, "CLIP Text")
    press(desk, "Control+Shift+d")
    wire(desk, "CONDITIONING", "negative")
    expect_result(desk)


def row(desk: Desk, title: str) -> None:
    """Go to a node's row in the outline by arrows, and select the node."""
    press(desk, "Home")
    for _ in range(30):
        here = desk.page.evaluate("() => document.activeElement.textContent")
        if title in here:
            break
        press(desk, "ArrowDown")
    press(desk, "Enter")
    assert len(chosen(desk)) == 1


def test_a_picture_is_made_in_the_outline_by_keys_alone(desk: Desk) -> None:
    fresh(desk)
    for title in ("Load Checkpoint", "KSampler", "VAE Decode", "Preview Image", "CLIP Text Encode", "Empty Latent"):
        press(desk, "Control+k")
        types(desk, f"+{title}")
    press(desk, "o")
    tree = desk.page.get_by_role("tree", name="Outline")
    expect(tree.get_by_role("treeitem")).to_have_count(6)
    tree.get_by_role("treeitem").first.focus()
    for title, socket, partner in (
        ("Load Checkpoint", "MODEL", "KSampler"),
        ("Load Checkpoint", "CLIP", "CLIP Text"),
        ("Load Checkpoint", "VAE", "VAE Decode"),
        ("CLIP Text", "CONDITIONING", "positive"),
        ("Empty Latent", "LATENT", "latent_image"),
        ("KSampler", "LATENT", "VAE Decode"),
        ("VAE Decode", "IMAGE", "Preview Image"),
    ):
        row(desk, title)
        wire(desk, socket, partner)
    expect_graph(desk)
    row(desk, "KSampler")
    press(desk, "ArrowRight")
    expect(tree.get_by_role("treeitem").filter(has_text="positive ← CLIP Text Encode")).to_be_visible()
    row(desk, "CLIP Text")
    press(desk, "Control+Shift+d")
    settled(desk)
    wire(desk, "CONDITIONING", "negative")
    row(desk, "Empty Latent")
    press(desk, "Delete")
    expect(tree.get_by_role("treeitem").filter(has_text="Empty Latent")).to_have_count(0)
    press(desk, "Control+z")
    expect_result(desk)
    press(desk, "o")
