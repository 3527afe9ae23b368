"""GET /api/darkroom/openapi.json: every route, described from the tables that made them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from darkroom.service.contracts import SERVICE, Route
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer
from darkroom.service.http.app import ROUTES as ALL
from darkroom.service.http.app import paths_of

PARAMETER = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")
"""A part of a path that varies, perhaps with a pattern behind its name."""

WHY = {
    "400": "The request cannot be understood, or asks for something impossible.",
    "401": "A token is needed.",
    "403": "Not from here, or not this file.",
    "404": "It is not there.",
    "405": "Not by this method.",
    "408": "The body came too slowly.",
    "409": "It is there already.",
    "413": "More than the limits allow.",
    "415": "Not of this content type.",
    "417": "An expectation that nobody knows.",
    "429": "Too many jobs wait.",
    "500": "The server failed; the answer names a line of its log.",
    "502": "A worker answered nonsense.",
    "503": "No worker is there, or too many clients are.",
}
"""What a request may get in place of what it asked for. Some of ComfyUI's refusals have no body at all."""

OF_FILES = {"206": "A part of the file.", "304": "As before.", "416": "The file has no such part."}

JSON = "application/json"

OWN = "/api/darkroom/"


async def get_openapi(request: web.Request) -> web.Response:
    """OpenAPI 3.1 of this server."""
    return answer(openapi(request.app[ALL], request.app[SERVICE].facts.version))


def openapi(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The description of some routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        for path in paths_of(route):
            shown = PARAMETER.sub(r"{\1}", path)
            paths.setdefault(shown, {})[route.method.lower()] = operation(route, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Darkroom",
            "version": version,
            "description": "ComfyUI's interface, and beside it what stands under /api/darkroom/.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {"Refused": schemas.REFUSED, "RefusedPrompt": schemas.REFUSED_PROMPT}},
    }


def operation(route: Route, path: str) -> dict[str, Any]:
    """One method of one path."""
    in_path = [_parameter(name, "path", schemas.STRING) for name in PARAMETER.findall(path)]
    in_query = [_parameter(name, "query", schema) for name, schema in route.query.items()]
    found: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _id(route.method, path),
        "responses": responses(route),
    }
    if in_path or in_query:
        found["parameters"] = [*in_path, *in_query]
    if route.body is not None:
        schema = dict(route.body)
        kind = schema.pop("contentMediaType", JSON)
        found["requestBody"] = {"required": True, "content": {kind: {"schema": schema}}}
    return found


def responses(route: Route) -> dict[str, Any]:
    """What may come back. Answers without a schema here are files, pictures, text or nothing."""
    good: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        good["content"] = {JSON: {"schema": route.answer}}
    name = "RefusedPrompt" if route.path == "/prompt" and route.method == "POST" else "Refused"
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    has_body = route.path.startswith(OWN) or name == "RefusedPrompt"
    bad = {code: {"description": why, **({"content": content} if has_body else {})} for code, why in WHY.items()}
    return {"200": good, **others(route), **bad}


def others(route: Route) -> dict[str, Any]:
    """What else may come that is no failure. An answer without a schema may be a file, or nothing."""
    if route.path == "/ws":
        found = {"101": "Connected."}
    elif route.path == "/":
        found = {"303": "The token is kept in a cookie now.", **OF_FILES}
    elif route.answer is not None:
        found = {}
    else:
        found = OF_FILES if route.method == "GET" else {"204": "Done."}
    return {code: {"description": why} for code, why in found.items()}


def _parameter(name: str, where: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _id(method: str, path: str) -> str:
    return "_".join([method.lower(), *re.findall(r"\w+", PARAMETER.sub(r"\1", path))])


ROUTES = (Route("GET", "/api/darkroom/openapi.json", get_openapi, "This description", api=False, answer=schemas.FREE),)
