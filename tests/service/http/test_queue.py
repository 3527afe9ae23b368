"""The queue, history and /api/jobs as clients see them."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from darkroom.service.contracts import NewJob, Result, Service, State
from tests.service.fakes import FakeStore, FakeWorkers, fake_service
from tests.service.http.golden import Client, golden_registry, served

GRAPH = {"1": {"class_type": "GoldenShow", "inputs": {"value": 1}, "_meta": {"title": "My show"}}}
DRAWN = {"extra_pnginfo": {"workflow": {"id": "drawing"}}, "create_time": 5}
PICTURE = {"filename": "a.png", "subfolder": "", "type": "output"}


def with_jobs(folder: Path, *states: State, error: dict[str, Any] | None = None) -> Service:
    """A service with a job of each state, called "0", "1", ... in this order."""
    service = fake_service(folder, golden_registry())
    store = service.store
    assert isinstance(store, FakeStore)

    async def fill() -> None:
        for number, state in enumerate(states):
            await store.accept(NewJob(str(number), GRAPH, ["1"], DRAWN, "me"))
            job = store.jobs[str(number)]
            result = None
            if state not in (State.QUEUED, State.RUNNING):
                explain = {"ran": ["1"], "reasons": {"1": "first run"}, "timings": {"1": 0.5}, "seconds": 0.6}
                meta = {"1": {"node_id": "1", "display_node": "1", "parent_node": None, "real_node_id": "1"}}
                messages = [["execution_start", {"prompt_id": job.id}]]
                ui = {"1": {"images": [{**PICTURE, "type": "temp"}, PICTURE], "text": ["x"]}}
                result = Result(state, ui, meta, messages, error, explain)
            started = None if state is State.QUEUED else 10
            ended = 20 if result else None
            store.jobs[str(number)] = replace(job, state=state, result=result, started=started, ended=ended)

    asyncio.run(fill())
    return service


def fetched(service: Service, *requests: tuple[str, str, Any]) -> Any:
    """(status, body) of each request; a body that is no JSON as bytes."""

    async def talk(client: Client) -> list[tuple[int, Any]]:
        found = []
        for method, path, body in requests:
            async with client.request(method, path, data=None if body is None else json.dumps(body)) as response:
                data = await response.read()
                kind = response.content_type
                found.append((response.status, json.loads(data) if kind == "application/json" else data))
        return found

    return served(service, talk)


def test_the_queue_shows_what_runs_and_what_waits(tmp_path: Path) -> None:
    service = with_jobs(tmp_path, State.RUNNING, State.QUEUED, State.DONE)
    ((status, body), (_, length)) = fetched(service, ("GET", "/queue", None), ("GET", "/prompt", None))
    assert status == 200
    assert body["queue_running"] == [[0, "0", GRAPH, DRAWN, ["1"]]]
    assert body["queue_pending"] == [[1, "1", GRAPH, DRAWN, ["1"]]]
    assert length == {"exec_info": {"queue_remaining": 2}}


def test_waiting_jobs_are_deleted_and_cleared_and_running_ones_are_not(tmp_path: Path) -> None:
    service = with_jobs(tmp_path, State.RUNNING, State.QUEUED, State.QUEUED, State.QUEUED)
    answers = fetched(
        service,
        ("POST", "/queue", {"delete": ["0", "1", "none"]}),
        ("GET", "/queue", None),
        ("POST", "/api/queue", {"clear": True}),
        ("GET", "/queue", None),
    )
    assert answers[0] == (200, b"")
    assert [item[1] for item in answers[1][1]["queue_pending"]] == ["2", "3"]
    assert [len(answers[3][1][key]) for key in ("queue_running", "queue_pending")] == [1, 0]


def test_a_waiting_job_is_moved_and_a_running_one_is_not(tmp_path: Path) -> None:
    service = with_jobs(tmp_path, State.RUNNING, State.QUEUED, State.QUEUED, State.QUEUED)
    move = "/api/darkroom/queue/move"
    answers = fetched(
        service,
        ("POST", move, {"id": "3", "before": "1"}),
        ("GET", "/queue", None),
        ("POST", move, {"id": "3"}),
        ("POST", move, {"id": "0", "before": "1"}),
        ("POST", move, {"id": "1", "before": "0"}),
        ("POST", move, {"id": 1}),
        ("POST", move, {"id": "1", "before": 2}),
    )
    assert answers[0] == (200, {"order": ["3", "1", "2"]})
    assert [item[1] for item in answers[1][1]["queue_pending"]] == ["3", "1", "2"]
    assert answers[2] == (200, {"order": ["1", "2", "3"]})
    assert [(status, body["type"]) for status, body in answers[3:5]] == [(404, "not_waiting")] * 2
    assert [status for status, _ in answers[5:]] == [400, 400]


def test_history_holds_ended_jobs_with_all_that_they_showed(tmp_path: Path) -> None:
    service = with_jobs(tmp_path, State.DONE, State.QUEUED, State.FAILED)
    ((_, every), (_, one), (_, none), (_, waiting)) = fetched(
        service,
        ("GET", "/history", None),
        ("GET", "/history/0", None),
        ("GET", "/history/%00", None),
        ("GET", "/history/1", None),
    )
    assert list(every) == ["0", "2"]
    assert one == {"0": every["0"]}
    assert none == waiting == {}
    assert every["0"]["prompt"] == [0, "0", GRAPH, DRAWN, ["1"]]
    assert every["0"]["outputs"]["1"]["text"] == ["x"]
    assert every["0"]["meta"]["1"]["display_node"] == "1"
    assert every["0"]["status"] == {
        "status_str": "success",
        "completed": True,
        "messages": [["execution_start", {"prompt_id": "0"}]],
    }
    assert (every["2"]["status"]["status_str"], every["2"]["status"]["completed"]) == ("error", False)


def test_history_comes_in_pages_and_is_forgotten(tmp_path: Path) -> None:
    service = with_jobs(tmp_path, *[State.DONE] * 5)
    answers = fetched(
        service,
        ("GET", "/history?max_items=2", None),
        ("GET", "/history?max_items=2&offset=1", None),
        ("GET", "/history?offset=-1&max_items=1", None),
        ("POST", "/history", {"delete": ["0", "none"]}),
        ("GET", "/history", None),
        ("POST", "/history", {"clear": True}),
        ("GET", "/history", None),
    )
    assert [list(body) for _, body in (answers[0], answers[1], answers[2], answers[4], answers[6])] == [
        ["3", "4"],
        ["1", "2"],
        ["4"],
        ["1", "2", "3", "4"],
        [],
    ]
    assert answers[3] == answers[5] == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        *("/history?max_items=x", "/history?max_items=-1", "/history?offset=1.5", f"/history?max_items={'9' * 50}"),
        *("/api/jobs?limit=x", "/api/jobs?limit=-1", "/api/jobs?offset=-1", "/api/jobs?sort_by=name"),
        *("/api/jobs?sort_order=up", "/api/jobs?status=done", "/api/jobs?workflow_id=%00", "/api/jobs?limit=1e3"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_in_words(path: str, tmp_path: Path) -> None:
    ((status, body),) = fetched(with_jobs(tmp_path), ("GET", path, None))
    assert status == 400
    assert body["error"] and body["remedy"]


def test_jobs_come_in_pages_by_status(tmp_path: Path) -> None:
    service = with_jobs(tmp_path, State.DONE, State.RUNNING, State.QUEUED, State.FAILED, State.CANCELLED)
    ((_, page), (_, some), (_, twice)) = fetched(
        service,
        ("GET", "/api/jobs?limit=2&offset=1", None),
        ("GET", "/api/jobs?status=failed,pending&sort_order=asc", None),
        ("GET", "/api/api/jobs", None),
    )
    assert [job["id"] for job in page["jobs"]] == ["3", "2"]
    assert page["pagination"] == {"offset": 1, "limit": 2, "total": 5, "has_more": True}
    assert [job["status"] for job in some["jobs"]] == ["pending", "failed", "failed"]
    assert twice["pagination"] == {"offset": 0, "limit": None, "total": 5, "has_more": False}


def test_a_job_tells_its_times_its_first_saved_picture_and_its_drawing(tmp_path: Path) -> None:
    ((_, job), (_, waiting), (status, body)) = fetched(
        with_jobs(tmp_path, State.DONE, State.QUEUED),
        ("GET", "/api/jobs/0", None),
        ("GET", "/api/jobs/1", None),
        ("GET", "/api/jobs/none", None),
    )
    assert job.pop("outputs")["1"]["text"] == ["x"]
    assert job.pop("execution_status")["completed"] is True
    assert job.pop("workflow") == {"prompt": GRAPH, "extra_data": DRAWN}
    assert job == {
        "id": "0",
        "status": "completed",
        "priority": 0,
        "create_time": 5,
        "execution_start_time": 10,
        "execution_end_time": 20,
        "outputs_count": 3,
        "preview_output": {**PICTURE, "nodeId": "1", "mediaType": "images"},
        "workflow_id": "drawing",
    }
    assert {"outputs_count", "execution_start_time"}.isdisjoint(waiting)
    assert (status, body) == (404, {"error": "Job not found"})


@pytest.mark.parametrize(
    ("body", "id"),
    [(b"", None), (b"{", None), (b"[]", None), (b"{}", None), (b'{"prompt_id": "a"}', "a"), (b'{"prompt_id":7}', "7")],
)
def test_interrupt_stops_the_named_job_or_whatever_runs(body: bytes, id: str | None, tmp_path: Path) -> None:
    workers = FakeWorkers()
    service = fake_service(tmp_path, golden_registry(), workers=workers)

    async def talk(client: Client) -> tuple[int, bytes]:
        response = await client.post("/interrupt", data=body)
        return response.status, await response.read()

    assert served(service, talk) == (200, b"")
    assert workers.done == [("interrupt", id)]


def test_free_memory_unloads_models_too(tmp_path: Path) -> None:
    workers = FakeWorkers()
    service = fake_service(tmp_path, golden_registry(), workers=workers)
    bodies: list[Any] = [{}, {"unload_models": True}, {"free_memory": True}]
    assert {status for status, _ in fetched(service, *(("POST", "/free", body) for body in bodies))} == {200}
    assert workers.done == [("free", True, False), ("free", True, True)]


@pytest.mark.parametrize("path", ["/queue", "/history", "/free"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"delete":{"a":1}}', b'{"delete":[[]]}', b"\xff"])
def test_a_bad_body_of_a_change_is_refused_in_words(path: str, body: bytes, tmp_path: Path) -> None:
    async def talk(client: Client) -> Any:
        response = await client.post(path, data=body)
        return response.status, await response.read()

    status, data = served(with_jobs(tmp_path), talk)
    if path == "/free" and b"delete" in body:
        assert (status, data) == (200, b"")
    else:
        assert status == 400
        assert json.loads(data)["error"]
