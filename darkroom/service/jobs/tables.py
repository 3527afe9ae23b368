"""The tables, in their newest version; `migrations` leads here from every older one, and from none.

`jobs` holds what queue queries read, and is small; `payloads` what only the run of a job reads; `results` what became
of it, numbered in the order in which jobs ended. `counters` is one row: the next number, and the turn that is due.
Times are milliseconds since 1970.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    Select,
    String,
    Table,
    Text,
    insert,
    select,
)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
Rows: TypeAlias = Select[*tuple[Any, ...]]

NEWEST = "0002"

METADATA = MetaData()
Big = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only where this says INTEGER

JOBS = Table(
    "jobs",
    METADATA,
    Column("seq", Big, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Double, nullable=False),
    Column(
        "strict", Integer, nullable=False
    ),  # 1 where front, an explicit number or a person's order comes before fairness
    Column("turn", Big, nullable=False),  # the round in which its client is served; -1 where it came as strict
    Column("lane", Big, nullable=False),  # its client, hashed
    Column("state", Text, nullable=False),
    Column("client", Text),
    Column("workflow", Text),
    Column("created", Big, nullable=False),
    Column("started", Big),
    Column("ended", Big),
    Column("worker", Text),
    Column("server", Text),
    Column("token", Big, nullable=False, server_default="0"),
    Column("lease", Big),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
)

PAYLOADS = Table(
    "payloads",
    METADATA,
    Column("job", Big, ForeignKey("jobs.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("prompt", Text, nullable=False),
    Column("targets", Text, nullable=False),
    Column("extra_data", Text, nullable=False),
)

RESULTS = Table(
    "results",
    METADATA,
    Column("seq", Big, primary_key=True),
    Column("job", Big, ForeignKey("jobs.seq", ondelete="CASCADE"), nullable=False, unique=True),
    Column("ran", Integer, nullable=False),  # 0 where the job was cancelled before it ever ran
    Column("outputs", Text, nullable=False),
    Column("meta", Text, nullable=False),
    Column("messages", Text, nullable=False),
    Column("error", Text),
    Column("explain", Text, nullable=False),
)

COUNTERS = Table(
    "counters",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("number", Big, nullable=False),
    Column("turn", Big, nullable=False),
)

VERSIONS = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""alembic's own; described here so that it need not be imported where there is nothing to migrate."""

_QUEUED, _RUNNING = JOBS.c.state == "queued", JOBS.c.state == "running"
_FAIR, _STRICT = _QUEUED & (JOBS.c.strict == 0), _QUEUED & (JOBS.c.strict == 1)
_ENDED = JOBS.c.ended.is_not(None)

Index("jobs_fair", JOBS.c.turn, JOBS.c.number, JOBS.c.seq, sqlite_where=_FAIR, postgresql_where=_FAIR)
Index("jobs_strict", JOBS.c.number, JOBS.c.seq, sqlite_where=_STRICT, postgresql_where=_STRICT)
Index("jobs_running", JOBS.c.seq, sqlite_where=_RUNNING, postgresql_where=_RUNNING)
Index("jobs_lane", JOBS.c.lane, JOBS.c.turn)
Index("jobs_ended", JOBS.c.ended, sqlite_where=_ENDED, postgresql_where=_ENDED)

_BODY = (PAYLOADS.c.prompt, PAYLOADS.c.targets, PAYLOADS.c.extra_data)
_OUTCOME = (RESULTS.c.outputs, RESULTS.c.meta, RESULTS.c.messages, RESULTS.c.error, RESULTS.c.explain)

WAITING: Rows = select(*JOBS.c, *_BODY).select_from(JOBS.join(PAYLOADS))
"""A job without a result."""

WHOLE: Rows = select(*JOBS.c, *_BODY, *_OUTCOME).select_from(
    JOBS.join(PAYLOADS).outerjoin(RESULTS, RESULTS.c.job == JOBS.c.seq)
)
"""A job with its result, where it has one."""


def create(connection: Connection) -> None:
    """Make all tables where there are none, without going through the versions."""
    METADATA.create_all(connection)
    connection.execute(insert(COUNTERS).values(only=1, number=0, turn=0))
    VERSIONS.create(connection)
    connection.execute(insert(VERSIONS).values(version_num=NEWEST))
