"""What jobs made comes in pages with what made it; taking it away touches only files that a job showed."""

import asyncio
import io
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from darkroom.frames.messages import Answer
from darkroom.service.contracts import NewJob, Result, Service, State
from darkroom.service.http import results, weights
from darkroom.service.routes_files import glance
from tests.service.fakes import FakeStore, FakeWorkers, fake_service
from tests.service.http.golden import Client, golden_registry, served
from tests.service.security.hostile import chunk, png

GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "starter.safetensors"}},
    "2": {"class_type": "LoraLoader", "inputs": {"model": ["1", 0], "clip": ["1", 1], "lora_name": "dusk.safetensors"}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["2", 1], "text": "a red house"}},
    "4": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["2", 1], "text": "blurry"}},
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["2", 0],
            "positive": ["3", 0],
            "negative": ["4", 0],
            "seed": 2**63 + 1,
            "steps": 12,
            "cfg": 4.5,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1,
        },
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0]}},
}


def picture(folder: Path, name: str, size: tuple[int, int] = (8, 6)) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "red").save(path)


def ref(name: str, subfolder: str = "", type: str = "output") -> dict[str, str]:
    return {"filename": name, "subfolder": subfolder, "type": type}


def with_results(folder: Path, *shown: list[dict[str, str]], workers: FakeWorkers | None = None) -> Service:
    """A service with an ended job for each list of pictures, called "0", "1", ... oldest first."""
    service = fake_service(folder, golden_registry(), workers=workers)
    store = service.store
    assert isinstance(store, FakeStore)

    async def fill() -> None:
        for number, pictures in enumerate(shown):
            await store.accept(NewJob(str(number), GRAPH, ["7"], {}, "me"))
            result = Result(State.DONE, {"7": {"images": pictures}})
            job = replace(store.jobs[str(number)], state=State.DONE, result=result, started=1_000, ended=3_500)
            store.jobs[str(number)] = job

    asyncio.run(fill())
    return service


def asked(service: Service, *requests: tuple[str, str, Any]) -> list[tuple[int, Any]]:
    async def talk(client: Client) -> list[tuple[int, Any]]:
        found = []
        for method, path, body in requests:
            async with client.request(method, path, data=None if body is None else json.dumps(body)) as response:
                data = await response.read()
                found.append(
                    (response.status, json.loads(data) if response.content_type == "application/json" else data)
                )
        return found

    told: list[tuple[int, Any]] = served(service, talk)
    return told


def test_a_result_says_what_made_it(tmp_path: Path) -> None:
    service = with_results(tmp_path, [ref("a.png"), ref("gone.png"), ref("gone.png", type="temp")])
    picture(tmp_path / "output", "a.png", (64, 48))
    ((status, body),) = asked(service, ("GET", "/api/darkroom/results", None))
    assert status == 200
    assert (body["total"], body["next"]) == (1, None)
    (result,) = body["results"]
    assert (result["id"], result["seconds"], result["ended"]) == ("0", 2.5, 3_500)
    (node,) = result["nodes"]
    there, gone = node.pop("pictures")
    assert node == {
        "node": "7",
        "prompt": "a red house",
        "negative": "blurry",
        "seed": str(2**63 + 1),
        "steps": 12,
        "cfg": 4.5,
        "sampler": "euler",
        "scheduler": "normal",
        "denoise": 1,
        "model": "starter.safetensors",
        "loras": ["dusk.safetensors"],
    }
    assert (there["width"], there["height"], there["frames"]) == (64, 48, 1)
    assert gone["gone"] is True, "the temporary picture that is gone is left out"


def test_a_run_with_numbers_that_json_does_not_have_is_told_to_browsers(tmp_path: Path) -> None:
    service = with_results(tmp_path, [ref("a.png")])
    store = service.store
    assert isinstance(store, FakeStore)
    inputs = {**GRAPH["5"]["inputs"], "cfg": float("nan"), "denoise": float("-inf"), "positive": ["5", 0]}
    graph = {**GRAPH, "5": {**GRAPH["5"], "inputs": inputs}, "8": 1, "9": {"inputs": []}}
    store.jobs["0"] = replace(store.jobs["0"], prompt=graph)
    ((status, body),) = asked(service, ("GET", "/api/darkroom/results", None))
    (node,) = body["results"][0]["nodes"]
    assert (status, node["cfg"], node["denoise"], node["steps"]) == (200, None, None, 12)


