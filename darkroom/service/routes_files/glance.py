"""A quick look at pictures: their size from the first bytes, and small ones for lists. Needs Pillow."""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from PIL import Image, ImageOps

from darkroom.files.metadata import PNG_SIGNATURE
from darkroom.files.picture_size import DECODE_ERRORS, FORMATS, damaged
from darkroom.service.contracts import Limits
from darkroom.service.routes_files.picture import opened, plain

QUALITY = 80
EFFORT = 2
"""Of WebP, 0 to 6: more takes long and saves little at this size."""

MOST_COUNTED_BYTES = 32 * 2**20
"""Of a file whose frames are counted: formats without a number of them are read to their end for it."""

MOST_CHUNKS = 1_000
"""Of a PNG before its pixels."""


def status(file: BinaryIO) -> os.stat_result:
    return os.fstat(file.fileno())


def size_of(file: BinaryIO) -> tuple[int, int, int] | None:
    """Width, height and frames, without decoding; None where it is no picture."""
    start = file.read(26)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if start.startswith(PNG_SIGNATURE) and start[12:16] == b"IHDR":
        return int.from_bytes(start[16:20]), int.from_bytes(start[20:24]), png_frames(file)
    try:
        with Image.open(file, formats=FORMATS) as picture:
            single = picture.format == "MPO" or size > MOST_COUNTED_BYTES
            frames = 1 if single else int(getattr(picture, "n_frames", 1))
            return *picture.size, frames
    except DECODE_ERRORS:
        return None


def png_frames(file: BinaryIO) -> int:
    """Of an animated PNG its frames, which stand before its pixels; of any other 1."""
    file.seek(len(PNG_SIGNATURE))
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        length, kind = int.from_bytes(head[:4]), head[4:]
        if kind == b"acTL":
            return max(1, int.from_bytes(file.read(4)))
        if kind == b"IDAT":
            break
        file.seek(length + 4, os.SEEK_CUR)
    return 1


def small(file: BinaryIO, source: str, pixels: int, limits: Limits) -> bytes:
    """A WebP of the first frame whose longer side is at most `pixels`. Raises BadPicture."""
    picture, _ = opened(file, source, limits)
    try:
        shown = plain(ImageOps.exif_transpose(picture), alpha=True)
        shown.thumbnail((pixels, pixels))
        made = io.BytesIO()
        shown.save(made, "webp", quality=QUALITY, method=EFFORT)
    except DECODE_ERRORS as error:
        raise damaged(source, error) from error
    return made.getvalue()
