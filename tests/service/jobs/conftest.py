"""Databases for the tests of the store: SQLite always, PostgreSQL where it is installed."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.service.jobs import postgres


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    if postgres.programs() is None:
        pytest.skip(postgres.NOT_INSTALLED)
    with postgres.server() as folder:
        with psycopg.connect(f"host={folder} user=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE queue")
        yield folder


@pytest.fixture
def postgres_url(postgres_folder: str) -> str:
    """An empty database, which nobody else is connected to."""
    with psycopg.connect(f"host={postgres_folder} user=postgres dbname=queue", autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'queue' AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres.url(postgres_folder, "queue")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'user' / 'darkroom.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Of a new, empty database of each kind."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found
