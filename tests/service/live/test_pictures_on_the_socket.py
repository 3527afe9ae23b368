"""Previews, texts and pictures that come as binary frames, from a real server and worker with the starter model."""

import io
import json
from collections.abc import Callable
from typing import Any

import requests
from PIL import Image

from benchmarks.live import LiveServer
from tests.service.live.driving import Client, Graph, kinds, node

METADATA = {"supports_preview_metadata": True}
SIZE = 96


def picture(seed: int, **outputs: dict[str, Any]) -> Graph:
    """A small picture of 6 steps: node 3 samples, node 8 has the picture."""
    sampler = {"seed": seed, "steps": 6, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    texts = {"positive": ["6", 0], "negative": ["7", 0]}
    return {
        "3": node("KSampler", model=["4", 0], latent_image=["5", 0], **texts, **sampler),
        "4": node("CheckpointLoaderSimple", ckpt_name="starter.safetensors"),
        "5": node("EmptyLatentImage", width=SIZE, height=SIZE, batch_size=1),
        "6": node("CLIPTextEncode", clip=["4", 1], text="a red house"),
        "7": node("CLIPTextEncode", clip=["4", 1], text=""),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        **(outputs or {"9": node("PreviewImage", images=["8", 0])}),
    }


def previews(said: list[tuple[Any, Any]]) -> list[tuple[int, bytes]]:
    return [(type, data) for type, data in said if isinstance(type, int)]


def test_previews_come_only_where_they_are_wanted_and_no_choice_outlives_its_job(
    connect: Callable[..., Client],
) -> None:
    client = connect("choices")
    counts = [
        len(previews(client.run(picture(seed), extra_data={"preview_method": method} if method else {})))
        for seed, method in enumerate((None, "latent2rgb", None, "auto", "none", "default"))
    ]
    assert [count > 0 for count in counts] == [False, True, False, True, False, False]


def test_a_client_without_the_feature_gets_plain_previews(connect: Callable[..., Client]) -> None:
    said = connect("plain").run(picture(10), extra_data={"preview_method": "latent2rgb"})
    found = previews(said)
    assert {number for number, _ in found} == {1}
    for _, payload in found:
        assert int.from_bytes(payload[:4], "big") == 1
        shown = Image.open(io.BytesIO(payload[4:]))
        assert (shown.format, max(shown.size) <= 64) == ("JPEG", True)
    before = said[: next(at for at, each in enumerate(said) if each[0] == 1)]
    assert [data["node"] for type, data in before if type == "executing"][-1] == "3"


def test_a_client_with_the_feature_gets_previews_that_say_whose_they_are(connect: Callable[..., Client]) -> None:
    client = connect("knowing", **METADATA)
    assert client.wait("feature_flags")["supports_preview_metadata"] is True
    job = client.post(picture(11), extra_data={"preview_method": "latent2rgb"})
    client.end_of(job)
    found = previews(client.said)
    assert {number for number, _ in found} == {4}
    length = int.from_bytes(found[0][1][:4], "big")
    assert json.loads(found[0][1][4 : 4 + length]) == {
        "node_id": "3",
        "prompt_id": job,
        "display_node_id": "3",
        "parent_node_id": None,
        "real_node_id": "3",
        "image_type": "image/jpeg",
    }
    assert Image.open(io.BytesIO(found[0][1][4 + length :])).format == "JPEG"


def test_previews_go_to_their_client_alone(connect: Callable[..., Client]) -> None:
    mine, other = connect("owner"), connect("bystander")
    mine.run(picture(12), extra_data={"preview_method": "latent2rgb"})
    assert previews(mine.said)
    assert not previews(other.said)


def test_a_text_and_a_picture_of_a_pack_reach_its_client(connect: Callable[..., Client]) -> None:
    client = connect("pack")
    prompt = {"17": node("Tell", text="grüße"), "2": node("Show", value=["17", 0])}
    said = client.run(prompt, extra_data={"preview_method": "auto"})
    texts = [data for type, data in said if type == 3]
    assert texts == [(2).to_bytes(4, "big") + b"17" + "grüße".encode()]
    (shown,) = [data for type, data in said if type == 1]
    drawn = Image.open(io.BytesIO(shown[4:]))
    assert (drawn.format, drawn.size) == ("JPEG", (64, 32))
    said = client.run({"3": node("Send", colour="red")})
    (whole,) = [data for type, data in said if type == 1]
    drawn = Image.open(io.BytesIO(whole[4:]))
    assert (drawn.format, drawn.size, drawn.getpixel((5, 5))) == ("PNG", (640, 320), (255, 0, 0))


def test_preview_image_saves_into_the_temp_folder(server: LiveServer, connect: Callable[..., Client]) -> None:
    client = connect("temp")
    entry = client.end_of(client.post(picture(13)))
    (image,) = entry["outputs"]["9"]["images"]
    assert image["type"] == "temp"
    assert (server.base / "temp" / image["subfolder"] / image["filename"]).is_file()
    shown = requests.get(f"{server.url}/view", params=image, timeout=20)
    assert Image.open(io.BytesIO(shown.content)).size == (SIZE, SIZE)


def test_a_picture_for_the_socket_comes_whole_whatever_previews_are(connect: Callable[..., Client]) -> None:
    client = connect("whole", **METADATA)
    said = client.run(picture(14, **{"9": node("SaveImageWebsocket", images=["8", 0])}))
    at = next(index for index, (type, _) in enumerate(said) if isinstance(type, int))
    number, payload = said[at]
    start = 4 + int.from_bytes(payload[:4], "big") if number == 4 else 4
    shown = Image.open(io.BytesIO(payload[start:]))
    assert (shown.format, shown.size) == ("PNG", (SIZE, SIZE))
    running_then = [data["node"] for type, data in said[:at] if type == "executing"]
    assert running_then[-1] == "9"
    assert kinds(said)[-1] == "executing"


def test_values_and_reasons_of_a_run_can_be_asked(server: LiveServer, connect: Callable[..., Client]) -> None:
    client = connect("asking")
    first = client.post(picture(15))
    client.end_of(first)
    job = client.post(picture(16))
    client.end_of(job)
    told = server.get(f"/api/darkroom/explain/{job}")
    steps = {each["node"]: each for each in told["steps"]}
    assert told["state"] == "done"
    assert {id: each["outcome"] for id, each in steps.items()} == {
        **dict.fromkeys(("3", "8", "9"), "ran"),
        **dict.fromkeys(("4", "5", "6", "7"), "cached"),
    }
    assert steps["3"]["reason"] == "seed 15 -> 16"
    assert steps["8"]["reason"] == "input samples comes from node 3, which re-ran"
    assert steps["3"]["seconds"] > 0
    said = server.get(f"/api/darkroom/values/{job}/8/0")
    assert (said["type"], said["shape"], said["dtype"]) == ("IMAGE", [1, SIZE, SIZE, 3], "float32")
    assert 0 <= said["minimum"] < said["mean"] < said["maximum"] <= 1
    assert said["text"].startswith(f"tensor 1 x {SIZE} x {SIZE} x 3 float32, ")
    thumbnail = requests.get(f"{server.url}/api/darkroom/values/{job}/8/0?thumbnail=1", timeout=20)
    assert thumbnail.headers["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(thumbnail.content)).format == "PNG"
    assert "samples: tensor 1 x 4 x 12 x 12 float32" in server.get(f"/api/darkroom/values/{job}/3/0")["text"]
    assert server.get(f"/api/darkroom/values/{job}/4/0")["type"] == "MODEL"
    for place, words in {"9/0": "has 0 outputs", "77/0": "had no part in this job", "8/5": "has 1 outputs"}.items():
        answer = requests.get(f"{server.url}/api/darkroom/values/{job}/{place}", timeout=20)
        assert answer.status_code == 404
        assert words in answer.json()["error"]
