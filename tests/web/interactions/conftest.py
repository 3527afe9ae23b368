"""One page for all tests of a file: each opens a small graph of its own in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.live import LiveServer
from tests.web.editing import Desk
from tests.web.gestures import Sketch, chain, show


@pytest.fixture(scope="session")
def types(server: LiveServer) -> dict[str, Any]:
    """What the server says about each node type."""
    found: dict[str, Any] = server.get("/object_info")
    return found


@pytest.fixture(scope="module")
def page_of_file(server: LiveServer, browser: Any) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")
    yield Desk(context.new_page(), server.url).open()
    context.close()


@pytest.fixture
def desk(page_of_file: Desk) -> Iterator[Desk]:
    """The editor, with whatever the test before left open."""
    yield page_of_file
    said, page_of_file.said = page_of_file.said, []
    assert not said, "the page had errors:\n" + "\n".join(said)


@pytest.fixture
def sketch(types: dict[str, Any]) -> Sketch:
    """An empty drawing."""
    return Sketch(types)


@pytest.fixture
def drawn(desk: Desk, types: dict[str, Any]) -> Desk:
    """The editor with the chain of `gestures.chain` open."""
    show(desk, chain(types))
    return desk
