"""Saved workflows: no content that was ever saved gets lost, whoever saves, renames or deletes, and whenever."""

from __future__ import annotations

import asyncio
import io
import json
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from darkroom.engine.define import node
from darkroom.engine.registry import Registry
from darkroom.files.metadata import exif_block
from darkroom.service.contracts import Limits
from darkroom.service.routes_files import paths
from darkroom.service.workflows import versions
from darkroom.service.workflows.names import digest_of
from darkroom.service.workflows.routes import as_file
from darkroom.service.workflows.store import Conflict, Store
from tests.service.files.app import Client, app_of, facts_in, talk, talk_to
from tests.service.files.test_users_and_packs import ask

AT = "/api/darkroom/workflows"


def contents(store: Store, name: str) -> list[bytes]:
    """Of all versions, oldest first."""
    found = versions.versions_of(store.user, name)
    return [versions.read_version(store.user, name, each.id) for each in reversed(found)]


def test_every_save_is_a_version_and_an_equal_one_is_not_another(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for data in (b"1", b"2", b"2", b"1"):
        store.save("a/b", data)
    assert contents(store, "a/b") == [b"1", b"2", b"1"]
    assert (tmp_path / "workflows" / "a" / "b.json").read_bytes() == b"1"


def test_what_another_program_wrote_becomes_a_version_before_it_is_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("a", b"1")
    (tmp_path / "workflows" / "a.json").write_bytes(b"by hand")
    store.save("a", b"2")
    assert contents(store, "a") == [b"1", b"by hand", b"2"]


def test_who_saves_on_what_is_no_longer_there_is_told_what_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.save("a", b"1", None)
    store.save("a", b"2", first.digest)
    for expected in (first.digest, None):
        with pytest.raises(Conflict) as caught:
            store.save("a", b"3", expected)
        assert caught.value.current is not None
        assert caught.value.current.digest == digest_of(b"2")
    assert store.read("a") == b"2"


def test_of_many_who_save_on_the_same_content_one_wins(tmp_path: Path) -> None:
    store = Store(tmp_path)
    base = store.save("a", b"0").digest

    def save(number: int) -> bool:
        try:
            store.save("a", f"{number} saved".encode(), base)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(16))) == 1


def test_saves_at_the_same_time_are_all_versions(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.save("a", f"content {number}".encode()), range(40)))
    assert set(contents(store, "a")) == {f"content {number}".encode() for number in range(40)}
    assert store.read("a") == contents(store, "a")[-1]


