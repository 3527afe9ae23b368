"""Texts inside picture files: the workflow and prompt that made them, read without decoding pixels.

PNG keeps each text in a chunk of its own (tEXt, zTXt, iTXt; W3C PNG 11.3.3); WebP and JPEG keep `name:text` in text
tags of their EXIF block, which is laid out like a TIFF file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
MAXIMUM_TEXT_BYTES = 64 * 2**20
"""Of all texts of one file together, unpacked; more is not read."""

MAXIMUM_PACKING = 1032
"""Bytes that zlib can make of one (RFC 1951: 258 bytes of two bits)."""

PROMPT_TAG, FIRST_EXTRA_TAG = 0x0110, 0x010F
"""EXIF tags as ComfyUI writes them: the prompt, then every other text from 0x010F downwards."""

LARGEST_WEBP_SIDE = 16_383
"""Pixels; of 14 bits."""

ASCII, ENTRY_BYTES, MAXIMUM_ENTRIES = 2, 12, 1000


def is_picture(data: bytes) -> bool:
    """Whether `read_metadata` knows this kind of file, by its first bytes."""
    return data.startswith((PNG_SIGNATURE, JPEG_START)) or is_webp(data)


def is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def read_metadata(data: bytes) -> dict[str, str]:
    """The texts of a PNG, WebP or JPEG file by name ("workflow", "prompt", ...); empty for anything else.

    A damaged file gives what could be read before the damage.
    """
    if data.startswith(PNG_SIGNATURE):
        return dict(png_texts(data))
    if is_webp(data):
        return exif_texts(webp_exif_block(data))
    if data.startswith(JPEG_START):
        return exif_texts(jpeg_exif_block(data))
    return {}


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the contents of each chunk that is there in full."""
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        start = position + 8
        if start + length + 4 > len(data):
            return
        yield data[position + 4 : start], start, start + length
        position = start + length + 4


def png_texts(data: bytes) -> Iterator[tuple[str, str]]:
    left = patience = MAXIMUM_TEXT_BYTES
    for kind, start, end in png_chunks(data):
        if kind in PNG_TEXTS and left > 0 and (patience > 0 or kind == b"tEXt"):
            name, _, body = data[start:end].partition(b"\0")
            text = png_text(kind, body, left)
            if text is None:  # it may have cost as much as zlib can make of it, up to the limit
                patience -= min(left, len(body) * MAXIMUM_PACKING)
            else:
                left -= len(text)
                yield name.decode("latin-1"), text
        elif kind == b"comf" and left > 0:  # animated PNG: ComfyUI's own chunk, one per text
            name, _, body = data[start:end].partition(b"\0")
            left -= len(body)
            yield name.decode("latin-1"), body.decode("latin-1")


def png_text(kind: bytes, body: bytes, limit: int) -> str | None:
    """The text of one chunk; None where it is damaged or longer than `limit` bytes."""
    if kind == b"tEXt":
        return decoded(body, "latin-1", limit)
    if kind == b"zTXt":
        return decoded(unpacked(body[1:], limit), "latin-1", limit)
    packed, rest = body[:1] == b"\1", body[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated_name, _, text = rest.partition(b"\0")
    return decoded(unpacked(text, limit) if packed else text, "utf-8", limit)


def unpacked(data: bytes, limit: int) -> bytes | None:
    unpack = zlib.decompressobj()
    try:
        text = unpack.decompress(data, limit)
    except zlib.error:
        return None
    return text if unpack.eof else None


def decoded(text: bytes | None, encoding: str, limit: int) -> str | None:
    if text is None or len(text) > limit:
        return None
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return None


def without_png_texts(data: bytes) -> bytes:
    """The same PNG without its texts, whose size a decoder may refuse; damaged parts stay as they are."""
    parts, kept = [], 0
    for kind, start, end in png_chunks(data):
        if kind in PNG_TEXTS:
            parts.append(data[kept : start - 8])
            kept = end + 4
    return b"".join([*parts, data[kept:]])


def riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the contents of each chunk of a WebP file; the last may be cut short."""
    position = 12
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        yield data[position : position + 4], position + 8, position + 8 + length
        position += 8 + length + length % 2


def webp_exif_block(data: bytes) -> bytes:
    found = next((data[start:end] for kind, start, end in riff_chunks(data) if kind == b"EXIF"), b"")
    return found.removeprefix(b"Exif\0\0")


def jpeg_exif_block(data: bytes) -> bytes:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != 0xDA:
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        body = data[position + 4 : position + 2 + length]
        if data[position + 1] == 0xE1 and body.startswith(b"Exif\0\0"):
            return body.removeprefix(b"Exif\0\0")
        position += 2 + length
    return b""


def exif_texts(block: bytes) -> dict[str, str]:
    """Texts of the form `name:text` in the first directory of an EXIF block."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return {}
    (directory,) = struct.unpack_from(order + "I", block, 4)
    if directory + 2 > len(block):
        return {}
    (count,) = struct.unpack_from(order + "H", block, directory)
    texts: dict[str, str] = {}
    left = MAXIMUM_TEXT_BYTES
    for number in range(min(count, MAXIMUM_ENTRIES)):
        entry = directory + 2 + number * ENTRY_BYTES
        if entry + ENTRY_BYTES > len(block):
            break
        _tag, kind, length, offset = struct.unpack_from(order + "HHII", block, entry)
        start = entry + 8 if length <= 4 else offset
        if kind != ASCII or start + length > len(block) or length > left:
            continue
        left -= length
        name, separator, text = block[start : start + length].rstrip(b"\0").decode("utf-8", "replace").partition(":")
        if separator and name.isidentifier():
            texts[name] = text
    return texts


def exif_block(texts: Mapping[str, str]) -> bytes:
    """An EXIF block with these texts as ComfyUI lays them out; the prompt first in tag 0x0110, the others below it."""
    entries = []
    tag = FIRST_EXTRA_TAG
    for name, text in texts.items():
        body = f"{name}:{text}".encode() + b"\0"
        if name == "prompt":
            entries.append((PROMPT_TAG, body))
        else:
            entries.append((tag, body))
            tag -= 1
    entries.sort()
    offset = 8 + 2 + ENTRY_BYTES * len(entries) + 4
    directory, bodies = struct.pack("<H", len(entries)), b""
    for tag, body in entries:
        directory += struct.pack("<HHII", tag, ASCII, len(body), offset + len(bodies))
        bodies += body + b"\0" * (len(body) % 2)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 0) + bodies
