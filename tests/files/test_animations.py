"""Animations hold every picture for its time, and carry the texts that made them."""

import io
import struct
import zlib
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from darkroom.files import save
from darkroom.files.metadata import exif_block, png_chunks, read_metadata, riff_chunks
from darkroom.files.save import BadAnimation

TEXTS = {"prompt": '{"1": {"class_type": "A"}}', "workflow": '{"nodes": ["\\u4e16"]}'}
MODES = {"L": 1, "RGB": 3, "RGBA": 4}


def noise(mode: str, count: int, size: tuple[int, int] = (7, 5)) -> list[Image.Image]:
    shape = (count, size[1], size[0], MODES[mode])
    values = np.random.default_rng(count).integers(0, 256, shape, np.uint8)
    return [Image.fromarray(each[:, :, 0] if mode == "L" else each) for each in values]


def frames(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as file:
        found = []
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            found.append(file.copy())
        return found


def same(one: Image.Image, other: Image.Image) -> bool:
    return np.array_equal(np.asarray(one.convert("RGBA")), np.asarray(other.convert("RGBA")))


def milliseconds(data: bytes) -> list[int]:
    found = [data[start:end] for kind, start, end in riff_chunks(data) if kind == b"ANMF"]
    return [int.from_bytes(each[12:15], "little") for each in found]


def delays(data: bytes) -> list[Fraction]:
    found = [data[start:end] for kind, start, end in png_chunks(data) if kind == b"fcTL"]
    return [Fraction(*struct.unpack(">HH", each[20:24])) for each in found]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_pixel_of_every_picture_comes_back(mode: str, count: int) -> None:
    pictures = noise(mode, count)
    for data in (save.animated_png(pictures, TEXTS, fps=6), save.animated_webp(pictures, TEXTS, fps=6)):
        found = frames(data)
        assert len(found) == count
        assert all(same(one, other) for one, other in zip(found, pictures, strict=True))
        assert read_metadata(data) == TEXTS


def test_equal_pictures_stay_frames_of_their_own() -> None:
    pictures = noise("RGB", 1) * 3
    assert len(frames(save.animated_png(pictures, {}, fps=6))) == 3
    assert len(frames(save.animated_webp(pictures, {}, fps=6))) == 3


def test_an_animation_of_many_data_chunks_has_them_numbered_in_order() -> None:
    pictures = noise("RGB", 3, (300, 200))
    data = save.animated_png(pictures, {}, fps=6)
    numbered = [data[start : start + 4] for kind, start, _ in png_chunks(data) if kind in (b"fcTL", b"fdAT")]
    assert [int.from_bytes(each, "big") for each in numbered] == list(range(len(numbered)))
    assert len(numbered) > 6
    assert all(same(one, other) for one, other in zip(frames(data), pictures, strict=True))
    for kind, start, end in png_chunks(data):
        assert data[end : end + 4] == struct.pack(">I", zlib.crc32(kind + data[start:end]))


@pytest.mark.parametrize("fps", [6, 24, 29.97, 0.01, 1000, 0.3, 999.99])
def test_each_frame_is_shown_for_its_time(fps: float) -> None:
    pictures = noise("RGB", 7)
    exact = 1 / Fraction(str(fps))
    for delay in delays(save.animated_png(pictures, {}, fps=fps)):
        assert delay == exact or abs(delay - exact) < Fraction(1, 10**6)
    times = milliseconds(save.animated_webp(pictures, {}, fps=fps))
    assert sum(times) == round(7 * 1000 * exact)
    assert all(abs(one - other) <= 1 for one, other in pairwise(times))


def test_pillow_reads_the_same_times() -> None:
    pictures = noise("RGB", 2)
    for data in (save.animated_png(pictures, {}, fps=8), save.animated_webp(pictures, {}, fps=8)):
        with Image.open(io.BytesIO(data)) as file:
            for number in range(2):
                file.seek(number)
                file.load()
                assert file.info["duration"] == 125
            assert file.info["loop"] == 0


def test_the_texts_of_an_animated_png_stand_after_all_pictures_where_the_front_end_looks() -> None:
    data = save.animated_png(noise("RGB", 2), TEXTS, fps=6)
    kinds = [kind for kind, _, _ in png_chunks(data)]
    assert kinds == [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"comf", b"comf", b"IEND"]
    assert b"comfprompt\0" + TEXTS["prompt"].encode() in data


def test_without_texts_nothing_is_written_of_them() -> None:
    assert b"comf" not in save.animated_png(noise("RGB", 2), {}, fps=6)
    assert b"EXIF" not in save.animated_webp(noise("RGB", 2), {}, fps=6)
    assert b"Exif" not in save.jpeg(noise("RGB", 1)[0], {})


def test_a_webp_with_losses_is_smaller_and_close() -> None:
    rows, columns = np.mgrid[0:64, 0:64]
    grain = np.random.default_rng(0).integers(-3, 4, (64, 64, 3))
    smooth = Image.fromarray((np.stack([rows * 3, columns * 3, rows + columns], -1) + 20 + grain).astype(np.uint8))
    exact = save.animated_webp([smooth, smooth], {}, fps=6)
    lossy = save.animated_webp([smooth, smooth], {}, fps=6, lossless=False, quality=40, method=0)
    assert len(lossy) < len(exact)
    difference = np.asarray(frames(lossy)[1].convert("RGB")).astype(int) - np.asarray(smooth)
    assert 0 < np.abs(difference).mean() < 8


@pytest.mark.parametrize("fps", [0, -1, 0.001, 1001, float("nan"), float("inf")])
def test_a_rate_that_no_file_can_say_is_refused(fps: float) -> None:
    for write in (save.animated_png, save.animated_webp):
        with pytest.raises(BadAnimation, match="pictures per second"):
            write(noise("RGB", 2), {}, fps=fps)


def test_pictures_that_make_no_animation_are_refused() -> None:
    odd = [*noise("RGB", 1), *noise("RGB", 1, (8, 5))]
    for write in (save.animated_png, save.animated_webp):
        with pytest.raises(BadAnimation, match="no picture"):
            write([], {}, fps=6)
        with pytest.raises(BadAnimation, match="7 x 5 and 8 x 5"):
            write(odd, {}, fps=6)
    with pytest.raises(BadAnimation, match="16384 x 1 pixels"):
        save.animated_webp([Image.new("RGB", (16384, 1))], {}, fps=6)


def test_an_animation_ends_where_it_becomes_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save, "LARGEST_ANIMATION", 1000)
    taken: list[Image.Image] = []
    for write in (save.animated_png, save.animated_webp):
        taken.clear()
        with pytest.raises(BadAnimation, match="more than 1,000 bytes"):
            write((taken.append(each) or each for each in noise("RGB", 100)), {}, fps=6)
        assert len(taken) < 10


@pytest.mark.parametrize("mode", MODES)
def test_a_jpeg_of_any_picture_is_near_it(mode: str) -> None:
    with Image.open(io.BytesIO(save.jpeg(Image.new(mode, (8, 8)), TEXTS))) as file:
        assert (file.format, file.size) == ("JPEG", (8, 8))


def test_a_jpeg_leaves_out_the_longest_text_where_not_all_fit(caplog: pytest.LogCaptureFixture) -> None:
    data = save.jpeg(Image.new("RGB", (8, 8)), {**TEXTS, "workflow": "x" * 70_000})
    assert read_metadata(data) == {"prompt": TEXTS["prompt"]}
    assert "'workflow'" in caplog.text
    most = save.MAXIMUM_JPEG_EXIF - len(exif_block({"prompt": ""}))
    for length, fits in ((most - 1, True), (most + 1, False)):
        texts = {"prompt": "x" * length}
        assert read_metadata(save.jpeg(Image.new("RGB", (8, 8)), texts)) == (texts if fits else {})
