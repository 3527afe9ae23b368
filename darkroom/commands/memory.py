"""How the server's process holds memory: what was large goes back to the system as soon as it is free."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of malloc.h
LARGE_BYTES = 2**18
ARENAS = 2


def give_large_memory_back() -> None:
    """Set glibc's allocator up for a process that is long idle; does nothing where there is another one.

    Left alone it learns from every large message that large ones are common, and keeps their memory, for each thread
    anew. To be called before there are threads.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_ARENA_MAX, ARENAS)
