"""A server with our routes only, on empty folders, and a way to talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from darkroom.engine.registry import Registry
from darkroom.files.folders import Folders
from darkroom.frames.messages import Ready
from darkroom.service.contracts import Facts, Limits, Route, Service
from darkroom.service.http.app import build_app
from darkroom.service.routes_files import static, table

ROUTES: Sequence[Route] = (*table.ROUTES, *static.ROUTES)

Client = TestClient[web.Request, web.Application]


@dataclass
class Heard:
    """A hub that keeps what it was told."""

    said: list[tuple[str, Any, str | None]] = field(default_factory=list)

    def send(self, event: str, data: Any, client: str | None = None) -> None:
        self.said.append((event, data, client))


def facts_in(folder: Path, **changes: Any) -> Facts:
    return Facts(folders=Folders(folder), user=folder / "user", custom_nodes=[folder / "custom_nodes"], **changes)


def app_of(facts: Facts, packs: dict[str, str] | None = None, registry: Registry | None = None) -> web.Application:
    workers = SimpleNamespace(hello=Ready(web=packs or {}))
    catalogue = SimpleNamespace(registry=registry or Registry())
    service = Service(facts, cast(Any, None), cast(Any, workers), cast(Any, Heard()), cast(Any, catalogue))
    return build_app(service, ROUTES)


def talk(app: web.Application, work: Callable[[Client], Awaitable[Any]]) -> Any:
    """Run `work` with a client of a server that runs the app."""

    async def whole() -> Any:
        async with TestClient(TestServer(app)) as client:
            return await work(client)

    return asyncio.run(whole())


def talk_to(folder: Path, work: Callable[[Client], Awaitable[Any]], **changes: Any) -> Any:
    return talk(app_of(facts_in(folder, **changes)), work)


SMALL = Limits(upload_bytes=200_000, body_seconds=0.3, form_parts=10)
