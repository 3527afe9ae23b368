"""Pictures to files, with the workflow that made them inside; whole or not at all (`write`)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from darkroom.files.metadata import exif_block
from darkroom.files.write import write_whole

SAVED, PREVIEWED = 4, 1
"""zlib levels: of pictures to keep, and of previews, which shall be quick."""


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
