"""The order that a person gives to the jobs that wait, as a change within a transaction that others may share."""

from __future__ import annotations

import math
import sys

from sqlalchemy import bindparam, select, update

from darkroom.service.contracts import State
from darkroom.service.jobs.operations import Transaction
from darkroom.service.jobs.queries import merged
from darkroom.service.jobs.rows import escaped, unescaped
from darkroom.service.jobs.tables import JOBS, AnyRow

WAITING = (
    select(JOBS.c.seq, JOBS.c.id, JOBS.c.number, JOBS.c.strict)
    .where(JOBS.c.state == str(State.QUEUED))
    .order_by(JOBS.c.strict, JOBS.c.turn, JOBS.c.number, JOBS.c.seq)
    .with_for_update(skip_locked=True)
)
PIN = update(JOBS).where(JOBS.c.seq == bindparam("of")).values(strict=1, number=bindparam("to_number"))


def move(tx: Transaction, id: str, before: str | None) -> list[str] | None:
    """Put a waiting job before another, or at the end; the ids of all that wait, or None where one of them does not.

    All that wait become strict, under the numbers that they have among them: what comes later goes where it would have
    gone. Fair turns cannot express an order that somebody chose.
    """
    tx.counters()  # no other server accepts a job from here to the commit
    rows = list(tx.connection.execute(WAITING))  # without those that another server is just starting
    fair = [row for row in rows if not row.strict]
    strict = sorted((row for row in rows if row.strict), key=lambda row: (row.number, row.seq))
    order: list[AnyRow] = list(merged(strict, fair))
    places = {row.id: place for place, row in enumerate(order)}
    moved, follower = places.get(escaped(id)), None if before is None else places.get(escaped(before))
    if moved is None or (before is not None and follower is None):
        return None
    if moved != follower:
        row = order.pop(moved)
        order.insert(len(order) if follower is None else follower - (moved < follower), row)
        _pin(tx, order)
    return [unescaped(row.id) for row in order]


def _pin(tx: Transaction, order: list[AnyRow]) -> None:
    changed = [
        {"of": row.seq, "to_number": number}
        for row, number in zip(order, rising([row.number for row in order]), strict=True)
        if (row.number, row.strict) != (number, 1)
    ]
    if changed:
        tx.connection.execute(PIN, changed)


def rising(numbers: list[float]) -> list[float]:
    """The numbers in order, equal ones moved apart as little as possible; all are finite."""
    found: list[float] = []
    for number in sorted(numbers):
        found.append(max(number, math.nextafter(found[-1], math.inf)) if found else number)
    highest = sys.float_info.max
    for place in reversed(range(len(found))):
        if found[place] <= highest:
            break
        found[place] = highest
        highest = math.nextafter(highest, -math.inf)
    return found
