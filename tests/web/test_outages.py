"""A lost connection, and a server that dies in the middle of a run: nothing that was drawn is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.editing import RUN_WAIT, SECONDS, Desk

STEPS, MANY_STEPS = 600, 8000


def test_a_lost_connection_shows_a_banner_and_loses_no_edit(desk: Desk) -> None:
    context = desk.page.context
    banner = desk.page.get_by_text(re.compile("Connection lost"))
    context.set_offline(True)
    expect(banner).to_be_visible(timeout=10 * SECONDS)
    desk.field("What to see", "text").fill("drawn without a connection")
    desk.page.get_by_role("button", name="Try now").click()
    expect(banner).to_be_visible()
    desk.run()
    expect(desk.message(re.compile("cannot be reached"))).to_be_visible()
    desk.expect_state("KSampler", "idle")
    context.set_offline(False)
    expect(banner).to_have_count(0, timeout=20 * SECONDS)
    desk.page.wait_for_timeout(2 * SECONDS)
    desk.reload()
    expect(desk.field("What to see", "text")).to_have_value("drawn without a connection")


def test_a_run_survives_a_restart_of_the_server(own_server: LiveServer, new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(own_server).open()
    set_steps(desk, STEPS)
    desk.run()
    desk.expect_state("KSampler", "running")
    expect(desk.page.locator("img[data-preview]").first).to_be_visible(timeout=RUN_WAIT)
    own_server.kill()
    expect(desk.page.get_by_text(re.compile("Connection lost"))).to_be_visible(timeout=10 * SECONDS)
    own_server.start()
    expect(desk.page.get_by_text(re.compile("Connection lost"))).to_have_count(0, timeout=30 * SECONDS)
    desk.expect_state("Save Image", "done", wait=2 * RUN_WAIT)
    expect(desk.node("Save Image").get_by_role("img", name=re.compile("^Result"))).to_be_visible()


def test_a_reload_in_the_middle_of_a_run_finds_it_again(own_server: LiveServer, new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(own_server).open()
    set_steps(desk, MANY_STEPS)
    desk.run()
    desk.expect_state("KSampler", "running")
    desk.page.wait_for_timeout(1 * SECONDS)
    desk.reload()
    desk.expect_state("KSampler", "running")
    desk.stop.click()
    desk.wait_until_idle()
    desk.expect_state("KSampler", "idle")


def set_steps(desk: Desk, count: int) -> None:
    """Type a number of steps into the sampler."""
    steps = desk.node("KSampler").get_by_label("steps", exact=True)
    steps.click()
    desk.page.keyboard.press("Control+a")
    desk.page.keyboard.type(str(count))
    desk.page.keyboard.press("Enter")
