"""Nothing that was accepted is lost, and nothing is done twice, whatever is killed."""

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.crash import crash_rounds
from benchmarks.live import LiveServer, running, starter_models


def sampling(steps: int) -> dict[str, Any]:
    settings = {"seed": 5, "steps": steps, "cfg": 4.0, "sampler_name": "euler_ancestral", "scheduler": "karras"}
    wires = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "starter.safetensors"}},
        "2": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "a yellow tent in the snow at night", "clip": ["1", 1]},
        },
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["1", 1]}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 128, "height": 128, "batch_size": 1}},
        "5": {"class_type": "KSampler", "inputs": {**settings, **wires, "denoise": 1}},
        "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
        "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "tent"}},
    }


def pixels(path: Path) -> str:
    with Image.open(path) as picture:
        return hashlib.sha256(picture.tobytes()).hexdigest()


def wait_for_node(server: LiveServer, node: str) -> None:
    ends = time.monotonic() + 60
    while not any(worker.get("node") == node for worker in server.workers()):
        assert time.monotonic() < ends, server.log.read_text()[-4000:]
        time.sleep(0.005)


def pid_at_node(server: LiveServer, node: str, besides: set[int]) -> int:
    """The process of a worker that is at a node, as soon as there is one besides those."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        for worker in server.workers():
            if worker.get("node") == node and worker["pid"] is not None and worker["pid"] not in besides:
                pid: int = worker["pid"]
                return pid
        time.sleep(0.005)
    raise AssertionError(server.log.read_text()[-4000:])


def test_a_sampling_job_survives_kill_9_of_the_server_with_the_same_picture(tmp_path: Path) -> None:
    starter_models(tmp_path / "calm")
    with running(tmp_path / "calm") as server:
        server.finished(server.queue(sampling(30)))
    starter_models(tmp_path / "killed")
    with running(tmp_path / "killed") as server:
        id = server.queue(sampling(30))
        wait_for_node(server, "5")
        server.kill()
        server.start()
        entry = server.finished(id)
    assert entry["status"]["status_str"] == "success"
    (name,) = [path.name for path in (tmp_path / "killed" / "output").iterdir() if path.is_file()]
    assert pixels(tmp_path / "killed" / "output" / name) == pixels(tmp_path / "calm" / "output" / name)


def test_a_sampling_job_survives_kill_9_of_its_worker(tmp_path: Path) -> None:
    starter_models(tmp_path)
    with running(tmp_path) as server:
        id = server.queue(sampling(30))
        os.kill(pid_at_node(server, "5", set()), signal.SIGKILL)
        entry = server.finished(id)
        assert entry["status"]["status_str"] == "success"
        assert len([path for path in (tmp_path / "output").iterdir() if path.is_file()]) == 1


def test_a_job_that_is_killed_three_times_is_set_aside_with_the_reason(tmp_path: Path) -> None:
    starter_models(tmp_path)
    with running(tmp_path) as server:
        id = server.queue(sampling(5000))
        killed: set[int] = set()
        while len(killed) < 3:
            pid = pid_at_node(server, "5", killed)
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
        entry = server.finished(id)
        assert entry["status"]["status_str"] == "error"
        assert "three times" in str(entry["status"]) or "3 times" in str(entry["status"])
        # The queue goes on.
        assert server.finished(server.queue(sampling(2)))["status"]["status_str"] == "success"


def test_twenty_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    verdict = crash_rounds(tmp_path, rounds=20, seed=7)
    assert verdict.jobs > 20
    assert (verdict.lost, verdict.duplicated, verdict.corrupt) == ([], [], [])
