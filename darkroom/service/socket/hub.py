"""The connected clients, and what is sent to them."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from darkroom.service.contracts import Limits, Refused
from darkroom.service.http.answers import json_text
from darkroom.service.socket.outbox import Outbox, Outgoing

log = logging.getLogger(__name__)

PREVIEW, PREVIEW_WITH_METADATA = 1, 4
"""Numbers of the binary messages that carry pictures."""

JPEG = 1
"""The format of previews. Nodes that hand results over the socket send PNG, which is never dropped."""

PING_SECONDS = 30.0
"""A quiet connection gets a ping, which keeps routers from forgetting it and finds out about clients that are gone.

Nobody is dropped for answering late: scripts answer pings only while they read.
"""

FRAMES_A_SECOND = 100
"""More than this from one client, for a few seconds, is a flood."""

BURST = 500

STATUS_SECONDS = 0.04
"""How often the length of the queue is told to those whom no job concerns; told to hundreds it costs most of all."""

CONCERNED_SECONDS = 5.0
"""Who was told something alone so recently has a job here, and gets every status in its place."""

MOST_FEATURES = 64
"""Flags that are kept of one client; they are a handful."""

Greet = Callable[[str], Awaitable[Sequence[tuple[str, Any]]]]
"""The messages that the client of an id gets first, as (event, data)."""


class Client:
    """One connection, from its first message to its end."""

    def __init__(self, id: str, socket: web.WebSocketResponse, transport: asyncio.Transport, limits: Limits) -> None:
        self.id = id
        self.features: Mapping[str, Any] = {}
        self.has_spoken = False
        self.concerned_until = 0.0
        self._socket = socket
        self._transport = transport
        self._outbox = Outbox(limits.socket_queue_bytes)
        self._allowance = float(BURST)
        self._heard = time.monotonic()

    def put(self, message: Outgoing) -> None:
        """Queue a message; a client whose queue is full is dropped."""
        if not self._outbox.put(message) and not self._transport.is_closing():
            log.warning(
                "dropped client %r: it does not read (%d messages, %.1f MiB wait)",
                self.id,
                len(self._outbox),
                self._outbox.size / 2**20,
            )
            self._transport.abort()

    def put_first(self, messages: Sequence[Outgoing]) -> None:
        """Queue messages before all others, in their order."""
        for each in reversed(messages):
            self._outbox.put_first(each)

    async def write(self) -> None:
        """Send what is queued, until the connection ends."""
        try:
            while True:
                message = self._outbox.take()
                if message is not None:
                    kind = WSMsgType.BINARY if message.is_binary else WSMsgType.TEXT
                    await self._socket.send_frame(message.data, kind)
                    continue
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        await self._outbox.arrival()
                except TimeoutError:
                    await self._socket.ping()
        except (ConnectionError, RuntimeError):  # RuntimeError: aiohttp's word for a socket that was closed meanwhile
            self._transport.abort()

    def floods(self) -> bool:
        """Whether it sends more than anyone needs to; called for each message that came."""
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._heard) * FRAMES_A_SECOND) - 1
        self._heard = now
        return self._allowance < 0

    async def close(self, code: WSCloseCode, reason: str) -> None:
        """Say goodbye without waiting long for an answer."""
        try:
            async with asyncio.timeout(1.0):
                await self._socket.close(code=code, message=reason.encode()[:120])
        except TimeoutError:
            self._transport.abort()


class SocketHub:
    """All clients by id; implements `contracts.Hub`. To be used in the event loop's thread only.

    features: what the server answers to a client that announces its own
    """

    def __init__(self, limits: Limits, features: Mapping[str, Any]) -> None:
        self._limits = limits
        self._features = features
        self._clients: dict[str, Client] = {}
        self._open: set[Client] = set()
        self._status: Outgoing | None = None
        self._behind: set[Client] = set()
        self._told = 0.0

    @property
    def count(self) -> int:
        """Open connections."""
        return len(self._open)

    def feature(self, client: str, name: str) -> Any:
        found = self._clients.get(client)
        return found.features.get(name) if found else None

    def send(self, event: str, data: Any, client: str | None = None) -> None:
        """A JSON message to one client, or (None) to all; encoded once."""
        receivers = self._receivers(client)
        if receivers:
            replaces = None
            if event == "progress_state" and isinstance(data, Mapping):
                replaces = f"progress_state {data.get('prompt_id')}"
            message = Outgoing(encoded(event, data), False, replaces)
            if event == "status" and client is None:
                receivers = self._told_now(receivers, message)
            self._put(receivers, message, alone=client is not None)

    def send_binary(self, event: int, payload: bytes, client: str | None = None) -> None:
        """A binary message to one client, or (None) to all."""
        receivers = self._receivers(client)
        if receivers:
            replaces = "preview" if is_preview(event, payload) else None
            message = Outgoing(event.to_bytes(4, "big") + payload, True, replaces)
            self._put(receivers, message, alone=client is not None)

    async def serve(self, request: web.Request, id: str, greet: Greet) -> web.WebSocketResponse:
        """One connection, until it ends. Raises Refused with 503 where there are too many.

        A later connection of the same id gets the messages from then on. The earlier one stays open, silent: a browser
        would connect again at once, and two tabs of one id would take turns for ever.
        """
        if len(self._open) >= self._limits.socket_clients:
            raise Refused(
                503,
                f"{len(self._open)} clients are connected, which is the most there may be",
                remedy="close one, or start the server with a larger limit",
            )
        limits = self._limits
        socket = web.WebSocketResponse(
            max_msg_size=limits.socket_message_bytes, compress=False, timeout=1.0, autoping=False
        )
        await socket.prepare(request)
        if request.transport is None:
            return socket
        client = Client(id, socket, request.transport, limits)
        self._clients[id] = client
        self._open.add(client)
        writing = None
        try:
            client.put_first([Outgoing(encoded(event, data)) for event, data in await greet(id)])
            writing = asyncio.create_task(client.write())
            await self._read(client, socket)
        finally:
            self._open.discard(client)
            self._behind.discard(client)
            if self._clients.get(id) is client:
                del self._clients[id]
            if writing is not None:
                writing.cancel()
        return socket

    async def close(self) -> None:
        """Say goodbye to all; for a server that stops."""
        leaving = [each.close(WSCloseCode.GOING_AWAY, "the server stops") for each in self._open]
        await asyncio.gather(*leaving)

    def _receivers(self, client: str | None) -> list[Client]:
        if client is None:
            return list(self._clients.values())
        found = self._clients.get(client)
        return [found] if found else []

    def _put(self, receivers: Iterable[Client], message: Outgoing, *, alone: bool = False) -> None:
        for each in receivers:
            each.put(message)
            if alone:
                each.concerned_until = time.monotonic() + CONCERNED_SECONDS

    def _told_now(self, receivers: list[Client], status: Outgoing) -> list[Client]:
        """Those who get a status at once; the others get the newest one a moment later."""
        now = time.monotonic()
        others = [each for each in receivers if each.concerned_until <= now]
        if not others:
            return receivers
        if not self._behind and now - self._told >= STATUS_SECONDS:
            self._told = now
            return receivers
        self._status = status
        if not self._behind:
            asyncio.get_running_loop().call_later(STATUS_SECONDS, self._catch_up)
        self._behind.update(others)
        concerned = [each for each in receivers if each.concerned_until > now]
        self._behind.difference_update(concerned)
        return concerned

    def _catch_up(self) -> None:
        behind, self._behind = self._behind, set()
        self._told = time.monotonic()
        if self._status is not None:
            self._put(behind, self._status)

    async def _read(self, client: Client, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if client.floods():
                log.warning("dropped client %r: it floods the server with messages", client.id)
                await client.close(WSCloseCode.POLICY_VIOLATION, "too many messages")
                return
            if message.type is WSMsgType.TEXT:
                self._heard(client, message)
            elif message.type is WSMsgType.PING:
                await socket.pong(message.data)

    def _heard(self, client: Client, message: WSMessage) -> None:
        """The first text may announce features; everything else is ignored."""
        if client.has_spoken:
            return
        client.has_spoken = True
        try:
            said = json.loads(message.data)
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict) or said.get("type") != "feature_flags":
            return
        given = said.get("data")
        client.features = plain_flags(given) if isinstance(given, dict) else {}
        self.send("feature_flags", self._features, client.id)


def plain_flags(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Flags as far as they are short: what a client says is kept as long as it is connected."""
    short = {name: each for name, each in given.items() if len(name) <= 100 and isinstance(each, bool | int | float)}
    return dict(list(short.items())[:MOST_FEATURES])


def encoded(event: str, data: Any) -> bytes:
    """A JSON message."""
    return json_text({"type": event, "data": data}).encode()


def is_preview(event: int, payload: bytes) -> bool:
    """Whether a binary message is a picture that the next one makes worthless."""
    if event == PREVIEW:
        return int.from_bytes(payload[:4], "big") == JPEG
    if event == PREVIEW_WITH_METADATA:
        length = int.from_bytes(payload[:4], "big")
        return b'"image/jpeg"' in payload[4 : 4 + length]
    return False