@pytest.mark.parametrize("call", range(1, 3))
def test_a_crash_at_any_rename_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    store = Store(tmp_path)
    store.save("a", b"old")
    calls = 0
    replace = paths.os.replace

    def breaking(*args: Any, **names: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(5, "Input/output error")
        replace(*args, **names)

    with monkeypatch.context() as patch:
        patch.setattr(paths.os, "replace", breaking)
        with pytest.raises(OSError, match="Input"):
            store.save("a", b"new")
    assert store.read("a") == b"old"
    assert b"old" in contents(store, "a")
    assert not list(tmp_path.rglob("*.part"))
    store.save("a", b"new")
    assert store.read("a") == b"new"


def test_the_last_versions_and_the_last_of_each_day_are_kept() -> None:
    ids = [f"202601{day:02}T{hour:02}0000000000Z-x" for day in (3, 2, 1) for hour in (20, 12, 4)]
    assert versions.superfluous(ids, 2) == [ids[2], ids[4], ids[5], ids[7], ids[8]]


def test_versions_are_thinned_out_by_the_setting(tmp_path: Path) -> None:
    async def work(client: Client) -> Any:
        await ask(client, "POST", "/settings/Darkroom.Versions.Keep", 3)
        for number in range(6):
            await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": number}})
        return (await ask(client, "GET", f"{AT}/a/versions"))[1]["versions"]

    found = talk_to(tmp_path, work)
    assert len(found) == 3
    assert [each["current"] for each in found] == [True, False, False]


def test_a_deleted_workflow_can_be_restored(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        (tmp_path / "user" / "default" / "workflows" / "a.json").write_text('{"n": "by hand"}')
        _, deleted = await ask(client, "DELETE", f"{AT}/a")
        assert (await ask(client, "GET", AT))[1] == {"workflows": [], "deleted": ["a"]}
        assert (await ask(client, "GET", f"{AT}/a"))[0] == 404
        assert (await ask(client, "POST", f"{AT}/a/versions/{deleted['version']}/restore"))[0] == 200
        assert (await ask(client, "GET", f"{AT}/a"))[1]["workflow"] == {"n": "by hand"}
        assert (await ask(client, "DELETE", f"{AT}/none"))[0] == 404

    talk_to(tmp_path, work)


def test_plain_user_files_and_the_store_see_the_same_workflows_and_both_keep_versions(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "POST", "/userdata/workflows%2Fsub%2Fa.json", b'{"n": 1}')
        await ask(client, "POST", "/userdata/workflows%2Fsub%2Fa.json", b'{"n": 2}')
        (listed,) = (await ask(client, "GET", AT))[1]["workflows"]
        assert (listed["name"], listed["size"]) == ("sub/a", 8)
        assert len((await ask(client, "GET", f"{AT}/sub%2Fa/versions"))[1]["versions"]) == 2
        await ask(client, "PUT", f"{AT}/sub%2Fa", {"workflow": {"n": 3}})
        assert (await ask(client, "GET", "/userdata/workflows%2Fsub%2Fa.json"))[1] == {"n": 3}
        await ask(client, "POST", "/userdata/workflows%2Fsub%2Fa.json/move/workflows%2Fb.json", b"")
        assert len((await ask(client, "GET", f"{AT}/b/versions"))[1]["versions"]) == 3
        await ask(client, "POST", "/userdata/workflows%2Fb.json/move/elsewhere.json", b"")
        assert "b" in (await ask(client, "GET", AT))[1]["deleted"]
        await ask(client, "POST", "/userdata/elsewhere.json/move/workflows%2Fb.json", b"")
        assert (await ask(client, "DELETE", "/userdata/workflows%2Fb.json"))[0] == 204
        assert (await ask(client, "GET", AT))[1]["deleted"] == ["b"]
        assert (await ask(client, "GET", "/userdata?dir=workflows&recurse=true"))[1] == []

    talk_to(tmp_path, work)


def test_saved_over_http_it_is_readable_json_and_a_conflict_tells_the_other_version(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        _, first = await ask(client, "PUT", f"{AT}/a", {"workflow": {"title": "Küche"}, "expected": None})
        _, second = await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 2}, "expected": first["digest"]})
        status, told = await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 3}, "expected": first["digest"]})
        assert (status, told["current"]) == (409, second)
        status, _ = await ask(client, "DELETE", f"{AT}/a?expected={first['digest']}")
        assert status == 409
        _, listed = await ask(client, "GET", f"{AT}/a/versions")
        old = listed["versions"][-1]["id"]
        assert (await ask(client, "GET", f"{AT}/a?version={old}"))[1]["workflow"] == {"title": "Küche"}
        data = (tmp_path / "user/default/.darkroom/versions/a" / f"{old}.json").read_text()
        assert data == '{\n  "title": "Küche"\n}\n'

    talk_to(tmp_path, work)


