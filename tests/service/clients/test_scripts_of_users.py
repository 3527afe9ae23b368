"""Scripts as people write them against the documented API run unchanged, with the usual packages."""

import io
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from PIL import Image

from benchmarks.live import LiveServer, running, starter_models

PROMPT = json.loads("""
{
  "3": {"class_type": "KSampler", "inputs": {"cfg": 4, "denoise": 1, "latent_image": ["5", 0], "model": ["4", 0],
        "negative": ["7", 0], "positive": ["6", 0], "sampler_name": "euler", "scheduler": "normal", "seed": 8566257,
        "steps": 4}},
  "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "starter.safetensors"}},
  "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": 2, "height": 128, "width": 128}},
  "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "a red house on a meadow at sunset"}},
  "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": ""}},
  "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
  "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}}
}
""")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    base = tmp_path_factory.mktemp("scripts")
    starter_models(base)
    with running(base) as live:
        yield live


def pictures_of(address: str, prompt_id: str) -> dict[str, list[bytes]]:
    history = requests.get(f"http://{address}/history/{prompt_id}", timeout=20).json()[prompt_id]
    found: dict[str, list[bytes]] = {}
    for node_id, node_output in history["outputs"].items():
        for image in node_output.get("images", []):
            answer = requests.get(f"http://{address}/view", params=image, timeout=20)
            answer.raise_for_status()
            found.setdefault(node_id, []).append(answer.content)
    return found


def with_seed(seed: int) -> dict[str, Any]:
    prompt: dict[str, Any] = json.loads(json.dumps(PROMPT))
    prompt["3"]["inputs"]["seed"] = seed
    return prompt


def test_a_script_waits_on_the_socket_and_downloads_the_pictures(server: LiveServer) -> None:
    address, client_id = f"127.0.0.1:{server.port}", str(uuid.uuid4())
    ws = websocket.WebSocket()
    ws.connect(f"ws://{address}/ws?clientId={client_id}")
    body = {"prompt": with_seed(1), "client_id": client_id}
    prompt_id = requests.post(f"http://{address}/prompt", data=json.dumps(body), timeout=20).json()["prompt_id"]
    steps = []
    while True:
        out = ws.recv()
        if isinstance(out, str):
            message = json.loads(out)
            if message["type"] == "progress" and message["data"]["node"] == "3":
                steps.append(message["data"]["value"])
            if message["type"] == "executing":
                data = message["data"]
                if data["node"] is None and data["prompt_id"] == prompt_id:
                    break
    ws.close()
    images = pictures_of(address, prompt_id)
    assert list(images) == ["9"]
    assert [Image.open(io.BytesIO(each)).size for each in images["9"]] == [(128, 128)] * 2
    assert steps[-1] == 4
    assert (server.base / "output" / "ComfyUI_00001_.png").exists()


def test_a_script_polls_the_history(server: LiveServer) -> None:
    address = f"127.0.0.1:{server.port}/api"
    prompt_id = requests.post(f"http://{address}/prompt", json={"prompt": with_seed(2)}, timeout=20).json()["prompt_id"]
    ends = time.monotonic() + 60
    while prompt_id not in requests.get(f"http://{address}/history/{prompt_id}", timeout=20).json():
        assert time.monotonic() < ends
        time.sleep(0.05)
    status = requests.get(f"http://{address}/history/{prompt_id}", timeout=20).json()[prompt_id]["status"]
    assert status["status_str"] == "success"
    assert status["completed"] is True
    assert len(pictures_of(address, prompt_id)["9"]) == 2


def test_a_script_takes_full_pictures_from_the_socket(server: LiveServer) -> None:
    address, client_id = f"127.0.0.1:{server.port}", str(uuid.uuid4())
    prompt = with_seed(3)
    prompt["save_image_websocket_node"] = {"class_type": "SaveImageWebsocket", "inputs": {"images": ["8", 0]}}
    del prompt["9"]
    ws = websocket.WebSocket()
    ws.connect(f"ws://{address}/ws?clientId={client_id}")
    prompt_id = requests.post(
        f"http://{address}/prompt", json={"prompt": prompt, "client_id": client_id}, timeout=20
    ).json()["prompt_id"]
    output_images: dict[str, list[bytes]] = {}
    current_node = ""
    while True:
        out = ws.recv()
        if isinstance(out, str):
            message = json.loads(out)
            if message["type"] == "executing":
                data = message["data"]
                if data.get("prompt_id") == prompt_id:
                    if data["node"] is None:
                        break
                    current_node = data["node"]
        elif current_node == "save_image_websocket_node":
            output_images.setdefault(current_node, []).append(out[8:])
    ws.close()
    images = [Image.open(io.BytesIO(each)) for each in output_images["save_image_websocket_node"]]
    assert [(each.format, each.size) for each in images] == [("PNG", (128, 128))] * 2


def test_an_uploaded_picture_is_an_input(server: LiveServer, tmp_path: Path) -> None:
    address = f"127.0.0.1:{server.port}"
    picture = io.BytesIO()
    Image.new("RGB", (32, 16), (10, 200, 30)).save(picture, "PNG")
    files = {"image": ("green.png", picture.getvalue(), "image/png")}
    uploaded = requests.post(f"http://{address}/upload/image", files=files, data={"overwrite": "true"}, timeout=20)
    assert uploaded.json() == {"name": "green.png", "subfolder": "", "type": "input"}
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "green.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    prompt_id = requests.post(f"http://{address}/prompt", json={"prompt": prompt}, timeout=20).json()["prompt_id"]
    server.finished(prompt_id)
    (shown,) = pictures_of(address, prompt_id)["2"]
    assert Image.open(io.BytesIO(shown)).getpixel((3, 3)) == (10, 200, 30)


def test_a_wrong_prompt_is_refused_with_the_usual_errors(server: LiveServer) -> None:
    prompt = with_seed(4)
    prompt["3"]["inputs"]["sampler_name"] = "eulr"
    answer = requests.post(f"{server.url}/prompt", json={"prompt": prompt}, timeout=20)
    assert answer.status_code == 400
    body = answer.json()
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert [each["type"] for each in body["node_errors"]["3"]["errors"]] == ["value_not_in_list"]
    assert "euler" in json.dumps(body)


def test_a_job_is_interrupted(server: LiveServer) -> None:
    prompt = with_seed(5)
    prompt["3"]["inputs"]["steps"] = 10000
    client_id = str(uuid.uuid4())
    ws = websocket.WebSocket()
    ws.connect(f"{server.url.replace('http', 'ws')}/ws?clientId={client_id}")
    body = {"prompt": prompt, "client_id": client_id}
    prompt_id = requests.post(f"{server.url}/prompt", json=body, timeout=20).json()["prompt_id"]
    kinds = []
    while True:
        out = ws.recv()
        if not isinstance(out, str):
            continue
        message = json.loads(out)
        kinds.append(message["type"])
        if message["type"] == "progress" and "interrupted" not in kinds:
            requests.post(f"{server.url}/interrupt", timeout=20)
            kinds.append("interrupted")
        if message["type"] == "executing" and message["data"]["node"] is None:
            break
    ws.close()
    assert "execution_interrupted" in kinds
    entry = requests.get(f"{server.url}/history/{prompt_id}", timeout=20).json()[prompt_id]
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
