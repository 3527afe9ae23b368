"""Texts inside pictures come back as they went in, and hostile files cost nothing."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from darkroom.files import metadata, save
from darkroom.files.metadata import exif_block, is_picture, read_metadata, without_png_texts

TEXTS = {"prompt": '{"1": {"class_type": "A"}}', "workflow": '{"nodes": ["Grüße", "世界", "😀"]}', "other": "[1]"}
GREY = Image.new("RGB", (8, 8), (9, 9, 9))


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [struct.pack(">I", len(body)) + kind + body + b"\0\0\0\0" for kind, body in chunks]
    return metadata.PNG_SIGNATURE + b"".join(parts)


def test_png_webp_and_jpeg_texts_make_the_round_trip() -> None:
    assert read_metadata(save.png(GREY, TEXTS)) == TEXTS
    assert read_metadata(save.webp(GREY, TEXTS)) == TEXTS
    assert read_metadata(save.jpeg(GREY, TEXTS)) == TEXTS


def test_a_saved_png_can_be_read_by_pillow_and_pixels_are_the_same(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((5, 7, 3), np.float32)
    save.save_png(pixels, tmp_path / "a.png", TEXTS)
    with Image.open(tmp_path / "a.png") as saved:
        assert saved.text == TEXTS
        assert np.array_equal(np.asarray(saved), (pixels * 255).astype(np.uint8))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_grey_colour_and_transparent_pictures_are_saved(channels: int, tmp_path: Path) -> None:
    save.save_png(np.zeros((2, 3, channels), np.float32), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as saved:
        assert saved.mode == {1: "L", 3: "RGB", 4: "RGBA"}[channels]


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "packed iTXt"])
def test_every_kind_of_png_text_is_read(kind: str) -> None:
    info = PngInfo()
    if "iTXt" in kind:
        info.add_itxt("workflow", "世界", zip=kind.startswith("packed"))
    else:
        info.add_text("workflow", "Grüße", zip=kind == "zTXt")
    file = io.BytesIO()
    GREY.save(file, "PNG", pnginfo=info)
    assert read_metadata(file.getvalue()) == {"workflow": "世界" if "iTXt" in kind else "Grüße"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_jpeg_exif_is_read_in_both_byte_orders(order: str) -> None:
    if order == "<":
        block = exif_block(TEXTS)
    else:
        body = b"workflow:{}\0"
        head = b"Exif\0\0MM\0*" + struct.pack(">IHHHII", 8, 1, 0x010F, 2, len(body), 26) + struct.pack(">I", 0)
        block = head + body
    file = io.BytesIO()
    GREY.save(file, "JPEG", exif=block)
    assert read_metadata(file.getvalue()) == (TEXTS if order == "<" else {"workflow": "{}"})


def test_exif_tags_are_those_that_comfyui_writes() -> None:
    with Image.open(io.BytesIO(save.webp(GREY, TEXTS))) as saved:
        tags = dict(saved.getexif())
    assert tags[0x0110] == "prompt:" + TEXTS["prompt"]
    assert tags[0x010F].encode("latin-1", "replace").startswith(b"workflow:")
    assert tags[0x010E] == "other:[1]"


def test_a_picture_without_texts_and_other_files_give_nothing() -> None:
    for data in (save.png(GREY, {}), b"", b"{}", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", metadata.PNG_SIGNATURE):
        assert read_metadata(data) == {}


def test_pictures_are_told_by_their_first_bytes() -> None:
    assert is_picture(save.png(GREY, {})) and is_picture(save.webp(GREY, {}))
    assert not is_picture(b'{"nodes": []}') and not is_picture(b"")


def test_a_truncated_png_gives_the_texts_before_the_cut() -> None:
    whole = save.png(NOISE, TEXTS)
    assert read_metadata(whole[: len(whole) // 2]) == TEXTS


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))


def test_a_text_that_unpacks_to_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "MAXIMUM_TEXT_BYTES", 1000)
    bomb = (b"zTXt", b"workflow\0\0" + zlib.compress(b"x" * 1_000_000))
    good = (b"tEXt", b"prompt\0{}")
    assert read_metadata(png_with(bomb, good)) == {"prompt": "{}"}
    many = [(b"tEXt", b"name%d\0" % number + b"x" * 300) for number in range(10)]
    assert len(read_metadata(png_with(*many))) == 3


@pytest.mark.parametrize(
    "body",
    [b"workflow\0\0not zlib", b"workflow", b"", b"workflow\0\0" + zlib.compress(b"x" * 99)[:-6]],
)
def test_a_damaged_packed_text_is_left_out(body: bytes) -> None:
    assert read_metadata(png_with((b"zTXt", body))) == {}


def test_random_damage_never_raises() -> None:
    random = np.random.default_rng(3)
    for whole in (save.png(GREY, TEXTS), save.webp(GREY, TEXTS)):
        for _ in range(300):
            data = bytearray(whole)
            for position in random.integers(0, len(data), 6):
                data[position] = random.integers(0, 256)
            assert isinstance(read_metadata(bytes(data[: random.integers(0, len(data))])), dict)


def test_removing_texts_leaves_the_picture() -> None:
    stripped = without_png_texts(save.png(NOISE, TEXTS))
    assert read_metadata(stripped) == {}
    with Image.open(io.BytesIO(stripped)) as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(NOISE))
