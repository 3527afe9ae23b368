"""What clients are told of a job, and what history keeps of it: events of one attempt in, messages in their order out.

Nothing here sends or stores anything. The order of a run is that of ComfyUI: execution_start, execution_cached, by node
progress_state, executing, progress, previews and executed, then execution_success, execution_error or
execution_interrupted; `status` and, after the job is in history, `executing` with node null follow at the end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from darkroom.frames.messages import JobDone, JobEvent, Json
from darkroom.service.contracts import Result, State

MANY_NODES = 100
"""From this many nodes on, progress_state is not sent at every change."""
STATE_SECONDS = 0.05
METADATA_FEATURE = "supports_preview_metadata"
_FORMATS = {"JPEG": (1, "image/jpeg"), "PNG": (2, "image/png")}
_STATES = {"done": State.DONE, "failed": State.FAILED, "cancelled": State.CANCELLED}


class Binary(IntEnum):
    """Numbers of binary frames."""

    PREVIEW = 1
    TEXT = 3
    PREVIEW_WITH_METADATA = 4


@dataclass(frozen=True, slots=True)
class Message:
    """One message. event: a type, or the number of a binary frame whose payload `data` is; client: None for all."""

    event: str | Binary
    data: Any
    client: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of an attempt. last: after the result is stored and `status` was sent."""

    messages: Sequence[Message]
    result: Result
    last: Sequence[Message]


def status(remaining: int) -> Json:
    """The data of a `status` message."""
    return {"status": {"exec_info": {"queue_remaining": remaining}}}


def text_frame(node: str, text: str) -> bytes:
    """The payload of a TEXT frame."""
    id = node.encode("utf-8", "replace")
    return len(id).to_bytes(4, "big") + id + text.encode("utf-8", "replace")


