"""Requests for routes that packs brought: forwarded to the worker, which serves them on a socket of its own.

Packs cannot take over a route of ours: theirs are asked only where we have none. Our cookies and tokens stay here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import PurePosixPath

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, UnixConnector, hdrs, web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict, CIMultiDictProxy

from darkroom.frames.messages import Ready
from darkroom.service.contracts import Refused, Workers
from darkroom.service.routes_files.answers import BINARY, is_active
from darkroom.service.security.headers import HEADERS

CATCH_ALL = "/{path}"
"""The canonical form of the route that serves the editor's files, which takes every path."""

PRIVATE = frozenset(("cookie", "authorization", "host", "content-length"))
PER_CONNECTION = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "set-cookie", "content-length"),
    )
)
FOREIGN = ("alt-svc", "clear-site-data", "refresh", "access-control-allow-origin", "access-control-allow-credentials")
"""What would reach beyond the answer itself, or open it to other sites, which only a setting may do."""

WITHHELD = PER_CONNECTION | {name.lower() for name in HEADERS} | {*FOREIGN}
CONNECT_SECONDS = 5.0
CHUNK_BYTES = 64 * 1024


class PackProxy:
    """Forwards to the routes of the worker that was ready last. most: bytes of a body."""

    def __init__(self, workers: Workers, most: int) -> None:
        self._workers = workers
        self._most = most
        self._known: Ready | None = None
        self._routes = web.UrlDispatcher()
        self._session: ClientSession | None = None

    async def close(self) -> None:
        """Close the connections to the worker."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer with a pack's route where we have none."""
        if not _is_free(request):
            return await handler(request)
        await self._follow()
        for path in _paths(request):
            target = request.clone(rel_url=request.rel_url.with_path(path, encoded=True, keep_query=True))
            found = await self._routes.resolve(target)
            if found.http_exception is None:
                return await self._forward(request, target)
        return await handler(request)

    async def _follow(self) -> None:
        """Take up what another worker, or the same one after a restart, brought."""
        ready = self._workers.hello
        if ready is self._known:
            return
        self._known = ready
        await self.close()
        self._routes = web.UrlDispatcher()
        for method, path in ready.routes if ready is not None else ():
            self._routes.add_route(method, path, _nothing)
        if ready is not None and ready.socket:
            timeout = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
            self._session = ClientSession(
                connector=UnixConnector(path=ready.socket),
                timeout=timeout,
                auto_decompress=False,
                cookie_jar=DummyCookieJar(),  # one client's cookies are not another's
            )

    async def _forward(self, request: web.Request, target: web.BaseRequest) -> web.StreamResponse:
        if self._session is None:
            raise Refused(503, "the worker that has this route is not there", remedy="try again in a moment")
        if request.headers.get("Upgrade"):
            raise Refused(501, "a pack's own WebSocket is not forwarded", remedy="let the pack use send_sync instead")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in PRIVATE}
        body = self._body(request) if request.body_exists else None
        address = target.url.with_host("pack").with_port(None)
        try:
            asking = self._session.request(request.method, address, headers=headers, data=body, allow_redirects=False)
            async with asking as answer:
                response = web.StreamResponse(status=answer.status, reason=answer.reason)
                response.headers.extend(allowed(answer.headers))
                await response.prepare(request)
                async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                    await response.write(chunk)
                await response.write_eof()
                return response
        except ClientError as error:
            raise Refused(
                502, f"the pack's route failed: {type(error).__name__}", remedy="look into the server's log"
            ) from error

    async def _body(self, request: web.Request) -> AsyncIterator[bytes]:
        count = 0
        async for chunk in request.content.iter_chunked(CHUNK_BYTES):
            count += len(chunk)
            if count > self._most:
                raise web.HTTPRequestEntityTooLarge(max_size=self._most, actual_size=count)
            yield chunk


def allowed(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """What a pack may say of its answer. Guards are ours, and pages and scripts come as downloads.

    A pack's route often gives back what somebody uploaded, or what a prompt said.
    """
    kept = CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in WITHHELD)
    if is_active(kept.get(hdrs.CONTENT_TYPE, "")):
        kept[hdrs.CONTENT_TYPE] = BINARY
        kept.setdefault(hdrs.CONTENT_DISPOSITION, "attachment")
    return kept


def _is_free(request: web.Request) -> bool:
    """Whether no route of ours takes this request."""
    if request.method == "OPTIONS":
        return False
    found = request.match_info
    if found.http_exception is not None:
        return True
    resource = found.route.resource
    return resource is not None and resource.canonical == CATCH_ALL


def _paths(request: web.Request) -> Iterable[str]:
    """Under which names a pack may have this route: packs' routes stand under /api too."""
    raw = request.rel_url.raw_path
    yield raw
    if PurePosixPath(raw).parts[:2] == ("/", "api"):
        yield raw.removeprefix("/api") or "/"


async def _nothing(request: web.Request) -> web.StreamResponse:
    """Stands for a route that is served elsewhere."""
    raise web.HTTPNotFound
