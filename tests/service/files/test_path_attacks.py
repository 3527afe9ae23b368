"""No name leads out of its folder, on any route that takes one, however it is written."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from darkroom.service.routes_files import paths
from darkroom.service.routes_files.paths import BadPath, folder_at, open_file, parts_of
from tests.service.files.app import Client, app_of, facts_in, talk

SECRET = "the secret text"

CLIMBING = {
    "dots": "../secret.txt",
    "dots twice": "../../secret.txt",
    "dots inside": "a/../../secret.txt",
    "backslashes": "..\\secret.txt",
    "mixed": "a\\../..\\secret.txt",
    "absolute": "/etc/passwd",
    "UNC": "\\\\server\\share\\x",
    "UNC with slashes": "//server/share/x",
    "drive": "C:\\secret.txt",
    "drive without separator": "c:secret.txt",
    "home": "~/secret.txt",
    "encoded twice": "%2e%2e%2fsecret.txt",
    "encoded three times": "%252e%252e%252fsecret.txt",
    "encoded backslash": "..%5csecret.txt",
    "encoded NUL": "x.png%00.txt",
    "dots and blanks": ".. /secret.txt",
    "three dots": ".../secret.txt",
}
OTHERWISE_BAD = {
    "NUL": "x\0.png",
    "newline": "x\r\nSet-Cookie: a=b.png",
    "escape": "x\x1b[31m.png",
    "half a character": "x\ud800.png",
    "too long": "x" * 300 + ".png",
    "far too long": "x/" * 2000,
    "device": "NUL.png",
    "other device": "a/com1",
}
BY_ADDRESS = {name: each for name, each in {**CLIMBING, **OTHERWISE_BAD}.items() if name != "half a character"}
"""Half a character cannot stand in an address: its bytes stay encoded, and name a file of just those letters."""


def segment(name: str) -> str:
    return quote(name.encode("utf-8", "surrogatepass"), safe="")


def form_with(filename: str = "x.png", **fields: str) -> tuple[bytes, dict[str, str]]:
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() for name in fields]
    values = [each.encode("utf-8", "surrogatepass") for each in fields.values()]
    body = b"".join(part + value + b"\r\n" for part, value in zip(parts, values, strict=True))
    quoted = filename.encode("utf-8", "surrogatepass").replace(b"\\", b"\\\\")
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="' + quoted + b'"\r\n\r\n'
    return body + head + b"data\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


GETS = {
    "view filename": "/view?type=input&filename={}",
    "view subfolder": "/view?type=input&filename=secret.txt&subfolder={}",
    "view with preview": "/api/view?type=input&preview=webp&filename={}",
    "view annotated": "/view?filename={}%20[input]",
    "view metadata": "/view_metadata/checkpoints?filename={}",
    "view metadata folder": "/view_metadata/{}?filename=x.safetensors",
    "models folder": "/models/{}",
    "experiment models": "/experiment/models/{}",
    "model preview": "/experiment/models/preview/checkpoints/0/{}",
    "extension file": "/extensions/pack/{}",
    "extension pack": "/extensions/{}/secret.txt",
    "template": "/api/workflow_templates/pack/{}",
    "template pack": "/workflow_templates/{}/secret.txt",
    "subgraph": "/global_subgraphs/{}",
    "internal files": "/internal/files/{}",
    "userdata": "/userdata/{}",
    "userdata list": "/userdata?dir={}",
    "userdata list v2": "/v2/userdata?path={}",
    "setting": "/settings/{}",
    "static": "/{}",
    "workflow": "/api/darkroom/workflows/{}",
    "workflow version": "/api/darkroom/workflows/a?version={}",
    "workflow versions": "/api/darkroom/workflows/{}/versions",
    "draft": "/api/darkroom/workflows/{}/draft",
    "diff": "/api/darkroom/workflows/{}/diff",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Folders with a secret beside each of them."""
    inside = tmp_path / "inside"
    for each in ("input", "output", "temp", "user/default/workflows", "web", "custom_nodes/pack/workflows", "pack/js"):
        (inside / each).mkdir(parents=True)
        (inside / each / ".." / "secret.txt").write_text(SECRET)
    for each in ("models/checkpoints", "models/embeddings"):
        (inside / each).mkdir(parents=True)
    (tmp_path / "secret.txt").write_text(SECRET)
    (inside / "secret.txt").write_text(SECRET)
    return inside


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def app_in(house: Path) -> Any:
    return app_of(facts_in(house, web=house / "web"), {"pack": str(house / "pack" / "js")})


