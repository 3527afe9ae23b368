"""Tables of any version become those of the newest, and keep what is in them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, text

from darkroom.service.contracts import State
from darkroom.service.jobs import migrate, tables
from darkroom.service.jobs.database import Database, version
from darkroom.service.jobs.rows import StoreBroken
from darkroom.service.jobs.store import Store
from tests.service.jobs.helpers import DONE, Clock, begun, in_loop, opened, run_all


def at_version(url: str, to: str) -> Database:
    database = Database(url)
    if database.path is not None:
        database.path.parent.mkdir(parents=True)
    with database.transaction(durable=True) as connection:
        migrate.upgrade(connection, to)
    return database


def test_the_newest_version_is_the_last_script() -> None:
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_current_head() == tables.NEWEST


def shape(connection: Connection) -> dict[str, Any]:
    """All that a database says of its tables."""
    seen = inspect(connection)
    return {
        name: (
            [{**column, "type": str(column["type"])} for column in seen.get_columns(name)],
            sorted(
                f"{index['name']} {index['column_names']} {[str(each) for each in index['dialect_options'].values()]}"
                for index in seen.get_indexes(name)
            ),
            seen.get_pk_constraint(name),
            seen.get_foreign_keys(name),
            seen.get_unique_constraints(name),
        )
        for name in sorted(seen.get_table_names())
    }


def test_an_empty_database_gets_the_same_tables_at_once_as_from_version_to_version(url: str, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}") if url.startswith("sqlite") else Database(url)
    with other.transaction(durable=True) as connection:
        migrate.upgrade(connection)
        migrated = shape(connection)
        assert compare_metadata(MigrationContext.configure(connection), tables.METADATA) == []
        if other.path is None:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    other.close()

    async def make() -> None:
        async with opened(url):
            pass

    asyncio.run(make())
    database = Database(url)
    with database.connect(reading=True) as connection:
        assert version(connection) == tables.NEWEST
        assert shape(connection) == migrated
    database.close()


@in_loop
async def test_version_1_with_jobs_becomes_the_newest_and_keeps_them(url: str) -> None:
    database = at_version(url, "0001")
    row = {"strict": 0, "lane": 0, "created": 5, "token": 0, "attempts": 0, "deaths": 0}
    body = {"prompt": '{"1":{}}', "targets": '["1"]', "extra_data": "{}"}
    none = {"outputs": "{}", "meta": "{}", "messages": "[]", "error": None, "explain": "{}"}
    with database.transaction(durable=True) as connection:
        for number, state in enumerate(("done", "running", "queued")):
            job = {**row, "id": state, "number": number, "turn": number, "state": state}
            if state == "done":
                job.update(ended=9, attempts=1, token=1)
            if state == "running":
                job.update(attempts=1, token=1, server="one", worker="w", lease=10)
            seq = connection.execute(insert(tables.JOBS).values(job).returning(tables.JOBS.c.seq)).scalar_one()
            connection.execute(insert(tables.PAYLOADS).values(job=seq, **body))
            if state == "done":
                connection.execute(insert(tables.RESULTS).values(job=seq, ran=1, **none))
        connection.execute(text("UPDATE counters SET number = 3, turn = 1"))
    database.close()
    store = Store(url, "one", Clock())
    assert [job.id for job in await store.open()] == ["running"]
    (done,) = await store.history(None, None)
    assert (done.id, done.state, done.ended) == ("done", State.DONE, 9)
    job = await begun(store)
    assert (job.id, job.token, job.prompt) == ("running", 2, {"1": {}})
    await store.finish(job.id, job.token, DONE)
    assert await run_all(store) == ["queued"]
    await store.close()


@in_loop
async def test_tables_of_a_newer_darkroom_are_refused_and_left_alone(url: str) -> None:
    async with opened(url):
        pass
    database = Database(url)
    with database.transaction(durable=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreBroken, match=r"version 9999.*start the newer Darkroom"):
        await Store(url, "one").open()


@in_loop
async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are no jobs" * 100)
    with pytest.raises(StoreBroken, match="file is not a database"):
        await Store(f"sqlite:///{file}", "one").open()
    assert file.read_text() == "these are no jobs" * 100
