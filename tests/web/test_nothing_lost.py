"""Whatever is done to files and tabs, and whenever a tab closes: no edit is lost."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from playwright.sync_api import expect

from benchmarks.live import LiveServer
from tests.web.editing import SECONDS, Desk
from tests.web.test_files import choose

PROMPT = ("What to see", "text")
WORKFLOWS = "/api/darkroom/workflows"


def ask(server: LiveServer, path: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}{path}", data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def versions(server: LiveServer, name: str) -> str:
    """All contents that a name ever had, as one text."""
    path = f"{WORKFLOWS}/{quote(name, safe='')}"
    listed = ask(server, f"{path}/versions")["versions"]
    return "".join(json.dumps(ask(server, f"{path}?version={each['id']}")) for each in listed)


def test_the_first_edit_of_a_tab_that_goes_at_once_is_there_afterwards(desk: Desk) -> None:
    desk.field(*PROMPT).fill("typed and gone")
    desk.reload()
    expect(desk.field(*PROMPT)).to_have_value("typed and gone")
    desk.page.wait_for_timeout(1 * SECONDS)
    desk.reload()
    expect(desk.field(*PROMPT)).to_have_value("typed and gone")


def test_the_last_edit_of_a_large_file_is_there_though_a_closing_page_cannot_send_it(desk: Desk) -> None:
    desk.field(*PROMPT).fill("字" * 30_000)
    desk.page.wait_for_timeout(1.5 * SECONDS)
    desk.field(*PROMPT).fill("字" * 30_000 + " and the end")
    desk.reload()
    expect(desk.field(*PROMPT)).to_have_value(re.compile("and the end$"))
    desk.page.wait_for_timeout(1.5 * SECONDS)
    assert desk.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('darkroom.aside.'))") == []


def test_what_was_drawn_without_a_connection_is_there_after_a_reload(desk: Desk) -> None:
    desk.field(*PROMPT).fill("first")
    desk.page.wait_for_timeout(1.5 * SECONDS)
    desk.page.route("**/draft", lambda route: route.abort())
    desk.field(*PROMPT).fill("nobody took it")
    desk.page.wait_for_timeout(1.5 * SECONDS)
    desk.page.unroute("**/draft")
    desk.reload()
    expect(desk.field(*PROMPT)).to_have_value("nobody took it")


def test_edits_follow_a_file_that_is_renamed_and_stay_in_a_tab_whose_file_is_deleted(
    desk: Desk, server: LiveServer
) -> None:
    desk.field(*PROMPT).fill("as saved")
    desk.save_as("early")
    desk.field(*PROMPT).fill("drawn before the rename")
    desk.page.wait_for_timeout(1.5 * SECONDS)
    desk.page.get_by_role("button", name="Files and templates").click()
    choose(desk, "early", "Rename or move…")
    desk.page.get_by_role("textbox", name=re.compile("New name")).fill("late")
    desk.page.keyboard.press("Enter")
    expect(desk.active).to_have_text(re.compile("late"))
    desk.page.wait_for_timeout(0.5 * SECONDS)
    desk.reload()
    expect(desk.active).to_have_text(re.compile("late"))
    expect(desk.field(*PROMPT)).to_have_value("drawn before the rename")
    # The file goes while the tab has it open: its edits are a draft of a new file, and a version of the old one.
    choose(desk, "late", "Delete")
    expect(desk.message(re.compile("was deleted"))).to_be_visible()
    assert "drawn before the rename" in versions(server, "late")
    desk.page.wait_for_timeout(1 * SECONDS)
    desk.reload()
    expect(desk.field(*PROMPT)).to_have_value("drawn before the rename")


def test_a_save_in_one_browser_leaves_the_unsaved_edits_of_another(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    first = new_desk(server).open()
    first.field(*PROMPT).fill("as saved")
    first.save_as("both have it")
    second = new_desk(server).open("/#open=both%20have%20it")
    expect(second.active).to_have_text("both have it")
    first.field(*PROMPT).fill("mine, not saved")
    first.page.wait_for_timeout(1.5 * SECONDS)
    second.field(*PROMPT).fill("theirs, saved")
    second.page.wait_for_timeout(1.5 * SECONDS)
    second.page.keyboard.press("Control+s")
    expect(second.message(re.compile("Saved both have it"))).to_be_visible()
    first.reload()
    expect(first.field(*PROMPT)).to_have_value("mine, not saved")


def test_a_duplicated_tab_shows_the_edits_and_keeps_drafts_of_its_own(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    first = new_desk(server).open()
    first.field(*PROMPT).fill("in both")
    first.page.wait_for_timeout(1.5 * SECONDS)
    kept = first.page.evaluate("JSON.stringify(sessionStorage)")
    second = new_desk(server, first)
    second.page.add_init_script(
        f"""if (!sessionStorage.length)
          for (const [key, value] of Object.entries({kept})) sessionStorage.setItem(key, value)"""
    )
    second.open()
    expect(second.field(*PROMPT)).to_have_value("in both")
    second.field(*PROMPT).fill("only in the second")
    second.page.wait_for_timeout(1.5 * SECONDS)
    first.field(*PROMPT).fill("only in the first")
    first.page.wait_for_timeout(1.5 * SECONDS)
    first.reload()
    second.reload()
    expect(first.field(*PROMPT)).to_have_value("only in the first")
    expect(second.field(*PROMPT)).to_have_value("only in the second")


def test_garbage_in_the_browser_and_from_other_pages_is_no_reason_to_stop(
    server: LiveServer, new_desk: Callable[..., Desk]
) -> None:
    desk = new_desk(server)
    desk.page.add_init_script(
        """if (!localStorage.getItem("seeded")) {
          const odd = ['{"constructor":true,"__proto__":{"a":1}}', "[]", "null", "7", "{", '"text"'];
          const keys = ["tabs", "unsent", "interface", "keys", "bookmarks", "aside.text_to_image", "client", "links"];
          keys.forEach((key, place) => localStorage.setItem("darkroom." + key, odd[place % odd.length]));
          const files = [{name: "../x", draft: "constructor"}, 7, {name: {}}];
          sessionStorage.setItem("darkroom.tabs", JSON.stringify({files, active: {}}));
          localStorage.setItem("seeded", "yes");
        }"""
    )
    desk.open()
    desk.page.evaluate(
        """() => {
          const channel = new BroadcastChannel("darkroom.files");
          for (const data of [null, 7, [], {}, {kind: "saved"}, {kind: "__proto__", name: "a", from: "b"},
                              {kind: "saved", name: "text_to_image", from: "x", digest: {}}]) channel.postMessage(data);
        }"""
    )
    desk.field(*PROMPT).fill("still at work")
    expect(desk.field(*PROMPT)).to_have_value("still at work")
    for fragment in ("#w=__proto__", "#open=..%2F..%2Fx", "#open=%00", "#w=&n=%E0%A4%A", "#open=javascript:alert(1)"):
        desk.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    desk.page.wait_for_timeout(1 * SECONDS)
    expect(desk.field(*PROMPT)).to_have_value("still at work")
