"""Every route of this package and the socket's; files, workflows and the rest bring tables of their own."""

from __future__ import annotations

from darkroom.service.http import (
    inspection,
    openapi,
    packs,
    prompt,
    queue,
    results,
    system,
    templates,
    thumbnails,
    tokens,
    weights,
)
from darkroom.service.socket import handler

ROUTES = (
    *prompt.ROUTES,
    *queue.ROUTES,
    *system.ROUTES,
    *handler.ROUTES,
    *inspection.ROUTES,
    *packs.ROUTES,
    *templates.ROUTES,
    *tokens.ROUTES,
    *results.ROUTES,
    *thumbnails.ROUTES,
    *weights.ROUTES,
    *openapi.ROUTES,
)
