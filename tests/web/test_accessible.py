"""What axe finds in every part of the editor, in both themes: nothing serious."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.live import ROOT, LiveServer
from tests.web.editing import Desk

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")

PLACES: dict[str, str | None] = {
    "the graph": None,
    "the add-node box": "Tab",
    "the palette": "Control+k",
    "the shortcut sheet": "?",
    "the inspector": "i",
    "the gallery": "g",
    "the viewer": "v",
    "the outline": "Outline",
    "files": "Files and templates",
    "models": "Models",
    "the queue": "Queue",
    "settings": "Settings",
}
"""What opens each: a key, or the name of a button of the rail."""


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
    page, opener = themed.page, PLACES[place]
    themed.reload()
    expect(themed.node("Save Image")).to_be_visible()
    if opener is not None:
        button = page.get_by_role("button", name=opener, exact=True)
        if button.count():
            button.click()
        else:
            themed.node("Save Image").locator("header").click()
            page.keyboard.press(opener)
    page.wait_for_timeout(250)
    assert found(themed) == []
