"""Example workflows that ship with the program, with their pictures, and a drawn graph as API JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from darkroom.engine.write import to_api
from darkroom.frames.report import problem_as_json
from darkroom.service.contracts import SERVICE, Refused, Route
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer
from darkroom.service.http.body import read_json_object
from darkroom.service.http.submission import document_of, drawn
from darkroom.service.routes_files.answers import send_file
from darkroom.service.routes_files.paths import BadPath, open_file, parts_of

PICTURE = ".webp"
"""What the picture of a template is called beside its workflow."""


async def get_templates(request: web.Request) -> web.Response:
    """Names of the example workflows, by folder and name, with what each says of itself."""
    folder = request.app[SERVICE].facts.templates
    return answer({"templates": await asyncio.to_thread(listed, folder) if folder else []})


async def get_template(request: web.Request) -> web.Response:
    """One example workflow."""
    folder, name = request.app[SERVICE].facts.templates, request.match_info["name"]
    known = await asyncio.to_thread(listed, folder) if folder else []
    if folder is None or not any(each["name"] == name for each in known):
        raise Refused(404, "there is no such template", remedy="see /api/darkroom/templates for those there are")
    return answer(json.loads(await asyncio.to_thread((folder / f"{name}.json").read_text, "utf-8")))


async def get_picture(request: web.Request) -> web.StreamResponse:
    """What an example workflow makes, as a small picture."""
    folder, name = request.app[SERVICE].facts.templates, request.match_info["name"]
    try:
        if folder is None:
            raise FileNotFoundError("there are no templates")
        *folders, last = parts_of(name, hidden=False) or ("",)
        file = await asyncio.to_thread(open_file, folder, (*folders, last + PICTURE))
    except (OSError, BadPath):
        raise Refused(
            404, "there is no such picture", remedy="see /api/darkroom/templates for those there are"
        ) from None
    return await send_file(request, file, last + PICTURE, shown=False)


def listed(folder: Path) -> list[dict[str, Any]]:
    """Of every workflow file below the folder: name, title, node count, description, tags, whether it has a picture."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        name = path.relative_to(folder).with_suffix("").as_posix()
        extra = document.get("extra")
        info = extra.get("info") if isinstance(extra, Mapping) else None
        about = info if isinstance(info, Mapping) else {}
        tags = about.get("tags")
        found.append(
            {
                "name": name,
                "title": about.get("name") or path.stem.replace("_", " ").capitalize(),
                "description": about.get("description") or "",
                "nodes": len(document.get("nodes", ())),
                "tags": [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
                "picture": path.with_suffix(PICTURE).is_file(),
            }
        )
    return found


async def post_export(request: web.Request) -> web.Response:
    """A drawn graph as API JSON, for scripts; nothing is checked or queued."""
    service = request.app[SERVICE]
    document, is_drawn = document_of(await read_json_object(request))
    await service.catalogue.settled()
    read = await asyncio.to_thread(drawn, document, is_drawn, service.catalogue.registry, service.facts.limits)
    return answer({"prompt": to_api(read.graph), "problems": [problem_as_json(each) for each in read.problems]})


TEMPLATE = schemas.record(
    {
        "name": schemas.STRING,
        "title": schemas.STRING,
        "description": schemas.STRING,
        "nodes": schemas.INTEGER,
        "tags": schemas.listing(schemas.STRING),
        "picture": schemas.BOOLEAN,
    }
)

ROUTES = (
    Route(
        "GET",
        "/api/darkroom/templates",
        get_templates,
        "The example workflows",
        api=False,
        answer=schemas.record({"templates": schemas.listing(TEMPLATE)}),
    ),
    Route(
        "GET",
        "/api/darkroom/templates/{name:.+}",
        get_template,
        "One example workflow",
        api=False,
        answer=schemas.FREE,
    ),
    Route(
        "GET",
        "/api/darkroom/template_pictures/{name:.+}",
        get_picture,
        "What an example workflow makes, as a picture",
        api=False,
    ),
    Route(
        "POST",
        "/api/darkroom/export",
        post_export,
        "A drawn graph as API JSON",
        api=False,
        body=schemas.CHECK_BODY,
        answer=schemas.record({"prompt": schemas.FREE, "problems": schemas.listing(schemas.FREE)}),
    ),
)
