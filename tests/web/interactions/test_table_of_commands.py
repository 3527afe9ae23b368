"""The table behind menus, palette and keys: all interactions are in it, and keys, which are places, can be changed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.editing import Desk
from tests.web.gestures import chain, chosen, one, places, press, select, show

WAYS: dict[int, tuple[str, ...]] = {
    1: ("Add node", "Add a node here"),
    2: ("Add node",),
    3: ("Add a node that fits a wire", "Connect with…"),
    4: ("Connect with…",),
    5: ("Connect with…", "Connect in order of selection"),
    6: ("Wire without dragging", "Connect with…"),
    7: ("Connect node to node", "Connect in order of selection"),
    8: ("Connect with…",),
    9: ("Move all wires of a socket", "Connect with…"),
    10: ("Break a socket's wires", "Delete its wires"),
    11: ("Cut wires", "Delete wire"),
    12: ("Add a bend to a wire", "Add a bend to the wire"),
    13: ("Add node into the wire",),
    14: ("Pull a node out of its chain", "Delete and connect the neighbours"),
    15: ("Delete", "Delete and connect the neighbours"),
    16: ("Connect in order of selection",),
    17: ("Swap the two inputs",),
    18: ("Connect with…",),
    19: ("Duplicate", "Duplicate with incoming links", "Duplicate while dragging"),
    20: ("Copy", "Paste", "Paste with incoming links", "Cut"),
    21: ("Undo", "Redo"),
    22: ("Bypass", "Mute", "Pin"),
    23: ("Collapse", "Hide unused sockets"),
    24: ("View this output large",),
    25: ("Pin to viewer 1", "Show viewer 1"),
    26: ("Fit all", "Fit selection", "Zoom to 100 %"),
    27: ("Zoom in", "Zoom out", "Pan", "Zoom"),
    28: ("Go to bookmark 1", "Set bookmark 1"),
    29: ("Go to the node before", "Go to the node after", "Go to the node above", "Go to the node below"),
    30: ("Nudge left", "Nudge right", "Nudge up", "Nudge down", "Nudge left far"),
    31: ("Align left", "Distribute across", "Tidy"),
    32: ("Straighten links",),
    33: ("Frame",),
    34: ("Make subgraph", "Enter subgraph", "Leave subgraph", "Unpack subgraph"),
    35: ("Choose settings for the form…",),
    36: ("Find node in graph",),
    37: ("Command palette",),
    38: ("Links: all, of selected nodes, none",),
    39: ("Change a number", "Change a number finely"),
    40: ("Edit the settings of the node",),
    41: ("Run", "Run to this node", "Cancel run"),
    42: ("Why did this node run?",),
    43: ("Open a file of this computer", "Paste"),
    44: ("Keyboard shortcuts",),
}
"""By the number of the interaction: what the shortcut sheet and the palette call it."""

MOUSE_ONLY = frozenset(
    {
        *("Add a node here", "Add a node that fits a wire", "Wire without dragging", "Connect node to node"),
        *("Move all wires of a socket", "Break a socket's wires", "Cut wires", "Add a bend to a wire"),
        *("Duplicate while dragging", "Pull a node out of its chain", "Pan", "Zoom"),
        *("Change a number", "Change a number finely"),
    }
)


def test_every_interaction_is_listed_and_has_a_way_without_the_mouse(drawn: Desk) -> None:
    press(drawn, "Shift+Slash")
    sheet = drawn.page.get_by_role("dialog", name="Shortcuts")
    listed = {text.split("\n")[0].strip() for text in sheet.get_by_role("listitem").all_inner_texts()}
    press(drawn, "Escape")
    commands = {row["label"] for row in rows(drawn)}
    assert set(WAYS) == set(range(1, 45))
    for number, words in WAYS.items():
        gestures = {each for each in words if each in MOUSE_ONLY}
        assert gestures <= listed, f"{number}: {gestures - listed} is not on the shortcut sheet"
        missing = set(words) - gestures - commands
        assert not missing, f"{number}: {missing} is no command"
    without = [number for number, words in WAYS.items() if not set(words) & commands]
    assert without == [39], "a number is changed by arrows and by typing, once it has the focus"


def rows(desk: Desk) -> list[dict[str, Any]]:
    """All commands as the settings list them, with their keys."""
    press(desk, "Control+,")
    buttons = desk.page.get_by_role("button", name="Change the keys of")
    expect(buttons.first).to_be_visible()
    found: list[dict[str, Any]] = buttons.evaluate_all(
        """(all) => all.map((each) => ({
          label: each.closest("li").querySelector("span").textContent,
          keys: [...each.querySelectorAll("kbd")].map((key) => key.textContent),
        }))"""
    )
    press(desk, "Control+,")
    return found


def test_no_two_commands_of_the_graph_share_a_key_by_accident(drawn: Desk) -> None:
    owners: dict[str, list[str]] = {}
    for each in rows(drawn):
        for key in each["keys"]:
            if not each["label"].startswith("Mask:"):
                owners.setdefault(key, []).append(each["label"])
    shared = {key: labels for key, labels in owners.items() if len(labels) > 1}
    assert shared == {}


def change_keys(desk: Desk, label: str) -> Any:
    press(desk, "Control+,")
    button = desk.page.get_by_role("button", name=f"Change the keys of {label}:")
    button.scroll_into_view_if_needed()
    return button


def test_keys_are_changed_kept_over_a_reload_and_restored(drawn: Desk, types: dict[str, Any]) -> None:
    change_keys(drawn, "Pin").click()
    press(drawn, "Control+Shift+U")
    press(drawn, "Control+,")
    drawn.reload()
    show(drawn, chain(types))
    select(drawn, "Spare")
    press(drawn, "p")
    assert "pinned" not in one(drawn, "Spare")["flags"]
    press(drawn, "Control+Shift+U")
    assert one(drawn, "Spare")["flags"]["pinned"] is True
    change_keys(drawn, "Pin").click(button="right")
    expect(drawn.page.get_by_role("button", name="Change the keys of Pin: P", exact=True)).to_be_visible()
    press(drawn, "Control+,")
    select(drawn, "Spare")
    press(drawn, "p")
    assert "pinned" not in one(drawn, "Spare")["flags"]


@pytest.mark.parametrize(("code", "key"), [("KeyL", "д"), ("KeyL", "n")])
def test_keys_are_places_on_the_keyboard_whatever_they_type(drawn: Desk, code: str, key: str) -> None:
    before = places(drawn)
    stroke_key(drawn, code, key)
    assert places(drawn) != before, "tidied"
    # On a German keyboard the key at the place of Z types a y, which by its letter would redo.
    stroke_key(drawn, "KeyZ", "y", ctrl=True)
    assert places(drawn) == before


def stroke_key(desk: Desk, code: str, key: str, *, ctrl: bool = False) -> None:
    """A key at a place of the keyboard, typing what another layout has there."""
    session = desk.page.context.new_cdp_session(desk.page)
    number = ord(code[-1])
    for kind in ("rawKeyDown", "keyUp"):
        stroke = {
            "type": kind,
            "code": code,
            "key": key,
            "windowsVirtualKeyCode": number,
            "modifiers": 2 if ctrl else 0,
        }
        session.send("Input.dispatchKeyEvent", stroke)
    session.detach()


def test_letters_are_no_commands_in_a_search_field(drawn: Desk) -> None:
    select(drawn, "Spare")
    before = drawn.exported()
    press(drawn, "o")
    field = drawn.page.get_by_role("searchbox", name="Search nodes")
    field.fill("")
    field.focus()
    drawn.page.keyboard.type("mplqhkg")
    press(drawn, "Delete", "Backspace")
    expect(field).to_have_value("mplqhk")
    field.fill("")
    press(drawn, "Escape")
    drawn.page.get_by_role("button", name="Outline", exact=True).click()
    assert chosen(drawn) == ["Spare"]
    assert drawn.exported() == before
