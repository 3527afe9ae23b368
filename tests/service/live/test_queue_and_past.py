"""The queue and the past of a real server: order, deletion, one job per id, and pages."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from benchmarks.live import LiveServer
from tests.service.live.driving import Client, Graph, node, refusal


@pytest.fixture
def held(server: LiveServer, connect: Callable[..., Client]) -> Iterator[Client]:
    """A client whose job holds the worker until the test lets go."""
    client = connect("holder")
    job = client.post({"1": node("Hold")}, number=-1e6)
    client.wait("executing", node="1", prompt_id=job)
    yield client
    requests.post(f"{server.url}/serving/release", timeout=20)
    server.finished(job)


COUNTER = itertools.count()


def shout() -> Graph:
    return {"1": node("Shout", words=f"words {next(COUNTER)}")}


def waiting(server: LiveServer) -> list[str]:
    return [item[1] for item in server.get("/queue")["queue_pending"]]


def past(server: LiveServer, **query: Any) -> list[str]:
    answer = requests.get(f"{server.url}/history", params=query, timeout=20)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_front_and_numbers_come_before_turns(server: LiveServer, held: Client) -> None:
    plain = [server.queue(shout()) for _ in range(2)]
    front = server.queue(shout(), front=True)
    early = server.queue(shout(), number=-1000)
    late = server.queue(shout(), number=1000.5)
    assert waiting(server) == [early, front, *plain, late]
    items = {item[1]: item[0] for item in server.get("/queue")["queue_pending"]}
    assert (items[early], items[late]) == (-1000, 1000.5)
    assert items[front] < 0
    assert [item[1] for item in server.get("/queue")["queue_running"]] != []
    assert server.get("/prompt")["exec_info"]["queue_remaining"] == 6
    server.post("/queue", {"clear": True})
    assert waiting(server) == []


def test_clients_take_turns(server: LiveServer, held: Client) -> None:
    many = [server.queue(shout(), client_id="busy") for _ in range(3)]
    one = server.queue(shout(), client_id="modest")
    assert waiting(server) == [many[0], one, *many[1:]]
    server.post("/queue", {"clear": True})


def test_what_is_deleted_from_the_queue_never_runs(server: LiveServer, held: Client) -> None:
    jobs = [server.queue(shout()) for _ in range(3)]
    server.post("/queue", {"delete": [jobs[1], "nobody knows me"]})
    assert waiting(server) == [jobs[0], jobs[2]]
    (running_now,) = server.get("/queue")["queue_running"]
    server.post("/queue", {"delete": [running_now[1]]})
    assert [each[1] for each in server.get("/queue")["queue_running"]] == [running_now[1]]
    requests.post(f"{server.url}/serving/release", timeout=20)
    server.finished(jobs[2])
    assert server.get(f"/history/{jobs[1]}") == {}
    assert server.get(f"/api/jobs/{jobs[1]}")["status"] == "failed"
    second = server.queue({"1": node("Hold")}, number=-1e6)
    held.wait("status")
    requests.post(f"{server.url}/serving/release", timeout=20)
    server.finished(second)


def test_the_same_id_is_the_same_job(server: LiveServer) -> None:
    id = str(uuid.uuid4())
    first = server.post("/prompt", {"prompt": shout(), "prompt_id": id})
    server.finished(id)
    second = server.post("/prompt", {"prompt": shout(), "prompt_id": id})
    assert first == second
    assert past(server).count(id) == 1
    assert server.get("/queue") == {"queue_running": [], "queue_pending": []}


def test_history_comes_in_pages(server: LiveServer) -> None:
    jobs = [server.queue(shout()) for _ in range(5)]
    for job in jobs:
        server.finished(job)
    everything = past(server)
    total = len(everything)
    assert everything[-5:] == jobs
    assert past(server, max_items=2) == jobs[-2:]
    assert past(server, max_items=2, offset=0) == everything[:2]
    assert past(server, max_items=3, offset=total - 2) == jobs[-2:]
    assert past(server, offset=total - 1) == jobs[-1:]
    assert past(server, offset=total) == past(server, offset=total + 100) == []
    assert past(server, max_items=0) == []
    assert past(server, max_items=10_000) == everything
    assert past(server, max_items=2, offset=-1) == jobs[-2:]
    assert past(server, offset=-5) == everything
    assert server.get("/history/nobody") == {}
    assert requests.get(f"{server.url}/history?max_items=many", timeout=20).status_code == 400


def test_history_is_forgotten_on_demand(server: LiveServer) -> None:
    kept, gone = (server.queue(shout()) for _ in range(2))
    server.finished(kept)
    server.finished(gone)
    server.post("/history", {"delete": [gone]})
    assert gone not in past(server)
    assert kept in past(server)
    server.post("/history", {"clear": True})
    assert past(server) == []
    assert server.get("/api/jobs")["jobs"] == []


def test_jobs_come_in_pages_sorted_as_asked(server: LiveServer, held: Client) -> None:
    requests.post(f"{server.url}/serving/release", timeout=20)
    drawn = {"extra_pnginfo": {"workflow": {"id": "drawing-1"}}}
    jobs = [server.queue(shout(), extra_data=drawn if each == 1 else {}) for each in range(4)]
    for job in jobs:
        server.finished(job)

    def listed(**query: Any) -> list[str]:
        answer = requests.get(f"{server.url}/api/jobs", params=query, timeout=20).json()
        return [each["id"] for each in answer["jobs"]]

    assert listed()[:4] == jobs[::-1]
    assert listed(sort_order="asc")[-4:] == jobs
    assert listed(limit=2) == jobs[:1:-1]
    assert listed(limit=2, offset=1) == jobs[2:0:-1]
    assert listed(workflow_id="drawing-1") == [jobs[1]]
    assert listed(status="pending,in_progress") == []
    assert set(listed(status="completed")) >= set(jobs)
    by_time = requests.get(f"{server.url}/api/jobs?sort_by=execution_duration", timeout=20).json()["jobs"]
    took = [each["execution_end_time"] - each["execution_start_time"] for each in by_time]
    assert took == sorted(took, reverse=True)
    page = requests.get(f"{server.url}/api/jobs?limit=3&offset=1", timeout=20).json()["pagination"]
    assert (page["offset"], page["limit"], page["has_more"]) == (1, 3, page["total"] > 4)
    for wrong in ("limit=0", "limit=-1", "offset=-1", "limit=x", "status=lost", "sort_by=name", "sort_order=up"):
        answer = requests.get(f"{server.url}/api/jobs?{wrong}", timeout=20)
        assert (answer.status_code, next(iter(answer.json()))) == (400, "error")
    missing = requests.get(f"{server.url}/api/jobs/nobody", timeout=20)
    assert (missing.status_code, missing.json()) == (404, {"error": "Job not found"})
    told = server.get(f"/api/jobs/{jobs[0]}")
    assert (told["status"], told["outputs_count"]) == ("completed", 1)
    assert told["workflow"]["prompt"]["1"]["class_type"] == "Shout"
    assert told["outputs"]["1"]["text"][0].startswith("WORDS")
    server.post("/queue", {"clear": True})


def test_nonsense_is_refused_in_plain_words(server: LiveServer) -> None:
    assert refusal(server, {})["error"]["type"] == "prompt_no_outputs"
    assert refusal(server, {"1": {"inputs": {}}})["error"]["type"] == "invalid_prompt"
    unknown = refusal(server, {"1": node("Shuot", words="x")})["error"]
    assert unknown["type"] in ("invalid_prompt", "missing_node_type")
    assert "Shout" in str(unknown)
    missing = refusal(server, {"1": node("Note")})["node_errors"]["1"]["errors"]
    assert [each["type"] for each in missing] == ["required_input_missing"]
    linked = refusal(server, {"1": node("Shout", words=["9", 0])})
    assert "9" in str(linked["node_errors"])
    cycle = {"1": node("Shout", words=["2", 0]), "2": node("Shout", words=["1", 0])}
    assert refusal(server, cycle)["error"]["type"]
