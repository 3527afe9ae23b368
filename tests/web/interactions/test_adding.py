"""Adding nodes: at the pointer, one after another, from a wire, and through a conversion."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import CHAIN, add_box, click, offered, on_screen, places, press, stroke, titles, wires

SOURCE = ("Source", "out:IMAGE")
FREE = (560.0, 420.0)


def test_double_click_adds_a_node_at_the_pointer(drawn: Desk) -> None:
    drawn.page.mouse.dblclick(*on_screen(drawn, FREE))
    add_box(drawn).get_by_role("combobox").fill("scale by")
    add_box(drawn).get_by_role("option", name="Upscale Image By").click()
    expect(drawn.node("Upscale Image By")).to_be_visible()
    assert places(drawn)["ImageScaleBy"] == pytest.approx(FREE, abs=16)


def test_tab_adds_a_node_found_by_a_few_letters_and_offers_it_first_next_time(drawn: Desk) -> None:
    drawn.page.mouse.move(*on_screen(drawn, FREE))
    press(drawn, "Tab")
    drawn.page.keyboard.type("grw msk")
    assert offered(drawn)[0] == "Grow Mask"
    press(drawn, "Enter")
    expect(add_box(drawn)).to_have_count(0)
    assert places(drawn)["GrowMask"] == pytest.approx(FREE, abs=16)
    press(drawn, "Tab")
    assert offered(drawn)[0] == "Grow Mask"
    press(drawn, "Escape")


def test_shift_enter_keeps_adding_and_wires_each_node_after_the_last(drawn: Desk) -> None:
    drawn.page.mouse.move(*on_screen(drawn, FREE))
    press(drawn, "Tab")
    for name in ("EmptyImage", "Upscale Image By"):
        drawn.page.keyboard.type(name)
        press(drawn, "Shift+Enter")
    drawn.page.keyboard.type("Preview Image")
    press(drawn, "Enter")
    expect(add_box(drawn)).to_have_count(0)
    assert wires(drawn) - CHAIN == {"EmptyImage.IMAGE > ImageScaleBy.image", "ImageScaleBy.IMAGE > PreviewImage.images"}


def test_shift_click_keeps_adding(drawn: Desk) -> None:
    drawn.page.mouse.dblclick(*on_screen(drawn, FREE))
    for name in ("EmptyImage", "Upscale Image By"):
        add_box(drawn).get_by_role("combobox").fill(name)
        add_box(drawn).get_by_role("option", name=name).first.click(modifiers=["Shift"])
    press(drawn, "Escape")
    assert wires(drawn) - CHAIN == {"EmptyImage.IMAGE > ImageScaleBy.image"}


def test_a_wire_dropped_on_the_empty_canvas_offers_only_what_fits_and_wires_it(drawn: Desk) -> None:
    stroke(drawn, [drawn.socket(*SOURCE), on_screen(drawn, FREE)])
    box = add_box(drawn).get_by_role("combobox")
    expect(box).to_have_attribute("placeholder", "Nodes that take IMAGE")
    names = offered(drawn)
    assert {"Invert Image", "Preview Image", "VAE Encode"} <= set(names)
    assert not {"KSampler", "Grow Mask", "Load Image"} & set(names)
    box.fill("scale by")
    press(drawn, "Enter")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > ImageScaleBy.image"}


def test_a_wire_from_an_input_offers_what_gives_its_type(drawn: Desk) -> None:
    stroke(drawn, [drawn.socket("Spare", "in:image"), on_screen(drawn, (300, 440))])
    expect(add_box(drawn).get_by_role("combobox")).to_have_attribute("placeholder", "Nodes that give IMAGE")
    assert "Grow Mask" not in offered(drawn)
    add_box(drawn).get_by_role("combobox").fill("load image")
    press(drawn, "Enter")
    assert wires(drawn) - CHAIN == {"LoadImage.IMAGE > Spare.image"}


def test_a_conversion_is_put_between_sockets_that_almost_fit(drawn: Desk) -> None:
    stroke(drawn, [drawn.socket("Mask", "out:MASK"), drawn.socket("Spare", "in:image")])
    assert wires(drawn) - CHAIN == {"Mask.MASK > MaskToImage.mask", "MaskToImage.IMAGE > Spare.image"}
    expect(drawn.message("Convert Mask to Image was put between")).to_be_visible()
    press(drawn, "Control+z")
    assert wires(drawn) == CHAIN and "MaskToImage" not in titles(drawn)


def test_the_palette_adds_nodes_too(drawn: Desk) -> None:
    click(drawn, on_screen(drawn, FREE))
    press(drawn, "Control+k")
    drawn.page.keyboard.type("+ scale image by")
    press(drawn, "Enter")
    expect(drawn.node("Upscale Image By")).to_be_visible()
    assert "ImageScaleBy" in titles(drawn)
