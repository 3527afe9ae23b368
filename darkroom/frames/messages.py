"""Every message between the server and a worker; each is one frame on their pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunJob:
    """Server to worker: run this. prompt: API JSON, checked and coerced; targets: ids of the final nodes to run.

    token: fencing; comes back in everything that is said of this attempt
    preview: "none", "auto", "latent2rgb" or "taesd"; preview_size: longest side in pixels
    attempt: 1 for the first; before any other the files of the dead attempt are removed
    metadata: whether saved files carry prompt and workflow
    secrets: values of hidden inputs that are never stored, by tag ("API_KEY_COMFY_ORG")
    """

    job: str
    token: int
    prompt: Json
    targets: Sequence[str]
    extra_pnginfo: Json = field(default_factory=dict)
    client: str | None = None
    preview: str = "none"
    preview_size: int = 512
    attempt: int = 1
    metadata: bool = True
    secrets: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Server to worker: stop this job, at its next step."""

    job: str


@dataclass(frozen=True, slots=True)
class FreeMemory:
    """Server to worker: between jobs, drop loaded models, and (free_memory) all cached results too."""

    unload_models: bool = False
    free_memory: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Server to worker: a question that its control thread answers while a job runs, by an `Answer`.

    what: "check" {prompt, targets}: -> {"problems": [problem as JSON]}
          "definitions" {}: -> {"definitions": [...]} (lists of choices are fresh)
          "value" {job, node, slot, thumbnail: pixels}: -> {type, shape, dtype, minimum, maximum, mean, size_bytes,
            text}; the blob is a PNG, or empty
          "on_prompt" {body}: -> {"body": ...}, through the handlers that packs added
          "memory" {}: -> {ram, devices, cache}
    """

    request: int
    what: str
    data: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """Server to worker: leave when the current job has ended."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Worker to server: alive, before packs are loaded."""

    pid: int
    device: str
    python: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Worker to server: jobs can come.

    definitions: node types of packs (`frames.definitions`); failures: {pack, where, message} of packs that failed
    packs: {name, nodes, seconds} of each that was looked at: how many node types, and how long importing it took
    routes: (method, path) that packs serve on the socket; web: pack name to its folder of browser files
    device: {name, type, index, vram_total, vram_free, torch_vram_total, torch_vram_free}
    versions: {pytorch_version: ...}
    on_prompt: whether a pack wants to see each POST /prompt body
    """

    definitions: Sequence[Json] = ()
    failures: Sequence[Json] = ()
    packs: Sequence[Json] = ()
    routes: Sequence[Sequence[str]] = ()
    socket: str = ""
    web: Mapping[str, str] = field(default_factory=dict)
    device: Json = field(default_factory=dict)
    versions: Json = field(default_factory=dict)
    digest: str = ""
    on_prompt: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """Worker to server, each second: still there. memory: bytes resident; device_memory: bytes in use, 0 on a CPU."""

    memory: int = 0
    device_memory: int = 0


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Worker to server: something happened in a job (`frames.report`). blob: of a preview, the picture."""

    job: str
    token: int
    kind: str
    data: Json
    blob: bytes = b""


@dataclass(frozen=True, slots=True)
class JobDone:
    """Worker to server: the last word on an attempt. outcome: "done", "failed" or "cancelled".

    ui: node to what it shows; error: data of `node_failed`, or {message, ...} of a job that could not begin
    timings: seconds by node; reasons: by node, why it ran or why not
    origins: of ids that came by expansion, {parent, display, real}
    stopped_at: the node at which a cancelled job stopped
    """

    job: str
    token: int
    outcome: str
    ui: Mapping[str, Json] = field(default_factory=dict)
    error: Json | None = None
    stopped_at: str | None = None
    ran: Sequence[str] = ()
    cached: Sequence[str] = ()
    blocked: Sequence[str] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Json] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Worker to server: the answer to an `Ask`. error: what went wrong instead, for people."""

    request: int
    data: Json = field(default_factory=dict)
    error: str | None = None
    blob: bytes = b""


@dataclass(frozen=True, slots=True)
class PackMessage:
    """Worker to server: a pack sends something to browsers (`send_sync`). client: None for all.

    With a blob, `event` is the number of a binary frame.
    """

    event: str
    data: Any
    client: str | None = None
    blob: bytes = b""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Worker to server: what a node printed or logged. level: as in `logging`, or "STDOUT" and "STDERR"."""

    text: str
    level: str = "STDOUT"


ToWorker: TypeAlias = RunJob | CancelJob | FreeMemory | Ask | Stop
ToServer: TypeAlias = Hello | Ready | Beat | JobEvent | JobDone | Answer | PackMessage | LogLine
Message: TypeAlias = ToWorker | ToServer

MESSAGES: tuple[type[Message], ...] = (
    *(RunJob, CancelJob, FreeMemory, Ask, Stop),
    *(Hello, Ready, Beat, JobEvent, JobDone, Answer, PackMessage, LogLine),
)
