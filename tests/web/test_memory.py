"""What is opened and closed again leaves no memory behind."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from benchmarks.drawings import tiled
from benchmarks.live import LiveServer
from tests.web.editing import Desk
from tests.web.gestures import DROP_TEXT

FILES = 20
NODES = 120
MOST_GROWN = 1.2


def test_twenty_files_that_were_opened_and_closed_leave_nothing_behind(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    desk = new_desk(server).open()
    page = desk.page
    session = page.context.new_cdp_session(page)
    text = tiled(NODES)

    def open_and_close(count: int) -> None:
        for number in range(count):
            page.evaluate(DROP_TEXT, [f"file {number}.json", text])
            expect(desk.active).to_have_text(f"file {number}")
            page.wait_for_function("() => window.darkroom.view.counters.repaints > 0")
        for _ in range(count):
            page.keyboard.press("Alt+w")
        expect(desk.tabs).to_have_count(1)
        page.wait_for_timeout(1000)

    def held() -> tuple[float, float]:
        """Bytes of the heap after a collection, and elements that something still refers to."""
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        elements = session.send("Memory.getDOMCounters")["nodes"]
        return session.send("Runtime.getHeapUsage")["usedSize"], elements

    open_and_close(3)  # what is made once and kept: code, fonts, measured widths
    heap, elements = held()
    open_and_close(FILES)
    heap_after, elements_after = held()
    assert heap_after < MOST_GROWN * heap
    assert elements_after < MOST_GROWN * elements
