"""What alembic runs: `env.py`, and one file per version in `versions/`."""
