"""The example workflows are listed and given out; a drawn graph is exported as API JSON."""

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from darkroom.service.http.app import build_app
from darkroom.service.http.routes import ROUTES
from nodes.library import library
from tests.service.fakes import fake_service

WORKFLOWS = Path(__file__).resolve().parents[3] / "workflows"


def talk(folder: Path, work: Callable[[TestClient[Any, Any]], Awaitable[None]]) -> None:
    async def run() -> None:
        service = fake_service(folder, library())
        service = dataclasses.replace(service, facts=dataclasses.replace(service.facts, templates=WORKFLOWS))
        async with TestClient(TestServer(build_app(service, ROUTES))) as client:
            await work(client)

    asyncio.run(run())


def test_every_shipped_workflow_is_a_template(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        listed = (await (await client.get("/api/darkroom/templates")).json())["templates"]
        assert {each["name"] for each in listed} == {path.stem for path in WORKFLOWS.glob("*.json")}
        for each in listed:
            given = await (await client.get(f"/api/darkroom/templates/{each['name']}")).json()
            assert given == json.loads((WORKFLOWS / f"{each['name']}.json").read_text())
            assert len(given["nodes"]) == each["nodes"]

    talk(tmp_path, work)


def test_every_template_says_what_it_is_for_and_shows_what_it_makes(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        for each in (await (await client.get("/api/darkroom/templates")).json())["templates"]:
            assert each["description"] and each["tags"], each["name"]
            assert each["picture"], f"{each['name']}: make its picture with `python -m starter.template_pictures`"
            picture = await client.get(f"/api/darkroom/template_pictures/{each['name']}")
            assert (picture.status, picture.content_type) == (200, "image/webp")
            assert len(await picture.read()) < 30_000
        for name in ("none", "..%2Fweb%2Fscreenshot", "%2Fetc%2Fpasswd"):
            assert (await client.get(f"/api/darkroom/template_pictures/{name}")).status == 404

    talk(tmp_path, work)


def test_a_name_that_is_no_template_is_not_found(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        for name in ("none", "..%2FREADME", "../pyproject", "%2Fetc%2Fpasswd"):
            assert (await client.get(f"/api/darkroom/templates/{name}")).status == 404

    talk(tmp_path, work)


def test_a_drawn_graph_is_exported_as_what_scripts_post(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        workflow = json.loads((WORKFLOWS / "text_to_image.json").read_text())
        exported = await (await client.post("/api/darkroom/export", json={"workflow": workflow})).json()
        assert exported["problems"] == []
        types = {node["class_type"] for node in exported["prompt"].values()}
        assert {"KSampler", "CheckpointLoaderSimple", "VAEDecode"} <= types
        assert (await client.post("/api/darkroom/export", json={"workflow": [1]})).status == 400

    talk(tmp_path, work)
