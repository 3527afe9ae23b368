"""What stands under /api/darkroom/: explain, values, workers and the description of all routes."""

import json
from pathlib import Path
from typing import Any

import pytest

from darkroom.frames.messages import Answer, Ready
from darkroom.service.contracts import State, WorkerGone
from tests.service.fakes import FakeWorkers, fake_service
from tests.service.http.golden import Client, golden_registry, served
from tests.service.http.test_queue import fetched, with_jobs


def test_explain_tells_why_each_step_ran_and_how_long_it_took(tmp_path: Path) -> None:
    ((_, body), (_, waiting), (status, none)) = fetched(
        with_jobs(tmp_path, State.DONE, State.QUEUED),
        ("GET", "/api/darkroom/explain/0", None),
        ("GET", "/api/darkroom/explain/1", None),
        ("GET", "/api/darkroom/explain/2", None),
    )
    assert body["steps"] == [
        {
            "node": "1",
            "outcome": "ran",
            "class_type": "GoldenShow",
            "title": "My show",
            "reason": "first run",
            "seconds": 0.5,
        }
    ]
    assert (body["state"], body["seconds"]) == ("done", 0.6)
    assert (waiting["state"], waiting["steps"]) == ("queued", [])
    assert (status, set(none)) == (404, {"error", "remedy"})


VALUE = {"type": "IMAGE", "shape": [1, 8, 8, 3]}


@pytest.mark.parametrize(
    ("path", "said", "status", "body"),
    [
        ("0/1/0", Answer(1, VALUE), 200, VALUE),
        ("0/1/0?thumbnail=1", Answer(1, VALUE, blob=b"PNG"), 200, b"PNG"),
        ("0/1/0?thumbnail=1", Answer(1, VALUE), 404, None),
        ("0/1/0", Answer(1, error="it is not kept any more"), 404, None),
        ("0/1/0", WorkerGone(), 404, None),
        ("0/1/0", TimeoutError(), 503, None),
        ("0/1/x", Answer(1, VALUE), 404, None),
        ("0/1/99999", Answer(1, VALUE), 404, None),
        ("none/1/0", Answer(1, VALUE), 404, None),
        ("1/1/0", Answer(1, VALUE), 404, None),
    ],
)
def test_a_value_is_told_by_the_worker_that_has_it(
    path: str, said: Answer | Exception, status: int, body: Any, tmp_path: Path
) -> None:
    service = with_jobs(tmp_path, State.DONE, State.QUEUED)
    assert isinstance(service.workers, FakeWorkers)
    service.workers.answers["value"] = said
    ((got, found),) = fetched(service, ("GET", f"/api/darkroom/values/{path}", None))
    assert got == status
    assert found == body if body is not None else found["error"]


def test_workers_are_listed_with_packs_that_failed(tmp_path: Path) -> None:
    failure = {"pack": "broken", "where": "broken/__init__.py:1", "message": "no"}
    service = fake_service(tmp_path, golden_registry(), workers=FakeWorkers(Ready(failures=[failure])))
    ((_, body),) = fetched(service, ("GET", "/api/darkroom/workers", None))
    assert body["failures"] == [failure]
    assert body["workers"][0]["name"] == "cpu"


def test_every_route_is_described_and_every_reference_leads_somewhere(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())

    async def talk(client: Client) -> Any:
        paths = {
            (route.method, route.resource.canonical)
            for route in client.app.router.routes()
            if route.resource is not None and route.method != "HEAD"
        }
        return paths, await (await client.get("/api/darkroom/openapi.json")).json()

    paths, body = served(service, talk)
    described = {(method.upper(), path) for path, methods in body["paths"].items() for method in methods}
    assert described == paths
    assert body["openapi"].startswith("3.1")
    text = json.dumps(body)
    assert "#/components/schemas/RefusedPrompt" in text and "Refused" in body["components"]["schemas"]
    ids = [each["operationId"] for methods in body["paths"].values() for each in methods.values()]
    assert len(ids) == len(set(ids))
