"""One server with everything in it, for all tests of this folder that need no other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks.live import ROOT, LiveServer, running, starter_models
from tests.service.live.driving import PACKS, Client

EXTRA_PATHS = """
mine:
  base_path: {base}
  custom_nodes: more_nodes
"""


@pytest.fixture(scope="session")
def full_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """With the starter models, packs that work and one that does not, one of them from a folder of its own."""
    base = tmp_path_factory.mktemp("live")
    starter_models(base)
    (base / "more_nodes").mkdir()
    (base / "more_nodes" / "single.py").write_text((PACKS / "showing" / "__init__.py").read_text())
    (base / "extra.yaml").write_text(EXTRA_PATHS.format(base=base))
    packs = [*(PACKS / name for name in ("serving", "broken", "odd", "caching")), ROOT / "custom_nodes/example_pack"]
    flags = ("--extra-model-paths-config", str(base / "extra.yaml"), "--preview-size", "64")
    with running(base, *flags, packs=packs) as live:
        live.ready()
        yield live


@pytest.fixture
def server(full_server: LiveServer) -> LiveServer:
    return full_server


@pytest.fixture
def connect(server: LiveServer) -> Iterator[Callable[..., Client]]:
    """Makes clients by their names, which leave when the test ends."""
    clients: list[Client] = []

    def make(name: str, **features: Any) -> Client:
        clients.append(Client(server, name, features or None))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
