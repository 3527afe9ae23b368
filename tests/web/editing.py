"""The editor in a real browser, by the words that its people see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

SECONDS = 1000.0
"""Playwright counts milliseconds."""

RUN_WAIT = 60 * SECONDS


@dataclass
class Desk:
    """One browser tab with the editor. said: errors of the page, which a test must not leave behind"""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15 * SECONDS)
        self.page.on("pageerror", lambda error: self.said.append(f"{error}\n{error.stack or ''}"))
        self.page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.said.append(message.text)

    def open(self, path: str = "/") -> Desk:
        """Load the page, and wait until a graph is there."""
        self.page.goto(self.url + path)
        expect(self.tabs.first).to_be_visible()
        return self

    def reload(self) -> Desk:
        self.page.reload()
        expect(self.tabs.first).to_be_visible()
        return self

    @property
    def canvas(self) -> Locator:
        return self.page.get_by_role("application", name="Graph")

    @property
    def tabs(self) -> Locator:
        return self.page.get_by_role("tab")

    @property
    def active(self) -> Locator:
        return self.page.get_by_role("tab", selected=True)

    def node(self, title: str) -> Locator:
        """The body of the node with this title."""
        return self.canvas.get_by_role("group", name=title, exact=True)

    def field(self, node: str, setting: str) -> Locator:
        return self.node(node).get_by_role("textbox", name=setting)

    def state(self, node: str) -> Locator:
        """The element that says how the node's last run went."""
        return self.node(node).locator("[data-state]")

    def expect_state(self, node: str, *states: str, wait: float = RUN_WAIT) -> None:
        expect(self.state(node)).to_have_attribute("data-state", re.compile("|".join(states)), timeout=wait)

    def count(self) -> int:
        """Nodes of the shown graph, mounted or not; from the outside only the outline knows, so this asks the page."""
        return len(self.saved_nodes())

    def saved_nodes(self) -> list[dict[str, Any]]:
        return list(self.exported()["nodes"])

    def exported(self) -> dict[str, Any]:
        """The workflow as "Save to this computer" writes it."""
        with self.page.expect_download() as waiting:
            self.command("Save to this computer")
        return dict(json.loads(Path(waiting.value.path()).read_text()))

    def command(self, label: str) -> None:
        """Run a command by its name, through the palette."""
        self.page.keyboard.press("Control+k")
        box = self.page.get_by_role("combobox", name="Command palette")
        box.fill(label)
        self.page.get_by_role("option").filter(has_text=label).first.click()

    def run(self) -> None:
        self.page.get_by_role("button", name=re.compile(r"^Run( ×\d+)?( auto)?$")).click()

    @property
    def stop(self) -> Locator:
        """The button that is there while something runs."""
        return self.page.get_by_role("button", name=re.compile("^(Stop|Cancel run)"))

    def wait_until_idle(self) -> None:
        """Wait until the queue is empty, as the bar shows it."""
        expect(self.stop).to_have_count(0, timeout=RUN_WAIT)

    def save_as(self, name: str) -> None:
        """Save with the button, under a name where one is asked for."""
        self.page.get_by_role("button", name="Save", exact=True).first.click()
        box = self.page.get_by_role("textbox", name="Name", exact=True)
        box.fill(name)
        self.page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(self.active).to_have_text(name)

    def open_file(self, path: Path) -> None:
        """Choose a file of this computer in the menu."""
        self.page.get_by_role("button", name="Menu", exact=True).click()
        with self.page.expect_file_chooser() as waiting:
            self.page.get_by_role("menuitem", name="Import from disk…").click()
        waiting.value.set_files(path)

    def save(self) -> None:
        self.page.keyboard.press("Control+s")

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """A message at the edge of the window."""
        return self.page.get_by_role("region", name="Messages").get_by_text(text)

    def empty_spot(self) -> tuple[float, float]:
        """A point of the canvas with nothing on it: near its lower left corner."""
        box = self.canvas.bounding_box()
        assert box is not None
        return box["x"] + 60, box["y"] + box["height"] - 60

    def socket(self, node: str, socket: str) -> tuple[float, float]:
        """Where the dot of a socket is on the screen. socket: such as "in:clip" or "out:MODEL" """
        box = self.node(node).locator(f'[data-socket="{socket}"]').bounding_box()
        assert box is not None, f"{node} shows no socket {socket}"
        edge = self.node(node).locator("[data-state]").bounding_box()
        assert edge is not None
        return edge["x"] + (edge["width"] if socket.startswith("out:") else 0), box["y"] + box["height"] / 2

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=steps)
        mouse.up()

    def look(self, path: Path) -> None:
        """Keep a picture of the page."""
        self.page.screenshot(path=path)
