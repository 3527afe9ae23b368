"""Further models folders from YAML files (interface section 10.11).

A file holds sections of any name; a section maps folder keys to a path or to paths on lines of their own. `base_path`
stands before the section's relative paths, `is_default` puts its folders first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

CUSTOM_NODES = "custom_nodes"
MAXIMUM_BYTES = 2**20


class ExtraPathsError(Exception):
    """A file of further folders cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class ExtraPaths:
    """folders: what `Folders(extra_paths=...)` takes; custom_nodes: further folders of node packs"""

    folders: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    custom_nodes: Sequence[Path] = ()


def read_extra_paths(files: Iterable[Path]) -> ExtraPaths:
    """All folders of all files: those of default sections first, else in their order. Raises ExtraPathsError."""
    first: dict[str, list[Path]] = {}
    later: dict[str, list[Path]] = {}
    for file in files:
        for name, section in sections(file):
            chosen = first if read_flag(section.get("is_default", False), f"{file}: {name}") else later
            for key, paths in folders_of(section, file, name).items():
                chosen.setdefault(key, []).extend(paths)
    merged = {key: tuple(dict.fromkeys((*first.get(key, ()), *later.get(key, ())))) for key in {**first, **later}}
    return ExtraPaths(
        {key: paths for key, paths in merged.items() if key != CUSTOM_NODES}, merged.get(CUSTOM_NODES, ())
    )


def sections(file: Path) -> Iterable[tuple[str, Mapping[Any, Any]]]:
    """The sections of a file, by name. A file without content has none."""
    try:
        if file.stat().st_size > MAXIMUM_BYTES:
            raise ExtraPathsError(f"{file}: is larger than {MAXIMUM_BYTES >> 20} MB; a list of folders is not")
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ExtraPathsError(f"{file}: cannot be read ({error}); give the path of a YAML file") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ExtraPathsError(f"{file}: is no YAML: {error}") from error
    if content is None:
        return []
    if not isinstance(content, dict):
        raise ExtraPathsError(f"{file}: came a {type(content).__name__}, wanted sections with folders in them")
    found = []
    for name, section in content.items():
        if section is None:
            continue
        if not isinstance(section, dict):
            raise ExtraPathsError(f"{file}: {name}: came {section!r}, wanted a section with folders in it")
        found.append((str(name), section))
    return found


def folders_of(section: Mapping[Any, Any], file: Path, name: str) -> dict[str, list[Path]]:
    """Folders of one section by key; a relative path is joined to base_path, and that to the file's folder."""
    given = section.get("base_path")
    if given is not None and not isinstance(given, str):
        raise ExtraPathsError(f"{file}: {name}: base_path: came {given!r}, wanted a path")
    base = file.absolute().parent / expanded(given) if given else None
    found: dict[str, list[Path]] = {}
    for key, value in section.items():
        if key in ("base_path", "is_default") or value is None:
            continue
        lines = value if isinstance(value, list) else [value]
        if not all(isinstance(line, str) for line in lines):
            raise ExtraPathsError(f"{file}: {name}: {key}: came {value!r}, wanted paths on lines of their own")
        texts = [text.strip() for line in lines for text in line.splitlines() if text.strip()]
        found[str(key)] = [Path(os.path.normpath((base or file.absolute().parent) / expanded(text))) for text in texts]
    return found


def expanded(text: str) -> Path:
    return Path(os.path.expandvars(text)).expanduser()


def read_flag(given: Any, where: str) -> bool:
    """YAML's true and false, also as text in quotes."""
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.casefold() in ("true", "false"):
        return given.casefold() == "true"
    raise ExtraPathsError(f"{where}: is_default: came {given!r}, wanted true or false")
