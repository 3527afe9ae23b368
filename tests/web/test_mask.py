"""Masks: painted with mouse, finger and keys, and used by the server exactly as they were painted."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, expect

from benchmarks.live import ROOT, LiveServer
from tests.web.editing import Desk

INPAINT = ROOT / "workflows" / "inpaint.json"
PICTURE = "postcard_with_hole.png"
SIDE = 128
"""Pixels of each side of that picture."""

Bytes = NDArray[np.uint8]


def open_inpaint(desk: Desk) -> Desk:
    desk.open_file(INPAINT)
    expect(desk.active).to_contain_text("inpaint")
    return desk


def editor(desk: Desk) -> Locator:
    return desk.page.get_by_role("dialog", name=re.compile("^Mask of"))


def stage(desk: Desk) -> Locator:
    return editor(desk).get_by_role("application", name="Picture")


def begin(desk: Desk) -> None:
    """Open the editor with the button on the node, and wait for the picture."""
    desk.node("Load Image").get_by_role("button", name="Edit mask").click()
    expect(stage(desk)).to_be_focused()


def point(desk: Desk, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the picture is on the screen: it stands in the middle of the stage."""
    box = stage(desk).bounding_box()
    assert box is not None
    shown = editor(desk).get_by_role("button", name="100 %").inner_text()
    scale = int(shown.split()[0]) / 100
    return box["x"] + box["width"] / 2 + (x - SIDE / 2) * scale, box["y"] + box["height"] / 2 + (y - SIDE / 2) * scale


def save(desk: Desk) -> None:
    editor(desk).get_by_role("button", name="Save mask").click()
    expect(editor(desk)).to_have_count(0)


def chosen(desk: Desk) -> str:
    """What the node loads."""
    return str(next(each for each in desk.saved_nodes() if each["type"] == "LoadImage")["widgets_values"][0])


def loaded(server: LiveServer, name: str) -> tuple[Bytes, Bytes]:
    """What LoadImage makes of a file on the server: the picture (height, width, 3) and the mask (height, width)."""
    prompt: dict[str, Any] = {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "MaskToImage", "inputs": {"mask": ["1", 1]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "masktest/picture"}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "masktest/mask"}},
    }
    outputs = server.finished(server.queue(prompt))["outputs"]
    made = []
    for node in ("3", "4"):
        ref = outputs[node]["images"][0]
        with Image.open(server.base / "output" / ref["subfolder"] / ref["filename"]) as picture:
            made.append(np.asarray(picture.convert("RGB")))
    return made[0], made[1][:, :, 0]


def test_a_painted_mask_is_what_the_server_uses_and_undo_brings_the_earlier_one_back(
    desk: Desk, server: LiveServer
) -> None:
    keys = desk.page.keyboard
    begin(open_inpaint(desk))
    undo = editor(desk).get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    keys.press("Delete")
    keys.press("b")
    editor(desk).get_by_role("spinbutton", name="Size (px)").fill("20")
    editor(desk).get_by_role("spinbutton", name="Hardness (%)").fill("100")
    desk.drag(point(desk, 40, 64), point(desk, 88, 64))
    desk.drag(point(desk, 64, 20), point(desk, 64, 30))
    keys.press("Control+z")  # the second stroke
    keys.press("i")
    keys.press("i")
    editor(desk).get_by_role("spinbutton", name="Feather by pixels").fill("3")
    editor(desk).get_by_role("button", name="Feather", exact=True).click()
    save(desk)

    name = chosen(desk)
    assert re.fullmatch(r"clipspace/postcard_with_hole mask( \(\d+\))?\.png \[input\]", name)
    before, _ = loaded(server, PICTURE)
    picture, mask = loaded(server, name)
    assert (picture == before).all(), "the colours under the mask are others now"
    with Image.open(server.base / "input" / name.removesuffix(" [input]")) as file:
        alpha = np.asarray(file.getchannel("A")).astype(int)
    assert np.abs(mask - (255 - alpha)).max() <= 1  # pictures are saved without rounding
    assert (mask[58:70, 40:88] == 255).all()
    assert mask[24, 64] == 0
    assert 0 < mask[54, 64] < 255, "feathering has made the edge soft"
    assert (mask[:50] == 0).all()
    assert (mask[78:] == 0).all()

    desk.run()
    desk.expect_state("Save Image", "done")
    [job] = [id for id, each in server.get("/history").items() if "workflow" in str(each["prompt"][3])][-1:]
    facts = server.get(f"/api/darkroom/values/{job}/4/1")
    assert abs(facts["mean"] - mask.mean() / 255) < 1e-3, "the run used another mask"
    desk.canvas.click(position={"x": 60, "y": 700})
    desk.page.keyboard.press("Control+z")
    assert chosen(desk) == PICTURE
    assert (server.base / "input" / PICTURE).read_bytes() == (ROOT / "input" / PICTURE).read_bytes()


