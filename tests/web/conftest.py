"""One server with the starter model and the built editor, and a real Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.live import ROOT, LiveServer, running, starter_models

BUILT = Path(os.environ.get("EDITOR_BUILD", ROOT / "web" / "dist"))
"""The built editor; another build may be named in the environment."""

CHROMIUM = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from tests.web.editing import SECONDS, Desk  # noqa: E402

playwright.expect.set_options(timeout=15 * SECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a word, where there is no browser or no build."""
    missing = None
    if CHROMIUM is None:
        missing = "there is no Chromium on this machine"
    elif not (BUILT / "index.html").is_file():
        missing = "the editor is not built: run `npm run build` in web/"
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        # Browser, server, worker and model share two cores here: one second try, which the summary tells.
        item.add_marker(pytest.mark.flaky(reruns=1))
        if missing is not None:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="module")  # while it is there, its event loop is in the way of tests that run one of their own
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


def flags() -> tuple[str, ...]:
    return ("--front-end-root", str(BUILT))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The server of all tests that leave it as it is."""
    base = tmp_path_factory.mktemp("editor")
    starter_models(base)
    with running(base, *flags()) as live:
        live.ready()
        yield live


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LiveServer]:
    """A server that a test may kill and start again."""
    starter_models(tmp_path)
    with running(tmp_path, *flags()) as live:
        live.ready()
        yield live


@pytest.fixture
def new_desk(browser: object, request: pytest.FixtureRequest) -> Iterator[Callable[..., Desk]]:
    """Makes tabs; each in a browser profile of its own unless it is given another tab's."""
    contexts = []
    desks: list[Desk] = []

    def make(server: LiveServer, beside: Desk | None = None) -> Desk:
        if beside is None:
            context = browser.new_context(viewport={"width": 1600, "height": 950}, reduced_motion="reduce")  # type: ignore[attr-defined]
            contexts.append(context)
        else:
            context = beside.page.context
        desk = Desk(context.new_page(), server.url)
        desks.append(desk)
        return desk

    yield make
    said = [each for desk in desks for each in desk.said]
    for context in contexts:
        context.close()
    for url in {desk.url for desk in desks}:
        forget_settings(url)
    assert not said, "the page had errors:\n" + "\n".join(said)


def forget_settings(url: str) -> None:
    """Keys, theme and the like are kept on the server; the next test finds them as they come."""
    body = json.dumps({"Darkroom.Keys": {}, "Darkroom.Interface": {}, "Darkroom.Bookmarks": {}}).encode()
    with contextlib.suppress(OSError):  # a test may have killed its server
        urllib.request.urlopen(urllib.request.Request(f"{url}/api/settings", body), timeout=10).close()


@pytest.fixture
def desk(server: LiveServer, new_desk: Callable[..., Desk]) -> Desk:
    """The editor as somebody sees it who was never here."""
    return new_desk(server).open()
