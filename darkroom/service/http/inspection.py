"""What only this server tells: /api/darkroom/check, explain, values, workers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from darkroom.frames.report import problem_as_json
from darkroom.service.contracts import SERVICE, Job, Refused, Route, State, WorkerGone
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer
from darkroom.service.http.body import read_json_object
from darkroom.service.http.checked import found_in, judged_verdict
from darkroom.service.http.queue import job_of
from darkroom.service.http.submission import document_of, wanted_of
from darkroom.service.words import is_id

VALUE_SECONDS = 10.0

THUMBNAIL_PIXELS = 256


async def post_check(request: web.Request) -> web.Response:
    """Everything that is wrong with a graph, at once; nothing is queued."""
    service = request.app[SERVICE]
    body = await read_json_object(request)
    document, is_drawn = document_of(body)
    found = await found_in(service, document, is_drawn, *wanted_of(body, "targets"))
    decided = await judged_verdict(service, found)
    problems = [problem_as_json(each) for each in found.problems]
    return answer({"problems": problems, "can_run": bool(decided.targets), "targets": decided.targets})


async def get_explanation(request: web.Request) -> web.Response:
    """Why each step of a job ran, or was taken from the cache, and how long it took."""
    job = await job_of(request)
    if job is None:
        raise no_job()
    found: dict[str, Any] = {
        "id": job.id,
        "state": job.state,
        "reason": job.reason,
        "attempts": job.attempts,
        "steps": list(steps(job)),
    }
    if job.result is not None:
        found["seconds"] = job.result.explain.get("seconds", 0.0)
        if job.result.error is not None:
            found["error"] = job.result.error
    return answer(found)


def steps(job: Job) -> Iterator[dict[str, Any]]:
    """The nodes of the prompt, then those that came by expansion; none where the job has not ended."""
    if job.result is None:
        return
    explain = job.result.explain
    outcomes = {str(id): key for key in ("cached", "blocked", "ran") for id in explain.get(key, ())}
    reasons: Mapping[str, str] = explain.get("reasons", {})
    timings: Mapping[str, float] = explain.get("timings", {})
    unseen = "not needed" if job.state is State.DONE else "not reached"
    expanded = [id for id in (*outcomes, *reasons) if id not in job.prompt]
    for id in dict.fromkeys([*job.prompt, *expanded]):
        node = job.prompt.get(id, {})
        step = {"node": id, "outcome": outcomes.get(id, unseen)}
        known = {
            "class_type": node.get("class_type"),
            "title": (node.get("_meta") or {}).get("title"),
            "reason": reasons.get(id),
            "seconds": timings.get(id),
        }
        yield {**step, **{key: value for key, value in known.items() if value is not None}}


async def get_value(request: web.Request) -> web.Response:
    """What flowed over one output: its type, shape, range and size; with thumbnail=1, a picture of it."""
    service = request.app[SERVICE]
    job, node, slot = (request.match_info[key] for key in ("job", "node", "slot"))
    if not is_id(job) or not is_id(node) or not re.fullmatch("[0-9]{1,4}", slot):
        raise no_value()
    row = await service.store.get(job)
    if row is None:
        raise no_job()
    if row.state is State.QUEUED:
        raise Refused(404, "this job has not begun", remedy="ask again when the node has run")
    wants_picture = request.query.get("thumbnail", "0").lower() not in ("", "0", "false")
    question = {"job": job, "node": node, "slot": int(slot), "thumbnail": THUMBNAIL_PIXELS if wants_picture else 0}
    try:
        said = await service.workers.ask("value", question, VALUE_SECONDS, job)
    except WorkerGone:
        raise Refused(
            404, "the worker that had this value is gone", remedy="queue the job again", type="worker_gone"
        ) from None
    except TimeoutError:
        raise Refused(503, "the worker does not answer", remedy="try again", type="worker_gone") from None
    if said.error is not None:
        raise Refused(404, said.error, remedy="queue the job again if the value is gone")
    if not wants_picture:
        return answer(said.data)
    if not said.blob:
        raise Refused(404, "this value cannot be drawn", remedy="ask without thumbnail")
    return web.Response(body=said.blob, content_type="image/png", headers={"Cache-Control": "no-store"})


async def get_workers(request: web.Request) -> web.Response:
    """Each worker process, what it does, and the packs that failed to load in it."""
    workers = request.app[SERVICE].workers
    failures = list(workers.hello.failures) if workers.hello is not None else []
    return answer({"workers": list(workers.status), "running": dict(workers.current), "failures": failures})


def no_job() -> Refused:
    """404."""
    return Refused(404, "there is no job of this id", remedy="see /history and /queue for those there are")


def no_value() -> Refused:
    """404."""
    return Refused(404, "there is no such output", remedy="name a job, a node and the number of an output")


ROUTES = (
    Route(
        "POST",
        "/api/darkroom/check",
        post_check,
        "Everything that is wrong with a graph",
        api=False,
        body=schemas.CHECK_BODY,
        answer=schemas.PROBLEMS,
    ),
    Route(
        "GET",
        "/api/darkroom/explain/{id}",
        get_explanation,
        "Why each step of a job ran or not",
        api=False,
        answer=schemas.EXPLAINED,
    ),
    Route(
        "GET",
        "/api/darkroom/values/{job}/{node}/{slot}",
        get_value,
        "What flowed over an output; with thumbnail=1 a PNG of it",
        api=False,
        query={"thumbnail": {"enum": ["0", "1"]}},
    ),
    Route(
        "GET",
        "/api/darkroom/workers",
        get_workers,
        "The worker processes",
        api=False,
        answer=schemas.WORKERS,
    ),
)
