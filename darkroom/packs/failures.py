"""What is told of a pack that could not be loaded: where, what, and what to do."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from darkroom.packs.aliases import PACKAGES, is_public, public_names

Failure = dict[str, str]
"""pack, where ("file:line"), message."""

V3 = "it defines its nodes the V3 way (comfy_entrypoint), which is not supported yet; use an older version of the pack"


def failure(pack: str, folder: Path, error: BaseException) -> Failure:
    """A failure told by the exception. folder: of the pack, or its only file"""
    return {"pack": pack, "where": _where(folder, error), "message": f"{_what(error)}; {_remedy(folder, error)}"}


def _where(folder: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(folder))]
    if not own:
        return str(folder)
    return f"{own[-1].filename}:{own[-1].lineno}"


def _what(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it tried to end the whole program (exit code {error.code})"
    if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
        return f"{type(error).__name__}: {public_names(str(error)).partition(' (')[0]}"
    return f"{type(error).__name__}: {error}"


def _remedy(folder: Path, error: BaseException) -> str:
    requirements = (folder if folder.is_dir() else folder.parent) / "requirements.txt"
    if isinstance(error, ImportError):
        asked = public_names(error.name or "")
        if asked.startswith("comfy_api"):
            return "V3 nodes are not supported yet; use an older version of the pack"
        if is_public(asked) or asked in ("nodes", *PACKAGES) or re.search(r"darkroom|Darkroom", str(error)):
            return "the pack needs a part of its usual server that Darkroom does not have"
        if isinstance(error, ModuleNotFoundError) and requirements.is_file() and folder.is_dir():
            return f"install what it needs: python -m pip install -r {requirements}"
        if isinstance(error, ModuleNotFoundError):
            return f"install the Python package that brings {asked.partition('.')[0]!r}"
        return "install the version of that package that the pack asks for"
    if isinstance(error, SyntaxError):
        return "download the pack again, or take a version for this Python"
    return "update the pack, or tell its author"
