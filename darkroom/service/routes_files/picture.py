"""What is done with pictures for an answer: previews, channels, masks. Needs Pillow; imported when first used."""

from __future__ import annotations

import io
from typing import IO, BinaryIO

import numpy as np
from PIL import Image, ImageOps

from darkroom.files.metadata import PNG_SIGNATURE, png_texts
from darkroom.files.picture_size import DECODE_ERRORS, ORIENTATION_TAG, BadPicture, damaged, open_checked
from darkroom.files.picture_size import Limits as SizeLimits
from darkroom.files.pictures import SIXTEEN_BIT, numbers_of
from darkroom.files.save import png, to_picture
from darkroom.service.contracts import Limits

QUALITY, WORST, BEST = 90, 1, 100
FILE_BYTES = 512 * 2**20


def opened(file: BinaryIO | IO[bytes], source: str, limits: Limits) -> tuple[Image.Image, bytes]:
    """The first frame of a picture, decoded, and the bytes of its file.

    Raises BadPicture where it is none, or its header declares more pixels or frames than the limits allow; frames
    beyond the first are never decoded, so that only declared numbers count.
    """
    data = file.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise BadPicture(source, f"has more than {FILE_BYTES:,} bytes", "save it smaller")
    picture = open_checked(data, source, SizeLimits(pixels=limits.image_pixels, file_bytes=FILE_BYTES))
    try:
        # GIF and TIFF declare no number: theirs is found by walking through the file, which we leave out.
        frames = 1 if picture.format in ("GIF", "TIFF", "MPO") else int(getattr(picture, "n_frames", 1))
        if frames > limits.image_frames:
            what = f"has {frames:,} frames, the limit is {limits.image_frames:,}"
            raise BadPicture(source, what, "take fewer frames or raise the limit")
        picture.load()
        return as_nodes_see(picture), data
    except DECODE_ERRORS as error:
        if isinstance(error, BadPicture):
            raise
        raise damaged(source, error) from error


def as_nodes_see(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says, and of eight bits where it has sixteen: Pillow alone would cut those off at 255."""
    if picture.getexif().get(ORIENTATION_TAG, 1) != 1:
        picture = ImageOps.exif_transpose(picture)
    if picture.mode not in SIXTEEN_BIT:
        return picture
    colours, mask = numbers_of(picture)
    return to_picture(colours if mask is None else np.dstack((colours, 1 - mask)))


def preview(file: BinaryIO, source: str, wanted: str, channel: str, limits: Limits) -> tuple[bytes, str]:
    """A smaller file of the same picture, and its content type.

    wanted: "webp" or "jpeg", with ";quality"; anything else, and JPEG where transparency is asked for, becomes WebP
    Raises BadPicture.
    """
    format, _, quality_text = wanted.partition(";")
    if format not in ("webp", "jpeg") or "a" in channel:
        format = "webp"
    digits = quality_text.strip()
    quality = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 4 else QUALITY
    picture, _data = opened(file, source, limits)
    try:
        picture = plain(picture, alpha=format == "webp" and channel != "rgb")
        made = io.BytesIO()
        picture.save(made, format, quality=min(max(quality, WORST), BEST))
    except DECODE_ERRORS as error:  # WebP takes no side beyond 16383 pixels
        raise damaged(source, error) from error
    return made.getvalue(), f"image/{format}"


def plain(picture: Image.Image, *, alpha: bool) -> Image.Image:
    """As RGB, or as RGBA where the picture has transparency and it is wanted."""
    return picture.convert("RGBA" if alpha and picture.has_transparency_data else "RGB")


def channel_png(file: BinaryIO, source: str, channel: str, limits: Limits) -> bytes:
    """A PNG of the colours alone ("rgb"), or black with the picture's transparency ("a"). Raises BadPicture."""
    picture, _data = opened(file, source, limits)
    try:
        if channel == "rgb":
            return png(plain(picture, alpha=False), {})
        only = Image.new("RGBA", picture.size)
        if picture.has_transparency_data:
            only.putalpha(picture.convert("RGBA").getchannel("A"))
        else:
            only.putalpha(255)
        return png(only, {})
    except DECODE_ERRORS as error:
        raise damaged(source, error) from error


def with_mask(mask_file: IO[bytes], original_file: BinaryIO, source: str, limits: Limits) -> bytes:
    """The original as a PNG whose transparency is that of the mask; the original's texts stay in it.

    Raises BadPicture: also where the mask has no transparency, or another size.
    """
    mask, _ = opened(mask_file, "the mask", limits)
    original, data = opened(original_file, source, limits)
    if not mask.has_transparency_data:
        raise BadPicture("the mask", "has no transparency", "send an RGBA picture")
    if mask.size != original.size:
        sizes = f"is {mask.width} x {mask.height}, {source} is {original.width} x {original.height}"
        raise BadPicture("the mask", sizes, "send one of equal size")
    texts = dict(png_texts(data)) if data.startswith(PNG_SIGNATURE) else {}
    if sum(map(len, texts.values())) > limits.image_text_bytes:
        raise BadPicture(source, f"has texts of more than {limits.image_text_bytes:,} bytes", "save it without")
    try:
        result = original.convert("RGBA")
        result.putalpha(mask.convert("RGBA").getchannel("A"))
        return png(result, texts)
    except DECODE_ERRORS as error:
        raise damaged(source, error) from error


def thumbnail(data: bytes, source: str, limits: Limits) -> bytes:
    """A WebP of a picture that lies beside a model or in it. Raises BadPicture."""
    picture, _ = opened(io.BytesIO(data), source, limits)
    try:
        made = io.BytesIO()
        plain(picture, alpha=True).save(made, "webp", quality=QUALITY)
    except DECODE_ERRORS as error:
        raise damaged(source, error) from error
    return made.getvalue()
