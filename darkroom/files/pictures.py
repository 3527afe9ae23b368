"""Pictures from files to numbers: bounded before they are decoded, whatever their mode."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from darkroom.files.picture_size import (
    DECODE_ERRORS,
    DEFAULT_LIMITS,
    BadPicture,
    Limits,
    damaged,
    open_checked,
    read_file,
    size_of,
)

Pixels = NDArray[np.float32]

EMPTY_MASK = 64
"""Side of the mask of a picture without transparency: nothing selected."""

SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")


@dataclass(frozen=True, slots=True)
class Picture:
    """The frames of a file.

    pixels: (frames, height, width, 3), 0..1
    mask: (frames, height, width), 1 where the file is transparent; without transparency (frames, 64, 64) zeros
    """

    pixels: Pixels
    mask: Pixels


def open_picture(path: Path, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Decode a picture file: turned as its EXIF says, transparency dropped from the colours and given as the mask.

    Frames of another size than the first are left out. Raises BadPicture, which names the file and says what to do.
    """
    return decode_picture(read_file(path, limits), str(path), limits)


def decode_picture(data: bytes, source: str, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Like `open_picture`, of the bytes themselves. source: what messages call them."""
    colours: list[Pixels] = []
    masks: list[Pixels | None] = []
    with open_checked(data, source, limits) as picture:
        size = size_of(picture, source)
        total = size.width * size.height * size.frames
        if total > limits.pixels:
            what = f"has {size.frames} frames of {size.width} x {size.height}, {total:,} pixels in all"
            raise BadPicture(source, what, f"take fewer frames or scale it down, to at most {limits.pixels:,} pixels")
        try:
            for frame in ImageSequence.Iterator(picture):
                turned = ImageOps.exif_transpose(frame)
                if not colours or (turned.height, turned.width) == colours[0].shape[:2]:
                    colour, mask = numbers_of(turned)
                    colours.append(colour)
                    masks.append(mask)
                if len(colours) == size.frames:
                    break
        except DECODE_ERRORS as error:
            raise damaged(source, error) from error
    return Picture(np.stack(colours), stack_masks(masks, colours[0].shape[0], colours[0].shape[1]))


def open_channel(path: Path, channel: str, limits: Limits = DEFAULT_LIMITS) -> Pixels:
    """One channel of a picture as a mask (1, height, width).

    channel: "red", "green", "blue"; or "alpha", which gives 1 where transparent: zeros where nothing is
    Raises BadPicture.
    """
    picture = open_picture(path, limits)
    if channel == "alpha":
        size = picture.pixels.shape[1:3]
        return picture.mask[:1] if picture.mask.shape[1:] == size else np.zeros((1, *size), np.float32)
    return np.ascontiguousarray(picture.pixels[:1, :, :, ("red", "green", "blue").index(channel)])


def numbers_of(frame: Image.Image) -> tuple[Pixels, Pixels | None]:
    """Colours (height, width, 3), 0..1, and a mask (height, width), 1 where transparent, or None without transparency.

    Transparent pixels keep the colour that the file gives them.
    """
    if frame.mode in SIXTEEN_BIT:
        values = np.asarray(frame, dtype=np.float32)
        clear = frame.info.get("transparency")  # the one value that stands for transparent
        return grey(values / np.float32(65535)), None if clear is None else (values == clear).astype(np.float32)
    if frame.mode == "F":
        return grey(np.nan_to_num(np.asarray(frame, dtype=np.float32))), None
    if not frame.has_transparency_data:
        return np.asarray(frame.convert("RGB"), dtype=np.float32) / np.float32(255), None
    if frame.mode == "La":  # grey multiplied with alpha, which Pillow turns into LA only
        frame = frame.convert("LA")
    values = np.asarray(frame.convert("RGBA"), dtype=np.float32) / np.float32(255)
    return values[:, :, :3], 1 - values[:, :, 3]


def grey(values: Pixels) -> Pixels:
    return np.repeat(np.clip(values, 0, 1)[:, :, None], 3, axis=2)


def stack_masks(masks: list[Pixels | None], height: int, width: int) -> Pixels:
    if all(mask is None for mask in masks):
        return np.zeros((len(masks), EMPTY_MASK, EMPTY_MASK), np.float32)
    return np.stack([np.zeros((height, width), np.float32) if mask is None else mask for mask in masks])
