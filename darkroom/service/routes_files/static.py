"""The editor's own files, and a page that says so where the editor is not built."""

from __future__ import annotations

import asyncio

from aiohttp import web

from darkroom.service.contracts import SERVICE, Route
from darkroom.service.routes_files.answers import BINARY, EDITOR, send_file
from darkroom.service.routes_files.paths import BadPath, open_file, parts_of

NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Darkroom</title></head>
<body>
<h1>Darkroom</h1>
<p>The server runs. The editor is not built here, so there is nothing to draw workflows with on this page.</p>
<p>Programs can use it: the interface is described in <a href="/api/darkroom/openapi.json">openapi.json</a>,
and scripts written for ComfyUI's HTTP and WebSocket interface run as they are.</p>
</body>
</html>
"""

FRESH = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache", "Expires": "0"}


async def index(request: web.Request) -> web.StreamResponse:
    """The editor, never from a cache, so that a new one is seen at once."""
    root = request.app[SERVICE].facts.web
    if root is None:
        return web.Response(text=NOT_BUILT, content_type="text/html", headers=FRESH)
    try:
        file = await asyncio.to_thread(open_file, root, ("index.html",))
    except (FileNotFoundError, BadPath):
        return web.Response(text=NOT_BUILT, content_type="text/html", headers=FRESH)
    return await send_file(request, file, "index.html", kinds=EDITOR, shown=False, headers=FRESH)


async def static(request: web.Request) -> web.StreamResponse:
    """A file of the editor; 404 for everything that no other route knows."""
    root = request.app[SERVICE].facts.web
    try:
        if root is None:
            return unknown()
        parts = parts_of(request.match_info["path"], hidden=False)
        file = await asyncio.to_thread(open_file, root, parts)
    except (FileNotFoundError, BadPath):
        return unknown()
    headers = FRESH if parts[-1] == "index.html" else {}
    return await send_file(request, file, parts[-1], kinds=EDITOR, shown=False, headers=headers)


def unknown() -> web.Response:
    """As ComfyUI answers: empty, but with a content type."""
    return web.Response(status=404, headers={"Content-Type": BINARY})


ROUTES = (
    Route("GET", "/", index, "The editor", api=False),
    Route("GET", "/{path:.+}", static, "A file of the editor", api=False),
)
"""They match everything, so they stand after all other routes."""
