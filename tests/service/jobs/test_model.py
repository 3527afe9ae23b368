"""Whatever is asked in whatever order, the store answers as a few lines of plain Python do."""

import asyncio
import math
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from darkroom.service.contracts import ENDED, JobQuery, Result, State
from darkroom.service.jobs.database import Database
from darkroom.service.jobs.store import Store
from darkroom.service.jobs.tables import COUNTERS, JOBS
from tests.service.jobs.helpers import LEASE, Clock, ids, new, opened

NAMES = [f"job {index}" for index in range(8)]
ENDS = [State.DONE, State.FAILED, State.CANCELLED]


@dataclass
class Entry:
    id: str
    client: str | None
    number: float
    strict: bool
    turn: int
    state: State = State.QUEUED
    token: int = 0
    deaths: int = 0


@dataclass
class Model:
    """The queue in a dict, in order of acceptance. ended: ids in the order in which they ended after having run."""

    jobs: dict[str, Entry] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    counter: int = 0
    due: int = 0

    def accept(self, id: str, client: str | None, number: float | None, front: bool) -> tuple[float, bool]:
        if id in self.jobs:
            return self.jobs[id].number, False
        place = number
        if place is None:
            place = float(-self.counter if front else self.counter)
            self.counter += 1
        strict = front or number is not None
        last = max((job.turn for job in self.jobs.values() if job.client == client), default=-1)
        self.jobs[id] = Entry(id, client, place, strict, -1 if strict else max(self.due, last + 1))
        return place, True

    def order(self) -> list[str]:
        waiting = [job for job in self.jobs.values() if job.state is State.QUEUED]
        strict = sorted((job for job in waiting if job.strict), key=lambda job: job.number)
        fair = sorted((job for job in waiting if not job.strict), key=lambda job: (job.turn, job.number))
        found = []
        while strict or fair:
            first = strict if strict and (not fair or strict[0].number <= fair[0].number) else fair
            found.append(first.pop(0).id)
        return found

    def claim(self) -> tuple[str, int] | None:
        order = self.order()
        if not order:
            return None
        job = self.jobs[order[0]]
        job.state, job.token, self.due = State.RUNNING, job.token + 1, max(self.due, job.turn)
        return job.id, job.token

    def move(self, id: str, before: str | None) -> list[str] | None:
        order = self.order()
        if id not in order or (before is not None and before not in order):
            return None
        if id == before:
            return order
        numbers = sorted(self.jobs[each].number for each in order)
        order.remove(id)
        order.insert(len(order) if before is None else order.index(before), id)
        last = -math.inf
        for each, number in zip(order, numbers, strict=True):
            last = number if number > last else math.nextafter(last, math.inf)
            self.jobs[each].number, self.jobs[each].strict = last, True
        return order

    def held(self, id: str, token: int) -> Entry | None:
        job = self.jobs.get(id)
        return job if job is not None and job.state is State.RUNNING and job.token == token else None

    def end(self, job: Entry, state: State) -> None:
        job.state = state
        self.ended.append(job.id)

    def lose(self, job: Entry, death: bool) -> State:
        job.deaths += death
        if job.deaths >= 3 or job.token >= 10:
            self.end(job, State.SET_ASIDE)
        else:
            job.state = State.QUEUED
        return job.state


name = st.sampled_from(NAMES)
step = st.one_of(
    st.tuples(
        st.just("accept"),
        name,
        st.sampled_from([None, "a", "b"]),
        st.one_of(st.none(), st.none(), st.integers(-3, 9).map(float)),
        st.sampled_from([False, False, False, True]),
    ),
    st.tuples(st.just("claim")),
    st.tuples(st.just("finish"), name, st.integers(0, 1), st.sampled_from(ENDS), st.booleans()),
    st.tuples(st.just("requeue"), name, st.integers(0, 1), st.booleans()),
    st.tuples(st.just("move"), name, st.one_of(st.none(), name)),
    st.tuples(st.just("cancel"), st.one_of(st.none(), st.lists(name, max_size=3))),
    st.tuples(st.just("restart")),
)


async def apply(store: Store, model: Model, what: tuple) -> None:  # type: ignore[type-arg]
    """Ask both the same, and compare their answers."""
    kind, *rest = what
    if kind == "accept":
        id, client, number, front = rest
        accepted = await store.accept(new(id, client, number=number, front=front))
        assert (accepted.number, accepted.is_new) == model.accept(id, client, number, front)
    elif kind == "claim":
        job = await store.claim("w", LEASE)
        assert (None if job is None else (job.id, job.token)) == model.claim()
    elif kind in ("finish", "requeue"):
        id, stale, end, flag = (*rest, None)[:4] if kind == "finish" else (rest[0], rest[1], None, rest[2])
        token = (model.jobs[id].token if id in model.jobs else 1) - stale
        entry = model.held(id, token)
        if kind == "requeue":
            expected = None if entry is None else model.lose(entry, flag)
            assert await store.requeue(id, token, "lost", death=flag) == expected
            return
        if entry is not None:
            model.end(entry, end)
        done, following = await store.finish(id, token, Result(end), "w" if flag else None, LEASE)
        assert done == (entry is not None)
        assert (None if following is None else (following.id, following.token)) == (model.claim() if flag else None)
    elif kind == "move":
        assert await store.move(rest[0], rest[1]) == model.move(rest[0], rest[1])
    elif kind == "cancel":
        chosen = [
            job for job in model.jobs.values() if job.state is State.QUEUED and (not rest[0] or job.id in rest[0])
        ]
        chosen = [] if rest[0] == [] else chosen
        for entry in chosen:
            entry.state = State.CANCELLED
        assert await store.cancel_queued(rest[0]) == [entry.id for entry in chosen]


async def restarted(store: Store, url: str, model: Model) -> Store:
    await store.close()
    again = Store(url, "one", Clock())
    lost = [job for job in model.jobs.values() if job.state is State.RUNNING]
    for entry in lost:
        model.lose(entry, death=False)
    assert ids(await again.open()) == [entry.id for entry in lost]
    return again


async def compare(store: Store, model: Model) -> None:
    states = {job.id: job.state for job in model.jobs.values()}
    assert ids(await store.queued()) == model.order()
    assert sorted(ids(await store.running())) == sorted(id for id, state in states.items() if state is State.RUNNING)
    assert await store.remaining() == sum(state not in ENDED for state in states.values())
    assert ids(await store.history(None, None)) == model.ended
    found, total = await store.page(JobQuery(descending=False))
    assert {job.id: job.state for job in found} == states and total == len(states)


def emptied(url: str) -> None:
    database = Database(url)
    with database.transaction(durable=False) as connection:
        connection.execute(delete(JOBS))
        connection.execute(update(COUNTERS).values(number=0, turn=0))
    database.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, max_size=30))
def test_the_store_answers_as_the_model_does(made_url: str, steps: list[tuple]) -> None:  # type: ignore[type-arg]
    async def play() -> None:
        store, model = Store(made_url, "one", Clock()), Model()
        await store.open()
        try:
            for what in steps:
                if what[0] == "restart":
                    store = await restarted(store, made_url, model)
                else:
                    await apply(store, model, what)
                await compare(store, model)
        finally:
            await store.close()

    emptied(made_url)
    asyncio.run(play())


@pytest.fixture
def made_url(url: str) -> str:
    async def make() -> None:
        async with opened(url):
            pass

    asyncio.run(make())
    return url
