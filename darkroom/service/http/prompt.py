"""GET and POST /prompt: the door of every job."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from darkroom.service.contracts import SERVICE, NewJob, Refused, Route, Service, WorkerGone
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer, whole
from darkroom.service.http.body import read_json_object
from darkroom.service.http.checked import Found, Verdict, found_in, judged_verdict
from darkroom.service.http.submission import Submission, submission
from darkroom.service.socket.handler import tell_queue

log = logging.getLogger(__name__)

HOOK_SECONDS = 10.0


async def get_prompt(request: web.Request) -> web.Response:
    """How many jobs wait or run."""
    return answer({"exec_info": {"queue_remaining": await request.app[SERVICE].store.remaining()}})


async def post_prompt(request: web.Request) -> web.Response:
    """Check a graph and queue what of it can run; committed before the answer."""
    service = request.app[SERVICE]
    body = await _hooked(service, await read_json_object(request))
    asked = submission(body)
    found = await found_in(service, asked.document, asked.is_drawn, asked.targets, asked.run_to)
    decided = await judged_verdict(service, found)
    if not decided.targets:
        return answer({"error": decided.refused, "node_errors": decided.nodes}, 400)
    waiting = await service.store.remaining()
    if waiting >= service.facts.limits.queued_jobs:
        raise Refused(429, f"{waiting} jobs wait already", type="queue_full", remedy="wait until some of them have run")
    accepted = await service.store.accept(_job(asked, found, decided))
    if accepted.is_new:
        service.workers.wake()
        await tell_queue(service)
    return answer({"prompt_id": accepted.id, "number": whole(accepted.number), "node_errors": decided.nodes})


def _job(asked: Submission, found: Found, decided: Verdict) -> NewJob:
    extra: Mapping[str, Any] = asked.extra_data
    if found.drawn.workflow is not None:
        extra = {**extra, "extra_pnginfo": {**(extra.get("extra_pnginfo") or {}), "workflow": found.drawn.workflow}}
    return NewJob(
        asked.id,
        decided.prompt,
        decided.targets,
        extra,
        asked.client,
        asked.number,
        asked.front,
        asked.secrets,
    )


async def _hooked(service: Service, body: dict[str, Any]) -> Mapping[str, Any]:
    """The body after the handlers that packs have added. A handler that fails changes nothing."""
    hello = service.workers.hello
    if hello is None or not hello.on_prompt:
        return body
    try:
        said = await service.workers.ask("on_prompt", {"body": body}, HOOK_SECONDS)
    except (WorkerGone, TimeoutError) as error:
        log.warning("packs did not see a prompt before it was queued: %s", error or type(error).__name__)
        return body
    changed = said.data.get("body")
    if said.error is not None or not isinstance(changed, Mapping):
        log.warning("a pack's handler of prompts failed: %s", said.error or "it gave no object")
        return body
    return changed


ROUTES = (
    Route("GET", "/prompt", get_prompt, "How many jobs wait or run", answer=schemas.EXEC_INFO),
    Route(
        "POST",
        "/prompt",
        post_prompt,
        "Check a graph and queue it",
        body=schemas.PROMPT_BODY,
        answer=schemas.ACCEPTED,
    ),
)
