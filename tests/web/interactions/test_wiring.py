"""Wires with the mouse: drawing, moving, breaking, cutting, bending, and putting nodes into them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import (
    CHAIN,
    Point,
    Sketch,
    add_box,
    body,
    camera,
    click,
    expect_wire,
    header,
    holding,
    menu,
    on_screen,
    places,
    press,
    said,
    select,
    settled,
    show,
    stroke,
    wire_middle,
    wires,
)

OUT = ("Source", "out:IMAGE")


def painted(desk: Desk, at: Point) -> tuple[int, int, int, int]:
    """Red, green, blue and cover (all 0 to 255) of what gestures paint over the nodes at a point of the page."""
    box = desk.canvas.bounding_box()
    assert box is not None
    found = desk.page.evaluate(
        """([x, y]) => {
          const overlay = document.querySelectorAll("#canvas > canvas")[1];
          const ratio = overlay.width / overlay.clientWidth;
          return [...overlay.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data];
        }""",
        [at[0] - box["x"], at[1] - box["y"]],
    )
    return tuple(found)


def test_while_a_wire_is_loose_fitting_sockets_glow_others_dim_and_the_reason_is_told(drawn: Desk) -> None:
    fitting = drawn.socket("Spare", "in:image")
    mask = body(drawn, "Mask")
    drawn.page.mouse.move(*drawn.socket(*OUT))
    drawn.page.mouse.down()
    drawn.page.mouse.move(*on_screen(drawn, (280, 420)), steps=4)
    settled(drawn)
    lit = painted(drawn, fitting)
    assert lit[3] == 255 and max(lit[:3]) - min(lit[:3]) > 60, "the fitting socket has no coloured dot"
    assert 0 < painted(drawn, (fitting[0] + 7, fitting[1]))[3] < 128, "there is no glow around it"
    veil = painted(drawn, mask)
    assert 100 < veil[3] < 200 and max(veil[:3]) - min(veil[:3]) < 12, "a node that cannot take the wire is not veiled"
    assert painted(drawn, body(drawn, "Spare"))[3] == 0, "a node that can take it is veiled"
    drawn.page.mouse.move(*mask, steps=4)
    expect(said(drawn)).to_have_text("No input here takes IMAGE")
    drawn.page.mouse.move(*drawn.socket("Source", "in:width"), steps=4)
    expect(said(drawn)).to_be_visible()
    press(drawn, "Escape")
    drawn.page.mouse.up()
    expect(said(drawn)).to_be_hidden()
    assert wires(drawn) == CHAIN


def test_a_wire_that_would_close_a_circle_says_so(drawn: Desk) -> None:
    drawn.page.mouse.move(*drawn.socket("Second", "out:IMAGE"))
    drawn.page.mouse.down()
    drawn.page.mouse.move(*drawn.socket("First", "in:image"), steps=6)
    expect(said(drawn)).to_have_text("That would close a circle")
    drawn.page.mouse.up()
    assert wires(drawn) == CHAIN


def test_a_wire_dropped_on_a_node_takes_the_best_socket(desk: Desk, sketch: Sketch) -> None:
    sketch.node("Words", "CLIPTextEncode", 0, 0).node("Sampler", "KSampler", 400, 0)
    sketch.node("Latent", "EmptyLatentImage", 0, 240).wire("Words.CONDITIONING > Sampler.positive")
    show(desk, sketch)
    stroke(desk, [desk.socket("Latent", "out:LATENT"), body(desk, "Sampler")])
    stroke(desk, [desk.socket("Words", "out:CONDITIONING"), header(desk, "Sampler")])
    expected = {"Words.CONDITIONING > Sampler.positive", "Words.CONDITIONING > Sampler.negative"}
    assert wires(desk) == expected | {"Latent.LATENT > Sampler.latent_image"}


def test_click_a_socket_push_the_desk_and_click_another(drawn: Desk) -> None:
    click(drawn, drawn.socket(*OUT))
    before = drawn.socket("Spare", "in:image")
    drawn.page.mouse.move(700, 800)
    drawn.page.mouse.wheel(-80, -33)
    settled(drawn)
    after = drawn.socket("Spare", "in:image")
    assert after != before
    click(drawn, after)
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}


def test_alt_and_the_right_button_from_node_to_node_wires_what_fits_best(drawn: Desk) -> None:
    stroke(drawn, [header(drawn, "Source"), header(drawn, "Spare")], keys=["Alt"], button="right")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}
    expect(drawn.page.get_by_role("menu")).to_have_count(0)


def test_control_drag_moves_all_wires_of_an_output(desk: Desk, sketch: Sketch) -> None:
    sketch.node("Old", "EmptyImage", 0, 0).node("New", "EmptyImage", 0, 240)
    sketch.node("A", "ImageInvert", 400, 0).node("B", "ImageInvert", 400, 120)
    show(desk, sketch.wire("Old.IMAGE > A.image", "Old.IMAGE > B.image"))
    stroke(desk, [desk.socket("Old", "out:IMAGE"), desk.socket("New", "out:IMAGE")], keys=["Control"])
    assert wires(desk) == {"New.IMAGE > A.image", "New.IMAGE > B.image"}
    press(desk, "Control+z")
    assert wires(desk) == {"Old.IMAGE > A.image", "Old.IMAGE > B.image"}


def test_control_drag_moves_the_wire_of_an_input(drawn: Desk) -> None:
    stroke(drawn, [drawn.socket("First", "in:image"), drawn.socket("Spare", "in:image")], keys=["Control"])
    assert wires(drawn) == CHAIN - {"Source.IMAGE > First.image"} | {"Source.IMAGE > Spare.image"}


def test_a_wire_is_picked_up_from_its_input_and_dropped_elsewhere_or_nowhere(drawn: Desk) -> None:
    stroke(drawn, [drawn.socket("First", "in:image"), drawn.socket("Spare", "in:image")])
    moved = CHAIN - {"Source.IMAGE > First.image"} | {"Source.IMAGE > Spare.image"}
    assert wires(drawn) == moved
    stroke(drawn, [drawn.socket("Spare", "in:image"), on_screen(drawn, (620, 420))])
    assert wires(drawn) == CHAIN - {"Source.IMAGE > First.image"}


def test_alt_click_breaks_the_wires_of_a_socket_and_so_does_its_menu(desk: Desk, sketch: Sketch) -> None:
    sketch.node("Old", "EmptyImage", 0, 0).node("A", "ImageInvert", 400, 0).node("B", "ImageInvert", 400, 120)
    show(desk, sketch.wire("Old.IMAGE > A.image", "Old.IMAGE > B.image"))
    click(desk, desk.socket("Old", "out:IMAGE"), "Alt")
    assert wires(desk) == set()
    press(desk, "Control+z")
    menu(desk, desk.socket("Old", "out:IMAGE"), "Delete its wires")
    assert wires(desk) == set()


def test_a_stroke_with_y_held_cuts_what_it_crosses(drawn: Desk) -> None:
    (x, y) = wire_middle(drawn, ("First", "IMAGE"), ("Second", "image"))
    stroke(drawn, [(x, y - 40), (x, y + 40)], keys=["y"])
    assert wires(drawn) == CHAIN - {"First.IMAGE > Second.image"}


def bends(desk: Desk) -> list[Point]:
    """Where the reroutes are that some wire goes through."""
    extra = desk.exported().get("extra", {})
    return [tuple(each["pos"]) for each in extra.get("reroutes", []) if each["linkIds"]]


def test_shift_and_the_right_button_across_wires_put_a_bend_in_each(drawn: Desk) -> None:
    (x, y) = wire_middle(drawn, ("First", "IMAGE"), ("Second", "image"))
    stroke(drawn, [(x, y - 40), (x, y + 40)], keys=["Shift"], button="right")
    (bend,) = bends(drawn)
    assert on_screen(drawn, bend) == pytest.approx((x, y), abs=4)
    assert wires(drawn) == CHAIN
    expect(drawn.page.get_by_role("menu")).to_have_count(0)


def test_alt_click_on_a_wire_puts_a_bend_there_which_moves_and_goes(drawn: Desk) -> None:
    at = wire_middle(drawn, ("First", "IMAGE"), ("Second", "image"))
    click(drawn, at, "Alt")
    assert len(bends(drawn)) == 1
    stroke(drawn, [at, (at[0] + 10, at[1] + 90)])
    (bend,) = bends(drawn)
    assert on_screen(drawn, bend) == pytest.approx((at[0] + 10, at[1] + 90), abs=2)
    assert wires(drawn) == CHAIN
    click(drawn, on_screen(drawn, bend), "Alt")
    assert bends(drawn) == []
    assert wires(drawn) == CHAIN


def carry(desk: Desk, title: str, to: Point, *keys: str) -> None:
    """Carry a node so that the middle of its upper part comes to lie there."""
    box = desk.node(title).bounding_box()
    assert box is not None
    (x, y) = header(desk, title)
    offset = (x - box["x"] - box["width"] / 2, y - box["y"] - min(box["height"], 56) / 2)
    end = (to[0] + offset[0], to[1] + offset[1])
    stroke(desk, [(x, y), end], keys=keys)


def test_a_node_dropped_on_a_wire_goes_between_and_the_next_ones_slide_over(drawn: Desk) -> None:
    before = places(drawn)
    carry(drawn, "Spare", wire_middle(drawn, ("First", "IMAGE"), ("Second", "image")))
    inserted = {"First.IMAGE > Spare.image", "Spare.IMAGE > Second.image"}
    assert wires(drawn) == CHAIN - {"First.IMAGE > Second.image"} | inserted
    after = places(drawn)
    width = 240
    assert after["Second"][0] >= after["Spare"][0] + width
    assert after["Show"][0] - before["Show"][0] == after["Second"][0] - before["Second"][0] > 0
    assert after["First"] == before["First"]
    press(drawn, "Control+z")
    assert wires(drawn) == CHAIN and places(drawn) == before


def test_with_alt_a_dropped_node_stays_beside_the_wire(drawn: Desk) -> None:
    target = wire_middle(drawn, ("First", "IMAGE"), ("Second", "image"))
    drawn.page.mouse.move(*header(drawn, "Spare"))
    drawn.page.mouse.down()
    with holding(drawn, "Alt"):
        drawn.page.mouse.move(target[0] - 60, target[1] - 14, steps=8)
        drawn.page.mouse.up()
    assert wires(drawn) == CHAIN
    assert places(drawn)["Spare"] != (320, 240)


def test_a_shaken_node_leaves_its_chain_which_closes_behind_it(drawn: Desk) -> None:
    (x, y) = header(drawn, "First")
    shake = [(x + side * 45, y + place * 8) for place, side in enumerate((1, -1, 1, -1, 1, -1))]
    stroke(drawn, [(x, y), *shake, (x, y + 200)], steps=3)
    assert wires(drawn) == CHAIN - {"Source.IMAGE > First.image", "First.IMAGE > Second.image"} | {
        "Source.IMAGE > Second.image"
    }
    press(drawn, "Control+z")
    assert wires(drawn) == CHAIN


def connector(desk: Desk, socket: str, partner: str) -> None:
    """Choose a socket, then what it is wired with, in the lists that are open."""
    for words in (socket, partner):
        desk.page.get_by_role("listbox", name="Choices").get_by_role("option").filter(has_text=words).first.click()


def test_alt_click_on_a_node_opens_the_connector_even_from_far_away(drawn: Desk) -> None:
    for _ in range(8):
        press(drawn, "-")
    assert camera(drawn)["zoom"] < 0.35
    click(drawn, on_screen(drawn, (60, 60)), "Alt")
    expect(drawn.page.get_by_role("dialog", name="Connect Source")).to_be_visible()
    connector(drawn, "IMAGE", "Spare")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}


def test_c_wires_a_node_from_lists_with_the_nearest_first(drawn: Desk) -> None:
    select(drawn, "Source")
    press(drawn, "c")
    drawn.page.keyboard.type("IMAGE")
    press(drawn, "Enter")
    near = drawn.page.get_by_role("listbox", name="Choices").get_by_role("option").all_inner_texts()
    assert "First" in near[0] and "Show" in near[-1], near
    assert not any("Mask" in each for each in near)
    drawn.page.keyboard.type("Spare")
    press(drawn, "Enter")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}


def test_c_over_a_socket_is_about_that_socket(drawn: Desk) -> None:
    drawn.page.mouse.move(*drawn.socket("Spare", "in:image"))
    settled(drawn)
    press(drawn, "c")
    expect(drawn.page.get_by_role("dialog", name="Connect image with")).to_be_visible()
    drawn.page.keyboard.type("Source")
    press(drawn, "Enter")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}


def test_the_menu_of_a_socket_wires_and_adds(drawn: Desk) -> None:
    menu(drawn, drawn.socket("Spare", "in:image"), "Connect with…")
    drawn.page.get_by_role("listbox", name="Choices").get_by_role("option").filter(has_text="Source").click()
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}
    menu(drawn, drawn.socket("Mask", "out:MASK"), "Add node that fits")
    add_box(drawn).get_by_role("combobox").fill("grow mask")
    press(drawn, "Enter")
    assert "Mask.MASK > GrowMask.mask" in wires(drawn)


def test_the_menu_of_a_wire_bends_opens_and_deletes_it(drawn: Desk) -> None:
    at = wire_middle(drawn, ("First", "IMAGE"), ("Second", "image"))
    menu(drawn, at, "Add a bend to the wire")
    assert len(bends(drawn)) == 1
    press(drawn, "Control+z")
    menu(drawn, at, "Add node into the wire")
    add_box(drawn).get_by_role("combobox").fill("invert image")
    press(drawn, "Enter")
    between = {"First.IMAGE > ImageInvert.image", "ImageInvert.IMAGE > Second.image"}
    assert wires(drawn) == CHAIN - {"First.IMAGE > Second.image"} | between
    press(drawn, "Control+z")
    menu(drawn, at, "Delete wire")
    assert wires(drawn) == CHAIN - {"First.IMAGE > Second.image"}


def test_a_wire_is_shown_as_tags_by_menu_and_by_key_and_stays_a_wire(drawn: Desk) -> None:
    at = wire_middle(drawn, ("First", "IMAGE"), ("Second", "image"))
    click(drawn, on_screen(drawn, (760, 200)))
    expect_wire(drawn, True)
    menu(drawn, at, "Show wire as tags, or as a wire again")
    expect_wire(drawn, False)
    assert wires(drawn) == CHAIN
    select(drawn, "First", "Second")
    press(drawn, "Shift+k")
    click(drawn, on_screen(drawn, (760, 200)))
    expect_wire(drawn, True)
    press(drawn, "Control+z")
    expect_wire(drawn, False)
