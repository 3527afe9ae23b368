"""After a server is gone its jobs run again; while it lives they are its own."""

import asyncio
import errno
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from darkroom.service.contracts import State
from darkroom.service.jobs.database import Database
from darkroom.service.jobs.operations import Transaction, claim, finish
from darkroom.service.jobs.rows import StoreBroken
from darkroom.service.jobs.store import Store, default_url
from tests.service.jobs.helpers import DONE, LEASE, Clock, begun, ids, in_loop, new, opened, run_all


@in_loop
async def test_everything_is_there_after_a_restart(url: str) -> None:
    async with opened(url) as store:
        for id in "abcd":
            await store.accept(new(id))
        job = await begun(store)
        await store.finish("a", job.token, DONE)
        running = await begun(store)
    again = Store(url, "one", Clock())
    (taken,) = await again.open()
    assert (taken.id, taken.state, taken.attempts, taken.token) == ("b", State.QUEUED, 1, running.token)
    assert taken.reason == "the server stopped while it ran (attempt 1, worker w)"
    assert await again.remaining() == 3
    assert ids(await again.history(None, None)) == ["a"]
    assert ids(await again.queued()) == ["b", "c", "d"]
    assert await again.finish("b", running.token, DONE) == (False, None)
    assert await run_all(again) == ["b", "c", "d"]
    await again.close()


@in_loop
async def test_a_job_that_outlives_ten_servers_is_set_aside(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
    for _ in range(10):
        async with opened(url) as store:
            await begun(store)
    store = Store(url, "one", Clock())
    (job,) = await store.open()
    assert job.state is State.SET_ASIDE and job.result is not None
    assert await store.remaining() == 0
    await store.close()


@in_loop
async def test_leases_of_another_server_hold_until_they_run_out(postgres_url: str) -> None:
    clock = Clock()
    async with opened(postgres_url, "one", clock) as one, opened(postgres_url, "two", clock) as two:
        for id in "ab":
            await one.accept(new(id))
        job = await begun(one)
        await begun(two)
        clock.pass_seconds(LEASE - 1)
        assert await two.renew([("b", 1)], LEASE) == []
        assert await two.sweep() == []
        clock.pass_seconds(2)
        (taken,) = await two.sweep()
        assert (taken.id, taken.state) == ("a", State.QUEUED)
        assert await one.renew([("a", job.token)], LEASE) == [("a", job.token)]
        assert await one.sweep() == []
        again = await begun(two)
        assert (again.id, again.token) == ("a", job.token + 1)


@in_loop
async def test_the_own_leases_of_a_server_that_slept_are_left_alone(url: str) -> None:
    clock = Clock()
    async with opened(url, clock=clock) as store:
        await store.accept(new("a"))
        job = await begun(store)
        clock.pass_seconds(LEASE * 100)
        assert await store.sweep() == []
        assert (await store.finish("a", job.token, DONE))[0]


@in_loop
async def test_a_claim_that_its_server_never_heard_of_is_taken_back_when_its_lease_has_run_out(url: str) -> None:
    clock = Clock()
    async with opened(url, clock=clock) as store:
        await store.accept(new("a"))
        database = Database(url)
        with database.transaction(durable=True) as connection:
            assert claim(Transaction(connection, "one", clock()), "w", 1000) is not None
        database.close()
        assert await store.sweep() == []
        clock.pass_seconds(2)
        assert ids(await store.sweep()) == ["a"]
        assert (await begun(store)).token == 2


@in_loop
async def test_finishing_again_after_the_answer_was_lost_says_that_it_is_done(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
        job = await begun(store)
        database = Database(url)
        with database.transaction(durable=True) as connection:
            assert finish(Transaction(connection, "one", 0), "a", job.token, DONE)
        database.close()
        assert await store.finish("a", job.token, DONE) == (True, None)
        assert await store.finish("a", job.token, DONE) == (False, None)
        assert ids(await store.history(None, None)) == ["a"]
        assert await store.remaining() == 0


@in_loop
async def test_a_server_that_starts_takes_back_what_its_name_held_and_what_ran_out(postgres_url: str) -> None:
    clock = Clock()
    async with opened(postgres_url, "one", clock) as one, opened(postgres_url, "two", clock) as two:
        for id in "abc":
            await one.accept(new(id))
        await begun(one)
        await begun(two)
    three = Store(postgres_url, "one", clock)
    assert ids(await three.open()) == ["a"]
    await three.close()
    clock.pass_seconds(LEASE + 1)
    three = Store(postgres_url, "three", clock)
    assert ids(await three.open()) == ["b"]
    await three.close()


@in_loop
async def test_two_servers_share_a_queue_without_doing_a_job_twice(postgres_url: str) -> None:
    count = 150

    async def worker(store: Store, name: str, ran: list[str]) -> None:
        job = await store.claim(name, LEASE)
        while job is not None:
            ran.append(job.id)
            done, job = await store.finish(job.id, job.token, DONE, name, LEASE)
            assert done

    async with opened(postgres_url, "one") as one, opened(postgres_url, "two") as two:
        accepts = [(one, two)[index % 2].accept(new(str(index), str(index % 3))) for index in range(count)]
        numbers = [each.number for each in await asyncio.gather(*accepts)]
        assert sorted(numbers) == list(range(count))
        ran: list[str] = []
        await asyncio.gather(*(worker(store, f"w{lane}", ran) for store in (one, two) for lane in range(3)))
        while await one.remaining():
            await worker(one, "last", ran)
        assert sorted(ran, key=int) == [str(index) for index in range(count)]
        assert len(await two.history(None, None)) == count


@in_loop
async def test_the_same_id_at_two_servers_is_queued_once(postgres_url: str) -> None:
    async with opened(postgres_url, "one") as one, opened(postgres_url, "two") as two:
        for round in range(10):
            same = [store.accept(new(str(round))) for store in (one, two, one, two)]
            assert sum(each.is_new for each in await asyncio.gather(*same)) == 1
        assert await one.remaining() == 10


@in_loop
async def test_two_servers_that_start_at_once_make_the_tables_once(postgres_url: str) -> None:
    stores = [Store(postgres_url, name, Clock()) for name in ("one", "two", "three")]
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        await store.close()


@in_loop
async def test_the_coming_and_the_end_of_a_job_are_on_the_disk_before_the_answer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bool, str]] = []
    transaction = Database.transaction

    @contextmanager
    def seen(self: Database, *, durable: bool) -> Iterator[Connection]:
        with transaction(self, durable=durable) as connection:
            level = "PRAGMA synchronous" if self.is_sqlite else "SHOW synchronous_commit"
            asked.append((durable, str(connection.exec_driver_sql(level).scalar())))
            yield connection

    async with opened(url) as store:
        monkeypatch.setattr(Database, "transaction", seen)
        for id in "ab":
            await store.accept(new(id))
        job = await begun(store)
        await store.renew([("a", job.token)], LEASE)
        await store.finish("a", job.token, DONE)
        job = await begun(store)
        await store.requeue("b", job.token, "lost", death=True)
        await store.cancel_queued(None)
    full, less = ("2", "1") if url.startswith("sqlite") else ("on", "off")
    shared = not url.startswith("sqlite")
    expected = [True, True, shared, False, True, shared, True, True]  # accepts, claim, renew, finish, claim, the rest
    assert asked == [(durable, full if durable else less) for durable in expected]


