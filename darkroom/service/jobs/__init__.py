"""The durable queue: jobs and what became of them, in SQLite or PostgreSQL.

store.py       the queue as the server sees it (`contracts.JobStore`)
writer.py      one thread that writes; requests that wait together are committed together
lock.py        one server per SQLite file
rows.py        a job as columns and back
tables.py      the tables
database.py    connections, transactions, durability
operations.py  what changes jobs, within a transaction
ordering.py    the order that a person gives them
queries.py     what reads them
migrate.py     from an older version of the tables to the newest, with alembic (`migrations/`)

`store` imports none of those that `__init__.pyi` names: `jobs.database` imports that one, with SQLAlchemy, when it is
first used, which is on the writer's thread. alembic is imported only where tables are not of the newest version.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
