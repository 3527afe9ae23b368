"""What the parts of the service are to each other: the facts they exchange and the doors they go through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from darkroom.engine.registry import Registry
from darkroom.engine.run import Files
from darkroom.frames.messages import Answer, Json, Ready


class State(StrEnum):
    """Of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SET_ASIDE = "set_aside"


ENDED = (State.DONE, State.FAILED, State.CANCELLED, State.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A checked prompt to put into the queue.

    id: the prompt_id; prompt: API JSON, coerced; targets: final nodes to run
    number: an explicit order key, or None for the next of the counter; front: before everything that waits
    extra_data: as posted, with create_time (ms) and client_id, without secrets
    secrets: kept in memory only, by tag; lost in a restart
    """

    id: str
    prompt: Json
    targets: Sequence[str]
    extra_data: Json = field(default_factory=dict)
    client: str | None = None
    number: float | None = None
    front: bool = False
    secrets: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt. state: DONE, FAILED, CANCELLED or SET_ASIDE.

    outputs: node to ui; meta: node to {node_id, display_node, parent_node, real_node_id}
    messages: [[event, data], ...] as history shows them; error: data of execution_error, or None
    explain: {ran, cached, blocked, reasons, timings, seconds}
    """

    state: State
    outputs: Mapping[str, Json] = field(default_factory=dict)
    meta: Mapping[str, Json] = field(default_factory=dict)
    messages: Sequence[Sequence[Any]] = ()
    error: Json | None = None
    explain: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the queue or of history. Times in milliseconds since 1970; None where it has not happened."""

    id: str
    number: float
    state: State
    prompt: Json
    targets: Sequence[str]
    extra_data: Json
    client: str | None
    created: int
    started: int | None = None
    ended: int | None = None
    worker: str | None = None
    token: int = 0
    attempts: int = 0
    deaths: int = 0
    reason: str | None = None
    """Why it was queued again, failed without a node's fault, or set aside."""
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What an ended job made, without its drawing, so that hundreds are cheap. at: its place in the order of ends."""

    at: int
    id: str
    state: State
    prompt: Json
    outputs: Mapping[str, Json]
    started: int | None
    ended: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """number: its place in the order. is_new: false where a job of that id was there already."""

    id: str
    number: float
    is_new: bool


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs, in which order. states: empty for all; sort_by: "created_at" or "execution_duration"."""

    states: Sequence[State] = ()
    workflow_id: str | None = None
    sort_by: str = "created_at"
    descending: bool = True
    limit: int | None = None
    offset: int = 0


class JobStore(Protocol):
    """The durable queue. Every method may be called from the event loop; none blocks it. See `service.jobs.store`."""

    async def open(self) -> Sequence[Job]:
        """Migrate and recover: running jobs whose lease is void are queued again (or set aside); returns those."""
        ...

    async def close(self) -> None: ...

    async def accept(self, job: NewJob) -> Accepted:
        """Commit a job; durable when this returns."""
        ...

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """Take the next job for a worker: state RUNNING, token + 1, attempts + 1. None where nothing waits."""
        ...

    async def renew(self, held: Sequence[tuple[str, int]], lease_seconds: float) -> Sequence[tuple[str, int]]:
        """Lengthen leases of (id, token); returns those that are no longer ours."""
        ...

    async def finish(
        self, id: str, token: int, result: Result, claim_for: str | None = None, lease_seconds: float = 0
    ) -> tuple[bool, Job | None]:
        """Commit a result, durably; False where the token is stale. claim_for: claim a worker's next job in the same
        transaction, returned second."""
        ...

    async def requeue(
        self, id: str, token: int, reason: str, *, death: bool, aside: Result | None = None
    ) -> State | None:
        """Back to the queue after a lost attempt; death: the job's worker died of it, which counts towards SET_ASIDE.
        aside: the result to keep if it is set aside.
        Returns the new state, or None where the token is stale."""
        ...

    async def sweep(self) -> Sequence[Job]:
        """Take back jobs whose lease ran out because nobody runs them; returns them. Call it every few seconds."""
        ...

    async def cancel_queued(self, ids: Sequence[str] | None) -> Sequence[str]:
        """Cancel jobs that wait (None: all of them); returns their ids."""
        ...

    async def move(self, id: str, before: str | None) -> Sequence[str] | None:
        """Put a job that waits before another that waits, or (None) at the end; the ids of all that wait, in order.

        From then on they run in this order, whoever sent them; None where one of the two does not wait."""
        ...

    async def get(self, id: str) -> Job | None: ...

    async def queued(self) -> Sequence[Job]:
        """Those that wait, in the order in which they will run."""
        ...

    async def running(self) -> Sequence[Job]: ...

    async def remaining(self) -> int:
        """How many wait or run."""
        ...

    async def history(self, max_items: int | None, offset: int | None) -> Sequence[Job]:
        """Ended jobs that ever ran, oldest first. max_items alone: the newest; offset: counted from the oldest."""
        ...

    async def page(self, query: JobQuery) -> tuple[Sequence[Job], int]:
        """One page of jobs, and how many there are in all."""
        ...

    async def past(self, limit: int, before: int | None) -> tuple[Sequence[Past], int]:
        """Ended jobs that showed files, newest first, from below the place `before`; and how many there are in all."""
        ...

    async def forget(self, ids: Sequence[str] | None) -> None:
        """Delete ended jobs (None: all of them)."""
        ...

    def secrets(self, id: str) -> Json: ...


class Hub(Protocol):
    """The connected clients. Sending never waits: a client that does not read is dropped when its queue is full."""

    def send(self, event: str, data: Any, client: str | None = None) -> None:
        """A JSON message to one client, or to all. A client that is not connected is skipped."""
        ...

    def send_binary(self, event: int, payload: bytes, client: str | None = None) -> None: ...

    def feature(self, client: str, name: str) -> Any:
        """A feature flag that the client announced; None where it did not."""
        ...

    @property
    def count(self) -> int: ...


class Workers(Protocol):
    """The worker processes and what runs on them. See `service.workers`."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def wake(self) -> None:
        """A job was accepted: see whether a worker is free."""
        ...

    async def interrupt(self, id: str | None) -> bool:
        """Cancel a running job, or (None) all running ones. False where none runs under that id."""
        ...

    async def free(self, unload_models: bool, free_memory: bool) -> None: ...

    async def ask(self, what: str, data: Json, timeout: float = 10.0, job: str | None = None) -> Answer:
        """Ask the first worker that is ready (or the one that ran `job`). Raises WorkerGone or TimeoutError."""
        ...

    async def ready(self, timeout: float) -> bool:
        """Wait until a worker has loaded its packs (or failed to start)."""
        ...

    @property
    def current(self) -> Mapping[str, str | None]:
        """Running jobs by id, and the node each is at."""
        ...

    @property
    def status(self) -> Sequence[Json]:
        """Each worker: {name, device, pid, state, job, node, restarts, memory, device_memory, heartbeat_age}."""
        ...

    @property
    def hello(self) -> Ready | None:
        """What the first worker that was ready said last."""
        ...


class WorkerGone(Exception):
    """No worker is there to answer."""


class Refused(Exception):
    """A request that gets a 4xx. type: ComfyUI's error type where one exists; remedy: what to do, as a phrase."""

    def __init__(self, status: int, message: str, *, type: str = "", details: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.type, self.details, self.remedy = status, message, type, details, remedy


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may hold at most; each is a setting."""

    upload_bytes: int = 100 * 2**20
    json_bytes: int = 16 * 2**20
    json_groups: int = 1_000_000
    json_depth: int = 100
    graph_nodes: int = 20_000
    text_bytes: int = 2 * 2**20
    image_pixels: int = 100_000_000
    image_frames: int = 1_000
    image_text_bytes: int = 32 * 2**20
    form_parts: int = 100
    socket_message_bytes: int = 2**20
    socket_clients: int = 500
    socket_queue_bytes: int = 32 * 2**20
    queued_jobs: int = 100_000
    body_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the process was started with, for routes that tell of it or depend on it.

    folders: where files are; user: the users' folder (settings, userdata, workflows); web: the built editor or None
    templates: the folder of example workflows
    preview: the preview method where a job names none
    prompt_tokens: counts the tokens of a prompt; None where this server cannot
    """

    folders: Files
    user: Path
    web: Path | None = None
    templates: Path | None = None
    limits: Limits = field(default_factory=Limits)
    metadata: bool = True
    preview: str = "none"
    preview_size: int = 512
    multi_user: bool = False
    version: str = "0.1.0"
    argv: Sequence[str] = ()
    custom_nodes: Sequence[Path] = ()
    hashing: str = "sha256"
    prompt_tokens: Callable[[str, Files], Json] | None = None


class Catalogue(Protocol):
    """Every node type that is known now: ours, and those of packs as the worker (or the memory of it) tells."""

    @property
    def registry(self) -> Registry: ...

    def is_judged(self, type: str) -> bool:
        """Whether a node of this type can be checked fully only in a worker."""
        ...

    async def settled(self) -> None:
        """Wait until the definitions of packs are known."""
        ...

    async def refreshed(self) -> Registry:
        """The registry with fresh lists of choices."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """All parts of a running server."""

    facts: Facts
    store: JobStore
    workers: Workers
    hub: Hub
    catalogue: Catalogue


SERVICE: web.AppKey[Service] = web.AppKey("service", Service)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. api: it is served under `/api` + path too; else under its literal path only.

    summary, body, answer: for openapi.json; body and answer are JSON schemas, or None
    """

    method: str
    path: str
    handler: Handler
    summary: str
    api: bool = True
    body: Json | None = None
    answer: Json | None = None
    query: Mapping[str, Json] = field(default_factory=dict)
