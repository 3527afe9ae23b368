"""Nodes that are there: deleting, connecting, swapping, copying, undoing, switching off, folding."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import (
    CHAIN,
    TITLE_BAR,
    Sketch,
    chosen,
    header,
    menu,
    on_screen,
    one,
    places,
    press,
    select,
    show,
    stroke,
    titles,
    wires,
)

HEALED = {"Source.IMAGE > Second.image", "Second.IMAGE > Show.images"}


def test_delete_takes_a_node_away_with_its_wires(drawn: Desk) -> None:
    select(drawn, "First")
    press(drawn, "Delete")
    assert "First" not in titles(drawn)
    assert wires(drawn) == {"Second.IMAGE > Show.images"}


def test_the_menu_deletes_too(drawn: Desk) -> None:
    menu(drawn, header(drawn, "First"), "Delete")
    assert "First" not in titles(drawn)


def test_shift_delete_closes_the_chain_behind_the_node(drawn: Desk) -> None:
    select(drawn, "First")
    press(drawn, "Shift+Delete")
    assert "First" not in titles(drawn)
    assert wires(drawn) == HEALED


def test_the_menu_closes_the_chain_too(drawn: Desk) -> None:
    menu(drawn, header(drawn, "First"), "Delete and connect the neighbours")
    assert wires(drawn) == HEALED


def test_f_connects_nodes_in_the_order_of_their_selection(drawn: Desk) -> None:
    select(drawn, "Source", "Spare")
    press(drawn, "f")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}


def test_the_menu_connects_in_order_too(drawn: Desk) -> None:
    select(drawn, "Source", "Spare")
    menu(drawn, header(drawn, "Spare"), "Connect in order of selection")
    assert wires(drawn) - CHAIN == {"Source.IMAGE > Spare.image"}


def pair(sketch: Sketch) -> Sketch:
    sketch.node("Left", "EmptyImage", 0, 0).node("Right", "EmptyImage", 0, 240).node("Both", "ImageBatch", 400, 0)
    return sketch.wire("Left.IMAGE > Both.image1", "Right.IMAGE > Both.image2")


SWAPPED = {"Left.IMAGE > Both.image2", "Right.IMAGE > Both.image1"}


def test_alt_s_swaps_the_two_inputs(desk: Desk, sketch: Sketch) -> None:
    show(desk, pair(sketch))
    select(desk, "Both")
    press(desk, "Alt+s")
    assert wires(desk) == SWAPPED


def test_the_menu_swaps_the_inputs_too(desk: Desk, sketch: Sketch) -> None:
    show(desk, pair(sketch))
    menu(desk, header(desk, "Both"), "Swap the two inputs")
    assert wires(desk) == SWAPPED


def test_control_d_duplicates_with_the_wires_between_the_copies(drawn: Desk) -> None:
    select(drawn, "First", "Second")
    press(drawn, "Control+d")
    assert titles(drawn).count("First") == titles(drawn).count("Second") == 2
    links = drawn.exported()["links"]
    assert len(links) == len(CHAIN) + 1, "the wire between both, and none from outside"
    assert chosen(drawn) == ["First", "Second"], "the copies are what is selected"


def test_control_shift_d_duplicates_with_incoming_wires(drawn: Desk) -> None:
    select(drawn, "First")
    press(drawn, "Control+Shift+d")
    workflow = drawn.exported()
    copies = [each for each in workflow["nodes"] if each.get("title") == "First"]
    assert len(copies) == 2
    links = {each["inputs"][0]["link"] for each in copies}
    sources = {source for id, source, *_ in workflow["links"] if id in links}
    assert len(links) == 2 and sources == {1}


def test_alt_drag_leaves_the_node_and_carries_a_copy(drawn: Desk) -> None:
    (x, y) = header(drawn, "First")
    stroke(drawn, [(x, y), (x + 40, y + 320)], keys=["Alt"])
    copies = [each["pos"] for each in drawn.saved_nodes() if each.get("title") == "First"]
    assert sorted(copies) == [[320, TITLE_BAR], [360, 320 + TITLE_BAR]]
    assert wires(drawn) == CHAIN


def test_the_menu_duplicates_too(drawn: Desk) -> None:
    menu(drawn, header(drawn, "First"), "Duplicate with incoming links")
    assert titles(drawn).count("First") == 2
    assert len(drawn.exported()["links"]) == len(CHAIN) + 1


def test_copy_and_paste_put_nodes_at_the_pointer_with_their_inputs_where_wanted(drawn: Desk) -> None:
    select(drawn, "First")
    press(drawn, "Control+c")
    drawn.page.mouse.move(*on_screen(drawn, (560, 420)))
    press(drawn, "Control+v")
    assert len(drawn.exported()["links"]) == len(CHAIN)
    copies = [each["pos"] for each in drawn.saved_nodes() if each.get("title") == "First"]
    assert [320, TITLE_BAR] in copies and any(abs(x - 560) <= 128 and abs(y - 420) <= 64 for x, y in copies)
    press(drawn, "Control+Shift+v")
    assert titles(drawn).count("First") == 3
    assert len(drawn.exported()["links"]) == len(CHAIN) + 1


def test_cut_takes_nodes_away_and_paste_brings_them_back(drawn: Desk) -> None:
    select(drawn, "Spare")
    press(drawn, "Control+x")
    assert "Spare" not in titles(drawn)
    press(drawn, "Control+v")
    assert "Spare" in titles(drawn)


def test_the_menus_copy_and_paste_too(drawn: Desk) -> None:
    drawn.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    menu(drawn, header(drawn, "Spare"), "Copy")
    menu(drawn, on_screen(drawn, (640, 420)), "Paste")
    expect(drawn.node("Spare")).to_have_count(2)
    assert titles(drawn).count("Spare") == 2


def test_undo_and_redo_by_each_of_their_keys(drawn: Desk) -> None:
    before = drawn.exported()
    select(drawn, "First")
    press(drawn, "Delete")
    select(drawn, "Spare")
    press(drawn, "Delete")
    after = drawn.exported()
    press(drawn, "Control+z", "Control+z")
    assert drawn.exported() == before
    press(drawn, "Control+Shift+z", "Control+y")
    assert drawn.exported() == after


def test_the_main_menu_undoes_and_redoes_too(drawn: Desk) -> None:
    select(drawn, "Spare")
    press(drawn, "Delete")
    for entry, there in (("Undo", True), ("Redo", False)):
        drawn.page.get_by_role("button", name="Menu", exact=True).click()
        drawn.page.get_by_role("menuitem", name=entry).click()
        assert ("Spare" in titles(drawn)) is there


def test_bypass_mute_and_pin_by_key(drawn: Desk) -> None:
    select(drawn, "First")
    for keys, mode in (("Control+b", 4), ("Control+b", 0), ("m", 2), ("Control+m", 0)):
        press(drawn, keys)
        assert one(drawn, "First")["mode"] == mode, f"after {keys}"
    press(drawn, "p")
    assert one(drawn, "First")["flags"].get("pinned") is True
    (x, y) = header(drawn, "First")
    stroke(drawn, [(x, y), (x + 100, y + 100)])
    assert places(drawn)["First"] == (320, 0), "a pinned node does not move"
    select(drawn, "First")
    press(drawn, "p")
    assert "pinned" not in one(drawn, "First")["flags"]


def test_bypass_mute_and_pin_by_menu(drawn: Desk) -> None:
    at = header(drawn, "First")
    for entry, mode in (("Bypass", 4), ("Mute", 2)):
        menu(drawn, at, entry)
        assert one(drawn, "First")["mode"] == mode
    menu(drawn, at, "Pin")
    assert one(drawn, "First")["flags"].get("pinned") is True


def test_alt_c_folds_a_node_and_so_does_its_menu(drawn: Desk) -> None:
    select(drawn, "Source")
    press(drawn, "Alt+c")
    assert one(drawn, "Source")["flags"].get("collapsed") is True
    expect(drawn.node("Source").get_by_role("spinbutton")).to_have_count(0)
    menu(drawn, header(drawn, "Source"), "Collapse")
    assert "collapsed" not in one(drawn, "Source")["flags"]
    expect(drawn.node("Source").get_by_role("spinbutton", name="width")).to_be_visible()


def test_h_hides_unused_sockets_and_shows_them_again(drawn: Desk) -> None:
    menu(drawn, header(drawn, "Spare"), "Hide unused sockets")
    expect(drawn.node("Spare").locator("[data-socket]")).to_have_count(0)
    select(drawn, "Spare")
    press(drawn, "h")
    expect(drawn.node("Spare").locator('[data-socket="in:image"]')).to_be_visible()
    select(drawn, "Show")
    press(drawn, "h")
    expect(drawn.node("Show").locator('[data-socket="in:images"]')).to_be_visible()
    assert wires(drawn) == CHAIN


def test_a_title_is_changed_by_double_click(drawn: Desk) -> None:
    drawn.page.mouse.dblclick(*header(drawn, "Spare"))
    drawn.node("Spare").get_by_role("textbox", name="Title").fill("Kept back")
    press(drawn, "Enter")
    assert "Kept back" in titles(drawn)
    expect(drawn.canvas.get_by_role("group", name=re.compile("^Kept back$"))).to_be_visible()
