"""The lines of the log about the node packs of a worker."""

from __future__ import annotations

import logging

from darkroom.frames.messages import Ready

log = logging.getLogger(__name__)


def report_packs(ready: Ready, before: Ready | None) -> None:
    """Say what packs brought and which failed, unless a worker said the same before."""
    if before is not None and (names(before), before.failures) == (names(ready), ready.failures):
        return
    if ready.packs:
        nodes, seconds = (sum(each[key] for each in ready.packs) for key in ("nodes", "seconds"))
        count = f"{len(ready.packs)} pack{'s' if len(ready.packs) > 1 else ''}"
        log.info("%d node types came from %s in %.1f s.", nodes, count, seconds)
    for failure in ready.failures:
        log.warning("Pack %s failed: %s (%s).", failure["pack"], failure["message"], failure["where"])


def names(ready: Ready) -> list[tuple[str, int]]:
    """Packs with how many node types each brought."""
    return [(each["name"], each["nodes"]) for each in ready.packs]
