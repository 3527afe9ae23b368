"""Numbers of a running server in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from darkroom.service.contracts import SERVICE, Route, Service

ACCEPT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
JOB_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
REQUEST_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)
OTHER = "other"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts what it is told of; what can be asked is asked at each scrape."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they are a second number for each
        self.registry = CollectorRegistry()
        self._jobs = Counter(
            "darkroom_jobs", "Jobs that reached a state, since the start", ["state"], registry=self.registry
        )
        self._job_seconds = Histogram(
            *("darkroom_job_seconds", "From the start of a job to its end", ["state"]),
            buckets=JOB_SECONDS,
            registry=self.registry,
        )
        self._accept_seconds = Histogram(
            *("darkroom_accept_seconds", "From a POST of a job to its answer"),
            buckets=ACCEPT_SECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "darkroom_http_requests", "Requests", ["method", "route", "status"], registry=self.registry
        )
        self._request_seconds = Histogram(
            *("darkroom_http_request_seconds", "Time to answer, without WebSockets", ["method", "route"]),
            buckets=REQUEST_SECONDS,
            registry=self.registry,
        )

    def accepted(self, seconds: float) -> None:
        """A job was put into the queue, durably."""
        self._jobs.labels("accepted").inc()
        self._accept_seconds.observe(seconds)

    def ended(self, state: str, seconds: float) -> None:
        """A job ended as "done", "failed", "cancelled" or "set_aside"."""
        self._jobs.labels(state).inc()
        self._job_seconds.labels(state).observe(seconds)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """A request was answered. route: its template; seconds: None of a WebSocket, which lasts as it likes."""
        known = method if method in METHODS else OTHER
        self._requests.labels(known, route, str(status)).inc()
        if seconds is not None:
            self._request_seconds.labels(known, route).observe(seconds)

    async def text(self, service: Service) -> bytes:
        """All numbers as of now."""
        now = CollectorRegistry()
        now.register(Now(service, await service.store.remaining(), len(await service.store.running())))
        return generate_latest(self.registry) + generate_latest(now)


class Now(Collector):
    """What the parts of the service say at this moment."""

    def __init__(self, service: Service, remaining: int, running: int) -> None:
        self._service = service
        self._remaining = remaining
        self._running = running

    def collect(self) -> Iterable[Metric]:
        queue = GaugeMetricFamily("darkroom_queue_jobs", "Jobs in the queue now", labels=["state"])
        queue.add_metric(["queued"], max(self._remaining - self._running, 0))
        queue.add_metric(["running"], self._running)
        yield queue
        clients = GaugeMetricFamily("darkroom_websocket_clients", "WebSocket clients that are connected")
        clients.add_metric([], self._service.hub.count)
        yield clients
        yield from of_workers(list(self._service.workers.status))


def of_workers(status: Iterable[Mapping[str, Any]]) -> Iterable[Metric]:
    """Each worker's numbers, as `Workers.status` has them."""
    labels = ["worker", "device"]
    up = GaugeMetricFamily("darkroom_worker_state", "1 for the state that a worker is in", labels=[*labels, "state"])
    restarts = CounterMetricFamily("darkroom_worker_restarts", "Times a worker was started again", labels=labels)
    memory = GaugeMetricFamily("darkroom_worker_memory_bytes", "Resident memory of a worker", labels=labels)
    device_memory = GaugeMetricFamily("darkroom_worker_device_memory_bytes", "Device memory in use", labels=labels)
    age = GaugeMetricFamily("darkroom_worker_heartbeat_age_seconds", "Since a worker's last heartbeat", labels=labels)
    cache = GaugeMetricFamily("darkroom_worker_cache", "Facts of a worker's cache of results", labels=[*labels, "fact"])
    for worker in status:
        who = [str(worker.get("name", "")), str(worker.get("device", ""))]
        up.add_metric([*who, str(worker.get("state", ""))], 1)
        for family, key in ((restarts, "restarts"), (memory, "memory"), (device_memory, "device_memory")):
            family.add_metric(who, float(worker.get(key) or 0))
        if worker.get("heartbeat_age") is not None:
            age.add_metric(who, float(worker["heartbeat_age"]))
        for fact, value in (worker.get("cache") or {}).items():
            if isinstance(value, int | float):
                cache.add_metric([*who, str(fact)], float(value))
    return [up, restarts, memory, device_memory, age, cache]


METRICS: web.AppKey[Metrics] = web.AppKey("metrics", Metrics)


async def show(request: web.Request) -> web.Response:
    """GET /api/darkroom/metrics."""
    body = await request.app[METRICS].text(request.app[SERVICE])
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/darkroom/metrics", show, "numbers of the server in Prometheus' text format", api=False),
)
