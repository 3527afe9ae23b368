"""What workflows are called, and where they, their versions and their drafts are below the folder of a user."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from darkroom.service.routes_files.paths import LONGEST_PART, BadPath, parts_of

FOLDER, OWN_FOLDER = "workflows", ".darkroom"
"""Where ComfyUI's front end keeps workflows too, and where only we write."""

VERSIONS = (OWN_FOLDER, "versions")
DRAFTS = (OWN_FOLDER, "drafts")
SUFFIX = ".json"

DIGEST_LETTERS = 32


def digest_of(data: bytes) -> str:
    """What tells two contents of a file apart: the first half of their SHA-256."""
    return hashlib.sha256(data).hexdigest()[:DIGEST_LETTERS]


def workflow_name(parts: Sequence[str]) -> str | None:
    """The name of the workflow that a user's file is, or None where it is none ("workflows/sub/a.json" is "sub/a")."""
    inner = parts[1:]
    hidden = any(part.startswith(".") for part in inner)
    if len(parts) < 2 or parts[0] != FOLDER or hidden or not parts[-1].endswith(SUFFIX):
        return None
    return "/".join(inner).removesuffix(SUFFIX)


def name_parts(name: str) -> tuple[str, ...]:
    """The parts of a workflow's name, without ".json". Raises BadPath."""
    parts = parts_of(name.removesuffix(SUFFIX), hidden=False)
    if not parts:
        raise BadPath("is empty")
    if len(parts[-1].encode()) > LONGEST_PART - len(SUFFIX):
        raise BadPath("is too long")
    return parts


def file_of(name: str) -> tuple[tuple[str, ...], str]:
    """The folder below the user's, and the name of the file of a workflow. Raises BadPath."""
    *folders, last = name_parts(name)
    return (FOLDER, *folders), last + SUFFIX
