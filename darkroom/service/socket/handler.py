"""GET /ws: a client connects."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, cast

from aiohttp import web

from darkroom.service.contracts import SERVICE, Refused, Route, Service
from darkroom.service.socket.hub import SocketHub
from darkroom.service.socket.messages import status
from darkroom.service.words import is_id

__all__ = ["ROUTES", "connected", "queue_status", "tell_queue"]


async def connected(request: web.Request) -> web.StreamResponse:
    """Serve one client until it leaves. Raises Refused: 400 where this is no WebSocket handshake."""
    service = request.app[SERVICE]
    if request.method != "GET" or not web.WebSocketResponse().can_prepare(request):
        raise Refused(400, "this path is for WebSockets", remedy="connect to it with ws://")
    id = request.query.get("clientId", "") or uuid.uuid4().hex
    if not is_id(id):
        raise Refused(400, "clientId is too long or holds characters that are no text", remedy="use a short text")

    async def greet(client: str) -> Sequence[tuple[str, Any]]:
        return await first_messages(service, client)

    return await cast(SocketHub, service.hub).serve(request, id, greet)


async def first_messages(service: Service, client: str) -> Sequence[tuple[str, Any]]:
    """The queue's length and the client's own id, and where its running job is."""
    messages = [("status", {**await queue_status(service), "sid": client})]
    current = service.workers.current
    if current:
        mine = [job.id for job in await service.store.running() if job.client == client]
        messages += [("executing", {"node": current[id], "prompt_id": id}) for id in mine if current.get(id)]
    return messages


async def queue_status(service: Service) -> dict[str, Any]:
    """The data of a `status` message."""
    return dict(status(await service.store.remaining()))


async def tell_queue(service: Service) -> None:
    """Tell everyone that the queue has changed."""
    service.hub.send("status", await queue_status(service))


ROUTES = (Route("GET", "/ws", connected, "Connect a WebSocket client", query={"clientId": {"type": "string"}}),)
