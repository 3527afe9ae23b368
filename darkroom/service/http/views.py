"""Jobs as clients see them: the item of a queue, the entry of history, and the job of /api/jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from darkroom.service.contracts import Job, Result, State
from darkroom.service.http.answers import whole

STATUSES: Mapping[str, tuple[State, ...]] = {
    "pending": (State.QUEUED,),
    "in_progress": (State.RUNNING,),
    "completed": (State.DONE,),
    "failed": (State.FAILED, State.CANCELLED, State.SET_ASIDE),
}
"""The status of /api/jobs, and the states it stands for."""

STATUS_OF = {state: status for status, states in STATUSES.items() for state in states}

MEDIA = ("images", "gifs", "video", "videos", "audio", "3d")
"""Keys of a ui whose items can be looked at."""


def queue_item(job: Job) -> list[Any]:
    """[number, id, prompt, extra_data, outputs]."""
    return [whole(job.number), job.id, job.prompt, job.extra_data, list(job.targets)]


def history_entry(job: Job) -> dict[str, Any]:
    """The entry of an ended job."""
    result = job.result or Result(job.state)
    return {
        "prompt": queue_item(job),
        "outputs": result.outputs,
        "meta": result.meta,
        "status": status(job, result),
    }


def status(job: Job, result: Result) -> dict[str, Any]:
    """`reason` is ours: why a job ended that no node's failure explains."""
    done = job.state is State.DONE
    found = {"status_str": "success" if done else "error", "completed": done, "messages": result.messages}
    return {**found, "reason": job.reason} if job.reason and not done else found


def job_item(job: Job) -> dict[str, Any]:
    """The job of a list; keys that say nothing are left out."""
    items = list(_shown(job.result.outputs)) if job.result else []
    found = {
        "id": job.id,
        "status": STATUS_OF[job.state],
        "priority": whole(job.number),
        "create_time": job.extra_data.get("create_time", job.created),
        "execution_start_time": job.started,
        "execution_end_time": job.ended,
        "execution_error": job.result.error if job.result else None,
        "outputs_count": len(items) if job.result else None,
        "preview_output": _preview(items),
        "workflow_id": workflow_id(job),
    }
    return {key: value for key, value in found.items() if value is not None}


def job_detail(job: Job) -> dict[str, Any]:
    """A job with its outputs and what it was made of."""
    found = {**job_item(job), "workflow": {"prompt": job.prompt, "extra_data": job.extra_data}}
    if job.result is not None:
        found |= {"outputs": job.result.outputs, "execution_status": status(job, job.result)}
    return found


def workflow_id(job: Job) -> str | None:
    """The id of the drawing that a job was queued from."""
    place: Any = job.extra_data
    for key in ("extra_pnginfo", "workflow", "id"):
        place = place.get(key) if isinstance(place, Mapping) else None
    return place if isinstance(place, str) else None


def _shown(outputs: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(node, key, item) of all that nodes have shown."""
    for node, ui in outputs.items():
        for key, items in ui.items() if isinstance(ui, Mapping) else ():
            if key != "animated" and isinstance(items, list | tuple):
                yield from ((node, key, item) for item in items)


def _preview(items: list[tuple[str, str, Any]]) -> dict[str, Any] | None:
    """The first saved picture, or else the first that is only shown."""
    files = [
        {**item, "nodeId": node, "mediaType": key}
        for node, key, item in items
        if key in MEDIA and isinstance(item, Mapping) and "filename" in item
    ]
    saved = [each for each in files if each.get("type") == "output"]
    return next(iter(saved or files), None)
