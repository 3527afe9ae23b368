"""Wires: what flowed over them, tags in their place, lists to draw them by, and sockets out of the way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.web.editing import Desk

Place = tuple[float, float]


def middle(a: Place, b: Place, share: float = 0.5) -> Place:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def links(desk: Desk) -> set[str]:
    """The drawn links, as "node.output>node.input" by the names of sockets."""
    graph = desk.exported()
    nodes = {each["id"]: each for each in graph["nodes"]}
    found = set()
    for _, start, output, end, target, *_ in graph["links"]:
        first, second = nodes[start], nodes[end]
        found.add(
            f"{first['type']}.{first['outputs'][output]['name']}>{second['type']}.{second['inputs'][target]['name']}"
        )
    return found


def rest_on(desk: Desk, place: Place) -> Locator:
    """Move the mouse onto a wire and leave it there; what shows at the pointer."""
    desk.page.mouse.move(place[0], place[1] - 60)
    desk.page.mouse.move(*place, steps=4)
    return desk.page.get_by_role("tooltip")


def hide_the_model(desk: Desk) -> None:
    """By the menu of the wire from the checkpoint's model to the sampler."""
    x, y = desk.socket("Load Checkpoint", "out:MODEL")
    desk.page.mouse.click(x + 24, y, button="right")
    desk.page.get_by_role("menuitem", name=re.compile("tags")).click()
    desk.page.mouse.move(*desk.empty_spot())


def test_a_wire_tells_what_flowed_over_it(desk: Desk) -> None:
    desk.run()
    desk.expect_state("Save Image", "done", "cached")
    chip = rest_on(desk, middle(desk.socket("KSampler", "out:LATENT"), desk.socket("VAE Decode", "in:samples")))
    expect(chip).to_contain_text(re.compile(r"LATENT 1×4×16×16 · f32 · [\d.]+ kB"))
    expect(chip).to_contain_text(re.compile(r"−?[\d.]+ … [\d.]+ · mean"))
    picture = chip.get_by_role("img", name="What flowed here")
    expect(picture).to_be_visible()
    desk.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    desk.page.mouse.move(*desk.empty_spot())
    expect(chip).to_have_count(0)

    desk.node("KSampler").locator("header").click()
    desk.page.keyboard.press("i")
    inspector = desk.page.get_by_role("region", name="Inspector")
    expect(inspector.get_by_text(re.compile("CONDITIONING 1×77×64"))).to_have_count(2)
    expect(inspector.get_by_text(re.compile("^LATENT 1×4×16×16"))).to_have_count(2)
    desk.page.keyboard.press("i")


def test_a_hidden_wire_has_tags_that_lead_to_its_ends_and_stays_hidden_in_the_file(desk: Desk) -> None:
    before = desk.exported()
    hide_the_model(desk)
    file = desk.exported()
    assert [link for link in file["links"] if link[0] in file["extra"]["darkroom_hidden_links"]] == [
        link for link in file["links"] if link[5] == "MODEL"
    ]
    assert file["links"] == before["links"] and file["nodes"] == before["nodes"]

    x, y = desk.socket("Load Checkpoint", "out:MODEL")
    desk.page.mouse.move(x + 28, y, steps=3)
    expect(desk.canvas.get_by_role("status").filter(has_text="KSampler · model")).to_be_visible()
    desk.page.mouse.click(x + 28, y)
    desk.command("Delete")
    expect(desk.node("KSampler")).to_have_count(0)
    desk.page.keyboard.press("Control+z")
    desk.page.keyboard.press("Control+z")
    assert desk.exported() == before


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_two_nodes_are_wired_by_lists(desk: Desk, way: str) -> None:
    page = desk.page
    if way == "mouse":
        for _ in range(12):
            page.keyboard.press("-")
        expect(desk.node("KSampler")).to_have_count(0)
        page.keyboard.down("Alt")
        page.mouse.click(*far(desk, "KSampler"))
        page.keyboard.up("Alt")
    else:
        desk.node("KSampler").locator("header").click()
        page.mouse.move(*desk.empty_spot())
        page.keyboard.press("c")
    box = page.get_by_role("combobox", name="Connect KSampler")
    expect(box).to_be_focused()
    if way == "mouse":
        page.get_by_role("option", name=re.compile("^positive")).click()
    else:
        box.fill("positive")
        page.keyboard.press("Enter")
    expect(page.get_by_role("option", name=re.compile("^What to see"))).to_contain_text("wired already")
    other = page.get_by_role("option", name=re.compile("^What to avoid"))
    expect(other).to_contain_text("replaces What to see")
    if way == "mouse":
        other.click()
    else:
        page.keyboard.type("avoid")
        page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_have_count(0)
    targets = [link for link in desk.exported()["links"] if link[5] == "CONDITIONING"]
    assert len({link[1] for link in targets}) == 1 and len(targets) == 2
    page.keyboard.press("Control+z")


