"""How workers are watched, stopped and started again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """heartbeat_timeout: a worker that says nothing for so many seconds is killed; generous, as native calls are long
    start_timeout: the same before it is ready, as importing its libraries may stop its heartbeat for long
    cancel_grace: seconds between asking a job to stop and killing its worker; stop_grace: the same as the server stops
    lease_seconds: how long a job is ours without renewal; sweep_seconds: how often idle workers look for jobs unasked
    preview, preview_size: where a job names no preview method; metadata: whether saved files carry prompt and workflow
    pauses: seconds before a start, by how many before it came to nothing
    """

    heartbeat_timeout: float = 60.0
    start_timeout: float = 300.0
    cancel_grace: float = 5.0
    stop_grace: float = 5.0
    lease_seconds: float = 60.0
    sweep_seconds: float = 2.0
    preview: str = "none"
    preview_size: int = 512
    metadata: bool = True
    pauses: Sequence[float] = (0.0, 0.0, 1.0, 5.0, 10.0, 20.0, 30.0)

    def pause_before_start(self, failures: int) -> float:
        """Seconds before the next start. failures: starts in a row that came to nothing."""
        return self.pauses[min(failures, len(self.pauses) - 1)]


BROKEN_AFTER = 3
"""So many deaths before Ready, one after the other, make a worker "broken"."""