def test_of_a_run_with_thousands_of_pictures_only_some_are_explained(tmp_path: Path) -> None:
    service = with_results(tmp_path, [])
    store = service.store
    assert isinstance(store, FakeStore)
    outputs = {f"7{number}": {"images": [ref("a.png")]} for number in range(3_000)}
    graph = {**GRAPH, **dict.fromkeys(outputs, GRAPH["7"])}
    store.jobs["0"] = replace(store.jobs["0"], prompt=graph, result=Result(State.DONE, outputs))
    ((_, body),) = asked(service, ("GET", "/api/darkroom/results", None))
    nodes = body["results"][0]["nodes"]
    assert len(nodes) == 3_000 and all(each["pictures"] for each in nodes)
    assert sum("prompt" in each for each in nodes) == results.MOST_EXPLAINED


def test_a_short_page_before_more_says_so(tmp_path: Path) -> None:
    service = with_results(tmp_path, *([ref(f"{number}.png")] for number in range(3)))
    past = service.store.past

    async def short(limit: int, before: int | None) -> tuple[Any, int]:
        return await past(1, before)  # as where one job fills a page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service.store, "past", short)
        before: Any = ""
        seen: list[str] = []
        while before is not None:
            ((_, body),) = asked(service, ("GET", f"/api/darkroom/results?before={before}", None))
            seen += [each["id"] for each in body["results"]]
            before = body["next"]
    assert seen == ["2", "1", "0"]


def test_frames_are_not_counted_without_end(tmp_path: Path) -> None:
    service = with_results(tmp_path, [ref("many.gif"), ref("many.png")])
    still = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    (tmp_path / "output").mkdir(exist_ok=True)
    (tmp_path / "output" / "many.gif").write_bytes(head + still * 1_000)
    text = chunk(b"tEXt", b"")
    (tmp_path / "output" / "many.png").write_bytes(png(1, 1, *[text] * 5_000, chunk(b"acTL", bytes(7) + b"\2")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(glance, "MOST_COUNTED_BYTES", 1_000)
        ((_, body),) = asked(service, ("GET", "/api/darkroom/results", None))
    pictures = body["results"][0]["nodes"][0]["pictures"]
    assert [(each["width"], each["frames"]) for each in pictures] == [(1, 1), (1, 1)]


def test_results_come_in_pages_newest_first(tmp_path: Path) -> None:
    service = with_results(tmp_path, *([ref(f"{number}.png")] for number in range(5)))
    ((_, first),) = asked(service, ("GET", "/api/darkroom/results?limit=2", None))
    assert [each["id"] for each in first["results"]] == ["4", "3"]
    ((_, second),) = asked(service, ("GET", f"/api/darkroom/results?limit=3&before={first['next']}", None))
    assert [each["id"] for each in second["results"]] == ["2", "1", "0"]
    assert second["total"] == 5
    assert asked(service, ("GET", "/api/darkroom/results?limit=0", None))[0][0] == 400
    assert asked(service, ("GET", "/api/darkroom/results?before=x", None))[0][0] == 400


def test_an_animation_tells_its_frames_and_a_broken_file_no_size(tmp_path: Path) -> None:
    service = with_results(tmp_path, [ref("moving.webp"), ref("moving.png"), ref("broken.png")])
    output = tmp_path / "output"
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "green", "blue")]
    for name in ("moving.webp", "moving.png"):
        frames[0].save(output / name, save_all=True, append_images=frames[1:], duration=50)
    (output / "broken.png").write_bytes(b"\x89PNG")
    ((_, body),) = asked(service, ("GET", "/api/darkroom/results", None))
    webp, png, broken = body["results"][0]["nodes"][0]["pictures"]
    assert [each["frames"] for each in (webp, png)] == [3, 3]
    assert "width" not in broken and broken["bytes"] == 4


def test_removing_from_history_keeps_the_files(tmp_path: Path) -> None:
    service = with_results(tmp_path, [ref("a.png")], [ref("b.png")])
    picture(tmp_path / "output", "a.png")
    body = {"pictures": [{"job": "0", **ref("a.png")}]}
    ((status, said), (_, left)) = asked(
        service, ("POST", "/api/darkroom/results/remove", body), ("GET", "/api/darkroom/results", None)
    )
    assert (status, said["forgotten"], said["deleted"]) == (200, ["0"], 0)
    assert [each["id"] for each in left["results"]] == ["1"]
    assert (tmp_path / "output" / "a.png").is_file()


def test_removing_a_file_keeps_the_run_until_nothing_of_it_is_left(tmp_path: Path) -> None:
    service = with_results(tmp_path, [ref("a.png", "deep"), ref("b.png", "deep")])
    for name in ("deep/a.png", "deep/b.png"):
        picture(tmp_path / "output", name)
    for name, forgotten in (("a.png", []), ("b.png", ["0"])):
        body = {"files": True, "pictures": [{"job": "0", **ref(name, "deep")}]}
        ((status, said),) = asked(service, ("POST", "/api/darkroom/results/remove", body))
        assert (status, said["deleted"], said["forgotten"]) == (200, 1, forgotten)
        assert not (tmp_path / "output" / "deep" / name).exists()