def far(desk: Desk, title: str) -> Place:
    """The middle of a node that is too small to be an element. It asks the canvas, which has the only answer."""
    at: Any = desk.page.evaluate(
        """title => {
            const { view } = window.darkroom;
            const { camera } = view.editor;
            const { left, top } = document.getElementById("canvas").getBoundingClientRect();
            const shapes = [...view.model.nodes.values()];
            const { rect } = shapes.find((each) => (each.node.title ?? each.def?.title) === title);
            const x = (rect.x + rect.width / 2 - camera.x) * camera.zoom + left;
            return [x, (rect.y + rect.height / 2 - camera.y) * camera.zoom + top];
        }""",
        title,
    )
    return float(at[0]), float(at[1])


def test_unused_sockets_step_aside_and_come_back(desk: Desk) -> None:
    page = desk.page
    x, y = desk.socket("VAE Decode", "in:vae")
    page.keyboard.down("Alt")
    page.mouse.click(x, y)
    page.keyboard.up("Alt")
    before = desk.exported()
    assert "CheckpointLoaderSimple.VAE>VAEDecode.vae" not in links(desk)

    loader = desk.node("Load Checkpoint")
    loader.locator("header").click()
    tall = loader.bounding_box()
    page.keyboard.press("h")
    expect(loader.get_by_text("VAE", exact=True)).to_have_count(0)
    expect(loader.get_by_text("MODEL", exact=True)).to_be_visible()
    short = loader.bounding_box()
    assert tall is not None and short is not None and short["height"] < tall["height"]
    hidden = next(each for each in desk.saved_nodes() if each["type"] == "CheckpointLoaderSimple")
    assert [each["name"] for each in hidden["outputs"]] == ["MODEL", "CLIP", "VAE"]

    page.keyboard.press("h")
    expect(loader.get_by_text("VAE", exact=True)).to_be_visible()
    assert desk.exported() == before


def test_the_menus_of_wires_frames_and_sockets_act_on_what_they_were_opened_on(desk: Desk) -> None:
    page = desk.page
    x, y = middle(desk.socket("KSampler", "out:LATENT"), desk.socket("VAE Decode", "in:samples"))
    page.mouse.click(x, y, button="right")
    page.get_by_role("menuitem", name="Add node into the wire").click()
    page.get_by_role("combobox", name="Search").fill("upscale latent")
    page.get_by_role("option").first.click()
    assert any(each.startswith("KSampler.LATENT>Latent") for each in links(desk))
    page.keyboard.press("Control+z")

    page.mouse.click(*desk.socket("Load Checkpoint", "out:CLIP"), button="right")
    page.get_by_role("menuitem", name="Delete its wires").click()
    assert not any(".CLIP>" in each for each in links(desk))
    page.keyboard.press("Control+z")

    desk.node("Save Image").locator("header").click()
    page.keyboard.press("Control+g")
    box = desk.node("Save Image").bounding_box()
    assert box is not None
    title = (box["x"] + box["width"] - 30, box["y"] - 20)
    page.mouse.click(*title, button="right")
    page.get_by_role("menuitem", name="Colour of the frame").click()
    page.get_by_role("option", name="Green").click()
    assert [each.get("color") for each in desk.exported()["groups"]] == ["#8A8"]
    page.mouse.click(*title, button="right")
    page.get_by_role("menuitem", name="Remove frame").click()
    assert desk.exported()["groups"] == []
