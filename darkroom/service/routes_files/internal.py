"""What the editor asks beside the public interface: log lines and folders."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from darkroom.files.folders import OWN_FOLDERS
from darkroom.service.contracts import SERVICE, Hub, Refused, Route
from darkroom.service.observe.ring import RING, Entry
from darkroom.service.routes_files.answers import nothing
from darkroom.service.routes_files.body import limits_of, read_json
from darkroom.service.routes_files.models import NODE_PACKS, model_keys, places_of

TERMINAL = {"cols": 120, "rows": 40}
"""ComfyUI tells the size of its terminal; ours is no terminal, so this is what lines are shown in."""


@dataclass(frozen=True, slots=True)
class LogFeed:
    """Sends log lines to one client, from whatever thread logs."""

    hub: Hub
    loop: asyncio.AbstractEventLoop
    client: str

    def __call__(self, entry: Entry) -> None:
        with suppress(RuntimeError):  # the loop was closed: the server is going down
            self.loop.call_soon_threadsafe(self.hub.send, "logs", {"entries": [entry], "size": TERMINAL}, self.client)


FEEDS: OrderedDict[str, LogFeed] = OrderedDict()
"""Of this process, as its ring of lines is; at most as many as clients may be connected, the newest."""


async def logs(_request: web.Request) -> web.StreamResponse:
    return web.json_response("".join(f"{entry['t']} - {entry['m']}" for entry in RING.entries()))


async def raw_logs(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"entries": list(RING.entries()), "size": TERMINAL})


async def subscribe(request: web.Request) -> web.StreamResponse:
    body = await read_json(request, limits_of(request).text_bytes)
    client = body.get("clientId") if isinstance(body, dict) else None
    if not isinstance(client, str) or not client or len(client) > 200:
        raise Refused(400, "clientId is missing", type="bad_client", remedy='send {"clientId": ..., "enabled": true}')
    former = FEEDS.pop(client, None)
    if former is not None:
        RING.unsubscribe(former)
    if body.get("enabled"):
        FEEDS[client] = LogFeed(request.app[SERVICE].hub, asyncio.get_running_loop(), client)
        RING.subscribe(FEEDS[client])
        if len(FEEDS) > limits_of(request).socket_clients:
            RING.unsubscribe(FEEDS.popitem(last=False)[1])
    return nothing(200)


async def folder_paths(request: web.Request) -> web.StreamResponse:
    facts = request.app[SERVICE].facts
    keys = (*model_keys(facts), NODE_PACKS)
    return web.json_response({key: [str(place) for place in places_of(facts, key)] for key in keys})


async def files(request: web.Request) -> web.StreamResponse:
    kind = request.match_info["type"]
    if kind not in OWN_FOLDERS:
        return web.json_response({"error": "Invalid directory type"}, status=400)
    return web.json_response(await asyncio.to_thread(newest_first, request.app[SERVICE].facts.folders.directory(kind)))


def newest_first(folder: Path) -> list[str]:
    """Names of the files directly in a folder; hidden ones and links are left out."""
    try:
        with os.scandir(folder) as entries:
            plain = [each for each in entries if not each.name.startswith(".") and each.is_file(follow_symlinks=False)]
            found = [(-each.stat(follow_symlinks=False).st_mtime_ns, each.name) for each in plain]
    except OSError:
        return []
    return [name for _, name in sorted(found)]


SUBSCRIPTION = {
    "type": "object",
    "properties": {"clientId": {"type": "string"}, "enabled": {"type": "boolean"}},
    "required": ["clientId", "enabled"],
}
NAMES = {"type": "array", "items": {"type": "string"}}

ROUTES = (
    Route("GET", "/internal/logs", logs, "The last log lines as one text", api=False, answer={"type": "string"}),
    Route("GET", "/internal/logs/raw", raw_logs, "The last log lines", api=False, answer={"type": "object"}),
    Route(
        *("PATCH", "/internal/logs/subscribe", subscribe, "Have log lines sent to a client, or no more"),
        api=False,
        body=SUBSCRIPTION,
    ),
    Route(
        *("GET", "/internal/folder_paths", folder_paths, "Where models folders are"),
        api=False,
        answer={"type": "object"},
    ),
    Route("GET", "/internal/files/{type}", files, "Files of a folder, newest first", api=False, answer=NAMES),
)
