"""A worker at the other end of a real pipe: as a thread with toy nodes, or as a process of its own."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from darkroom.engine.registry import Registry
from darkroom.engine.spec import NodeSpec
from darkroom.frames.codec import decoded, encoded
from darkroom.frames.messages import (
    Answer,
    Ask,
    Beat,
    JobDone,
    JobEvent,
    LogLine,
    Message,
    Ready,
    RunJob,
    Stop,
    ToWorker,
)
from darkroom.worker.line import Line
from darkroom.worker.main import Worker
from darkroom.worker.settings import WorkerSettings
from tests.engine.toys import TOYS

SECONDS = 20.0


class Talk:
    """The server's end. heard: every message so far, without beats and log lines."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.heard: list[Message] = []
        self.printed: list[LogLine] = []

    def send(self, message: ToWorker) -> None:
        self.connection.send_bytes(encoded(message))

    def next(self) -> Message:
        while True:
            assert self.connection.poll(SECONDS), f"nothing came; before that: {self.heard[-3:]}"
            message = decoded(self.connection.recv_bytes())
            if isinstance(message, LogLine):
                self.printed.append(message)
            elif not isinstance(message, Beat):
                self.heard.append(message)
                return message

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        while True:
            message = self.next()
            if wanted(message):
                return message

    def event(self, kind: str) -> JobEvent:
        found: JobEvent = self.until(lambda message: isinstance(message, JobEvent) and message.kind == kind)
        return found

    def done(self) -> JobDone:
        found: JobDone = self.until(lambda message: isinstance(message, JobDone))
        return found

    def begin(self, prompt: Mapping[str, Any], target: str, job: str = "job", **more: Any) -> None:
        self.send(RunJob(job, 7, prompt, [target], **more))

    def run(self, prompt: Mapping[str, Any], target: str, job: str = "job", **more: Any) -> JobDone:
        self.begin(prompt, target, job, **more)
        return self.done()

    def ask(self, what: str, **data: Any) -> Answer:
        self.send(Ask(1, what, data))
        found: Answer = self.until(lambda message: isinstance(message, Answer))
        return found

    def events(self, kind: str | None = None) -> list[JobEvent]:
        return [each for each in self.heard if isinstance(each, JobEvent) and kind in (None, each.kind)]


def settings(base: Path, **more: Any) -> WorkerSettings:
    return WorkerSettings(**{"device": "cpu", "base": base, "warm": False, **more})


@contextmanager
def worker(base: Path, *specs: NodeSpec, **more: Any) -> Iterator[Talk]:
    """A worker in a thread, ready."""
    ours, theirs = multiprocessing.Pipe()
    registry = Registry([*TOYS, *specs])
    thread = threading.Thread(target=Worker(Line(theirs, lambda: None), settings(base, **more), registry).run)
    thread.start()
    talk = Talk(ours)
    talk.until(lambda message: isinstance(message, Ready))
    yield talk
    talk.send(Stop())
    thread.join(SECONDS)
    assert not thread.is_alive()
    ours.close()


@contextmanager
def process(entry: Callable[[Connection, WorkerSettings], None], base: Path, **more: Any) -> Iterator[tuple[Talk, Any]]:
    """A worker as the server has it; killed at the end if it is still there."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    started = context.Process(target=entry, args=(theirs, settings(base, **more)))
    started.start()
    theirs.close()
    try:
        yield Talk(ours), started
    finally:
        started.kill()
        started.join()
        ours.close()


def api(**nodes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """API JSON; "@a" and "@a.1" are links."""
    return {
        id.lstrip("_"): {"class_type": kind, "inputs": {name: _value(each) for name, each in inputs.items()}}
        for id, (kind, inputs) in nodes.items()
    }


def _value(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        source, _, slot = value[1:].partition(".")
        return [source, int(slot or 0)]
    return value
