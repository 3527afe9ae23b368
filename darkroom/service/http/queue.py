"""The queue and the past: /queue, /interrupt, /free, /history and /api/jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from darkroom.service.contracts import ENDED, SERVICE, Job, JobQuery, Refused, Route, State
from darkroom.service.http import schemas, views
from darkroom.service.http.answers import answer, answer_text, empty, listed, tabled
from darkroom.service.http.body import kind, parsed, read_bytes, read_json_object
from darkroom.service.socket.handler import tell_queue
from darkroom.service.words import is_id

LARGEST_NUMBER = 2**53
"""Whole numbers beyond it differ between JSON readers, and databases take them not much further."""


async def get_queue(request: web.Request) -> web.Response:
    """Jobs that run, and those that wait, in the order in which they will run."""
    store = request.app[SERVICE].store
    running, waiting = await store.running(), await store.queued()
    lists = [await listed(views.queue_item(job) for job in jobs) for jobs in (running, waiting)]
    return answer_text('{{"queue_running":{},"queue_pending":{}}}'.format(*lists))


async def post_queue(request: web.Request) -> web.Response:
    """Take jobs that wait out of the queue."""
    service = request.app[SERVICE]
    clear, ids = clear_or_delete(await read_json_object(request))
    if clear:
        await service.store.cancel_queued(None)
    elif ids:
        await service.store.cancel_queued(ids)
    if clear or ids:
        await tell_queue(service)
    return empty()


async def post_move(request: web.Request) -> web.Response:
    """Put a job that waits before another one that waits, or at the end; kept, and told to everyone."""
    service = request.app[SERVICE]
    body = await read_json_object(request)
    id, before = body.get("id"), body.get("before")
    if not isinstance(id, str) or not is_id(id):
        raise Refused(400, f'"id" is {kind(id) if not isinstance(id, str) else "no id"}', remedy="send the id of a job")
    if before is not None and (not isinstance(before, str) or not is_id(before)):
        raise Refused(400, '"before" is no id', remedy="send the id of a job, or null for the end")
    order = await service.store.move(id, before)
    if order is None:
        raise Refused(404, "one of these jobs no longer waits", type="not_waiting", remedy="see /queue for what waits")
    await tell_queue(service)
    return answer({"order": list(order)})


async def post_interrupt(request: web.Request) -> web.Response:
    """Stop one running job, or all that run where no id is given."""
    service = request.app[SERVICE]
    limits = service.facts.limits
    data = await read_bytes(request, limits.socket_message_bytes)
    try:
        body = parsed(data, limits)
    except Refused:
        body = None
    id = body.get("prompt_id") if isinstance(body, Mapping) else None
    await service.workers.interrupt(str(id) if id else None)
    return empty()


async def post_free(request: web.Request) -> web.Response:
    """Drop loaded models, or all that is kept, when no job runs."""
    body = await read_json_object(request)
    everything = bool(body.get("free_memory", False))
    unload = bool(body.get("unload_models", False)) or everything
    if unload:
        await request.app[SERVICE].workers.free(unload, everything)
    return empty()


async def get_history(request: web.Request) -> web.Response:
    """Ended jobs, oldest first. max_items alone: the newest; with offset: counted from the oldest."""
    most = whole_number(request, "max_items")
    offset = whole_number(request, "offset")
    if most is not None and most < 0:
        raise Refused(400, "max_items is negative", remedy="send 0 or more, or leave it out")
    if offset is not None and offset < 0:
        offset = None  # what scripts send that mean none
    jobs = await request.app[SERVICE].store.history(most, offset)
    return answer_text(await tabled({job.id: views.history_entry(job) for job in jobs}))


async def get_history_of(request: web.Request) -> web.Response:
    """One ended job, or an empty object."""
    job = await job_of(request)
    return answer({job.id: views.history_entry(job)} if job is not None and has_history(job) else {})


async def post_history(request: web.Request) -> web.Response:
    """Forget ended jobs."""
    clear, ids = clear_or_delete(await read_json_object(request))
    if clear or ids:
        await request.app[SERVICE].store.forget(None if clear else ids)
    return empty()


async def get_jobs(request: web.Request) -> web.Response:
    """A page of jobs of any state."""
    query = job_query(request)
    jobs, total = await request.app[SERVICE].store.page(query)
    page = {
        "offset": query.offset,
        "limit": query.limit,
        "total": total,
        "has_more": query.offset + len(jobs) < total,
    }
    return answer({"jobs": [views.job_item(job) for job in jobs], "pagination": page})


async def get_job(request: web.Request) -> web.Response:
    """All about one job."""
    job = await job_of(request)
    if job is None:
        raise Refused(404, "Job not found")
    return answer(views.job_detail(job))


async def job_of(request: web.Request) -> Job | None:
    """The job that the path names."""
    id = request.match_info["id"]
    return await request.app[SERVICE].store.get(id) if is_id(id) else None


def has_history(job: Job) -> bool:
    """Whether it has ended, and ran before that."""
    return job.state in ENDED and (job.state is not State.CANCELLED or job.started is not None)


def clear_or_delete(body: Mapping[str, Any]) -> tuple[bool, list[str]]:
    """Whether to clear, and which ids to delete. Raises Refused with 400."""
    ids = body.get("delete") or []
    if not isinstance(ids, list) or not all(isinstance(each, str | int) and not isinstance(each, bool) for each in ids):
        raise Refused(400, f'"delete" is {kind(ids)}', remedy="send a list of ids")
    return bool(body.get("clear", False)), [id for each in ids if is_id(id := str(each))]


def whole_number(request: web.Request, name: str) -> int | None:
    """A whole number in the query; None where there is none. Raises Refused with 400."""
    text = request.query.get(name)
    if text is None or text == "":
        return None
    try:
        number = int(text)
    except ValueError:
        raise Refused(400, f"{name} is no whole number", remedy="send one, or leave it out") from None
    if abs(number) > LARGEST_NUMBER:
        raise Refused(400, f"{name} is too large", remedy="send a smaller number")
    return number


def job_query(request: web.Request) -> JobQuery:
    """Raises Refused with 400."""
    names = [each.strip().lower() for each in request.query.get("status", "").split(",") if each.strip()]
    unknown = [each for each in names if each not in views.STATUSES]
    if unknown:
        raise Refused(400, f"no status is called {unknown[0][:40]!r}", remedy=f"use {', '.join(views.STATUSES)}")
    sort_by = request.query.get("sort_by", "created_at")
    if sort_by not in ("created_at", "execution_duration"):
        raise Refused(400, f"jobs cannot be sorted by {sort_by[:40]!r}", remedy="use created_at or execution_duration")
    order = request.query.get("sort_order", "desc").lower()
    if order not in ("asc", "desc"):
        raise Refused(400, f"there is no order {order[:40]!r}", remedy="use asc or desc")
    workflow = request.query.get("workflow_id")
    if workflow is not None and not is_id(workflow):
        raise Refused(400, "workflow_id is empty or too long", remedy="send an id, or leave it out")
    limit = whole_number(request, "limit")
    offset = whole_number(request, "offset") or 0
    if limit is not None and limit < 1:
        raise Refused(400, "limit is less than 1", remedy="send 1 or more, or leave it out")
    if offset < 0:
        raise Refused(400, "offset is negative", remedy="send 0 or more, or leave it out")
    states = tuple(state for name in dict.fromkeys(names) for state in views.STATUSES[name])
    return JobQuery(states, workflow, sort_by, order == "desc", limit, offset)


_WHOLE = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}
_PAGE = {"limit": {**_WHOLE, "minimum": 1}, "offset": _WHOLE}

ROUTES = (
    Route("GET", "/queue", get_queue, "Jobs that run and that wait", answer=schemas.QUEUE),
    Route("POST", "/queue", post_queue, "Take waiting jobs out of the queue", body=schemas.CLEAR_OR_DELETE),
    Route(
        "POST",
        "/api/darkroom/queue/move",
        post_move,
        "Put a waiting job before another, or at the end",
        api=False,
        body=schemas.MOVE_BODY,
        answer=schemas.ORDER,
    ),
    Route("POST", "/interrupt", post_interrupt, "Stop running jobs", body=schemas.INTERRUPT_BODY),
    Route("POST", "/free", post_free, "Drop loaded models or everything kept", body=schemas.FREE_BODY),
    Route(
        "GET",
        "/history",
        get_history,
        "Ended jobs, oldest first",
        answer=schemas.HISTORY,
        query={"max_items": _WHOLE, "offset": {**_WHOLE, "minimum": -1}},
    ),
    Route("POST", "/history", post_history, "Forget ended jobs", body=schemas.CLEAR_OR_DELETE),
    Route("GET", "/history/{id}", get_history_of, "One ended job", answer=schemas.HISTORY),
    Route(
        "GET",
        "/api/jobs",
        get_jobs,
        "A page of jobs",
        answer=schemas.JOBS,
        query={
            "status": schemas.STRING,
            "workflow_id": schemas.STRING,
            "sort_by": {"enum": ["created_at", "execution_duration"]},
            "sort_order": {"enum": ["asc", "desc"]},
            **_PAGE,
        },
    ),
    Route("GET", "/api/jobs/{id}", get_job, "One job", answer=schemas.JOB),
)
