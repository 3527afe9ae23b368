"""A job as columns and back. Texts are kept as ASCII JSON: NUL, lone surrogates and NaN survive any database so."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkroom.service.contracts import ENDED, Job, NewJob, Result, State

MAXIMUM_ID_BYTES = 1_000
MAXIMUM_MILLISECONDS = 1 << 53


class StoreBroken(Exception):
    """The database cannot be used now (disk full, unreachable, damaged). Nothing of the request was kept."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long ended jobs are kept: at most so many, at most so old. 0 is for ever."""

    entries: int = 10_000
    days: float = 0.0


def dumped(value: Any) -> str:
    """JSON of a value. Raises ValueError where it has none."""
    try:
        return json.dumps(value, separators=(",", ":"), default=_plain)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"a job's data must be JSON: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | set | frozenset):
        return list(value)
    raise TypeError(f"a {type(value).__name__} is no JSON")


def escaped(text: str) -> str:
    """A text for a column: printable ASCII stays as it is."""
    return json.dumps(text)[1:-1]


def unescaped(column: str) -> str:
    return json.loads(f'"{column}"') if "\\" in column else column


def lane(client: str | None) -> int:
    """A client as a signed number of 64 bits: short to index, whatever clients call themselves."""
    if client is None:
        return 0
    digest = hashlib.blake2b(client.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def workflow_id(extra_data: Mapping[str, Any]) -> str | None:
    """The id of the drawn workflow that a job came from, as the editor sends it."""
    value: Any = extra_data
    for key in ("extra_pnginfo", "workflow", "id"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def checked(job: NewJob) -> None:
    """Raises ValueError for what no queue can order or find again."""
    if not job.id or len(escaped(job.id)) > MAXIMUM_ID_BYTES:
        raise ValueError(f"prompt_id: wants 1 to {MAXIMUM_ID_BYTES} characters, but came with {len(job.id)}")
    if job.number is not None and not math.isfinite(job.number):
        raise ValueError(f"number: wants a finite number, but came as {job.number}")


def columns_of(job: NewJob, now: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns of `jobs` (without its place in the order) and of `payloads` (without its job)."""
    created = job.extra_data.get("create_time")
    known = isinstance(created, int) and 0 <= created < MAXIMUM_MILLISECONDS
    workflow = workflow_id(job.extra_data)
    columns = {
        "id": escaped(job.id),
        "state": str(State.QUEUED),
        "client": None if job.client is None else escaped(job.client),
        "lane": lane(job.client),
        "workflow": None if workflow is None else escaped(workflow),
        "created": created if known else now,
    }
    payload = {
        "prompt": dumped(job.prompt),
        "targets": dumped(list(job.targets)),
        "extra_data": dumped(job.extra_data),
    }
    return columns, payload


def result_columns(result: Result) -> dict[str, Any]:
    """Columns of `results`, without its job."""
    if result.state not in ENDED:
        raise ValueError(f"a result's state is one of {', '.join(ENDED)}, not {result.state}")
    return {
        "outputs": dumped(result.outputs),
        "meta": dumped(result.meta),
        "messages": dumped(result.messages),
        "error": None if result.error is None else dumped(result.error),
        "explain": dumped(result.explain),
    }


def result_reason(result: Result) -> str | None:
    """Why a job ended without a node's fault, where its error says so."""
    if result.error is None or result.error.get("node_id"):
        return None
    message = result.error.get("exception_message") or result.error.get("message")
    return escaped(message) if isinstance(message, str) else None


def job_of(row: Any) -> Job:
    """The job of a row of `tables.WHOLE` (or `tables.WAITING`, which has no result)."""
    state = State(row.state)
    outputs = getattr(row, "outputs", None)
    result = None
    if outputs is not None:
        result = Result(
            state,
            json.loads(outputs),
            json.loads(row.meta),
            json.loads(row.messages),
            None if row.error is None else json.loads(row.error),
            json.loads(row.explain),
        )
    return Job(
        id=unescaped(row.id),
        number=row.number,
        state=state,
        prompt=json.loads(row.prompt),
        targets=json.loads(row.targets),
        extra_data=json.loads(row.extra_data),
        client=None if row.client is None else unescaped(row.client),
        created=row.created,
        started=row.started,
        ended=row.ended,
        worker=row.worker,
        token=row.token,
        attempts=row.attempts,
        deaths=row.deaths,
        reason=None if row.reason is None else unescaped(row.reason),
        result=result,
    )
