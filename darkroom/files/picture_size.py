"""How large a picture is, from its header: what the check needs, without numpy and without decoding pixels."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from darkroom.files.metadata import PNG_SIGNATURE, without_png_texts

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "ICO", "JPEG2000", "TGA")
"""Decoders we hand a file of unknown origin to (JPEG stands for MPO too); others, such as EPS, start programs."""

ORIENTATION_TAG = 0x0112
SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""

DECODE_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError, KeyError),
    *(TypeError, AttributeError, OverflowError, ZeroDivisionError, MemoryError, RuntimeError),
    Image.DecompressionBombError,
)
"""What Pillow's decoders raise on damaged files: nearly anything."""


class BadPicture(ValueError):
    """A picture that cannot be used: which file, what is wrong with it, what to do."""

    def __init__(self, source: str, what: str, remedy: str) -> None:
        super().__init__(f"{source}: {what}; {remedy}.")
        self.source = source
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may ask of memory before it is decoded.

    pixels: of all frames together (178 million take 2.1 GB as float32 RGB)
    side: width or height
    """

    pixels: int = 178_000_000
    side: int = 32_768
    file_bytes: int = 512 * 2**20


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class PictureSize:
    """As the picture is shown, after its EXIF orientation."""

    width: int
    height: int
    frames: int
    transparent: bool


def read_size(path: Path, limits: Limits = DEFAULT_LIMITS) -> PictureSize:
    """The size from the header. Raises BadPicture where that is unreadable or beyond the limits."""
    with open_checked(read_file(path, limits), str(path), limits) as picture:
        return size_of(picture, str(path))


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise BadPicture(
                str(path),
                f"has {size:,} bytes, the limit is {limits.file_bytes:,}",
                "save it smaller or raise the limit",
            )
        return path.read_bytes()
    except OSError as error:
        raise BadPicture(str(path), f"cannot be read ({error.strerror})", "choose another file") from error


def open_checked(data: bytes, source: str, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Open a picture and judge its header; pixels are not decoded yet. Raises BadPicture."""
    if not data:
        raise BadPicture(source, "the file is empty", "save or copy it again")
    if data.startswith(PNG_SIGNATURE):
        data = without_png_texts(data)
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise BadPicture(source, "is no picture of a kind we read, or cut short", "save it as PNG") from error
    except Image.DecompressionBombError as error:
        raise BadPicture(source, "has more pixels than fit into memory", "scale it down") from error
    except DECODE_ERRORS as error:
        raise damaged(source, error) from error
    width, height = picture.size
    if width < 1 or height < 1:
        raise BadPicture(source, f"is {width} x {height} pixels, which is nothing", "save it again")
    if max(width, height) > limits.side:
        raise BadPicture(
            source, f"is {width} x {height} pixels, the longest side we take is {limits.side}", "scale it down"
        )
    if width * height > limits.pixels:
        raise BadPicture(
            source, f"has {width * height:,} pixels, the limit is {limits.pixels:,}", "scale it down or raise the limit"
        )
    return picture


def size_of(picture: Image.Image, source: str) -> PictureSize:
    try:
        sideways = picture.getexif().get(ORIENTATION_TAG) in SIDEWAYS
        frames = 1 if picture.format == "MPO" else int(getattr(picture, "n_frames", 1))
        transparent = picture.has_transparency_data
    except DECODE_ERRORS as error:
        raise damaged(source, error) from error
    width, height = picture.size
    return PictureSize(*((height, width) if sideways else (width, height)), frames, transparent)


def damaged(source: str, error: BaseException) -> BadPicture:
    detail = str(error) or type(error).__name__
    return BadPicture(source, f"is damaged or cut short ({detail})", "save or copy it again")
