"""Whatever was done by hand, undoing all of it gives back the same file, and redoing all of it the other one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from benchmarks.live import ROOT
from tests.web.editing import Desk
from tests.web.gestures import Point, click, on_screen, press, show, stroke

EDITS = 60
TEMPLATE = ROOT / "workflows" / "text_to_image.json"

KEYS = (
    *("Delete", "Shift+Delete", "Control+d", "Control+Shift+d", "Control+b", "m", "p", "Alt+c", "h", "f", "Alt+s"),
    *("ArrowLeft", "Shift+ArrowDown", "ArrowUp", "l", "q", "Control+g", "Control+Shift+g", "Control+x"),
    *("Control+z", "Control+Shift+z", "Control+v", "Control+Shift+v", "Control+c"),
)
COMMANDS = ("Align left", "Align top", "Distribute across", "Unpack subgraph", "Select connected nodes")
ADDED = ("Empty Latent Image", "VAE Encode", "Invert Image", "Load LoRA", "Save Image")


class Hands:
    """Somebody who does one random thing after another."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.done: list[str] = []

    def shapes(self) -> list[dict[str, Any]]:
        """Corners and socket points of the nodes, in the graph."""
        found: list[dict[str, Any]] = self.desk.page.evaluate(
            """() => [...window.darkroom.view.model.nodes.values()].map(({ rect, layout: { inputs, outputs } }) => (
              { at: [rect.x, rect.y], inputs: [...inputs.values()], outputs: [...outputs.values()] }
            ))"""
        )
        return found

    def place(self, x: float, y: float) -> Point:
        """The point on the page, kept off the bars around the canvas."""
        box = self.desk.canvas.bounding_box()
        assert box is not None
        left, top = on_screen(self.desk, (x, y))
        return (
            min(max(left, box["x"] + 40), box["x"] + box["width"] - 40),
            min(max(top, box["y"] + 40), box["y"] + box["height"] - 40),
        )

    def anywhere(self) -> Point:
        shape = self.random.choice(self.shapes())
        x, y = shape["at"]
        return self.place(x + self.random.randint(-80, 300), y + self.random.randint(-60, 200))

    def title_bar(self) -> Point:
        shape = self.random.choice(self.shapes())
        return self.place(shape["at"][0] + 50, shape["at"][1] + 14)

    def socket(self, side: str) -> Point:
        found = [(shape, point) for shape in self.shapes() for point in shape[side]]
        if not found:
            return self.anywhere()
        shape, (x, y) = self.random.choice(found)
        return self.place(shape["at"][0] + x, shape["at"][1] + y)

    def selects(self) -> None:
        for _ in range(self.random.randint(1, 3)):
            click(self.desk, self.title_bar(), *(["Shift"] if self.random.random() < 0.6 else []))

    def keys(self) -> None:
        keys = self.random.choice(KEYS)
        self.done.append(keys)
        press(self.desk, keys)

    def commands(self) -> None:
        command = self.random.choice(COMMANDS)
        self.done.append(command)
        press(self.desk, "Control+k")
        self.desk.page.keyboard.type(command)
        press(self.desk, "Enter", "Escape")

    def adds(self) -> None:
        self.desk.page.mouse.move(*self.anywhere())
        press(self.desk, "Tab")
        self.desk.page.keyboard.type(self.random.choice(ADDED))
        press(self.desk, "Enter", "Escape")

    def wires(self) -> None:
        stroke(self.desk, [self.socket("outputs"), self.socket("inputs")], steps=4)
        press(self.desk, "Escape")

    def moves(self) -> None:
        stroke(
            self.desk, [self.title_bar(), self.anywhere()], steps=4, keys=self.random.choice(([], ["Alt"], ["Shift"]))
        )

    def strokes(self) -> None:
        if self.random.random() < 0.5:
            stroke(self.desk, [self.anywhere(), self.anywhere()], keys=["y"], steps=5)
        else:
            stroke(self.desk, [self.anywhere(), self.anywhere()], keys=["Shift"], button="right", steps=5)

    def breaks(self) -> None:
        click(self.desk, self.socket(self.random.choice(("inputs", "outputs"))), "Alt")

    def types(self) -> None:
        fields = self.desk.canvas.get_by_role("textbox")
        if fields.count() == 0:
            return
        fields.nth(self.random.randrange(fields.count())).focus()
        self.desk.page.keyboard.type(self.random.choice(("a blue boat", "x", " and rain")))
        press(self.desk, "Escape")
        self.desk.page.evaluate("() => document.activeElement.blur()")

    def act(self) -> None:
        """One more thing."""
        likely: dict[Callable[[], None], int] = {
            self.selects: 0,
            self.keys: 9,
            self.commands: 2,
            self.adds: 2,
            self.wires: 4,
        }
        likely |= {self.moves: 4, self.strokes: 2, self.breaks: 1, self.types: 1}
        if not self.shapes():
            press(self.desk, "Control+z", "Control+z")
            return
        self.selects()
        (what,) = self.random.choices(list(likely), list(likely.values()))
        self.done.append(what.__name__)
        what()
        self.tidy_up()

    def tidy_up(self) -> None:
        """Close what an edit left open, and come out of subgraphs."""
        for _ in range(3):
            if self.desk.page.locator("[role=menu], [role=dialog], [role=listbox]").count() == 0:
                break
            press(self.desk, "Escape")


def test_undoing_everything_restores_the_file_and_redoing_everything_the_edits(desk: Desk) -> None:
    show(desk, TEMPLATE.read_text())
    hands = Hands(desk, seed=2)
    before = desk.exported()
    for _ in range(EDITS):
        hands.act()
    after = desk.exported()
    assert after != before, hands.done
    undone = all_the_way(desk, "Control+z", "canUndo")
    assert undone > EDITS / 3, f"{undone} steps of {hands.done}"
    assert printed(desk.exported()) == printed(before), hands.done
    all_the_way(desk, "Control+Shift+z", "canRedo")
    assert printed(desk.exported()) == printed(after), hands.done


def all_the_way(desk: Desk, keys: str, question: str) -> int:
    """Press keys until there is nothing more to take back (or do again); how often."""
    for count in range(1000):
        if not desk.page.evaluate(f"() => window.darkroom.view.editor.document.{question}"):
            return count
        press(desk, keys)
    raise AssertionError("the history has no end")


def printed(workflow: dict[str, Any]) -> str:
    return json.dumps(workflow, indent=1)
