"""One PostgreSQL for several servers: restarted under them, and with servers that are taken for one another."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from darkroom.service.contracts import State
from darkroom.service.jobs import database
from darkroom.service.jobs.rows import StoreBroken
from darkroom.service.jobs.store import Store
from tests.service.jobs import postgres
from tests.service.jobs.helpers import DONE, LEASE, Clock, begun, ids, in_loop, new, opened

T = TypeVar("T")


async def insist(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer, as the server and careful clients do."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(StoreBroken):
                return await ask()
            await asyncio.sleep(0.02)


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.NOT_INSTALLED)
@in_loop
async def test_a_postgresql_that_crashes_and_comes_back_loses_no_job_and_doubles_none() -> None:
    count, ended = 120, Counter[str]()
    restarted = asyncio.Event()

    async def accepts(store: Store) -> None:
        for number in range(count):
            await insist(partial(store.accept, new(f"job-{number}")))
            if number == count // 2:
                await restarted.wait()

    async def runs(store: Store, worker: str) -> None:
        while sum(ended.values()) < count:
            job = await insist(partial(store.claim, worker, LEASE))
            if job is None:
                await asyncio.sleep(0.005)
                continue
            done, _ = await insist(partial(store.finish, job.id, job.token, DONE))
            ended[job.id] += done

    with postgres.server() as folder:
        async with opened(postgres.url(folder), "one") as one, opened(postgres.url(folder), "two") as two:
            working = [asyncio.create_task(each) for each in (accepts(one), runs(one, "v"), runs(two, "w"))]
            while sum(ended.values()) < 20:
                await asyncio.sleep(0.005)
            await asyncio.to_thread(postgres.stop, Path(folder))
            with pytest.raises(StoreBroken):
                await two.queued()
            await asyncio.to_thread(postgres.start, Path(folder))
            restarted.set()
            await asyncio.gather(*working)
            assert len(ended) == count and set(ended.values()) == {1}
            assert await insist(two.remaining) == 0
            assert sorted(ids(await one.history(None, None))) == sorted(ended)


@in_loop
async def test_a_second_server_of_the_same_name_is_refused_and_disturbs_nobody(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "NAME_SECONDS", 0.1)
    async with opened(postgres_url, "same") as first:
        await first.accept(new("a"))
        job = await begun(first)
        with pytest.raises(StoreBroken, match=r"another server with the name same .*--name"):
            await Store(postgres_url, "same", Clock()).open()
        assert ids(await first.running()) == ["a"]
        assert await first.finish("a", job.token, DONE) == (True, None)
    async with opened(postgres_url, "same"):
        pass


@in_loop
async def test_a_name_that_was_lost_with_its_connection_is_taken_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "NAME_SECONDS", 0.1)
    async with opened(postgres_url, "same") as first:
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        await first.accept(new("a"))
        with pytest.raises(StoreBroken, match="another server with the name same"):
            await Store(postgres_url, "same", Clock()).open()


@in_loop
async def test_what_a_worker_finishes_after_another_server_took_its_job_is_dropped(postgres_url: str) -> None:
    clock = Clock()
    async with opened(postgres_url, "slept", clock) as slept, opened(postgres_url, "awake", clock) as awake:
        await slept.accept(new("a"))
        await slept.accept(new("b"))
        old = await begun(slept)
        clock.pass_seconds(LEASE + 1)
        assert ids(await awake.sweep()) == ["a"]
        again = await begun(awake)
        assert (again.id, again.token) == ("a", old.token + 1)
        done, following = await slept.finish("a", old.token, DONE, "v", LEASE)
        assert not done and following is not None and following.id == "b"
        assert await slept.requeue("a", old.token, "its worker died", death=True) is None
        assert await slept.renew([("a", old.token)], LEASE) == [("a", old.token)]
        assert await awake.finish("a", again.token, DONE) == (True, None)
        assert await slept.finish("a", old.token, DONE) == (False, None)
        kept = await slept.get("a")
        assert kept is not None and (kept.state, kept.token, kept.deaths) == (State.DONE, again.token, 0)


@in_loop
async def test_commits_are_durable_even_where_the_server_is_set_up_otherwise(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER DATABASE queue SET synchronous_commit = off")
        try:
            found = database.Database(postgres_url, "one")
            with found.transaction(durable=True) as writing:
                assert writing.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            with found.transaction(durable=False) as writing:
                assert writing.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"
            found.close()
        finally:
            connection.execute("ALTER DATABASE queue RESET synchronous_commit")