def test_a_renamed_workflow_takes_versions_and_draft_along(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        await ask(client, "PUT", f"{AT}/b", {"workflow": {"n": 2}})
        await ask(client, "PUT", f"{AT}/a/draft", {"workflow": {"n": 5}, "base": "x"})
        assert (await ask(client, "POST", f"{AT}/a/move", {"to": "b"}))[0] == 409
        status, moved = await ask(client, "POST", f"{AT}/a/move", {"to": "b", "overwrite": True})
        assert (status, moved["name"]) == (200, "b")
        assert len((await ask(client, "GET", f"{AT}/b/versions"))[1]["versions"]) == 2
        assert (await ask(client, "GET", f"{AT}/b/draft"))[1]["workflow"] == {"n": 5}
        assert (await ask(client, "GET", AT))[1]["deleted"] == []
        assert (await ask(client, "POST", f"{AT}/none/move", {"to": "c"}))[0] == 404

    talk_to(tmp_path, work)


def test_a_draft_lives_until_its_workflow_is_saved(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        assert (await ask(client, "GET", f"{AT}/new/draft"))[0] == 404
        assert (await ask(client, "PUT", f"{AT}/new/draft", {"workflow": {"n": 1}}))[0] == 204
        assert (await ask(client, "GET", f"{AT}/new/draft"))[1]["workflow"] == {"n": 1}
        await ask(client, "PUT", f"{AT}/new", {"workflow": {"n": 1}})
        assert (await ask(client, "GET", f"{AT}/new/draft"))[0] == 404
        await ask(client, "PUT", f"{AT}/new/draft", {"workflow": {"n": 2}})
        assert (await ask(client, "GET", AT))[1]["workflows"][0]["has_draft"]
        assert (await ask(client, "DELETE", f"{AT}/new/draft"))[0] == 204
        assert not (await ask(client, "GET", AT))[1]["workflows"][0]["has_draft"]

    talk_to(tmp_path, work)


BAD_BODIES: dict[str, tuple[Any, int]] = {
    "no workflow": ({}, 400),
    "a list": ([], 400),
    "workflow a list": ({"workflow": []}, 400),
    "digest a number": ({"workflow": {}, "expected": 5}, 400),
    "half a character": ({"workflow": {"a": "\ud800"}}, 400),
    "no JSON": (b"{", 400),
    "NaN": (b'{"workflow": {"a": NaN}}', 400),
    "too large": ({"workflow": {"a": "x" * 5000}}, 413),
}


@pytest.mark.parametrize(("body", "status"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_what_is_no_workflow_is_not_saved(tmp_path: Path, body: Any, status: int) -> None:
    limits = Limits(upload_bytes=4000)
    assert talk_to(tmp_path, lambda client: ask(client, "PUT", f"{AT}/a", body), limits=limits)[0] == status
    assert not (tmp_path / "user/default/workflows").exists()


@node("Count", category="toy")
def count(*, steps: int = 5, start: int = 0) -> int:
    return steps + start


REGISTRY = Registry.from_functions(count)


def drawn(steps: int, *, extra: bool = False, linked: bool = False) -> dict[str, Any]:
    nodes = [box(1, steps)] + ([box(2, 0)] if extra else [])
    return {"nodes": nodes, "links": [[1, 1, 0, 2, 0, "INT"]] if linked else [], "version": 0.4}


def box(id: int, steps: int) -> dict[str, Any]:
    slot = {"name": "steps", "type": "INT", "link": None, "widget": {"name": "steps"}}
    out = {"name": "INT", "type": "INT", "links": []}
    return {
        "id": id,
        "type": REGISTRY_ID,
        "pos": [id, steps],
        "widgets_values": [steps, 0],
        "inputs": [slot],
        "outputs": [out],
    }


REGISTRY_ID = next(iter(REGISTRY)).id


def test_a_diff_names_nodes_settings_and_links(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": drawn(5)})
        old = (await ask(client, "GET", f"{AT}/a/versions"))[1]["versions"][0]["id"]
        await ask(client, "PUT", f"{AT}/a", {"workflow": drawn(7, extra=True, linked=True)})
        _, found = await ask(client, "GET", f"{AT}/a/diff?before={old}")
        (changed,) = found["nodes"]["changed"]
        assert changed["values"] == {"steps": {"before": 5, "after": 7}}
        assert [each["id"] for each in found["nodes"]["added"]] == ["2"]
        link = {"from": {"node": "1", "output": "INT"}, "to": {"node": "2", "input": "steps"}}
        assert found["links"] == {"added": [link], "removed": []}
        moved = drawn(7, extra=True, linked=True)
        moved["nodes"][0]["pos"] = [99, 99]
        assert (await ask(client, "POST", f"{AT}/a/diff", {"workflow": moved}))[1]["same"]
        assert (await ask(client, "POST", f"{AT}/a/diff", {"workflow": {"x": 1}}))[0] == 400
        api = {"1": {"class_type": REGISTRY_ID, "inputs": {"steps": 1}}}
        await ask(client, "PUT", f"{AT}/api", {"workflow": api})
        api["2"] = {"class_type": REGISTRY_ID, "inputs": {"steps": ["1", 0]}}
        _, found = await ask(client, "POST", f"{AT}/api/diff", {"workflow": api})
        assert found["links"]["added"][0]["to"] == {"node": "2", "input": "steps"}

    talk(app_of(facts_in(tmp_path), registry=REGISTRY), work)


def many_bombs() -> bytes:
    """A picture with a hundred texts that unpack to more than is read."""
    whole = picture_with("PNG")
    body = b"zTXt" + b"workflow\0\0" + zlib.compress(bytes(70_000_000))
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return whole[:33] + chunk * 100 + whole[33:]


def picture_with(format: str, **texts: str) -> bytes:
    file, info = io.BytesIO(), PngInfo()
    for name, text in texts.items():
        info.add_text(name, text, zip=True)
    options: dict[str, Any] = {"pnginfo": info} if format == "PNG" else {"exif": exif_block(texts)}
    Image.new("RGB", (2, 2)).save(file, format, **options)
    return file.getvalue()


API = json.dumps({"1": {"class_type": "None such", "inputs": {"x": float("nan")}}})
UI = json.dumps(drawn(5))

FILES = {
    "JSON": (UI.encode(), "workflow"),
    "JSON with a mark": (b"\xef\xbb\xbf" + UI.encode(), "workflow"),
    "API JSON": (API.encode(), "prompt"),
    "PNG": (picture_with("PNG", workflow=UI, prompt=API), "workflow"),
    "PNG with prompt": (picture_with("PNG", prompt=API), "prompt"),
    "WebP": (picture_with("WEBP", workflow=UI), "workflow"),
    "JPEG": (picture_with("JPEG", prompt=API), "prompt"),
}


@pytest.mark.parametrize(("data", "kind"), FILES.values(), ids=FILES)
def test_a_workflow_is_opened_from_any_kind_of_file(tmp_path: Path, data: bytes, kind: str) -> None:
    work = lambda client: ask(client, "POST", f"{AT}/open", data)
    status, found = talk(app_of(facts_in(tmp_path), registry=REGISTRY), work)
    assert (status, found["kind"]) == (200, kind)
    assert found[kind].keys() >= ({"nodes"} if kind == "workflow" else {"1"})
    assert found["unknown"] == ([] if kind == "workflow" else ["1"])


NO_FILES = {
    "nothing": b"",
    "text": b"hello",
    "a list": b"[]",
    "another object": b'{"a": 1}',
    "a picture without": picture_with("PNG"),
    "too deep": b'{"a":' * 5000,
    "a bomb": picture_with("PNG", workflow=" " * 80_000_000),
    "many bombs": many_bombs(),
}


@pytest.mark.parametrize("data", NO_FILES.values(), ids=NO_FILES)
def test_what_holds_no_workflow_is_refused_with_the_reason(tmp_path: Path, data: bytes) -> None:
    start = time.process_time()
    status, found = talk_to(tmp_path, lambda client: ask(client, "POST", f"{AT}/open", data))
    assert status == 400
    assert time.process_time() - start < 1
    assert found["error"]


def test_a_workflow_of_more_nodes_than_the_limit_is_refused(tmp_path: Path) -> None:
    work = lambda client: ask(client, "POST", f"{AT}/open", UI.encode())
    assert talk_to(tmp_path, work, limits=Limits(graph_nodes=0))[0] == 413


def test_a_damaged_file_is_told_and_its_versions_stay(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        await ask(client, "PUT", f"{AT}/a", {"workflow": {"n": 1}})
        (tmp_path / "user/default/workflows/a.json").write_bytes(b"{")
        assert (await ask(client, "GET", f"{AT}/a"))[0] == 409
        _, found = await ask(client, "GET", f"{AT}/a/versions")
        assert (await ask(client, "POST", f"{AT}/a/versions/{found['versions'][0]['id']}/restore"))[0] == 200
        assert (await ask(client, "GET", f"{AT}/a"))[1]["workflow"] == {"n": 1}

    talk_to(tmp_path, work)


def test_many_requests_at_once_are_answered(tmp_path: Path) -> None:
    async def work(client: Client) -> set[int]:
        saves = [ask(client, "PUT", f"{AT}/w{number % 5}", {"workflow": {"n": number}}) for number in range(60)]
        reads = [ask(client, "GET", AT) for _ in range(20)]
        return {status for status, _ in await asyncio.gather(*saves, *reads)}

    assert talk_to(tmp_path, work) == {200}


def test_a_workflow_that_is_nested_deep_is_not_blown_up_by_its_indentation() -> None:
    flat: Any = [1] * 1000
    assert b"\n" in as_file({"a": flat}).rstrip()
    deep: Any = [1] * 400_000
    for _ in range(90):
        deep = [deep]
    assert len(as_file({"a": deep})) < 2_000_000
