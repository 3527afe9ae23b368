"""A drawing that gives way is kept; a disk without room is told, and what was saved stays."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from darkroom.service.routes_files import paths
from tests.service.files.app import Client, talk_to
from tests.service.files.test_users_and_packs import ask

AT = "/api/darkroom/workflows"


def test_a_drawing_can_be_kept_as_a_version_without_being_current(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": "theirs"}})
        status, kept = await ask(client, "POST", f"{AT}/a/versions", {"workflow": {"n": "mine"}})
        assert status == 200
        assert (await ask(client, "GET", f"{AT}/a"))[1]["workflow"] == {"n": "theirs"}
        found = await ask(client, "GET", f"{AT}/a?version={kept['version']}")
        assert found[1]["workflow"] == {"n": "mine"}
        assert [each["current"] for each in (await ask(client, "GET", f"{AT}/a/versions"))[1]["versions"]] == [
            False,
            True,
        ]

    talk_to(tmp_path, work)


def tensors(metadata: dict[str, str]) -> bytes:
    header = json.dumps({"__metadata__": metadata, "latent": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})
    return len(header).to_bytes(8, "little") + header.encode() + bytes(4)


def test_the_workflow_inside_a_latent_opens(tmp_path: Path) -> None:
    workflow = {"nodes": [{"id": 1, "type": "Note", "pos": [0, 0], "widgets_values": ["kept"]}], "links": []}

    async def work(client: Client) -> None:
        status, found = await ask(client, "POST", f"{AT}/open", tensors({"workflow": json.dumps(workflow)}))
        assert (status, found["kind"], found["workflow"]) == (200, "workflow", workflow)
        # The header alone is enough: browsers need not send gigabytes.
        status, found = await ask(client, "POST", f"{AT}/open", tensors({"workflow": json.dumps(workflow)})[:-4])
        assert (status, found["workflow"]) == (200, workflow)
        for bad in (tensors({}), tensors({"workflow": "{"}), (10).to_bytes(8, "little") + b"{notjson}}"):
            status, _ = await ask(client, "POST", f"{AT}/open", bad)
            assert status == 400

    talk_to(tmp_path, work)


def test_a_full_disk_is_told_and_leaves_what_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any, **_names: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        with monkeypatch.context() as patch:
            patch.setattr(paths.os, "fsync", full)
            for path in (f"{AT}/a", f"{AT}/a/draft"):
                status, said = await ask(client, "PUT", path, {"workflow": {"n": 2}})
                assert status == 507 and "disk of the server is full" in said["error"]
        assert (await ask(client, "GET", f"{AT}/a"))[1]["workflow"] == {"n": 1}

    talk_to(tmp_path, work)
