"""Every route that is about files, except those of the editor itself, which stand last (`static`)."""

from __future__ import annotations

from darkroom.service.contracts import Route
from darkroom.service.routes_files import internal, models, packs, upload, userdata, users, view
from darkroom.service.workflows import routes as workflows

ROUTES: tuple[Route, ...] = (
    *view.ROUTES,
    *upload.ROUTES,
    *models.ROUTES,
    *packs.ROUTES,
    *users.ROUTES,
    *userdata.ROUTES,
    *internal.ROUTES,
    *workflows.ROUTES,
)
