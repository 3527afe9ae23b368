"""Routes of packs are reached through the server, under both names, and cannot take over routes of ours."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient, TestServer

from darkroom.frames.messages import Ready
from darkroom.service.contracts import Workers
from darkroom.service.http.app import errors, note_begin
from darkroom.service.http.pack_proxy import PackProxy


async def echo(request: web.Request) -> web.Response:
    said = {
        "path": request.path,
        "name": request.match_info.get("name"),
        "query": dict(request.query),
        "body": (await request.read()).decode(),
        "headers": [name.lower() for name in request.headers],
    }
    return web.json_response(said, status=201, headers={"X-Pack": "yes", "Set-Cookie": "a=b"})


GUARDED = {"Content-Security-Policy": "default-src *", "X-Content-Type-Options": "sniff", "Alt-Svc": 'h2="evil:1"'}


async def page(request: web.Request) -> web.Response:
    kind = request.query["kind"]
    headers = {"Content-Type": kind, "Access-Control-Allow-Origin": "*", **GUARDED}
    return web.Response(body=b"<script>alert(1)</script>", headers=headers)


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"the beginning")
    assert request.transport is not None
    request.transport.close()
    return response


async def ours(request: web.Request) -> web.Response:
    return web.Response(text="ours")


def talk(work: Callable[[TestClient[Any, Any], SimpleNamespace], Awaitable[None]], most: int = 1000) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "s.sock"
            pack = web.Application()
            pack.router.add_get("/mine/{name}", echo)
            pack.router.add_post("/mine", echo)
            pack.router.add_get("/queue", echo)
            pack.router.add_get("/page", page)
            pack.router.add_get("/cut", cut)
            runner = web.AppRunner(pack)
            await runner.setup()
            await web.UnixSite(runner, str(path)).start()
            routes = [("GET", "/mine/{name}"), ("POST", "/mine"), ("GET", "/queue"), ("GET", "/page"), ("GET", "/cut")]
            workers = SimpleNamespace(hello=Ready(routes=routes, socket=str(path)))
            proxy = PackProxy(cast(Workers, workers), most)
            app = web.Application(middlewares=[errors, proxy.middleware])
            app.on_response_prepare.append(note_begin)
            app.router.add_get("/queue", ours)
            app.router.add_get("/{path:.+}", ours)
            async with TestClient(TestServer(app)) as client:
                await work(client, workers)
            await proxy.close()
            await runner.cleanup()

    asyncio.run(run())


def test_a_packs_route_answers_under_both_names() -> None:
    async def work(client: TestClient[Any, Any], workers: SimpleNamespace) -> None:
        for path in ("/mine/a%2Fb?x=1", "/api/mine/a%2Fb?x=1"):
            answer = await client.get(path, headers={"Cookie": "secret=1", "Authorization": "Bearer secret"})
            assert answer.status == 201
            assert answer.headers["X-Pack"] == "yes"
            assert "Set-Cookie" not in answer.headers
            said = await answer.json()
            assert (said["name"], said["query"]) == ("a/b", {"x": "1"})
            assert "cookie" not in said["headers"]
            assert "authorization" not in said["headers"]
        assert (await (await client.post("/mine", data=b"hello")).json())["body"] == "hello"

    talk(work)


def test_our_routes_and_unknown_ones_stay_ours() -> None:
    async def work(client: TestClient[Any, Any], workers: SimpleNamespace) -> None:
        assert await (await client.get("/queue")).text() == "ours"
        assert await (await client.get("/other")).text() == "ours"
        assert (await client.post("/nowhere")).status == 405

    talk(work)


def test_a_body_that_is_too_large_is_refused() -> None:
    async def work(client: TestClient[Any, Any], workers: SimpleNamespace) -> None:
        answer = await client.post("/mine", data=b"x" * 5000)
        assert answer.status in (413, 502)

    talk(work)


def test_without_a_worker_there_are_no_routes_and_after_its_death_a_clear_answer() -> None:
    async def work(client: TestClient[Any, Any], workers: SimpleNamespace) -> None:
        workers.hello = Ready(routes=[("GET", "/mine/{name}")], socket="/nowhere/s.sock")
        answer = await client.get("/mine/a")
        assert answer.status == 502
        assert "log" in (await answer.json())["remedy"]
        workers.hello = None
        assert await (await client.get("/mine/a")).text() == "ours"

    talk(work)


ACTIVE = (
    "text/html; charset=utf-8",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "Text/JavaScript",
    "application/pdf",
)


def test_a_packs_pages_and_scripts_are_downloads_and_the_guards_of_answers_are_ours() -> None:
    async def work(client: TestClient[Any, Any], workers: SimpleNamespace) -> None:
        for kind in ACTIVE:
            answer = await client.get("/page", params={"kind": kind})
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["Content-Disposition"] == "attachment"
            assert not {*GUARDED, "Access-Control-Allow-Origin"} & answer.headers.keys()
        harmless = await client.get("/page", params={"kind": "image/png"})
        assert harmless.headers["Content-Type"] == "image/png" and "Content-Disposition" not in harmless.headers

    talk(work)


def test_an_answer_that_breaks_off_ends_the_connection_and_nothing_else_passes_for_its_rest() -> None:
    async def work(client: TestClient[Any, Any], workers: SimpleNamespace) -> None:
        answer = await client.get("/cut")
        assert answer.status == 200
        with pytest.raises((ClientPayloadError, ConnectionError)):
            await answer.read()

    talk(work)
