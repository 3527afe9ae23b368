"""Runs as their people see them: to a node, in the queue, failing, explained, in subgraphs, and in two windows."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from benchmarks.live import LiveServer, running, starter_models
from tests.service.live.driving import PACKS, node
from tests.web.conftest import flags
from tests.web.editing import RUN_WAIT, SECONDS, Desk

MANY_STEPS = 8000


@pytest.fixture(scope="module")
def failing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with nodes that fail, and that take their worker down."""
    base = tmp_path_factory.mktemp("failing")
    starter_models(base)
    with running(base, *flags(), packs=[PACKS / "deaths"]) as live:
        live.ready()
        yield live


def set_number(desk: Desk, title: str, setting: str, value: float) -> None:
    desk.node(title).get_by_label(setting, exact=True).click()
    desk.page.keyboard.press("Control+a")
    desk.page.keyboard.type(str(value))
    desk.page.keyboard.press("Enter")


def select(desk: Desk, title: str) -> None:
    desk.node(title).get_by_text(title, exact=True).first.click()


def panel(desk: Desk) -> Locator:
    """The queue panel, opened where it was not."""
    found = desk.page.get_by_role("region", name="Queue")
    if not found.is_visible():
        desk.command("Queue and history")
    expect(found).to_be_visible()
    return found


def waiting(desk: Desk) -> list[str]:
    """Ids of the jobs that wait, as the panel lists them."""
    rows = panel(desk).get_by_role("list", name="Waiting runs, in order").locator("[data-job]")
    return [str(row.get_attribute("data-job")) for row in rows.all()]


