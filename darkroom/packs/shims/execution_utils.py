"""`comfy_execution.utils`: which node is running."""

from __future__ import annotations

from typing import NamedTuple

from darkroom.packs import current
from darkroom.packs.lacking import lacking

__all__ = ["ExecutionContext", "get_executing_context"]


class ExecutionContext(NamedTuple):
    """The call that goes on. list_index: which one of a list-mapped node"""

    prompt_id: str | None
    node_id: str
    list_index: int | None


def get_executing_context() -> ExecutionContext | None:
    """The call that goes on in this thread or coroutine; None outside of calls."""
    here = current.call()
    if here is None:
        return None
    return ExecutionContext(current.PROCESS.host.job, here.run.node_id, here.run.call)


__getattr__ = lacking("comfy_execution.utils")
