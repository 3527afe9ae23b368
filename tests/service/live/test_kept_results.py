"""What is kept between jobs, by cache mode; what outlives the worker; and how a job says so."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.live import LiveServer, running, starter_models
from darkroom.engine.running.cache import Stored
from darkroom.worker.disk_cache import SUFFIX, read
from tests.service.live.driving import PACKS, Graph, eventually, node, refusal

FLAGS = {"ram": ("--cache-ram", "0.1"), "none": ("--cache-none",)}


@pytest.fixture(scope="module", params=("classic", *FLAGS))
def server(
    request: pytest.FixtureRequest, full_server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server of each way to keep results."""
    if request.param == "classic":
        yield full_server
        return
    base = tmp_path_factory.mktemp(request.param)
    with running(base, *FLAGS[request.param], packs=[PACKS / "caching", PACKS / "showing"]) as live:
        live.ready()
        yield live


def keeps(server: LiveServer) -> bool:
    return "--cache-none" not in server.flags


def runs(server: LiveServer, name: str) -> int:
    """How often a counted node of this name ran."""
    file = server.base / "custom_nodes" / "caching" / name
    return len(file.read_text().splitlines()) if file.exists() else 0


def chain(name: str, value: int = 1) -> Graph:
    return {
        "1": node("Counted", name=f"{name}-first", value=5),
        "2": node("Counted", name=f"{name}-second", value=value, after=["1", 0]),
        "3": node("Note", value=["2", 0]),
    }


def run(server: LiveServer, prompt: Graph, **more: Any) -> dict[str, Any]:
    job = server.queue(prompt, **more)
    entry = server.finished(job)
    assert entry["status"]["completed"], entry
    return {**server.get(f"/api/darkroom/explain/{job}"), "outputs": entry["outputs"]}


def outcomes(explained: dict[str, Any]) -> dict[str, str]:
    return {step["node"]: step["outcome"] for step in explained["steps"]}


def test_the_same_prompt_again_runs_nothing_where_results_are_kept(server: LiveServer) -> None:
    first, second = run(server, chain("same")), run(server, chain("same"))
    assert first["outputs"] == second["outputs"] == {"3": {"text": ["1"]}}
    expected = "cached" if keeps(server) else "ran"
    assert outcomes(second) == dict.fromkeys("123", expected)
    assert runs(server, "same-first") == (1 if keeps(server) else 2)


def test_a_changed_input_runs_what_is_downstream_of_it(server: LiveServer) -> None:
    run(server, chain("down"))
    explained = run(server, chain("down", 2))
    assert explained["outputs"] == {"3": {"text": ["2"]}}
    if keeps(server):
        assert outcomes(explained) == {"1": "cached", "2": "ran", "3": "ran"}
        reasons = {step["node"]: step["reason"] for step in explained["steps"]}
        assert reasons == {
            "1": "nothing changed since it ran",
            "2": "value 1 -> 2",
            "3": "input value comes from node 2, which re-ran",
        }
    assert runs(server, "down-first") == (1 if keeps(server) else 2)


def test_one_result_serves_two_nodes_of_a_prompt(server: LiveServer) -> None:
    prompt = {
        "1": node("Counted", name="shared", value=3),
        "2": node("Counted", name="shared", value=3),
        "3": node("Note", value=["1", 0]),
        "4": node("Note", value=["2", 0]),
        "5": node("Note", value=["1", 0]),
    }
    assert run(server, prompt)["outputs"] == {id: {"text": ["3"]} for id in "345"}
    assert runs(server, "shared") == 1


def test_nodes_made_by_a_node_are_kept_as_well(server: LiveServer) -> None:
    prompt = {"8": node("Twice", steps=3), "9": node("Note", value=["8", 0])}
    first, second = run(server, prompt), run(server, prompt)
    assert first["outputs"] == second["outputs"] == {"9": {"text": ["3"]}}
    ran = [id for id, outcome in outcomes(second).items() if outcome == "ran"]
    assert bool(ran) != keeps(server)


def test_a_failed_job_leaves_what_it_finished(server: LiveServer) -> None:
    prompt = {
        "1": node("Counted", name="before-failure", value=3),
        "2": node("Fail", words="as it should", after=["1", 0]),
        "3": node("Note", value=["2", 0]),
    }
    for _ in range(2):
        assert not server.finished(server.queue(prompt))["status"]["completed"]
    assert runs(server, "before-failure") == (1 if keeps(server) else 2)


