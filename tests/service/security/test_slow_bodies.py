"""A body has some seconds, and more for what has come of it: large uploads over slow lines end well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from darkroom.service.http.app import errors
from darkroom.service.security import chain


async def length(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


def answered(pieces: int, pause: float) -> tuple[int, str]:
    """The answer to a body of 10 kB pieces with pauses between."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(10_000)
            await asyncio.sleep(pause)

    async def talk() -> tuple[int, str]:
        app = web.Application(middlewares=[errors, chain.body_timer(0.2)], client_max_size=2**24)
        app.router.add_post("/", length)
        async with TestClient(TestServer(app)) as client, client.post("/", data=body()) as answer:
            return answer.status, await answer.text()

    return asyncio.run(talk())


def test_a_body_that_keeps_coming_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "SLOWEST", 1000)
    assert answered(6, 0.1) == (200, "60000")


def test_a_body_that_trickles_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "SLOWEST", 10**6)
    status, text = answered(6, 0.1)
    assert status == 408 and "faster" in text
