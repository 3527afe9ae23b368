"""Users keep settings and files apart from each other; what packs and models bring is listed."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from darkroom.service.contracts import SERVICE, Limits
from darkroom.service.observe.ring import RING
from darkroom.service.routes_files import paths
from tests.service.files.app import Client, app_of, facts_in, talk, talk_to
from tests.service.files.test_pictures_in_and_out import picture


async def ask(client: Client, method: str, path: str, body: Any = None, user: str | None = None) -> tuple[int, Any]:
    """path: encoded; body: bytes as they are, anything else as JSON"""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if user is None else {"comfy-user": user}
    url = URL(str(client.make_url("/"))[:-1] + path, encoded=True)
    async with client.session.request(method, url, data=data, headers=headers) as answer:
        raw = await answer.read()
        try:
            return answer.status, json.loads(raw)
        except ValueError:
            return answer.status, raw


def test_users_see_their_own_settings_and_files_only(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        _, ann = await ask(client, "POST", "/users", {"username": "Ann / ../x"})
        _, bob = await ask(client, "POST", "/users", {"username": "Bob"})
        assert ann.startswith("Annx_")
        assert (await ask(client, "GET", "/users"))[1]["users"] == {ann: "Ann / ../x", bob: "Bob"}
        assert await ask(client, "POST", "/settings/a", 1, ann) == (200, b"")
        assert await ask(client, "GET", "/settings", user=bob) == (200, {})
        assert await ask(client, "GET", "/settings", user=ann) == (200, {"a": 1})
        assert (await ask(client, "POST", "/userdata/x.txt", b"hello", ann))[0] == 200
        assert (await ask(client, "GET", "/userdata/x.txt", user=bob))[0] == 404
        for nobody in (None, "", "none", "__system", "../" + ann, ann + "/..", ".", "default"):
            for path in ("/settings", "/userdata?dir=x", "/api/darkroom/workflows"):
                assert (await ask(client, "GET", path, user=nobody))[0] == 401

    talk_to(tmp_path, work, multi_user=True)


@pytest.mark.parametrize("name", ["", " ", None, 5, "__system", "a\nb", "x" * 65, "Ann"])
def test_a_user_name_that_is_none_or_taken_is_refused(tmp_path: Path, name: Any) -> None:
    async def work(client: Client) -> int:
        await ask(client, "POST", "/users", {"username": "Ann"})
        status, answer = await ask(client, "POST", "/users", {"username": name})
        assert "error" in answer
        return status

    assert talk_to(tmp_path, work, multi_user=True) == 400


def test_users_added_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    async def work(client: Client) -> int:
        await asyncio.gather(*(ask(client, "POST", "/users", {"username": f"u{n}"}) for n in range(20)))
        return len((await ask(client, "GET", "/users"))[1]["users"])

    assert talk_to(tmp_path, work, multi_user=True) == 20


def test_settings_written_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    async def work(client: Client) -> Any:
        await asyncio.gather(*(ask(client, "POST", "/settings", {f"k{n}": n}) for n in range(30)))
        return (await ask(client, "GET", "/settings"))[1]

    assert talk_to(tmp_path, work) == {f"k{n}": n for n in range(30)}


BAD_SETTINGS: dict[str, tuple[str, bytes, int]] = {
    "no JSON": ("/settings", b"{", 400),
    "no object": ("/settings", b"[1]", 400),
    "nothing": ("/settings", b"", 400),
    "NaN": ("/settings/a", b"NaN", 400),
    "infinity": ("/settings/a", b"1e999", 400),
    "too many digits": ("/settings/a", b"1" * 5000, 400),
    "too deep": ("/settings/a", b"[" * 101 + b"]" * 101, 400),
    "far too deep": ("/settings/a", b"[" * 100_000, 400),
    "no text": ("/settings/a", b'"\xff\xfe"', 400),
    "too large": ("/settings/a", b'"' + b"x" * 2**21 + b'"', 413),
}


@pytest.mark.parametrize(("path", "body", "status"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_settings_that_are_no_json_are_refused(tmp_path: Path, path: str, body: bytes, status: int) -> None:
    async def work(client: Client) -> None:
        await ask(client, "POST", "/settings/kept", "x")
        assert (await ask(client, "POST", path, body))[0] == status
        assert (await ask(client, "GET", "/settings"))[1] == {"kept": "x"}

    talk_to(tmp_path, work)


def test_odd_settings_are_kept_as_they_are(tmp_path: Path) -> None:
    odd = {"__proto__": {"x": 1}, "é/ü": None, "half": "\ud800", "": [1.5, True]}

    async def work(client: Client) -> Any:
        await ask(client, "POST", "/settings", odd)
        return (await ask(client, "GET", "/settings"))[1]

    assert talk_to(tmp_path, work) == odd


def test_damaged_settings_are_set_aside_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "user" / "default"
    folder.mkdir(parents=True)
    (folder / "comfy.settings.json").write_text('{"a": 1')

    async def work(client: Client) -> Any:
        assert (await ask(client, "GET", "/settings"))[1] == {}
        await ask(client, "POST", "/settings/b", 2)
        return (await ask(client, "GET", "/settings"))[1]

    assert talk_to(tmp_path, work) == {"b": 2}
    assert (folder / "comfy.settings.damaged.json").read_text() == '{"a": 1'


def test_a_crash_while_settings_are_written_leaves_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_names: Any) -> None:
        raise OSError(5, "Input/output error")

    async def work(client: Client) -> Any:
        await ask(client, "POST", "/settings/a", 1)
        with monkeypatch.context() as patch:
            patch.setattr(paths.os, "replace", broken)
            assert (await ask(client, "POST", "/settings/a", 2))[0] == 500
        return (await ask(client, "GET", "/settings/a"))[1]

    assert talk_to(tmp_path, work) == 1
    assert [path.name for path in (tmp_path / "user" / "default").iterdir()] == ["comfy.settings.json"]


def test_user_files_are_listed_moved_and_kept_from_overwriting(tmp_path: Path) -> None:
    async def work(client: Client) -> None:
        for name in ("a.txt", "sub%2Fb.txt", "sub%2F%E5%86%99.txt", ".hidden"):
            assert (await ask(client, "POST", f"/userdata/things%2F{name}", b"x"))[0] == 200
        assert (await ask(client, "GET", "/userdata?dir=things"))[1] == ["a.txt"]
        assert (await ask(client, "GET", "/userdata?dir=things&recurse=true"))[1] == [
            "a.txt",
            "sub/b.txt",
            "sub/写.txt",
        ]
        split = (await ask(client, "GET", "/userdata?dir=things&recurse=true&split=true"))[1]
        assert split[1] == ["sub/b.txt", "sub", "b.txt"]
        two = (await ask(client, "GET", "/v2/userdata?path=things"))[1]
        assert [(each["name"], each["type"]) for each in two] == [
            *(("sub", "directory"), (".hidden", "file"), ("a.txt", "file")),
        ]
        assert (await ask(client, "GET", "/v2/userdata"))[1][0]["path"] == "things"
        move = "/userdata/things%2Fa.txt/move/things%2Fsub%2Fb.txt"
        assert (await ask(client, "POST", move + "?overwrite=false"))[0] == 409
        assert await ask(client, "POST", move) == (200, "things/sub/b.txt")
        assert (await ask(client, "POST", "/userdata/things%2Fsub", b"x"))[0] == 400
        assert (await ask(client, "POST", "/userdata/things%2Fsub%2Fb.txt%2Fc", b"x"))[0] in (400, 404)
        assert (await ask(client, "DELETE", "/userdata/things%2Fsub"))[0] == 404

    talk_to(tmp_path, work)


def test_a_user_file_is_never_a_page(tmp_path: Path) -> None:
    async def work(client: Client) -> str:
        await ask(client, "POST", "/userdata/x.html", b"<script>alert(1)</script>")
        async with client.get("/userdata/x.html") as answer:
            return answer.headers["Content-Type"] + answer.headers["Content-Disposition"]

    assert talk_to(tmp_path, work) == 'application/octet-streamattachment; filename="x.html"'


def test_a_user_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    work = lambda client: ask(client, "POST", "/userdata/x", b"x" * 1001)
    assert talk_to(tmp_path, work, limits=Limits(upload_bytes=1000))[0] == 413


def test_models_are_listed_with_their_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "loras"
    folder.mkdir(parents=True)
    (tmp_path / "models" / "embeddings").mkdir()
    (tmp_path / "models" / "embeddings" / "bad.hands.pt").write_bytes(b"")
    covers = json.dumps([base64.b64encode(picture()).decode()])
    header = json.dumps({"__metadata__": {"ssmd_cover_images": covers}}).encode()
    (folder / "inside.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    (folder / "beside.safetensors").write_bytes(b"x")
    (folder / "beside.preview.png").write_bytes(picture())
    (folder / "none.safetensors").write_bytes((2**60).to_bytes(8, "little"))

    async def work(client: Client) -> None:
        assert (await ask(client, "GET", "/embeddings"))[1] == ["bad.hands"]
        assert "loras" in (await ask(client, "GET", "/models"))[1]
        assert (await ask(client, "GET", "/models/input"))[0] == 404
        described = (await ask(client, "GET", "/experiment/models/loras"))[1]
        assert (described[0]["name"], described[0]["pathIndex"]) == ("beside.safetensors", 0)
        keys = [each["name"] for each in (await ask(client, "GET", "/experiment/models"))[1]]
        assert "loras" in keys
        assert "configs" not in keys
        start = "/experiment/models/preview/loras/0/"
        for name in ("inside", "beside"):
            status, data = await ask(client, "GET", f"{start}{name}.safetensors")
            assert (status, data[8:12]) == (200, b"WEBP")
        for address in (f"{start}none.safetensors", "/experiment/models/preview/loras/9/x", f"{start[:-2]}-1/x"):
            assert (await ask(client, "GET", address))[0] == 404
        assert (await ask(client, "GET", "/view_metadata/loras?filename=none.safetensors"))[0] == 404

    talk_to(tmp_path, work)


def test_packs_bring_scripts_templates_translations_and_subgraphs(tmp_path: Path) -> None:
    pack = tmp_path / "custom_nodes" / "my pack"
    for path, text in {
        "js/a b.js": "1", "js/sub/c.js": "2", "js/page.html": "<p>", "example_workflows/One.json": "{}",
        "locales/de/main.json": '{"x": {"a": 1}}', "locales/de/nodeDefs.json": '{"N": 1}', "locales/fr/main.json": "{",
        "subgraphs/S.json": '{"s": 1}',
    }.items():  # fmt: skip
        (pack / path).parent.mkdir(parents=True, exist_ok=True)
        (pack / path).write_text(text)
    other = tmp_path / "custom_nodes" / "other" / "locales" / "de"
    other.mkdir(parents=True)
    (other / "main.json").write_text('{"x": {"b": 2}}')

    async def work(client: Client) -> None:
        scripts = (await ask(client, "GET", "/extensions"))[1]
        assert scripts == ["/extensions/my%20pack/a%20b.js", "/extensions/my%20pack/sub/c.js"]
        for address, kind in (
            (scripts[0], "text/javascript"),
            ("/extensions/my%20pack/page.html", "application/octet"),
        ):
            async with client.session.get(URL(str(client.make_url("/"))[:-1] + address, encoded=True)) as answer:
                assert answer.headers["Content-Type"].startswith(kind)
        assert (await ask(client, "GET", "/workflow_templates"))[1] == {"my pack": ["One"]}
        assert await ask(client, "GET", "/api/workflow_templates/my%20pack/One.json") == (200, {})
        said = (await ask(client, "GET", "/i18n"))[1]
        assert said == {"de": {"x": {"a": 1, "b": 2}, "nodeDefs": {"N": 1}}}
        ((id, info),) = (await ask(client, "GET", "/global_subgraphs"))[1].items()
        assert info == {"source": "custom_node", "name": "S", "info": {"node_pack": "my pack"}}
        assert (await ask(client, "GET", f"/global_subgraphs/{id}"))[1]["data"] == '{"s": 1}'
        assert await ask(client, "GET", "/global_subgraphs/none") == (200, None)

    talk(app_of(facts_in(tmp_path), {"my pack": str(pack / "js")}), work)


def test_log_lines_are_told_and_sent_to_those_who_subscribe(tmp_path: Path) -> None:
    app = app_of(facts_in(tmp_path))

    async def work(client: Client) -> Any:
        assert await ask(client, "PATCH", "/internal/logs/subscribe", {"clientId": "c", "enabled": True}) == (200, b"")
        RING.add("now", "one line\n")
        assert "now - one line\n" in (await ask(client, "GET", "/internal/logs"))[1]
        assert {"t": "now", "m": "one line\n"} in (await ask(client, "GET", "/internal/logs/raw"))[1]["entries"]
        await ask(client, "PATCH", "/internal/logs/subscribe", {"clientId": "c", "enabled": False})
        RING.add("now", "unheard\n")
        assert (await ask(client, "PATCH", "/internal/logs/subscribe", {"enabled": True}))[0] == 400
        said: Any = app[SERVICE].hub
        return [(event, [each["m"] for each in data["entries"]], to) for event, data, to in said.said]

    assert talk(app, work) == [("logs", ["one line\n"], "c")]


def test_without_an_editor_the_page_says_so_and_without_a_script(tmp_path: Path) -> None:
    status, page = talk_to(tmp_path, lambda client: ask(client, "GET", "/"))
    assert status == 200
    assert b"not built" in page
    assert b"<script" not in page
    assert b" style" not in page


def test_the_editor_is_served_fresh_and_with_its_own_types(tmp_path: Path) -> None:
    root = tmp_path / "web"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html>")
    (root / "assets" / "a b.js").write_text("1")
    (root / ".env").write_text("secret")

    async def work(client: Client) -> list[tuple[int, str, str]]:
        found = []
        for path in ("/", f"/assets/{quote('a b.js')}", "/.env", "/none.js", "/assets"):
            async with client.get(URL(path, encoded=True)) as answer:
                kind, cache = answer.headers["Content-Type"], answer.headers.get("Cache-Control", "")
                found.append((answer.status, kind, cache[:8]))
        return found

    assert talk_to(tmp_path, work, web=root) == [
        (200, "text/html; charset=utf-8", "no-cache"),
        (200, "text/javascript; charset=utf-8", ""),
        (404, "application/octet-stream", ""),
        (404, "application/octet-stream", "no-cache"),
        (404, "application/octet-stream", ""),
    ]