def test_freeing_memory_forgets_everything_and_unloading_models_does_not(server: LiveServer) -> None:
    run(server, chain("free"))
    server.post("/free", {"unload_models": True})
    run(server, chain("free"))
    assert runs(server, "free-first") == (1 if keeps(server) else 2)
    server.post("/free", {"free_memory": True})
    explained = run(server, chain("free"))
    assert runs(server, "free-first") == (2 if keeps(server) else 3)
    assert outcomes(explained) == dict.fromkeys("123", "ran")
    words = "was dropped when the cache was emptied" if keeps(server) else "results are not kept"
    assert {step["reason"] for step in explained["steps"]} == {words}


def test_only_the_wanted_outputs_run(server: LiveServer) -> None:
    prompt = {
        "1": node("Counted", name="partial-shared", value=1),
        "2": node("Counted", name="partial-wanted", value=2, after=["1", 0]),
        "3": node("Counted", name="partial-other", value=3, after=["1", 0]),
        "4": node("Note", value=["2", 0]),
        "5": node("Note", value=["3", 0]),
    }
    assert run(server, prompt, partial_execution_targets=["4"])["outputs"] == {"4": {"text": ["2"]}}
    assert [runs(server, f"partial-{name}") for name in ("shared", "wanted", "other")] == [1, 1, 0]
    both = run(server, prompt, partial_execution_targets=["4", "5"])
    assert both["outputs"] == {"4": {"text": ["2"]}, "5": {"text": ["3"]}}
    assert runs(server, "partial-shared") == (1 if keeps(server) else 2)
    assert refusal(server, prompt, partial_execution_targets=[])["error"]["type"] == "prompt_no_outputs"
    assert refusal(server, prompt, partial_execution_targets=["2"])["error"]["type"] == "prompt_no_outputs"


def is_latent(stored: Stored) -> bool:
    """Whether this is what the sampler made; other nodes may be slow enough to be kept too."""
    return any(isinstance(value, dict) and "samples" in value for values in stored.outputs for value in values)


def test_a_slow_result_outlives_the_death_of_its_worker(tmp_path: Path) -> None:
    """kill -9 while a later node runs: the sampler's result comes from disk, and the job says so."""
    starter_models(tmp_path)
    sampler = {"seed": 7, "steps": 40, "cfg": 4.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    prompt = {
        "4": node("CheckpointLoaderSimple", ckpt_name="starter.safetensors"),
        "5": node("EmptyLatentImage", width=160, height=160, batch_size=1),
        "6": node("CLIPTextEncode", clip=["4", 1], text="a red house"),
        "3": node("KSampler", model=["4", 0], latent_image=["5", 0], positive=["6", 0], negative=["6", 0], **sampler),
        "10": node("Wait", value=["3", 0], name="waiting"),
        "8": node("VAEDecode", samples=["10", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="kept"),
    }
    with running(tmp_path, packs=[PACKS / "caching"]) as live:
        job = live.queue(prompt)
        eventually(lambda: runs(live, "waiting") == 1)
        assert live.process is not None
        results = tmp_path / "user" / "__server" / "results"
        eventually(lambda: any(is_latent(read(path)) for path in results.glob("*" + SUFFIX)))
        os.kill(live.workers()[0]["pid"], signal.SIGKILL)
        (tmp_path / "custom_nodes" / "caching" / "waiting-go").touch()
        entry = live.finished(job)
        assert entry["status"]["completed"], entry
        assert runs(live, "waiting") == 2
        explained = live.get(f"/api/darkroom/explain/{job}")
        steps = {step["node"]: step for step in explained["steps"]}
        assert explained["attempts"] == 2
        assert (steps["3"]["outcome"], steps["10"]["outcome"]) == ("cached", "ran")
        assert steps["3"]["reason"] == "an earlier run had the same recipe"
        assert {id: steps[id]["outcome"] for id in "56"} == dict.fromkeys("56", "not needed")
        assert [path.name for path in (tmp_path / "output").iterdir()] == ["kept_00001_.png"]
