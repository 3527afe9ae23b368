"""Settings by hand: scrubbing, typing, expressions, and a wheel that never changes what only lies under it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.web.editing import Desk
from tests.web.gestures import Point, Sketch, camera, holding, press, settled, show, stroke, values

START = {"steps": 20, "cfg": 8.0, "sampler_name": "euler", "seed": 7, "control_after_generate": "fixed", "denoise": 1.0}


@pytest.fixture
def sampler(desk: Desk, sketch: Sketch) -> Iterator[Desk]:
    """A sampler with nothing around it, and nothing that has the keyboard."""
    order = ("seed", "control_after_generate", "steps", "cfg", "sampler_name", "scheduler", "denoise")
    wanted = {**START, "scheduler": "normal"}
    show(desk, sketch.node("Sampler", "KSampler", 0, 0, **{name: wanted[name] for name in order}))
    yield desk


def number(desk: Desk, name: str) -> Locator:
    return desk.node("Sampler").get_by_role("spinbutton", name=name, exact=True)


def centre(desk: Desk, name: str) -> Point:
    box = number(desk, name).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_dragging_scrubs_a_number_and_is_one_step_to_undo(sampler: Desk) -> None:
    (x, y) = centre(sampler, "steps")
    stroke(sampler, [(x, y), (x + 40, y)])
    coarse = values(sampler, "Sampler")["steps"]
    assert coarse > 22
    press(sampler, "Control+z")
    assert values(sampler, "Sampler")["steps"] == 20
    stroke(sampler, [(x, y), (x - 40, y)])
    assert values(sampler, "Sampler")["steps"] < 20


def test_with_shift_a_number_moves_finely(sampler: Desk) -> None:
    (x, y) = centre(sampler, "cfg")
    stroke(sampler, [(x, y), (x + 40, y)])
    coarse = values(sampler, "Sampler")["cfg"] - 8
    press(sampler, "Control+z")
    stroke(sampler, [(x, y), (x + 40, y)], keys=["Shift"])
    fine = values(sampler, "Sampler")["cfg"] - 8
    assert 0 < fine < coarse / 4


def test_a_click_types_and_expressions_are_worked_out(sampler: Desk) -> None:
    for text, value in (("31", 31), ("2*(10+5)", 30), ("512/8", 64)):
        sampler.page.mouse.click(*centre(sampler, "steps"))
        box = number(sampler, "steps").get_by_role("textbox")
        expect(box).to_be_focused()
        sampler.page.keyboard.type(text)
        press(sampler, "Enter")
        assert values(sampler, "Sampler")["steps"] == value
    sampler.page.mouse.click(*centre(sampler, "cfg"))
    sampler.page.keyboard.type("3 + 1/4")
    press(sampler, "Enter")
    assert values(sampler, "Sampler")["cfg"] == pytest.approx(3.25, abs=0.06)


def test_escape_leaves_a_number_as_it_was(sampler: Desk) -> None:
    sampler.page.mouse.click(*centre(sampler, "steps"))
    sampler.page.keyboard.type("99")
    press(sampler, "Escape")
    assert values(sampler, "Sampler")["steps"] == 20


def test_a_focused_number_takes_digits_at_once(sampler: Desk) -> None:
    number(sampler, "steps").focus()
    sampler.page.keyboard.type("45")
    press(sampler, "Enter")
    assert values(sampler, "Sampler")["steps"] == 45


def test_the_wheel_over_a_number_that_has_not_the_focus_only_zooms(sampler: Desk) -> None:
    before = camera(sampler)
    sampler.page.mouse.move(*centre(sampler, "steps"))
    sampler.page.wait_for_timeout(200)
    sampler.page.mouse.wheel(0, -120)
    settled(sampler)
    assert camera(sampler)["zoom"] > before["zoom"]
    assert values(sampler, "Sampler")["steps"] == 20
    choice = sampler.node("Sampler").get_by_role("button", name="sampler_name")
    choice.hover()
    sampler.page.mouse.wheel(0, 120)
    assert values(sampler, "Sampler")["sampler_name"] == "euler"


def test_wheel_and_arrows_change_a_focused_number_and_nothing_else(sampler: Desk) -> None:
    before = camera(sampler)
    number(sampler, "steps").focus()
    sampler.page.mouse.move(*centre(sampler, "steps"))
    sampler.page.mouse.wheel(0, -120)
    settled(sampler)
    assert camera(sampler) == before
    press(sampler, "ArrowUp", "ArrowRight", "ArrowDown")
    assert values(sampler, "Sampler")["steps"] == 22
    press(sampler, "Shift+ArrowUp")
    assert values(sampler, "Sampler")["steps"] == 32


def test_wheel_and_arrows_step_through_a_focused_choice(sampler: Desk) -> None:
    choice = sampler.node("Sampler").get_by_role("button", name="sampler_name")
    choice.focus()
    press(sampler, "ArrowRight")
    second = values(sampler, "Sampler")["sampler_name"]
    assert second != "euler"
    choice.hover()
    sampler.page.mouse.wheel(0, -120)
    assert values(sampler, "Sampler")["sampler_name"] == "euler"
    press(sampler, "ArrowRight", "ArrowLeft")
    assert values(sampler, "Sampler")["sampler_name"] == "euler"


def test_a_choice_is_searched_and_picked_by_keys_and_by_click(sampler: Desk) -> None:
    choice = sampler.node("Sampler").get_by_role("button", name="sampler_name")
    choice.focus()
    press(sampler, "Enter")
    sampler.page.keyboard.type("heun")
    press(sampler, "Enter")
    assert values(sampler, "Sampler")["sampler_name"] == "heun"
    choice.click()
    sampler.page.get_by_role("option", name="euler", exact=True).click()
    assert values(sampler, "Sampler")["sampler_name"] == "euler"


def test_letters_typed_into_a_prompt_are_no_commands(desk: Desk, sketch: Sketch) -> None:
    show(desk, sketch.node("Words", "CLIPTextEncode", 0, 0, text="").node("Other", "EmptyImage", 400, 0))
    before = desk.exported()
    words = desk.field("Words", "text")
    words.click()
    everything = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,?+-=[]"
    desk.page.keyboard.type(everything)
    with holding(desk, "Shift"):
        press(desk, "ArrowLeft", "ArrowLeft")
    press(desk, "Delete", "Control+Home", "Delete")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(words).to_have_value(everything[1:-2])
    after = desk.exported()
    assert after["nodes"][0]["widgets_values"] == [everything[1:-2]]
    after["nodes"][0]["widgets_values"] = before["nodes"][0]["widgets_values"]
    assert after["nodes"] == before["nodes"] and after["links"] == before["links"]
