"""A real server in its own process, for tests and benchmarks that must see what a user sees."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@dataclass
class LiveServer:
    """`server.py` with its folders below `base`. packs: folders that are linked into custom_nodes."""

    base: Path
    flags: Sequence[str] = ()
    packs: Sequence[Path] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    def start(self) -> LiveServer:
        """Start it, and wait for its first answer."""
        nodes = self.base / "custom_nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        for pack in self.packs:
            if not (nodes / pack.name).exists():
                shutil.copytree(pack, nodes / pack.name)
        device = () if "--devices" in self.flags else ("--cpu",)
        command = [sys.executable, "server.py", "--port", str(self.port), "--base-directory", str(self.base), *device]
        # A session of its own, so that a test can kill the server and look at what becomes of its workers.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.flags],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self.wait_for("/features")
        return self

    def wait_for(self, path: str, seconds: float = START_SECONDS) -> Any:
        """The JSON behind a path, as soon as there is an answer."""
        ends = time.monotonic() + seconds
        while True:
            try:
                return self.get(path)
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                gone = self.process is not None and self.process.poll() is not None
                if gone or time.monotonic() > ends:
                    raise AssertionError(f"no answer ({error}):\n{self.log.read_text()[-4000:]}") from error
                time.sleep(0.02)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any) -> Any:
        """The answer's JSON, or None where it is empty."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            data = answer.read()
        return json.loads(data) if data else None

    def queue(self, prompt: dict[str, Any], **more: Any) -> str:
        """POST /prompt; the id of the job."""
        id: str = self.post("/prompt", {"prompt": prompt, **more})["prompt_id"]
        return id

    def finished(self, id: str, seconds: float = 60.0) -> dict[str, Any]:
        """The history entry of a job, as soon as it has one."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                entry: dict[str, Any] | None = self.get(f"/history/{id}").get(id)
                if entry is not None:
                    return entry
            time.sleep(0.02)
        raise AssertionError(f"{id} did not finish:\n{self.log.read_text()[-4000:]}")

    def ready(self, seconds: float = START_SECONDS, besides: Sequence[int] = ()) -> None:
        """Wait until a worker can run jobs. besides: pids of workers that were killed, which may still be listed"""
        ends = time.monotonic() + seconds
        while not any(
            worker["state"] in ("idle", "busy") and worker["pid"] not in besides for worker in self.workers()
        ):
            assert time.monotonic() < ends, self.log.read_text()[-4000:]
            time.sleep(0.02)

    def workers(self) -> list[dict[str, Any]]:
        answer = self.get("/api/darkroom/workers")
        found: list[dict[str, Any]] = answer["workers"] if isinstance(answer, dict) else answer
        return found

    def kill(self) -> None:
        """kill -9, at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to leave; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextlib.contextmanager
def running(base: Path, *flags: str, packs: Sequence[Path] = ()) -> Iterator[LiveServer]:
    """A server that is there for the body of the `with`, and gone afterwards."""
    server = LiveServer(base, flags, packs)
    try:
        yield server.start()
    finally:
        if server.process is not None and server.process.poll() is None:
            try:
                server.stop()
            except subprocess.TimeoutExpired:
                os.killpg(server.process.pid, signal.SIGKILL)


def starter_models(base: Path) -> None:
    """Link the models that ship with the project into a base folder, and copy its input pictures."""
    shutil.copytree(ROOT / "models", base / "models", symlinks=True, copy_function=os.link, dirs_exist_ok=True)
    shutil.copytree(ROOT / "input", base / "input", dirs_exist_ok=True)
