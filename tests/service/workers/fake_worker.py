"""A worker for tests of its supervision: it speaks the frames and does what the prompt of a job says.

The node types of a prompt, run in their order: Show (ui), Fail, Exit (code), Signal (number), Mute (no heartbeats),
Steps (until cancelled), Deaf (steps that ignore cancelling), Babble (no frame), Leftover (starts a child that holds the
pipe, then exits), Wait (for a file), Stale (speaks of an older attempt), Talk, Attempts. A node "0" makes it crash
before it begins; if that one is Killed, it is killed so three times.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from darkroom.frames.codec import decoded, encoded
from darkroom.frames.messages import (
    Answer,
    Ask,
    Beat,
    CancelJob,
    FreeMemory,
    Hello,
    JobDone,
    JobEvent,
    LogLine,
    Message,
    PackMessage,
    Ready,
    RunJob,
    Stop,
)

BEAT_SECONDS = 0.05


class Fake:
    def __init__(self, connection: Connection, settings: Mapping[str, Any]) -> None:
        self.connection, self.settings = connection, settings
        self.lock = threading.Lock()
        self.jobs: list[RunJob] = []
        self.arrived = threading.Condition()
        self.cancelled: set[str] = set()
        self.freed = 0
        self.mute = False
        self.stopping = False

    def say(self, message: Message) -> None:
        with self.lock:
            self.connection.send_bytes(encoded(message))

    def read(self) -> None:
        while True:
            try:
                message = decoded(self.connection.recv_bytes())
            except (EOFError, OSError):
                os._exit(0)
            match message:
                case RunJob():
                    with self.arrived:
                        self.jobs.append(message)
                        self.arrived.notify()
                case CancelJob():
                    self.cancelled.add(message.job)
                case FreeMemory():
                    self.freed += 1
                case Ask():
                    self.answer(message)
                case Stop():
                    with self.arrived:
                        self.stopping = True
                        self.arrived.notify()

    def answer(self, ask: Ask) -> None:
        if ask.what == "freed":
            self.say(Answer(ask.request, {"freed": self.freed}))
        elif ask.what == "silence":
            return
        else:
            self.say(Answer(ask.request, {"what": ask.what, **ask.data}, blob=b"picture"))

    def beat(self) -> None:
        while not self.mute:
            self.say(Beat(1000, 2000))
            time.sleep(BEAT_SECONDS)

    def work(self) -> None:
        while True:
            with self.arrived:
                while not self.jobs and not self.stopping:
                    self.arrived.wait()
                if not self.jobs:
                    return
                job = self.jobs.pop(0)
            self.run(job)

    def run(self, job: RunJob) -> None:
        def event(kind: str, node: str = "", blob: bytes = b"", **data: Any) -> None:
            known = {"node": node, "display_node": node} if node else {}
            self.say(JobEvent(job.job, job.token, kind, {**known, **data}, blob))

        def done(outcome: str, **facts: Any) -> None:
            self.say(JobDone(job.job, job.token, outcome, **facts))

        early = job.prompt.get("0", {}).get("class_type")
        if early == "Killed" and job.attempt <= 3:
            os.kill(os.getpid(), signal.SIGKILL)
        elif early is not None and early != "Killed":
            os.kill(os.getpid(), signal.SIGSEGV)
        event("started", cached=[], total=len(job.prompt))
        ui: dict[str, Any] = {}
        for id, node in job.prompt.items():
            event("node_started", id, reason="first run")
            kind, inputs = node["class_type"], node["inputs"]
            if kind == "Show":
                ui[id] = {"text": [inputs.get("text", "")]}
            elif kind == "Fail":
                failure = {"node": id, "display_node": id, "message": "no", "exception_type": "ValueError"}
                self.say(JobEvent(job.job, job.token, "node_failed", {**failure, "traceback": [], "inputs": {}}))
                done("failed", error=failure, ui=ui)
                return
            elif kind == "Attempts":
                ui[id] = {"text": [f"attempt {job.attempt} with {dict(job.secrets)} and {job.preview}"]}
            elif kind == "Talk":
                self.say(LogLine("hello from a node"))
                self.say(PackMessage("pack.event", {"x": 1}, job.client))
                self.say(PackMessage("9", None, None, b"\1\2"))
                event("preview", id, b"jpeg", format="JPEG")
                event("text", id, text="words")
            elif kind == "Stale":
                self.say(JobDone(job.job, job.token - 1, "failed", error={"message": "of an older attempt"}))
                self.say(JobEvent(job.job, job.token - 1, "node_started", {"node": "old", "display_node": "old"}))
            elif kind in ("Steps", "Deaf"):
                for step in range(10_000):
                    event("progress", id, value=step + 1, maximum=10_000)
                    if job.job in self.cancelled and kind == "Steps":
                        done("cancelled", stopped_at=id, ui=ui)
                        return
                    time.sleep(0.01)
            else:
                self.misbehave(kind, inputs)
            event("node_finished", id, seconds=0.0, ui=ui.get(id))
        done("done", ui=ui, ran=list(job.prompt), timings=dict.fromkeys(job.prompt, 0.0))

    def misbehave(self, kind: str, inputs: Mapping[str, Any]) -> None:
        if kind == "Exit":
            os._exit(inputs["code"])
        elif kind == "Signal":
            os.kill(os.getpid(), inputs["number"])
            time.sleep(60)
        elif kind == "Mute":
            self.mute = True
            time.sleep(60)
        elif kind == "Babble":
            with self.lock:
                self.connection.send_bytes(b"\0\0\0\2no")
            time.sleep(60)
        elif kind == "Leftover":
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            os._exit(3)
        elif kind == "Wait":
            while not Path(inputs["file"]).exists():
                time.sleep(0.005)


def main(connection: Connection, settings: Mapping[str, Any]) -> None:
    fake = Fake(connection, settings)
    if settings.get("dies_at_start"):
        os._exit(7)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    fake.say(Hello(os.getpid(), settings.get("device", "cpu"), "3.11"))
    for each in (fake.read, fake.beat):
        threading.Thread(target=each, daemon=True).start()
    fake.say(Ready(definitions=[{"id": settings.get("name", "")}], socket=settings.get("socket", "")))
    fake.work()
    os._exit(0)
