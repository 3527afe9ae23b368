"""Connections to SQLite or PostgreSQL, transactions with a chosen durability, and the version of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from darkroom.service import jobs
from darkroom.service.jobs import tables
from darkroom.service.jobs.rows import StoreBroken

BUSY_SECONDS = 10
CONNECT_SECONDS = 5
NAME_SECONDS = 10
"""A server that was killed may stay in PostgreSQL's memory a little longer, and with it its name."""

MIGRATION_LOCK = 0x6461726B  # any number that every server agrees on

ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""How soon, in seconds, a lost network shows, which would otherwise take hours."""

SERVER_ALIVE = (
    "SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false), "
    "set_config('tcp_keepalives_count', '3', false)"
)
"""The same for PostgreSQL's end, which holds the name of a server whose machine is gone."""

LOCK_NOT_AVAILABLE = "55P03"

DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"


class Lost(StoreBroken):
    """There is no connection, or nobody knows whether a commit came through: a server may have done it and then gone.

    Trying the requests one by one would not help.
    """


class Stale(Lost):
    """The connection had died since it was last used. Nothing was committed: all may be tried again, on a new one."""


class Database:
    """Where a URL leads. Raises StoreBroken for a URL that leads nowhere.

    server: on PostgreSQL only one Database of this name writes at a time, or as many as want where it is None
    """

    def __init__(self, url: str, server: str | None = None) -> None:
        parsed = parsed_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = Path(str(parsed.database)).absolute() if self.is_sqlite else None
        self._server = server
        self._file: int | None = None
        self._where = parsed.render_as_string(hide_password=True)
        arguments: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, **ALIVE}
        if self.is_sqlite:
            arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        self.engine: Engine = create_engine(parsed, poolclass=NullPool, connect_args=arguments)
        if self.is_sqlite:
            # Transactions are begun by hand, because the driver's own begin does not lock and waits for no one.
            self.engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            event.listen(self.engine, "connect", _set_up_sqlite)
        self._writing: Connection | None = None
        self._synced: bool | None = None

    def connect(self, *, reading: bool = False) -> Connection:
        try:
            connection = self.engine.connect()
        except SQLAlchemyError as error:
            raise Lost(self.complaint(error)) from error
        return connection.execution_options(isolation_level="AUTOCOMMIT") if reading else connection

    def _connect_to_write(self) -> Connection:
        """A connection that writes; on PostgreSQL it holds this server's name as long as it lives. Raises Lost.

        So every commit is made by the one server of that name, whatever became of earlier connections.
        """
        connection = self.connect()
        if self.is_sqlite or self._server is None:
            return connection
        try:
            connection.exec_driver_sql(DURABLE)
            connection.exec_driver_sql(SERVER_ALIVE)
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{NAME_SECONDS}s'")
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": name_lock(self._server)})
            connection.commit()
        except SQLAlchemyError as error:
            discard(connection)
            if getattr(getattr(error, "orig", None), "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise Lost(
                    f"another server with the name {self._server} uses the database of jobs ({self._where}): "
                    "stop it, or give this server a name of its own with --name"
                ) from error
            raise Lost(self.complaint(error)) from error
        return connection

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[Connection]:
        """The writing connection within a transaction, which is committed at the end. durable: survives loss of power.

        Raises Stale or Lost (see there), StoreBroken for other errors of the database. A connection that saw an error
        is not used again.
        """
        self._check_file()
        reused = self._writing is not None
        connection = self._writing = self._writing or self._connect_to_write()
        try:
            self._begin(connection, durable)
            yield connection
            self._commit(connection)
        except SQLAlchemyError as error:
            self.drop()
            lost = getattr(error, "connection_invalidated", False)
            kind = StoreBroken if not lost else Stale if reused else Lost
            raise kind(self.complaint(error)) from error
        except Lost:
            self.drop()
            raise
        except BaseException:
            connection.rollback()
            raise

    @contextmanager
    def reading(self, connection: Connection) -> Iterator[None]:
        """Raises StoreBroken for errors of the database; the connection is closed after any error."""
        try:
            yield
        except BaseException as error:
            discard(connection)
            if isinstance(error, SQLAlchemyError):
                raise StoreBroken(self.complaint(error)) from error
            raise

    def _check_file(self) -> None:
        """A file that was deleted under us would still take jobs, and lose them all at the end."""
        if self._file is not None and self.path is not None and inode(self.path) != self._file:
            raise Lost(
                f"the database of jobs {self.path} was removed or replaced while the server ran: "
                "put it back, or restart the server"
            )

    def _begin(self, connection: Connection, durable: bool) -> None:
        if self.is_sqlite:
            if durable != self._synced:
                connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._synced = durable
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif not durable:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except SQLAlchemyError as error:
            if self.is_sqlite:
                raise
            raise Lost(self.complaint(error)) from error

    def drop(self) -> None:
        """Give up the writing connection, and with it what was not committed."""
        connection, self._writing, self._synced = self._writing, None, None
        if connection is not None:
            discard(connection)

    def complaint(self, error: Exception) -> str:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        return (
            f"the database of jobs ({self._where}) cannot be used now: {said}. "
            "See that it can be reached and that its disk has room; nothing needs to be restarted"
        )

    def prepare(self) -> None:
        """Make the tables, or bring them to the newest version."""
        with self.transaction(durable=True) as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            found = version(connection)
            if found is not None and found > tables.NEWEST:
                raise StoreBroken(
                    f"the database of jobs ({self._where}) has tables of version {found}, but this Darkroom knows "
                    f"only up to {tables.NEWEST}: start the newer Darkroom, or give this one its own --database"
                )
            if found is None:
                tables.create(connection)
            elif found != tables.NEWEST:
                jobs.migrate.upgrade(connection)
        if self.path is not None:
            self._file = inode(self.path)

    def close(self) -> None:
        self.drop()
        self.engine.dispose()


def inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def discard(connection: Connection) -> None:
    """Close a connection that may be broken."""
    try:
        connection.rollback()
        connection.close()
    except SQLAlchemyError:
        connection.invalidate()


def name_lock(server: str) -> int:
    """The number of the lock that stands for a server's name; never that of the migrations, which is smaller."""
    digest = blake2b(server.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) | 1 << 40


def parsed_url(url: str) -> URL:
    """Raises StoreBroken for what is neither a SQLite file nor a PostgreSQL server."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("unknown")
    name, file = parsed.get_backend_name(), parsed.database
    if name == "postgresql" or (name == "sqlite" and file and ":memory:" not in file):
        return parsed
    raise StoreBroken(
        "--database: wants sqlite:////path/to/file.db or postgresql+psycopg://user@host/name, "
        f"but got {parsed.render_as_string(hide_password=True) if name != 'unknown' else 'no such address'}"
    )


def version(connection: Connection) -> str | None:
    """The version of the tables, or None where there are none."""
    if not inspect(connection).has_table(tables.VERSIONS.name):
        return None
    found: str | None = connection.execute(select(tables.VERSIONS.c.version_num)).scalar()
    return found


def _set_up_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
