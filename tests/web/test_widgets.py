"""Every kind of setting by mouse and by keyboard, in the node and in the inspector."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from benchmarks.live import LiveServer
from tests.web.editing import Desk
from tests.web.gestures import DROP_TEXT

LARGEST = 2**64 - 1

SETTINGS: dict[str, Any] = {
    "count": ["INT", {"default": 20, "min": 1, "max": 100}],
    "amount": ["FLOAT", {"default": 0.5, "min": 0, "max": 1, "step": 0.01}],
    "big": ["INT", {"default": 0, "min": 0, "max": LARGEST}],
    "name": ["STRING", {"default": "postcard"}],
    "text": ["STRING", {"multiline": True, "dynamicPrompts": True}],
    "pick": [["styles/oil.safetensors", "plain.safetensors", *(f"photos/film {n}.safetensors" for n in range(9))], {}],
    "on": ["BOOLEAN", {"default": True}],
    "seed": ["INT", {"default": 0, "min": 0, "max": LARGEST, "control_after_generate": True}],
    "tint": ["COLOR", {"default": "#3366cc"}],
    "clip": [["a.mp4", "b.mp4"], {"video_upload": True}],
}
"""One setting of each kind."""

VALUES = [20, 0.5, str(LARGEST - 1), "postcard", "a red house", "plain.safetensors", True, 4821, "randomize", "#3366cc"]

TOY = {
    "display_name": "Toy",
    "category": "toys",
    "description": "",
    "python_module": "nodes",
    "output_node": False,
    "output": ["INT"],
    "output_name": ["out"],
    "output_is_list": [False],
    "input": {"required": SETTINGS},
}


def drawn(id: int, type: str, title: str, x: int, values: list[Any], **more: Any) -> dict[str, Any]:
    plain = {"flags": {}, "order": id, "mode": 0, "properties": {}, "inputs": [], "outputs": []}
    size = [280, 380] if type == "Toy" else [240, 90]
    return {
        "id": id,
        "type": type,
        "title": title,
        "pos": [x, 0],
        "size": size,
        "widgets_values": values,
        **plain,
        **more,
    }


def graph() -> str:
    """Two toys; a number comes into the second one's count."""
    count = {"name": "count", "type": "INT", "widget": {"name": "count"}}
    nodes = [
        drawn(1, "Toy", "One", 0, [*VALUES, "a.mp4"], inputs=[{**count, "link": None}]),
        drawn(
            2,
            "Toy",
            "Two",
            320,
            [*VALUES[:5], "styles/olil.safetensors", *VALUES[6:], "b.mp4"],
            inputs=[{**count, "link": 1}],
        ),
        drawn(3, "PrimitiveInt", "Number", -300, [33, "fixed"], outputs=[{"name": "INT", "type": "INT", "links": [1]}]),
    ]
    links = [[1, 3, 0, 2, 0, "INT"]]
    return json.dumps(
        {"version": 0.4, "last_node_id": 3, "last_link_id": 1, "nodes": nodes, "links": links, "groups": []}
    )


