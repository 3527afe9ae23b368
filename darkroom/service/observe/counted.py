"""A store that lets the metrics know of each job's end."""

from __future__ import annotations

from typing import Any

from darkroom.service.contracts import Job, JobStore, Result
from darkroom.service.observe.metrics import Metrics


class CountedStore:
    """Implements `JobStore`: `finish` is counted, everything else is the other store's own."""

    def __init__(self, store: JobStore, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    async def finish(
        self, id: str, token: int, result: Result, claim_for: str | None = None, lease_seconds: float = 0
    ) -> tuple[bool, Job | None]:
        """Commit a result; one that was refused as stale does not count."""
        answer = await self._store.finish(id, token, result, claim_for, lease_seconds)
        if answer[0]:
            self._metrics.ended(result.state.value, float(result.explain.get("seconds") or 0.0))
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
