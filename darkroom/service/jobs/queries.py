"""What reads jobs; each takes a connection of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection, bindparam, func, select

from darkroom.service.contracts import Job, JobQuery, Past, State
from darkroom.service.jobs.rows import escaped, job_of, unescaped
from darkroom.service.jobs.tables import JOBS, PAYLOADS, RESULTS, WAITING, WHOLE, Rows

BY_ID = WHOLE.where(JOBS.c.id == bindparam("of"))
RUNS = WAITING.where(JOBS.c.state == str(State.RUNNING)).order_by(JOBS.c.started, JOBS.c.seq)
WAITS = WAITING.where(JOBS.c.state == str(State.QUEUED))
STRICT = WAITS.where(JOBS.c.strict == 1).order_by(JOBS.c.number, JOBS.c.seq)
FAIR = WAITS.where(JOBS.c.strict == 0).order_by(JOBS.c.turn, JOBS.c.number, JOBS.c.seq)
HISTORY = WHOLE.where(RESULTS.c.ran == 1)
SHOWED = (RESULTS.c.ran == 1) & RESULTS.c.outputs.contains('"filename"')
PAST: Rows = (
    select(
        *(RESULTS.c.seq, JOBS.c.id, JOBS.c.state, JOBS.c.started, JOBS.c.ended, PAYLOADS.c.prompt, RESULTS.c.outputs)
    )
    .select_from(JOBS.join(PAYLOADS).join(RESULTS, RESULTS.c.job == JOBS.c.seq))
    .where(SHOWED)
    .order_by(RESULTS.c.seq.desc())
)
LENGTHS = (
    select(RESULTS.c.seq, (func.length(PAYLOADS.c.prompt) + func.length(RESULTS.c.outputs)).label("letters"))
    .select_from(PAYLOADS.join(RESULTS, RESULTS.c.job == PAYLOADS.c.job))
    .where(SHOWED)
    .order_by(RESULTS.c.seq.desc())
)
PAGE_LETTERS = 32 * 2**20
"""Of graphs and outputs in one page of the past; a single job may have more."""

REMAINING = select(func.count()).where(JOBS.c.state.in_([str(State.QUEUED), str(State.RUNNING)]))
DURATION = func.coalesce(JOBS.c.ended - JOBS.c.started, 0)
SORTS = {"created_at": JOBS.c.created, "execution_duration": DURATION}


def get(connection: Connection, id: str) -> Job | None:
    row = connection.execute(BY_ID, {"of": escaped(id)}).first()
    return None if row is None else job_of(row)


def running(connection: Connection) -> list[Job]:
    return [job_of(row) for row in connection.execute(RUNS)]


def queued(connection: Connection) -> list[Job]:
    """In the order in which they would run if nothing came any more."""
    strict = [job_of(row) for row in connection.execute(STRICT)]
    fair = [job_of(row) for row in connection.execute(FAIR)]
    return list(merged(strict, fair))


class Numbered(Protocol):
    """A job, or a row of one."""

    @property
    def number(self) -> float: ...


AnyJob = TypeVar("AnyJob", bound=Numbered)


def merged(strict: Sequence[AnyJob], fair: Sequence[AnyJob]) -> Iterator[AnyJob]:
    """Of the two heads the one with the smaller number first, as `operations.claim` has it."""
    waiting = iter(strict)
    head = next(waiting, None)
    for job in fair:
        while head is not None and head.number <= job.number:
            yield head
            head = next(waiting, None)
        yield job
    if head is not None:
        yield head
        yield from waiting


def remaining(connection: Connection) -> int:
    return connection.execute(REMAINING).scalar_one()


def history(connection: Connection, max_items: int | None, offset: int | None) -> list[Job]:
    """Oldest first. A missing or negative offset: the newest `max_items`."""
    if max_items is not None and max_items <= 0:
        return []
    if max_items is not None and (offset is None or offset < 0):
        newest = connection.execute(HISTORY.order_by(RESULTS.c.seq.desc()).limit(max_items)).all()
        return [job_of(row) for row in reversed(newest)]
    oldest: Rows = HISTORY.order_by(RESULTS.c.seq).limit(max_items)
    return [job_of(row) for row in connection.execute(oldest.offset(max(offset or 0, 0)))]


def page(connection: Connection, query: JobQuery) -> tuple[list[Job], int]:
    """One page, and how many jobs there are on all pages."""
    counted = select(func.count()).select_from(JOBS)
    chosen: Rows = WHOLE
    if query.states:
        within = JOBS.c.state.in_([str(state) for state in query.states])
        counted, chosen = counted.where(within), chosen.where(within)
    if query.workflow_id is not None:
        same = JOBS.c.workflow == escaped(query.workflow_id)
        counted, chosen = counted.where(same), chosen.where(same)
    keys = (SORTS[query.sort_by], JOBS.c.seq)
    ordered = chosen.order_by(*(key.desc() if query.descending else key.asc() for key in keys))
    rows = connection.execute(ordered.limit(query.limit).offset(query.offset))
    return [job_of(row) for row in rows], connection.execute(counted).scalar_one()


def past(connection: Connection, limit: int, before: int | None) -> tuple[list[Past], int]:
    """Ended jobs that showed files, newest first, and how many there are in all; fewer where they are very large."""
    below = () if before is None else (RESULTS.c.seq < before,)
    taken, letters = 0, 0
    for row in connection.execute(LENGTHS.where(*below).limit(limit)):
        letters += row.letters
        if taken and letters > PAGE_LETTERS:
            break
        taken += 1
    found = [
        Past(
            at=row.seq,
            id=unescaped(row.id),
            state=State(row.state),
            prompt=json.loads(row.prompt),
            outputs=json.loads(row.outputs),
            started=row.started,
            ended=row.ended,
        )
        for row in connection.execute(PAST.where(*below).limit(taken))
    ]
    counted = select(func.count()).select_from(RESULTS).where(SHOWED)
    return found, connection.execute(counted).scalar_one()
