"""How fast the service is: start, accepting, running, telling; and what many clients cost it.

    python -m benchmarks.service [--only start accept ...]

Starts `server.py` as users do, in an empty base folder with the starter, and talks to it over the loopback interface.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import shutil
import socket
import statistics
import tempfile
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import websocket

from benchmarks.crowd import crowd
from benchmarks.live import LiveServer, running, starter_models
from benchmarks.measure import Row, finish

Prompt = dict[str, Any]

TICKING_PACK = '''
"""Sends the time to all clients, 100 times a second, while there is a worker."""
import threading, time
from server import PromptServer

def tick():
    while True:
        PromptServer.instance.send_sync("benchmark.tick", {"sent": time.time()})
        time.sleep(0.01)

threading.Thread(target=tick, daemon=True).start()
NODE_CLASS_MAPPINGS = {}
'''


def one_node(number: int) -> Prompt:
    """The smallest job: a picture is made, and shown to nobody but the cache."""
    return {"1": {"class_type": "PreviewAny", "inputs": {"source": number}}}


def chain(length: int) -> Prompt:
    """A picture that is inverted again and again, and shown."""
    prompt: Prompt = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}}
    }
    for number in range(2, length):
        prompt[str(number)] = {"class_type": "ImageInvert", "inputs": {"image": [str(number - 1), 0]}}
    prompt[str(length)] = {"class_type": "PreviewImage", "inputs": {"images": [str(length - 1), 0]}}
    return prompt


def sampling(steps: int, seed: int) -> Prompt:
    """Text to image on the starter."""
    text = "a red house on a meadow at sunset"
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "starter.safetensors"}},
        "2": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": text, "clip": ["1", 1]},
        },
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["1", 1]}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 128, "height": 128, "batch_size": 4}},
        "5": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0],
                "positive": ["2", 0],
                "negative": ["3", 0],
                "latent_image": ["4", 0],
                "seed": seed,
                "steps": steps,
                "cfg": 4.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1,
            },
        },
        "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
        "7": {"class_type": "PreviewImage", "inputs": {"images": ["6", 0]}},
    }


class Talk:
    """One keep-alive connection and one socket, as an editor holds them."""

    def __init__(self, server: LiveServer) -> None:
        self.client = uuid.uuid4().hex
        self.http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws?clientId={self.client}", timeout=60)

    def post(self, prompt: Prompt, **more: Any) -> str:
        self.http.request("POST", "/prompt", json.dumps({"prompt": prompt, "client_id": self.client, **more}))
        answer = self.http.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200:
            raise SystemExit(f"the server refused the benchmark's prompt: {body}")
        id: str = body["prompt_id"]
        return id

    def messages(self) -> Iterator[dict[str, Any]]:
        while True:
            frame = self.socket.recv()
            if isinstance(frame, str):
                yield json.loads(frame)

    def wait(self, id: str) -> None:
        for message in self.messages():
            data = message["data"]
            if message["type"] == "executing" and data["node"] is None and data["prompt_id"] == id:
                return

    def run(self, prompt: Prompt, **more: Any) -> float:
        """Seconds from the post to the last message."""
        began = time.perf_counter()
        self.wait(self.post(prompt, **more))
        return time.perf_counter() - began

    def close(self) -> None:
        self.http.close()
        self.socket.close()


@contextmanager
def talking(server: LiveServer) -> Iterator[Talk]:
    talk = Talk(server)
    try:
        yield talk
    finally:
        talk.close()


@contextmanager
def fresh(*flags: str, packs: tuple[Path, ...] = ()) -> Iterator[LiveServer]:
    """A server with the starter, in a folder of its own."""
    base = Path(tempfile.mkdtemp(prefix="darkroom_bench_"))
    starter_models(base)
    try:
        with running(base, "--verbose", "WARNING", *flags, packs=packs) as server:
            server.ready()
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


def start() -> list[Row]:
    """From process start to the first HTTP answer, median of five; and what the idle server holds."""
    base = Path(tempfile.mkdtemp(prefix="darkroom_bench_"))
    seconds = []
    with running(base):
        pass  # the database is made, files are in the page cache
    for _ in range(5):
        began = time.perf_counter()
        with running(base):
            seconds.append(time.perf_counter() - began)
    shutil.rmtree(base)
    with fresh() as server, talking(server) as talk:
        talk.run(one_node(0))
        time.sleep(2)
        held = resident(server)
    return [
        Row("first HTTP answer after process start", 1.0, statistics.median(seconds), "s"),
        Row("memory of the idle server process", 120, held, "MiB"),
    ]


def accept() -> list[Row]:
    """Durable accepts over one connection while the worker runs them."""
    seconds = []
    with fresh() as server, talking(server) as talk:
        talk.run(one_node(-1))
        for number in range(1000):
            began = time.perf_counter()
            talk.post(one_node(number))
            seconds.append(time.perf_counter() - began)
    cuts = statistics.quantiles(seconds, n=100)
    return [
        Row("POST /prompt, committed, p50", 5, cuts[49] * 1000, "ms"),
        Row("POST /prompt, committed, p99", 25, cuts[98] * 1000, "ms"),
    ]


def jobs() -> list[Row]:
    """One-node jobs posted over one connection, from the first post to the last message."""
    with fresh() as server, talking(server) as talk:
        talk.run(one_node(-1))
        began = time.perf_counter()
        last = [talk.post(one_node(number)) for number in range(1000)][-1]
        talk.wait(last)
        rate = 1000 / (time.perf_counter() - began)
    return [Row("one-node jobs, end to end", 300, rate, "jobs/s", "at least")]


def cached() -> list[Row]:
    """Post a graph of 1,000 nodes again whose results are all there."""
    prompt = chain(1000)
    with fresh() as server, talking(server) as talk:
        talk.run(prompt)
        seconds = statistics.median(talk.run(prompt) for _ in range(7))
    return [Row("1,000 cached nodes, POST to last message", 100, seconds * 1000, "ms")]


def events() -> list[Row]:
    """How old messages of the worker are when they reach a client, while the worker samples."""
    folder = Path(tempfile.mkdtemp(prefix="darkroom_pack_")) / "ticking"
    folder.mkdir()
    (folder / "__init__.py").write_text(textwrap.dedent(TICKING_PACK))
    delays = []
    with fresh(packs=(folder,)) as server, talking(server) as talk:
        talk.run(sampling(2, 1))
        id = talk.post(sampling(60, 2))
        sampled = False
        for message in talk.messages():
            data = message["data"]
            if message["type"] == "progress":
                sampled = True
            elif message["type"] == "benchmark.tick" and sampled:
                delays.append(time.time() - data["sent"])
            elif message["type"] == "executing" and data["node"] is None and data["prompt_id"] == id:
                break
    shutil.rmtree(folder.parent)
    return [
        Row("event to client while the worker samples, p99", 50, statistics.quantiles(delays, n=100)[98] * 1000, "ms")
    ]


def previews() -> list[Row]:
    """Seconds of the sampler's node with previews over those without, alternating, medians."""
    seconds: dict[str, list[float]] = {"none": [], "latent2rgb": []}
    with fresh() as server, talking(server) as talk:
        talk.run(sampling(2, 1))
        for number in range(10):
            method = ("none", "latent2rgb")[number % 2]
            id = talk.post(sampling(40, 10 + number), extra_data={"preview_method": method})
            talk.wait(id)
            steps = server.get(f"/api/darkroom/explain/{id}")["steps"]
            seconds[method].append(next(step["seconds"] for step in steps if step["node"] == "5"))
    without, with_previews = (statistics.median(seconds[name]) for name in ("none", "latent2rgb"))
    return [Row("a sampler's time with previews over without", 1.05, with_previews / without)]


