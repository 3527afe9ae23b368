"""What node packs bring for the browser: scripts, example workflows, translations, subgraphs."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from darkroom.service.contracts import SERVICE, Facts, Route, Service
from darkroom.service.routes_files.answers import HARMLESS, PACK, nothing, refusal, send_file
from darkroom.service.routes_files.paths import BadPath, open_file, parts_of

EXAMPLES = ("example_workflows", "example", "examples", "workflow", "workflows")
CORE = "core"
MAXIMUM_JSON = 16 * 2**20
LOCALE_PARTS = ("nodeDefs", "commands", "settings")


def web_folders(service: Service) -> Mapping[str, Path]:
    """Pack to its folder of browser files, as the workers said; the editor's own under "core"."""
    hello = service.workers.hello
    found = {name: Path(folder) for name, folder in (hello.web if hello else {}).items()}
    web_root = service.facts.web
    return found if web_root is None else {**found, CORE: web_root / "extensions" / CORE}


def scripts(service: Service) -> list[str]:
    """The address of each script of each pack."""
    found = []
    for pack, folder in sorted(web_folders(service).items(), key=lambda each: (each[0] != CORE, each[0])):
        found += [f"/extensions/{quote(pack, safe='')}/{quote(path)}" for path in below(folder, ".js")]
    return found


def below(folder: Path, suffix: str) -> list[str]:
    """Relative paths of the files with this suffix, sorted; hidden folders and those behind links are left out."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        found += [(Path(here) / name).relative_to(folder).as_posix() for name in names if name.endswith(suffix)]
    return sorted(found)


def packs(facts: Facts) -> Iterator[Path]:
    """The folders of all packs; of two of one name the first counts."""
    seen = set()
    for place in facts.custom_nodes:
        try:
            entries = sorted(place.iterdir())
        except OSError:
            continue
        for entry in entries:
            usable = not entry.name.startswith((".", "__")) and not entry.name.endswith(".disabled")
            if usable and entry.name not in seen and entry.is_dir():
                seen.add(entry.name)
                yield entry


async def extensions(request: web.Request) -> web.StreamResponse:
    return web.json_response(await asyncio.to_thread(scripts, request.app[SERVICE]))


async def extension_file(request: web.Request) -> web.StreamResponse:
    folder = web_folders(request.app[SERVICE]).get(request.match_info["pack"])
    return await file_below([folder] if folder else [], request, PACK)


async def templates(request: web.Request) -> web.StreamResponse:
    return web.json_response(await asyncio.to_thread(template_names, request.app[SERVICE].facts))


def template_names(facts: Facts) -> dict[str, list[str]]:
    found = {}
    for pack in packs(facts):
        names = [path.stem for folder in EXAMPLES for path in sorted((pack / folder).glob("*.json"))]
        if names:
            found[pack.name] = names
    return found


async def template_file(request: web.Request) -> web.StreamResponse:
    wanted = request.match_info["module"]
    found = await asyncio.to_thread(lambda: [pack for pack in packs(request.app[SERVICE].facts) if pack.name == wanted])
    return await file_below([pack / folder for pack in found for folder in EXAMPLES], request, HARMLESS)


async def file_below(folders: list[Path], request: web.Request, kinds: Mapping[str, str]) -> web.StreamResponse:
    """The file that the rest of the path names, from the first folder that has it."""
    try:
        parts = parts_of(request.match_info["path"], hidden=False)
        for folder in folders:
            try:
                file = await asyncio.to_thread(open_file, folder, parts)
            except FileNotFoundError:
                continue
            return await send_file(request, file, parts[-1], kinds=kinds, shown=False)
    except BadPath as error:
        return refusal(error, 404, "the path")
    return nothing(404, "no such file")


def read_json(path: Path) -> dict[str, Any]:
    """An object from a file of a pack; empty where there is none that can be read."""
    try:
        if path.stat().st_size > MAXIMUM_JSON:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def translations(facts: Facts) -> dict[str, dict[str, Any]]:
    """By language, what all packs say; a later pack adds to what an earlier one says."""
    merged: dict[str, dict[str, Any]] = {}
    for pack in packs(facts):
        for folder in sorted((pack / "locales").glob("*/")):
            said = read_json(folder / "main.json")
            for part in LOCALE_PARTS:
                inner = read_json(folder / f"{part}.json")
                if inner:
                    said[part] = inner
            merge(merged.setdefault(folder.name, {}), said)
    return {language: said for language, said in merged.items() if said}


def merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    waiting = [(into, new)]
    while waiting:
        target, source = waiting.pop()
        for key, value in source.items():
            if isinstance(value, dict) and isinstance(target.get(key), dict):
                waiting.append((target[key], value))
            else:
                target[key] = value


async def i18n(request: web.Request) -> web.StreamResponse:
    return web.json_response(await asyncio.to_thread(translations, request.app[SERVICE].facts))


SUBGRAPHS = "custom_node"
"""What the sources of subgraphs are called: all are of packs."""


def subgraphs(facts: Facts) -> dict[str, tuple[Path, dict[str, Any]]]:
    """By id, the file of each subgraph that packs bring, and what is said of it."""
    found = {}
    for pack in packs(facts):
        for path in sorted((pack / "subgraphs").glob("*.json")):
            id = hashlib.sha256(f"{SUBGRAPHS}{path}".encode("utf-8", "surrogateescape")).hexdigest()
            info = {"source": SUBGRAPHS, "name": path.stem, "info": {"node_pack": pack.name}}
            found[id] = (path, info)
    return found


async def global_subgraphs(request: web.Request) -> web.StreamResponse:
    found = await asyncio.to_thread(subgraphs, request.app[SERVICE].facts)
    return web.json_response({id: info for id, (_path, info) in found.items()})


async def global_subgraph(request: web.Request) -> web.StreamResponse:
    """With its text; null for an unknown id."""
    found = await asyncio.to_thread(subgraphs, request.app[SERVICE].facts)
    path, info = found.get(request.match_info["id"], (None, None))
    if path is None or info is None:
        return web.json_response(None)
    return web.json_response({**info, "data": await asyncio.to_thread(path.read_text, "utf-8", "replace")})


OBJECT = {"type": "object"}

ROUTES = (
    Route(
        *("GET", "/extensions", extensions, "Scripts that the editor imports"),
        answer={"type": "array", "items": {"type": "string"}},
    ),
    Route("GET", "/extensions/{pack}/{path:.+}", extension_file, "A browser file of a node pack", api=False),
    Route("GET", "/workflow_templates", templates, "Example workflows by pack", answer=OBJECT),
    Route("GET", "/workflow_templates/{module}/{path:.+}", template_file, "An example workflow"),
    Route("GET", "/i18n", i18n, "Translations that packs bring, by language", answer=OBJECT),
    Route("GET", "/global_subgraphs", global_subgraphs, "Subgraphs that packs bring, by id", answer=OBJECT),
    Route("GET", "/global_subgraphs/{id}", global_subgraph, "One subgraph with its text", answer={}),
)
