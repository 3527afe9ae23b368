"""A person who has never seen it makes a postcard, changes it, and finds everything again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.editing import RUN_WAIT, SECONDS, Desk

UNTOUCHED = ("Load Checkpoint", "What to avoid", "Empty Latent Image")
CHANGED = ("What to see", "KSampler", "VAE Decode", "Save Image")


def test_a_newcomer_runs_changes_saves_and_finds_it_all_again(
    own_server: LiveServer, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = new_desk(own_server).open()

    # The text-to-image graph is ready.
    for title in (*UNTOUCHED, *CHANGED):
        expect(desk.node(title)).to_be_visible()
    words = desk.field("What to see", "text")
    expect(words).to_have_value(re.compile("red house"))

    # Run; the preview forms, the postcard appears.
    desk.run()
    expect(desk.page.locator("img[data-preview]").first).to_be_visible(timeout=RUN_WAIT)
    picture = desk.node("Save Image").get_by_role("img", name=re.compile("^Result"))
    expect(picture).to_be_visible(timeout=RUN_WAIT)
    desk.expect_state("Save Image", "done")
    first = picture.get_attribute("src")
    desk.wait_until_idle()

    # Another thing to see; only what changed runs again.
    words.fill((words.input_value()).replace("red house", "blue boat"))
    desk.run()
    expect(picture).not_to_have_attribute("src", first or "", timeout=RUN_WAIT)
    desk.wait_until_idle()
    for title in UNTOUCHED:
        desk.expect_state(title, "cached", wait=5 * SECONDS)
    for title in CHANGED:
        desk.expect_state(title, "done", wait=5 * SECONDS)
    second = picture.get_attribute("src")
    desk.look(tmp_path / "second.png")

    # Save, reload: all is there.
    desk.save_as("My postcard")
    expect(desk.message("Saved My postcard")).to_be_visible()
    desk.reload()
    expect(desk.active).to_have_text("My postcard")
    expect(desk.field("What to see", "text")).to_have_value(re.compile("blue boat"))
    expect(picture).to_have_attribute("src", second or "")
