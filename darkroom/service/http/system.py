"""What the server has and can: /object_info, /features, /system_stats."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import Any

import psutil
from aiohttp import web

from darkroom.engine.object_info import object_info
from darkroom.engine.run import Files
from darkroom.engine.spec import NodeSpec
from darkroom.service.contracts import SERVICE, Limits, Route, Service
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer, answer_text, tabled

log = logging.getLogger(__name__)

COMFYUI_VERSION = "0.8.0"
"""Whose interface this is; scripts and packs ask for it."""


async def get_object_info(request: web.Request) -> web.Response:
    """Every node type, with the choices there are now."""
    service = request.app[SERVICE]
    return answer_text(await tabled(entries(await service.catalogue.refreshed(), service.facts.folders)))


async def get_object_info_of(request: web.Request) -> web.Response:
    """One node type, or an empty object."""
    service = request.app[SERVICE]
    type = request.match_info["type"]
    registry = service.catalogue.registry
    spec = registry.get(type)
    if spec is None or spec.function is None:  # of a pack: its lists of choices come from a worker
        spec = (await service.catalogue.refreshed()).get(type)
    return answer(entries([spec], service.facts.folders) if spec is not None else {})


def entries(specs: Iterable[NodeSpec], files: Files) -> dict[str, Any]:
    """By type; a node that cannot be described is left out."""
    found = {}
    for spec in specs:
        try:
            found[spec.id] = object_info(spec, files)
        except Exception:  # functions that list choices belong to authors of nodes and may raise anything
            log.exception("node %s is left out of /object_info", spec.id)
    return found


async def get_features(request: web.Request) -> web.Response:
    """What clients may count on."""
    return answer(features(request.app[SERVICE].facts.limits))


def features(limits: Limits) -> dict[str, Any]:
    """The server's feature flags, also told over the socket."""
    return {
        "supports_preview_metadata": True,
        "max_upload_size": limits.upload_bytes,
        "extension": {"manager": {"supports_v4": True}},
    }


async def get_system_stats(request: web.Request) -> web.Response:
    """The machine, versions, and the device of the first worker."""
    service = request.app[SERVICE]
    memory = psutil.virtual_memory()
    hello = service.workers.hello
    versions = hello.versions if hello is not None else {}
    system = {
        "os": sys.platform,
        "ram_total": memory.total,
        "ram_free": memory.available,
        "comfyui_version": COMFYUI_VERSION,
        "required_frontend_version": "",
        "installed_templates_version": "",
        "required_templates_version": "",
        "python_version": f"{platform.python_version()} ({platform.python_implementation()})",
        "pytorch_version": versions.get("pytorch_version") or version_of("torch"),
        "embedded_python": False,
        "argv": list(service.facts.argv),
        "darkroom_version": service.facts.version,
    }
    return answer({"system": system, "devices": [device(service)]})


def device(service: Service) -> dict[str, Any]:
    """The first worker's device; the processor where no worker has said anything yet. Sizes in bytes."""
    hello = service.workers.hello
    said: Mapping[str, Any] = hello.device if hello is not None else {}
    memory = psutil.virtual_memory()
    found = {
        "name": "cpu",
        "type": "cpu",
        "index": None,
        "vram_total": memory.total,
        "vram_free": memory.available,
        "torch_vram_total": memory.total,
        "torch_vram_free": memory.available,
    }
    # Of the processor, what is free now is known here; of other devices a worker alone can tell.
    return {**found, **said} if said.get("type", "cpu") != "cpu" else {**found, "name": said.get("name", "cpu")}


def version_of(package: str) -> str:
    """The version of an installed package, without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


ROUTES = (
    Route("GET", "/object_info", get_object_info, "Every node type", answer=schemas.table(schemas.NODE_INFO)),
    Route("GET", "/object_info/{type}", get_object_info_of, "One node type", answer=schemas.table(schemas.NODE_INFO)),
    Route("GET", "/features", get_features, "What clients may count on", answer=schemas.FEATURES),
    Route("GET", "/system_stats", get_system_stats, "Machine, versions and device", answer=schemas.SYSTEM_STATS),
)