def test_no_read_leads_out(house: Path) -> None:
    async def work(client: Client) -> list[str]:
        wrong = []
        for route, address in GETS.items():
            for attack, name in BY_ADDRESS.items():
                url = URL(str(client.make_url("/"))[:-1] + address.format(segment(name)), encoded=True)
                async with client.session.get(url) as answer:
                    body = await answer.text(errors="replace")
                    listing = route in ("setting", "subgraph", "internal files")
                    allowed = (200, 400) if listing else (400, 403, 404)
                    if answer.status not in allowed or SECRET in body or "Set-Cookie" in answer.headers:
                        wrong.append(f"{route}, {attack}: {answer.status} {body[:80]}")
        return wrong

    assert talk(app_in(house), work) == []


def test_no_write_leads_out(house: Path, tmp_path: Path) -> None:
    outside = tree(tmp_path) - {f"inside/{each}" for each in tree(house)}

    async def work(client: Client) -> list[str]:
        wrong = []
        base = str(client.make_url("/"))[:-1]
        for attack, name in BY_ADDRESS.items():
            there = segment(name)
            own = f"/api/darkroom/workflows/{there}"
            requests: list[tuple[str, str, Any, dict[str, str]]] = [
                ("POST", f"/userdata/{there}", b"{}", {}),
                ("DELETE", f"/userdata/{there}", None, {}),
                ("POST", f"/userdata/{there}/move/b.json", b"", {}),
                ("POST", f"/userdata/a.json/move/{there}", b"", {}),
                ("PUT", own, b'{"workflow": {}}', {}),
                ("DELETE", own, None, {}),
                ("PUT", f"{own}/draft", b'{"workflow": {}}', {}),
                ("POST", f"{own}/move", b'{"to": "b"}', {}),
                ("POST", f"{own}/versions/{there}/restore", b"", {}),
                ("POST", f"/api/darkroom/workflows/a/versions/{there}/restore", b"", {}),
                ("POST", "/upload/image", *form_with(subfolder=name)),
                ("POST", "/upload/mask", *form_with(subfolder=name, original_ref="{}")),
            ]
            if attack != "newline":  # which ends the header, so that another name comes
                requests.append(("POST", "/upload/image", *form_with(name)))
            for method, path, body, headers in requests:
                url = URL(base + path, encoded=True)
                async with client.session.request(method, url, data=body, headers=headers) as answer:
                    if answer.status not in (400, 403, 404, 405):
                        wrong.append(f"{method} {path[:60]}, {attack}: {answer.status}")
        return wrong

    assert talk(app_in(house), work) == []
    assert tree(tmp_path) - {f"inside/{each}" for each in tree(house)} == outside
    for path in tmp_path.rglob("secret.txt"):
        assert path.read_text() == SECRET
    assert not list(tmp_path.rglob("*.part"))