@pytest.mark.parametrize(
    "wanted", [ref("other.png"), ref("../secret.png"), ref("secret.png", ".."), ref("a.png", type="input")]
)
def test_no_file_is_removed_that_the_job_did_not_show(tmp_path: Path, wanted: dict[str, str]) -> None:
    service = with_results(tmp_path, [ref("a.png")])
    places = [tmp_path / "output" / "other.png", tmp_path / "secret.png", tmp_path / "input" / "a.png"]
    for path in places:
        picture(path.parent, path.name)
    asked(service, ("POST", "/api/darkroom/results/remove", {"files": True, "pictures": [{"job": "0", **wanted}]}))
    assert all(path.is_file() for path in places)


@pytest.mark.parametrize(
    "shown", [ref("../secret.png"), ref("secret.png", "../"), ref("secret.png", "link"), ref("a.png", type="input")]
)
def test_a_job_that_names_a_file_elsewhere_removes_nothing(tmp_path: Path, shown: dict[str, str]) -> None:
    service = with_results(tmp_path, [shown])
    outside = tmp_path / "outside"
    picture(outside, "secret.png")
    picture(tmp_path, "secret.png")
    picture(tmp_path / "input", "a.png")
    (tmp_path / "output" / "link").symlink_to(outside)
    body = {"files": True, "pictures": [{"job": "0", **shown}]}
    ((status, said),) = asked(service, ("POST", "/api/darkroom/results/remove", body))
    assert (status, said["deleted"]) == (200, 0)
    assert said["kept"][0]["reason"]
    assert (outside / "secret.png").is_file() and (tmp_path / "secret.png").is_file()
    assert (tmp_path / "input" / "a.png").is_file()


@pytest.mark.parametrize("body", [{}, {"pictures": []}, {"pictures": [1]}, {"pictures": [{"filename": "a.png"}]}])
def test_a_removal_of_nothing_is_refused(tmp_path: Path, body: Any) -> None:
    service = with_results(tmp_path, [ref("a.png")])
    assert asked(service, ("POST", "/api/darkroom/results/remove", body))[0][0] == 400


def test_a_thumbnail_is_small_and_known_by_its_mark(tmp_path: Path) -> None:
    service = with_results(tmp_path)
    picture(tmp_path / "output", "a.png", (600, 300))

    async def talk(client: Client) -> None:
        path = "/api/darkroom/thumbnail?filename=a.png&size=200"
        async with client.get(path) as response:
            assert response.status == 200
            assert Image.open(io.BytesIO(await response.read())).size == (256, 128)
            mark = response.headers["ETag"]
        async with client.get(path, headers={"If-None-Match": mark}) as response:
            assert response.status == 304
        async with client.head(path) as response:
            assert response.headers["X-Picture-Size"] == "600x300x1"
        picture(tmp_path / "output", "a.png", (100, 300))
        async with client.get(path, headers={"If-None-Match": mark}) as response:
            assert response.status == 200
        for wrong, status in (
            ("filename=none.png", 404),
            ("filename=..%2Fa.png", 400),
            ("filename=a.png&type=models", 400),
            ("filename=a.png&subfolder=..", 400),
        ):
            async with client.get(f"/api/darkroom/thumbnail?{wrong}") as response:
                assert response.status == status

    served(service, talk)


def test_models_come_with_what_their_headers_say(tmp_path: Path) -> None:
    workers = FakeWorkers()
    service = with_results(tmp_path, workers=workers)
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "a.safetensors").write_bytes(b"x" * 10)
    picture(folder, "a.preview.png")
    question = ("GET", "/api/darkroom/models", None)
    ((status, body),) = asked(service, question)
    assert (status, body["complete"]) == (200, False)
    (model,) = body["models"]
    assert (model["folder"], model["name"], model["bytes"], model["preview"]) == (
        "checkpoints",
        "a.safetensors",
        10,
        True,
    )
    assert "checkpoints" in body["folders"]
    workers.answers["weights"] = Answer(1, {"facts": [{"kind": "checkpoint", "family": "sd1", "precision": "F16"}]})
    for _ in range(2):
        ((_, body),) = asked(service, question)
        assert (body["complete"], body["models"][0]["family"]) == (True, "sd1")
    assert [each for each in workers.asked if each[0] == "weights"] == [
        ("weights", {"files": [["checkpoints", "a.safetensors"]]})
    ] * 2, "headers are read again only when a file has changed"
    assert weights.AT_ONCE > 1