def with_toy(route: Route) -> None:
    """The server's node types, and a toy that has every kind of setting."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().rstrip()[:-1] + ',"Toy":' + json.dumps(TOY) + "}")


@pytest.fixture(scope="module")
def toys(server: LiveServer, browser: Any) -> Iterator[Desk]:
    """A desk with two toys. Each test uses settings of its own."""
    folder = server.base / "models" / "embeddings"
    folder.mkdir(exist_ok=True)
    header = json.dumps({"emb_params": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]}}).encode()
    (folder / "night_light.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(32))
    context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.route("**/api/object_info", with_toy)
    desk = Desk(page, server.url).open()
    page.evaluate(DROP_TEXT, ["toys.json", graph()])
    expect(desk.active).to_have_text("toys")
    desk.command("Zoom to 100")
    yield desk
    assert not desk.said
    context.close()
    (folder / "night_light.safetensors").unlink()


def values(desk: Desk, title: str) -> dict[str, Any]:
    """The settings of a node as its file has them."""
    found = next(node for node in desk.saved_nodes() if node.get("title") == title)
    return dict(zip(found["properties"]["widget_names"], found["widgets_values"], strict=True))


def number(desk: Desk, name: str, title: str = "One") -> Locator:
    return desk.node(title).get_by_role("spinbutton", name=name, exact=True)


def middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_number_is_scrubbed_typed_worked_out_and_kept_in_its_range(toys: Desk) -> None:
    count, keyboard, mouse = number(toys, "count"), toys.page.keyboard, toys.page.mouse
    x, y = middle(count)
    toys.drag((x, y), (x + 40, y))
    dragged = int(count.get_attribute("aria-valuenow") or 0)
    assert 25 < dragged < 45
    keyboard.down("Shift")
    toys.drag((x, y), (x + 40, y))
    keyboard.up("Shift")
    assert 0 < int(count.get_attribute("aria-valuenow") or 0) - dragged < 5
    count.click()
    keyboard.type("2*(3 + 12) - 4")
    keyboard.press("Enter")
    expect(count).to_have_attribute("aria-valuetext", "26")
    count.click()
    keyboard.type("12 houses")
    keyboard.press("Enter")
    expect(count.get_by_role("status")).to_have_text("“12 houses” is no number")
    expect(count.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    keyboard.press("Control+a")
    keyboard.type("5000")
    keyboard.press("Enter")
    expect(count).to_have_attribute("aria-valuetext", "100")
    expect(count.get_by_role("status")).to_have_text("at most 100")
    for key, shown in (("ArrowDown", "99"), ("Shift+ArrowDown", "89"), ("Home", "1"), ("End", "100")):
        keyboard.press(key)
        expect(count).to_have_attribute("aria-valuetext", shown)
    mouse.move(x, y)
    mouse.wheel(0, 100)
    expect(count).to_have_attribute("aria-valuetext", "99")
    number(toys, "amount").focus()
    mouse.wheel(0, 100)  # over one field while another has the focus
    expect(count).to_have_attribute("aria-valuetext", "99")


def test_a_number_of_64_bits_keeps_every_digit(toys: Desk) -> None:
    big = number(toys, "big")
    expect(big).to_have_attribute("aria-valuetext", str(LARGEST - 1))
    big.focus()
    toys.page.keyboard.press("ArrowUp")
    expect(big).to_have_attribute("aria-valuetext", str(LARGEST))
    big.click()
    toys.page.keyboard.type("2^63 + 1")
    toys.page.keyboard.press("Enter")
    expect(big).to_have_attribute("aria-valuetext", str(2**63 + 1))
    assert values(toys, "One")["big"] == 2**63 + 1


def test_a_prompt_has_weights_tokens_and_names_to_go_on_with(toys: Desk) -> None:
    text, keyboard, page = toys.field("One", "text"), toys.page.keyboard, toys.page
    text.click()
    expect(toys.node("One").get_by_text("3/75")).to_be_visible()
    keyboard.press("Control+End")
    keyboard.press("Control+ArrowUp")
    keyboard.press("Control+ArrowUp")
    expect(text).to_have_value("a red (house:1.1)")
    keyboard.press("Control+ArrowDown")
    keyboard.press("Control+ArrowDown")
    expect(text).to_have_value("a red house")
    keyboard.press("Control+End")
    keyboard.type(", embedding:nig")
    offers = page.get_by_role("listbox", name="Names to go on with")
    expect(offers.get_by_role("option")).to_have_text(re.compile("night_light"))
    keyboard.press("Tab")
    expect(text).to_have_value("a red house, embedding:night_light")
    expect(offers).to_have_count(0)
    expect(toys.node("One").get_by_text("8/75")).to_be_visible()
    keyboard.type(", <lora:dusk")
    offers.get_by_role("option", name="starter_dusk").click()
    expect(text).to_have_value("a red house, embedding:night_light, <lora:starter_dusk:1>")
    keyboard.press("Control+z")
    expect(text).to_have_value("a red house, embedding:night_light, <lora:dusk")
    text.fill("house " * 75 + "boat")
    expect(toys.node("One").get_by_text("76 · 2 chunks")).to_be_visible()
    expect(toys.node("One").locator(".mirror b")).to_have_count(1)
    text.fill("a {red|blue} boat // not the sea")
    expect(toys.node("One").get_by_text("≈ 3/75")).to_be_visible()
    toys.node("One").get_by_role("button", name="Larger text").click()
    expect(text).to_be_focused()
    expect(text).to_have_css("font-size", "14px")
    text.fill("a blue boat")
    node = next(each for each in toys.saved_nodes() if each.get("title") == "One")
    assert node["properties"]["text_size"] == 14


def test_a_choice_is_searched_grouped_and_stepped_and_keeps_what_is_missing(toys: Desk) -> None:
    page, keyboard = toys.page, toys.page.keyboard
    pick = toys.node("One").get_by_role("button", name=re.compile("^pick:"))
    pick.click()
    options = page.get_by_role("listbox", name="pick")
    assert options.locator(".group").all_inner_texts() == ["Others", "photos", "styles"]
    keyboard.type("oil")
    keyboard.press("Enter")
    expect(pick).to_have_accessible_name("pick: styles/oil.safetensors")
    expect(pick).to_be_focused()
    keyboard.press("ArrowRight")
    expect(pick).to_have_accessible_name("pick: plain.safetensors")
    missing = toys.node("Two").get_by_role("button", name=re.compile("^pick:"))
    expect(missing).to_have_accessible_name("pick: styles/olil.safetensors (missing)")
    expect(missing).to_have_attribute("title", re.compile("nearest: styles/oil.safetensors"))
    missing.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_text("styles/oil.safetensors")
    keyboard.press("Escape")
    assert values(toys, "Two")["pick"] == "styles/olil.safetensors"


def test_switch_text_colour_and_file_are_set_by_mouse_and_keys(toys: Desk, tmp_path: Path) -> None:
    one, keyboard = toys.node("One"), toys.page.keyboard
    switch = one.get_by_role("switch", name="on")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    keyboard.press("ArrowLeft")
    name = one.get_by_role("textbox", name="name", exact=True)
    name.fill("letter")
    name.press("Enter")
    tint = one.get_by_role("group", name="tint").get_by_role("textbox", name="tint", exact=True)
    tint.fill("mauve-ish")
    tint.press("Enter")
    expect(one.get_by_role("group", name="tint").get_by_role("status")).to_have_text(re.compile("is no colour"))
    tint.fill("F80")
    tint.press("Enter")
    one.get_by_role("button", name=re.compile("^clip:")).press("ArrowRight")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"no film")
    with toys.page.expect_file_chooser() as waiting:
        toys.node("Two").get_by_role("group", name="clip").get_by_role("button", name="Upload a file").click()
    waiting.value.set_files(film)
    expect(toys.node("Two").get_by_role("button", name="clip: film.mp4", exact=True)).to_be_visible()
    found = values(toys, "One")
    assert (found["on"], found["name"], found["tint"], found["clip"]) == (False, "letter", "#ff8800", "b.mp4")


def test_a_connected_setting_shows_what_comes_in(toys: Desk) -> None:
    row = toys.node("Two").get_by_role("group", name="count comes from Number: 33")
    expect(row).to_be_visible()
    value = number(toys, "value", "Number")
    value.focus()
    toys.page.keyboard.press("ArrowUp")
    expect(toys.node("Two").get_by_role("group", name="count comes from Number: 34")).to_be_visible()


def test_the_inspector_sets_a_setting_of_several_nodes_in_one_step(toys: Desk) -> None:
    page, keyboard = toys.page, toys.page.keyboard
    toys.node("One").click(position={"x": 60, "y": 12})
    toys.node("Two").click(position={"x": 60, "y": 12}, modifiers=["Shift"])
    toys.command("Inspector")
    panel = page.get_by_role("region", name="Inspector")
    before = [values(toys, title)["pick"] for title in ("One", "Two")]
    pick = panel.get_by_role("button", name=re.compile("^pick:"))
    expect(pick).to_have_accessible_name("pick: several values")
    pick.click()
    keyboard.type("film 3")
    keyboard.press("Enter")
    assert [values(toys, title)["pick"] for title in ("One", "Two")] == ["photos/film 3.safetensors"] * 2
    toys.command("Undo")
    assert [values(toys, title)["pick"] for title in ("One", "Two")] == before
    toys.command("Inspector")


def test_a_seed_shows_the_one_that_was_used_and_the_next_and_is_used_again(toys: Desk) -> None:
    page = toys.page
    toys.tabs.first.click()
    toys.node("KSampler").click(position={"x": 60, "y": 12})
    seed = number(toys, "seed", "KSampler")
    seed.click()
    page.keyboard.type("4821")
    page.keyboard.press("Enter")
    mode = toys.node("KSampler").get_by_role("button", name=re.compile("^After each run"))
    mode.click()
    page.get_by_role("option", name="+1").click()
    toys.command("Inspector")
    toys.run()
    toys.wait_until_idle()
    expect(seed).to_have_attribute("aria-valuetext", "4822")
    panel = page.get_by_role("region", name="Inspector")
    expect(panel.get_by_role("definition").filter(has_text=re.compile("^4821$"))).to_be_visible()
    panel.get_by_role("button", name="Copy the seed that was used").click()
    assert page.evaluate("navigator.clipboard.readText()") == "4821"
    toys.node("KSampler").get_by_role("button", name="Use 4821 again and keep it").click()
    expect(seed).to_have_attribute("aria-valuetext", "4821")
    expect(mode).to_have_accessible_name("After each run: fixed")
