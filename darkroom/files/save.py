"""Pictures to files, with the workflow that made them inside; whole or not at all (`write`)."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from darkroom.files.metadata import LARGEST_WEBP_SIDE, PNG_SIGNATURE, exif_block, png_chunks, riff_chunks
from darkroom.files.write import write_whole

SAVED, PREVIEWED = 4, 1
"""zlib levels: of pictures to keep, and of previews, which shall be quick."""

MAXIMUM_JPEG_EXIF = 0xFFFF - 2
"""Bytes of one JPEG segment after its length."""

SLOWEST, FASTEST = 0.01, 1000.0
"""Pictures per second."""

LARGEST_DELAY = 0xFFFF
"""Of both numbers of an animated PNG's fraction of a second."""

LARGEST_ANIMATION = 2 * 2**30
"""Bytes of its pictures; all are in memory until the file is written, and the formats end at 4 GiB or so."""

WEBP_IMAGE = (b"ALPH", b"VP8 ", b"VP8L")
WEBP_ANIMATION, WEBP_EXIF, WEBP_ALPHA = 0x02, 0x08, 0x10
DO_NOT_BLEND = b"\x02"

logger = logging.getLogger(__name__)


class BadAnimation(ValueError):
    """Pictures that cannot be one animation. what: "has ...", remedy: what to do, as a phrase."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"The animation {what}; {remedy}.")


def to_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """0..1 to 0..255, clipped and cut off (not rounded), as ComfyUI saves; NaN becomes 0.

    pixels: (height, width, channels) float
    """
    scaled: NDArray[np.float32] = np.nan_to_num(pixels.astype(np.float32, copy=False) * np.float32(255), nan=0.0)
    return np.clip(scaled, 0, 255).astype(np.uint8)


def to_picture(pixels: NDArray[Any]) -> Image.Image:
    """pixels: (height, width, 1, 3 or 4), 0..1"""
    values = to_bytes(pixels)
    return Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values)


def png(picture: Image.Image, texts: Mapping[str, str], *, level: int = SAVED) -> bytes:
    """A PNG file with one text chunk per entry; tEXt where Latin-1 can say it, else iTXt."""
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=info, compress_level=level)
    return file.getvalue()


def webp(picture: Image.Image, texts: Mapping[str, str], *, quality: int = 80, lossless: bool = False) -> bytes:
    """A WebP file with the texts in its EXIF block."""
    file = io.BytesIO()
    picture.save(file, "WEBP", exif=exif_block(texts), quality=quality, lossless=lossless)
    return file.getvalue()


def save_png(pixels: NDArray[Any], path: Path, texts: Mapping[str, str] | None = None, *, level: int = SAVED) -> None:
    """Write one picture, replacing a file of that name as a whole. pixels: (height, width, channels), 0..1"""
    write_whole(path, png(to_picture(pixels), texts or {}, level=level))


def jpeg(picture: Image.Image, texts: Mapping[str, str], *, quality: int = 90) -> bytes:
    """A JPEG file with the texts in its EXIF block, on which transparency is lost.

    The format gives that block 64 KiB; of texts that do not fit together, the longest are left out and logged.
    """
    kept = dict(texts)
    while len(block := exif_block(kept)) > MAXIMUM_JPEG_EXIF:
        longest = max(kept, key=lambda name: len(kept[name]))
        logger.warning("The text %r does not fit into a JPEG file and was left out; save as PNG to keep it.", longest)
        del kept[longest]
    file = io.BytesIO()
    plain = picture if picture.mode == "L" else picture.convert("RGB")
    plain.save(file, "JPEG", quality=quality, exif=block if kept else b"")
    return file.getvalue()


def animated_png(pictures: Iterable[Image.Image], texts: Mapping[str, str], *, fps: float, level: int = SAVED) -> bytes:
    """An animated PNG (W3C PNG, third edition) that repeats for ever, each picture a frame of its own.

    texts: Latin-1, each in a chunk `comf` after the pictures, where ComfyUI's front end looks for them
    fps: 0.01..1000; a frame is shown for 1 / fps seconds, as a fraction of 16-bit numbers
    Raises BadAnimation.
    """
    delay = (1 / frames_per_second(fps)).limit_denominator(LARGEST_DELAY)
    if delay.numerator > LARGEST_DELAY:
        delay = Fraction(round(delay))
    parts: list[bytes] = []
    header, size, count, sequence, taken = b"", (0, 0), 0, 0, 0
    for picture in pictures:
        data = png(picture, {}, level=level)
        taken = within_limit(taken + len(data))
        header, size = header or chunk_of(data, b"IHDR"), same_size(picture, size)
        control = struct.pack(">IIIIIHHBB", sequence, *size, 0, 0, delay.numerator, delay.denominator, 0, 0)
        parts.append(png_chunk(b"fcTL", control))
        sequence += 1
        for kind, start, end in png_chunks(data):
            if kind == b"IDAT" and count == 0:
                parts.append(png_chunk(b"IDAT", data[start:end]))
            elif kind == b"IDAT":
                parts.append(png_chunk(b"fdAT", struct.pack(">I", sequence), data[start:end]))
                sequence += 1
        count += 1
    if not count:
        raise BadAnimation("has no picture", "give it at least one")
    notes = [png_chunk(b"comf", name.encode("latin-1"), b"\0", text.encode("latin-1")) for name, text in texts.items()]
    begin = [PNG_SIGNATURE, png_chunk(b"IHDR", header), png_chunk(b"acTL", struct.pack(">II", count, 0))]
    return b"".join([*begin, *parts, *notes, png_chunk(b"IEND")])


def animated_webp(
    pictures: Iterable[Image.Image],
    texts: Mapping[str, str],
    *,
    fps: float,
    lossless: bool = True,
    quality: int = 80,
    method: int = 4,
) -> bytes:
    """An animated WebP (RFC 9649) that repeats for ever, each picture a frame of its own; texts in its EXIF block.

    fps: 0.01..1000; WebP counts milliseconds, so frames differ by one where that keeps their sum exact
    quality: 0..100; of a lossless file, how hard to look for a smaller one; method: 0, fast, to 6, small
    Raises BadAnimation.
    """
    rate = frames_per_second(fps)
    parts: list[bytes] = []
    size, transparent, end, taken = (0, 0), False, 0, 0
    for count, picture in enumerate(pictures, 1):
        size = same_size(picture, size)
        if max(size) > LARGEST_WEBP_SIDE:
            what = f"is {size[0]} x {size[1]} pixels, and WebP takes at most {LARGEST_WEBP_SIDE} on a side"
            raise BadAnimation(what, "scale it down, or save an animated PNG")
        file = io.BytesIO()
        picture.save(file, "WEBP", lossless=lossless, quality=quality, method=method, exact=lossless)
        data = file.getvalue()
        image = [riff_chunk(kind, data[start:end]) for kind, start, end in riff_chunks(data) if kind in WEBP_IMAGE]
        transparent = transparent or picture.mode == "RGBA"
        begin, end = end, round(1000 * count / rate)
        place = uint24(0) + uint24(0) + uint24(size[0] - 1) + uint24(size[1] - 1)
        frame = place + uint24(end - begin) + DO_NOT_BLEND
        parts.append(riff_chunk(b"ANMF", frame + b"".join(image)))
        taken = within_limit(taken + len(parts[-1]))
    if not parts:
        raise BadAnimation("has no picture", "give it at least one")
    flags = WEBP_ANIMATION | (WEBP_ALPHA if transparent else 0) | (WEBP_EXIF if texts else 0)
    canvas = bytes([flags, 0, 0, 0]) + uint24(size[0] - 1) + uint24(size[1] - 1)
    exif = [riff_chunk(b"EXIF", exif_block(texts).removeprefix(b"Exif\0\0"))] if texts else []
    chunks_of_file = [riff_chunk(b"VP8X", canvas), riff_chunk(b"ANIM", bytes(6)), *parts, *exif]
    length = 4 + sum(map(len, chunks_of_file))
    return b"".join([b"RIFF", struct.pack("<I", length), b"WEBP", *chunks_of_file])


def frames_per_second(fps: float) -> Fraction:
    """As the number is written: 0.1 is a tenth. Raises BadAnimation outside 0.01..1000."""
    if not SLOWEST <= fps <= FASTEST:
        raise BadAnimation(f"has {fps} pictures per second", f"choose {SLOWEST} to {FASTEST}")
    return Fraction(str(fps))


def same_size(picture: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """The size of a picture that follows others of `size`; (0, 0) of the first. Raises BadAnimation."""
    if size not in ((0, 0), picture.size):
        what = f"has pictures of {size[0]} x {size[1]} and {picture.size[0]} x {picture.size[1]} pixels"
        raise BadAnimation(what, "scale them to one size")
    return picture.size


def within_limit(taken: int) -> int:
    """The bytes that an animation takes so far. Raises BadAnimation where they are too many."""
    if taken > LARGEST_ANIMATION:
        raise BadAnimation(f"takes more than {LARGEST_ANIMATION:,} bytes", "save fewer or smaller pictures")
    return taken


def png_chunk(kind: bytes, *body: bytes) -> bytes:
    content = b"".join(body)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def chunk_of(data: bytes, wanted: bytes) -> bytes:
    """The contents of the first PNG chunk of a type that is there."""
    return next(data[start:end] for kind, start, end in png_chunks(data) if kind == wanted)


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def uint24(number: int) -> bytes:
    return number.to_bytes(3, "little")
