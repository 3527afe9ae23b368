"""What all routes share: errors, OPTIONS, /api, caching."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from darkroom.service.contracts import Limits, Refused, Route
from darkroom.service.http.answers import json_text
from darkroom.service.http.app import build_app, cache_control
from darkroom.service.http.body import read_json_body
from tests.service.fakes import fake_service
from tests.service.http.golden import golden_registry


def asked(folder: Path, routes: list[Route], *requests: tuple[str, str], **options: Any) -> list[Any]:
    """(status, headers, body) of each request."""

    async def run() -> list[Any]:
        service = fake_service(folder, golden_registry(), limits=Limits(upload_bytes=1000))
        found = []
        async with TestClient(TestServer(build_app(service, routes, **options))) as client:
            for method, path in requests:
                async with client.request(method, path) as response:
                    found.append((response.status, response.headers, await response.text()))
        return found

    return asyncio.run(run())


async def fine(request: web.Request) -> web.Response:
    return web.Response(text="fine")


async def broken(request: web.Request) -> web.Response:
    raise RuntimeError("secret words")


async def refused(request: web.Request) -> web.Response:
    raise Refused(409, "it is there already", details="a.png", remedy="use another name")


async def echoed(request: web.Request) -> web.Response:
    return web.Response(text=json_text(await read_json_body(request)))


ROUTES = [
    Route("GET", "/fine", fine, "Fine"),
    Route("POST", "/fine", fine, "Fine"),
    Route("GET", "/own", fine, "Own", api=False),
    Route("GET", "/broken/{name}", broken, "Broken"),
    Route("GET", "/refused", refused, "Refused"),
    Route("POST", "/echoed", echoed, "Echoed"),
]


def test_a_route_is_served_under_api_too_unless_it_is_literal(tmp_path: Path) -> None:
    paths = ("/fine", "/api/fine", "/own", "/api/own")
    answers = asked(tmp_path, ROUTES, *(("GET", path) for path in paths), ("HEAD", "/fine"))
    assert [status for status, _, _ in answers] == [200, 200, 200, 404, 200]


def test_a_failure_is_told_by_an_id_that_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        ((status, _, text),) = asked(tmp_path, ROUTES, ("GET", "/broken/a%0Ab"))
    assert status == 500
    assert "a%0Ab" in caplog.text
    assert "secret" not in text and "Traceback" not in text
    id = text.partition("(error ")[2].partition(")")[0]
    assert id and id in caplog.text and "secret words" in caplog.text


def test_a_refusal_says_what_to_do(tmp_path: Path) -> None:
    ((status, _, text),) = asked(tmp_path, ROUTES, ("GET", "/refused"))
    assert status == 409
    assert text == '{"error":"it is there already","details":"a.png","remedy":"use another name"}'


def test_another_method_is_refused_with_those_that_are_possible(tmp_path: Path) -> None:
    ((status, headers, text),) = asked(tmp_path, ROUTES, ("DELETE", "/fine"))
    assert (status, headers["Allow"]) == (405, "GET, HEAD, POST")
    assert "GET or HEAD or POST" in text


def test_options_of_any_path_is_fine_and_empty(tmp_path: Path) -> None:
    for status, _, text in asked(tmp_path, ROUTES, ("OPTIONS", "/fine"), ("OPTIONS", "/nowhere")):
        assert (status, text) == (200, "")


def test_middlewares_see_answers_and_what_they_raise_is_answered(tmp_path: Path) -> None:
    seen = []

    @web.middleware
    async def watching(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.query.get("forbidden"):
            raise Refused(403, "not from there")
        response = await handler(request)
        seen.append(response.status)
        return response  # type: ignore[no-any-return]

    requests = [("GET", path) for path in ("/fine", "/broken/x", "/nowhere", "/refused", "/fine?forbidden=1")]
    answers = asked(tmp_path, ROUTES, *requests, middlewares=[watching])
    assert seen == [200, 500, 404, 409]
    assert (answers[-1][0], answers[-1][2]) == (403, '{"error":"not from there"}')


@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        ("/a/x.js", 200, "no-cache"),
        ("/x.css", 404, "no-cache"),
        ("/index-en.json", 200, "no-cache"),
        ("/x.json", 200, None),
        ("/x.PNG", 200, "public, max-age=86400"),
        ("/x.webp", 404, "public, max-age=3600"),
        ("/x.webp", 302, "no-cache"),
        ("/x.webp", 500, None),
        ("/view", 200, None),
    ],
)
def test_code_is_asked_for_each_time_and_pictures_are_kept(path: str, status: int, rule: str | None) -> None:
    assert cache_control(path, status) == rule


@pytest.mark.parametrize(
    ("sent", "status", "got"),
    [
        (b'{"a":1,"a":2}', 200, '{"a":2}'),
        (b"\xef\xbb\xbf{}", 200, "{}"),
        (b"[NaN,Infinity,-Infinity,1e999]", 200, "[null,null,null,null]"),
        (b'"\\ud800"', 200, '"\\ud800"'),
        (b'{"__proto__":{}}', 200, '{"__proto__":{}}'),
        (b" " * 2000, 413, None),
        (b"nan", 400, None),
        (b"1" * 900 + b"e5", 200, None),
    ],
)
def test_json_is_read_as_comfyuis_server_reads_it(sent: bytes, status: int, got: str | None, tmp_path: Path) -> None:
    async def run() -> tuple[int, str]:
        service = fake_service(tmp_path, golden_registry(), limits=Limits(upload_bytes=1000))
        async with TestClient(TestServer(build_app(service, ROUTES))) as client:
            response = await client.post("/echoed", data=sent, headers={"Content-Type": "text/plain"})
            return response.status, await response.text()

    found, text = asyncio.run(run())
    assert found == status
    assert got is None or text == got
