"""Every workflow that ships opens from the templates gallery, and runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.live import ROOT
from tests.web.editing import RUN_WAIT, Desk

SHIPPED = sorted((ROOT / "workflows").glob("*.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_template_opens_from_the_gallery_and_runs(desk: Desk, path: Path) -> None:
    drawn = json.loads(path.read_text())
    desk.page.keyboard.press("Alt+t")
    gallery = desk.page.get_by_role("dialog", name="Templates")
    gallery.locator("[data-template]").filter(has_text=drawn["extra"]["info"]["name"]).click()
    expect(gallery).to_have_count(0)
    expect(desk.active).to_have_text(re.compile(f"^{path.stem}"))
    assert desk.count() == len(drawn["nodes"])
    desk.run()
    desk.expect_state("Save Image", "done", "cached")
    desk.wait_until_idle()
    picture = desk.node("Save Image").get_by_role("img", name=re.compile("^Result"))
    expect(picture.first).to_be_visible(timeout=RUN_WAIT)
    assert desk.page.evaluate("() => window.darkroom.view.editor.problems") == []
