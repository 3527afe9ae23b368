"""Pictures come in whole or not at all, and go out as nothing that a browser runs."""

from __future__ import annotations

import asyncio
import io
import json
import time
import zlib
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from PIL import Image

from darkroom.files.pictures import open_picture
from darkroom.service.contracts import Limits
from darkroom.service.routes_files import paths
from tests.service.files.app import SMALL, Client, talk_to


def picture(mode: str = "RGBA", size: tuple[int, int] = (4, 3), colour: Any = None) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour if colour is not None else (200, 100, 50, 128)[: len(mode)]).save(file, "PNG")
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def declared(width: int, height: int, *extra: bytes) -> bytes:
    """A PNG that only says how large it is."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 6, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 17))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + rows + chunk(b"IEND", b"")


async def upload(
    client: Client, data: bytes, name: str = "g.png", path: str = "/upload/image", **fields: str
) -> tuple[int, Any]:
    form = aiohttp.FormData(quote_fields=False)
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field("image", data, filename=name, content_type="image/png")
    async with client.post(path, data=form) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


async def view(client: Client, **query: str) -> tuple[int, dict[str, str], bytes]:
    async with client.get("/view", params={"type": "input", **query}) as answer:
        return answer.status, dict(answer.headers), await answer.read()


@pytest.mark.parametrize(
    "extension", ["html", "svg", "xml", "js", "mjs", "pdf", "css", "xhtml", "htm", "swf", "unknown"]
)
def test_what_a_browser_would_run_is_a_download(tmp_path: Path, extension: str) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / f"x.{extension}").write_text("<script>alert(1)</script>")
    status, headers, _ = talk_to(tmp_path, lambda client: view(client, filename=f"x.{extension}"))
    assert status == 200
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == f'attachment; filename="x.{extension}"'
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ['q"uote.png', "写真.png", "näm;e.png", "a b.png"])
def test_any_name_makes_a_sound_header(tmp_path: Path, name: str) -> None:
    async def work(client: Client) -> tuple[int, dict[str, str], bytes]:
        assert (await upload(client, picture(), name))[0] == 200
        return await view(client, filename=name)

    (tmp_path / "input").mkdir()
    (tmp_path / "input" / name).write_bytes(picture())
    status, headers, data = talk_to(tmp_path, work)
    assert (status, data) == (200, picture())
    said = headers["Content-Disposition"]
    assert said.count('"') == 2
    assert said.isascii()
    assert ("filename*=UTF-8''" in said) == (not name.isascii() or '"' in name)


def test_a_part_of_a_file_can_be_had_and_an_unchanged_one_is_not_sent_again(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "v.mp4").write_bytes(bytes(range(100)))

    async def work(client: Client) -> list[tuple[int, bytes]]:
        found = []
        url = "/view?type=input&filename=v.mp4"
        for wanted in ("bytes=10-19", "bytes=-5", "bytes=90-", "bytes=200-", "bytes=5-1"):
            async with client.get(url, headers={"Range": wanted}) as answer:
                found.append((answer.status, await answer.read()))
        async with client.get(url) as first, client.get(url, headers={"If-None-Match": first.headers["ETag"]}) as again:
            found.append((again.status, await again.read()))
        async with client.head(url) as answer:
            found.append((answer.status, answer.headers["Content-Length"].encode()))
        return found

    data = bytes(range(100))
    answers = talk_to(tmp_path, work)
    assert answers[:3] == [(206, data[10:20]), (206, data[95:]), (206, data[90:])]
    assert [status for status, _ in answers[3:5]] == [416, 416]
    assert answers[5:] == [(304, b""), (200, b"100")]


def test_an_equal_upload_keeps_its_name_and_others_get_numbers(tmp_path: Path) -> None:
    async def work(client: Client) -> list[str]:
        sizes = ((4, 3), (5, 5), (6, 6), (4, 3), (6, 6))
        return [(await upload(client, picture(size=size), "写 真.png"))[1]["name"] for size in sizes]

    assert talk_to(tmp_path, work) == ["写 真.png", "写 真 (1).png", "写 真 (2).png", "写 真.png", "写 真 (2).png"]


def test_uploads_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    contents = [picture(size=(number, 1)) for number in range(1, 21)]

    async def work(client: Client) -> list[tuple[int, Any]]:
        return list(await asyncio.gather(*(upload(client, each) for each in contents)))

    names = [answer["name"] for _, answer in talk_to(tmp_path, work)]
    assert len(set(names)) == 20
    assert {(tmp_path / "input" / name).read_bytes() for name in names} == set(contents)


def test_a_crash_in_the_middle_of_an_upload_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "g.png").write_bytes(b"old")

    def broken(*_args: Any, **_names: Any) -> None:
        raise OSError(28, "No space left on device")

    async def work(client: Client) -> list[int]:
        monkeypatch.setattr(paths.os, "replace", broken)
        async with asyncio.timeout(2):
            first, _ = await upload(client, b"new", overwrite="true")
        return [first]

    assert talk_to(tmp_path, work) == [500]
    assert [path.name for path in (tmp_path / "input").iterdir()] == ["g.png"]
    assert (tmp_path / "input" / "g.png").read_bytes() == b"old"


MASK_OF_G = {"path": "/upload/mask", "original_ref": json.dumps({"filename": "g.png", "type": "input"})}


def test_a_mask_becomes_the_transparency_of_its_original_whose_texts_stay(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    text = chunk(b"tEXt", b"prompt\0{}")
    plain = picture("RGB")
    (tmp_path / "input" / "g.png").write_bytes(plain[:33] + text + plain[33:])
    mask = picture(colour=(0, 0, 0, 7))
    status, answer = talk_to(tmp_path, lambda client: upload(client, mask, "m.png", **MASK_OF_G))
    assert (status, answer) == (200, {"name": "m.png", "subfolder": "", "type": "input"})
    with Image.open(tmp_path / "input" / "m.png") as made:
        assert made.getpixel((0, 0)) == (200, 100, 50, 7)
        assert made.info["prompt"] == "{}"


def test_a_picture_on_its_side_is_masked_and_shown_as_nodes_load_it(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    photo = Image.new("RGB", (4, 3), (10, 200, 30))
    photo.putpixel((0, 0), (250, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: what is first in the file is at the top right
    photo.save(tmp_path / "input" / "g.png", exif=exif)

    async def work(client: Client) -> list[bytes]:
        status, answer = await upload(client, picture("LA", (3, 4), (0, 99)), "m.png", **MASK_OF_G)
        assert (status, answer["name"]) == (200, "m.png")
        asked = ({"channel": "rgb"}, {"channel": "a"}, {"preview": "webp"})
        return [(await view(client, filename="g.png", **query))[2] for query in asked]

    shown = talk_to(tmp_path, work)
    loaded = open_picture(tmp_path / "input" / "m.png")
    assert loaded.pixels.shape == (1, 4, 3, 3)
    assert (loaded.pixels == open_picture(tmp_path / "input" / "g.png").pixels).all()
    assert np.round(loaded.pixels[0, 0, 2] * 255).tolist() == [250, 0, 0]
    assert (np.round(loaded.mask * 255) == 255 - 99).all()
    assert [Image.open(io.BytesIO(data)).size for data in shown] == [(3, 4)] * 3


def test_a_picture_of_sixteen_bits_keeps_its_greys_under_a_mask(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    levels = np.linspace(0, 65535, 12, dtype=np.uint16).reshape(3, 4)
    Image.fromarray(levels).save(tmp_path / "input" / "g.png")
    status, _ = talk_to(tmp_path, lambda client: upload(client, picture(), "m.png", **MASK_OF_G))
    assert status == 200
    loaded = open_picture(tmp_path / "input" / "m.png").pixels
    assert np.abs(loaded - open_picture(tmp_path / "input" / "g.png").pixels).max() < 1 / 255


BAD_MASKS: dict[str, tuple[bytes, str]] = {
    "other size": (picture(size=(9, 9)), MASK_OF_G["original_ref"]),
    "no transparency": (picture("RGB"), MASK_OF_G["original_ref"]),
    "no picture": (b"text", MASK_OF_G["original_ref"]),
    "cut off": (picture()[:50], MASK_OF_G["original_ref"]),
    "more pixels than fit": (declared(60_000, 60_000), MASK_OF_G["original_ref"]),
    "original missing": (picture(), '{"filename": "none.png", "type": "input"}'),
    "original outside": (picture(), '{"filename": "../g.png", "type": "input"}'),
    "original no JSON": (picture(), "{"),
    "original nested deep": (picture(), "[" * 60_000),
    "original no object": (picture(), "[]"),
    "original a number": (picture(), '{"filename": 5}'),
    "original of an unknown type": (picture(), '{"filename": "g.png", "type": "nowhere"}'),
    "no original": (picture(), ""),
}


@pytest.mark.parametrize(("data", "original"), BAD_MASKS.values(), ids=BAD_MASKS)
def test_a_mask_that_cannot_be_used_is_a_400_and_writes_nothing(tmp_path: Path, data: bytes, original: str) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "g.png").write_bytes(picture("RGB"))
    status, _ = talk_to(
        tmp_path, lambda client: upload(client, data, "m.png", path="/upload/mask", original_ref=original)
    )
    assert status == 400
    assert [path.name for path in (tmp_path / "input").iterdir()] == ["g.png"]


def animated(frames: int) -> bytes:
    control = chunk(b"acTL", frames.to_bytes(4, "big") + bytes(4))
    return declared(2, 2, control)


BOMBS = {
    "3.6 gigapixels": declared(60_000, 60_000),
    "more than the setting": declared(20_000, 20_000),
    "100,000 frames": animated(100_000),
    "packed text": declared(60_000, 60_000, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
    "no picture": b"<svg/>",
    "nothing": b"",
    "damaged": b"\x89PNG\r\n\x1a\n" + b"\xff" * 100,
    "a program for a printer": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("query", [{"preview": "webp"}, {"channel": "a"}, {"channel": "rgb"}], ids=str)
def test_a_bomb_is_refused_by_its_header(tmp_path: Path, data: bytes, query: dict[str, str]) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "x.png").write_bytes(data)
    start = time.process_time()
    status, _, body = talk_to(tmp_path, lambda client: view(client, filename="x.png", **query))
    assert (status, json.loads(body)["type"]) == (400, "bad_picture")
    assert time.process_time() - start < 1


def test_a_gif_of_many_frames_shows_its_first(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    frame = Image.new("P", (2, 2))
    frame.save(tmp_path / "input" / "x.gif", save_all=True, append_images=[frame] * 3000)
    start = time.process_time()
    status, headers, _ = talk_to(tmp_path, lambda client: view(client, filename="x.gif", preview="webp;50"))
    assert (status, headers["Content-Type"]) == (200, "image/webp")
    assert time.process_time() - start < 1


@pytest.mark.parametrize("wanted", ["webp;0", "webp;-5", "webp;99999", "webp;x", ";", "bmp;90", "jpeg;", "jpeg;١"])
def test_any_preview_format_gives_a_picture(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "x.png").write_bytes(picture())
    status, _, data = talk_to(tmp_path, lambda client: view(client, filename="x.png", preview=wanted))
    assert status == 200
    with Image.open(io.BytesIO(data)) as made:
        assert (made.size, made.format) == ((4, 3), "JPEG" if wanted.startswith("jpeg") else "WEBP")


HEAD = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x.png"\r\n\r\n'
FIELD = b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n'
FORM = "multipart/form-data; boundary=b"

MALFORMED: dict[str, tuple[bytes, str, int]] = {
    "no end": (HEAD + b"data", FORM, 400),
    "no end after a field": (FIELD, FORM, 400),
    "nothing": (b"", FORM, 400),
    "other boundary": (b"--c\r\n\r\nx\r\n--c--", FORM, 400),
    "no boundary": (HEAD + b"data\r\n--b--\r\n", "multipart/form-data", 400),
    "long boundary": (HEAD, "multipart/form-data; boundary=" + "b" * 500, 400),
    "no form": (b"{}", "application/json", 400),
    "no type": (b"x=y", "application/x-www-form-urlencoded", 400),
    "headers cut off": (b"--b\r\nContent-Dispo", FORM, 400),
    "header without colon": (b"--b\r\nxyz\r\n\r\ndata\r\n--b--\r\n", FORM, 400),
    "long header": (b"--b\r\nX: " + b"y" * 100_000 + b"\r\n\r\n\r\n--b--\r\n", FORM, 400),
    "many headers": (b"--b\r\n" + b"X: y\r\n" * 10_000 + b"\r\n\r\n--b--\r\n", FORM, 400),
    "a form in a form": (
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
        FORM,
        400,
    ),
    "many parts": (FIELD * 3000 + b"--b--\r\n", FORM, 400),
    "long field": (FIELD.replace(b"\r\nv\r\n", b"\r\n" + b"v" * 100_000 + b"\r\n") + b"--b--\r\n", FORM, 400),
    "field that is no text": (FIELD.replace(b"\r\nv\r\n", b"\r\n\xff\xfe\r\n") + b"--b--\r\n", FORM, 400),
    "too large a file": (HEAD + b"x" * 250_000 + b"\r\n--b--\r\n", FORM, 413),
    "far too large": (HEAD + b"x" * 3_000_000 + b"\r\n--b--\r\n", FORM, 413),
    "no file name": (HEAD.replace(b'; filename="x.png"', b"") + b"data\r\n--b--\r\n", FORM, 400),
    "empty file name": (HEAD.replace(b"x.png", b"") + b"data\r\n--b--\r\n", FORM, 400),
    "only dots": (HEAD.replace(b"x.png", b"...") + b"data\r\n--b--\r\n", FORM, 400),
    "unknown type": (FIELD.replace(b'"n"', b'"type"') + HEAD + b"data\r\n--b--\r\n", FORM, 400),
    "preamble without end": (b"x" * 100_000, FORM, 400),
}


@pytest.mark.parametrize(("body", "kind", "wanted"), MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("path", ["/upload/image", "/upload/mask"])
def test_a_malformed_form_is_refused_at_little_cost(
    tmp_path: Path, path: str, body: bytes, kind: str, wanted: int
) -> None:
    async def work(client: Client) -> tuple[int, int]:
        start = time.process_time()
        async with client.post(path, data=body, headers={"Content-Type": kind}) as answer:
            await answer.read()
        assert time.process_time() - start < 1
        async with client.get("/users") as after:
            return answer.status, after.status

    assert talk_to(tmp_path, work, limits=SMALL) == (wanted, 200)
    assert not list(tmp_path.rglob("*.p*"))


def test_a_hundred_thousand_parts_are_refused_at_the_first_too_many(tmp_path: Path) -> None:
    async def work(client: Client) -> int:
        start = time.process_time()
        async with client.post("/upload/image", data=FIELD * 100_000, headers={"Content-Type": FORM}) as answer:
            assert time.process_time() - start < 1
            return answer.status

    assert talk_to(tmp_path, work) == 400


@pytest.mark.parametrize("path", ["/upload/image", "/settings", "/userdata/x.json", "/api/darkroom/workflows/open"])
def test_a_body_that_does_not_come_is_given_up(tmp_path: Path, path: str) -> None:
    async def work(client: Client) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        kind = FORM if "upload" in path else "application/json"
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\n"
        writer.write(head.encode() + b"--b\r\n")
        async with asyncio.timeout(1):
            line = await reader.readline()
        writer.close()
        return line

    assert b" 408 " in talk_to(tmp_path, work, limits=SMALL)


def test_a_slow_upload_that_keeps_coming_is_taken(tmp_path: Path) -> None:
    async def body() -> Any:
        yield HEAD
        for _ in range(5):
            await asyncio.sleep(0.1)
            yield b"x" * 10_000
        yield b"\r\n--b--\r\n"

    async def work(client: Client) -> int:
        async with client.post("/upload/image", data=body(), headers={"Content-Type": FORM}) as answer:
            return answer.status

    assert talk_to(tmp_path, work, limits=SMALL) == 200
    assert (tmp_path / "input" / "x.png").stat().st_size == 50_000


def test_pictures_are_counted_against_the_settings(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "x.png").write_bytes(picture(size=(20, 20)))
    query = {"filename": "x.png", "preview": "webp"}
    assert talk_to(tmp_path, lambda client: view(client, **query), limits=Limits(image_pixels=399))[0] == 400
    assert talk_to(tmp_path, lambda client: view(client, **query), limits=Limits(image_pixels=400))[0] == 200
