"""A client of a real server: a socket whose messages are kept in their order, and short prompts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests
import websocket

from benchmarks.live import LiveServer

PACKS = Path(__file__).parent / "packs"
SECONDS = 60.0

Graph = dict[str, dict[str, Any]]


def node(type: str, **inputs: Any) -> dict[str, Any]:
    """A node of API JSON."""
    return {"class_type": type, "inputs": inputs}


class Client:
    """One client with an open socket. said: what came, JSON messages as (type, data), frames as (number, payload)."""

    def __init__(self, live: LiveServer, id: str, features: Mapping[str, Any] | None = None) -> None:
        self.live, self.id = live, id
        self.said: list[tuple[Any, Any]] = []
        self._came = threading.Condition()
        self._socket = websocket.WebSocket()
        self._socket.connect(f"{live.url.replace('http', 'ws')}/ws?clientId={id}")
        if features is not None:
            self._socket.send(json.dumps({"type": "feature_flags", "data": features}))
        threading.Thread(target=self._read, daemon=True).start()
        self.wait("status")
        if features is not None:
            self.wait("feature_flags")

    def close(self) -> None:
        self._socket.close()

    def post(self, prompt: Graph, **more: Any) -> str:
        """Queue a prompt as this client; its id."""
        return self.live.queue(prompt, client_id=self.id, **more)

    def run(self, prompt: Graph, **more: Any) -> list[tuple[Any, Any]]:
        """Queue a prompt, and what was said until its end."""
        with self._came:
            before = len(self.said)
        job = self.post(prompt, **more)
        self.end_of(job)
        return self.said[before:]

    def end_of(self, job: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Wait until a job has ended for this client; its history entry, which must be there by then."""
        self.until(lambda type, data: type == "executing" and data == {"node": None, "prompt_id": job}, seconds)
        return dict(self.live.get(f"/history/{job}")[job])

    def wait(self, type: str | int, seconds: float = SECONDS, **wanted: Any) -> Any:
        """The data of the first message of a type that has these values."""
        return self.until(
            lambda each, data: each == type and all(data.get(key) == value for key, value in wanted.items()), seconds
        )

    def until(self, good: Callable[[Any, Any], bool], seconds: float = SECONDS) -> Any:
        """The data of the first message for which `good` holds, now or later."""
        ends, at = time.monotonic() + seconds, 0
        with self._came:
            while True:
                for type, data in self.said[at:]:
                    if good(type, data):
                        return data
                at = len(self.said)
                left = ends - time.monotonic()
                if left <= 0 or not self._came.wait(left):
                    raise AssertionError(f"it did not come: {self.said[-20:]}\n{self.live.log.read_text()[-3000:]}")

    def of(self, job: str) -> list[tuple[Any, Any]]:
        """What was said of one job."""
        with self._came:
            return [(type, data) for type, data in self.said if isinstance(data, dict) and data.get("prompt_id") == job]

    def _read(self) -> None:
        while True:
            try:
                frame = self._socket.recv()
            except (websocket.WebSocketException, OSError):
                return
            if isinstance(frame, str) and not frame:
                return
            with self._came:
                if isinstance(frame, str):
                    message = json.loads(frame)
                    self.said.append((message["type"], message["data"]))
                else:
                    self.said.append((int.from_bytes(frame[:4], "big"), frame[4:]))
                self._came.notify_all()


def kinds(said: list[tuple[Any, Any]], *without: str) -> list[Any]:
    """The types of messages, without some."""
    return [type for type, _ in said if type not in without]


def refusal(live: LiveServer, prompt: Any, **more: Any) -> dict[str, Any]:
    """The body of the 400 that a prompt gets."""
    answer = requests.post(f"{live.url}/prompt", json={"prompt": prompt, **more}, timeout=20)
    assert answer.status_code == 400, answer.text
    found: dict[str, Any] = answer.json()
    return found


def eventually(found: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What a function returns, once that is true."""
    ends = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < ends, "it did not become true"
        time.sleep(0.02)
    return value
