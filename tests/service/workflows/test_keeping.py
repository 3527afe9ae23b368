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


async def contents(client: Client, name: str) -> list[Any]:
    """Of every version, newest first."""
    listed = (await ask(client, "GET", f"{AT}/{name}/versions"))[1]["versions"]
    return [(await ask(client, "GET", f"{AT}/{name}?version={each['id']}"))[1]["workflow"] for each in listed]


def test_a_save_leaves_the_draft_of_somebody_else_where_it_is_asked_to(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        await ask(client, "PUT", f"{AT}/a/draft", {"workflow": {"n": "drawn in another browser"}})
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 2}, "keep_draft": True})
        assert (await ask(client, "GET", f"{AT}/a/draft"))[1]["workflow"] == {"n": "drawn in another browser"}
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 3}})
        assert (await ask(client, "GET", f"{AT}/a/draft"))[0] == 404

    talk_to(tmp_path, work)


@pytest.mark.parametrize("drawn", [{"n": "drawn"}, {"n": "\ud800"}])
def test_deleting_a_workflow_keeps_what_was_drawn_and_brings_back_what_was_saved(tmp_path: Path, drawn: Any) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        await ask(client, "PUT", f"{AT}/a/draft", {"workflow": drawn, "base": None})
        assert (await ask(client, "DELETE", f"{AT}/a?expected=other"))[0] == 409
        assert await contents(client, "a") == [{"n": 1}]
        status, gone = await ask(client, "DELETE", f"{AT}/a")
        assert status == 200
        assert await contents(client, "a") == [{"n": 1}, drawn, {"n": 1}]
        await ask(client, "POST", f"{AT}/a/versions/{gone['version']}/restore")
        assert (await ask(client, "GET", f"{AT}/a"))[1]["workflow"] == {"n": 1}

    talk_to(tmp_path, work)


def test_a_rename_onto_a_name_that_only_has_a_draft_keeps_that_draft_as_a_version(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        await ask(client, "PUT", f"{AT}/a/draft", {"workflow": {"n": "mine"}})
        await ask(client, "PUT", f"{AT}/b/draft", {"workflow": {"n": "never saved"}})
        assert (await ask(client, "POST", f"{AT}/a/move", {"to": "b"}))[0] == 200
        assert (await ask(client, "GET", f"{AT}/b/draft"))[1]["workflow"] == {"n": "mine"}
        assert {"n": "never saved"} in await contents(client, "b")

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