def clients() -> list[Row]:
    """200 clients of which one never reads: what each costs the server, and what the deaf one makes it hold.

    Told is CPU time, because the clients read on the same machine. Whoever reads costs a little, because every job's
    status is told to all. Who does not read must cost no more, and no memory beyond its queue, which is bounded; when
    that is full the client is dropped and the memory serves the next.
    """
    with fresh() as server, talking(server) as talk:
        talk.run(one_node(-1))
        ran = itertools.count()
        costs: dict[str, list[float]] = {"alone": [], "reading": [], "deaf": []}

        def measure(name: str) -> None:
            before = cpu_seconds(server)
            for _ in range(100):
                talk.run(one_node(next(ran)))
            costs[name].append((cpu_seconds(server) - before) / 100)

        for _ in range(3):
            measure("alone")
            with crowd(server.port, 200):
                measure("reading")
            with crowd(server.port, 199), deaf_client(server):
                tell("deaf", server, talk, KERNEL_MIBS + 4)  # so that it holds up its queue from the first job on
                measure("deaf")
        tell("nobody", server, talk, 40)  # what such large jobs need in passing is not what the deaf client costs
        before, most, dropped = resident(server), 0.0, times_dropped(server)
        after: list[float] = []
        with crowd(server.port, 199):
            for _ in range(DEAF_ROUNDS):
                with deaf_client(server):
                    for _ in range(10):
                        tell("deaf", server, talk, 10)
                        most = max(most, resident(server))
                    time.sleep(2)
                    after.append(resident(server))
        if times_dropped(server) - dropped != DEAF_ROUNDS:
            raise SystemExit("a deaf client was not dropped, so this measured nothing")
    half = DEAF_ROUNDS // 2
    grown = statistics.median(after[half:]) - statistics.median(after[:half])
    alone, reading, deaf = (statistics.median(costs[name]) * 1000 for name in ("alone", "reading", "deaf"))
    return [
        Row("server CPU that each of 200 clients adds to a job", 0.05, (reading - alone) / 200, "ms"),
        Row("server CPU for a job beside 199 clients and a deaf one, over 200 that read", 1.1, deaf / reading),
        Row("server memory grown at most while a deaf client is told 100 MiB", 64, most - before, "MiB"),
        Row("server memory grown from the first three dropped deaf clients to the next three", 10, grown, "MiB"),
    ]


