"""A body has some seconds, and more for what has come of it: large uploads over slow lines end well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from darkroom.service.contracts import Limits, Route
from darkroom.service.http import slow_bodies
from darkroom.service.http.app import build_app
from tests.service.fakes import fake_service
from tests.service.http.golden import golden_registry


async def length(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


def answered(tmp_path: Path, pieces: int, pause: float) -> tuple[int, str]:
    """The answer to a body of 10 kB pieces with pauses between."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(10_000)
            await asyncio.sleep(pause)

    async def talk() -> tuple[int, str]:
        service = fake_service(tmp_path, golden_registry(), limits=Limits(body_seconds=0.2))
        app = build_app(service, [Route("POST", "/length", length, "Count")])
        async with TestClient(TestServer(app)) as client, client.post("/length", data=body()) as answer:
            return answer.status, await answer.text()

    return asyncio.run(talk())


def test_a_body_that_keeps_coming_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(slow_bodies, "SLOWEST", 1000)
    assert answered(tmp_path, 6, 0.1) == (200, "60000")


def test_a_body_that_trickles_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(slow_bodies, "SLOWEST", 10**6)
    status, text = answered(tmp_path, 6, 0.1)
    assert status == 408 and "faster" in text
