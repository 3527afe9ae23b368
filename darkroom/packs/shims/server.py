"""`server`: `PromptServer.instance`, through which packs talk to browsers and add routes.

The application here is served in the worker process; the server forwards requests to it.
"""

from __future__ import annotations

import asyncio
import io
import logging
import struct
import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any, ClassVar

from aiohttp import web

from darkroom.packs import current

_log = logging.getLogger(__name__)


class BinaryEventTypes(IntEnum):
    PREVIEW_IMAGE = 1
    UNENCODED_PREVIEW_IMAGE = 2
    TEXT = 3
    PREVIEW_IMAGE_WITH_METADATA = 4


class PromptQueue:
    """What can be told of the queue, which is in another process."""

    def get_tasks_remaining(self) -> int:
        """How many jobs wait or run."""
        return current.PROCESS.host.queue_remaining

    def get_current_queue(self) -> tuple[list[Any], list[Any]]:
        """Running and waiting jobs; of the running one the id is known, of waiting ones nothing."""
        job = current.PROCESS.host.job
        return ([] if job is None else [(0, job, {}, {}, [])]), []

    def set_flag(self, name: str, data: Any) -> None:
        """ "unload_models" and "free_memory" act between jobs; other flags mean nothing here."""
        if name in ("unload_models", "free_memory"):
            current.PROCESS.host.free(name == "unload_models" and bool(data), name == "free_memory" and bool(data))


class PromptServer:
    """The server as packs see it; one per worker process, made when packs are loaded."""

    instance: ClassVar[PromptServer]

    def __init__(self) -> None:
        self.app = web.Application(client_max_size=100 * 1024 * 1024)
        self.app.on_startup.append(self._started)
        self.routes = web.RouteTableDef()
        self.prompt_queue = PromptQueue()
        self.supports = ["custom_nodes_from_web"]
        self.on_prompt_handlers: list[Callable[[Any], Any]] = []
        self.sockets: dict[str, Any] = {}
        self.address = "127.0.0.1"
        self.port = 8188
        self.number = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def client_id(self) -> str | None:
        """The client of the job that runs."""
        return current.PROCESS.host.client

    @property
    def last_node_id(self) -> str | None:
        """The node that runs."""
        return current.node_id()

    @property
    def last_prompt_id(self) -> str | None:
        """The job that runs."""
        return current.PROCESS.host.job

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the routes; before they are served, one that runs in a thread of its own."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="loop of packs", daemon=True).start()
        return self._loop

    def send_sync(self, event: Any, data: Any, sid: str | None = None) -> None:
        """Send a message, or with a number as the event a binary frame, to a client; to all where there is none."""
        host = current.PROCESS.host
        if isinstance(event, int):
            host.send_binary(*_frame(int(event), data), sid)
        else:
            host.send_sync(str(event), data, sid)

    async def send(self, event: Any, data: Any, sid: str | None = None) -> None:
        self.send_sync(event, data, sid)

    send_json = send_bytes = send

    def send_progress_text(self, text: str | bytes, node_id: str, sid: str | None = None) -> None:
        """Show a line of text on a node."""
        current.tell(text.decode(errors="replace") if isinstance(text, bytes) else text, node_id)

    def queue_updated(self) -> None:
        """Nothing to do: the server tells its clients itself."""

    def add_on_prompt_handler(self, handler: Callable[[Any], Any]) -> None:
        """Let a function see, and change, the body of each posted prompt."""
        self.on_prompt_handlers.append(handler)

    def trigger_on_prompt(self, json_data: Any) -> Any:
        """Pass a body through all handlers; one that fails is skipped."""
        for handler in self.on_prompt_handlers:
            try:
                json_data = handler(json_data)
            except Exception:
                _log.exception("a pack's handler of posted prompts failed; it is skipped")
        return json_data

    def add_routes(self) -> None:
        """Nothing to do: routes are added once all packs are loaded."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"Darkroom's PromptServer has no {name!r}, which a pack asked for: the server is another process"
        )

    async def _started(self, app: web.Application) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()


def _frame(event: int, data: Any) -> tuple[int, bytes]:
    """The event number and bytes of a binary frame. data: bytes; or of a preview (format, PIL image, longest side)."""
    if event != BinaryEventTypes.UNENCODED_PREVIEW_IMAGE or isinstance(data, bytes | bytearray | memoryview):
        return event, bytes(data)
    format, picture, longest = data
    if longest is not None:
        picture = picture.copy()
        picture.thumbnail((longest, longest))
    file = io.BytesIO()
    picture.save(file, format=format, quality=95, compress_level=1)
    kind = 2 if format == "PNG" else 1
    return int(BinaryEventTypes.PREVIEW_IMAGE), struct.pack(">I", kind) + file.getvalue()


PromptServer.instance = PromptServer()
