"""Graphs that somebody made to break the editor: they open, stay within their bounds, and the page goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.dropping import drop
from tests.web.editing import SECONDS, Desk

FAR = 1e300
LONG = "W" * 200_000
ODD = ("__proto__", "constructor", "toString", "hasOwnProperty")


def node(id: Any, **more: Any) -> dict[str, Any]:
    return {"id": id, "type": "Note", "pos": [0, 0], "size": [200, 100], "widgets_values": ["x"], **more}


def file(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nodes": list(nodes), "links": [], "groups": [], "version": 0.4, **more}


def inner(id: str, *types: str) -> dict[str, Any]:
    return {"id": id, "name": id, "nodes": [node(n, type=type) for n, type in enumerate(types, 1)], "links": []}


GRAPHS: dict[str, dict[str, Any]] = {
    "far away": file(node(1, pos=[FAR, -FAR]), node(2, pos=[-FAR, FAR]), node(3)),
    "huge nodes": file(node(1, size=[FAR, FAR]), node(2, size=[-FAR, 0]), node(3, size=[5e6, 5e6])),
    "huge frames": file(
        node(1),
        groups=[
            {"title": "a", "bounding": [-FAR, -FAR, 2 * FAR, 2 * FAR]},
            {"title": LONG, "bounding": [0, 0, -5, 1e9], "color": "url(http://127.0.0.1:9/x)"},
        ],
    ),
    "long words": file(node(1, title=LONG[:20_000], color="url(//a)", bgcolor="red;background:url(//a)")),
    "a thousand sockets": file(
        node(
            1,
            type="Nobody",
            inputs=[{"name": f"i{n}", "type": "IMAGE", "link": None} for n in range(1_000)],
            outputs=[{"name": f"o{n}", "type": LONG[:3000], "links": None} for n in range(500)],
        )
    ),
    "subgraphs in themselves": file(
        node(1, type="a"),
        node(2, type="b"),
        definitions={"subgraphs": [inner("a", "a", "b"), inner("b", "a", "b", "c"), inner("c", "a")]},
    ),
    "subgraphs as deep as they go": file(
        node(1, type="s0"),
        definitions={"subgraphs": [*(inner(f"s{n}", *[f"s{n + 1}"] * 2) for n in range(40)), inner("s40", "Note")]},
    ),
    "names of objects": file(
        *(node(name, type=name, title=name, properties={name: name}, widgets_values={name: {name: 1}}) for name in ODD),
        definitions={"subgraphs": [inner(name, *ODD) for name in ODD]},
        extra={
            "darkroom_form": {"items": [{"node": name, "setting": name, "label": {"a": 1}} for name in ODD]},
            "darkroom_hidden_links": list(ODD),
            "ds": {"scale": "x", "offset": [FAR, None]},
        },
    ),
    "right to left": file(node(1, title="\u202e\u2066gnp.exe", widgets_values=["\u0000\ufeff\u202e\ud83d"])),
}


@pytest.mark.parametrize("title", GRAPHS)
def test_a_hostile_graph_opens_and_the_page_goes_on(title: str, desk: Desk) -> None:
    drop(desk, "hostile.json", json.dumps(GRAPHS[title]).encode())
    expect(desk.tabs).to_have_count(2, timeout=15 * SECONDS)
    page = desk.page
    for key in ("Home", "Control+0", "."):
        desk.canvas.focus()
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    page.mouse.move(700, 400)
    page.mouse.wheel(0, 600)
    page.keyboard.press("Control+a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Shift+f")
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Outline").first.click()
    page.wait_for_timeout(300)
    assert page.locator("*").count() < 20_000
    page.reload()
    expect(desk.tabs.first).to_be_visible(timeout=15 * SECONDS)
    assert page.evaluate("({}).polluted === undefined && Object.keys(Object.prototype).length === 0")
