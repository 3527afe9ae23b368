"""An index by the time at which jobs ended, so that those too old to keep are found without reading all."""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    where = text("ended IS NOT NULL")
    op.create_index("jobs_ended", "jobs", ["ended"], sqlite_where=where, postgresql_where=where)