def preview_frame(format: str, picture: bytes, metadata: Json | None) -> tuple[Binary, bytes]:
    """A preview with its kind of frame. format: "JPEG" or "PNG"; metadata: None for clients that do not know it."""
    number, mime = _FORMATS[format]
    if metadata is None:
        return Binary.PREVIEW, number.to_bytes(4, "big") + picture
    header = json.dumps({**metadata, "image_type": mime}).encode()
    return Binary.PREVIEW_WITH_METADATA, len(header).to_bytes(4, "big") + header + picture


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class JobMessages:
    """One attempt at a job, told to its client. Its end is told once: by `done` or by `died`.

    with_metadata: whether the client wants previews with metadata
    watched: whether anybody listens; while nobody does, progress_state is not made
    now: milliseconds since 1970; clock: seconds
    """

    def __init__(
        self,
        id: str,
        prompt: Json,
        targets: Sequence[str],
        client: str | None,
        *,
        with_metadata: Callable[[], bool] = lambda: False,
        watched: Callable[[], bool] = lambda: True,
        now: Callable[[], int] = _milliseconds,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = id
        self.withheld = False
        """A progress_state is due that was held back, as another had just been sent; see `progress_state`."""
        self._prompt, self._client = prompt, client
        self._targets = frozenset(targets)
        self._with_metadata, self._watched, self._now, self._clock = with_metadata, watched, now, clock
        self._running: dict[str, Json] = {}
        self._latest: Json | None = None
        self._executed: dict[str, None] = {}
        self._expanded: dict[str, None] = {}
        self._states: dict[str, Json] = {}
        self._state_sent = float("-inf")
        self._is_new = False
        self._outputs: dict[str, Json] = {}
        self._meta: dict[str, Json] = {}
        self._history: list[tuple[str, Json]] = []
        self._handlers: Mapping[str, Callable[[Json, bytes], list[Message]]] = {
            "started": self._on_started,
            "node_started": self._on_node_started,
            "node_cached": self._on_node_cached,
            "progress": self._on_progress,
            "preview": self._on_preview,
            "text": self._on_text,
            "node_finished": self._on_node_finished,
            "node_blocked": self._on_node_blocked,
            "node_failed": self._on_node_failed,
        }

    @property
    def display_node(self) -> str | None:
        """The drawn node that the job is at."""
        return None if self._latest is None else str(self._latest["display_node"])

    @property
    def has_begun(self) -> bool:
        """Whether the worker has said anything of this attempt."""
        return bool(self._history)

    @property
    def node(self) -> tuple[str, str] | None:
        """The drawn node whose code runs, with its type."""
        at = next(reversed(self._running.values()), None) or self._latest
        return None if at is None else self._named(_real(at))

    def on(self, event: JobEvent) -> Sequence[Message]:
        """What an event makes clients see."""
        handler = self._handlers.get(event.kind)
        return () if handler is None else handler(event.data, event.blob)

    def progress_state(self) -> Message | None:
        """The state of all nodes that are not pending, if somebody may see it; to all where the job has no client."""
        self.withheld = self._is_new = False
        if not self._watched():
            return None
        self._state_sent = self._clock()
        return Message("progress_state", {"prompt_id": self.id, "nodes": dict(self._states)}, self._client)

    def done(self, done: JobDone) -> Ending:
        """The worker said its last word."""
        told = self._beginning()
        self._outputs.update((id, ui) for id, ui in done.ui.items() if ui)
        for id in self._outputs.keys() - self._meta.keys():
            origin = done.origins.get(id, {})
            self._meta[id] = _meta(id, origin.get("display", id), origin.get("parent"), origin.get("real", id))
        state = _STATES[done.outcome]
        error: Json | None = None
        if state is State.DONE:
            self._running.clear()
            told += self._final_state()
            told += self._record("execution_success", {})
        elif state is State.FAILED:
            told += self._final_state()
            told += self._record("execution_error", self._error(done.error or {}))
            error = self._history[-1][1]
        else:
            at = done.stopped_at
            real = None if not at else done.origins.get(at, {}).get("real", at)
            told += self._final_state()
            told += self._interrupted(self._named(real) if real else None)
        explain = {name: getattr(done, name) for name in ("ran", "cached", "blocked", "reasons", "timings", "seconds")}
        return self._ending(told, state, error, explain)

    def died(self, state: State, message: str, kind: str = "WorkerDied") -> Ending:
        """The attempt ended without the worker's word. state: FAILED, CANCELLED or SET_ASIDE."""
        told = self._beginning()
        for id, data in self._running.items():
            self._mark(id, data, "error")
        told += self._final_state()
        error: Json | None = None
        if state is State.CANCELLED:
            told += self._interrupted(self.node)
        else:
            at = self._latest or {}
            node = {name: at[name] for name in ("node", "display_node", "real_node") if name in at}
            if (running := self.node) is not None:
                node = {"node": running[0]}
            failure = {**node, "message": message, "exception_type": kind}
            told += self._record("execution_error", self._error(failure))
            error = self._history[-1][1]
        return self._ending(told, state, error, {"ran": list(self._executed)})

    def _ending(self, told: list[Message], state: State, error: Json | None, explain: Json) -> Ending:
        result = Result(state, self._outputs, self._meta, tuple(self._history), error, explain)
        return Ending(told, result, self._own("executing", {"node": None}))

    def _on_started(self, data: Json, blob: bytes) -> list[Message]:
        return self._beginning(data.get("cached", ()))

    def _beginning(self, cached: Sequence[str] = ()) -> list[Message]:
        if self._history:
            return []
        return [
            *self._record("execution_start", {}),
            *self._record("execution_cached", {"nodes": list(cached)}),
        ]

    def _on_node_started(self, data: Json, blob: bytes) -> list[Message]:
        id = data["node"]
        if "real_node" in data:
            self._expanded[id] = None
        self._latest = self._running[id] = data
        self._mark(id, data, "running")
        return [*self._changed(), *self._own("executing", {"node": id, "display_node": data["display_node"]})]

    def _on_node_cached(self, data: Json, blob: bytes) -> list[Message]:
        id, ui = data["node"], data.get("ui")
        if not ui and id not in self._targets:
            return []
        self._mark(id, data, "finished")
        self.withheld = True
        return self._shown(id, data, ui)

    def _on_progress(self, data: Json, blob: bytes) -> list[Message]:
        id = data["node"]
        self._mark(id, data, "running", data["value"], data["maximum"])
        shown = {"value": data["value"], "max": data["maximum"], "prompt_id": self.id, "node": id}
        return [*self._changed(), Message("progress", shown, self._client)]

    def _on_preview(self, data: Json, blob: bytes) -> list[Message]:
        if self._client is None:
            return []
        metadata = {"prompt_id": self.id, **_place(data["node"], data)} if self._with_metadata() else None
        return [Message(*preview_frame(data["format"], blob, metadata), self._client)]

    def _on_text(self, data: Json, blob: bytes) -> list[Message]:
        return [Message(Binary.TEXT, text_frame(data["node"], data["text"]), self._client)]

    def _on_node_finished(self, data: Json, blob: bytes) -> list[Message]:
        id, ui = data["node"], data.get("ui")
        self._running.pop(id, None)
        self._executed[id] = None
        shown = self._shown(id, data, ui) if ui else []
        self._mark(id, data, "finished")
        return [*shown, *self._changed()]

    def _on_node_blocked(self, data: Json, blob: bytes) -> list[Message]:
        id, message = data["node"], data.get("message")
        self._running.pop(id, None)
        self._mark(id, data, "finished")
        self.withheld = True
        if message is None:
            return []
        node, kind = self._named(_real(data))
        error = {
            "node_id": node,
            "node_type": kind,
            "executed": list(self._executed),
            "exception_message": f"Execution Blocked: {message}",
            "exception_type": "ExecutionBlocked",
            "traceback": [],
            "current_inputs": [],
            "current_outputs": [],
        }
        return self._own("execution_error", error)

    def _on_node_failed(self, data: Json, blob: bytes) -> list[Message]:
        """The message itself comes with the last word, which has the same facts."""
        self._running.pop(data["node"], None)
        self._latest = data
        self._mark(data["node"], data, "error")
        return []

    def _shown(self, id: str, data: Json, ui: Json | None) -> list[Message]:
        self._executed[id] = None
        if ui:
            self._outputs[id] = ui
            self._meta[id] = _meta(id, data["display_node"], data.get("parent_node"), _real(data))
        return self._own("executed", {"node": id, "display_node": data["display_node"], "output": ui or None})

    def _mark(self, id: str, data: Json, state: str, value: float | None = None, maximum: float | None = None) -> None:
        self._is_new = True
        before = self._states.get(id)
        most = maximum if maximum is not None else before["max"] if before else 1
        if value is None:
            value = most if state == "finished" else before["value"] if before else 0
        entry = {"value": value, "max": most, "state": state, "prompt_id": self.id}
        self._states[id] = {**entry, **_place(id, {**before, **data} if before and "parent_node" in before else data)}

    def _changed(self) -> list[Message]:
        """The state of all nodes, unless the graph is large and a state was sent just now."""
        if len(self._states) > MANY_NODES and self._clock() - self._state_sent < STATE_SECONDS:
            self.withheld = True
            return []
        state = self.progress_state()
        return [] if state is None else [state]

    def _final_state(self) -> list[Message]:
        state = self.progress_state() if self._is_new else None
        return [] if state is None else [state]

    def _error(self, failure: Json) -> Json:
        """The data of execution_error. failure: as in `node_failed`; without a node if the job could not begin."""
        node = failure.get("node")
        id, kind = self._named(failure.get("real_node") or node) if node else ("", "")
        return {
            "node_id": id,
            "node_type": kind,
            "executed": list(self._executed),
            "exception_message": f"{failure.get('message', '')}\n",
            "exception_type": failure.get("exception_type", ""),
            "traceback": list(failure.get("traceback", ())),
            "current_inputs": failure.get("inputs", {}),
            "current_outputs": [*self._prompt, *self._expanded],
        }

    def _interrupted(self, node: tuple[str, str] | None) -> list[Message]:
        id, kind = node or ("", "")
        return self._record(
            "execution_interrupted", {"node_id": id, "node_type": kind, "executed": list(self._executed)}
        )

    def _record(self, event: str, data: Json) -> list[Message]:
        """A message that history keeps as well."""
        data = {"prompt_id": self.id, **data, "timestamp": self._now()}
        self._history.append((event, data))
        return self._to_owner(event, data)

    def _own(self, event: str, data: Json) -> list[Message]:
        return self._to_owner(event, {**data, "prompt_id": self.id})

    def _to_owner(self, event: str, data: Json) -> list[Message]:
        if event == "execution_interrupted":
            return [Message(event, data, None)]
        return [] if self._client is None else [Message(event, data, self._client)]

    def _named(self, id: str) -> tuple[str, str]:
        """A drawn node with its type."""
        return id, str(self._prompt.get(id, {}).get("class_type", ""))


def _real(data: Json) -> str:
    return str(data.get("real_node") or data["node"])


def _place(id: str, data: Json) -> Json:
    return {
        "node_id": id,
        "display_node_id": data["display_node"],
        "parent_node_id": data.get("parent_node"),
        "real_node_id": _real({"node": id, **data}),
    }


def _meta(id: str, display: str, parent: str | None, real: str) -> Json:
    return {"node_id": id, "display_node": display, "parent_node": parent, "real_node_id": real}
