"""What changes jobs, each within a transaction that others may share.

Order: jobs that are `strict` (front, an explicit number, or put in order by a person, see `ordering`) go by number.
All others are served in turns, by start-time fair queueing (Goyal, Vin and Cheng 1996): a job's turn is the one after
its client's last job, but not before the turn that is due now, so a client that has just been served waits for the
others. Where both wait, the smaller number goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Text, bindparam, delete, func, insert, select, update

from darkroom.service.contracts import Accepted, Job, NewJob, Result, State
from darkroom.service.jobs.rows import (
    Retention,
    columns_of,
    escaped,
    job_of,
    lane,
    result_columns,
    result_reason,
    unescaped,
)
from darkroom.service.jobs.tables import COUNTERS, JOBS, PAYLOADS, RESULTS, WAITING, WHOLE, AnyRow

MAXIMUM_DEATHS = 3
MAXIMUM_ATTEMPTS = 10
CHUNK = 500
DAY_MILLISECONDS = 86_400_000

QUEUED, RUNNING = str(State.QUEUED), str(State.RUNNING)
HELD = (JOBS.c.id == bindparam("held_id")) & (JOBS.c.token == bindparam("held_token")) & (JOBS.c.state == RUNNING)

READ_COUNTERS = select(COUNTERS.c.number, COUNTERS.c.turn).with_for_update()
SET_NUMBER = update(COUNTERS).values(number=bindparam("to"))
RAISE_TURN = update(COUNTERS).where(COUNTERS.c.turn < bindparam("to")).values(turn=bindparam("to"))
NUMBER_OF = select(JOBS.c.number).where(JOBS.c.id == bindparam("of"))
LAST_TURN = select(func.max(JOBS.c.turn)).where(JOBS.c.lane == bindparam("of"))
INSERT_JOB = insert(JOBS).returning(JOBS.c.seq)
INSERT_PAYLOAD = insert(PAYLOADS)
INSERT_RESULT = insert(RESULTS)
WAITS = WAITING.where(JOBS.c.state == QUEUED).limit(1).with_for_update(of=JOBS, skip_locked=True)
NEXT_STRICT = WAITS.where(JOBS.c.strict == 1).order_by(JOBS.c.number, JOBS.c.seq)
NEXT_FAIR = WAITS.where(JOBS.c.strict == 0).order_by(JOBS.c.turn, JOBS.c.number, JOBS.c.seq)
START = (
    update(JOBS)
    .where(JOBS.c.seq == bindparam("of"))
    .values(
        state=RUNNING,
        token=JOBS.c.token + 1,
        attempts=JOBS.c.attempts + 1,
        started=bindparam("to_started"),
        worker=bindparam("to_worker"),
        server=bindparam("to_server"),
        lease=bindparam("to_lease"),
    )
)
RENEW = update(JOBS).where(HELD).values(lease=bindparam("to_lease"))
END = (
    update(JOBS)
    .where(HELD)
    .values(
        state=bindparam("to_state"),
        ended=bindparam("to_ended"),
        lease=None,
        reason=func.coalesce(bindparam("to_reason", type_=Text), JOBS.c.reason),
    )
    .returning(JOBS.c.seq)
)
ENDED_BY = select(JOBS.c.seq).where(
    (JOBS.c.id == bindparam("of")) & (JOBS.c.token == bindparam("by")) & (JOBS.c.state == bindparam("as"))
)
READ_HELD = select(JOBS.c.seq, JOBS.c.attempts, JOBS.c.deaths).where(HELD).with_for_update()
CANCEL = (
    update(JOBS)
    .where(JOBS.c.state == QUEUED)
    .values(state=str(State.CANCELLED), ended=bindparam("to_ended"))
    .returning(JOBS.c.seq, JOBS.c.id)
)
BY_SEQ = WHOLE.where(JOBS.c.seq == bindparam("of"))
NOTHING = result_columns(Result(State.CANCELLED))


@dataclass
class Transaction:
    """What operations share within one commit. server: our name; now: in milliseconds.

    afterwards: what to do in memory once the commit is through, in order
    """

    connection: Connection
    server: str
    now: int
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    remaining: int = 0
    _number: int | None = None
    _set_number: int | None = None
    _turn: int = -1
    _raised: int = -1

    def counters(self) -> tuple[int, int]:
        """The next number, and the turn that is due. From here to the commit no other server accepts a job."""
        if self._number is None:
            self._number, turn = self.connection.execute(READ_COUNTERS).one()
            self._turn = max(self._turn, turn)
        return self._number, self._turn

    def advance(self) -> None:
        if self._number is not None:
            self._number = self._set_number = self._number + 1

    def served(self, turn: int) -> None:
        if turn > self._turn:
            self._turn = self._raised = turn

    def before_commit(self) -> None:
        if self._set_number is not None:
            self.connection.execute(SET_NUMBER, {"to": self._set_number})
        if self._raised >= 0:
            self.connection.execute(RAISE_TURN, {"to": self._raised})


def accept(tx: Transaction, job: NewJob) -> Accepted:
    """Queue a job, unless one of its id is there already."""
    columns, payload = columns_of(job, tx.now)
    counter, due = tx.counters()
    stored = tx.connection.execute(NUMBER_OF, {"of": columns["id"]}).scalar()
    if stored is not None:
        return Accepted(job.id, stored, False)
    if job.number is not None:
        number = float(job.number)
    else:
        number = float(-counter if job.front and counter else counter)
        tx.advance()
    strict = job.front or job.number is not None
    turn = -1
    if not strict:
        last = tx.connection.execute(LAST_TURN, {"of": lane(job.client)}).scalar()
        turn = max(due, 0 if last is None else last + 1)
    columns.update(number=number, strict=int(strict), turn=turn)
    seq = tx.connection.execute(INSERT_JOB, columns).scalar_one()
    tx.connection.execute(INSERT_PAYLOAD, {"job": seq, **payload})
    tx.remaining += 1
    return Accepted(job.id, number, True)


def claim(tx: Transaction, worker: str, lease_milliseconds: int) -> Job | None:
    """Start the job that is next."""
    strict = tx.connection.execute(NEXT_STRICT).first()
    fair = tx.connection.execute(NEXT_FAIR).first()
    row = strict if strict is not None and (fair is None or strict.number <= fair.number) else fair
    if row is None:
        return None
    started = {
        "to_started": tx.now,
        "to_worker": worker,
        "to_server": tx.server,
        "to_lease": tx.now + lease_milliseconds,
    }
    tx.connection.execute(START, {"of": row.seq, **started})
    tx.served(row.turn)
    return replace(
        job_of(row),
        state=State.RUNNING,
        started=tx.now,
        worker=worker,
        token=row.token + 1,
        attempts=row.attempts + 1,
    )


def renew(tx: Transaction, held: Sequence[tuple[str, int]], lease_milliseconds: int) -> list[tuple[str, int]]:
    """Lengthen leases; returns those that are no longer held."""
    lost = []
    for id, token in held:
        values = {"held_id": escaped(id), "held_token": token, "to_lease": tx.now + lease_milliseconds}
        if tx.connection.execute(RENEW, values).rowcount == 0:
            lost.append((id, token))
    return lost


def finish(tx: Transaction, id: str, token: int, result: Result) -> bool:
    """Keep the result of an attempt, unless its token is stale."""
    columns = result_columns(result)
    values = {"held_id": escaped(id), "held_token": token, "to_state": str(result.state), "to_ended": tx.now}
    seq = tx.connection.execute(END, {**values, "to_reason": result_reason(result)}).scalar()
    if seq is None:
        return False
    tx.connection.execute(INSERT_RESULT, {"job": seq, "ran": 1, **columns})
    tx.remaining -= 1
    return True


def was_finished(tx: Transaction, id: str, token: int, state: State) -> bool:
    """Whether this attempt ended so already."""
    found = tx.connection.execute(ENDED_BY, {"of": escaped(id), "by": token, "as": str(state)}).scalar()
    return found is not None


def requeue(
    tx: Transaction, id: str, token: int, reason: str, *, death: bool, aside: Result | None = None
) -> State | None:
    """Put a lost attempt back into the queue, or aside if that happened too often; None where the token is stale."""
    row = tx.connection.execute(READ_HELD, {"held_id": escaped(id), "held_token": token}).first()
    return None if row is None else put_back(tx, row, reason, death=death, aside=aside)


def put_back(tx: Transaction, row: AnyRow, reason: str, *, death: bool, aside: Result | None = None) -> State:
    """row: seq, attempts and deaths of a running job that no worker runs any more. aside: its result if set aside"""
    deaths = row.deaths + death
    values: dict[str, Any] = {"deaths": deaths, "lease": None, "server": None}
    told = why_aside(deaths, row.attempts, reason)
    state = State.QUEUED if told is None else State.SET_ASIDE
    if told is None:
        values.update(state=QUEUED, reason=escaped(reason), worker=None, started=None)
    else:
        values.update(state=str(state), reason=escaped(told), ended=tx.now)
    tx.connection.execute(update(JOBS).where(JOBS.c.seq == row.seq).values(values))
    if told is not None:
        kept = NOTHING if aside is None else result_columns(aside)
        tx.connection.execute(INSERT_RESULT, {"job": row.seq, "ran": 1, **kept})
        tx.remaining -= 1
    return state


def why_aside(deaths: int, attempts: int, last: str) -> str | None:
    """Why a job is tried no more, or None where it is."""
    if deaths >= MAXIMUM_DEATHS:
        return f"set aside: its worker died {deaths} times while it ran; the last time: {last}"
    if attempts >= MAXIMUM_ATTEMPTS:
        return f"set aside: it was begun {attempts} times and never ended; the last time: {last}"
    return None


def take_back(tx: Transaction, *, own: bool, foreign: bool = False, held: Container[str] = ()) -> list[Job]:
    """Put back running jobs whose lease ran out or is void; returns them as they are then.

    own, foreign: leases of this server's name, and of others, are void whether they ran out or not
    held: ids of jobs that this server knows to be running
    """
    runs = select(JOBS).where(JOBS.c.state == RUNNING).order_by(JOBS.c.seq)
    if not (own and foreign):
        void = JOBS.c.lease < tx.now
        runs = runs.where(void | (JOBS.c.server == tx.server) if own else void)
    # At the start we wait for what our former self may still have locked; later, who holds a lock is alive.
    found = tx.connection.execute(runs.with_for_update(skip_locked=not own))
    rows = [row for row in found if row.server != tx.server or unescaped(row.id) not in held]
    for row in rows:
        reason = f"the server stopped while it ran (attempt {row.attempts}, worker {row.worker})"
        put_back(tx, row, reason, death=False)
    return [job_of(tx.connection.execute(BY_SEQ, {"of": row.seq}).one()) for row in rows]


def cancel_queued(tx: Transaction, ids: Sequence[str] | None) -> list[str]:
    """Cancel jobs that wait; returns their ids."""
    rows: list[AnyRow] = []
    for chosen in chunks(ids):
        statement = CANCEL if chosen is None else CANCEL.where(JOBS.c.id.in_(chosen))
        rows += tx.connection.execute(statement, {"to_ended": tx.now}).all()
    if rows:
        rows.sort(key=lambda row: row.seq)
        tx.connection.execute(INSERT_RESULT, [{"job": row.seq, "ran": 0, **NOTHING} for row in rows])
    tx.remaining -= len(rows)
    return [unescaped(row.id) for row in rows]


def forget(tx: Transaction, ids: Sequence[str] | None) -> None:
    """Delete ended jobs, with all that belongs to them."""
    for chosen in chunks(ids):
        ended = delete(JOBS).where(JOBS.c.ended.is_not(None))
        tx.connection.execute(ended if chosen is None else ended.where(JOBS.c.id.in_(chosen)))


def chunks(ids: Sequence[str] | None) -> list[list[str] | None]:
    """Ids as columns, in parts that a statement can hold; [None] for all jobs."""
    if ids is None:
        return [None]
    columns = [escaped(id) for id in dict.fromkeys(ids)]
    return [columns[start : start + CHUNK] for start in range(0, len(columns), CHUNK)]


def prune(tx: Transaction, retention: Retention) -> None:
    """Delete ended jobs that are too many or too old."""
    if retention.entries:
        newest = select(RESULTS.c.seq).order_by(RESULTS.c.seq.desc()).offset(retention.entries).limit(1)
        last = tx.connection.execute(newest).scalar()
        if last is not None:
            tx.connection.execute(
                delete(JOBS).where(JOBS.c.seq.in_(select(RESULTS.c.job).where(RESULTS.c.seq <= last)))
            )
    if retention.days:
        tx.connection.execute(delete(JOBS).where(JOBS.c.ended < tx.now - round(retention.days * DAY_MILLISECONDS)))
