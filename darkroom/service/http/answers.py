"""Answers as JSON that any reader takes: browsers refuse NaN and infinities, which nodes show."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

TURN = 50
"""So many values are encoded at a stretch."""


def json_text(value: Any) -> str:
    """Compact JSON of a value; numbers that JSON does not have become null."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    except ValueError:
        return json.dumps(_finite(value), separators=(",", ":"), default=_plain)


def answer(value: Any, status: int = 200) -> web.Response:
    """A response with a value as JSON."""
    return web.Response(text=json_text(value), status=status, content_type="application/json")


async def texts(values: Iterable[Any]) -> list[str]:
    """JSON of each value; others are served in between, since there may be thousands."""
    found = []
    for number, value in enumerate(values, 1):
        found.append(json_text(value))
        if number % TURN == 0:
            await asyncio.sleep(0)
    return found


async def listed(values: Iterable[Any]) -> str:
    """JSON of a long list."""
    return f"[{','.join(await texts(values))}]"


async def tabled(values: Mapping[str, Any]) -> str:
    """JSON of a large object."""
    pairs = zip(values, await texts(values.values()), strict=True)
    return f"{{{','.join(f'{json.dumps(key)}:{text}' for key, text in pairs)}}}"


def answer_text(text: str) -> web.Response:
    """A response with a text that is JSON already."""
    return web.Response(text=text, content_type="application/json")


def empty(status: int = 200) -> web.Response:
    """A response without a body, as clients of ComfyUI expect it of most changes."""
    return web.Response(status=status)


def whole(number: float) -> float | int:
    """A number as JSON shows it best: 3 rather than 3.0."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
