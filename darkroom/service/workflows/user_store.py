"""The store of one user, by that user's settings."""

from __future__ import annotations

from pathlib import Path

from darkroom.service.routes_files.users import read_settings
from darkroom.service.workflows.store import KEPT_VERSIONS, Store

SETTING = "Darkroom.Versions.Keep"
"""The user's setting: how many versions of each workflow are kept, beside the last one of each day."""

MOST_VERSIONS = 10_000


def store_of(user: Path) -> Store:
    wanted = read_settings(user).get(SETTING)
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        wanted = KEPT_VERSIONS
    return Store(user, min(max(wanted, 1), MOST_VERSIONS))
