"""Awaiting from code that is not async."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def wait_for(value: Awaitable[Any]) -> Any:
    """Run something awaitable to its end, in a thread of its own where this one is inside an event loop."""

    async def settle() -> Any:
        return await value

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(settle())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, settle()).result()