def test_a_raw_request_line_with_dots_stays_inside(house: Path) -> None:
    async def work(client: Client) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(b"GET /extensions/pack/../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return bytes(answer)

    assert SECRET.encode() not in talk(app_in(house), work)


@pytest.mark.parametrize("name", CLIMBING.values(), ids=CLIMBING)
def test_a_name_that_climbs_is_told_from_one_that_is_only_bad(name: str) -> None:
    with pytest.raises(BadPath) as caught:
        parts_of(name)
    assert caught.value.climbs


@pytest.mark.parametrize("name", OTHERWISE_BAD.values(), ids=OTHERWISE_BAD)
def test_a_name_that_no_file_system_takes_is_refused(name: str) -> None:
    with pytest.raises(BadPath) as caught:
        parts_of(name)
    assert not caught.value.climbs


@pytest.mark.parametrize(
    "name", ["a.png", "ein Bild (1).png", "写真.png", "a/b/c.json", "50%.png", "a..b", "12:30.png"]
)
def test_ordinary_names_are_taken(name: str) -> None:
    assert "/".join(parts_of(name)) == name


def test_a_link_that_leads_out_is_refused_and_one_that_stays_is_followed(house: Path) -> None:
    (house / "input" / "out").symlink_to(house.parent)
    (house / "input" / "file.txt").symlink_to(house / "secret.txt")
    (house / "input" / "real.txt").write_text("inside")
    (house / "input" / "near.txt").symlink_to("real.txt")
    (house / "input" / "loop").symlink_to("loop")

    async def work(client: Client) -> list[tuple[int, str]]:
        found = []
        for name, folder in (("file.txt", ""), ("secret.txt", "out"), ("near.txt", ""), ("loop", ""), ("out", "")):
            async with client.get("/view", params={"type": "input", "filename": name, "subfolder": folder}) as answer:
                found.append((answer.status, await answer.text()))
        body, headers = form_with(subfolder="out")
        async with client.post("/upload/image", data=body, headers=headers) as answer:
            found.append((answer.status, ""))
        return found

    answers = talk(app_in(house), work)
    assert [status for status, _ in answers] == [403, 403, 200, 400, 403, 400]
    assert answers[2][1] == "inside"
    assert not (house.parent / "x.png").exists()


def test_a_user_folder_with_a_link_out_gives_nothing(house: Path) -> None:
    user = house / "user" / "default"
    (user / "workflows" / "a.json").symlink_to(house / "secret.txt")
    (user / "out").symlink_to(house)

    async def work(client: Client) -> list[int]:
        statuses = []
        for path in ("workflows%2Fa.json", "out%2Fsecret.txt"):
            for method, body in (("GET", None), ("POST", b"{}"), ("DELETE", None)):
                url = URL(str(client.make_url("/userdata/")) + path, encoded=True)
                async with client.session.request(method, url, data=body) as answer:
                    statuses.append(answer.status)
        async with client.get("/userdata", params={"dir": "out"}) as answer:
            statuses.append(answer.status)
        return statuses

    assert all(status in (400, 403, 404) for status in talk(app_in(house), work))
    assert (house / "secret.txt").read_text() == SECRET


def test_a_folder_swapped_for_a_link_after_the_check_is_not_followed(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The swap happens at the worst moment: between the look at the real path and the opening."""
    inner = house / "input" / "inner"
    inner.mkdir()
    (inner / "a.txt").write_text("harmless")
    (house / "input" / "link").symlink_to("inner")
    real = paths.real_parts

    def swapped(root: Path, parts: Any) -> tuple[str, ...]:
        found = real(root, parts)
        inner.rename(house / "input" / "away")
        inner.symlink_to(house)
        return found

    (house / "a.txt").write_text(SECRET)
    monkeypatch.setattr(paths, "real_parts", swapped)
    with pytest.raises((FileNotFoundError, BadPath)):
        open_file(house / "input", ("link", "a.txt"))


def test_a_folder_swapped_while_it_is_open_is_still_the_one_that_was_opened(house: Path) -> None:
    inner = house / "input" / "inner"
    inner.mkdir()
    with folder_at(house / "input", ("inner",)) as folder:
        inner.rename(house / "input" / "away")
        inner.symlink_to(house.parent)
        folder.write("x.txt", b"new")
    assert (house / "input" / "away" / "x.txt").read_bytes() == b"new"
    assert not (house.parent / "x.txt").exists()


def test_a_pipe_or_a_socket_is_no_file_and_blocks_nobody(house: Path) -> None:
    os.mkfifo(house / "input" / "pipe.png")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(house / "input" / "s.png"))

    async def work(client: Client) -> list[int]:
        statuses = []
        for name in ("pipe.png", "s.png"):
            async with client.get(f"/view?type=input&filename={name}", timeout=aiohttp.ClientTimeout(2)) as answer:
                statuses.append(answer.status)
        return statuses

    try:
        assert talk(app_in(house), work) == [404, 404]
    finally:
        listener.close()


def test_hidden_files_of_the_picture_folders_are_neither_shown_nor_written(house: Path) -> None:
    (house / "temp" / ".jobs").mkdir()
    (house / "temp" / ".jobs" / "x.files").write_text(SECRET)

    async def work(client: Client) -> list[int]:
        async with client.get("/view?type=temp&subfolder=.jobs&filename=x.files") as first:
            pass
        body, headers = form_with("x.files", subfolder=".jobs", type="temp")
        async with client.post("/upload/image", data=body, headers=headers) as second:
            pass
        body, headers = form_with(".htaccess")
        async with client.post("/upload/image", data=body, headers=headers) as third:
            assert (await third.json())["name"] == "htaccess"
        async with client.get("/userdata/.darkroom%2Fversions") as fourth:
            pass
        return [first.status, second.status, fourth.status]

    assert talk(app_in(house), work) == [400, 400, 403]


def test_models_may_be_links_to_elsewhere(house: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    header = b'{"__metadata__": {"a": "b"}}'
    (elsewhere / "m.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    (house / "models" / "checkpoints" / "mine").symlink_to(elsewhere)

    async def work(client: Client) -> tuple[Any, Any]:
        async with client.get("/models/checkpoints") as answer:
            names = await answer.json()
        async with client.get("/view_metadata/checkpoints?filename=mine/m.safetensors") as answer:
            return names, await answer.json()

    assert talk(app_in(house), work) == (["mine/m.safetensors"], {"a": "b"})
