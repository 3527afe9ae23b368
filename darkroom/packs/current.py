"""Which call of a pack's node goes on here and now, and the host behind it.

Packs ask global names (`PromptServer.instance`, `ProgressBar`) for what their node's own call should tell; a context
variable brings the call to them, also where calls of several coroutines take turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.run import Cancelled, Files
from darkroom.engine.running.node_run import NodeRun
from darkroom.packs.host import PackHost, QuietHost


class InterruptProcessingException(Cancelled):
    """The user stopped the job; packs know it by this name, and the executor as `Cancelled`."""


@dataclass
class Call:
    """One call of a node. prefix: what ids of graphs that it builds begin with (node, call, next graph)."""

    run: NodeRun
    prefix: tuple[str, int, int]


@dataclass
class Process:
    """What all packs of this process share; `loading.load_packs` fills it in."""

    host: PackHost = field(default_factory=QuietHost)
    files: Files | None = None


PROCESS = Process()
_CALL: ContextVar[Call | None] = ContextVar("call", default=None)


def call() -> Call | None:
    """The call that goes on in this thread or coroutine."""
    return _CALL.get()


@contextmanager
def calling(run: NodeRun) -> Iterator[None]:
    """Within this block, a call of a node goes on."""
    token = _CALL.set(Call(run, (run.node_id, run.call, 0)))
    try:
        yield
    finally:
        _CALL.reset(token)


def node_id() -> str | None:
    """The node whose call goes on here, or else the one that the host speaks of."""
    here = _CALL.get()
    return PROCESS.host.node if here is None else here.run.node_id


def report(value: float, total: float, preview: Any = None, node: str | None = None) -> None:
    """Show progress on a node, by default on the one that is called here.

    preview: a PIL image; or (format, PIL image, longest side), where None for the side means a result to be sent whole
    Raises InterruptProcessingException where the job was cancelled.
    """
    here = _CALL.get()
    try:
        if here is not None and node in (None, here.run.node_id):
            _, picture, longest = preview if isinstance(preview, tuple) else ("JPEG", preview, 0)
            is_whole = picture is not None and longest is None
            here.run.progress(value, total, None if picture is None or is_whole else lambda: picture)
            if is_whole:
                here.run.show(lambda: picture)
        else:
            PROCESS.host.progress(value, total, preview, node)
    except Cancelled:
        raise InterruptProcessingException from None


def tell(text: str, node: str | None = None) -> None:
    """Show a line of text on a node, by default on the one that is called here."""
    here = _CALL.get()
    if here is not None and node in (None, here.run.node_id):
        here.run.text(text)
    else:
        PROCESS.host.text(text, node)


def raise_if_cancelled() -> None:
    """Raises InterruptProcessingException where the job was cancelled."""
    here = _CALL.get()
    try:
        if here is not None:
            here.run.raise_if_cancelled()
        PROCESS.host.raise_if_cancelled()
    except Cancelled:
        raise InterruptProcessingException from None
