"""Pictures of every kind become numbers, or one clear message."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from darkroom.files.picture_size import BadPicture, Limits, PictureSize, read_size
from darkroom.files.pictures import decode_picture, open_channel, open_picture


def written(path: Path, picture: Image.Image, **options: Any) -> Path:
    picture.save(path, **options)
    return path


def ramp(mode: str = "RGB", size: tuple[int, int] = (6, 4)) -> Image.Image:
    values = np.arange(size[0] * size[1] * 3, dtype=np.uint8).reshape(size[1], size[0], 3) * 3
    return Image.fromarray(values).convert(mode)


def test_rgb_is_exact(tmp_path: Path) -> None:
    picture = open_picture(written(tmp_path / "a.png", ramp()))
    assert picture.pixels.shape == (1, 4, 6, 3)
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(picture.pixels[0], np.asarray(ramp(), np.float32) / 255)
    assert picture.mask.shape == (1, 64, 64)
    assert not picture.mask.any()


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr", "LA", "RGBA", "I;16", "F"])
def test_every_mode_gives_three_channels_between_0_and_1(mode: str, tmp_path: Path) -> None:
    values = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)
    if mode == "F":
        source = Image.fromarray(values)
    elif mode == "I;16":
        source = Image.fromarray((values * 65535).astype(np.uint16))
    else:
        source = ramp().convert(mode)
    kind = {"CMYK": "tiff", "F": "tiff", "YCbCr": "jpg"}.get(mode, "png")
    picture = open_picture(written(tmp_path / f"a.{kind}", source))
    assert picture.pixels.shape == (1, 4, 6, 3)
    assert 0 <= picture.pixels.min() <= picture.pixels.max() <= 1
    if mode in ("I;16", "F"):
        assert np.allclose(picture.pixels[0, :, :, 0], values, atol=1 / 65535)
    assert (picture.mask.shape == (1, 4, 6)) == (mode in ("LA", "RGBA"))


def test_a_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    red = Image.new("RGB", (16, 16), (250, 10, 10)).convert("CMYK")
    pixels = open_picture(written(tmp_path / "a.jpg", red, quality=95)).pixels
    assert np.allclose(pixels[0, 8, 8], (250 / 255, 10 / 255, 10 / 255), atol=0.05)


def test_alpha_is_dropped_from_the_colours_and_turned_round_in_the_mask(tmp_path: Path) -> None:
    source = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    source.putpixel((1, 0), (0, 255, 0, 255))
    picture = open_picture(written(tmp_path / "a.png", source))
    assert picture.pixels[0, 0].tolist() == [[1, 0, 0], [0, 1, 0]]
    assert picture.mask[0, 0].tolist() == [1, 0]


def test_a_palette_with_transparency_gives_a_mask(tmp_path: Path) -> None:
    source = Image.new("P", (3, 1))
    source.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    for x in range(3):
        source.putpixel((x, 0), x)
    picture = open_picture(written(tmp_path / "a.png", source, transparency=bytes([255, 0, 51])))
    assert picture.pixels[0, 0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert picture.mask[0, 0].tolist() == pytest.approx([0, 1, 0.8])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_picture_and_size(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = written(tmp_path / "a.png", ramp("RGBA"), exif=exif)
    picture = open_picture(path)
    size = read_size(path)
    upright = (size.width, size.height) == (6, 4)
    assert upright == (orientation < 5)
    assert picture.pixels.shape == (1, size.height, size.width, 3)
    assert picture.mask.shape == (1, size.height, size.width)
    if orientation == 6:
        assert np.array_equal(picture.pixels[0], np.rot90(np.asarray(ramp(), np.float32) / 255, -1))


def test_frames_become_a_batch_and_odd_sizes_are_left_out(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (10, 20, 30)]
    path = tmp_path / "a.tiff"
    frames[0].save(path, save_all=True, append_images=[frames[1], Image.new("RGB", (8, 8)), frames[2]])
    picture = open_picture(path)
    assert (picture.pixels[:, 0, 0, 0] * 255).round().tolist() == [10, 20, 30]
    assert picture.mask.shape == (3, 64, 64)
    assert read_size(path) == PictureSize(4, 4, 4, False)


def test_an_animated_gif_and_webp_are_batches(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    for name in ("a.gif", "a.webp"):
        path = tmp_path / name
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=50, lossless=True)
        assert open_picture(path).pixels.shape == (2, 8, 8, 3)


def test_a_channel_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "a.png", Image.new("RGBA", (2, 2), (255, 51, 0, 255)))
    assert open_channel(path, "red").shape == (1, 2, 2)
    assert open_channel(path, "green").max() == pytest.approx(0.2)
    assert open_channel(path, "alpha").max() == 0


def test_a_picture_without_alpha_gives_an_alpha_channel_of_its_own_size(tmp_path: Path) -> None:
    path = written(tmp_path / "a.png", Image.new("RGB", (3, 2)))
    assert open_channel(path, "alpha").tolist() == [[[0.0] * 3] * 2]


def test_one_value_of_a_grey_picture_of_16_bit_may_be_transparent(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.array([[0, 300], [65535, 300]], np.uint16)).save(path, transparency=300)
    assert open_picture(path).mask.tolist() == [[[0, 1], [0, 1]]]
    assert read_size(path).transparent


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows)) if rows else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def encoded(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))

BAD = {
    "empty.png": (b"", "is empty"),
    "text.png": (b"hello, this is no picture", "no picture"),
    "truncated.png": (encoded(NOISE, "PNG")[:3000], "damaged or cut short"),
    "truncated.jpg": (encoded(NOISE, "JPEG")[:1500], "damaged or cut short"),
    "truncated.webp": (encoded(NOISE, "WEBP")[:1000], "cut short"),
    "truncated.gif": (encoded(NOISE, "GIF")[:900], "cut short"),
    "header_only.png": (encoded(NOISE, "PNG")[:20], "cut short"),
    "no_data.png": (png(4, 4), "damaged or cut short"),
    "zero.png": (png(0, 4), ""),
    "zero_high.png": (png(4, 0), ""),
    "wide.png": (png(60_000, 1), "60000 x 1"),
    "bomb.png": (png(30_000, 30_000), "pixels"),
    "vast.png": (png(2**31 - 1, 2**31 - 1), "pixels"),
    "script.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_gives_one_message_that_names_file_fault_and_remedy(name: str, tmp_path: Path) -> None:
    content, said = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadPicture) as caught:
        open_picture(path)
    assert str(path) in str(caught.value)
    assert said in caught.value.what
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["wide.png", "bomb.png", "vast.png", "empty.png", "zero.png", "text.png"])
def test_the_header_alone_is_enough_to_refuse(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name][0])
    with pytest.raises(BadPicture):
        read_size(path)


def test_a_missing_picture_and_a_folder_are_bad_pictures(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.png", tmp_path):
        with pytest.raises(BadPicture, match="cannot be read"):
            open_picture(path)


def test_limits_are_checked_before_decoding(tmp_path: Path) -> None:
    path = written(tmp_path / "a.png", ramp(size=(20, 10)))
    assert open_picture(path, Limits(pixels=200, side=20)).pixels.shape == (1, 10, 20, 3)
    for limits in (Limits(pixels=199), Limits(side=19), Limits(file_bytes=10)):
        with pytest.raises(BadPicture, match=r"limit|take"):
            open_picture(path, limits)


def test_the_pixels_of_all_frames_count_together(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (10, 10), (shade, 0, 0)) for shade in range(5)]
    path = tmp_path / "a.tiff"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert len(open_picture(path, Limits(pixels=500)).pixels) == 5
    with pytest.raises(BadPicture, match="5 frames"):
        open_picture(path, Limits(pixels=499))


@pytest.mark.parametrize("packed", [True, False])
def test_a_large_text_inside_does_not_hinder_decoding(packed: bool) -> None:
    info = PngInfo()
    info.add_text("workflow", "x" * 3_000_000, zip=packed)
    file = io.BytesIO()
    ramp().save(file, "PNG", pnginfo=info)
    assert decode_picture(file.getvalue(), "a.png").pixels.shape == (1, 4, 6, 3)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_random_damage_is_a_message_or_a_picture_never_another_error() -> None:
    random = np.random.default_rng(7)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"):
        whole = encoded(NOISE.resize((16, 16)), kind)
        for _ in range(60):
            data = bytearray(whole)
            for position in random.integers(0, len(data), 4):
                data[position] = random.integers(0, 256)
            try:
                picture = decode_picture(bytes(data), "a")
            except BadPicture as error:
                assert error.remedy
            else:
                assert picture.pixels.ndim == 4