def opened(desk: Desk, folder: Path, name: str, graph: dict[str, Any]) -> None:
    """Open API JSON as a file of this name."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(graph))
    desk.open_file(file)
    expect(desk.active).to_contain_text(name)


def visited(server: LiveServer, id: str, entry: dict[str, Any]) -> list[str]:
    """Types of the nodes that a job ran or took from the cache."""
    steps = server.get(f"/api/darkroom/explain/{id}")["steps"]
    took_part = [step["node"] for step in steps if step["outcome"] in ("ran", "cached")]
    return sorted(entry["prompt"][2][node]["class_type"] for node in took_part)


def test_a_run_goes_to_a_node_that_is_no_output_and_its_values_are_there(desk: Desk, server: LiveServer) -> None:
    for title in ("What to see", "What to avoid"):  # texts that no other test has left in the cache
        desk.field(title, "text").fill(f"{title} on the way {uuid.uuid4()}")
    select(desk, "What to see")
    desk.page.keyboard.press("Shift+Enter")
    desk.expect_state("What to see", "done")
    desk.wait_until_idle()
    id, entry = list(server.get("/history").items())[-1]
    (target,) = entry["prompt"][4]
    assert entry["prompt"][2][target]["class_type"] == "CLIPTextEncode"
    assert server.get(f"/api/darkroom/values/{id}/{target}/0")["type"] == "CONDITIONING"
    assert visited(server, id, entry) == ["CLIPTextEncode", "CheckpointLoaderSimple"]

    # Two of them, by the menu of the run button.
    desk.node("What to avoid").get_by_text("What to avoid").click(modifiers=["Shift"])
    desk.page.get_by_role("button", name="Ways to run").click()
    desk.page.get_by_role("button", name=re.compile("^Run selected nodes")).click()
    desk.expect_state("What to avoid", "done")
    desk.expect_state("What to see", "cached")
    desk.wait_until_idle()
    id, entry = list(server.get("/history").items())[-1]
    assert visited(server, id, entry) == ["CLIPTextEncode", "CLIPTextEncode", "CheckpointLoaderSimple"]

    # And what a node leads to, by its own menu.
    desk.node("Empty Latent Image").get_by_text("Empty Latent Image").click(button="right")
    desk.page.get_by_role("menuitem", name="Run what this leads to").click()
    desk.expect_state("Save Image", "done")
    desk.wait_until_idle()


def test_the_queue_is_counted_ordered_and_emptied(desk: Desk, server: LiveServer) -> None:
    page = desk.page
    set_number(desk, "KSampler", "steps", MANY_STEPS)
    desk.run()
    desk.expect_state("KSampler", "running")
    page.get_by_role("button", name="Ways to run").click()
    count = page.get_by_role("spinbutton", name="Runs at one press")
    count.fill("250")
    page.keyboard.press("Tab")
    expect(count).to_have_value("99")
    count.fill("3")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    rows = panel(desk).locator("[data-job]")
    expect(rows).to_have_count(4)
    expect(page).to_have_title(re.compile(r"^\d+ % · .*text_to_image"))
    progress = panel(desk).get_by_role("progressbar")
    expect(progress).to_be_visible()
    expect(desk.node("KSampler").get_by_text(re.compile(r"^\d+/8000 · [\d.]+ (it/s|s/it)$"))).to_be_visible()

    # The last goes up by the keyboard, then to the front by a button, then to the end by the mouse.
    first, second, third = waiting(desk)
    rows.last.get_by_role("button", name=re.compile("place 3 of 3")).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name=re.compile("place 2 of 3"))).to_be_focused()
    assert waiting(desk) == [first, third, second]
    rows.last.hover()
    rows.last.get_by_role("button", name=re.compile("next$")).click()
    expect(rows.nth(1)).to_have_attribute("data-job", second)
    box = rows.last.bounding_box()
    assert box is not None
    rows.nth(1).drag_to(rows.last, target_position={"x": box["width"] / 2, "y": box["height"] - 2})
    expect(rows.last).to_have_attribute("data-job", second)
    page.wait_for_timeout(0.3 * SECONDS)
    assert [item[1] for item in server.get("/queue")["queue_pending"]] == [first, third, second]

    # One is taken out, then all that wait, then what runs.
    rows.nth(1).get_by_role("button", name=re.compile("^Remove")).click()
    expect(rows).to_have_count(3)
    panel(desk).get_by_role("button", name="Clear", exact=True).click()
    expect(rows).to_have_count(1)
    page.keyboard.press("Control+Alt+Enter")
    expect(rows).to_have_count(0)
    desk.expect_state("KSampler", "idle")
    expect(page).to_have_title(re.compile("^• text_to_image"))

    # The past: run again as it was, open its graph, forget it.
    past = panel(desk).get_by_role("listitem").filter(has_text="text_to_image").first
    past.hover()
    past.get_by_role("button", name=re.compile("^Run text_to_image again")).click()
    desk.expect_state("KSampler", "running")
    desk.stop.click()
    desk.wait_until_idle()
    past.hover()
    past.get_by_role("button", name=re.compile("^Open the graph")).click()
    expect(desk.tabs).to_have_count(2)
    assert next(each for each in desk.saved_nodes() if each["type"] == "KSampler")["widgets_values"][2] == MANY_STEPS


def test_a_node_says_why_it_ran_and_points_at_what_changed(desk: Desk) -> None:
    page = desk.page
    desk.run()
    desk.wait_until_idle()
    set_number(desk, "KSampler", "steps", 7)
    desk.run()
    desk.wait_until_idle()
    card = page.get_by_role("tooltip")
    desk.node("KSampler").locator("[data-run-mark]").hover()
    expect(card).to_contain_text(re.compile(r"steps\s*\d+\s*→\s*7"))
    changed = desk.node("KSampler").locator(".changed")
    expect(changed.filter(has=page.get_by_label("steps", exact=True))).to_have_count(1)
    page.mouse.move(*desk.empty_spot())
    expect(card).to_have_count(0)
    expect(changed).to_have_count(0)

    # By key: what follows from it names the node by its title; what was kept says so.
    select(desk, "VAE Decode")
    page.keyboard.press("r")
    expect(card).to_contain_text("KSampler, which ran again")
    select(desk, "What to see")
    page.keyboard.press("r")
    expect(card).to_contain_text("Nothing changed since it ran")


def test_an_error_shows_on_its_node_with_its_trace_and_is_retried(
    failing_server: LiveServer, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = new_desk(failing_server).open()
    page = desk.page
    opened(desk, tmp_path, "fails", {"1": node("Say", text="hello", seconds=0.0), "2": node("Die", way="memory_error")})
    desk.run()
    desk.expect_state("Die", "error")
    desk.wait_until_idle()
    said = desk.node("Die").get_by_text("no room for 7 elephants")
    expect(said).to_be_visible()
    expect(desk.message("no room for 7 elephants")).to_be_visible()

    desk.node("Die").get_by_role("button", name="Show trace").click()
    trace = page.get_by_role("dialog", name="Error in Die")
    expect(trace).to_contain_text("MemoryError: no room for 7 elephants")
    expect(trace).to_contain_text("in memory_error")
    expect(trace).to_contain_text('way = ["memory_error"]')
    expect(trace.get_by_role("button", name="Copy")).to_be_focused()
    page.keyboard.press("Escape")
    expect(trace).to_have_count(0)

    # After a reload it is still told; a retry takes what went well from the cache.
    desk.reload()
    expect(said).to_be_visible()
    opened(desk, tmp_path, "retried", {"1": node("Say", text="kept", seconds=0.0), "2": node("Die", way="stack")})
    desk.run()
    desk.expect_state("Die", "error")
    desk.expect_state("Say", "done")
    desk.wait_until_idle()
    desk.node("Die").get_by_role("button", name="Retry from here").click()
    expect(desk.state("Say")).to_have_attribute("data-state", "cached", timeout=RUN_WAIT)
    desk.expect_state("Die", "error")
    past = panel(desk).get_by_role("listitem").filter(has_text="fails").first
    expect(past).to_contain_text("Die no room for 7 elephants")


def test_a_worker_that_dies_is_told_on_the_node_and_the_next_run_goes_on(
    failing_server: LiveServer, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = new_desk(failing_server).open()
    opened(desk, tmp_path, "dies", {"1": node("Say", text="before", seconds=0.0), "2": node("Die", way="suicide")})
    desk.run()
    desk.expect_state("Die", "error")
    desk.wait_until_idle()
    expect(desk.node("Die").get_by_text(re.compile("worker", re.IGNORECASE)).first).to_be_visible()
    desk.node("Say").get_by_label("text").fill("after")
    select(desk, "Say")
    desk.page.keyboard.press("Shift+Enter")
    desk.expect_state("Say", "done")


def test_problems_before_a_run_are_listed_and_lead_to_their_nodes(
    failing_server: LiveServer, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = new_desk(failing_server).open()
    page = desk.page
    wrong = {"1": node("SaveImage", filename_prefix="a"), "2": node("SaveImage", filename_prefix="b")}
    opened(desk, tmp_path, "wrong", wrong)
    pill = page.get_by_role("button", name="2 problems")
    expect(pill).to_be_visible()
    desk.run()
    listed = page.get_by_role("dialog", name="Problems")
    rows = listed.get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(desk.message(re.compile("^Not started"))).to_be_visible()
    rows.last.get_by_role("button").click()
    expect(desk.canvas.locator("[data-node='2']")).to_be_focused()
    listed.get_by_role("button", name="Close Problems").click()
    expect(listed).to_have_count(0)
    page.keyboard.press("e")
    expect(desk.canvas.locator("[data-node='1']")).to_be_focused()


def test_the_inside_of_a_subgraph_shows_its_run_and_the_instance_the_sum(desk: Desk) -> None:
    page = desk.page
    set_number(desk, "KSampler", "steps", 9)
    select(desk, "KSampler")
    desk.node("VAE Decode").get_by_text("VAE Decode").click(modifiers=["Shift"])
    page.keyboard.press("Control+Shift+g")
    instance = desk.canvas.locator(".node.subgraph")
    expect(instance).to_have_count(1)
    desk.run()
    desk.wait_until_idle()
    expect(instance).to_have_attribute("data-state", "done")
    instance.get_by_text("Subgraph", exact=True).click()
    page.keyboard.press("Enter")
    desk.expect_state("KSampler", "done", wait=5 * SECONDS)
    desk.expect_state("VAE Decode", "done", wait=5 * SECONDS)
    set_number(desk, "KSampler", "steps", 150)
    select(desk, "KSampler")
    page.keyboard.press("Shift+Enter")
    desk.expect_state("KSampler", "running")
    expect(desk.node("KSampler").locator("img[data-preview]")).to_be_visible(timeout=RUN_WAIT)
    page.keyboard.press("Escape")
    expect(instance).to_have_attribute("data-state", "running")
    desk.wait_until_idle()
    expect(instance).to_have_attribute("data-state", "done")


def test_two_windows_share_a_queue_and_not_their_nodes(
    failing_server: LiveServer, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    one = new_desk(failing_server).open()
    two = new_desk(failing_server).open()
    name = "said in both"
    for desk in (one, two):
        opened(desk, tmp_path, name, {"1": node("Say", text=f"window {id(desk)}", seconds=3.0)})
    one.run()
    one.expect_state("Say", "running")
    theirs = panel(two).locator("[data-job]")
    expect(theirs).to_have_count(1)
    expect(theirs.first).to_contain_text("of another window")
    two.expect_state("Say", "idle")
    two.run()
    expect(theirs).to_have_count(2)
    two.expect_state("Say", "queued")
    expect(two.node("Say").get_by_text("#2")).to_be_visible()
    expect(panel(one).locator("[data-job]")).to_have_count(2)
    # Stop takes the own run away and leaves the other window alone.
    two.stop.click()
    expect(theirs).to_have_count(1)
    two.expect_state("Say", "idle")
    one.expect_state("Say", "done")
    for desk in (one, two):
        expect(panel(desk).get_by_role("listitem").filter(has_text=re.compile(rf"{name}\s*3\."))).to_have_count(1)
