"""Where pictures are decoded: in threads of their own, few at a time, for each may take hundreds of megabytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 2

DECODERS = ThreadPoolExecutor(AT_ONCE, "decode")


async def decoded(work: Callable[[], T]) -> T:
    """What `work` returns, done in one of those threads."""
    return await asyncio.get_running_loop().run_in_executor(DECODERS, work)
