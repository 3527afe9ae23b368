"""Files that come from outside: dropped or pasted, opened as a graph or made into a node."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import CHAIN, Sketch, chain, chosen, on_screen, one, press, show, titles, values, wires

GIVE = """([kind, name, type, encoded, x, y]) => {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const all = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data, clientX: x, clientY: y };
  if (kind === "paste") document.body.dispatchEvent(new ClipboardEvent("paste", all));
  else for (const each of ["dragenter", "dragover", "drop"]) {
    document.elementFromPoint(x, y).dispatchEvent(new DragEvent(each, all));
  }
}"""
PLACE = (600.0, 420.0)


def give(desk: Desk, kind: str, name: str, type: str, content: bytes) -> None:
    """Drop a file at a free place of the canvas, or paste it."""
    desk.page.evaluate(GIVE, [kind, name, type, base64.b64encode(content).decode(), *on_screen(desk, PLACE)])


def picture(workflow: str | None = None, color: str = "teal") -> bytes:
    written, info = BytesIO(), PngInfo()
    if workflow is not None:
        info.add_text("workflow", workflow)
    Image.new("RGB", (32, 32), color).save(written, "PNG", pnginfo=info)
    return written.getvalue()


def test_a_dropped_workflow_opens_beside_the_other_file(drawn: Desk, types: dict[str, Any]) -> None:
    tabs = drawn.tabs.count()
    give(drawn, "drop", "another.json", "application/json", chain(types).text().encode())
    expect(drawn.tabs).to_have_count(tabs + 1)
    expect(drawn.active).to_contain_text("another")
    assert wires(drawn) == CHAIN
    press(drawn, "Alt+w")


def test_a_dropped_picture_with_a_workflow_inside_opens_it(drawn: Desk, types: dict[str, Any]) -> None:
    give(drawn, "drop", "postcard.png", "image/png", picture(chain(types).text()))
    expect(drawn.active).to_contain_text("postcard")
    assert wires(drawn) == CHAIN
    press(drawn, "Alt+w")


def test_a_dropped_picture_without_one_becomes_a_node_that_loads_it(drawn: Desk) -> None:
    give(drawn, "drop", "teal.png", "image/png", picture())
    expect(drawn.node("Load Image")).to_be_visible()
    assert chosen(drawn) == ["LoadImage"]
    assert "teal" in str(values(drawn, "LoadImage")["image"])
    x, y = one(drawn, "LoadImage")["pos"]
    assert abs(x - PLACE[0]) <= 16 and abs(y - PLACE[1]) <= 48
    press(drawn, "Control+z")
    assert "LoadImage" not in titles(drawn)


def test_a_pasted_picture_becomes_a_node_too(drawn: Desk) -> None:
    give(drawn, "paste", "pasted.png", "image/png", picture(color="orange"))
    expect(drawn.node("Load Image")).to_be_visible()
    assert "pasted" in str(values(drawn, "LoadImage")["image"])


def paste_text(desk: Desk, text: str) -> None:
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    press(desk, "Control+v")


def test_the_nodes_of_a_pasted_workflow_come_into_the_graph(drawn: Desk, sketch: Sketch) -> None:
    sketch.node("From", "EmptyImage", 0, 0).node("Elsewhere", "ImageInvert", 320, 0)
    paste_text(drawn, sketch.wire("From.IMAGE > Elsewhere.image").text())
    expect(drawn.node("Elsewhere")).to_be_visible()
    assert wires(drawn) == CHAIN | {"From.IMAGE > Elsewhere.image"}


def test_a_pasted_prompt_in_api_form_opens(drawn: Desk) -> None:
    tabs = drawn.tabs.count()
    made = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 5}}
    paste_text(drawn, json.dumps({"3": made, "4": {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}}}))
    expect(drawn.tabs).to_have_count(tabs + 1)
    assert wires(drawn) == {"EmptyImage.IMAGE > PreviewImage.images"}
    assert values(drawn, "EmptyImage")["color"] == 5
    press(drawn, "Alt+w")


def test_a_file_is_opened_by_key(drawn: Desk, types: dict[str, Any]) -> None:
    with drawn.page.expect_file_chooser() as waiting:
        press(drawn, "Control+o")
    content = json.dumps(json.loads(chain(types).text())).encode()
    waiting.value.set_files({"name": "chosen.json", "mimeType": "application/json", "buffer": content})
    expect(drawn.active).to_contain_text("chosen")
    assert wires(drawn) == CHAIN
    press(drawn, "Alt+w")
    show(drawn, chain(types))
