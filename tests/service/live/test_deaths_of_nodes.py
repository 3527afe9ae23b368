"""Whatever a node does to its process: its job ends with the node named, and everything else goes on."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.live import LiveServer, running
from tests.service.live.driving import PACKS, Client, eventually, node

RESTART_SECONDS = 15.0
"""Three times what it may take, as other tests may keep the machine busy."""

FATAL = {
    "segfault": ("SIGSEGV", "native code"),
    "hold_gil": ("said nothing for", "--heartbeat-timeout"),
}
"""A way to die, a word of the cause, and one of the remedy."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    base = tmp_path_factory.mktemp("deaths")
    with running(base, "--heartbeat-timeout", "5", packs=[PACKS / "deaths"]) as live:
        live.ready()
        yield live


@pytest.fixture
def mine(server: LiveServer) -> Iterator[Client]:
    client = Client(server, "mine")
    yield client
    client.close()


@pytest.fixture
def yours(server: LiveServer) -> Iterator[Client]:
    client = Client(server, "yours")
    yield client
    client.close()


def death(way: str) -> dict[str, Any]:
    return {"7": node("Die", way=way)}


def error_of(entry: dict[str, Any]) -> dict[str, Any]:
    (error,) = [data for type, data in entry["status"]["messages"] if type == "execution_error"]
    return dict(error)


@pytest.mark.parametrize("way", FATAL)
def test_a_node_that_ends_its_process_fails_its_job_alone(
    server: LiveServer, mine: Client, yours: Client, way: str
) -> None:
    assert server.process is not None
    pid, before = server.process.pid, server.workers()[0]
    job = mine.post(death(way))
    following = [yours.post({"1": node("Say", text=f"{way} {each}")}) for each in range(3)]
    entry = mine.end_of(job)
    eventually(lambda: server.workers()[0]["state"] in ("idle", "busy"), RESTART_SECONDS)
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    error = error_of(entry)
    assert (error["node_id"], error["node_type"], error["prompt_id"]) == ("7", "Die", job)
    for words in FATAL[way]:
        assert words in error["exception_message"]
    told = mine.of(job)
    assert [type for type, _ in told if type != "progress_state"] == [
        *("execution_start", "execution_cached", "executing", "execution_error", "executing")
    ]
    assert mine.wait("execution_error", prompt_id=job) == error
    assert mine.wait("progress_state", prompt_id=job)["nodes"]["7"]["state"] in ("running", "error")
    assert [data for type, data in told if type == "progress_state"][-1]["nodes"]["7"]["state"] == "error"
    entries = [yours.end_of(each) for each in following]
    assert [each["outputs"]["1"]["text"] for each in entries] == [[f"{way} {each}"] for each in range(3)]
    ends = [data["prompt_id"] for type, data in yours.said if type == "executing" and data["node"] is None]
    assert ends == following
    assert server.process.poll() is None
    (after,) = server.workers()
    assert after["pid"] != before["pid"]
    assert after["restarts"] == before["restarts"] + 1
    assert server.process.pid == pid


@pytest.mark.parametrize(
    ("way", "kind", "words"),
    [
        ("polite_leave", "SystemExit", "4"),
        ("memory_error", "MemoryError", "no room for 7 elephants"),
        ("allocate", "MemoryError", ""),
        ("stack", "RecursionError", "recursion"),
    ],
)
def test_what_a_node_raises_is_its_own_failure_and_its_process_goes_on(
    server: LiveServer, mine: Client, way: str, kind: str, words: str
) -> None:
    before = server.workers()[0]
    error = error_of(mine.end_of(mine.post(death(way))))
    assert (error["node_id"], error["node_type"], error["exception_type"]) == ("7", "Die", kind)
    assert words in error["exception_message"]
    if kind == "MemoryError":
        assert "not enough memory" in error["exception_message"]
    assert mine.end_of(mine.post({"1": node("Say", text="after")}))["status"]["completed"]
    assert server.workers()[0]["pid"] == before["pid"]


def test_a_node_that_kills_its_process_outright_is_tried_again_and_then_set_aside(
    server: LiveServer, mine: Client, yours: Client
) -> None:
    job = mine.post(death("suicide"))
    last = yours.post({"1": node("Say", text="the last")})
    entry = mine.end_of(job)
    error = error_of(entry)
    assert (error["node_id"], error["node_type"]) == ("7", "Die")
    assert "SIGKILL" in error["exception_message"]
    assert "What to do" in error["exception_message"]
    assert entry["status"]["status_str"] == "error"
    assert "SIGKILL" in entry["status"]["reason"]
    explained = server.get(f"/api/darkroom/explain/{job}")
    assert (explained["state"], explained["attempts"]) == ("set_aside", 3)
    assert yours.end_of(last)["status"]["completed"]


def test_a_node_that_does_not_listen_is_cancelled_by_ending_its_process(
    server: LiveServer, mine: Client, yours: Client
) -> None:
    before = server.workers()[0]["pid"]
    job = mine.post(death("loop"))
    following = yours.post({"1": node("Say", text="at last")})
    mine.wait("executing", node="7", prompt_id=job)
    asked = time.monotonic()
    server.post("/interrupt", {"prompt_id": job})
    interrupted = mine.wait("execution_interrupted", prompt_id=job)
    assert 4 < time.monotonic() - asked < 20
    assert (interrupted["node_id"], interrupted["node_type"]) == ("7", "Die")
    assert yours.wait("execution_interrupted", prompt_id=job) == interrupted
    entry = mine.end_of(job)
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert [type for type, _ in entry["status"]["messages"]][-1] == "execution_interrupted"
    assert yours.end_of(following)["status"]["completed"]
    assert server.workers()[0]["pid"] != before
    assert server.get(f"/api/darkroom/explain/{job}")["state"] == "cancelled"


def test_the_worker_of_another_device_does_not_notice(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.mktemp("two workers")
    with running(base, "--devices", "cpu", "cpu", packs=[PACKS / "deaths"]) as live:
        eventually(lambda: [each["state"] for each in live.workers()] == ["idle", "idle"])
        pids = {each["pid"] for each in live.workers()}
        mine, yours = Client(live, "mine"), Client(live, "yours")
        long = yours.post({"1": node("Say", text="long", seconds=1.5)})
        yours.wait("executing", node="1", prompt_id=long)
        error = error_of(mine.end_of(mine.post(death("leave"))))
        assert (error["node_id"], error["node_type"]) == ("7", "Die")
        assert "exit code 3" in error["exception_message"]
        assert "update or remove its pack" in error["exception_message"]
        assert long in live.get("/api/darkroom/workers")["running"]
        entry = yours.end_of(long)
        assert entry["status"]["completed"]
        assert entry["outputs"]["1"]["pid"][0] in pids
        eventually(lambda: [each["state"] for each in live.workers()] == ["idle", "idle"])
        assert len(pids & {each["pid"] for each in live.workers()}) == 1
