"""The first tables: jobs, payloads, results, counters."""

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, Text, text

revision = "0001"
down_revision = None

Big = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "jobs",
        Column("seq", Big, primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("number", Double, nullable=False),
        Column("strict", Integer, nullable=False),
        Column("turn", Big, nullable=False),
        Column("lane", Big, nullable=False),
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
    op.create_table(
        "payloads",
        Column("job", Big, ForeignKey("jobs.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        Column("prompt", Text, nullable=False),
        Column("targets", Text, nullable=False),
        Column("extra_data", Text, nullable=False),
    )
    op.create_table(
        "results",
        Column("seq", Big, primary_key=True),
        Column("job", Big, ForeignKey("jobs.seq", ondelete="CASCADE"), nullable=False, unique=True),
        Column("ran", Integer, nullable=False),
        Column("outputs", Text, nullable=False),
        Column("meta", Text, nullable=False),
        Column("messages", Text, nullable=False),
        Column("error", Text),
        Column("explain", Text, nullable=False),
    )
    op.create_table(
        "counters",
        Column("only", Integer, primary_key=True, autoincrement=False),
        Column("number", Big, nullable=False),
        Column("turn", Big, nullable=False),
    )
    op.execute("INSERT INTO counters VALUES (1, 0, 0)")
    for name, columns, where in (
        ("jobs_fair", ["turn", "number", "seq"], "state = 'queued' AND strict = 0"),
        ("jobs_strict", ["number", "seq"], "state = 'queued' AND strict = 1"),
        ("jobs_running", ["seq"], "state = 'running'"),
    ):
        op.create_index(name, "jobs", columns, sqlite_where=text(where), postgresql_where=text(where))
    op.create_index("jobs_lane", "jobs", ["lane", "turn"])
