"""While the database cannot be used every request says so; once it can again, the store goes on."""

import asyncio
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from darkroom.service.contracts import NewJob
from darkroom.service.jobs.rows import StoreBroken
from tests.service.jobs.helpers import DONE, PROMPT, begun, ids, in_loop, new, opened, run_all

WORDS = "cannot be used now: .*nothing needs to be restarted"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """To a process, a disk that is full: no file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@in_loop
async def test_a_full_disk_is_said_and_the_store_goes_on_when_there_is_room(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        await store.accept(new("before"))
        job = await begun(store)
        large = NewJob("large", {"1": {"text": "x" * 3_000_000}}, ["1"])
        with files_of_at_most(1_500_000):
            with pytest.raises(StoreBroken, match=WORDS):
                await store.accept(large)
            answers = await asyncio.gather(store.accept(large), store.accept(new("small")), return_exceptions=True)
            assert isinstance(answers[0], StoreBroken) and not isinstance(answers[1], BaseException)
            assert await store.remaining() == 2
        assert await store.finish("before", job.token, DONE) == (True, None)
        assert (await store.accept(large)).is_new
        assert await run_all(store) == ["small", "large"]


@in_loop
async def test_a_database_that_was_removed_takes_no_job(sqlite_url: str, tmp_path: Path) -> None:
    async with opened(sqlite_url) as store:
        await store.accept(new("a"))
        (tmp_path / "user").rename(tmp_path / "elsewhere")
        with pytest.raises(StoreBroken, match="was removed or replaced while the server ran"):
            await store.accept(new("b"))
        (tmp_path / "elsewhere").rename(tmp_path / "user")
        assert (await store.accept(new("c"))).is_new
        assert ids(await store.queued()) == ["a", "c"]


@in_loop
async def test_connections_that_a_server_of_postgresql_dropped_are_made_anew(
    postgres_url: str, postgres_folder: str
) -> None:
    async with opened(postgres_url) as store:
        await store.accept(new("a"))
        assert ids(await store.queued()) == ["a"]
        with psycopg.connect(f"host={postgres_folder} user=postgres", autocommit=True) as connection:
            name = make_url(postgres_url).database
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        assert ids(await store.queued()) == ["a"]
        assert (await store.accept(new("b"))).is_new
        assert await run_all(store) == ["a", "b"]


@in_loop
async def test_a_file_that_another_program_reads_or_copies_does_not_stop_jobs(sqlite_url: str, tmp_path: Path) -> None:
    async with opened(sqlite_url) as store:
        await store.accept(NewJob("a", PROMPT, ["1"]))
        shutil.copytree(tmp_path / "user", tmp_path / "backup", ignore=shutil.ignore_patterns("*.lock"))
        await store.accept(new("b"))
    async with opened(f"sqlite:///{tmp_path / 'backup' / 'darkroom.db'}") as copy:
        assert ids(await copy.queued()) == ["a"]
