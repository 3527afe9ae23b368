"""Where things stand: nudging, lining up, straightening, tidying, and frames."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import (
    Sketch,
    chosen,
    click,
    header,
    holding,
    menu,
    on_screen,
    one,
    places,
    press,
    select,
    show,
    stroke,
)

CROOKED = {"A": (0, 0), "B": (340, 56), "C": (720, 24)}


def crooked(sketch: Sketch) -> Sketch:
    """Three nodes of one size in a row that is not straight."""
    for title, (x, y) in CROOKED.items():
        sketch.node(title, "ImageInvert", x, y)
    return sketch.wire("A.IMAGE > B.image", "B.IMAGE > C.image")


def test_arrows_nudge_by_a_step_of_the_grid_and_with_shift_by_eight(drawn: Desk) -> None:
    select(drawn, "Spare")
    press(drawn, "ArrowRight", "ArrowRight", "ArrowDown")
    assert places(drawn)["Spare"] == (320 + 16, 240 + 8)
    press(drawn, "Shift+ArrowLeft", "Shift+ArrowUp")
    assert places(drawn)["Spare"] == (320 + 16 - 64, 240 + 8 - 64)


def test_dragging_moves_nodes_and_with_shift_onto_the_grid(drawn: Desk) -> None:
    (x, y) = header(drawn, "Spare")
    stroke(drawn, [(x, y), (x + 37, y + 101)])
    assert places(drawn)["Spare"] == (357, 341)
    (x, y) = header(drawn, "Spare")
    drawn.page.mouse.move(x, y)
    drawn.page.mouse.down()
    with holding(drawn, "Shift"):
        drawn.page.mouse.move(x + 30, y + 3, steps=4)
        drawn.page.mouse.up()
    left, top = places(drawn)["Spare"]
    assert left % 8 == 0 and top % 8 == 0 and (left, top) != (357, 341)


def test_with_a_held_a_swipe_lines_nodes_up_with_even_gaps(desk: Desk, sketch: Sketch) -> None:
    show(desk, crooked(sketch))
    press(desk, "Control+a")
    stroke(desk, [on_screen(desk, (100, 200)), on_screen(desk, (600, 215))], keys=["a"])
    assert places(desk) == {"A": (0, 0), "B": (360, 0), "C": (720, 0)}
    press(desk, "Control+z")
    stroke(desk, [on_screen(desk, (200, 140)), on_screen(desk, (210, 400))], keys=["a"])
    after = places(desk)
    assert {x for x, _ in after.values()} == {0}
    tops = sorted(y for _, y in after.values())
    assert tops[1] - tops[0] == tops[2] - tops[1] > 60


def test_the_palette_aligns_and_distributes_too(desk: Desk, sketch: Sketch) -> None:
    show(desk, crooked(sketch))
    press(desk, "Control+a")
    desk.command("Align top")
    assert {y for _, y in places(desk).values()} == {0}
    desk.command("Distribute across")
    assert sorted(x for x, _ in places(desk).values()) == [0, 360, 720]
    desk.command("Align left")
    assert {x for x, _ in places(desk).values()} == {0}


def test_l_tidies_and_so_does_the_menu(desk: Desk, sketch: Sketch) -> None:
    heap = sketch.node("A", "ImageInvert", 300, 0).node("B", "ImageInvert", 320, 10).node("C", "ImageInvert", 0, 30)
    show(desk, heap.wire("A.IMAGE > B.image", "B.IMAGE > C.image"))
    press(desk, "l")
    tidy = places(desk)
    width = 240
    assert tidy["A"][0] + width <= tidy["B"][0]
    assert tidy["B"][0] + width <= tidy["C"][0]
    press(desk, "Control+z")
    assert places(desk) == {"A": (300, 0), "B": (320, 10), "C": (0, 30)}
    menu(desk, on_screen(desk, (100, 250)), "Tidy")
    assert places(desk) == tidy


def test_q_straightens_wires_and_so_does_the_menu(desk: Desk, sketch: Sketch) -> None:
    level = {"A": (0, 0), "B": (340, 0), "C": (720, 0)}
    show(desk, crooked(sketch))
    press(desk, "Control+a", "q")
    assert places(desk) == level
    press(desk, "Control+z")
    assert places(desk) == CROOKED
    menu(desk, header(desk, "B"), "Straighten links")
    assert places(desk) == level


def frames(desk: Desk) -> list[dict[str, Any]]:
    return list(desk.exported()["groups"])


def test_control_g_draws_a_frame_that_carries_its_nodes(drawn: Desk) -> None:
    before = places(drawn)
    select(drawn, "First", "Second")
    press(drawn, "Control+g")
    (frame,) = frames(drawn)
    x, y, width, height = frame["bounding"]
    assert x < 320 and y < 0 and x + width > 640 + 240 and y + height > 60
    stroke(drawn, [on_screen(drawn, (x + 150, y + 12)), on_screen(drawn, (x + 150, y + 112))])
    after = places(drawn)
    moved = {"First": (320, 100), "Second": (640, 100)}
    assert {title: after[title] for title in moved} == moved
    assert {title: after[title] for title in ("Source", "Show", "Spare")} == {
        title: before[title] for title in ("Source", "Show", "Spare")
    }


def test_the_menu_draws_a_frame_too_and_a_double_click_names_it(drawn: Desk) -> None:
    select(drawn, "First", "Second")
    menu(drawn, header(drawn, "First"), "Frame")
    (frame,) = frames(drawn)
    x, y, _, _ = frame["bounding"]
    drawn.page.mouse.dblclick(*on_screen(drawn, (x + 150, y + 12)))
    box = drawn.page.get_by_role("textbox", name="Title of the frame")
    box.fill("Twice inverted")
    press(drawn, "Enter")
    expect(box).to_have_count(0)
    assert frames(drawn)[0]["title"] == "Twice inverted"


def test_f_while_dragging_joins_a_frame_which_grows_around_it(drawn: Desk) -> None:
    select(drawn, "First", "Second")
    press(drawn, "Control+g")
    before = frames(drawn)[0]["bounding"]
    drawn.page.mouse.move(*header(drawn, "Spare"))
    drawn.page.mouse.down()
    x, y, width, height = before
    drawn.page.mouse.move(*on_screen(drawn, (x + width / 2, y + height - 20)), steps=6)
    press(drawn, "f")
    drawn.page.mouse.up()
    x, y, width, height = frames(drawn)[0]["bounding"]
    left, top = places(drawn)["Spare"]
    assert x <= left and left + 240 <= x + width and y <= top and top + 60 <= y + height
    assert [x, y, width, height] != before
    click(drawn, on_screen(drawn, (x + 150, y + 12)))
    assert set(chosen(drawn)) == {"First", "Second", "Spare"}


def test_f_while_dragging_leaves_the_frame_which_closes_behind_it(drawn: Desk) -> None:
    select(drawn, "First", "Second")
    press(drawn, "Control+g")
    before = frames(drawn)[0]["bounding"]
    select(drawn, "Spare")
    drawn.page.mouse.move(*header(drawn, "Second"))
    drawn.page.mouse.down()
    x, y = header(drawn, "Second")
    drawn.page.mouse.move(x - 24, y + 60, steps=6)
    press(drawn, "f")
    drawn.page.mouse.up()
    x, y, width, _ = frames(drawn)[0]["bounding"]
    assert width < before[2] and [x, y] == before[:2]
    click(drawn, on_screen(drawn, (x + 150, y + 12)))
    assert chosen(drawn) == ["First"]


def test_a_node_dragged_out_of_its_frame_is_no_longer_carried(drawn: Desk) -> None:
    select(drawn, "First", "Second")
    press(drawn, "Control+g")
    before = frames(drawn)[0]["bounding"]
    select(drawn, "Spare")
    drawn.page.mouse.move(*header(drawn, "Second"))
    drawn.page.mouse.down()
    x, y, width, height = before
    drawn.page.mouse.move(*on_screen(drawn, (x + width + 90, y + height + 140)), steps=6)
    drawn.page.mouse.up()
    x, y, width, height = frames(drawn)[0]["bounding"]
    click(drawn, on_screen(drawn, (x + 150, y + 12)))
    assert chosen(drawn) == ["First"]


def test_a_pinned_node_is_not_nudged(drawn: Desk) -> None:
    select(drawn, "Spare")
    press(drawn, "p", "ArrowRight")
    assert places(drawn)["Spare"] == (320, 240)
    assert one(drawn, "Spare")["flags"]["pinned"] is True