def test_every_tool_works_by_keys_alone_and_the_next_time_goes_on_from_there(desk: Desk, server: LiveServer) -> None:
    keys = desk.page.keyboard
    open_inpaint(desk).node("Load Image").locator("header").click()
    keys.press("Alt+m")
    expect(stage(desk)).to_be_focused()
    keys.press("1")  # at 100 % an arrow moves by 8 pixels, from the middle on
    keys.press("Delete")
    keys.press("l")
    for arrow in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        for _ in range(2 if arrow in ("ArrowRight", "ArrowDown") else 1):
            keys.press(f"Shift+{arrow}")
        keys.press("Enter")
    keys.press("Escape")  # the lasso that was begun, and not the editor
    expect(editor(desk)).to_be_visible()
    for arrow in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):  # from (96, 96) around a square of 32
        keys.press(f"Shift+{arrow}")
        keys.press("Enter")
    keys.press("Shift+Enter")
    keys.press("Control+Enter")
    expect(editor(desk)).to_have_count(0)
    first = chosen(desk)
    wanted = np.zeros((SIDE, SIDE), np.uint8)
    wanted[64:96, 64:96] = 255
    assert (loaded(server, first)[1] == wanted).all()

    keys.press("Alt+m")
    expect(stage(desk)).to_be_focused()
    keys.press("i")
    keys.press("x")
    keys.press("g")  # a gradient that takes away, from the middle to the right edge
    keys.press("Enter")
    for _ in range(2):
        keys.press("Shift+ArrowRight")
    keys.press("Enter")
    keys.press("Control+s")
    expect(editor(desk)).to_have_count(0)
    second = chosen(desk)
    assert second != first
    picture, mask = loaded(server, second)
    assert (mask[:, : SIDE // 2] == 0).all()
    assert (mask[64:96, 64:96] == 0).all()
    assert (np.diff(mask[0, SIDE // 2 :].astype(int)) >= 0).all()
    assert mask[0].max() > 0
    assert (picture == loaded(server, PICTURE)[0]).all()
    keys.press("Alt+m")
    expect(stage(desk)).to_be_focused()
    keys.press("x")  # set back, as settings are kept for the next time
    keys.press("Escape")
    expect(editor(desk)).to_have_count(0)


def test_leaving_asks_only_when_something_was_painted(desk: Desk) -> None:
    begin(open_inpaint(desk))
    desk.page.keyboard.press("Escape")
    expect(editor(desk)).to_have_count(0)
    begin(desk)
    desk.page.keyboard.press("a")
    desk.page.keyboard.press("Escape")
    question = desk.page.get_by_role("dialog", name="Discard what you painted?")
    question.get_by_role("button", name="Keep painting").click()
    desk.page.keyboard.press("Control+z")
    desk.page.keyboard.press("Escape")
    expect(editor(desk)).to_have_count(0)
    begin(desk)
    desk.page.keyboard.press("a")
    editor(desk).get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Discard").click()
    expect(editor(desk)).to_have_count(0)
    assert chosen(desk) == PICTURE


def shown(desk: Desk) -> list[int]:
    """The colour that lies over the middle of the picture, with its opacity."""
    pixel = """(stage) => {
        const canvas = stage.querySelectorAll("canvas")[1];
        const [x, y] = [canvas.width / 2, canvas.height / 2].map(Math.round);
        return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
    }"""
    return list(stage(desk).evaluate(pixel))


def test_the_mask_is_shown_as_a_tint_in_black_and_white_or_as_an_outline(desk: Desk) -> None:
    begin(open_inpaint(desk))
    desk.page.keyboard.press("a")
    views = editor(desk).get_by_role("radiogroup", name="How the mask is shown")
    wait = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    for view, opacity in (("Black and white", 255), ("Outline", 0), ("Tint", 153)):
        views.get_by_role("radio", name=view).click()
        desk.page.evaluate(wait)
        assert shown(desk)[3] == opacity
    editor(desk).get_by_role("button", name="Red", exact=True).click()
    desk.page.evaluate(wait)
    assert shown(desk)[0] > shown(desk)[2]
    editor(desk).get_by_role("button", name="Blue", exact=True).click()
    desk.page.keyboard.press("Control+z")
    desk.page.evaluate(wait)
    assert shown(desk)[3] == 153, "the picture came with a hole in its middle"
    editor(desk).get_by_role("button", name="Clear").click()
    desk.page.evaluate(wait)
    assert shown(desk)[3] == 0


def test_one_finger_paints_and_two_move_the_picture(browser: Any, server: LiveServer) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    desk = open_inpaint(Desk(context.new_page(), server.url).open())
    desk.command("Fit all")
    desk.page.keyboard.press("Control+k")
    desk.page.get_by_role("combobox", name="Command palette").fill("@Load Image")
    desk.page.keyboard.press("Enter")
    desk.command("Edit mask")
    expect(stage(desk)).to_be_visible()
    session = context.new_cdp_session(desk.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    box = stage(desk).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    undo = editor(desk).get_by_role("button", name="Undo")
    zoom = editor(desk).locator(".percent")
    before = zoom.text_content()
    touch("touchStart", (x - 40, y))
    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 80, y), (x + 80, y))
    touch("touchEnd")
    expect(undo).to_be_disabled()  # what the first finger began was not meant
    assert zoom.text_content() != before
    touch("touchStart", (x - 40, y))
    for step in range(1, 9):
        touch("touchMove", (x - 40 + 10 * step, y))
    touch("touchEnd")
    expect(undo).to_be_enabled()
    save(desk)
    mask = loaded(server, chosen(desk))[1]
    old = loaded(server, PICTURE)[1]
    assert (mask >= old).all()
    assert mask[SIDE // 2, SIDE // 2] == 255
    assert not desk.said
    context.close()


def dropped(desk: Desk, kind: str, name: str, type: str, data: bytes) -> None:
    """Let a file fall on the setting, or paste it there."""
    desk.node("Load Image").get_by_role("group", name="image").evaluate(
        """(widget, [kind, name, type, data]) => {
            const file = new File([Uint8Array.from(atob(data), (each) => each.charCodeAt(0))], name, { type });
            const transfer = new DataTransfer();
            transfer.items.add(file);
            const init = { bubbles: true, cancelable: true };
            widget.dispatchEvent(kind === "paste"
                ? new ClipboardEvent("paste", { ...init, clipboardData: transfer })
                : new DragEvent("drop", { ...init, dataTransfer: transfer }));
        }""",
        [kind, name, type, base64.b64encode(data).decode()],
    )


def test_pictures_are_dropped_and_pasted_onto_the_setting(desk: Desk, server: LiveServer) -> None:
    file = io.BytesIO()
    Image.new("RGB", (20, 10), (1, 2, 3)).save(file, "PNG")
    open_inpaint(desk)
    field = desk.node("Load Image").get_by_role("button", name=re.compile("^image:"))
    dropped(desk, "drop", "dropped.png", "image/png", file.getvalue())
    expect(field).to_have_accessible_name("image: dropped.png")
    dropped(desk, "paste", "pasted onto it.png", "image/png", file.getvalue())
    expect(field).to_have_accessible_name("image: pasted onto it.png")
    assert (server.base / "input" / "pasted onto it.png").read_bytes() == file.getvalue()
    dropped(desk, "drop", "song.mp3", "audio/mpeg", b"no picture")
    expect(desk.message(re.compile("song.mp3 is no picture"))).to_be_visible()
    desk.page.route("**/upload/image", lambda route: route.abort())
    dropped(desk, "drop", "lost.png", "image/png", file.getvalue())
    expect(desk.message(re.compile("Could not upload lost.png"))).to_be_visible()
    expect(field).to_have_accessible_name("image: pasted onto it.png")


def test_a_mask_that_cannot_be_saved_is_still_there(desk: Desk) -> None:
    begin(open_inpaint(desk))
    desk.page.keyboard.press("a")
    desk.page.route("**/upload/mask", lambda route: route.abort())
    editor(desk).get_by_role("button", name="Save mask").click()
    expect(desk.message(re.compile("The mask was not saved"))).to_be_visible()
    expect(editor(desk).get_by_role("button", name="Undo")).to_be_enabled()
    desk.page.unroute("**/upload/mask")
    save(desk)
    assert chosen(desk).startswith("clipspace/")
