"""What axe finds in every part of the editor, in both themes: nothing serious."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.live import ROOT, LiveServer
from tests.web.editing import Desk

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")

PLACES: dict[str, tuple[str, ...]] = {
    "the graph": (),
    "the add-node box": ("Tab",),
    "the palette": ("Control+k",),
    "the shortcut sheet": ("?",),
    "the inspector": ("i",),
    "the gallery": ("g",),
    "the viewer": ("v",),
    "the outline": ("Outline",),
    "files": ("Files and templates",),
    "models": ("Models",),
    "the queue": ("Queue",),
    "settings": ("Settings",),
    "templates": ("Alt+t",),
    "the share dialog": (">Share…",),
    "the versions": (">Save", ">Versions of this file"),
    "the form": (">Make a form of what you change most",),
    "why a node ran": ("r",),
    "the sockets of a node": ("c",),
    "the menu of a node": ("Shift+F10",),
    "the mask editor": ("picture", "Alt+m"),
}
"""What opens each: keys, names of buttons, and after ">" names of commands."""


def go(desk: Desk, step: str) -> None:
    """Take one step towards a place."""
    page = desk.page
    button = page.get_by_role("button", name=step, exact=True)
    if step == "picture":
        desk.open_file(ROOT / "workflows" / "inpaint.json")
        desk.node("Load Image").locator("header").click()
    elif step.startswith(">"):
        desk.command(step[1:])
        naming = page.get_by_role("textbox", name="Name", exact=True)
        if step == ">Save" and naming.count():
            naming.fill(f"axe {time.time_ns()}")
            page.keyboard.press("Enter")
            expect(naming).to_have_count(0)
    elif button.count():
        button.click()
    else:
        desk.node("Save Image").locator("header").click()
        page.keyboard.press(step)


def found(desk: Desk) -> list[str]:
    """What axe says, a line for each kind of failure."""
    if not desk.page.evaluate("'axe' in window"):
        desk.page.evaluate(AXE.read_text())
    result: dict[str, Any] = desk.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']} ({each['impact']}): {each['help']}; {[node['html'][:160] for node in each['nodes'][:4]]}"
        for each in result["violations"]
        if each["impact"] in SERIOUS
    ]


@pytest.fixture(scope="module", params=["dark", "light"])
def themed(request: pytest.FixtureRequest, server: LiveServer, browser: Any) -> Any:
    context = browser.new_context(
        viewport={"width": 1600, "height": 950}, reduced_motion="reduce", color_scheme=request.param, bypass_csp=True
    )
    desk = Desk(context.new_page(), server.url).open()
    desk.run()
    desk.expect_state("Save Image", "done", "cached")
    yield desk
    context.close()


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_serious(themed: Desk, place: str) -> None:
    themed.reload()
    back = themed.page.get_by_role("button", name="Back to the graph")
    if back.count():
        back.click()
    expect(themed.node("Save Image")).to_be_visible()
    for step in PLACES[place]:
        go(themed, step)
    themed.page.wait_for_timeout(300)
    assert found(themed) == []