@in_loop
async def test_a_second_server_on_the_same_file_is_refused(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        with pytest.raises(StoreBroken, match=r"another server \(process \d+\) uses the database of jobs .*--database"):
            await Store(sqlite_url, "two", Clock()).open()
        assert (await store.accept(new("a"))).is_new
    async with opened(sqlite_url, "two") as store:
        assert ids(await store.queued()) == ["a"]


@in_loop
async def test_a_disk_that_knows_no_locks_is_named_as_such(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(file: object, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(StoreBroken, match=r"No locks available.*some network file systems refuse"):
        await Store(sqlite_url, "two").open()


@pytest.mark.parametrize("bad", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", ""])
def test_an_address_of_no_database_is_refused_in_words(bad: str) -> None:
    with pytest.raises(StoreBroken, match="--database: wants sqlite"):
        asyncio.run(Store(bad, "one").open())


def test_a_password_is_not_told() -> None:
    with pytest.raises(StoreBroken) as raised:
        asyncio.run(Store("postgresql+psycopg://me:geheim@/x?host=/nowhere", "one").open())
    assert "cannot be used now" in str(raised.value) and "geheim" not in str(raised.value)


def test_neither_sqlalchemy_nor_alembic_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from darkroom.service.jobs.store import Store, default_url
from pathlib import Path
assert not any(name.partition(".")[0] in ("sqlalchemy", "alembic", "psycopg") for name in sys.modules)
store = Store(default_url(Path({str(tmp_path)!r})), "one")
asyncio.run(store.open())
assert "alembic" not in sys.modules and "psycopg" not in sys.modules
"""
    asyncio.run(made(default_url(tmp_path)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "darkroom.db").exists()


def test_the_folder_of_the_database_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a? b#c %20 ü"
    asyncio.run(made(default_url(folder)))
    assert (folder / "darkroom.db").exists()


async def made(url: str) -> None:
    async with opened(url):
        pass
