"""What a run leaves to look at: why a node ran, what flowed over a wire, the viewer and its pinned pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.web.editing import Desk
from tests.web.gestures import Sketch, click, header, holding, menu, press, select, settled, show, wire_middle

COLORS = {"Left": 16711680, "Right": 255}


@pytest.fixture
def ran(desk: Desk, sketch: Sketch) -> Desk:
    """A red picture and a blue one, both shown."""
    for place, (title, color) in enumerate(COLORS.items()):
        sketch.node(title, "EmptyImage", 0, 300 * place, width=64, height=64, batch_size=1, color=color)
        sketch.node(f"Show {title}", "PreviewImage", 400, 300 * place)
        sketch.wire(f"{title}.IMAGE > Show {title}.images")
    show(desk, sketch)
    press(desk, "Control+Enter")
    for title in COLORS:
        desk.expect_state(f"Show {title}", "done", "cached")
    desk.wait_until_idle()
    return desk


def mark(desk: Desk, title: str) -> Locator:
    return desk.node(title).locator("[data-run-mark]")


def rerun(desk: Desk, width: int) -> None:
    desk.node("Left").get_by_role("spinbutton", name="width", exact=True).focus()
    desk.page.keyboard.type(str(width))
    press(desk, "Enter", "Control+Enter")
    desk.wait_until_idle()
    desk.expect_state("Left", "done")


def test_hovering_a_run_mark_tells_which_input_changed(ran: Desk) -> None:
    rerun(ran, 72)
    mark(ran, "Left").hover()
    card = ran.page.get_by_role("tooltip")
    expect(card).to_contain_text("width")
    expect(card).to_contain_text("64")
    expect(card).to_contain_text("72")
    ran.page.mouse.move(*ran.empty_spot())
    expect(card).to_have_count(0)
    mark(ran, "Right").hover()
    expect(card).not_to_contain_text("width")


def test_r_tells_why_the_selected_node_ran(ran: Desk) -> None:
    rerun(ran, 80)
    select(ran, "Left")
    ran.page.mouse.move(*ran.empty_spot())
    press(ran, "r")
    expect(ran.page.get_by_role("tooltip")).to_contain_text("width")


def test_hovering_a_wire_tells_what_flowed_over_it(ran: Desk) -> None:
    ran.page.mouse.move(*wire_middle(ran, ("Left", "IMAGE"), ("Show Left", "images")))
    chip = ran.page.get_by_role("tooltip")
    expect(chip).to_contain_text(re.compile("IMAGE.*64×64", re.DOTALL))
    expect(chip.get_by_role("img")).to_be_visible()


def viewer(desk: Desk) -> Locator:
    """The viewer, over everything or beside the graph."""
    dialog = desk.page.get_by_role("dialog", name="Viewer")
    return dialog.or_(desk.page.get_by_role("region", name="Viewer"))


def seen(desk: Desk) -> str:
    """The colour of the picture that the viewer shows."""
    picture = viewer(desk).locator("img").first
    expect(picture).to_be_visible()
    desk.page.wait_for_function("(image) => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    red, _, blue = picture.evaluate(
        """(image) => {
          const canvas = new OffscreenCanvas(1, 1);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )
    return "Left" if red > blue else "Right"


def test_v_shows_the_output_of_the_selected_node_large(ran: Desk) -> None:
    for title in COLORS:
        select(ran, f"Show {title}")
        press(ran, "v")
        assert seen(ran) == title
        press(ran, "Escape")
        expect(viewer(ran)).to_have_count(0)


def test_control_shift_click_and_the_menu_show_it_too(ran: Desk) -> None:
    click(ran, header(ran, "Show Right"), "Control", "Shift")
    assert seen(ran) == "Right"
    press(ran, "Escape")
    menu(ran, header(ran, "Show Left"), "View this output large")
    assert seen(ran) == "Left"
    press(ran, "Escape")
    expect(viewer(ran)).to_have_count(0)


def test_beside_the_graph_the_viewer_follows_the_selection(ran: Desk) -> None:
    select(ran, "Show Left")
    press(ran, "v")
    viewer(ran).get_by_role("button", name="Beside the graph, following the selection").click()
    expect(ran.page.get_by_role("region", name="Viewer")).to_be_visible()
    for title in ("Right", "Left"):
        press(ran, "Control+f")  # the viewer may lie over the node
        ran.page.keyboard.type(f"Show {title}")
        press(ran, "Enter")
        ran.page.wait_for_timeout(200)
        assert seen(ran) == title
    viewer(ran).get_by_role("button", name="Over everything").click()
    press(ran, "Escape")
    expect(viewer(ran)).to_have_count(0)


def test_shift_and_a_digit_pin_a_viewer_and_the_digit_flips_to_it(ran: Desk) -> None:
    for digit, title in enumerate(COLORS, 1):
        select(ran, f"Show {title}")
        press(ran, f"Shift+Digit{digit}")
        expect(ran.message(f"Pinned to {digit}.")).to_be_visible()
    press(ran, "1")
    assert seen(ran) == "Left"
    press(ran, "2")
    ran.page.wait_for_timeout(200)
    assert seen(ran) == "Right"
    press(ran, "1")
    ran.page.wait_for_timeout(200)
    assert seen(ran) == "Left"
    press(ran, "Escape")
    press(ran, "7")
    expect(ran.message(re.compile("Nothing is pinned to 7"))).to_be_visible()


def test_the_palette_pins_and_shows_viewers(ran: Desk) -> None:
    select(ran, "Show Right")
    ran.command("Pin to viewer 4")
    with holding(ran):
        select(ran, "Show Left")
    ran.command("Show viewer 4")
    assert seen(ran) == "Right"
    press(ran, "Escape")
    settled(ran)
