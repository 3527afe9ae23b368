"""The metrics page is Prometheus text and counts what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from darkroom.service.contracts import JobStore, Result, State
from darkroom.service.observe.counted import CountedStore
from darkroom.service.observe.metrics import Metrics, of_workers
from tests.service.security.running import Running, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("metrics")) as started:
        yield started


def samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for each in families
        for sample in each.samples
    }


def test_requests_are_counted_by_route_and_not_by_path(server: Running) -> None:
    for n in range(3):
        server.ask(f"/history/job{n}")
        server.ask(f"/no/such/{n}")
    found = samples(server.ask("/api/darkroom/metrics").body)
    counts = {labels: value for (name, labels), value in found.items() if name == "darkroom_http_requests_total"}
    assert 3.0 in [
        value for labels, value in counts.items() if ("status", "200") in labels and "history" in str(labels)
    ]
    assert not any("job1" in str(labels) or "such" in str(labels) for labels in counts)


def test_the_queue_and_clients_are_asked_at_each_scrape(server: Running) -> None:
    reply = server.ask("/api/darkroom/metrics")
    found = samples(reply.body)
    assert reply.head["content-type"].startswith("text/plain; version=0.0.4")
    assert found[("darkroom_queue_jobs", (("state", "queued"),))] == 0
    assert found[("darkroom_websocket_clients", ())] == 0


def test_methods_nobody_knows_make_no_new_numbers() -> None:
    metrics = Metrics()
    for n in range(50):
        metrics.answered(f"BREW{n}", "unknown", 405, 0.1)
    assert (
        metrics.registry.get_sample_value(
            "darkroom_http_requests_total", {"method": "other", "route": "unknown", "status": "405"}
        )
        == 50
    )


class Finishing:
    """A store that takes results with token 1 only."""

    async def finish(self, id: str, token: int, *rest: Any) -> tuple[bool, None]:
        return token == 1, None

    async def remaining(self) -> int:
        return 7


def test_a_job_counts_when_its_end_is_committed(tmp_path: Path) -> None:
    metrics = Metrics()
    store = CountedStore(cast(JobStore, Finishing()), metrics)
    asyncio.run(store.finish("a", 1, Result(State.DONE, explain={"seconds": 2.0})))
    asyncio.run(store.finish("a", 2, Result(State.DONE, explain={"seconds": 2.0})))
    assert metrics.registry.get_sample_value("darkroom_jobs_total", {"state": "done"}) == 1
    assert metrics.registry.get_sample_value("darkroom_job_seconds_sum", {"state": "done"}) == 2.0
    assert asyncio.run(store.remaining()) == 7


def test_workers_show_state_restarts_and_memory() -> None:
    status = [{"name": "cpu", "device": "cpu", "state": "idle", "restarts": 2, "memory": 5, "cache": {"bytes": 9}}]
    found = {sample.name: sample.value for each in of_workers(status) for sample in each.samples}
    assert found["darkroom_worker_restarts_total"] == 2
    assert found["darkroom_worker_memory_bytes"] == 5
    assert found["darkroom_worker_cache"] == 9
