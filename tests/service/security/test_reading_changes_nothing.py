"""Links, pictures and prefetches are GET: no route that answers it may change anything."""

from __future__ import annotations

import re
from pathlib import Path

from darkroom.service.http.app import paths_of
from darkroom.service.http.routes import ROUTES
from darkroom.service.observe import metrics
from darkroom.service.routes_files import static, table
from tests.service.security.running import running

ALL = (*ROUTES, *metrics.ROUTES, *table.ROUTES, *static.ROUTES)

LOOKED_AT = """
/
/api/darkroom/explain/{id}
/api/darkroom/metrics
/api/darkroom/models
/api/darkroom/openapi.json
/api/darkroom/packs
/api/darkroom/results
/api/darkroom/template_pictures/{name:.+}
/api/darkroom/templates
/api/darkroom/templates/{name:.+}
/api/darkroom/thumbnail
/api/darkroom/values/{job}/{node}/{slot}
/api/darkroom/workers
/api/darkroom/workflows
/api/darkroom/workflows/{name}
/api/darkroom/workflows/{name}/diff
/api/darkroom/workflows/{name}/draft
/api/darkroom/workflows/{name}/versions
/api/jobs
/api/jobs/{id}
/embeddings
/experiment/models
/experiment/models/preview/{folder}/{path_index}/{filename:.+}
/experiment/models/{folder}
/extensions
/extensions/{pack}/{path:.+}
/features
/global_subgraphs
/global_subgraphs/{id}
/history
/history/{id}
/i18n
/internal/files/{type}
/internal/folder_paths
/internal/logs
/internal/logs/raw
/models
/models/{folder}
/object_info
/object_info/{type}
/prompt
/queue
/settings
/settings/{id}
/system_stats
/userdata
/userdata/{file}
/users
/v2/userdata
/view
/view_metadata/{folder}
/workflow_templates
/workflow_templates/{module}/{path:.+}
/ws
/{path:.+}
"""
"""GET routes that somebody has read with this question in mind; a new one belongs here once that was done."""

CHANGING = ("/interrupt", "/free", "/upload/image", "/upload/mask")


def test_somebody_has_looked_at_each_get_route() -> None:
    reading = {route.path for route in ALL if route.method in ("GET", "HEAD")}
    assert reading == set(LOOKED_AT.split())


def test_no_get_route_stands_beside_a_route_that_only_does_things() -> None:
    for route in ALL:
        if route.method == "GET":
            assert not set(paths_of(route)) & set(CHANGING), route.path


def test_methods_are_those_that_browsers_ask_before_sending_across_sites_or_are_guarded_by_origin() -> None:
    assert {route.method for route in ALL} <= {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_all_get_routes_together_make_no_file_and_no_folder(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        before = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")}
        for route in ALL:
            if route.method == "GET":
                address = re.sub(r"\{[^}]*\}", "a", route.path)
                for method in ("GET", "HEAD"):
                    assert server.ask(address, method=method).status < 500, route.path
        after = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")}
    assert {path for path in after - before if not path.name.startswith("darkroom.db")} == set()