DEAF_ROUNDS = 6
"""Deaf clients one after the other. What one leaves behind differs by 20 MiB from time to time, for freed memory
is not always given back to the system; what a leak leaves adds up."""

KERNEL_MIBS = 5
"""What the system takes of messages that nobody reads, before the server notices, is less."""


@contextmanager
def deaf_client(server: LiveServer) -> Iterator[None]:
    """A client that never reads, with the smallest buffer there is."""
    small = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 1),)
    url = f"ws://127.0.0.1:{server.port}/ws?clientId=deaf"
    client = websocket.create_connection(url, timeout=60, sockopt=small)
    try:
        yield
    finally:
        client.sock.close()


def tell(client: str, server: LiveServer, talk: Talk, mebibytes: int) -> None:
    """Run jobs that show a MiB of text each to a client."""
    for number in range(mebibytes):
        text = f"{number} {uuid.uuid4().hex}".ljust(2**20, ".")
        talk.post({"1": {"class_type": "PreviewAny", "inputs": {"source": text}}}, client_id=client)
    while server.get("/prompt")["exec_info"]["queue_remaining"]:
        time.sleep(0.01)


def times_dropped(server: LiveServer) -> int:
    """How often the server says that it gave the deaf client up."""
    return server.log.read_text().count("dropped client 'deaf'")


def cpu_seconds(server: LiveServer) -> float:
    """What the server process has used."""
    assert server.process is not None
    used = psutil.Process(server.process.pid).cpu_times()
    return float(used.user + used.system)


def resident(server: LiveServer) -> float:
    """MiB that the server process holds."""
    assert server.process is not None
    return float(psutil.Process(server.process.pid).memory_info().rss / 2**20)


PARTS: dict[str, Callable[[], list[Row]]] = {
    each.__name__: each for each in (start, accept, jobs, cached, events, previews, clients)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    finish([row for name in options.only for row in PARTS[name]()], "make bench-service")


if __name__ == "__main__":
    main()
