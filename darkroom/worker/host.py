"""What packs reach of this process (`darkroom.packs.host.PackHost`), whatever thread they call from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from darkroom.engine.events import Preview, Progress, Text
from darkroom.engine.running.cancel import CancelToken
from darkroom.frames.messages import FreeMemory, PackMessage, RunJob
from darkroom.worker.inbox import Inbox
from darkroom.worker.line import Line
from darkroom.worker.teller import Teller


@dataclass(frozen=True, slots=True)
class Now:
    """The job that runs."""

    message: RunJob
    cancel: CancelToken
    tell: Teller


class Host:
    """Between jobs, what is told of a node is told to nobody. now: set by the thread that runs jobs."""

    def __init__(self, line: Line, inbox: Inbox) -> None:
        self.now: Now | None = None
        self._line = line
        self._inbox = inbox

    @property
    def job(self) -> str | None:
        now = self.now
        return None if now is None else now.message.job

    @property
    def node(self) -> str | None:
        now = self.now
        return None if now is None else now.tell.node

    @property
    def client(self) -> str | None:
        now = self.now
        return None if now is None else now.message.client

    @property
    def is_cancelled(self) -> bool:
        now = self.now
        return now is not None and now.cancel.cancelled

    @property
    def queue_remaining(self) -> int:
        return self._inbox.jobs

    def send_sync(self, event: str, data: Any, client: str | None = None) -> None:
        self._line.send(PackMessage(event, data, client))

    def send_binary(self, event: int, blob: bytes, client: str | None = None) -> None:
        self._line.send(PackMessage(str(event), None, client, blob))

    def progress(self, value: float, total: float, preview: Any = None, node_id: str | None = None) -> None:
        """preview: a PIL image; or (format, image, longest side)

        No longest side (None) means that the picture is a result: it goes out whole, and none is left out.
        """
        now = self.now
        node = node_id or self.node
        if now is None or node is None:
            return
        now.cancel.raise_if_cancelled()
        display = now.tell.display(node)
        now.tell(Progress(node, display, value, total))
        if preview is not None:
            _, picture, longest = preview if isinstance(preview, tuple) else ("JPEG", preview, 0)
            now.tell(Preview(node, display, lambda: picture, whole=longest is None))

    def text(self, text: str, node_id: str | None = None) -> None:
        now = self.now
        node = node_id or self.node
        if now is not None and node is not None:
            now.tell(Text(node, now.tell.display(node), text))

    def interrupt(self) -> None:
        now = self.now
        if now is not None:
            now.cancel.cancel()

    def raise_if_cancelled(self) -> None:
        now = self.now
        if now is not None:
            now.cancel.raise_if_cancelled()

    def free(self, unload_models: bool, free_memory: bool) -> None:
        self._inbox.take(FreeMemory(unload_models, free_memory))
