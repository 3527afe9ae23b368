"""What packs reach of the process they run in, beside their node's own inputs: the worker implements it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from darkroom.engine.running.cancel import CancelToken


class PackHost(Protocol):
    """The surroundings of packs. Everything may be called from any thread, also between jobs."""

    @property
    def job(self) -> str | None:
        """Id of the job that runs now."""
        ...

    @property
    def node(self) -> str | None:
        """Id of the node that runs now, or ran last in this job."""
        ...

    @property
    def client(self) -> str | None:
        """Id of the client that sent the job that runs now."""
        ...

    @property
    def is_cancelled(self) -> bool:
        """Whether the job that runs now shall stop."""
        ...

    @property
    def queue_remaining(self) -> int:
        """How many jobs wait or run."""
        ...

    def send_sync(self, event: str, data: Any, client: str | None = None) -> None:
        """Send `{"type": event, "data": data}` to a client's socket; to all where `client` is None."""
        ...

    def send_binary(self, event: int, blob: bytes, client: str | None = None) -> None:
        """Send a binary frame. event: its number, which the frame begins with; blob: what follows it."""
        ...

    def progress(self, value: float, total: float, preview: Any = None, node_id: str | None = None) -> None:
        """Show progress on a node, by default on the one that runs. preview: a PIL image, or None.

        Raises darkroom.engine.run.Cancelled where the job was cancelled.
        """
        ...

    def text(self, text: str, node_id: str | None = None) -> None:
        """Show a line of text on a node, by default on the one that runs."""
        ...

    def interrupt(self) -> None:
        """Cancel the job that runs now."""
        ...

    def raise_if_cancelled(self) -> None:
        """Raises darkroom.engine.run.Cancelled where the job that runs now was cancelled."""
        ...

    def free(self, unload_models: bool, free_memory: bool) -> None:
        """Drop loaded models, and (free_memory) kept results, at the next moment when no node runs."""
        ...


@dataclass
class QuietHost:
    """A host without a server: for tests and for graphs run from the command line. It remembers what was sent.

    cancel: of the job, if it can be cancelled
    sent: (event, data or blob, client); progressed: (value, total, preview, node); told: (text, node)
    freed: (unload_models, free_memory)
    """

    cancel: CancelToken = field(default_factory=CancelToken)
    job: str | None = None
    node: str | None = None
    client: str | None = None
    queue_remaining: int = 0
    sent: list[tuple[str | int, Any, str | None]] = field(default_factory=list)
    progressed: list[tuple[float, float, Any, str | None]] = field(default_factory=list)
    told: list[tuple[str, str | None]] = field(default_factory=list)
    freed: list[tuple[bool, bool]] = field(default_factory=list)

    @property
    def is_cancelled(self) -> bool:
        return self.cancel.cancelled

    def send_sync(self, event: str, data: Any, client: str | None = None) -> None:
        self.sent.append((event, data, client))

    def send_binary(self, event: int, blob: bytes, client: str | None = None) -> None:
        self.sent.append((event, blob, client))

    def progress(self, value: float, total: float, preview: Any = None, node_id: str | None = None) -> None:
        self.cancel.raise_if_cancelled()
        self.progressed.append((value, total, preview, node_id))

    def text(self, text: str, node_id: str | None = None) -> None:
        self.told.append((text, node_id))

    def interrupt(self) -> None:
        self.cancel.cancel()

    def raise_if_cancelled(self) -> None:
        self.cancel.raise_if_cancelled()

    def free(self, unload_models: bool, free_memory: bool) -> None:
        self.freed.append((unload_models, free_memory))
