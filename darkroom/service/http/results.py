"""What jobs made, page by page: /api/darkroom/results, for galleries, and taking it away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from darkroom.service.contracts import SERVICE, Facts, Past, Refused, Route
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer
from darkroom.service.http.body import read_json_object
from darkroom.service.http.made_of import made_of
from darkroom.service.http.queue import LARGEST_NUMBER, whole_number
from darkroom.service.http.result_files import Shown, described, removed, shown_in, shown_of
from darkroom.service.words import is_id

PAGE, LARGEST_PAGE = 100, 500
MOST_REMOVED = 10_000
MOST_EXPLAINED = 100
"""Nodes of one job of which it is told what made their pictures: each is a walk through the graph."""


async def get_results(request: web.Request) -> web.Response:
    """Ended jobs with the pictures that they showed and what made those, newest first; without their drawings.

    `next` is what to send as `before` for the page after; null on the last one.
    """
    service = request.app[SERVICE]
    limit, before = whole_number(request, "limit"), whole_number(request, "before")
    if limit is not None and not 1 <= limit <= LARGEST_PAGE:
        raise Refused(400, f"limit is none of 1 to {LARGEST_PAGE}", remedy="send one of those, or leave it out")
    limit = limit or PAGE
    found, total = await service.store.past(limit, before)
    told = await asyncio.to_thread(lambda: [record(service.facts, each) for each in found])
    more = len(found) == limit or (found and (await service.store.past(1, found[-1].at))[0])
    following = found[-1].at if more else None
    return answer({"results": told, "next": following, "total": total})


def record(facts: Facts, job: Past) -> dict[str, Any]:
    """One job, its pictures by the node that showed them. Pictures whose file is gone say so."""
    nodes: dict[str, dict[str, Any]] = {}
    for shown in shown_in(job.outputs):
        picture = described(facts, shown)
        if picture is None:
            continue
        if shown.node not in nodes:
            known = made_of(job.prompt, shown.node) if len(nodes) < MOST_EXPLAINED else {}
            nodes[shown.node] = {"node": shown.node, **known, "pictures": []}
        nodes[shown.node]["pictures"].append(picture)
    told: dict[str, Any] = {
        "id": job.id,
        "at": job.at,
        "state": job.state,
        "ended": job.ended or 0,
        "nodes": list(nodes.values()),
    }
    if job.started is not None and job.ended is not None:
        told["seconds"] = max(0, job.ended - job.started) / 1000
    return told


async def post_removal(request: web.Request) -> web.Response:
    """Forget the jobs of these pictures; with `files`, take the pictures' files away instead, and forget those jobs of
    which nothing is left then. Only files that the named job showed are touched."""
    service = request.app[SERVICE]
    body = await read_json_object(request)
    wanted = wanted_of(body.get("pictures"))
    if body.get("files") is not True:
        await service.store.forget(list(wanted))
        return answer({"forgotten": list(wanted), "deleted": 0, "kept": []})
    gone, deleted, kept = [], 0, []
    for id, pictures in wanted.items():
        job = await service.store.get(id)
        shown = list(shown_in(job.result.outputs)) if job is not None and job.result is not None else []
        keys = {each.key for each in pictures}
        own = [each for each in shown if each.key in keys]
        reasons = await asyncio.to_thread(lambda own=own: [removed(service.facts, each) for each in own])  # type: ignore[misc]
        kept += [
            {"filename": each.filename, "reason": reason}
            for each, reason in zip(own, reasons, strict=True)
            if reason is not None
        ]
        deleted += reasons.count(None)
        if job is not None and await asyncio.to_thread(is_empty, service.facts, shown):
            gone.append(id)
    if gone:
        await service.store.forget(gone)
    return answer({"forgotten": gone, "deleted": deleted, "kept": kept})


def is_empty(facts: Facts, shown: Iterable[Shown]) -> bool:
    """Whether none of these files is there any more."""
    found = (described(facts, each) for each in shown)
    return all(each is None or "gone" in each for each in found)


def wanted_of(pictures: Any) -> dict[str, list[Shown]]:
    """By job. Raises Refused with 400."""
    if not isinstance(pictures, list) or not 0 < len(pictures) <= MOST_REMOVED:
        raise Refused(400, '"pictures" is no list of pictures', remedy=f"send 1 to {MOST_REMOVED} of them")
    found: dict[str, list[Shown]] = {}
    for each in pictures:
        job = each.get("job") if isinstance(each, Mapping) else None
        shown = shown_of("", each)
        if shown is None or not isinstance(job, str) or not is_id(job):
            raise Refused(400, "a picture lacks its job or its name", remedy="send job, filename, subfolder and type")
        found.setdefault(job, []).append(shown)
    return found


PICTURE = schemas.record(
    {"filename": schemas.STRING, "subfolder": schemas.STRING, "type": schemas.STRING},
    {
        "width": schemas.INTEGER,
        "height": schemas.INTEGER,
        "frames": schemas.INTEGER,
        "bytes": schemas.INTEGER,
        "gone": schemas.BOOLEAN,
    },
)
NODE = schemas.record(
    {"node": schemas.STRING, "pictures": schemas.listing(PICTURE)},
    {
        "prompt": schemas.STRING,
        "negative": schemas.STRING,
        "seed": schemas.STRING,
        "loras": schemas.listing(schemas.STRING),
    },
)
RESULT = schemas.record(
    {
        "id": schemas.STRING,
        "at": schemas.INTEGER,
        "state": schemas.STRING,
        "ended": schemas.INTEGER,
        "nodes": schemas.listing(NODE),
    },
    {"seconds": schemas.NUMBER},
)
_WHOLE = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}

ROUTES = (
    Route(
        "GET",
        "/api/darkroom/results",
        get_results,
        "What jobs made, newest first, page by page",
        api=False,
        answer=schemas.record(
            {
                "results": schemas.listing(RESULT),
                "next": {"type": ["integer", "null"]},
                "total": schemas.INTEGER,
            }
        ),
        query={"limit": {**_WHOLE, "minimum": 1, "maximum": LARGEST_PAGE}, "before": _WHOLE},
    ),
    Route(
        "POST",
        "/api/darkroom/results/remove",
        post_removal,
        "Forget jobs, or delete the files that they showed",
        api=False,
        body=schemas.record(
            {
                "pictures": schemas.listing(
                    schemas.record(
                        {"job": schemas.STRING, "filename": schemas.STRING},
                        {"subfolder": schemas.STRING, "type": schemas.STRING},
                    )
                )
            },
            {"files": schemas.BOOLEAN},
        ),
        answer=schemas.record(
            {"forgotten": schemas.IDS, "deleted": schemas.INTEGER, "kept": schemas.listing(schemas.FREE)}
        ),
    ),
)
