"""Messages as bytes: four bytes length, that much JSON `[name, fields]`, and the blob behind it.

The pipe itself puts each frame's whole length before it. JSON here may hold NaN and infinities, which nodes show.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from darkroom.frames.messages import MESSAGES, Message

BLOB = "blob"
LENGTH_BYTES = 4
_NAMES = {each.__name__: each for each in MESSAGES}
_FIELDS = {each: tuple(field.name for field in fields(each) if field.name != BLOB) for each in MESSAGES}


def encoded(message: Message) -> bytes:
    """The frame of a message; what JSON cannot hold becomes its text."""
    kind = type(message)
    content = [kind.__name__, {name: getattr(message, name) for name in _FIELDS[kind]}]
    header = json.dumps(content, separators=(",", ":"), default=_plain).encode()
    return len(header).to_bytes(LENGTH_BYTES, "big") + header + getattr(message, BLOB, b"")


def decoded(frame: bytes) -> Message:
    """The message in a frame. Raises ValueError for anything else."""
    length = int.from_bytes(frame[:LENGTH_BYTES], "big")
    header = frame[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(header) < length:
        raise ValueError(f"a frame of {len(frame)} bytes says that its header alone has {length}")
    try:
        name, given = json.loads(header)
        kind = _NAMES[name]
        blob = frame[LENGTH_BYTES + length :]
        if blob:
            given[BLOB] = blob
        message: Message = kind(**given)
    except (TypeError, ValueError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"a frame that is no message: {header[:80]!r} ({error})") from error
    return message


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    item = getattr(value, "item", None)  # numbers of numpy and torch
    if callable(item) and getattr(value, "ndim", 0) == 0:
        return item()
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) and getattr(value, "size", 10**9) != 10**9 else str(value)
