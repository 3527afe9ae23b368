"""The node packs: what they brought, how long they took, and what is wrong with those that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from darkroom.frames.messages import Json
from darkroom.service.contracts import SERVICE, Route
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer


async def get_packs(request: web.Request) -> web.Response:
    """Every pack that a worker looked at; `is_loaded` is false while none has done so."""
    hello = request.app[SERVICE].workers.hello
    found = [] if hello is None else packs(hello.packs, hello.failures)
    return answer({"is_loaded": hello is not None, "packs": found})


def packs(loaded: Iterable[Json], failures: Iterable[Json]) -> list[dict[str, Any]]:
    """Packs by name, each with its failures; one whose failure is all that is known of it has no nodes."""
    found: dict[str, dict[str, Any]] = {each["name"]: {**each, "failures": []} for each in loaded}
    for failure in failures:
        name = failure["pack"]
        pack = found.setdefault(name, {"name": name, "nodes": 0, "seconds": 0.0, "failures": []})
        pack["failures"].append({"where": failure["where"], "message": failure["message"]})
    return sorted(found.values(), key=lambda pack: str(pack["name"]).lower())


FAILURE = schemas.record({"where": schemas.STRING, "message": schemas.STRING})
PACK = schemas.record(
    {
        "name": schemas.STRING,
        "nodes": schemas.INTEGER,
        "seconds": schemas.NUMBER,
        "failures": schemas.listing(FAILURE),
    }
)

ROUTES = (
    Route(
        "GET",
        "/api/darkroom/packs",
        get_packs,
        "The node packs, and what is wrong with those that failed",
        api=False,
        answer=schemas.record({"is_loaded": schemas.BOOLEAN, "packs": schemas.listing(PACK)}),
    ),
)
